"""trace: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import math

from cnnlab.check.cases import Mistake, known
from cnnlab.layers import Conv, Dense, Flatten, Pool

TRACE: list[Mistake] = []


def _side(size, layer):
    padding, dilation = getattr(layer, "padding", 0), getattr(layer, "dilation", 1)
    return (size + 2 * padding - dilation * (layer.kernel - 1) - 1) // layer.stride + 1


def _after(shape, layer, side=_side, flat=math.prod):
    if isinstance(layer, Flatten):
        return (flat(shape),)
    if isinstance(layer, Dense):
        return (layer.out_features,)
    channels = layer.out_channels if isinstance(layer, Conv) else shape[0]
    return (channels, side(shape[1], layer), side(shape[2], layer))


def _trace(layers, input_shape, after=_after, **more):
    shapes = [input_shape]
    for layer in layers:
        shapes.append(after(shapes[-1], layer, **more))
    return shapes


@known(TRACE, "the last shape only", "All shapes are asked for, the input's first: keep each one in a list.")
def _(layers, input_shape):
    return _trace(layers, input_shape)[-1]


@known(TRACE, "the input is left out", "The list begins with the input's own shape: one entry more than layers.")
def _(layers, input_shape):
    return _trace(layers, input_shape)[1:]


@known(
    TRACE,
    "the last layer is left out",
    "Each layer's output is in the list, the last one's too. Append after the layer.",
)
def _(layers, input_shape):
    return _trace(layers, input_shape)[:-1]


@known(
    TRACE,
    "the input stands twice, the last shape is missing",
    "You note what goes into each layer. Apply the layer first, then append what comes out.",
)
def _(layers, input_shape):
    return [input_shape, *_trace(layers, input_shape)[:-1]]


@known(
    TRACE,
    "every layer gets the input",
    "Each layer gets what the one before it gave: carry the shape on, shape = … in every round.",
)
def _(layers, input_shape):
    def after(shape, layer):
        flat = (math.prod(input_shape),)
        return _after(flat if isinstance(layer, Dense) else input_shape, layer)

    return [input_shape, *(after(input_shape, layer) for layer in layers)]


@known(
    TRACE,
    "each layer once",
    "Layers with equal sizes are equal, so as keys of a dict they fall into one. Keep the shapes in a list.",
)
def _(layers, input_shape):
    shape, found = input_shape, {}
    for layer in layers:
        shape = found[layer] = _after(shape, layer)
    return [input_shape, *found.values()]


@known(TRACE, "rounded up", "A last stop that does not fit is left out. Round down: // and no ceil.")
def _(layers, input_shape):
    def side(n, layer):
        padding, dilation = getattr(layer, "padding", 0), getattr(layer, "dilation", 1)
        return -((dilation * (layer.kernel - 1) + 1 - n - 2 * padding) // layer.stride) + 1

    return _trace(layers, input_shape, side=side)


@known(TRACE, "pooling rounded up", "A last window that would stick out is left out: pooling rounds down as well.")
def _(layers, input_shape):
    def side(n, layer):
        return -((layer.kernel - n) // layer.stride) + 1 if isinstance(layer, Pool) else _side(n, layer)

    return _trace(layers, input_shape, side=side)


@known(
    TRACE, "the dilation is forgotten", "A dilated kernel reaches over dilation·(kernel − 1) + 1 pixels, not kernel."
)
def _(layers, input_shape):
    def side(n, layer):
        return (n + 2 * getattr(layer, "padding", 0) - layer.kernel) // layer.stride + 1

    return _trace(layers, input_shape, side=side)


@known(TRACE, "the padding is forgotten", "A convolution's padding makes each axis 2·padding pixels longer.")
def _(layers, input_shape):
    def side(n, layer):
        return (n - getattr(layer, "dilation", 1) * (layer.kernel - 1) - 1) // layer.stride + 1

    return _trace(layers, input_shape, side=side)


@known(TRACE, "padding on one side only", "Padding goes on both sides of an axis: 2·padding more pixels, not padding.")
def _(layers, input_shape):
    return _trace(layers, input_shape, side=lambda n, layer: _side(n - getattr(layer, "padding", 0), layer))


@known(
    TRACE, "the stride of pooling is taken to be its kernel", "Pooling windows move by layer.stride: they may overlap."
)
def _(layers, input_shape):
    def side(n, layer):
        return n // layer.kernel if isinstance(layer, Pool) else _side(n, layer)

    return _trace(layers, input_shape, side=side)


@known(
    TRACE,
    "pooling always halves",
    "Only 2 × 2 windows with stride 2 halve the sides. Use layer.kernel and layer.stride.",
)
def _(layers, input_shape):
    return _trace(layers, input_shape, side=lambda n, layer: n // 2 if isinstance(layer, Pool) else _side(n, layer))


@known(TRACE, "pooling keeps the size", "Pooling has a stride, too: the maps shrink as they do in a convolution.")
def _(layers, input_shape):
    return _trace(layers, input_shape, side=lambda n, layer: n if isinstance(layer, Pool) else _side(n, layer))


@known(TRACE, "pooling is left out of the list", "Every layer has an entry, those without parameters too.")
def _(layers, input_shape):
    return [input_shape] + [
        shape
        for layer, shape in zip(layers, _trace(layers, input_shape)[1:], strict=True)
        if not isinstance(layer, Pool)
    ]


@known(TRACE, "Flatten is left out of the list", "Every layer has an entry, Flatten too: (C·H·W,).")
def _(layers, input_shape):
    return [input_shape] + [
        shape
        for layer, shape in zip(layers, _trace(layers, input_shape)[1:], strict=True)
        if not isinstance(layer, Flatten)
    ]


@known(TRACE, "the height serves for both", "The maps need not be square: do height and width on their own.")
def _(layers, input_shape):
    def after(shape, layer):
        new = _after(shape, layer)
        return new if len(new) == 1 else (new[0], new[1], new[1])

    return _trace(layers, input_shape, after)


@known(TRACE, "channels last", "In this course channels come first, as in torch: (channels, height, width).")
def _(layers, input_shape):
    return [(*shape[1:], shape[0]) if len(shape) == 3 else shape for shape in _trace(layers, input_shape)]


@known(TRACE, "Flatten keeps the shape", "Flatten turns (C, H, W) into one row of numbers: (C·H·W,).")
def _(layers, input_shape):
    return _trace(layers, input_shape, lambda s, layer: s if isinstance(layer, Flatten) else _after(s, layer))


@known(TRACE, "Flatten counts the channels only", "The places of each map count as well: C·H·W numbers come out.")
def _(layers, input_shape):
    return _trace(layers, input_shape, flat=lambda shape: shape[0])


@known(TRACE, "Flatten leaves the channels out", "Every map is laid out in the row: C·H·W numbers, not H·W.")
def _(layers, input_shape):
    return _trace(layers, input_shape, flat=lambda shape: math.prod(shape[1:]))


@known(TRACE, "Flatten adds the sides", "The numbers of all maps in one row: the three sides are multiplied.")
def _(layers, input_shape):
    return _trace(layers, input_shape, flat=sum)


@known(TRACE, "Flatten takes the input", "Flatten gets what the layer before it gave, not the picture itself.")
def _(layers, input_shape):
    return _trace(layers, input_shape, flat=lambda shape: math.prod(input_shape))


@known(TRACE, "Flatten keeps the channels apart", "One row of numbers is left, (C·H·W,), not one row for each map.")
def _(layers, input_shape):
    def after(shape, layer):
        return (shape[0], math.prod(shape[1:])) if isinstance(layer, Flatten) else _after(shape, layer)

    return _trace(layers, input_shape, after)


@known(TRACE, "bare numbers after Flatten", "A shape is a tuple, with one side as well: (n,), with a comma.")
def _(layers, input_shape):
    return [shape[0] if len(shape) == 1 else shape for shape in _trace(layers, input_shape)]


@known(
    TRACE,
    "three sides after Flatten",
    "After Flatten and Dense a shape has one side, (n,): no height and width are left.",
)
def _(layers, input_shape):
    return [(*shape, 1, 1) if len(shape) == 1 else shape for shape in _trace(layers, input_shape)]


@known(
    TRACE,
    "a batch axis after Flatten",
    "The shapes are those of one picture: (n,) after Flatten, without a batch axis.",
)
def _(layers, input_shape):
    return [(1, *shape) if len(shape) == 1 else shape for shape in _trace(layers, input_shape)]


@known(TRACE, "Dense keeps its input's shape", "A dense layer gives layer.out_features numbers, however many come in.")
def _(layers, input_shape):
    return _trace(layers, input_shape, lambda s, layer: s if isinstance(layer, Dense) else _after(s, layer))


@known(TRACE, "it stops at Flatten", "After Flatten the walk goes on: dense layers give (layer.out_features,).")
def _(layers, input_shape):
    stop = next((k for k, layer in enumerate(layers) if isinstance(layer, Flatten)), len(layers))
    return _trace(layers, input_shape)[: stop + 1]


@known(
    TRACE,
    "the list of layers is used up",
    "pop takes the layers out of the caller's list. Go through it with a for loop.",
)
def _(layers, input_shape):
    shapes = [input_shape]
    while layers:
        shapes.append(_after(shapes[-1], layers.pop(0)))
    return shapes


@known(TRACE, "yields the shapes", "`yield` makes a generator. Gather the shapes in a list, and return that.")
def _(layers, input_shape):
    yield from _trace(layers, input_shape)
