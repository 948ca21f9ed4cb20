"""Lesson 01, convolution by hand: its exercises, in the lesson's order."""

from cnnlab.check.lesson_01.channels import conv2d_multi
from cnnlab.check.lesson_01.columns import conv2d_im2col, im2col
from cnnlab.check.lesson_01.counting import count_parameters_conv, count_parameters_dense
from cnnlab.check.lesson_01.diagonal import diagonal_edge_kernel
from cnnlab.check.lesson_01.one_channel import convolve2d, cross_correlate2d

EXERCISES = [
    cross_correlate2d,
    convolve2d,
    conv2d_multi,
    im2col,
    conv2d_im2col,
    count_parameters_dense,
    count_parameters_conv,
    diagonal_edge_kernel,
]
