"""Bottleneck: squeeze the channels, look at the neighbours, widen them again."""

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
CONVS = ("conv1", "conv2", "conv3")
NORMS = ("norm1", "norm2", "norm3")
RELUS = ("relu1", "relu2")


def pieces(channels: int, squeeze: int) -> dict[str, Piece]:
    return {
        "conv1": conv(channels, squeeze), "norm1": norm(squeeze), "relu1": relu,
        "conv2": conv(squeeze, squeeze, 3), "norm2": norm(squeeze), "relu2": relu,
        "conv3": conv(squeeze, channels), "norm3": norm(channels), "end": None,
    }  # fmt: skip


def bottleneck(channels: int, squeeze: int, **changes: Piece):
    """The block, some of its pieces being others; None leaves one out."""
    return in_a_row(pieces(channels, squeeze), **changes)


def _with(**changes: Piece) -> Callable:
    """A row: the same pieces are others, whatever the arguments."""
    return lambda channels, squeeze: bottleneck(channels, squeeze, **changes)


def _by_size(of: Callable[[int, int], dict[str, Piece]]) -> Callable:
    """A row: some pieces are others, made of channels and squeeze."""
    return lambda channels, squeeze: bottleneck(channels, squeeze, **of(channels, squeeze))


def _convs(**how: Any) -> Callable:
    """A row: every convolution has something different."""
    return _by_size(lambda c, s: {"conv1": conv(c, s, **how), "conv2": conv(s, s, 3, **how),
                                  "conv3": conv(s, c, **how)})  # fmt: skip


def _norms(**how: Any) -> Callable:
    """A row: every norm has something different."""
    return _by_size(lambda c, s: {"norm1": norm(s, **how), "norm2": norm(s, **how), "norm3": norm(c, **how)})


def _norm_after_relu(channels: int, squeeze: int):
    made = pieces(channels, squeeze)
    order = ("conv1", "relu1", "norm1", "conv2", "relu2", "norm2", "conv3", "norm3")
    return in_a_row({name: made[name] for name in order})


def _one_norm(channels: int, squeeze: int):
    """norm1 serves after the first and after the second convolution."""
    from torch import nn

    shared = nn.BatchNorm2d(squeeze)
    return bottleneck(channels, squeeze, norm1=lambda nn: shared, norm2=lambda nn: shared)


def _cases(rng: np.random.Generator) -> list[Case]:
    return [
        block(rng, (2, 4, 3, 4), 4, 2), block(rng, (3, 6, 5, 8), 6, 3), block(rng, (2, 3, 7, 5), 3, 3),
        block(rng, (2, 2, 6, 5), 2, 5), block(rng, (2, 8, 5, 6), 8, squeeze=1),
        block(rng, (2, 5, 8, 7), squeeze=2, channels=5), block(rng, (2, 256, 6, 5), 256, 64),
    ]  # fmt: skip


