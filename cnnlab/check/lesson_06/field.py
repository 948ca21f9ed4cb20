"""receptive_field: how many pixels of the input, along one axis, a value of each layer depends on."""

from __future__ import annotations

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_06 import rows
from cnnlab.check.lesson_06.field_mistakes import FIELD
from cnnlab.check.lesson_06.networks import ALEXNET
from cnnlab.layers import Conv, Pool

CONVOLUTIONS = ALEXNET[:8]


def _field(layers: list) -> list[int]:
    """Walk back from one value of each layer to the first and the last pixel that it depends on."""
    return [_walk_back(layers[: k + 1]) for k in range(len(layers))]


def _walk_back(layers: list) -> int:
    first = last = 0
    for layer in reversed(layers):
        first, last = first * layer.stride, last * layer.stride
        last += getattr(layer, "dilation", 1) * (layer.kernel - 1)
    return last - first + 1


def _stride_1(rng: np.random.Generator) -> list[Case]:
    kernels = [int(k) for k in rng.integers(1, 8, 4)]
    return [
        Case(([Conv(8, 3)],)),
        Case(([Conv(4, 3), Conv(4, 3)],)),
        Case(([Conv(4, 3), Conv(6, 5, padding=2), Conv(2, 1)],), note="padding is not looked at"),
        Case(([Conv(8, 2), Conv(8, 4), Pool(3, 1)],)),
        Case(([Conv(16, k, padding=1) for k in kernels],)),
        Case(([Conv(64, 3, padding=1)] * 10,), note="ten times the same layer"),
    ]


def _strides(rng: np.random.Generator) -> list[Case]:
    k, s = (int(n) for n in rng.integers(2, 6, 2))
    return [
        Case(([Pool(2, 2), Conv(4, 3)],)),
        Case(([Conv(4, 3, stride=2), Conv(4, 3)],)),
        Case(([Conv(6, 5), Pool(2, 2), Conv(6, 5), Pool(2, 2)],)),
        Case(([Conv(4, 3, stride=3), Conv(4, 2, stride=2), Conv(4, 3, stride=2), Conv(4, 3)],)),
        Case(([Conv(4, 2), Pool(3, 2), Pool(2, 4), Conv(3, k, stride=s, padding=3), Pool(3, s), Conv(5, k)],)),
        Case(([Conv(4, 1, stride=2), Conv(4, 3), Pool(1, 3), Conv(4, 3)],), note="kernels of one pixel with a stride"),
        Case((CONVOLUTIONS,), note="AlexNet"),
    ]


def _dilations(rng: np.random.Generator) -> list[Case]:
    a, b = (int(n) for n in rng.integers(2, 6, 2))
    return [
        Case(([Conv(4, 3, dilation=2)],)),
        Case(([Conv(4, 3), Conv(4, 3, dilation=2), Conv(4, 3, dilation=4)],)),
        Case(([Conv(4, 3, dilation=3), Conv(4, 5)],)),
        Case(([Conv(4, 2, stride=2, dilation=3), Pool(3, 2), Conv(4, 3, dilation=2), Conv(2, 4)],)),
        Case(([Conv(4, 1, dilation=5), Conv(4, 5, 1, 2, a), Pool(2, 2), Conv(4, 4, b, 0, b), Conv(4, 2)],)),
    ]


receptive_field = Exercise(
    name="receptive_field",
    lesson="06_alexnet",
    oracle=_field,
    judge=rows.judged(_field, "the receptive field of"),
    parts=[
        Part(
            "stride 1",
            1,
            _stride_1,
            tests="stacks with stride 1",
            look="a single pixel sees itself: 1. A 3 × 3 layer adds a pixel on each side.",
        ),
        Part(
            "stride and pooling",
            1,
            _strides,
            tests="strides and pooling, AlexNet among them",
            look="one step to the side in a layer's input is how many pixels of the picture? Which strides say so?",
        ),
        Part(
            "dilation",
            1,
            _dilations,
            tests="dilated convolutions, with strides and pooling between them",
            look="from its first tap to its last a dilated kernel spans dilation·(kernel − 1) steps.",
        ),
    ],
    wrong=FIELD,
)
