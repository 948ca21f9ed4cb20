"""The kill matrix: every known mistake run through its exercise's check, as data and as a page in docs/."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from cnnlab import check
from cnnlab.check.exercise import Exercise, Mistake
from cnnlab.check.subject import NotebookSubject


@dataclass(frozen=True)
class Row:
    """What became of one mistake: for each part whether it was caught there, and whether it was called by its name."""

    exercise: Exercise
    mistake: Mistake
    caught: dict[str, bool]
    named: bool

    @property
    def killed(self) -> bool:
        return any(self.caught.values())


@functools.cache
def rows(lesson: str, seed: int | None = None) -> list[Row]:
    """One row for each known mistake of a lesson; `seed` draws other cases than the notebook's."""
    return [row(exercise, mistake, seed) for exercise in check.exercises(lesson) for mistake in exercise.mistakes]


def row(exercise: Exercise, mistake: Mistake, seed: int | None = None) -> Row:
    caught, named = {}, False
    for part in exercise.parts:
        subject = NotebookSubject(mistake.function)
        if named:  # once is enough; asking for names takes most of the time
            caught[part.name] = exercise.fails(part, subject, seed)
            continue
        failure = exercise.run(part, subject, seed).failure
        caught[part.name] = failure is not None
        named = failure is not None and failure.mistake is mistake
    return Row(exercise, mistake, caught, named)


def page(lesson: str) -> str:
    """The matrix of a lesson as Markdown."""
    found = rows(lesson)
    killed, named = sum(r.killed for r in found), sum(r.named for r in found)
    lines = [
        f"# Known mistakes, lesson {lesson}",
        "",
        f"{len(found)} known mistakes; {killed} caught, {named} of them called by name. A test runs every one of them "
        "through its check, with the notebook's seed and with others, and fails if one gets through.",
        "This page is written by `cnnlab matrix`.",
    ]
    for exercise in check.exercises(lesson):
        parts = [part.name for part in exercise.parts]
        lines += ["", f"## `{exercise.name}`", ""]
        lines += ["| mistake | " + " | ".join(parts) + " | named | what the learner reads |"]
        lines += ["|---|" + "---|" * (len(parts) + 2)]
        for r in found:
            if r.exercise is exercise:
                cells = ["caught" if r.caught[name] else "passes" for name in parts]
                cells += ["yes" if r.named else "no", r.mistake.says.replace("|", "\\|")]
                lines.append(f"| {r.mistake.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write_pages(folder: Path) -> list[Path]:
    """Write one page for each lesson that has checks; returns the files that changed."""
    changed = []
    folder.mkdir(parents=True, exist_ok=True)
    for lesson in check.lessons():
        path, text = folder / f"{lesson}.md", page(lesson)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed
