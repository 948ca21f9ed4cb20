"""change_of_brightness: bytes begin again at 256, floats do not."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import pixels
from cnnlab.check.exercise import Exercise


def change(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return (after.astype(np.int64) - before) / 255


# fmt: off
def _cases(rng: np.random.Generator) -> list[Case]:
    first = np.array([[20, 0, 255]], np.uint8), np.array([[10, 255, 0]], np.uint8)
    return [
        Case(first, note="from 20 down to 10"), Case((pixels(rng, 2, 3), pixels(rng, 2, 3))),
        Case((pixels(rng, 4, 4), pixels(rng, 4, 4))),
        Case((pixels(rng, 2, 3, 3), pixels(rng, 2, 3, 3)), note="in colour"),
    ]


WRONG = [
    ("bytes begin again", "Bytes hold 0 to 255. 10 − 20 begins again at the top: 246. Make floats *before* you "
     "subtract: after.astype(float).", lambda a: (a.after - a.before) / 255),
    ("floats too late", "The difference was taken in bytes, where 10 − 20 is 246, and became float only then. Convert "
     "first.", lambda a: (a.after - a.before).astype(float)),
    ("before minus after", "The signs are the wrong way round: what got brighter is positive.",
     lambda a: (a.before.astype(float) - a.after) / 255),
    ("not divided", "The difference is right, from −255 to 255. Divided by 255 it is from −1 to 1.",
     lambda a: a.after.astype(float) - a.before),
    ("whole numbers only", "// leaves whole numbers. A share of 255 has fractions: /.",
     lambda a: (a.after.astype(int) - a.before) // 255),
    ("the absolute change", "The signs are gone. What got darker is negative.", lambda a: np.abs(a.right())),
    ("divided by 256", "White is 255, not 256.", lambda a: (a.after.astype(float) - a.before) / 256),
    ("a signed byte", "int8 holds −128 to 127 and nothing else. Take float.",
     lambda a: (a.after - a.before).astype(np.int8) / 255),
    ("divided before, in whole numbers", "The bytes were divided with //, which makes 0 of all but 255.",
     lambda a: (a.after // 255).astype(float) - a.before // 255),
]

EXERCISE = Exercise(
    name="change_of_brightness", lesson="00_start", oracle=change, wrong=WRONG,
    parts=[Part("values", 0, _cases, "bytes, grey and in colour", "what kind of numbers are subtracted?")],
)
