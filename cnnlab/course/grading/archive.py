"""Files out of a folder or a zip of downloads, as names and bytes: nothing is unpacked, followed or trusted."""

from __future__ import annotations

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cnnlab.course.grading.reader import MOST_BYTES
from cnnlab.settings import Trouble

MOST_FILES = 50_000
MOST_IN_ALL = 4 << 30
MOST_INNER = 200 << 20  # a zip inside the zip, which Moodle and learners make


@dataclass(frozen=True)
class Found:
    """One notebook: its name inside the download ("Ada_123/x.ipynb"), its bytes, its time (POSIX); or why not."""

    name: str
    data: bytes = b""
    time: float = 0.0
    refused: str | None = None


def notebooks(downloads: Path) -> Iterator[Found]:
    """Every notebook in a folder or zip file, zips inside it opened. Raises Trouble where there is neither."""
    if downloads.is_dir():
        yield from _in_folder(downloads)
    elif downloads.is_file() and zipfile.is_zipfile(downloads):
        with zipfile.ZipFile(downloads) as archive:
            yield from _in_zip(archive, "", _Budget())
    else:
        raise Trouble(f"{downloads} is neither a folder nor a zip file.", "Name what the learning platform gave you.")


class _Budget:
    """How much may still be unpacked."""

    def __init__(self) -> None:
        self.bytes, self.files = MOST_IN_ALL, MOST_FILES

    def take(self, count: int) -> None:
        self.bytes, self.files = self.bytes - count, self.files - 1
        if self.bytes < 0 or self.files < 0:
            raise Trouble(
                f"The download holds more than {MOST_FILES:,} files or {MOST_IN_ALL >> 30} GB.",
                "Nothing more of it was read. Is it the right file?",
            )


def _in_folder(folder: Path) -> Iterator[Found]:
    budget = _Budget()
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in (".ipynb_checkpoints", "__MACOSX"))
        for name in sorted(names):
            path = Path(place, name)
            shown = path.relative_to(folder).as_posix()
            if not _wanted(shown):
                continue
            seen = path.lstat()
            if not stat.S_ISREG(seen.st_mode):
                yield Found(shown, refused="is a link or no ordinary file; it was not followed")
            elif name.lower().endswith(".zip"):
                budget.take(0)
                if seen.st_size <= MOST_INNER:
                    yield from _inner(path.read_bytes(), shown, budget)
                else:
                    yield Found(shown, refused="is too large")
            elif seen.st_size > MOST_BYTES:
                yield Found(shown, refused=f"has more than {MOST_BYTES >> 20} MB")
            else:
                budget.take(seen.st_size)
                yield Found(shown, path.read_bytes(), seen.st_mtime)


def _in_zip(archive: zipfile.ZipFile, within: str, budget: _Budget) -> Iterator[Found]:
    for member in archive.infolist():
        shown = within + member.filename
        if member.is_dir() or not _wanted(member.filename):
            continue
        inner = shown.lower().endswith(".zip")
        refused = _refused(member, within, MOST_INNER if inner else MOST_BYTES)
        data = b""
        if not refused:
            data, refused = _bytes(archive, member, MOST_INNER if inner else MOST_BYTES, budget)
        if refused:
            yield Found(shown, refused=refused)
        elif inner:
            yield from _inner(data, shown, budget)
        else:
            yield Found(shown, data, _time(member))


def _inner(data: bytes, shown: str, budget: _Budget) -> Iterator[Found]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from _in_zip(archive, f"{shown}/", budget)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        yield Found(shown, refused=f"is no zip file that can be read ({error})")


def _refused(member: zipfile.ZipInfo, within: str, most: int) -> str | None:
    parts = member.filename.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or ":" in parts[0]:
        return "has a path that leads out of the archive"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link; it was not followed"
    if member.flag_bits & 1:
        return "is encrypted"
    if member.file_size > most:
        return f"has more than {most >> 20} MB"
    if within.count(".zip/") and member.filename.lower().endswith(".zip"):
        return "is a zip in a zip in a zip; it was not opened"
    return None


def _bytes(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int, budget: _Budget) -> tuple[bytes, str | None]:
    """At most `most` bytes are unpacked, whatever size the archive states."""
    try:
        with archive.open(member) as file:
            data = file.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        return b"", f"can not be unpacked ({error})"
    budget.take(len(data))
    return (b"", f"has more than {most >> 20} MB") if len(data) > most else (data, None)


def _wanted(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    hidden = any(part in ("__MACOSX", ".ipynb_checkpoints") for part in parts) or parts[-1].startswith("._")
    return name.lower().endswith((".ipynb", ".zip")) and not hidden


def _time(member: zipfile.ZipInfo) -> float:
    try:
        return datetime(*member.date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0
