"""Scores into nbgrader's gradebook: one writer, many submissions in one transaction.

The rules are those of nbgrader's SaveAutoGrades and AssignLatePenalties (what a person graded or wrote stays), with one
difference: grading again asks for a second look at what was graded by hand only where the submission is another one.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Comment, Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc
from sqlalchemy import Column, MetaData, String, Table, delete, insert, select
from sqlalchemy.orm import selectinload
from traitlets.config import Config

from cnnlab.course.grading.autograded import comment
from cnnlab.course.grading.in_step import require_in_step
from cnnlab.course.grading.late import ExtraTime, Late, rule, settle
from cnnlab.course.grading.records import Record, instructors_folder
from cnnlab.course.grading.release import Release
from cnnlab.files import make_folder
from cnnlab.settings import Trouble, read_course

# Which file was entered last for each student: in the gradebook itself, so that a copy that is brought back knows.
ENTERED = Table(
    "cnnlab_entered",
    MetaData(),
    *(Column(name, String(255), primary_key=True) for name in ("lesson", "student")),
    Column("digest", String(64), nullable=False),
)

DatabaseRow = Any  # of nbgrader's tables, whose columns say nothing to a type checker


@dataclass
class Entry:
    """What the gradebook says about one submission after it was entered: points, `of` the most there are, how many
    answers are `waiting` to be graded by hand, and whether it was `late`; `has_time` where the gradebook has a due date
    and knows when it was handed in, or has none."""

    student: str
    score: float
    of: float
    waiting: int
    late: Late | None = None
    has_time: bool = True

    @property
    def penalty(self) -> float:
        """Points to be taken off for being late."""
        return self.late.penalty if self.late else 0.0


class Writer:
    """Enters records of one lesson. Use it as a context; `enter` commits once for all the records that it is given."""

    def __init__(self, root: Path, lesson: str, release: Release, settings: Config):
        self.root, self.lesson, self.release = root, lesson, release
        directory = CourseDirectory(config=settings)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.gradebook = Gradebook(directory.db_url, directory.course_id)
        self.rule, self.extra = rule(settings), ExtraTime(root, sorted(read_course(root)["lessons"]))
        self.cells: dict[str, str] | None = None

    def __enter__(self) -> Writer:
        """Raises Trouble where the gradebook has another lesson than was released."""
        try:
            require_in_step(self.gradebook, self.release)
        except BaseException:
            self.gradebook.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.gradebook.close()

    def enter(self, records: Sequence[Record]) -> list[Entry]:
        """Enter these in one transaction: all of them or, where something fails, none."""
        records = [record for record in records if not record.failed]
        session = self.gradebook.db
        try:
            with warnings.catch_warnings(), session.no_autoflush:
                warnings.simplefilter("ignore")  # SQLAlchemy's, on how nbgrader maps its tables
                ENTERED.create(session.connection(), checkfirst=True)
                rows = self._rows([record.student for record in records])
                entries = [self._enter(record, rows) for record in records]
                self._note(records)
            session.commit()
        except BaseException:
            session.rollback()
            raise
        return entries

    def known(self) -> set[str]:
        """Whose points were entered for the lesson, now or before."""
        ENTERED.create(self.gradebook.db.connection(), checkfirst=True)
        return set(self.gradebook.db.scalars(select(ENTERED.c.student).where(ENTERED.c.lesson == self.lesson)))

    def _entered(self, students: Sequence[str]) -> Any:
        return (ENTERED.c.lesson == self.lesson) & ENTERED.c.student.in_(students)

    def _note(self, records: Sequence[Record]) -> None:
        """Note which files these are of."""
        latest = {record.student: record.file_digest for record in records}
        self.gradebook.db.execute(delete(ENTERED).where(self._entered(list(latest))))
        rows = [{"lesson": self.lesson, "student": student, "digest": digest} for student, digest in latest.items()]
        if rows:
            self.gradebook.db.execute(insert(ENTERED), rows)

    def _rows(self, students: list[str]) -> dict[str, DatabaseRow]:
        """The submissions of these students; those that are not there yet are made, students too."""
        session = self.gradebook.db
        assignment = self.gradebook.find_assignment(self.lesson)
        notebook = self.gradebook.find_notebook(self.lesson, self.lesson)
        self.graded = {cell.id: (cell.name, cell.cell_type, cell.max_score) for cell in notebook.grade_cells}
        self.commented = {cell.id: cell.name for cell in notebook.solution_cells}
        known = set(session.scalars(select(Student.id).where(Student.id.in_(students))))
        session.add_all(Student(id=student) for student in students if student not in known)
        wanted = (
            select(SubmittedAssignment)
            .where(SubmittedAssignment.assignment_id == assignment.id, SubmittedAssignment.student_id.in_(students))
            .options(
                selectinload(SubmittedAssignment.notebooks).selectinload(SubmittedNotebook.grades),
                selectinload(SubmittedAssignment.notebooks).selectinload(SubmittedNotebook.comments),
            )
        )
        rows: dict[Any, DatabaseRow] = {row.student_id: row for row in session.scalars(wanted)}
        for student in students:
            if student not in rows:
                made = SubmittedAssignment(assignment_id=assignment.id, student_id=student)
                made.assignment = assignment
                rows[student] = made
                session.add(made)
            row = rows[student]
            if not any(found.notebook_id == notebook.id for found in row.notebooks):
                row.notebooks.append(SubmittedNotebook(notebook_id=notebook.id))
        self.notebook_id = notebook.id
        noted = session.execute(select(ENTERED.c.student, ENTERED.c.digest).where(self._entered(students)))
        self.entered = dict(noted.tuples().all())
        return rows

    def _enter(self, record: Record, rows: dict[str, DatabaseRow]) -> Entry:
        row = rows[record.student]
        row.timestamp = parse_utc(record.timestamp) if record.timestamp else None
        notebook = next(found for found in row.notebooks if found.notebook_id == self.notebook_id)
        again = bool(record.file_digest) and self.entered.get(record.student) == record.file_digest
        scores = self._scores(record)
        there = {grade.cell_id for grade in notebook.grades}
        notebook.grades.extend(Grade(cell_id=k, needs_manual_grade=True) for k in self.graded if k not in there)
        grades = {grade.cell_id: grade for grade in notebook.grades}
        for cell_id, (name, _, _) in self.graded.items():
            grade = grades[cell_id]
            auto = scores.get(name, 0.0)
            grade.auto_score = auto
            if grade.manual_score is None:
                grade.needs_manual_grade = auto is None
            elif not again:
                grade.needs_manual_grade = True
        self._comment(record, notebook)
        return self._total(record, row, notebook)

    def _scores(self, record: Record) -> dict[str, float | None]:
        """By grade_id; None for an answer that a person has to grade."""
        if record.judgement is None:
            return {}
        answers = {name for name, kind, _ in self.graded.values() if kind == "markdown"}
        scores = {name: None if name in record.answered else 0.0 for name in answers}
        return {**scores, **{part.grade_id: part.points for part in record.parts}}

    def _comment(self, record: Record, notebook: DatabaseRow) -> None:
        there = {found.cell_id for found in notebook.comments}
        notebook.comments.extend(Comment(cell_id=k) for k in self.commented if k not in there)
        comments = {found.cell_id: found for found in notebook.comments}
        answers = {cell.grade_id for cell in self.release.with_role("answer")}
        for cell_id, name in self.commented.items():
            if record.refused:
                told = "The notebook took too much to be graded." if record.ended else "The notebook could not be read."
            elif name in answers:
                told = None if name in record.answered else "No response."
            else:
                told = comment([part for part in record.parts if part.exercise == name])
            comments[cell_id].auto_comment = told

    def _total(self, record: Record, row: DatabaseRow, notebook: DatabaseRow) -> Entry:
        score = sum(score_of(grade) for grade in notebook.grades)
        late = settle(row, notebook, score, self.rule, self.extra)
        of = sum(most for _, _, most in self.graded.values())
        waiting = sum(bool(grade.needs_manual_grade) for grade in notebook.grades)
        has_time = row.timestamp is not None or row.assignment.duedate is None
        return Entry(record.student, score, of, waiting, late, has_time)


def score_of(grade: DatabaseRow) -> float:
    """What a graded cell gives: a person's points, else the check's, and extra credit."""
    own = grade.manual_score if grade.manual_score is not None else grade.auto_score
    return 0.0 if own is None else own + (grade.extra_credit or 0.0)


@contextlib.contextmanager
def alone(root: Path) -> Generator[None, None, None]:
    """Only one grader at a time in a course folder. Raises Trouble where another one is at work."""
    from filelock import FileLock, Timeout

    path = instructors_folder(root) / "grading.lock"
    make_folder(path.parent)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        words = "Another `cnnlab grade` is at work in this course, or nbgrader's autograde."
        raise Trouble(words, "Wait until it is done.") from None
    try:
        yield
    finally:
        lock.release()
