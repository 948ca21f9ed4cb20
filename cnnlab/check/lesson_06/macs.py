"""macs: what a network has to compute, layer by layer."""

from __future__ import annotations

import math

from cnnlab.check.cases import Part
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_06 import rows
from cnnlab.check.lesson_06.parameters import conv, dense, entries, only_with_weights, weight_shapes, weights
from cnnlab.check.lesson_06.rows import each
from cnnlab.layers import Flatten, Pool


def multiplied(layers: list, input_shape: rows.Shape) -> list[int]:
    """Each weight is used once at every place of the output."""
    places = [math.prod(shape[1:]) for shape in rows.shapes(layers, input_shape)[1:]]
    shapes = weight_shapes(layers, input_shape)
    return [math.prod(shape) * n if shape else 0 for shape, n in zip(shapes, places, strict=True)]


def _work(layer, came, went) -> int:
    return weights(layer, came, went) * math.prod(went[1:])


def _dilated(c, came, went) -> int:
    return (c.dilation * (c.kernel - 1) + 1) ** 2 * came[0] * math.prod(went)


# fmt: off
WRONG = [
    ("the parameters", "A filter's weights are used again at every place: multiply by the places of the output map.",
     lambda a: each(a, conv, dense)),
    ("the weights", "A filter's weights are used again at every place: multiply by the places of the output map.",
     lambda a: each(a, weights, weights)),
    ("biases are counted", "Adding a bias is no multiplication: it is not counted.",
     lambda a: each(a, lambda *layer: _work(*layer) + math.prod(layer[2]), dense)),
    ("the dense layers' biases are counted", "Adding a bias is no multiplication: in·out, and nothing more.",
     lambda a: each(a, _work, dense)),
    ("the filters' biases are counted", "Adding a bias is no multiplication: it is not counted.",
     lambda a: each(a, lambda *layer: _work(*layer) + math.prod(layer[2]), weights)),
    ("a bias for each filter is counted", "Adding a bias is no multiplication: it is not counted.",
     lambda a: each(a, lambda *layer: _work(*layer) + layer[0].out_channels, weights)),
    ("the input's places", "The kernel stops once for each value that comes out: height and width of the output count.",
     lambda a: each(a, lambda c, came, went: weights(c, came, went) * math.prod(came[1:]), weights)),
    ("the picture's places", "The maps have become smaller: height and width of this layer's output count.",
     lambda a: each(a, lambda *layer: weights(*layer) * math.prod(a.input_shape[1:]), weights)),
    ("a single row of places", "The kernel stops in every row and every column: height times width.",
     lambda a: each(a, lambda *layer: weights(*layer) * layer[2][2], weights)),
    ("a single column of places", "The kernel stops in every row and every column: height times width.",
     lambda a: each(a, lambda *layer: weights(*layer) * layer[2][1], weights)),
    ("the height twice", "The maps need not be square: height times width.",
     lambda a: each(a, lambda *layer: weights(*layer) * layer[2][1] ** 2, weights)),
    ("the incoming maps are left out", "Each value that comes out looks at every map that comes in: times C_in.",
     lambda a: each(a, lambda c, came, went: _work(c, (1,), went), weights)),
    ("one filter only", "That is the work of one filter. There are out_channels of them.",
     lambda a: each(a, lambda c, came, went: _work(c, came, (1, *went[1:])), weights)),
    ("the kernel's side, not its area", "A 3 × 3 kernel multiplies 9 times for each map, not 3 times.",
     lambda a: each(a, lambda *layer: _work(*layer) // layer[0].kernel, weights)),
    ("multiplications and additions apart", "One multiply–accumulate is a product and its addition: counted once, not "
     "twice.", lambda a: [2 * n for n in a.right()]),
    ("pooling is counted", "Pooling compares, and multiplies nothing: 0 for it.",
     lambda a: each(a, _work, weights, lambda p, came, went: p.kernel**2 * math.prod(went)
                    if isinstance(p, Pool) else 0)),
    ("Flatten is counted", "Flatten moves numbers and multiplies nothing: 0 for it.",
     lambda a: each(a, _work, weights, lambda f, came, went: went[0] if isinstance(f, Flatten) else 0)),
    ("layers that multiply nothing are left out", "The list has one number for each layer, 0 for Pool and Flatten.",
     only_with_weights),
    ("the total only", "One number for each layer is asked for; the sum is easily had from them.",
     lambda a: sum(a.right())),
    ("dilated kernels cost more", "Dilation puts gaps between the taps, and gaps are not multiplied.",
     lambda a: each(a, _dilated, weights)),
    ("dense layers cost nothing", "Each weight of a dense layer is used once for a picture: in·out.",
     lambda a: each(a, _work, rows.nothing)),
    ("dense layers cost their outputs", "Each output of a dense layer adds up all inputs: in·out.",
     lambda a: each(a, _work, lambda d, came, went: d.out_features)),
]
# fmt: on

EXERCISE = Exercise(
    name="macs",
    lesson="06_alexnet",
    oracle=multiplied,
    judge=rows.judged("the multiply–accumulates of"),
    axes={"": "entry"},
    spots=rows.spots,
    read=rows.reading(
        entries,
        {
            "Conv": "kernel * kernel * channels * filters * height * width",
            "Dense": "inputs * outputs",
            "Pool": "0",
            "Flatten": "0",
        },
    ),
    parts=[
        Part(
            "convolutions",
            1,
            rows.maps,
            tests="stacks of convolutions and pooling layers",
            look="one output value costs K·K·C_in products; how many output values are there?",
        ),
        Part(
            "whole network",
            1,
            rows.whole,
            tests="networks with Flatten and Dense, AlexNet among them",
            look="each weight of a dense layer is used once for a picture; Pool and Flatten multiply nothing.",
        ),
    ],
    wrong=WRONG,
)
