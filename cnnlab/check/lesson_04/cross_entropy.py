"""cross_entropy: one number that says how wrong the scores are, −log of the right class's probability, averaged."""

from functools import partial
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_04.softmax import large_logits, logits
from cnnlab.check.reading import recipes


def mean_loss(logits: np.ndarray, labels: np.ndarray) -> float:
    """The mean over the pictures of log Σ exp(z) − z[label], of logits (N, K), in float64."""
    logits = np.asarray(logits, np.float64)
    return float(np.mean([np.logaddexp.reduce(z) - z[int(label)] for z, label in zip(logits, labels, strict=True)]))


def _cases(rng: np.random.Generator) -> list[Case]:
    kinds, cases = [np.int64, np.int64, np.int64, np.int32, np.uint8], []
    for k, (z, note) in enumerate(logits(rng)):
        labels = rng.permutation(np.arange(len(z)) % z.shape[1]).astype(kinds[k % len(kinds)])
        cases.append(Case((z, labels), note=note))
    return [
        Case((np.array([[1.0, 3.0]]), np.array([0])), note="one picture, and wrong"),
        Case((np.array([[1.0, 3.0]]), np.array([1])), note="one picture, and right"),
        *cases[1:],
        Case((floats(rng, 3, 4), np.array([2, 0, 0, 1, 1, 2])[::2]), note="labels that are a slice of others"),
        Case((floats(rng, 4, 3), np.array([2, 2, 2, 2])), note="one class for all"),
    ]


def _top(z: np.ndarray) -> np.ndarray:
    return z.max(axis=1, keepdims=True)


def _spread(z: np.ndarray, off: Any = 0, axis: int | None = 1) -> np.ndarray:
    """log Σ exp(z − off) of each row, not steady where nothing is taken off."""
    return np.log(np.exp(z - off).sum(axis=axis, keepdims=True))


def _logs(z: np.ndarray, axis: int | None = 1) -> np.ndarray:
    """log p, steady, in the kind of numbers that came in; along another axis where asked, or all numbers at once."""
    top = z.max(axis=axis, keepdims=True)
    return z - top - _spread(z, top, axis)


def _loss(a, table=_logs, each=np.negative, put=lambda each, k: float(np.mean(each))) -> float | np.ndarray:
    """The label's number in each row of a table of log p (N, K), turned into a loss by `each`, together by `put`."""
    return put(each(table(a.logits)[np.arange(len(a.labels)), a.labels]), a.logits.shape[1])


def _y(a) -> np.ndarray:
    return np.eye(a.logits.shape[1])[a.labels]


def _p(a) -> np.ndarray:
    return np.exp(_logs(a.logits))


