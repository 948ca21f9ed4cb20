"""Mistakes that show on few inputs only: an unusual size, a kind of number, a second call. Wrong on purpose."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.check.exercise import Mistake, known

CROSS_CORRELATE2D: list[Mistake] = []
CONVOLVE2D: list[Mistake] = []
CONV2D_MULTI: list[Mistake] = []
IM2COL: list[Mistake] = []
CONV2D_IM2COL: list[Mistake] = []

SIZE = "A size is written into the code as a number. Read every size off the shapes: image.shape, kernel.shape."
SQUEEZE = (
    "Axes of length 1 are gone. Leave squeeze out: a result of one row, one map or one picture keeps all its axes."
)
HALF = "float16 keeps about three digits and ends at 65504. Make the result with np.zeros(...), which is float64."


def _correlate(image, kernel):
    return np.einsum("ijuv,uv->ij", sliding_window_view(image.astype(np.float64), kernel.shape), kernel)


def _conv(x, weight, bias):
    """x (..., C_in, H, W), weight (C_out, C_in, kh, kw). Returns (..., C_out, H', W')."""
    windows = sliding_window_view(x.astype(np.float64), weight.shape[2:], axis=(-2, -1))
    maps = np.einsum("...cijuv,ocuv->...oij", windows, weight)
    return maps if bias is None else maps + np.asarray(bias)[:, None, None]


def _columns(x, kh, kw):
    windows = sliding_window_view(x, (kh, kw), axis=(2, 3))
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(len(x), x.shape[1] * kh * kw, -1)


def _up_to(result, limit, axis):
    kept = np.arange(result.shape[axis]) < limit
    return result * kept.reshape([-1 if k == axis % result.ndim else 1 for k in range(result.ndim)])


@known(CROSS_CORRELATE2D, "a loop with a fixed end, rows", "The rows from 8 on stay 0. " + SIZE)
def _(image, kernel):
    return _up_to(_correlate(image, kernel), 8, 0)


@known(CROSS_CORRELATE2D, "a loop with a fixed end, columns", "The columns from 8 on stay 0. " + SIZE)
def _(image, kernel):
    return _up_to(_correlate(image, kernel), 8, 1)


@known(
    CROSS_CORRELATE2D,
    "the kernel's kind of numbers",
    "The output array took over the kernel's dtype, and whole weights cut the fractions off. "
    "Make it with np.zeros(...), which holds fractions.",
)
def _(image, kernel):
    return _correlate(image, kernel).astype(kernel.dtype)


@known(
    CROSS_CORRELATE2D,
    "the kernel takes the image's kind of numbers",
    "The kernel was turned into the image's dtype, which cuts its fractions off. Leave the kernel as it is.",
)
def _(image, kernel):
    return _correlate(image, kernel.astype(image.dtype))


@known(CROSS_CORRELATE2D, "half precision", HALF)
def _(image, kernel):
    return _correlate(image, kernel).astype(np.float16)


@known(CROSS_CORRELATE2D, "rounded", "The sums are right, but rounded. Leave them as they are.")
def _(image, kernel):
    return np.round(_correlate(image, kernel))


@known(CROSS_CORRELATE2D, "axes of length 1 are squeezed out", SQUEEZE)
def _(image, kernel):
    return _correlate(image, kernel).squeeze()


@known(CROSS_CORRELATE2D, "the sign is changed", "Every number has the wrong sign: somewhere a minus is too many.")
def _(image, kernel):
    return -_correlate(image, kernel)


@known(
    CROSS_CORRELATE2D,
    "the last product only",
    "Each stop holds its last product alone: every product overwrites the one before it. Add them with +=.",
)
def _(image, kernel):
    windows = sliding_window_view(image, kernel.shape)
    return windows[..., -1, -1] * kernel[-1, -1]


@known(
    CROSS_CORRELATE2D,
    "the sum is never set back",
    "Each stop adds to the sum of the stops before it. Set the sum to 0 inside the loops, once for each stop.",
)
def _(image, kernel):
    result = _correlate(image, kernel)
    return np.cumsum(result).reshape(result.shape)


@known(
    CROSS_CORRELATE2D,
    "the sum is set back once a row",
    "Each stop adds to the sum of those on its left. Set the sum to 0 in the inner loop, once for each stop.",
)
def _(image, kernel):
    return np.cumsum(_correlate(image, kernel), axis=1)


@known(
    CROSS_CORRELATE2D,
    "returns after the first row",
    "Only the first row is filled in. Is the `return` inside the loop over rows? Move it to the left, to the very end.",
)
def _(image, kernel):
    return _up_to(_correlate(image, kernel), 1, 0)


@known(
    CROSS_CORRELATE2D,
    "starts from ones",
    "Every number is 1 too large: the output started with ones. Start with np.zeros(...).",
)
def _(image, kernel):
    return _correlate(image, kernel) + 1


@known(
    CROSS_CORRELATE2D,
    "a matrix product",
    "`patch @ kernel` is a matrix product. Here each pixel meets the one weight that lies on it: `patch * kernel`.",
)
def _(image, kernel):
    return (sliding_window_view(image, kernel.shape) @ kernel).sum(axis=(2, 3))


@known(CONVOLVE2D, "flipped and negated", "The kernel is turned as it should be, but every sign is changed as well.")
def _(image, kernel):
    return -_correlate(image, kernel[::-1, ::-1])


@known(CONVOLVE2D, "cut to whole numbers", "The fractions are gone: the output took over the image's dtype.")
def _(image, kernel):
    return _correlate(image, kernel[::-1, ::-1]).astype(image.dtype)


@known(CONV2D_MULTI, "one picture channel for all", "Every kernel slice met channel 0. Slice c belongs to channel c.")
def _(x, weight, bias):
    return _conv(np.repeat(x[:1], len(x), axis=0), weight, bias)


@known(
    CONV2D_MULTI,
    "three channels at most",
    "Only the first three channels take part. Ask the picture how many there are: len(x).",
)
def _(x, weight, bias):
    return _conv(x[:3], weight[:, :3], bias)


@known(
    CONV2D_MULTI,
    "the sum is never set back",
    "Each map adds to the maps before it. Start every filter with an empty sum, inside the loop over filters.",
)
def _(x, weight, bias):
    maps = np.cumsum(_conv(x, weight, None), axis=0)
    return maps if bias is None else maps + bias[:, None, None]


@known(
    CONV2D_MULTI,
    "the first filter and its bias for all",
    "Every map is the first one again. Map o comes from weight[o] and bias[o].",
)
def _(x, weight, bias):
    return np.repeat(_conv(x, weight, bias)[:1], len(weight), axis=0)


@known(CONV2D_MULTI, "a loop with a fixed end", "The rows from 8 on stay 0. " + SIZE)
def _(x, weight, bias):
    return _up_to(_conv(x, weight, bias), 8, -2)


@known(CONV2D_MULTI, "axes of length 1 are squeezed out", SQUEEZE)
def _(x, weight, bias):
    return _conv(x, weight, bias).squeeze()


@known(CONV2D_MULTI, "the last bias for all", "Every map got the last bias. Map o has its own: bias[o].")
def _(x, weight, bias):
    return _conv(x, weight, None if bias is None else np.repeat(bias[-1:], len(bias)))


@known(
    IM2COL, "the last picture for all", "Every block holds the patches of the last picture. Block n comes from x[n]."
)
def _(x, kh, kw):
    return np.repeat(_columns(x, kh, kw)[-1:], len(x), axis=0)


@known(
    IM2COL,
    "channel 0 in place of every channel",
    "Every channel's rows hold channel 0. Row block c comes from x[:, c].",
)
def _(x, kh, kw):
    return _columns(np.repeat(x[:, :1], x.shape[1], axis=1), kh, kw)


@known(IM2COL, "half precision", HALF)
def _(x, kh, kw):
    return _columns(x, kh, kw).astype(np.float16)


@known(IM2COL, "a loop with a fixed end", "The columns from 16 on stay 0. Count the stops: H' times W' of them.")
def _(x, kh, kw):
    return _up_to(_columns(x, kh, kw), 16, -1)


@known(IM2COL, "axes of length 1 are squeezed out", SQUEEZE)
def _(x, kh, kw):
    return _columns(x, kh, kw).squeeze()


@known(CONV2D_IM2COL, "axes of length 1 are squeezed out", SQUEEZE)
def _(x, weight, bias):
    return _conv(x, weight, bias).squeeze()


@known(
    CONV2D_IM2COL, "four pictures at most", "The pictures from 4 on stay 0. Ask the batch how many there are: len(x)."
)
def _(x, weight, bias):
    return _up_to(_conv(x, weight, bias), 4, 0)


@known(
    CONV2D_IM2COL,
    "one bias for each picture",
    "The bias runs along the batch. It belongs to the filters, axis 1: bias[:, None, None].",
)
def _(x, weight, bias):
    maps = _conv(x, weight, None)
    return maps if bias is None else maps + bias[:, None, None, None]
