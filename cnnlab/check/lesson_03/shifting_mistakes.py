"""invariance_gap and equivariance_gap: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np

from cnnlab.check.exercise import Mistake, known

INVARIANCE_GAP: list[Mistake] = []
EQUIVARIANCE_GAP: list[Mistake] = []

ROUND = "What leaves at the right comes in again at the left: np.roll does that. S lets zeros in."
LEFT = "You shifted to the left. S moves everything one pixel to the right."
AXIS = "You shifted along another axis. S acts on the last one, the columns."
RELATIVE = "The mean change is right, but not set in relation: divide it by the mean of |f(x)|."
ABS = "Up and down cancel out: take the absolute value of each difference before the mean."
BOTH_ZERO = "0 divided by 0 is no number. Where nothing changes and the answer is 0, the gap is 0.0: ask for it first."
ONLY_ZERO = "f(x) is 0 everywhere and f(Sx) is not: that gap is infinite, np.inf."
IN_PLACE = "It writes into an array that came in. Shift a copy."
LOOK_HERE = "Two measures, two words: invariance compares f(Sx) with f(x), equivariance compares f(Sx) with S f(x)."


def _moved(x):
    x = np.asarray(x)
    out = np.zeros_like(x)
    out[..., 1:] = x[..., :-1]
    return out


def _left(x):
    return _moved(np.asarray(x)[..., ::-1])[..., ::-1]


def _rows(x):
    return np.moveaxis(_moved(np.moveaxis(np.asarray(x), 0, -1)), -1, 0)


def _share(change, answer):
    moved, size = np.mean(np.abs(change)), np.mean(np.abs(answer))
    return float(moved / size) if size else (np.inf if moved else 0.0)


def _invariance(f, x, move=_moved):
    return _share(np.asarray(f(move(x))) - f(x), f(x))


def _equivariance(f, x, move=_moved, back=None):
    return _share(np.asarray(f(move(x))) - (back or move)(f(x)), f(x))


def _both(name, says_one, says_other=None):
    """Decorate a function of (gap, f, x): the same slip in both exercises."""

    def keep(function):
        known(INVARIANCE_GAP, name, says_one)(lambda f, x: function(_invariance, f, x))
        known(EQUIVARIANCE_GAP, name, says_other or says_one)(lambda f, x: function(_equivariance, f, x))

    return keep


@_both("the picture wraps round", ROUND)
def _(gap, f, x):
    return gap(f, x, lambda a: np.roll(a, 1, axis=-1))


@_both("to the left", LEFT)
def _(gap, f, x):
    return gap(f, x, _left)


@_both("along the first axis", AXIS)
def _(gap, f, x):
    return gap(f, x, _rows)


@_both("by two pixels", "You shifted by two pixels. S moves everything by one.")
def _(gap, f, x):
    return gap(f, x, lambda a: _moved(_moved(a)))


@_both("the border repeats", "The first column was repeated where zeros should come in.")
def _(gap, f, x):
    return gap(f, x, lambda a: np.concatenate([np.asarray(a)[..., :1], np.asarray(a)[..., :-1]], axis=-1))


@_both(
    "over all axes at once", "np.roll and np.pad work on every axis unless you name one. S acts on the last one only."
)
def _(gap, f, x):
    return gap(f, x, lambda a: _rows(_moved(a)) if np.ndim(a) > 1 else _moved(a))


@_both("0 over 0 is no number", BOTH_ZERO)
def _(gap, f, x):
    found = gap(f, x)
    return np.nan if found == 0 and not np.any(f(x)) else found


@_both("infinite becomes 0", ONLY_ZERO)
def _(gap, f, x):
    found = gap(f, x)
    return 0.0 if np.isinf(found) else found


@_both(
    "0 becomes infinite",
    "Nothing changes, and the answer is 0: that gap is 0.0. It is infinite only where something changes.",
)
def _(gap, f, x):
    return gap(f, x) if np.any(f(x)) else np.inf


@_both(
    "a small number below the line",
    "A small number was added below the line to be safe. It hides the infinite gap: ask for 0 instead.",
)
def _(gap, f, x):
    answer = np.mean(np.abs(f(x)))
    return gap(f, x) * answer / (answer + 1e-8) if answer else (1e8 if np.isinf(gap(f, x)) else 0.0)


@_both("not relative", RELATIVE)
def _(gap, f, x):
    size = np.mean(np.abs(f(x)))
    return float(gap(f, x) * size) if size else (1.0 if np.isinf(gap(f, x)) else 0.0)


@_both("in relation to x", "You divided by the mean of |x|. What counts is how large the answer is: |f(x)|.")
def _(gap, f, x):
    size, other = np.mean(np.abs(f(x))), np.mean(np.abs(x))
    return float(gap(f, x) * size / other) if size and other else gap(f, x)


@_both(
    "in relation to the shifted answer",
    "You divided by the mean of |f(Sx)|. It is |f(x)|, the answer before the shift.",
)
def _(gap, f, x):
    size, other = np.mean(np.abs(f(x))), np.mean(np.abs(f(_moved(x))))
    return float(gap(f, x) * size / other) if size and other else gap(f, x)


@_both("changes its input", IN_PLACE)
def _(gap, f, x):
    found = gap(f, x)
    x[..., 1:] = x[..., :-1].copy()
    x[..., 0] = 0
    return found


@known(INVARIANCE_GAP, "no absolute value", ABS)
def _(f, x):
    change, size = np.mean(np.asarray(f(_moved(x))) - f(x)), np.mean(np.abs(f(x)))
    return float(change / size) if size else (np.inf if change else 0.0)


@known(INVARIANCE_GAP, "the absolute value after the mean", ABS)
def _(f, x):
    change, size = abs(np.mean(np.asarray(f(_moved(x))) - f(x))), np.mean(np.abs(f(x)))
    return float(change / size) if size else (np.inf if change else 0.0)


@known(
    INVARIANCE_GAP,
    "the answer's mean without its size",
    "Below the line stands the mean of f(x), in which signs cancel. It is the mean of |f(x)|.",
)
def _(f, x):
    change, size = np.mean(np.abs(np.asarray(f(_moved(x))) - f(x))), np.mean(f(x))
    return float(change / size) if size else (np.inf if change else 0.0)


@known(INVARIANCE_GAP, "squares", "You used squares and a root. The gap is made of absolute values.")
def _(f, x):
    change = np.sqrt(np.mean((np.asarray(f(_moved(x)), float) - f(x)) ** 2))
    size = np.sqrt(np.mean(np.asarray(f(x), float) ** 2))
    return float(change / size) if size else (np.inf if change else 0.0)


@known(INVARIANCE_GAP, "the largest change", "You took the largest change. The gap is the mean over all of them.")
def _(f, x):
    change, size = np.max(np.abs(np.asarray(f(_moved(x))) - f(x))), np.max(np.abs(f(x)))
    return float(change / size) if size else (np.inf if change else 0.0)


@known(
    INVARIANCE_GAP,
    "each number by itself",
    "You took the mean of many ratios. Take two means, and one ratio of the two.",
)
def _(f, x):
    change, answer = np.abs(np.asarray(f(_moved(x))) - f(x)), np.abs(np.asarray(f(x), float))
    ratios = np.divide(change, answer, out=np.zeros(np.shape(answer)), where=answer > 0)
    return float(np.mean(ratios)) if np.any(answer) else (np.inf if np.any(change) else 0.0)


@known(INVARIANCE_GAP, "the answer is shifted, too", "That is the equivariance gap. " + LOOK_HERE)
def _(f, x):
    return _equivariance(f, x) if np.ndim(f(x)) else _invariance(f, x)


@known(
    INVARIANCE_GAP,
    "only the answer is shifted",
    "You compared S f(x) with f(x): f has never seen a shifted picture. It is f(Sx) − f(x).",
)
def _(f, x):
    return _share(_moved(f(x)) - f(x), f(x)) if np.ndim(f(x)) else 0.0


@known(
    INVARIANCE_GAP, "f is never asked", "You compared Sx with x. The question is what f makes of them: f(Sx) − f(x)."
)
def _(f, x):
    return _share(_moved(x) - x, x)


@known(INVARIANCE_GAP, "one minus the gap", "You return how much stays. The gap is how much changes.")
def _(f, x):
    return 1 - _invariance(f, x)


@known(EQUIVARIANCE_GAP, "the answer is not shifted", "That is the invariance gap. " + LOOK_HERE)
def _(f, x):
    return _invariance(f, x)


@known(
    EQUIVARIANCE_GAP,
    "the answer is shifted back",
    "You moved the answer to the left. S moves it to the right, as it moved x.",
)
def _(f, x):
    return _equivariance(f, x, _moved, _left)


@known(
    EQUIVARIANCE_GAP,
    "the answer wraps round",
    "For the answer you let the last column come in again at the left. Zeros come in, as for x.",
)
def _(f, x):
    return _equivariance(f, x, _moved, lambda a: np.roll(a, 1, axis=-1))


@known(
    EQUIVARIANCE_GAP,
    "the shifted answer is shifted",
    "You moved f(Sx) once more. The other one is moved: f(Sx) − S f(x).",
)
def _(f, x):
    return _share(_moved(f(_moved(x))) - f(x), f(x))


@known(
    EQUIVARIANCE_GAP,
    "the answer's shape is taken for x's",
    "The array for S f(x) was made in x's shape. f may change the shape: read it off f(x).",
)
def _(f, x):
    answer, out = np.asarray(f(x)), np.zeros(x.shape)
    out[..., 1:] = answer[..., :-1]
    return _share(np.asarray(f(_moved(x))) - out, answer)


@known(
    EQUIVARIANCE_GAP,
    "the first column is left out",
    "The column where zeros come in was not compared. It counts like the others.",
)
def _(f, x):
    change = np.asarray(f(_moved(x))) - _moved(f(x))
    change[..., 0] = 0
    return _share(change, f(x))


@known(
    EQUIVARIANCE_GAP,
    "the answer is shifted along its first axis",
    "S f(x) was made along the first axis. S acts on the last one, in the answer as in x.",
)
def _(f, x):
    return _equivariance(f, x, _moved, _rows)


@known(EQUIVARIANCE_GAP, "no absolute value", ABS)
def _(f, x):
    change, size = np.mean(np.asarray(f(_moved(x))) - _moved(f(x))), np.mean(np.abs(f(x)))
    return float(change / size) if size else (np.inf if change else 0.0)


@known(EQUIVARIANCE_GAP, "the absolute value after the mean", ABS)
def _(f, x):
    change, size = abs(np.mean(np.asarray(f(_moved(x))) - _moved(f(x)))), np.mean(np.abs(f(x)))
    return float(change / size) if size else (np.inf if change else 0.0)


@known(
    EQUIVARIANCE_GAP,
    "in relation to the answer's mean without its size",
    "Below the line stands the mean of f(x), in which signs cancel. It is the mean of |f(x)|.",
)
def _(f, x):
    change, size = np.mean(np.abs(np.asarray(f(_moved(x))) - _moved(f(x)))), np.mean(f(x))
    return float(change / size) if size else (np.inf if change else 0.0)


@known(EQUIVARIANCE_GAP, "the largest change", "You took the largest change. The gap is the mean over all of them.")
def _(f, x):
    change, size = np.max(np.abs(np.asarray(f(_moved(x))) - _moved(f(x)))), np.max(np.abs(f(x)))
    return float(change / size) if size else (np.inf if change else 0.0)
