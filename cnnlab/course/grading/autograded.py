"""The autograded notebook: the release's, with the learner's solutions, answers and own cells in their places.

What the release wrote stands as it was released; nothing of the submission's outputs and metadata is left; the outputs
of the check cells are the judge's.
"""

from __future__ import annotations

import copy
import functools
from html import escape
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from cnnlab.course.grading.clean import clean_markdown, without_escapes
from cnnlab.course.grading.effort import Allowance
from cnnlab.course.grading.judge import LONGEST_MESSAGE, PartVerdict
from cnnlab.course.grading.reader import Submission
from cnnlab.course.grading.recognise import trimmed
from cnnlab.course.grading.records import Record
from cnnlab.course.grading.release import Release


@functools.lru_cache(maxsize=8)
def _released(path: Path, changed: int) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def released_notebook(path: Path) -> NotebookNode:
    """The released notebook; callers copy before they change it."""
    return _released(path, path.stat().st_mtime_ns)


def autograded(released: NotebookNode, release: Release, submission: Submission, record: Record) -> NotebookNode:
    """The notebook that goes into autograded/, from which feedback is made and which formgrader shows."""
    verdicts = {part.grade_id: part for part in record.parts}
    allowance = Allowance()
    theirs, after = _places(release, submission, allowance)
    cells = [_note(record)] if record.repairs or record.refused else []
    cells += [_summary(record.parts)] if record.judgement else []
    cells += after.get(-1, [])
    for index, (source, cell) in enumerate(zip(released.cells, release.cells, strict=True)):
        node = _fresh(source)
        if cell.role in ("solution", "answer") and index in theirs:
            node.source = theirs[index].source
            if cell.role == "answer":
                node.source = clean_markdown(node.source, theirs[index].get("attachments"), allowance)
                if theirs[index].get("attachments"):
                    node["attachments"] = theirs[index]["attachments"]
        elif cell.role == "check":
            node.outputs = check_outputs(verdicts.get(cell.grade_id), record)
        cells += [node, *after.get(index, [])]
    return nbformat.v4.new_notebook(cells=cells, metadata=_metadata(released))


def _metadata(released: NotebookNode) -> dict:
    kernel = released.metadata.get("kernelspec")
    return {"kernelspec": kernel, "language_info": {"name": "python"}} if kernel else {}


def _fresh(source: NotebookNode) -> NotebookNode:
    """A released cell without outputs and tags."""
    node = copy.deepcopy(source)
    node.metadata.pop("tags", None)
    if node.cell_type == "code":
        node.outputs, node.execution_count = [], None
    return node


def _places(release: Release, submission: Submission, allowance: Allowance) -> tuple[dict, dict]:
    """The learner's cell for each solution and answer of the release, and what stands after each released cell."""
    by_id = {cell.id: index for index, cell in enumerate(release.cells)}
    theirs: dict[int, NotebookNode] = {}
    after: dict[int, list[NotebookNode]] = {}
    here = -1
    for node in submission.notebook.cells if submission.notebook else ():
        index = by_id.get(node.id)
        if index is None:
            after.setdefault(here, []).append(_added(node, allowance))
            continue
        here = index
        role = release.cells[index].role
        if role in ("solution", "answer"):
            theirs[index] = node
        elif role != "check" and trimmed(node.source) != trimmed(release.cells[index].source):
            after.setdefault(index, []).append(_added(node, allowance, f"edited-{node.id}"[:64]))
    return theirs, after


def _added(node: NotebookNode, allowance: Allowance, name: str | None = None) -> NotebookNode:
    """A cell of the learner's own, or a released one as the learner changed it."""
    if node.cell_type == "code":
        return nbformat.v4.new_code_cell(node.source, id=name or node.id)
    text = clean_markdown(node.source, node.get("attachments"), allowance)
    made = nbformat.v4.new_markdown_cell(text, id=name or node.id)
    if node.get("attachments"):
        made["attachments"] = node["attachments"]
    return made


