"""numerical_gradient: a gradient without calculus, by nudging each number both ways."""

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import CLOSE
from cnnlab.check.draw import floats, ints, sliced, transposed
from cnnlab.check.exercise import Exercise


def _strict(of: Callable[[np.ndarray], float], shape: tuple[int, ...]) -> Callable[[np.ndarray], float]:
    """A function of arrays of this shape, which raises ValueError for what has another."""

    def f(x):
        if np.shape(x) != shape:
            raise ValueError(f"f takes an array of shape {shape}, and got one of shape {np.shape(x)}")
        return float(of(np.asarray(x, np.float64)))

    return f


def differences(f: Callable, x: np.ndarray, ahead: Any, behind: Any, over: Any) -> np.ndarray:
    """(f(x, one number + ahead) − f(x, it − behind)) / over for each number of x, in its shape and float64; ahead,
    behind and over are numbers, or arrays with one for each number of x."""
    here = np.eye(x.size).reshape(x.size, *x.shape)
    found = [f(x + one * ahead) - f(x - one * behind) for one in here]
    return np.reshape(found, x.shape) / over


def central(f: Callable, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """Central differences: the error shrinks with h²."""
    return differences(f, x, h, h, 2 * h)


def _size(case: Case) -> float:
    """The size of the numbers whose rounding a difference divided by h brings out."""
    f, x, h = *case.args[:2], case.args[2] if len(case.args) > 2 else case.kwargs.get("h", 1e-5)
    largest, steepest = (float(np.max(np.abs(a), initial=0.0)) for a in (x, central(f, x, h)))
    return max(1.0, 16 * 2.0**-52 * (abs(f(x)) + max(1.0, largest) * steepest + 1) / h / CLOSE)


# fmt: off
def _cases(rng: np.random.Generator) -> list[Case]:
    def case(of, x, note="", **h):
        return Case((_strict(of, x.shape), x), h, note)

    slope, cubic = floats(rng, 2, 3), floats(rng, 2, 2)
    return [
        case(lambda x: (x**2).sum(), np.array([3.0, -1.0, 2.0]), "f(x) = x0² + x1² + x2²"),
        case(lambda x: x[0] ** 2 + 3 * x[1], np.array([1.5, -2.0]), "f(x) = x0² + 3·x1"),
        case(lambda x: (slope * x).sum(), floats(rng, 2, 3), "f is a weighted sum"),
        case(lambda x: (x**3).sum(), np.array([2.0, -1.0, 0.5]), "f(x) = x0³ + x1³ + x2³", h=0.5),
        Case((_strict(lambda x: (x**3).sum(), (2, 2)), cubic, 0.25), note="h by position"),
        case(lambda x: x[0] * x[1] * x[2], np.array([2, 3, -1]), "f(x) = x0·x1·x2 of whole numbers"),
        case(lambda x: np.exp(x / 4).sum() + x[0, 1] * x[1, 0], transposed(rng, 2, 3), "a transposed x"),
        case(lambda x: (x**2).sum() * x[0, 0], sliced(rng, 2, 2), "x is a slice of a larger array", h=1e-3),
        case(lambda x: (x**2).sum() - x[1] ** 3, floats(rng, 2).astype(np.float32), "float32", h=0.125),
        case(lambda x: np.sin(100 * x).sum(), floats(rng, 3), "f changes quickly, h is left out"),
        case(lambda x: 7.0, floats(rng, 2, 2), "f is constant"),
        case(lambda x: 5 + (x**2).mean(), np.zeros((2, 1)), "at a minimum"),
        case(lambda x: (3 * x + x**2).sum(), np.array([[0.0, 1.5], [-2.0, 0.0]]), "zeros in x"),
        case(lambda x: (x * x.sum() ** 2).mean(), ints(rng, 1, 2, 1, 2), "four axes", h=1e-2),
        case(lambda x: (x[:, 1:] * x[:, :-1] ** 3).sum(), floats(rng, 2, 4), "neighbours multiplied", h=1e-4),
        case(lambda x: np.cos(x).sum(), floats(rng, 11, 2), "eleven rows"),
        case(lambda x: (x[1:] * x[:-1]).sum(), floats(rng, 2, 3), "another f, of a size seen before"),
    ]


def _together(a) -> float:
    """The slope where all numbers of x move at once."""
    return (a.f(a.x + a.h) - a.f(a.x - a.h)) / (2 * a.h)


def _one_after_the_other(a) -> np.ndarray:
    """Each number stays where its lower nudge left it."""
    xs = [np.where(np.arange(a.x.size).reshape(a.x.shape) < k, a.x - a.h, a.x) for k in range(a.x.size)]
    return np.array([central(a.f, x, a.h).flat[k] for k, x in enumerate(xs)]).reshape(a.x.shape)


def _stored(a, kind: type) -> np.ndarray:
    """x + h and x − h are stored as this kind of numbers."""
    return differences(a.f, a.x, *(sign * ((a.x + sign * a.h).astype(kind) - a.x) for sign in (1, -1)), 2 * a.h)


def _moved(a, found: np.ndarray, *steps: float) -> np.ndarray:
    for step in steps:
        a.x[...] += a.x.dtype.type(step)
    return found


WRONG = [
    ("one-sided, ahead", "(f(x + h) − f(x)) / h looks to one side only and is off by about h/2 times the curvature. "
     "Look to both sides: (f(x + h) − f(x − h)) / 2h, whose error shrinks with h².",
     lambda a: differences(a.f, a.x, a.h, 0, a.h)),
    ("one-sided, behind", "(f(x) − f(x − h)) / h looks to one side only. Look to both sides: (f(x + h) − f(x − h)) / "
     "2h.", lambda a: differences(a.f, a.x, 0, a.h, a.h)),
    ("divided by h", "Yours is twice as large as it should be: from x − h to x + h it is 2h, not h.",
     lambda a: 2 * a.right()),
    ("/ 2 * h", "`/ 2 * h` divides by 2 and then *multiplies* with h. Write / (2 * h).", lambda a: a.right() * a.h**2),
    ("not divided", "The difference was not divided by the way, 2h.", lambda a: a.right() * 2 * a.h),
    ("divided by 2 only", "The difference was divided by 2, but not by h. The way from x − h to x + h is 2h.",
     lambda a: a.right() * a.h),
    ("h is fixed", "h has no effect in yours: 1e-5 is written into the code. Use the argument.",
     lambda a: a.right(h=1e-5)),
    ("the sign is changed", "The difference is the wrong way round: f(x + h) − f(x − h).", lambda a: -a.right()),
    ("all numbers move at once", "x + h moves every number of x together, so only their sum comes out. Move one number "
     "at a time, all others stay.", lambda a: np.full(a.x.shape, _together(a))),
    ("one number for all", "A single number came out. The gradient has one for each number of x.",
     lambda a: _together(a)),
    ("whole numbers can not move by h", "x holds whole numbers, and 3 + 0.00001 stored among them is 3 again: no "
     "difference is left. Work on a copy that holds floats: x.astype(float).", lambda a: _stored(a, a.x.dtype)),
    ("x in float32", "float32 has seven digits: beside a 1 only two of them are left for an h of 1e-5. Copy x as "
     "float64, x.astype(float).",
     lambda a: _stored(a, np.float32)),
    ("x is not put back before the next number", "After the step x was not put back, so the next numbers are tried at "
     "another place. Keep the old value and write it back, before you go on.", _one_after_the_other),
    ("x is put back by adding h again", "x is not bit for bit what it was: −2h, +h leaves a rounding error behind. "
     "Keep the old value and write *it* back, or work on a copy.",
     lambda a: _moved(a, _stored(a, a.x.dtype), a.h, -2 * a.h, a.h)),
    ("x is left moved", "x itself was moved and left so. Whoever called still needs it: put it back, or work on a "
     "copy.", lambda a: _moved(a, a.right(), 1 if a.x.dtype.kind == "i" else a.h)),
    ("both calls of f get the same numbers", "So the difference is 0. `ahead = x` makes no copy, and steps in it "
     "cancel; x.flatten() makes one, and steps in it do not reach x.", lambda a: np.zeros(a.x.shape)),
    ("flat", "The gradient has x's shape; yours is a single row of numbers.", lambda a: a.right().ravel()),
    ("the steps of a flattened copy", "x.reshape(-1) is a *copy* where x's rows do not follow each other in memory "
     "(a slice, a transposed array): the steps never reach what f sees. Loop over np.ndindex(x.shape), or make a "
     "copy of x first.",
     lambda a: a.right() * a.x.flags.c_contiguous),
    ("in whole numbers", "The gradient was made like x, whose whole numbers hold no fractions: np.zeros(x.shape).",
     lambda a: a.right().astype(a.x.dtype)),
    ("rows only", "Only the first number of every row was moved. Go through all of them.",
     lambda a: a.right() * (np.arange(a.x.shape[-1]) == 0)),
]

EXERCISE = Exercise(
    name="numerical_gradient", lesson="05_backprop", oracle=central, scale=_size,
    sizes=lambda a: {"h": a.h, "2h": 2 * a.h, "h²": a.h**2, "the number of values": a.x.size},
    draws="gradient", wrong=WRONG,
    parts=[
        Part("values", 2, _cases, tests="functions of 1 to 12 numbers",
             look="for each number of x in turn: (f(x with that number + h) − f(x with that number − h)) / 2h."),
    ],
)
