"""The report over the course says who stopped where, what is common and what waits; nobody is left out."""

import csv
import datetime
import io

import pytest
from nbgrader.api import Gradebook

from cnnlab import check
from cnnlab.course.grading import course_report
from cnnlab.course.grading.judge import Judgement
from cnnlab.course.grading.records import Record, save_record
from cnnlab.settings import Trouble
from tests.course.grading.courses import LESSON, make_course
from tests.course.grading.test_report import Page, record

LATER = "02_padding_stride"
FLIPPED = ("cross_correlate2d", "the kernel is flipped")
EVE = "=eve<script>alert(1)<script>"
TODAY = datetime.datetime.now(datetime.UTC)


@pytest.fixture(scope="module")
def booked(tmp_path_factory):
    """Lesson 01: ada, bob, cy and =eve; 02: ada and =eve, half of them. A learner zoe with nothing."""
    course = make_course(tmp_path_factory.mktemp("course"))
    long_ago = (TODAY - datetime.timedelta(days=30)).strftime("%Y-%m-%d %H:%M:%S.%f")
    people = {
        "ada": record("ada", [e.name for e in check.exercises("01")]),
        "bob": record("bob", ["convolve2d"], [FLIPPED], timestamp=long_ago),
        "cy": record("cy", [], [FLIPPED]),
        EVE: Record(EVE, LESSON, refused="unreadable"),
    }
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as gradebook:
        gradebook.add_student("zoe")
        gradebook.add_assignment(LATER)
        gradebook.add_notebook(LATER, LATER)
        gradebook.add_grade_cell("check-pad2d", LATER, LATER, max_score=4, cell_type="code")
        for student in ("ada", EVE):
            gradebook.add_student(student)
            (grade,) = gradebook.add_submission(LATER, student).notebooks[0].grades
            grade.auto_score, grade.needs_manual_grade = 3, False
        for student, one in people.items():
            if student in ("bob", "cy"):
                gradebook.add_student(student)
            grades = gradebook.add_submission(LESSON, student).notebooks[0].grades
            for grade in grades:
                grade.auto_score = grade.max_score if student == "ada" else 0.0
                grade.needs_manual_grade = student == "cy" and grade.cell.name == "why"
            save_record(course.root, one)
        gradebook.db.commit()
    save_record(course.root, Record("ada", LATER, Judgement(LATER, [])))
    return course


@pytest.fixture(scope="module")
def found(booked):
    return course_report.overview(booked)


def test_everybody_is_there_with_where_they_stopped(found):
    said = {person.student: (person.last, person.stopped, len(person.points)) for person in found.people}
    stopped = (LESSON, True, 1)
    assert said == {
        "ada": (LATER, False, 2), "bob": stopped, "cy": stopped, EVE: (LATER, False, 2), "zoe": ("", True, 0)
    }  # fmt: skip
    bob = next(person for person in found.people if person.student == "bob")
    assert bob.not_yet[0] == check.exercises("01")[0].name
    assert "convolve2d" not in bob.not_yet


def test_a_common_mistake_comes_with_the_case_of_the_notebook(found):
    (mistake,) = found.mistakes
    assert (mistake.exercise, mistake.name, mistake.students) == (*FLIPPED, ("bob", "cy"))
    part = check.exercise(FLIPPED[0]).parts[0]
    names = [known.name for known in check.exercise(FLIPPED[0]).mistakes]
    failure = check.exercise(FLIPPED[0]).run_mistake(part, names.index(FLIPPED[1])).failed
    assert failure.sentence.split(",")[0] in " ".join(mistake.shown.split())
    assert mistake.says


def test_of_some_days_only_their_mistakes_count(booked):
    week = course_report.overview(booked, TODAY - datetime.timedelta(days=7))
    assert week.mistakes == ()
    assert len(week.people) == 5


def test_the_page_escapes_and_the_table_has_a_line_for_each(booked, found):
    pages = course_report.write_report(booked)
    text = pages[0].read_text(encoding="utf-8")
    page = Page(text)
    assert "script" not in page.tags
    assert page.links == []
    assert EVE in page.text
    assert "cy (1)" in page.text
    rows = list(csv.DictReader(io.StringIO(pages[1].read_text(encoding="utf-8"))))
    assert [row["student"] for row in rows] == [f"'{EVE}", "ada", "bob", "cy", "zoe"]
    ada = rows[1]
    assert (float(ada["points"]), float(ada["of"]), float(ada[LATER])) == (10, 11, 3)
    assert rows[4][LESSON] == ""
    assert rows[3]["answers that wait"] == "1"


@pytest.mark.slow
def test_where_nothing_is_graded_that_is_said(tmp_path):
    with pytest.raises(Trouble, match="Nothing is graded yet"):
        course_report.write_report(make_course(tmp_path))
