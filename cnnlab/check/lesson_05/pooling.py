"""max_pool2d_backward and avg_pool2d_backward."""

from __future__ import annotations

import numpy as np

from cnnlab.check.draw import floats, ints, large, sliced, transposed
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_05 import gradients
from cnnlab.check.lesson_05.clues_pooling import where_avg_pool, where_max_pool
from cnnlab.check.lesson_05.gradients import pair
from cnnlab.check.lesson_05.pooling_mistakes import AVG_POOL, MAX_POOL


def _pooled(rng, draw, shape, kernel, stride=None, *, name=True, x=None, dout=floats, note=""):
    """A case: x of `shape`, a dout of the size that pooling gives; the stride by name, by position, or left out."""
    steps = pair(kernel if stride is None else stride)
    out = [(side - k) // s + 1 for side, k, s in zip(shape[2:], pair(kernel), steps, strict=True)]
    x = draw(rng, *shape) if x is None else x
    args = (dout(rng, *shape[:2], *out), x, kernel)
    if stride is None:
        return Case(args, note=note)
    return Case(args, {"stride": stride}, note) if name else Case((*args, stride), note=note)


def _windows(rng: np.random.Generator) -> list[Case]:
    def single(rng, *shape):
        return floats(rng, *shape).astype(np.float32)

    return [
        _pooled(rng, ints, (1, 1, 2, 2), 2, dout=ints, note="one window"),
        _pooled(rng, ints, (1, 1, 2, 4), 2, dout=ints, note="two windows"),
        _pooled(rng, ints, (1, 1, 4, 4), 2, dout=ints),
        _pooled(rng, ints, (1, 2, 2, 4), 2, note="two channels; whole x, dout with fractions"),
        _pooled(rng, floats, (2, 1, 4, 2), 2, note="two images"),
        _pooled(rng, ints, (1, 1, 5, 7), 2, dout=ints, note="a row and a column that no window reaches"),
        _pooled(rng, floats, (1, 1, 4, 6), (2, 3), note="a pair"),
        _pooled(rng, floats, (2, 3, 6, 5), (3, 2), note="a pair; a column that no window reaches"),
        _pooled(rng, floats, (1, 2, 4, 6), 2, 2, note="the stride given as the kernel"),
        _pooled(rng, single, (2, 2, 4, 6), 2, dout=single),
        _pooled(rng, transposed, (2, 3, 4, 6), 2, dout=sliced, note="not contiguous"),
        _pooled(rng, sliced, (1, 3, 6, 3), 3, dout=transposed, note="not contiguous"),
        _pooled(rng, large, (1, 2, 4, 4), 2, dout=large, note="large numbers"),
        _pooled(rng, floats, (2, 2, 2, 3), 1, note="windows of one pixel"),
        _pooled(rng, None, (1, 2, 4, 4), 2, x=-np.abs(floats(rng, 1, 2, 4, 4)), note="all of x below 0"),
        _pooled(rng, None, (1, 1, 4, 4), 2, x=-1e12 - 1e10 * ints(rng, 1, 1, 4, 4), note="all of x far below 0"),
        _pooled(rng, floats, (3, 4, 11, 12), 2, note="larger than the others"),
    ]


def _ties(rng: np.random.Generator) -> list[Case]:
    def few(rng, *shape):
        return rng.integers(-1, 2, shape)

    ramp = np.array([[[[1, 5], [5, 2]]]])
    return [
        _pooled(rng, None, (1, 1, 2, 2), 2, x=ramp, dout=ints, note="two equal maxima, the first top right"),
        _pooled(rng, None, (1, 1, 2, 2), 2, x=np.zeros((1, 1, 2, 2)), dout=ints, note="all equal"),
        _pooled(rng, few, (1, 1, 4, 6), 2, note="many ties"),
        _pooled(rng, None, (1, 2, 3, 3), 3, x=np.zeros((1, 2, 3, 3)), note="all equal"),
        _pooled(rng, few, (2, 3, 4, 6), (2, 3), note="many ties"),
        _pooled(rng, few, (1, 2, 5, 4), 2, 1, note="ties where windows overlap"),
        _pooled(rng, None, (1, 1, 4, 4), 2, x=np.maximum(ints(rng, 1, 1, 4, 4), 0), note="zeros, as ReLU leaves them"),
        _pooled(rng, None, (1, 1, 4, 5), (3, 2), 1, x=np.full((1, 1, 4, 5), -2.5), note="all equal, overlapping"),
    ]


def _strides(rng: np.random.Generator) -> list[Case]:
    centre = np.array([[[[1, 2, 3], [4, 9, 5], [6, 7, 8]]]])

    def single(rng, *shape):
        return floats(rng, *shape).astype(np.float32)

    return [
        _pooled(rng, None, (1, 1, 3, 3), 2, 1, x=centre, dout=ints, note="one pixel wins in all four windows"),
        _pooled(rng, ints, (1, 1, 3, 4), 2, 1, dout=ints, note="windows that overlap"),
        _pooled(rng, ints, (1, 1, 5, 5), 2, 3, dout=ints, note="gaps between the windows"),
        _pooled(rng, floats, (2, 3, 5, 7), 3, 2, name=False, note="the stride by position"),
        _pooled(rng, floats, (1, 2, 6, 7), 3, (1, 2), note="a stride for each axis"),
        _pooled(rng, floats, (2, 2, 7, 6), (2, 3), (3, 1), name=False, note="pairs"),
        _pooled(rng, floats, (1, 2, 6, 8), (3, 2), 2, note="rows that no window reaches"),
        _pooled(rng, ints, (2, 2, 4, 6), 3, 1, note="whole x, dout with fractions"),
        _pooled(rng, single, (2, 2, 5, 4), 2, 1, dout=single),
        _pooled(rng, transposed, (2, 3, 5, 6), 3, 2, dout=sliced, note="not contiguous"),
        _pooled(rng, floats, (1, 2, 7, 9), 2, (4, 3), note="gaps"),
        _pooled(rng, floats, (2, 3, 4, 5), 1, 2, note="windows of one pixel, gaps between them"),
        _pooled(rng, large, (1, 1, 4, 5), 2, 1, dout=large, note="large numbers"),
        _pooled(rng, floats, (2, 1, 11, 13), 3, 2, note="larger than the others"),
    ]


max_pool2d_backward = Exercise(
    name="max_pool2d_backward",
    lesson="05_backprop",
    argument_names=("dout", "x", "kernel", "stride"),
    oracle=gradients.max_pool_gradient,
    scale=lambda case: 1.0,
    locate=where_max_pool,
    parts=[
        Part(
            "windows",
            2,
            _windows,
            tests="17 batches, window beside window",
            look="each window's dout goes to the one pixel of x that won there; the others get nothing from it.",
        ),
        Part(
            "ties",
            1,
            _ties,
            tests="8 batches with equal maxima",
            look="where several pixels share the maximum, the first one, row by row, gets all; argmax picks that one.",
        ),
        Part(
            "stride",
            1,
            _strides,
            tests="14 batches with overlapping windows and gaps",
            look="a pixel that wins in several windows collects from all of them: add with +=.",
        ),
    ],
    mistakes=MAX_POOL,
)

avg_pool2d_backward = Exercise(
    name="avg_pool2d_backward",
    lesson="05_backprop",
    argument_names=("dout", "x", "kernel", "stride"),
    oracle=gradients.avg_pool_gradient,
    scale=lambda case: 1.0,
    locate=where_avg_pool,
    parts=[
        Part(
            "windows",
            1,
            _windows,
            tests="17 batches, window beside window",
            look="each pixel of a window gets an equal share of its dout: dout / (kh·kw).",
        ),
        Part(
            "stride",
            1,
            _strides,
            tests="14 batches with overlapping windows and gaps",
            look="a pixel that lies in several windows gets a share from each: add with +=.",
        ),
    ],
    mistakes=AVG_POOL,
)
