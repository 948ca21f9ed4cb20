"""The hostile corpus: what a student might hand in to get points that were not earned, or to do harm.

Every attack is a function with a line on what it tries and what it must not get. It is given an untouched notebook of a
small lesson (three exercises of lesson 01 and a short answer, 6 points) and makes of it what would be handed in. What
it honestly earns is 0 unless it says otherwise.
"""

from __future__ import annotations

import copy
import importlib
import json
import pkgutil
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cnnlab import check

LESSON = "01_convolution"
FILE = f"{LESSON}.ipynb"
EXERCISES = ("count_parameters_dense", "diagonal_edge_kernel", "cross_correlate2d")
CANARY = "canary-7f3a91c2"  # in the environment, the gradebook, the solution: must never come out
LEFT_BEHIND = "cnnlab-hostile-was-here"  # what attacks call the files that they make
MOST = 6.0

RIGHT = {
    "count_parameters_dense": """
        def count_parameters_dense(in_features, out_features, bias=True):
            return (in_features + bool(bias)) * out_features
        """,
    "diagonal_edge_kernel": """
        def diagonal_edge_kernel():
            return np.array([[1, 0], [0, -1]])
        """,
    "cross_correlate2d": """
        def cross_correlate2d(image, kernel):
            windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
            return np.einsum("ijuv,uv->ij", windows, kernel)
        """,
}
WRONG = {
    "count_parameters_dense": "def count_parameters_dense(in_features, out_features, bias=True):\n    return 0",
    "diagonal_edge_kernel": "def diagonal_edge_kernel():\n    return np.zeros((2, 2))",
    "cross_correlate2d": "def cross_correlate2d(image, kernel):\n    return np.zeros((2, 2))",
}


def released() -> dict:
    """The released notebook of the small lesson."""
    cells = [
        _cell("markdown", "title", "# Convolution by hand"),
        _cell("code", "set-up", "import numpy as np\nfrom cnnlab import check"),
    ]
    for name in EXERCISES:
        cells.append(
            _cell("code", name, f"def {name}(*args):\n    raise NotImplementedError", _graded(name, False, True))
        )
        for part in getattr(check, name).exercise.parts:
            grade_id = f"check-{name}-{part.name.replace(' ', '-')}"
            metadata = _graded(grade_id, True, False, part.points) | {"tags": ["raises-exception"]}
            cells.append(_cell("code", grade_id, f'check.{name}({name}, part="{part.name}")', metadata))
    cells.append(_cell("markdown", "why", "YOUR ANSWER HERE", _graded("why", True, True, 2)))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _cell(kind: str, cell_id: str, source: str, metadata: dict | None = None) -> dict:
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": cell_id, "metadata": metadata or {}, "source": source, **code}


def _graded(grade_id: str, grade: bool, solution: bool, points: float | None = None) -> dict:
    fields = {"grade_id": grade_id, "grade": grade, "solution": solution, "locked": not solution, "task": False}
    return {"nbgrader": {**fields, "schema_version": 3, **({} if points is None else {"points": points})}}


class Handed:
    """A notebook that is about to be handed in."""

    def __init__(self, document: dict):
        self.document = copy.deepcopy(document)
        self.beside: dict[str, bytes] = {}
        self.put: Callable[[Path], None] = self.write

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(self.document), encoding="utf-8")

    def place(self, path: Path) -> None:
        """Hand it in as the file `path`, with what lies beside it."""
        self.put(path)
        for name, data in self.beside.items():
            (path.parent / name).write_bytes(data)

    def cell(self, grade_id: str) -> dict:
        cells = (c for c in self.document["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)
        return next(cells)

    @property
    def checks(self) -> list[dict]:
        return [c for c in self.document["cells"] if "points" in c["metadata"].get("nbgrader", {}) and c["id"] != "why"]

    def solve(self, name: str, source: str) -> None:
        self.cell(name)["source"] = textwrap.dedent(source).strip()

    def count(self, body: str, before: str = "") -> None:
        """`count_parameters_dense` with this body, for what needs nothing but to be called."""
        head = "def count_parameters_dense(in_features, out_features, bias=True):\n"
        self.solve("count_parameters_dense", textwrap.dedent(before) + "\n" + head + _indented(body))

    def correlate(self, body: str, before: str = "") -> None:
        self.solve(
            "cross_correlate2d",
            textwrap.dedent(before) + "\ndef cross_correlate2d(image, kernel):\n" + _indented(body),
        )

    def wrong(self) -> None:
        """All exercises solved, each of them wrongly."""
        for name, source in WRONG.items():
            self.solve(name, source)

    def right(self) -> None:
        for name, source in RIGHT.items():
            self.solve(name, source)

    def add(self, source: str, before: str = "count_parameters_dense") -> None:
        """A cell of the learner's own before the cell of that grade_id."""
        at = self.document["cells"].index(self.cell(before))
        number = len(self.document["cells"])
        self.document["cells"].insert(at, _cell("code", f"own-{number}", textwrap.dedent(source).strip()))


def _indented(body: str) -> str:
    return textwrap.indent(textwrap.dedent(body).strip(), "    ")


@dataclass(frozen=True)
class Attack:
    """kind: the module it stands in; tries: its docstring; earns: the points it honestly earns."""

    name: str
    kind: str
    tries: str
    make: Callable[[Handed], None]
    earns: float = 0.0
    slow: bool = False
    stock: str | None = None  # why stock nbgrader is not tried with it

    def hand_in(self, path: Path, document: dict | None = None) -> None:
        handed = Handed(document or released())
        self.make(handed)
        handed.place(path)


ATTACKS: list[Attack] = []


def attack(make: Callable | None = None, /, **fields: object) -> Callable:
    """Decorate a function that makes an attack of an untouched notebook."""

    def keep(make: Callable[[Handed], None]) -> Callable:
        kind = make.__module__.rsplit(".", 1)[-1].replace("_", " ")
        tries = " ".join(make.__doc__.split())
        ATTACKS.append(Attack(make.__name__.replace("_", " "), kind, tries, make, **fields))
        return make

    return keep(make) if make else keep


def load() -> list[Attack]:
    """All attacks of the corpus."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return ATTACKS
