"""global_avg_pool: the mean of every map."""

from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints, small
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_03.pooling import AXES, maps


def mean_of_maps(x: np.ndarray) -> np.ndarray:
    """x (N, C, H, W) to (N, C), float64."""
    return np.einsum("nchw->nc", x.astype(np.float64)) / (x.shape[2] * x.shape[3])


def _cases(rng: np.random.Generator) -> list[Case]:
    sizes = (3, 2, 1, 4), (2, 4, 3, 1), (4, 1, 2, 3), (1, 5, 3, 2), (3, 2, 1, 1), (3, 3, 3, 3)
    first = small(rng, 2, 3, 2, 2), np.array([[[[1, 2], [3, 4]]]]), ints(rng, 2, 3, 4, 5)
    return [*(Case((x,)) for x in (*first, *(floats(rng, *size) for size in sizes))), *maps(rng)]


def _sizes(a) -> dict[str, float]:
    (n, c, h, w) = a.x.shape
    return {"H·W": h * w, "H / W": h / w, "H·W / C": h * w / c, "H·W / (H + W)": h * w / (h + w), "N·C": n * c}


# fmt: off
WRONG = [
    ("axes of length 1 are left", "The numbers are right, but the shape is (N, C, 1, 1). Two axes are asked for: (N, "
     "C).", lambda a: a.right()[:, :, None, None]),
    ("over the channels too", "The channels are gone. Each has its own mean: (N, C).",
     lambda a: a.right().mean(axis=1)),
    ("over the batch too", "The pictures are gone. Each has its own means: (N, C).", lambda a: a.right().mean(axis=0)),
    ("one number for everything", "That is the mean of all numbers. Each map has its own: (N, C).",
     lambda a: a.x.mean()),
    ("over the rows only", "The columns are still there. A map has two axes, and the mean is over both.",
     lambda a: a.x.mean(axis=2)),
    ("over the columns only", "The rows are still there. A map has two axes, and the mean is over both.",
     lambda a: a.x.mean(axis=-1)),
    ("over the pictures and channels", "The mean was taken over axes 0 and 1. The maps lie in axes 2 and 3.",
     lambda a: a.x.mean(axis=(0, 1))),
    ("channels last", "The mean was taken over axes 1 and 2, as if channels came last. Here the maps lie in axes 2 "
     "and 3.", lambda a: a.x.mean(axis=(1, 2))),
    ("the largest", "You kept the largest number of each map. Here the mean is asked for.",
     lambda a: a.x.max(axis=(2, 3))),
    ("the sum", "You added the maps up. Divide by how many numbers are in one: H·W.", lambda a: a.x.sum(axis=(2, 3))),
    ("divided by one side squared", "You divided by H·H. A map holds H·W numbers.",
     lambda a: a.x.sum(axis=(2, 3)) / a.x.shape[2] ** 2),
    ("rounded down", "You divided with //, which rounds down. A mean has fractions: /.",
     lambda a: a.x.sum(axis=(2, 3)) // a.x[0, 0].size),
    ("cut to whole numbers", "The fractions are gone: the result took over x's kind of numbers.",
     lambda a: a.right().astype(a.x.dtype)),
    ("bytes run over", "Bytes end at 255, and their sum starts again at 0. Turn x into floats before you add.",
     lambda a: a.x.sum(axis=(2, 3), dtype=a.x.dtype) / a.x[0, 0].size),
    ("pictures and channels swapped", "The numbers are right, but the result is (C, N). Pictures come first.",
     lambda a: a.right().T),
    ("squeezed", "Where there is one picture or one channel, an axis is gone. (N, C) keeps both: leave squeeze out.",
     lambda a: a.right().squeeze()),
    ("the median", "You took the middle number of each map. The mean is the sum divided by H·W.",
     lambda a: np.median(a.x, axis=(2, 3))),
    ("the variance", "var says how far the numbers lie apart. Here their mean is asked for.",
     lambda a: a.x.var(axis=(2, 3))),
    ("half precision", "float16 keeps about three digits. Leave the kind of numbers to NumPy.",
     lambda a: a.right().astype(np.float16)),
    ("one picture for all", "Every picture shows the first one's means. Picture n comes from x[n].",
     lambda a: a.right(x=a.x[[0] * len(a.x)])),
    ("flattened", "The numbers are in one long row. They belong in (N, C): a row for each picture.",
     lambda a: a.right().ravel()),
    ("the middle of each map", "You took the number in the middle. The mean counts every number of the map.",
     lambda a: a.x[:, :, a.x.shape[2] // 2, a.x.shape[3] // 2]),
]
# fmt: on
LOOK = "each map, one channel of one picture, gives one number: its mean."
PARTS = [Part("values", 1, _cases, tests="batches of maps", look=LOOK)]
HOW: dict[str, Any] = {"axes": {"x": AXES, "": "image channel"}, "sizes": _sizes}
EXERCISE = Exercise("global_avg_pool", "03_pooling", PARTS, WRONG, mean_of_maps, **HOW)
