"""mean_per_picture: which axes a mean runs over."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints, pixels
from cnnlab.check.exercise import Exercise


def brightness(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1).mean(1)


# fmt: off
def _cases(rng: np.random.Generator) -> list[Case]:
    first = np.array([[[0, 2], [4, 6]], [[1, 1], [1, 5]], [[9, 0], [0, 0]]])
    return [
        Case((first,), note="three pictures of 2 × 2"), Case((ints(rng, 2, 3, 4),)),
        Case((pixels(rng, 4, 5, 3),), note="bytes"), Case((floats(rng, 1, 2, 5),), note="a single picture"),
        Case((floats(rng, 5, 4, 4),)),
    ]


WRONG = [
    ("one mean for all", "Without an axis the mean runs over everything, and one number is left. Name the two axes "
     "that are to go: axis=(1, 2).", lambda a: np.asarray(a.pictures.mean())),
    ("the mean picture", "The mean ran over the pictures, axis 0. That is the axis that has to stay.",
     lambda a: a.pictures.mean(axis=0)),
    ("each row's mean", "Only the columns, the last axis, are gone. The rows have to go as well: axis=(1, 2).",
     lambda a: a.pictures.mean(axis=2)),
    ("each column's mean", "Only the rows, axis 1, are gone. The columns have to go as well: axis=(1, 2).",
     lambda a: a.pictures.mean(axis=1)),
    ("the axes stay", "The numbers are right, but axes of length 1 were kept. Leave keepdims out here.",
     lambda a: a.pictures.mean(axis=(1, 2), keepdims=True)),
    ("the sum", "These are sums. A mean is a sum, divided by how many there are.",
     lambda a: a.pictures.sum(axis=(1, 2))),
    ("rounded down", "The fractions are gone. A mean of whole numbers has fractions.", lambda a: np.floor(a.right())),
]

EXERCISE = Exercise(
    name="mean_per_picture", lesson="00_start", oracle=brightness, wrong=WRONG,
    parts=[Part("values", 0, _cases, "batches of pictures", "which axes are to go?")],
)
