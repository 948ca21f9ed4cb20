"""parameters: what a network has to learn, layer by layer."""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

from cnnlab.check.cases import Args
from cnnlab.check.lesson_06 import rows
from cnnlab.check.lesson_06.rows import each
from cnnlab.check.verdict import Attempt
from cnnlab.layers import Conv, Dense, Flatten


def weight_shapes(layers: list, input_shape: rows.Shape) -> list[rows.Shape]:
    """The shape of each layer's weight; () where it has none."""
    found: list[rows.Shape] = []
    for layer, shape in zip(layers, rows.shapes(layers, input_shape), strict=False):
        if isinstance(layer, Conv):
            found.append((layer.out_channels, shape[0], layer.kernel, layer.kernel))
        else:
            found.append((layer.out_features, *shape) if isinstance(layer, Dense) else ())
    return found


def learned(layers: list, input_shape: rows.Shape) -> list[int]:
    return [math.prod(shape) + shape[0] if shape else 0 for shape in weight_shapes(layers, input_shape)]


def entries(attempt: Attempt) -> Iterator[rows.Entry]:
    """The counts, each beside the names of the formula."""
    layers, got = attempt.args.layers, attempt.got
    met = rows.shapes(layers, attempt.args.input_shape)
    for k, (layer, came, went) in enumerate(zip(layers, met, met[1:], strict=False)):
        names = {"channels": came[0], "filters": went[0], "inputs": came[0], "outputs": went[0], **vars(layer)}
        names |= dict(zip(("height", "width"), went[1:], strict=False))
        if isinstance(got[k], int):
            yield k, type(layer).__name__, names, got[k], attempt.expected[k]


def conv(layer: Conv, came: rows.Shape, went: rows.Shape) -> int:
    return (layer.kernel**2 * came[0] + 1) * layer.out_channels


def dense(layer: Dense, came: rows.Shape, went: rows.Shape) -> int:
    return (came[0] + 1) * layer.out_features


def weights(layer: Any, came: rows.Shape, went: rows.Shape) -> int:
    """Those of a convolution or a dense layer, biases left out."""
    return getattr(layer, "kernel", 1) ** 2 * came[0] * went[0]


def _before_flatten(a: Args, inputs: Callable, every: bool = False) -> list:
    """The dense layer after Flatten, or every one, gets another number of inputs, of the shape before Flatten."""
    found, met, before = a.right(), rows.shapes(a.layers, a.input_shape), None
    for k, layer in enumerate(a.layers):
        if isinstance(layer, Dense) and before is not None:
            found[k] = (inputs(before) + 1) * layer.out_features
        before = met[k] if isinstance(layer, Flatten) else before if every else None
    return found


def only_with_weights(a: Args) -> list:
    return [n for n, layer in zip(a.right(), a.layers, strict=True) if isinstance(layer, Conv | Dense)]


