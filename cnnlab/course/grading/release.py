"""What was released: the trusted side of a lesson, read from its own released notebook."""

from __future__ import annotations

import ast
import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat


@dataclass(frozen=True)
class ReleaseCell:
    """One cell. role: "text", "setup" (plain code: later cells may lean on it), "shown" (code that only shows something
    and that the judge does not run: judge="skip" in the master), "solution", "check" or "answer" (Markdown, graded by
    hand). grade_id: "" where the cell is not graded. points: the most it can earn. exercise, part: of a check."""

    role: str
    id: str
    source: str
    grade_id: str = ""
    points: float = 0.0
    exercise: str = ""
    part: str | None = None


@dataclass(frozen=True)
class Release:
    """A released lesson: its cells in order, and the packages that its exercises may use."""

    lesson: str
    cells: tuple[ReleaseCell, ...]
    imports: tuple[str, ...]

    def with_role(self, role: str) -> list[ReleaseCell]:
        """Its cells with that role, in order."""
        return [cell for cell in self.cells if cell.role == role]

    @property
    def first(self) -> tuple[str, ...]:
        """The sources of the set-up cells that stand before everything that a learner writes."""
        code = (cell for cell in self.cells if cell.role not in ("text", "shown"))
        return tuple(cell.source for cell in itertools.takewhile(lambda cell: cell.role == "setup", code))

    @property
    def digest(self) -> str:
        """Names this release: two that grade alike have the same."""
        text = repr([(c.role, c.source, c.grade_id, c.points) for c in self.cells]) + repr(self.imports)
        return hashlib.sha256(text.encode()).hexdigest()


def load_release(path: Path, imports: Sequence[str] = ("numpy",)) -> Release:
    """Read a released notebook, NN_topic.ipynb; `imports` are the packages that its exercises may use.

    Raises ValueError where a check cell calls no check.
    """
    notebook = nbformat.read(path, as_version=4)
    return Release(path.stem, tuple(_cell(cell, path) for cell in notebook.cells), tuple(imports))


def _cell(cell: nbformat.NotebookNode, path: Path) -> ReleaseCell:
    grading = cell.metadata.get("nbgrader", {})
    grade_id = grading.get("grade_id", "")
    if grading.get("grade") and grading.get("solution"):
        return ReleaseCell("answer", cell.id, cell.source, grade_id, float(grading.get("points", 0)))
    if grading.get("grade"):
        exercise, part = _called_check(cell.source, path)
        return ReleaseCell("check", cell.id, cell.source, grade_id, float(grading.get("points", 0)), exercise, part)
    if grading.get("solution"):
        return ReleaseCell("solution", cell.id, cell.source, grade_id)
    if cell.cell_type != "code":
        return ReleaseCell("text", cell.id, cell.source)
    skipped = cell.metadata.get("cnnlab", {}).get("judge") == "skip"
    return ReleaseCell("shown" if skipped else "setup", cell.id, cell.source)


def _called_check(source: str, path: Path) -> tuple[str, str | None]:
    """("conv2d", "stride") from ``check.conv2d(conv2d, part="stride")``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            if isinstance(of, ast.Name) and of.id == "check":
                values = [k.value for k in node.keywords if k.arg == "part"]
                parts = [v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)]
                return node.func.attr, parts[0] if parts else None
    raise ValueError(f"{path}: a graded cell calls no check: {source!r}")
