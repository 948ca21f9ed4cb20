"""Lesson 07, ready-made: the blocks that modern networks are built of, as torch modules."""

from torch import nn


def conv_block(in_channels, out_channels, kernel=3, stride=1):
    """Convolution (padding kernel // 2, no bias) → batch norm → ReLU: (N, in, H, W) gives (N, out, H', W')."""
    conv = nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out_channels), nn.ReLU())


class ResidualBlock(nn.Module):
    """conv-BN-ReLU-conv-BN (3 × 3, no biases, the stride in the first) plus the input, then ReLU (He et al. 2015).

    Where the shapes differ the input passes a 1 × 1 convolution and batch norm first.
    """

    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.branch = nn.Sequential(
            conv_block(in_channels, out_channels, 3, stride),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            self.shortcut.append(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False))
            self.shortcut.append(nn.BatchNorm2d(out_channels))

    def forward(self, x):
        return (self.branch(x) + self.shortcut(x)).relu()
