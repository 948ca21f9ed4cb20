"""numerical_gradient and train_step: a gradient without calculus, and one step downhill."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cnnlab.check.compare import CLOSE, Difference, difference
from cnnlab.check.draw import floats, ints, sliced, transposed
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_05 import gradients
from cnnlab.check.lesson_05.clues import where_numerical, where_step
from cnnlab.check.lesson_05.descent_mistakes import NUMERICAL, TRAIN_STEP

ROUNDING = 2.0**-52


class Function:
    """A function of an array that takes no other: its argument must be an array of the shape it was made for."""

    def __init__(self, of: Callable[[np.ndarray], float], shape: tuple[int, ...]):
        self.of, self.shape = of, shape

    def __call__(self, x: object) -> float:
        if not isinstance(x, np.ndarray):
            raise TypeError(f"f takes an array, and got {type(x).__name__}")
        if x.shape != self.shape:
            raise ValueError(f"f takes an array of shape {self.shape}, and got one of shape {x.shape}")
        return float(self.of(x.astype(np.float64)))


def central(f: Callable, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    x = x.astype(np.float64)
    gradient = np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        gradient[place] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def _close_enough(value: object, case: Case) -> Difference | None:
    """Central differences with the h that was asked for, up to the rounding that a difference divided by h brings."""
    f, x = case.args[:2]
    h = case.args[2] if len(case.args) > 2 else case.kwargs.get("h", 1e-5)
    expected = central(f, x, h)
    largest = float(np.max(np.abs(x), initial=1.0))
    rounding = 16 * ROUNDING * (abs(f(x)) + largest * float(np.max(np.abs(expected), initial=0.0)) + 1) / h
    return difference(expected, value, max(1.0, rounding / CLOSE), x.dtype == np.float32)


def _case(of: Callable, x: np.ndarray, *h: float, note: str = "", **named: float) -> Case:
    return Case((Function(of, x.shape), x, *h), named, note)


def _numerical_cases(rng: np.random.Generator) -> list[Case]:
    slope = floats(rng, 2, 3)
    weights = floats(rng, 3, 2, 2)
    return [
        _case(lambda x: (x**2).sum(), np.array([3.0]), note="f(x) = x²"),
        _case(lambda x: x[0] ** 2 + 3 * x[1], np.array([1.5, -2.0]), note="f(x) = x0² + 3·x1"),
        _case(lambda x: (slope * x).sum(), floats(rng, 2, 3), note="f is a weighted sum"),
        _case(lambda x: (x**3).sum(), np.array([2.0, -1.0, 0.5]), h=0.5, note="f(x) = x0³ + x1³ + x2³"),
        _case(lambda x: (x**3).sum(), floats(rng, 2, 2), 0.25, note="h by position"),
        _case(lambda x: x[0] * x[1] * x[2], np.array([2, 3, -1]), note="f(x) = x0·x1·x2 of whole numbers"),
        _case(lambda x: np.sin(weights * x).sum(), floats(rng, 3, 2, 2), note="three axes"),
        _case(lambda x: np.exp(x / 4).sum() + x[0, 1] * x[1, 0], transposed(rng, 2, 3), note="a transposed x"),
        _case(lambda x: (x**2).sum() * x[0, 0], sliced(rng, 2, 2), h=1e-3, note="x is a slice of a larger array"),
        _case(lambda x: (x**2).sum() - x[1] ** 3, floats(rng, 2).astype(np.float32), h=0.125, note="float32"),
        _case(lambda x: np.sin(100 * x).sum(), floats(rng, 3), note="f changes quickly, h is left out"),
        _case(lambda x: 7.0, floats(rng, 2, 2), note="f is constant"),
        _case(lambda x: 5 + (x**2).mean(), np.zeros((2, 1)), note="at a minimum"),
        _case(lambda x: (x * x.sum() ** 2).mean(), ints(rng, 1, 2, 1, 2), h=1e-2, note="four axes"),
        _case(lambda x: (x[:, 1:] * x[:, :-1] ** 3).sum(), floats(rng, 2, 4), h=1e-4, note="neighbours multiplied"),
    ]


numerical_gradient = Exercise(
    name="numerical_gradient",
    lesson="05_backprop",
    argument_names=("f", "x", "h"),
    oracle=central,
    judge=_close_enough,
    locate=where_numerical,
    parts=[
        Part(
            "values",
            2,
            _numerical_cases,
            tests="15 functions of 1 to 12 numbers",
            look="for each number of x in turn: (f(x with that number + h) − f(x with that number − h)) / 2h.",
        )
    ],
    mistakes=NUMERICAL,
)


def step_downhill(params: dict, x: np.ndarray, labels: np.ndarray, lr: float) -> tuple[float, dict]:
    """One step of gradient descent on the small network: conv, ReLU, 2 × 2 max pool, flatten, dense, cross-entropy."""
    conv_weight, conv_bias, fc_weight, fc_bias = (
        np.asarray(params[key], dtype=np.float64) for key in ("conv_weight", "conv_bias", "fc_weight", "fc_bias")
    )
    maps = _maps(x.astype(np.float64), conv_weight) + conv_bias[:, None, None]
    active = np.maximum(maps, 0)
    n, c, height, width = active.shape
    rows, columns = height // 2, width // 2
    tiles = active[:, :, : 2 * rows, : 2 * columns].reshape(n, c, rows, 2, columns, 2)
    features = tiles.max(axis=(3, 5)).reshape(n, -1)
    logits = features @ fc_weight.T + fc_bias
    chosen = gradients.softmax(logits - logits.max(axis=1, keepdims=True))[np.arange(n), labels]
    loss = float(-np.log(chosen).mean())
    dlogits = gradients.softmax_cross_entropy_gradient(logits, labels)
    dfeatures, dfc_weight, dfc_bias = gradients.linear_gradients(dlogits, features, fc_weight)
    dactive = gradients.max_pool_gradient(dfeatures.reshape(n, c, rows, columns), active, 2)
    dmaps = gradients.relu_gradient(dactive, maps)
    _, dconv_weight, dconv_bias = gradients.conv_gradients(dmaps, x, conv_weight)
    new = {
        "conv_weight": conv_weight - lr * dconv_weight,
        "conv_bias": conv_bias - lr * dconv_bias,
        "fc_weight": fc_weight - lr * dfc_weight,
        "fc_bias": fc_bias - lr * dfc_bias,
    }
    return loss, new


def _maps(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(2, 3))
    return np.einsum("ncijuv,ocuv->noij", windows, weight)


def _step(rng, n, size, filters, kernel, classes, lr, dtype=np.float64, note="", pictures=None) -> Case:
    sides = [(side - k + 1) // 2 for side, k in zip(size, kernel, strict=True)]
    params = {
        "conv_weight": rng.normal(size=(filters, 1, *kernel)),
        "conv_bias": rng.normal(size=filters),
        "fc_weight": rng.normal(size=(classes, filters * sides[0] * sides[1])) / 2,
        "fc_bias": rng.normal(size=classes),
    }
    params = {key: array.astype(dtype) for key, array in params.items()}
    x = rng.normal(size=(n, 1, *size)).astype(dtype) if pictures is None else pictures
    return Case((params, x, rng.integers(0, classes, n), lr), note=note)


def _step_cases(rng: np.random.Generator) -> list[Case]:
    return [
        _step(rng, 1, (4, 4), 1, (3, 3), 2, 0.1, note="one image, one filter"),
        _step(rng, 3, (4, 4), 2, (3, 3), 2, 0.1, note="three images"),
        _step(rng, 2, (5, 6), 2, (2, 3), 3, 0.5, note="not square"),
        _step(rng, 4, (6, 5), 3, (3, 2), 4, 0.01, note="a small step"),
        _step(rng, 2, (6, 4), 2, (2, 2), 3, 0.25, note="a row that no window reaches"),
        _step(rng, 3, (5, 5), 2, (2, 2), 3, 2.0, dtype=np.float32, note="float32"),
        _step(rng, 2, (5, 5), 2, (2, 2), 3, 1, pictures=ints(rng, 2, 1, 5, 5) % 5, note="whole pixels"),
        _step(rng, 2, (4, 5), 2, (3, 2), 2, 0, note="a learning rate of 0: nothing moves"),
        _step(rng, 5, (8, 8), 3, (3, 3), 10, 0.1, note="ten classes"),
    ]


train_step = Exercise(
    name="train_step",
    lesson="05_backprop",
    argument_names=("params", "x", "labels", "lr"),
    result_names=("loss_before", "new_params"),
    oracle=step_downhill,
    scale=lambda case: 1.0,
    locate=where_step,
    parts=[
        Part(
            "values",
            2,
            _step_cases,
            tests="9 steps on small networks",
            look="forwards, keeping what each step had; the loss; backwards, step by step; then params − lr·gradient.",
        )
    ],
    mistakes=TRAIN_STEP,
)
