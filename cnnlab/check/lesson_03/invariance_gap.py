"""invariance_gap: how much an answer changes when the picture moves by one pixel."""

from cnnlab.check.lesson_03.shifting import LOOK_HERE, SIGNS_CANCEL, cases, measuring

# fmt: off
WRONG = [
    ("the answer's mean without its size", SIGNS_CANCEL, lambda a: a.right(below="mean({})")),
    ("the answer is shifted, too", "That is the equivariance gap. " + LOOK_HERE,
     lambda a: a.right(compared="f(Sx) − S f(x)")),
    ("only the answer is shifted", "You compared S f(x) with f(x): f has never seen a shifted picture. It is f(Sx) − "
     "f(x).", lambda a: a.right(compared="S f(x) − f(x)")),
    ("f is never asked", "You compared Sx with x. The question is what f makes of them: f(Sx) − f(x).",
     lambda a: a.right(compared="Sx − x", of="x")),
]
# fmt: on
LOOK = "take x = [1, 2, 3, 4] and the f that changes nothing: Sx is [0, 1, 2, 3], the answers differ by 1 each, "
LOOK += "and the mean of |f(x)| is 2.5."
EXERCISE = measuring("invariance_gap", "f(Sx) − f(x)", cases, LOOK, WRONG)
