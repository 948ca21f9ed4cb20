"""conv2d_multi: many channels in, many filters, many channels out."""

from __future__ import annotations

import numpy as np

from cnnlab.check.draw import floats, ints, large, pixels, sliced, transposed
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_01 import rare_mistakes as rare
from cnnlab.check.lesson_01.channels_mistakes import CONV2D_MULTI
from cnnlab.check.lesson_01.one_channel import correlate


def conv_image(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
    """x (C_in, H, W), weight (C_out, C_in, kh, kw), bias (C_out,) or None. Returns (C_out, H', W')."""
    maps = [sum(correlate(plane, k) for plane, k in zip(x, kernels, strict=True)) for kernels in weight]
    return np.stack(maps) if bias is None else np.stack([m + b for m, b in zip(maps, bias, strict=True)])


def _channels(rng: np.random.Generator) -> list[Case]:
    return [
        Case((ints(rng, 1, 2, 2), ints(rng, 1, 1, 2, 2), None), note="one channel"),
        Case((ints(rng, 2, 2, 3), ints(rng, 1, 2, 2, 2), None), note="two channels"),
        Case((ints(rng, 3, 2, 2), ints(rng, 1, 3, 1, 1), None), note="a 1 × 1 kernel"),
        Case((ints(rng, 2, 4, 4), floats(rng, 1, 2, 3, 3), None), note="whole numbers in, fractions out"),
        Case((floats(rng, 3, 5, 4), floats(rng, 1, 3, 2, 3), None)),
        Case((floats(rng, 3, 3, 6).astype(np.float32), floats(rng, 1, 3, 3, 2).astype(np.float32), None)),
        Case((transposed(rng, 3, 5, 6), floats(rng, 1, 3, 3, 2), None), note="channels last in memory"),
        Case((pixels(rng, 3, 4, 5), floats(rng, 1, 3, 2, 2), None), note="a colour picture's bytes"),
        Case((ints(rng, 2, 1, 4), ints(rng, 1, 2, 1, 2), None), note="a single row"),
        Case((ints(rng, 2, 4, 1), ints(rng, 1, 2, 3, 1), None), note="a single column"),
        Case((ints(rng, 2, 2, 3), ints(rng, 1, 2, 2, 2), None), note="another picture of a size seen before"),
        Case((floats(rng, 2, 3, 4), floats(rng, 1, 2, 3, 4), None), note="the kernel is as large as the picture"),
        Case((floats(rng, 5, 3, 4), floats(rng, 1, 5, 2, 3), None), note="five channels"),
        Case((floats(rng, 3, 4, 5), transposed(rng, 1, 3, 2, 3), None), note="the filter is a transposed array"),
        Case((large(rng, 2, 3, 4), ints(rng, 1, 2, 2, 2), None), note="large numbers"),
        Case((floats(rng, 12, 3, 4), floats(rng, 1, 12, 2, 2), None), note="twelve channels"),
        Case((floats(rng, 2, 12, 14), floats(rng, 1, 2, 3, 5), None), note="larger than the others"),
    ]


def _filters(rng: np.random.Generator) -> list[Case]:
    return [
        Case((ints(rng, 1, 2, 2), ints(rng, 2, 1, 2, 2), None), note="two filters, no bias"),
        Case((ints(rng, 1, 2, 3), ints(rng, 1, 1, 2, 2), ints(rng, 1)), note="one filter with a bias"),
        Case((ints(rng, 2, 3, 3), ints(rng, 3, 2, 2, 2), ints(rng, 3))),
        Case((ints(rng, 2, 3, 4), ints(rng, 2, 2, 2, 3), floats(rng, 2)), note="whole numbers, a bias with a fraction"),
        Case((ints(rng, 2, 4, 5), ints(rng, 3, 2, 2, 3), ints(rng, 3)), note="as many filters as output columns"),
        Case(
            (floats(rng, 3, 5, 3), floats(rng, 3, 3, 3, 2), floats(rng, 3)), note="as many filters as rows or channels"
        ),
        Case((floats(rng, 3, 4, 6), floats(rng, 4, 3, 3, 3), None)),
        Case((floats(rng, 2, 3, 5), floats(rng, 5, 2, 2, 2), np.array([0.0, 1.5, -2.0, 0.25, 0.0]))),
        Case((sliced(rng, 2, 4, 5), sliced(rng, 3, 2, 2, 2), floats(rng, 3)), note="slices of larger arrays"),
        Case((floats(rng, 2, 4, 3).astype(np.float32), floats(rng, 3, 2, 1, 2).astype(np.float32), ints(rng, 3))),
        Case((floats(rng, 3, 2, 4), floats(rng, 4, 3, 1, 1), floats(rng, 4)), note="1 × 1 kernels and a bias"),
        Case((pixels(rng, 3, 4, 5), floats(rng, 2, 3, 2, 2), floats(rng, 2)), note="a colour picture's bytes"),
        Case((ints(rng, 2, 3, 3), ints(rng, 3, 2, 2, 2), ints(rng, 3)), note="another picture of a size seen before"),
        Case((floats(rng, 2, 1, 4), floats(rng, 3, 2, 1, 2), floats(rng, 3)), note="a single row"),
        Case((floats(rng, 2, 4, 1), floats(rng, 3, 2, 2, 1), floats(rng, 3)), note="a single column"),
        Case((floats(rng, 2, 4, 5), transposed(rng, 3, 2, 2, 3), floats(rng, 3)), note="transposed filters"),
        Case((large(rng, 2, 3, 4), ints(rng, 2, 2, 2, 2), large(rng, 2)), note="large numbers"),
        Case((floats(rng, 2, 4, 3), floats(rng, 12, 2, 2, 2), floats(rng, 12)), note="twelve filters"),
        Case((floats(rng, 2, 11, 13), floats(rng, 2, 2, 4, 3), floats(rng, 2)), note="larger than the others"),
    ]


conv2d_multi = Exercise(
    name="conv2d_multi",
    lesson="01_convolution",
    argument_names=("x", "weight", "bias"),
    oracle=conv_image,
    parts=[
        Part(
            "channels",
            2,
            _channels,
            tests="17 pictures of 1 to 12 channels under a single filter",
            look="take two channels of one pixel each and a 1 × 1 kernel: the answer is x0·w0 + x1·w1.",
        ),
        Part(
            "filters and bias",
            2,
            _filters,
            tests="19 stacks of 1 to 12 filters, with and without bias",
            look="output map o uses weight[o] and bias[o], and nothing else of either.",
        ),
    ],
    mistakes=[*CONV2D_MULTI, *rare.CONV2D_MULTI],
)
