"""What each gradient check can say about a case: the places of a gradient that have a name, the factors it may be off
by, and other ways to compute it that come to mind first."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np

from cnnlab.check.exercise import Case
from cnnlab.check.lesson_05 import gradients
from cnnlab.check.lesson_05.gradients import pair
from cnnlab.check.locate import Locator, Setting
from cnnlab.check.spots import Spot


def given(function: Callable, case: Case) -> list:
    """All arguments of a case, the ones left out too, in the order of `function`'s signature."""
    bound = inspect.signature(function).bind(*case.args, **case.kwargs)
    bound.apply_defaults()
    return list(bound.arguments.values())


def patches_over(size: tuple[int, int], kernel, stride, padding, stops: tuple[int, int]) -> np.ndarray:
    """For each pixel of a picture the number of patches (or windows) that it lies in."""
    counts = []
    for side, k, s, p, n in zip(size, pair(kernel), pair(stride), pair(padding), stops, strict=True):
        line = np.zeros(side + 2 * p, dtype=int)
        for stop in range(n):
            line[stop * s : stop * s + k] += 1
        counts.append(line[p : p + side])
    return np.outer(*counts)


def spots_of_pixels(shape: tuple[int, ...], counts: np.ndarray, steps: tuple, padding: tuple, word: str) -> list[Spot]:
    """Named places of dx: (N, C, H, W), told apart by how many patches each pixel lies in."""
    words = {"patch": "patches"}.get(word, f"{word}s")
    rows, columns = np.indices(counts.shape)
    height, width = counts.shape
    after = np.zeros(counts.shape, dtype=bool)
    after[_reached(counts, 1) :, :] = True
    after[:, _reached(counts, 0) :] = True
    on_grid = ((rows + padding[0]) % steps[0] == 0) & ((columns + padding[1]) % steps[1] == 0)
    edge = (rows == 0) | (rows == height - 1) | (columns == 0) | (columns == width - 1)
    places = {
        f"in the last rows or columns, which no {word} reaches": after & (counts == 0),
        f"in the gaps between the {words}, which none of them reaches": (counts == 0) & ~after,
        f"where no {word} lies": counts == 0,
        f"where only one {word} lies": counts == 1,
        f"where {words} overlap": counts > 1,
        "at the border": edge,
        "away from the border": ~edge,
        f"where a {word} lies": counts > 0,
    }
    if counts.min() < counts.max():
        places[f"near the border, where fewer {words} reach" if max(steps) == 1 else f"where fewer {words} lie"] = (
            counts < counts.max()
        )
    if max(steps) > 1:
        places[f"off the stride's grid (no top-left corner of a {word} lies there)"] = ~on_grid
        places[f"on the stride's grid (where a {word}'s top-left corner lies)"] = on_grid
    return [Spot(where, np.broadcast_to(inside, shape)) for where, inside in places.items() if inside.any()]


def _reached(counts: np.ndarray, axis: int) -> int:
    hit = np.flatnonzero(counts.any(axis=axis))
    return int(hit[-1]) + 1 if len(hit) else 0


def only(array: np.ndarray, axis: int, index: int) -> np.ndarray:
    """The array with 0 everywhere but at one index of an axis."""
    kept = np.zeros_like(array)
    at = [slice(None)] * array.ndim
    at[axis] = index
    kept[tuple(at)] = array[tuple(at)]
    return kept


def _relu(case: Case) -> Setting:
    dout, x = case.args
    spots = [Spot("where x = 0", x == 0), Spot("where x > 0", x > 0), Spot("where x < 0", x < 0)]
    spots += [Spot("where x ≤ 0", x <= 0), Spot("where dout < 0", dout < 0), Spot("where dout > 0", dout > 0)]
    other = {
        "dout decides, where x should": lambda: np.where(dout > 0, dout, 0),
        "relu(x) itself is returned": lambda: np.maximum(x, 0),
        "the slope (0 or 1) is returned without dout": lambda: np.where(x > 0, 1.0, 0.0),
        "dout passes everywhere": lambda: dout,
        "dout passes where x < 0": lambda: np.where(x < 0, dout, 0),
        "relu(x) is multiplied with dout": lambda: np.maximum(x, 0) * dout,
        "x is multiplied with dout": lambda: x * dout,
    }
    return Setting(spots={"dx": spots}, others=other)


def _linear(case: Case) -> Setting:
    dout, x, weight = (np.asarray(a, dtype=np.float64) for a in case.args)
    n = len(x)
    of = gradients.linear_gradients
    others = {
        "weight's rows stand in reverse order": lambda: of(dout, x, weight[::-1]),
        "weight is transposed": lambda: of(dout, x, weight.T),
        "only the first image counts": lambda: of(only(dout, 0, 0), x, weight),
        "only the last image counts": lambda: of(only(dout, 0, n - 1), x, weight),
        "only the first output counts": lambda: of(only(dout, 1, 0), x, weight),
        "only the last output counts": lambda: of(only(dout, 1, -1), x, weight),
        "the images of x are met in reverse order": lambda: of(dout, x[::-1], weight),
        "dout is taken as 1": lambda: of(np.ones_like(dout), x, weight),
        "dout is cut at 0": lambda: of(np.maximum(dout, 0), x, weight),
        "the size of dout counts, without its sign": lambda: of(np.abs(dout), x, weight),
    }
    axes = {"dx": ("image", "input"), "dweight": ("output", "input"), "dbias": ("output",)}
    factors = {"the number of images": n, "the number of inputs": x.shape[1], "the number of outputs": len(weight)}
    return Setting(axes=axes, factors=factors, others=others)


