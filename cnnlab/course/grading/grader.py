"""One lesson's grader: reads a submission, judges it, writes its autograded notebook and its record.

The gradebook is not written here: that is `gradebook.py`, by one process alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import nbformat

from cnnlab import check
from cnnlab.course.folder import Folder
from cnnlab.course.grading.autograded import autograded, released_notebook
from cnnlab.course.grading.judge import Judgement, judge
from cnnlab.course.grading.moment import NoMoment, canonical
from cnnlab.course.grading.reader import MOST_BYTES, Submission, read_submission, where_it_lies
from cnnlab.course.grading.recognise import trimmed
from cnnlab.course.grading.records import (
    Record,
    Verdicts,
    cells_digest,
    deciding_files,
    judge_key,
    load_record,
    save_record,
    the_secret,
)
from cnnlab.course.grading.release import Release, load_release
from cnnlab.course.grading.sandbox import GIB, Limits, NoSandbox, WorkerPool, require_bubblewrap
from cnnlab.course.grading.unlocked import unlocked_command
from cnnlab.files import write_whole
from cnnlab.settings import Trouble

EXCHANGE_SECRET = "submission_secret.txt"
CHANGED = "The course was changed while this was graded. Grade it again."
TORCH_MEMORY = 8 * GIB  # of address space; torch maps several before it does anything


@dataclass(frozen=True)
class Round:
    """Which lesson is graded, where, and how. Plain data: it goes to other processes and machines as it is."""

    root: Path
    lesson: str
    sandbox: bool = True
    preload: tuple[str, ...] = ()


class Grader:
    """Grades one submission after the other. Raises Trouble where the lesson can not be graded at all."""

    def __init__(self, settings: Round):
        self.settings = settings
        self.course = Folder(settings.root)
        self.lesson = settings.lesson
        for module in settings.preload:
            __import__(module)
        self.released = self.course.release(self.lesson)
        self.deciding = (self.released, settings.root / "course.toml", *deciding_files())
        self.begun = self._state()
        self.release = released_lesson(self.course, self.lesson)
        self.limits = Limits(memory=TORCH_MEMORY) if "torch" in self.release.imports else Limits()
        self.secret = the_secret(settings.root)
        self.key = self._key(self.release)
        self.verdicts = Verdicts(settings.root, self.key)

    def _state(self) -> list[tuple[int, int] | None]:
        return [(s.st_mtime_ns, s.st_size) if (s := _stat(path)) else None for path in self.deciding]

    def changed(self) -> bool:
        """Whether the lesson, or code that decides, is another on disk than when this grader was made."""
        now = self._state()
        if now != self.begun:
            try:
                if self._key(released_lesson(Folder(self.settings.root), self.lesson)) != self.key:
                    return True
            except Trouble:
                return True
            self.begun = now  # written anew, and what it was
        return False

    def _key(self, release: Release) -> str:
        return judge_key(release, self.secret, self.limits) + ("" if self.settings.sandbox else "-no-sandbox")

    def own(self, record: Record) -> Record:
        """A record from another process: one that says that grading failed where it was judged by another judge."""
        return record if record.key == self.key else self.failed(record.student, CHANGED)

    @cached_property
    def pool(self) -> WorkerPool:
        """The workers, started when the first is needed. Raises NoSandbox."""
        return make_pool(self.release, self.limits, self.settings.sandbox, waiting_for(self.release))

    def submitted(self, student: str) -> Path:
        """Where a student's notebook lies as it was handed in, or would."""
        return self.course.root / "submitted" / student / self.lesson / f"{self.lesson}.ipynb"

    def finished(self, student: str) -> Path:
        """Where a student's autograded notebook lies, or would."""
        return self.course.root / "autograded" / student / self.lesson / f"{self.lesson}.ipynb"

    def known(self, student: str) -> Record | None:
        """The record of this very file by this very judge, whose autograded notebook is there; else None."""
        found = load_record(self.course.root, self.lesson, student)
        if found is None or found.failed or found.key != self.key or found.unjudged or not found.file_digest:
            return None
        if (found.student, found.lesson) != (student, self.lesson):
            return None
        if found.file_digest != self.file_digest(student) or not self.finished(student).exists():
            return None
        timestamp, no_time = read_timestamp(self.submitted(student).parent)
        return replace(found, timestamp=timestamp, no_time=no_time)

    def file_digest(self, student: str) -> str:
        """Names the file's content; "" for what is no ordinary file."""
        path = where_it_lies(self.submitted(student))
        try:
            found = os.lstat(path)
            if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES or path.parent.is_symlink():
                return ""
            return hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            return ""

    def grade(self, student: str, again: bool = False) -> Record:
        """Read, judge, write: the record of one submission. Raises NoSandbox alone: that is the machine's trouble."""
        started = time.monotonic()
        try:
            submission, record = self.read(student)
            kept = None if again or record.refused else self.verdicts.find(submission.cells)
            judgement = kept
            if judgement is None and not record.refused:
                judgement = judge(self.release, list(submission.cells), self.pool, self.secret)
            return self.finish(submission, record, judgement, kept is not None, time.monotonic() - started)
        except NoSandbox:
            raise
        except Exception as error:
            return self.failed(student, error)

    def ended(self, student: str, of: str, file_digest: str) -> Record:
        """The record of a submission with which the judge was ended from outside, since it `of` ("took … seconds"). It
        stands until the submission or the judge is another, or until it is asked for again. Raises nothing.

        file_digest: of the file as it was before; one that was handed in meanwhile is not what took so much."""
        told = f"Grading it {of}, so grading it was ended and nothing in it counts."
        try:
            submission, record = self._read(student, Submission((), {}, (), told, digest=file_digest))
            return self.finish(submission, replace(record, ended=True), None, False, 0.0)
        except Exception as error:
            return self.failed(student, error)

    def read(self, student: str) -> tuple[Submission, Record]:
        """The submission, and its record so far. Never raises for anything in the file."""
        return self._read(student, read_submission(self.submitted(student), self.release))

    def _read(self, student: str, submission: Submission) -> tuple[Submission, Record]:
        path = self.submitted(student)
        timestamp, no_time = read_timestamp(path.parent)
        return submission, Record(
            student,
            self.lesson,
            None,
            submission.repairs,
            submission.refused,
            None,
            submission.digest,
            cells_digest(submission.cells),
            self.key,
            self.answered(submission),
            timestamp,
            no_time=no_time,
        )

    def finish(
        self, submission: Submission, record: Record, judgement: Judgement | None, from_cache: bool, seconds: float
    ) -> Record:
        """Write the autograded notebook, then the record, and return it. seconds: what judging took. Raises OSError."""
        if self.changed():
            return self.failed(record.student, CHANGED)
        record = replace(record, judgement=judgement, from_cache=from_cache, seconds=round(seconds, 3))
        if judgement is not None and not from_cache:
            self.verdicts.keep(submission.cells, judgement)
        notebook = autograded(released_notebook(self.released), self.release, submission, record)
        path = self.finished(record.student)
        self.write_exchange_files(record)
        write_whole(path, nbformat.v4.writes(notebook) + "\n")
        save_record(self.course.root, record)
        return record

    def write_exchange_files(self, record: Record) -> None:
        """What nbgrader's exchange put beside the submission and looks for beside its feedback: when it was handed in,
        and the word that names the feedback's file. It stops for a whole class where one of them is missing, so where
        a learner took the word away, the feedback gets a name that nobody knows."""
        path, submitted = self.finished(record.student), self.submitted(record.student).parent
        word = read_line(submitted / EXCHANGE_SECRET)
        unknown = hashlib.sha256(f"{self.secret}/{record.student}/{self.lesson}".encode()).hexdigest()
        write_whole(path.with_name(EXCHANGE_SECRET), word or unknown)
        write_whole(path.with_name("timestamp.txt"), record.timestamp or "")

    def failed(self, student: str, error: BaseException | str) -> Record:
        """A record that says that the grader itself did not get through; it is tried again next time. Raises nothing:
        where the record can not be written, its absence says the same."""
        told = error if isinstance(error, str) else f"The grader failed: {type(error).__name__}: {error}"[:500]
        record = Record(student, self.lesson, failed=told, key=self.key)
        with contextlib.suppress(OSError, ValueError):
            save_record(self.course.root, record)
        return record

    def answered(self, submission: Submission) -> tuple[str, ...]:
        """The grade_ids of the short answers in which, or beside which, something was written."""
        stubs = {cell.grade_id: trimmed(cell.source) for cell in self.release.with_role("answer")}
        answers = (submission.answers or {}).items()
        inside = {name for name, text in answers if trimmed(text) != stubs.get(name)}
        return tuple(sorted(inside | set(submission.beside)))

    def close(self) -> None:
        """End the workers that wait."""
        if "pool" in self.__dict__:
            self.pool.close()


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def released_lesson(course: Folder, lesson: str) -> Release:
    """The release, with every check known to cnnlab.check. Raises Trouble."""
    path = course.release(lesson)
    imports = course.toml["lessons"].get(lesson, {}).get("imports") or ["numpy"]
    if not path.is_file():
        raise Trouble(f"{lesson} is not released: {path} is not there.", f"Run `cnnlab release {lesson[:2]}`.")
    try:
        release = load_release(path, imports)
    except Exception as error:  # nbformat raises many kinds
        raise Trouble(f"The release of {lesson} can not be read: {error}", "Release it again.") from error
    for cell in release.with_role("check"):
        try:
            exercise = getattr(check, cell.exercise).exercise
            if cell.part:
                exercise.part(cell.part)
        except (AttributeError, ValueError) as error:
            raise Trouble(f"{lesson}, cell {cell.grade_id}: {error}", "Build and release the lesson again.") from None
    return release


