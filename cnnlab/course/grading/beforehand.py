"""The server that judging processes are forked from: begun early, it imports what they need while the command
makes ready."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.forkserver
import os
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
PACKAGES = Path(__file__).parents[3]  # where this cnnlab lies
ALL = ("cnnlab.course.grading.grader", "cnnlab.check.grid", "cnnlab.markup", "numpy.ma", "numpy.random")


def begin(lesson: str, imports: Sequence[str], modules: Sequence[str] = ()) -> None:
    """Start the server, if none is there, and return at once. It imports the grader, the lesson's checks, torch where
    the lesson `imports` it, and these modules."""
    if METHOD != "forkserver":
        return
    folder = PACKAGES / "cnnlab" / "check" / f"lesson_{lesson[:2]}"
    checks = [f"cnnlab.check.{folder.name}.{path.stem}" for path in sorted(folder.glob("[!_]*.py"))]
    torch = ["torch"] if "torch" in imports else []
    context: Any = multiprocessing.get_context(METHOD)
    context.set_forkserver_preload([*ALL, *torch, *checks, *modules])
    with findable():
        multiprocessing.forkserver.ensure_running()


@contextlib.contextmanager
def findable() -> Generator[None, None, None]:
    """A forkserver, once it is started, looks for modules where a new Python does, and not where this one does."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PACKAGES), before]))
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
