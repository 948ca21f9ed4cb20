"""The poolings' gradients: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np

from cnnlab.check.exercise import Mistake, known

MAX_POOL: list[Mistake] = []
AVG_POOL: list[Mistake] = []


def _pair(value):
    return (value, value) if np.ndim(value) == 0 else tuple(value)


def _walk(dout, kernel, stride):
    (kh, kw), (sh, sw) = _pair(kernel), _pair(kernel if stride is None else stride)
    for n, c, i, j in np.ndindex(*dout.shape):
        yield dout[n, c, i, j], np.s_[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw]


def _max(dout, x, kernel, stride=None, first=None):
    dx = np.zeros(x.shape)
    for d, there in _walk(dout, kernel, stride):
        patch = x[there]
        at = patch.argmax() if first is None else first(patch)
        dx[there][np.unravel_index(at, patch.shape)] += d
    return dx


def _avg(dout, x, kernel, stride=None):
    dx = np.zeros(x.shape)
    for d, there in _walk(dout, kernel, stride):
        dx[there] += d / dx[there].size
    return dx


@known(
    MAX_POOL,
    "ties to all winners",
    "Where several pixels share the maximum, each of them got the whole gradient, so there is more of it than came in. "
    "`patch == patch.max()` is True for all of them. The rule here: the first one, row by row, gets it (argmax).",
)
def _(dout, x, kernel, stride=None):
    dx = np.zeros(x.shape)
    for d, there in _walk(dout, kernel, stride):
        dx[there] += d * (x[there] == x[there].max())
    return dx


@known(
    MAX_POOL,
    "ties are shared",
    "Where several pixels share the maximum, yours divides the gradient among them. That is a fair rule, but not the "
    "one used here: the first one, row by row, gets all.",
)
def _(dout, x, kernel, stride=None):
    dx = np.zeros(x.shape)
    for d, there in _walk(dout, kernel, stride):
        top = x[there] == x[there].max()
        dx[there] += d * top / top.sum()
    return dx


@known(
    MAX_POOL,
    "ties to the last winner",
    "Where several pixels share the maximum, the last one got the gradient: a comparison with >= lets later ones win. "
    "Take >, or argmax: the first one wins.",
)
def _(dout, x, kernel, stride=None):
    return _max(dout, x, kernel, stride, lambda patch: patch.size - 1 - int(patch[::-1, ::-1].argmax()))


@known(
    MAX_POOL,
    "ties column by column",
    "Where several pixels share the maximum, the first one *down the columns* got the gradient. Go row by row.",
)
def _(dout, x, kernel, stride=None):
    def first(patch):
        j, i = np.unravel_index(patch.T.argmax(), patch.T.shape)
        return i * patch.shape[1] + j

    return _max(dout, x, kernel, stride, first)


@known(
    MAX_POOL,
    "overwrites where windows overlap",
    "A pixel that won in several windows keeps only the last one's gradient: it was assigned with =. Add with +=.",
)
def _(dout, x, kernel, stride=None):
    dx = np.zeros(x.shape)
    for d, there in _walk(dout, kernel, stride):
        dx[there][np.unravel_index(x[there].argmax(), x[there].shape)] = d
    return dx


@known(
    MAX_POOL,
    "wipes the window first",
    "Each window sets its whole patch of dx anew, losers to 0, and wipes out what earlier windows left there. "
    "Write to the winner alone, with +=.",
)
def _(dout, x, kernel, stride=None):
    dx = np.zeros(x.shape)
    for d, there in _walk(dout, kernel, stride):
        dx[there] = 0
        dx[there][np.unravel_index(x[there].argmax(), x[there].shape)] = d
    return dx


@known(
    MAX_POOL,
    "the stride is ignored",
    "The windows are taken side by side, whatever the stride. Window (i, j) begins at (i·sh, j·sw).",
)
def _(dout, x, kernel, stride=None):
    dx = np.zeros(x.shape)
    for d, there in _walk(dout, kernel, kernel):
        if x[there].size:
            dx[there][np.unravel_index(x[there].argmax(), x[there].shape)] += d
    return dx


@known(
    MAX_POOL,
    "the stride is 1 where it is left out",
    "stride=None stands for the kernel's own size: window beside window. Yours takes 1.",
)
def _(dout, x, kernel, stride=None):
    return _max(dout, x, kernel, 1 if stride is None else stride)


@known(MAX_POOL, "the stride's height and width are swapped", "A pair of strides is (height, width): rows first.")
def _(dout, x, kernel, stride=None):
    steps = _pair(kernel if stride is None else stride)[::-1]
    dx = np.zeros(x.shape)
    for d, there in _walk(dout, kernel, steps):
        if x[there].size:
            dx[there][np.unravel_index(x[there].argmax(), x[there].shape)] += d
    return dx


@known(MAX_POOL, "the kernel's height and width are swapped", "A pair of kernel sizes is (height, width): rows first.")
def _(dout, x, kernel, stride=None):
    dx = np.zeros(x.shape)
    for d, there in _walk(dout, _pair(kernel)[::-1], kernel if stride is None else stride):
        if x[there].size:
            dx[there][np.unravel_index(x[there].argmax(), x[there].shape)] += d
    return dx


@known(
    MAX_POOL,
    "the gradient is spread evenly",
    "Every pixel of the window got a share. That is average pooling's gradient; here the winner takes all.",
)
def _(dout, x, kernel, stride=None):
    return _avg(dout, x, kernel, stride)


@known(
    MAX_POOL,
    "every pixel gets the gradient",
    "Every pixel of a window got its whole gradient. Only the winner's value reached the output: only it is to blame.",
)
def _(dout, x, kernel, stride=None):
    dx = np.zeros(x.shape)
    for d, there in _walk(dout, kernel, stride):
        dx[there] += d
    return dx


@known(
    MAX_POOL,
    "x at the winner, without dout",
    "The winner's own value stands where its gradient should: put dout there, not x.",
)
def _(dout, x, kernel, stride=None):
    dx = np.zeros(x.shape)
    for _, there in _walk(dout, kernel, stride):
        at = np.unravel_index(x[there].argmax(), x[there].shape)
        dx[there][at] += x[there][at]
    return dx


@known(
    MAX_POOL,
    "a mask of ones",
    "There is a 1 at every winner: that says *where* the gradient goes. Multiply it with the window's dout.",
)
def _(dout, x, kernel, stride=None):
    return _max(np.ones(dout.shape), x, kernel, stride)


@known(
    MAX_POOL,
    "the gradient times the maximum",
    "dout was multiplied with the maximum. The winner was passed on as it is, slope 1: its gradient is dout itself.",
)
def _(dout, x, kernel, stride=None):
    dx = np.zeros(x.shape)
    for d, there in _walk(dout, kernel, stride):
        dx[there][np.unravel_index(x[there].argmax(), x[there].shape)] += d * x[there].max()
    return dx


@known(
    MAX_POOL, "the smallest value wins", "The gradient went to the smallest pixel of each window: argmin for argmax."
)
def _(dout, x, kernel, stride=None):
    return _max(dout, x, kernel, stride, lambda patch: patch.argmin())


@known(
    MAX_POOL,
    "the largest size wins, whatever its sign",
    "The winner was found among the absolute values. −9 loses against 1: leave abs out.",
)
def _(dout, x, kernel, stride=None):
    return _max(dout, x, kernel, stride, lambda patch: np.abs(patch).argmax())


@known(
    MAX_POOL,
    "zeros beat negative maxima",
    "A window whose pixels are all below 0 got no gradient. The search for the maximum began with 0: begin with the "
    "window's first pixel, or −inf.",
)
def _(dout, x, kernel, stride=None):
    dx = np.zeros(x.shape)
    for d, there in _walk(dout, kernel, stride):
        if x[there].max() > 0:
            dx[there][np.unravel_index(x[there].argmax(), x[there].shape)] += d
    return dx


@known(
    MAX_POOL,
    "a winner among all channels",
    "One winner was chosen among all channels. Each channel is pooled on its own, forwards and backwards.",
)
def _(dout, x, kernel, stride=None):
    dx, (kh, kw), (sh, sw) = np.zeros(x.shape), _pair(kernel), _pair(kernel if stride is None else stride)
    for n, i, j in np.ndindex(len(x), *dout.shape[2:]):
        there = np.s_[n, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
        dx[there][np.unravel_index(x[there].argmax(), x[there].shape)] += dout[n, :, i, j].sum()
    return dx


@known(MAX_POOL, "only the first image", "Only the first image has a gradient. Loop over the batch as well.")
def _(dout, x, kernel, stride=None):
    rest = dout.copy()
    rest[1:] = 0
    return _max(rest, x, kernel, stride)


@known(MAX_POOL, "only the first channel", "Only channel 0 has a gradient. Loop over the channels as well.")
def _(dout, x, kernel, stride=None):
    rest = dout.copy()
    rest[:, 1:] = 0
    return _max(rest, x, kernel, stride)


@known(
    MAX_POOL,
    "dx ends where the last window ends",
    "The last rows or columns of x, which no window reaches, are missing. dx always has x's shape; 0 stands there.",
)
def _(dout, x, kernel, stride=None):
    (kh, kw), (sh, sw) = _pair(kernel), _pair(kernel if stride is None else stride)
    return _max(dout, x, kernel, stride)[:, :, : sh * (dout.shape[2] - 1) + kh, : sw * (dout.shape[3] - 1) + kw]


@known(
    MAX_POOL,
    "cut to whole numbers",
    "The fractions are gone: np.zeros_like(x) of whole numbers can hold none. Begin with np.zeros(x.shape).",
)
def _(dout, x, kernel, stride=None):
    return _max(dout, x, kernel, stride).astype(x.dtype)


@known(
    MAX_POOL,
    "the winner's place in the window, not in the picture",
    "argmax tells the winner's place inside its window. In the picture it is (i·sh, j·sw) further.",
)
def _(dout, x, kernel, stride=None):
    dx = np.zeros(x.shape)
    for d, there in _walk(dout, kernel, stride):
        dx[there[0], there[1]][np.unravel_index(x[there].argmax(), x[there].shape)] += d
    return dx


@known(
    AVG_POOL,
    "not divided by the window's size",
    "Every pixel got its window's whole dout. The output was a mean, so each pixel's slope is 1 / (kh·kw).",
)
def _(dout, x, kernel, stride=None):
    kh, kw = _pair(kernel)
    return _avg(dout, x, kernel, stride) * kh * kw


@known(AVG_POOL, "divided by the height only", "The share is dout / (kh·kw); yours divides by one side of the window.")
def _(dout, x, kernel, stride=None):
    return _avg(dout, x, kernel, stride) * _pair(kernel)[1]


@known(AVG_POOL, "divided by the square of the width", "The share is dout / (kh·kw); the window need not be square.")
def _(dout, x, kernel, stride=None):
    kh, kw = _pair(kernel)
    return _avg(dout, x, kernel, stride) * kh / kw


@known(
    AVG_POOL,
    "divided by the square of the height",
    "The share is dout / (kh·kw); yours takes the window's height for both of its sides.",
)
def _(dout, x, kernel, stride=None):
    kh, kw = _pair(kernel)
    return _avg(dout, x, kernel, stride) * kw / kh


@known(AVG_POOL, "divided twice", "The gradient was divided by the window's size twice. Once is right.")
def _(dout, x, kernel, stride=None):
    kh, kw = _pair(kernel)
    return _avg(dout, x, kernel, stride) / (kh * kw)


@known(
    AVG_POOL,
    "overwrites where windows overlap",
    "A pixel in several windows keeps only the last one's share: it was assigned with =. Add with +=.",
)
def _(dout, x, kernel, stride=None):
    dx = np.zeros(x.shape)
    for d, there in _walk(dout, kernel, stride):
        dx[there] = d / dx[there].size
    return dx


@known(
    AVG_POOL,
    "the winner takes all",
    "The gradient went to the largest pixel. That is max pooling's; a mean owes the same to all of its pixels.",
)
def _(dout, x, kernel, stride=None):
    return _max(dout, x, kernel, stride)


@known(
    AVG_POOL,
    "the stride is ignored",
    "The windows are taken side by side, whatever the stride. Window (i, j) begins at (i·sh, j·sw).",
)
def _(dout, x, kernel, stride=None):
    dx, (kh, kw) = np.zeros(x.shape), _pair(kernel)
    for d, there in _walk(dout, kernel, kernel):
        dx[there] += d / (kh * kw)
    return dx


@known(
    AVG_POOL,
    "the stride is 1 where it is left out",
    "stride=None stands for the kernel's own size: window beside window. Yours takes 1.",
)
def _(dout, x, kernel, stride=None):
    return _avg(dout, x, kernel, 1 if stride is None else stride)


@known(AVG_POOL, "the stride's height and width are swapped", "A pair of strides is (height, width): rows first.")
def _(dout, x, kernel, stride=None):
    dx, (kh, kw) = np.zeros(x.shape), _pair(kernel)
    for d, there in _walk(dout, kernel, _pair(kernel if stride is None else stride)[::-1]):
        dx[there] += d / (kh * kw)
    return dx


@known(AVG_POOL, "the kernel's height and width are swapped", "A pair of kernel sizes is (height, width): rows first.")
def _(dout, x, kernel, stride=None):
    dx, (kh, kw) = np.zeros(x.shape), _pair(kernel)
    for d, there in _walk(dout, (kw, kh), kernel if stride is None else stride):
        dx[there] += d / (kh * kw)
    return dx


@known(
    AVG_POOL,
    "divided by the number of windows over the pixel",
    "A pixel in several windows got the mean of their shares. It had its part in each of them: add them up.",
)
def _(dout, x, kernel, stride=None):
    counts = np.zeros(x.shape)
    for _, there in _walk(dout, kernel, stride):
        counts[there] += 1
    return _avg(dout, x, kernel, stride) / np.maximum(counts, 1)


@known(AVG_POOL, "times x", "dout was multiplied with x. A mean's slope is 1 / (kh·kw), whatever x is.")
def _(dout, x, kernel, stride=None):
    return _avg(dout, x, kernel, stride) * x


@known(
    AVG_POOL,
    "dx ends where the last window ends",
    "The last rows or columns of x, which no window reaches, are missing. dx always has x's shape; 0 stands there.",
)
def _(dout, x, kernel, stride=None):
    (kh, kw), (sh, sw) = _pair(kernel), _pair(kernel if stride is None else stride)
    return _avg(dout, x, kernel, stride)[:, :, : sh * (dout.shape[2] - 1) + kh, : sw * (dout.shape[3] - 1) + kw]


@known(
    AVG_POOL,
    "cut to whole numbers",
    "The fractions are gone: np.zeros_like(x) of whole numbers can hold none. Begin with np.zeros(x.shape).",
)
def _(dout, x, kernel, stride=None):
    return _avg(dout, x, kernel, stride).astype(x.dtype)


@known(AVG_POOL, "divided with //", "The share was rounded down: // for /.")
def _(dout, x, kernel, stride=None):
    dx, (kh, kw) = np.zeros(x.shape), _pair(kernel)
    for d, there in _walk(dout, kernel, stride):
        dx[there] += d // (kh * kw)
    return dx


@known(AVG_POOL, "only the first image", "Only the first image has a gradient. Every image of the batch has its own.")
def _(dout, x, kernel, stride=None):
    rest = dout.copy()
    rest[1:] = 0
    return _avg(rest, x, kernel, stride)
