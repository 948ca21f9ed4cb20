"""Due dates, extra time and what a late day costs: the same in every way to grade, and nobody is late silently."""

import csv
import io
import shutil
from datetime import timedelta

import pytest

from cnnlab.course import deadlines, rounds
from cnnlab.course.folder import Folder
from cnnlab.course.grading import late
from cnnlab.course.grading.fill_in import comment_on, points_of
from cnnlab.settings import Trouble
from tests.course.grading.courses import LESSON, RIGHT, hand_in
from tests.course.grading.test_nbgrader import command, gradebook

DUE = "2026-11-10 23:59 +0100"


@pytest.mark.parametrize(
    ("seconds", "settings", "penalty"),
    [
        (1, {}, None),
        (1, {"percent_a_day": 10}, 2.0),
        (86400, {"percent_a_day": 10}, 2.0),
        (86401, {"percent_a_day": 10}, 4.0),
        (86401, {"points_a_day": 1.5}, 3.0),
        (86401, {"points_a_day": 1.5, "percent_a_day": 10}, 7.0),
        (10 * 86400, {"percent_a_day": 25}, 20.0),
        (600, {"percent_a_day": 10, "grace_minutes": 10}, None),
        (601, {"percent_a_day": 10, "grace_minutes": 10}, 2.0),
        (2 * 86400, {"percent_a_day": 10, "days_at_most": 2}, 4.0),
        (2 * 86400 + 1, {"days_at_most": 2}, 20.0),
    ],
)
def test_a_day_that_was_begun_costs(seconds, settings, penalty):
    assert late.LateDays(**settings).late_submission_penalty("ada", 20.0, seconds) == penalty


def test_a_time_is_said_in_days_and_hours():
    told = [late.counted(timedelta(days=d, minutes=m)) for d, m in [(0, 0.5), (0, 61), (1, 0), (2, 119), (0, 59.5)]]
    assert told == ["1 minute", "1 hour 1 minute", "1 day", "2 days 1 hour", "60 minutes"]


def extra(tmp_path, text):
    (tmp_path / late.FILE).write_text(text, encoding="utf-8")
    return late.ExtraTime(tmp_path, [LESSON, "02_padding_stride"])


def test_a_line_about_a_lesson_counts_before_one_about_all(tmp_path):
    times = extra(tmp_path, "sep=;\nlesson;student_id;hours;why;days\nALL;ada;;ill;2\n1;ada;1,5;x;\n01;bob;0;;\n")
    assert times.of("ada", LESSON) == timedelta(hours=1.5)
    assert times.of("ada", "02_padding_stride") == timedelta(days=2)
    assert (times.of("bob", LESSON), times.of("bob", "02_padding_stride")) == (timedelta(), None)
    times.give(["cy", "ada"], LESSON, timedelta(days=3, hours=6))
    rows = list(csv.DictReader(io.StringIO((tmp_path / late.FILE).read_text())))
    assert [row["why"] for row in rows] == ["ill", "x", "", ""]  # what else stands there stays
    again = late.ExtraTime(tmp_path, [LESSON, "02_padding_stride"])
    assert again.times == times.times
    assert again.of("ada", LESSON) == again.of("cy", LESSON) == timedelta(days=3, hours=6)
    assert (tmp_path / late.FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("ada,01,,", "neither days nor hours"),
        (",01,1,", "no student_id"),
        ("ada,,1,", "no lesson"),
        ("ada,99,1,", "There is no lesson '99'"),
        ("ada,01,-1,", "numbers from 0 on"),
        ("ada,01,nan,", "numbers from 0 on"),
        ("ada,01,inf,", "numbers from 0 on"),
        ("ada,01,1e300,", "line 3"),
        ("ada,01,soon,", "line 3"),
        ("bob,1,2,", "bob has two lines about 01_convolution"),
    ],
)
def test_what_can_not_be_understood_is_named_with_its_line(line, why, tmp_path):
    with pytest.raises(Trouble, match=why) as trouble:
        extra(tmp_path, f"student_id,lesson,days,hours\nbob,01,1,0\n{line}\n")
    assert "extra_time.csv, line 3: " in str(trouble.value)


@pytest.fixture
def course(released, tmp_path):
    """Lesson 01 with four submissions: two are late, by 20 minutes and by 25 hours, and one has no time."""
    shutil.copytree(released.root, tmp_path / "course")
    course = Folder((tmp_path / "course").resolve())
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write("\nc.LateDays.percent_a_day = 10\n")
    for student, time in {
        "ada": "2026-11-10 23:59 +0100",
        "bob": "2026-11-11 00:19 +0100",
        "cy": "2026-11-12 00:59 +0100",
        "dee": None,
    }.items():
        hand_in(course, student, time=time, **RIGHT)
    return course


