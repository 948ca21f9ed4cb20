"""What goes wrong in softmax and cross_entropy."""

from __future__ import annotations

import numpy as np

from cnnlab.check.exercise import Mistake, known

SOFTMAX: list[Mistake] = []
CROSS_ENTROPY: list[Mistake] = []


def _soft(logits, axis=1):
    raised = np.exp(logits - np.max(logits, axis=axis, keepdims=True))
    return raised / raised.sum(axis=axis, keepdims=True)


def _log_soft(logits, axis=1):
    shifted = logits - np.max(logits, axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def _picked(logits, labels):
    return _log_soft(np.asarray(logits, float))[np.arange(len(labels)), labels]


@known(SOFTMAX, "softmax over the batch", "Each *row* is one picture and adds up to 1: sum over axis 1.")
def over_the_batch(logits):
    return _soft(logits, axis=0)


@known(SOFTMAX, "softmax over everything", "Each row adds up to 1 by itself; here the whole batch does.")
def over_everything(logits):
    return _soft(logits, axis=None)


@known(
    SOFTMAX,
    "large logits overflow",
    "np.exp(1000) is infinite. Subtract each row's largest logit first: the quotient stays the same.",
)
def overflows(logits):
    raised = np.exp(logits)
    return raised / raised.sum(axis=1, keepdims=True)


@known(
    SOFTMAX,
    "the largest of the whole batch is subtracted",
    "A row far below it becomes 0/0: subtract each row's own largest number.",
)
def shifted_by_the_batch(logits):
    raised = np.exp(logits - np.max(logits))
    return raised / raised.sum(axis=1, keepdims=True)


@known(
    SOFTMAX,
    "the mean is subtracted",
    "The *largest* logit has to become 0; with the mean a large one can still overflow.",
)
def shifted_by_the_mean(logits):
    raised = np.exp(logits - np.mean(logits, axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


@known(SOFTMAX, "the smallest is subtracted", "Subtract the *largest* logit, so that no exponent is above 0.")
def shifted_by_the_smallest(logits):
    raised = np.exp(logits - np.min(logits, axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


@known(
    SOFTMAX,
    "clipped logits",
    "Clipping changes the answer: two logits beyond the limit become alike. Subtract the row's largest.",
)
def clipped(logits):
    return _soft(np.clip(logits, -500, 500))


@known(SOFTMAX, "not divided by the sum", "Divide by the row's sum: probabilities add up to 1.")
def not_divided(logits):
    return np.exp(logits - np.max(logits, axis=1, keepdims=True))


@known(
    SOFTMAX,
    "no exponential",
    "Divide the *exponentials* by their sum: logits can be negative, probabilities can not.",
)
def no_exponential(logits):
    return logits / np.sum(logits, axis=1, keepdims=True)


@known(SOFTMAX, "the logarithm", "That is log-softmax: probabilities are asked for.")
def logarithm(logits):
    return _log_soft(logits)


@known(SOFTMAX, "powers of 2", "softmax takes powers of e: np.exp.")
def base_two(logits):
    raised = 2.0 ** (logits - np.max(logits, axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


@known(SOFTMAX, "the sign is turned round", "The largest logit gets the largest probability.")
def turned_round(logits):
    return _soft(-logits)


@known(SOFTMAX, "sigmoid", "The sigmoid looks at each number alone; softmax lets the classes of a row compete.")
def sigmoid(logits):
    return 1 / (1 + np.exp(-np.clip(logits, -700, 700)))


@known(SOFTMAX, "cut to whole numbers", "Whole numbers that come in must not cut the probabilities: 0.3 is not 0.")
def cut(logits):
    return _soft(logits).astype(logits.dtype) if logits.dtype.kind == "i" else _soft(logits)


@known(
    SOFTMAX,
    "the first row's sum for all",
    "Each row is divided by its own sum: keepdims=True keeps it beside its row.",
)
def first_sum(logits):
    raised = np.exp(logits - np.max(logits, axis=1, keepdims=True))
    return raised / raised[0].sum()


@known(CROSS_ENTROPY, "the sum, not the mean", "Divide by the number of pictures: a larger batch is not a worse one.")
def summed(logits, labels):
    return float(-_picked(logits, labels).sum())


@known(CROSS_ENTROPY, "the sign is missing", "log of a probability is negative; the loss is −log p.")
def no_minus(logits, labels):
    return float(_picked(logits, labels).mean())


@known(
    CROSS_ENTROPY,
    "the log of 0",
    "A probability can be so small that it becomes 0, and its log −∞. Work with logits: z − max − log Σ exp(z − max).",
)
def log_of_zero(logits, labels):
    return float(-np.log(_soft(logits)[np.arange(len(labels)), labels]).mean())


@known(
    CROSS_ENTROPY,
    "a small number is added inside the log",
    "log(p + 1e-12) stops at 27.6 where the loss should go on to 1000, and learning stops with it.",
)
def padded_log(logits, labels):
    return float(-np.log(_soft(logits)[np.arange(len(labels)), labels] + 1e-12).mean())


@known(CROSS_ENTROPY, "large logits overflow", "np.exp(1000) is infinite: subtract each row's largest logit first.")
def loss_overflows(logits, labels):
    raised = np.exp(logits)
    return float(-np.log((raised / raised.sum(axis=1, keepdims=True))[np.arange(len(labels)), labels]).mean())


@known(CROSS_ENTROPY, "logarithm to base 10", "The natural logarithm is meant: np.log.")
def base_ten(logits, labels):
    return float(-_picked(logits, labels).mean() / np.log(10))


@known(CROSS_ENTROPY, "logarithm to base 2", "The natural logarithm is meant: np.log.")
def loss_base_two(logits, labels):
    return float(-_picked(logits, labels).mean() / np.log(2))


@known(
    CROSS_ENTROPY,
    "the mean over all classes",
    "Only the *true* class counts: one number for each picture, p[n, labels[n]].",
)
def every_class(logits, labels):
    return float(-_log_soft(logits).mean())


@known(CROSS_ENTROPY, "divided by the number of classes too", "The mean is over the pictures alone.")
def by_classes(logits, labels):
    return float(-_picked(logits, labels).mean() / logits.shape[1])


@known(
    CROSS_ENTROPY,
    "softmax over the batch",
    "Each row is a picture: its classes compete with each other, not with other pictures.",
)
def loss_over_the_batch(logits, labels):
    return float(-_log_soft(logits, axis=0)[np.arange(len(labels)), labels].mean())


@known(
    CROSS_ENTROPY,
    "the most probable class in place of the true one",
    "The loss asks how probable the *true* class was, whatever the model would have said.",
)
def of_the_largest(logits, labels):
    return float(-_log_soft(logits).max(axis=1).mean())


@known(
    CROSS_ENTROPY,
    "all labels for all pictures",
    "logits[:, labels] takes every label's column for every picture; logits[np.arange(N), labels] pairs them up.",
)
def all_pairs(logits, labels):
    return float(-_log_soft(logits)[:, labels].mean())


@known(CROSS_ENTROPY, "the loss of each picture", "One number for the whole batch is asked for: the mean.")
def one_each(logits, labels):
    return -_picked(logits, labels)


@known(CROSS_ENTROPY, "the probability itself", "The loss is −log p, not p and not 1 − p.")
def one_minus(logits, labels):
    return float(1 - np.exp(_picked(logits, labels)).mean())


@known(
    CROSS_ENTROPY,
    "logits without softmax",
    "−logit is no loss: the other classes' logits have to compete, log p = z − log Σ exp z.",
)
def bare_logits(logits, labels):
    return float(-np.asarray(logits, float)[np.arange(len(labels)), labels].mean())


@known(
    CROSS_ENTROPY,
    "softmax twice",
    "These are logits once through softmax and once more through log-softmax: once is enough.",
)
def twice(logits, labels):
    return float(-_picked(_soft(logits), labels).mean())


@known(
    CROSS_ENTROPY,
    "the log of a mean",
    "Take −log for each picture, then the mean; the log of the mean probability is another number.",
)
def log_of_mean(logits, labels):
    picked = _picked(logits, labels)
    top = picked.max()
    return float(-(top + np.log(np.exp(picked - top).mean())))
