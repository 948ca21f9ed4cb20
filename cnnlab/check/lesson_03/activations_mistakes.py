"""relu and leaky_relu: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np

from cnnlab.check.exercise import Mistake, known

RELU: list[Mistake] = []
LEAKY_RELU: list[Mistake] = []

IN_PLACE = "It writes into the array that came in, and whoever sent it still needs it. Make a new one."
SHAPE = "It counts on an array of two axes. Let NumPy work on the whole array at once, and the shape does not matter."
CUT = "The fractions are gone: the result took over whole numbers from somewhere. Leave the numbers' kind to NumPy."


@known(RELU, "the absolute value", "You turned the sign of the negative numbers. ReLU sets them to 0.")
def _(x):
    return np.abs(x)


@known(RELU, "the smaller of the two", "That keeps what is below zero and drops the rest. Take the larger: maximum.")
def _(x):
    return np.minimum(x, 0)


@known(RELU, "a step", "You say only *whether* a number is positive. Where it is, ReLU keeps the number itself.")
def _(x):
    return (x > 0) * 1.0


@known(
    RELU, "True and False", "A comparison gives True and False. Use it to choose the number or 0, or multiply by it."
)
def _(x):
    return x > 0


@known(RELU, "the sign is turned first", "You dropped what is above zero and turned the rest. It is max(0, x), not −x.")
def _(x):
    return np.maximum(0, -x)


@known(RELU, "a leak below zero", "Below zero a little is left. That is the leaky ReLU; here it is exactly 0.")
def _(x):
    return np.where(x > 0, x, 0.01 * x)


@known(RELU, "capped at 1", "ReLU has no ceiling: a 2 stays a 2.")
def _(x):
    return np.clip(x, 0, 1)


@known(RELU, "capped at 6", "ReLU has no ceiling. With one at 6 it is called ReLU6, which is another function.")
def _(x):
    return np.clip(x, 0, 6)


@known(RELU, "writes into its input", IN_PLACE)
def _(x):
    x[x < 0] = 0
    return x


@known(
    RELU, "one number for the array", "You took the largest number of the whole array. ReLU looks at each by itself."
)
def _(x):
    return max(0, np.max(x))


@known(RELU, "the negative ones are left out", "The numbers below zero are gone. They become 0 and keep their places.")
def _(x):
    return x[x > 0]


@known(RELU, "cut to whole numbers", CUT)
def _(x):
    return np.maximum(x, 0).astype(int)


@known(
    RELU,
    "smooth at zero",
    "That is softplus, log(1 + eˣ), which ReLU's corner is sometimes rounded to. ReLU is max(0, x).",
)
def _(x):
    return np.logaddexp(0, x)


@known(RELU, "begins at 1", "Numbers between 0 and 1 were set to 0. The border is 0.")
def _(x):
    return np.where(x >= 1, x, 0)


@known(RELU, "two axes only", SHAPE)
def _(x):
    out = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i, j] = max(0, x[i, j])
    return out


@known(
    RELU, "an if about an array", "`if x > 0` asks one question about many numbers. np.maximum or np.where asks each."
)
def _(x):
    return x if x > 0 else 0 * x


@known(RELU, "nothing happens", "The numbers come back as they went in. What is below zero has to become 0.")
def _(x):
    return x


@known(RELU, "nothing is left", "Every number is 0. Those above zero stay as they are.")
def _(x):
    return np.zeros(np.shape(x))


@known(RELU, "flattened", "The numbers are right, but in one long row. The shape stays as it was.")
def _(x):
    return np.array([max(v, 0) for v in np.ravel(x)])


@known(RELU, "the smallest number is taken off", "You moved everything up until the lowest was 0. ReLU moves nothing.")
def _(x):
    return x - np.min(x)


def _leaky(x, slope=0.01):
    return np.where(x > 0, x, slope * x)


@known(LEAKY_RELU, "the slope is ignored", "The slope is always 0.01. That is only its default; use the argument.")
def _(x, slope=0.01):
    return _leaky(x)


@known(LEAKY_RELU, "no leak", "Below zero everything is 0, as in the plain ReLU. Here slope·x is left.")
def _(x, slope=0.01):
    return np.maximum(x, 0)


@known(
    LEAKY_RELU, "the slope on the wrong side", "The slope belongs to what is below zero; above zero nothing changes."
)
def _(x, slope=0.01):
    return np.where(x > 0, slope * x, x)


@known(LEAKY_RELU, "the slope on both sides", "You multiplied everything by the slope. Above zero nothing changes.")
def _(x, slope=0.01):
    return slope * x


@known(LEAKY_RELU, "the leak turns up", "Below zero you return −slope·x, which is above zero. A leak keeps the sign.")
def _(x, slope=0.01):
    return np.where(x > 0, x, -slope * x)


@known(LEAKY_RELU, "ten times the default", "The default slope is 0.01, and yours is 0.1.")
def _(x, slope=0.1):
    return _leaky(x, slope)


@known(
    LEAKY_RELU,
    "the slope itself, not slope·x",
    "max(slope, x) compares with the slope. The leak is slope·x: max(slope·x, x).",
)
def _(x, slope=0.01):
    return np.maximum(slope, x)


@known(LEAKY_RELU, "a floor of −slope", "Below zero you return −slope, whatever x is. The leak grows with x: slope·x.")
def _(x, slope=0.01):
    return np.where(x > 0, x, -slope)


@known(LEAKY_RELU, "the slope is taken off", "Below zero you subtract the slope. It is multiplied: slope·x.")
def _(x, slope=0.01):
    return np.where(x > 0, x, x - slope)


@known(LEAKY_RELU, "the slope is added", "You added slope·x everywhere, above zero as well. There nothing changes.")
def _(x, slope=0.01):
    return np.maximum(x, 0) + slope * x


@known(LEAKY_RELU, "divided by the slope", "Below zero you divide by the slope, which makes numbers larger. Multiply.")
def _(x, slope=0.01):
    return np.where(x > 0, x, x / slope)


@known(LEAKY_RELU, "cut to whole numbers", CUT)
def _(x, slope=0.01):
    return _leaky(x, slope).astype(x.dtype)


@known(
    LEAKY_RELU, "as whole as the first number", "np.vectorize takes its kind of numbers from the first answer. " + CUT
)
def _(x, slope=0.01):
    return np.vectorize(lambda v: v if v > 0 else slope * v)(x)


@known(LEAKY_RELU, "writes into its input", IN_PLACE)
def _(x, slope=0.01):
    x[...] = _leaky(x, slope)
    return x


@known(LEAKY_RELU, "bent like ELU", "That is slope·(eˣ − 1), the ELU. A leaky ReLU is straight below zero: slope·x.")
def _(x, slope=0.01):
    return np.where(x > 0, x, slope * np.expm1(np.minimum(x, 0)))


@known(LEAKY_RELU, "two axes only", SHAPE)
def _(x, slope=0.01):
    out = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i, j] = x[i, j] if x[i, j] > 0 else slope * x[i, j]
    return out


@known(
    LEAKY_RELU,
    "1 − slope",
    "Below zero you multiply by 1 − slope, so nearly everything is left. Multiply by the slope.",
)
def _(x, slope=0.01):
    return np.where(x > 0, x, (1 - slope) * x)


@known(LEAKY_RELU, "nothing happens", "The numbers come back as they went in. Below zero, multiply by the slope.")
def _(x, slope=0.01):
    return x
