"""The panel at a lesson's top: parts that pass, points, the next exercise and its minutes.

It is drawn below the set-up cell and follows the checks while they run. It is there where a log is (cnnlab.logbook),
and shows this lesson alone: a notebook is handed in with its outputs, and the rest of the log is nobody's business.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from pathlib import Path
from urllib.parse import quote

from cnnlab import kernel, logbook, progress
from cnnlab.settings import Trouble, course, root

SET_UP = "# Set-up: the same cell in every lesson."  # how that cell begins
NAME = "cnnlab-progress"
_lesson = ""  # whose panel this notebook shows


def watch() -> None:
    """Draw the panel whenever the set-up cell has run."""
    kernel.on_cell_end(lambda source: show() if source.startswith(SET_UP) and logbook.own_folder() else None)


def show(again: bool = False) -> None:
    """Draw the panel of the lesson that this notebook belongs to; again: in place of the one that is there.

    Nothing where it is not known which lesson that is.
    """
    global _lesson
    place = logbook.own_folder()
    _lesson = _lesson or (lesson_here(place) if place else "")
    if not (place and _lesson):
        return
    if found := standing(_lesson):
        kernel.show(html(found, _lesson), words(found, _lesson), NAME, again)


def update() -> None:
    """Bring the panel up to date, where there is one."""
    if _lesson:
        show(again=True)


def standing(lesson: str) -> progress.Standing | None:
    """By this notebook's log; None where there is none."""
    place = logbook.own_folder()
    return progress.standing_of(*_known(lesson), place) if place else None


def lesson_here(place: Path) -> str:
    """The lesson in whose folder we are, else the one that was worked on last; "" where there is none yet."""
    if (here := Path.cwd().name) in course()["lessons"]:
        return here
    named = [str(entry.get("lesson")) for entry in logbook.entries(place) if entry.get("lesson") in course()["lessons"]]
    return named[-1] if named else ""


@functools.cache
def _known(lesson: str) -> tuple[list[progress.Exercise], dict[str, str]]:
    """The exercises, and the titles of the lessons. Without notebooks at hand (Colab) the former are this lesson's
    checks, of which no minutes are known."""
    titles = {name: about.get("title", name) for name, about in course()["lessons"].items()}
    with contextlib.suppress(Trouble):
        return progress.exercises(root()), titles
    from cnnlab import check

    declared = [(one.name, {part.name: part.points for part in one.parts}) for one in check.exercises(lesson)]
    return [progress.Exercise(lesson, name, parts=parts) for name, parts in declared], titles


def words(standing: progress.Standing, lesson: str) -> str:
    """The panel for where there is no HTML."""
    count = standing.count(lesson)
    return f"Lesson {standing.title(lesson)}: {count.done} of {count.parts} parts. {_next(standing, lesson)[0]}"


def html(standing: progress.Standing, lesson: str) -> str:
    from cnnlab.markup import render

    count = standing.count(lesson)
    said, link = _next(standing, lesson)
    browser = sys.platform == "emscripten"
    return render("panel", title=standing.title(lesson), count=count, said=said, link=link, browser=browser)


def _next(standing: progress.Standing, lesson: str) -> tuple[str, str]:
    """What comes next, and a link to it, to a cell here or to another notebook; "" where that is not known."""
    if found := standing.next(lesson):
        number = f" {found.number}" if found.number else ""
        minutes = f", about {found.minutes} minutes" if found.minutes else ""
        here = _this_notebook(lesson) if found.cell else ""
        return f"Next: exercise{number}, {found.name}{minutes}.", here and f"{here}#cell-id={found.cell}"
    later = [name for name in standing.titles if name > lesson]
    if not later:
        return "Every check of this lesson passes.", ""
    following = min(later)
    said = f"Every check of this lesson passes. Next: lesson {standing.title(following)}."
    there = Path("..", following, f"{following}.ipynb")
    return said, there.as_posix() if there.is_file() else ""


def _this_notebook(lesson: str) -> str:
    """How this notebook is called: as Jupyter says, else as the course calls it; for a link, "" where neither is here.

    JupyterLab looks for a cell (`#cell-id=…`) in a notebook that is named alone, this one not excepted.
    """
    names = [Path(os.environ.get("JPY_SESSION_NAME", "")).name, f"{lesson}.ipynb"]
    return next((quote(name) for name in names if name.endswith(".ipynb") and Path(name).is_file()), "")
