"""A master, `solutions/NN_topic/NN_topic.md`, as a list of cells; refused with every mistake that is in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jupytext

from cnnlab.course import rules
from cnnlab.course.problems import Problems, Refused
from cnnlab.course.scan import Block, Scan, fence_closes, fence_opens, heading_at, scan
from cnnlab.course.tags import Tags, parse


@dataclass
class Cell:
    """`kind`: "markdown", "code" (plain), "solution", "check", "figure", "widget" or "answer"; `line` in the master."""

    kind: str
    source: str
    tags: dict = field(default_factory=dict)
    line: int = 0
    name: str = ""  # of the exercise, figure, widget or answer

    @property
    def type(self) -> str:
        return "markdown" if self.kind in ("markdown", "answer") else "code"


@dataclass
class Master:
    path: Path
    lesson: str
    title: str
    text: str
    cells: list[Cell]


def declared(lesson: str) -> list:
    """The exercises that `cnnlab.check` declares for a lesson; none where it has no checks yet."""
    from cnnlab import check

    return check.exercises(lesson) if lesson in check.lessons() else []


def read(path: Path, exercises: Sequence | None = None, root: Path | None = None) -> Master:
    """Read and validate a master. Raises Refused with all problems that were found.

    `exercises` (each with `.name` and `.parts`) are what its checks must agree with; else those of `cnnlab.check`.
    """
    lesson, problems = path.parent.name, Problems()
    text = _text(path, root)
    found = scan(text, problems)
    tagged = [(block, parse(block.info, block.line, problems)) for block in found.blocks]
    cells = _cells(found, tagged, problems)
    rules.names_agree(path, problems)
    rules.headings(found, problems)
    if exercises is None:
        exercises = declared(lesson)
    rules.blocks(tagged, problems)
    rules.exercises(found, tagged, exercises, problems)
    if problems:
        raise Refused(path, problems, root)
    return Master(path, lesson, found.front["title"].strip(), text, cells)


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


def _cells(found: Scan, tagged: list[tuple[Block, Tags]], problems: Problems) -> list[Cell]:
    """jupytext's cells, each block with its tags and line, Markdown cut at its headings."""
    notebook = jupytext.reads(found.body, fmt="md")
    waiting = list(tagged)
    cells: list[Cell] = []
    for one in notebook.cells:
        is_block = one.cell_type == "code" or set(one.metadata) - {"lines_to_next_cell"} or _next_region(waiting, one)
        if not is_block:
            cells += [Cell("markdown", part) for part in split_at_headings(one.source) if part.strip()]
            continue
        if not waiting:
            _read_otherwise(found, problems)
            return cells
        block, tags = waiting.pop(0)
        if (block.kind == "code") != (one.cell_type == "code") or _bare(one.source) != _bare("\n".join(block.lines)):
            _read_otherwise(found, problems, block.line)
            return cells
        kind = tags.kind if tags.kind not in ("", "output") else "code"
        cells.append(Cell(kind, one.source.strip("\n"), tags.values, block.line, tags.name))
    if waiting:
        _read_otherwise(found, problems, waiting[0][0].line)
    return cells


def _bare(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip("\n").split("\n")).strip()


def _next_region(waiting: list, cell: object) -> bool:
    """Whether an untagged Markdown cell is the region that comes next."""
    if not waiting or waiting[0][0].kind != "region":
        return False
    return _bare(cell.source) == _bare("\n".join(waiting[0][0].lines))


def _read_otherwise(found: Scan, problems: Problems, line: int = 1) -> None:
    if not problems:
        problems.add(
            line, "jupytext reads this cell otherwise than it looks", "look for a stray fence or mark before it"
        )


def split_at_headings(source: str) -> list[str]:
    """Markdown cut before each heading, so that every heading opens a cell."""
    parts: list[list[str]] = [[]]
    opener = None
    for line in source.split("\n"):
        if opener is not None:
            opener = None if fence_closes(line, opener) else opener
        elif fence_opens(line):
            opener = fence_opens(line)
        elif heading_at(line):
            parts.append([])
        parts[-1].append(line)
    return [re.sub(r"\A\n+|\n+\Z", "", "\n".join(part)) for part in parts]
