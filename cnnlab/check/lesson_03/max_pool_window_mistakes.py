"""max_pool2d: windows at wrong places, too many of them or too few. Wrong on purpose."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.check.exercise import Mistake, known

MAX_POOL2D_WINDOWS: list[Mistake] = []

FLOOR = "A window that would hang over the border is left out: floor((H − k)/stride) + 1 of them fit."


def _pair(value):
    return (value, value) if np.ndim(value) == 0 else tuple(value)


def _max(x, kernel, stride=None):
    sh, sw = _pair(kernel if stride is None else stride)
    return sliding_window_view(x, _pair(kernel), axis=(2, 3))[:, :, ::sh, ::sw].max(axis=(4, 5))


def _room(x, kernel, stride):
    """How many rows and columns are missing for one more, partial window at the end: ceil for floor."""
    sides = zip(x.shape[2:], _pair(kernel), _pair(kernel if stride is None else stride), strict=True)
    return [(-(size - k)) % s for size, k, s in sides]


def _padded(x, rows, columns, value):
    return np.pad(x.astype(float), ((0, 0), (0, 0), rows, columns), constant_values=value)


@known(MAX_POOL2D_WINDOWS, "ceil for floor", "There is a window too many, which hangs over the border. " + FLOOR)
def _(x, kernel, stride=None):
    rows, columns = _room(x, kernel, stride)
    return _max(_padded(x, (0, rows), (0, columns), -np.inf), kernel, stride)


@known(
    MAX_POOL2D_WINDOWS,
    "ceil for floor, filled with zeros",
    "There is a window too many, filled up with zeros. " + FLOOR,
)
def _(x, kernel, stride=None):
    rows, columns = _room(x, kernel, stride)
    return _max(_padded(x, (0, rows), (0, columns), 0), kernel, stride)


@known(
    MAX_POOL2D_WINDOWS,
    "the first rows are left out, not the last",
    "What does not fit is cut off at the top and the left. The first window stands at row 0, column 0; leave "
    "out the end.",
)
def _(x, kernel, stride=None):
    kernel, found = _pair(kernel), _max(x, kernel, stride)
    steps = _pair(kernel if stride is None else stride)
    sides = zip(x.shape[2:], found.shape[2:], kernel, steps, strict=True)
    top, left = ((size - k) - (count - 1) * s for size, count, k, s in sides)
    return _max(x[:, :, top:, left:], kernel, stride)


@known(
    MAX_POOL2D_WINDOWS,
    "the last window is missing",
    "One row and one column of windows are missing. Count the first one too: floor((H − k)/stride) + 1.",
)
def _(x, kernel, stride=None):
    return _max(x, kernel, stride)[:, :, :-1, :-1]


@known(
    MAX_POOL2D_WINDOWS,
    "the last windows stay 0",
    "The last row and column of windows were never filled in. Where do your loops end?",
)
def _(x, kernel, stride=None):
    found = _max(x, kernel, stride)
    found[:, :, -1:], found[..., -1:] = 0, 0
    return found


@known(
    MAX_POOL2D_WINDOWS,
    "the size is divided by the stride",
    "H // stride windows are right only where windows lie side by side. In general it is floor((H − k)/stride) + 1.",
)
def _(x, kernel, stride=None):
    (kh, kw), (sh, sw) = _pair(kernel), _pair(kernel if stride is None else stride)
    out = np.zeros((*x.shape[:2], x.shape[2] // sh, x.shape[3] // sw))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw].max(axis=(2, 3))
    return out


@known(
    MAX_POOL2D_WINDOWS,
    "windows as large as the stride",
    "Your windows are as large as the stride. The stride says how far the next one starts; the kernel says how "
    "large it is.",
)
def _(x, kernel, stride=None):
    (sh, sw), found = _pair(kernel if stride is None else stride), _max(x, kernel, stride)
    out = np.zeros(found.shape)
    for i, j in np.ndindex(found.shape[2:]):
        out[:, :, i, j] = x[:, :, i * sh : (i + 1) * sh, j * sw : (j + 1) * sw].max(axis=(2, 3))
    return out


@known(
    MAX_POOL2D_WINDOWS,
    "steps as large as the kernel, counted with the stride",
    "The number of windows follows the stride, but each starts at i·kernel. It starts at i·stride.",
)
def _(x, kernel, stride=None):
    (kh, kw), found = _pair(kernel), _max(x, kernel, stride)
    out = np.zeros(found.shape)
    for i, j in np.ndindex(found.shape[2:]):
        window = x[:, :, i * kh : (i + 1) * kh, j * kw : (j + 1) * kw]
        out[:, :, i, j] = window.max(axis=(2, 3)) if window.size else 0
    return out


@known(
    MAX_POOL2D_WINDOWS,
    "starts at i, not at i·stride",
    "Each window starts one cell after the last. Output row i begins at input row i·stride, column j at j·stride.",
)
def _(x, kernel, stride=None):
    found = _max(x, kernel, stride)
    return _max(x, kernel, 1)[:, :, : found.shape[2], : found.shape[3]]


@known(
    MAX_POOL2D_WINDOWS,
    "starts at the kernel plus the stride",
    "You leave a gap of one stride after each window. The stride is counted from one start to the next.",
)
def _(x, kernel, stride=None):
    kernel = _pair(kernel)
    step = _pair(kernel if stride is None else stride)
    return _max(x, kernel, step if stride is None else (kernel[0] + step[0], kernel[1] + step[1]))


@known(
    MAX_POOL2D_WINDOWS,
    "reshape, without cutting off what is left over",
    "Reshaping to blocks works only where the kernel divides the sides. Cut off what is left over first; and where the "
    "stride is not the kernel, blocks do not help at all.",
)
def _(x, kernel, stride=None):
    kh, kw = _pair(kernel)
    images, channels, height, width = x.shape
    return x.reshape(images, channels, height // kh, kh, width // kw, kw).max(axis=(3, 5))


@known(
    MAX_POOL2D_WINDOWS,
    "reshape in the wrong order",
    "Your blocks take cells that lie far apart. Reshape reads row by row: (N, C, H/k, k, W/k, k), and the max "
    "goes over "
    "the two axes of length k.",
)
def _(x, kernel, stride=None):
    (kh, kw), (images, channels, height, width) = _pair(kernel), x.shape
    rows, columns = height // kh, width // kw
    cut = x[:, :, : rows * kh, : columns * kw]
    return cut.reshape(images, channels, kh, rows, kw, columns).max(axis=(2, 4))


@known(
    MAX_POOL2D_WINDOWS,
    "padded all round",
    "Zeros were put around the maps. Here pooling has no padding: a window lies inside the map.",
)
def _(x, kernel, stride=None):
    kh, kw = _pair(kernel)
    return _max(_padded(x, (kh // 2,) * 2, (kw // 2,) * 2, 0), kernel, stride)


@known(
    MAX_POOL2D_WINDOWS,
    "padded all round, without a trace",
    "Windows hang over the border on every side, as with padding. Here pooling has none: a window lies inside the map.",
)
def _(x, kernel, stride=None):
    kh, kw = _pair(kernel)
    return _max(_padded(x, (kh // 2,) * 2, (kw // 2,) * 2, -np.inf), kernel, stride)


@known(
    MAX_POOL2D_WINDOWS,
    "windows one cell too small",
    "The last row and column of each window are not looked at. A slice of k cells ends at start + k.",
)
def _(x, kernel, stride=None):
    found, steps = _max(x, kernel, stride), _pair(kernel if stride is None else stride)
    smaller = _max(x, [max(side - 1, 1) for side in _pair(kernel)], steps)
    return smaller[:, :, : found.shape[2], : found.shape[3]]


@known(
    MAX_POOL2D_WINDOWS,
    "windows one cell too large",
    "Each window reaches one row and one column too far. A slice of k cells ends at start + k.",
)
def _(x, kernel, stride=None):
    steps = _pair(kernel if stride is None else stride)
    larger = _padded(x, (0, 1), (0, 1), -np.inf)
    found = _max(x, kernel, stride)
    return _max(larger, [side + 1 for side in _pair(kernel)], steps)[:, :, : found.shape[2], : found.shape[3]]


@known(
    MAX_POOL2D_WINDOWS,
    "the window's first row only",
    "Only the first row of each window was looked at. It is as high as the kernel says.",
)
def _(x, kernel, stride=None):
    found, (_, kw) = _max(x, kernel, stride), _pair(kernel)
    return _max(x, (1, kw), kernel if stride is None else stride)[:, :, : found.shape[2]]


@known(
    MAX_POOL2D_WINDOWS,
    "the window's diagonal only",
    "x[i, i] style indexing picks the diagonal. A window is a slice in both axes: x[:, :, a:b, c:d].",
)
def _(x, kernel, stride=None):
    sh, sw = _pair(kernel if stride is None else stride)
    windows = sliding_window_view(x, _pair(kernel), axis=(2, 3))[:, :, ::sh, ::sw]
    return np.diagonal(windows, axis1=4, axis2=5).max(axis=-1)


@known(
    MAX_POOL2D_WINDOWS,
    "a loop with a fixed end",
    "Beyond the eighth row of windows all is 0. Read every size off the shapes.",
)
def _(x, kernel, stride=None):
    found = _max(x, kernel, stride)
    found[:, :, 8:] = 0
    return found


@known(
    MAX_POOL2D_WINDOWS, "square maps only", "One side was taken for both. Height is x.shape[2], width is x.shape[3]."
)
def _(x, kernel, stride=None):
    (kh, kw), (sh, sw) = _pair(kernel), _pair(kernel if stride is None else stride)
    count = (x.shape[2] - kh) // sh + 1
    out = np.zeros((*x.shape[:2], count, count))
    for i, j in np.ndindex(count, count):
        out[:, :, i, j] = x[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw].max(axis=(2, 3))
    return out


@known(
    MAX_POOL2D_WINDOWS,
    "returns after the first row",
    "Only the first row of windows is filled in. Is the `return` inside the loop over rows?",
)
def _(x, kernel, stride=None):
    found = _max(x, kernel, stride)
    found[:, :, 1:] = 0
    return found
