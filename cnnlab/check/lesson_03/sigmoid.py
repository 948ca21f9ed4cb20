"""sigmoid: any number becomes one between 0 and 1, without a warning."""

import dataclasses
import math

import numpy as np

from cnnlab.check import runs_over
from cnnlab.check.cases import Case
from cnnlab.check.lesson_03 import elementwise as each
from cnnlab.check.subject import Answer, Mishap, Subject


def squashed(x: np.ndarray) -> np.ndarray:
    """1 / (1 + e^−x) for every number of an array of any shape, in float64, by way of tanh: nothing runs over."""
    return 0.5 + 0.5 * np.tanh(0.5 * np.asarray(x, np.float64))


def _in_silence(subject: Subject, case: Case) -> Answer:
    """Called as all of them are, but a warning counts as an error."""
    asked = case.fresh()
    answer = each.called(subject, case)
    if answer.trouble is not None:
        return answer
    told = answer.warnings if runs_over.TOLD else runs_over.warnings_of(subject, asked.args, asked.kwargs)
    if told:
        return dataclasses.replace(answer, trouble=Mishap("raised", "RuntimeWarning", told[0]))
    return answer


def _cases(rng: np.random.Generator) -> list[Case]:
    far = [[[1000.0, -3.0], [0.25, -1000.0], [-700.0, 40.0]], -1000.0, [9.0, -9.0, 12.0, -12.0, 17.0, -17.0]]
    return [
        Case((np.array([-2, -1, 0, 1, 2]),)), Case((np.array([0.5, -0.5, 4.0, -6.0]),)),
        Case((np.array([-1000.0, 1000.0]),), note="far out"),
        Case((np.array([-1000, -800]),), note="far out to the left, whole numbers"),
        Case((np.array([[900.0], [1000.0]]),), note="far out to the right"),
        *(Case((np.array(x),)) for x in (*far, np.array([60.0, -70.0, 1.5], np.float32))), *each.every_kind(rng),
    ]  # fmt: skip


