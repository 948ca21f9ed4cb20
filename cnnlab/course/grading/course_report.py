"""The class over the course: who stopped where, mistakes that it has in common, answers that wait for a person."""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.utils import parse_utc

from cnnlab import check
from cnnlab.check.report import case_shown
from cnnlab.course import rounds
from cnnlab.course.folder import Folder
from cnnlab.course.grading.class_report import PAGES, made_by
from cnnlab.course.grading.fill_in import Points, points_in
from cnnlab.course.grading.records import Record, load_records, record_path
from cnnlab.course.grading.tables import csv_of
from cnnlab.course.via_nbgrader import gradebook_at_hand
from cnnlab.files import write_whole
from cnnlab.settings import Trouble

MOST_MISTAKES = 12
MOST_NOT_YET = 4


@dataclass(frozen=True)
class Mistake:
    """A known mistake of two learners or more: the sentence that they were told, and the smallest case as text."""

    exercise: str
    name: str
    students: tuple[str, ...]
    says: str
    shown: str


@dataclass
class Person:
    """A learner: points by lesson, the last lesson handed in ("" for none), whether half of the class went on, and
    the exercises of that lesson that are not right yet."""

    student: str
    points: dict[str, Points] = field(default_factory=dict)
    last: str = ""
    stopped: bool = False
    not_yet: tuple[str, ...] = ()


@dataclass(frozen=True)
class Overview:
    """All that the page and the table say."""

    lessons: tuple[str, ...]
    people: tuple[Person, ...]
    mistakes: tuple[Mistake, ...]
    since: str = ""


def write_report(course: Folder, days: int | None = None) -> list[Path]:
    """Write reports/course.html and reports/course.csv; days: mistakes of the last so many days alone.

    Raises Trouble where nothing is graded.
    """
    since = None if days is None else datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)
    found = overview(course, since)
    folder = course.root / "reports"
    write_whole(folder / "course.html", page_of(found, course.toml.get("title", course.root.name)))
    write_whole(folder / "course.csv", table_of(found))
    return [folder / "course.html", folder / "course.csv"]


@gradebook_at_hand()
def overview(course: Folder, since: datetime.datetime | None = None) -> Overview:
    """Gradebook and records of every lesson, by learner. Raises Trouble where nothing is graded."""
    people: dict[str, Person] = {}
    with rounds.gradebook(course) as gradebook:
        for student in gradebook.students:
            people[str(student.id)] = Person(str(student.id))
        points = {lesson: points_in(gradebook, lesson) for lesson in course.lessons}
    lessons = tuple(lesson for lesson in course.lessons if points[lesson])
    if not lessons:
        raise Trouble("Nothing is graded yet.", "Run `cnnlab grade LESSON` first.")
    records = {lesson: load_records(course.root, lesson) for lesson in lessons}
    for lesson in lessons:
        failing = {record.student: _not_yet(record) for record in records[lesson]}
        for one in points[lesson]:
            person = people.setdefault(one.student, Person(one.student))
            person.points[lesson], person.last = one, lesson
            person.not_yet = failing.get(one.student, ())
    active = [person for person in people.values() if person.last]
    for person in people.values():
        gone_on = sum(other.last > person.last for other in active)
        person.stopped = 2 * gone_on >= len(active)
    recent = [record for lesson in lessons for record in records[lesson] if _is_recent(course, record, since)]
    by_name = tuple(people[student] for student in sorted(people))
    return Overview(lessons, by_name, tuple(common_mistakes(recent)), f"{since:%Y-%m-%d}" if since else "")


def _not_yet(record: Record) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.exercise for part in record.parts if part.kind != "passed"))


def _is_recent(course: Folder, record: Record, since: datetime.datetime | None) -> bool:
    """Whether it was handed in since then, or graded, where nobody knows when it was handed in."""
    if since is None:
        return True
    if record.timestamp:
        return parse_utc(record.timestamp).replace(tzinfo=datetime.UTC) >= since
    graded = record_path(course.root, record.lesson, record.student).stat().st_mtime
    return datetime.datetime.fromtimestamp(graded, datetime.UTC) >= since


