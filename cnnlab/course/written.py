"""What the build writes by itself: numbers and points in headings, the calls of check cells, their points.

All of it follows from the declarations in cnnlab.check and from the order of the lesson, so a master does not say it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cnnlab.check.exercise import Exercise, Part
from cnnlab.course.pieces import Piece
from cnnlab.course.tags import Tags

SECTION_HEADING = re.compile(r"^(\d+)\. ")
EXERCISE_HEADING = re.compile(
    r"^(?P<names>`\w+`(?:, `\w+`)*(?: and `\w+`)?) · (?P<rest>difficulty [1-5]/5 · about \d+ minutes?)$"
)
QUESTION_HEADING = re.compile(r"^Question · (?P<rest>about \d+ minutes?)$")


@dataclass
class MasterCell:
    """A cell of the solution notebook. kind: "markdown", "code" (plain), "solution", "check", "figure", "widget" or
    "answer"; `line` in the master, from 1. name: of the exercise, figure, widget or answer. heading: what a Markdown
    cell begins with, without its #."""

    kind: str
    source: str
    line: int = 0
    tags: dict = field(default_factory=dict)
    name: str = ""
    grade_id: str = ""
    heading: str = ""

    @property
    def type(self) -> str:
        """nbformat's: "markdown" or "code"."""
        return "markdown" if self.kind in ("markdown", "answer") else "code"


def written_cells(pieces: Sequence[Piece], exercises: Sequence[Exercise]) -> list[MasterCell]:
    """The cells of a master that keeps to master_rules; `exercises` are those that its lesson declares."""
    by_name = {exercise.name: exercise for exercise in exercises}
    headings = _headings(pieces, by_name)
    made = []
    for piece in pieces:
        tags = piece.tags
        if piece.kind == "prose":
            heading = next(headings) if piece.heading else ""
            made.append(MasterCell("markdown", _headed(piece, heading), piece.line, heading=heading))
        elif part := part_of(tags, by_name):
            values = {"check": tags.name, "part": part.name, "points": part.points}
            source = f'check.{tags.name}({tags.name}, part="{part.name}")'
            made.append(MasterCell("check", source, piece.line, values, tags.name, grade_id_of(tags, by_name)))
        else:
            kind = tags.kind if tags.kind not in ("", "output") else "code"
            made.append(MasterCell(kind, piece.source, piece.line, tags.values, tags.name, grade_id_of(tags, by_name)))
    return made


def _headed(piece: Piece, heading: str) -> str:
    """The text below the heading as it is written."""
    if not piece.heading or heading == piece.heading.text:
        return piece.source
    _, *below = piece.source.split("\n")
    return "\n".join([f"{'#' * piece.heading.level} {heading}", *below])


def _headings(pieces: Sequence[Piece], by_name: dict[str, Exercise]) -> Iterator[str]:
    """Every heading of the lesson: those of exercises and questions with their number and their points.

    A number is that of the section (`## 2. …`) and a count of the exercises and questions in it.
    """
    section, count = "", 0
    for k, piece in enumerate(pieces):
        if piece.heading is None:
            continue
        text = piece.heading.text
        if piece.heading.level == 2:
            match = SECTION_HEADING.match(text)
            section, count = match[1] if match else "", 0
        if match := EXERCISE_HEADING.match(text):
            count += 1
            names = re.findall(r"`(\w+)`", match["names"])
            points = sum(part.points for name in names for part in by_name[name].parts)
            yield f"Exercise {section}.{count} · {match['names']} · {points_in_words(points)} · {match['rest']}"
        elif match := QUESTION_HEADING.match(text):
            count += 1
            points = sum(answer.tags.values["points"] for answer in answers_below(pieces, k))
            yield f"Question {section}.{count} · {points_in_words(points)}, graded by hand · {match['rest']}"
        else:
            yield text


def answers_below(pieces: Sequence[Piece], k: int) -> list[Piece]:
    """The answers between the heading of piece `k` and the next one."""
    found = []
    for piece in pieces[k + 1 :]:
        if piece.heading is not None:
            break
        if piece.tags.kind == "answer":
            found.append(piece)
    return found


def points_in_words(points: float) -> str:
    """ "2 points", "1 point", "not graded"."""
    return f"{points:g} point{'' if points == 1 else 's'}" if points else "not graded"


def part_of(tags: Tags, by_name: dict[str, Exercise]) -> Part | None:
    """The part that a check cell is about: the one it names, or the only one; None where that says no part, and for
    other cells."""
    parts = list(by_name[tags.name].parts) if tags.kind == "check" and tags.name in by_name else []
    named = tags.values.get("part")
    if named is None:
        return parts[0] if len(parts) == 1 else None
    return next((part for part in parts if part.name == named), None)


def grade_id_of(tags: Tags, by_name: dict[str, Exercise]) -> str:
    """solution: its name; check: check-name-part; answer: the id. "" for all other cells."""
    if tags.kind == "check":
        part = part_of(tags, by_name)
        return f"check-{tags.name}-{slug(part.name)}" if part else ""
    return tags.name if tags.kind in ("solution", "answer") else ""


def slug(text: str) -> str:
    """Letters, digits, _ and hyphens only: what a grade_id or a cell id may hold."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")
