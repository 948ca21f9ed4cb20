"""conv2d_backward: more that goes wrong, in its results as a whole. Wrong on purpose."""

from __future__ import annotations

import numpy as np

from cnnlab.check.exercise import Mistake, known

CONV_RARE: list[Mistake] = []


def _pair(value):
    return (value, value) if np.ndim(value) == 0 else tuple(value)


def _all(dout, x, weight, stride=1, padding=0):
    (sh, sw), (ph, pw), (kh, kw) = _pair(stride), _pair(padding), weight.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    full, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    for i, j in np.ndindex(*dout.shape[2:]):
        there = np.s_[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
        full[there] += np.tensordot(dout[:, :, i, j], weight, axes=1)
        dweight += np.tensordot(dout[:, :, i, j], padded[there], axes=(0, 0))
    return full[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]], dweight, dout.sum(axis=(0, 2, 3))


@known(
    CONV_RARE,
    "the results in another order",
    "The three gradients come in the order dx, dweight, dbias: the order of the forward pass's arguments.",
)
def _(dout, x, weight, stride=1, padding=0):
    return _all(dout, x, weight, stride, padding)[::-1]


@known(
    CONV_RARE,
    "dweight before dx",
    "The first result is dx (x's shape), the second dweight (weight's shape); yours come the other way round.",
)
def _(dout, x, weight, stride=1, padding=0):
    dx, dweight, dbias = _all(dout, x, weight, stride, padding)
    return dweight, dx, dbias


@known(
    CONV_RARE, "the sign is changed", "Every gradient has the wrong sign. The minus belongs to the update, not here."
)
def _(dout, x, weight, stride=1, padding=0):
    return tuple(-one for one in _all(dout, x, weight, stride, padding))


@known(
    CONV_RARE,
    "cut to whole numbers",
    "The fractions are gone: np.zeros_like(x) of whole numbers can hold none. Begin with np.zeros(x.shape).",
)
def _(dout, x, weight, stride=1, padding=0):
    dx, dweight, dbias = _all(dout, x, weight, stride, padding)
    return dx.astype(x.dtype), dweight.astype(weight.dtype), dbias


@known(
    CONV_RARE,
    "dout is cut at 0",
    "Negative values of dout were taken as 0. That is ReLU's business; the convolution passes every value on.",
)
def _(dout, x, weight, stride=1, padding=0):
    return _all(np.maximum(dout, 0), x, weight, stride, padding)


@known(CONV_RARE, "only the first image", "Only the first image is looked at. Every image of the batch has its say.")
def _(dout, x, weight, stride=1, padding=0):
    rest = dout.copy()
    rest[1:] = 0
    return _all(rest, x, weight, stride, padding)


@known(
    CONV_RARE,
    "the last row and column of stops are left out",
    "A loop ends one stop early. dout itself says how many stops there are: dout.shape[2] by dout.shape[3].",
)
def _(dout, x, weight, stride=1, padding=0):
    fewer = dout.copy()
    fewer[:, :, -1] = 0
    fewer[:, :, :, -1] = 0
    dx, dweight, _ = _all(fewer, x, weight, stride, padding)
    return dx, dweight, dout.sum(axis=(0, 2, 3))


@known(
    CONV_RARE,
    "as if maps were square",
    "The number of rows of dout is used for its columns as well. Take both from dout.shape[2:].",
)
def _(dout, x, weight, stride=1, padding=0):
    fewer = dout.copy()
    fewer[:, :, :, dout.shape[2] :] = 0
    dx, dweight, _ = _all(fewer, x, weight, stride, padding)
    return dx, dweight, dout.sum(axis=(0, 2, 3))


@known(
    CONV_RARE,
    "as if the kernel were square",
    "The kernel's height is used for its width as well. Take both from weight.shape[2:].",
)
def _(dout, x, weight, stride=1, padding=0):
    k, (sh, sw), (ph, pw) = weight.shape[2], _pair(stride), _pair(padding)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    full, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    for i, j in np.ndindex(*dout.shape[2:]):
        there = np.s_[:, :, i * sh : i * sh + k, j * sw : j * sw + k]
        full[there] += np.tensordot(dout[:, :, i, j], weight, axes=1)
        dweight += np.tensordot(dout[:, :, i, j], padded[there], axes=(0, 0))
    return full[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]], dweight, dout.sum(axis=(0, 2, 3))


@known(
    CONV_RARE,
    "writes the padding's zeros into x",
    "x itself was changed: dx was gathered in x's own array. Make a new one with np.zeros(...).",
)
def _(dout, x, weight, stride=1, padding=0):
    found = _all(dout, x, weight, stride, padding)
    x[:] = found[0]
    return found


@known(
    CONV_RARE,
    "weights by reshape",
    "weight's axes were put in another order with reshape, which only lays the same numbers out again. "
    "To swap filters and channels use weight.transpose(1, 0, 2, 3).",
)
def _(dout, x, weight, stride=1, padding=0):
    filters, channels, kh, kw = weight.shape
    wrong = weight.reshape(channels, filters, kh, kw).transpose(1, 0, 2, 3)
    dx = _all(dout, x, wrong, stride, padding)[0]
    return dx, *_all(dout, x, weight, stride, padding)[1:]


@known(
    CONV_RARE,
    "half precision",
    "float16 keeps about three digits. Make the gradients with np.zeros(...), which is float64.",
)
def _(dout, x, weight, stride=1, padding=0):
    with np.errstate(over="ignore"):
        return tuple(one.astype(np.float16) for one in _all(dout, x, weight, stride, padding))


@known(
    CONV_RARE,
    "everything divided by N",
    "All gradients are too small by the batch size. The mean loss divides by N once, and dout holds that already.",
)
def _(dout, x, weight, stride=1, padding=0):
    return tuple(one / len(x) for one in _all(dout, x, weight, stride, padding))


@known(CONV_RARE, "all gradients are 0", "Every gradient is 0: the arrays were made, and never filled.")
def _(dout, x, weight, stride=1, padding=0):
    return np.zeros(x.shape), np.zeros(weight.shape), np.zeros(len(weight))
