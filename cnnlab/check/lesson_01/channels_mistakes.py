"""conv2d_multi: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.check.exercise import Mistake, known

CONV2D_MULTI: list[Mistake] = []


def _windows(x, weight):
    return sliding_window_view(x, weight.shape[2:], axis=(-2, -1))


def _maps(x, weight):
    return np.einsum("cijuv,ocuv->oij", _windows(x, weight), weight)


def _plus(maps, bias):
    return maps if bias is None else maps + np.asarray(bias)[:, None, None]


@known(
    CONV2D_MULTI,
    "the first channel only",
    "Only channel 0 takes part. A filter spans all the input channels: "
    "correlate each channel with its own slice of the filter and add the maps.",
)
def _(x, weight, bias):
    return _plus(_maps(x[:1], weight[:, :1]), bias)


@known(
    CONV2D_MULTI,
    "the last channel only",
    "Only the last channel is left: each one overwrites the sum of those before it. Add with +=.",
)
def _(x, weight, bias):
    return _plus(_maps(x[-1:], weight[:, -1:]), bias)


@known(
    CONV2D_MULTI,
    "one channel's kernel for all",
    "Every channel meets the filter's first slice. Channel c has its own: weight[o, c].",
)
def _(x, weight, bias):
    return _plus(_maps(x.sum(0, keepdims=True), weight[:, :1]), bias)


@known(CONV2D_MULTI, "channels averaged", "The channels' maps are averaged. They are added.")
def _(x, weight, bias):
    return _plus(_maps(x, weight) / x.shape[0], bias)


@known(
    CONV2D_MULTI,
    "the channels in reverse",
    "Channel c meets another channel's slice of the filter. Both count the channels in the same order.",
)
def _(x, weight, bias):
    return _plus(_maps(x[::-1], weight), bias)


@known(
    CONV2D_MULTI,
    "channels are not added up",
    "There is one map for each input channel. The filter's channel maps are added into one.",
)
def _(x, weight, bias):
    return np.einsum("cijuv,ocuv->cij", _windows(x, weight), weight)


@known(
    CONV2D_MULTI,
    "a map for each pair",
    "There is one map for each pair of filter and channel. Sum over the channels: one map for each filter is left.",
)
def _(x, weight, bias):
    maps = np.einsum("cijuv,ocuv->ocij", _windows(x, weight), weight)
    return maps if bias is None else maps + np.asarray(bias)[:, None, None, None]


@known(
    CONV2D_MULTI,
    "the bias is forgotten",
    "Your maps differ from the right ones by a constant each: the bias is "
    "missing. Add bias[o] to map o where there is one.",
)
def _(x, weight, bias):
    return _maps(x, weight)


@known(
    CONV2D_MULTI,
    "the bias once for each channel",
    "The bias is added once for every input channel. It belongs to the "
    "output map: add it once, after the sum over the channels.",
)
def _(x, weight, bias):
    return _plus(_maps(x, weight), None if bias is None else np.asarray(bias) * x.shape[0])


@known(CONV2D_MULTI, "the first bias for all", "Every map got bias[0]. Map o has its own: bias[o].")
def _(x, weight, bias):
    return _maps(x, weight) if bias is None else _maps(x, weight) + bias[0]


@known(CONV2D_MULTI, "all biases on every map", "Every map got the sum of all biases. Map o gets bias[o] alone.")
def _(x, weight, bias):
    return _maps(x, weight) if bias is None else _maps(x, weight) + np.sum(bias)


@known(CONV2D_MULTI, "the bias is subtracted", "The bias was taken off. It is added.")
def _(x, weight, bias):
    return _plus(_maps(x, weight), None if bias is None else -np.asarray(bias))


@known(CONV2D_MULTI, "the bias is multiplied", "The maps were multiplied with the bias. It is added.")
def _(x, weight, bias):
    return _maps(x, weight) if bias is None else _maps(x, weight) * np.asarray(bias)[:, None, None]


@known(
    CONV2D_MULTI,
    "the bias runs along the columns",
    "maps + bias adds along the last axis, the columns. Give the bias two more axes: bias[:, None, None].",
)
def _(x, weight, bias):
    return _maps(x, weight) if bias is None else _maps(x, weight) + np.asarray(bias)


@known(
    CONV2D_MULTI,
    "the bias runs along the rows",
    "The bias was added along the rows. It belongs to the first axis, the maps: bias[:, None, None].",
)
def _(x, weight, bias):
    return _maps(x, weight) if bias is None else _maps(x, weight) + np.asarray(bias)[:, None]


@known(
    CONV2D_MULTI,
    "stumbles when bias is None",
    "bias may be None: then nothing is added. Ask for it first: if bias is not None.",
)
def _(x, weight, bias):
    return _maps(x, weight) + bias[:, None, None]


@known(
    CONV2D_MULTI,
    "asks `if bias` of an array",
    "`if bias:` asks an array whether it is true, which has no answer for "
    "more than one number. Write `if bias is not None:`.",
)
def _(x, weight, bias):
    return _plus(_maps(x, weight), bias if bias else None)


@known(
    CONV2D_MULTI, "the filters are summed", "All filters were added into one map. Each filter gives a map of its own."
)
def _(x, weight, bias):
    out = _maps(x, weight).sum(0, keepdims=True)
    return out if bias is None else out + np.sum(bias)


@known(
    CONV2D_MULTI,
    "the filters are summed, then repeated",
    "Every map is the sum over all filters. Map o comes from weight[o] alone.",
)
def _(x, weight, bias):
    return _plus(np.repeat(_maps(x, weight).sum(0, keepdims=True), weight.shape[0], 0), bias)


@known(CONV2D_MULTI, "the first filter for all", "Every map was made with weight[0]. Map o comes from weight[o].")
def _(x, weight, bias):
    return _plus(np.repeat(_maps(x, weight[:1]), weight.shape[0], 0), bias)


@known(CONV2D_MULTI, "only the first filter", "There is one map. Each of the C_out filters gives one.")
def _(x, weight, bias):
    return _plus(_maps(x, weight[:1]), None if bias is None else np.asarray(bias)[:1])


@known(CONV2D_MULTI, "the filters in reverse", "The output maps come in another order than the filters.")
def _(x, weight, bias):
    return _plus(_maps(x, weight), bias)[::-1]


@known(
    CONV2D_MULTI,
    "in and out channels swapped",
    "weight[c, o] was used for weight[o, c]: the first axis counts the filters, the second the input channels.",
)
def _(x, weight, bias):
    return _plus(_maps(x, weight.swapaxes(0, 1)), bias)


@known(
    CONV2D_MULTI,
    "the filters read in the wrong order",
    "The numbers of weight were laid out again with reshape, "
    "which only cuts and never swaps axes. For another order of the axes use transpose.",
)
def _(x, weight, bias):
    out_channels, in_channels, kh, kw = weight.shape
    return _plus(_maps(x, weight.reshape(in_channels, out_channels, kh, kw).swapaxes(0, 1)), bias)


@known(
    CONV2D_MULTI,
    "channel by channel, as if the filters were channels",
    "Output map o was made from channel o alone "
    "(that is a *depthwise* convolution). Each filter looks at all channels.",
)
def _(x, weight, bias):
    n = min(x.shape[0], weight.shape[0])
    maps = [np.einsum("ijuv,uv->ij", _windows(x, weight)[c], weight[c, c]) for c in range(n)]
    return _plus(np.stack(maps), None if bias is None else np.asarray(bias)[:n])


@known(
    CONV2D_MULTI,
    "the kernels are flipped",
    "Each kernel is turned by 180° first. Deep learning's convolution does not flip: it is cross-correlation.",
)
def _(x, weight, bias):
    return _plus(_maps(x, weight[:, :, ::-1, ::-1]), bias)


@known(CONV2D_MULTI, "the kernels are transposed", "Rows and columns of the kernels are swapped.")
def _(x, weight, bias):
    return _plus(_maps(x, weight.swapaxes(2, 3)), bias)


@known(
    CONV2D_MULTI,
    "cut to whole numbers",
    "The fractions are gone: the output array was made with the dtype of x. "
    "Make it with np.zeros(shape), which holds floats.",
)
def _(x, weight, bias):
    return _plus(_maps(x, weight), bias).astype(x.dtype)


@known(
    CONV2D_MULTI,
    "the bias is cut to whole numbers",
    "The bias lost its fraction: it was added into an array of whole numbers. Make the output array hold floats.",
)
def _(x, weight, bias):
    out = _maps(x, weight)
    return out if bias is None else out + np.asarray(bias).astype(out.dtype)[:, None, None]


@known(CONV2D_MULTI, "the mean, not the sum", "The products are averaged. Add them up.")
def _(x, weight, bias):
    return _plus(_maps(x, weight) / weight[0].size, bias)


@known(
    CONV2D_MULTI, "negative values become 0", "Negative sums were cut to 0. ReLU is a step of its own and comes later."
)
def _(x, weight, bias):
    return np.maximum(_plus(_maps(x, weight), bias), 0)


@known(CONV2D_MULTI, "as if the kernel were square", "The kernel's height is used for its width as well.")
def _(x, weight, bias):
    k = weight.shape[2]
    out = np.zeros((weight.shape[0], x.shape[1] - k + 1, x.shape[2] - k + 1))
    for o in range(out.shape[0]):
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                out[o, i, j] = np.sum(x[:, i : i + k, j : j + k] * weight[o])
    return _plus(out, bias)


@known(CONV2D_MULTI, "as if the picture were square", "The picture's height is used for its width as well.")
def _(x, weight, bias):
    n, (kh, kw) = x.shape[1], weight.shape[2:]
    out = np.zeros((weight.shape[0], n - kh + 1, n - kw + 1))
    for o in range(out.shape[0]):
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                out[o, i, j] = np.sum(x[:, i : i + kh, j : j + kw] * weight[o])
    return _plus(out, bias)


@known(
    CONV2D_MULTI, "the channels come last", "The output has its channels last. NCHW keeps them first: (C_out, H', W')."
)
def _(x, weight, bias):
    return np.moveaxis(_plus(_maps(x, weight), bias), 0, -1)


@known(CONV2D_MULTI, "writes into x", "x was changed on the way. Make an array of your own for the result.")
def _(x, weight, bias):
    out = _plus(_maps(x, weight), bias)
    x += 1
    return out
