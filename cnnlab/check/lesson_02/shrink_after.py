"""shrink_after: what is left of a side after layers without padding."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import between
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_02.output_size import starts


def left_after(size: int, kernel: int, layers: int) -> int:
    """Layer after layer. Raises ValueError where nothing is left."""
    for _ in range(layers):
        size = starts(size, kernel)
    return size


def _cases(rng: np.random.Generator) -> list[Case]:
    size, other = between(rng, 5_000, 20_000, 2)
    kernel, layers, more = between(rng, 5, 50)[0], *between(rng, 10, 99, 2)
    return [
        Case((9, 3, 1)), Case((9, 3, 4), note="one pixel is left"), Case((224, 3, 20)), Case((other, 5, more)),
        Case((10, 2, 9), note="an even kernel"), Case((12, 1, 5), note="kernels of one weight"),
        Case((17, 4, 0), note="no layers"), Case((3, 5, 0), note="no layers, so the kernel need not fit"),
        Case((size, kernel, layers)), Case((9, 3, 5), note="nothing is left", raises=ValueError),
        Case((8, 3, 4), note="nothing is left", raises=ValueError),
        Case((6, 7, 1), note="nothing is left", raises=ValueError),
        Case((10, 2, 10), note="nothing is left", raises=ValueError),
    ]  # fmt: skip


def _some(left: int) -> int:
    if left < 1:
        raise ValueError("nothing is left")
    return left


def _taken(a) -> int:
    return a.layers * (a.kernel - 1)


# fmt: off
WRONG = [
    ("each layer takes a whole kernel", "A layer takes K − 1 pixels: 5 − 3 + 1 = 3.",
     lambda a: _some(a.size - a.kernel * a.layers)),
    ("half of the kernel", "Each side loses (K − 1)/2, so both together lose K − 1.",
     lambda a: _some(a.size - a.kernel // 2 * a.layers)),
    ("one layer only", "Every layer takes K − 1 pixels: multiply by the number of layers.",
     lambda a: a.right(layers=1)),
    ("nothing left gives a number", "Where nothing is left, raise ValueError; −1 pixels do not exist.",
     lambda a: a.size - _taken(a)),
    ("0 pixels are returned", "A side of 0 is nothing, too: raise ValueError where less than 1 is left.",
     lambda a: _some(a.size - _taken(a) + 1) - 1),
    ("a last pixel is refused", "One pixel is something: only less than 1 is nothing.",
     lambda a: _some(a.size - _taken(a) - 1) + 1),
    ("always 2 pixels a layer", "2 is right for a kernel of 3 alone; a layer takes K − 1.",
     lambda a: a.right(kernel=3)),
    ("0 where nothing is left", "Raise ValueError where nothing is left.", lambda a: max(0, a.size - _taken(a))),
    ("one layer too many", "Count again: after 1 layer of 3 × 3, 9 pixels become 7.",
     lambda a: a.right(layers=a.layers + 1)),
    ("a float", "A count is a whole number (int).", lambda a: float(a.right())),
]

EXERCISE = Exercise(
    name="shrink_after", lesson="02_padding_stride", oracle=left_after, wrong=WRONG,
    formula="size - layers * (kernel - 1)",
    parts=[Part("layers", 1, _cases, "stacks of layers, and some in which nothing is left",
                "each layer takes kernel − 1 pixels. And when is nothing left: at 1, at 0, below?")],
)
