"""Many channels in, one map out: each channel under its own slice of the filter, all sums added, then one bias."""

import numpy as np

from cnnlab.figures.board import Board
from cnnlab.figures.style import KEYS, Picture, nice, read_out


def show_channels(x, weight, bias=0, title="One filter spans all channels", names=None) -> Picture:
    """A filter on several channels: each channel under its own slice, the maps added up, then one bias.

    x: (C, H, W), weight: (C, kh, kw) of one filter, any numbers; bias: its number; names: C of them. Best with up to
    three channels of 4 × 4 or so.
    """
    x, weight = np.asarray(x), np.asarray(weight)
    names = names or [f"channel {c}" for c in range(len(x))]
    maps = np.stack([_correlate(plane, kernel) for plane, kernel in zip(x, weight, strict=True)])
    total = maps.sum(0)
    board, high = Board(title), max(x.shape[1], weight.shape[1])
    step = high + 1.5
    scale, most = float(np.abs(weight).max()), float(np.abs(np.concatenate([maps, total[None] + bias])).max())
    for c, (plane, kernel) in enumerate(zip(x, weight, strict=True)):
        y = c * step
        middle = y + high / 2
        right, _ = board.grid(
            plane, 0, y + (high - plane.shape[0]) / 2, title=names[c], scale=x.max(), low=min(0, x.min())
        )
        board.frame(
            0, y + (high - plane.shape[0]) / 2, [(0, 0), (plane.shape[0] - 1, plane.shape[1] - 1)], colour=KEYS[c]
        )
        board.sign(right + 0.7, middle, "∗")
        right, _ = board.grid(kernel, right + 1.4, middle - kernel.shape[0] / 2, signed=True, scale=scale,
                              title=f"its slice, weight[o, {c}]")  # fmt: skip
        board.sign(right + 0.9, middle, "=")
        edge, _ = board.grid(
            maps[c], right + 1.8, middle - maps.shape[1] / 2, signed=True, scale=most, title=f"sums of {names[c]}"
        )
        if c:
            board.sign(right + 1.8 + maps.shape[2] / 2, y - 1.15, "+")
    middle = ((len(x) - 1) * step + high) / 2
    board.arrow((edge + 0.5, middle), (edge + 1.5, middle))
    right, _ = board.grid(total, edge + 1.9, middle - total.shape[0] / 2, signed=True, scale=most, title="all added")
    board.sign(right + 1.35, middle, f"{'−' if bias < 0 else '+'} {nice(abs(bias))}", size=13)
    board.words(right + 1.35, middle + 0.85, "one bias", align="center", size=8.5, color="#5b6270")
    board.arrow((right + 2.2, middle), (right + 3.1, middle))
    board.grid(total + bias, right + 3.5, middle - total.shape[0] / 2, signed=True, scale=most, title="output map")
    return board.picture(
        f"{title}. {len(x)} channels, each correlated with its own slice of the filter; the {len(x)} maps are added "
        f"into one, then the bias {nice(bias)} is added once. The output map is {read_out(total + bias)}."
    )


def _correlate(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.tensordot(windows, kernel, axes=2)
