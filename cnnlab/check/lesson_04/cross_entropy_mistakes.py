"""cross_entropy: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np

from cnnlab.check.cases import Mistake, known

CROSS_ENTROPY: list[Mistake] = []


def _log_p(logits, axis=1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def _picked(table, labels):
    return table[np.arange(len(labels)), labels]


@known(
    CROSS_ENTROPY,
    "the sum, not the mean",
    "The losses of the pictures are added up. Take their mean, or a larger batch would look worse.",
)
def _(logits, labels):
    return float(-_picked(_log_p(logits), labels).sum())


@known(
    CROSS_ENTROPY, "one loss for each picture", "You return a loss for each picture. One number is asked for: the mean."
)
def _(logits, labels):
    return -_picked(_log_p(logits), labels)


@known(
    CROSS_ENTROPY,
    "the log of 0",
    "The probability was rounded to 0, and log(0) is −infinity. Do not make p first: log p is the logit, minus the "
    "row's largest, minus the log of the sum of exp.",
)
def _(logits, labels):
    return float(-np.mean(np.log(_picked(np.exp(_log_p(logits)), labels))))


@known(
    CROSS_ENTROPY,
    "exp overflows",
    "exp(1000) is infinity, and infinity over infinity is NaN. Subtract the row's largest logit before exp.",
)
def _(logits, labels):
    raised = np.exp(logits)
    return float(-np.mean(np.log(_picked(raised / raised.sum(axis=1, keepdims=True), labels))))


@known(
    CROSS_ENTROPY,
    "log Σ exp, not steady",
    "The formula is right, and exp(1000) in it overflows. Take the row's largest logit off first, and add it again.",
)
def _(logits, labels):
    return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - _picked(logits, labels)))


@known(
    CROSS_ENTROPY,
    "a little added before the log",
    "log(p + 1e-12) never fails, but no loss can then be above 27.6, while here 2000 is right. Work with logits.",
)
def _(logits, labels):
    return float(-np.mean(np.log(_picked(np.exp(_log_p(logits)), labels) + 1e-12)))


@known(
    CROSS_ENTROPY,
    "p kept away from 0",
    "np.clip(p, 1e-15, 1) never fails, but no loss can then be above 34.5, while here 2000 is right. Work with logits.",
)
def _(logits, labels):
    return float(-np.mean(np.log(np.clip(_picked(np.exp(_log_p(logits)), labels), 1e-15, 1))))


@known(
    CROSS_ENTROPY,
    "one largest for all rows",
    "You subtract the largest number of the whole batch, so a row far below it is all zeros. Each row has its own.",
)
def _(logits, labels):
    shifted = logits - logits.max()
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - _picked(shifted, labels)))


@known(
    CROSS_ENTROPY,
    "the largest logit, taken for log Σ exp",
    "That is max − z[label]. It is nearly right where one logit towers above the rest, and only there.",
)
def _(logits, labels):
    return float(np.mean(logits.max(axis=1) - _picked(logits, labels)))


@known(
    CROSS_ENTROPY,
    "the largest is not added again",
    "You took the largest off inside the log, but not off z[label]. Use the same shifted logits in both places.",
)
def _(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - _picked(logits, labels)))


@known(CROSS_ENTROPY, "the minus is missing", "log p is below zero, and a loss is above: −log p.")
def _(logits, labels):
    return float(np.mean(_picked(_log_p(logits), labels)))


@known(
    CROSS_ENTROPY,
    "log to base 2",
    "You took the log to base 2 (bits). Cross-entropy here uses the natural one, np.log.",
)
def _(logits, labels):
    return float(-np.mean(_picked(_log_p(logits), labels)) / np.log(2))


@known(CROSS_ENTROPY, "log to base 10", "You took np.log10. The natural logarithm is np.log.")
def _(logits, labels):
    return float(-np.mean(_picked(_log_p(logits), labels)) / np.log(10))


@known(CROSS_ENTROPY, "the probability, no log", "You return a mean of probabilities. The loss is −log of them.")
def _(logits, labels):
    return float(np.mean(_picked(np.exp(_log_p(logits)), labels)))


@known(
    CROSS_ENTROPY, "1 − p", "1 − p can never be above 1. −log p grows without end as p goes to 0: that is the point."
)
def _(logits, labels):
    return float(np.mean(1 - _picked(np.exp(_log_p(logits)), labels)))


@known(
    CROSS_ENTROPY,
    "the log of the mean",
    "First −log for each picture, then the mean: you took the mean before the log.",
)
def _(logits, labels):
    return float(-np.log(np.mean(_picked(np.exp(_log_p(logits)), labels))))


@known(
    CROSS_ENTROPY,
    "no softmax",
    "You took the logits for probabilities. Logits do not add up to 1 and may be negative: softmax comes first.",
)
def _(logits, labels):
    return float(-np.mean(_picked(logits, labels)))


@known(
    CROSS_ENTROPY,
    "the log of a logit",
    "You took the log of the logits themselves, and those below zero have none. Softmax comes first.",
)
def _(logits, labels):
    return float(-np.mean(np.log(_picked(logits, labels))))


@known(
    CROSS_ENTROPY,
    "softmax twice",
    "The logits went through softmax, and the result through softmax again. The loss takes logits, so do it once.",
)
def _(logits, labels):
    return float(-np.mean(_picked(_log_p(np.exp(_log_p(logits))), labels)))


@known(CROSS_ENTROPY, "softmax along the wrong axis", "The sums run down the columns. One row is one picture: axis=1.")
def _(logits, labels):
    return float(-np.mean(_picked(_log_p(logits, 0), labels)))


@known(
    CROSS_ENTROPY,
    "softmax over the whole batch",
    "All numbers of the batch share one sum, so the pictures compete with each other. Each row has its own.",
)
def _(logits, labels):
    return float(-np.mean(_picked(_log_p(logits.reshape(1, -1)).reshape(logits.shape), labels)))


@known(
    CROSS_ENTROPY,
    "a table, not one number a picture",
    "table[:, labels] takes those *columns* for every picture. One number for each picture is "
    "table[np.arange(N), labels].",
)
def _(logits, labels):
    return float(-np.mean(_log_p(logits)[:, labels]))


@known(
    CROSS_ENTROPY, "rows for columns", "table[labels] takes *rows*. The label says which column: table[n, labels[n]]."
)
def _(logits, labels):
    return float(-np.mean(_log_p(logits)[labels % len(logits)]))


@known(
    CROSS_ENTROPY,
    "labels taken for rows of 0 and 1",
    "The labels were multiplied with the table, as if each were a row of zeros with a single 1. Here a label is one "
    "number, the index of the class.",
)
def _(logits, labels):
    return float(-np.mean((labels[:, None] * _log_p(logits)).sum(axis=1)))


@known(
    CROSS_ENTROPY,
    "the mean over classes too",
    "You divided by pictures times classes. Only the pictures are averaged: divide by N.",
)
def _(logits, labels):
    return float(-np.mean(np.eye(logits.shape[1])[labels] * _log_p(logits)))


@known(CROSS_ENTROPY, "every class counts", "You averaged over all classes. Only the label's own probability counts.")
def _(logits, labels):
    return float(-np.mean(_log_p(logits)))


@known(
    CROSS_ENTROPY, "the others count as well", "log(1 − p) of the wrong classes was added. Only −log p[label] counts."
)
def _(logits, labels):
    p, wanted = np.exp(_log_p(logits)), np.eye(logits.shape[1])[labels]
    return float(-np.mean((wanted * np.log(p) + (1 - wanted) * np.log(1 - p)).sum(axis=1)))


@known(
    CROSS_ENTROPY,
    "the best class, not the label",
    "You took the probability of the class that won. The loss looks at the *true* class, whether it won or not.",
)
def _(logits, labels):
    return float(-np.mean(_log_p(logits).max(axis=1)))


@known(CROSS_ENTROPY, "the first picture only", "Only the first picture counted. Take the mean over all of them.")
def _(logits, labels):
    return float(-_log_p(logits)[0, labels[0]])


@known(CROSS_ENTROPY, "labels from 1", "You looked up label − 1. Labels count from 0, as indices do in Python.")
def _(logits, labels):
    return float(-np.mean(_picked(_log_p(logits), labels.astype(int) - 1)))


@known(
    CROSS_ENTROPY,
    "entropy of the prediction",
    "−Σ p·log p says how unsure the network is and needs no labels. The loss asks how right it is: −log p[label].",
)
def _(logits, labels):
    log_p = _log_p(logits)
    return float(-np.mean((np.exp(log_p) * log_p).sum(axis=1)))


@known(CROSS_ENTROPY, "squared error", "That is the squared distance to 0 and 1. Cross-entropy is −log p[label].")
def _(logits, labels):
    wanted = np.eye(logits.shape[1])[labels]
    return float(np.mean(((np.exp(_log_p(logits)) - wanted) ** 2).sum(axis=1)))


@known(CROSS_ENTROPY, "the probabilities", "You return the probabilities. The loss is one number made of them.")
def _(logits, labels):
    return np.exp(_log_p(logits))


@known(CROSS_ENTROPY, "rounded", "You rounded. Keep all digits; whoever prints the number may round it.")
def _(logits, labels):
    return round(float(-np.mean(_picked(_log_p(logits), labels))), 4)


@known(CROSS_ENTROPY, "half of it", "Your loss is half as large as it should be: there is no ½ in cross-entropy.")
def _(logits, labels):
    return float(-np.mean(_picked(_log_p(logits), labels)) / 2)


@known(
    CROSS_ENTROPY, "writes into its input", "`logits -= …` changes the caller's array. Write logits − … into a new one."
)
def _(logits, labels):
    logits -= logits.max(axis=1, keepdims=True)
    return float(-np.mean(_picked(_log_p(logits), labels)))
