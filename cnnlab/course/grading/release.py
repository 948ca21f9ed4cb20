"""What was released: the trusted side of a lesson, read from its own released notebook."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from pathlib import Path

import nbformat

from cnnlab.settings import course


@dataclass(frozen=True)
class ReleaseCell:
    """One cell. role: "text", "setup" (plain code: later cells may lean on it), "shown" (code that only shows something
    and that the judge does not run: judge="skip" in the master), "solution", "check" or "answer" (Markdown, graded by
    hand)."""

    role: str
    id: str
    source: str
    grade_id: str | None = None
    points: float = 0.0
    exercise: str | None = None
    part: str | None = None


@dataclass(frozen=True)
class Release:
    """A released lesson: its cells in order, and the packages that its exercises may use."""

    lesson: str
    cells: tuple[ReleaseCell, ...]
    imports: tuple[str, ...]

    def with_role(self, role: str) -> list[ReleaseCell]:
        return [cell for cell in self.cells if cell.role == role]

    @property
    def digest(self) -> str:
        """Names this release: two that grade alike have the same."""
        text = repr([(c.role, c.source, c.grade_id, c.points) for c in self.cells]) + repr(self.imports)
        return hashlib.sha256(text.encode()).hexdigest()


def load_release(path: Path, lesson: str | None = None) -> Release:
    """Read a released notebook. Raises ValueError where a check cell calls no check."""
    notebook = nbformat.read(path, as_version=4)
    lesson = lesson or path.stem
    imports = course().get("lessons", {}).get(lesson, {}).get("imports", ["numpy"])
    return Release(lesson, tuple(_cell(cell, path) for cell in notebook.cells), tuple(imports))


def _cell(cell: nbformat.NotebookNode, path: Path) -> ReleaseCell:
    grading = cell.metadata.get("nbgrader", {})
    grade_id = grading.get("grade_id")
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
                parts = [k.value.value for k in node.keywords if k.arg == "part" and isinstance(k.value, ast.Constant)]
                return node.func.attr, parts[0] if parts else None
    raise ValueError(f"{path}: a graded cell calls no check: {source!r}")
