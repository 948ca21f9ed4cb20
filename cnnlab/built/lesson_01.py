"""Lesson 01, ready-made: correlation with one kernel, patches as columns, and a whole batch by one matrix product."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def cross_correlate2d(image, kernel):
    """Slide `kernel` over `image` (stride 1, no padding, no flip).

    image: (H, W), kernel: (kh, kw). Returns (H - kh + 1, W - kw + 1).
    """
    return np.tensordot(sliding_window_view(image, kernel.shape), kernel, axes=2)


def im2col(x, kh, kw):
    """Every patch as a column: x (N, C, H, W) gives (N, C·kh·kw, H'·W'), rows in the order (channel, row, column)."""
    images, channels = x.shape[:2]
    patches = sliding_window_view(x, (kh, kw), axis=(2, 3))
    return patches.transpose(0, 1, 4, 5, 2, 3).reshape(images, channels * kh * kw, -1)


def conv2d_im2col(x, weight, bias):
    """Convolve a batch with several filters (stride 1, no padding).

    x: (N, C_in, H, W), weight: (C_out, C_in, kh, kw), bias: (C_out,) or None. Returns (N, C_out, H', W').
    """
    filters, _, kh, kw = weight.shape
    maps = weight.reshape(filters, -1) @ im2col(x, kh, kw)
    if bias is not None:
        maps = maps + bias[:, None]
    return maps.reshape(len(x), filters, x.shape[2] - kh + 1, x.shape[3] - kw + 1)
