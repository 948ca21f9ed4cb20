"""parameters and macs: what a network has to learn, and what it has to compute."""

from __future__ import annotations

import math

from cnnlab.check.cases import Case, Part
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_06 import rows
from cnnlab.check.lesson_06.macs_mistakes import MACS
from cnnlab.check.lesson_06.networks import ALEXNET, maps, whole
from cnnlab.check.lesson_06.parameters_mistakes import PARAMETERS
from cnnlab.layers import Conv, Dense


def _weights(layers: list, input_shape: rows.Shape) -> list[tuple[int, ...]]:
    """The shape of each layer's weight; () where it has none."""
    found: list[tuple[int, ...]] = []
    for layer, shape in zip(layers, rows.shapes(layers, input_shape), strict=False):
        if isinstance(layer, Conv):
            found.append((layer.out_channels, shape[0], layer.kernel, layer.kernel))
        else:
            found.append((layer.out_features, *shape) if isinstance(layer, Dense) else ())
    return found


def _parameters(layers: list, input_shape: rows.Shape) -> list[int]:
    weights = _weights(layers, input_shape)
    return [math.prod(weight) + weight[0] if weight else 0 for weight in weights]


def _macs(layers: list, input_shape: rows.Shape) -> list[int]:
    """Each weight is used once at every place of the output."""
    places = [math.prod(shape[1:]) for shape in rows.shapes(layers, input_shape)[1:]]
    weights = _weights(layers, input_shape)
    return [math.prod(weight) * n if weight else 0 for weight, n in zip(weights, places, strict=True)]


parameters = Exercise(
    name="parameters",
    lesson="06_alexnet",
    oracle=_parameters,
    judge=rows.judged(_parameters, "the parameters of"),
    parts=[
        Part(
            "convolutions",
            1,
            maps,
            tests="stacks of convolutions and pooling layers",
            look="a filter has kernel × kernel weights for each map that comes in, and a bias. Does pooling learn?",
        ),
        Part(
            "whole network",
            1,
            lambda rng: [*whole(rng), Case((ALEXNET, (3, 227, 227)), note="AlexNet")],
            tests="networks with Flatten and Dense, AlexNet among them",
            look="a dense layer joins every number that comes in to every output. How many come in after Flatten?",
        ),
    ],
    wrong=PARAMETERS,
)

macs = Exercise(
    name="macs",
    lesson="06_alexnet",
    oracle=_macs,
    judge=rows.judged(_macs, "the multiply–accumulates of"),
    parts=[
        Part(
            "convolutions",
            1,
            maps,
            tests="stacks of convolutions and pooling layers",
            look="one output value costs K·K·C_in products; how many output values are there?",
        ),
        Part(
            "whole network",
            1,
            lambda rng: [*whole(rng), Case((ALEXNET, (3, 227, 227)), note="AlexNet")],
            tests="networks with Flatten and Dense, AlexNet among them",
            look="each weight of a dense layer is used once for a picture; Pool and Flatten multiply nothing.",
        ),
    ],
    wrong=MACS,
)
