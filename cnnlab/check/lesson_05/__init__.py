"""Lesson 05, backpropagation through convolution: its exercises, in the lesson's order."""

EXERCISES = (
    "relu_backward", "linear_backward", "softmax_cross_entropy_backward", "max_pool2d_backward", "avg_pool2d_backward",
    "conv2d_backward", "numerical_gradient", "train_step",
)  # fmt: skip