# fmt: off
EXPONENTS = range(5, 17)  # of what is added to p, or taken for its least
STEPS = {
    "table": {
        "softmax runs down the columns": lambda z: _logs(z, 0), "softmax is left out": np.asarray,
        "z[label] is left out": lambda z: _logs(z) - z, "z[label] is added": lambda z: _logs(z) - 2 * z,
        "the log of Σ exp(z) is left out": lambda z: z - np.exp(_spread(z)),
        "the log of Σ exp(z − max) is left out": lambda z: z - _top(z) - np.exp(_spread(z, _top(z))),
        "a picture counts 1 where its label is not the likeliest class":
            lambda z: -1.0 * (np.arange(z.shape[1]) != z.argmax(axis=1)[:, None]),
    },
    "each": {
        "p stands for −log p": np.exp, "−p stands for −log p": lambda logs: -np.exp(logs),
        "there is no minus": np.asarray, "the losses are squared": np.square,
        "1/p stands for −log p": lambda logs: np.exp(-logs),
        "log(1 + p) stands for log p": lambda logs: -np.log1p(np.exp(logs)),
        **{f"1e-{k} is added to p": lambda logs, e=10.0**-k: -np.log(np.exp(logs) + e) for k in EXPONENTS},
        **{f"p is kept 1e-{k} away from 0 and 1": lambda logs, e=10.0**-k: -np.log(np.exp(logs).clip(e, 1 - e))
           for k in EXPONENTS},
    },
    "put": recipes.FOR_MEAN | {"the sum is divided by the number of classes": lambda each, k: sum(each) / k},
}
WRONG = [
    ("the sum, not the mean", "The losses of the pictures are added up. Take their mean, or a larger batch would look "
     "worse.", lambda a: a.right() * len(a.labels)),
    ("one loss for each picture", "You return a loss for each picture. One number is asked for: the mean.",
     partial(_loss, put=lambda losses, k: losses)),
    ("the log of 0", "The probability was rounded to 0, and log(0) is −infinity. Do not make p first: log p is the "
     "logit, minus the row's largest, minus the log of the sum of exp.",
     partial(_loss, each=lambda logs: -np.log(np.exp(logs)))),
    ("0 times the log of 0", "A row of zeros and a single 1, times log p: where p was rounded to 0, that is 0 times "
     "−infinity, and NaN. Do not make p first: log p is the logit, minus the log of the sum of exp.",
     lambda a: float(-np.mean((_y(a) * np.log(_p(a))).sum(axis=1)))),
    ("exp overflows", "exp(1000) is infinity, and infinity over infinity is NaN. Subtract the row's largest logit "
     "before exp.", partial(_loss, table=lambda z: np.log(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)))),
    ("log Σ exp, not steady", "The formula is right, and exp(1000) in it overflows. Take the row's largest logit off "
     "first, and add it again.", partial(_loss, table=lambda z: z - _spread(z))),
    ("a little added before the log", "log(p + 1e-12) never fails, but no picture's loss can then be above 27.7, and a "
     "logit of 1000 can make it 1000. Work with logits.",
     partial(_loss, each=lambda logs: -np.log(np.exp(logs) + 1e-12))),
    ("p kept away from 0", "np.clip(p, 1e-15, 1) never fails, but no picture's loss can then be above 34.6, and a "
     "logit of 1000 can make it 1000. Work with logits.",
     partial(_loss, each=lambda logs: -np.log(np.clip(np.exp(logs), 1e-15, 1)))),
    ("one largest for all rows", "You subtract the largest number of the whole batch, so a row far below it is all "
     "zeros. Each row has its own.", partial(_loss, table=lambda z: z - z.max() - _spread(z, z.max()))),
    ("the largest logit, taken for log Σ exp", "That is max − z[label]. It is nearly right where one logit towers "
     "above the rest, and only there.", partial(_loss, table=lambda z: z - _top(z))),
    ("the largest is not added again", "You took the largest off inside the log, but not off z[label]. Use the same "
     "shifted logits in both places.", partial(_loss, table=lambda z: z - _spread(z, _top(z)))),
    ("the minus is missing", "log p is below zero, and a loss is above: −log p.", lambda a: -a.right()),
    ("log to base 2", "You took the log to base 2 (bits). Cross-entropy here uses the natural one, np.log.",
     lambda a: a.right() / np.log(2)),
    ("log to base 10", "You took np.log10. The natural logarithm is np.log.", lambda a: a.right() / np.log(10)),
    ("the probability, no log", "You return a mean of probabilities. The loss is −log of them.",
     partial(_loss, each=np.exp)),
    ("1 − p", "1 − p can never be above 1. −log p grows without end as p goes to 0: that is the point.",
     partial(_loss, each=lambda logs: 1 - np.exp(logs))),
    ("the log of the mean", "First −log for each picture, then the mean: you took the mean before the log.",
     lambda a: float(-np.log(_loss(a, each=np.exp)))),
    ("no softmax", "You took the logits for probabilities. Logits do not add up to 1 and may be negative: softmax "
     "comes first.", partial(_loss, table=np.asarray)),
    ("the log of a logit", "You took the log of the logits themselves, and those below zero have none. Softmax comes "
     "first.", partial(_loss, table=np.log)),
    ("softmax twice", "The logits went through softmax, and the result through softmax again. The loss takes logits, "
     "so do it once.", lambda a: a.right(logits=_p(a))),
    ("softmax along the wrong axis", "The sums run down the columns. One row is one picture: axis=1.",
     partial(_loss, table=lambda z: _logs(z, 0))),
    ("softmax over the whole batch", "All numbers of the batch share one sum, so the pictures compete with each other. "
     "Each row has its own.", partial(_loss, table=lambda z: _logs(z, None))),
    ("a table, not one number a picture", "table[:, labels] takes those *columns* for every picture. One number for "
     "each picture is table[np.arange(N), labels].", lambda a: float(-np.mean(_logs(a.logits)[:, a.labels]))),
    ("rows for columns", "table[labels] takes *rows*. The label says which column: table[n, labels[n]].",
     lambda a: float(-np.mean(_logs(a.logits)[a.labels % len(a.logits)]))),
    ("labels taken for rows of 0 and 1", "The labels were multiplied with the table, as if each were a row of zeros "
     "with a single 1. Here a label is one number, the index of the class.",
     lambda a: float(-np.mean((a.labels[:, None] * _logs(a.logits)).sum(axis=1)))),
    ("the mean over classes too", "You divided by pictures times classes. Only the pictures are averaged: divide by N.",
     lambda a: a.right() / a.logits.shape[1]),
    ("every class counts", "You averaged over all classes. Only the label's own probability counts.",
     lambda a: float(-np.mean(_logs(a.logits)))),
    ("the others count as well", "log(1 − p) of the wrong classes was added. Only −log p[label] counts.",
     lambda a: float(-np.mean((_y(a) * np.log(_p(a)) + (1 - _y(a)) * np.log(1 - _p(a))).sum(axis=1)))),
    ("the best class, not the label", "You took the probability of the class that won. The loss looks at the *true* "
     "class, whether it won or not.", lambda a: a.right(labels=a.logits.argmax(axis=1))),
    ("the first picture only", "Only the first picture counted. Take the mean over all of them.",
     lambda a: a.right(logits=a.logits[:1], labels=a.labels[:1])),
    ("labels from 1", "You looked up label − 1. Labels count from 0, as indices do in Python.",
     lambda a: a.right(labels=a.labels.astype(int) - 1)),
    ("entropy of the prediction", "−Σ p·log p says how unsure the network is and needs no labels. The loss asks how "
     "right it is: −log p[label].", lambda a: float(-np.mean((_p(a) * _logs(a.logits)).sum(axis=1)))),
    ("squared error", "That is the squared distance to 0 and 1. Cross-entropy is −log p[label].",
     lambda a: float(np.mean(((_p(a) - _y(a)) ** 2).sum(axis=1)))),
    ("the probabilities", "You return the probabilities. The loss is one number made of them.", _p),
    ("rounded", "You rounded. Keep all digits; whoever prints the number may round it.", lambda a: round(a.right(), 4)),
    ("half of it", "Your loss is half as large as it should be: there is no ½ in cross-entropy.",
     lambda a: a.right() / 2),
    ("writes into its input", "`logits -= …` changes the caller's array. Write logits − … into a new one.",
     lambda a: (np.subtract(a.logits, _top(a.logits), out=a.logits), a.right())[1]),
]

EXERCISE = Exercise(
    name="cross_entropy", lesson="04_forward", oracle=mean_loss, scale=lambda case: 1.0, wrong=WRONG,
    read=recipes.reader(_loss, STEPS), axes={"logits": "picture class", "labels": "picture"},
    parts=[
        Part("values", 1, _cases, "batches of 1 to 12 pictures and 1 to 10 classes",
             "for each picture −log of the probability of its own label; then the mean over the pictures."),
        Part("large logits", 1, lambda rng: [Case((z, np.array(own)), note=note) for z, own, note in large_logits(rng)],
             "batches with logits up to ±1000",
             "a probability that is rounded to 0 has no log. −log p is log Σ exp(z) − z[label]; write it so."),
    ],
)
