"""same_padding: the padding with which a convolution keeps the size."""

import bisect

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import between
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_02.output_size import starts


def padding_that_keeps(kernel: int, dilation: int = 1) -> int:
    """Found by trying. Raises ValueError where no padding that is equal on both sides keeps the size."""
    wide = 1 + dilation * kernel  # wider than the kernel, so that it fits without padding
    padding = bisect.bisect_left(range(wide), wide, key=lambda padding: starts(wide, kernel, padding, 1, dilation))
    if starts(wide, kernel, padding, 1, dilation) != wide:
        raise ValueError("no padding that is equal on both sides keeps the size")
    return padding


def _cases(rng: np.random.Generator) -> list[Case]:
    odd, even = 2 * between(rng, 6, 150)[0] + 1, 2 * between(rng, 3, 150)[0]
    rate, other = between(rng, 5, 299, 2)
    return [
        *(Case((k,)) for k in (1, 3, 5, 7, 11)), *(Case((k, d)) for k, d in ((3, 2), (3, 4), (5, 3), (1, 6), (7, 2))),
        Case((4, 2), note="an even kernel, dilated by an even number"), Case((even, 2 * other)),
        Case((odd,), {"dilation": rate}), Case((2,), note="no padding does it", raises=ValueError),
        Case((4,), note="no padding does it", raises=ValueError),
        Case((even + 2, 2 * rate + 1), note="no padding does it", raises=ValueError),
    ]  # fmt: skip


def _even(total: int) -> int:
    if total % 2:
        raise ValueError("no padding that is equal on both sides")
    return total // 2


# fmt: off
WRONG = [
    ("kernel // 2", "That forgets the dilation: both sides together must give back dilation·(K − 1).",
     lambda a: a.kernel // 2 if a.right() >= 0 else None),
    ("the dilation is left out", "A dilated kernel takes dilation·(K − 1) pixels away.", lambda a: a.right(dilation=1)),
    ("both sides together", "Half of it goes on each side.", lambda a: 2 * a.right()),
    ("an odd sum is rounded", "Where dilation·(K − 1) is odd no padding does it: raise ValueError.",
     lambda a: a.dilation * (a.kernel - 1) // 2),
    ("every even kernel is refused", "With an even dilation an even kernel works: dilation·(K − 1) is even.",
     lambda a: _even(a.kernel - 1) * a.dilation),
    ("a fraction", "A count is a whole number: // in place of /.", lambda a: float(a.right())),
    ("dilation·kernel in place of dilation·(kernel − 1)", "Between K taps there are K − 1 gaps.",
     lambda a: a.dilation * a.kernel // 2 if a.right() >= 0 else None),
]

EXERCISE = Exercise(
    name="same_padding", lesson="02_padding_stride", oracle=padding_that_keeps, wrong=WRONG,
    formula="dilation * (kernel - 1) // 2",
    parts=[Part("odd and even", 1, _cases, "kernels, dilated ones too, and some for which there is no such padding",
                "both sides together have to give back what the kernel takes away: dilation·(kernel − 1) pixels.")],
)
