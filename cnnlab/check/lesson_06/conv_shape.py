"""conv_shape: what a convolution makes of maps."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cnnlab.check.cases import Args, Case, Part
from cnnlab.check.draw import between
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_06 import rows
from cnnlab.check.reading.places import Spot
from cnnlab.layers import Conv


def shape_of(shape: rows.Shape, layer: Any) -> rows.Shape:
    """The right shape after a layer."""
    return rows.shape_after(shape, layer)


def after_one(name: str, cases: Callable, tests: str, look: str, wrong: Sequence) -> Exercise:
    """An exercise about (shape, layer): the shape after one layer."""
    read = rows.reading(lambda one: rows.shapes_read([one.args.layer], [one.args.shape, one.got]), rows.SIDES)
    sides = [Spot("in the channels", np.arange(3) == 0), Spot("in height and width", np.arange(3) > 0)]
    return Exercise(
        name=name, lesson="06_alexnet", oracle=shape_of, read=read, axes={"": "side"}, wrong=wrong,
        spots=lambda a: {"": sides}, parts=[Part("shape", 1, cases, tests, look)],
    )  # fmt: skip


def two_sides(rng: np.random.Generator, least: int, most: int = 199) -> list[int]:
    return between(rng, least, most, 2)


def with_sides(channels: Callable[[Args], int]) -> Callable[[Args, Callable], rows.Shape]:
    """(a, side): the shape whose sides come out by another rule."""
    return lambda a, side: (channels(a), side(a.shape[1], a.layer), side(a.shape[2], a.layer))


conv = with_sides(lambda a: a.layer.out_channels)


# fmt: off
def _cases(rng: np.random.Generator) -> list[Case]:
    maps, filters, third = between(rng, 9, 99, 3)
    return [
        Case(((1, 5, 4), Conv(2, 3))), Case(((3, 4, 6), Conv(5, 1))),
        Case(((2, 6, 9), Conv(4, 3, stride=2)), note="the stride does not divide one of the sides"),
        Case(((4, 9, 6), Conv(3, 2, stride=3))), Case(((3, 5, 8), Conv(8, 3, padding=1))),
        Case(((2, 4, 7), Conv(3, 5, padding=2))), Case(((2, 9, 8), Conv(4, 3, dilation=2))),
        Case(((5, 12, 10), Conv(2, 4, dilation=3))), Case(((3, 8, 13), Conv(6, 3, stride=2, padding=1, dilation=2))),
        Case(((7, 3, 12), Conv(7, 3, stride=5)), note="a single row of places"),
        Case(((3, 6, 5), Conv(4, 1, stride=3)), note="the stride is larger than the kernel"),
        Case(((3, *two_sides(rng, 24)), Conv(filters, 4, 3, 2, 2)), note="by position: stride, padding, dilation"),
        Case(((6, *two_sides(rng, 40)), Conv(third, 7, stride=4, padding=5, dilation=3))),
        Case(((3, 227, 227), Conv(96, 11, stride=4))),
        Case(((maps, *two_sides(rng, 9, 59)),), {"layer": Conv(maps + 16, 5, padding=2)}),
    ]


MIXED_UP = {
    "height and width swapped": ("A shape is (channels, height, width), and so is yours to be.", (0, 2, 1)),
    "the height serves for both": ("The map need not be square: do the width on its own, from shape[2].", (0, 1, 1)),
    "the width serves for both": ("The map need not be square: do the height on its own, from shape[1].", (0, 2, 2)),
    "channels last": ("In this course channels come first, as in torch: (channels, height, width).", (1, 2, 0)),
}


def mixed_up(*names: str) -> list[tuple]:
    """Rows that a convolution's and a pooling layer's tables both have: the sides in another order."""
    return [(name, MIXED_UP[name][0], lambda a, order=MIXED_UP[name][1]: tuple(a.right()[k] for k in order))
            for name in names]


WRONG = [
    ("padding on one side only", "Padding goes on both sides of an axis: 2·padding more pixels, not padding.",
     lambda a: conv(a, lambda n, c: rows.side(n - c.padding, c))),
    ("the padding is forgotten", "The layer has a padding: the axis is 2·padding pixels longer before it is cut up.",
     lambda a: conv(a, lambda n, c: rows.side(n - 2 * c.padding, c))),
    ("rounded up", "A last stop where the kernel would stick out is left out. Round down: // and no ceil.",
     lambda a: conv(a, lambda n, c: rows.side(n + c.stride - 1, c))),
    ("rounded to the nearest", "round goes up above a half. A stop that does not fit is left out: use //.",
     lambda a: conv(a, lambda n, c: round((rows.side(n, replace(c, stride=1)) - 1) / c.stride) + 1)),
    ("not rounded at all", "/ gives a float, and a side is a whole number. Use //, which also rounds down.",
     lambda a: conv(a, lambda n, c: (rows.side(n, replace(c, stride=1)) - 1) / c.stride + 1)),
    ("the first stop is not counted", "There is a stop before the first step, so + 1 comes after the division.",
     lambda a: conv(a, lambda n, c: rows.side(n, c) - 1)),
    ("the + 1 is inside the division", "Divide the room by the stride first; the + 1 for the first stop comes after.",
     lambda a: conv(a, lambda n, c: rows.side(n, replace(c, stride=1)) // c.stride)),
    ("the stride is forgotten", "The kernel moves by `stride` pixels: divide the room for steps by it.",
     lambda a: a.right(layer=replace(a.layer, stride=1))),
    ("the kernel is forgotten", "The kernel has to fit in as a whole: take its reach off before you divide.",
     lambda a: conv(a, lambda n, c: (n + 2 * c.padding) // c.stride)),
    ("the dilation is forgotten", "A dilated kernel reaches further: dilation·(kernel − 1) + 1 pixels, not kernel.",
     lambda a: a.right(layer=replace(a.layer, dilation=1))),
    ("the dilation makes every tap wider", "Dilation puts gaps between the taps, and there are kernel − 1 of them: the "
     "reach is dilation·(kernel − 1) + 1.",
     lambda a: conv(a, lambda n, c: (n + 2 * c.padding - c.dilation * c.kernel) // c.stride + 1)),
    ("the dilation is added to the kernel", "Each of the kernel − 1 gaps grows, not one of them: the reach is "
     "dilation·(kernel − 1) + 1.",
     lambda a: conv(a, lambda n, c: (n + 2 * c.padding - c.kernel - c.dilation + 1) // c.stride + 1)),
    ("the input's channels come out", "A convolution gives one map for each filter: layer.out_channels of them.",
     lambda a: (a.shape[0], *a.right()[1:])),
    ("channels multiplied", "Each filter spans all maps that come in and gives one map: out_channels come out.",
     lambda a: (a.shape[0] * a.layer.out_channels, *a.right()[1:])),
    *mixed_up(*MIXED_UP),
    ("the channels are left out", "A shape has three sides here: (channels, height, width).", lambda a: a.right()[1:]),
    ("the shape is not changed", "What comes out is `layer.out_channels` maps, each with as many values as stops.",
     lambda a: a.shape),
]

EXERCISE = after_one(
    "conv_shape", _cases, "convolutions with stride, padding and dilation, on oblong maps",
    "lesson 02's formula, once for the height and once for the width; how many maps come out?", WRONG)
