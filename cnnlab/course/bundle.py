"""`cnnlab bundle`: the learner's half of the course as one zip file, which sets itself up with `make lab`."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from cnnlab import __version__
from cnnlab.course.build import find_leaks, notebook_at, with_masters
from cnnlab.course.folder import Folder
from cnnlab.course.links import with_links
from cnnlab.files import whole_file
from cnnlab.settings import Trouble

FILES = (
    "AGENTS.md", "CHANGELOG.md", "CLAUDE.md", "GEMINI.md", "LICENSE", "LICENSE-TEXT", "Makefile", "README.md",
    "TUTOR.md", "course.toml", "docs/learner.md", "docs/third_evening.md", "environment.yml", "pyproject.toml",
    "requirements.lock",
)  # fmt: skip
FOLDERS = ("cnnlab", "notebooks", "scripts", "docs/images")
LEFT_OUT = ("cnnlab/course/",)
CLUTTER = {"__pycache__", ".ipynb_checkpoints", ".DS_Store"}
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # so that the same files give the same zip


def contents(course: Folder) -> list[Path]:
    """The files of the learner's half, relative to the course's folder, in order."""
    found = [Path(name) for name in FILES if (course.root / name).is_file()]
    for name in FOLDERS:
        for path in (course.root / name).rglob("*"):
            relative = path.relative_to(course.root)
            if path.is_file() and not CLUTTER & set(relative.parts) and not relative.as_posix().startswith(LEFT_OUT):
                found.append(relative)
    return sorted(found)


def write_bundle(course: Folder, to: Path | None = None) -> Path:
    """Write the zip (by default dist/cnnlab-VERSION.zip) and return its path. Raises Trouble where a lesson is not
    built, or leaks, and OSError."""
    for lesson in with_masters(course):
        if notebook_at(course.release(lesson)) is None:
            raise Trouble(
                f"{course.shown(course.release(lesson))} is not there, or is no notebook.", "Run `cnnlab build` first."
            )
    found = find_leaks(course)
    if found:
        raise Trouble("\n".join(found), "Nothing was bundled; `cnnlab build` makes the notebooks anew.")
    to = to or course.root / "dist" / f"cnnlab-{__version__}.zip"
    with whole_file(to) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        there = {path.as_posix(): path.as_posix() for path in contents(course)}
        for name in there:
            content = (course.root / name).read_bytes()
            if name.endswith(".md"):  # a link to what is not in the zip leads to the repository
                content = with_links(content.decode("utf-8"), name, name, there, course).encode("utf-8")
            _add(archive, course.root / name, f"cnnlab-{__version__}/{name}", content)
    return to


def _add(archive: zipfile.ZipFile, path: Path, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, LONG_AGO)
    runs = os.access(path, os.X_OK)
    entry.external_attr = (0o755 if runs else 0o644) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)
