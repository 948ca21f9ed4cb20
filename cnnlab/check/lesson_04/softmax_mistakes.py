"""softmax: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np

from cnnlab.check.cases import Mistake, known

SOFTMAX: list[Mistake] = []


def _soft(logits, axis=1):
    raised = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return raised / raised.sum(axis=axis, keepdims=True)


@known(
    SOFTMAX,
    "along the wrong axis",
    "Your columns add up to 1. One row is one picture, and its classes share one whole: the rows must, so axis=1.",
)
def _(logits):
    return _soft(logits, 0)


@known(
    SOFTMAX,
    "over the whole batch",
    "All numbers together add up to 1, so the pictures take probability from each other. Divide each row by its own "
    "sum: sum(axis=1, keepdims=True).",
)
def _(logits):
    raised = np.exp(logits - logits.max())
    return raised / raised.sum()


@known(
    SOFTMAX,
    "exp overflows",
    "exp(1000) is beyond every float and becomes infinity. Subtract the row's largest logit first: numerator and "
    "denominator shrink by the same factor.",
)
def _(logits):
    raised = np.exp(logits)
    return raised / raised.sum(axis=1, keepdims=True)


@known(
    SOFTMAX,
    "one largest for all rows",
    "You subtract the largest number of the whole batch. A row far below it becomes all zeros, and 0/0. Each row "
    "needs its own: max(axis=1, keepdims=True).",
)
def _(logits):
    raised = np.exp(logits - logits.max())
    return raised / raised.sum(axis=1, keepdims=True)


@known(
    SOFTMAX,
    "the largest of each column",
    "You subtract each *column's* largest, which changes the numbers of a row by different amounts. Only the same "
    "number taken off a whole row changes nothing: max(axis=1, keepdims=True).",
)
def _(logits):
    raised = np.exp(logits - logits.max(axis=0))
    return raised / raised.sum(axis=1, keepdims=True)


@known(
    SOFTMAX, "the mean is taken off", "The mean is not enough: what lies far above it still overflows. Take the max."
)
def _(logits):
    raised = np.exp(logits - logits.mean(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


@known(SOFTMAX, "the smallest is taken off", "With the smallest taken off, exp of the largest overflows. Take the max.")
def _(logits):
    raised = np.exp(logits - logits.min(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


@known(SOFTMAX, "the first is taken off", "The first logit may be the smallest of its row. Take the row's largest off.")
def _(logits):
    raised = np.exp(logits - logits[:, :1])
    return raised / raised.sum(axis=1, keepdims=True)


@known(
    SOFTMAX,
    "cut off at 500",
    "Clipping the logits avoids the overflow and changes the answer: 1000 and 999 become alike. Take the max off.",
)
def _(logits):
    raised = np.exp(np.clip(logits, -500, 500))
    return raised / raised.sum(axis=1, keepdims=True)


@known(SOFTMAX, "NaN swept away", "nan_to_num hides the overflow; the probability was 1, not 0. Take the max off.")
def _(logits):
    raised = np.exp(logits)
    return np.nan_to_num(raised / raised.sum(axis=1, keepdims=True))


@known(SOFTMAX, "exp, but no sum", "These are not yet probabilities: divide each row by its sum.")
def _(logits):
    return np.exp(logits)


@known(SOFTMAX, "a sum, but no exp", "You divided the logits by their sum. Below zero that fails; exp comes first.")
def _(logits):
    return logits / logits.sum(axis=1, keepdims=True)


@known(SOFTMAX, "divided by the largest", "You divided by the largest, so the best class got 1. Divide by the sum.")
def _(logits):
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.max(axis=1, keepdims=True)


@known(SOFTMAX, "divided by the mean", "You divided by the mean, so the rows add up to the number of classes.")
def _(logits):
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.mean(axis=1, keepdims=True)


@known(SOFTMAX, "divided by the length", "You divided by the root of the squares' sum. Divide by the plain sum.")
def _(logits):
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / np.sqrt((raised**2).sum(axis=1, keepdims=True))


@known(SOFTMAX, "powers of 2", "You raised 2 to the logits, not e. np.exp is the one.")
def _(logits):
    raised = 2.0 ** (logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


@known(SOFTMAX, "powers of 10", "You raised 10 to the logits, not e. np.exp is the one.")
def _(logits):
    raised = 10.0 ** (logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


@known(
    SOFTMAX, "the sign is turned", "The smallest logit got the largest probability: there is a minus too many in exp."
)
def _(logits):
    return _soft(-logits)


@known(SOFTMAX, "squares for exp", "Squares forget the sign: −3 counts as much as 3. exp keeps the order.")
def _(logits):
    return logits**2 / (logits**2).sum(axis=1, keepdims=True)


@known(SOFTMAX, "a sigmoid for each", "Each number got a sigmoid of its own, so a row need not add up to 1.")
def _(logits):
    return 0.5 + 0.5 * np.tanh(logits / 2.0)


@known(SOFTMAX, "the logarithm of it", "That is log-softmax, all below zero. Here the probabilities are asked for.")
def _(logits):
    return np.log(_soft(logits))


@known(
    SOFTMAX, "the largest takes it all", "1 for the largest and 0 for the rest: soft-max is the soft version of that."
)
def _(logits):
    return np.eye(logits.shape[1])[logits.argmax(axis=1)]


@known(
    SOFTMAX, "the class, no probabilities", "You return which class is largest. Return a probability for each class."
)
def _(logits):
    return logits.argmax(axis=1)


@known(SOFTMAX, "the first picture only", "Only the first row came back. Every row is a picture; handle all of them.")
def _(logits):
    return _soft(logits[:1])


@known(
    SOFTMAX,
    "sums without keepdims",
    "The sums have shape (N,), and NumPy lays them along the *columns*. keepdims=True keeps them (N, 1).",
)
def _(logits):
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1)


@known(SOFTMAX, "writes into its input", "`logits -= …` changes the caller's array. Write logits − … into a new one.")
def _(logits):
    top = logits.max(axis=1, keepdims=True)
    logits -= top
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


@known(
    SOFTMAX, "cut to whole numbers", "Whole logits made whole probabilities, 0 and 1. Make the output with np.zeros."
)
def _(logits):
    out = np.zeros_like(logits)
    out[...] = _soft(logits)
    return out


@known(
    SOFTMAX,
    "a little added to the sum",
    "Something is added to the denominator, so rows do not add up to 1. After the max is taken off, the sum is at "
    "least 1: nothing has to be protected.",
)
def _(logits):
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / (raised.sum(axis=1, keepdims=True) + 1e-3)


@known(SOFTMAX, "rounded", "You rounded. Keep all digits; whoever prints the numbers may round them.")
def _(logits):
    return np.round(_soft(logits), 4)


@known(SOFTMAX, "twice", "A softmax of a softmax: the probabilities are nearly alike. Once is enough.")
def _(logits):
    return _soft(_soft(logits))


@known(SOFTMAX, "sorted", "The probabilities come in another order. Each stays at the place of its logit.")
def _(logits):
    return np.sort(_soft(logits), axis=1)[:, ::-1]
