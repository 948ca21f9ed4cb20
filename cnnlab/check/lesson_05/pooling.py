"""What the backward passes of the two poolings share: the right ones, cases, wrong ways, and named places of dx."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from cnnlab.check.cases import Case, pair
from cnnlab.check.draw import floats, great, ints, pixels, single, sliced, small, some_zeros, thirds, transposed, whole
from cnnlab.check.lesson_05.patches import ends, places
from cnnlab.check.reading.places import Spot


def windows(dout: np.ndarray, kernel: object, stride: object) -> Iterator[tuple[float, tuple]]:
    """Every number of dout (N, C, H', W') with the place of its window in x, as an index of x."""
    (kh, kw), (sh, sw) = pair(kernel), pair(kernel if stride is None else stride)
    for n, c, i, j in np.ndindex(*dout.shape):
        yield dout[n, c, i, j], np.s_[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw]


def to_winners(dout: np.ndarray, x: np.ndarray, kernel, stride, winner: Callable, kind=np.float64) -> np.ndarray:
    """dx (N, C, H, W) of that kind where each window's dout goes to its winner, winner(patch) being the place, counted
    row by row. Windows that run over the end of x are cut there."""
    dx = np.zeros(x.shape, kind)
    for d, there in windows(dout, kernel, stride):
        patch = x[there]
        if patch.size:
            dx[there][np.unravel_index(winner(patch), patch.shape)] += d
    return dx


def max_pool_gradient(dout: np.ndarray, x: np.ndarray, kernel: object, stride: object = None) -> np.ndarray:
    """dx (N, C, H, W) for dout (N, C, H', W'): the winner is the first maximum, row by row; kernel and stride are an
    int or a pair, a stride of None is the kernel."""
    return to_winners(dout, x, kernel, stride, np.argmax)


def avg_pool_gradient(dout: np.ndarray, x: np.ndarray, kernel: object, stride: object = None) -> np.ndarray:
    """dx (N, C, H, W) in float64; of x the shape alone counts. The rest is as in max_pool_gradient."""
    dx = np.zeros(x.shape)
    for d, there in windows(dout, kernel, stride):
        dx[there] += d / np.prod(pair(kernel))
    return dx


def _by_the_kernel(values: dict) -> None:
    """A stride of None is the kernel's size: window beside window."""
    values["stride"] = values["kernel"] if values["stride"] is None else values["stride"]


def spots(a) -> dict[str, list[Spot]]:
    """Named places of dx, from how many windows each pixel lies in."""
    shares = avg_pool_gradient(np.ones(a.dout.shape), a.x, a.kernel, a.stride)[0, 0]
    return {"": places(a.x.shape, np.rint(shares * np.prod(a.kernel)), a.stride, (0, 0), "window")}


def _sizes(a) -> dict[str, int]:
    (kh, kw), (sh, sw), stops = a.kernel, a.stride, a.dout[0, 0].size
    found = {"the number of pixels in a window": kh * kw, "the kernel's height": kh, "the kernel's width": kw}
    return found | {"the stride's height times its width": sh * sw, "the number of windows": stops}


DECLARED = {
    "lesson": "05_backprop", "pairs": ("kernel", "stride"), "complete": _by_the_kernel, "sizes": _sizes,
    "axes": dict.fromkeys(("dout", "x", ""), "image channel row column"), "draws": "gradient", "scale": lambda case: 1,
}  # fmt: skip


