"""One exercise, declared once: its parts, an oracle, awkward cases and a table of wrong ways.

The declaration serves three times: it diagnoses (your numbers are those of a known mistake), it proves itself (a test
runs every known mistake and fails where one survives: the kill matrix) and it grades (the same check, another seed).
"""

from __future__ import annotations

import functools
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from cnnlab.check.cases import Args, Binding, Case, Mistake, Part
from cnnlab.check.compare import Difference, difference, holds_single
from cnnlab.check.diagnose import diagnose
from cnnlab.check.plain import plain, same, weight
from cnnlab.check.subject import Answer, Mishap, NotebookSubject, Subject
from cnnlab.check.verdict import Attempt, Failure, Kind, Named, Verdict

PART_SECONDS = 8.0  # of the processor: no case is started after this; a right answer needs a fraction of a second
LONGEST_CALL = 4.0  # what a call can cost of that: an import may take longer, once
PART_WALL_SECONDS = 90.0
BENCHES_KEPT = 64
ROOM, TIMES = 1 << 20, 8  # bytes that any answer may have, and so many times what goes in or what is right
WHOLE = int(np.iinfo(int).max)  # the largest of NumPy's whole numbers: 2^63 − 1, in a browser 2^31 − 1
LAST_WORDS = (Kind.UNSOLVED, Kind.ABSENT, Kind.ENDLESS)  # every other case would say the same

Row = tuple[str, str, Any]  # a name, a sentence, the wrong way


class CheckBroken(Exception):
    """The check itself stumbled: the course's fault, never the learner's."""


def plain_call(subject: Subject, case: Case) -> Answer:
    return subject.call(*case.args, **case.kwargs)


def _nothing() -> None:
    """The signature of a function that takes nothing."""


