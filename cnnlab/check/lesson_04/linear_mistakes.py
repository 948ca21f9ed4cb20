"""linear: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np

from cnnlab.check.cases import Mistake, known

LINEAR: list[Mistake] = []


@known(
    LINEAR,
    "the weights are not transposed",
    "weight has a row for each output: (out, in). Row times row needs x @ weight.T; without .T it only runs where "
    "out equals in, and gives other numbers.",
)
def _(x, weight, bias):
    return x @ weight + bias


@known(LINEAR, "the bias is forgotten", "The products are right. Add bias[k] to output k, for every picture.")
def _(x, weight, bias):
    return x @ weight.T


@known(LINEAR, "the bias is subtracted", "The bias is added to the products, not taken off.")
def _(x, weight, bias):
    return x @ weight.T - bias


@known(
    LINEAR,
    "a bias for each picture",
    "The bias was added down the rows, one for each picture. There is one for each *output*, the last axis.",
)
def _(x, weight, bias):
    return x @ weight.T + bias[:, None]


@known(LINEAR, "one bias for all", "Every output got the first bias. Output k has its own, bias[k].")
def _(x, weight, bias):
    return x @ weight.T + bias[0]


@known(LINEAR, "all biases added up", "Each output got the sum of all biases. Output k gets bias[k] alone.")
def _(x, weight, bias):
    return x @ weight.T + np.sum(bias)


@known(
    LINEAR,
    "the bias once for each number in",
    "The bias is inside the sum, so it counts once for every number that comes in. It is added once, at the end.",
)
def _(x, weight, bias):
    return x @ weight.T + x.shape[1] * bias


@known(LINEAR, "the first picture only", "Only the first picture went through. Every row of x is one picture.")
def _(x, weight, bias):
    return (weight @ x[0] + bias)[None]


@known(LINEAR, "one long row", "The batch is gone: the answer for N pictures has shape (N, out).")
def _(x, weight, bias):
    return (x @ weight.T + bias).ravel()


@known(LINEAR, "pictures in columns", "The result is (out, N), and (N, out) is expected: one row for each picture.")
def _(x, weight, bias):
    return weight @ x.T + bias[:, None]


@known(LINEAR, "products without a sum", "You multiplied pair by pair and did not add up. A dot product does both.")
def _(x, weight, bias):
    return x[:, None, :] * weight + bias[:, None]


@known(LINEAR, "the mean of the products", "You took the mean of the products. They are added up: no division.")
def _(x, weight, bias):
    return x @ weight.T / x.shape[1] + bias


@known(LINEAR, "a ReLU at the end", "What is below zero was cut off. A dense layer has no activation of its own.")
def _(x, weight, bias):
    return np.maximum(x @ weight.T + bias, 0)


@known(
    LINEAR,
    "cut to whole numbers",
    "The fractions are gone: the output took over the whole numbers of x. Make it with np.zeros(shape).",
)
def _(x, weight, bias):
    out = np.zeros((len(x), len(weight)), dtype=x.dtype)
    out[...] = x @ weight.T + bias
    return out


@known(LINEAR, "counts like bytes", "x holds bytes, and what goes beyond their range wrapped around. Use floats.")
def _(x, weight, bias):
    return x @ weight.astype(x.dtype).T + bias.astype(x.dtype)


@known(LINEAR, "writes into its weights", "`weight += …` changes the caller's array. Leave what comes in as it is.")
def _(x, weight, bias):
    out = x @ weight.T + bias
    weight *= 0
    return out


@known(LINEAR, "the weights are upside down", "The outputs come in reverse order. Output k belongs to row k of weight.")
def _(x, weight, bias):
    return (x @ weight.T + bias)[:, ::-1]


@known(LINEAR, "the bias is multiplied too", "You added the bias before multiplying. Multiply first: x @ weight.T.")
def _(x, weight, bias):
    return (x @ weight.T) * bias


@known(LINEAR, "reshaped, not transposed", "reshape reads the weights in another order. .T swaps the axes; use that.")
def _(x, weight, bias):
    return x @ weight.reshape(weight.shape[::-1]) + bias
