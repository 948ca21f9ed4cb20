"""add_to_each: an axis of length 1, made with None, says along which axis numbers are spread."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints
from cnnlab.check.exercise import Exercise


def added(maps: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return np.stack([one + number for one, number in zip(maps, bias, strict=True)])


# fmt: off
def _cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case((np.zeros((2, 2, 2), dtype=int), np.array([10, 20])), note="two maps of 2 × 2"),
        Case((ints(rng, 3, 3, 3), ints(rng, 3)), note="three maps of 3 × 3: anything fits"),
        Case((ints(rng, 2, 3, 4), floats(rng, 2)), note="fractions"), Case((floats(rng, 4, 2, 4), floats(rng, 4))),
        Case((floats(rng, 1, 3, 2), floats(rng, 1)), note="a single map"),
    ]


WRONG = [
    ("spread along the columns", "`maps + bias` lays the numbers along the *last* axis, the columns. They belong to "
     "the maps, the first: bias[:, None, None] has shape (C, 1, 1).", lambda a: a.maps + a.bias),
    ("spread along the rows", "bias[:, None] has shape (C, 1), and lies along the rows. One more axis is needed: "
     "bias[:, None, None].", lambda a: a.maps + a.bias[:, None]),
    ("the first number for all", "Every map got bias[0]. Map c gets bias[c].", lambda a: a.maps + a.bias[0]),
    ("all numbers for all", "Every map got the sum of all the numbers. Map c gets bias[c] alone.",
     lambda a: a.maps + a.bias.sum()),
    ("in reverse order", "The first map got the last number.", lambda a: a.maps + a.bias[::-1, None, None]),
    ("multiplied", "The maps were multiplied with the numbers. Add them.", lambda a: a.maps * a.bias[:, None, None]),
    ("an axis too many", "The result has four axes. Give bias two more, not three: bias[:, None, None].",
     lambda a: a.right()[None]),
    ("cut to whole numbers", "The fractions are gone: they were written into an array of whole numbers.",
     lambda a: np.trunc(a.right())),
    ("writes into the maps", "`+=` wrote into the maps that came in. `maps + …` makes a new array.",
     lambda a: (a.right(), np.add(a.maps, 1, out=a.maps, casting="unsafe"))[0]),
]

EXERCISE = Exercise(
    name="add_to_each", lesson="00_start", oracle=added, wrong=WRONG,
    axes={"maps": "map row column", "bias": "map", "": "map row column"},
    parts=[Part("values", 0, _cases, "maps in cubes and others", "what shape has bias[:, None, None]?")],
)
