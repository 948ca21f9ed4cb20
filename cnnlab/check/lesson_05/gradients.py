"""What the lesson's backward passes share: numbers for their cases, ways to spoil a gradient, named places of dx."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cnnlab.check import draw
from cnnlab.check.reading.places import Spot, plural

GRADIENTS = ("dx", "dweight", "dbias")


def _stored_as(kind: type, drawn: Callable) -> Callable:
    return lambda rng, *shape: drawn(rng, *shape).astype(kind)


# Whole numbers stored as fractions are: a slip of dtype costs the one part alone in which the two kinds meet.
whole = _stored_as(np.float64, draw.small)  # a case that can be redone on paper
great = _stored_as(np.float64, draw.large)  # too many digits for float16
single = _stored_as(np.float32, draw.floats)


def some_zeros(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Signed quarters, every third one or so 0."""
    return draw.with_zeros(rng, *shape) / 4


def spoilt(name: str, change: Callable) -> Callable:
    """A wrong way: the right gradients of a call, the one of this name put through change(args, it)."""
    return lambda a: a.instead(**{name: change(a, a.right()[GRADIENTS.index(name)])})


def made_with(a, name: str, **arguments: object) -> tuple:
    """The right gradients, but that the one of this name is the one for other arguments."""
    return a.instead(**{name: a.right(**arguments)[GRADIENTS.index(name)]})


def kept(array: np.ndarray, *place: object) -> np.ndarray:
    """The array at a place (an index), and 0 elsewhere."""
    found = np.zeros(array.shape)
    found[place] = array[place]
    return found


def ends(stops: tuple, kernel: tuple, stride: tuple, padding: tuple = (0, 0)) -> list[int]:
    """Where the last patch ends, down and across, without the padding of both sides; all arguments are pairs."""
    return [s * (n - 1) + k - 2 * p for n, k, s, p in zip(stops, kernel, stride, padding, strict=True)]


def stops_in(size: tuple, kernel: tuple, stride: tuple, last: int = 1) -> list[slice]:
    """The stops whose patch lies in a picture of this size; with last=0 those that end before the picture does."""
    return [slice(len(range(0, side - k + last, s))) for side, k, s in zip(size, kernel, stride, strict=True)]


def patches_over(size: tuple, stops: tuple, kernel: tuple, stride: tuple, padding: tuple = (0, 0)) -> np.ndarray:
    """For each pixel of a picture of this size the number of patches that it lies in; all arguments are pairs."""
    lines = []
    for side, n, k, s, p in zip(size, stops, kernel, stride, padding, strict=True):
        begins = np.arange(n) * s - p
        lines.append([np.sum((begins <= at) & (at < begins + k)) for at in range(side)])
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
