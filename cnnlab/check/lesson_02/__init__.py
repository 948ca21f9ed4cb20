"""Lesson 02, padding, stride, dilation: its exercises, in the lesson's order."""

EXERCISES = ("shrink_after", "pad2d", "output_size", "same_padding", "conv2d", "dilation_schedule")
