"""Lesson 07, building blocks of modern networks: its exercises, in the lesson's order."""

# fmt: off
EXERCISES = ("batch_norm", "conv_block", "Bottleneck", "DepthwiseSeparable", "ResidualBlock", "overlap_count",
             "transposed_conv2d")
# fmt: on
