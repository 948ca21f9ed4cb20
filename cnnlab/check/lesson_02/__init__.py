"""Lesson 02, padding, stride, dilation: its exercises, in the lesson's order."""

from cnnlab.check.lesson_02.convolution import conv2d, pad2d
from cnnlab.check.lesson_02.sizes import dilation_schedule, output_size, same_padding, shrink_after

EXERCISES = [shrink_after, pad2d, output_size, same_padding, conv2d, dilation_schedule]
