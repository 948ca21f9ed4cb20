"""Run a function for so long and no longer: on Linux, macOS and Windows, in a notebook and outside one.

Signals would do it on Linux alone, and only in the main thread, so the function runs in another thread. When its time
is up, an exception is raised inside that thread; a function that swallows it, or that sits in a call outside Python,
is left behind (the thread is a daemon), and the caller is told so. In a browser there are no threads: see
cnnlab.check.watched.

Time is the thread's own processor time, so that a busy machine makes no right answer endless; a wall clock that is far
longer ends what sleeps or waits. A thread that did its work is kept for the next call: to start one takes longer than
most calls do.
"""

from __future__ import annotations

import contextlib
import contextvars
import ctypes
import itertools
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any, ClassVar

STACK_BYTES = 64 * 1024 * 1024  # threads get 0.5 MB on macOS, too little for a deep recursion
GRACE_SECONDS = 0.5
IMPORT_SECONDS = 60.0
PATIENCE = 4  # the wall clock's limit, in limits of processor time
AGAIN_SECONDS = 0.25  # of the processor, for what is known not to come back; a right call takes milliseconds
CAN_TELL = hasattr(time, "pthread_getcpuclockid")  # a thread's processor time, from outside
THREADS = sys.platform != "emscripten"  # in a browser there are none

endless: deque[CodeType] = deque(maxlen=32)  # functions that did not come back; one that is written anew is another


class Stopped(BaseException):
    """Raised inside a function whose time is up; a BaseException, so that `except Exception` does not swallow it."""


@dataclass(frozen=True)
class Finish:
    """How a limited call ended: with a value, an exception, or neither because the time was up; seconds: of the
    processor, which it took."""

    value: Any = None
    error: BaseException | None = None
    timed_out: bool = False
    still_running: bool = False
    seconds: float = 0.0


def run_limited(
    function: Callable[[], Any], seconds: float | None, learners: Callable[[str], bool] = lambda filename: False
) -> Finish:
    """Call `function()` and give it `seconds` of the processor, and PATIENCE times as long on the wall clock.

    Where there are no THREADS, it has `seconds` on the wall clock.

    None: no limit and no thread, for functions of the course's own. A function from one of the `learners` files that
    did not come back is known from then on: where it is found at work again, it has AGAIN_SECONDS and no more.
    """
    if seconds is None:
        try:
            return Finish(value=function())
        except Exception as error:
            return Finish(error=error)
    if not THREADS:
        from cnnlab.check.watched import run_watched

        return run_watched(function, seconds, learners)
    helper = _Helper.idle() or _Helper()
    helper.begin(contextvars.copy_context(), function)  # so that np.errstate and the like hold in there too
    try:
        finish = _wait(helper, seconds, learners)
        if finish is None and _wait_for_import(helper):
            finish = _wait(helper, helper.used() + seconds, learners)
        if finish is None:
            return Finish(timed_out=True, still_running=not helper.stop(), seconds=seconds)
    except KeyboardInterrupt:  # the learner pressed "interrupt": their function has to stop too
        helper.stop()
        raise
    helper.rest()
    return finish


