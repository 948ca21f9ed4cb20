"""What max_pool2d and avg_pool2d share: batches under windows, and windows that are not where, or not as large as, they
should be. Every window becomes one number by the exercise's own oracle."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.check.cases import Args, Case, Part, pair
from cnnlab.check.draw import floats, ints, large, pixels, sliced, small, thirds, transposed, with_zeros
from cnnlab.check.exercise import Exercise

AXES = "image channel row column"
FLOOR = "floor((H − k)/stride) + 1"
STARTS = "the window of output cell (i, j) begins at row i·stride, column j·stride; it is as large as the kernel, "
FOUR = np.array([[1, 3, 0, 2], [4, 2, 1, 0], [0, 1, 5, 6], [2, 0, 7, 1]])[None, None]  # the lesson's map


def windows(x: np.ndarray, kernel: Any, stride: Any = None) -> np.ndarray:
    """Every window of x (N, C, H, W), as a view (N, C, H′, W′, kh, kw). Raises ValueError where none fits."""
    sh, sw = pair(kernel if stride is None else stride)
    return sliding_window_view(x, pair(kernel), axis=(2, 3))[:, :, ::sh, ::sw]


def cells(a: Args) -> np.ndarray:
    """The numbers of every window in a row: (N, C, H′, W′, kh·kw)."""
    found = windows(a.x, a.kernel, a.stride)
    return found.reshape(*found.shape[:4], -1)


def maps(rng: np.random.Generator, *how: Any) -> list[Case]:
    """Batches of every kind of numbers; how: further arguments of each call."""
    size = (2, 3, 5, 6)
    kinds = [
        *(pixels(rng, *size), floats(rng, *size).astype(np.float32), sliced(rng, *size), with_zeros(rng, *size)),
        *(-abs(large(rng, *size)), -1e12 * abs(floats(rng, *size)), floats(rng, 11, 2, 3, 4)),
    ]
    others = {
        "thirds": thirds(rng, *size),
        "numbers that are nearly alike": 5 + 1e-6 * ints(rng, *size),
        "channels last in memory": transposed(rng, *size),
        "another batch of a size seen before": ints(rng, *size),
        "larger than the others": floats(rng, 1, 2, 19, 20),
    }
    return [*(Case((x, *how)) for x in kinds), *(Case((x, *how), note=note) for note, x in others.items())]


def _side_by_side(rng: np.random.Generator) -> list[Case]:
    sizes: list[tuple] = [((1, 1, 5, 7), 2), ((1, 1, 3, 5), 2, None), ((1, 2, 4, 2), 2), ((2, 3, 4, 5), 2)]
    sizes += [((3, 2, 7, 8), 3), ((2, 3, 2, 3), 1), ((2, 2, 4, 4), 4), ((2, 1, 6, 4), (3, 2)), ((1, 3, 4, 9), (2, 4))]
    sizes += [((2, 2, 5, 6), (1, 3)), ((2, 2, 6, 5), [2, 1])]
    return [
        Case((FOUR, 2), note="the map of the lesson"),
        Case((np.array([[[[0.1, 0.3], [2.8, 0.5]]]]), 2), note="the window of the lesson"),
        Case((-abs(small(rng, 1, 1, 2, 4)), 2), note="all below zero"),
        *(Case((ints(rng, *shape), *how)) for shape, *how in sizes),
        *maps(rng, 2),
        Case((ints(rng, 2, 3, 5, 6), (3, 2)), note="the same size under other windows"),
    ]


def _given_strides(rng: np.random.Generator) -> list[Case]:
    sizes: list[tuple] = [
        ((1, 1, 6, 8), 3, 2),
        ((1, 1, 7, 8), 2, 3),
        ((2, 3, 6, 5), 2, (2, 1)),
        ((2, 3, 5, 7), 2, (1, 2)),
    ]
    sizes += [((2, 2, 8, 7), (3, 2), (1, 2)), ((2, 2, 6, 7), [2, 3], [3, 1]), ((2, 3, 5, 4), 1, 2)]
    sizes += [((2, 2, 4, 5), 2, 4), ((2, 2, 1, 7), (1, 3), 2), ((2, 2, 6, 1), (2, 1), 1)]
    return [
        Case((small(rng, 1, 1, 3, 3), 2, 1), note="windows overlap"),
        Case((small(rng, 1, 1, 5, 5), 3, 2), note="3 wide, 2 on"), Case((ints(rng, 1, 1, 4, 6), 2), {"stride": 1}),
        Case((-abs(ints(rng, 1, 2, 5, 7)), 3, 2), note="all below zero, windows overlap"),
        *(Case((ints(rng, *shape), *how)) for shape, *how in sizes),
        Case((floats(rng, 1, 3, 6, 9), (2, 4)), {"stride": 2}),
        Case((floats(rng, 3, 2, 6, 7),), {"kernel": 2, "stride": (3, 2)}),
        Case((floats(rng, 2, 2, 6, 7),), {"kernel": (3, 2)}, note="no stride"), *maps(rng, 3, 2),
        Case((ints(rng, 2, 3, 5, 6), 3, 1), note="the same size with another stride"),
    ]  # fmt: skip


def pooled(a: Args, found: np.ndarray) -> np.ndarray:
    """One number for each of some windows (N, C, H′, W′, kh, kw), by the exercise's own oracle."""
    kernel = found.shape[4:]
    return a.right(x=found.reshape(-1, 1, *kernel), kernel=kernel, stride=1).reshape(found.shape[:4])


