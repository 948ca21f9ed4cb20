"""macs: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import math

from cnnlab.check.cases import Mistake, known
from cnnlab.check.lesson_06.parameters_mistakes import _conv, _dense, _each, _weights
from cnnlab.layers import Conv, Dense, Flatten, Pool

MACS: list[Mistake] = []


def _conv_macs(layer, came, went):
    return layer.kernel**2 * came[0] * math.prod(went)


def _dense_macs(layer, came, went):
    return came[0] * layer.out_features


@known(
    MACS,
    "the parameters",
    "A filter's weights are used again at every place: multiply by the places of the output map.",
)
def _(layers, input_shape):
    return _each(layers, input_shape, _conv, _dense)


@known(
    MACS, "the weights", "A filter's weights are used again at every place: multiply by the places of the output map."
)
def _(layers, input_shape):
    return _each(layers, input_shape, _weights, _dense_macs)


@known(MACS, "biases are counted", "Adding a bias is no multiplication: it is not counted.")
def _(layers, input_shape):
    conv = lambda c, came, went: _conv_macs(c, came, went) + math.prod(went)  # noqa: E731
    return _each(layers, input_shape, conv, _dense)


@known(MACS, "the dense layers' biases are counted", "Adding a bias is no multiplication: in·out, and nothing more.")
def _(layers, input_shape):
    return _each(layers, input_shape, _conv_macs, _dense)


@known(MACS, "the filters' biases are counted", "Adding a bias is no multiplication: it is not counted.")
def _(layers, input_shape):
    conv = lambda c, came, went: _conv_macs(c, came, went) + math.prod(went)  # noqa: E731
    return _each(layers, input_shape, conv, _dense_macs)


@known(MACS, "a bias for each filter is counted", "Adding a bias is no multiplication: it is not counted.")
def _(layers, input_shape):
    conv = lambda c, came, went: _conv_macs(c, came, went) + c.out_channels  # noqa: E731
    return _each(layers, input_shape, conv, _dense_macs)


@known(
    MACS,
    "the input's places",
    "The kernel stops once for each value that comes out: height and width of the output count.",
)
def _(layers, input_shape):
    conv = lambda c, came, went: _weights(c, came, went) * math.prod(came[1:])  # noqa: E731
    return _each(layers, input_shape, conv, _dense_macs)


@known(MACS, "the picture's places", "The maps have become smaller: height and width of this layer's output count.")
def _(layers, input_shape):
    conv = lambda c, came, went: _weights(c, came, went) * math.prod(input_shape[1:])  # noqa: E731
    return _each(layers, input_shape, conv, _dense_macs)


@known(MACS, "a single row of places", "The kernel stops in every row and every column: height times width.")
def _(layers, input_shape):
    return _each(layers, input_shape, lambda c, came, went: _weights(c, came, went) * went[2], _dense_macs)


@known(MACS, "a single column of places", "The kernel stops in every row and every column: height times width.")
def _(layers, input_shape):
    return _each(layers, input_shape, lambda c, came, went: _weights(c, came, went) * went[1], _dense_macs)


@known(MACS, "the height twice", "The maps need not be square: height times width.")
def _(layers, input_shape):
    return _each(layers, input_shape, lambda c, came, went: _weights(c, came, went) * went[1] ** 2, _dense_macs)


@known(
    MACS, "the incoming maps are left out", "Each value that comes out looks at every map that comes in: times C_in."
)
def _(layers, input_shape):
    return _each(layers, input_shape, lambda c, came, went: c.kernel**2 * math.prod(went), _dense_macs)


@known(MACS, "one filter only", "That is the work of one filter. There are out_channels of them.")
def _(layers, input_shape):
    return _each(layers, input_shape, lambda c, came, went: c.kernel**2 * came[0] * math.prod(went[1:]), _dense_macs)


@known(MACS, "the kernel's side, not its area", "A 3 × 3 kernel multiplies 9 times for each map, not 3 times.")
def _(layers, input_shape):
    return _each(layers, input_shape, lambda c, came, went: c.kernel * came[0] * math.prod(went), _dense_macs)


@known(
    MACS,
    "multiplications and additions apart",
    "One multiply–accumulate is a product and its addition: counted once, not twice.",
)
def _(layers, input_shape):
    return [2 * n for n in _each(layers, input_shape, _conv_macs, _dense_macs)]


@known(MACS, "pooling is counted", "Pooling compares, and multiplies nothing: 0 for it.")
def _(layers, input_shape):
    other = lambda p, came, went: p.kernel**2 * math.prod(went) if isinstance(p, Pool) else 0  # noqa: E731
    return _each(layers, input_shape, _conv_macs, _dense_macs, other)


@known(MACS, "Flatten is counted", "Flatten moves numbers and multiplies nothing: 0 for it.")
def _(layers, input_shape):
    other = lambda f, came, went: went[0] if isinstance(f, Flatten) else 0  # noqa: E731
    return _each(layers, input_shape, _conv_macs, _dense_macs, other)


@known(
    MACS, "layers that multiply nothing are left out", "The list has one number for each layer, 0 for Pool and Flatten."
)
def _(layers, input_shape):
    counts = _each(layers, input_shape, _conv_macs, _dense_macs)
    return [n for n, layer in zip(counts, layers, strict=True) if isinstance(layer, Conv | Dense)]


@known(MACS, "the total only", "One number for each layer is asked for; the sum is easily had from them.")
def _(layers, input_shape):
    return sum(_each(layers, input_shape, _conv_macs, _dense_macs))


@known(MACS, "dilated kernels cost more", "Dilation puts gaps between the taps, and gaps are not multiplied.")
def _(layers, input_shape):
    def conv(c, came, went):
        return (c.dilation * (c.kernel - 1) + 1) ** 2 * came[0] * math.prod(went)

    return _each(layers, input_shape, conv, _dense_macs)


@known(MACS, "dense layers cost nothing", "Each weight of a dense layer is used once for a picture: in·out.")
def _(layers, input_shape):
    return _each(layers, input_shape, _conv_macs, lambda d, came, went: 0)


@known(MACS, "dense layers cost their outputs", "Each output of a dense layer adds up all inputs: in·out.")
def _(layers, input_shape):
    return _each(layers, input_shape, _conv_macs, lambda d, came, went: d.out_features)
