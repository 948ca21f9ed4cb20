"""without_row_means: keepdims, so that what a mean left behind still fits what it was taken of."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints, pixels
from cnnlab.check.exercise import Exercise


def centred(x: np.ndarray) -> np.ndarray:
    return (x.T - x.mean(1)).T


# fmt: off
def _cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case((np.array([[1, 2, 6], [0, 0, 3]]),), note="means 3 and 1"),
        Case((np.array([[1, 3], [10, 20]]),), note="a square"), Case((ints(rng, 4, 4),), note="a square"),
        Case((floats(rng, 3, 5),)), Case((pixels(rng, 2, 6),), note="bytes"), Case((floats(rng, 5, 2),)),
    ]


WRONG = [
    ("the columns' means", "Each *column's* mean was taken off. The mean of a row runs along the columns: axis=1.",
     lambda a: a.x - a.x.mean(axis=0)),
    ("one mean for all", "The mean of the whole array was taken off. Each row has its own.",
     lambda a: a.x - a.x.mean()),
    ("spread along the wrong axis", "Without keepdims the means have shape (rows,), and NumPy lays such a row along "
     "the *last* axis: it fails, or, in a square, gives wrong numbers without a word. keepdims=True keeps (rows, 1).",
     lambda a: a.x - a.x.mean(axis=1)),
    ("the means alone", "These are the means. They are to be taken off x.", lambda a: a.x.mean(axis=1, keepdims=True)),
    ("added", "The means were added.", lambda a: a.x + a.x.mean(axis=1, keepdims=True)),
    ("divided by them", "The rows were divided by their means. Take them off.",
     lambda a: a.x / a.x.mean(axis=1, keepdims=True)),
    ("cut to whole numbers", "The fractions are gone: a mean has some, even one of whole numbers.",
     lambda a: np.trunc(a.right())),
]

EXERCISE = Exercise(
    name="without_row_means", lesson="00_start", oracle=centred, wrong=WRONG,
    axes={"x": "row column", "": "row column"},
    parts=[Part("values", 0, _cases, "squares and others", "what shape do the means have?")],
)
