"""Run a function for so long and no longer: on Linux, macOS and Windows, in a notebook and outside one.

Signals would do it on Linux alone, and only in the main thread, so the function runs in a thread of its own. When its
time is up, an exception is raised inside that thread; a function that swallows it, or that sits in a call outside
Python, is left behind (the thread is a daemon), and the caller is told so.
"""

from __future__ import annotations

import contextvars
import ctypes
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

STACK_BYTES = 64 * 1024 * 1024  # threads get 0.5 MB on macOS, too little for a deep recursion
GRACE_SECONDS = 0.5
IMPORT_SECONDS = 60.0


class Stopped(BaseException):
    """Raised inside a function whose time is up; a BaseException, so that `except Exception` does not swallow it."""


@dataclass(frozen=True)
class Outcome:
    """What came of it: a value, an exception, or neither because the time was up."""

    value: object = None
    error: BaseException | None = None
    timed_out: bool = False
    still_running: bool = False


def run_limited(function: Callable[[], object], seconds: float) -> Outcome:
    """Call `function()` and wait at most `seconds` (wall clock) for it."""
    result: dict[str, object] = {}
    context = contextvars.copy_context()  # so that np.errstate and the like hold in there too

    def target() -> None:
        try:
            result["value"] = context.run(function)
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: they are the learner's
            result["error"] = error

    thread = _start(target)
    try:
        thread.join(seconds)
        _wait_for_import(thread, seconds)
        if not thread.is_alive():
            return Outcome(value=result.get("value"), error=result.get("error"))
        return Outcome(timed_out=True, still_running=not _stop(thread))
    except KeyboardInterrupt:  # the learner pressed "interrupt": their function has to stop too
        _stop(thread)
        raise


def _wait_for_import(thread: threading.Thread, seconds: float) -> None:
    """An import that is stopped half-way leaves a broken package behind (torch can not be imported twice), and the
    first one of a session may take many seconds. So wait for it, then give the function its time again."""
    end = time.monotonic() + IMPORT_SECONDS
    waited = False
    while thread.is_alive() and _importing(thread) and time.monotonic() < end:
        waited = True
        thread.join(0.05)
    if waited:
        thread.join(seconds)


def _importing(thread: threading.Thread) -> bool:
    frame = sys._current_frames().get(thread.ident)
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


def _start(target: Callable[[], None]) -> threading.Thread:
    before = threading.stack_size(STACK_BYTES)
    try:
        thread = threading.Thread(target=target, name="cnnlab-check", daemon=True)
        thread.start()
    finally:
        threading.stack_size(before)
    return thread


def _stop(thread: threading.Thread) -> bool:
    """Raise `Stopped` in the thread until it ends; False when it did not end within the grace time."""
    end = time.monotonic() + GRACE_SECONDS
    while thread.is_alive() and time.monotonic() < end:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Stopped))
        thread.join(0.02)
    return not thread.is_alive()