# fmt: off
WRONG = [
    ("the biases are forgotten", "Each filter and each output of a dense layer has a bias: add one for each.",
     lambda a: each(a, weights, weights)),
    ("the filters' biases are forgotten", "Each filter has a bias: out_channels more.",
     lambda a: each(a, weights, dense)),
    ("the dense layers' biases are forgotten", "Each output has a bias: out_features more.",
     lambda a: each(a, conv, weights)),
    ("a single bias for a layer", "There is one bias for each filter and each output, not one for the layer.",
     lambda a: each(a, *[lambda *layer: weights(*layer) + 1] * 2)),
    ("biases by input", "Biases belong to what comes out: one for each filter, one for each output.",
     lambda a: each(a, *[lambda layer, came, went: weights(layer, came, went) + came[0]] * 2)),
    ("pooling is counted", "Pooling takes the largest number of a window: it learns nothing, and has no parameters.",
     lambda a: each(a, conv, dense, pool=lambda p, came, went: p.kernel**2 * came[0])),
    ("pooling is counted like a convolution", "Pooling has no weights and no biases: 0 for it.",
     lambda a: each(a, conv, dense, pool=lambda p, came, went: weights(p, came, went) + came[0])),
    ("Flatten is counted", "Flatten lays numbers out in a row and learns nothing: 0 for it.",
     lambda a: each(a, conv, dense, flatten=lambda f, came, went: went[0])),
    ("layers without parameters are left out", "The list has one number for each layer, 0 for Pool and Flatten.",
     only_with_weights),
    ("None for layers without parameters", "A layer without parameters has 0 of them: a number, not None.",
     lambda a: [n or None for n in a.right()]),
    ("the total only", "One number for each layer is asked for; the sum is easily had from them.",
     lambda a: sum(a.right())),
    ("the total at the end", "One number for each layer is asked for, and no total behind them.",
     lambda a: [*a.right(), sum(a.right())]),
    ("a 0 for the input", "One number for each layer: the input is no layer, and has no entry here.",
     lambda a: [0, *a.right()]),
    ("running totals", "Each layer's own number is asked for, not the sum up to it.",
     lambda a: list(itertools.accumulate(a.right()))),
    ("the kernel's side, not its area", "A 3 × 3 kernel has 9 weights for each map, not 3.",
     lambda a: each(a, lambda c, came, went: (c.kernel * came[0] + 1) * c.out_channels, dense)),
    ("the incoming maps are left out", "A filter has a slice of weights for every map that comes in: times the "
     "channels of the shape before it.", lambda a: each(a, lambda c, came, went: conv(c, (1,), went), dense)),
    ("one filter only", "You counted one filter. There are out_channels of them.",
     lambda a: each(a, lambda c, came, went: c.kernel**2 * came[0] + 1, dense)),
    ("every layer sees the picture's channels", "Only the first layer gets the picture: a later filter spans the maps "
     "that the layer before it gives.", lambda a: each(a, lambda c, came, went: conv(c, a.input_shape, went), dense)),
    ("as many maps in as out", "A filter spans the maps that come in; how many filters there are is another number.",
     lambda a: each(a, lambda c, came, went: conv(c, went, went), dense)),
    ("the picture's size is in it", "The same filter works at every place: no parameter belongs to one.",
     lambda a: each(a, lambda c, came, went: conv(c, came, went) * math.prod(went[1:]), dense)),
    ("dilated kernels have more weights", "Dilation puts gaps between the taps, and gaps are not learned.",
     lambda a: each(a, lambda c, came, went: ((c.dilation * (c.kernel - 1) + 1) ** 2 * came[0] + 1) * went[0], dense)),
    ("the dense layer gets one number for each map", "After Flatten the places of each map count as well: the dense "
     "layer gets C·H·W numbers.", lambda a: _before_flatten(a, lambda shape: shape[0])),
    ("the dense layer gets one map", "After Flatten all maps are in the row: the dense layer gets C·H·W numbers.",
     lambda a: _before_flatten(a, lambda shape: math.prod(shape[1:]))),
    ("the dense layer gets the picture", "Convolutions and pooling have changed the shape: the dense layer gets what "
     "is left after them.", lambda a: _before_flatten(a, lambda shape: math.prod(a.input_shape))),
    ("every dense layer gets the flattened maps", "Only the first dense layer does; the next one gets what the one "
     "before it gives.", lambda a: _before_flatten(a, math.prod, every=True)),
    ("in plus out", "Every input is joined to every output: the two are multiplied, not added.",
     lambda a: each(a, conv, lambda d, came, went: came[0] + 2 * d.out_features)),
]

FORMULAS = {"Conv": "kernel * kernel * channels * filters + filters", "Dense": "inputs * outputs + outputs",
            "Pool": "0", "Flatten": "0"}
EXERCISE = rows.on_networks("parameters", learned, "the parameters of", WRONG, rows.reading(entries, FORMULAS), [
    ("convolutions", 1,
     "a filter has kernel × kernel weights for each map that comes in, and a bias. Does pooling learn?"),
    ("whole network", 1,
     "a dense layer joins every number that comes in to every output. How many come in after Flatten?"),
], axes={"": "entry"}, spots=rows.spots)
