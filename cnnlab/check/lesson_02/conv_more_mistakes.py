"""What goes wrong in conv2d: kernels, channels, filters, biases and types."""

from __future__ import annotations

import numpy as np

from cnnlab.check.exercise import Mistake, known
from cnnlab.check.lesson_02.conv_mistakes import _conv, _pair

CONV2D_MORE: list[Mistake] = []


@known(
    CONV2D_MORE,
    "the kernel is flipped",
    "Deep learning's convolution does not flip: the weight at the top left meets the pixel at the top left.",
)
def flipped(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight[:, :, ::-1, ::-1], bias, stride, padding, dilation)


@known(
    CONV2D_MORE,
    "the kernel is transposed",
    "Rows of the kernel meet rows of the patch: weight[o, c, u, v] with x[…, i + u, j + v].",
)
def transposed(x, weight, bias=None, stride=1, padding=0, dilation=1):
    out = _conv(x.transpose(0, 1, 3, 2), weight, None, _pair(stride)[::-1], _pair(padding)[::-1], _pair(dilation)[::-1])
    out = out.transpose(0, 1, 3, 2)
    return out if bias is None else out + np.asarray(bias)[:, None, None]


@known(CONV2D_MORE, "the first channel only", "Every filter looks at all channels and adds them up.")
def first_channel(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x[:, :1], weight[:, :1], bias, stride, padding, dilation)


@known(CONV2D_MORE, "the channels are averaged", "The channels' sums are added, not averaged.")
def channels_averaged(x, weight, bias=None, stride=1, padding=0, dilation=1):
    out = _conv(x, weight, None, stride, padding, dilation) / x.shape[1]
    return out if bias is None else out + np.asarray(bias)[:, None, None]


@known(CONV2D_MORE, "the first picture only", "The batch axis rides along: every picture has its own result.")
def first_picture(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return np.repeat(_conv(x[:1], weight, bias, stride, padding, dilation), len(x), axis=0)


@known(CONV2D_MORE, "the first filter only", "weight has C_out filters: each gives a map of its own.")
def first_filter(x, weight, bias=None, stride=1, padding=0, dilation=1):
    out = _conv(x, weight[:1], None, stride, padding, dilation).repeat(len(weight), axis=1)
    return out if bias is None else out + np.asarray(bias)[:, None, None]


@known(CONV2D_MORE, "the bias is left out", "Each filter's bias is added to its whole map, where there is one.")
def no_bias(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, None, stride, padding, dilation)


@known(
    CONV2D_MORE,
    "the bias once for each channel",
    "The bias is added once for each filter, after the channels are summed.",
)
def bias_per_channel(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, None if bias is None else bias * x.shape[1], stride, padding, dilation)


@known(CONV2D_MORE, "the first bias for all", "Filter o has bias[o].")
def first_bias(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, None if bias is None else np.full(len(weight), bias[0]), stride, padding, dilation)


@known(CONV2D_MORE, "bias None is not expected", "`bias` may be None: then nothing is added.")
def bias_needed(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, None, stride, padding, dilation) + bias[:, None, None]


@known(
    CONV2D_MORE,
    "the bias is added along the columns",
    "bias[:, None, None] gives each map its number; a bare `+ bias` runs along the last axis.",
)
def bias_along_columns(x, weight, bias=None, stride=1, padding=0, dilation=1):
    out = _conv(x, weight, None, stride, padding, dilation)
    return out if bias is None else out + bias


@known(CONV2D_MORE, "the batch and the filters changed places", "The result is (N, C_out, H′, W′).")
def axes_swapped(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, stride, padding, dilation).transpose(1, 0, 2, 3)


@known(
    CONV2D_MORE,
    "fractions are cut off",
    "Whole numbers that come in must not cut the fractions of weights or biases: np.zeros(…) holds fractions.",
)
def cut(x, weight, bias=None, stride=1, padding=0, dilation=1):
    out = _conv(x, weight, bias, stride, padding, dilation)
    return out.astype(x.dtype) if x.dtype.kind in "iu" else out


@known(CONV2D_MORE, "bytes overflow", "Bytes hold 0 to 255: convert before you multiply.")
def bytes_overflow(x, weight, bias=None, stride=1, padding=0, dilation=1):
    out = _conv(x, weight, bias, stride, padding, dilation)
    return out.astype(np.int64).astype(np.uint8) if x.dtype == np.uint8 else out


@known(CONV2D_MORE, "the mean of the patch", "The products are added up, not averaged.")
def mean(x, weight, bias=None, stride=1, padding=0, dilation=1):
    out = _conv(x, weight, None, stride, padding, dilation) / weight[0].size
    return out if bias is None else out + np.asarray(bias)[:, None, None]


@known(CONV2D_MORE, "only square kernels", "kh and kw can differ: read both off weight.shape.")
def square_kernels(x, weight, bias=None, stride=1, padding=0, dilation=1):
    kh = weight.shape[2]
    if weight.shape[3] >= kh:
        return _conv(x, weight[:, :, :, :kh], bias, stride, padding, dilation)
    wide = np.pad(weight, ((0, 0), (0, 0), (0, 0), (0, kh - weight.shape[3])))
    return _conv(x, wide, bias, stride, padding, dilation)


@known(
    CONV2D_MORE,
    "pairs are not expected",
    "stride, padding and dilation may each be an int or a pair (height, width).",
)
def ints_only(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, int(stride), int(padding), int(dilation))


@known(CONV2D_MORE, "a result of float16", "float16 holds three digits: sums of products need more.")
def half_precision(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, stride, padding, dilation).astype(np.float16)