@dataclass(frozen=True, eq=False)
class Exercise:
    """A declared exercise.

    oracle(*args, **kwargs) -> the right value; where several are right, `judge(value, case, expected) -> Difference or
    None` decides instead (expected: what the oracle gave). Neither may raise anything, whatever the learner's value: a
    case with another right outcome says so (`Case(…, raises=ValueError)`).
    wrong: the table, rows of (name, the sentence that helps, the right computation but for one thing). The last is a
    function of the call's `Args`; or, where bound is False, what a learner would hand over. A name that stands earlier
    in the table is said before a later one that fits as well.
    observe(subject, case) -> Answer: what is done with the learner's object; a plain call unless declared otherwise.
    pairs, complete: see cases.Binding. results: what to call several results.
    axes: the names of the axes of arguments and results, in the singular: {"x": "image channel row column"}; a single
    result stands under "".
    formula: a number as a formula of the arguments' names (and of those that `names(args)` adds), for slips in it.
    sizes(args) -> numbers that a result may be too large or too small by, with their names.
    spots(args) -> for each result the parts of it that have a name.
    scale(case): the size of the numbers that a result's rounding is held against.
    read(attempts, subject) -> sentences, or names and sentences: reads the failing attempts where the general rules can
    not.
    value: the learner hands over no function but a value, a table filled in by hand.
    hands(case) -> args: what the learner's function gets, where the case holds a recipe for it.
    told(case) -> str: what was tried, in words, where the case holds a recipe and no arguments.
    like: a right function, where the cases hold recipes: its arguments have the names of a learner's (those by name
    alone are its own affair). builds: what it returns is a model.
    draws: "gradient" draws a heat map of the relative error and no greys.
    """

    name: str
    lesson: str
    parts: Sequence[Part]
    wrong: Sequence[Row] = ()
    oracle: Callable | None = None
    judge: Callable[[Any, Case, Any], Difference | None] | None = None
    observe: Callable[[Subject, Case], Answer] = plain_call
    bound: bool = True
    pairs: tuple[str, ...] = ()
    complete: Callable[[dict], Any] | None = None
    results: tuple[str, ...] = ()
    axes: Mapping[str, str] = field(default_factory=dict)
    formula: str = ""
    names: Callable[[Args], Mapping[str, float]] | None = None
    sizes: Callable[[Args], Mapping[str, float]] | None = None
    spots: Callable[[Args], Mapping[str, Sequence]] | None = None
    scale: Callable[[Case], float] | None = None
    read: Callable[[list[Attempt], Subject], Sequence[str | Named]] | None = None
    value: bool = False
    hands: Callable[[Case], tuple] | None = None
    told: Callable[[Case], str] | None = None
    like: Callable | None = None
    builds: bool = False
    draws: str = ""

    @functools.cached_property
    def binding(self) -> Binding | None:
        """How a call's arguments get their names; None where the cases hold recipes."""
        if not self.bound:
            return None
        return Binding(self.oracle or _nothing, self.pairs, self.complete, self.results)

    @functools.cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The table's rows as functions (or tables) that can be handed to a check."""
        called = self.binding.as_called if self.binding else lambda thing: thing
        return tuple(Mistake(name, says, called(thing)) for name, says, thing in self.wrong)

    @functools.cached_property
    def argument_names(self) -> tuple[str, ...]:
        return self.binding.names() if self.binding else ()

    def argument_name(self, index: int) -> str:
        return self.argument_names[index] if index < len(self.argument_names) else f"argument {index + 1}"

    def part(self, name: str) -> Part:
        """The part of that name; a ValueError that lists the parts where there is none."""
        for part in self.parts:
            if part.name == name:
                return part
        names = ", ".join(repr(part.name) for part in self.parts)
        raise ValueError(f"check.{self.name} has no part {name!r}; its parts are {names}")

    def seed(self, part: Part) -> int:
        """The notebook's seed: fixed, so that a learner sees the same case again after a change."""
        return zlib.crc32(f"{self.name}/{part.name}".encode())

    def run(self, part: Part, subject: Subject, seed: int | None = None) -> Verdict:
        """Judge `subject` on one part. `seed` draws the cases; the notebook's own seed where it is None.

        Raises CheckBroken where the course's own code stumbles.
        """
        bench = bench_for(self, part, self.seed(part) if seed is None else seed)
        return self._verdict(bench, list(bench.attempts(subject)), subject)

    def run_mistake(self, part: Part, number: int, seed: int | None = None) -> Verdict:
        """The verdict on a known mistake, by its place in the table."""
        bench = bench_for(self, part, self.seed(part) if seed is None else seed)
        attempts = []
        for k in range(len(bench.cases)):
            attempts.append(bench.mistaken(number, k))
            if attempts[-1].failure is not None and attempts[-1].failure.kind in LAST_WORDS:
                break
        return self._verdict(bench, attempts, NotebookSubject(self.mistakes[number].function, seconds=None))

    def _verdict(self, bench: Bench, attempts: list[Attempt], subject: Subject) -> Verdict:
        wrong = [attempt for attempt in attempts if attempt.failure is not None]
        if not wrong:
            return Verdict(self, bench.part, len(bench.cases), len(bench.cases))
        failure = wrong[0].failed.with_diagnosis(diagnose(self, bench, attempts, subject))
        return Verdict(self, bench.part, len(bench.cases), len(attempts) - len(wrong), failure)

    def fails(self, part: Part, subject: Subject, seed: int | None = None) -> bool:
        """Is there a case that it fails? Looks no further than that, and not for the reason."""
        bench = bench_for(self, part, self.seed(part) if seed is None else seed)
        return any(attempt.failure is not None for attempt in bench.attempts(subject))

    def expected(self, case: Case) -> Any:
        """The right value for a case, in plain data; None where a judge decides or an error is right."""
        if self.oracle is None or case.raises is not None:
            return None
        case = case.fresh()
        return plain(self.oracle(*case.args, **case.kwargs))

    def differs(self, case: Case, expected: Any, value: Any) -> Difference | None:
        """What is wrong with a value, or None."""
        if self.judge is not None:
            return self.judge(value, case, expected)
        names = self.results
        if case.results and isinstance(value, list | tuple) and len(value) == len(names):
            expected, value, names = self.looked_at(expected, case), self.looked_at(value, case), case.results
        return difference(expected, value, self.size(case), holds_single(case.args), names)

    def handed(self, case: Case) -> tuple[tuple, dict]:
        """The arguments, by position and by name, with which the learner's function is called for a case."""
        return (case.args, dict(case.kwargs)) if self.hands is None else (self.hands(case), {})

    def looked_at(self, value: Any, case: Case) -> Any:
        """Of several results those that the case is about, as a tuple."""
        if not isinstance(value, list | tuple) or len(value) != len(self.results):
            return value
        named = zip(self.results, value, strict=True)
        return tuple(one for name, one in named if not case.results or name in case.results)

    def size(self, case: Case) -> float:
        """The size of the numbers that a result's rounding is held against."""
        return _product_of_largest(case) if self.scale is None else self.scale(case)


