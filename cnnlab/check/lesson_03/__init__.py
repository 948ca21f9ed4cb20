"""Lesson 03, activations and pooling: its exercises, in the lesson's order."""

ELEMENTWISE = ("relu", "leaky_relu", "sigmoid")
POOLING = ("max_pool2d", "avg_pool2d")
EXERCISES = (*ELEMENTWISE, "collapse", *POOLING, "invariance_gap", "equivariance_gap", "global_avg_pool")
