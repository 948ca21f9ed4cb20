"""How far a learner is: the exercises of the notebooks beside what the log says of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from cnnlab import logbook
from cnnlab.settings import read_course

HEADING = re.compile(r"^#+ Exercise ([\d.]+) · `(\w+)`.*?(?:about (\d+) minutes?)?\s*$", re.M)
CHECK = re.compile(r"^check\.(\w+)\(.*part=[\"']([^\"']+)", re.M)


@dataclass(frozen=True)
class Exercise:
    """An exercise of a lesson: its number in the text, about how many minutes it takes, the id of the cell that its
    heading is in, and its parts with their points."""

    lesson: str
    name: str
    number: str = ""
    minutes: int = 0
    cell: str = ""
    parts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Count:
    """Of a lesson: parts that pass and parts there are, the points of the former and of all."""

    done: int
    parts: int
    points: float
    most: float


@dataclass(frozen=True)
class Standing:
    """The exercises of the course in their order; what passed when tried last, as (exercise, part); what was met, as
    (exercise, mistake); and the lessons' titles."""

    exercises: list[Exercise]
    passed: set[tuple[str, str]]
    mistakes: set[tuple[str, str]]
    titles: dict[str, str]

    def is_solved(self, exercise: Exercise) -> bool:
        return all((exercise.name, part) in self.passed for part in exercise.parts)

    def next(self, lesson: str = "") -> Exercise | None:
        """The first exercise, of a lesson where one is named, that is not solved."""
        those = (one for one in self.exercises if not lesson or one.lesson == lesson)
        return next((one for one in those if not self.is_solved(one)), None)

    def count(self, lesson: str) -> Count:
        """The parts and points of one lesson."""
        parts = {(one.name, p): n for one in self.exercises if one.lesson == lesson for p, n in one.parts.items()}
        done = [pair for pair in parts if pair in self.passed]
        return Count(len(done), len(parts), sum(parts[pair] for pair in done), sum(parts.values()))

    def title(self, lesson: str) -> str:
        return f"{lesson[:2]} {self.titles.get(lesson, lesson)}"

    def lines(self) -> list[str]:
        """What `cnnlab progress` prints: a line for each lesson, and what comes next."""
        told, every, all_done = [], 0.0, 0.0
        for lesson in dict.fromkeys(one.lesson for one in self.exercises):
            count, title = self.count(lesson), self.title(lesson)
            bar = "#" * round(10 * count.done / count.parts) if count.parts else ""
            every, all_done = every + count.most, all_done + count.points
            of = f", {count.points:2g} of {count.most:2g} points" if count.most else ""
            title = title if len(title) <= 48 else title[:47] + "…"
            told.append(f"{title:48} {bar:·<10} {count.done:2} of {count.parts:2} parts{of}")
        return [
            *told,
            f"{all_done:g} of the checks' {every:g} points; answers in words are graded by hand",
        ]

    def says_next(self) -> str:
        """A sentence on the next exercise."""
        found = self.next()
        if found is None:
            return "Every exercise of the course passes."
        minutes = f", about {found.minutes} minutes" if found.minutes else ""
        return f"Next: exercise {found.number} of lesson {found.lesson[:2]}, {found.name}{minutes}"


def standing(root: Path) -> Standing:
    """How far whoever learns in this course's folder is. Raises Trouble where that is no course."""
    titles = {lesson: about.get("title", lesson) for lesson, about in read_course(root)["lessons"].items()}
    return standing_of(exercises(root), titles, place_of(root))


def standing_of(exercises: list[Exercise], titles: dict[str, str], place: Path) -> Standing:
    """The same for exercises that are known, and the log in a folder."""
    latest: dict[tuple[str, str], str] = {}
    mistakes = set()
    for entry in logbook.entries(place):
        if not isinstance(entry.get("kind"), str):  # no check: a question, a milestone, or what later versions write
            continue
        latest[str(entry.get("exercise")), str(entry.get("part"))] = str(entry.get("kind"))
        if entry.get("mistake"):
            mistakes.add((str(entry.get("exercise")), str(entry["mistake"])))
    passed = {pair for pair, kind in latest.items() if kind == "passed"}
    return Standing(exercises, passed, mistakes, titles)


def place_of(root: Path) -> Path:
    """The folder of the log of a course's folder, whether it is there or not."""
    return logbook.folder(root / "work") or root / "work"


def exercises(root: Path) -> list[Exercise]:
    """The exercises as the released notebooks have them; a lesson whose notebook can not be read has none.

    Raises Trouble where there is no course.
    """
    found = []
    for lesson in sorted(read_course(root)["lessons"]):
        try:
            cells = json.loads((root / "notebooks" / lesson / f"{lesson}.ipynb").read_text(encoding="utf-8"))["cells"]
            found += _exercises(lesson, cells)
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _exercises(lesson: str, cells: list[dict]) -> list[Exercise]:
    headings: dict[str, tuple[str, int, str]] = {}
    found: dict[str, Exercise] = {}
    for cell in cells:
        source, graded = "".join(cell["source"]), cell["metadata"].get("nbgrader", {})
        for number, name, minutes in HEADING.findall(source):
            headings.setdefault(name, (number, int(minutes or 0), str(cell.get("id", ""))))
        match = CHECK.search(source)
        if match and graded.get("grade"):
            name, part = match.groups()
            exercise = found.setdefault(name, Exercise(lesson, name, *headings.get(name, ())))
            exercise.parts[part] = float(graded.get("points") or 0)
    return list(found.values())
