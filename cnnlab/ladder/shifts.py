"""Pictures moved and mirrored, each in its own way, a whole batch at once on the device."""

from __future__ import annotations

import torch
from torch.nn import functional


def shifted(x, most, generator=None):
    """x (N, C, H, W), every picture moved by up to `most` pixels up or down and left or right; zeros come in."""
    windows = functional.pad(x, (most, most, most, most)).unfold(2, x.shape[2], 1).unfold(3, x.shape[3], 1)
    dy, dx = torch.randint(2 * most + 1, (2, len(x)), generator=generator, device=x.device)
    return windows[torch.arange(len(x), device=x.device), :, dy, dx]  # (N, C, 2·most + 1, 2·most + 1, H, W) at dy, dx


def mirrored(x, generator=None):
    """x (N, C, H, W), every picture mirrored left to right with probability one half."""
    turn = torch.rand(len(x), 1, 1, 1, generator=generator, device=x.device) < 0.5
    return torch.where(turn, x.flip(3), x)
