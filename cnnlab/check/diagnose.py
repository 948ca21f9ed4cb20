"""Which mistake is it? First the exercise's own table, then the plain words for an error, then what the numbers say."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnlab.check import errors, outcomes
from cnnlab.check.cases import Case, signature
from cnnlab.check.compare import CLOSE, CLOSE_FLOAT32, difference, holds_single
from cnnlab.check.dress import undressed
from cnnlab.check.plain import Foreign, same
from cnnlab.check.reading import explains, in_which_cases, read
from cnnlab.check.reading.others import same_outcome
from cnnlab.check.subject import Subject
from cnnlab.check.verdict import Attempt, Diagnosis, Failure, Kind, Named

if TYPE_CHECKING:
    from cnnlab.check.exercise import Bench, Exercise

WRITES = (Kind.CHANGED_INPUT, Kind.CHANGED_RESULT)  # the numbers are right
ENOUGH_NUMBERS = 4  # two wrong functions hardly agree on so many by chance
MOST_NAMES = 3
SILENT = (Kind.UNSOLVED, Kind.ABSENT, Kind.ENDLESS)
STUMBLES = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
strict = False  # True in tests, where a rule that stumbles must be heard of; else words are a kindness, no verdict


def diagnose(exercise: Exercise, bench: Bench, attempts: Sequence[Attempt], subject: Subject) -> Diagnosis:
    """What can be said of a part that failed. Raises nothing, but that a worker was lost."""
    failing = [attempt for attempt in attempts if attempt.failure is not None]
    first = failing[0].failed
    if first.kind in SILENT:
        return Diagnosis()
    try:
        with np.errstate(all="ignore"):
            named, clues = _told(exercise, bench, attempts, subject)
    except STUMBLES:
        if strict:
            raise
        return Diagnosis()
    return Diagnosis(tuple(named), tuple(clue for clue in clues if clue))


def _told(
    exercise: Exercise, bench: Bench, attempts: Sequence[Attempt], subject: Subject
) -> tuple[list[Named], list[str]]:
    """The names and the clues: what fits every case goes before what fits most."""
    failing = [attempt for attempt in attempts if attempt.failure is not None]
    passing = [attempt for attempt in attempts if attempt.failure is None]
    first, table = failing[0].failed, _Table(exercise, bench, attempts)
    if another := _another_default(exercise, failing, subject):
        return [another], []
    named, fit = table.whole()
    if named and fit is Fit.EXACT:
        return named, [clue for clue in read(exercise, attempts, subject, None) if not isinstance(clue, Named)]
    if named and fit is Fit.FAILING:
        return named, [in_which_cases(failing, passing)]
    by_result = table.by_result()
    said = read(exercise, attempts, subject, {one.about for one in by_result})
    clues = [clue for clue in said if not isinstance(clue, Named)]
    if own_names := [clue for clue in said if isinstance(clue, Named)]:
        return own_names, clues
    if by_result:
        return by_result, clues
    if named and not explains(clues):
        return named, [in_which_cases(failing, passing)]
    named = outcomes.named(failing, passing) or errors.named(first.trouble)
    if named and first.kind is Kind.RAISED:
        return named, [same_outcome(exercise, attempts) or in_which_cases(failing, passing)]
    own = [one for one in exercise.read(failing, subject) if isinstance(one, str)] if exercise.read is not None else []
    if named and not (
        own if first.got is None else first.changed and explains(clues)
    ):  # a None that the exercise knows
        return named, own or [in_which_cases(failing, passing)]
    return [], clues


def _another_default(exercise: Exercise, failing: Sequence[Attempt], subject: Subject) -> Named | None:
    """The argument that every failing case leaves out, where all goes right as soon as its default is handed over."""
    if any(attempt.failed.kind in WRITES for attempt in failing):
        return None
    like = exercise.like if exercise.builds else exercise.oracle if exercise.bound else None
    own = 2 if exercise.builds else 0  # a seed and pictures come first
    known = [] if like is None else list(signature(like).parameters.values())
    for place, one in enumerate(known):
        cases = [attempt.case for attempt in failing]
        left_out = all(len(case.args) - own <= place and one.name not in case.kwargs for case in cases)
        if type(one.default) not in (bool, int, float) or one.kind is one.KEYWORD_ONLY or not left_out:
            continue
        told = [
            replace(case, args=(*case.args, one.default))
            if len(case.args) - own == place
            else replace(case, kwargs={**case.kwargs, one.name: one.default})
            for case in cases
        ]
        if all(_right(exercise, attempt, case, subject) for attempt, case in zip(failing, told, strict=True)):
            says = f"Where `{one.name}` is left out it is {one.default}: leave the first line as it was given."
            return Named(f"another default for {one.name}", says)
    return None


def _right(exercise: Exercise, attempt: Attempt, case: Case, subject: Subject) -> bool:
    if case.raises is not None:
        return False
    answer = exercise.observe(subject, case.fresh())
    return answer.trouble is None and exercise.differs(case, attempt.expected, answer.value) is None


class Fit(Enum):
    """How well a known mistake fits: on every case tried, on every failing one, on most of these."""

    EXACT = 1
    FAILING = 2
    MOST = 3


class _Table:
    """The known mistakes beside what the learner's function did, case by case."""

    def __init__(self, exercise: Exercise, bench: Bench, attempts: Sequence[Attempt]):
        self.exercise, self.bench, self.attempts = exercise, bench, attempts
        self.failing = [k for k, attempt in enumerate(attempts) if attempt.failure is not None]
        self.passing = [k for k, attempt in enumerate(attempts) if attempt.failure is None]

    def whole(self) -> tuple[list[Named], Fit]:
        """The known mistake that does what the learner's function did: on every case tried; else on every failing one;
        else on most of them, if the smallest has some numbers to agree on. The earlier in the table, the rather."""
        first = self.attempts[self.failing[0]].failed
        if first.kind is Kind.CHANGED_RESULT:
            return [], Fit.MOST
        found, fit = self._best(self._alike, self.failing, self.passing, self._numbers(first))
        return ([] if found is None else [self._named(found)]), fit

    def by_result(self) -> list[Named]:
        """Of several results, the known mistake in each that is wrong."""
        named = []
        for name in self.exercise.results:
            failing = [k for k in self.failing if self._wrong(self.attempts[k], name) is not False]
            if not failing or failing[0] != self.failing[0] or self._wrong(self.attempts[failing[0]], name) is None:
                continue
            passing = [k for k, attempt in enumerate(self.attempts) if self._wrong(attempt, name) is False]
            found, _ = self._best(lambda m, k, name=name: self._alike_in(m, k, name), failing, passing, ENOUGH_NUMBERS)
            if found is not None:
                named.append(self._named(found, name))
        return named[:MOST_NAMES]

    def _best(
        self, alike: Callable[[int, int], bool], failing: list[int], passing: list[int], numbers: int
    ) -> tuple[int | None, Fit]:
        in_failing, in_most = [], []
        raised = self.attempts[failing[0]].answer.trouble is not None  # as many another mistake might
        for m in range(len(self.exercise.mistakes)):
            if not alike(m, failing[0]):
                continue
            agree = 1 + sum(alike(m, k) for k in failing[1:])
            against = sum(not alike(m, k) for k in passing)  # the mistake fails, and the learner's function does not
            if agree == len(failing) and not against:
                return m, Fit.EXACT
            if (numbers if raised else numbers * agree) < ENOUGH_NUMBERS and (against or agree < 2):
                continue
            if agree == len(failing) and against <= len(failing):
                in_failing.append(m)
            elif 2 * agree > len(failing) and against <= agree and numbers * agree >= ENOUGH_NUMBERS and not raised:
                in_most.append((against - agree, m))
        if in_failing:
            return in_failing[0], Fit.FAILING
        return min(in_most, default=(0, None))[1], Fit.MOST

    def _named(self, number: int, about: str = "") -> Named:
        mistake = self.exercise.mistakes[number]
        return Named(mistake.name, mistake.says, about, mistake)

    @staticmethod
    def _numbers(failure: Failure) -> int:
        """How many numbers of the first failing case can agree: the same error in one case alone says little."""
        found = failure.difference
        if found is None:
            return 1
        array = found.got if found.wrong is None else found.wrong
        return 1 if array is None else int(array.size)

    def _alike(self, m: int, k: int) -> bool:
        """Does known mistake m do on case k what the learner's function did there, failing where it fails?"""
        yours, theirs = self.attempts[k], self.bench.mistaken(m, k)
        if yours.failure is None or theirs.failure is None:
            bare = theirs.failure is None and yours.failure is not None and k != self.failing[0]
            return yours.failure is theirs.failure or (bare and self._only_dress(yours))
        if yours.answer.trouble is not None or theirs.answer.trouble is not None:
            return _same_error(yours, theirs)
        if yours.got is None and bool(theirs.answer.printed) != bool(yours.answer.printed):
            return False
        if yours.failure.kind is Kind.CHANGED_INPUT:
            rounding = CLOSE_FLOAT32 if holds_single(yours.case.args) else CLOSE
            return theirs.failure.kind is Kind.CHANGED_INPUT and same(theirs.answer.args, yours.answer.args, rounding)
        if isinstance(yours.got, Foreign) or isinstance(theirs.got, Foreign):
            return same(yours.got, theirs.got)
        if self._only_dress(yours) or self._only_dress(theirs):
            return type(theirs.got) is type(yours.got) and _equal(theirs.got, yours.got, self.exercise, yours)
        one, other = (self.exercise.looked_at(attempt.bare, yours.case) for attempt in (theirs, yours))
        return _equal(one, other, self.exercise, yours)

    def _only_dress(self, attempt: Attempt) -> bool:
        """Is it the kind of thing that is wrong, and no value?"""
        if attempt.failed.kind not in (Kind.TYPE, Kind.DTYPE):
            return False
        return self.exercise.differs(attempt.case, attempt.expected, attempt.bare) is None

    def _wrong(self, attempt: Attempt, name: str) -> bool | None:
        """Is this result wrong there? None where it can not be told."""
        case, names = attempt.case, self.exercise.results
        if case.results and name not in case.results:
            return False
        got, expected = attempt.got, attempt.expected
        if not isinstance(got, list | tuple) or not isinstance(expected, list | tuple) or len(got) != len(names):
            return None
        at = names.index(name)
        size, single = self.exercise.size(case), holds_single(case.args)
        return difference(expected[at], undressed(got[at], expected[at]), size, single) is not None

    def _alike_in(self, m: int, k: int, name: str) -> bool:
        yours, theirs = self.attempts[k], self.bench.mistaken(m, k)
        if self._wrong(yours, name) is False:
            return not self._wrong(theirs, name)
        if not self._wrong(yours, name) or not self._wrong(theirs, name):
            return False
        at = self.exercise.results.index(name)
        one, other = (undressed(attempt.got[at], yours.expected[at]) for attempt in (theirs, yours))
        return _equal(one, other, self.exercise, yours)


def _equal(theirs: Any, yours: Any, exercise: Exercise, attempt: Attempt) -> bool:
    """Two results, equal up to the exercise's own rounding; a kind of its own is no obstacle to numbers."""
    return difference(theirs, yours, exercise.size(attempt.case), holds_single(attempt.case.args)) is None


def _same_error(yours: Attempt, theirs: Attempt) -> bool:
    """Two errors of one kind: both raised on purpose, or both about the same thing."""
    one, other = yours.answer.trouble, theirs.answer.trouble
    if one is None or other is None or one.error != other.error or one.own != other.own:
        return False
    if one.own:
        return True
    if _numberless(one.message) == _numberless(other.message):
        return one.message == other.message or not re.search(r"\d", one.message)  # of other sizes: another mistake
    usual = [[named.name for named in errors.named(trouble)] for trouble in (one, other)]
    return bool(usual[0]) and usual[0] == usual[1]


def _numberless(message: str) -> str:
    """An error's message without what differs from call to call."""
    return re.sub(r"[\d(),.\s]+", " ", message)
