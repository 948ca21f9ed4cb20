"""Other steps in a recipe: which one of those that are often taken, or which two, give the learner's numbers?"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from cnnlab.check.compare import holds_single
from cnnlab.check.reading.places import CLOSE_FLOAT32, close
from cnnlab.check.subject import Subject
from cnnlab.check.verdict import Attempt

ENOUGH_FOR_ONE, ENOUGH_FOR_TWO = 2, 6  # numbers that have to agree
Steps = Mapping[str, Mapping[str, Any]]
# What often stands in the place of a step that many recipes have.
# fmt: off
FOR_RELU: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "there is no ReLU": np.asarray,
    "ReLU gives 1 for what is above 0": lambda z: 1.0 * (z > 0),
    "ReLU ends at 6": lambda z: np.clip(z, 0, 6),
    "ReLU begins at 1": lambda z: np.where(z >= 1, z, 0),
    "ReLU is smooth, log(1 + eᶻ)": lambda z: np.logaddexp(z, 0),
    "tanh stands for ReLU": np.tanh,
    "ReLU keeps sizes, without the sign": np.abs,
    **{f"ReLU leaks, with a slope of {slope}": lambda z, slope=slope: np.where(z > 0, z, slope * z)
       for slope in (0.001, 0.01, 0.1, 0.2, 0.3)},
}
FOR_MEAN: dict[str, Callable] = {  # of one number for each picture; what else is handed over does not matter
    "the sum is taken, not the mean": lambda each, *more: np.sum(each),
    "the first one counts in place of the mean": lambda each, *more: each[0],
    "the last one counts in place of the mean": lambda each, *more: each[-1],
    "the largest is taken, not the mean": lambda each, *more: np.max(each),
    "the smallest is taken, not the mean": lambda each, *more: np.min(each),
    "the median is taken, not the mean": lambda each, *more: np.median(each),
    "the first one is divided by N": lambda each, *more: each[0] / len(each),
    "the sum is divided by N − 1": lambda each, *more: np.sum(each) / (len(each) - 1),
    "the mean is divided by N again": lambda each, *more: np.mean(each) / len(each),
}
# fmt: on


def reader(compute: Callable, steps: Steps) -> Callable[[list[Attempt], Subject], list[str]]:
    """A function for Exercise.read.

    compute(args, **chosen) is the right computation where nothing is chosen. steps: for each of its keywords what may
    stand there in place of the right step, by words that say so ("the windows are averaged").
    """

    def read(failing: list[Attempt], subject: Subject) -> list[str]:
        words = other_steps(failing, compute, steps)
        return [f"Yours is what comes out when {words}."] if words else []

    return read


def other_steps(failing: Sequence[Attempt], compute: Callable, steps: Steps) -> str:
    """The other step, or the two, with which every failing case gives the learner's numbers; "" where none do."""
    got = [attempt.bare for attempt in failing]
    arrays = [np.asarray(one) for one in got if isinstance(one, np.ndarray | float | int)]
    if len(arrays) < len(got) or any(array.dtype.kind not in "iuf" for array in arrays):
        return ""
    if any(close(np.asarray(attempt.expected), one) for attempt, one in zip(failing, arrays, strict=True)):
        return ""  # it is not the numbers that are wrong
    count = sum(int(np.isfinite(array).sum()) for array in arrays)
    ones = [(step, words) for step, others in steps.items() for words in others]
    twos = [pair for pair in itertools.combinations(ones, 2) if pair[0][0] != pair[1][0]]
    tried = [(one,) for one in ones] if count >= ENOUGH_FOR_ONE else []
    for chosen in tried + (twos if count >= ENOUGH_FOR_TWO else []):
        how = {step: steps[step][words] for step, words in chosen}
        if all(_comes_out(attempt, array, compute, how) for attempt, array in zip(failing, arrays, strict=True)):
            return ", and ".join(words for _, words in chosen)
    return ""


def _comes_out(attempt: Attempt, got: np.ndarray, compute: Callable, how: Mapping[str, Any]) -> bool:
    try:
        with np.errstate(all="ignore"):
            found = np.asarray(compute(attempt.args, **how), dtype=np.float64)
    except (ArithmeticError, LookupError, TypeError, ValueError):  # it does not fit these arguments
        return False
    finite = np.isfinite(found)
    if found.shape != got.shape or not np.array_equal(finite, np.isfinite(got)):
        return False
    return close(found[finite], got[finite], CLOSE_FLOAT32 if holds_single(attempt.case.args) else None)
