"""Lesson 06, ready-made: the shapes, parameters, multiplications and receptive fields of a list of layers.

A network is a list of cnnlab.layers: ``[Conv(96, 11, stride=4), Pool(3, 2), Flatten(), Dense(1000)]``.
"""

import math

from cnnlab.built.lesson_02 import output_size
from cnnlab.layers import Conv, Dense, Flatten, Pool


def conv_shape(shape, layer):
    """What a Conv makes of (C, H, W): (out_channels, H', W'). Raises ValueError where the kernel does not fit."""
    sides = (output_size(side, layer.kernel, layer.padding, layer.stride, layer.dilation) for side in shape[1:])
    return (layer.out_channels, *sides)


def pool_shape(shape, layer):
    """What a Pool makes of (C, H, W): (C, H', W'). Raises ValueError where the window does not fit."""
    return (shape[0], *(output_size(side, layer.kernel, stride=layer.stride) for side in shape[1:]))


def trace(layers, input_shape):
    """The shape of the input, then the one after each layer: tuples, (C, H, W), or (n,) after Flatten and Dense."""
    shapes = [tuple(input_shape)]
    for layer in layers:
        match layer:
            case Conv():
                shapes.append(conv_shape(shapes[-1], layer))
            case Pool():
                shapes.append(pool_shape(shapes[-1], layer))
            case Flatten():
                shapes.append((math.prod(shapes[-1]),))
            case Dense():
                shapes.append((layer.out_features,))
    return shapes


def parameters(layers, input_shape):
    """How many numbers each layer learns, weights and biases: a list of ints, 0 for Pool and Flatten."""
    counts = []
    for layer, shape in zip(layers, trace(layers, input_shape), strict=False):
        match layer:
            case Conv():
                counts.append((layer.kernel**2 * shape[0] + 1) * layer.out_channels)
            case Dense():
                counts.append((math.prod(shape) + 1) * layer.out_features)
            case _:
                counts.append(0)
    return counts


def macs(layers, input_shape):
    """How many multiply–accumulates each layer costs for one picture: a list of ints, 0 for Pool and Flatten."""
    shapes = trace(layers, input_shape)
    counts = []
    for layer, came, went in zip(layers, shapes, shapes[1:], strict=False):
        match layer:
            case Conv():
                counts.append(layer.kernel**2 * came[0] * math.prod(went))
            case Dense():
                counts.append(math.prod(came) * layer.out_features)
            case _:
                counts.append(0)
    return counts


def receptive_field(layers):
    """How many pixels of the input, along one axis, a value after each Conv or Pool depends on: a list of ints."""
    field, step, fields = 1, 1, []
    for layer in layers:
        field += getattr(layer, "dilation", 1) * (layer.kernel - 1) * step
        step *= layer.stride
        fields.append(field)
    return fields
