"""Download one file so that a broken download never becomes a broken file.

The bytes go to `<name>.part` beside the target; only when size and checksum are right does it get its name, in one
step. A download that broke off goes on where it stopped, from whichever mirror answers. One process at a time.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http.client
import os
import shutil
import time
import urllib.error
import urllib.request
from pathlib import Path

from cnnlab.data.progress import Progress
from cnnlab.data.sources import Remote
from cnnlab.data.unavailable import Damaged, NoRoom, NotHere

CHUNK = 1 << 16
TIMEOUT = 15.0  # seconds without a byte
TRIES = 4  # in a row at one mirror, each going on where the last one stopped
SLOW, PATIENCE = 200_000, 10.0  # a mirror below so many bytes a second, after so many seconds, is left for the next


_ELSEWHERE = (
    "Make room there, or set CNNLAB_DATA to a folder that can be written before you start Jupyter; then run it again."
)
_TOO_SLOW = "it is very slow"


class Slow(OSError):
    """The mirror works, but another may be quicker."""


def fetch(file: Remote, folder: Path) -> Path:
    """The whole, checked file in `folder`, downloaded if it is not there. Raises NotHere, NoRoom or Damaged."""
    target = folder / file.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if target.exists():
            check_file(target, file.md5, file.size)
        else:
            _download(file, target)
    except OSError as error:
        raise _no_room(error, file, folder) from error
    return target


@contextlib.contextmanager
def one_at_a_time(folder: Path, name: str):
    """Hold the lock on downloading the data set `name` into `folder`; waits for whoever has it, saying so."""
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f".{name}.lock")
        try:
            lock.acquire(timeout=1)
        except Timeout:
            print(f"Another notebook or program is downloading {name}; waiting for it.", flush=True)
            lock.acquire()
    except OSError as error:
        raise NoRoom(f"{name} cannot be written to {folder} ({error.strerror or error}).", _ELSEWHERE) from error
    try:
        yield
    finally:
        lock.release()


def check_file(path: Path, md5: str, size: int | None = None) -> bytes:
    """The file's content, where its checksum is right; else raises Damaged."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Damaged(
            f"{path} cannot be read ({error.strerror or error}).", "Make it readable, or delete it."
        ) from error
    if size is not None and len(content) < size:
        fault = f"has {len(content):,} of {size:,} bytes: it was cut short"
    elif hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
        fault = "has another checksum than it should: it was cut short or changed"
    else:
        return content
    raise Damaged(
        f"{path} is damaged: it {fault}.", "Delete this file, then run the same again: it is downloaded anew."
    )


def _download(file: Remote, target: Path) -> None:
    part = target.with_name(f"{file.name}.part")
    left = file.size - (part.stat().st_size if part.exists() else 0)
    free = shutil.disk_usage(target.parent).free
    if free < left:
        raise OSError(errno.ENOSPC, f"{free / 1e6:.0f} MB are free")
    bar = Progress(file.name, file.size, part.stat().st_size if part.exists() else 0)
    told: dict[str, str] = {}
    try:
        for hurried in (True, False):
            for address in [a for a in file.addresses() if hurried or told.get(a) == _TOO_SLOW]:
                told[address] = _from_mirror(address, file, part, bar, hurried)
                if not told[address]:
                    os.replace(part, target)
                    return
    finally:
        bar.close()
    kept = f"{part.stat().st_size / 1e6:.1f} MB are here; it goes on from there. " if part.exists() else ""
    raise NotHere(
        f"{file.name} could not be downloaded:\n" + "\n".join(f"  {a}: {why}" for a, why in told.items()),
        f"{kept}Is this machine online? Then run the same again. Else copy the file to {target.parent} by hand.",
    )


def _from_mirror(address: str, file: Remote, part: Path, bar: Progress, hurried: bool) -> str:
    """Complete `part` from one mirror; "" when it is whole and right, else what was wrong."""
    why = ""
    for _ in range(TRIES):
        before = part.stat().st_size if part.exists() else 0
        try:
            _receive(address, file, part, bar, hurried)
        except Slow:
            return _TOO_SLOW
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as error:
            why = _in_words(error)
            if not part.exists() or part.stat().st_size <= before:
                return why
            time.sleep(0.2)
            continue
        if _md5(part) == file.md5:
            return ""
        part.unlink()
        why = "it sent something else (wrong checksum)"
        if not before:
            return why
    return why


def _receive(address: str, file: Remote, part: Path, bar: Progress, hurried: bool) -> None:
    """Append what is missing; raises ConnectionError where the connection ends too early."""
    have = part.stat().st_size if part.exists() else 0
    if have >= file.size:
        if have == file.size:
            return
        have = 0
    request = urllib.request.Request(address, headers={"User-Agent": "cnnlab", "Range": f"bytes={have}-"})
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        if answer.status != 206 or not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            have = 0  # a server that knows no ranges sends it all again
        if answer.length is not None and have + answer.length != file.size:
            raise ConnectionError(f"it has something else under this name ({have + answer.length:,} bytes)")
        start, began = have, time.monotonic()
        with part.open("ab" if have else "wb") as out:
            while chunk := answer.read(min(CHUNK, file.size - have + 1)):
                out.write(chunk)
                have += len(chunk)
                bar(have)
                if have > file.size:
                    break  # not our file; the checksum will say so
                seconds = time.monotonic() - began
                if hurried and seconds > PATIENCE and (have - start) / seconds < SLOW:
                    raise Slow
            out.flush()
            os.fsync(out.fileno())
    if have < file.size:
        raise ConnectionError(f"the connection ended after {have:,} of {file.size:,} bytes")


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _in_words(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"it answered {error.code} {error.reason}"
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return "no answer"
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__


def _no_room(error: OSError, file: Remote, folder: Path) -> NoRoom:
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return NoRoom(f"{file.name} cannot be written to {folder} ({error.strerror or error}).", _ELSEWHERE)
    with contextlib.suppress(OSError):
        (folder / f"{file.name}.part").unlink()  # it would keep the disk full
    return NoRoom(
        f"No room for {file.name} ({file.size / 1e6:.0f} MB) in {folder}: the disk or quota is full.", _ELSEWHERE
    )
