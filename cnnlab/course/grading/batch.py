"""Many submissions: a pool of judging processes, one writer, and nothing lost wherever it is stopped.

Each submission's autograded notebook and record are written, whole, by whoever judged it. The gradebook is written here
alone, some dozens in one transaction. A run that was killed is taken up where it was: what has a record is entered from
the record, and the rest is judged.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cnnlab.course.grading.apart import Died, Ended, JudgingProcess, wait_for_one
from cnnlab.course.grading.folder_names import shown, trouble_with
from cnnlab.course.grading.gradebook import Entry, Writer, alone
from cnnlab.course.grading.grader import Grader, Round, require_sandbox
from cnnlab.course.grading.late import Late
from cnnlab.course.grading.records import Record
from cnnlab.course.grading.sandbox import NoSandbox
from cnnlab.course.via_nbgrader import config
from cnnlab.settings import Trouble

TOGETHER = 40  # submissions entered in one transaction
NO_STUDENTS = (".ipynb_checkpoints", ".git")
SECONDS = 5.0  # or as many as are ready after so long


@dataclass
class GradingSummary:
    """What became of every submission. ended: took too much to be graded, by student, and has 0 points; failed: the
    grader's own trouble; such a one has no new score; gone: has points, and nothing in submitted/ any more."""

    graded: list[Entry] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    no_time: dict[str, str] = field(default_factory=dict)
    late: dict[str, Late] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    repaired: int = 0
    ran_out: int = 0
    unjudged: int = 0
    from_cache: int = 0

    def lines(self, most: int = 30) -> list[str]:
        """The summary; each score only where there are few."""
        told = []
        if len(self.graded) <= most:
            told += [f"graded: {shown(g.student)}  {g.score:g} of {g.of:g}{_notes(g)}" for g in self.graded]
        else:
            waiting = sum(g.waiting for g in self.graded)
            told.append(f"graded: {len(self.graded)} submissions, {waiting} answers to grade by hand")
        if self.before:
            told.append(f"{len(self.before)} graded before and not handed in again since (--again grades them, too)")
        if self.repaired:
            told.append(f"{self.repaired} had something to put right; what, is in the report and in the feedback")
        if self.ran_out:
            told.append(f"{self.ran_out} ran out of time somewhere (--again tries them anew)")
        if self.unjudged:
            told.append(f"{self.unjudged} not judged in full: a check failed by itself; the report says which")
        told += [f"late: {late.line()}" for late in self.late.values()]
        told += [f"no time: {shown(student)}: {why}; it counts as not late" for student, why in self.no_time.items()]
        told += [f"no longer in submitted/: {shown(one)}; the points stay in the gradebook" for one in self.gone]
        told += [f"refused: {shown(student)}: {why}" for student, why in self.refused.items()]
        told += [f"ended: {shown(student)}: {why} (--again tries it anew)" for student, why in self.ended.items()]
        return told + [f"not graded: {shown(student)}: {why}" for student, why in self.failed.items()]


def _notes(entry: Entry) -> str:
    notes = []
    if entry.waiting:
        notes.append(f"{entry.waiting} answer{'s' if entry.waiting > 1 else ''} to grade by hand")
    if entry.penalty:
        notes.append(f"late: {entry.penalty:g} less")
    return f"  ({', '.join(notes)})" if notes else ""


def submissions(root: Path, lesson: str) -> dict[str, Path]:
    """The students who handed in something for a lesson, with the folder it lies in."""
    found = sorted((root / "submitted").glob(f"*/{lesson}"))
    return {folder.parent.name: folder for folder in found if folder.is_dir() and folder.parent.name not in NO_STUDENTS}


def _usable(students: Sequence[str], summary: GradingSummary) -> list[str]:
    """Those whose folder's name can be entered and shown; the others are told in the summary."""
    troubles = {student: why for student in students if (why := trouble_with(student))}
    summary.failed.update(troubles)
    return [student for student in students if student not in troubles]