def pooled(rng, draw, shape, kernel, stride=None, note="", *, name=True, x=None, dout=floats) -> Case:
    """A case: x drawn of `shape`, a digit for each side (b is 11), or given; a dout of the size that pooling gives; the
    stride by name, by position, or left out."""
    shape = [int(side, 16) for side in shape] if x is None else x.shape
    steps = pair(kernel if stride is None else stride)
    out = [(side - k) // s + 1 for side, k, s in zip(shape[2:], pair(kernel), steps, strict=True)]
    args = (dout(rng, *shape[:2], *out), draw(rng, *shape) if x is None else x, kernel)
    given = {} if stride is None else {"stride": stride}
    return Case(args, given, note) if name else Case((*args, *given.values()), note=note)


# fmt: off
def _usual(case: Callable, stride: object = None) -> list[Case]:
    """What both parts try."""
    return [
        case(floats, "2365", (3, 2), stride, "a pair; a column that no window reaches"),
        case(floats, "2216", (1, 2), stride, "a single row"), case(floats, "2261", (2, 1), stride, "a single column"),
        case(floats, "2223", 1, stride, "windows of one pixel"),
        case(transposed, "2346", 2, stride, "not contiguous", dout=sliced),
        case(single, "2246", 2, stride, "float32", dout=single),
        case(great, "1244", 2, stride, "large numbers", dout=great),
        case(thirds, "1244", 2, stride, "thirds, which rounding changes", dout=thirds),
        case(floats, "b224", 2, stride, "eleven images", dout=some_zeros),
        case(floats, "34bc", 2, stride, "larger than the others"),
        case(floats, "2365", (3, 2), stride, "another batch of a size seen before"),
    ]


def beside_each_other(rng: np.random.Generator) -> list[Case]:
    """Window beside window, and none but fractions' kind of numbers."""
    case = partial(pooled, rng)

    def apart(rng, *shape):  # no two alike
        return rng.permutation(np.arange(-4.0, 5))[: int(np.prod(shape))].reshape(shape)

    return [
        case(apart, "1122", 2, note="one window", dout=whole), case(apart, "1124", 2, note="two windows", dout=whole),
        case(floats, "1144", 2), case(floats, "1224", 2, note="two channels"),
        case(floats, "2142", 2, note="two images"),
        case(floats, "1157", 2, note="a row and a column that no window reaches"),
        case(floats, "1146", (2, 3), note="a pair"), case(floats, "2164", [3, 2], note="a pair as a list"),
        case(floats, "1246", 2, 2, "the stride given as the kernel"),
        case(sliced, "1363", 3, note="not contiguous", dout=transposed),
        case(None, "", 2, note="all of x below 0", x=-np.abs(floats(rng, 1, 2, 4, 4))),
        case(None, "", 2, note="all of x far below 0", x=-1e12 - 1e10 * floats(rng, 1, 1, 4, 4)), *_usual(case),
    ]


def strides(rng: np.random.Generator) -> list[Case]:
    """Windows that overlap, and gaps between them; whole numbers together with fractions."""
    case = partial(pooled, rng)
    centre = np.array([[[[1, 2, 3], [4, 9, 5], [6, 7, 8]]]])
    return [
        case(None, "", 2, 1, "one pixel wins in all four windows", x=centre, dout=small),
        case(ints, "1134", 2, 1, "windows that overlap", dout=small),
        case(ints, "1155", 2, 3, "gaps between the windows", dout=small),
        case(floats, "2357", 3, 2, "the stride by position", name=False),
        case(floats, "1167", 3, (1, 2), "a stride for each axis"),
        case(floats, "2276", (2, 3), (3, 1), "pairs", name=False),
        case(floats, "2276", (2, 3), (1, 2), "another stride for a size seen before"),
        case(floats, "1268", (3, 2), 2, "rows that no window reaches"),
        case(floats, "1276", [2, 3], [2, 1], "pairs as lists"),
        case(ints, "2246", 3, 1, "whole x, dout with fractions"), case(pixels, "1365", 2, 2, "bytes"),
        case(floats, "1279", 2, (4, 3), "gaps"), *_usual(case, (1, 2)),
    ]


WRONG = [
    ("the stride is ignored", "The windows are taken side by side, whatever the stride. Window (i, j) begins at (i·sh, "
     "j·sw).", lambda a: a.right(stride=a.kernel)),
    ("the stride is 1 where it is left out", "stride=None stands for the kernel's own size: window beside window. "
     "Yours takes 1.", lambda a: a.right(stride=1 if a.raw["stride"] is None else a.stride)),
    ("the stride's height and width are swapped", "A pair of strides is (height, width): rows first.",
     lambda a: a.right(stride=a.stride[::-1])),
    ("the kernel's height and width are swapped", "A pair of kernel sizes is (height, width): rows first.",
     lambda a: a.right(kernel=a.kernel[::-1])),
    ("dx ends where the last window ends", "The last rows or columns of x, which no window reaches, are missing. dx "
     "always has x's shape; 0 stands there.", lambda a: a.right()[ends(a.dout.shape[2:], a.kernel, a.stride)]),
]
# fmt: on
