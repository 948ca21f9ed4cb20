"""A check as a learner calls it: it prints, shows and raises, where the rest of the engine only judges."""

from __future__ import annotations

import sys

from cnnlab.check.exercise import Exercise, Part, Verdict
from cnnlab.check.imports import not_allowed
from cnnlab.check.plain import describe, plain
from cnnlab.check.report import CheckFailed, failure_text, passed_line, picture
from cnnlab.check.subject import NotebookSubject


class NotebookCheck:
    """``check.<exercise>(function)`` tries every part, ``check.<exercise>(function, part="…")`` one.

    Prints one line for each part that passes; raises CheckFailed, with a picture where there is one to draw, at the
    first that does not.
    """

    def __init__(self, exercise: Exercise):
        self.exercise = exercise
        self.__name__ = exercise.name
        self.__doc__ = f"Check `{exercise.name}`. Parts: {', '.join(repr(p.name) for p in exercise.parts)}."
        self._passed: list[tuple[Part, object]] = []  # with the function that passed it

    def __repr__(self) -> str:
        return f"check.{self.exercise.name}({self.exercise.name})"

    def __call__(self, *function: object, part: str | None = None) -> None:
        thing = self._handed_over(function)
        try:
            parts = self.exercise.parts if part is None else [self.exercise.part(part)]
        except ValueError as error:
            raise CheckFailed(str(error)) from None
        for one in parts:
            verdict = self.exercise.run(one, NotebookSubject(thing))
            if not verdict.passed:
                raise self._failed(verdict, thing)
            self._passed = [(p, f) for p, f in self._passed if p is not one] + [(one, thing)]
            print(passed_line(verdict))
        foreign = not_allowed(thing, self.exercise.lesson)
        if foreign:
            print(
                f"note: this uses {' and '.join(foreign)}, which is not there when the lesson is graded. "
                "Try NumPy alone."
            )

    def _handed_over(self, things: tuple) -> object:
        name, kind = self.exercise.name, "table" if self.exercise.value else "function"
        marks = "quotes" if self.exercise.value else "quotes or parentheses"
        how = f"Hand over the {kind} itself, without {marks}: check.{name}({name})"
        if len(things) != 1:
            raise CheckFailed(f"check.{name} takes one thing, your {kind}, and got {len(things)}. {how}")
        if not self.exercise.value and not callable(things[0]):
            raise CheckFailed(f"check.{name} takes your function, and got {describe(plain(things[0]))}. {how}")
        return things[0]

    def _failed(self, verdict: Verdict, thing: object) -> CheckFailed:
        earlier = [part for part, function in self._passed if function is thing and part is not verdict.part]
        shown = False
        html = picture(verdict) if _in_notebook() else None
        if html is not None:
            from IPython.display import HTML, display

            display(HTML(html))
            shown = True
        return CheckFailed(failure_text(verdict, earlier), shown, failure_text(verdict, earlier, arrays=False))


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and hasattr(shell, "kernel")
