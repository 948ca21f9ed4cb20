"""A submitted file, read as data: cells to run, answers to show a human, and a sentence for everything put right.

Nothing in the file is believed. Whatever it holds, `read_submission` comes back, soon, and does not raise.
"""

from __future__ import annotations

import ast
import hashlib
import itertools
import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from cnnlab.course.grading.beside import written_beside
from cnnlab.course.grading.judge import SubmittedCell
from cnnlab.course.grading.magics import tree, without_magics
from cnnlab.course.grading.recognise import ReadCell, anchors, names_defined, recognise, trimmed
from cnnlab.course.grading.release import Release, ReleaseCell

MOST_BYTES = 20 << 20
MOST_CELLS = 2_000
MOST_NODES = 3_000_000  # commas and brackets in the JSON: an upper bound of what it becomes in memory
LONGEST_CELL = 80_000  # twelve bytes of JSON for each fit into one frame
MOST_CODE = 2 << 20
LONG_TEXT = 30_000  # of a text cell: beyond that, pictures that are written into it are left out
LONGEST_TEXT = 100_000  # and beyond that, the rest is
MOST_TEXT = 4 << 20
ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json")  # browsers put the last one behind what they take for text
BESIDE = ("timestamp.txt", "submission_secret.txt", ".ipynb_checkpoints", "__pycache__", ".DS_Store", ".git")
BESIDE += (".nbgrader.log",)
TRAILING_COMMA = re.compile(r",\s*([]}])")
KEPT_PICTURES = ("image/png", "image/jpeg", "image/gif")
WRITTEN_PICTURE = re.compile(r"data:image/[a-z+]{1,10};base64,[A-Za-z0-9+/=]*+")


@dataclass(frozen=True)
class Submission:
    """What a submitted file says. Either `refused` is a sentence and the rest is empty, or it is None.

    answers: Markdown by grade_id, as written, not cleaned. notebook: the submission in today's format, with the
    release's ids and without outputs and foreign metadata. beside: the grade_ids of the short answers whose own cells
    are untouched while something was written near them. digest: names the bytes that were read; "" where none were.
    """

    cells: tuple[SubmittedCell, ...] = ()
    answers: dict[str, str] | None = None
    repairs: tuple[str, ...] = ()
    refused: str | None = None
    notebook: NotebookNode | None = None
    beside: tuple[str, ...] = ()
    digest: str = ""


class _Refused(Exception):
    """Its text is the sentence."""


