"""The checks: ``from cnnlab import check``, then ``check.cross_correlate2d(cross_correlate2d)``.

Every exercise of the course is an attribute here. The declarations stand in one module for each lesson
(``cnnlab.check.lesson_01`` and so on), which is loaded when the first of its exercises is asked for.
"""

from __future__ import annotations

import difflib
import importlib
from types import ModuleType

from cnnlab.check.notebook import NotebookCheck
from cnnlab.check.report import CheckFailed
from cnnlab.check.subject import Answer, ask

__all__ = ["Answer", "CheckFailed", "ask", "exercises", "lessons"]

_LESSONS = {"00_start": "lesson_00", "01_convolution": "lesson_01"}


def lessons() -> list[str]:
    """The names of the lessons that have checks: "00_start", "01_convolution", …"""
    return list(_LESSONS)


def exercises(lesson: str) -> list:
    """The declared exercises of a lesson ("01_convolution" or "01"), in the lesson's order."""
    for name in _LESSONS:
        if lesson in (name, name[:2]):
            return list(_module(name).EXERCISES)
    raise ValueError(f"no lesson {lesson!r} has checks; there are {', '.join(_LESSONS)}")


def _module(lesson: str) -> ModuleType:
    return importlib.import_module(f"cnnlab.check.{_LESSONS[lesson]}")


def __getattr__(name: str) -> NotebookCheck:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for lesson in _LESSONS:
        for exercise in exercises(lesson):
            if exercise.name == name:
                found = globals()[name] = NotebookCheck(exercise)
                return found
    known = [exercise.name for lesson in _LESSONS for exercise in exercises(lesson)]
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean check.{close[0]}?" if close else f"; there are {', '.join(known)}"
    raise AttributeError(f"there is no check for {name!r}{hint}")


def __dir__() -> list[str]:
    return sorted([*__all__, *(exercise.name for lesson in _LESSONS for exercise in exercises(lesson))])
