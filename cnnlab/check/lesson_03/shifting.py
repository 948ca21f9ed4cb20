"""invariance_gap and equivariance_gap: what a shift by one pixel does to an answer, measured."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cnnlab.check.draw import floats, ints, sliced, transposed
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_03.shifting_mistakes import EQUIVARIANCE_GAP, INVARIANCE_GAP


def same(x):
    return x


def doubled(x):
    return 2.0 * x


def halves(x):
    return 0.5 * x + 0.25


def everywhere(x):
    """Invariant but for what leaves at the border."""
    return np.full(x.shape, np.sum(x) / x.size)


def differences(x):
    """A small convolution, one column smaller."""
    return np.diff(x, axis=-1)


def three_taps(x):
    return x[..., :-2] + 2 * x[..., 1:-1] - 4 * x[..., 2:]


def every_second(x):
    return x[..., ::2]


def by_twos(x):
    """Max pooling of pairs in the last axis."""
    size = x.shape[-1] // 2
    return np.maximum(x[..., 0 : 2 * size : 2], x[..., 1 : 2 * size : 2])


def pooled(x):
    """Max pooling of 2 × 2 blocks of a 4-D batch: smaller in both axes."""
    n, c, h, w = x.shape
    return x[:, :, : h // 2 * 2, : w // 2 * 2].reshape(n, c, h // 2, 2, w // 2, 2).max(axis=(3, 5))


def means(x):
    """(N, C, H, W) to (N, C)."""
    return np.mean(x, axis=(2, 3))


def in_all(x):
    """One number."""
    return np.float64(np.sum(x))


def by_place(x):
    """Each column has another weight, as in a dense layer."""
    return x * (1 + np.arange(x.shape[-1])) ** 2


def rows_summed(x):
    return np.sum(x, axis=-2)


def turned(x):
    """The last axis comes first: the answer's last axis is another."""
    return np.moveaxis(x, -1, 0)


def longer(x):
    return np.concatenate([x, 3 * x[..., :1], x[..., -1:]], axis=-1)


def nothing(x):
    return np.zeros(x.shape)


def squares(x):
    return np.square(x, dtype=float)


def invariant(f: Callable, x: np.ndarray) -> float:
    return _share(np.asarray(f(_moved(x))) - f(x), f(x))


def equivariant(f: Callable, x: np.ndarray) -> float:
    return _share(np.asarray(f(_moved(x))) - _moved(f(x)), f(x))


def _moved(x: np.ndarray) -> np.ndarray:
    x = np.asarray(x)
    return x @ np.eye(x.shape[-1], k=1)  # the matrix of S


def _share(change: np.ndarray, answer: np.ndarray) -> float:
    moved, size = float(np.abs(change).mean()), float(np.abs(answer).mean())
    if size:
        return moved / size
    return np.inf if moved else 0.0


def _common(rng: np.random.Generator) -> list[Case]:
    return [
        Case((same, np.array([1, 2, 3, 4])), note="f changes nothing"),
        Case((same, np.array([3.0, 0.0, 0.0])), note="f changes nothing; nothing leaves at the right"),
        Case((doubled, ints(rng, 5)), note="f doubles"),
        Case((differences, ints(rng, 6)), note="f subtracts neighbours: one number fewer"),
        Case((every_second, ints(rng, 7)), note="f keeps every second number"),
        Case((by_twos, ints(rng, 6)), note="f keeps the larger of each pair"),
        Case((by_place, ints(rng, 5)), note="f has another weight for each place"),
        Case((halves, floats(rng, 3, 4)), note="f halves and adds a quarter"),
        Case((squares, floats(rng, 2, 5)), note="f squares"),
        Case((same, ints(rng, 4, 2)), note="a picture higher than wide"),
        Case((three_taps, floats(rng, 3, 7)), note="f is a small convolution: two columns fewer"),
        Case((by_twos, floats(rng, 3, 5)), note="f keeps the larger of each pair"),
        Case((longer, floats(rng, 2, 3)), note="f makes rows longer"),
        Case((rows_summed, floats(rng, 4, 3)), note="f adds the rows up: one axis fewer"),
        Case((turned, floats(rng, 3, 4)), note="f turns the picture on its side"),
        Case((everywhere, floats(rng, 3, 4)), note="f gives the mean everywhere"),
        Case((pooled, floats(rng, 2, 3, 4, 6)), note="f is 2 × 2 max pooling of a batch"),
        Case((means, floats(rng, 2, 3, 4, 5)), note="f is global average pooling"),
        Case((three_taps, transposed(rng, 2, 3, 4, 5)), note="a batch, its axes reversed in memory"),
        Case((squares, sliced(rng, 3, 5)), note="a slice of a larger array"),
        Case((same, floats(rng, 3, 4).astype(np.float32)), note="float32"),
        Case((same, floats(rng, 4, 1)), note="a single column"),
        Case((nothing, ints(rng, 2, 3)), note="f answers 0 to everything"),
        Case((same, np.zeros((2, 3))), note="nothing to be seen"),
        Case((every_second, np.array([0, 5, 0, 3])), note="f answers 0, and after the shift it does not"),
        Case(
            (differences, np.full((2, 4), 7.0)), note="f answers 0 to a flat picture, and after the shift it does not"
        ),
        Case((doubled, 1e-6 * floats(rng, 2, 4)), note="very small numbers"),
    ]


def _invariance_cases(rng: np.random.Generator) -> list[Case]:
    return [
        *_common(rng),
        Case((in_all, ints(rng, 3, 4)), note="f gives one number, the sum"),
        Case((in_all, np.array([[2, 5, 0], [1, -3, 0]])), note="the sum again; only zeros leave"),
    ]


invariance_gap = Exercise(
    name="invariance_gap",
    lesson="03_pooling",
    argument_names=("f", "x"),
    oracle=invariant,
    parts=[
        Part(
            "values",
            1,
            _invariance_cases,
            tests="29 functions and arrays, of one axis to four",
            look="take x = [1, 2, 3, 4] and the f that changes nothing: Sx is [0, 1, 2, 3], the answers differ "
            "by 1 each, "
            "and the mean of |f(x)| is 2.5.",
        )
    ],
    mistakes=INVARIANCE_GAP,
)

equivariance_gap = Exercise(
    name="equivariance_gap",
    lesson="03_pooling",
    argument_names=("f", "x"),
    oracle=equivariant,
    parts=[
        Part(
            "values",
            1,
            _common,
            tests="27 functions and arrays, of one axis to four",
            look="shift x and ask f; ask f and shift its answer; compare the two. For the f that changes "
            "nothing they agree.",
        )
    ],
    mistakes=EQUIVARIANCE_GAP,
)
