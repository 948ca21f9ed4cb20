"""Lesson 02, ready-made: output sizes, padding, and convolution with stride, padding and dilation."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.layers import pair


def output_size(size, kernel, padding=0, stride=1, dilation=1):
    """How many stops a kernel has along one axis, an int. Raises ValueError where it does not fit."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError(f"a kernel of {kernel} (dilation {dilation}) does not fit into {size} + 2·{padding} pixels")
    return room // stride + 1


def pad2d(x, padding):
    """Put rows and columns of zeros around pictures: x (N, C, H, W), padding an int or (height, width)."""
    ph, pw = pair(padding)
    return np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """Convolution as deep learning means it: no flip.

    x: (N, C_in, H, W), weight: (C_out, C_in, kh, kw), bias: (C_out,) or None; stride, padding and dilation are ints or
    (height, width). Returns (N, C_out, H', W'). Raises ValueError where the kernel does not fit.
    """
    (sh, sw), (dh, dw), (ph, pw) = pair(stride), pair(dilation), pair(padding)
    kh, kw = weight.shape[2:]
    output_size(x.shape[2], kh, ph, sh, dh), output_size(x.shape[3], kw, pw, sw, dw)
    reach = (dh * (kh - 1) + 1, dw * (kw - 1) + 1)
    patches = sliding_window_view(pad2d(x, padding), reach, axis=(2, 3))[:, :, ::sh, ::sw, ::dh, ::dw]
    maps = np.moveaxis(np.tensordot(patches, weight, axes=([1, 4, 5], [1, 2, 3])), -1, 1)
    return maps if bias is None else maps + np.asarray(bias)[:, None, None]
