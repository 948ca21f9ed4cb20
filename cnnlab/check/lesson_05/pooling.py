"""What the backward passes of the two poolings share: the right ones, cases, wrong ways, and named places of dx."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, pair
from cnnlab.check.draw import floats, great, ints, pixels, single, sliced, small, some_zeros, thirds, transposed, whole
from cnnlab.check.lesson_05.patches import ends, places
from cnnlab.check.reading.places import Spot


def windows(dout: np.ndarray, kernel: Any, stride: Any) -> Iterator[tuple[float, tuple]]:
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


def max_pool_gradient(dout: np.ndarray, x: np.ndarray, kernel: Any, stride: Any = None) -> np.ndarray:
    """dx (N, C, H, W) for dout (N, C, H', W'): the winner is the first maximum, row by row; kernel and stride are an
    int or a pair, a stride of None is the kernel."""
    return to_winners(dout, x, kernel, stride, np.argmax)


def avg_pool_gradient(dout: np.ndarray, x: np.ndarray, kernel: Any, stride: Any = None) -> np.ndarray:
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


DECLARED: dict[str, Any] = {
    "lesson": "05_backprop", "pairs": ("kernel", "stride"), "complete": _by_the_kernel, "sizes": _sizes,
    "axes": dict.fromkeys(("dout", "x", ""), "image channel row column"), "draws": "gradient", "scale": lambda case: 1,
}  # fmt: skip


def pooled(rng, x, kernel, note="", stride=None, draw=floats, dout=floats, by_name=True) -> Case:
    """A case: x is an array, or its shape, a digit for each side (b is 11); a dout of the size that pooling gives; the
    stride by name, by position, or left out."""
    x = draw(rng, *(int(side, 16) for side in x)) if isinstance(x, str) else x
    steps = pair(kernel if stride is None else stride)
    out = [(side - k) // s + 1 for side, k, s in zip(x.shape[2:], pair(kernel), steps, strict=True)]
    args, given = (dout(rng, *x.shape[:2], *out), x, kernel), {} if stride is None else {"stride": stride}
    return Case(args, given, note) if by_name else Case((*args, *given.values()), note=note)


# fmt: off
def _usual(case: Callable, **how) -> list[Case]:
    """What both parts try, each with its own stride."""
    case = partial(case, **how)
    return [
        case("2365", (3, 2), "a pair; a column that no window reaches"), case("2216", (1, 2), "a single row"),
        case("2261", (2, 1), "a single column"), case("2223", 1, "windows of one pixel"),
        case("2346", 2, "not contiguous", draw=transposed, dout=sliced),
        case("1363", 3, "not contiguous", draw=sliced, dout=transposed),
        case("2246", 2, "float32", draw=single, dout=single), case("1244", 2, "large numbers", draw=great, dout=great),
        case("1244", 2, "thirds, which rounding changes", draw=thirds, dout=thirds),
        case("b224", 2, "eleven images", dout=some_zeros), case("34bc", 2, "larger than the others"),
        case("2365", (3, 2), "another batch of a size seen before"),
    ]


def beside_each_other(rng: np.random.Generator) -> list[Case]:
    """Window beside window, and none but fractions' kind of numbers."""
    case = partial(pooled, rng)
    row = rng.permutation(np.arange(-4.0, 4)).reshape(1, 1, 2, 4)  # no two alike
    return [
        case(row[..., :2], 2, "one window", dout=whole), case(row, 2, "two windows", dout=whole), case("1144", 2),
        case("1224", 2, "two channels"), case("2142", 2, "two images"),
        case("1157", 2, "a row and a column that no window reaches"), case("1146", (2, 3), "a pair"),
        case("2164", [3, 2], "a pair as a list"), case("1246", 2, "the stride given as the kernel", 2),
        case(-np.abs(floats(rng, 1, 2, 4, 4)), 2, "all of x below 0"),
        case(-1e12 - 1e10 * floats(rng, 1, 1, 4, 4), 2, "all of x far below 0"), *_usual(case),
    ]


def strides(rng: np.random.Generator) -> list[Case]:
    """Windows that overlap, and gaps between them; whole numbers together with fractions."""
    case, centre = partial(pooled, rng), np.array([[[[1, 2, 3], [4, 9, 5], [6, 7, 8]]]])
    return [
        case(centre, 2, "one pixel wins in all four windows", 1, dout=small),
        case("1134", 2, "windows that overlap", 1, draw=ints, dout=small),
        case("1155", 2, "gaps between the windows", 3, draw=ints, dout=small),
        case("2357", 3, "the stride by position", 2, by_name=False), case("1167", 3, "a stride for each axis", (1, 2)),
        case("2276", (2, 3), "pairs", (3, 1), by_name=False), case("1279", 2, "gaps", (4, 3)),
        case("2276", (2, 3), "another stride for a size seen before", (1, 2)),
        case("1268", (3, 2), "rows that no window reaches", 2), case("1276", [2, 3], "pairs as lists", [2, 1]),
        case("2246", 3, "whole x, dout with fractions", 1, draw=ints), case("1365", 2, "bytes", 2, draw=pixels),
        *_usual(case, stride=(1, 2)),
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
