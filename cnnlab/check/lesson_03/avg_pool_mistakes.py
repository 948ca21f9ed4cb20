"""avg_pool2d: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.check.exercise import Mistake, known

AVG_POOL2D: list[Mistake] = []


def _pair(value):
    return (value, value) if np.ndim(value) == 0 else tuple(value)


def _windows(x, kernel, stride=None):
    sh, sw = _pair(kernel if stride is None else stride)
    return sliding_window_view(x, _pair(kernel), axis=(2, 3))[:, :, ::sh, ::sw]


def _mean(x, kernel, stride=None):
    return _windows(x, kernel, stride).mean(axis=(4, 5))


@known(AVG_POOL2D, "the largest", "You kept the largest number of each window. Here the mean is asked for.")
def _(x, kernel, stride=None):
    return _windows(x, kernel, stride).max(axis=(4, 5))


@known(AVG_POOL2D, "the sum", "You added the window up. Divide by how many numbers are in it: kh·kw.")
def _(x, kernel, stride=None):
    return _windows(x, kernel, stride).sum(axis=(4, 5))


@known(AVG_POOL2D, "divided by the height squared", "You divided by kh·kh. A window of (3, 2) holds 3·2 numbers.")
def _(x, kernel, stride=None):
    return _windows(x, kernel, stride).sum(axis=(4, 5)) / _pair(kernel)[0] ** 2


@known(AVG_POOL2D, "divided by one side", "You divided by the window's height. It holds kh·kw numbers.")
def _(x, kernel, stride=None):
    return _windows(x, kernel, stride).sum(axis=(4, 5)) / _pair(kernel)[0]


@known(AVG_POOL2D, "always a quarter", "You divided by 4. That is right for 2 × 2 windows only: divide by kh·kw.")
def _(x, kernel, stride=None):
    return _windows(x, kernel, stride).sum(axis=(4, 5)) / 4


@known(
    AVG_POOL2D,
    "divided by the stride's area",
    "You divided by sh·sw. The stride says where windows start, not how many numbers are in one.",
)
def _(x, kernel, stride=None):
    sh, sw = _pair(kernel if stride is None else stride)
    return _windows(x, kernel, stride).sum(axis=(4, 5)) / (sh * sw)


@known(
    AVG_POOL2D,
    "cut to whole numbers",
    "The fractions are gone: // was used, or the result took over x's kind of numbers.",
)
def _(x, kernel, stride=None):
    return _mean(x, kernel, stride).astype(x.dtype)


@known(AVG_POOL2D, "rounded down", "You divided with //, which rounds down. A mean has fractions: /.")
def _(x, kernel, stride=None):
    return _windows(x, kernel, stride).sum(axis=(4, 5)) // np.prod(_pair(kernel))


@known(
    AVG_POOL2D,
    "bytes run over",
    "Bytes end at 255, and their sum starts again at 0. Turn x into floats before you add.",
)
def _(x, kernel, stride=None):
    return _windows(x, kernel, stride).sum(axis=(4, 5), dtype=x.dtype) / np.prod(_pair(kernel))


@known(
    AVG_POOL2D,
    "the stride is ignored",
    "The windows always lie side by side. Where a stride is given, they start that far apart.",
)
def _(x, kernel, stride=None):
    return _mean(x, kernel)


@known(AVG_POOL2D, "no stride taken as 1", "Without a stride you step by 1. stride=None means: as large as the kernel.")
def _(x, kernel, stride=None):
    return _mean(x, kernel, 1 if stride is None else stride)


@known(
    AVG_POOL2D,
    "the first stride for both axes",
    "Both axes step by the stride's first number. A pair is (down, across).",
)
def _(x, kernel, stride=None):
    return _mean(x, kernel, _pair(kernel if stride is None else stride)[0])


@known(
    AVG_POOL2D,
    "the stride's pair is swapped",
    "A pair is (down, across), height before width; yours steps the other way round.",
)
def _(x, kernel, stride=None):
    return _mean(x, kernel, _pair(kernel if stride is None else stride)[::-1])


@known(AVG_POOL2D, "the kernel's pair is swapped", "A pair is (height, width); your windows lie on their side.")
def _(x, kernel, stride=None):
    return _mean(x, _pair(kernel)[::-1], stride)


@known(
    AVG_POOL2D,
    "a partial window, filled with zeros",
    "There is a window too many, which hangs over the border. floor((H − k)/stride) + 1 of them fit.",
)
def _(x, kernel, stride=None):
    sides = zip(x.shape[2:], _pair(kernel), _pair(kernel if stride is None else stride), strict=True)
    rows, columns = ((-(size - k)) % s for size, k, s in sides)
    return _mean(np.pad(x, ((0, 0), (0, 0), (0, rows), (0, columns))), kernel, stride)


@known(
    AVG_POOL2D,
    "a partial window, averaged as it is",
    "There is a window too many, which hangs over the border. floor((H − k)/stride) + 1 of them fit.",
)
def _(x, kernel, stride=None):
    (kh, kw), (sh, sw) = _pair(kernel), _pair(kernel if stride is None else stride)
    rows, columns = (-(-(size - k) // s) + 1 for size, k, s in zip(x.shape[2:], (kh, kw), (sh, sw), strict=True))
    out = np.zeros((*x.shape[:2], rows, columns))
    for i, j in np.ndindex(rows, columns):
        window = x[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
        out[:, :, i, j] = window.mean(axis=(2, 3)) if window.size else 0
    return out


@known(
    AVG_POOL2D,
    "padded all round",
    "Zeros were put around the maps. Here pooling has no padding: a window lies inside the map.",
)
def _(x, kernel, stride=None):
    kh, kw = _pair(kernel)
    return _mean(np.pad(x, ((0, 0), (0, 0), (kh // 2,) * 2, (kw // 2,) * 2)), kernel, stride)


@known(
    AVG_POOL2D,
    "the first rows are left out, not the last",
    "What does not fit is cut off at the top and the left. Leave out the end.",
)
def _(x, kernel, stride=None):
    kernel, found = _pair(kernel), _mean(x, kernel, stride)
    steps = _pair(kernel if stride is None else stride)
    sides = zip(x.shape[2:], found.shape[2:], kernel, steps, strict=True)
    top, left = ((size - k) - (count - 1) * s for size, count, k, s in sides)
    return _mean(x[:, :, top:, left:], kernel, stride)


@known(
    AVG_POOL2D,
    "pools over channels too",
    "The mean was taken over the channels as well. Each channel is pooled by itself.",
)
def _(x, kernel, stride=None):
    return _mean(x, kernel, stride).mean(axis=1, keepdims=True)


@known(
    AVG_POOL2D,
    "the mean of all channels in each",
    "Every channel got the mean of all of them. Each channel is pooled by itself.",
)
def _(x, kernel, stride=None):
    found = _mean(x, kernel, stride)
    return np.broadcast_to(found.mean(axis=1, keepdims=True), found.shape).copy()


@known(
    AVG_POOL2D,
    "the first picture for all",
    "Every picture of the batch shows the first one's numbers. Picture n comes from x[n].",
)
def _(x, kernel, stride=None):
    return np.repeat(_mean(x[:1], kernel, stride), len(x), axis=0)


@known(
    AVG_POOL2D,
    "the median",
    "You took the middle number of each window. The mean is the sum divided by how many there are.",
)
def _(x, kernel, stride=None):
    return np.median(_windows(x, kernel, stride), axis=(4, 5))


@known(
    AVG_POOL2D,
    "halfway between the largest and the smallest",
    "That is the middle of the range. The mean counts every number of the window.",
)
def _(x, kernel, stride=None):
    windows = _windows(x.astype(float), kernel, stride)
    return (windows.max(axis=(4, 5)) + windows.min(axis=(4, 5))) / 2


@known(
    AVG_POOL2D,
    "the mean of the whole map",
    "Every window got the mean of the whole map. Look only at what is in the window.",
)
def _(x, kernel, stride=None):
    found = _mean(x, kernel, stride)
    return np.broadcast_to(x.mean(axis=(2, 3), keepdims=True), found.shape).copy()


@known(AVG_POOL2D, "without the sign", "Absolute values were averaged. A −3 counts as −3.")
def _(x, kernel, stride=None):
    return _mean(np.abs(x.astype(float)), kernel, stride)


@known(
    AVG_POOL2D,
    "windows as large as the stride",
    "Your windows are as large as the stride. The kernel says how large a window is.",
)
def _(x, kernel, stride=None):
    (sh, sw), found = _pair(kernel if stride is None else stride), _mean(x, kernel, stride)
    out = np.zeros(found.shape)
    for i, j in np.ndindex(found.shape[2:]):
        out[:, :, i, j] = x[:, :, i * sh : (i + 1) * sh, j * sw : (j + 1) * sw].mean(axis=(2, 3))
    return out


@known(
    AVG_POOL2D,
    "the last window is missing",
    "One row and one column of windows are missing: floor((H − k)/stride) + 1.",
)
def _(x, kernel, stride=None):
    return _mean(x, kernel, stride)[:, :, :-1, :-1]


@known(
    AVG_POOL2D,
    "one row of the window",
    "Only the first row of each window was averaged. It is as high as the kernel says.",
)
def _(x, kernel, stride=None):
    return _windows(x, kernel, stride)[..., 0, :].mean(axis=-1)


@known(
    AVG_POOL2D,
    "axes of length 1 are squeezed out",
    "Axes of length 1 are gone. The result keeps all four: leave squeeze out.",
)
def _(x, kernel, stride=None):
    return _mean(x, kernel, stride).squeeze()
