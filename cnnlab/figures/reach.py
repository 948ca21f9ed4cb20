"""Receptive fields as plain numbers: the learner's for a list of layers, the true ones, and who has how much say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnlab.built import lesson_06 as course
from cnnlab.check import ask
from cnnlab.figures.traced import misfit


@dataclass(frozen=True)
class Fields:
    """Layers, Conv and Pool, and the side of the field after each, in pixels, ints.

    wrong: the places, ints, that are not right; says: why there are no fields, a sentence; endless: the function never
    came back.
    """

    layers: tuple
    fields: tuple
    wrong: frozenset = frozenset()
    says: str = ""
    endless: bool = False


def fields_of(layers, receptive_field=None):
    """The Fields of a list of Conv and Pool, by the learner's function of that list; without one, the course's own."""
    layers = tuple(layers)
    right = course.receptive_field(layers)
    if receptive_field is None:
        return Fields(layers, tuple(right))
    answer = ask(receptive_field, list(layers))
    problem = answer.problem or misfit(answer.name, answer.value, right)
    if problem:
        return Fields(layers, (), says=problem, endless=answer.endless)
    value = tuple(int(side) for side in answer.value)
    return Fields(layers, value, frozenset(k for k, r in enumerate(right) if value[k] != r))


def influence(layers):
    """How much say each pixel of the theoretical field has, along one axis: (field,), floats that add up to 1.

    The number of ways from the pixel to the last layer's value, where every weight of every window counts the same (Luo
    et al., 2016): one value, carried back through the layers from the last to the first.
    """
    shares = np.ones(1)
    for layer in reversed(layers):
        apart = np.zeros((len(shares) - 1) * layer.stride + 1)
        apart[:: layer.stride] = shares
        window = np.zeros(getattr(layer, "dilation", 1) * (layer.kernel - 1) + 1)
        window[:: getattr(layer, "dilation", 1)] = 1 / layer.kernel
        shares = np.convolve(apart, window)
    return shares


def most_of(shares, part=0.9):
    """The side, an int, of the smallest square around the middle with this part of all say. shares: of `influence`."""
    size = len(shares)
    for cut in range((size - 1) // 2, -1, -1):
        middle = shares[cut : size - cut]
        if middle.sum() ** 2 >= part - 1e-9:
            return len(middle)
    return size
