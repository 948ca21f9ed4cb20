"""DepthwiseSeparable: one 3 × 3 kernel for each map, then 1 × 1 across the maps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.lesson_07.blocks import around, block, conv, dropout, fixed, frozen, norm, relu, told
from cnnlab.check.models import begun_at, in_a_row, made_once, model_exercise

Piece = Callable | None


def _depthwise(came: int, stride: int, **how: Any) -> Callable:
    return conv(came, came, 3, **{"groups": came, "stride": stride, **how})


def separable(in_channels: int, out_channels: int, stride: int = 1, **changes: Piece):
    """The block, some of its pieces being others; None leaves one out."""
    depthwise, pointwise = _depthwise(in_channels, stride), conv(in_channels, out_channels)
    made = {"start": None, "depthwise": depthwise, "between": None, "pointwise": pointwise, "end": None}
    return in_a_row(made, **changes)


def map_by_map(in_channels: int, out_channels: int, stride: int = 1):
    """The same, with a convolution of its own for each map."""
    import torch
    from torch import nn

    class MapByMap(nn.Module):
        def __init__(self):
            super().__init__()
            self.each = nn.ModuleList(conv(1, 1, 3, stride=stride)(nn) for _ in range(in_channels))
            self.pointwise = conv(in_channels, out_channels)(nn)

        def forward(self, x):
            return self.pointwise(torch.cat([f(x[:, k : k + 1]) for k, f in enumerate(self.each)], 1))

    return MapByMap()


def _with(of: Callable[[int, int, int], dict[str, Piece]]) -> Callable:
    """A row: some pieces are others, made of in_channels, out_channels and stride."""
    return lambda i, o, stride=1: separable(i, o, stride, **of(i, o, stride))


def _one_kernel_for_all(i: int, o: int, stride: int = 1):
    from torch import nn

    class OneKernel(nn.Module):
        def __init__(self):
            super().__init__()
            self.depthwise, self.pointwise = conv(1, 1, 3, stride=stride)(nn), conv(i, o)(nn)

        def forward(self, x):
            maps = self.depthwise(x.flatten(0, 1)[:, None])
            return self.pointwise(maps.reshape(len(x), i, *maps.shape[2:]))

    return OneKernel()


def _added(i: int, o: int, stride: int = 1):
    """Depthwise and pointwise side by side, added."""
    from torch import nn

    class Beside(nn.Module):
        def __init__(self):
            super().__init__()
            self.depthwise, self.pointwise = _depthwise(i, stride)(nn), conv(i, o, stride=stride)(nn)

        def forward(self, x):
            return self.pointwise(x) + self.depthwise(x).sum(1, keepdim=True)

    return Beside()


def _cases(rng: np.random.Generator) -> list[Case]:
    return [
        block(rng, (2, 2, 3, 4), 2, 3), block(rng, (3, 3, 5, 8), 3, 6), block(rng, (2, 4, 7, 5), 4, 4),
        block(rng, (2, 4, 6, 9), 4, 2), block(rng, (2, 3, 9, 7), 3, 5, 2), block(rng, (2, 6, 8, 11), 6, 3, stride=3),
        block(rng, (2, 1, 6, 5), 1, 4), block(rng, (2, 5, 6, 7), out_channels=1, stride=2, in_channels=5),
        block(rng, (1, 64, 5, 6), 64, 32),
    ]  # fmt: skip


# fmt: off
WRONG = [
    ("a plain 3 × 3 convolution", "Without groups every map of the 3 × 3 is made from all maps, with in_channels times "
     "as many weights. One kernel for each map: groups=in_channels.",
     _with(lambda i, o, s: {"depthwise": conv(i, i, 3, stride=s)})),
    ("one plain 3 × 3 convolution in all", "That is the convolution that the block replaces: two layers are asked for, "
     "3 × 3 for each map by itself, then 1 × 1 across them.",
     _with(lambda i, o, s: {"depthwise": conv(i, o, 3, stride=s), "pointwise": None})),
    ("biases", "No biases here: bias=False in both.",
     _with(lambda i, o, s: {"depthwise": _depthwise(i, s, bias=True), "pointwise": conv(i, o, bias=True)})),
    ("a bias in the depthwise convolution", "No bias in the depthwise convolution either.",
     _with(lambda i, o, s: {"depthwise": _depthwise(i, s, bias=True)})),
    ("a bias in the 1 × 1", "No bias in the 1 × 1 convolution either.",
     _with(lambda i, o, s: {"pointwise": conv(i, o, bias=True)})),
    ("no padding", "padding=1 keeps the maps' size for stride 1.",
     _with(lambda i, o, s: {"depthwise": _depthwise(i, s, padding=0)})),
    ("padding in the 1 × 1 as well", "A 1 × 1 kernel reaches over no edge: no padding there.",
     _with(lambda i, o, s: {"pointwise": conv(i, o, padding=1)})),
    ("the padding in the 1 × 1", "The padding belongs to the 3 × 3.",
     _with(lambda i, o, s: {"depthwise": _depthwise(i, s, padding=0), "pointwise": conv(i, o, padding=1)})),
    ("reflected padding", "The padding is zeros, nn.Conv2d's own.",
     _with(lambda i, o, s: {"depthwise": _depthwise(i, s, padding_mode="reflect")})),
    ("repeated padding", "The padding is zeros, nn.Conv2d's own.",
     _with(lambda i, o, s: {"depthwise": _depthwise(i, s, padding_mode="replicate")})),
    ("the stride is left out", "The depthwise convolution takes the block's stride.",
     _with(lambda i, o, s: {"depthwise": _depthwise(i, 1)})),
    ("the stride after the depthwise convolution", "The stride belongs to the depthwise convolution. After it, in "
     "the 1 × 1 or as a slice, it gives the same numbers, and the depthwise layer has s² times the work.",
     _with(lambda i, o, s: {"depthwise": _depthwise(i, 1), "pointwise": conv(i, o, stride=s)})),
    ("the stride in both", "Only the depthwise convolution takes the stride; two of them shrink the maps twice.",
     _with(lambda i, o, s: {"pointwise": conv(i, o, stride=s)})),
    ("always stride 2", "The stride is an argument, and 1 where none is given.",
     _with(lambda i, o, s: {"depthwise": _depthwise(i, 2)})),
    ("the stride as a dilation", "`stride` moves the kernel; dilation pulls it apart.",
     _with(lambda i, o, s: {"depthwise": _depthwise(i, 1, dilation=s)})),
    ("the stride in a pooling", "The stride belongs to the depthwise convolution, not to a pooling.",
     _with(lambda i, o, s: {"depthwise": _depthwise(i, 1),
                            "between": (lambda nn: nn.MaxPool2d(s, ceil_mode=True)) if s > 1 else None})),
    ("the 1 × 1 first", "The 3 × 3 comes first, on in_channels maps; the 1 × 1 after it makes out_channels of them.",
     lambda i, o, s=1: in_a_row({"pointwise": conv(i, o), "depthwise": _depthwise(o, s)})),
    ("5 × 5", "The depthwise kernels are 3 × 3.",
     _with(lambda i, o, s: {"depthwise": conv(i, i, 5, groups=i, stride=s)})),
    ("1 × 1 in both", "The first layer looks at neighbours: 3 × 3.",
     _with(lambda i, o, s: {"depthwise": conv(i, i, groups=i, stride=s)})),
    ("3 × 3 in both", "The second layer looks at one pixel's maps: 1 × 1.",
     _with(lambda i, o, s: {"pointwise": conv(i, o, 3)})),
    ("the 1 × 1 is grouped too", "The 1 × 1 convolution is where the maps meet: no groups there.",
     _with(lambda i, o, s: {"pointwise": conv(i, o, groups=np.gcd(i, o).item())})),
    ("the 1 × 1 is missing", "After the depthwise convolution no map has seen another; the 1 × 1 brings them "
     "together.", _with(lambda i, o, s: {"pointwise": None})),
    ("the depthwise convolution is missing", "1 × 1 alone looks at no neighbours.",
     _with(lambda i, o, s: {"depthwise": None, "pointwise": conv(i, o, stride=s)})),
    ("several kernels for each map", "One kernel for each of the in_channels maps; the 1 × 1 makes out_channels.",
     _with(lambda i, o, s: {"depthwise": conv(i, 2 * i, 3, groups=i, stride=s), "pointwise": conv(2 * i, o)})),
    ("depthwise to out_channels", "The depthwise layer keeps in_channels maps; the 1 × 1 makes out_channels of them.",
     _with(lambda i, o, s: {"depthwise": conv(i, o, 3, groups=np.gcd(i, o).item(), stride=s),
                            "pointwise": conv(o, o)})),
    ("two groups", "One kernel for each map: groups=in_channels, not 2.",
     _with(lambda i, o, s: {"depthwise": conv(i, i, 3, groups=1 + (i % 2 == 0), stride=s)})),
    ("one kernel for all maps", "Each map has a 3 × 3 kernel of its own.", _one_kernel_for_all),
    ("side by side", "The 1 × 1 works on what the depthwise convolution gives, one after the other.", _added),
    ("channels in each other's place", "The block goes from in_channels to out_channels.",
     lambda i, o, s=1: separable(o, i, s)),
    ("batch norm", "No batch norm here, so that the weights can be compared with a plain convolution's.",
     _with(lambda i, o, s: {"end": norm(o)})),
    ("batch norm between", "No batch norm here, so that the weights can be compared with a plain convolution's.",
     _with(lambda i, o, s: {"between": norm(i)})),
    ("MobileNet's norms and ReLUs", "MobileNet has batch norm and ReLU after each; here are the two convolutions "
     "alone.", _with(lambda i, o, s: {"between": lambda nn: nn.Sequential(norm(i)(nn), nn.ReLU()),
                                      "end": lambda nn: nn.Sequential(norm(o)(nn), nn.ReLU())})),
    ("a ReLU between", "Nothing stands between the two convolutions here.",
     _with(lambda i, o, s: {"between": relu})),
    ("a ReLU at the end", "No activation here: the block ends with the 1 × 1 convolution.",
     _with(lambda i, o, s: {"end": relu})),
    ("dropout", "Two convolutions, and nothing else.", _with(lambda i, o, s: {"end": dropout})),
    ("a pooling at the end", "Two convolutions, and nothing else.",
     _with(lambda i, o, s: {"end": lambda nn: nn.MaxPool2d(2)})),
    ("a skip", "No skip here: two convolutions, and nothing else.",
     lambda i, o, s=1: around(separable(i, o, s), lambda x, y: y + x if y.shape == x.shape else y)),
    ("a frozen depthwise convolution", "Both convolutions have to learn: requires_grad stays True.",
     _with(lambda i, o, s: {"depthwise": frozen(_depthwise(i, s))})),
    ("a forward pass under no_grad", "no_grad is for measuring. In forward it cuts every gradient off.",
     lambda i, o, s=1: fixed(separable(i, o, s))),
    ("weights that begin alike", "Leave the weights as PyTorch draws them: filters that begin alike stay alike.",
     begun_at(0.1, lambda i, o, s=1: separable(i, o, s))),
    ("always the same block", "Layers belong in __init__, where every block makes its own.",
     made_once(lambda i, o, s=1: separable(i, o, s))),
]
# fmt: on


def _named(row: Callable) -> Callable:
    """A row as a function of the exercise's own argument names."""
    return lambda in_channels, out_channels, stride=1: row(in_channels, out_channels, stride)


EXERCISE = model_exercise(
    name="DepthwiseSeparable", lesson="07_blocks", references=[separable, map_by_map], output="maps",
    told=told("DepthwiseSeparable"), wrong=[(name, says, _named(row)) for name, says, row in WRONG],
    parts=[Part("maps", 3, _cases, "blocks of several widths and strides, filled with the same numbers: maps, of one "
                "picture, gradients, a second block",
                "two convolutions: 3 × 3 with groups=in_channels, padding 1 and the stride, then 1 × 1. From 256 to "
                "256 they have 2,304 + 65,536 weights.")],
)  # fmt: skip
