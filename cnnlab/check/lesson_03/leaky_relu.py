"""leaky_relu: what is below zero is multiplied by the slope."""

import numpy as np

from cnnlab.check.cases import Case
from cnnlab.check.draw import floats
from cnnlab.check.lesson_03 import elementwise as each


def leaky(x: np.ndarray, slope: float = 0.01) -> np.ndarray:
    """x where it is above 0, slope·x below, for every number of an array of any shape; whole numbers become floats."""
    return np.clip(x, 0, None) + slope * np.clip(x, None, 0)


def _cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case((np.array([-300, -200, -100, 0, 100, 200]),), note="the slope is left out"),
        Case((np.array([8, -4, 2, -6]), 0.5)), Case((np.array([[-1.0, 2.0], [3.0, -4.0]]),), {"slope": 0.25}),
        Case((np.array([3, -2, 5, -7]),), {"slope": 0.1}, note="whole numbers in, fractions out"),
        *each.every_kind(rng), *each.every_kind(rng, 0.3)[2::3], Case((floats(rng, 3, 4), 0.9), note="hardly any bend"),
        Case((floats(rng, 2, 3), 0.001), note="hardly any slope"), Case((floats(rng, 3, 2), 0), note="a slope of 0"),
    ]  # fmt: skip


# fmt: off
WRONG = [
    ("the slope is ignored", "The slope is always 0.01. That is only its default; use the argument.",
     lambda a: a.right(slope=0.01)),
    ("no leak", "Below zero everything is 0, as in the plain ReLU. Here slope·x is left.", lambda a: a.right(slope=0)),
    ("the slope on the wrong side", "The slope belongs to what is below zero; above zero nothing changes.",
     lambda a: -a.right(x=-a.x)),
    ("the slope on both sides", "You multiplied everything by the slope. Above zero nothing changes.",
     lambda a: a.slope * a.x),
    ("the leak turns up", "Below zero you return −slope·x, which is above zero. A leak keeps the sign.",
     lambda a: a.right(slope=-a.slope)),
    ("ten times the default", "The default slope is 0.01, and yours is 0.1.",
     lambda a: a.right(slope=0.1 if a.slope == a.defaults["slope"] else a.slope)),
    ("a slope of 0 taken for none", "`slope or 0.01` takes 0 for nothing given. A slope of 0 is one, too: all below "
     "zero becomes 0.", lambda a: a.right(slope=a.slope or a.defaults["slope"])),
    ("the slope itself, not slope·x", "max(slope, x) compares with the slope. The leak is slope·x: max(slope·x, x).",
     lambda a: np.maximum(a.slope, a.x)),
    ("a floor of −slope", "Below zero you return −slope, whatever x is. The leak grows with x: slope·x.",
     lambda a: np.where(a.x > 0, a.x, -a.slope)),
    ("the slope is taken off", "Below zero you subtract the slope. It is multiplied: slope·x.",
     lambda a: np.where(a.x > 0, a.x, a.x - a.slope)),
    ("the slope is added", "You added slope·x everywhere, above zero as well. There nothing changes.",
     lambda a: a.right(slope=0) + a.slope * a.x),
    ("divided by the slope", "Below zero you divide by the slope, which makes numbers larger. Multiply.",
     lambda a: np.where(a.x > 0, a.x, np.divide(a.x, a.slope))),
    ("cut to whole numbers", each.CUT, lambda a: a.right().astype(a.x.dtype)),
    ("as whole as the first number", "np.vectorize takes its kind of numbers from the first answer. " + each.CUT,
     lambda a: np.vectorize(lambda v: v if v > 0 else a.slope * v)(a.x)),
    ("bent like ELU", "That is slope·(eˣ − 1), the ELU. A leaky ReLU is straight below zero: slope·x.",
     lambda a: np.where(a.x > 0, a.x, a.slope * np.expm1(np.minimum(a.x, 0)))),
    ("1 − slope", "Below zero you multiply by 1 − slope, so nearly everything is left. Multiply by the slope.",
     lambda a: a.right(slope=1 - a.slope)),
    ("how steep it is, not how high", "1 and the slope are how steep the two sides are. x and slope·x are asked for.",
     lambda a: np.where(a.x > 0, 1.0, a.slope)),
    ("nothing happens", "The numbers come back as they went in. Below zero, multiply by the slope.", lambda a: a.x),
    *each.SLIPS,
]
# fmt: on
TESTS = "arrays of no axis to five, with several slopes and with none"
LOOK = "above zero nothing changes; below zero a number is multiplied by the slope."
EXERCISE = each.exercise("leaky_relu", leaky, _cases, TESTS, LOOK, WRONG)
