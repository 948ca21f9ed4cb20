"""One miniature each of the architectures that lesson 11 walks through: small colour pictures in, logits out.

Each keeps the idea of its original and leaves out its size: all of them learn on a CPU in seconds. Pictures are
(N, 3, 32, 32); those that end with a global average take other sizes, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from cnnlab.built.lesson_07 import ResidualBlock, conv_block
from cnnlab.built.lesson_11 import DenseBlock, InceptionBlock, InvertedResidual


@dataclass(frozen=True)
class Miniature:
    """An architecture of the timeline. build(classes) gives a fresh nn.Module; original: parameters of the real one, in
    millions, for its own number of classes."""

    name: str
    year: int
    idea: str
    original: float
    build: Callable[[int], nn.Module]


def lenet5(classes: int = 10) -> nn.Sequential:
    """LeCun et al. 1998: two convolutions, averages for pooling, tanh."""
    return nn.Sequential(
        *(nn.Conv2d(3, 6, 5), nn.Tanh(), nn.AvgPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2)),
        *(nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, classes)),
    )


def alexnet(classes: int = 10) -> nn.Sequential:
    """Krizhevsky et al. 2012: a large first kernel with a stride, ReLU, overlapping max pools, dropout."""
    return nn.Sequential(
        *(nn.Conv2d(3, 16, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(16, 32, 5, padding=2), nn.ReLU()),
        *(nn.Conv2d(32, 48, 3, padding=1), nn.ReLU(), nn.Conv2d(48, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Flatten(), nn.Dropout(), nn.Linear(288, 128), nn.ReLU(), nn.Linear(128, classes)),
    )


def vgg(classes: int = 10) -> nn.Sequential:
    """Simonyan and Zisserman 2014: 3 × 3 and nothing else, two and two, the maps halved and their number doubled."""
    layers, before = [], 3
    for width in (8, 16, 32):
        layers += [nn.Conv2d(before, width, 3, padding=1), nn.ReLU()]
        layers += [nn.Conv2d(width, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        before = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 128), nn.ReLU(), nn.Linear(128, classes))


def head(channels: int, classes: int) -> list[nn.Module]:
    """The global average and one dense layer."""
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)]


def inception(classes: int = 10) -> nn.Sequential:
    """Szegedy et al. 2014: windows of several sizes side by side."""
    return nn.Sequential(
        conv_block(3, 16, 3, 2),
        InceptionBlock(16, 8, (8, 16), (4, 8), 8),
        nn.MaxPool2d(2),
        InceptionBlock(40, 16, (16, 24), (4, 8), 16),
        *head(64, classes),
    )


def resnet(classes: int = 10) -> nn.Sequential:
    """He et al. 2015: a block adds its input to what it makes of it."""
    return nn.Sequential(
        *(conv_block(3, 16, 3, 2), ResidualBlock(16, 16), ResidualBlock(16, 32, 2), ResidualBlock(32, 32)),
        *head(32, classes),
    )


def densenet(classes: int = 10) -> nn.Sequential:
    """Huang et al. 2017: every layer reads all maps before it; a 1 × 1 layer and a pool between two blocks."""
    return nn.Sequential(
        *(conv_block(3, 16, 3, 2), DenseBlock(16, 8, 3), conv_block(40, 20, 1), nn.AvgPool2d(2)),
        *(DenseBlock(20, 8, 3), nn.BatchNorm2d(44), nn.ReLU()),
        *head(44, classes),
    )


def mobilenet(classes: int = 10) -> nn.Sequential:
    """Sandler et al. 2018 (the second MobileNet): depthwise layers, wide in the middle and narrow between them."""
    return efficientnet(classes, dial=0)


def efficientnet(classes: int = 10, dial: float = 1) -> nn.Sequential:
    """Tan and Le 2019: one dial for depth (1.2 to its power), width (1.1) and resolution (1.15). At 0 it is the
    miniature MobileNet, so that the dial's effect can be seen alone. Each step about doubles the arithmetic."""
    side = round(32 * 1.15**dial)
    layers: list[nn.Module] = [nn.Upsample((side, side), mode="bilinear")] if side != 32 else []
    width = round(16 * 1.1**dial)
    layers.append(conv_block(3, width, 3, 2))
    for channels, expand, stride, times in ((16, 1, 1, 1), (24, 4, 2, 2), (40, 4, 2, 1)):
        channels = round(channels * 1.1**dial)
        for k in range(math.ceil(times * 1.2**dial)):
            layers.append(InvertedResidual(width, channels, expand, stride if k == 0 else 1))
            width = channels
    last = round(96 * 1.1**dial)
    return nn.Sequential(*layers, conv_block(width, last, 1), *head(last, classes))


MINIATURES = (
    Miniature("LeNet-5", 1998, "the detectors are learned", 0.06, lenet5),
    Miniature("AlexNet", 2012, "deep, with ReLU and dropout, on GPUs", 62.4, alexnet),
    Miniature("VGG", 2014, "only 3 × 3, stacked", 138.4, vgg),
    Miniature("Inception", 2014, "several windows side by side", 6.6, inception),
    Miniature("ResNet", 2015, "add the input back", 25.6, resnet),
    Miniature("DenseNet", 2017, "every layer reads all earlier maps", 8.0, densenet),
    Miniature("MobileNet", 2017, "space and channels apart", 3.5, mobilenet),
    Miniature("EfficientNet", 2019, "depth, width and resolution on one dial", 5.3, efficientnet),
)


def deep(blocks: int, residual: bool, width: int = 12, classes: int = 10) -> nn.Sequential:
    """A net of 2 · blocks + 1 convolutions on maps of 8 × 8: of lesson 07's residual blocks, or of the same layers
    without the way around."""
    made = [ResidualBlock(width, width) if residual else plain_block(width) for _ in range(blocks)]
    return nn.Sequential(conv_block(3, width, 3, 2), nn.MaxPool2d(2), *made, *head(width, classes))


def plain_block(width: int) -> nn.Sequential:
    """A residual block without the way around."""
    return nn.Sequential(conv_block(width, width), conv_block(width, width))
