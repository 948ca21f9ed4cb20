"""The checks: ``from cnnlab import check``, then ``check.cross_correlate2d(cross_correlate2d)``.

Every exercise of the course is an attribute here. Each is declared in a module of its own,
``cnnlab.check.lesson_01.cross_correlate2d`` and so on, which is loaded when it is asked for; a lesson's package lists
the names of its exercises, in the lesson's order.
"""

import difflib
import functools
import importlib
import importlib.util

from cnnlab import panel
from cnnlab.check.exercise import Exercise
from cnnlab.check.notebook import NotebookCheck
from cnnlab.check.report import CheckFailed
from cnnlab.check.subject import Answer, ask
from cnnlab.settings import course

__all__ = ["Answer", "CheckFailed", "ask", "exercise", "exercises", "lessons", "names"]


@functools.cache
def lessons() -> tuple[str, ...]:
    """The names of the lessons in course.toml that have checks here: "00_start", "01_convolution", …"""
    return tuple(name for name in sorted(course().get("lessons", {})) if importlib.util.find_spec(_home(name)))


def names(lesson: str) -> tuple[str, ...]:
    """The names of a lesson's exercises ("01_convolution" or "01"), in the lesson's order. Raises ValueError."""
    for name in lessons():
        if lesson in (name, name[:2]):
            return tuple(importlib.import_module(_home(name)).EXERCISES)
    raise ValueError(f"no lesson {lesson!r} has checks; there are {', '.join(lessons())}")


def exercises(lesson: str) -> list[Exercise]:
    """The declared exercises of a lesson ("01_convolution" or "01"), in the lesson's order. Raises ValueError."""
    return [exercise(name) for name in names(lesson)]


def exercise(name: str) -> Exercise:
    """The declaration of an exercise; loads no other one. Raises LookupError where there is none of that name."""
    for lesson in lessons():
        if name in names(lesson):
            return importlib.import_module(f"{_home(lesson)}.{name}").EXERCISE
    known = [name for lesson in lessons() for name in names(lesson)]
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean check.{close[0]}?" if close else f"; there are {', '.join(known)}"
    raise LookupError(f"there is no check for {name!r}{hint}")


def _home(lesson: str) -> str:
    """The package that declares a lesson's exercises."""
    return f"cnnlab.check.lesson_{lesson[:2]}"


def __getattr__(name: str) -> NotebookCheck:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        found = globals()[name] = NotebookCheck(exercise(name))
    except LookupError as error:
        raise AttributeError(error.args[0]) from None
    return found


panel.watch()


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for lesson in lessons() for name in names(lesson))])
