"""max_pool2d, avg_pool2d and global_avg_pool: a window of every map becomes one number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cnnlab.check.draw import floats, ints, large, pixels, sliced, transposed
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_03.avg_pool_mistakes import AVG_POOL2D
from cnnlab.check.lesson_03.global_pool_mistakes import GLOBAL_AVG_POOL
from cnnlab.check.lesson_03.max_pool_mistakes import MAX_POOL2D
from cnnlab.check.lesson_03.max_pool_window_mistakes import MAX_POOL2D_WINDOWS


def _taps(x: np.ndarray, kernel: object, stride: object) -> list[np.ndarray]:
    """Every cell of the window in turn, at all stops at once: kh·kw arrays (N, C, H', W')."""
    kh, kw = np.broadcast_to(kernel, 2)
    sh, sw = np.broadcast_to(kernel if stride is None else stride, 2)
    high, wide = x.shape[2] - kh + 1, x.shape[3] - kw + 1
    return [x[:, :, u : u + high : sh, v : v + wide : sw] for u in range(kh) for v in range(kw)]


def _max(x: np.ndarray, kernel: object, stride: object = None) -> np.ndarray:
    return np.maximum.reduce(_taps(x, kernel, stride))


def _mean(x: np.ndarray, kernel: object, stride: object = None) -> np.ndarray:
    taps = _taps(x.astype(np.float64), kernel, stride)
    return sum(taps) / len(taps)


def _below(array: np.ndarray) -> np.ndarray:
    return -abs(array)


def _windows(rng: np.random.Generator) -> list[Case]:
    """The stride left out: windows side by side."""
    return [
        Case((np.array([[[[1, 3], [4, 2]]]]), 2), note="one window"),
        Case((np.array([[[[0.1, 0.3], [2.8, 0.5]]]]), 2), note="the window of the lesson"),
        Case((_below(ints(rng, 1, 1, 2, 4)), 2), note="all below zero"),
        Case((ints(rng, 1, 1, 4, 6), 2)),
        Case((ints(rng, 1, 1, 5, 7), 2), note="a row and a column are left over"),
        Case((ints(rng, 1, 1, 3, 5), 2, None), note="stride=None, said aloud"),
        Case((ints(rng, 1, 2, 4, 2), 2), note="two channels"),
        Case((floats(rng, 2, 3, 4, 5), 2), note="a batch"),
        Case((floats(rng, 3, 2, 7, 8), 3), note="3 does not divide the sides"),
        Case((_below(floats(rng, 2, 2, 5, 3)), 2), note="all below zero, sides odd"),
        Case((ints(rng, 2, 3, 2, 3), 1), note="windows of one cell"),
        Case((floats(rng, 2, 2, 4, 4), 4), note="the window is the whole map"),
        Case((ints(rng, 2, 1, 6, 4), (3, 2)), note="windows 3 high and 2 wide"),
        Case((floats(rng, 1, 3, 4, 9), (2, 4)), note="windows 2 high and 4 wide, a column is left over"),
        Case((floats(rng, 2, 2, 5, 6), (1, 3)), note="windows of a single row"),
        Case((pixels(rng, 2, 3, 4, 6), 2), note="bytes"),
        Case((floats(rng, 2, 3, 6, 5).astype(np.float32), 2), note="float32"),
        Case((transposed(rng, 2, 3, 5, 4), 2), note="channels last in memory"),
        Case((sliced(rng, 2, 2, 4, 6), (2, 3)), note="a slice of a larger array"),
        Case((_below(large(rng, 2, 2, 4, 5)), 2), note="large numbers, all below zero"),
        Case((-1e12 * abs(floats(rng, 1, 2, 4, 4)), 2), note="far below zero"),
        Case((ints(rng, 2, 3, 4, 5), 2), note="another picture of a size seen before"),
        Case((floats(rng, 5, 4, 3, 2), (2, 1)), note="more pictures than rows"),
        Case((floats(rng, 1, 2, 19, 20), 2), note="larger than the others"),
    ]


def _strides(rng: np.random.Generator) -> list[Case]:
    return [
        Case((ints(rng, 1, 1, 3, 3), 2, 1), note="windows overlap"),
        Case((ints(rng, 1, 1, 5, 5), 3, 2), note="3 wide, 2 on"),
        Case((ints(rng, 1, 1, 4, 6), 2), {"stride": 1}),
        Case((_below(ints(rng, 1, 2, 5, 7)), 3, 2), note="all below zero, windows overlap"),
        Case((ints(rng, 1, 1, 6, 8), 3, 2), note="3 wide, 2 on, something is left over"),
        Case((ints(rng, 1, 1, 7, 8), 2, 3), note="gaps between windows"),
        Case((floats(rng, 2, 3, 6, 5), 2, (2, 1)), note="2 down, 1 across"),
        Case((floats(rng, 2, 3, 5, 7), 2, (1, 2)), note="1 down, 2 across"),
        Case((floats(rng, 2, 2, 8, 7), (3, 2), (1, 2)), note="3 high and 2 wide; 1 down, 2 across"),
        Case((floats(rng, 3, 2, 7, 9), (2, 3), (3, 2))),
        Case((floats(rng, 1, 3, 6, 9), (2, 4)), {"stride": 2}, note="oblong windows, one stride"),
        Case((floats(rng, 3, 2, 6, 7),), {"kernel": 2, "stride": (3, 2)}, note="both by name"),
        Case((floats(rng, 2, 2, 6, 7),), {"kernel": (3, 2)}, note="the kernel by name, no stride"),
        Case((ints(rng, 2, 3, 5, 4), 1, 2), note="every second number"),
        Case((ints(rng, 2, 2, 4, 5), 2, 4), note="stride as large as the map"),
        Case((pixels(rng, 2, 3, 5, 7), 3, 2), note="bytes"),
        Case((floats(rng, 2, 3, 7, 5).astype(np.float32), 3, 2), note="float32"),
        Case((transposed(rng, 2, 3, 5, 6), 2, 1), note="channels last in memory"),
        Case((sliced(rng, 2, 2, 5, 6), 3, (2, 1)), note="a slice of a larger array"),
        Case((_below(large(rng, 2, 3, 5, 6)), 2, (3, 1)), note="large numbers, all below zero"),
        Case((-1e12 * abs(floats(rng, 1, 2, 5, 4)), 3, 1), note="far below zero"),
        Case((ints(rng, 1, 1, 5, 5), 3, 2), note="another picture of a size seen before"),
        Case((floats(rng, 1, 2, 19, 21), 3, 2), note="larger than the others"),
    ]


def _pool(name: str, points: float, oracle: Callable, look: str, mistakes: list) -> Exercise:
    return Exercise(
        name=name,
        lesson="03_pooling",
        argument_names=("x", "kernel", "stride"),
        oracle=oracle,
        parts=[
            Part("windows", points, _windows, tests="24 batches, windows side by side", look=look),
            Part(
                "stride",
                points,
                _strides,
                tests="23 batches, windows that overlap or leave gaps",
                look="the window of output cell (i, j) begins at row i·stride, column j·stride; it is as large as "
                "the kernel, whatever the stride.",
            ),
        ],
        mistakes=mistakes,
    )


max_pool2d = _pool(
    "max_pool2d",
    2,
    _max,
    "mark the windows on the smallest case above with a pencil; each gives its largest number, and nothing else "
    "counts.",
    [*MAX_POOL2D, *MAX_POOL2D_WINDOWS],
)

avg_pool2d = _pool(
    "avg_pool2d",
    1,
    _mean,
    "mark the windows on the smallest case above with a pencil; each gives its mean, the sum over kh·kw numbers.",
    AVG_POOL2D,
)


def _maps(rng: np.random.Generator) -> list[Case]:
    return [
        Case((np.array([[[[1, 2], [3, 4]]]]),), note="one map"),
        Case((np.array([[[[1, 2], [3, 5]], [[0, 0], [0, 1]]]]),), note="two maps, fractions come out"),
        Case((ints(rng, 2, 3, 4, 5),)),
        Case((floats(rng, 3, 2, 1, 4),), note="a single row"),
        Case((floats(rng, 2, 4, 3, 1),), note="a single column"),
        Case((floats(rng, 4, 1, 2, 3),), note="one channel"),
        Case((floats(rng, 1, 5, 3, 2),), note="one picture"),
        Case((ints(rng, 3, 2, 1, 1),), note="maps of one number"),
        Case((floats(rng, 3, 3, 3, 3),), note="every side the same"),
        Case((_below(ints(rng, 2, 2, 3, 4)),), note="all below zero"),
        Case((pixels(rng, 2, 3, 9, 7),), note="bytes, whose sums are far beyond 255"),
        Case((floats(rng, 2, 3, 4, 3).astype(np.float32),), note="float32"),
        Case((transposed(rng, 2, 3, 5, 4),), note="channels last in memory"),
        Case((sliced(rng, 2, 3, 4, 2),), note="a slice of a larger array"),
        Case((large(rng, 2, 3, 4, 5),), note="large numbers"),
        Case((floats(rng, 8, 16, 7, 7),), note="larger than the others"),
    ]


global_avg_pool = Exercise(
    name="global_avg_pool",
    lesson="03_pooling",
    argument_names=("x",),
    oracle=lambda x: np.einsum("nchw->nc", x.astype(np.float64)) / (x.shape[2] * x.shape[3]),
    parts=[
        Part(
            "values",
            1,
            _maps,
            tests="16 batches of maps",
            look="each map, one channel of one picture, gives one number: its mean.",
        )
    ],
    mistakes=GLOBAL_AVG_POOL,
)
