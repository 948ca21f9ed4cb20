"""Patches (or windows) that slide over a picture: the last ones, where they end, and the named places of dx."""

from typing import Any

import numpy as np

from cnnlab.check.reading.places import Spot, plural


def kept(array: np.ndarray, *place: Any) -> np.ndarray:
    """The array at a place (an index), and 0 elsewhere."""
    found = np.zeros(array.shape)
    found[place] = array[place]
    return found


def ends(stops: tuple, kernel: tuple, stride: tuple, padding: tuple = (0, 0)) -> tuple:
    """Where the last patch ends, as an index of pictures; without the padding of both sides. All are pairs."""
    sides = zip(stops, kernel, stride, padding, strict=True)
    return (..., *(slice(s * (n - 1) + k - 2 * p) for n, k, s, p in sides))


def places(shape: tuple, counts: np.ndarray, stride: tuple, padding: tuple, patch: str) -> list[Spot]:
    """Named places of dx, (N, C, H, W); counts: in how many patches each pixel lies; patch: what one is called."""
    rows, columns = np.indices(counts.shape)
    bottom, right = np.argwhere(counts).max(axis=0, initial=-1)
    after, nowhere, fewer = (rows > bottom) | (columns > right), counts == 0, f"where fewer {plural(patch)}"
    off_grid = ((rows + padding[0]) % stride[0] + (columns + padding[1]) % stride[1]) > 0
    found = {
        f"in the last rows or columns, which no {patch} reaches": after,
        f"in the gaps between the {plural(patch)}, which none of them reaches": nowhere & ~after,
        f"where no {patch} lies": nowhere,
        f"where {plural(patch)} overlap": counts > 1,
        f"{fewer} lie" if max(stride) > 1 else f"near the border, {fewer} reach": counts < counts.max(),
        f"off the stride's grid (no top-left corner of a {patch} lies there)": off_grid,
    }
    return [Spot(where, np.broadcast_to(inside, shape)) for where, inside in found.items() if inside.any()]
