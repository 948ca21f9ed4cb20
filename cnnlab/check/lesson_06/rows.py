"""Lists with an entry for each layer: what is right, counted out, and what differs, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from cnnlab.check.cases import Case
from cnnlab.check.compare import Difference, difference
from cnnlab.check.plain import describe
from cnnlab.layers import Conv, Dense, Flatten, Pool

Shape = tuple[int, ...]


def stops(size: int, layer: Conv | Pool) -> int:
    """How many places a kernel has along an axis, by trying each."""
    padding = getattr(layer, "padding", 0)
    reach = getattr(layer, "dilation", 1) * (layer.kernel - 1)
    return sum(place + reach < size + 2 * padding for place in range(0, size + 2 * padding, layer.stride))


def shape_after(shape: Shape, layer: object) -> Shape:
    match layer:
        case Flatten():
            return (math.prod(shape),)
        case Dense():
            return (layer.out_features,)
        case _:
            channels = getattr(layer, "out_channels", shape[0])
            return (channels, *(stops(side, layer) for side in shape[1:]))


def shapes(layers: list, input_shape: Shape) -> list[Shape]:
    """The input's shape, then the one after each layer."""
    found = [tuple(input_shape)]
    for layer in layers:
        found.append(shape_after(found[-1], layer))
    return found


def judged(oracle: Callable, what: str) -> Callable[[object, Case], Difference | None]:
    """A judge for results with an entry for each layer; `what` is what an entry is ("parameters")."""

    def judge(value: object, case: Case, expected: object) -> Difference | None:
        expected = oracle(*case.args, **case.kwargs)
        layers = [*case.args, *case.kwargs.values()][0]
        names = [*(["the input"] if len(expected) > len(layers) else []), *(f"{layer}" for layer in layers)]
        if isinstance(value, list | tuple) and len(value) != len(expected):
            first = ", the input's first" if len(expected) > len(layers) else ""
            entries = f"Expected {len(expected)} entries{first}, one for each of the {len(layers)} layers"
            return Difference("shape", f"{entries}; yours returned {len(value)}.")
        if isinstance(value, np.ndarray):
            return Difference("type", "Expected a list, and yours returned an array. Try list(...).")
        if not isinstance(value, list | tuple):
            return difference(expected, value)
        for k, (name, one, other) in enumerate(zip(names, expected, value, strict=True)):
            found = entry(one, other)
            if found is not None:
                place = "First entry, the input" if name == "the input" else f"Entry {k}, {what} {name}"
                return Difference(found.kind, f"{place}: {found.sentence}")
        return None

    return judge


def entry(expected: object, got: object) -> Difference | None:
    """What is wrong with one entry: a count, or a shape."""
    if not isinstance(expected, tuple):
        return difference(expected, got)
    if not isinstance(got, tuple | list):
        hint = ", (n,) with a comma where it has one side" if len(expected) == 1 else ""
        return Difference("type", f"A shape is a tuple{hint}; yours is {describe(got)}.")
    for one, other in zip(expected, got, strict=False):
        found = difference(one, other)
        if found is not None and found.kind == "type":
            return Difference("type", f"The sides of a shape are whole numbers (int). {found.sentence}")
    if len(expected) != len(got) or any(difference(*pair) for pair in zip(expected, got, strict=True)):
        return Difference("values", f"expected {expected}, and yours is {shape_words(got)}.")
    return None


def shape_words(shape: tuple | list) -> str:
    """A shape as Python writes a tuple, NumPy's numbers as plain ones."""
    return str(tuple(side.item() if isinstance(side, np.ndarray) and side.ndim == 0 else side for side in shape))
