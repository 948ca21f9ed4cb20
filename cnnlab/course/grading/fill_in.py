"""The points of a lesson into the gradebook that a learning platform gave for download.

Nobody is lost and nobody invented: every learner with points is in a row or in a line that says why not, and a row that
is no learner's of the course stays as it came. Two people are never guessed apart.
"""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from cnnlab.course import rounds
from cnnlab.course.folder import Folder
from cnnlab.course.grading.folder_names import shown
from cnnlab.course.grading.gradebook import DatabaseRow, score_of
from cnnlab.course.grading.platforms import PLATFORMS, Layout, Wanted, decimal_comma, titles_of
from cnnlab.course.grading.records import Record, load_record
from cnnlab.course.grading.roster import Roster
from cnnlab.course.grading.sheet import Sheet, read_sheet
from cnnlab.course.grading.tables import cell
from cnnlab.course.via_nbgrader import gradebook_at_hand
from cnnlab.files import write_whole
from cnnlab.settings import Trouble

OURS = "cnnlab:"  # how a comment begins that was written here; others stay
LONGEST_COMMENT = 1000
MOST_NAMES = 40


@dataclass(frozen=True)
class Points:
    """What a learner gets for the lesson, `late` points taken off for being late; `waiting` answers are not graded by
    hand yet."""

    student: str
    points: float
    of: float
    waiting: int = 0
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    late: float = 0.0


@dataclass
class Filled:
    """What became of it: how many cells were filled, and who did not fit."""

    sheet: Sheet
    layout: Layout
    filled: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """What a person reads: a line for whoever did not fit, and a count."""
        told = [f"changed: {line}" for line in self.changed] + [f"note: {line}" for line in self.remarks]
        told += [f"NOT FILLED IN: {line}" for line in self.left_out]
        if self.without:
            more = f" and {len(self.without) - MOST_NAMES} more" if len(self.without) > MOST_NAMES else ""
            told.append(f"left as they were, nothing is graded: {'; '.join(self.without[:MOST_NAMES])}{more}")
        column = shown(self.sheet.header[self.layout.points], 60)
        return [*told, f"{len(self.filled)} of {len(self.layout.people)} rows filled in, column “{column}”"]


@dataclass(frozen=True)
class Options:
    """How to fill in: columns named by hand (see platforms.Wanted); scale: other points in the file are no error but a
    measure; waiting: fill in those with ungraded answers, too; comments: write words to the learners, too."""

    column: str = ""
    who: str = ""
    comment: str = ""
    scale: bool = False
    waiting: bool = False
    comments: bool = True


def export(
    course: Folder,
    lesson: str,
    platform: str,
    path: Path,
    students: Path | None = None,
    to: Path | None = None,
    options: Options | None = None,
) -> tuple[Path, Filled]:
    """Fill the platform's file and write it to `to`, by default beside it. Raises Trouble; then nothing is written."""
    if platform not in PLATFORMS:
        raise Trouble(f"There is no platform {platform!r}.", f"There are: {', '.join(PLATFORMS)}.")
    options = options or Options()
    sheet, roster = read_sheet(path), Roster(students)
    title = course.toml["lessons"].get(lesson, {}).get("title", lesson)
    wanted = Wanted(titles_of(lesson, title), options.column, options.who, options.comment)
    layout = PLATFORMS[platform](sheet, wanted)
    found = points_of(course, lesson)
    comments = {}
    if options.comments and layout.comment is not None:
        comments = {one.student: comment_on(one, load_record(course.root, lesson, one.student)) for one in found}
    filled = fill(sheet, layout, found, roster, options, comments)
    to = to or path.with_name(f"{path.stem}-{lesson}{path.suffix}")
    try:
        write_whole(to, sheet.as_bytes(), mode=0o600)
    except OSError as error:
        raise Trouble(f"{to} can not be written: {error.strerror or error}", "Name another file with --to.") from None
    return to, filled


