"""Fixtures that several rooms of tests use."""

from __future__ import annotations

import gc
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: garbage is not looked for in it again and again."""
    gc.freeze()
    gc.set_threshold(20_000)


def _tracked_files(root: Path) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    return sorted(name for name in listed.stdout.decode().split("\0") if name and (root / name).is_file())


@pytest.fixture(scope="session")
def repository() -> Path:
    """The repository itself; tests only read it."""
    return ROOT


@pytest.fixture(scope="session")
def tracked_files() -> list[str]:
    """Every file that is tracked or would be, relative to the repository. Skips outside a git clone."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a git clone: the tracked files cannot be listed")
    return _tracked_files(ROOT)


@pytest.fixture
def copy_of_repository(tmp_path, tracked_files) -> Path:
    """A copy to work in, in a folder with a space in its name, with an environment that imports the copy's cnnlab."""
    copy = tmp_path / "a copy" / "cnnlab"
    for name in tracked_files:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy / name)
    bin = copy / ".venv" / "bin"
    bin.mkdir(parents=True)
    for name, call in {
        "python": "",
        "cnnlab": "-m cnnlab",
        "pytest": "-m pytest",
        "pre-commit": "-m pre_commit",
    }.items():
        script = f'#!/bin/sh\nPYTHONPATH="{copy}" exec "{sys.executable}" {call} "$@"\n'
        (bin / name).write_text(script)
        (bin / name).chmod((bin / name).stat().st_mode | stat.S_IXUSR)
    (copy / ".venv" / ".ready").write_text(f"{os.path.realpath(copy)}\n")
    return copy
