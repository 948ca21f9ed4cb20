"""conv_shape, pool_shape and trace: what goes in and what comes out, layer by layer."""

from __future__ import annotations

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_06 import rows
from cnnlab.check.lesson_06.networks import ALEXNET, maps, whole
from cnnlab.check.lesson_06.shapes_mistakes import CONV, POOL
from cnnlab.check.lesson_06.trace_mistakes import TRACE
from cnnlab.layers import Conv, Pool


def _judge(value: object, case: Case, expected: object) -> Difference | None:
    shape, layer = [*case.args, *case.kwargs.values()]
    if isinstance(value, np.ndarray):
        return Difference(
            "type", "A shape is a tuple, (channels, height, width), and yours is an array. Try tuple(...)."
        )
    found = rows.entry(rows.shape_after(shape, layer), value)
    return found and Difference(found.kind, found.sentence[:1].upper() + found.sentence[1:])


def _sides(rng: np.random.Generator, least: int) -> tuple[int, int]:
    height, width = (int(n) for n in rng.choice(np.arange(least, least + 20), 2, replace=False))
    return height, width


def _conv_cases(rng: np.random.Generator) -> list[Case]:
    a, b = _sides(rng, 24), _sides(rng, 40)
    return [
        Case(((1, 5, 4), Conv(2, 3))),
        Case(((3, 4, 6), Conv(5, 1))),
        Case(((2, 6, 9), Conv(4, 3, stride=2)), note="the stride does not divide one of the sides"),
        Case(((4, 9, 6), Conv(3, 2, stride=3))),
        Case(((3, 5, 8), Conv(8, 3, padding=1))),
        Case(((2, 4, 7), Conv(3, 5, padding=2))),
        Case(((2, 9, 8), Conv(4, 3, dilation=2))),
        Case(((5, 12, 10), Conv(2, 4, dilation=3))),
        Case(((3, 8, 13), Conv(6, 3, stride=2, padding=1, dilation=2))),
        Case(((7, 3, 12), Conv(7, 3, stride=5)), note="a single row of places"),
        Case(((3, 6, 5), Conv(4, 1, stride=3)), note="the stride is larger than the kernel"),
        Case(((3, *a), Conv(16, 4, 3, 2, 2)), note="by position: stride, padding, dilation"),
        Case(((6, *b), Conv(12, 7, stride=4, padding=5, dilation=3))),
        Case(((3, 227, 227), Conv(96, 11, stride=4))),
        Case(((96, 27, 30), Conv(256, 5, padding=2))),
    ]


conv_shape = Exercise(
    name="conv_shape",
    lesson="06_alexnet",
    oracle=lambda shape, layer: rows.shape_after(shape, layer),
    judge=_judge,
    parts=[
        Part(
            "shape",
            1,
            _conv_cases,
            tests="15 convolutions with stride, padding and dilation, on oblong maps",
            look="lesson 02's formula, once for the height and once for the width; how many maps come out?",
        )
    ],
    wrong=CONV,
)


def _pool_cases(rng: np.random.Generator) -> list[Case]:
    a = _sides(rng, 24)
    return [
        Case(((3, 4, 6), Pool(2, 2))),
        Case(((2, 7, 9), Pool(3, 2)), note="windows that overlap"),
        Case(((5, 6, 9), Pool(2, 2)), note="a column is left over"),
        Case(((4, 8, 5), Pool(3, 3))),
        Case(((2, 11, 7), Pool(2, 3)), note="the stride is larger than the window"),
        Case(((6, 5, 9), Pool(5, 1))),
        Case(((7, 3, 6), Pool(3, 2))),
        Case(((8, *a), Pool(4, 3))),
        Case(((96, 55, 52), Pool(3, 2))),
        Case(((256, 13, 16), Pool(3, 2))),
    ]


pool_shape = Exercise(
    name="pool_shape",
    lesson="06_alexnet",
    oracle=lambda shape, layer: rows.shape_after(shape, layer),
    judge=_judge,
    parts=[
        Part(
            "shape",
            1,
            _pool_cases,
            tests="10 pooling layers, windows that overlap and windows with gaps",
            look="the same formula as for a convolution without padding; how many maps come out of pooling?",
        )
    ],
    wrong=POOL,
)

trace = Exercise(
    name="trace",
    lesson="06_alexnet",
    oracle=rows.shapes,
    judge=rows.judged(rows.shapes, "after"),
    parts=[
        Part(
            "feature maps",
            2,
            maps,
            tests="stacks of convolutions and pooling layers, on oblong pictures",
            look="each layer's input is what the layer before it gave, and the list begins with the input itself.",
        ),
        Part(
            "whole network",
            2,
            lambda rng: [*whole(rng), Case((ALEXNET, (3, 227, 227)), note="AlexNet")],
            tests="networks with Flatten and Dense, AlexNet among them",
            look="Flatten turns (C, H, W) into one number, C·H·W, and Dense gives as many as it has outputs: (n,).",
        ),
    ],
    wrong=TRACE,
)
