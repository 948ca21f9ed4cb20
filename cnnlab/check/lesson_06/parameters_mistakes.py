"""parameters: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import math

from cnnlab.check.cases import Mistake, known
from cnnlab.layers import Conv, Dense, Flatten, Pool

PARAMETERS: list[Mistake] = []


def _side(size, layer):
    padding, dilation = getattr(layer, "padding", 0), getattr(layer, "dilation", 1)
    return (size + 2 * padding - dilation * (layer.kernel - 1) - 1) // layer.stride + 1


def _shapes(layers, input_shape):
    shapes = [input_shape]
    for layer in layers:
        shape = shapes[-1]
        if isinstance(layer, Flatten):
            shapes.append((math.prod(shape),))
        elif isinstance(layer, Dense):
            shapes.append((layer.out_features,))
        else:
            channels = layer.out_channels if isinstance(layer, Conv) else shape[0]
            shapes.append((channels, _side(shape[1], layer), _side(shape[2], layer)))
    return shapes


def _each(layers, input_shape, conv, dense, other=lambda layer, came, went: 0):
    """One number for each layer, from the layer, what came in and what went out."""
    shapes, found = _shapes(layers, input_shape), []
    for k, layer in enumerate(layers):
        count = conv if isinstance(layer, Conv) else dense if isinstance(layer, Dense) else other
        found.append(count(layer, shapes[k], shapes[k + 1]))
    return found


def _conv(layer, came, went):
    return (layer.kernel**2 * came[0] + 1) * layer.out_channels


def _dense(layer, came, went):
    return (came[0] + 1) * layer.out_features


def _weights(layer, came, went):
    return layer.kernel**2 * came[0] * layer.out_channels


@known(
    PARAMETERS, "the biases are forgotten", "Each filter and each output of a dense layer has a bias: add one for each."
)
def _(layers, input_shape):
    return _each(layers, input_shape, _weights, lambda d, came, went: came[0] * d.out_features)


@known(PARAMETERS, "the filters' biases are forgotten", "Each filter has a bias: out_channels more.")
def _(layers, input_shape):
    return _each(layers, input_shape, _weights, _dense)


@known(PARAMETERS, "the dense layers' biases are forgotten", "Each output has a bias: out_features more.")
def _(layers, input_shape):
    return _each(layers, input_shape, _conv, lambda d, came, went: came[0] * d.out_features)


@known(
    PARAMETERS, "a single bias for a layer", "There is one bias for each filter and each output, not one for the layer."
)
def _(layers, input_shape):
    dense = lambda d, came, went: came[0] * d.out_features + 1  # noqa: E731
    return _each(layers, input_shape, lambda c, came, went: _weights(c, came, went) + 1, dense)


@known(PARAMETERS, "biases by input", "Biases belong to what comes out: one for each filter, one for each output.")
def _(layers, input_shape):
    dense = lambda d, came, went: came[0] * (d.out_features + 1)  # noqa: E731
    return _each(layers, input_shape, lambda c, came, went: _weights(c, came, went) + came[0], dense)


@known(
    PARAMETERS,
    "pooling is counted",
    "Pooling takes the largest number of a window: it learns nothing, and has no parameters.",
)
def _(layers, input_shape):
    other = lambda p, came, went: p.kernel**2 * came[0] if isinstance(p, Pool) else 0  # noqa: E731
    return _each(layers, input_shape, _conv, _dense, other)


@known(PARAMETERS, "pooling is counted like a convolution", "Pooling has no weights and no biases: 0 for it.")
def _(layers, input_shape):
    other = lambda p, came, went: (p.kernel**2 * came[0] + 1) * came[0] if isinstance(p, Pool) else 0  # noqa: E731
    return _each(layers, input_shape, _conv, _dense, other)


@known(PARAMETERS, "Flatten is counted", "Flatten lays numbers out in a row and learns nothing: 0 for it.")
def _(layers, input_shape):
    other = lambda f, came, went: went[0] if isinstance(f, Flatten) else 0  # noqa: E731
    return _each(layers, input_shape, _conv, _dense, other)


@known(
    PARAMETERS,
    "layers without parameters are left out",
    "The list has one number for each layer, 0 for Pool and Flatten.",
)
def _(layers, input_shape):
    counts = _each(layers, input_shape, _conv, _dense)
    return [n for n, layer in zip(counts, layers, strict=True) if isinstance(layer, Conv | Dense)]


@known(
    PARAMETERS, "None for layers without parameters", "A layer without parameters has 0 of them: a number, not None."
)
def _(layers, input_shape):
    return _each(layers, input_shape, _conv, _dense, lambda layer, came, went: None)


@known(PARAMETERS, "the total only", "One number for each layer is asked for; the sum is easily had from them.")
def _(layers, input_shape):
    return sum(_each(layers, input_shape, _conv, _dense))


@known(PARAMETERS, "the total at the end", "One number for each layer is asked for, and no total behind them.")
def _(layers, input_shape):
    counts = _each(layers, input_shape, _conv, _dense)
    return [*counts, sum(counts)]


@known(PARAMETERS, "a 0 for the input", "One number for each layer: the input is no layer, and has no entry here.")
def _(layers, input_shape):
    return [0, *_each(layers, input_shape, _conv, _dense)]


@known(PARAMETERS, "running totals", "Each layer's own number is asked for, not the sum up to it.")
def _(layers, input_shape):
    counts = _each(layers, input_shape, _conv, _dense)
    return [sum(counts[: k + 1]) for k in range(len(counts))]


@known(PARAMETERS, "the kernel's side, not its area", "A 3 × 3 kernel has 9 weights for each map, not 3.")
def _(layers, input_shape):
    return _each(layers, input_shape, lambda c, came, went: (c.kernel * came[0] + 1) * c.out_channels, _dense)


@known(
    PARAMETERS,
    "the incoming maps are left out",
    "A filter has a slice of weights for every map that comes in: times the channels of the shape before it.",
)
def _(layers, input_shape):
    return _each(layers, input_shape, lambda c, came, went: (c.kernel**2 + 1) * c.out_channels, _dense)


@known(PARAMETERS, "one filter only", "You counted one filter. There are out_channels of them.")
def _(layers, input_shape):
    return _each(layers, input_shape, lambda c, came, went: c.kernel**2 * came[0] + 1, _dense)


@known(
    PARAMETERS,
    "every layer sees the picture's channels",
    "Only the first layer gets the picture: a later filter spans the maps that the layer before it gives.",
)
def _(layers, input_shape):
    return _each(layers, input_shape, lambda c, came, went: (c.kernel**2 * input_shape[0] + 1) * c.out_channels, _dense)


@known(
    PARAMETERS,
    "as many maps in as out",
    "A filter spans the maps that come in; how many filters there are is another number.",
)
def _(layers, input_shape):
    return _each(layers, input_shape, lambda c, came, went: (c.kernel**2 * went[0] + 1) * c.out_channels, _dense)


@known(PARAMETERS, "the picture's size is in it", "The same filter works at every place: no parameter belongs to one.")
def _(layers, input_shape):
    return _each(layers, input_shape, lambda c, came, went: _conv(c, came, went) * math.prod(went[1:]), _dense)


@known(
    PARAMETERS, "dilated kernels have more weights", "Dilation puts gaps between the taps, and gaps are not learned."
)
def _(layers, input_shape):
    def conv(c, came, went):
        return ((c.dilation * (c.kernel - 1) + 1) ** 2 * came[0] + 1) * c.out_channels

    return _each(layers, input_shape, conv, _dense)


def _before_flatten(layers, input_shape, inputs):
    """The dense layer after Flatten with another number of inputs."""
    shapes, found = _shapes(layers, input_shape), _each(layers, input_shape, _conv, _dense)
    for k, layer in enumerate(layers):
        if isinstance(layer, Dense) and k and isinstance(layers[k - 1], Flatten):
            found[k] = (inputs(shapes[k - 1]) + 1) * layer.out_features
    return found


@known(
    PARAMETERS,
    "the dense layer gets one number for each map",
    "After Flatten the places of each map count as well: the dense layer gets C·H·W numbers.",
)
def _(layers, input_shape):
    return _before_flatten(layers, input_shape, lambda shape: shape[0])


@known(
    PARAMETERS,
    "the dense layer gets one map",
    "After Flatten all maps are in the row: the dense layer gets C·H·W numbers.",
)
def _(layers, input_shape):
    return _before_flatten(layers, input_shape, lambda shape: math.prod(shape[1:]))


@known(
    PARAMETERS,
    "the dense layer gets the picture",
    "Convolutions and pooling have changed the shape: the dense layer gets what is left after them.",
)
def _(layers, input_shape):
    return _before_flatten(layers, input_shape, lambda shape: math.prod(input_shape))


@known(
    PARAMETERS,
    "every dense layer gets the flattened maps",
    "Only the first dense layer does; the next one gets what the one before it gives.",
)
def _(layers, input_shape):
    flat = next(
        (
            math.prod(s)
            for layer, s in zip(layers, _shapes(layers, input_shape), strict=False)
            if isinstance(layer, Flatten)
        ),
        0,
    )
    return _each(layers, input_shape, _conv, lambda d, came, went: (flat + 1) * d.out_features)


@known(PARAMETERS, "in plus out", "Every input is joined to every output: the two are multiplied, not added.")
def _(layers, input_shape):
    return _each(layers, input_shape, _conv, lambda d, came, went: came[0] + 2 * d.out_features)
