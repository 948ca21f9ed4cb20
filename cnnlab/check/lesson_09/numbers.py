"""one_cycle and accuracy_by_class."""

from __future__ import annotations

import math
import sys

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference, difference
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_09.numbers_mistakes import ACCURACY_BY_CLASS, ONE_CYCLE
from cnnlab.check.plain import is_tensor


def _rate(step: int, total: int, peak: float, warmup: float = 0.3) -> float:
    top = warmup * (total - 1)
    if step < top:
        return float(peak * step / top)
    return float(peak * (1 + math.cos(math.pi * (step - top) / (total - 1 - top))) / 2)


def _steps(total: int, peak: float, *more: float, named: bool = False) -> list[Case]:
    steps = sorted({0, 1, total // 4, total // 3, total // 2, 3 * total // 4, total - 2, total - 1})
    if named:
        return [Case((step, total), {"peak": peak, "warmup": more[0]}) for step in steps]
    return [Case((step, total, peak, *more)) for step in steps]


one_cycle = Exercise(
    name="one_cycle",
    lesson="09_cifar10",
    oracle=_rate,
    parts=[
        Part(
            "rise",
            1,
            lambda rng: [
                Case((0, 11, 1.0)),
                Case((1, 11, 1.0)),
                Case((3, 11, 1.0), note="the peak"),
                Case((2, 21, 0.5, 0.5)),
                Case((5, 100, float(rng.integers(1, 9)) / 10)),
                Case((29, 100, 0.4), note="just below the peak"),
                Case((5, 41, 0.01, 0.25), note="a small peak"),
            ],
            tests="7 steps on the way up: straight from 0 to the peak",
            look="at step 0 the rate is 0, at step W it is the peak, and between them it is a straight line.",
        ),
        Part(
            "fall",
            2,
            lambda rng: [
                Case((10, 11, 1.0), note="the last step"),
                Case((8, 11, 2.0)),
                *_steps(50, float(rng.integers(1, 9)) / 4),
                *_steps(37, 0.8, 0.2),
                *_steps(20, 3.0, 0.45, named=True),
                *_steps(16, 1.5, 0.0),
            ],
            tests="30 steps all along the way, other shares of warm-up, none at all",
            look="half a cosine, from the peak at step W to 0 at step total − 1.",
        ),
    ],
    wrong=ONE_CYCLE,
)


def _shares(predicted: object, actual: object, classes: int) -> object:
    right, of = np.zeros(classes), np.zeros(classes)
    p, a = np.asarray(predicted), np.asarray(actual)
    np.add.at(of, a, 1)
    np.add.at(right, a, p == a)
    with np.errstate(invalid="ignore"):
        found = right / of
    return sys.modules["torch"].from_numpy(found) if is_tensor(predicted) else found


def _judge(value: object, case: Case, expected: object) -> Difference | None:
    return difference(_shares(*case.args, **case.kwargs), value, single=is_tensor(value))


def _answers(rng: np.random.Generator) -> list[Case]:
    import torch

    def drawn(count, classes):
        actual = rng.integers(0, classes, count)
        return np.where(rng.random(count) < 0.5, actual, rng.integers(0, classes, count)), actual

    some = drawn(50, 4)
    return [
        Case((np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0]), 2)),
        Case((np.array([1, 1, 2]), np.array([1, 2, 2]), 3), note="class 0 does not occur"),
        Case((*some, 4), note="many of each"),
        Case((*(torch.from_numpy(x) for x in drawn(40, 3)), 3), note="tensors"),
        Case((*(torch.from_numpy(x) for x in drawn(9, 3)), 5), note="tensors; classes 3 and 4 do not occur"),
        Case((np.array([3, 3, 3]), np.array([0, 3, 0]), 4), note="class 3 is called too often"),
        Case(some, {"classes": 6}, note="classes by name"),
    ]


accuracy_by_class = Exercise(
    name="accuracy_by_class",
    lesson="09_cifar10",
    oracle=_shares,
    judge=_judge,
    parts=[
        Part(
            "shares",
            2,
            _answers,
            tests="7 lists of answers: arrays and tensors, classes that do not occur",
            look="of all pictures that *are* of class k, which share was called k?",
        )
    ],
    wrong=ACCURACY_BY_CLASS,
)
