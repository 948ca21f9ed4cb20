"""A small network that learns CIFAR-10 in seconds on a GPU, after K. Jordan's airbench94 (2024).

Its first layer is not learned from labels: it is computed from the pictures (`whiten`), so that its outputs are
uncorrelated and of equal size from the first step on.
"""

from __future__ import annotations

from itertools import pairwise

from torch import nn

from cnnlab.ladder.whiten import whiten


class Block(nn.Module):
    """Two or three 3 × 3 convolutions with batch norm and GELU; the first is pooled; from three on, a way around."""

    def __init__(self, before, after, depth=2):
        super().__init__()
        sizes = [before] + [after] * depth
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1, bias=False) for a, b in pairwise(sizes))
        self.norms = nn.ModuleList(nn.BatchNorm2d(after, momentum=0.4, eps=1e-12) for _ in range(depth))
        self.pool, self.active = nn.MaxPool2d(2), nn.GELU()
        for norm in self.norms:
            norm.weight.requires_grad_(False)
        for conv in self.convs:  # begins as the identity on the channels that it has room for
            nn.init.dirac_(conv.weight[: conv.in_channels].data)

    def forward(self, x):
        x = start = self.active(self.norms[0](self.pool(self.convs[0](x))))
        for k in range(1, len(self.convs)):
            x = self.norms[k](self.convs[k](x))
            x = self.active(x + start if k == len(self.convs) - 1 and len(self.convs) > 2 else x)
        return x


class QuickNet(nn.Module):
    """(N, 3, 32, 32) gives logits (N, 10). wide: how much wider than 64, 256, 256 channels."""

    def __init__(self, wide=1.0, depth=2, classes=10):
        super().__init__()
        widths = [round(wide * width / 8) * 8 for width in (64, 256, 256)]
        self.white = nn.Conv2d(3, 24, 2, bias=True)
        self.white.weight.requires_grad_(False)
        self.blocks = nn.Sequential(
            *(Block(a, b, depth) for a, b in pairwise([24, *widths])), nn.MaxPool2d(3), nn.Flatten()
        )
        self.head = nn.Linear(widths[-1], classes, bias=False)

    def prepare(self, images):
        """Compute the first layer from some normalised pictures (N, 3, 32, 32)."""
        whiten(self.white, images)

    def forward(self, x):
        return self.head(self.blocks(nn.functional.gelu(self.white(x)))) / 9
