"""relu: what is below zero becomes 0."""

import numpy as np

from cnnlab.check.cases import Case
from cnnlab.check.lesson_03 import elementwise as each


def rectified(x: np.ndarray) -> np.ndarray:
    """max(0, x) for every number of an array of any shape."""
    return np.clip(x, 0, None)


def _cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case((np.array([-3, -2, -1, 0, 1, 2, 3]),)), Case((np.array([3.0, -0.5, 0.25, -4.0]),)),
        Case((np.array([[-1, 2], [3, -4]]),)), *each.every_kind(rng),
        Case((np.array([-1e12, 1e12, -1e-12, 1e-12]),), note="huge and tiny"),
    ]  # fmt: skip


# fmt: off
WRONG = [
    ("the absolute value", "You turned the sign of the negative numbers. ReLU sets them to 0.", lambda a: np.abs(a.x)),
    ("the smaller of the two", "That keeps what is below zero and drops the rest. Take the larger: maximum.",
     lambda a: np.minimum(a.x, 0)),
    ("a step", "You say only *whether* a number is positive. Where it is, ReLU keeps the number itself.",
     lambda a: (a.x > 0) * 1.0),
    ("True and False", "A comparison gives True and False. Use it to choose the number or 0, or multiply by it.",
     lambda a: a.x > 0),
    ("the sign is turned first", "You dropped what is above zero and turned the rest. It is max(0, x), not −x.",
     lambda a: a.right(x=-a.x)),
    ("a leak below zero", "Below zero a little is left. That is the leaky ReLU; here it is exactly 0.",
     lambda a: np.where(a.x > 0, a.x, 0.01 * a.x)),
    ("capped at 1", "ReLU has no ceiling: a 2 stays a 2.", lambda a: np.minimum(a.right(), 1)),
    ("capped at 6", "ReLU has no ceiling. With one at 6 it is called ReLU6, which is another function.",
     lambda a: np.minimum(a.right(), 6)),
    ("one number for the array", "You took the largest number of the whole array. ReLU looks at each by itself.",
     lambda a: max(0, np.max(a.x))),
    ("the negative ones are left out", "The numbers below zero are gone. They become 0 and keep their places.",
     lambda a: a.x[a.x > 0]),
    ("cut to whole numbers", each.CUT, lambda a: a.right().astype(int)),
    ("smooth at zero", "That is softplus, log(1 + eˣ), which ReLU's corner is sometimes rounded to. ReLU is max(0, x).",
     lambda a: np.logaddexp(0, a.x)),
    ("begins at 1", "Numbers between 0 and 1 were set to 0. The border is 0.", lambda a: np.where(a.x >= 1, a.x, 0)),
    ("an if about an array", "`if x > 0` asks one question about many numbers. np.maximum or np.where asks each.",
     lambda a: a.x if a.x > 0 else 0 * a.x),
    ("nothing happens", "The numbers come back as they went in. What is below zero has to become 0.", lambda a: a.x),
    ("nothing is left", "Every number is 0. Those above zero stay as they are.", lambda a: a.right(x=0 * a.x)),
    ("flattened", "The numbers are right, but in one long row. The shape stays as it was.",
     lambda a: np.ravel(a.right())),
    ("the smallest number is taken off", "You moved everything up until the lowest was 0. ReLU moves nothing.",
     lambda a: a.x - np.min(a.x)),
    *each.SLIPS,
]
# fmt: on
LOOK = "what is below zero becomes 0, everything else stays as it is, one number at a time."
EXERCISE = each.exercise("relu", rectified, _cases, "arrays of no axis to five", LOOK, WRONG)
