"""Judging apart: a process that works on one submission at a time, and is ended from outside where it takes too much.

Reading, recognising, comparing, cleaning and writing all look at what a stranger made. Each of them is linear in its
input; should one not be, or should a library stumble, the submission that it happens with pays for it, and no other.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Generator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from cnnlab.course.grading.beforehand import METHOD, begin, findable
from cnnlab.course.grading.grader import Grader
from cnnlab.course.grading.records import Record
from cnnlab.course.grading.release import Release

MIB = 1 << 20
LOOK_SECONDS = 0.1
BEGUN = "begun"


@dataclass(frozen=True)
class Share:
    """What judging one submission may take: seconds of the judge's own processor (those of the sandbox have limits of
    their own), seconds on the wall, and bytes of memory more than there were before."""

    cpu_seconds: float = 60.0
    wall_seconds: float = 420.0
    memory: int = 1024 * MIB


SHARE = Share()


class Ended(Exception):
    """The process had its share and was ended; the text says of what."""


class Died(Exception):
    """The process ended by itself, in the middle."""


class Judging(Protocol):
    """What judges in such a process: a Grader, or less of one on a machine that has no files (`cluster.py`). The
    process makes its own from the `settings`."""

    settings: Any
    lesson: str
    release: Release

    def __init__(self, settings: Any): ...
    def close(self) -> None: ...


AnyJudge = TypeVar("AnyJudge", bound=Judging)


class JudgingProcess:
    """A process with a grader of its own, which it keeps from task to task.

    A task is a function of this grader and further arguments; both, and what comes back, are pickled.
    """

    def __init__(self, grader: Judging, share: Share | None = None):
        self.share = share or SHARE
        context: Any = multiprocessing.get_context(METHOD)
        if METHOD == "forkserver":
            begin(grader.lesson, grader.release.imports, grader.settings.preload)
        self.connection, theirs = context.Pipe()
        self.process = context.Process(
            target=_serve, args=(theirs, type(grader), grader.settings, dict(os.environ)), daemon=True
        )
        with findable(), may_have_children():
            self.process.start()
        theirs.close()
        self.first: tuple[float, int] | None = None  # processor and memory before the first task
        self.before: tuple[float, int] | None = None  # and before this one
        self.since = 0.0
        self.ended = ""
        self.answer: tuple[bool, Any] | None = None

    def start(self, task: Callable, *arguments: object) -> None:
        """Begin with a task; `result` has what comes of it."""
        self.before, self.since, self.ended, self.answer = None, time.monotonic(), "", None
        with contextlib.suppress(BrokenPipeError):  # it has died: `result` tells
            self.connection.send((task, arguments))

    def done(self) -> bool:
        """Whether `result` will not wait. Ends the process where it has had its share."""
        with contextlib.suppress(EOFError, OSError):
            while self.before is None and self.answer is None and self.connection.poll():
                if (said := self.connection.recv()) == BEGUN:
                    self.before = self._used()
                    self.first = self.first or self.before
                else:  # its grader could not be made
                    self.answer = said
        if self.answer or self.ended or not self.process.is_alive() or (self.before and self.connection.poll()):
            return True
        self.ended = self._too_much()
        if self.ended:
            self.end()
        return bool(self.ended)

    def result(self) -> Any:
        """What the task returned. Raises what it raised, Ended or Died."""
        while not self.done():
            wait([self.connection, self.process.sentinel], LOOK_SECONDS)
        if self.ended:
            raise Ended(self.ended)
        try:
            while self.answer in (None, BEGUN):
                self.answer = self.connection.recv()
            went_well, value = self.answer
        except (EOFError, OSError):
            self.end()
            raise Died from None
        if not went_well:
            raise value
        return value

    def do(self, task: Callable, *arguments: object) -> Any:
        """Start a task and wait for its result."""
        self.start(task, *arguments)
        return self.result()

    @property
    def usable(self) -> bool:
        """Is it alive, and not much larger than it was?"""
        if not self.process.is_alive():
            return False
        return self.first is None or self._used()[1] - self.first[1] < self.share.memory // 2

    def _too_much(self) -> str:
        if time.monotonic() - self.since > self.share.wall_seconds:
            return f"took longer than {self.share.wall_seconds:g} seconds"
        if self.before is None:
            return ""
        processor, memory = self._used()
        if processor - self.before[0] > self.share.cpu_seconds:
            return f"took the judge itself more than {self.share.cpu_seconds:g} seconds of a processor"
        if memory - self.before[1] > self.share.memory:
            return f"took the judge itself more than {self.share.memory // MIB:,} MB of memory"
        return ""

    def _used(self) -> tuple[float, int]:
        """Seconds of the processor and bytes of memory, as the kernel counts them; (0, 0) where there is no /proc."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            return seconds, int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError, IndexError):
            return 0.0, 0

    def end(self) -> None:
        """End it at once; its sandbox ends with it."""
        self.process.kill()
        self.process.join()


@contextlib.contextmanager
def may_have_children() -> Generator[None, None, None]:
    """A machine of a dask cluster is a daemon, and multiprocessing lets daemons start nothing, so that nothing outlives
    them. A judging process does not: it ends with whoever began it."""
    config = multiprocessing.current_process()._config  # ty: ignore[missing-attribute]
    daemon = config.pop("daemon", None)
    try:
        yield
    finally:
        if daemon is not None:
            config["daemon"] = daemon


def _serve(connection: Connection, kind: type[Judging], settings: Any, environment: dict[str, str]) -> None:
    """In the process: one task after the other, until whoever asks has gone."""
    os.environ.clear()  # a forkserver keeps those of the hour when it was started
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    grader = None
    while True:
        try:
            task, arguments = connection.recv()
        except EOFError:
            return
        try:
            if grader is None:
                grader = kind(settings)
                Finalize(None, grader.close, exitpriority=10)
            connection.send(BEGUN)
            answer = (True, task(grader, *arguments))
        except Exception as error:
            answer = (False, error)
        connection.send(answer)


def _end_with(sentinel: int) -> None:
    """A grader that was killed takes its judging processes, and they their sandboxes, with it."""
    wait([sentinel])
    os._exit(1)


class Apart(Generic[AnyJudge]):
    """A grader that grades in a process of its own; another one follows where the first is ended."""

    def __init__(self, grader: AnyJudge):
        self.grader = grader
        self.process: JudgingProcess | None = None

    def do(self, task: Callable, *arguments: object) -> Any:
        """What a task gives, as with `JudgingProcess.do`."""
        if self.process is None or not self.process.usable:
            self.end()
            self.process = JudgingProcess(self.grader)
        return self.process.do(task, *arguments)

    def grade(self: Apart[Grader], student: str, again: bool = False) -> Record:
        """The record of one submission, whatever becomes of the process. Raises NoSandbox."""
        digest = self.grader.file_digest(student)
        try:
            return self.grader.own(self.do(Grader.grade, student, again))
        except Ended as ended:
            return self.grader.ended(student, str(ended), digest)
        except Died:
            return self.grader.failed(student, "The judging process died over this submission.")

    def __enter__(self) -> Apart[AnyJudge]:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def end(self) -> None:
        """End the process, where there is one."""
        if self.process is not None:
            self.process.end()
        self.process = None


def wait_for_one(processes: Collection[JudgingProcess]) -> list[JudgingProcess]:
    """Those that are done, soon after the first of them is."""
    while True:
        wait([p.connection for p in processes], LOOK_SECONDS)
        if found := [process for process in processes if process.done()]:
            return found
