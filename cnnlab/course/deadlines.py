"""`cnnlab due` and `cnnlab extra-time`: when a lesson is due, for whom later, and who was late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from difflib import get_close_matches

from nbgrader.api import Gradebook

from cnnlab.course import rounds
from cnnlab.course.folder import Folder
from cnnlab.course.grading.batch import submissions
from cnnlab.course.grading.folder_names import shown
from cnnlab.course.grading.late import ALL, ExtraTime, counted, settle_all
from cnnlab.course.grading.moment import NoMoment, moment
from cnnlab.course.via_nbgrader import config, gradebook_at_hand
from cnnlab.settings import Trouble

NEVER = "never"


@gradebook_at_hand()
def set_due(course: Folder, lesson: str, when: str) -> list[str]:
    """Set a lesson's due date, or take it away ("never"), and count late penalties anew. Returns what is now so."""
    try:
        due = None if when == NEVER else moment(when, needs_clock=True)
    except NoMoment as error:
        raise Trouble(str(error)) from None
    with rounds.gradebook(course, lesson) as books:
        assignment = _assignment(books, lesson)
        assignment.duedate = due
        books.db.commit()
    return said_of(course, lesson)


@gradebook_at_hand()
def give_extra_time(course: Folder, lesson: str, students: Sequence[str], time: timedelta) -> list[str]:
    """Write extra time into extra_time.csv, for a lesson or "all", and count late penalties anew. Returns what is now
    so. Raises Trouble."""
    extra = ExtraTime(course.root, course.lessons)
    extra.give(students, lesson, time)
    with rounds.gradebook(course) as books:
        known = {str(student.id) for student in books.students}
        released = [str(one.name) for one in books.assignments]
    handed_in = {path.name for path in (course.root / "submitted").glob("*")}
    told = [_unknown(student, known | handed_in) for student in students if student not in known | handed_in]
    for one in released if lesson == ALL else {lesson} & set(released):
        told += said_of(course, one)
    return told or [f"noted in {extra.path.name}"]


@gradebook_at_hand()
def said_of(course: Folder, lesson: str) -> list[str]:
    """When a lesson is due, who has extra time for it, and who was late; the late penalties are counted anew."""
    extra, handed_in = ExtraTime(course.root, course.lessons), submissions(course.root, lesson)
    with rounds.gradebook(course, lesson) as books:
        assignment = next((one for one in books.assignments if one.name == lesson), None)
        if assignment is None:
            return [f"{lesson}: not released yet"]
        late = settle_all(books, lesson, config(course.root), extra)
        due = assignment.duedate
        granted = {row.student_id: row.extension for row in assignment.submissions if row.extension}
    if due is None:
        told = [f"{lesson}: no due date, nobody is late"]
    else:
        here = due.replace(tzinfo=UTC).astimezone()
        told = [f"{lesson}: due {due:%Y-%m-%d %H:%M} UTC ({here:%A, %H:%M %Z} on this machine)"]
    said = {student for student, about in extra.times if about in (lesson, ALL)}
    for student in sorted(said | set(granted)):
        time = extra.of(student, lesson)
        if time is None:
            told.append(f"  extra time: {shown(student)}: {counted(granted[student])}, in the gradebook alone")
        elif time:
            yet = "" if student in handed_in else "; has handed in nothing yet"
            told.append(f"  extra time: {shown(student)}: {counted(time)}{yet}")
    return told + [f"  late: {one.line()}" for one in late]


def _unknown(student: str, known: set[str]) -> str:
    near = get_close_matches(student.casefold().replace(" ", "_"), [name.casefold() for name in known], 1, 0.75)
    meant = [name for name in sorted(known) if name.casefold() in near]
    ask = f"is {shown(meant[0])} meant?" if meant else "is the name right?"
    return f"note: {shown(student)} is no folder in submitted/ and not in the gradebook: {ask}"


def _assignment(books: Gradebook, lesson: str):
    found = next((one for one in books.assignments if one.name == lesson), None)
    if found is None:
        raise Trouble(f"{lesson} is not in the gradebook yet.", f"Begin with `cnnlab release {lesson[:2]}`.")
    return found
