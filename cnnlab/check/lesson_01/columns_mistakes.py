"""im2col and conv2d_im2col: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.check.exercise import Mistake, known

IM2COL: list[Mistake] = []
CONV2D_IM2COL: list[Mistake] = []


def _windows(x, kh, kw):
    """(N, C, H', W', kh, kw)"""
    return sliding_window_view(x, (kh, kw), axis=(2, 3))


def _columns(x, kh, kw, order=(0, 1, 4, 5, 2, 3)):
    windows = _windows(x, kh, kw)
    n, c, height, width = windows.shape[:4]
    return windows.transpose(order).reshape(n, c * kh * kw, height * width)


@known(
    IM2COL,
    "the first picture only",
    "Only picture 0 is there. The result has one block of columns for each picture: (N, C·kh·kw, H'·W').",
)
def _(x, kh, kw):
    return _columns(x, kh, kw)[:1]


@known(IM2COL, "the first picture for all", "Every block holds the patches of picture 0. Block n comes from x[n].")
def _(x, kh, kw):
    return np.repeat(_columns(x, kh, kw)[:1], x.shape[0], 0)


@known(IM2COL, "no batch axis", "The batch axis is gone. Keep it, also when there is one picture: (N, C·kh·kw, H'·W').")
def _(x, kh, kw):
    return _columns(x, kh, kw)[0]


@known(
    IM2COL, "batch and channels swapped", "Pictures and channels changed places: x is (N, C, H, W), the batch first."
)
def _(x, kh, kw):
    return _columns(x.swapaxes(0, 1), kh, kw)


@known(
    IM2COL,
    "all pictures in one row of patches",
    "The patches of all pictures stand side by side in one matrix. "
    "Keep one block for each picture: (N, C·kh·kw, H'·W').",
)
def _(x, kh, kw):
    return np.concatenate(list(_columns(x, kh, kw)), axis=1)


@known(
    IM2COL,
    "the batch axis mixed with the channels",
    "reshape was asked to do a transpose's work: it cut the numbers "
    "in the order in which they lie. Bring the axes into the order (N, C, kh, kw, H', W') first.",
)
def _(x, kh, kw):
    windows = _windows(x, kh, kw)
    n, c, height, width = windows.shape[:4]
    return windows.reshape(n, c * kh * kw, height * width)


@known(
    IM2COL,
    "rows in the order kh, kw, C",
    "The channel changes fastest from row to row. The order is (C, kh, kw): all of channel 0's pixels first.",
)
def _(x, kh, kw):
    return _columns(x, kh, kw, (0, 4, 5, 1, 2, 3))


@known(IM2COL, "rows in the order C, kw, kh", "Each patch was read column by column. Read it row by row.")
def _(x, kh, kw):
    return _columns(x, kh, kw, (0, 1, 5, 4, 2, 3))


@known(
    IM2COL,
    "stops in the order of columns",
    "The patches come column by column over the picture. They come row by row: first all stops of the top row.",
)
def _(x, kh, kw):
    return _columns(x, kh, kw, (0, 1, 4, 5, 3, 2))


@known(IM2COL, "patches as rows", "Each patch is a row. Here it is a column: (N, C·kh·kw, H'·W').")
def _(x, kh, kw):
    return _columns(x, kh, kw).swapaxes(1, 2)


@known(
    IM2COL,
    "patches turned by 180°",
    "Each patch is read backwards. That belongs to convolution with a flip, and even there to the kernel.",
)
def _(x, kh, kw):
    return _columns(x[:, :, ::-1, ::-1], kh, kw)[:, :, ::-1].copy()


@known(IM2COL, "kh and kw swapped", "The patches are kw high and kh wide. The height comes first.")
def _(x, kh, kw):
    return _columns(x, min(kw, x.shape[2]), min(kh, x.shape[3]))


@known(IM2COL, "square patches", "kh is used for the width as well.")
def _(x, kh, kw):
    return _columns(x, kh, min(kh, x.shape[3]))


@known(IM2COL, "one stop too few", "The last stop of each row and column is missing: there are H − kh + 1 of them.")
def _(x, kh, kw):
    windows = _windows(x, kh, kw)[:, :, :-1, :-1]
    n, c, height, width = windows.shape[:4]
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * kh * kw, height * width)


@known(IM2COL, "patches that do not overlap", "The patches jump by their own size. Here they move by one pixel.")
def _(x, kh, kw):
    windows = _windows(x, kh, kw)[:, :, ::kh, ::kw]
    n, c, height, width = windows.shape[:4]
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * kh * kw, height * width)


@known(IM2COL, "the first channel only", "Only channel 0 is there. A column holds the patch in all channels.")
def _(x, kh, kw):
    return _columns(x[:, :1], kh, kw)


@known(IM2COL, "cut to whole numbers", "The fractions are gone: the array was made for whole numbers.")
def _(x, kh, kw):
    return _columns(x, kh, kw).astype(int)


@known(
    IM2COL,
    "six axes left",
    "The windows are right, but their axes were not merged. Reshape to (N, C·kh·kw, H'·W') in the end.",
)
def _(x, kh, kw):
    return _windows(x, kh, kw).transpose(0, 1, 4, 5, 2, 3)


@known(IM2COL, "writes into x", "x was changed on the way. Make an array of your own for the result.")
def _(x, kh, kw):
    out = _columns(x, kh, kw).copy()
    x -= x.min() + 1
    return out


def _product(x, weight, matrix=None):
    """The right result without bias: (N, C_out, H', W')."""
    kh, kw = weight.shape[2:]
    matrix = weight.reshape(weight.shape[0], -1) if matrix is None else matrix
    height, width = x.shape[2] - kh + 1, x.shape[3] - kw + 1
    return (matrix @ _columns(x, kh, kw)).reshape(x.shape[0], -1, height, width)


def _plus(maps, bias):
    return maps if bias is None else maps + np.asarray(bias)[:, None, None]


@known(
    CONV2D_IM2COL,
    "the first picture only",
    "Only picture 0 was convolved. The result has one for each: (N, C_out, H', W').",
)
def _(x, weight, bias):
    return _plus(_product(x, weight)[:1], bias)


@known(CONV2D_IM2COL, "the first picture for all", "Every result is that of picture 0. Result n comes from x[n].")
def _(x, weight, bias):
    return _plus(np.repeat(_product(x, weight)[:1], x.shape[0], 0), bias)


@known(CONV2D_IM2COL, "no batch axis", "The batch axis is gone. Keep it, also when there is one picture.")
def _(x, weight, bias):
    return _plus(_product(x, weight), bias)[0]


@known(CONV2D_IM2COL, "the batch is summed", "All pictures were added into one. Each keeps a result of its own.")
def _(x, weight, bias):
    return _plus(_product(x, weight).sum(0, keepdims=True), bias)


@known(
    CONV2D_IM2COL,
    "batch and filters swapped",
    "Pictures and filters changed places in the result. It is (N, C_out, H', W'), the batch first.",
)
def _(x, weight, bias):
    return _plus(_product(x, weight), bias).swapaxes(0, 1)


@known(CONV2D_IM2COL, "batch and channels swapped", "x was read as (C, N, H, W). The batch comes first.")
def _(x, weight, bias):
    return _plus(_product(x.swapaxes(0, 1), weight), bias)


@known(
    CONV2D_IM2COL,
    "batch and filters mixed",
    "The product has its numbers in the order (C_out, N, …), and reshape "
    "does not swap axes. Give it its true shape first, then transpose.",
)
def _(x, weight, bias):
    true = _plus(_product(x, weight), bias)
    return true.swapaxes(0, 1).reshape(true.shape)


@known(
    CONV2D_IM2COL,
    "the filters flattened in another order",
    "The filter's row has another order than im2col's rows: both run over (C, kh, kw). weight.reshape(C_out, -1) does.",
)
def _(x, weight, bias):
    return _plus(_product(x, weight, weight.transpose(0, 2, 3, 1).reshape(weight.shape[0], -1)), bias)


@known(
    CONV2D_IM2COL, "the kernels transposed", "Rows and columns of the kernels are swapped on the way into the matrix."
)
def _(x, weight, bias):
    return _plus(_product(x, weight, weight.swapaxes(2, 3).reshape(weight.shape[0], -1)), bias)


@known(
    CONV2D_IM2COL,
    "the filters cut instead of transposed",
    "weight.reshape(-1, C_out).T mixes the filters: reshape "
    "only cuts the row of numbers anew. weight.reshape(C_out, -1) keeps each filter together.",
)
def _(x, weight, bias):
    return _plus(_product(x, weight, weight.reshape(-1, weight.shape[0]).T), bias)


@known(
    CONV2D_IM2COL,
    "the kernels are flipped",
    "Each kernel is turned by 180° first. Deep learning's convolution does not flip.",
)
def _(x, weight, bias):
    return _plus(_product(x, weight[:, :, ::-1, ::-1]), bias)


@known(
    CONV2D_IM2COL,
    "height and width of the output swapped",
    "The stops were folded back into W' rows of H'. They come row by row: (H', W').",
)
def _(x, weight, bias):
    out = _plus(_product(x, weight), bias)
    return out.reshape(*out.shape[:2], out.shape[3], out.shape[2])


@known(CONV2D_IM2COL, "the result is transposed", "Rows and columns of each map are swapped.")
def _(x, weight, bias):
    return _plus(_product(x, weight), bias).swapaxes(2, 3)


@known(CONV2D_IM2COL, "the stops in one row", "The maps are still flat. Fold the H'·W' stops back into (H', W').")
def _(x, weight, bias):
    out = _plus(_product(x, weight), bias)
    return out.reshape(*out.shape[:2], -1)


@known(CONV2D_IM2COL, "the channels come last", "The result has its channels last. NCHW: (N, C_out, H', W').")
def _(x, weight, bias):
    return np.moveaxis(_plus(_product(x, weight), bias), 1, -1)


@known(CONV2D_IM2COL, "the bias is forgotten", "The bias is missing: add bias[o] to map o where there is one.")
def _(x, weight, bias):
    return _product(x, weight)


@known(CONV2D_IM2COL, "the first bias for all", "Every map got bias[0]. Map o has its own: bias[o].")
def _(x, weight, bias):
    return _product(x, weight) if bias is None else _product(x, weight) + bias[0]


@known(
    CONV2D_IM2COL,
    "the bias once for each channel",
    "The bias is added once for every input channel. Add it once, after the product.",
)
def _(x, weight, bias):
    return _plus(_product(x, weight), None if bias is None else np.asarray(bias) * x.shape[1])


@known(
    CONV2D_IM2COL,
    "the bias runs along the stops",
    "The bias was added along the last axis, the stops. Give it one more axis: bias[:, None].",
)
def _(x, weight, bias):
    out = _product(x, weight)
    flat = out.reshape(*out.shape[:2], -1)
    return (flat if bias is None else flat + np.asarray(bias)).reshape(out.shape)


@known(
    CONV2D_IM2COL,
    "stumbles when bias is None",
    "bias may be None: then nothing is added. Ask first: if bias is not None.",
)
def _(x, weight, bias):
    return _product(x, weight) + bias[:, None, None]


@known(CONV2D_IM2COL, "cut to whole numbers", "The fractions are gone: somewhere an array was made for whole numbers.")
def _(x, weight, bias):
    return _plus(_product(x, weight), bias).astype(x.dtype)


@known(CONV2D_IM2COL, "the mean, not the sum", "The products are averaged. A matrix product adds them.")
def _(x, weight, bias):
    return _plus(_product(x, weight) / weight[0].size, bias)


@known(CONV2D_IM2COL, "the first channel only", "Only channel 0 takes part. A filter spans all input channels.")
def _(x, weight, bias):
    return _plus(_product(x[:, :1], weight[:, :1]), bias)
