"""Rows of the kill matrix as plain data, the same function here and in WebAssembly."""

from __future__ import annotations

import json
from pathlib import Path

from cnnlab import check
from cnnlab.check.subject import NotebookSubject
from tests.check import right

LESSONS = ("00", "01", "02", "03", "04", "05")


def numbers() -> dict[str, int]:
    """How many known mistakes each exercise of the lessons in NumPy has."""
    return {one.name: len(one.mistakes) for lesson in LESSONS for one in check.exercises(lesson)}


def row(exercise: str, number: int) -> list:
    """A mistake's name, and for each part: what kind of failure it is, and what it is called (None where it passes)."""
    declared = check.exercise(exercise)
    said = []
    for part in declared.parts:
        failure = declared.run_mistake(part, number).failure
        said.append(failure and [failure.kind.value, [one.name for one in failure.diagnosis.named]])
    return [declared.mistakes[number].name, said]


def write(file: str, asked: dict[str, list[int]]) -> None:
    """Write {exercise: [row, …]} for the mistakes that are asked about."""
    found = {name: [row(name, number) for number in wanted] for name, wanted in asked.items()}
    Path(file).write_text(json.dumps(found), encoding="utf-8")


def refused(asked: dict[str, list[int]]) -> list[str]:
    """Right answers ({exercise: [place in tests/check/right, …]}) that a check does not pass, a line each."""
    found = []
    for name, wanted in asked.items():
        declared = check.exercise(name)
        for number in wanted:
            subject = NotebookSubject(right.answers(declared)[number])
            verdicts = [declared.run(part, subject) for part in declared.parts]
            found += [f"{name} {number}: {one.failure.sentence}" for one in verdicts if not one.passed]
    return found
