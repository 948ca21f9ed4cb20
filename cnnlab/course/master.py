"""A master, `solutions/NN_topic/NN_topic.md`, as a list of cells; refused with every mistake that is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnlab.check.exercise import Exercise
from cnnlab.course import master_rules
from cnnlab.course.pieces import cut
from cnnlab.course.problems import Problems, Refused
from cnnlab.course.written import MasterCell, written_cells


@dataclass
class Master:
    """text: the file as it is. cells: with all that the build writes in them."""

    path: Path
    lesson: str
    title: str
    text: str
    cells: list[MasterCell]


def declared(lesson: str) -> list[Exercise]:
    """The exercises that `cnnlab.check` declares for a lesson; none where it has no checks yet."""
    from cnnlab import check

    return check.exercises(lesson) if lesson in check.lessons() else []


def read(path: Path, exercises: Sequence[Exercise] | None = None, root: Path | None = None) -> Master:
    """Read and validate a master. Raises Refused with all problems that were found.

    `exercises` are those that the lesson declares, by default those of `cnnlab.check`; `root` is the folder that paths
    in messages begin at.
    """
    lesson, problems = path.parent.name, Problems()
    text = _text(path, root)
    if exercises is None:
        exercises = declared(lesson)
    title, pieces = cut(text, problems)
    master_rules.apply(path, pieces, exercises, problems)
    if problems:
        raise Refused(path, problems, root)
    return Master(path, lesson, title, text, written_cells(pieces, exercises))


def _text(path: Path, root: Path | None) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        problems = Problems()
        problems.add(1, f"it can not be read ({error.strerror})", "look at its name and its permissions")
        raise Refused(path, problems, root) from None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        problems = Problems()
        line = raw[: error.start].count(b"\n") + 1
        problems.add(line, f"byte {raw[error.start]:#x} is not UTF-8", "save the file as UTF-8")
        raise Refused(path, problems, root) from None
