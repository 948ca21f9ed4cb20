"""trace: the shapes in a network, one after the other."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from cnnlab.check.cases import Args
from cnnlab.check.lesson_06 import rows
from cnnlab.layers import Conv, Dense, Flatten, Pool


def traced(layers: list, input_shape: rows.Shape) -> list[rows.Shape]:
    return rows.shapes(layers, input_shape)


def _traced(a: Args, after: Callable = rows.shape_after, **more: Callable) -> list:
    return rows.shapes(a.layers, a.input_shape, after, **more)


def _sides(a: Args, side: Callable, kind: type | tuple = (Conv, Pool)) -> list:
    """The trace where sides come out by another rule after layers of a kind."""
    return _traced(a, side=lambda n, layer: (side if isinstance(layer, kind) else rows.side)(n, layer))


def _kept(a: Args, kind: type) -> list:
    """The trace where layers of a kind leave the shape as it is."""
    return _traced(a, lambda shape, layer: shape if isinstance(layer, kind) else rows.shape_after(shape, layer))


def _height_for_both(shape: rows.Shape, layer: Any) -> rows.Shape:
    after = rows.shape_after(shape, layer)
    return (*after[:2], after[1]) if len(after) == 3 else after


def _channels_apart(shape: rows.Shape, layer: Any) -> rows.Shape:
    return (shape[0], math.prod(shape[1:])) if isinstance(layer, Flatten) else rows.shape_after(shape, layer)


def _without(a: Args, kind: type) -> list:
    first, *after = a.right()
    return [first, *(shape for shape, layer in zip(after, a.layers, strict=True) if not isinstance(layer, kind))]


def _each_from_the_input(a: Args) -> list:
    came = [(math.prod(a.input_shape),) if isinstance(layer, Dense) else a.input_shape for layer in a.layers]
    return [a.input_shape, *map(rows.shape_after, came, a.layers)]


def _used_up(a: Args) -> list:
    found = a.right()
    a.layers.clear()
    return found


def _yielded(a: Args) -> Iterator:
    yield from a.right()


# fmt: off
WRONG = [
    ("the last shape only", "All shapes are asked for, the input's first: keep each one in a list.",
     lambda a: a.right()[-1]),
    ("the input is left out", "The list begins with the input's own shape: one entry more than layers.",
     lambda a: a.right()[1:]),
    ("the last layer is left out", "Each layer's output is in the list, the last one's too. Append after the layer.",
     lambda a: a.right()[:-1]),
    ("the input stands twice, the last shape is missing", "You note what goes into each layer. Apply the layer first, "
     "then append what comes out.", lambda a: [a.input_shape, *a.right()[:-1]]),
    ("every layer gets the input", "Each layer gets what the one before it gave: carry the shape on, shape = … in "
     "every round.", _each_from_the_input),
    ("each layer once", "Layers with equal sizes are equal, so as keys of a dict they fall into one. Keep the shapes "
     "in a list.", lambda a: [a.input_shape, *dict(zip(a.layers, a.right()[1:], strict=True)).values()]),
    ("rounded up", "A last stop that does not fit is left out. Round down: // and no ceil.",
     lambda a: _sides(a, lambda n, layer: rows.side(n + layer.stride - 1, layer))),
    ("pooling rounded up", "A last window that would stick out is left out: pooling rounds down as well.",
     lambda a: _sides(a, lambda n, layer: rows.side(n + layer.stride - 1, layer), Pool)),
    ("the dilation is forgotten", "A dilated kernel reaches over dilation·(kernel − 1) + 1 pixels, not kernel.",
     lambda a: _sides(a, lambda n, layer: rows.side(n, replace(layer, dilation=1)), Conv)),
    ("the padding is forgotten", "A convolution's padding makes each axis 2·padding pixels longer.",
     lambda a: _sides(a, lambda n, layer: rows.side(n, replace(layer, padding=0)), Conv)),
    ("padding on one side only", "Padding goes on both sides of an axis: 2·padding more pixels, not padding.",
     lambda a: _sides(a, lambda n, layer: rows.side(n - layer.padding, layer), Conv)),
    ("the stride of pooling is taken to be its kernel", "Pooling windows move by layer.stride: they may overlap.",
     lambda a: _sides(a, lambda n, layer: n // layer.kernel, Pool)),
    ("pooling always halves", "2 × 2 windows with stride 2 halve the sides, others need not. Use layer.kernel and "
     "layer.stride.",
     lambda a: _sides(a, lambda n, layer: n // 2, Pool)),
    ("pooling keeps the size", "Pooling has a stride, too: the maps shrink as they do in a convolution.",
     lambda a: _kept(a, Pool)),
    ("pooling is left out of the list", "Every layer has an entry, those without parameters too.",
     lambda a: _without(a, Pool)),
    ("Flatten is left out of the list", "Every layer has an entry, Flatten too: (C·H·W,).",
     lambda a: _without(a, Flatten)),
    ("the height serves for both", "The maps need not be square: do height and width on their own.",
     lambda a: _traced(a, _height_for_both)),
    ("channels last", "In this course channels come first, as in torch: (channels, height, width).",
     lambda a: [(*shape[1:], shape[0]) for shape in a.right()]),
    ("Flatten keeps the shape", "Flatten turns (C, H, W) into one row of numbers: (C·H·W,).",
     lambda a: _kept(a, Flatten)),
    ("Flatten counts the channels only", "The places of each map count as well: C·H·W numbers come out.",
     lambda a: _traced(a, flat=lambda shape: shape[0])),
    ("Flatten leaves the channels out", "Every map is laid out in the row: C·H·W numbers, not H·W.",
     lambda a: _traced(a, flat=lambda shape: math.prod(shape[1:]))),
    ("Flatten adds the sides", "The numbers of all maps in one row: the three sides are multiplied.",
     lambda a: _traced(a, flat=sum)),
    ("Flatten takes the input", "Flatten gets what the layer before it gave, not the picture itself.",
     lambda a: _traced(a, flat=lambda shape: math.prod(a.input_shape))),
    ("Flatten keeps the channels apart", "One row of numbers is left, (C·H·W,), not one row for each map.",
     lambda a: _traced(a, _channels_apart)),
    ("bare numbers after Flatten", "A shape is a tuple, with one side as well: (n,), with a comma.",
     lambda a: [shape[0] if len(shape) == 1 else shape for shape in a.right()]),
    ("three sides after Flatten", "After Flatten and Dense a shape has one side, (n,): no height and width are left.",
     lambda a: [(*shape, 1, 1)[:3] for shape in a.right()]),
    ("a batch axis after Flatten", "The shapes are those of one picture: (n,) after Flatten, without a batch axis.",
     lambda a: [(1, *shape) if len(shape) == 1 else shape for shape in a.right()]),
    ("Dense keeps its input's shape", "A dense layer gives layer.out_features numbers, however many come in.",
     lambda a: _kept(a, Dense)),
    ("it stops at Flatten", "After Flatten the walk goes on: dense layers give (layer.out_features,).",
     lambda a: a.right()[: [*map(type, a.layers), Flatten].index(Flatten) + 2]),
    ("the list of layers is used up", "pop takes the layers out of the caller's list. Go through it with a for loop.",
     _used_up),
    ("every entry is the last shape", "It is one and the same list that you append each time, and write into. Make a "
     "new tuple in every round.", lambda a: a.right()[-1:] * (len(a.layers) + 1)),
    ("yields the shapes", "`yield` makes a generator. Gather the shapes in a list, and return that.", _yielded),
]

READ = rows.reading(lambda one: rows.shapes_read(one.args.layers, one.got), rows.SIDES, follow=True)
EXERCISE = rows.on_networks("trace", traced, "after", WRONG, READ, [
    ("feature maps", 2, "each layer's input is what the layer before it gave, and the list begins with the input."),
    ("whole network", 2,
     "Flatten turns (C, H, W) into one number, C·H·W, and Dense gives as many as it has outputs: (n,)."),
], axes={"": "side"})
