"""conv2d_backward: the lesson's heart, built up in five parts."""

from __future__ import annotations

import numpy as np

from cnnlab.check.draw import floats, ints, large, sliced, transposed
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_05 import gradients
from cnnlab.check.lesson_05.clues_convolution import where_conv
from cnnlab.check.lesson_05.convolution_mistakes import CONV
from cnnlab.check.lesson_05.convolution_rare import CONV_RARE
from cnnlab.check.lesson_05.gradients import pair

ALL = ()


def _single(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return floats(rng, *shape).astype(np.float32)


def _conv(rng, draw, x, weight, stride=None, padding=None, *, name=True, only=ALL, dout=None, note=""):
    """A case with x and weight of these shapes and a dout of the size that they give."""
    sides = zip(x[2:], weight[2:], pair(stride or 1), pair(padding or 0), strict=True)
    out = [(side + 2 * p - k) // s + 1 for side, k, s, p in sides]
    args = ((dout or draw)(rng, x[0], weight[0], *out), draw(rng, *x), draw(rng, *weight))
    given = {"stride": stride, "padding": padding}
    if name:
        return Case(args, {k: v for k, v in given.items() if v is not None}, note, only)
    return Case((*args, *(v for v in given.values() if v is not None)), note=note, results=only)


def _plain_cases(rng: np.random.Generator, only: tuple[str, ...]) -> list[Case]:
    def conv(draw, x, weight, note="", dout=None):
        return _conv(rng, draw, x, weight, only=only, note=note, dout=dout)

    return [
        conv(ints, (1, 1, 3, 3), (1, 1, 2, 2), "one image, one channel, one filter"),
        conv(ints, (1, 1, 3, 5), (1, 1, 2, 3), "not square"),
        conv(ints, (1, 1, 3, 4), (2, 1, 2, 2), "two filters"),
        conv(ints, (1, 2, 3, 4), (1, 2, 2, 2), "two channels"),
        conv(ints, (2, 1, 4, 3), (1, 1, 2, 2), "two images"),
        conv(ints, (2, 3, 4, 5), (4, 3, 3, 2), "whole x and weight, dout with fractions", floats),
        conv(floats, (2, 3, 5, 4), (3, 3, 2, 3), "as many filters as channels"),
        conv(floats, (3, 2, 4, 5), (5, 2, 2, 3)),
        conv(_single, (2, 2, 4, 5), (3, 2, 3, 2), "float32"),
        conv(transposed, (2, 3, 5, 6), (4, 3, 2, 2), "transposed arrays", sliced),
        conv(sliced, (2, 2, 4, 5), (3, 2, 2, 3), "slices of larger arrays", transposed),
        conv(large, (2, 2, 3, 4), (3, 2, 2, 2), "large numbers"),
        conv(floats, (2, 3, 3, 4), (2, 3, 1, 1), "1 × 1 kernels"),
        conv(floats, (3, 2, 3, 4), (4, 2, 3, 4), "the kernel is as large as the picture"),
        conv(floats, (2, 3, 1, 6), (2, 3, 1, 2), "a single row"),
        conv(floats, (2, 2, 11, 9), (2, 2, 3, 4), "larger than the others"),
    ]


def _padding_cases(rng: np.random.Generator) -> list[Case]:
    def conv(draw, x, weight, padding, note="", stride=None, name=True, dout=None):
        return _conv(rng, draw, x, weight, stride, padding, note=note, name=name, dout=dout)

    return [
        conv(ints, (1, 1, 3, 3), (1, 1, 2, 2), 1),
        conv(ints, (1, 1, 3, 4), (1, 1, 3, 3), 1, "'same' padding"),
        conv(ints, (1, 1, 3, 3), (1, 1, 3, 2), (1, 0), "rows only"),
        conv(ints, (1, 1, 3, 3), (1, 1, 2, 3), (0, 1), "columns only"),
        conv(ints, (2, 2, 3, 4), (3, 2, 3, 3), 1, "whole x and weight, dout with fractions", dout=floats),
        conv(floats, (2, 3, 4, 5), (2, 3, 3, 2), (2, 1), "a pair"),
        conv(floats, (2, 2, 4, 3), (3, 2, 2, 5), (1, 2), "by position", 1, name=False),
        conv(floats, (3, 2, 4, 5), (4, 2, 3, 3), 0, "a padding of 0"),
        conv(_single, (2, 2, 4, 3), (3, 2, 2, 3), 1, "float32"),
        conv(transposed, (2, 3, 3, 5), (2, 3, 3, 2), 2, "transposed arrays", dout=sliced),
        conv(large, (1, 2, 3, 3), (2, 2, 2, 2), 1, "large numbers"),
        conv(floats, (2, 2, 2, 3), (2, 2, 4, 5), (1, 2), "a kernel larger than the picture"),
        conv(floats, (2, 1, 3, 4), (2, 1, 1, 1), 1, "1 × 1 kernels: the padding sees nothing of x"),
    ]


def _stride_cases(rng: np.random.Generator) -> list[Case]:
    def conv(draw, x, weight, stride, padding=None, note="", name=True, dout=None):
        return _conv(rng, draw, x, weight, stride, padding, note=note, name=name, dout=dout)

    return [
        conv(ints, (1, 1, 4, 4), (1, 1, 2, 2), 2, note="patch beside patch"),
        conv(ints, (1, 1, 5, 5), (1, 1, 3, 3), 2, note="patches that overlap"),
        conv(ints, (1, 1, 6, 5), (1, 1, 2, 2), 3, note="gaps between the patches, and rows that none reaches"),
        conv(ints, (1, 1, 6, 4), (1, 1, 3, 2), 2, note="a row that no patch reaches"),
        conv(ints, (2, 2, 5, 6), (3, 2, 2, 3), 2, note="whole x and weight, dout with fractions", dout=floats),
        conv(floats, (2, 3, 5, 7), (2, 3, 3, 2), (2, 3), note="a pair"),
        conv(floats, (2, 2, 7, 5), (3, 2, 2, 3), (3, 1), note="rows only"),
        conv(floats, (2, 2, 5, 6), (3, 2, 3, 3), 2, 1, note="with padding"),
        conv(floats, (3, 2, 5, 6), (2, 2, 3, 2), (2, 3), (1, 2), note="pairs"),
        conv(floats, (2, 3, 6, 5), (4, 3, 2, 3), 2, 1, note="by position", name=False),
        conv(floats, (2, 2, 6, 6), (2, 2, 3, 3), 2, 1, note="rows of x and of padding that no patch reaches"),
        conv(_single, (2, 2, 6, 5), (3, 2, 3, 2), 2, 1, note="float32"),
        conv(transposed, (2, 3, 5, 6), (2, 3, 2, 3), (1, 2), note="transposed arrays", dout=sliced),
        conv(floats, (2, 2, 5, 6), (3, 2, 1, 1), 2, note="1 × 1 kernels: most of x is never seen"),
        conv(floats, (1, 2, 8, 7), (2, 2, 2, 2), 4, note="a stride much larger than the kernel"),
        conv(large, (2, 1, 4, 5), (2, 1, 2, 2), 2, 1, note="large numbers"),
        conv(floats, (2, 1, 12, 11), (2, 1, 3, 4), (2, 3), (2, 1), note="larger than the others"),
    ]


conv2d_backward = Exercise(
    name="conv2d_backward",
    lesson="05_backprop",
    argument_names=("dout", "x", "weight", "stride", "padding"),
    result_names=("dx", "dweight", "dbias"),
    oracle=gradients.conv_gradients,
    scale=lambda case: 1.0,
    locate=where_conv,
    parts=[
        Part(
            "bias",
            1,
            lambda rng: _plain_cases(rng, ("dbias",)),
            tests="dbias of 16 layers, stride 1, no padding",
            look="bias[o] was added at every place of map o in every image: its gradient is the sum of all of those.",
        ),
        Part(
            "kernel",
            2,
            lambda rng: _plain_cases(rng, ("dweight",)),
            tests="dweight of 16 layers, stride 1, no padding",
            look="weight[o, c, u, v] met x[n, c, i+u, j+v] at every stop (i, j) of every image; "
            "add up dout[n, o, i, j] times that pixel.",
        ),
        Part(
            "input",
            2,
            lambda rng: _plain_cases(rng, ("dx",)),
            tests="dx of 16 layers, stride 1, no padding",
            look="at stop (i, j), dout[n, o, i, j]·weight[o] lands on the patch that begins at (i, j); add it all up.",
        ),
        Part(
            "padding",
            2,
            _padding_cases,
            tests="all three gradients of 13 padded layers",
            look="pad x first, as the forward pass does, work on the padded picture, and crop dx at the end.",
        ),
        Part(
            "stride",
            2,
            _stride_cases,
            tests="all three gradients of 17 layers with a stride, with and without padding",
            look="stop (i, j) stands on the patch that begins at (i·sh, j·sw).",
        ),
    ],
    mistakes=[*CONV, *CONV_RARE],
)
