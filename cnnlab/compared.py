"""A learner's answers beside the course's own, once they have passed: for those who learn alone.

The course's answers are read from `solutions/`, which a clone has and what an instructor hands out has not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnlab.check import exercises
from cnnlab.files import write_whole
from cnnlab.markup import render
from cnnlab.settings import Trouble, full_lesson_name, read_course

MARK = re.compile(r"^\s*### (BEGIN|END) SOLUTION\n?", re.MULTILINE)


@dataclass(frozen=True)
class Pair:
    """One answer: the learner's and the course's. `waits` says why the course's is not shown yet, "" where it is."""

    name: str
    yours: str
    ours: str
    waits: str = ""


def compare(root: Path, lesson: str) -> tuple[Path, list[Pair]]:
    """Write work/NN_topic/NN_topic.compared.html, and say what stands in it. lesson: "01" or "01_convolution".

    Raises Trouble: where the instructor switched it off, where there are no solutions here, or no work yet.
    """
    lesson = full_lesson_name(lesson)
    if read_course(root).get("compare", True) is False:
        raise Trouble("In this course the model answers are not shown.", "Your instructor has them: ask.")
    solution = root / "solutions" / lesson / f"{lesson}.ipynb"
    if not solution.is_file():
        raise Trouble("The model answers are not in what you were given.", "Whoever gave you the course has them: ask.")
    yours = root / "work" / lesson / f"{lesson}.ipynb"
    if not yours.is_file():
        raise Trouble(f"work/{lesson} has no notebook yet.", "`make lab` puts it there.")
    found = pairs(lesson, _cells(yours), _cells(solution), _cells(root / "notebooks" / lesson / f"{lesson}.ipynb"))
    page = yours.with_suffix(".compared.html")
    shown = [pair for pair in found if not pair.waits]
    write_whole(page, render("compared", lesson=lesson, pairs=shown, waiting=len(found) - len(shown)))
    return page, found


def pairs(lesson: str, yours: Sequence[dict], ours: Sequence[dict], released: Sequence[dict]) -> list[Pair]:
    """Every exercise and short answer of a lesson, in the page's order, from the cells of three notebooks.

    An exercise is shown when each of its checks has said "passed" in the learner's notebook as it was saved last; an
    answer in words when something else stands there than was handed out.
    """
    parts = {exercise.name: [part.name for part in exercise.parts] for exercise in exercises(lesson)}
    said = "\n".join(text for cell in yours for text in _printed(cell))
    mine, stubs = _by_name(yours), _by_name(released)
    found = []
    for name, model in _by_name(ours).items():
        own, waits = mine.get(name, ""), ""
        if name in parts:
            passed = all(f"passed: {name} · {part} · " in said for part in parts[name])
            waits = "" if passed else "its checks have not all passed yet, or the notebook is not saved"
        elif own.strip() in ("", stubs.get(name, "").strip()):
            waits = "you have not answered yet"
        found.append(Pair(name, own, MARK.sub("", model), waits))
    return found


def _cells(path: Path) -> list[dict]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        raise Trouble(f"{path.name} is not a notebook.", "`cnnlab reset` makes a fresh one and keeps that.") from None


def _by_name(cells: Sequence[dict]) -> dict[str, str]:
    """The cells that learners fill in: the source of each, by its name."""
    marked = ((cell.get("metadata", {}).get("nbgrader", {}), cell) for cell in cells)
    return {marks["grade_id"]: _text(cell.get("source", "")) for marks, cell in marked if marks.get("solution")}


def _printed(cell: dict) -> Iterator[str]:
    for output in cell.get("outputs", []):
        if output.get("output_type") == "stream":
            yield _text(output.get("text", ""))


def _text(text: str | list[str]) -> str:
    """A notebook's text, which stands there whole or line by line."""
    return text if isinstance(text, str) else "".join(text)
