"""relu, leaky_relu and sigmoid: one number in, one number out, in arrays of any shape."""

from __future__ import annotations

import dataclasses

import numpy as np

from cnnlab.check.compare import Difference, difference
from cnnlab.check.draw import floats, ints, large, sliced, transposed
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_03.activations_mistakes import LEAKY_RELU, RELU
from cnnlab.check.lesson_03.sigmoid_mistakes import SIGMOID
from cnnlab.check.subject import Answer, Subject, Trouble


def _called(subject: Subject, case: Case) -> Answer:
    """A plain call; where one number went in, a bare number may come out."""
    answer = subject.call(*case.args, **case.kwargs)
    if np.ndim(case.args[0]) == 0 and type(answer.value) in (int, float):
        return dataclasses.replace(answer, value=np.array(answer.value))
    return answer


def _called_in_silence(subject: Subject, case: Case) -> Answer:
    """The same, but a warning counts as an error."""
    answer = _called(subject, case)
    if answer.trouble is None and answer.warnings:
        return dataclasses.replace(answer, trouble=Trouble("raised", "RuntimeWarning", answer.warnings[0]))
    return answer


def _every_shape(rng: np.random.Generator, *more: object) -> list[Case]:
    """One number, a row, a map, a batch, more axes than anybody needs; more: further arguments of each call."""
    shapes = [
        Case((np.array(-3.0), *more), note="a single number, an array without axes"),
        Case((np.array(5), *more), note="a single whole number"),
        Case((ints(rng, 4), *more), note="a row"),
        Case((ints(rng, 2, 3), *more)),
        Case((floats(rng, 5, 1), *more), note="a single column"),
        Case((floats(rng, 3, 4, 2), *more)),
        Case((floats(rng, 2, 3, 4, 5), *more), note="a batch of maps"),
        Case((floats(rng, 2, 1, 3, 1, 2), *more), note="five axes"),
        Case((transposed(rng, 3, 5), *more), note="a transposed array"),
        Case((sliced(rng, 3, 4), *more), note="a slice of a larger array"),
        Case((floats(rng, 3, 4).astype(np.float32), *more), note="float32"),
        Case((floats(rng, 11, 13), *more), note="larger than the others"),
    ]
    return shapes


def _relu_cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case((np.array([-2, -1, 0, 1, 2]),)),
        Case((np.array([3.0, -0.5, 0.25, -4.0]),)),
        Case((np.array([[-1, 2], [3, -4]]),)),
        *_every_shape(rng),
        Case((-abs(floats(rng, 3, 2)),), note="all below zero"),
        Case((abs(floats(rng, 2, 3)),), note="all above zero"),
        Case((large(rng, 3, 4),), note="large numbers"),
        Case((rng.uniform(-0.01, 0.01, (3, 4)),), note="very small numbers"),
        Case((np.array([-1e12, 1e12, -1e-12, 1e-12]),), note="huge and tiny"),
    ]


relu = Exercise(
    name="relu",
    lesson="03_pooling",
    argument_names=("x",),
    oracle=lambda x: np.clip(x, 0, None),
    observe=_called,
    parts=[
        Part(
            "values",
            1,
            _relu_cases,
            tests="20 arrays, of no axis to five",
            look="what is below zero becomes 0, everything else stays as it is, one number at a time.",
        )
    ],
    mistakes=RELU,
)


def _leaky(x: np.ndarray, slope: float = 0.01) -> np.ndarray:
    return np.clip(x, 0, None) + slope * np.clip(x, None, 0)


def _leaky_cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case((np.array([-200, -100, 0, 100, 200]),), note="the slope is left out"),
        Case((np.array([8, -4, 2, -1]), 0.5)),
        Case((np.array([[-1.0, 2.0], [3.0, -4.0]]),), {"slope": 0.25}),
        Case((np.array([3, -2, 5, -7]),), {"slope": 0.1}, note="whole numbers in, fractions out"),
        *_every_shape(rng),
        *_every_shape(rng, 0.3)[2:8:2],
        Case((-abs(floats(rng, 3, 2)), 0.2), note="all below zero"),
        Case((abs(floats(rng, 2, 3)), 0.2), note="all above zero"),
        Case((large(rng, 3, 4),), {"slope": 0.05}, note="large numbers"),
        Case((rng.uniform(-0.01, 0.01, (3, 4)), 0.9), note="very small numbers"),
        Case((floats(rng, 2, 3), 0.001), note="hardly any slope"),
    ]


leaky_relu = Exercise(
    name="leaky_relu",
    lesson="03_pooling",
    argument_names=("x", "slope"),
    oracle=_leaky,
    observe=_called,
    parts=[
        Part(
            "values",
            1,
            _leaky_cases,
            tests="24 arrays, of no axis to five, with several slopes and with none",
            look="above zero nothing changes; below zero a number is multiplied by the slope.",
        )
    ],
    mistakes=LEAKY_RELU,
)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 + 0.5 * np.tanh(0.5 * np.asarray(x, np.float64))


def _absolutely(value: object, case: Case) -> Difference | None:
    """Wherever the result lies between 0 and 1, the same error counts."""
    single = case.args[0].dtype == np.float32
    return difference(np.asarray(_sigmoid(*case.args)), value, 1.0, single)


def _sigmoid_cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case((np.array([-2, -1, 0, 1, 2]),)),
        Case((np.array([0.5, -0.5, 4.0, -6.0]),)),
        *_every_shape(rng),
        Case((np.array([-1000.0, 1000.0]),), note="far out"),
        Case((np.array([-1000, -800]),), note="far out to the left, whole numbers"),
        Case((np.array([[900.0], [1000.0]]),), note="far out to the right"),
        Case((np.array([[1000.0, -3.0], [0.25, -1000.0], [-700.0, 40.0]]),), note="near and far in one array"),
        Case((np.array(-1000.0),), note="a single number, far out"),
        Case((np.array([9.0, -9.0, 12.0, -12.0, 17.0, -17.0]),), note="where it is nearly 0 or 1"),
        Case((rng.uniform(-0.01, 0.01, (3, 4)),), note="very small numbers"),
        Case((np.array([60.0, -70.0, 1.5], np.float32),), note="float32"),
        Case((-abs(floats(rng, 3, 2)),), note="all below zero"),
        Case((abs(floats(rng, 2, 3)),), note="all above zero"),
    ]


sigmoid = Exercise(
    name="sigmoid",
    lesson="03_pooling",
    argument_names=("x",),
    oracle=_sigmoid,
    judge=_absolutely,
    observe=_called_in_silence,
    parts=[
        Part(
            "values",
            1,
            _sigmoid_cases,
            tests="24 arrays, of no axis to five, up to ±1000, without a warning",
            look="sigmoid(0) is 0.5, far to the right it is 1, far to the left it is 0.",
        )
    ],
    mistakes=SIGMOID,
)
