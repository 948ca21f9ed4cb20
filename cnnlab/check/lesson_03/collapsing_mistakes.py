"""collapse: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np

from cnnlab.check.exercise import Mistake, known

COLLAPSE: list[Mistake] = []

FLIP = "Laying kernel upon kernel, indices add: w2[u, v]·w1[i, j] goes to row u + i, column v + j, with no flip."


def _collapse(w1, w2):
    k1, k2 = w1.shape[-1], w2.shape[-1]
    out = np.zeros((len(w2), w1.shape[1], k1 + k2 - 1, k1 + k2 - 1))
    for u, v in np.ndindex(k2, k2):
        out[:, :, u : u + k1, v : v + k1] += np.einsum("om,mcij->ocij", w2[:, :, u, v], w1)
    return out


@known(COLLAPSE, "the second kernel is flipped", "The second kernel went in turned by 180°. " + FLIP)
def _(w1, w2):
    return _collapse(w1, w2[..., ::-1, ::-1])


@known(COLLAPSE, "the first kernel is flipped", "The first kernel went in turned by 180°. " + FLIP)
def _(w1, w2):
    return _collapse(w1[..., ::-1, ::-1], w2)


@known(COLLAPSE, "the result is turned by 180°", "The result is upside down and left to right. " + FLIP)
def _(w1, w2):
    return _collapse(w1, w2)[..., ::-1, ::-1].copy()


@known(
    COLLAPSE,
    "rows and columns swapped",
    "Rows and columns of the result are swapped: u and i count rows, v and j columns.",
)
def _(w1, w2):
    return _collapse(w1, w2).swapaxes(2, 3)


@known(COLLAPSE, "the first kernel is transposed", "The first kernel's rows and columns are swapped.")
def _(w1, w2):
    return _collapse(w1.swapaxes(2, 3), w2)


@known(COLLAPSE, "the second kernel is transposed", "The second kernel's rows and columns are swapped.")
def _(w1, w2):
    return _collapse(w1, w2.swapaxes(2, 3))


@known(
    COLLAPSE,
    "only where the kernels overlap wholly",
    "The smaller kernel stayed inside the larger one. Every pair of weights counts, so the result is larger than both: "
    "k1 + k2 − 1.",
)
def _(w1, w2):
    full, (k1, k2) = _collapse(w1, w2), (w1.shape[-1], w2.shape[-1])
    low, high = min(k1, k2) - 1, max(k1, k2)
    return full[:, :, low:high, low:high].copy()


@known(COLLAPSE, "as large as the first kernel", "The border is cut off. Two kernels see k1 + k2 − 1 pixels together.")
def _(w1, w2):
    full, k1 = _collapse(w1, w2), w1.shape[-1]
    start = (full.shape[-1] - k1) // 2
    return full[:, :, start : start + k1, start : start + k1].copy()


@known(COLLAPSE, "one cell too large", "The result has a row and a column of zeros too many: k1 + k2 − 1, not k1 + k2.")
def _(w1, w2):
    return np.pad(_collapse(w1, w2), ((0, 0), (0, 0), (0, 1), (0, 1)))


@known(
    COLLAPSE,
    "overwritten where products overlap",
    "Several products meet in one cell, and only the last was kept. Add them: +=.",
)
def _(w1, w2):
    k1, k2 = w1.shape[-1], w2.shape[-1]
    out = np.zeros((len(w2), w1.shape[1], k1 + k2 - 1, k1 + k2 - 1))
    for u, v in np.ndindex(k2, k2):
        out[:, :, u : u + k1, v : v + k1] = np.einsum("om,mcij->ocij", w2[:, :, u, v], w1)
    return out


@known(
    COLLAPSE,
    "the kernels added",
    "The kernels were added. One after the other means products: every weight of one with every weight of the other.",
)
def _(w1, w2):
    k1, k2 = w1.shape[-1], w2.shape[-1]
    out = np.zeros((len(w2), w1.shape[1], k1 + k2 - 1, k1 + k2 - 1))
    out[:, :, :k1, :k1] += w1.sum(axis=0)
    out[:, :, :k2, :k2] += w2.sum(axis=1, keepdims=True)
    return out


@known(
    COLLAPSE,
    "the middle channel 0 only",
    "Only the first channel in the middle takes part. Every one of them adds its share: sum over m.",
)
def _(w1, w2):
    return _collapse(w1[:1], w2[:, :1])


@known(
    COLLAPSE,
    "the last middle channel only",
    "Each channel in the middle overwrote the one before. Add their shares: sum over m.",
)
def _(w1, w2):
    return _collapse(w1[-1:], w2[:, -1:])


@known(COLLAPSE, "the mean over the middle", "The shares of the channels in the middle were averaged. They are added.")
def _(w1, w2):
    return _collapse(w1, w2) / len(w1)


@known(COLLAPSE, "in and out swapped", "The result is (C0, C2, …). Filters come first: (C2, C0, …).")
def _(w1, w2):
    return _collapse(w1, w2).swapaxes(0, 1)


@known(
    COLLAPSE,
    "the wrong order of layers",
    "You let w2 work first. w1 comes first, so the middle is w1's first axis and w2's second.",
)
def _(w1, w2):
    return _collapse(w2, w1)


@known(
    COLLAPSE,
    "the first axis of both",
    "Both kernels were joined along their first axis. The middle is w1's axis 0 and w2's axis 1.",
)
def _(w1, w2):
    return _collapse(w1, w2.swapaxes(0, 1))


@known(
    COLLAPSE,
    "every channel with every channel",
    "All of w1's channels were added up before. Keep them apart: channel m of w1 belongs to w2[:, m] alone.",
)
def _(w1, w2):
    return _collapse(np.broadcast_to(w1.sum(axis=0, keepdims=True), w1.shape), w2)


@known(COLLAPSE, "input channels added up", "The input's channels were added up. Each keeps a slice of its own.")
def _(w1, w2):
    return _collapse(w1, w2).sum(axis=1, keepdims=True)


@known(COLLAPSE, "the first filter for all", "Every filter of the result is the first one. Filter o comes from w2[o].")
def _(w1, w2):
    return np.repeat(_collapse(w1, w2[:1]), len(w2), axis=0)


@known(
    COLLAPSE,
    "one channel only",
    "It works for one channel. With several, sum over the channels in the middle, for each pair (o, c).",
)
def _(w1, w2):
    return _collapse(w1[:1, :1], w2[:1, :1])


@known(
    COLLAPSE, "cut to whole numbers", "The fractions are gone. Make the result with np.zeros(...), which holds them."
)
def _(w1, w2):
    return _collapse(w1, w2).astype(w1.dtype)


@known(COLLAPSE, "half precision", "float16 keeps about three digits. Leave the kind of numbers to NumPy.")
def _(w1, w2):
    with np.errstate(over="ignore"):
        return _collapse(w1, w2).astype(np.float16)


@known(
    COLLAPSE,
    "wraps round",
    "What leaves at the bottom or the right comes in again at the other side. The result has room for all: k1 + "
    "k2 − 1.",
)
def _(w1, w2):
    full, k = _collapse(w1, w2), max(w1.shape[-1], w2.shape[-1])
    out = np.zeros(full.shape)
    for i, j in np.ndindex(full.shape[2:]):
        out[:, :, i % k, j % k] += full[:, :, i, j]
    return out


@known(COLLAPSE, "the sign is changed", "Every number has the wrong sign: somewhere a minus is too many.")
def _(w1, w2):
    return -_collapse(w1, w2)
