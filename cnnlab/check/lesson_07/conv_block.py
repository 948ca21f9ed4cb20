"""conv_block: convolution, batch norm, ReLU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.lesson_07.blocks import (
    around,
    block,
    conv,
    dropout,
    fixed,
    frozen,
    gelu,
    instance_norm,
    leaky,
    norm,
    relu,
    relu6,
    told,
)  # fmt: skip
from cnnlab.check.models import ALWAYS_TRAINING, begun_at, in_a_row, made_once, model_exercise

Piece = Callable | None


def pieces(came: int, went: int, kernel: int = 3, stride: int = 1) -> dict[str, Piece]:
    found: dict[str, Piece] = {"start": None, "conv": conv(came, went, kernel, stride=stride)}
    return {**found, "norm": norm(went), "relu": relu, "end": None}


def conv_block(in_channels: int, out_channels: int, kernel: int = 3, stride: int = 1, **changes: Piece):
    """The block, some of its pieces being others; None leaves one out."""
    return in_a_row(pieces(in_channels, out_channels, kernel, stride), **changes)


def _with(**changes: Piece) -> Callable:
    """A row: the same pieces are others, whatever the arguments."""
    return lambda i, o, kernel=3, stride=1: conv_block(i, o, kernel, stride, **changes)


def _conv(**how: Any) -> Callable:
    """A row: the convolution has something different."""
    return lambda i, o, kernel=3, stride=1: conv_block(
        i, o, kernel, stride, conv=conv(i, o, kernel, **{"stride": stride, **how})
    )


def _norm(of: Callable[[int, int], Callable]) -> Callable:
    """A row: the norm is another, made of the numbers of channels in and out."""
    return lambda i, o, kernel=3, stride=1: conv_block(i, o, kernel, stride, norm=of(i, o))


def _in_another_order(*order: str) -> Callable:
    def row(i, o, kernel=3, stride=1):
        made = pieces(i, o, kernel, stride)
        return in_a_row({name: made[name] for name in order})

    return row


def _norm_first(i, o, kernel=3, stride=1):
    return conv_block(i, o, kernel, stride, start=lambda nn: nn.Sequential(nn.BatchNorm2d(i), nn.ReLU()), norm=None,
                      relu=None)  # fmt: skip


def _cases(rng: np.random.Generator) -> list[Case]:
    return [
        block(rng, (2, 2, 3, 4), 2, 3), block(rng, (3, 3, 5, 8), 3, 4), block(rng, (2, 4, 7, 5), 4, 4),
        block(rng, (2, 3, 6, 5), 3, 5, kernel=1), block(rng, (2, 2, 9, 7), 2, 3, 5, 2),
        block(rng, (2, 3, 8, 11), 3, 2, stride=3), block(rng, (2, 3, 9, 8), in_channels=3, out_channels=6, kernel=7),
        block(rng, (2, 5, 7, 6), 5, 2, 1, 2), block(rng, (2, 2, 6, 7), 2, 3, kernel=4, stride=2),
    ]  # fmt: skip


# fmt: off
WRONG = [
    ("a bias in the convolution", "Batch norm takes each channel's mean away, and a bias with it; its own shift β does "
     "that work. Write bias=False.", _conv(bias=True)),
    ("no batch norm", "Between the convolution and the ReLU stands nn.BatchNorm2d(out_channels).", _with(norm=None)),
    ("no ReLU", "The block ends with a ReLU; without one, block after block is a single linear map.", _with(relu=None)),
    ("batch norm after the ReLU", "The order is convolution, batch norm, ReLU: the norm sees negative numbers too.",
     _in_another_order("conv", "relu", "norm")),
    ("batch norm before the convolution", "Batch norm comes after the convolution, on its out_channels.",
     lambda i, o, kernel=3, stride=1: conv_block(i, o, kernel, stride, start=norm(i), norm=None)),
    ("norm and ReLU before the convolution", "That is the pre-activation order of later residual networks; here it is "
     "convolution, batch norm, ReLU.", _norm_first),
    ("no padding", "padding=kernel // 2 keeps the size for odd kernels and stride 1; without it a 3 × 3 trims the "
     "maps.",
     _conv(padding=0)),
    ("padding 1 whatever the kernel", "1 is the padding for a kernel of 3. In general it is kernel // 2.",
     _conv(padding=1)),
    ("padding as large as the kernel", "kernel // 2 on each side is enough: a 3 × 3 kernel reaches over the edge by 1.",
     lambda i, o, kernel=3, stride=1: conv_block(i, o, conv=conv(i, o, kernel, stride=stride, padding=kernel))),
    ("padding (kernel − 1) // 2", "For an odd kernel that is the same, for an even one it is not: kernel // 2 is asked "
     "for.", lambda i, o, kernel=3, stride=1: conv_block(
         i, o, conv=conv(i, o, kernel, stride=stride, padding=(kernel - 1) // 2))),
    ("reflected padding", "The padding is zeros, nn.Conv2d's own.", _conv(padding_mode="reflect")),
    ("repeated padding", "The padding is zeros, nn.Conv2d's own.", _conv(padding_mode="replicate")),
    ("the stride is left out", "The convolution takes the block's stride.", _conv(stride=1)),
    ("always stride 2", "The stride is an argument, and 1 where none is given.", _conv(stride=2)),
    ("always 3 × 3", "The kernel's size is an argument; 3 is only its default.",
     lambda i, o, kernel=3, stride=1: conv_block(i, o, 3, stride)),
    ("kernel and stride in each other's place", "nn.Conv2d takes (in, out, kernel, stride, padding), in that order.",
     lambda i, o, kernel=3, stride=1: conv_block(i, o, conv=conv(i, o, stride, stride=kernel, padding=kernel // 2))),
    ("the stride in a pooling", "The stride belongs to the convolution, not to a pooling after it.",
     lambda i, o, kernel=3, stride=1: conv_block(
         i, o, kernel, 1, end=(lambda nn: nn.MaxPool2d(stride, ceil_mode=True)) if stride > 1 else None)),
    ("channels in each other's place", "The convolution goes from in_channels to out_channels.",
     lambda i, o, kernel=3, stride=1: conv_block(o, i, kernel, stride)),
    ("the norm has in_channels", "Batch norm comes after the convolution, where there are out_channels maps.",
     _norm(lambda i, o: norm(i))),
    ("a norm that does not learn", "nn.BatchNorm2d(out_channels) with its defaults has a scale and a shift that learn.",
     _norm(lambda i, o: norm(o, affine=False))),
    (ALWAYS_TRAINING.name, ALWAYS_TRAINING.says, _norm(lambda i, o: norm(o, track_running_stats=False))),
    ("another momentum", "nn.BatchNorm2d with its defaults: momentum 0.1.", _norm(lambda i, o: norm(o, momentum=0.01))),
    ("Keras' momentum", "0.9 in one framework is 0.1 in the other: in PyTorch the momentum is the share of the *new* "
     "batch. Leave nn.BatchNorm2d at its defaults.", _norm(lambda i, o: norm(o, momentum=0.9))),
    ("another eps", "nn.BatchNorm2d with its defaults: eps is 1e-5.", _norm(lambda i, o: norm(o, eps=1e-3))),
    ("instance norm", "nn.InstanceNorm2d looks at each picture by itself; batch norm at the whole batch.",
     _norm(lambda i, o: instance_norm(o))),
    ("group norm", "nn.GroupNorm looks at each picture by itself; batch norm at the whole batch.",
     _norm(lambda i, o: lambda nn: nn.GroupNorm(1, o))),
    ("a leaky ReLU", "The block ends with ReLU, exactly 0 for what is negative.", _with(relu=leaky)),
    ("ReLU6", "The block ends with ReLU; ReLU6, cut off at 6, is MobileNet's.", _with(relu=relu6)),
    ("GELU", "The block ends with ReLU.", _with(relu=gelu)),
    ("sigmoid", "The block ends with ReLU.", _with(relu=lambda nn: nn.Sigmoid())),
    ("two ReLUs round the norm", "One ReLU, after the norm.",
     lambda i, o, kernel=3, stride=1: conv_block(
         i, o, kernel, stride, conv=lambda nn: nn.Sequential(conv(i, o, kernel, stride=stride)(nn), nn.ReLU()))),
    ("a pooling at the end", "The block is convolution, batch norm, ReLU, and nothing else.",
     _with(end=lambda nn: nn.MaxPool2d(2))),
    ("dropout", "The block is convolution, batch norm, ReLU, and nothing else.", _with(end=dropout)),
    ("two norms", "One batch norm is enough.", _norm(lambda i, o: lambda nn: nn.Sequential(norm(o)(nn), norm(o)(nn)))),
    ("a depthwise convolution", "Every output map is made from all input maps here: groups=1, the default.",
     lambda i, o, kernel=3, stride=1: conv_block(
         i, o, conv=conv(i, o, kernel, stride=stride, groups=i if o % i == 0 else 1))),
    ("dilation for stride", "`stride` moves the kernel; dilation pulls it apart.",
     lambda i, o, kernel=3, stride=1: conv_block(i, o, conv=conv(i, o, kernel, dilation=stride))),
    ("a skip", "No skip here: that is ResidualBlock's.",
     lambda i, o, kernel=3, stride=1: around(
         conv_block(i, o, kernel, stride), lambda x, y: y + x if y.shape == x.shape else y)),
    ("a frozen convolution", "The convolution has to learn: requires_grad stays True.",
     lambda i, o, kernel=3, stride=1: conv_block(i, o, conv=frozen(conv(i, o, kernel, stride=stride)))),
    ("a forward pass under no_grad", "no_grad is for measuring. In forward it cuts every gradient off.",
     lambda i, o, kernel=3, stride=1: fixed(conv_block(i, o, kernel, stride))),
    ("weights that begin alike", "Leave the weights as PyTorch draws them: filters that begin alike stay alike.",
     begun_at(0.1, lambda i, o, kernel=3, stride=1: conv_block(i, o, kernel, stride))),
    ("always the same block", "Every call has to make fresh layers: build them inside the function.",
     made_once(lambda i, o, kernel=3, stride=1: conv_block(i, o, kernel, stride))),
    ("a list of layers", "Layers in a list are no module. Put them in order into nn.Sequential(*layers).",
     lambda i, o, kernel=3, stride=1: [*conv_block(i, o, kernel, stride)]),
]
# fmt: on


def _named(row: Callable) -> Callable:
    """A row as a function of the exercise's own argument names."""

    def build(in_channels, out_channels, kernel=3, stride=1):
        return row(in_channels, out_channels, kernel, stride)

    return build


EXERCISE = model_exercise(
    name="conv_block", lesson="07_blocks", references=[conv_block], output="maps", told=told("conv_block"),
    wrong=[(name, says, _named(row)) for name, says, row in WRONG],
    parts=[Part("maps", 2, _cases, "blocks of several sizes, filled with the same numbers: maps in train and eval "
                "mode, of one picture, gradients, a second block",
                "three layers in a row, and their arguments: nn.Conv2d(…, padding=kernel // 2, bias=False), "
                "nn.BatchNorm2d(out_channels), nn.ReLU().")],
)  # fmt: skip
