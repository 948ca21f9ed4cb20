"""confusion_matrix: how often each class was called what."""

from typing import Any

import numpy as np

from cnnlab.check.cases import Args, Case, Part
from cnnlab.check.compare import Difference, difference
from cnnlab.check.exercise import Exercise
from cnnlab.check.plain import describe, of_kind


def counted(predicted: Any, actual: Any, classes: int, kind: type = np.int64) -> Any:
    """Row i, column j: how many pictures of class i were called j. Arrays or tensors, as they came in."""
    found = np.zeros((classes, classes), kind)
    np.add.at(found, (np.asarray(actual), np.asarray(predicted)), 1)
    return of_kind(found, predicted)


def _judge(value: Any, case: Case, expected: Any) -> Difference | None:
    found = difference(expected, value)
    if found is None and "int" not in str(value.dtype):
        return Difference("dtype", f"Counts are whole numbers, and yours are {describe(value)} of {value.dtype}.")
    return found


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
        Case((np.array([4, 2, 4, 0]), np.array([1, 1, 0, 0]), 5), note="classes 2 and 4 are called, and never are"),
        Case((*drawn(100, 10), 10)),
        Case((*drawn(60, 13), 13), note="thirteen classes"),
        Case((np.ones(300, np.uint8), np.repeat([1, 0], [270, 30]).astype(np.uint8), 2), note="bytes; 270 of one kind"),
        Case((np.repeat([0, 1], [70_000, 9]), np.repeat([0, 1], [70_003, 6]), 2), note="70,000 of one kind"),
        Case(one, {"classes": 5}, note="classes by name"),
    ]


def _each_pair_once(a: Args) -> Any:
    found = np.zeros((a.classes, a.classes), np.int64)
    found[np.asarray(a.actual), np.asarray(a.predicted)] += 1
    return of_kind(found, a.predicted)


def _seen(a: Args) -> int:
    return 1 + max(np.asarray(labels).max(initial=0) for labels in (a.predicted, a.actual))


def _shares(a: Args) -> Any:
    found = np.asarray(a.right())
    return of_kind(found / np.maximum(found.sum(axis=1, keepdims=True), 1), a.predicted)


def _diagonal(a: Args) -> Any:
    return of_kind(np.diag(np.diag(np.asarray(a.right()))), a.predicted)


# fmt: off
WRONG = [
    ("rows and columns changed places", "Rows are what the pictures are, columns what they were called: found[actual, "
     "predicted].", lambda a: a.right().T),
    ("each pair counts once", "found[actual, predicted] += 1 writes each place once, however often the pair occurs. "
     "np.add.at, bincount, a loop count every one.", _each_pair_once),
    ("shares, not counts", "Divide later, if at all: the matrix holds how many, as whole numbers.", _shares),
    ("floats", "Counts are whole numbers: make the matrix with an integer dtype.", lambda a: 1.0 * a.right()),
    ("the right answers left out", "The diagonal counts too: it is what was called rightly.",
     lambda a: a.right() - _diagonal(a)),
    ("as many classes as occur", "The matrix has `classes` rows and columns, also for a class that no picture has.",
     lambda a: a.right(classes=_seen(a))),
    ("bytes overflow", "A count can be more than 255, or 127: use a wide integer type, int64.",
     lambda a: counted(a.predicted, a.actual, a.classes, np.int8)),
    ("right answers only", "Off the diagonal stand the confusions: those are what the matrix is for.", _diagonal),
    ("an array for tensors", "Tensors came in, so a tensor should come out.", lambda a: np.asarray(a.right())),
]

EXERCISE = Exercise(
    name="confusion_matrix", lesson="08_mnist", judge=_judge, wrong=WRONG,
    oracle=lambda predicted, actual, classes: counted(predicted, actual, classes),
    axes={"predicted": "picture", "actual": "picture", "": "row column"},
    parts=[Part("counts", 2, _pairs,
                "lists of answers: arrays and tensors, classes that do not occur, no pictures at all",
                "row i, column j holds how many pictures of class i were called j.")],
)
