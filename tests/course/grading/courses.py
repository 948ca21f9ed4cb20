"""Course folders for tests: lesson 01's exercises, few and short, as nbgrader releases them."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat

from cnnlab import check
from cnnlab.course import rounds
from cnnlab.course.folder import Folder
from cnnlab.course.grading.grader import TORCH_MEMORY
from cnnlab.course.grading.sandbox import Limits

REPOSITORY = Path(__file__).parents[3]
LESSON = "01_convolution"
RIGHT = {
    "cross_correlate2d": (
        "def cross_correlate2d(image, kernel):\n"
        "    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)\n"
        "    return np.einsum('ijuv,uv->ij', windows, kernel)"
    ),
    "count_parameters_dense": (
        "def count_parameters_dense(inputs, outputs, bias=True):\n    return (inputs + bias) * outputs"
    ),
}
FLIPPED = RIGHT["cross_correlate2d"].replace("windows, kernel)", "windows, kernel[::-1, ::-1])")
ENDLESS = "def cross_correlate2d(image, kernel):\n    while True:\n        pass"
LETHAL = "import os\ndef cross_correlate2d(image, kernel):\n    os._exit(1)"
OF = 7.0


def limits(imports):
    """Those of a lesson that imports these modules."""
    return Limits(memory=TORCH_MEMORY) if "torch" in imports else Limits()


def make_course(root: Path) -> Folder:
    """A released lesson of two exercises (5 points) and one short answer (2 points)."""
    for name in ("course.toml", "nbgrader_config.py"):
        shutil.copy(REPOSITORY / name, root)
    cells = [
        nbformat.v4.new_markdown_cell("# Two exercises", id="header"),
        nbformat.v4.new_code_cell("import numpy as np\nfrom cnnlab import check", id="set-up"),
    ]
    for exercise in check.exercises("01"):
        if exercise.name not in RIGHT:
            continue
        head, body = RIGHT[exercise.name].split("\n", 1)
        solved = f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
        cells.append(nbformat.v4.new_code_cell(solved, id=exercise.name, metadata=_grading(exercise.name)))
        for part in exercise.parts:
            name = f"check-{exercise.name}-{part.name.replace(' ', '-')}"
            call = f'check.{exercise.name}({exercise.name}, part="{part.name}")'
            cells.append(nbformat.v4.new_code_cell(call, id=name, metadata=_grading(name, part.points)))
    answer = "### BEGIN SOLUTION\nBecause it moves.\n### END SOLUTION"
    cells.append(nbformat.v4.new_markdown_cell(answer, id="why", metadata=_grading("why", 2, answer=True)))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = root / "solutions" / LESSON / f"{LESSON}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    course = Folder(root.resolve())
    rounds.release_lesson(course, LESSON)
    return course


def _grading(name: str, points: float | None = None, answer: bool = False) -> dict:
    graded = points is not None
    fields = {"grade_id": name, "grade": graded, "solution": not graded or answer, "locked": graded and not answer}
    more = {"points": points} if graded else {}
    return {"nbgrader": {**fields, "task": False, "schema_version": 3, **more}}


def hand_in(course: Folder, student: str, text: str | None = None, time: str | None = None, **sources: str) -> Path:
    """A submission with these sources by cell id ("why" too), or with this text as the whole file."""
    path = course.root / "submitted" / student / LESSON / f"{LESSON}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    if text is None:
        notebook = nbformat.read(course.release(LESSON), as_version=4)
        for cell in notebook.cells:
            cell.source = sources.get(cell.id, cell.source)
        text = nbformat.writes(notebook)
    path.write_text(text, encoding="utf-8")
    if time:
        (path.parent / "timestamp.txt").write_text(time)
    return path
