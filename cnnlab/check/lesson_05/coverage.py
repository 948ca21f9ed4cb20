"""The parts of dx that have a name, told apart by how many patches (or windows) each pixel lies in."""

from __future__ import annotations

import numpy as np

from cnnlab.check.reading.places import Spot, plural


def ends(stops: tuple, kernel: tuple, stride: tuple, padding: tuple = (0, 0)) -> list[int]:
    """Where the last patch ends, down and across, without the padding of both sides; all arguments are pairs."""
    return [s * (n - 1) + k - 2 * p for n, k, s, p in zip(stops, kernel, stride, padding, strict=True)]


def stops_in(size: tuple, kernel: tuple, stride: tuple, last: int = 1) -> list[slice]:
    """The stops whose patch lies in a picture of this size; with last=0 those that end before the picture does."""
    return [slice(len(range(0, side - k + last, s))) for side, k, s in zip(size, kernel, stride, strict=True)]


def patches_over(size: tuple, stops: tuple, kernel: tuple, stride: tuple, padding: tuple = (0, 0)) -> np.ndarray:
    """For each pixel of a picture of this size the number of patches that it lies in; all arguments are pairs."""
    lines = []
    for end, side, n, k, s, p in zip(ends(stops, kernel, stride), size, stops, kernel, stride, padding, strict=True):
        line = np.zeros(max(side + 2 * p, end), dtype=int)
        for stop in range(n):
            line[stop * s : stop * s + k] += 1
        lines.append(line[p : p + side])
    return np.outer(*lines)


def places(shape: tuple, counts: np.ndarray, stride: tuple, padding: tuple, patch: str) -> list[Spot]:
    """Named places of dx, (N, C, H, W); counts: see patches_over; patch: what a patch is called."""
    rows, columns = np.indices(counts.shape)
    below, right = (np.cumsum(counts.any(axis=axis)[::-1])[::-1] == 0 for axis in (1, 0))
    after = below[rows] | right[columns]
    on_grid = ((rows + padding[0]) % stride[0] == 0) & ((columns + padding[1]) % stride[1] == 0)
    fewer = "near the border, where fewer {} reach" if max(stride) == 1 else "where fewer {} lie"
    found = {
        f"in the last rows or columns, which no {patch} reaches": after & (counts == 0),
        f"in the gaps between the {plural(patch)}, which none of them reaches": (counts == 0) & ~after,
        f"where no {patch} lies": counts == 0,
        f"where only one {patch} lies": counts == 1,
        f"where {plural(patch)} overlap": counts > 1,
        f"where a {patch} lies": counts > 0,
        fewer.format(plural(patch)): counts < counts.max(),
        f"off the stride's grid (no top-left corner of a {patch} lies there)": ~on_grid,
        f"on the stride's grid (where a {patch}'s top-left corner lies)": on_grid & (max(stride) > 1),
    }
    return [Spot(where, np.broadcast_to(inside, shape)) for where, inside in found.items() if inside.any()]
