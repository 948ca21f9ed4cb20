"""macs: what a network has to compute, layer by layer."""

import math
from collections.abc import Callable
from typing import Any

from cnnlab.check.cases import Args
from cnnlab.check.lesson_06 import rows
from cnnlab.check.lesson_06.parameters import conv, dense, entries, only_with_weights, weight_shapes, weights
from cnnlab.check.lesson_06.rows import each


def multiplied(layers: list, input_shape: rows.Shape) -> list[int]:
    """Each weight is used once at every place of the output."""
    places = [math.prod(shape[1:]) for shape in rows.shapes(layers, input_shape)[1:]]
    return [math.prod(w) * n if w else 0 for w, n in zip(weight_shapes(layers, input_shape), places, strict=True)]


def _work(layer: Any, came: rows.Shape, went: rows.Shape) -> int:
    return weights(layer, came, went) * math.prod(went[1:])


def _placed(a: Args, places: Callable) -> list:
    """Each filter's weights are used at another number of places."""
    return each(a, lambda *layer: weights(*layer) * places(*layer), weights)


def _dilated(c: Any, came: rows.Shape, went: rows.Shape) -> int:
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
    ("the filters' biases are counted at every place", "Adding a bias is no multiplication: it is not counted.",
     lambda a: each(a, lambda *layer: _work(*layer) + math.prod(layer[2]), weights)),
    ("the filters' biases are counted once", "Adding a bias is no multiplication: it is not counted.",
     lambda a: each(a, lambda *layer: _work(*layer) + layer[0].out_channels, weights)),
    ("the input's places", "The kernel stops once for each value that comes out: height and width of the output count.",
     lambda a: _placed(a, lambda c, came, went: math.prod(came[1:]))),
    ("the picture's places", "The maps have become smaller: height and width of this layer's output count.",
     lambda a: _placed(a, lambda *layer: math.prod(a.input_shape[1:]))),
    ("a single row of places", "The kernel stops in every row and every column: height times width.",
     lambda a: _placed(a, lambda c, came, went: went[2])),
    ("a single column of places", "The kernel stops in every row and every column: height times width.",
     lambda a: _placed(a, lambda c, came, went: went[1])),
    ("the height twice", "The maps need not be square: height times width.",
     lambda a: _placed(a, lambda c, came, went: went[1] ** 2)),
    ("the incoming maps are left out", "Each value that comes out looks at every map that comes in: times C_in.",
     lambda a: each(a, lambda c, came, went: _work(c, (1,), went), weights)),
    ("one filter only", "That is the work of one filter. There are out_channels of them.",
     lambda a: each(a, lambda c, came, went: _work(c, came, (1, *went[1:])), weights)),
    ("the kernel's side, not its area", "A 3 × 3 kernel multiplies 9 times for each map, not 3 times.",
     lambda a: each(a, lambda *layer: _work(*layer) // layer[0].kernel, weights)),
    ("multiplications and additions apart", "One multiply–accumulate is a product and its addition: counted once, not "
     "twice.", lambda a: [2 * n for n in a.right()]),
    ("pooling is counted", "Pooling compares, and multiplies nothing: 0 for it.",
     lambda a: each(a, _work, weights, pool=lambda p, came, went: p.kernel**2 * math.prod(went))),
    ("Flatten is counted", "Flatten moves numbers and multiplies nothing: 0 for it.",
     lambda a: each(a, _work, weights, flatten=lambda f, came, went: went[0])),
    ("layers that multiply nothing are left out", "The list has one number for each layer, 0 for Pool and Flatten.",
     only_with_weights),
    ("the total only", "One number for each layer is asked for; the sum is easily had from them.",
     lambda a: sum(a.right())),
    ("dilated kernels cost more", "Dilation puts gaps between the taps, and gaps are not multiplied.",
     lambda a: each(a, _dilated, weights)),
    ("dense layers cost nothing", "Each weight of a dense layer is used once for a picture: in·out.",
     lambda a: each(a, _work, lambda *layer: 0)),
    ("dense layers cost their outputs", "Each output of a dense layer adds up all inputs: in·out.",
     lambda a: each(a, _work, lambda d, came, went: d.out_features)),
]

FORMULAS = {"Conv": "kernel * kernel * channels * filters * height * width", "Dense": "inputs * outputs",
            "Pool": "0", "Flatten": "0"}
EXERCISE = rows.on_networks("macs", multiplied, "the multiply–accumulates of", WRONG, rows.reading(entries, FORMULAS), [
    ("convolutions", 1, "one output value costs K·K·C_in products; how many output values are there?"),
    ("whole network", 1,
     "each weight of a dense layer is used once for a picture; Pool and Flatten multiply nothing."),
], axes={"": "entry"}, spots=rows.spots)