def standing(a: Args, step: Sequence[int], sides: Sequence[int], counts: Sequence[int] = ()) -> np.ndarray:
    """Windows that start `step` apart and are as large as `sides`, cut off at the border, as many as there should be or
    as `counts` says; 0 where nothing of a window is inside."""
    out = np.zeros((*a.x.shape[:2], *(counts or a.right().shape[2:])))
    for place in np.ndindex(out.shape[2:]):
        rows, columns = (slice(i * s, i * s + k) for i, s, k in zip(place, step, sides, strict=True))
        part = a.x[:, :, rows, columns]
        out[:, :, *place] = pooled(a, part[:, :, None, None])[:, :, 0, 0] if part.size else 0
    return out


def hanging_over(a: Args) -> np.ndarray:
    """ceil for floor: a last window that is not whole."""
    ways = [(size - k, s) for size, k, s in zip(a.x.shape[2:], a.kernel, a.stride, strict=True)]
    return standing(a, a.stride, a.kernel, [-(-way // s) + 1 for way, s in ways])


def filled_up(a: Args) -> np.ndarray:
    """ceil for floor: zeros at the end, until the last window is whole."""
    sides = zip(a.x.shape[2:], a.kernel, a.stride, strict=True)
    return padded(a, *((0, (k - size) % s) for size, k, s in sides))


def padded(a: Args, rows: Sequence[int], columns: Sequence[int], value: Any = 0) -> np.ndarray:
    """Windows of a map with something round it."""
    sides = ((0, 0), (0, 0), rows, columns)
    return a.right(x=np.pad(a.x.astype(np.float64), sides, constant_values=value))


def from_the_end(a: Args) -> np.ndarray:
    """What does not fit is cut off at the start."""
    top, left = ((size - k) % s for size, k, s in zip(a.x.shape[2:], a.kernel, a.stride, strict=True))
    return a.right(x=a.x[:, :, top:, left:])


def blocks(a: Args, cut: bool, sides: str, order: tuple[int, int]) -> np.ndarray:
    """By reshape to the sides; order: the axes in which the blocks' cells are looked for."""
    of = {"r": a.x.shape[2] // a.kernel[0], "k": a.kernel[0], "c": a.x.shape[3] // a.kernel[1], "l": a.kernel[1]}
    x = a.x[:, :, : of["r"] * of["k"], : of["c"] * of["l"]] if cut else a.x
    return pooled(a, np.moveaxis(x.reshape(*x.shape[:2], *(of[side] for side in sides)), order, (4, 5)))


def _into_x(a: Args) -> np.ndarray:
    found = a.right()
    a.x[:, :, : found.shape[2], : found.shape[3]] = found
    return found


ROUND = "Zeros were put around the maps. Here pooling has no padding: a window lies inside the map."
# fmt: off
PLACED = [
    ("the stride is ignored", "The windows always lie side by side. Where a stride is given, they start that far "
     "apart.", lambda a: a.right(stride=a.kernel)),
    ("the stride is always 1", "The window moves one cell at a time. It moves by the stride, and without one by its "
     "own size.", lambda a: a.right(stride=1)),
    ("no stride taken as 1", "Without a stride you step by 1. stride=None means: as large as the kernel.",
     lambda a: a.right(stride=1 if a.raw["stride"] is None else a.stride)),
    ("no stride taken as 2", "Without a stride you step by 2. stride=None means: as large as the kernel.",
     lambda a: a.right(stride=2 if a.raw["stride"] is None else a.stride)),
    ("the first stride for both axes", "Both axes step by the stride's first number. A pair is (down, across).",
     lambda a: a.right(stride=a.stride[0])),
    ("the second stride for both axes", "Both axes step by the stride's second number. A pair is (down, across).",
     lambda a: a.right(stride=a.stride[1])),
    ("the stride's pair is swapped", "A pair is (down, across), height before width; yours steps the other way round.",
     lambda a: a.right(stride=a.stride[::-1])),
    ("the kernel's pair is swapped", "A pair is (height, width); your windows lie on their side.",
     lambda a: a.right(kernel=a.kernel[::-1], stride=a.raw["stride"])),
    ("both pairs are swapped", "Pairs are (height, width). You read kernel and stride as (width, height).",
     lambda a: a.right(kernel=a.kernel[::-1], stride=a.stride[::-1])),
    ("a stride along the rows only", "Across, the windows move one cell at a time. The stride holds for both axes.",
     lambda a: a.right(stride=(a.stride[0], 1))),
    ("a stride along the columns only", "Down, the windows move one cell at a time. The stride holds for both axes.",
     lambda a: a.right(stride=(1, a.stride[1]))),
    ("the kernel's height for both sides", "Your windows are square. A pair (3, 2) is 3 high and 2 wide.",
     lambda a: a.right(kernel=a.kernel[0])),
    ("square windows and square steps", "Your windows are square, and so are their steps where no stride is given. A "
     "pair (3, 2) is 3 high and 2 wide.", lambda a: a.right(kernel=a.kernel[0], stride=a.raw["stride"])),
    ("the first picture for all", "Every picture of the batch shows the first one's numbers. Picture n comes from "
     "x[n].", lambda a: a.right(x=a.x[[0] * len(a.x)])),
    ("the first picture only", "Only the first picture came back. The batch axis stays: N pictures in, N out.",
     lambda a: a.right(x=a.x[:1])),
    ("the first channel for all", "Every channel shows the first one's numbers. Channel c comes from x[:, c].",
     lambda a: a.right(x=a.x[:, [0] * a.x.shape[1]])),
    ("rows and columns swapped", "The numbers are right, but the maps are transposed: rows come before columns.",
     lambda a: a.right().swapaxes(2, 3)),
    ("channels last", "It pools axes 1 and 2, as if channels came last. Here they come before: (N, C, H, W).",
     lambda a: np.moveaxis(a.right(x=np.moveaxis(a.x, 3, 1)), 1, 3)),
    ("axes of length 1 are squeezed out", "Axes of length 1 are gone. The result keeps all four: leave squeeze out.",
     lambda a: a.right().squeeze()),
    ("half precision", "float16 keeps about three digits. Leave the kind of numbers as it was.",
     lambda a: a.right().astype(np.float16)),
    ("an int only", "kernel and stride may be a pair (height, width). Make a pair of an int first, then one rule "
     "serves both.", lambda a: a.right(kernel=int(a.raw["kernel"]), stride=int(a.raw["stride"] or a.raw["kernel"]))),
    ("a pair only", "kernel and stride may be an int. Make a pair of it first, then one rule serves both.",
     lambda a: a.right(kernel=a.raw["kernel"][:2], stride=(a.raw["stride"] or a.raw["kernel"])[:2])),
    ("the size is divided by the stride",
     "H // stride windows are right only where windows lie side by side. In general it is floor((H − k)/stride) + 1.",
     lambda a: standing(a, a.stride, a.kernel, [side // s for side, s in zip(a.x.shape[2:], a.stride, strict=True)])),
    ("steps as large as the kernel, counted with the stride", "The number of windows follows the stride, but each "
     "starts at i·kernel. It starts at i·stride.", lambda a: standing(a, a.kernel, a.kernel)),
    ("starts at i, not at i·stride", "Each window starts one cell after the last. Output row i begins at input row "
     "i·stride, column j at j·stride.", lambda a: standing(a, (1, 1), a.kernel)),
    ("starts at the kernel plus the stride",
     "You leave a gap of one stride after each window. The stride is counted from one start to the next.",
     lambda a: a.right() if a.raw["stride"] is None else a.right(stride=np.add(a.kernel, a.stride))),
    ("reshape, without cutting off what is left over",
     "Reshaping to blocks works only where the kernel divides the sides. Cut off what is left over first; and where "
     "the stride is not the kernel, blocks do not help at all.", lambda a: blocks(a, False, "rkcl", (3, 5))),
    ("reshape, over the wrong axes", "After reshape to (N, C, H/k, k, W/k, k) a block's cells lie in axes 3 and 5, "
     "not 2 and 4.", lambda a: blocks(a, True, "rkcl", (2, 4))),
    ("padded all round", ROUND, lambda a: padded(a, *((k // 2, k // 2) for k in a.kernel))),
    ("padded by 1 all round", ROUND, lambda a: padded(a, (1, 1), (1, 1))),
    ("no window at all", "You took every stride-th number. Each output comes from all numbers of its window.",
     lambda a: standing(a, a.stride, (1, 1))),
    ("windows one cell too small", "The last row and column of each window are not looked at. A slice of k cells ends "
     "at start + k.", lambda a: standing(a, a.stride, [max(side - 1, 1) for side in a.kernel])),
    ("windows one cell too large", "Each window reaches one row and one column too far. A slice of k cells ends at "
     "start + k.", lambda a: standing(a, a.stride, np.add(a.kernel, 1))),
    ("the window's diagonal only",
     "x[i, i] style indexing picks the diagonal. A window is a slice in both axes: x[:, :, a:b, c:d].",
     lambda a: pooled(a, np.diagonal(windows(a.x, a.kernel, a.stride), axis1=4, axis2=5)[..., None, :])),
    ("the window's first column only", "Only the first column of each window was looked at. It is as wide as the "
     "kernel says.", lambda a: standing(a, a.stride, (a.kernel[0], 1))),
    ("the last windows stay 0", "The last row and column of windows were never filled in. Where do your loops end?",
     lambda a: np.pad(a.right()[:, :, :-1, :-1], ((0, 0), (0, 0), (0, 1), (0, 1)))),
    ("a loop with a fixed end", "Beyond the eighth row of windows all is 0. Read every size off the shapes.",
     lambda a: a.right() * (np.arange(a.right().shape[2]) < 8)[:, None]),
    ("returns after the first row", "Only the first row of windows is filled in. Is the `return` inside the loop over "
     "rows?", lambda a: a.right() * (np.arange(a.right().shape[2]) < 1)[:, None]),
    ("square maps only", "One side was taken for both. Height is x.shape[2], width is x.shape[3].",
     lambda a: standing(a, a.stride, a.kernel, [(a.x.shape[2] - a.kernel[0]) // a.stride[0] + 1] * 2)),
    ("writes into its input", "It changes the array that came in. Make a new one for the result.", _into_x),
]
# fmt: on


def _sizes(a: Args) -> dict[str, float]:
    (kh, kw), (sh, sw) = a.kernel, a.stride
    found = {"kh·kw": kh * kw, "kh + kw": kh + kw, "kh / kw": kh / kw}
    return found | {f"kh·kw / ({words})": kh * kw / n for words, n in (("kh + kw", kh + kw), ("sh·sw", sh * sw))}


def pooling(name: str, points: float, oracle: Callable, look: str, wrong: Sequence[tuple]) -> Exercise:
    """An exercise in pooling with an oracle (x, kernel, stride=None); points: those of each of its two parts."""
    overlap = "batches, windows that overlap or leave gaps"
    parts = [
        Part("windows", points, _side_by_side, tests="batches, windows side by side", look=look),
        Part("stride", points, _given_strides, tests=overlap, look=STARTS + "whatever the stride."),
    ]
    how: dict[str, Any] = {"pairs": ("kernel", "stride"), "axes": {"x": AXES, "": AXES}, "sizes": _sizes}
    how["complete"] = lambda values: values.update(stride=values["stride"] or values["kernel"])
    return Exercise(name, "03_pooling", parts, [*wrong, *PLACED], oracle, **how)
