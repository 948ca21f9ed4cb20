"""Run a solution notebook and keep what it shows: errors and pictures without words are refused, noise is removed."""

from __future__ import annotations

import math
import os
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat.notebooknode import NotebookNode

from cnnlab.course.pieces import ALT
from cnnlab.course.problems import Problems

SECONDS, CELL_SECONDS, SLOW_CELL = 60, 20, 5
WIDGET = "application/vnd.jupyter.widget-view+json"
WIDGET_TEXT = "An interactive widget: run this cell to see it."
IMG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
ADDRESS = re.compile(r"\b0x[0-9a-f]{8,}\b")


@dataclass
class Timing:
    """Seconds that a notebook took, and each of its cells (by id)."""

    total: float = 0.0
    cells: dict[str, float] = field(default_factory=dict)

    def slow(self) -> dict[str, float]:
        """Seconds of the cells that took more than SLOW_CELL, by id."""
        return {name: took for name, took in self.cells.items() if took > SLOW_CELL}


def execute(notebook: NotebookNode, lines: list[int], problems: Problems, limits: dict | None = None) -> Timing:
    """Run it in a fresh kernel and an empty folder, in place. What must not be goes to `problems`, with its line.

    lines: the master's line of each cell. limits: the lesson's part of course.toml; it may give `cell_seconds`, above
    which a cell is refused.
    """
    cell_limit = (limits or {}).get("cell_seconds", CELL_SECONDS)
    timing, started = Timing(), {}
    current = {"index": 0}

    def begins(cell: NotebookNode, cell_index: int) -> None:
        current["index"], started[cell_index] = cell_index, time.perf_counter()

    def ends(cell: NotebookNode, cell_index: int, **_: object) -> None:
        timing.cells[cell.id] = time.perf_counter() - started[cell_index]

    language = notebook.metadata.language_info
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=math.ceil(3 * cell_limit),
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": folder}},
            on_cell_execute=begins,
            on_cell_executed=ends,
        )
        try:
            client.execute(env={**os.environ, "PYTHONHASHSEED": "0"})
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            index = current["index"]
            _failed(error, notebook.cells[index], lines[index], cell_limit, problems)
    timing.total = time.perf_counter() - begun
    notebook.metadata.language_info = language  # the kernel's own names its exact version
    for cell, line in zip(notebook.cells, lines, strict=True):
        if cell.cell_type == "code":
            _look_at(cell, line, timing.cells.get(cell.id, 0), cell_limit, problems)
            _finish(cell)
    return timing


def _failed(
    error: CellExecutionError | CellTimeoutError | DeadKernelError,
    cell: NotebookNode,
    line: int,
    limit: float,
    problems: Problems,
) -> None:
    name = cell_name(cell)
    if isinstance(error, CellTimeoutError):
        problems.add(line, f"{name} ran for more than {3 * limit:g} s", "make it quicker")
    elif isinstance(error, DeadKernelError):
        problems.add(line, f"the kernel died in {name}", "run the cell by itself and see")
    else:
        said = re.sub(r"\s+", " ", f"{error.ename}: {error.evalue}").strip()
        problems.add(line, f"{name} fails with {said}", "the solution must run from top to bottom")


def cell_name(cell: NotebookNode) -> str:
    """What a person calls it: "the figure 'zoo'", or by its id."""
    own = cell.metadata.get("cnnlab", {})
    for kind in ("figure", "widget"):
        if kind in own:
            return f"the {kind} {own[kind]!r}"
    return f"the cell {cell.id!r}"


def _look_at(cell: NotebookNode, line: int, took: float, limit: float, problems: Problems) -> None:
    name, own = cell_name(cell), cell.metadata.get("cnnlab", {})
    graded = cell.metadata.get("nbgrader", {}).get("grade", False)
    if took > limit:
        problems.add(line, f"{name} takes {took:.0f} s", f"a cell may take {limit:g} s")
    shown = [output.get("data", {}) for output in cell.outputs]
    for output, data in zip(cell.outputs, shown, strict=True):
        page = _text(data.get("text/html", ""))
        if any(kind.startswith("image/") for kind in data) and not ALT.search(page):
            problems.add(line, f"{name} shows a picture without alt text", "return a cnnlab.figures Picture")
        for tag in IMG.findall(page):
            if not ALT.search(tag):
                problems.add(line, f"{name} shows an <img> without alt text", "return a cnnlab.figures Picture")
        if graded and output.output_type == "stream" and output.name == "stderr":
            problems.add(line, f"{name} writes to stderr: {output.text.strip()[:80]!r}", "nbgrader would give 0 for it")
        if graded and output.output_type == "execute_result":
            problems.add(line, f"{name} ends in a value", "nbgrader would read it as points; return None")
        told = _text(output.get("text", "")) + page + _text(data.get("text/plain", ""))
        if own.get("output") != "none" and any(place in told for place in _places()):
            problems.add(line, f"{name} shows a path of this machine", 'tag it output="none", or show less')
    if "figure" in own and not any("text/html" in data for data in shown):
        problems.add(line, f"{name} shows no picture", "let the figure be the cell's last line")


def _places() -> set[str]:
    return {str(Path.home()) + "/", sys.prefix + "/", str(Path(__file__).parents[2]) + "/"}


def _text(value: object) -> str:
    return "".join(value) if isinstance(value, list) else value if isinstance(value, str) else ""


def _finish(cell: NotebookNode) -> None:
    """Take out what differs from run to run; put the author's alt text on a figure's picture."""
    cell.metadata.pop("execution", None)
    own = cell.metadata.get("cnnlab", {})
    if own.get("output") == "none":
        cell.outputs = []
    for output in cell.outputs:
        data = output.get("data", {})
        if WIDGET in data:
            still = {"text/html": data["text/html"]} if "text/html" in data else {}  # a picture of it, for readers
            output.data = NotebookNode({"text/plain": WIDGET_TEXT} | still)
            output.metadata = NotebookNode()
            continue
        if output.output_type == "stream":
            output.text = ADDRESS.sub("0x…", output.text)
        for kind in ("text/plain", "text/html"):
            if kind in data and "<img" not in data[kind]:
                data[kind] = ADDRESS.sub("0x…", data[kind])
        if own.get("alt"):
            _say(data, own["alt"])


def _say(data: dict, alt: str) -> None:
    page = data.get("text/html", "")
    tags = IMG.findall(page)
    if len(tags) == 1:
        quoted = f'alt="{escape(alt)}"'
        data["text/html"] = page.replace(tags[0], ALT.sub(lambda _: quoted, tags[0], count=1))
