"""linear, softmax and cross_entropy: from features to scores, to probabilities, to one number that says how wrong."""

from __future__ import annotations

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints, large, pixels, sliced, transposed
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_04.cross_entropy_mistakes import CROSS_ENTROPY
from cnnlab.check.lesson_04.linear_mistakes import LINEAR
from cnnlab.check.lesson_04.softmax_mistakes import SOFTMAX


def _single(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    return tuple(array.astype(np.float32) for array in arrays)


def _linear_cases(rng: np.random.Generator) -> list[Case]:
    def case(draw, n, n_in, n_out, note=""):
        return Case((draw(rng, n, n_in), draw(rng, n_out, n_in), draw(rng, n_out)), note=note)

    return [
        Case((np.array([[1, 2]]), np.array([[3, 4]]), np.array([10])), note="one picture, two numbers in, one out"),
        Case((np.array([[1, 2]]), np.array([[3, 4], [5, -6]]), np.array([10, 20])), note="as many out as in"),
        case(ints, 1, 3, 2, "one picture"),
        case(ints, 2, 3, 4, "two pictures"),
        case(floats, 3, 3, 3, "as many pictures as numbers in and out"),
        case(floats, 3, 4, 2),
        case(floats, 5, 2, 4, "more pictures than numbers"),
        Case((ints(rng, 3, 2), floats(rng, 4, 2), floats(rng, 4)), note="whole numbers in, fractions in the weights"),
        Case((pixels(rng, 2, 6), ints(rng, 3, 6), ints(rng, 3)), note="bytes in"),
        Case(_single(floats(rng, 3, 2), floats(rng, 5, 2), floats(rng, 5)), note="float32"),
        case(transposed, 4, 3, 5, "transposed arrays"),
        case(sliced, 2, 5, 3, "slices of larger arrays"),
        case(large, 3, 2, 4, "large numbers"),
        case(floats, 2, 1, 3, "one number in"),
        case(floats, 4, 3, 1, "one number out"),
        Case((floats(rng, 3, 4), floats(rng, 2, 4), np.zeros(2)), note="biases of 0"),
        case(floats, 7, 12, 11, "larger than the others"),
    ]


linear = Exercise(
    name="linear",
    lesson="04_forward",
    oracle=lambda x, weight, bias: np.einsum("ni,oi->no", x, weight, dtype=np.float64) + bias,
    parts=[
        Part(
            "values",
            1,
            _linear_cases,
            tests="17 layers of 1 to 12 numbers, on 1 to 7 pictures",
            look="out[n, k] is bias[k] plus the products of row n of x with row k of weight, added up.",
        )
    ],
    wrong=LINEAR,
)


def _softmax(logits: np.ndarray) -> np.ndarray:
    logits = np.asarray(logits, np.float64)
    return np.exp(logits - np.logaddexp.reduce(logits, axis=1)[:, None])


def _logits(rng: np.random.Generator) -> list[tuple[np.ndarray, str]]:
    return [
        (np.array([[1.0, 3.0]]), "one picture, two classes"),
        (np.array([[0, 0], [0, 0]]), "all alike"),
        (floats(rng, 1, 3), "one picture"),
        (floats(rng, 2, 3), ""),
        (floats(rng, 3, 3), "as many pictures as classes"),
        (floats(rng, 5, 2), "more pictures than classes"),
        (rng.permutation(np.arange(-6, 6)).reshape(3, 4), "whole numbers"),
        (-np.abs(floats(rng, 3, 4)) - 1, "all below zero"),
        (floats(rng, 4, 3).astype(np.float32), "float32"),
        (transposed(rng, 3, 5), "a transposed array"),
        (sliced(rng, 2, 4), "a slice of a larger array"),
        (rng.uniform(-0.01, 0.01, (2, 3)), "nearly alike"),
        (np.array([[9.0, -8.0, 0.5], [-9.0, 8.0, 12.0]]), "nearly sure"),
        (floats(rng, 8, 10), "ten classes"),
    ]


def _large_logits() -> list[tuple[np.ndarray, list[int], str]]:
    """Logits, labels and a word on them."""
    return [
        (np.array([[1000.0, 0.0]]), [0], "a logit of 1000, and right"),
        (np.array([[0.0, 1000.0, -1000.0]]), [0], "a logit of 1000, and wrong"),
        (np.array([[-1000.0, -1001.0, -1002.0]]), [1], "all logits near −1000"),
        (np.array([[1000.0, 999.0, 1001.0], [1.0, 2.0, 0.5]]), [1, 2], "a tame row and a wild one"),
        (np.array([[1000.0, 999.0], [-1000.0, -1002.0]]), [1, 1], "each row has its own largest"),
        (np.array([[1000, -1000], [-1000, 1000], [0, 0]]), [1, 1, 0], "whole numbers"),
        (np.array([[100, 0, -100]], dtype=np.float32), [2], "float32, where exp ends at 88"),
        (np.array([[800.0, 800.0, 800.0, 0.0], [0.0, -750.0, -750.0, 1.0]]), [3, 1], "far from alike"),
        (np.array([[1000.0, 1000.0, 0.0], [999.5, 1000.0, 998.0], [-1000.0, -999.0, 1000.0]]), [2, 0, 1], ""),
    ]


softmax = Exercise(
    name="softmax",
    lesson="04_forward",
    oracle=_softmax,
    scale=lambda case: 1.0,
    parts=[
        Part(
            "values",
            1,
            lambda rng: [Case((logits,), note=note) for logits, note in _logits(rng)],
            tests="14 batches of 1 to 8 pictures and 2 to 10 classes",
            look="exp of every number, divided by the sum of exp over its own row; each row then adds up to 1.",
        ),
        Part(
            "large logits",
            1,
            lambda rng: [Case((logits,), note=note) for logits, _, note in _large_logits()],
            tests="9 batches with logits up to ±1000",
            look="take each row's own largest logit off that row before exp; the probabilities stay the same.",
        ),
    ],
    wrong=SOFTMAX,
)


def _cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    logits, losses = np.asarray(logits, np.float64), []
    for row, label in zip(logits, labels, strict=True):
        losses.append(np.logaddexp.reduce(row) - row[int(label)])
    return float(np.mean(losses))


def _loss_cases(rng: np.random.Generator) -> list[Case]:
    kinds = [np.int64, np.int64, np.int64, np.int32, np.uint8]
    cases = []
    for k, (logits, note) in enumerate(_logits(rng)):
        labels = rng.permutation(np.arange(len(logits)) % logits.shape[1]).astype(kinds[k % len(kinds)])
        cases.append(Case((logits, labels), note=note))
    sliced_labels = np.array([2, 0, 0, 1, 1, 2])[::2]
    return [
        Case((np.array([[1.0, 3.0]]), np.array([0])), note="one picture, and wrong"),
        Case((np.array([[1.0, 3.0]]), np.array([1])), note="one picture, and right"),
        *cases[1:],
        Case((floats(rng, 3, 4), sliced_labels), note="labels that are a slice of others"),
        Case((floats(rng, 4, 3), np.array([2, 2, 2, 2])), note="one class for all"),
        Case((floats(rng, 3, 1), np.array([0, 0, 0])), note="a single class"),
    ]


cross_entropy = Exercise(
    name="cross_entropy",
    lesson="04_forward",
    oracle=_cross_entropy,
    parts=[
        Part(
            "values",
            1,
            _loss_cases,
            tests="18 batches of 1 to 8 pictures and 1 to 10 classes",
            look="for each picture −log of the probability of its own label; then the mean over the pictures.",
        ),
        Part(
            "large logits",
            1,
            lambda rng: [Case((logits, np.array(labels)), note=note) for logits, labels, note in _large_logits()],
            tests="9 batches with logits up to ±1000",
            look="a probability that is rounded to 0 has no log. −log p is log Σ exp(z) − z[label]; write it so.",
        ),
    ],
    wrong=CROSS_ENTROPY,
)
