"""One exercise, declared once: its parts, an oracle, awkward cases and a catalogue of known mistakes.

The declaration serves three times: it diagnoses (your numbers are those of a known mistake), it proves itself (a test
runs every known mistake and fails where one survives: the kill matrix) and it grades (the same check, another seed).
"""

from __future__ import annotations

import functools
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from cnnlab.check.compare import Difference, difference
from cnnlab.check.plain import Foreign, describe, is_tensor, plain, same
from cnnlab.check.subject import Answer, NotebookSubject, Subject, Trouble

ENOUGH_NUMBERS = 4  # two wrong functions hardly agree on so many by chance
PART_SECONDS = 8.0  # no case is started after this; a right answer needs a fraction of a second
LONGEST_CALL = 4.0  # what a call can cost of that


@dataclass(frozen=True)
class Case:
    """One call: the arguments, and a word on what is awkward about it (for authors and reports).

    results: the names of those of several results that are looked at here; all of them where it is empty.
    """

    args: tuple = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)
    note: str = ""
    results: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A gradable share of an exercise. `cases(rng)` lists its cases, the smallest first; `tests` says in a few words
    what they try; `look` says where to look when it fails and no known mistake fits."""

    name: str
    points: float
    cases: Callable[[np.random.Generator], list[Case]]
    tests: str
    look: str = ""


@dataclass(frozen=True)
class Mistake:
    """A known mistake: a small wrong implementation, and the sentence that helps whoever made it."""

    name: str
    says: str
    function: Callable


def known(catalogue: list[Mistake], name: str, says: str) -> Callable[[Callable], Callable]:
    """Decorate a small wrong implementation: it joins the catalogue as a known mistake."""

    def keep(function: Callable) -> Callable:
        catalogue.append(Mistake(name, says, function))
        return function

    return keep


@dataclass(frozen=True)
class Failure:
    """Why a part did not pass: the smallest failing case and what is known about it.

    kind: a Trouble's kind ("unsolved", "raised", "endless"), a Difference's ("type", "shape", "dtype", "nan",
    "values"), or "changed input" or "changed result".
    """

    kind: str
    sentence: str
    case: Case
    difference: Difference | None = None
    mistake: Mistake | None = None
    trouble: Trouble | None = None
    printed: str = ""
    warnings: tuple[str, ...] = ()
    where: Callable[[], str] = lambda: ""


@dataclass(frozen=True)
class Attempt:
    """A case, the right value and the learner's, for those who look into what differs."""

    case: Case
    expected: object
    got: object


@dataclass(frozen=True)
class Verdict:
    """What a check found for one part."""

    exercise: Exercise
    part: Part
    cases: int
    right: int
    failure: Failure | None = None

    @property
    def passed(self) -> bool:
        return self.failure is None

    @property
    def points(self) -> float:
        return self.part.points if self.passed else 0.0


