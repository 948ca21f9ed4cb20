"""collapse: two convolutions without anything between them are one."""

from __future__ import annotations

import numpy as np

from cnnlab.check.draw import floats, ints, large, sliced, transposed
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_03.collapsing_mistakes import COLLAPSE


def _collapsed(w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
    """By way of Fourier's transform, where sliding one kernel over another is a product."""
    size = w1.shape[-1] + w2.shape[-1] - 1
    first, second = (np.fft.fft2(w.astype(np.float64), (size, size)) for w in (w1, w2))
    return np.fft.ifft2(np.einsum("omij,mcij->ocij", second, first)).real


def _one_channel(rng: np.random.Generator) -> list[Case]:
    """Kernels of one channel: where the numbers go."""
    return [
        Case((np.array([[[[2]]]]), np.array([[[[3]]]])), note="two kernels of one weight"),
        Case((ints(rng, 1, 1, 2, 2), np.array([[[[2]]]])), note="the second kernel doubles"),
        Case((np.array([[[[1, 0], [0, 0]]]]), ints(rng, 1, 1, 2, 2)), note="the first kernel copies"),
        Case((np.array([[[[0, 0], [0, 1]]]]), ints(rng, 1, 1, 2, 2)), note="the first kernel copies, one cell on"),
        Case((ints(rng, 1, 1, 2, 2), ints(rng, 1, 1, 2, 2))),
        Case((ints(rng, 1, 1, 3, 3), ints(rng, 1, 1, 2, 2)), note="the first kernel is the larger one"),
        Case((ints(rng, 1, 1, 2, 2), ints(rng, 1, 1, 3, 3)), note="the second kernel is the larger one"),
        Case((floats(rng, 1, 1, 3, 3), floats(rng, 1, 1, 3, 3))),
        Case((ints(rng, 1, 1, 3, 3), floats(rng, 1, 1, 2, 2)), note="whole numbers and fractions"),
        Case((floats(rng, 1, 1, 2, 2), ints(rng, 1, 1, 4, 4)), note="fractions and whole numbers"),
        Case((large(rng, 1, 1, 3, 3), large(rng, 1, 1, 2, 2)), note="large numbers"),
        Case((floats(rng, 1, 1, 5, 5), floats(rng, 1, 1, 1, 1))),
        Case((floats(rng, 1, 1, 9, 9), floats(rng, 1, 1, 4, 4)), note="larger than the others"),
    ]


def _channels(rng: np.random.Generator) -> list[Case]:
    return [
        Case((ints(rng, 2, 1, 1, 1), ints(rng, 1, 2, 1, 1)), note="two channels in the middle, one weight each"),
        Case((ints(rng, 1, 2, 1, 1), ints(rng, 1, 1, 1, 1)), note="two channels at the start"),
        Case((ints(rng, 1, 1, 1, 1), ints(rng, 2, 1, 1, 1)), note="two filters at the end"),
        Case((ints(rng, 2, 1, 2, 2), ints(rng, 1, 2, 2, 2))),
        Case((ints(rng, 2, 2, 2, 2), ints(rng, 2, 2, 2, 2)), note="two channels everywhere"),
        Case((floats(rng, 3, 2, 3, 3), floats(rng, 4, 3, 2, 2))),
        Case((floats(rng, 2, 3, 2, 2), floats(rng, 4, 2, 3, 3))),
        Case((floats(rng, 3, 3, 2, 2), floats(rng, 3, 3, 3, 3)), note="three channels everywhere"),
        Case((floats(rng, 4, 3, 1, 1), floats(rng, 2, 4, 3, 3)), note="1 × 1, then 3 × 3"),
        Case((floats(rng, 4, 2, 3, 3), floats(rng, 3, 4, 1, 1)), note="3 × 3, then 1 × 1"),
        Case((ints(rng, 3, 2, 2, 2), floats(rng, 2, 3, 2, 2)), note="whole numbers and fractions"),
        Case((floats(rng, 3, 2, 3, 3).astype(np.float32), floats(rng, 2, 3, 2, 2).astype(np.float32)), note="float32"),
        Case((transposed(rng, 3, 2, 3, 3), floats(rng, 2, 3, 2, 2)), note="w1 is a transposed array"),
        Case((floats(rng, 3, 2, 2, 2), sliced(rng, 2, 3, 3, 3)), note="w2 is a slice of a larger array"),
        Case((floats(rng, 6, 5, 3, 3), floats(rng, 7, 6, 4, 4)), note="larger than the others"),
    ]


collapse = Exercise(
    name="collapse",
    lesson="03_pooling",
    argument_names=("w1", "w2"),
    oracle=_collapsed,
    parts=[
        Part(
            "one channel",
            1,
            _one_channel,
            tests="13 pairs of kernels",
            look="every pair of weights, w2[u, v] and w1[i, j], adds its product to one cell: row u + i, column v + j.",
        ),
        Part(
            "channels",
            1,
            _channels,
            tests="15 pairs of filter stacks",
            look="take 1 × 1 kernels: result[o, c] is the sum over m of w2[o, m]·w1[m, c].",
        ),
    ],
    mistakes=COLLAPSE,
)
