"""What a check found: a verdict for each part, and for one that did not pass the failure and what is known about it."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnlab.check.cases import Args, Binding, Case, Mistake, Part
from cnnlab.check.compare import Difference
from cnnlab.check.dress import undressed
from cnnlab.check.subject import Answer, Mishap

if TYPE_CHECKING:
    from cnnlab.check.exercise import Exercise


class Kind(StrEnum):
    """Why a part did not pass; `advice` is what to do about it where nothing more is known."""

    advice: str

    def __new__(cls, value: str, advice: str = "") -> Kind:
        member = str.__new__(cls, value)
        member._value_, member.advice = value, advice
        return member

    UNSOLVED = "unsolved"
    ABSENT = "absent"
    RAISED = "raised", "Call your function with the same arguments in a cell of its own to see the whole error."
    ENDLESS = "endless", "Look at the conditions of your loops: does each one get closer to its end in every round?"
    TYPE = "type"
    SHAPE = "shape"
    DTYPE = "dtype"
    NAN = "nan", "Print what goes into a division, a logarithm or an exp just before it."
    VALUES = "values"
    CHANGED_INPUT = "changed input"
    CHANGED_RESULT = "changed result"


@dataclass(frozen=True)
class Named:
    """A name for what went wrong, and the sentence that helps. `about`: which of several results it is about;
    `mistake`: the row of the exercise's table, None where a general rule gave the name."""

    name: str
    says: str
    about: str = ""
    mistake: Mistake | None = None


@dataclass(frozen=True)
class Diagnosis:
    """Which mistake it looks like, and what the numbers say."""

    named: tuple[Named, ...] = ()
    clues: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """Why a part did not pass: the smallest failing case, what differs there, and the diagnosis.

    got: what the learner's function returned there, in plain data; expected: the right value where there is one;
    changed: the argument that was written into, "" where none was.
    """

    kind: Kind
    sentence: str
    case: Case
    difference: Difference | None = None
    trouble: Mishap | None = None
    printed: str = ""
    warnings: tuple[str, ...] = ()
    expected: Any = None
    got: Any = None
    changed: str = ""
    diagnosis: Diagnosis = field(default_factory=Diagnosis)

    @property
    def wrong(self) -> np.ndarray | None:
        """Which numbers of the result are wrong, where they can be counted."""
        return None if self.difference is None else self.difference.wrong

    @property
    def mistake(self) -> Mistake | None:
        """The known mistake that it looks like."""
        return next((named.mistake for named in self.diagnosis.named if named.mistake is not None), None)

    def where(self) -> str:
        """What the numbers say, a line for each clue; "" where they say nothing."""
        return "\n".join(self.diagnosis.clues)

    def with_diagnosis(self, diagnosis: Diagnosis) -> Failure:
        return replace(self, diagnosis=diagnosis)


@dataclass(frozen=True)
class Attempt:
    """One case tried: the right value and what came back; binding: how the arguments got their names, None where they
    have none."""

    case: Case
    expected: Any
    answer: Answer
    binding: Binding | None = None
    failure: Failure | None = None

    @functools.cached_property
    def args(self) -> Args | Any:
        """The call's arguments by name, for whoever reads them; None where the case holds a recipe."""
        if self.binding is None:
            return None
        case = self.case.fresh()
        return self.binding.args(*case.args, **case.kwargs)

    @property
    def got(self) -> Any:
        return self.answer.value

    @functools.cached_property
    def bare(self) -> Any:
        """What came back in the dress of what is right (see undressed)."""
        return undressed(self.got, self.expected)

    @property
    def failed(self) -> Failure:
        """The failure of an attempt that has one."""
        assert self.failure is not None
        return self.failure


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
    def failed(self) -> Failure:
        """The failure of a part that did not pass."""
        assert self.failure is not None
        return self.failure

    @property
    def points(self) -> float:
        return self.part.points if self.passed else 0.0
