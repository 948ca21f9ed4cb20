"""The learner's own log: what every check found in the notebooks of work/. It never leaves the machine.

It is `work/.progress.jsonl` in the course's folder, one JSON object on a line. A check or a milestone in a notebook
below work/ writes it, and `cnnlab review`; grading, an instructor's folders and Colab do not. CNNLAB_PROGRESS=FOLDER
puts it elsewhere (and switches it on where there is no work/: a folder that stays, of Drive, in Colab),
CNNLAB_PROGRESS=off switches it off.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import json
import os
from collections.abc import Iterator
from pathlib import Path

from cnnlab.settings import is_course

NAME = ".progress.jsonl"
VARIABLE = "CNNLAB_PROGRESS"
MOST_BYTES = 8_000_000  # of the log: some years of checks; then no more is written
LONGEST_TEXT = 3_000  # letters of the message that is kept for the album


def folder(here: Path | None = None) -> Path | None:
    """Where the log of whoever works in `here` (by default the current folder) lies; None where none is kept."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen:
        return None if chosen.lower() == "off" else Path(chosen).expanduser()
    here = (here or Path.cwd()).resolve()
    for place in (here, *here.parents):
        if place.name == "work" and is_course(place.parent):
            return place
    return None


def own_folder() -> Path | None:
    """That of this process. What CNNLAB_PROGRESS says counts at any time."""
    return folder(_start())


@functools.cache
def _start() -> Path:
    """Where this process was when it first asked: a notebook may change its current folder later."""
    return Path.cwd()


_written: dict[tuple[str, str], tuple[str, str]] = {}  # what this process wrote last of each part, while
_size = 0  # the log has this size: another kernel may have written, too


def note(lesson: str, exercise: str, part: str, kind: str, mistake: str = "", text: str = "") -> None:
    """Write down what a check found. The same as last time is not written again.

    kind: "passed", or why not; mistake: its name, where it has one; text: what the learner was told. Raises OSError.
    """
    global _size
    place = own_folder()
    if place is None:
        return
    path = place / NAME
    if _bytes(path) != _size:
        _written.clear()
    if _written.get((exercise, part)) == (kind, mistake) or _bytes(path) > MOST_BYTES:
        return
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    entry = {"time": now, "lesson": lesson, "exercise": exercise, "part": part, "kind": kind}
    append(path, entry | ({"mistake": mistake, "text": text[:LONGEST_TEXT]} if mistake else {}))
    _written[exercise, part], _size = (kind, mistake), _bytes(path)


def _bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def append(path: Path, entry: dict) -> None:
    """Add a line, in one step, so that two kernels can write at once. Raises OSError.

    The line's end comes first: what a full disk cut off does not spoil the next line.
    """
    data = b"\n" + json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace")
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        os.write(handle, data)
    finally:
        os.close(handle)


def entries(place: Path) -> Iterator[dict]:
    """What the log in this folder says, the oldest first; lines that can not be read are left out."""
    with contextlib.suppress(OSError):
        yield from filter(None, _lines(place))


def said_of(place: Path) -> str:
    """A sentence on what can not be read of the log in this folder; "" where there is nothing."""
    try:
        unread = sum(entry is None for entry in _lines(place))
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"The log {place / NAME} can not be read: {error.strerror}. What it holds does not count here."
    what = "A line of the log is" if unread == 1 else f"{unread} lines of the log are"
    return f"{what} left out: cut off, or written by something else. All others count." if unread else ""


def _lines(place: Path) -> Iterator[dict | None]:
    """The log's entries, with None for each line that holds none. Raises OSError."""
    for line in filter(bytes.strip, (place / NAME).read_bytes().split(b"\n")):
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None
        plain = isinstance(entry, dict)
        yield {key: value for key, value in entry.items() if isinstance(value, str | int | float)} if plain else None
