"""collapse: two convolutions without anything between them are one."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints, large, single, sliced, small, transposed, with_zeros
from cnnlab.check.exercise import Exercise

FLIP = "Laying kernel upon kernel, indices add: w2[u, v]·w1[i, j] goes to row u + i, column v + j, with no flip."


def collapsed(w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
    """The one kernel (C2, C0, k1 + k2 − 1, k1 + k2 − 1) that does what w1 (C1, C0, k1, k1) and then w2 (C2, C1, k2, k2)
    do: every weight of w2 lays down a copy of w1. In int64 for whole numbers and else in float64. Raises ValueError
    where the channels do not fit."""
    kind = np.int64 if w1.dtype.kind in "iu" and w2.dtype.kind in "iu" else np.float64
    (k1, j1), (k2, j2) = w1.shape[2:], w2.shape[2:]
    out = np.zeros((len(w2), w1.shape[1], k1 + k2 - 1, j1 + j2 - 1), kind)
    for u, v in np.ndindex(k2, j2):
        out[:, :, u : u + k1, v : v + j1] += np.einsum("om,mcij->ocij", w2[:, :, u, v], w1, dtype=kind)
    return out


def _one_channel(rng: np.random.Generator) -> list[Case]:
    sizes = [(ints, 2, ints, 2), (ints, 3, ints, 2), (ints, 2, ints, 3), (ints, 3, floats, 2), (floats, 2, ints, 4)]
    sizes += [(large, 3, large, 2), (with_zeros, 3, with_zeros, 3), (floats, 9, floats, 4)]
    return [
        Case((np.array([[[[1, 0], [0, 0]]]]), small(rng, 1, 1, 2, 2)), note="the first kernel copies"),
        Case((np.array([[[[2]]]]), np.array([[[[3]]]])), note="two kernels of one weight"),
        Case((small(rng, 1, 1, 2, 2), np.array([[[[2]]]])), note="the second kernel doubles"),
        Case((np.array([[[[0, 0], [0, 1]]]]), small(rng, 1, 1, 2, 2)), note="the first kernel copies, one cell on"),
        *(Case((of(rng, 1, 1, k, k), other(rng, 1, 1, j, j)), note="k1 < k2" * (k < j)) for of, k, other, j in sizes),
        Case((ints(rng, 1, 1, 3, 3), ints(rng, 1, 1, 2, 2)), note="other kernels of a size seen before"),
    ]


def _channels(rng: np.random.Generator) -> list[Case]:
    def stacks(c2, c1, c0, k1, k2, draw=floats, other=None, note=""):
        return Case((draw(rng, c1, c0, k1, k1), (other or draw)(rng, c2, c1, k2, k2)), note=note)

    sizes = (4, 3, 2, 3, 2), (4, 2, 3, 2, 3), (3, 3, 3, 2, 3), (2, 4, 3, 1, 3), (3, 4, 2, 3, 1), (11, 2, 2, 2, 2)
    return [
        stacks(1, 2, 1, 1, 1, small, note="two channels in the middle, one weight each"),
        stacks(1, 1, 2, 1, 1, small, note="two channels at the start"),
        stacks(2, 1, 1, 1, 1, small, note="two filters at the end"),
        *(stacks(1, 2, 1, 2, 2, ints), stacks(2, 2, 2, 2, 2, ints), *(stacks(*size) for size in sizes)),
        stacks(2, 3, 2, 2, 2, ints, floats, "whole numbers and fractions"),
        stacks(2, 3, 2, 2, 3, floats, ints, "fractions and whole numbers"),
        stacks(2, 3, 2, 3, 2, single, note="float32"),
        stacks(2, 3, 2, 3, 2, transposed, floats, "w1 is a transposed array"),
        stacks(2, 3, 2, 2, 3, floats, sliced, "w2 is a slice of a larger array"),
        stacks(7, 6, 5, 3, 4, note="larger than the others"),
    ]


def _middle(a, low: int, high: int) -> np.ndarray:
    return a.right()[:, :, low:high, low:high]


def _overwritten(a) -> np.ndarray:
    out, k1 = a.right(), a.w1.shape[-1]
    for u, v in np.ndindex(a.w2.shape[2:]):
        out[:, :, u : u + k1, v : v + k1] = a.right(w2=a.w2[:, :, u : u + 1, v : v + 1])
    return out


def _kernels_added(a) -> np.ndarray:
    out, (k1, k2) = 0 * a.right(), (a.w1.shape[-1], a.w2.shape[-1])
    out[:, :, :k2, :k2] = a.w2.sum(axis=1, keepdims=True)
    out[:, :, :k1, :k1] += a.w1.sum(axis=0)
    return out


def _wrapped_round(a) -> np.ndarray:
    full, k = a.right(), max(a.w1.shape[-1], a.w2.shape[-1])
    out = np.zeros_like(full)
    for i, j in np.ndindex(full.shape[2:]):
        out[:, :, i % k, j % k] += full[:, :, i, j]
    return out


# fmt: off
WRONG = [
    ("the second kernel is flipped", "The second kernel went in turned by 180°. " + FLIP,
     lambda a: a.right(w2=a.w2[..., ::-1, ::-1])),
    ("the first kernel is flipped", "The first kernel went in turned by 180°. " + FLIP,
     lambda a: a.right(w1=a.w1[..., ::-1, ::-1])),
    ("the result is turned by 180°", "The result is upside down and mirrored. " + FLIP,
     lambda a: a.right()[..., ::-1, ::-1]),
    ("rows and columns swapped", "Rows and columns of the result are swapped: u and i count rows, v and j columns.",
     lambda a: a.right().swapaxes(2, 3)),
    ("the first kernel is transposed", "The first kernel's rows and columns are swapped.",
     lambda a: a.right(w1=a.w1.swapaxes(2, 3))),
    ("the second kernel is transposed", "The second kernel's rows and columns are swapped.",
     lambda a: a.right(w2=a.w2.swapaxes(2, 3))),
    ("only where the kernels overlap wholly",
     "The smaller kernel stayed inside the larger one. Every pair of weights counts, so the result is larger than "
     "both: k1 + k2 − 1.", lambda a: _middle(a, min(len(a.w1.T), len(a.w2.T)) - 1, max(len(a.w1.T), len(a.w2.T)))),
    ("as large as the first kernel", "The border is cut off. Two kernels see k1 + k2 − 1 pixels together.",
     lambda a: _middle(a, (len(a.w2.T) - 1) // 2, (len(a.w2.T) - 1) // 2 + len(a.w1.T))),
    ("one cell too large", "The result has a row and a column of zeros too many: k1 + k2 − 1, not k1 + k2.",
     lambda a: np.pad(a.right(), ((0, 0), (0, 0), (0, 1), (0, 1)))),
    ("overwritten where products overlap",
     "Several products meet in one cell, and only the last was kept. Add them: +=.", _overwritten),
    ("the kernels added", "The kernels were added. One after the other means products: every weight of one with every "
     "weight of the other.", _kernels_added),
    ("the weights added in pairs", "Every pair of weights adds its *product* w2[u, v]·w1[i, j], and yours its sum.",
     lambda a: a.right(w1=np.ones_like(a.w1)) + a.right(w2=np.ones_like(a.w2))),
    ("the middle channel 0 only", "Only the first channel in the middle takes part. Every one of them adds its share: "
     "sum over m.", lambda a: a.right(w1=a.w1[:1], w2=a.w2[:, :1])),
    ("the last middle channel only", "Each channel in the middle overwrote the one before. Add their shares: sum over "
     "m.", lambda a: a.right(w1=a.w1[-1:], w2=a.w2[:, -1:])),
    ("the mean over the middle", "The shares of the channels in the middle were averaged. They are added.",
     lambda a: a.right() / len(a.w1)),
    ("in and out swapped", "The result is (C0, C2, …). Filters come first: (C2, C0, …).",
     lambda a: a.right().swapaxes(0, 1)),
    ("the wrong order of layers", "You let w2 work first. w1 comes first, so the middle is w1's first axis and w2's "
     "second.", lambda a: a.right(w1=a.w2, w2=a.w1)),
    ("the first axis of both", "Both kernels were joined along their first axis. The middle is w1's axis 0 and w2's "
     "axis 1.", lambda a: a.right(w2=a.w2.swapaxes(0, 1))),
    ("every channel with every channel", "All of w1's channels were added up before. Keep them apart: channel m of w1 "
     "belongs to w2[:, m] alone.", lambda a: a.right(w1=a.w1.sum(axis=0, keepdims=True) + 0 * a.w1)),
    ("input channels added up", "The input's channels were added up. Each keeps a slice of its own.",
     lambda a: a.right(w1=a.w1.sum(axis=1, keepdims=True))),
    ("the first filter for all", "Every filter of the result is the first one. Filter o comes from w2[o].",
     lambda a: a.right(w2=a.w2[[0] * len(a.w2)])),
    ("one channel only", "It works for one channel. With several, sum over the channels in the middle, for each pair "
     "(o, c).", lambda a: a.right(w1=a.w1[:1, :1], w2=a.w2[:1, :1])),
    ("cut to whole numbers", "The fractions are gone. Make the result with np.zeros(...), which holds them.",
     lambda a: a.right().astype(a.w1.dtype)),
    ("half precision", "float16 keeps about three digits. Leave the kind of numbers to NumPy.",
     lambda a: a.right().astype(np.float16)),
    ("wraps round", "What leaves at the bottom or the right comes in again at the other side. The result has room for "
     "all: k1 + k2 − 1.", _wrapped_round),
    ("the sign is changed", "Every number has the wrong sign: somewhere a minus is too many.", lambda a: -a.right()),
]
# fmt: on
ONE = "every pair of weights, w2[u, v] and w1[i, j], adds its product to one cell: row u + i, column v + j."
MANY = "take 1 × 1 kernels: result[o, c] is the sum over m of w2[o, m]·w1[m, c]."
PARTS = [
    Part("one channel", 1, _one_channel, tests="pairs of kernels", look=ONE),
    Part("channels", 1, _channels, tests="pairs of filter stacks", look=MANY),
]
AXES = {"w1": "middle-channel input-channel row column", "w2": "filter middle-channel row column"}
AXES[""] = "filter input-channel row column"
EXERCISE = Exercise("collapse", "03_pooling", PARTS, WRONG, collapsed, axes=AXES)
