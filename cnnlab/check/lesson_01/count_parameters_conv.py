"""count_parameters_conv: how many numbers a convolution has to learn."""

from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part, pair
from cnnlab.check.draw import between
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_01.count_parameters_dense import WITH_AND_WITHOUT_BIAS


def learned(in_channels: int, out_channels: int, kernel_size: Any, bias: bool = True) -> int:
    """A weight for each cell of each filter's slices, and a bias for each filter where there are any."""
    kh, kw = pair(kernel_size)
    return (in_channels * kh * kw + int(bias)) * out_channels


# fmt: off
def _layers(rng: np.random.Generator) -> list[Case]:
    a, b, c, d = between(rng, 4, 999, 4)
    kh, kw = between(rng, 2, 31, 2)
    return [
        Case((1, 1, 2)), Case((3, 2, 1)), Case((2, 3, 3, False)), Case((3, 2, 2), {"bias": False}),
        Case((4, 3, (2, 5)), {"bias": False}), Case((2, 5, (3, 1)), note="3 high, 1 wide"),
        Case((2, 3, (3, 3)), note="a pair of equal sides"), Case((5, 2, [2, 3]), note="a pair as a list"),
        Case((3, 16, 3), note="16 filters of 3 × 3 × 3"), Case((4, 4, 2), note="as many filters as channels"),
        Case((d, a, 3)), Case((a, b, 5)), Case((c, d, (kh, kw), True)),
        Case((1024, 1023, (64, 65)), {"bias": True}, note="more than 32 bits hold"),
    ]


WRONG = [
    ("the bias is forgotten", "Each filter has one bias besides its weights: out_channels more.",
     lambda a: a.right(bias=False)),
    *WITH_AND_WITHOUT_BIAS,
    ("a bias for each input channel", "You counted a bias for each pair of channel and filter. A filter has one.",
     lambda a: a.right(bias=False) + a.in_channels * a.out_channels * int(a.bias)),
    ("biases by input channel", "You counted in_channels biases. There is one for each filter: out_channels.",
     lambda a: a.right(bias=False) + a.in_channels * int(a.bias)),
    ("a single bias", "You counted one bias for the layer. There is one for each filter.",
     lambda a: a.right(bias=False) + int(a.bias)),
    ("a bias for each weight", "You counted a bias for each weight of the kernel. A filter has one.",
     lambda a: a.right(bias=False) * (1 + int(a.bias))),
    ("a bias for each cell of the kernel", "You counted kh·kw biases for a filter. "
     "It has one, whatever its kernel's size.", lambda a: a.right(in_channels=a.in_channels + int(a.bias), bias=False)),
    ("the image's size is in it", "A picture's size crept in. "
     "The same filter works on any H × W: no parameter belongs to a place.", lambda a: a.right() * 28 * 28),
    ("the kernel's side, not its area", "A 3 × 3 kernel has 9 weights, not 3: multiply height and width.",
     lambda a: a.right(kernel_size=(a.kernel_size[0], 1))),
    ("the kernel's sides added", "A 3 × 3 kernel has 9 weights, not 6: multiply height and width.",
     lambda a: a.right(kernel_size=(sum(a.kernel_size), 1))),
    ("oblong kernels taken as square", "For a pair the first side was squared. "
     "A pair is (height, width): multiply the two.", lambda a: a.right(kernel_size=a.kernel_size[0])),
    ("the kernel's width twice", "You counted width times width. The kernel's weights are height times width.",
     lambda a: a.right(kernel_size=a.kernel_size[1])),
    ("a pair is not expected",
     "kernel_size may be an int or a pair (height, width). Turn an int into a pair first, then one rule serves both.",
     lambda a: (a.raw["kernel_size"] ** 2 * a.in_channels + int(a.bias)) * a.out_channels),
    ("an int is not expected", "kernel_size may be an int or a pair (height, width). Turn an int into a pair first.",
     lambda a: a.right(kernel_size=(a.raw["kernel_size"][0], a.raw["kernel_size"][1]))),
    ("the input channels are missing", "A filter has a slice of weights for each input channel: times in_channels.",
     lambda a: a.right(in_channels=1)),
    ("always three input channels", "The 3 of a colour picture is written into the code. Use in_channels.",
     lambda a: a.right(in_channels=3)),
    ("the filters are missing", "You counted one filter. There are out_channels of them.",
     lambda a: a.right(out_channels=1)),
    ("channels added, not multiplied", "Every filter spans every input channel: the two are multiplied.",
     lambda a: a.kernel_size[0] * a.kernel_size[1] * (a.in_channels + a.out_channels) + a.out_channels * int(a.bias)),
]

EXERCISE = Exercise(
    name="count_parameters_conv", lesson="01_convolution", oracle=learned, wrong=WRONG, pairs=("kernel_size",),
    formula="in_channels * kh * kw * out_channels + bias * out_channels",
    names=lambda a: {"kh": a.kernel_size[0], "kw": a.kernel_size[1]},
    sizes=lambda a: {f"{side} · {side}, the size of a picture": side**2 for side in (28, 32, 224, 227)},
    parts=[Part("count", 1, _layers, "layers, square and oblong kernels, with and without bias",
                "count one filter: its weights span all input channels, then one bias. Then take C_out of them.")],
)
