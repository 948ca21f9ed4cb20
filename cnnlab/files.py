"""Whole files or none: a file gets its name, in one step, when all of it is written."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

# Folders of a course that hold solutions, learners' work and secrets: made so that their owner alone may look in.
PRIVATE = frozenset({"solutions", ".cnnlab", "submitted", "autograded", "feedback", "reports"})


def make_folder(path: Path) -> None:
    """Make a folder and those on the way to it, where they are not there; those of PRIVATE for their owner alone.

    Raises OSError.
    """
    for folder in (*reversed(path.parents), path):
        if not folder.is_dir():
            folder.mkdir(mode=0o700 if folder.name in PRIVATE else 0o777, exist_ok=True)


@contextlib.contextmanager
def whole_file(path: Path, mode: int = 0o644, keep_first: bool = False) -> Iterator[BinaryIO]:
    """A new file to fill; it takes the place of `path` at the end, and an error leaves nothing but what was there.

    Folders on the way are made. mode: the file's permissions. keep_first: where several write the same file at once,
    the first one's stays. Raises OSError.
    """
    make_folder(path.parent)
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")  # a name has 255 bytes at most
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(handle)  # a name must not reach the disk before what it names
        os.chmod(made, mode)
        if keep_first:
            _link(made, path)
        else:
            os.replace(made, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(made)
        raise


def _link(made: str, path: Path) -> None:
    """Name the file unless somebody was quicker."""
    try:
        os.link(made, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        os.replace(made, path)
        return
    os.unlink(made)


def write_whole(path: Path, content: str | bytes, mode: int = 0o644, keep_first: bool = False) -> None:
    """`whole_file` for content that is there already; text in UTF-8, line ends as they are. Raises OSError."""
    with whole_file(path, mode, keep_first) as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)
