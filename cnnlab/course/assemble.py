"""A master's cells as a notebook: nbgrader's metadata, stable ids, badge and set-up cell. Nothing runs here."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from cnnlab import __version__
from cnnlab.course import bootstrap
from cnnlab.course.master import Master
from cnnlab.course.written import MasterCell, slug

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}


def assemble(master: Master, course: dict) -> NotebookNode:
    """The solution notebook, not run."""
    lesson = master.lesson
    notebook = nbformat.v4.new_notebook()
    notebook.metadata = NotebookNode(
        kernelspec=dict(KERNEL),
        language_info=dict(LANGUAGE),
        cnnlab={
            "built_from": content_key(master.text, lesson, course),
            "lesson": lesson,
            "title": master.title,
            "version": __version__,
        },
    )
    header, *rest = master.cells
    opening = replace(header, source=_with_badge(header.source, bootstrap.badge(course, lesson)))
    setup = MasterCell("code", bootstrap.cell(course, __version__))
    ids = _Ids(lesson)
    notebook.cells = [_cell(cell, ids, setup is cell) for cell in (opening, setup, *rest)]
    return notebook


def lines(master: Master) -> list[int]:
    """The master's line of each cell that `assemble` makes; 0 where a cell has none of its own."""
    header, *rest = master.cells
    return [header.line, 0, *(cell.line for cell in rest)]


def content_key(text: str, lesson: str, course: dict) -> str:
    """What a notebook is built from, as one word: its master, its part of course.toml, and the code that runs it.

    The code that makes sources and metadata is left out: these are compared with a fresh assembly each time.
    """
    digest = hashlib.sha256()
    own = {key: value for key, value in course.items() if key != "lessons"}
    runs = Path(__file__).with_name("execute.py").read_text(encoding="utf-8")
    for piece in (text, repr(sorted(own.items())), repr(sorted(course["lessons"][lesson].items())), __version__, runs):
        digest.update(piece.encode("utf-8") + b"\0")
    return digest.hexdigest()[:16]


class _Ids:
    """Cell ids: the grade_id where there is one, else lesson number, heading and position below it."""

    def __init__(self, lesson: str):
        self.number = lesson[:2]
        self.heading = "start"
        self.count: Counter = Counter()

    def of(self, cell: MasterCell) -> str:
        if cell.grade_id:
            return _legal(cell.grade_id)[:64]
        if cell.heading:
            self.heading = _legal(slug(cell.heading.split(" · ")[0]))[:40].strip("-") or "section"
        stem = f"{self.number}-{self.heading}"
        self.count[stem] += 1
        return f"{stem}-{self.count[stem]}"


def _legal(text: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_-]+", "-", text)


def _with_badge(source: str, badge: str) -> str:
    if not badge:
        return source
    title, _, text = source.partition("\n")
    return f"{title}\n\n{badge}\n\n{text.lstrip()}".rstrip()


def _cell(cell: MasterCell, ids: _Ids, setup: bool) -> NotebookNode:
    metadata = NotebookNode()
    own: dict = {}
    if cell.grade_id:
        metadata.nbgrader = NotebookNode(_nbgrader(cell))
    if cell.kind in ("figure", "widget"):
        own[cell.kind] = cell.name
    if "alt" in cell.tags:
        own["alt"] = cell.tags["alt"]
    if "judge" in cell.tags:
        own["judge"] = cell.tags["judge"]
    if cell.tags.get("output") == "exact":
        metadata.tags = ["nbval-check-output"]
    elif "output" in cell.tags:
        own["output"] = cell.tags["output"]
    if setup:
        own["setup"] = True
        metadata.jupyter = NotebookNode(source_hidden=True)
    if own:
        metadata.cnnlab = NotebookNode(own)
    id = "set-up" if setup else ids.of(cell)
    if cell.type == "markdown":
        return nbformat.v4.new_markdown_cell(cell.source, id=id, metadata=metadata)
    return nbformat.v4.new_code_cell(cell.source, id=id, metadata=metadata)


def _nbgrader(cell: MasterCell) -> dict:
    graded = cell.kind in ("check", "answer")
    metadata = {
        "cell_type": cell.type,
        "grade": graded,
        "grade_id": cell.grade_id,
        "locked": cell.kind == "check",
        "schema_version": 3,
        "solution": cell.kind in ("solution", "answer"),
        "task": False,
    }
    if graded:
        metadata["points"] = cell.tags["points"]
    return metadata


def text(notebook: NotebookNode) -> str:
    """A notebook as the text of its file: sorted keys, one blank of indent, one newline at the end."""
    return nbformat.writes(notebook, version=4).rstrip("\n") + "\n"
