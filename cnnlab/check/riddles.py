"""Riddles: what a known mistake makes of one case, and several names for it, of which one is right.

`guess_the_mistake` and `cnnlab review` ask them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cnnlab.check.cases import Mistake
from cnnlab.check.compare import CLOSE_FLOAT32, difference
from cnnlab.check.exercise import Bench, Exercise, bench_for
from cnnlab.check.plain import same
from cnnlab.check.report import case_shown
from cnnlab.check.verdict import Attempt, Failure, Kind, Verdict

CHOICES = 4
TOLD_BY_NUMBERS = (Kind.VALUES, Kind.SHAPE)
TITLES = ("right", "theirs")


@dataclass(frozen=True)
class Riddle:
    """A verdict on somebody who made `mistake`; of the `options`, that one alone gives this on the case."""

    verdict: Verdict
    mistake: Mistake
    options: tuple[Mistake, ...]

    @property
    def names(self) -> list[str]:
        return [mistake.name for mistake in self.options]

    @property
    def answer(self) -> str:
        return f"{self.mistake.name}. {self.mistake.says}"

    def told(self, labels: str) -> str:
        """In letters: what somebody's function did, and the names to choose from, each behind its label."""
        names = "\n".join(f"  {label}  {name}" for label, name in zip(labels, self.names, strict=False))
        return f"Somebody's {case_shown(self.verdict)}\n\nWhich mistake is it?\n{names}"


def riddles(exercise: Exercise, seed: int = 0) -> Iterator[Riddle]:
    """Riddles without end, told by numbers: every mistake of the table that has one, in an order drawn from the seed,
    then again.

    Raises LookupError where no mistake of the exercise can be told from others by the numbers of one case.
    """
    rng = np.random.default_rng(seed)
    for turn in itertools.count():
        found = 0
        for number in rng.permutation(len(exercise.mistakes)):
            one = riddle(exercise, int(number), rng)
            if one is not None:
                found += 1
                yield one
        if not found and not turn:
            raise LookupError(f"the known mistakes of {exercise.name} can not be told apart by numbers alone")


def riddle(
    exercise: Exercise, number: int, rng: np.random.Generator, part: str = "", by_numbers: bool = True
) -> Riddle | None:
    """A riddle about a mistake, by its place in the table: the first case, the smallest first, in which it can be told
    from enough others; None where none can.

    part: where to look first. by_numbers: each of the others fails on that case, too, with other numbers; without, one
    other is enough, and what they do there may be anything else.
    """
    parts = sorted(exercise.parts, key=lambda one: one.name != part)
    benches = [bench_for(exercise, one, exercise.seed(one)) for one in parts]
    ways = [_by_numbers] if by_numbers else [_by_numbers, _by_anything] if exercise.bound else [_by_anything]
    return next((found for way in ways for found in _told_apart(benches, number, rng, way)), None)


def _told_apart(benches: list[Bench], number: int, rng: np.random.Generator, among: Any) -> Iterator[Riddle]:
    for bench in benches:
        for k in range(len(bench.cases)):
            made = bench.mistaken(number, k)
            others = among(bench, number, k, made, rng) if made.failure is not None else []
            if not others:
                continue
            numbers = [number, *others]
            options = tuple(bench.exercise.mistakes[m] for m in rng.permutation(numbers))
            verdict = Verdict(bench.exercise, bench.part, len(bench.cases), k, _of_somebody(made.failed))
            yield Riddle(verdict, bench.exercise.mistakes[number], options)


def _by_numbers(bench: Bench, number: int, k: int, made: Attempt, rng: np.random.Generator) -> list[int]:
    """Three that fail, too, with other numbers, those first that give the same shape; none where there are fewer."""
    if not _shows(made):
        return []
    others = [m for m in range(len(bench.exercise.mistakes)) if m != number and _differs(bench, m, k, made)]
    if len(others) < CHOICES - 1:
        return []
    picked = sorted(rng.permutation(others), key=lambda m: not _of_one_shape(bench.mistaken(int(m), k), made))
    return [int(m) for m in picked[: CHOICES - 1]]


def _by_anything(bench: Bench, number: int, k: int, made: Attempt, rng: np.random.Generator) -> list[int]:
    """Up to three that do something else there; those first that fail."""
    fail, pass_ = [], []
    for m in map(int, rng.permutation(len(bench.exercise.mistakes))):
        if m != number and len(fail) < CHOICES - 1:
            other = bench.mistaken(m, k)
            if not _same_to_see(bench.exercise, made, other):
                (pass_ if other.failure is None else fail).append(m)
    return [*fail, *pass_][: CHOICES - 1]


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


def _of_one_shape(one: Attempt, other: Attempt) -> bool:
    """Results of the same shape: the ones that are hard to tell apart."""
    return np.shape(one.got) == np.shape(other.got) if isinstance(one.got, np.ndarray) else True


def _same_to_see(exercise: Exercise, one: Attempt, other: Attempt) -> bool:
    """Could nobody tell two mistakes apart by what they do on this case?"""
    if one.failure is None or other.failure is None:
        return False
    first, second = one.answer.trouble, other.answer.trouble
    if first is not None or second is not None:
        return first is not None and second is not None and first.error == second.error
    if one.failure.kind is not other.failure.kind:
        return False
    return same(one.got, other.got) or difference(one.got, other.got, exercise.size(one.case)) is None
