"""Lesson 07, ready-made: batch norm and the transposed convolution in NumPy, and, as torch modules, the blocks that
modern networks are built of, and the person detector built of them."""

import numpy as np
from torch import nn


def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    """Normalise each channel of x (N, C, H, W), then scale by gamma and shift by beta, (C,) each, as nn.BatchNorm2d.

    training: with the batch's own statistics, and the running ones move; else with the running ones, which stay.
    Returns y, running_mean, running_var, new arrays.
    """
    mean, var = np.array(running_mean, float), np.array(running_var, float)
    used = mean, var
    if training:
        used = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
        mean = (1 - momentum) * mean + momentum * used[0]
        var = (1 - momentum) * var + momentum * x.var(axis=(0, 2, 3), ddof=1)
    scale = gamma / np.sqrt(used[1] + eps)
    return x * scale[:, None, None] + (beta - used[0] * scale)[:, None, None], mean, var


def overlap_count(kernel, stride, size):
    """How many of `size` stamps, `kernel` wide and `stride` apart, lie on each place: ((size − 1)·stride + kernel,)."""
    count = np.zeros((size - 1) * stride + kernel, dtype=int)
    for start in range(0, size * stride, stride):
        count[start : start + kernel] += 1
    return count


def transposed_conv2d(x, weight, stride=1, padding=0):
    """Each pixel of x (N, C_in, H, W) stamps its kernels, weight (C_in, C_out, kh, kw), onto the output.

    stride, padding: int or pair (height, width). Returns (N, C_out, (H − 1)·sh − 2·ph + kh, …).
    """
    (sh, sw), (ph, pw) = ((v, v) if np.ndim(v) == 0 else v for v in (stride, padding))
    (high, wide), (kh, kw) = x.shape[2:], weight.shape[2:]
    out = np.zeros((len(x), weight.shape[1], (high - 1) * sh + kh, (wide - 1) * sw + kw))
    for u, v in np.ndindex(kh, kw):
        tap = np.einsum("nchw,co->nohw", x, weight[:, :, u, v], dtype=float)
        out[:, :, u : u + (high - 1) * sh + 1 : sh, v : v + (wide - 1) * sw + 1 : sw] += tap
    return out[:, :, ph : out.shape[2] - ph, pw : out.shape[3] - pw]


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


class Bottleneck(nn.Sequential):
    """1 × 1 down to `squeeze` maps, 3 × 3 there, 1 × 1 back up; batch norm after each, ReLU after the first two."""

    def __init__(self, channels, squeeze):
        down, middle = conv_block(channels, squeeze, 1), conv_block(squeeze, squeeze)
        super().__init__(down, middle, nn.Conv2d(squeeze, channels, 1, bias=False), nn.BatchNorm2d(channels))


class DepthwiseSeparable(nn.Sequential):
    """A 3 × 3 kernel for each map by itself, with the stride, then 1 × 1 across the maps; no biases (Howard et al. "
    "2017)."""

    def __init__(self, in_channels, out_channels, stride=1):
        depthwise = nn.Conv2d(in_channels, in_channels, 3, stride, 1, groups=in_channels, bias=False)
        super().__init__(depthwise, nn.Conv2d(in_channels, out_channels, 1, bias=False))


def person_detector():
    """The camera's detector: (N, 3, H, W) gives logits (N, 2), nobody and person; 1,146,818 parameters."""
    return nn.Sequential(
        *(conv_block(3, 64), conv_block(64, 64), nn.MaxPool2d(2)),
        *(conv_block(64, 128), conv_block(128, 128), nn.MaxPool2d(2)),
        *(conv_block(128, 256, stride=2), conv_block(256, 256)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, 2)),
    )
