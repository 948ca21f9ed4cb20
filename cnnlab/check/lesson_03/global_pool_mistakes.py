"""global_avg_pool: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np

from cnnlab.check.exercise import Mistake, known

GLOBAL_AVG_POOL: list[Mistake] = []


@known(
    GLOBAL_AVG_POOL,
    "axes of length 1 are left",
    "The numbers are right, but the shape is (N, C, 1, 1). Two axes are asked for: (N, C).",
)
def _(x):
    return x.mean(axis=(2, 3), keepdims=True)


@known(GLOBAL_AVG_POOL, "over the channels too", "The channels are gone. Each has its own mean: (N, C).")
def _(x):
    return x.mean(axis=(1, 2, 3))


@known(GLOBAL_AVG_POOL, "over the batch too", "The pictures are gone. Each has its own means: (N, C).")
def _(x):
    return x.mean(axis=(0, 2, 3))


@known(GLOBAL_AVG_POOL, "one number for everything", "That is the mean of all numbers. Each map has its own: (N, C).")
def _(x):
    return x.mean()


@known(
    GLOBAL_AVG_POOL, "over the rows only", "The columns are still there. A map has two axes, and the mean is over both."
)
def _(x):
    return x.mean(axis=2)


@known(
    GLOBAL_AVG_POOL, "over the columns only", "The rows are still there. A map has two axes, and the mean is over both."
)
def _(x):
    return x.mean(axis=-1)


@known(
    GLOBAL_AVG_POOL,
    "over the pictures and channels",
    "The mean was taken over axes 0 and 1. The maps lie in axes 2 and 3.",
)
def _(x):
    return x.mean(axis=(0, 1))


@known(
    GLOBAL_AVG_POOL,
    "channels last",
    "The mean was taken over axes 1 and 2, as if channels came last. Here the maps lie in axes 2 and 3.",
)
def _(x):
    return x.mean(axis=(1, 2))


@known(GLOBAL_AVG_POOL, "the largest", "You kept the largest number of each map. Here the mean is asked for.")
def _(x):
    return x.max(axis=(2, 3))


@known(GLOBAL_AVG_POOL, "the sum", "You added the maps up. Divide by how many numbers are in one: H·W.")
def _(x):
    return x.sum(axis=(2, 3))


@known(GLOBAL_AVG_POOL, "divided by one side squared", "You divided by H·H. A map holds H·W numbers.")
def _(x):
    return x.sum(axis=(2, 3)) / x.shape[2] ** 2


@known(GLOBAL_AVG_POOL, "rounded down", "You divided with //, which rounds down. A mean has fractions: /.")
def _(x):
    return x.sum(axis=(2, 3)) // (x.shape[2] * x.shape[3])


@known(GLOBAL_AVG_POOL, "cut to whole numbers", "The fractions are gone: the result took over x's kind of numbers.")
def _(x):
    return x.mean(axis=(2, 3)).astype(x.dtype)


@known(
    GLOBAL_AVG_POOL,
    "bytes run over",
    "Bytes end at 255, and their sum starts again at 0. Turn x into floats before you add.",
)
def _(x):
    return x.sum(axis=(2, 3), dtype=x.dtype) / (x.shape[2] * x.shape[3])


@known(
    GLOBAL_AVG_POOL,
    "pictures and channels swapped",
    "The numbers are right, but the result is (C, N). Pictures come first.",
)
def _(x):
    return x.mean(axis=(2, 3)).T


@known(
    GLOBAL_AVG_POOL,
    "squeezed",
    "Where there is one picture or one channel, an axis is gone. (N, C) keeps both: leave squeeze out.",
)
def _(x):
    return x.mean(axis=(2, 3)).squeeze()


@known(GLOBAL_AVG_POOL, "the median", "You took the middle number of each map. The mean is the sum divided by H·W.")
def _(x):
    return np.median(x, axis=(2, 3))


@known(GLOBAL_AVG_POOL, "one picture for all", "Every picture shows the first one's means. Picture n comes from x[n].")
def _(x):
    return np.repeat(x[:1].mean(axis=(2, 3)), len(x), axis=0)


@known(GLOBAL_AVG_POOL, "flattened", "The numbers are in one long row. They belong in (N, C): a row for each picture.")
def _(x):
    return x.mean(axis=(2, 3)).ravel()


@known(
    GLOBAL_AVG_POOL,
    "the middle of each map",
    "You took the number in the middle. The mean counts every number of the map.",
)
def _(x):
    return x[:, :, x.shape[2] // 2, x.shape[3] // 2].copy()
