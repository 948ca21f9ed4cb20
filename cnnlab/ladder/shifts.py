"""Pictures moved, mirrored and partly covered, each in its own way, a whole batch at once on the device."""

from __future__ import annotations

import torch
from torch.nn import functional


def shifted(x, most, generator=None, edge="constant"):
    """x (N, C, H, W), every picture moved by up to `most` pixels up or down and left or right.

    edge: what comes in, as functional.pad has it: "constant" zeros, or "reflect", the picture's own mirror image.
    """
    windows = functional.pad(x, (most, most, most, most), mode=edge).unfold(2, x.shape[2], 1).unfold(3, x.shape[3], 1)
    dy, dx = torch.randint(2 * most + 1, (2, len(x)), generator=generator, device=x.device)
    return windows[torch.arange(len(x), device=x.device), :, dy, dx]  # (N, C, 2·most + 1, 2·most + 1, H, W) at dy, dx


def mirrored(x, generator=None):
    """x (N, C, H, W), every picture mirrored left to right with probability one half."""
    turn = torch.rand(len(x), 1, 1, 1, generator=generator, device=x.device) < 0.5
    return torch.where(turn, x.flip(3), x)


def covered(x, side, generator=None):
    """x (N, C, H, W), in each picture a square of side × side pixels set to 0, anywhere inside (DeVries 2017)."""
    places = []
    for length in x.shape[2:]:
        first = torch.randint(length - side + 1, (len(x), 1), generator=generator, device=x.device)
        place = torch.arange(length, device=x.device)
        places.append((place >= first) & (place < first + side))
    down, along = places
    return x.masked_fill((down[:, :, None] & along[:, None, :])[:, None], 0)
