"""output_size: how many stops a kernel has along a row of pixels."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import between
from cnnlab.check.exercise import Exercise


def starts(size: int, kernel: int, padding: int = 0, stride: int = 1, dilation: int = 1) -> int:
    """The stops counted one by one: every stride-th start whose last tap is still inside. Raises ValueError where there
    is none."""
    wide, reach = size + 2 * padding, dilation * (kernel - 1)
    if wide - reach < 1:
        raise ValueError("the kernel does not fit")
    return len(range(0, wide - reach, stride))


def _one_step(rng: np.random.Generator) -> list[Case]:
    size, padding = between(rng, 200, 9_999)[0], between(rng, 2, 60)[0]
    kernel, even = 2 * between(rng, 4, 90)[0] + 1, 2 * between(rng, 2, 90)[0]
    return [
        Case((5, 3)), Case((5, 3, 1), note="padding on both sides"), Case((7, 2), note="an even kernel"),
        Case((6, 6), note="as large as the picture"), Case((1, 1)), Case((size, even, padding)),
        Case((4, 7, 2), note="it fits because of the padding"), Case((size - 1, kernel, 0)),
        Case((3, 5), note="it does not fit", raises=ValueError),
        Case((5, 6), note="it does not fit, by one pixel", raises=ValueError),
        Case((3, 8, 2), note="it does not fit, padding or not", raises=ValueError),
    ]  # fmt: skip


def _every_step(rng: np.random.Generator) -> list[Case]:
    size, other, third = between(rng, 300, 9_999, 3)
    kernel, padding = between(rng, 3, 40)[0], between(rng, 1, 40)[0]
    return [
        Case((7, 3, 0, 2)), Case((8, 3, 0, 2), note="the last column is never reached"), Case((28, 3, 1, 1)),
        Case((224, 3, 1, 2)), Case((224, 7, 3, 2)), Case((227, 11), {"stride": 4}),
        Case((3, 3, 0, 5), note="one stop, however long the stride"), Case((9, 3, 0, 1, 2), note="dilation 2"),
        Case((9, 3), {"dilation": 4}, note="dilated, it just fits"), Case((20, 4, 3, 3, 2), note="everything at once"),
        Case((third, kernel, padding, 4, 3)), Case((size, 1, 0, 2, 7), note="one tap: dilation changes nothing"),
        Case((other, kernel + 1), {"padding": padding + 1, "stride": 3, "dilation": 2}),
        Case((8, 3, 0, 1, 4), note="dilated, it does not fit", raises=ValueError),
        Case((5, 3, 1, 2, 4), note="dilated, it does not fit, padding or not", raises=ValueError),
        Case((2, 3, 0, 2), note="it does not fit, by less than a stride", raises=ValueError),
        Case((4, 5, 0, 3), note="it does not fit, by less than a stride", raises=ValueError),
        Case((6, 3, 1, 5, 6), note="dilated, it does not fit, by less than a stride", raises=ValueError),
    ]  # fmt: skip


def _way(a, padding=None, dilation=None) -> int:
    """How far the kernel can go from its first stop; below 0 where it does not fit."""
    padding, dilation = a.padding if padding is None else padding, a.dilation if dilation is None else dilation
    return a.size + 2 * padding - dilation * (a.kernel - 1) - 1


def _fits(way: int) -> int:
    if way < 0:
        raise ValueError("the kernel does not fit")
    return way


# fmt: off
WRONG = [
    ("the + 1 is missing", "Start 0 counts too: from 0 to W − K there are W − K + 1 starts.", lambda a: a.right() - 1),
    ("the padding counts once", "There are zeros on both sides: the row is 2·P longer.",
     lambda a: _fits(_way(a) - a.padding) // a.stride + 1),
    ("the padding is left out", "Zeros on both sides make room for 2·P more starts.", lambda a: a.right(padding=0)),
    ("rounded up", "A step that would leave the picture is not taken: round down, //.",
     lambda a: -(-_fits(_way(a)) // a.stride) + 1),
    ("rounded to the nearest", "A step that would leave the picture is not taken: round down, //.",
     lambda a: round(_fits(_way(a)) / a.stride + 1e-9) + 1),
    ("the stride is left out", "Of all starts only every S-th is kept.", lambda a: a.right(stride=1)),
    ("the + 1 before the division", "First divide, then add 1: of the steps after start 0 every S-th is kept, and "
     "start 0.", lambda a: (_fits(_way(a)) + 1) // a.stride),
    ("a fraction", "A count is a whole number: // in place of /.", lambda a: _fits(_way(a)) / a.stride + 1),
    ("the dilation is left out", "A dilated kernel covers dilation·(K − 1) + 1 pixels.", lambda a: a.right(dilation=1)),
    ("a dilated kernel covers dilation·kernel", "Between K taps there are K − 1 gaps: dilation·(K − 1) + 1 pixels.",
     lambda a: _fits(a.size + 2 * a.padding - a.dilation * a.kernel) // a.stride + 1),
    ("dilation 1 widens the kernel", "With dilation 1 nothing lies between the taps; K + (K − 1)·(dilation − 1) "
     "pixels.", lambda a: a.right(kernel=1, dilation=1, size=_fits(_way(a) - a.kernel + 1) + 1, padding=0)),
    ("the dilated kernel is not asked whether it fits", "Compare the picture with the *dilated* kernel.",
     lambda a: _fits(_way(a, dilation=1)) * 0 + _way(a) // a.stride + 1),
    ("a kernel that does not fit gives a number", "Where the kernel does not fit there is no size: raise ValueError.",
     lambda a: _way(a) // a.stride + 1),
    ("0 where the kernel does not fit", "Where the kernel does not fit, raise ValueError; a 0 would be passed on "
     "silently.", lambda a: max(0, _way(a) // a.stride + 1)),
    ("cut towards 0", "int(…) cuts towards 0, so a kernel that is a little too large seems to fit in once. Ask before "
     "you divide.", lambda a: _fits(int(_way(a) / a.stride) + 1 - 1) + 1),
    ("a kernel as large as the picture is refused", "It fits, in one place: the size is 1.",
     lambda a: a.right() if _fits(_way(a) - 1) >= 0 else None),
    ("a kernel larger than the picture is refused", "Compare with the padded picture: padding can make room for it.",
     lambda a: a.right() if _fits(a.size - a.kernel) >= 0 else None),
    ("− 1 in place of + 1", "W − K + 1 starts, not W − K − 1.", lambda a: a.right() - 2),
]

EXERCISE = Exercise(
    name="output_size", lesson="02_padding_stride", oracle=starts, wrong=WRONG,
    formula="(size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1",
    parts=[
        Part("stride 1", 1, _one_step, "sizes with and without padding, and kernels that do not fit",
             "draw the row of pixels with its padding, and count where the kernel's left end can stand."),
        Part("stride and dilation", 1, _every_step,
             "sizes, strides that do not divide, dilated kernels, and some that do not fit",
             "a dilated kernel covers dilation·(kernel − 1) + 1 pixels; a stride keeps starts 0, S, 2S, …"),
    ],
)
