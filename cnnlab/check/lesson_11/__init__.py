"""Lesson 11, from LeNet to EfficientNet: its exercises, in the lesson's order."""

# fmt: off
EXERCISES = ("InceptionBlock", "DenseBlock", "InvertedResidual", "gradient_norms", "swap_head",
             "nchw_to_nhwc_weights")