@gradebook_at_hand()
def points_of(course: Folder, lesson: str) -> list[Points]:
    """Everybody's points from the gradebook. Raises Trouble where nothing of the lesson is graded."""
    rounds.count_late(course, lesson)
    with rounds.gradebook(course, lesson) as gradebook:
        found = points_in(gradebook, lesson)
    if not found:
        raise Trouble(f"Nothing is graded for {lesson}.", f"Run `cnnlab grade {lesson[:2]}` first.")
    return found


def points_in(gradebook: Gradebook, lesson: str) -> list[Points]:
    """Everybody's points for a lesson, by student; none where the gradebook does not have it."""
    assignment = next((one for one in gradebook.assignments if one.name == lesson), None)
    if assignment is None:
        return []
    wanted = (
        select(SubmittedAssignment)
        .where(SubmittedAssignment.assignment_id == assignment.id)
        .options(
            selectinload(SubmittedAssignment.notebooks).selectinload(SubmittedNotebook.grades),
            selectinload(SubmittedAssignment.student),
        )
    )
    rows = gradebook.db.scalars(wanted)
    return sorted((_points(row, assignment.max_score or 0.0) for row in rows), key=lambda one: one.student)


def _points(row: DatabaseRow, of: float) -> Points:
    student = row.student
    grades = [grade for notebook in row.notebooks for grade in notebook.grades]
    late = sum(notebook.late_submission_penalty or 0.0 for notebook in row.notebooks)
    waiting = sum(bool(grade.needs_manual_grade) for grade in grades)
    name = " ".join(filter(None, (student.first_name, student.last_name)))
    ids = tuple(filter(None, (student.id, student.email, student.lms_user_id)))
    points = max(0.0, sum(map(score_of, grades)) - late)
    return Points(student.id, points, of, waiting, ids, tuple(filter(None, (student.id, name))), late)


def fill(
    sheet: Sheet,
    layout: Layout,
    found: Sequence[Points],
    roster: Roster,
    options: Options,
    comments: dict[str, str] | None = None,
) -> Filled:
    """Put these points into the sheet, and say of everybody what became of it. Raises Trouble."""
    filled = Filled(sheet, layout)
    comma = decimal_comma(sheet, layout)
    by_student = {one.student: one for one in found}
    places = rows_of(sheet, layout, found, roster)
    for student, points in by_student.items():
        row = places.rows.get(student)
        if row is None:
            filled.left_out.append(
                f"{shown(student)} ({points.points:g} points) {places.why.get(student, 'is in no row')}"
            )
            continue
        if reason := layout.locked(row):
            filled.left_out.append(f"{shown(student)} ({points.points:g} points) {reason}: {_row(sheet, row)}")
            continue
        if points.waiting and not options.waiting:
            answers = "an answer" if points.waiting == 1 else f"{points.waiting} answers"
            filled.left_out.append(f"{shown(student)}: {answers} to be graded by hand first (or --waiting)")
            continue
        _put_points(filled, row, points, options.scale, comma)
        if comments and layout.comment is not None and student in comments:
            _put_comment(filled, row, student, comments[student])
    told = {*places.rows.values(), *places.doubtful}
    filled.without = [_person(sheet, layout, row) for row in layout.people if row not in told]
    return filled


@dataclass
class Places:
    """The row of each learner; why one who could be somewhere has none, and the rows that are so left empty."""

    rows: dict[str, int] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    doubtful: set[int] = field(default_factory=set)


def rows_of(sheet: Sheet, layout: Layout, found: Sequence[Points], roster: Roster) -> Places:
    """Who is in which row.

    An id decides before a name. Where it and the name say different people, where several people fit a row, or several
    rows one learner, nobody gets it.
    """
    for one in found:
        roster.know(one.student, one.ids, one.names)
    graded = {one.student for one in found}
    by_id: dict[str, list[int]] = defaultdict(list)
    by_name: dict[str, list[int]] = defaultdict(list)
    places = Places()
    for row in layout.people:
        ids = set[str]().union(*(roster.by_id(sheet.value(row, column)) for column in layout.ids))
        names = [" ".join(sheet.value(row, column) for column in columns) for columns in layout.names]
        named = set[str]().union(*(roster.by_name(name) for name in names))
        who = (ids & named) or ids or named
        if ids and named and not ids & named:
            reason = f"could be in {_row(sheet, row)}, whose id is that of {_either(ids)}, and its name that of "
            places.why |= {student: reason + _either(named) for student in ids | named}
        elif len(who) > 1:
            places.why |= {student: f"could be in {_row(sheet, row)}, which fits {_either(who)}" for student in who}
        else:
            for student in who:
                (by_id if ids else by_name)[student].append(row)
            continue
        if who & graded:
            places.doubtful.add(row)
    for student in graded:
        fitting = by_id[student] or by_name[student]
        if len(fitting) == 1:
            places.rows[student] = fitting[0]
            places.why.pop(student, None)
        elif fitting:
            numbers = ", ".join(str(sheet.rows[row].number) for row in fitting[:6])
            places.why[student] = f"fits {len(fitting)} rows ({numbers}): name ids with --students"
            places.doubtful.update(fitting)
    return places


