"""Lesson 01, convolution by hand: its exercises, in the lesson's order."""

# fmt: off
EXERCISES = ("cross_correlate2d", "convolve2d", "conv2d_multi", "im2col", "conv2d_im2col", "learn_kernel",
             "count_parameters_dense",
             "count_parameters_conv", "diagonal_edge_kernel")
