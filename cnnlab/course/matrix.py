"""The kill matrix: every known mistake run through its exercise's check, as data and as a page in docs/."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnlab import check
from cnnlab.check.cases import Mistake
from cnnlab.check.exercise import Exercise
from cnnlab.check.subject import NotebookSubject
from cnnlab.check.verdict import Failure
from cnnlab.files import write_whole


@dataclass(frozen=True)
class Row:
    """What became of one mistake: for each part whether it was caught there, and whether it was called by its name."""

    mistake: Mistake
    caught: dict[str, bool]
    named: bool

    @property
    def killed(self) -> bool:
        """Whether one part at least caught it."""
        return any(self.caught.values())


@functools.cache
def rows(exercise: Exercise) -> list[Row]:
    """One row for each known mistake of an exercise, with the notebook's seed."""
    return [row(exercise, number) for number in range(len(exercise.mistakes))]


def row(exercise: Exercise, number: int) -> Row:
    """The row of known mistake `number`, with the notebook's seed."""
    mistake, found = exercise.mistakes[number], failures(exercise, number)
    caught = {name: failure is not None for name, failure in found.items()}
    named = any(mistake in [one.mistake for one in f.diagnosis.named] for f in found.values() if f is not None)
    return Row(mistake, caught, named)


@functools.lru_cache(200)
def failures(exercise: Exercise, number: int) -> dict[str, Failure | None]:
    """By the parts' names how known mistake `number` fails with the notebook's seed, None where it does not."""
    return {part.name: exercise.run_mistake(part, number).failure for part in exercise.parts}


def survives(exercise: Exercise, number: int, seed: int) -> bool:
    """Does known mistake `number` pass every part with the cases of another seed?"""
    subject, caught = NotebookSubject(exercise.mistakes[number].function, seconds=None), failures(exercise, number)
    parts = sorted(exercise.parts, key=lambda part: caught[part.name] is None)  # first those that will stop it
    return not any(exercise.fails(part, subject, seed) for part in parts)


def page(lesson: str) -> str:
    """The matrix of a lesson as Markdown."""
    found = [one for exercise in check.exercises(lesson) for one in rows(exercise)]
    killed, named = sum(one.killed for one in found), sum(one.named for one in found)
    lines = [
        f"# Known mistakes, lesson {lesson}",
        "",
        f"{len(found)} known mistakes; {killed} caught, {named} of them called by name. A test runs every one of them "
        "through its check, with the notebook's seed and with others, and fails if one gets through.",
        "This page is written by `cnnlab matrix`.",
    ]
    return "\n".join([*lines, *(section(exercise) for exercise in check.exercises(lesson))]) + "\n"


def section(exercise: Exercise) -> str:
    """An exercise's part of the page."""
    parts = [part.name for part in exercise.parts]
    lines = ["", f"## `{exercise.name}`", ""]
    lines += ["| mistake | " + " | ".join(parts) + " | named | what the learner reads |"]
    lines += ["|---|" + "---|" * (len(parts) + 2)]
    for one in rows(exercise):
        cells = ["caught" if one.caught[name] else "passes" for name in parts]
        cells = [one.mistake.name, *cells, "yes" if one.named else "no", one.mistake.says]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def write_pages(folder: Path, lessons: Sequence[str] = ()) -> list[Path]:
    """Write one page for each of the lessons, all that have checks if none is named; returns the files that changed."""
    changed = []
    for lesson in lessons or check.lessons():
        path, text = folder / f"{lesson}.md", page(lesson)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_whole(path, text)
            changed.append(path)
    return changed