def _note(record: Record) -> NotebookNode:
    """A cell at the top that tells the learner, and whoever grades, what was found when the file was read."""
    if record.refused:
        lines = [f"**This notebook {_why_not(record)}, so nothing in it was graded.**", "", _escaped(record.refused)]
    else:
        lines = ["**When this notebook was read, some things were put right:**", ""]
        lines += [f"- {_escaped(repair)}" for repair in record.repairs[:30]]
        more = len(record.repairs) - 30
        lines += [f"- and {more} more"] if more > 0 else []
    return nbformat.v4.new_markdown_cell("\n".join(lines), id="cnnlab-note")


def _why_not(record: Record) -> str:
    return "took too long to grade, or too much memory" if record.ended else "could not be read"


def _summary(parts: list[PartVerdict]) -> NotebookNode:
    """A cell at the top with all that the checks found, in the course's own words, each with a link to its place."""
    rows = [f"| {_points(part)} | [{part.exercise}, {part.part}](#{part.grade_id}) | {_told(part)} |" for part in parts]
    points, most = sum(part.points for part in parts), sum(part.most for part in parts)
    lines = [
        f"**What the checks found: {points:g} of {most:g} points**",
        "",
        "| points | part | what was found |",
        "|---|---|---|",
    ]
    return nbformat.v4.new_markdown_cell("\n".join([*lines, *rows]), id="cnnlab-summary")


def _points(part: PartVerdict) -> str:
    return f"{part.points:g} of {part.most:g} &ensp;"


def _told(part: PartVerdict) -> str:
    return "" if part.kind == "passed" else f"&ensp;{_reason(part)}"


def _reason(part: PartVerdict) -> str:
    if part.mistake:
        return f"looks like: {part.mistake}"
    return REASONS.get(part.kind, "Not as expected").lower()


def _escaped(sentence: str) -> str:
    """A sentence in which only `code` is Markdown, and nothing a formula."""
    told = escape(sentence[:500], quote=False).replace("\\", "\N{REVERSE SOLIDUS OPERATOR}")
    return "".join(f"\\{c}" if c in "[]*_!#|~$" else c for c in told)


def check_outputs(verdict: PartVerdict | None, record: Record) -> list[NotebookNode]:
    """What stands under a check cell: a calm line, or the picture and the message."""
    if verdict is None:
        told = f"Nothing was checked: the notebook {_why_not(record)}." if record.refused else "This was not checked."
        return [_error("NotChecked", told)]
    message = without_escapes(verdict.message)[:LONGEST_MESSAGE]
    if verdict.kind == "passed":
        return [nbformat.v4.new_output("stream", name="stdout", text=message + "\n")]
    outputs = []
    if verdict.html:
        picture = {"text/html": verdict.html, "text/plain": "expected beside yours"}
        outputs.append(nbformat.v4.new_output("display_data", data=picture))
    if 0 < verdict.points < verdict.most:
        told = f"{verdict.points:g} of {verdict.most:g} points\n"
        outputs.append(nbformat.v4.new_output("stream", name="stdout", text=told))
    return [*outputs, _error("CheckFailed", message)]


def _error(name: str, message: str) -> NotebookNode:
    first = next((line for line in message.splitlines() if line.strip()), "")
    return nbformat.v4.new_output("error", ename=name, evalue=first, traceback=message.splitlines())


REASONS = {
    "unsolved": "Not solved yet",
    "raised": "It raised an error",
    "endless": "It did not come back in time",
    "absent": "There was no such function when the check ran",
    "lost": "The process was lost while the check ran",
    "changed input": "It changed its input",
    "changed result": "It wrote over an earlier result",
    "type": "A value of another type than expected",
    "shape": "Another shape than expected",
    "dtype": "Another dtype than expected",
    "nan": "Values that are not numbers",
    "values": "Other values than expected",
}


def comment(parts: list[PartVerdict]) -> str | None:
    """A few words on an exercise for the gradebook: points and why, in the course's own words alone.

    Formgrader and the feedback page render them as Markdown, so nothing that the submission said is in here.
    """
    lines = []
    for part in parts:
        what = part.part or part.exercise
        if part.kind == "passed":
            lines.append(f"{what}: passed, {part.points:g} of {part.most:g}.")
            continue
        why = _reason(part)
        why = why[0].upper() + why[1:]
        lines.append(f"{what}: {part.points:g} of {part.most:g}. {why}; the whole message stands under the check cell.")
    return "\n\n".join(lines) if any(part.kind != "passed" for part in parts) else None
