"""parameters: what a network has to learn, layer by layer."""

from __future__ import annotations

import itertools
import math

from cnnlab.check.cases import Args, Part
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_06 import rows
from cnnlab.check.lesson_06.rows import each
from cnnlab.check.verdict import Attempt
from cnnlab.layers import Conv, Dense, Flatten, Pool


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
    shapes = weight_shapes(layers, input_shape)
    return [math.prod(shape) + shape[0] if shape else 0 for shape in shapes]


def entries(attempt: Attempt):
    """The counts, each beside the names of the formula."""
    layers, got = attempt.args.layers, attempt.got
    met = rows.shapes(layers, attempt.args.input_shape)
    numbers = zip(layers, met, met[1:], attempt.expected, got, strict=False)
    for k, (layer, came, went, right, yours) in enumerate(numbers):
        if len(got) != len(layers) or not isinstance(yours, int):
            return
        names = {"channels": came[0], "filters": went[0], "inputs": came[0], "outputs": went[0]}
        places = {"height": went[1], "width": went[2]} if len(went) == 3 else {}
        yield k, type(layer).__name__, {**vars(layer), **names, **places}, yours, right


def conv(layer, came, went):
    return (layer.kernel**2 * came[0] + 1) * layer.out_channels


def dense(layer, came, went):
    return (came[0] + 1) * layer.out_features


def weights(layer, came, went):
    """Those of a filter or a dense layer, biases left out."""
    return getattr(layer, "kernel", 1) ** 2 * came[0] * went[0]


def _before_flatten(a: Args, inputs) -> list:
    """The dense layer after Flatten gets another number of inputs."""
    found, met = a.right(), rows.shapes(a.layers, a.input_shape)
    for k, layer in enumerate(a.layers):
        if isinstance(layer, Dense) and k and isinstance(a.layers[k - 1], Flatten):
            found[k] = (inputs(met[k - 1]) + 1) * layer.out_features
    return found


def _all_from_flatten(a: Args) -> list:
    met = rows.shapes(a.layers, a.input_shape)
    flat = next((math.prod(s) for layer, s in zip(a.layers, met, strict=False) if isinstance(layer, Flatten)), 0)
    return each(a, conv, lambda d, came, went: (flat + 1) * d.out_features)


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
     lambda a: each(a, conv, dense, lambda p, came, went: p.kernel**2 * came[0] if isinstance(p, Pool) else 0)),
    ("pooling is counted like a convolution", "Pooling has no weights and no biases: 0 for it.",
     lambda a: each(a, conv, dense, lambda p, came, went: weights(p, came, went) + came[0]
                    if isinstance(p, Pool) else 0)),
    ("Flatten is counted", "Flatten lays numbers out in a row and learns nothing: 0 for it.",
     lambda a: each(a, conv, dense, lambda f, came, went: went[0] if isinstance(f, Flatten) else 0)),
    ("layers without parameters are left out", "The list has one number for each layer, 0 for Pool and Flatten.",
     only_with_weights),
    ("None for layers without parameters", "A layer without parameters has 0 of them: a number, not None.",
     lambda a: each(a, conv, dense, lambda *layer: None)),
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
     "before it gives.", _all_from_flatten),
    ("in plus out", "Every input is joined to every output: the two are multiplied, not added.",
     lambda a: each(a, conv, lambda d, came, went: came[0] + 2 * d.out_features)),
]
# fmt: on

EXERCISE = Exercise(
    name="parameters",
    lesson="06_alexnet",
    oracle=learned,
    judge=rows.judged("the parameters of"),
    axes={"": "entry"},
    spots=rows.spots,
    read=rows.reading(
        entries,
        {
            "Conv": "kernel * kernel * channels * filters + filters",
            "Dense": "inputs * outputs + outputs",
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
            look="a filter has kernel × kernel weights for each map that comes in, and a bias. Does pooling learn?",
        ),
        Part(
            "whole network",
            1,
            rows.whole,
            tests="networks with Flatten and Dense, AlexNet among them",
            look="a dense layer joins every number that comes in to every output. How many come in after Flatten?",
        ),
    ],
    wrong=WRONG,
)
