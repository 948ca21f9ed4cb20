"""A small torch assignment for the bench, until a lesson uses torch: three exercises, declared as a lesson's are.

Importing it makes the exercises known to `cnnlab.check`.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
import torch
from torch.nn import functional

from cnnlab import check
from cnnlab.check.cases import Case, Part
from cnnlab.check.exercise import Exercise
from cnnlab.check.notebook import NotebookCheck

LESSON = "90_torch"
SET_UP = [
    "import torch\nfrom torch import nn\nfrom torch.nn import functional\n\nfrom cnnlab import check",
    "import torch_lesson",
]
RIGHT = {
    "conv_relu": "def conv_relu(x, weight, bias):\n    return functional.relu(functional.conv2d(x, weight, bias))",
    "standardise": (
        "def standardise(x):\n"
        "    mean = x.mean(dim=(0, 2, 3), keepdim=True)\n"
        "    return (x - mean) / x.std(dim=(0, 2, 3), keepdim=True, unbiased=False)"
    ),
    "softmax_rows": (
        "def softmax_rows(logits):\n"
        "    e = (logits - logits.max(dim=1, keepdim=True).values).exp()\n"
        "    return e / e.sum(dim=1, keepdim=True)"
    ),
}
WRONG = {
    "conv_relu": "def conv_relu(x, weight, bias):\n    return functional.conv2d(x, weight, bias)",
    "standardise": "def standardise(x):\n    return (x - x.mean()) / x.std()",
    "softmax_rows": "def softmax_rows(logits):\n    return logits.softmax(dim=0)",
}


def _tensor(rng: object, *shape: int) -> torch.Tensor:
    return torch.from_numpy(rng.standard_normal(shape)).float()


def _cases(*shapes: tuple) -> object:
    return lambda rng: [Case(tuple(_tensor(rng, *shape) for shape in case)) for case in shapes]


EXERCISES = [
    Exercise(
        "conv_relu",
        LESSON,
        [Part("values", 2, _cases(((1, 1, 5, 5), (1, 1, 3, 3), (1,)), ((2, 3, 8, 9), (4, 3, 3, 2), (4,))), "2 layers")],
        [],
        lambda x, weight, bias: functional.conv2d(x, weight, bias).clamp(min=0),
    ),
    Exercise(
        "standardise",
        LESSON,
        [Part("values", 2, _cases(((2, 3, 4, 5),), ((8, 2, 6, 6),)), "2 batches")],
        [],
        lambda x: (x - x.mean((0, 2, 3), keepdim=True)) / x.std((0, 2, 3), keepdim=True, unbiased=False),
    ),
    Exercise(
        "softmax_rows",
        LESSON,
        [Part("values", 2, _cases(((3, 4),), ((7, 10),)), "2 batches")],
        [],
        lambda logits: torch.softmax(logits, 1),
    ),
]
for exercise in EXERCISES:
    vars(check)[exercise.name] = NotebookCheck(exercise)


def write_lesson(root: Path) -> None:
    """solutions/90_torch: what a build would write."""
    cells = [nbformat.v4.new_markdown_cell("# Three functions on tensors", id="header")]
    cells += [nbformat.v4.new_code_cell(source, id=f"set-up-{k}") for k, source in enumerate(SET_UP)]
    for exercise in EXERCISES:
        name, part = exercise.name, exercise.parts[0]
        head, body = RIGHT[name].split("\n", 1)
        solved = f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
        call = f'check.{name}({name}, part="{part.name}")'
        cells.append(nbformat.v4.new_code_cell(solved, id=name, metadata=_grading(name, solution=True)))
        grading = _grading(f"check-{name}", points=part.points)
        cells.append(nbformat.v4.new_code_cell(call, id=f"check-{name}", metadata=grading))
    path = root / "solutions" / LESSON / f"{LESSON}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)


def _grading(name: str, solution: bool = False, points: float | None = None) -> dict:
    graded = {} if points is None else {"points": points}
    fields = {"grade_id": name, "solution": solution, "grade": not solution, "locked": not solution, "task": False}
    return {"nbgrader": {**fields, "schema_version": 3, **graded}}


def submission(root: Path, k: int) -> nbformat.NotebookNode:
    """All right, half right, untouched and wrong in turn."""
    notebook = nbformat.read(root / "notebooks" / LESSON / f"{LESSON}.ipynb", as_version=4)
    kind = k % 4
    for number, cell in enumerate(cell for cell in notebook.cells if cell.id in RIGHT):
        if kind == 0 or (kind == 1 and number == 0):
            cell.source = f"{RIGHT[cell.id]}\n# {k}"
        elif kind == 3:
            cell.source = f"{WRONG[cell.id]}\n# {k}"
    return notebook