class _Helper:
    """A thread that runs one function after another."""

    resting: ClassVar[list[_Helper]] = []

    def __init__(self) -> None:
        self.tasks: queue.SimpleQueue = queue.SimpleQueue()
        self.results: queue.SimpleQueue = queue.SimpleQueue()
        self.clock: int | None = None
        self.began = 0.0
        before = threading.stack_size(STACK_BYTES)
        try:
            self.thread = threading.Thread(target=self._work, name="cnnlab-check", daemon=True)
            self.thread.start()
        finally:
            threading.stack_size(before)

    @classmethod
    def idle(cls) -> _Helper | None:
        while cls.resting:
            helper = cls.resting.pop()
            if helper.thread.is_alive():  # after a fork there are no threads but one
                return helper
        return None

    def begin(self, context: contextvars.Context, function: Callable[[], Any]) -> None:
        self.began = (
            time.clock_gettime(self.clock) if self.clock is not None else 0.0 if CAN_TELL else time.process_time()
        )
        self.tasks.put((context, function))

    def rest(self) -> None:
        self.resting.append(self)

    def used(self) -> float:
        """Seconds of the processor that this call took; of the whole process where the system can not tell."""
        if not CAN_TELL:
            return time.process_time() - self.began
        try:
            return 0.0 if self.clock is None else time.clock_gettime(self.clock) - self.began
        except OSError:  # it has just ended
            return 0.0

    def _work(self) -> None:
        if CAN_TELL:
            self.clock = time.pthread_getcpuclockid(threading.get_ident())
        with contextlib.suppress(Stopped):  # which may come when the function has just ended
            while True:
                self._one()

    def _one(self) -> None:
        context, function = self.tasks.get()
        start, value, error = time.thread_time(), None, None
        try:
            _as_in_a_new_thread()
            value = context.run(function)
        except BaseException as raised:  # SystemExit and KeyboardInterrupt too: they are the learner's
            error = raised
        self.results.put(Finish(value, error, seconds=time.thread_time() - start))
        del context, function, value, error  # nothing of the learner's is kept

    def stop(self) -> bool:
        """Raise `Stopped` in the thread until the function ends; False when it did not within the grace time."""
        end = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < end:
            thread = ctypes.c_ulong(self.thread.ident or 0)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(Stopped))
            self.thread.join(0.02)  # one that comes too late ends the loop as well: this thread is used no more
            if not self.thread.is_alive() or not self.results.empty():
                return True
        return False


def _as_in_a_new_thread() -> None:
    """What an earlier call may have left behind in this thread alone."""
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "set_grad_enabled"):
        torch.set_grad_enabled(True)


def _wait(helper: _Helper, seconds: float, learners: Callable[[str], bool]) -> Finish | None:
    """Until it ends, or has had its time: less of it, where a function is at work that is known not to come back."""
    end = time.monotonic() + PATIENCE * seconds
    if seconds <= AGAIN_SECONDS:
        return _until(helper, seconds, end)
    finish = _until(helper, AGAIN_SECONDS, time.monotonic() + PATIENCE * AGAIN_SECONDS)
    before = _at_work(helper.thread, learners) if finish is None else []
    if finish is not None or any(frame.f_code in endless for frame in before):
        return finish
    finish = _until(helper, seconds, end)
    if finish is None and not _importing(helper.thread):
        all_the_time = (f for f in _at_work(helper.thread, learners) if any(f is one for one in before))
        endless.extend(frame.f_code for frame in itertools.islice(all_the_time, 1))  # the innermost
    return finish


def _at_work(thread: threading.Thread, learners: Callable[[str], bool]) -> list[FrameType]:
    """The calls of the learner's functions in which a thread is, the innermost first."""
    return list(frames_of(sys._current_frames().get(thread.ident or 0), learners))


def frames_of(frame: FrameType | None, learners: Callable[[str], bool]) -> Iterator[FrameType]:
    """Those of a frame and its callers that are calls of a learner's function."""
    while frame is not None:
        if frame.f_code.co_name != "<module>" and learners(frame.f_code.co_filename):
            yield frame
        frame = frame.f_back


def _until(helper: _Helper, seconds: float, end: float) -> Finish | None:
    """Until it ends, or has had its seconds of the processor, or the wall clock's limit is over."""
    while True:
        left = min(seconds - helper.used(), end - time.monotonic())
        if left <= 0:
            return None
        try:
            return helper.results.get(timeout=left)  # it can not use more of the processor than passes on the wall
        except queue.Empty:
            continue


def _wait_for_import(helper: _Helper) -> bool:
    """An import that is stopped half-way leaves a broken package behind (torch can not be imported twice), and the
    first one of a session may take many seconds. So wait for it; then the function gets its time again."""
    end = time.monotonic() + IMPORT_SECONDS
    waited = False
    while _importing(helper.thread) and helper.results.empty() and time.monotonic() < end:
        waited = True
        time.sleep(0.05)
    return waited


def _importing(thread: threading.Thread) -> bool:
    return in_import(sys._current_frames().get(thread.ident or 0))


def in_import(frame: FrameType | None) -> bool:
    """Whether something is being imported there."""
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False