def waiting_for(release: Release) -> int:
    """How many workers wait ready: torch takes seconds of a processor to start, and the last ones start in vain."""
    return 1 if "torch" in release.imports else 2


def make_pool(release: Release, limits: Limits, sandbox: bool = True, waiting: int = 2) -> WorkerPool:
    """Workers for one lesson: in the sandbox or, where the instructor said so, as plain processes."""
    command = None if sandbox else unlocked_command(release.imports, limits)
    return WorkerPool(release.imports, limits, waiting, command, release.first)


def require_sandbox() -> None:
    """Raises Trouble where this machine can not lock submitted code in."""
    try:
        require_bubblewrap()
    except NoSandbox as error:
        raise Trouble(str(error)) from None


def read_timestamp(folder: Path) -> tuple[str | None, str | None]:
    """When it was handed in, from the `timestamp.txt` beside it, and why that file says no time; None for what is not.

    Both are None where there is no such file: a submission that was put there by hand has none.
    """
    path = folder / "timestamp.txt"
    if not os.path.lexists(path):
        return None, None
    text = read_line(path)
    if text is None:
        return None, "its timestamp.txt is empty, no text, or no ordinary file"
    try:
        return canonical(text), None
    except NoMoment as error:
        return None, f"its timestamp.txt says no time: {error}"


def read_line(path: Path) -> str | None:
    """The text of a small ordinary file; None where it is not there, no ordinary file (in ordinary folders of student
    and lesson), long or no text."""
    try:
        if path.parent.is_symlink() or path.parent.parent.is_symlink():
            return None
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > 200:
            return None
        data = path.read_bytes()
        windows = data.startswith((b"\xff\xfe", b"\xfe\xff"))  # PowerShell's > writes UTF-16
        return data.decode("utf-16" if windows else "utf-8-sig").strip() or None
    except (OSError, ValueError):
        return None