@dataclass(frozen=True)
class Exercise:
    """A declared exercise.

    oracle(*args, **kwargs) -> the right value; where several are right, `judge(value, case) -> Difference or None`
    decides instead. An oracle that raises means that the learner's function must raise that error too.
    observe(subject, case) -> Answer: what is done with the learner's object; a plain call unless declared otherwise.
    argument_names: what to call the arguments in messages. result_names: likewise for several results.
    value: the learner hands over no function but a value, a table filled in by hand.
    told(case) -> str: what was tried, in words, where the case holds a recipe and no arguments.
    locate(attempts) -> str: where the fault lies, told from the numbers of the failing attempts, smallest case first
    (see cnnlab.check.locate). scale(case): the size of the numbers that a result's rounding is held against.
    """

    name: str
    lesson: str
    parts: Sequence[Part]
    mistakes: Sequence[Mistake]
    oracle: Callable | None = None
    judge: Callable[[object, Case], Difference | None] | None = None
    observe: Callable[[Subject, Case], Answer] = lambda subject, case: subject.call(*case.args, **case.kwargs)
    argument_names: tuple[str, ...] = ()
    result_names: tuple[str, ...] = ()
    told: Callable[[Case], str] | None = None
    value: bool = False
    locate: Callable[[list[Attempt]], str] | None = None
    scale: Callable[[Case], float] | None = None

    def part(self, name: str) -> Part:
        """The part of that name; a ValueError that lists the parts where there is none."""
        for part in self.parts:
            if part.name == name:
                return part
        names = ", ".join(repr(part.name) for part in self.parts)
        raise ValueError(f"check.{self.name} has no part {name!r}; its parts are {names}")

    def run(self, part: Part, subject: Subject, seed: int | None = None) -> Verdict:
        """Judge `subject` on one part. `seed` draws the cases; the notebook's own seed where it is None."""
        cases = part.cases(np.random.default_rng(self.seed(part) if seed is None else seed))
        tried = self._try(cases, subject)
        wrong = [(case, answer, found) for case, answer, found in tried if found is not None]
        if not wrong:
            return Verdict(self, part, len(cases), len(cases))
        case, answer, failure = wrong[0]
        mistake = self._diagnose(tried, failure)
        failure = Failure(
            failure.kind,
            failure.sentence,
            case,
            failure.difference,
            mistake,
            answer.trouble,
            answer.printed,
            answer.warnings,
            functools.partial(self._where, wrong),
        )
        return Verdict(self, part, len(cases), len(tried) - len(wrong), failure)

    def fails(self, part: Part, subject: Subject, seed: int | None = None) -> bool:
        """Is there a case that it fails? Looks no further than that, and not for the reason."""
        cases = part.cases(np.random.default_rng(self.seed(part) if seed is None else seed))
        return any(failure is not None for _, _, failure in self._tries(cases, subject))

    def seed(self, part: Part) -> int:
        """The notebook's seed: fixed, so that a learner sees the same case again after a change."""
        return zlib.crc32(f"{self.name}/{part.name}".encode())

    def _try(self, cases: list[Case], subject: Subject) -> list[tuple[Case, Answer, Failure | None]]:
        return list(self._tries(cases, subject))

    def _tries(self, cases: list[Case], subject: Subject) -> Iterator[tuple[Case, Answer, Failure | None]]:
        spent = 0.0
        for case in cases:
            if spent > PART_SECONDS:
                slow = Answer(trouble=Trouble("endless"))
                yield case, slow, Failure("endless", f"{len(cases)} small cases took too long.", case)
                return
            before = plain(case.args)
            start = time.monotonic()
            answer = self.observe(subject, Case(_fresh(case.args), dict(case.kwargs), case.note))
            spent += min(time.monotonic() - start, LONGEST_CALL)  # an import may take longer, once
            failure = self._judge(case, before, answer)
            yield case, answer, failure
            if failure is not None and failure.kind in ("unsolved", "endless"):
                return  # every other case would say the same

    def _judge(self, case: Case, before: tuple, answer: Answer) -> Failure | None:
        try:
            expected = self.expected(case)
        except ValueError as error:
            return _judge_error(type(error), case, answer)
        if answer.trouble is not None:
            return Failure(answer.trouble.kind, answer.problem or "", case)
        pairs = zip(before, answer.args, strict=False)
        changed = [self.argument_name(k) for k, (was, now) in enumerate(pairs) if not same(was, now)]
        try:
            found = self._difference(case, expected, answer.value)
        except Exception:  # an odd result is the learner's to mend, and stops nobody's grading
            found = Difference("type", f"Yours returned {describe(answer.value)}, which cannot be compared.")
        if found is not None:
            also = f" It also changed its input `{changed[0]}`." if changed else ""
            return Failure(found.kind, found.sentence + also, case, found)
        if changed:
            return Failure(
                "changed input",
                f"Your function changed its input: `{changed[0]}` is not what it was before the call. Whoever called "
                "it still needs it; work on a copy, or write into a new array.",
                case,
            )
        if answer.overwrote:
            return Failure(
                "changed result",
                "The numbers are right, but they were written over the result of an earlier call, which whoever called "
                "then may still need. Make a new array or list in every call, inside the function.",
                case,
            )
        return None

    def argument_name(self, index: int) -> str:
        return self.argument_names[index] if index < len(self.argument_names) else f"argument {index + 1}"

    def expected(self, case: Case) -> object:
        """The right value for a case; None where a judge decides. Raises ValueError where that is the right answer."""
        return None if self.oracle is None else plain(self.oracle(*_fresh(case.args), **case.kwargs))

    def _difference(self, case: Case, expected: object, value: object) -> Difference | None:
        if self.judge is not None:
            return self.judge(value, case)
        names = self.result_names
        if case.results and isinstance(value, list | tuple) and len(value) == len(names):
            expected, value, names = self._looked_at(expected, case), self._looked_at(value, case), case.results
        return difference(expected, value, self._size(case), _single(case), names)

    def _looked_at(self, value: object, case: Case) -> object:
        """Of several results those that the case is about, as a tuple."""
        if not isinstance(value, list | tuple) or len(value) != len(self.result_names):
            return value
        named = zip(self.result_names, value, strict=True)
        return tuple(one for name, one in named if not case.results or name in case.results)

    def _size(self, case: Case) -> float:
        return _scale(case) if self.scale is None else self.scale(case)

    def _where(self, wrong: list[tuple[Case, Answer, Failure]]) -> str:
        """What the numbers of the failing cases say about the place of the fault; "" where they say nothing."""
        told = [(c, a) for c, a, f in wrong if a.trouble is None and f.kind in ("values", "shape", "nan")]
        if self.locate is None or not told or told[0][0] is not wrong[0][0]:
            return ""
        try:
            return self.locate([Attempt(case, self.expected(case), answer.value) for case, answer in told])
        except Exception:  # an odd result; the words are a kindness, no verdict
            return ""

    def _diagnose(self, tried: list[tuple[Case, Answer, Failure | None]], first: Failure) -> Mistake | None:
        """The known mistake that does on every case tried what the learner's function did; else one that does so on
        every failing case; else one that does so on most of them, if the smallest has some numbers to agree on."""
        if first.kind in ("unsolved", "endless", "changed result"):
            return None
        failing = [attempt for attempt in tried if attempt[2] is not None]
        passing = [attempt for attempt in tried if attempt[2] is None]
        in_first, in_failing = [], []
        for mistake in self.mistakes:
            if self._alike(mistake, *failing[0]):
                in_first.append(mistake)
                if all(self._alike(mistake, *attempt) for attempt in failing[1:]):
                    in_failing.append(mistake)
                    if all(self._alike(mistake, *attempt) for attempt in passing):
                        return mistake
        if first.difference is None:  # the same error in one case alone says little
            return None
        if first.difference.wrong is not None and first.difference.wrong.size >= ENOUGH_NUMBERS:
            in_most = [m for m in in_first if 2 * sum(self._alike(m, *attempt) for attempt in failing) > len(failing)]
            return next(iter([*in_failing, *in_most]), None)
        return next(iter(in_failing), None) if len(failing) > 1 else None

    def _alike(self, mistake: Mistake, case: Case, answer: Answer, failure: Failure | None) -> bool:
        """Does the known mistake do on this case what the learner's function did?"""
        theirs = self.observe(NotebookSubject(mistake.function), Case(_fresh(case.args), dict(case.kwargs), case.note))
        if failure is None:
            before = plain(case.args)
            return self._judge(case, before, theirs) is None
        if theirs.trouble is not None or answer.trouble is not None:
            return (theirs.trouble and theirs.trouble.error) == (answer.trouble and answer.trouble.error)
        if theirs.value is None and bool(theirs.printed) != bool(answer.printed):
            return False
        if failure.kind == "changed input":
            return same(theirs.value, answer.value) and same(theirs.args, answer.args)
        if isinstance(theirs.value, Foreign) or isinstance(answer.value, Foreign):
            return same(theirs.value, answer.value)
        one, other = self._looked_at(theirs.value, case), self._looked_at(answer.value, case)
        return _matches(one, other, self._size(case), _single(case))


