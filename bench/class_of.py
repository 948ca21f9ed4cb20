"""A class for the bench and the tests: submissions of lesson 01 as people hand them in."""

from __future__ import annotations

import random
from pathlib import Path

import nbformat
from nbformat import NotebookNode

# wrong in ways that the catalogue of known mistakes names, and in one that it does not
MISTAKES = {
    "cross_correlate2d": [
        "def cross_correlate2d(image, kernel):\n"
        "    rows, columns = kernel.shape\n"
        "    height, width = image.shape[0] - rows + 1, image.shape[1] - columns + 1\n"
        "    out = np.zeros((height, width))\n"
        "    for i in range(height):\n"
        "        for j in range(width):\n"
        "            out[i, j] = (image[i : i + rows, j : j + columns] * kernel[::-1, ::-1]).sum()\n"
        "    return out",
        "def cross_correlate2d(image, kernel):\n"
        "    k = kernel.shape[0]\n"
        "    out = np.zeros((image.shape[0] - k, image.shape[1] - k))\n"
        "    for i in range(out.shape[0]):\n"
        "        for j in range(out.shape[1]):\n"
        "            out[i, j] = (image[i : i + k, j : j + k] * kernel).sum()\n"
        "    return out",
        "def cross_correlate2d(image, kernel):\n    return image * kernel",
    ],
    "convolve2d": [
        "def convolve2d(image, kernel):\n    return cross_correlate2d(image, kernel)",
        "def convolve2d(image, kernel):\n    return cross_correlate2d(image, kernel[::-1])",
    ],
    "count_parameters_dense": ["def count_parameters_dense(inputs, outputs, bias=True):\n    return inputs * outputs"],
    "diagonal_edge_kernel": ["def diagonal_edge_kernel():\n    return np.array([[1.0, 0.0], [0.0, 1.0]])"],
}
ENDLESS = "def cross_correlate2d(image, kernel):\n    while True:\n        pass"
KINDS = ("right", "half", "untouched", "mistaken")


def submission(released: NotebookNode, solution: NotebookNode, kind: str, seed: int) -> NotebookNode:
    """One submission: "right", "half" (half of the exercises), "untouched", "mistaken" or "endless".

    Each is its own person's: a comment in every solution keeps two from being the same.
    """
    chance = random.Random(f"{kind}-{seed}")
    notebook = nbformat.from_dict(released)
    solved = {cell.id: cell.source for cell in solution.cells if cell.metadata.get("nbgrader", {}).get("solution")}
    names = sorted(name for name in solved if any(c.id == name and c.cell_type == "code" for c in solution.cells))
    chosen = set(names if kind != "half" else chance.sample(names, len(names) // 2))
    for cell in notebook.cells:
        if cell.id not in solved or kind == "untouched":
            continue
        if cell.cell_type == "markdown":
            cell.source = f"Because of what number {seed} found when trying it: the picture moves with its input."
        elif cell.id in chosen:
            cell.source = solved[cell.id] + f"\n# {seed}"
        if kind == "mistaken" and cell.id in MISTAKES and chance.random() < 0.7:
            cell.source = chance.choice(MISTAKES[cell.id]) + f"\n# {seed}"
        if kind == "endless" and cell.id == "cross_correlate2d":
            cell.source = ENDLESS
    return notebook


def hand_in(root: Path, lesson: str, student: str, notebook: NotebookNode) -> Path:
    path = root / "submitted" / student / lesson / f"{lesson}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def hand_in_class(root: Path, lesson: str, count: int, endless: int = 0, first: int = 0) -> None:
    """`count` submissions, the four kinds in turn; the last `endless` of them never come back."""
    released = nbformat.read(root / "notebooks" / lesson / f"{lesson}.ipynb", as_version=4)
    solution = nbformat.read(root / "solutions" / lesson / f"{lesson}.ipynb", as_version=4)
    for k in range(first, first + count):
        kind = "endless" if k >= first + count - endless else KINDS[k % len(KINDS)]
        hand_in(root, lesson, f"student-{k:04}", submission(released, solution, kind, k))
