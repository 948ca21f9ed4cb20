"""channels_first: to move an axis is not to cut the numbers anew."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints, pixels
from cnnlab.check.exercise import Exercise


def channels_in_front(picture: np.ndarray) -> np.ndarray:
    return np.stack([picture[:, :, c] for c in range(picture.shape[2])])


# fmt: off
def _cases(rng: np.random.Generator) -> list[Case]:
    tens = np.arange(4).reshape(2, 2, 1) + np.array([0, 10, 20])
    return [
        Case((tens,), note="red 0 to 3, green 10 to 13, blue 20 to 23"),
        Case((ints(rng, 3, 3, 3),), note="a cube: every order of axes fits"),
        Case((pixels(rng, 2, 4, 3),), note="bytes"), Case((floats(rng, 4, 3, 2),), note="two channels"),
        Case((floats(rng, 3, 5, 1),), note="a grey picture"), Case((ints(rng, 2, 3, 4),), note="four channels"),
    ]


WRONG = [
    ("cut anew, not moved", "The shape is right and the picture is rubbish: reshape moves no number, it reads on and "
     "cuts anew. np.moveaxis(picture, -1, 0), or transpose, moves an axis.",
     lambda a: a.picture.reshape(a.picture.shape[2], *a.picture.shape[:2])),
    ("turned on its side", "Channels are in front, but rows and columns have changed places: .T reverses *all* axes. "
     "The order wanted is (2, 0, 1).", lambda a: a.picture.T),
    ("swapped with the columns", "The channels changed places with the columns: (H, C, W). They go to the very front, "
     "and rows and columns stay in their order.", lambda a: a.picture.swapaxes(1, 2)),
    ("as it came", "Nothing has moved: this is still (H, W, C).", lambda a: a.picture.copy()),
    ("moved the other way", "The *first* axis went to the end. The last one has to come to the front: "
     "np.moveaxis(picture, -1, 0).", lambda a: np.moveaxis(a.picture, 0, -1)),
    ("the channels in reverse", "The channels come in reverse order, blue first.", lambda a: a.right()[::-1]),
    ("three channels at most", "Only the first three channels are there. Some pictures have more: take all of them.",
     lambda a: a.right()[:3]),
    ("the first channel only", "Only channel 0 is there.", lambda a: a.right()[:1]),
    ("a list of numbers", "All numbers are in one long row. Keep three axes.", lambda a: a.right().ravel()),
]

EXERCISE = Exercise(
    name="channels_first", lesson="00_start", oracle=channels_in_front, wrong=WRONG,
    axes={"picture": "row column channel", "": "channel row column"},
    parts=[Part("values", 0, _cases, "pictures, cubes too", "is every channel a whole picture still?")],
)