@functools.lru_cache(BENCHES_KEPT)
def bench_for(exercise: Exercise, part: Part, seed: int) -> Bench:
    """The bench of a part: kept, since a class of submissions is asked the same."""
    return Bench(exercise, part, seed)


class Bench:
    """A part's cases for one seed, with the right values and what each known mistake gives for them."""

    def __init__(self, exercise: Exercise, part: Part, seed: int):
        self.exercise, self.part = exercise, part
        drawn = map(self._fitting, part.cases(np.random.default_rng(seed)))
        self.cases = _by_size([case for case in drawn if case is not None])
        self._expected: dict[int, Any] = {}
        self._mistakes: dict[tuple[int, int], Attempt] = {}

    def _fitting(self, case: Case) -> Case | None:
        """The case; where its right value is beyond NumPy's whole numbers, which 2^31 is in a browser, with its arrays
        in floats, and None where it has none."""
        if WHOLE > 2**32 or _largest(self._right(case)) <= WHOLE:
            return case
        if not any(isinstance(arg, np.ndarray) for arg in case.args):
            return None
        return replace(case, args=tuple(arg * 1.0 if isinstance(arg, np.ndarray) else arg for arg in case.args))

    def _right(self, case: Case) -> Any:
        try:
            return self.exercise.expected(case)
        except Exception as error:
            raise self._broken("oracle", error) from error

    def expected(self, k: int) -> Any:
        """The right value of case k. Raises CheckBroken where the oracle raises."""
        if k not in self._expected:
            self._expected[k] = self._right(self.cases[k])
        return self._expected[k]

    def attempts(self, subject: Subject) -> Iterator[Attempt]:
        """Case by case what became of it, until every other would say the same."""
        spent, end = 0.0, time.monotonic() + PART_WALL_SECONDS
        for k, case in enumerate(self.cases):
            if spent > PART_SECONDS or time.monotonic() > end:
                slow = Answer(trouble=Mishap("endless"))
                words = f"{len(self.cases)} small cases took too long."
                yield Attempt(case, None, slow, None, Failure(Kind.ENDLESS, words, case, trouble=slow.trouble))
                return
            attempt = self._attempt(k, subject)
            spent += min(attempt.answer.seconds, LONGEST_CALL)
            yield attempt
            if attempt.failure is not None and attempt.failure.kind in LAST_WORDS:
                return

    def mistaken(self, number: int, k: int) -> Attempt:
        """What known mistake `number` does on case k."""
        if (number, k) not in self._mistakes:
            function = self.exercise.mistakes[number].function
            with np.errstate(divide="warn", over="warn", invalid="warn"):
                self._mistakes[number, k] = self._attempt(k, NotebookSubject(function, seconds=None))
        return self._mistakes[number, k]

    def _attempt(self, k: int, subject: Subject) -> Attempt:
        case, handed = self.cases[k], self.cases[k].fresh()
        before = plain((*handed.args, *handed.kwargs.values()))
        subject.room = ROOM + TIMES * max(weight(before), weight(self.expected(k)))
        answer = self.exercise.observe(subject, handed)
        attempt = Attempt(case, self.expected(k), answer, self.exercise.binding)
        failure = self._judged(attempt, before)
        if failure is None or failure.kind is not Kind.CHANGED_INPUT:  # nobody looks at the arguments any more
            answer = replace(answer, args=())
        return replace(attempt, answer=answer, failure=failure)

    def _judged(self, attempt: Attempt, before: tuple) -> Failure | None:
        case, answer = attempt.case, attempt.answer
        common: dict[str, Any] = {"trouble": answer.trouble, "printed": answer.printed, "warnings": answer.warnings}
        common |= {"expected": attempt.expected, "got": answer.value}
        if case.raises is not None:
            return _not_raised(case, answer, common)
        if answer.trouble is not None:
            return Failure(Kind(answer.trouble.kind), answer.problem or "", case, **common)
        pairs = zip(before, answer.args, strict=False)
        changed = [self._input_name(k, case) for k, (was, now) in enumerate(pairs) if not same(was, now)]
        try:
            found = self.exercise.differs(case, attempt.expected, answer.value)
        except Exception as error:
            raise self._broken("judge", error) from error
        if found is not None:
            also = f" It also changed its input `{changed[0]}`." if changed else ""
            common["changed"] = changed[0] if changed else ""
            return Failure(Kind(found.kind), found.sentence + also, case, found, **common)
        if changed:
            words = (
                f"Your function changed its input: `{changed[0]}` is not what it was before the call. Whoever called "
                "it still needs it; work on a copy, or write into a new array."
            )
            return Failure(Kind.CHANGED_INPUT, words, case, **common)
        if answer.overwrote:
            words = (
                "The numbers are right, but they were written over the result of an earlier call, which whoever called "
                "then may still need. Make a new array or list in every call, inside the function."
            )
            return Failure(Kind.CHANGED_RESULT, words, case, **common)
        return None

    def _input_name(self, k: int, case: Case) -> str:
        by_name = list(case.kwargs)
        return self.exercise.argument_name(k) if k < len(case.args) else by_name[k - len(case.args)]

    def _broken(self, what: str, error: Exception) -> CheckBroken:
        where = f"the {what} of {self.exercise.name} ({self.part.name})"
        return CheckBroken(f"{where} raised {type(error).__name__}: {error}")


