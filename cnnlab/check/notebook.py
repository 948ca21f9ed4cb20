"""A check as a learner calls it: it prints, shows and raises, where the rest of the engine only judges."""

import contextlib
from dataclasses import dataclass
from typing import Any

from cnnlab import kernel, logbook, panel
from cnnlab.check import tutor
from cnnlab.check.cases import Part
from cnnlab.check.exercise import CheckBroken, Exercise
from cnnlab.check.imports import names_used, not_allowed
from cnnlab.check.plain import describe, plain
from cnnlab.check.report import CheckFailed, failure_text, passed_line, picture
from cnnlab.check.subject import NotebookSubject
from cnnlab.check.verdict import Kind, Verdict


@dataclass(frozen=True)
class FailedCase:
    """The last case that failed, to call one's function on by hand: ``f(*case.args, **case.kwargs)``.

    expected: the right result, None where several are right or an error is; yours: what came back, in plain data.
    """

    args: tuple
    kwargs: dict
    expected: Any
    yours: Any


class NotebookCheck:
    """``check.<exercise>(function)`` tries every part, ``check.<exercise>(function, part="…")`` one.

    Prints one line for each part that passes; raises CheckFailed, with a picture where there is one to draw, at the
    first that does not. ``check.<exercise>.case`` is then the case that failed.
    """

    def __init__(self, exercise: Exercise):
        self.exercise = exercise
        self.__name__ = exercise.name
        self.__doc__ = f"Check `{exercise.name}`. Parts: {', '.join(repr(p.name) for p in exercise.parts)}."
        self._passed: list[tuple[Part, Any]] = []  # with the function that passed it
        self._failed: Verdict | None = None
        self._thing: Any = None  # that failed

    def __repr__(self) -> str:
        return f"check.{self.exercise.name}({self.exercise.name})"

    def __call__(self, *function: Any, part: str | None = None) -> None:
        thing = self._handed_over(function)
        try:
            parts = self.exercise.parts if part is None else [self.exercise.part(part)]
        except ValueError as error:
            raise CheckFailed(str(error)) from None
        for one in parts:
            try:
                verdict = self.exercise.run(one, NotebookSubject(thing))
            except CheckBroken as error:
                raise CheckFailed(
                    f"This check is broken, and that is not your mistake: {error}. Tell your instructor; your work is "
                    "neither right nor wrong by it."
                ) from None
            _write_down(verdict)
            if not verdict.passed:
                self._failed, self._thing = verdict, thing
                raise self._message(verdict, thing)
            self._passed = [(p, f) for p, f in self._passed if p is not one] + [(one, thing)]
            print(passed_line(verdict))
            _celebrate(verdict)
        foreign = not_allowed(thing, self.exercise.lesson)
        if foreign:
            print(
                f"note: this uses {' and '.join(foreign)}, which is not there when the lesson is graded. "
                "Try NumPy alone."
            )

    @property
    def case(self) -> FailedCase:
        """The last case that failed here, with new arguments each time. Raises LookupError where none has failed."""
        if self._failed is None or self._failed.failure is None:
            raise LookupError(f"no case of check.{self.exercise.name} has failed yet")
        failure = self._failed.failure
        args, kwargs = self.exercise.handed(failure.case.fresh())
        return FailedCase(args, kwargs, failure.expected, failure.got)

    @property
    def for_a_tutor(self) -> str:
        """What whoever helps with the last case that failed here needs to know, as text: rules, hints, the message.
        Raises LookupError where none has failed."""
        if self._failed is None:
            raise LookupError(f"no case of check.{self.exercise.name} has failed yet")
        return tutor.context(self._failed, failure_text(self._failed, ()), self._thing)

    @property
    def solved(self) -> bool:
        """Has one object passed every part?"""
        return any(self.passed(thing) for _, thing in self._passed)

    def passed(self, thing: Any) -> bool:
        """Has this very object passed every part?"""
        return {id(part) for part, function in self._passed if function is thing} == {
            id(p) for p in self.exercise.parts
        }

    def _handed_over(self, things: tuple) -> Any:
        name, kind = self.exercise.name, "table" if self.exercise.value else "function"
        marks = "quotes" if self.exercise.value else "quotes or parentheses"
        how = f"Hand over the {kind} itself, without {marks}: check.{name}({name})"
        if len(things) != 1:
            raise CheckFailed(f"check.{name} takes one thing, your {kind}, and got {len(things)}. {how}")
        if not self.exercise.value and not callable(things[0]):
            raise CheckFailed(f"check.{name} takes your function, and got {describe(plain(things[0]))}. {how}")
        return things[0]

    def _message(self, verdict: Verdict, thing: Any) -> CheckFailed:
        earlier = [part for part, function in self._passed if function is thing and part is not verdict.part]
        needs = self._not_passed(thing)
        shown = False
        whole = failure_text(verdict, earlier, needs=needs)
        if _in_notebook():
            html = picture(verdict)
            if html is not None:
                kernel.show(html, "")
                shown = True
            if verdict.failed.kind is not Kind.UNSOLVED:
                tutor.offer(self.for_a_tutor)
        return CheckFailed(whole, shown, failure_text(verdict, earlier, arrays=False, needs=needs))

    def _not_passed(self, thing: Any) -> list[str]:
        """The lesson's other exercises that this function calls and that have not passed their own checks."""
        from cnnlab import check

        found = []
        for name, value in names_used(thing).items():
            if name != self.exercise.name and name in check.names(self.exercise.lesson):
                other = getattr(check, name)
                if not other.passed(value):
                    found.append(name)
        return found


def _write_down(verdict: Verdict) -> None:
    """Into the learner's log, where this is a learner's notebook; never to anybody's cost."""
    if not _in_notebook():
        return
    with contextlib.suppress(Exception):
        exercise, failure = verdict.exercise, verdict.failure
        named = failure.diagnosis.named if failure is not None else ()
        text = failure_text(verdict, (), by_hand=False) if named else ""
        kind = "passed" if failure is None else failure.kind.value
        logbook.note(exercise.lesson, exercise.name, verdict.part.name, kind, named[0].name if named else "", text)
        panel.update()


def _celebrate(verdict: Verdict) -> None:
    """What the learner's own functions can do, if this was a lesson's last check; never to anybody's cost."""
    if _in_notebook():
        with contextlib.suppress(Exception):
            from cnnlab import milestones

            milestones.reached(verdict.exercise.lesson)


def _in_notebook() -> bool:
    return kernel.shell() is not None