def penalties(course):
    with gradebook(course) as book:
        return {row.student_id: row.late_submission_penalty for row in book.assignment_submissions(LESSON)}


def lines(found, begin):
    return [line.strip() for line in found if line.strip().startswith(begin)]


@pytest.mark.slow
def test_who_is_late_is_said_and_pays_but_for_extra_time(course):
    assert deadlines.set_due(course, LESSON, DUE)[0].startswith(f"{LESSON}: due 2026-11-10 22:59 UTC")
    told = deadlines.give_extra_time(course, LESSON, ["eve", "cy"], timedelta(days=1))
    assert "eve is no folder in submitted/" in told[0]
    assert lines(told, "extra") == ["extra time: cy: 1 day", "extra time: eve: 1 day; has handed in nothing yet"]
    for _ in range(2):  # what was graded before is told again
        summary = rounds.grade(course, LESSON)
        assert lines(summary.lines(), "late:") == [
            "late: bob: 20 minutes after 2026-11-10 22:59 UTC, 0.5 points less",
            "late: cy: 1 hour after 2026-11-11 22:59 UTC, 0.5 points less",
        ]
        assert "dee: it has no timestamp.txt" in lines(summary.lines(), "no time:")[0]
    assert penalties(course) == {"ada": 0, "bob": 0.5, "cy": 0.5, "dee": 0}
    with gradebook(course) as book:
        assert "eve" not in [student.id for student in book.students]

    # more time, less, by all lessons, taken away, granted by nbgrader itself: each counts at once
    assert len(lines(deadlines.give_extra_time(course, LESSON, ["cy"], timedelta(hours=25)), "late:")) == 1
    assert penalties(course)["cy"] == 0
    assert lines(deadlines.give_extra_time(course, LESSON, ["cy"], timedelta()), "late: cy") == [
        "late: cy: 1 day 1 hour after 2026-11-10 22:59 UTC, 1 points less"
    ]
    deadlines.give_extra_time(course, "all", ["bob"], timedelta(minutes=30))
    assert penalties(course) == {"ada": 0, "bob": 0, "cy": 1, "dee": 0}
    (course.root / late.FILE).unlink()
    with gradebook(course) as book:
        book.grant_extension(LESSON, "cy", days=2)
    told = deadlines.said_of(course, LESSON)
    assert "extra time: cy: 2 days, in the gradebook alone" in lines(told, "extra")
    assert penalties(course)["cy"] == 0

    # points by hand count, in the table, the comment and the page; without a due date nobody is late
    deadlines.give_extra_time(course, LESSON, ["cy"], timedelta())
    with gradebook(course) as book:
        notebook = book.find_submission_notebook(LESSON, LESSON, "cy")
        next(grade for grade in notebook.grades if grade.name == "why").manual_score = 2
        book.db.commit()
    (cy,) = [one for one in points_of(course, LESSON) if one.student == "cy"]
    assert (cy.points, cy.late) == (pytest.approx(5.6), pytest.approx(1.4))
    assert "5.6 of 7 points. 1.4 taken off because it came late." in comment_on(cy, None)
    rounds.export(course, course.root / "grades.csv")
    rows = {row["student_id"]: row for row in csv.DictReader((course.root / "grades.csv").open())}
    assert rows["cy"]["late_submission_penalty"] == "1.4"
    (page,) = [path for path in rounds.feedback(course, LESSON) if path.parts[-3] == "cy"]
    assert "Late submission penalty (Score: -1.4)" in page.read_text(encoding="utf-8")
    assert deadlines.set_due(course, LESSON, "never") == [f"{LESSON}: no due date, nobody is late"]
    assert set(penalties(course).values()) == {0}


@pytest.mark.slow
def test_nbgraders_own_command_counts_the_same(course):
    deadlines.set_due(course, LESSON, DUE)
    deadlines.give_extra_time(course, LESSON, ["cy"], timedelta(days=1))
    done = command(course, "--student", "cy")
    assert done.returncode == 0, done.stdout + done.stderr
    assert penalties(course) == {"cy": 0.5}


def test_a_due_date_for_a_lesson_that_is_not_there_or_no_time(course):
    with pytest.raises(Trouble, match="not in the gradebook yet"):
        deadlines.set_due(course, "02_padding_stride", DUE)
    with pytest.raises(Trouble, match="is no time"):
        deadlines.set_due(course, LESSON, "soon")
    with pytest.raises(Trouble, match="at what time of that day"):
        deadlines.set_due(course, LESSON, "2026-11-10")
    for said, meant in {"Ada": "is ada meant", "B ob": "is bob meant", "eve": "is the name right"}.items():
        assert meant in deadlines.give_extra_time(course, LESSON, [said], timedelta(days=1))[0]
    assert deadlines.said_of(course, "02_padding_stride") == ["02_padding_stride: not released yet"]
