"""normalise and confusion_matrix: arrays or tensors, the same kind out as in."""

from __future__ import annotations

import sys

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference, difference
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_08.numbers_mistakes import CONFUSION_MATRIX, NORMALISE
from cnnlab.check.plain import describe, is_tensor


def _like(array: np.ndarray, model: object) -> object:
    """The array as a tensor where the model is one."""
    return sys.modules["torch"].from_numpy(array) if is_tensor(model) else array


def _normalised(images: object) -> object:
    numbers = np.asarray(images).astype(np.float64) / 255
    return _like(((numbers - 0.5) / 0.5).astype(np.float32)[:, None], images)


def _judge_images(value: object, case: Case, expected: object) -> Difference | None:
    expected = _normalised(case.args[0])
    found = difference(expected, value, 1.0, True)
    if found is not None:
        return found
    kind = str(value.dtype).removeprefix("torch.")
    if kind != "float32":
        return Difference("dtype", f"The numbers are right, but they are {kind}; the network's own are float32.")
    return None


def _images(rng: np.random.Generator) -> list[Case]:
    import torch

    def pictures(count):
        return rng.integers(0, 256, (count, 28, 28)).astype(np.uint8)

    return [
        Case((np.full((1, 28, 28), 255, np.uint8),), note="white"),
        Case((np.zeros((1, 28, 28), np.uint8),), note="black"),
        Case((pictures(3),), note="an array"),
        Case((torch.from_numpy(pictures(2)),), note="a tensor"),
        Case((pictures(8)[::2],), note="every second picture"),
        Case((np.asfortranarray(pictures(4)),), note="another order in memory"),
    ]


normalise = Exercise(
    name="normalise",
    lesson="08_mnist",
    oracle=lambda images: _normalised(images),
    judge=_judge_images,
    parts=[
        Part(
            "pixels",
            1,
            _images,
            tests="6 batches of pictures, arrays and tensors",
            look="0 has to become −1 and 255 has to become 1, and a channel axis comes second.",
        )
    ],
    wrong=NORMALISE,
)


def _counted(predicted: object, actual: object, classes: int) -> object:
    found = np.zeros((classes, classes), np.int64)
    np.add.at(found, (np.asarray(actual), np.asarray(predicted)), 1)
    return _like(found, predicted)


def _judge_counts(value: object, case: Case, expected: object) -> Difference | None:
    found = difference(_counted(*case.args, **case.kwargs), value)
    if found is not None:
        return found
    if not (isinstance(value, np.ndarray) or is_tensor(value)) or "int" not in str(value.dtype):
        return Difference("dtype", f"Counts are whole numbers, and yours are {describe(value)} of {value.dtype}.")
    return None


def _pairs(rng: np.random.Generator) -> list[Case]:
    import torch

    def drawn(count, classes):
        return rng.integers(0, classes, count), rng.integers(0, classes, count)

    one = drawn(40, 3)
    return [
        Case((np.array([0, 1, 1]), np.array([0, 0, 1]), 2), note="three pictures, two classes"),
        Case((np.array([2, 0, 2, 1]), np.array([0, 2, 2, 0]), 3)),
        Case((*one, 3), note="many of each"),
        Case((*(torch.from_numpy(a) for a in drawn(30, 4)), 4), note="tensors"),
        Case((np.array([1, 1, 3]), np.array([3, 1, 1]), 6), note="classes 0, 4 and 5 do not occur"),
        Case((*drawn(100, 10), 10)),
        Case((np.array([], np.int64), np.array([], np.int64), 2), note="no pictures"),
        Case((np.ones(300, np.uint8), np.repeat([1, 0], [270, 30]).astype(np.uint8), 2), note="bytes; 270 of one kind"),
        Case(one, {"classes": 5}, note="classes by name"),
    ]


confusion_matrix = Exercise(
    name="confusion_matrix",
    lesson="08_mnist",
    oracle=lambda predicted, actual, classes: _counted(predicted, actual, classes),
    judge=_judge_counts,
    parts=[
        Part(
            "counts",
            2,
            _pairs,
            tests="9 lists of answers: arrays and tensors, classes that do not occur, no pictures at all",
            look="row i, column j holds how many pictures of class i were called j.",
        )
    ],
    wrong=CONFUSION_MATRIX,
)
