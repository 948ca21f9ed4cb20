"""accuracy_by_class: of the pictures of each class, the share that is called rightly."""

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab.check.cases import Args, Case, Part
from cnnlab.check.compare import Difference, difference
from cnnlab.check.exercise import Exercise
from cnnlab.check.plain import is_tensor, of_kind


def shares(predicted: Any, actual: Any, classes: int) -> Any:
    """(classes,) floats, NaN for a class that does not occur; arrays or tensors, as they came in."""
    p, a = np.asarray(predicted), np.asarray(actual)
    found = [(p[a == k] == k).mean() if (a == k).any() else np.nan for k in range(classes)]
    return of_kind(np.array(found, float), predicted)


def _judge(value: Any, case: Case, expected: Any) -> Difference | None:
    return difference(expected, value, single=is_tensor(value))


def _answers(rng: np.random.Generator) -> list[Case]:
    import torch

    def drawn(count, classes):
        actual = rng.integers(0, classes, count)
        return np.where(rng.random(count) < 0.5, actual, rng.integers(0, classes, count)), actual

    def tensors(count, classes):
        return tuple(map(torch.from_numpy, drawn(count, classes)))

    some, bytes_ = drawn(50, 4), (labels.astype(np.uint8) for labels in drawn(700, 2))
    return [
        Case((np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0]), 2)),
        Case((np.array([1, 1, 2]), np.array([1, 2, 2]), 3), note="class 0 does not occur"),
        Case((np.array([4, 1, 4, 0]), np.array([1, 1, 0, 0]), 5), note="class 4 is called, and never is"),
        Case((*some, 4), note="many of each"), Case((*tensors(40, 3), 3), note="tensors"),
        Case((*tensors(9, 3), 5), note="tensors; classes 3 and 4 do not occur"),
        Case((np.array([3, 3, 3]), np.array([0, 3, 0]), 4), note="class 3 is called too often"),
        Case((*bytes_, 2), note="bytes; hundreds of each"),
        Case(some, {"classes": 6}, note="classes by name"),
    ]  # fmt: skip


def _each(a: Args, of: Callable) -> Any:
    """of(class, predicted, actual) for each class."""
    p, actual = np.asarray(a.predicted), np.asarray(a.actual)
    return of_kind(np.array([of(k, p, actual) for k in range(a.classes)], float), a.predicted)


def _filled(a: Args, number: float) -> Any:
    return of_kind(np.nan_to_num(np.asarray(a.right()), nan=number), a.predicted)


def _share(right: np.ndarray, chosen: np.ndarray) -> float:
    return right[chosen].mean() if chosen.any() else np.nan


# fmt: off
WRONG = [
    ("0 for a class that does not occur", "0 would say that every picture of it was called wrongly; there was none, so "
     "the answer is NaN.", lambda a: _filled(a, 0)),
    ("1 for a class that does not occur", "Nothing was asked, so nothing was right either: NaN.",
     lambda a: _filled(a, 1)),
    ("of what was called k", "That is the precision: of all pictures *called* k. The question is: of all pictures that "
     "*are* k.", lambda a: _each(a, lambda k, p, actual: _share(p == actual, p == k))),
    ("the others count too", "Only pictures that are of class k count for class k.",
     lambda a: _each(a, lambda k, p, actual: _share(p == actual, (actual == k) | (p == k)))),
    ("divided by all pictures", "Divide by the number of pictures of that class, not by all of them.",
     lambda a: _each(a, lambda k, p, actual: ((p == k) & (actual == k)).mean())),
    ("each class against the rest", "That counts the others that were rightly not called k, too. Look at pictures that "
     "*are* of class k alone.",
     lambda a: _each(a, lambda k, p, actual: ((p == k) == (actual == k)).mean())),
    ("counts, not shares", "Divide by how many pictures of the class there are.",
     lambda a: _each(a, lambda k, p, actual: ((p == k) & (actual == k)).sum())),
    ("percent", "A share between 0 and 1 is asked for.", lambda a: 100 * a.right()),
    ("only the classes that occur", "The result has `classes` entries, NaN for those that do not occur.",
     lambda a: (found := a.right())[found == found]),
]

EXERCISE = Exercise(
    name="accuracy_by_class", lesson="09_cifar10", oracle=shares, judge=_judge, wrong=WRONG,
    axes={"predicted": "picture", "actual": "picture", "": "class"},
    parts=[Part("shares", 2, _answers, "lists of answers: arrays and tensors, classes that do not occur",
                "of all pictures that *are* of class k, which share was called k?")],
)
