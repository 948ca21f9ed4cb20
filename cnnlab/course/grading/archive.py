"""Files out of a folder or a zip of downloads, as names and bytes: nothing is unpacked on disk, followed or trusted.

What may be unpacked is counted for each upload by itself, so that one that breaks a bound is refused alone. Notebooks
are only read when they are asked for.
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cnnlab.course.grading.reader import ENDINGS, MOST_BYTES
from cnnlab.course.grading.whose import platform_level
from cnnlab.settings import Trouble

NO_NOTEBOOK = "is no notebook, and there is no other of theirs"
MOST_FILES = 20_000  # in the zips of one upload
MOST_IN_ALL = 400 << 20  # bytes of one upload's zips
MOST_INNER = 200 << 20  # of one zip inside the download, which Moodle and learners make
MOST_OF_MANY = (50_000, 4 << 30)  # files and bytes in the zips of a zip that holds many uploads
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, NotImplementedError, RuntimeError)
BROKEN += (ValueError, OverflowError, IndexError)


@dataclass(frozen=True)
class Found:
    """One notebook: its name inside the download ("Ada_123/x.ipynb"), its time (POSIX), how to read it; or why not.

    `read` raises Unreadable.
    """

    name: str
    time: float = 0.0
    read: Callable[[], bytes] = bytes
    refused: str | None = None


class Unreadable(Exception):
    """Why a file of the download can not be taken, as the end of a sentence."""


@contextlib.contextmanager
def opened(downloads: Path) -> Generator[list[Found]]:
    """Every notebook in a folder or zip file, zips inside it opened. Raises Trouble where there is neither."""
    if downloads.is_dir():
        yield list(_in_folder(downloads))
    elif downloads.is_file() and zipfile.is_zipfile(downloads):
        try:
            archive = zipfile.ZipFile(downloads)
        except BROKEN as error:
            raise Trouble(f"{downloads} is no zip file that can be read: {error}", "Download it again.") from None
        with archive:
            yield list(_in_zip(archive, "", _Budgets()))
    else:
        raise Trouble(f"{downloads} is neither a folder nor a zip file.", "Name what the learning platform gave you.")


class _Budgets:
    """How much may still be unpacked of each upload."""

    def __init__(self) -> None:
        self.left: dict[str, tuple[int, int]] = {}

    def take(self, parts: list[str], size: int, files: int) -> None:
        """Count a zip of this size, with so many files, for the upload that it belongs to. Raises Unreadable."""
        level = platform_level(parts) or 0
        around = next(k for k, part in enumerate(parts) if part.lower().endswith(".zip"))
        self._take("/".join(parts[: level + 1]), size, files, (MOST_FILES, MOST_IN_ALL))
        if around < level:
            self._take("/".join(parts[: around + 1]) + "/", size, files, MOST_OF_MANY)

    def _take(self, upload: str, size: int, files: int, most: tuple[int, int]) -> None:
        left = self.left.get(upload, most)
        self.left[upload] = (left[0] - files, left[1] - size)
        if min(self.left[upload]) < 0:
            raise Unreadable(f"makes its upload hold more than {most[0]:,} files or {most[1] >> 20} MB in zips")


def _in_folder(folder: Path) -> Iterator[Found]:
    budgets = _Budgets()
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in (".ipynb_checkpoints", "__MACOSX"))
        for name in sorted(names):
            path = Path(place, name)
            shown = path.relative_to(folder).as_posix()
            if not _wanted(shown):
                yield from _other(shown)
                continue
            inner = name.lower().endswith(".zip")
            seen = path.lstat()
            if not stat.S_ISREG(seen.st_mode):
                yield Found(shown, refused="is a link or no ordinary file; it was not followed")
            elif seen.st_size > (MOST_INNER if inner else MOST_BYTES):
                yield Found(shown, refused=_too_large(MOST_INNER if inner else MOST_BYTES))
            elif inner:
                yield from _inner(lambda path=path: _file(path), shown, budgets)
            else:
                yield Found(shown, seen.st_mtime, lambda path=path: _file(path))


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"can not be read ({error.strerror})") from None


def _in_zip(archive: zipfile.ZipFile, within: str, budgets: _Budgets) -> Iterator[Found]:
    for member in archive.infolist():
        name = _name(member)
        shown = within + name
        if member.is_dir() or not _wanted(name):
            yield from _other(shown)
            continue
        inner = name.lower().endswith(".zip")
        most = MOST_INNER if inner else MOST_BYTES
        if refused := _refused(member, name, most):
            yield Found(shown, refused=refused)
        elif inner:
            yield from _inner(lambda member=member, most=most: _bytes(archive, member, most), shown, budgets)
        else:
            yield Found(shown, _time(member), lambda member=member, most=most: _bytes(archive, member, most))


def _inner(read: Callable[[], bytes], shown: str, budgets: _Budgets) -> Iterator[Found]:
    """What lies in a zip inside the download. Its bytes are let go, and read again for the notebook that is taken."""
    parts = shown.split("/")
    if sum(part.lower().endswith(".zip") for part in parts[platform_level(parts) or 0 :]) > 1:
        yield Found(shown, refused="is a zip in a zip in a zip; it was not opened")
        return
    try:
        data = read()
        files = data.count(b"PK\x01\x02")  # before zipfile makes an object of each
        budgets.take(parts, len(data), files)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed = list(_in_zip(archive, f"{shown}/", budgets))
    except Unreadable as error:
        yield Found(shown, refused=str(error))
    except BROKEN as error:
        yield Found(shown, refused=f"is no zip file that can be read ({error})")
    else:
        del data, archive
        for k, found in enumerate(listed):
            yield found if found.refused else replace(found, read=lambda k=k: _again(read, shown, k))


def _again(read: Callable[[], bytes], shown: str, k: int) -> bytes:
    """The k-th notebook of an inner zip."""
    with zipfile.ZipFile(io.BytesIO(read())) as archive:
        return list(_in_zip(archive, f"{shown}/", _Budgets()))[k].read()


def _name(member: zipfile.ZipInfo) -> str:
    """A member's name. Many systems write UTF-8 and do not set the flag that says so; zipfile reads CP437 then."""
    name = member.filename
    if not member.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _refused(member: zipfile.ZipInfo, name: str, most: int) -> str | None:
    parts = name.split("/")
    if ".." in parts or parts[0] == "" or ":" in parts[0]:
        return "has a path that leads out of the archive"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link; it was not followed"
    if member.flag_bits & 1:
        return "is encrypted"
    return _too_large(most) if member.file_size > most else None


def _too_large(most: int) -> str:
    return f"has more than {most >> 20} MB"


def _bytes(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    """At most `most` bytes are unpacked, whatever size the archive states. Raises Unreadable."""
    try:
        with archive.open(member) as file:
            data = file.read(most + 1)
    except BROKEN as error:
        raise Unreadable(f"can not be unpacked ({error})") from None
    if len(data) > most:
        raise Unreadable(_too_large(most))
    return data


def _wanted(name: str) -> bool:
    return name.lower().endswith((*ENDINGS, ".zip")) and not _is_hidden(name)


def _other(name: str) -> Iterator[Found]:
    if not name.endswith("/") and not _is_hidden(name):
        yield Found(name, refused=NO_NOTEBOOK)


def _is_hidden(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return any(part in ("__MACOSX", ".ipynb_checkpoints", ".git") for part in parts) or parts[-1].startswith(".")


def _time(member: zipfile.ZipInfo) -> float:
    try:
        return datetime(*member.date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0