def read_submission(path: Path, release: Release) -> Submission:
    """Read one student's notebook of `release`'s lesson. Never raises for anything in the file or around it."""
    repairs: list[str] = []
    digest = ""
    try:
        data = _bytes(Path(path), repairs)
        digest = hashlib.sha256(data).hexdigest()
        raw = _cells(_json(data, repairs), repairs)
        del data
        _require_moderate(raw)
        cells = [_cell(k, cell, repairs) for k, cell in enumerate(raw)]
        cells = [cell for cell in cells if cell is not None]
        del raw
        if sum(len(cell.source) for cell in cells if cell.type != "code") > MOST_TEXT:
            raise _Refused(f"The notebook holds more than {MOST_TEXT >> 20} MB of text.")
        for k, cell in enumerate(cells):
            cell.index = k
        repairs += recognise(cells, release, lambda cell: _make_runnable(cell, cell.place.capitalize(), repairs))
        beside, told_beside = written_beside(cells, release)
        repairs += told_beside
        _report_checks(cells, release, repairs)
        to_run = tuple(_to_run(cells, release, repairs))
        told = tuple(_clean(r) for r in repairs)
        return Submission(to_run, _answers(cells, release), told, None, _notebook(cells, release), beside, digest)
    except _Refused as error:
        return Submission((), {}, tuple(_clean(r) for r in repairs), _clean(str(error)), digest=digest)
    except (OSError, ValueError, MemoryError, RecursionError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        told = f"The file could not be read: {type(error).__name__}: {said}"
        return Submission((), {}, (), _clean(told[:300]), digest=digest)


# the file


def _bytes(path: Path, repairs: list[str]) -> bytes:
    for folder in (path.parent.parent, path.parent):
        if folder.is_symlink():
            raise _Refused(f"The folder {_shown(folder.name)} is a link to somewhere else; it was not followed.")
    try:
        names = sorted(entry.name for entry in itertools.islice(os.scandir(path.parent), 1000))
    except OSError as error:
        raise _Refused(f"The folder {_shown(path.parent.name)} can not be read: {error.strerror}.") from None
    if path.name not in names and not os.path.lexists(path):
        path = _only_notebook(path, names, repairs)
    others = [n for n in names if n != path.name and n not in BESIDE and not n.endswith(("~", ".log"))]
    if others:
        some = ", ".join(_shown(name) for name in others[:5]) + (" and more" if len(others) > 5 else "")
        repairs.append(f"What else lies beside the notebook was not used: {some}.")
    return _regular(path)


def where_it_lies(path: Path) -> Path:
    """Where the notebook lies that should be at `path`: there, or else in the same folder under another name."""
    try:
        names = sorted(entry.name for entry in itertools.islice(os.scandir(path.parent), 1000))
    except OSError:
        return path
    found = _notebooks(names)
    return path.with_name(found[0]) if not os.path.lexists(path) and len(found) == 1 else path


def _notebooks(names: list[str]) -> list[str]:
    return [name for name in names if name.lower().endswith(ENDINGS) and not name.startswith(".")]


def _only_notebook(path: Path, names: list[str], repairs: list[str]) -> Path:
    found = _notebooks(names)
    if len(found) != 1:
        many = f"and {len(found)} others: which one is meant?" if found else "and no other."
        raise _Refused(f"There is no notebook {_shown(path.name)} {many}")
    repairs.append(f"The notebook is called {_shown(found[0])}, not {_shown(path.name)}; it was taken all the same.")
    return path.with_name(found[0])


def _regular(path: Path) -> bytes:
    """The bytes of an ordinary file; links are not followed and nothing that waits is opened."""
    found = os.lstat(path)
    if stat.S_ISLNK(found.st_mode):
        raise _Refused(f"{_shown(path.name)} is a link to somewhere else; it was not followed.")
    if not stat.S_ISREG(found.st_mode):
        raise _Refused(f"{_shown(path.name)} is not an ordinary file.")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        now = os.fstat(file.fileno())
        if not stat.S_ISREG(now.st_mode):
            raise _Refused(f"{_shown(path.name)} is not an ordinary file.")
        data = file.read(MOST_BYTES + 1) if now.st_size <= MOST_BYTES else b""
    if now.st_size > MOST_BYTES or len(data) > MOST_BYTES:
        size = max(now.st_size, len(data)) / (1 << 20)
        raise _Refused(f"The file has {size:.0f} MB; more than {MOST_BYTES >> 20} MB are not read. Clear its outputs.")
    return data


# JSON, and nbformat's versions


def _json(data: bytes, repairs: list[str]) -> dict:
    encoding = json.detect_encoding(data)
    if encoding == "utf-8-sig":
        repairs.append("The file began with a byte-order mark, which was dropped.")
    try:
        text = data.decode(encoding)
        if encoding not in ("utf-8", "utf-8-sig"):
            repairs.append(f"The file was {encoding.upper()}, not UTF-8.")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
        repairs.append("The file is not UTF-8; it was read as Windows' Western European.")
    text = text.strip("\0 \t\r\n\ufeff")
    if not text:
        raise _Refused("The file is empty.")
    if text.count("{") + text.count("[") + text.count(",") > MOST_NODES:
        raise _Refused("The file is made of too many pieces for a notebook. Clear its outputs.")
    try:
        document = json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        comma = TRAILING_COMMA.match(text, max(0, text.rfind(",", 0, error.pos + 1)))
        if comma and comma.end() >= error.pos:
            raise _Refused(
                f"The file is no JSON: a comma too many stands before the closing {comma[1]}, line {error.lineno}, "
                f"column {error.colno}. Take it away."
            ) from None
        ended = error.pos >= len(text) - 1 or "Unterminated" in error.msg
        what = "ends in the middle: it was not saved or sent whole" if ended else f"is no JSON ({error.msg})"
        raise _Refused(f"The file {what}, line {error.lineno}, column {error.colno}.") from None
    except (RecursionError, ValueError) as error:
        what = "is nested too deeply" if isinstance(error, RecursionError) else "holds a number that is too long"
        raise _Refused(f"The file {what} for a notebook.") from None
    if not isinstance(document, dict):
        raise _Refused("The file is JSON, but not a notebook: the whole of it has to be an object with cells.")
    return document


def _cells(document: dict, repairs: list[str]) -> list:
    cells, version = document.get("cells"), document.get("nbformat")
    if not isinstance(cells, list) and isinstance(document.get("worksheets"), list):
        sheets = [sheet.get("cells") for sheet in document["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
        repairs.append("The notebook was in an old format (nbformat 3 or before); it was brought up to date.")
    elif version not in (4, 4.0) or isinstance(version, bool):
        said = f"says nbformat {version}" if isinstance(version, int | float) else "does not say its nbformat"
        repairs.append(f"The notebook {said[:40]}; it was read as nbformat 4.")
    if not isinstance(cells, list):
        raise _Refused("The file is JSON, but not a notebook: it has no list of cells.")
    if len(cells) > MOST_CELLS:
        raise _Refused(f"The notebook has {len(cells):,} cells; more than {MOST_CELLS:,} are not read.")
    if not cells:
        raise _Refused("The notebook has no cells.")
    language = _language(document.get("metadata"))
    if language and language.lower() not in ("python", "python3", "ipython"):
        repairs.append(f"The notebook names another kernel ({_shown(language)}); its code was run as Python.")
    return cells


def _require_moderate(raw: list) -> None:
    """Before any of it is parsed: is there more code than anybody writes?"""
    sources = (cell.get("source", cell.get("input")) for cell in raw if isinstance(cell, dict) and _is_code(cell))
    if sum(length for source in sources if (length := _length(source)) <= LONGEST_CELL) > MOST_CODE:
        raise _Refused(f"The notebook holds more than {MOST_CODE >> 20} MB of code.")


def _is_code(raw: dict) -> bool:
    return raw.get("cell_type") == "code"


def _length(source: object) -> int:
    if isinstance(source, list):
        return sum(len(line) for line in source if isinstance(line, str))
    return len(source) if isinstance(source, str) else 0


def _language(metadata: object) -> str:
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    if not isinstance(spec, dict):
        return ""
    said = spec.get("language") or ("python" if str(spec.get("name", "")).startswith("python") else spec.get("name"))
    return said if isinstance(said, str) else ""


def _cell(k: int, raw: object, repairs: list[str]) -> ReadCell | None:
    place = f"Cell {k + 1}"
    if not isinstance(raw, dict):
        repairs.append(f"{place} is no cell and was left out.")
        return None
    kind = raw.get("cell_type")
    if kind not in ("code", "markdown", "raw", "heading", "html"):
        repairs.append(f"{place} has no known type and was left out.")
        return None
    source = _source(raw.get("source", raw.get("input", "")))
    if source is None:
        repairs.append(f"The text of cell {k + 1} is no text; it was taken as empty.")
        source = ""
    metadata = _dict(raw.get("metadata"))
    ids = tuple(i for i in (raw.get("id"), metadata.get("id")) if isinstance(i, str))
    grade_id = _dict(metadata.get("nbgrader")).get("grade_id")
    grade_id = grade_id if isinstance(grade_id, str) else None
    source = source if _is_code(raw) else _shortened(source, place, repairs)
    cell = ReadCell(k, "code" if kind == "code" else "markdown", source, grade_id, ids, written=source)
    cell.kind = kind if kind in ("code", "raw") else "markdown"
    if cell.type == "code":
        _make_runnable(cell, place, repairs)
    elif isinstance(raw.get("attachments"), dict):
        cell.attachments = _pictures(raw["attachments"])
    return cell


def _dict(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _source(value: object) -> str | None:
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    if not isinstance(value, str):
        return None
    value = value.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return value.encode("utf-8", "replace").decode()  # half a surrogate pair is no character


def _shortened(text: str, place: str, repairs: list[str]) -> str:
    """A text without the pictures that are written into it where it is long, and cut where it is longer still."""
    if len(text) <= LONG_TEXT:
        return text
    without = WRITTEN_PICTURE.sub("", text)
    if len(without) < len(text):
        repairs.append(f"{place} has pictures within its text, which are too long; they were left out.")
    if len(without) > LONGEST_TEXT:
        repairs.append(f"{place} has {len(without):,} characters of text; the first {LONGEST_TEXT:,} were read.")
    return without[:LONGEST_TEXT]


def _make_runnable(cell: ReadCell, place: str, repairs: list[str]) -> None:
    if len(cell.source) > LONGEST_CELL:
        repairs.append(f"{place} has {len(cell.source):,} characters, more than {LONGEST_CELL:,}; it was left out.")
        cell.source = ""
    cell.source, done = without_magics(cell.source)
    cell.names = names_defined(cell.source)
    if done:
        repairs.append(f"{place} {done}." if done.startswith("is") else f"In {place.lower()} {done}.")


def _pictures(attachments: dict) -> dict:
    """Pictures pasted into a Markdown cell, and nothing else."""
    found = {}
    for name, bundle in itertools.islice(attachments.items(), 20):
        if isinstance(bundle, dict):
            kept = {
                kind: data
                for kind, data in bundle.items()
                if kind in KEPT_PICTURES and isinstance(data, str) and re.fullmatch(r"[A-Za-z0-9+/=\s]*", data)
            }
            if kept:
                found[_clean(name[:100])] = kept
    return found


# what to run, what to show


def _to_run(cells: list[ReadCell], release: Release, repairs: list[str]) -> list[SubmittedCell]:
    found = []
    for cell, anchor in zip(cells, anchors(cells), strict=True):
        if cell.type != "code" or cell.is_cell == -1:
            continue
        if cell.is_cell is None:
            found.append(SubmittedCell(cell.source, None, anchor))
            continue
        released = release.cells[cell.is_cell]
        if released.role == "solution":
            found.append(SubmittedCell(cell.source, released.grade_id))
        elif cell.text != trimmed(without_magics(released.source)[0]):  # the learner's hand, in a cell that is ours
            before, after = _around_the_check(cell.source) if released.role == "check" else ("", cell.source)
            found += [SubmittedCell(before, None, cell.is_cell - 1), SubmittedCell(after, None, cell.is_cell)]
            if released.role == "setup":
                repairs.append(f"Released {cell.place} was edited; the released one runs, and then the learner's.")
    return [cell for cell in found if cell.grade_id or cell.source.strip()]


def _around_the_check(source: str) -> tuple[str, str]:
    """What a learner wrote into a check's cell above its call, and what from there on, at its old lines."""
    code = tree(source)
    calls = (s.lineno for s in code.body if any(map(_is_a_check, ast.walk(s)))) if code else ()
    at = next(iter(calls), source.count("\n") + 2) - 1
    lines = source.split("\n")
    return "\n".join(lines[:at]), "\n" * at + "\n".join(lines[at:])


def _is_a_check(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "check"


def _report_checks(cells: list[ReadCell], release: Release, repairs: list[str]) -> None:
    claimed = {cell.is_cell: cell for cell in cells if cell.is_cell is not None}
    missing, edited = [], []
    for k, released in enumerate(release.cells):
        if released.role in ("solution", "answer") and k not in claimed:
            repairs.append(f"There is no cell for `{released.grade_id}`.")
        elif released.role == "check" and k not in claimed:
            missing.append(released.grade_id)
        elif released.role == "check" and claimed[k].text != trimmed(released.source):
            edited.append(released.grade_id)
    for grade_ids, what in ((missing, "missing"), (edited, "edited")):
        if grade_ids:
            some = ", ".join(f"`{g}`" for g in grade_ids[:4]) + (" and more" if len(grade_ids) > 4 else "")
            one = len(grade_ids) == 1
            repairs.append(
                f"Check {'cell' if one else 'cells'} {some} {'is' if one else 'are'} {what}; "
                f"the released {'one counts' if one else 'ones count'}"
                f"{', and what else is there runs, too' if what == 'edited' else ''}."
            )


def _answers(cells: list[ReadCell], release: Release) -> dict[str, str]:
    known = [(release.cells[c.is_cell], c) for c in cells if c.is_cell is not None and c.is_cell >= 0]
    return {released.grade_id: cell.source for released, cell in known if released.role == "answer"}


def _notebook(cells: list[ReadCell], release: Release) -> NotebookNode:
    made, used = [], set()
    for cell in cells:
        released = release.cells[cell.is_cell] if cell.is_cell is not None and cell.is_cell >= 0 else None
        name = released.id if released else f"added-{cell.index + 1}"
        name = name if name not in used else f"{name[:50]}-{cell.index + 1}"
        used.add(name)
        more = {"execution_count": None, "outputs": []} if cell.type == "code" else {}
        fields = {"cell_type": cell.type, "id": name, "metadata": _grading(released), "source": cell.source}
        node = nbformat.from_dict({**fields, **more})  # nbformat.v4's own makers validate each cell, which is slow
        if cell.attachments:
            node["attachments"] = nbformat.from_dict(cell.attachments)
        made.append(node)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbformat.v4.new_notebook(cells=made, metadata=kernel)


def _grading(released: ReleaseCell | None) -> dict:
    """nbgrader's metadata for one of the release's graded cells, as the release has it."""
    if released is None or not released.grade_id:
        return {}
    graded, solution = released.role in ("check", "answer"), released.role in ("solution", "answer")
    fields = {"grade_id": released.grade_id, "grade": graded, "solution": solution, "locked": released.role == "check"}
    points = {"points": released.points} if graded else {}
    return {"nbgrader": {**fields, "task": False, "schema_version": 3, **points}}


def _shown(name: str) -> str:
    """A file's name fit for a sentence."""
    return _clean(name if len(name) <= 60 else name[:57] + "...")


def _clean(text: str) -> str:
    text = text.encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() else "?" for c in text)
