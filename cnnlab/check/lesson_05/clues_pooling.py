"""Clues for the two poolings' gradients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cnnlab.check.exercise import Case
from cnnlab.check.lesson_05 import gradients
from cnnlab.check.lesson_05.clues import given, only, patches_over, spots_of_pixels
from cnnlab.check.lesson_05.gradients import pair
from cnnlab.check.locate import Locator, Setting
from cnnlab.check.spots import Spot

PIXELS = ("image", "channel", "row", "column")


def _pooled(case: Case, pool: Callable) -> tuple[Setting, list]:
    dout, x, kernel, stride = given(pool, case)
    dout, x = np.asarray(dout, dtype=np.float64), np.asarray(x, dtype=np.float64)
    steps = pair(kernel if stride is None else stride)
    counts = patches_over(x.shape[2:], kernel, steps, 0, dout.shape[2:])
    (kh, kw), (sh, sw) = pair(kernel), steps
    others = {
        "a later window overwrites what an earlier one left": lambda: _pool_overwriting(dout, x, kernel, steps, pool),
        "the stride is taken as the kernel's size": lambda: pool(dout, x, kernel, kernel),
        "the stride is taken as 1": lambda: pool(dout, x, kernel, 1),
        "the stride's height and width are swapped": lambda: pool(dout, x, kernel, (sw, sh)),
        "the kernel's height and width are swapped": lambda: pool(dout, x, (kw, kh), steps),
        "only the first image counts": lambda: pool(only(dout, 0, 0), x, kernel, steps),
        "only the first channel counts": lambda: pool(only(dout, 1, 0), x, kernel, steps),
        "dout is taken as 1 everywhere": lambda: pool(np.ones_like(dout), x, kernel, steps),
        "dout is turned by 180°": lambda: pool(dout[:, :, ::-1, ::-1], x, kernel, steps),
        "every window's dout goes to each of its pixels": lambda: (
            kh * kw * gradients.avg_pool_gradient(dout, x, kernel, steps)
        ),
    }
    factors = {"the number of pixels in a window": kh * kw, "the batch size": len(x)}
    factors |= {"the number of channels": x.shape[1], "the kernel's height": kh, "the kernel's width": kw}
    spots = spots_of_pixels(x.shape, counts, steps, (0, 0), "window")
    setting = Setting({"dx": PIXELS}, {"dx": spots}, factors, others)
    return setting, [dout, x, kernel, steps, counts]


def _pool_overwriting(dout, x, kernel, steps, pool) -> np.ndarray:
    (kh, kw), (sh, sw) = pair(kernel), steps
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*dout.shape[2:]):
        window = np.s_[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
        found = pool(dout[:, :, i : i + 1, j : j + 1], x[window], kernel, steps)
        dx[window] = found if pool is gradients.avg_pool_gradient else np.where(found != 0, found, dx[window])
    return dx


def _max_pool(case: Case) -> Setting:
    setting, (dout, x, kernel, steps, _) = _pooled(case, gradients.max_pool_gradient)
    wins = gradients.max_pool_gradient(np.ones_like(dout), x, kernel, steps)
    level = _at_maximum(np.ones_like(dout), x, kernel, steps, share=False)
    tied = level > wins
    pool = gradients.max_pool_gradient
    spots = [
        *setting.spots["dx"],
        Spot("at pixels that share a maximum with another", tied | _tied_first(x, kernel, steps, dout.shape)),
        Spot("at pixels that share a maximum with one that comes first", tied),
        Spot("at pixels that won in several windows", wins > 1),
        Spot("at pixels that won", wins > 0),
        Spot("at pixels that won nowhere", wins == 0),
    ]
    others = {
        "a tie gives all winners the whole gradient": lambda: _at_maximum(dout, x, kernel, steps, share=False),
        "a tie is shared among its winners": lambda: _at_maximum(dout, x, kernel, steps, share=True),
        "a tie goes to the last of its winners": lambda: _last_wins(dout, x, kernel, steps),
        "a tie goes to the first column, not the first row": lambda: _turned(dout, x, kernel, steps),
        "x's maximum stands there, and not dout": lambda: pool(_maxima(dout, x, kernel, steps), x, kernel, steps),
        "dout is multiplied with the maximum": lambda: pool(dout * _maxima(dout, x, kernel, steps), x, kernel, steps),
        "windows without a positive number get nothing": lambda: pool(
            dout * (_maxima(dout, x, kernel, steps) > 0), x, kernel, steps
        ),
        "the smallest value wins": lambda: gradients.max_pool_gradient(dout, -x, kernel, steps),
        "the largest size wins, whatever its sign": lambda: gradients.max_pool_gradient(dout, np.abs(x), kernel, steps),
        "the gradient is spread evenly, as for average pooling": lambda: gradients.avg_pool_gradient(
            dout, x, kernel, steps
        ),
        **setting.others,
    }
    return Setting(setting.axes, {"dx": spots}, setting.factors, others)


def _maxima(dout, x, kernel, steps) -> np.ndarray:
    (kh, kw), (sh, sw) = pair(kernel), steps
    found = np.zeros(dout.shape)
    for i, j in np.ndindex(*dout.shape[2:]):
        found[:, :, i, j] = x[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw].max(axis=(2, 3))
    return found


def _tied_first(x, kernel, steps, shape) -> np.ndarray:
    last = _last_wins(np.ones(shape), x, kernel, steps)
    first = gradients.max_pool_gradient(np.ones(shape), x, kernel, steps)
    return first > last


def _last_wins(dout, x, kernel, steps) -> np.ndarray:
    dx = np.zeros(x.shape)
    (kh, kw), (sh, sw) = pair(kernel), steps
    for n, c, i, j in np.ndindex(*dout.shape):
        patch = x[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw]
        last = patch.size - 1 - int(patch[::-1, ::-1].argmax())
        dx[n, c, i * sh + last // kw, j * sw + last % kw] += dout[n, c, i, j]
    return dx


def _turned(dout, x, kernel, steps) -> np.ndarray:
    dx = gradients.max_pool_gradient(dout.swapaxes(2, 3), x.swapaxes(2, 3), pair(kernel)[::-1], steps[::-1])
    return dx.swapaxes(2, 3)


def _at_maximum(dout, x, kernel, steps, share: bool) -> np.ndarray:
    dx = np.zeros(x.shape)
    (kh, kw), (sh, sw) = pair(kernel), steps
    for i, j in np.ndindex(*dout.shape[2:]):
        window = np.s_[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
        top = x[window] == x[window].max(axis=(2, 3), keepdims=True)
        among = top.sum(axis=(2, 3), keepdims=True) if share else 1
        dx[window] += top / among * dout[:, :, i : i + 1, j : j + 1]
    return dx


def _avg_pool(case: Case) -> Setting:
    setting, (dout, x, kernel, steps, counts) = _pooled(case, gradients.avg_pool_gradient)
    others = {
        "the gradient goes to the largest pixel, as for max pooling": lambda: gradients.max_pool_gradient(
            dout, x, kernel, steps
        ),
        "a pixel's shares are averaged, not added": lambda: (
            gradients.avg_pool_gradient(dout, x, kernel, steps) / np.maximum(counts, 1)
        ),
        **setting.others,
    }
    return Setting(setting.axes, setting.spots, setting.factors, others)


where_max_pool = Locator(_max_pool, single="dx")
where_avg_pool = Locator(_avg_pool, single="dx")