def grade_all(
    settings: Round,
    students: Sequence[str],
    again: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    watch: Callable[[Record, int, int], object] = lambda record, done, of: None,
) -> GradingSummary:
    """Grade these students' submissions and enter them; `watch(record, done, of)` hears of each. Raises Trouble.

    A submission that can not be read gets 0 points and a sentence; one that the grader fails on is named and left out.
    """
    if settings.sandbox and scheduler is None:
        require_sandbox()
    with alone(settings.root):
        grader = Grader(settings)
        nbgrader = config(settings.root)
        nbgrader.CourseDirectory.root = str(settings.root)
        summary = GradingSummary()
        students = _usable(students, summary)
        with Writer(settings.root, settings.lesson, grader.release, nbgrader) as writer:
            desk = _Desk(writer, summary)
            try:
                known = {} if again else {s: found for s in students if (found := grader.known(s))}
                for record in known.values():
                    desk.take(record, before=True)
                todo = [student for student in students if student not in known]
                for done, record in enumerate(_judged(grader, todo, again, workers, scheduler), 1):
                    desk.take(record)
                    watch(record, done, len(todo))
            except NoSandbox as error:
                raise Trouble(str(error)) from None
            finally:
                desk.enter()  # an interruption too: what is judged is entered
                grader.close()
            summary.gone = sorted(writer.known() - set(submissions(settings.root, settings.lesson)))
        return summary


class _Desk:
    """Gathers records and hands them to the writer, so many at a time."""

    def __init__(self, writer: Writer, summary: GradingSummary):
        self.writer, self.summary = writer, summary
        self.lying: list[tuple[Record, bool]] = []
        self.since = time.monotonic()

    def take(self, record: Record, before: bool = False) -> None:
        self.lying.append((record, before))
        if len(self.lying) >= TOGETHER or time.monotonic() - self.since > SECONDS:
            self.enter()

    def enter(self) -> None:
        lying, self.lying = self.lying, []
        if not lying:
            return
        entries = {entry.student: entry for entry in self.writer.enter([record for record, _ in lying])}
        for record, before in lying:
            self._tell(record, before, entries.get(record.student))
        self.since = time.monotonic()

    def _tell(self, record: Record, before: bool, entry: Entry | None) -> None:
        summary = self.summary
        if record.failed:
            summary.failed[record.student] = record.failed
            return
        summary.repaired += bool(record.repairs) and not (before or record.refused)
        summary.ran_out += record.ran_out
        summary.unjudged += record.unjudged
        if record.no_time:
            summary.no_time[record.student] = record.no_time.rstrip(".")
        elif entry is not None and not entry.has_time:
            summary.no_time[record.student] = "it has no timestamp.txt, and the lesson is due at a time"
        if entry is not None and entry.late:
            summary.late[record.student] = entry.late
        if record.refused and record.ended:
            summary.ended[record.student] = record.refused.rstrip(".")
        elif record.refused:
            summary.refused[record.student] = record.refused
        elif before:
            summary.before.append(record.student)
        elif entry is not None:
            summary.from_cache += record.from_cache
            summary.graded.append(entry)


def _judged(
    grader: Grader, students: list[str], again: bool, workers: int | None, scheduler: str | None
) -> Iterator[Record]:
    if not students:
        return iter(())
    if scheduler is not None:
        from cnnlab.course.grading.cluster import on_cluster

        return on_cluster(grader, scheduler, students, again)
    return in_processes(grader, students, again, min(workers or default_workers(), len(students)))


def default_workers() -> int:
    """One judging process for each core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_processes(grader: Grader, students: list[str], again: bool, workers: int) -> Iterator[Record]:
    """Records as they are ready, from some processes; one that is ended, or dies, costs nobody else anything.

    Whoever was being graded when a process died by itself is tried once more, when nobody else is at work.
    """
    waiting, suspects, tried = deque(students), deque(), set()
    idle: list[JudgingProcess] = []
    busy: dict[JudgingProcess, tuple[str, str]] = {}

    def begin(student: str) -> None:
        process = idle.pop() if idle else JudgingProcess(grader)
        busy[process] = student, grader.file_digest(student)
        process.start(_grade, student, again)

    try:
        while waiting or suspects or busy:
            while waiting and len(busy) < workers:
                begin(waiting.popleft())
            if not busy:
                begin(suspects.popleft())
            for process in wait_for_one(busy):
                student, digest = busy.pop(process)
                try:
                    record = grader.own(process.result())
                except Ended as ended:
                    record = grader.ended(student, str(ended), digest)
                except Died:
                    if student not in tried:
                        tried.add(student)
                        suspects.append(student)
                        continue
                    record = grader.failed(student, "The judging process died twice over this submission.")
                if process.usable:
                    idle.append(process)
                else:
                    process.end()
                yield record
    finally:
        for process in [*idle, *busy]:
            process.end()


def _grade(grader: Grader, student: str, again: bool) -> Record:
    return grader.grade(student, again)
