"""The learner's copies: `work/` is theirs, `notebooks/` is the release and stays as it came.

Nothing here ever writes over a notebook in `work/`, apart from `reset`, which keeps the old one beside the new one.
The assistants' files give way to newer ones where nobody changed them.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from cnnlab.files import write_whole
from cnnlab.settings import Trouble, full_lesson_name

RECORD = ".releases.json"  # work/.releases.json: which release each copy was made from
TUTOR = "TUTOR.md"  # how an assistant helps a learner
FOR_ASSISTANTS = {TUTOR: "", "AGENTS.md": "", "CLAUDE.md": "@TUTOR.md\n", "GEMINI.md": "@./TUTOR.md\n"}  # "": its text


@dataclass
class Filled:
    """What `fill` did; paths are relative to work/."""

    copied: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    newer: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        lines = [f"Copied to work/: {', '.join(self.copied)}"] if self.copied else []
        for name in self.newer:
            lesson = name.split("/")[0]
            lines += [
                f"A newer version of {lesson} has come out since you began yours. Yours in work/ is untouched.",
                f"  For a fresh copy, with yours kept beside it: cnnlab reset {lesson}",
            ]
        return lines + self.broken


def fill(root: Path) -> Filled:
    """Copy into work/ what is in notebooks/ and not there yet. Raises Trouble where work/ cannot be written."""
    filled, record = Filled(), _read_record(root)
    make_writable(root / "work")
    for source in released_files(root):
        name = source.relative_to(root / "notebooks").as_posix()
        target = root / "work" / name
        if target.exists():
            problem = _not_a_notebook(target)
            if problem:
                filled.broken.append(
                    f"work/{name} {problem}. `cnnlab reset {name.split('/')[0]}` makes a fresh one and keeps this file."
                )
            else:
                filled.kept.append(name)
                if name in record and record[name] != _digest(source) and source.suffix == ".ipynb":
                    filled.newer.append(name)
            continue
        problem = _not_a_notebook(source)
        if problem:
            filled.broken.append(
                f"notebooks/{name} {problem}; it was left out. `git checkout -- notebooks/{name}` brings it back, "
                "or ask whoever gave you the course for a new copy."
            )
            continue
        _copy(source, target)
        record[name] = _digest(source)
        filled.copied.append(name)
    _tell_assistants(root, record)
    _write_record(root, record)
    return filled


def _tell_assistants(root: Path, record: dict[str, str]) -> None:
    """The course's TUTOR.md under the names by which assistants look for it; one that was changed stays."""
    if not (root / TUTOR).is_file():
        return
    tutor = (root / TUTOR).read_bytes()
    for name, text in FOR_ASSISTANTS.items():
        target, content = root / "work" / name, text.encode() or tutor
        if target.exists() and record.get(name) != _digest(target):
            continue
        if not target.exists() or target.read_bytes() != content:
            _write(target, content)
        record[name] = _digest(target)


def reset(root: Path, lesson: str) -> tuple[list[str], list[str]]:
    """A fresh copy of one lesson; what was there is kept beside it under a dated name.

    Returns the names of the fresh files and of the kept ones, relative to the root. Raises Trouble.
    """
    lesson = full_lesson_name(lesson)
    sources = [path for path in released_files(root) if path.relative_to(root / "notebooks").parts[0] == lesson]
    if not sources:
        raise Trouble(f"notebooks/{lesson} has no notebook.", "`git status` shows what is missing from your clone.")
    for source in sources:
        if problem := _not_a_notebook(source):
            name = source.relative_to(root).as_posix()
            raise Trouble(
                f"{name} {problem}; your own copy is untouched.", f"git checkout -- {name}    brings it back."
            )
    make_writable(root / "work" / lesson)
    record, fresh, kept = _read_record(root), [], []
    for source in sources:
        name = source.relative_to(root / "notebooks").as_posix()
        target = root / "work" / name
        if target.exists() and target.read_bytes() != source.read_bytes():
            kept.append(_keep(target).relative_to(root).as_posix())
        _copy(source, target)
        record[name] = _digest(source)
        fresh.append(target.relative_to(root).as_posix())
    _write_record(root, record)
    return fresh, kept


def released_files(root: Path) -> list[Path]:
    """The files of notebooks/NN_topic/, in order; checkpoints and hidden files left out."""
    found = []
    for path in sorted((root / "notebooks").glob("*/**/*")):
        parts = path.relative_to(root / "notebooks").parts
        if path.is_file() and re.match(r"\d\d_", parts[0]) and not any(part.startswith((".", "__")) for part in parts):
            found.append(path)
    return found


def make_writable(folder: Path) -> None:
    """Make the folder where it is missing and write a file into it for a moment. Raises Trouble."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = error.strerror or str(error)
        remedy = f"See whose it is with `ls -ld {folder.name}`, or put the course into a folder of your own."
        if isinstance(error, FileExistsError | NotADirectoryError):
            remedy = f"There is a file where the folder {folder.name}/ should be: move it away."
        raise Trouble(f"I cannot write into {folder}: {why}.", remedy) from None


def _not_a_notebook(path: Path) -> str:
    """Why a notebook file is not one, or "" (other files are always fine)."""
    if path.suffix != ".ipynb":
        return ""
    try:
        content = json.loads(path.read_bytes().decode("utf-8"))
    except json.JSONDecodeError as error:
        return f"is not JSON (line {error.lineno}: {error.msg})"
    except UnicodeDecodeError:
        return "is not a text file"
    return "" if isinstance(content, dict) and isinstance(content.get("cells"), list) else "has no cells"


def _digest(path: Path) -> str:
    """A name for the content; the same on Windows, where git may write other line ends."""
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def _copy(source: Path, target: Path) -> None:
    _write(target, source.read_bytes())


def _write(target: Path, content: bytes) -> None:
    try:
        write_whole(target, content)
    except OSError as error:
        raise Trouble(
            f"I cannot write {target}: {error.strerror}.", "Is the disk full, or the folder read-only?"
        ) from None


def _keep(path: Path) -> Path:
    """Give an old copy its dated name: 01_convolution.2026-11-21-0215.ipynb."""
    stamp = datetime.datetime.now().strftime("%Y-%m-%d-%H%M")
    for extra in ["", *(f"-{k}" for k in range(2, 1000))]:
        backup = path.with_name(f"{path.stem}.{stamp}{extra}{path.suffix}")
        if not backup.exists():
            _write(backup, path.read_bytes())
            return backup
    raise Trouble(f"There are too many backups of {path.name} of this minute.", "Wait a minute and try again.")


def _read_record(root: Path) -> dict[str, str]:
    try:
        record = json.loads((root / "work" / RECORD).read_text(encoding="utf-8"))
        return record if isinstance(record, dict) else {}
    except (OSError, ValueError):
        return {}


def _write_record(root: Path, record: dict[str, str]) -> None:
    text = json.dumps(record, indent=1, sort_keys=True) + "\n"
    _write(root / "work" / RECORD, text.encode())