def _by_size(cases: list[Case]) -> list[Case]:
    """In their order, but those whose arrays have the same shapes one after the other: what a function keeps from call
    to call, by shape or for one shape, is wrong in the second."""
    firsts: dict[tuple, int] = {}
    found = []
    for k, case in enumerate(cases):
        shapes = tuple(arg.shape for arg in (*case.args, *case.kwargs.values()) if isinstance(arg, np.ndarray))
        found.append((firsts.setdefault(shapes or (k,), k), k, case))
    return [case for *_, case in sorted(found, key=lambda one: one[:2])]


def _not_raised(case: Case, answer: Answer, common: dict) -> Failure | None:
    wanted, trouble = getattr(case.raises, "__name__", ""), answer.trouble
    if trouble is None:
        words = f"This has no answer, so {wanted} is expected; yours returned a value instead."
        return Failure(Kind.RAISED, words, case, **common)
    if trouble.kind == "raised" and wanted in (trouble.error, *trouble.bases):
        return None
    return Failure(Kind(trouble.kind), f"{wanted} is expected here. {answer.problem}", case, **common)


def _product_of_largest(case: Case) -> float:
    """The size of the numbers that go into a case: the product of the largest of each array."""
    scale = 1.0
    for arg in (*case.args, *case.kwargs.values()):
        if isinstance(arg, np.ndarray) and arg.size and arg.dtype.kind in "iuf":
            scale *= max(1.0, float(np.max(np.abs(arg.astype(np.float64)))))
    return scale


def _largest(value: Any) -> float:
    """The largest finite number in plain data, whatever its sign; 0 where there is none."""
    if isinstance(value, dict | list | tuple):
        return max(map(_largest, value.values() if isinstance(value, dict) else value), default=0.0)
    if not isinstance(value, int | float | np.ndarray) or np.iscomplexobj(value):
        return 0.0
    numbers = np.abs(np.asarray(value, np.float64))
    return float(np.max(numbers, initial=0.0, where=np.isfinite(numbers)))