# fmt: off
WRONG = [
    ("biases", "Each convolution is followed by batch norm, which takes a bias away again: bias=False in all three.",
     _convs(bias=True)),
    ("a bias in the 3 × 3", "The 3 × 3 convolution has no bias either.",
     _by_size(lambda c, s: {"conv2": conv(s, s, 3, bias=True)})),
    ("biases in the 1 × 1", "The 1 × 1 convolutions have no biases either.",
     _by_size(lambda c, s: {"conv1": conv(c, s, bias=True), "conv3": conv(s, c, bias=True)})),
    ("a bias in the last 1 × 1", "The last convolution has no bias either: a batch norm follows it.",
     _by_size(lambda c, s: {"conv3": conv(s, c, bias=True)})),
    ("no batch norm", "A batch norm follows each of the three convolutions.", _with(**dict.fromkeys(NORMS))),
    ("no norm at the end", "The last 1 × 1 convolution has its batch norm too.", _with(norm3=None)),
    ("no norm after the first convolution", "Each of the three convolutions has its batch norm.", _with(norm1=None)),
    ("no norm after the 3 × 3", "Each of the three convolutions has its batch norm.", _with(norm2=None)),
    ("fewer batch norms than places", "Each place has a norm of its own, with its scale and shift: is one used twice, "
     "or made with affine=False?", _one_norm),
    ("a ReLU at the end", "The block ends with batch norm; the ReLU comes after the sum, when somebody adds a skip.",
     _with(end=relu)),
    ("a skip", "No skip yet: this is the way through alone, whose parameters are counted.",
     lambda c, s: around(bottleneck(c, s), lambda x, y: x + y)),
    ("a skip and a ReLU", "That is ResNet's whole block. Here is the way through alone: no skip, no last ReLU.",
     lambda c, s: around(bottleneck(c, s), lambda x, y: (x + y).relu())),
    ("no ReLU at all", "A ReLU follows the first and the second norm; without one, three convolutions are one.",
     _with(relu1=None, relu2=None)),
    ("no ReLU after the first norm", "A ReLU follows the first norm as well as the second.", _with(relu1=None)),
    ("no ReLU after the second norm", "A ReLU follows the second norm as well as the first.", _with(relu2=None)),
    ("batch norm after the ReLU", "The order is convolution, batch norm, ReLU.", _norm_after_relu),
    ("no padding in the 3 × 3", "The 3 × 3 convolution keeps the maps' size: padding=1.",
     _by_size(lambda c, s: {"conv2": conv(s, s, 3, padding=0)})),
    ("padding in the 1 × 1", "A 1 × 1 kernel reaches over no edge: no padding there.",
     _by_size(lambda c, s: {"conv1": conv(c, s, padding=1), "conv2": conv(s, s, 3, padding=0)})),
    ("padding 1 everywhere", "A 1 × 1 kernel reaches over no edge; padding there makes the maps grow.",
     _convs(padding=1)),
    ("reflected padding", "The padding is zeros, nn.Conv2d's own.",
     _by_size(lambda c, s: {"conv2": conv(s, s, 3, padding_mode="reflect")})),
    ("the 3 × 3 first", "The order is 1 × 1 down to `squeeze`, 3 × 3 in the narrow place, 1 × 1 back.",
     _by_size(lambda c, s: {"conv1": conv(c, s, 3), "conv2": conv(s, s)})),
    ("3 × 3 throughout", "Only the convolution in the middle is 3 × 3; the outer two are 1 × 1, which is what makes "
     "the block cheap.", _by_size(lambda c, s: {"conv1": conv(c, s, 3), "conv3": conv(s, c, 3)})),
    ("1 × 1 throughout", "The convolution in the middle is 3 × 3: the only one that looks at neighbours.",
     _by_size(lambda c, s: {"conv2": conv(s, s)})),
    ("a 5 × 5 in the middle", "The convolution in the middle is 3 × 3.",
     _by_size(lambda c, s: {"conv2": conv(s, s, 5)})),
    ("the 3 × 3 at full width", "The 3 × 3 convolution works at the width `squeeze`; at full width nothing is saved.",
     _by_size(lambda c, s: {"conv1": conv(c, c), "norm1": norm(c), "conv2": conv(c, c, 3), "norm2": norm(c),
                            "conv3": conv(c, c)})),
    ("the 3 × 3 widens", "The 3 × 3 convolution goes from `squeeze` to `squeeze`; the last 1 × 1 widens.",
     _by_size(lambda c, s: {"conv2": conv(s, c, 3), "norm2": norm(c), "conv3": conv(c, c)})),
    ("narrow at the end", "The last 1 × 1 convolution brings the maps back to `channels`.",
     _by_size(lambda c, s: {"conv3": conv(s, s), "norm3": norm(s)})),
    ("channels and squeeze in each other's place", "The block takes `channels` maps and gives `channels` maps; "
     "`squeeze` is the width in the middle.", lambda c, s: bottleneck(s, c)),
    ("squeeze as a factor", "`squeeze` is the number of maps in the middle, not what the channels are divided by.",
     lambda c, s: bottleneck(c, max(1, c // s))),
    ("always a quarter", "The width in the middle is the argument `squeeze`.",
     lambda c, s: bottleneck(c, max(1, c // 4))),
    ("one 3 × 3 convolution", "That is the plain convolution that the block replaces.",
     lambda c, s: in_a_row({"conv": conv(c, c, 3), "norm": norm(c)})),
    ("a depthwise 3 × 3", "Every map of the 3 × 3 sees all maps here: no groups.",
     _by_size(lambda c, s: {"conv2": conv(s, s, 3, groups=s)})),
    ("a convolution is missing", "Three convolutions: 1 × 1, 3 × 3, 1 × 1.",
     _with(conv3=None, norm3=None)),
    ("a leaky ReLU", "The activation is ReLU, exactly 0 for what is negative.", _with(relu1=leaky, relu2=leaky)),
    ("ReLU6", "The activation is ReLU; ReLU6, cut off at 6, is MobileNet's.", _with(relu1=relu6, relu2=relu6)),
    ("GELU", "The activation is ReLU.", _with(relu1=gelu, relu2=gelu)),
    ("another eps", "nn.BatchNorm2d with its defaults: eps is 1e-5.", _norms(eps=1e-3)),
    ("another momentum", "nn.BatchNorm2d with its defaults: momentum 0.1, the share of the new batch.",
     _norms(momentum=0.01)),
    ("norms that do not learn", "nn.BatchNorm2d(…) with its defaults has a scale and a shift that learn.",
     _norms(affine=False)),
    (ALWAYS_TRAINING.name, ALWAYS_TRAINING.says, _norms(track_running_stats=False)),
    ("instance norm", "nn.InstanceNorm2d looks at each picture by itself; batch norm at the whole batch.",
     _by_size(lambda c, s: {"norm1": instance_norm(s), "norm2": instance_norm(s), "norm3": instance_norm(c)})),
    ("dropout", "No dropout in this block.", _with(end=dropout)),
    ("a pooling at the end", "The block keeps the maps' size; it ends with the third batch norm.",
     _with(end=lambda nn: nn.MaxPool2d(2))),
    ("a stride", "The block keeps the maps' size: every stride is 1.",
     _by_size(lambda c, s: {"conv2": conv(s, s, 3, stride=2)})),
    ("a frozen convolution", "All of the block has to learn: requires_grad stays True.",
     _by_size(lambda c, s: {"conv1": frozen(conv(c, s))})),
    ("a forward pass under no_grad", "no_grad is for measuring. In forward it cuts every gradient off.",
     lambda c, s: fixed(bottleneck(c, s))),
    ("weights that begin alike", "Leave the weights as PyTorch draws them: filters that begin alike stay alike.",
     begun_at(0.1, bottleneck)),
    ("always the same block", "Layers belong in __init__, where every block makes its own.", made_once(bottleneck)),
]
# fmt: on


def _named(row: Callable) -> Callable:
    """A row as a function of the exercise's own argument names."""
    return lambda channels, squeeze: row(channels, squeeze)


EXERCISE = model_exercise(
    name="Bottleneck", lesson="07_blocks", references=[bottleneck], output="maps", told=told("Bottleneck"),
    wrong=[(name, says, _named(row)) for name, says, row in WRONG],
    parts=[Part("maps", 3, _cases, "blocks of several widths, filled with the same numbers: maps in train and eval "
                "mode, of one picture, gradients, a second block",
                "count: channels·squeeze + 9·squeeze² + squeeze·channels weights, and two numbers a map for each of "
                "three norms. For 256 and 64 that is 70,400.")],
)  # fmt: skip
