"""Is the gradebook's lesson the one that is released? And how it becomes so with submissions in it, nothing lost.

nbgrader keeps the graded cells of a lesson from its first release. A later one, as `git pull` brings it, may have other
cells or points; nbgrader refuses to release such a lesson once something was handed in.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, Gradebook, MissingEntry
from sqlalchemy import delete

from cnnlab.course.grading.records import instructors_folder
from cnnlab.course.grading.release import Release
from cnnlab.files import make_folder
from cnnlab.settings import Trouble


def require_in_step(gradebook: Gradebook, release: Release) -> None:
    """Raises Trouble where the gradebook has other graded cells, or other points, than the release."""
    try:
        notebook: Any = gradebook.find_notebook(release.lesson, release.lesson)
    except MissingEntry:
        return
    booked = {cell.name: cell.max_score for cell in notebook.grade_cells}
    released = {cell.grade_id: cell.points for cell in release.cells if cell.role in ("check", "answer")}
    found = _differences(booked, released)
    solutions = {cell.grade_id for cell in release.cells if cell.role in ("solution", "answer")}
    found += _differences({cell.name: 0 for cell in notebook.solution_cells}, dict.fromkeys(solutions, 0))
    if found:
        raise Trouble(
            f"The gradebook has another {release.lesson} than notebooks/ (was it changed by a `git pull`?): "
            f"{'; '.join(list(dict.fromkeys(found))[:6])}{'; …' if len(found) > 6 else ''}. Nothing was graded.",
            f"`cnnlab release {release.lesson[:2]}` enters the new one; submissions and points given by hand stay. "
            "Then grade again.",
        )


def _differences(booked: dict, released: dict) -> list[str]:
    gone = [f"`{name}` is gone" for name in booked if name not in released]
    new = [f"`{name}` is new" for name in released if name not in booked]
    other = [
        f"`{name}` has {released[name]:g} points, not {booked[name]:g}"
        for name in booked
        if name in released and booked[name] != released[name]
    ]
    return gone + new + other


def bring_in_step(gradebook: Gradebook, root: Path, lesson: str, cells: Iterable[NotebookNode]) -> Path | None:
    """Give the gradebook's lesson the graded cells of this notebook where submissions keep nbgrader from doing it.

    Points and comments of cells that stay, stay. What belongs to cells that are gone is in the copy of the gradebook
    that is made before: its path, or None where nothing was to do.
    """
    try:
        notebook: Any = gradebook.find_notebook(lesson, lesson)
    except MissingEntry:
        return None
    grading = {m["grade_id"]: (m, cell) for cell in cells if (m := cell.metadata.get("nbgrader")) and "grade_id" in m}
    wanted = {
        "grade": {name for name, (m, _) in grading.items() if m.get("grade")},
        "solution": {name for name, (m, _) in grading.items() if m.get("solution")},
        "source": {name for name, (m, _) in grading.items() if m.get("grade") or m.get("solution") or m.get("locked")},
    }
    there = {kind: {cell.name: cell for cell in getattr(notebook, f"{kind}_cells")} for kind in wanted}
    if not notebook.submissions or all(set(there[kind]) == wanted[kind] for kind in wanted):
        return None
    kept = _copy(root)
    session = gradebook.db
    for kind, rows in {"grade": Grade, "solution": Comment, "source": None}.items():
        for name in set(there[kind]) - wanted[kind]:
            if rows is not None:
                session.execute(delete(rows).where(rows.cell_id == there[kind][name].id))
            session.delete(there[kind][name])
    session.commit()
    for name, (m, cell) in grading.items():
        if name in wanted["grade"] - set(there["grade"]):
            more = {"max_score": float(m.get("points", 0)), "cell_type": cell.cell_type}
            gradebook.add_grade_cell(name, lesson, lesson, **more)
        if name in wanted["solution"] - set(there["solution"]):
            gradebook.add_solution_cell(name, lesson, lesson)
        if name in wanted["source"] - set(there["source"]):
            more = {"cell_type": cell.cell_type, "locked": bool(m.get("locked")), "source": cell.source}
            gradebook.add_source_cell(name, lesson, lesson, **more)
    return kept


def _copy(root: Path) -> Path | None:
    """A copy of the gradebook's file in `.cnnlab/earlier/`; None where the gradebook is no file here."""
    path = root / "gradebook.db"
    if not path.is_file():
        return None
    folder = instructors_folder(root) / "earlier"
    make_folder(folder)
    made = folder / f"gradebook-{time.strftime('%Y-%m-%d-%H%M%S')}.db"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(made)) as target:
        source.backup(target)
    made.chmod(0o600)
    return made