def _put_points(filled: Filled, row: int, points: Points, scale: bool, comma: bool) -> None:
    sheet, column = filled.sheet, filled.layout.points
    most = filled.layout.most(row)
    value = points.points
    if most is not None and abs(most - points.of) > 1e-6:
        if not scale:
            raise Trouble(
                f"{sheet.where(row, column)}: the platform has {most:g} points for it, the lesson {points.of:g}.",
                f"Set it to {points.of:g} there and download again, or let points be converted: --scale",
            )
        value = value * most / points.of if points.of else 0.0
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    text = text.replace(".", ",") if comma else text
    before = sheet.value(row, column).strip()
    if before not in ("", "-") and not _same(before, value):
        filled.changed.append(f"{_person(sheet, filled.layout, row)}: {shown(before, 20)} → {text}")
    if not _same(before, value):
        sheet.put(row, column, text)
    filled.filled.append(points.student)


def _same(before: str, value: float) -> bool:
    try:
        return abs(float(before.replace(",", ".")) - value) < 0.005
    except ValueError:
        return False


def _put_comment(filled: Filled, row: int, student: str, comment: str) -> None:
    sheet, column = filled.sheet, filled.layout.comment
    assert column is not None
    before = sheet.value(row, column).strip()
    if before and not before.startswith(OURS):
        filled.remarks.append(f"{shown(student)} has a comment already, which stays: {_row(sheet, row)}")
    elif not sheet.put(row, column, str(cell(comment))):
        filled.remarks.append(f"{shown(student)}: letters of the comment that {sheet.encoding} lacks became “?”")


def comment_on(points: Points, record: Record | None) -> str:
    """A few words for the learner: the points, and for each exercise that is not right yet what it looks like.

    Moodle and Blackboard read it as HTML, so signs that HTML has a meaning for are escaped.
    """
    told = f"{OURS} {points.points:g} of {points.of:g} points."
    if points.late:
        told += f" {points.late:g} taken off because it came late."
    if record is None:
        return told
    if record.refused:
        return html.escape(f"{told} {record.refused}"[:LONGEST_COMMENT], quote=False)
    wrong: dict[str, list[str]] = defaultdict(list)
    for part in record.parts:
        if part.kind != "passed":
            looks = "not solved" if part.kind == "unsolved" else part.mistake or "not right yet"
            wrong[part.exercise].append(f"{part.part}: {looks}" if part.part else looks)
    if not record.parts:
        return told
    if not wrong:
        return f"{told} Every check passes."
    told += " " + " ".join(f"{name} ({'; '.join(dict.fromkeys(parts))})." for name, parts in wrong.items())
    told = told if len(told) <= LONGEST_COMMENT else told[: LONGEST_COMMENT - 1] + "…"
    return html.escape(told, quote=False)


def _row(sheet: Sheet, row: int) -> str:
    return f"row {sheet.rows[row].number}"


def _person(sheet: Sheet, layout: Layout, row: int) -> str:
    texts = [" ".join(sheet.value(row, k) for k in columns).strip() for columns in layout.names]
    texts += [sheet.value(row, k).strip() for k in layout.ids]
    return f"{shown(next(filter(None, texts), 'nobody'), 60)} ({_row(sheet, row)})"


def _either(students: set[str]) -> str:
    return " or ".join(shown(student, 40) for student in sorted(students)[:4])