def common_mistakes(records: Sequence[Record]) -> list[Mistake]:
    """Known mistakes of two learners or more, the most frequent first."""
    shared = [(pair, students) for pair, students in made_by(records) if len(students) > 1]
    return [_mistake(*pair, students) for pair, students in shared[:MOST_MISTAKES]]


def _mistake(name: str, mistake: str, students: tuple[str, ...]) -> Mistake:
    """With the smallest case of those that the notebook draws: not of those that grading draws, which are secret."""
    exercise = check.exercise(name)
    number = next((k for k, known in enumerate(exercise.mistakes) if known.name == mistake), None)
    if number is None:
        return Mistake(name, mistake, students, "", "")
    verdicts = (exercise.run_mistake(part, number) for part in exercise.parts)
    failed = next((verdict for verdict in verdicts if verdict.failure is not None), None)
    shown = case_shown(failed) if failed is not None else ""
    return Mistake(name, mistake, students, exercise.mistakes[number].says, shown)


def page_of(found: Overview, title: str) -> str:
    """The page, as HTML. Whatever comes from a learner is escaped."""
    return PAGES.get_template("course_report.html").render(
        title=title,
        learners=len(found.people),
        lessons=[_lesson(found, lesson) for lesson in found.lessons],
        waiting=[(lesson, names) for lesson in found.lessons if (names := _waiting(found, lesson))],
        mistakes=found.mistakes,
        since=found.since,
        people=[_person(found, person) for person in found.people],
    )


def _lesson(found: Overview, lesson: str) -> dict:
    points = [person.points[lesson] for person in found.people if lesson in person.points]
    return {
        "name": lesson,
        "handed_in": len(points),
        "percent": f"{100 * len(points) / len(found.people):.0f}",
        "median": f"{statistics.median(one.points for one in points):g}",
        "of": f"{points[0].of:g}",
        "complete": sum(one.points >= one.of for one in points),
        "waiting": sum(one.waiting for one in points),
    }


def _waiting(found: Overview, lesson: str) -> list[str]:
    people = [p for p in found.people if lesson in p.points and p.points[lesson].waiting]
    return [f"{person.student} ({person.points[lesson].waiting})" for person in people]


def _person(found: Overview, person: Person) -> dict:
    points, of = sum(one.points for one in person.points.values()), _most(found)
    more = ", …" if len(person.not_yet) > MOST_NOT_YET else ""
    return {
        "student": person.student,
        "last": person.last,
        "stopped": person.stopped and bool(person.last),
        "not_yet": ", ".join(person.not_yet[:MOST_NOT_YET]) + more,
        "lessons": len(person.points),
        "points": f"{points:g}",
        "of": f"{of:g}",
        "percent": f"{100 * points / of if of else 0:.0f}",
    }


def _most(found: Overview) -> float:
    """The most points there are in the lessons that were graded."""
    return sum(next(p.points[lesson].of for p in found.people if lesson in p.points) for lesson in found.lessons)


def table_of(found: Overview) -> str:
    """One line for each learner, as CSV; an empty cell for a lesson that was not handed in."""
    head = ["student", "lessons", "last lesson", "stopped", "not right yet", "answers that wait", "points", "of"]
    rows: list[list] = [[*head, *found.lessons]]
    for person in found.people:
        points = [person.points[lesson].points if lesson in person.points else None for lesson in found.lessons]
        waiting = sum(one.waiting for one in person.points.values())
        told: list = [person.student, len(person.points), person.last, "yes" if person.stopped else ""]
        told += ["; ".join(person.not_yet), waiting, sum(one or 0.0 for one in points), _most(found), *points]
        rows.append(told)
    return csv_of(rows)
