"""Riddles: what a known mistake makes of one case, and several names for it, of which one is right."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from cnnlab.check.cases import Mistake
from cnnlab.check.compare import CLOSE_FLOAT32
from cnnlab.check.exercise import Bench, Exercise, bench_for
from cnnlab.check.plain import same
from cnnlab.check.verdict import Attempt, Failure, Kind, Verdict

CHOICES = 4
TOLD_BY_NUMBERS = (Kind.VALUES, Kind.SHAPE)
TITLES = ("right", "theirs")


@dataclass(frozen=True)
class Riddle:
    """A verdict on somebody who made `mistake`; of the `options`, that one alone gives these numbers."""

    verdict: Verdict
    mistake: Mistake
    options: tuple[Mistake, ...]


def riddles(exercise: Exercise, seed: int = 0) -> Iterator[Riddle]:
    """Riddles without end: every mistake of the table that has one, in an order drawn from the seed, then again.

    Raises LookupError where no mistake of the exercise can be told from others by the numbers of one case.
    """
    rng = np.random.default_rng(seed)
    benches = [bench_for(exercise, part, exercise.seed(part)) for part in exercise.parts]
    for turn in itertools.count():
        found = 0
        for number in rng.permutation(len(exercise.mistakes)):
            riddle = _riddle(benches, int(number), rng)
            if riddle is not None:
                found += 1
                yield riddle
        if not found and not turn:
            raise LookupError(f"the known mistakes of {exercise.name} can not be told apart by numbers alone")


def _riddle(benches: list[Bench], number: int, rng: np.random.Generator) -> Riddle | None:
    """The first case, the smallest first, in which this mistake can be told from enough others; None where none can."""
    for bench in benches:
        for k in range(len(bench.cases)):
            made = bench.mistaken(number, k)
            if not _shows(made):
                continue
            others = [m for m in range(len(bench.exercise.mistakes)) if m != number and _differs(bench, m, k, made)]
            if len(others) < CHOICES - 1:
                continue
            picked = sorted(rng.permutation(others), key=lambda m: not _alike(bench.mistaken(int(m), k), made))
            numbers = [number, *(int(m) for m in picked[: CHOICES - 1])]
            options = tuple(bench.exercise.mistakes[m] for m in rng.permutation(numbers))
            verdict = Verdict(bench.exercise, bench.part, len(bench.cases), k, _of_somebody(made.failed))
            return Riddle(verdict, bench.exercise.mistakes[number], options)
    return None


def _of_somebody(failure: Failure) -> Failure:
    """The failure, told of another person."""
    sentence = failure.sentence.replace("yours", "theirs").replace("Yours", "Theirs")
    found = failure.difference
    return replace(failure, sentence=sentence, difference=None if found is None else replace(found, titles=TITLES))


def _shows(attempt: Attempt) -> bool:
    return attempt.failure is not None and attempt.failure.kind in TOLD_BY_NUMBERS


def _differs(bench: Bench, m: int, k: int, made: Attempt) -> bool:
    """Does mistake m fail here, too, and with other numbers?"""
    other = bench.mistaken(m, k)
    return _shows(other) and not same(other.got, made.got, CLOSE_FLOAT32)


def _alike(one: Attempt, other: Attempt) -> bool:
    """Results of the same shape: the ones that are hard to tell apart."""
    return np.shape(one.got) == np.shape(other.got) if isinstance(one.got, np.ndarray) else True
