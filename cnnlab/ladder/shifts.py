"""Pictures moved and mirrored, each in its own way, a whole batch at once on the device."""

from __future__ import annotations

import torch
from torch.nn import functional


def shifted(x, most, generator=None):
    """x (N, C, H, W), every picture moved by up to `most` pixels up or down and left or right; zeros come in."""
    count, _, height, width = x.shape
    padded = functional.pad(x, (most, most, most, most))
    dy, dx = torch.randint(2 * most + 1, (2, count, 1), generator=generator, device=x.device)
    rows = (dy + torch.arange(height, device=x.device))[:, None, :, None]
    cols = (dx + torch.arange(width, device=x.device))[:, None, None, :]
    image = torch.arange(count, device=x.device)[:, None, None, None]
    channel = torch.arange(x.shape[1], device=x.device)[None, :, None, None]
    return padded[image, channel, rows, cols]


def mirrored(x, generator=None):
    """x (N, C, H, W), every picture mirrored left to right with probability one half."""
    turn = torch.rand(len(x), 1, 1, 1, generator=generator, device=x.device) < 0.5
    return torch.where(turn, x.flip(3), x)
