"""softmax and cross_entropy: from logits to probabilities, and to one number."""

from __future__ import annotations

import numpy as np

from cnnlab.check.draw import floats, ints, sliced, transposed
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_04.scores_mistakes import CROSS_ENTROPY, SOFTMAX


def log_probabilities(logits: np.ndarray) -> np.ndarray:
    """log softmax of each row of logits (N, K), by numpy's own stable logarithm of a sum."""
    logits = np.asarray(logits, np.float64)
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)


def _small(rng: np.random.Generator) -> list[Case]:
    return [
        Case((np.array([[0.1, 0.2]]),), note="the lesson's example"),
        Case((np.array([[0.0, 0.0, 0.0]]),), note="three alike"),
        Case((np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.0]]),)),
        Case((np.array([[1, 0, 2], [-1, 3, 0]]),), note="whole numbers"),
        Case((floats(rng, 4, 3),)),
        Case((floats(rng, 2, 5).astype(np.float32),)),
        Case((floats(rng, 3, 1),), note="one class"),
        Case((sliced(rng, 4, 3),), note="a slice of a larger array"),
        Case((transposed(rng, 3, 4),), note="a transposed array"),
        Case((floats(rng, 5, 5),), note="as many pictures as classes"),
    ]


def _large(rng: np.random.Generator) -> list[Case]:
    return [
        Case((np.array([[1000.0, 1001.0]]),)),
        Case((np.array([[-1000.0, -1001.0, -1000.5]]),)),
        Case((np.array([[1000.0, -1000.0], [0.0, 1.0]]),), note="one row large, one small"),
        Case((np.array([[-1000.0, -999.0], [1000.0, 999.0]]),), note="rows far apart"),
        Case((ints(rng, 3, 4) * 50,), note="large whole numbers"),
        Case((np.array([[700.0, 0.0], [-700.0, 710.0]]),)),
        Case((np.array([[90.0, 100.0], [-100.0, -95.0]], np.float32),), note="float32 overflows sooner"),
    ]


softmax = Exercise(
    name="softmax",
    lesson="04_forward",
    argument_names=("logits",),
    oracle=lambda logits: np.exp(log_probabilities(logits)),
    parts=[
        Part(
            "rows",
            1,
            _small,
            tests="10 batches of logits: whole numbers, fractions, float32, slices",
            look="every row is a picture: its probabilities are positive and add up to 1.",
        ),
        Part(
            "large logits",
            1,
            _large,
            tests="7 batches with logits up to ±1000",
            look="subtract each row's largest number before np.exp: nothing changes, and nothing overflows.",
        ),
    ],
    mistakes=SOFTMAX,
)


def _loss(logits: np.ndarray, labels: np.ndarray) -> float:
    return float(-np.mean([row[label] for row, label in zip(log_probabilities(logits), labels, strict=True)]))


def _labelled(rng: np.random.Generator) -> list[Case]:
    def labels(n, k):
        return rng.integers(0, k, n)

    return [
        Case((np.array([[0.1, 0.2]]), np.array([0])), note="the lesson's example"),
        Case((np.array([[1.0, 2.0, 0.5]]), np.array([2]))),
        Case((np.array([[2.0, 0.0], [0.0, 1.0], [1.0, 3.0]]), np.array([0, 0, 1]))),
        Case((np.array([[1, 0, 2], [-1, 3, 0]]), np.array([1, 1])), note="whole numbers"),
        Case((floats(rng, 4, 3), labels(4, 3))),
        Case((floats(rng, 3, 5).astype(np.float32), labels(3, 5))),
        Case((floats(rng, 4, 4), np.array([3, 0, 0, 1])), note="as many pictures as classes"),
        Case((sliced(rng, 5, 3), labels(5, 3).astype(np.uint8)), note="a slice; labels as bytes"),
        Case((floats(rng, 7, 2), labels(7, 2))),
    ]


def _large_labelled(rng: np.random.Generator) -> list[Case]:
    return [
        Case((np.array([[1000.0, 0.0]]), np.array([1])), note="certain, and wrong: the loss is 1000"),
        Case((np.array([[1000.0, 0.0]]), np.array([0])), note="certain, and right: the loss is 0"),
        Case((np.array([[-1000.0, -999.0], [1000.0, 999.0]]), np.array([0, 1]))),
        Case((np.array([[800.0, -800.0, 0.0], [0.0, 0.1, 0.2]]), np.array([1, 2]))),
        Case((np.array([[50.0, 0.0], [0.0, 40.0]]), np.array([0, 0])), note="nearly 0"),
        Case((ints(rng, 4, 3) * 30, rng.integers(0, 3, 4)), note="large whole numbers"),
        Case((np.array([[0.0, 100.0, -50.0]], np.float32), np.array([2])), note="float32 overflows sooner"),
    ]


cross_entropy = Exercise(
    name="cross_entropy",
    lesson="04_forward",
    argument_names=("logits", "labels"),
    oracle=_loss,
    parts=[
        Part(
            "values",
            1,
            _labelled,
            tests="9 batches of logits with their labels",
            look="−log of the probability of the true class, and the mean of that over the batch.",
        ),
        Part(
            "large logits",
            1,
            _large_labelled,
            tests="7 batches with logits up to ±1000: certain and right, certain and wrong",
            look="do not take the log of a probability that may be 0: log p = z − max − log Σ exp(z − max).",
        ),
    ],
    mistakes=CROSS_ENTROPY,
)
