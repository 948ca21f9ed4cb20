"""The gate: nothing of a solution, a model answer, a rubric or a solution's output is in what learners get."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from cnnlab.course.stub import BEGIN, END, TEXT_STUB, hidden_lines, stubbed

SHORTEST = 10  # letters; a shorter line says nothing by itself
PLAIN = re.compile(r"return\s+\w+")  # nor does `return output`
WORDS = 5  # an answer's sentence of fewer words says nothing by itself


def squeezed(text: str) -> str:
    """Without blanks, so that a change of layout hides nothing."""
    return re.sub(r"\s+", "", text)


def secrets(solution: NotebookNode) -> dict[str, str]:
    """Every line that must stay at home, squeezed, with a word on where it comes from."""
    found: dict[str, str] = {}
    for cell in solution.cells:
        marks = cell.metadata.get("nbgrader", {})
        if not marks.get("solution"):
            continue
        where = f"the {'model answer' if cell.cell_type == 'markdown' else 'solution'} {marks['grade_id']!r}"
        if cell.cell_type == "markdown":
            pieces = [piece for line in cell.source.split("\n") for piece in re.split(r"(?<=[.!?:])\s+", line)]
            pieces = [re.sub(r"^\s*(?:[-*>]|\d+[.)])\s*", "", piece) for piece in pieces]
            pieces = [piece for piece in pieces if len(piece.split()) >= WORDS]
        else:
            pieces = [re.sub(r"\s#.*$", "", line) for line in hidden_lines(cell.source)]
            pieces = [piece for piece in pieces if not piece.strip().startswith(("import ", "from "))]
        for piece in pieces:
            if len(squeezed(piece)) >= SHORTEST and not PLAIN.fullmatch(piece.strip()):
                found.setdefault(squeezed(piece), where)
    return found


def in_text(text: str, solution: NotebookNode) -> list[str]:
    """The leaks in any text: which line of which solution stands in it."""
    bare = squeezed(text)
    return [f"a line of {where}: {secret}" for secret, where in secrets(solution).items() if secret in bare]


def in_release(release: NotebookNode, solution: NotebookNode) -> list[str]:
    """The leaks of a learner's notebook; empty when it is clean."""
    leaks = []
    ours = {cell.id: cell for cell in solution.cells}
    for cell in release.cells:
        marks = cell.metadata.get("nbgrader", {})
        name = marks.get("grade_id") or cell.id
        if cell.get("outputs") or cell.get("execution_count") is not None:
            leaks.append(f"{name}: it has an output")
        if cell.get("attachments"):
            leaks.append(f"{name}: it has an attachment")
        if BEGIN in cell.source or END in cell.source:
            leaks.append(f"{name}: the marks of a solution are in it")
        if marks.get("solution"):
            source = ours[cell.id].source if cell.id in ours else ""
            stub = TEXT_STUB if cell.cell_type == "markdown" else stubbed(source)
            if cell.source != stub:
                leaks.append(f"{name}: it is not the stub that stands for the solution")
    if "widgets" in release.metadata:
        leaks.append("the state of widgets is kept in it")
    everything = "\n".join([*(cell.source for cell in release.cells), *_strings(release)])
    return leaks + in_text(everything, solution)


def _strings(value: object) -> list[str]:
    """Every text in the metadata and outputs."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for key, one in value.items() if key != "source" for text in _strings(one)]
    return [text for one in value for text in _strings(one)] if isinstance(value, list | tuple) else []


def in_folder(folder: Path, lesson: str, solution: NotebookNode) -> list[str]:
    """The leaks of a released lesson's folder: its notebook, and every file that does not belong there."""
    leaks = []
    for path in sorted(folder.rglob("*")):
        if path.is_dir() or ".ipynb_checkpoints" in path.parts:
            continue
        if path != folder / f"{lesson}.ipynb":
            leaks.append(f"{path.name} lies beside the notebook")
            continue
        try:
            leaks += in_release(nbformat.read(path, as_version=4), solution)
        except (json.JSONDecodeError, nbformat.reader.NotJSONError, nbformat.ValidationError):
            leaks.append(f"{path.name} is not a notebook")
    return leaks


def in_feedback(page: str, solution: NotebookNode, submission: NotebookNode) -> list[str]:
    """The leaks of a feedback page: solution lines that the learner did not write themself."""
    own = squeezed("\n".join(cell.source for cell in submission.cells))
    found = secrets(solution)
    bare = squeezed(told(page))
    return [f"a line of {where}: {s}" for s, where in found.items() if s in bare and s not in own]


def told(page: str) -> str:
    """An HTML page's text as a reader sees it."""
    return html.unescape(re.sub(r"<[^>]*>", "", page))
