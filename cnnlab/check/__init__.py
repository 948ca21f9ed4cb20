"""The checks: ``from cnnlab import check``, then ``check.cross_correlate2d(cross_correlate2d)``.

Every exercise of the course is an attribute here. The declarations stand in one module for each lesson
(``cnnlab.check.lesson_01`` and so on), which is loaded when the first of its exercises is asked for.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import importlib.util

from cnnlab.check.notebook import NotebookCheck
from cnnlab.check.report import CheckFailed
from cnnlab.check.subject import Answer, ask
from cnnlab.settings import course

__all__ = ["Answer", "CheckFailed", "ask", "exercises", "lessons"]


@functools.cache
def lessons() -> tuple[str, ...]:
    """The names of the lessons in course.toml that have checks here: "00_start", "01_convolution", …"""
    return tuple(name for name in sorted(course().get("lessons", {})) if importlib.util.find_spec(_home(name)))


def exercises(lesson: str) -> list:
    """The declared exercises of a lesson ("01_convolution" or "01"), in the lesson's order."""
    for name in lessons():
        if lesson in (name, name[:2]):
            return list(importlib.import_module(_home(name)).EXERCISES)
    raise ValueError(f"no lesson {lesson!r} has checks; there are {', '.join(lessons())}")


def _home(lesson: str) -> str:
    """The module that declares a lesson's exercises."""
    return f"cnnlab.check.lesson_{lesson[:2]}"


def __getattr__(name: str) -> NotebookCheck:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for lesson in lessons():
        for exercise in exercises(lesson):
            if exercise.name == name:
                found = globals()[name] = NotebookCheck(exercise)
                return found
    known = [exercise.name for lesson in lessons() for exercise in exercises(lesson)]
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean check.{close[0]}?" if close else f"; there are {', '.join(known)}"
    raise AttributeError(f"there is no check for {name!r}{hint}")


def __dir__() -> list[str]:
    return sorted([*__all__, *(exercise.name for lesson in lessons() for exercise in exercises(lesson))])
