"""sigmoid: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import math

import numpy as np

from cnnlab.check.exercise import Mistake, known

SIGMOID: list[Mistake] = []


def _sigmoid(x):
    return 0.5 * (1 + np.tanh(np.asarray(x) / 2))


@known(
    SIGMOID,
    "eˣ runs over on the left",
    "For x = −1000, e to the 1000 is larger than any float, and NumPy warns. Give exp numbers below zero only, "
    "e to the "
    "−|x|: it cannot run over, and both sides can be written with it.",
)
def _(x):
    return 1 / (1 + np.exp(-x))


@known(
    SIGMOID,
    "eˣ runs over on the right",
    "For x = 1000, e to the 1000 is infinite, and infinity divided by infinity is no number. Give exp numbers "
    "below zero "
    "only: e to the −|x| cannot run over.",
)
def _(x):
    raised = np.exp(x)
    return raised / (1 + raised)


@known(
    SIGMOID,
    "np.where computes both sides",
    "np.where picks one of two finished arrays, so the side that you do not want is computed too, and runs over. "
    "Take e to the −|x| once; both sides can be written with it.",
)
def _(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


@known(SIGMOID, "the minus is missing", "Yours falls from 1 to 0. With e to the −x it rises from 0 to 1.")
def _(x):
    return _sigmoid(-x)


@known(SIGMOID, "tanh", "That is tanh, from −1 to 1. The sigmoid runs from 0 to 1.")
def _(x):
    return np.tanh(x)


@known(SIGMOID, "tanh, not lifted", "Yours runs from −1 to 1: it has to be halved and lifted, (1 + tanh(x/2))/2.")
def _(x):
    return np.tanh(np.asarray(x) / 2)


@known(SIGMOID, "twice as steep", "Yours is sigmoid(2x). By way of tanh it is (1 + tanh(x/2))/2, with the half inside.")
def _(x):
    return _sigmoid(2 * x)


@known(SIGMOID, "the bracket is missing", "1/1 + exp(−x) divides first, and gives 1 + exp(−x). Write 1/(1 + exp(−x)).")
def _(x):
    return 1 / 1 + np.exp(-np.clip(x, -700, None))


@known(SIGMOID, "e to the −x alone", "Only the e to the −x is there. The sigmoid is 1 divided by 1 + that.")
def _(x):
    return np.exp(-np.clip(x, -700, None))


@known(SIGMOID, "the slope of it", "That is the sigmoid's derivative, s·(1 − s). Here s itself is asked for.")
def _(x):
    return _sigmoid(x) * (1 - _sigmoid(x))


@known(
    SIGMOID, "softmax", "You divided by the sum of all. Each number has a sigmoid of its own, whatever the others are."
)
def _(x):
    raised = np.exp(x - np.max(x))
    return raised / raised.sum()


@known(
    SIGMOID,
    "clipped too near",
    "Beyond ±10 your curve is flat too early. Clip only where nothing can be seen any more.",
)
def _(x):
    return _sigmoid(np.clip(x, -10, 10))


@known(SIGMOID, "clipped at ±1", "x was clipped to −1 … 1 before. Any number may come in.")
def _(x):
    return _sigmoid(np.clip(x, -1, 1))


@known(SIGMOID, "cut to whole numbers", "Only zeros and ones are left: the result took over the whole numbers' kind.")
def _(x):
    return _sigmoid(x).astype(x.dtype)


@known(SIGMOID, "rounded", "That is the decision, 0 or 1. The sigmoid says how sure it is.")
def _(x):
    return np.round(_sigmoid(x))


@known(SIGMOID, "half precision", "float16 keeps about three digits. Leave the kind of numbers to NumPy.")
def _(x):
    return _sigmoid(x).astype(np.float16)


@known(
    SIGMOID,
    "a straight line between two flats",
    "That is the hard sigmoid, a line that imitates the curve. Here the curve is asked for.",
)
def _(x):
    return np.clip(0.2 * np.asarray(x) + 0.5, 0, 1)


@known(SIGMOID, "math.exp", "math.exp takes one number. np.exp takes arrays of any shape.")
def _(x):
    return 1 / (1 + math.exp(-x))


@known(SIGMOID, "writes into its input", "It writes into the array that came in. Make a new one.")
def _(x):
    x[...] = _sigmoid(x)
    return x


@known(SIGMOID, "only to the right of 0", "Numbers below zero gave 0. They have a sigmoid too, between 0 and one half.")
def _(x):
    return np.where(x >= 0, _sigmoid(x), 0)


@known(
    SIGMOID,
    "mirrored at 0",
    "e to the −|x| alone makes both sides alike. To the left of 0 it is exp(−|x|)/(1 + exp(−|x|)).",
)
def _(x):
    return 1 / (1 + np.exp(-np.abs(x)))


@known(
    SIGMOID,
    "x over 1 + |x|",
    "That looks alike, but it is another curve (softsign). The sigmoid has e to the −x in it.",
)
def _(x):
    return 0.5 * (1 + x / (1 + np.abs(x)))


@known(SIGMOID, "two to the −x", "The base is e, not 2: np.exp(−x).")
def _(x):
    return _sigmoid(np.log(2) * np.asarray(x))
