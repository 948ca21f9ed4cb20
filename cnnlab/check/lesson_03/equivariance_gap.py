"""equivariance_gap: how far an answer is from moving along with the picture."""

import numpy as np

from cnnlab.check.cases import Case
from cnnlab.check.lesson_03.shifting import LOOK_HERE, SHIFTS, SIGNS_CANCEL, cases, measuring


def _cases(rng: np.random.Generator) -> list[Case]:
    """Those where f answers with an array, which can be shifted."""
    return [case for case in cases(rng) if np.ndim(case.args[0](case.args[1]))]


def _in_the_shape_of_x(a) -> float:
    out = np.zeros(a.x.shape)
    out[..., 1:] = np.asarray(a.f(a.x))[..., :-1]
    return a.right(back=lambda answer: out)


# fmt: off
WRONG = [
    ("the answer is not shifted", "That is the invariance gap. " + LOOK_HERE,
     lambda a: a.right(compared="f(Sx) − f(x)")),
    ("the answer is shifted back", "You moved the answer to the left. S moves it to the right, as it moved x.",
     lambda a: a.right(back=SHIFTS["to the left"])),
    ("the answer wraps round", "For the answer you let the last column come in again at the left. Zeros come in, as "
     "for x.", lambda a: a.right(back=SHIFTS["round the end, as np.roll does"])),
    ("the shifted answer is shifted", "You moved f(Sx) once more. The other one is moved: f(Sx) − S f(x).",
     lambda a: a.right(compared="S f(Sx) − f(x)")),
    ("the answer's shape is taken for x's",
     "The array for S f(x) was made in x's shape. f may change the shape: read it off f(x).", _in_the_shape_of_x),
    ("the first column is left out", "The column where zeros come in was not compared. It counts like the others.",
     lambda a: a.right(above="mean|{}| but for the first column")),
    ("the answer is shifted along its first axis", "S f(x) was made along the first axis. S acts on the last one, in "
     "the answer as in x.", lambda a: a.right(back=SHIFTS["along the first axis"])),
    ("in relation to the answer's mean without its size", SIGNS_CANCEL, lambda a: a.right(below="mean({})")),
]
# fmt: on
LOOK = "shift x and ask f; ask f and shift its answer; compare the two. For the f that changes nothing they agree."
EXERCISE = measuring("equivariance_gap", "f(Sx) − S f(x)", _cases, LOOK, WRONG)