def _softmax(case: Case) -> Setting:
    logits, labels = case.args
    p, n, k = gradients.softmax(logits), *logits.shape
    y = np.eye(k)[labels]
    spots = [Spot("at the label of each image", y == 1), Spot("away from the labels", y == 0)]
    others = {
        "the 1 is not taken off at the label": lambda: p / n,
        "neither the 1 at the label nor the factor 1/N is there": lambda: p,
        "only −y is left, without p": lambda: -y / n,
        "softmax runs down the columns": lambda: (gradients.softmax(logits.T).T - y) / n,
        "the logits stand in for p": lambda: (logits - y) / n,
        "the logits stand in for p, and the factor 1/N is missing": lambda: logits - y,
        "only the labels' own entries are filled in": lambda: (p - 1) * y / n,
        "the labels are met in reverse order": lambda: (p - y[::-1]) / n,
        "every row is divided by n, the labels' 1 is not": lambda: p / n - y,
        "the labels' 1 is divided by n, p is not": lambda: p - y / n,
    }
    factors = {"the batch size N": n, "the number of classes": k, "N·N": n * n, "N·classes": n * k}
    return Setting({"dlogits": ("image", "class")}, {"dlogits": spots}, factors, others)


def _step(case: Case) -> Setting:
    from cnnlab.check.lesson_05.descent import step_downhill

    params, x, labels, lr = case.args
    n = len(x)
    before = {key: np.asarray(array, dtype=np.float64) for key, array in params.items()}

    def moved(rate: float) -> Callable:
        return lambda: step_downhill(params, x, labels, rate)

    def after() -> tuple:
        _, new = step_downhill(params, x, labels, lr)
        return step_downhill(new, x, labels, 0)[0], new

    others = {
        "nothing moves": moved(0.0),
        "the step goes uphill": moved(-lr),
        "the learning rate is left out": moved(1.0),
        "the gradients are N times too large (the factor 1/N is missing)": moved(lr * n),
        "the factor 1/N is there twice": moved(lr / n),
        "the step is twice as long": moved(2 * lr),
        "the step is half as long": moved(lr / 2),
        "the loss is taken after the step": after,
        "the loss of all images is added up": lambda: (n * step_downhill(params, x, labels, 0)[0], before),
        "the gradient itself is returned": lambda: _gradients(params, x, labels, before),
    }
    axes = {"new_params['conv_weight']": ("filter", "channel", "row", "column")}
    axes |= {"new_params['fc_weight']": ("class", "feature"), "new_params['fc_bias']": ("class",)}
    axes["new_params['conv_bias']"] = ("filter",)
    return Setting(axes=axes, factors={"the number of images": n}, others=others)


def _gradients(params: dict, x: np.ndarray, labels: np.ndarray, before: dict) -> tuple:
    from cnnlab.check.lesson_05.descent import step_downhill

    loss, new = step_downhill(params, x, labels, 1.0)
    return loss, {key: before[key] - new[key] for key in before}


def _numerical(case: Case) -> Setting:
    f, x = case.args[:2]
    h = case.args[2] if len(case.args) > 2 else case.kwargs.get("h", 1e-5)
    x = x.astype(np.float64)

    def differences(ahead: float, behind: float, over: float) -> Callable:
        def of() -> np.ndarray:
            gradient = np.zeros(x.shape)
            for at in np.ndindex(*x.shape):
                step = np.zeros(x.shape)
                step[at] = 1
                gradient[at] = (f(x + ahead * step) - f(x - behind * step)) / over
            return gradient

        return of

    others = {
        "the difference is one-sided, f(x + h) − f(x)": differences(h, 0, h),
        "the difference is one-sided, f(x) − f(x − h)": differences(0, h, h),
        "h is 1e-5, whatever was asked for": differences(1e-5, 1e-5, 2e-5),
        "h is half as large as was asked for": differences(h / 2, h / 2, h),
        "h is twice as large as was asked for": differences(2 * h, 2 * h, 4 * h),
        "all numbers of x move together": lambda: np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h)),
    }
    factors = {"h": h, "2h": 2 * h, "the number of values": x.size}
    axes = {0: (), 1: ("place",), 2: ("row", "column"), 3: ("page", "row", "column")}.get(x.ndim, ())
    return Setting({"the gradient": axes}, {}, factors, others)


where_relu = Locator(_relu, single="dx")
where_linear = Locator(_linear, names=("dx", "dweight", "dbias"))
where_softmax = Locator(_softmax, single="dlogits")
where_step = Locator(_step, names=("loss_before", "new_params"))
where_numerical = Locator(_numerical, single="the gradient")
