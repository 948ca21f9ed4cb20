"""Lesson 06, AlexNet: its exercises, in the lesson's order."""

EXERCISES = (
    *("conv_shape", "pool_shape", "trace", "parameters", "macs"),
    *("receptive_field", "alexnet_answers", "build_alexnet"),
)