# fmt: off
WRONG = [
    ("e to the −x runs over on the left",
     "For x = −1000, e to the 1000 is larger than any float, and NumPy warns. Give exp numbers below zero only, e to "
     "the −|x|: it cannot run over, and both sides can be written with it.", lambda a: 1 / (1 + np.exp(-a.x))),
    ("eˣ runs over on the right",
     "For x = 1000, e to the 1000 is infinite, and infinity divided by infinity is no number. Give exp numbers below "
     "zero only: e to the −|x| cannot run over.", lambda a: np.exp(a.x) / (1 + np.exp(a.x))),
    ("np.where computes both sides", "np.where picks one of two finished arrays, so the side that you do not want is "
     "computed too, and runs over. Take e to the −|x| once; both sides can be written with it.",
     lambda a: np.where(a.x >= 0, 1 / (1 + np.exp(-a.x)), np.exp(a.x) / (1 + np.exp(a.x)))),
    ("it falls where it should rise", "Yours falls from 1 to 0, and the sigmoid rises. Is the minus of e to the −x "
     "missing, or have two cases changed places?",
     lambda a: a.right(x=-a.x)),
    ("tanh", "That is tanh, from −1 to 1. The sigmoid runs from 0 to 1.", lambda a: np.tanh(a.x)),
    ("tanh, not lifted", "Yours runs from −1 to 1: it has to be halved and lifted, (1 + tanh(x/2))/2.",
     lambda a: np.tanh(a.x / 2)),
    ("twice as steep", "Yours is sigmoid(2x). By way of tanh it is (1 + tanh(x/2))/2, with the half inside.",
     lambda a: a.right(x=2 * a.x)),
    ("the bracket is missing", "1/1 + exp(−x) divides first, and gives 1 + exp(−x). Write 1/(1 + exp(−x)).",
     lambda a: 1 / 1 + np.exp(-np.clip(a.x, -700, None))),
    ("e to the −x alone", "Only the e to the −x is there. The sigmoid is 1 divided by 1 + that.",
     lambda a: np.exp(-np.clip(a.x, -700, None))),
    ("the slope of it", "That is the sigmoid's derivative, s·(1 − s). Here s itself is asked for.",
     lambda a: a.right() * (1 - a.right())),
    ("softmax", "You divided by the sum of all. Each number has a sigmoid of its own, whatever the others are.",
     lambda a: np.exp(a.x - np.max(a.x)) / np.exp(a.x - np.max(a.x)).sum()),
    ("clipped too near", "Beyond ±10 your curve is flat too early. Clip only where nothing can be seen any more.",
     lambda a: a.right(x=np.clip(a.x, -10, 10))),
    ("clipped at ±1", "x was clipped to −1 … 1 before. Any number may come in.",
     lambda a: a.right(x=np.clip(a.x, -1, 1))),
    ("cut to whole numbers", "Only zeros and ones are left: the result took over the whole numbers' kind.",
     lambda a: a.right().astype(a.x.dtype)),
    ("rounded", "That is the decision, 0 or 1. The sigmoid says how sure it is.", lambda a: np.round(a.right())),
    ("half precision", "float16 keeps about three digits. Leave the kind of numbers to NumPy.",
     lambda a: a.right().astype(np.float16)),
    ("a straight line between two flats", "That is the hard sigmoid, a line that imitates the curve. Here the curve "
     "is asked for.", lambda a: np.clip(0.2 * a.x + 0.5, 0, 1)),
    ("math.exp", "math.exp takes one number. np.exp takes arrays of any shape.", lambda a: 1 / (1 + math.exp(-a.x))),
    ("math.exp runs over", "For −1000, math.exp(1000) is an error where np.exp warns. Give it numbers below zero only.",
     lambda a: np.reshape([1 / (1 + math.exp(-v)) for v in np.ravel(a.x)], a.x.shape)),
    ("writes into its input", "It writes into the array that came in. Make a new one.", each.into_x),
    ("only to the right of 0", "Numbers below zero gave 0. They have a sigmoid too, between 0 and one half.",
     lambda a: np.where(a.x >= 0, a.right(), 0)),
    ("mirrored at 0", "e to the −|x| alone makes both sides alike. To the left of 0 it is exp(−|x|)/(1 + exp(−|x|)).",
     lambda a: a.right(x=np.abs(a.x))),
    ("mirrored at 0, below one half", "The left side's formula stands on both sides. On the right of 0 it is 1/(1 + "
     "exp(−|x|)).", lambda a: a.right(x=-np.abs(a.x))),
    ("the logarithm of it", "That is the logarithm of the sigmoid, never above 0. Here the sigmoid itself is asked "
     "for.", lambda a: -np.logaddexp(0, -a.x)),
    ("softplus", "That is log(1 + eˣ), the softplus, which has no ceiling. The sigmoid ends at 1.",
     lambda a: np.logaddexp(0, a.x)),
    ("x times it", "That is x·σ(x), another activation (SiLU). Here σ(x) is asked for.", lambda a: a.x * a.right()),
    ("x over 1 + |x|", "That looks alike, but it is another curve (softsign). The sigmoid has e to the −x in it.",
     lambda a: 0.5 * (1 + a.x / (1 + np.abs(a.x)))),
    ("two to the −x", "The base is e, not 2: np.exp(−x).", lambda a: a.right(x=np.log(2) * a.x)),
]
# fmt: on
TESTS = "arrays of no axis to five, up to ±1000, without a warning"
LOOK = "sigmoid(0) is 0.5, far to the right it is 1, far to the left it is 0."
ABSOLUTELY = {"scale": lambda case: 1.0, "observe": _in_silence}
EXERCISE = each.exercise("sigmoid", squashed, _cases, TESTS, LOOK, WRONG, **ABSOLUTELY)
