"""Lesson 09's residual network (He et al. 2015, in small)."""

from __future__ import annotations

from torch import nn

from cnnlab.built.lesson_07 import ResidualBlock, conv_block


def residual_net(width=32, classes=10):
    """(N, 3, 32, 32) gives logits (N, classes): stem, three stages, average, linear.

    A stage has two blocks; the stages are 1, 2 and 4 times `width` wide, and the later two halve the picture.
    """
    layers, before = [conv_block(3, width)], width
    for stage in range(3):
        after = width * 2**stage
        layers += [ResidualBlock(before, after, stride=2 if stage else 1), ResidualBlock(after, after)]
        before = after
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes))