def _matches(theirs: object, yours: object, scale: float, single: bool) -> bool:
    if type(theirs) is not type(yours):
        return False
    return difference(theirs, yours, scale, single) is None


def _judge_error(wanted: type[Exception], case: Case, answer: Answer) -> Failure | None:
    trouble = answer.trouble
    if trouble is None:
        return Failure(
            "raised", f"This has no answer, so {wanted.__name__} is expected; yours returned a value instead.", case
        )
    if trouble.kind == "raised" and trouble.error == wanted.__name__:
        return None
    return Failure(trouble.kind, f"{wanted.__name__} is expected here. {answer.problem}", case)


def _fresh(args: tuple) -> tuple:
    """The arguments again, as new objects; an array keeps its memory layout, awkward strides included."""
    return tuple(_fresh_one(arg) for arg in args)


def _fresh_one(arg: object) -> object:
    if isinstance(arg, np.ndarray):
        return _copy_with_strides(arg)
    if is_tensor(arg):
        return arg.clone()
    if isinstance(arg, dict):
        return {key: _fresh_one(value) for key, value in arg.items()}
    if isinstance(arg, list | tuple):
        return type(arg)(_fresh_one(item) for item in arg)
    return arg


def _copy_with_strides(array: np.ndarray) -> np.ndarray:
    if array.base is None or not isinstance(array.base, np.ndarray):
        return array.copy(order="K")
    base = array.base.copy(order="K")
    offset = array.__array_interface__["data"][0] - array.base.__array_interface__["data"][0]
    if base.strides != array.base.strides or base.dtype != array.dtype:
        return array.copy(order="K")
    return np.ndarray(array.shape, array.dtype, base, offset, array.strides)


def _scale(case: Case) -> float:
    """The size of the numbers that go into a case: the product of the largest of each array."""
    scale = 1.0
    for arg in case.args:
        if isinstance(arg, np.ndarray) and arg.size and arg.dtype.kind in "iuf":
            scale *= max(1.0, float(np.max(np.abs(arg.astype(np.float64)))))
    return scale


def _single(case: Case) -> bool:
    """Did float32 go in? Then float32's rounding may come out."""
    return holds_single(case.args)


def holds_single(value: object) -> bool:
    """Is there a float32 array (or float16) in it?"""
    if isinstance(value, np.ndarray):
        return value.dtype in (np.float32, np.float16)
    if isinstance(value, dict):
        return any(holds_single(item) for item in value.values())
    return isinstance(value, list | tuple) and any(holds_single(item) for item in value)
