"""pool_shape: what a pooling layer makes of maps."""

from dataclasses import replace

import numpy as np

from cnnlab.check.cases import Case
from cnnlab.check.draw import between
from cnnlab.check.lesson_06 import rows
from cnnlab.check.lesson_06.conv_shape import after_one, mixed_up, two_sides, with_sides
from cnnlab.layers import Pool

pool = with_sides(lambda a: a.shape[0])


# fmt: off
def _cases(rng: np.random.Generator) -> list[Case]:
    maps = between(rng, 9, 99)[0]
    return [
        Case(((3, 4, 6), Pool(2, 2))), Case(((2, 7, 9), Pool(3, 2)), note="windows that overlap"),
        Case(((5, 7, 9), Pool(2, 2)), note="a row and a column are left over"), Case(((4, 10, 5), Pool(3, 3))),
        Case(((2, 11, 7), Pool(2, 3)), note="the stride is larger than the window"), Case(((6, 7, 9), Pool(5, 1))),
        Case(((7, 3, 6), Pool(3, 2)), note="a single row of windows"), Case(((maps, *two_sides(rng, 24)), Pool(4, 3))),
        Case(((96, 55, 52), Pool(3, 2))), Case(((maps + 8, *two_sides(rng, 9)),), {"layer": Pool(3, 2)}),
    ]


WRONG = [
    ("rounded up", "A last window that would stick out is left out. Round down: // and no ceil.",
     lambda a: pool(a, lambda n, p: rows.side(n + p.stride - 1, p))),
    ("rounded to the nearest", "round goes up above a half. A window that does not fit is left out: use //.",
     lambda a: pool(a, lambda n, p: round((n - p.kernel) / p.stride) + 1)),
    ("not rounded at all", "/ gives a float, and a side is a whole number. Use //, which also rounds down.",
     lambda a: pool(a, lambda n, p: (n - p.kernel) / p.stride + 1)),
    ("the stride is taken to be the kernel", "Windows may overlap or leave gaps: they move by layer.stride.",
     lambda a: a.right(layer=replace(a.layer, stride=a.layer.kernel))),
    ("the stride is forgotten", "The window moves by layer.stride pixels: divide the room for steps by it.",
     lambda a: a.right(layer=replace(a.layer, stride=1))),
    ("the stride is taken for padding", "output_size takes the padding before the stride, and here there is none. Give "
     "the stride by its name.", lambda a: pool(a, lambda n, p: n + 2 * p.stride - p.kernel + 1)),
    ("the window is forgotten", "The window has to fit in as a whole: take its side off before you divide.",
     lambda a: pool(a, lambda n, p: n // p.stride)),
    ("always halved", "2 × 2 windows with stride 2 halve the sides, others need not. Use layer.kernel and "
     "layer.stride.",
     lambda a: pool(a, lambda n, p: n // 2)),
    ("the first stop is not counted", "There is a window before the first step, so + 1 comes after the division.",
     lambda a: pool(a, lambda n, p: rows.side(n, p) - 1)),
    ("the channels are pooled as well", "Pooling looks at each map by itself: as many maps come out as go in.",
     lambda a: tuple(max(1, rows.side(n, a.layer)) for n in a.shape)),
    ("the maps are merged into one", "Pooling looks at each map by itself: as many maps come out as go in.",
     lambda a: (1, *a.right()[1:])),
    *mixed_up("height and width swapped", "the height serves for both", "channels last"),
    ("padded by half a window", "Pooling is not padded here: the windows stay inside the map.",
     lambda a: pool(a, lambda n, p: rows.side(n + 2 * (p.kernel // 2), p))),
]

EXERCISE = after_one(
    "pool_shape", _cases, "pooling layers, windows that overlap and windows with gaps",
    "the same formula as for a convolution without padding; how many maps come out of pooling?", WRONG)
