"""max_pool2d: what goes wrong with the numbers, the axes and the arguments. Wrong on purpose."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.check.exercise import Mistake, known

MAX_POOL2D: list[Mistake] = []


def _pair(value):
    return (value, value) if np.ndim(value) == 0 else tuple(value)


def _windows(x, kernel, stride=None):
    """(N, C, H', W', kh, kw)"""
    sh, sw = _pair(kernel if stride is None else stride)
    return sliding_window_view(x, _pair(kernel), axis=(2, 3))[:, :, ::sh, ::sw]


def _max(x, kernel, stride=None):
    return _windows(x, kernel, stride).max(axis=(4, 5))


@known(
    MAX_POOL2D,
    "the stride is ignored",
    "The windows always lie side by side. Where a stride is given, they start that far apart.",
)
def _(x, kernel, stride=None):
    return _max(x, kernel)


@known(
    MAX_POOL2D,
    "the stride is always 1",
    "The window moves one cell at a time. It moves by the stride, and without one by its own size.",
)
def _(x, kernel, stride=None):
    return _max(x, kernel, 1)


@known(MAX_POOL2D, "no stride taken as 1", "Without a stride you step by 1. stride=None means: as large as the kernel.")
def _(x, kernel, stride=None):
    return _max(x, kernel, 1 if stride is None else stride)


@known(MAX_POOL2D, "no stride taken as 2", "Without a stride you step by 2. stride=None means: as large as the kernel.")
def _(x, kernel, stride=None):
    return _max(x, kernel, 2 if stride is None else stride)


@known(
    MAX_POOL2D,
    "the first stride for both axes",
    "Both axes step by the stride's first number. A pair is (down, across).",
)
def _(x, kernel, stride=None):
    return _max(x, kernel, _pair(kernel if stride is None else stride)[0])


@known(
    MAX_POOL2D,
    "the second stride for both axes",
    "Both axes step by the stride's second number. A pair is (down, across).",
)
def _(x, kernel, stride=None):
    return _max(x, kernel, _pair(kernel if stride is None else stride)[1])


@known(
    MAX_POOL2D,
    "the stride's pair is swapped",
    "A pair is (down, across), height before width; yours steps the other way round.",
)
def _(x, kernel, stride=None):
    return _max(x, kernel, _pair(kernel if stride is None else stride)[::-1])


@known(MAX_POOL2D, "the kernel's pair is swapped", "A pair is (height, width); your windows lie on their side.")
def _(x, kernel, stride=None):
    return _max(x, _pair(kernel)[::-1], stride)


@known(
    MAX_POOL2D, "both pairs are swapped", "Pairs are (height, width). You read kernel and stride as (width, height)."
)
def _(x, kernel, stride=None):
    return _max(x, _pair(kernel)[::-1], None if stride is None else _pair(stride)[::-1])


@known(
    MAX_POOL2D,
    "a stride along the rows only",
    "Across, the windows move one cell at a time. The stride holds for both axes.",
)
def _(x, kernel, stride=None):
    return _max(x, kernel, (_pair(kernel if stride is None else stride)[0], 1))


@known(
    MAX_POOL2D,
    "a stride along the columns only",
    "Down, the windows move one cell at a time. The stride holds for both axes.",
)
def _(x, kernel, stride=None):
    return _max(x, kernel, (1, _pair(kernel if stride is None else stride)[1]))


@known(MAX_POOL2D, "the kernel's height for both sides", "Your windows are square. A pair (3, 2) is 3 high and 2 wide.")
def _(x, kernel, stride=None):
    return _max(x, _pair(kernel)[0], kernel if stride is None else stride)


@known(MAX_POOL2D, "the mean", "You took the mean of each window. Max pooling keeps the largest number.")
def _(x, kernel, stride=None):
    return _windows(x, kernel, stride).mean(axis=(4, 5))


@known(MAX_POOL2D, "the sum", "You took the sum of each window. Max pooling keeps the largest number.")
def _(x, kernel, stride=None):
    return _windows(x, kernel, stride).sum(axis=(4, 5))


@known(MAX_POOL2D, "the smallest", "You kept the smallest number of each window. Max pooling keeps the largest.")
def _(x, kernel, stride=None):
    return _windows(x, kernel, stride).min(axis=(4, 5))


@known(
    MAX_POOL2D,
    "the place of the largest",
    "argmax says *where* the largest number is. Here the number itself is asked for: max.",
)
def _(x, kernel, stride=None):
    windows = _windows(x, kernel, stride)
    return windows.reshape(*windows.shape[:4], -1).argmax(axis=4)


@known(
    MAX_POOL2D,
    "the largest in size, without its sign",
    "A −9 became a 9. The largest of −9 and 2 is 2: no absolute value.",
)
def _(x, kernel, stride=None):
    return _max(np.abs(x.astype(float)), kernel, stride)


@known(
    MAX_POOL2D,
    "zeros win over negative numbers",
    "Where a whole window is below zero, you return 0, which stands in no cell of it. Is there an array of "
    "zeros, or a 0, "
    "that the numbers are compared with?",
)
def _(x, kernel, stride=None):
    return np.maximum(_max(x, kernel, stride), 0)


@known(
    MAX_POOL2D,
    "the start is not low enough",
    "You start from a low number, and some windows lie below it. Start from −np.inf, or from the window's own "
    "first number.",
)
def _(x, kernel, stride=None):
    return np.maximum(_max(x, kernel, stride), -1000)


@known(
    MAX_POOL2D,
    "pools over channels too",
    "Each window went through all channels. Channels stay apart: as many come out as went in.",
)
def _(x, kernel, stride=None):
    return _max(x, kernel, stride).max(axis=1, keepdims=True)


@known(
    MAX_POOL2D,
    "pools over channels, and drops their axis",
    "The largest was taken over the channels as well. Each channel is pooled by itself.",
)
def _(x, kernel, stride=None):
    return _max(x, kernel, stride).max(axis=1)


@known(
    MAX_POOL2D,
    "the largest of all channels in each",
    "Every channel got the largest of all of them. Each channel is pooled by itself.",
)
def _(x, kernel, stride=None):
    found = _max(x, kernel, stride)
    return np.broadcast_to(found.max(axis=1, keepdims=True), found.shape).copy()


@known(MAX_POOL2D, "the largest of the whole batch", "The pictures of the batch were mixed. Each is pooled by itself.")
def _(x, kernel, stride=None):
    found = _max(x, kernel, stride)
    return np.broadcast_to(found.max(axis=0), found.shape).copy()


@known(
    MAX_POOL2D,
    "the first picture for all",
    "Every picture of the batch shows the first one's numbers. Picture n comes from x[n].",
)
def _(x, kernel, stride=None):
    return np.repeat(_max(x[:1], kernel, stride), len(x), axis=0)


@known(
    MAX_POOL2D,
    "the first picture only",
    "Only the first picture came back. The batch axis stays: N pictures in, N out.",
)
def _(x, kernel, stride=None):
    return _max(x[:1], kernel, stride)


@known(
    MAX_POOL2D,
    "the first channel for all",
    "Every channel shows the first one's numbers. Channel c comes from x[:, c].",
)
def _(x, kernel, stride=None):
    return np.repeat(_max(x[:, :1], kernel, stride), x.shape[1], axis=1)


@known(
    MAX_POOL2D,
    "rows and columns swapped",
    "The numbers are right, but the maps are transposed: rows come before columns.",
)
def _(x, kernel, stride=None):
    return _max(x, kernel, stride).swapaxes(2, 3)


@known(
    MAX_POOL2D, "channels last", "It pools axes 1 and 2, as if channels came last. Here they come before: (N, C, H, W)."
)
def _(x, kernel, stride=None):
    return np.moveaxis(_max(np.moveaxis(x, 3, 1), kernel, stride), 1, 3)


@known(
    MAX_POOL2D,
    "axes of length 1 are squeezed out",
    "Axes of length 1 are gone. The result keeps all four: leave squeeze out.",
)
def _(x, kernel, stride=None):
    return _max(x, kernel, stride).squeeze()


@known(
    MAX_POOL2D,
    "cut to whole numbers",
    "The fractions are gone. Make the result with np.zeros(...), which holds them, or with x.dtype.",
)
def _(x, kernel, stride=None):
    return _max(x, kernel, stride).astype(int)


@known(MAX_POOL2D, "half precision", "float16 keeps about three digits. Leave the kind of numbers as it was.")
def _(x, kernel, stride=None):
    return _max(x, kernel, stride).astype(np.float16)


@known(
    MAX_POOL2D,
    "an int only",
    "kernel and stride may be a pair (height, width). Make a pair of an int first, then one rule serves both.",
)
def _(x, kernel, stride=None):
    stride = kernel if stride is None else stride
    return _max(x, int(kernel), int(stride))


@known(
    MAX_POOL2D, "a pair only", "kernel and stride may be an int. Make a pair of it first, then one rule serves both."
)
def _(x, kernel, stride=None):
    stride = kernel if stride is None else stride
    return _max(x, (kernel[0], kernel[1]), (stride[0], stride[1]))


@known(
    MAX_POOL2D,
    "the largest of the whole map",
    "Every window got the largest number of the whole map. Look only at what is in the window.",
)
def _(x, kernel, stride=None):
    found = _max(x, kernel, stride)
    return np.broadcast_to(x.max(axis=(2, 3), keepdims=True), found.shape).copy()


@known(
    MAX_POOL2D, "no window at all", "You took every stride-th number. Each output is the largest of its whole window."
)
def _(x, kernel, stride=None):
    return _windows(x, kernel, stride)[..., 0, 0].copy()


@known(MAX_POOL2D, "writes into its input", "It changes the array that came in. Make a new one for the result.")
def _(x, kernel, stride=None):
    found = _max(x, kernel, stride)
    x[:, :, : found.shape[2], : found.shape[3]] = found
    return found
