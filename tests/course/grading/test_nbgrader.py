"""nbgrader's own commands and buttons use the judge, and what people graded by hand stays."""

import os
import shutil
import subprocess
import sys
import warnings

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI

from cnnlab.course import rounds
from cnnlab.course.folder import Folder
from cnnlab.course.grading.apart import Apart
from cnnlab.course.grading.gradebook import alone
from cnnlab.course.grading.grader import Grader, Round
from cnnlab.course.via_nbgrader import config
from cnnlab.settings import Trouble
from tests.course.grading.courses import FLIPPED, LESSON, OF, REPOSITORY, RIGHT, hand_in

pytestmark = pytest.mark.slow
HOSTILE = "Because <script>alert(1)</script> [it](javascript:alert(2)) moves.\n\n![](attachment:none.png)"


@pytest.fixture
def course(released, tmp_path):
    shutil.copytree(released.root, tmp_path / "course")
    return Folder((tmp_path / "course").resolve())


def gradebook(course):
    return Gradebook(f"sqlite:///{course.root}/gradebook.db", "cnnlab")


def grades(course, student):
    with gradebook(course) as book:
        found = book.find_submission_notebook(LESSON, LESSON, student)
        return {grade.name: (grade.score, grade.needs_manual_grade) for grade in found.grades}


def comments(course, student):
    with gradebook(course) as book:
        found = book.find_submission_notebook(LESSON, LESSON, student)
        return {comment.name: comment.comment for comment in found.comments}


def page(course, student):
    (path,) = [path for path in rounds.feedback(course, LESSON) if path.parts[-3] == student]
    return path.read_text(encoding="utf-8")


def command(course, *arguments):
    """nbgrader's own, with the cnnlab of this repository."""
    call = [sys.executable, "-m", "nbgrader", "autograde", LESSON, *arguments]
    more = {"PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        call, cwd=course.root, env=os.environ | more, capture_output=True, text=True, timeout=250, check=False
    )


def autograde(course, *arguments):
    run = command(course, *arguments)
    assert run.returncode == 0, run.stderr[-2000:]


def test_the_command_the_button_and_ours_write_the_same(course):
    hand_in(course, "ada", **RIGHT, why="It moves.")
    hand_in(course, "bob", cross_correlate2d=FLIPPED)
    path = {s: course.root / "autograded" / s / LESSON / f"{LESSON}.ipynb" for s in ("ada", "bob")}
    rounds.grade(course, LESSON)
    ours = {s: (nbformat.read(p, 4), grades(course, s), comments(course, s)) for s, p in path.items()}
    (course.root / "gradebook.db").unlink()
    shutil.rmtree(course.root / "autograded")
    rounds.release_lesson(course, LESSON)
    autograde(course, "--student", "ada")
    settings = config(course.root)
    settings.CourseDirectory.root = str(course.root)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert NbGraderAPI(config=settings).autograde(LESSON, "bob")["success"]
    theirs = {s: (nbformat.read(p, 4), grades(course, s), comments(course, s)) for s, p in path.items()}
    assert ours == theirs
    assert ours["ada"][1]["check-cross_correlate2d-any-shape"] == (2, False)


def autograde_by_button(course, student):
    settings = config(course.root)
    settings.CourseDirectory.root = str(course.root)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return NbGraderAPI(config=settings).autograde(LESSON, student)


def test_the_button_judges_by_the_lesson_that_is_released_now(course):
    hand_in(course, "ada", **RIGHT)
    assert autograde_by_button(course, "ada")["success"]
    lesson = course.solution(LESSON)
    lesson.write_text(
        lesson.read_text().replace(r'"import numpy as np\n"', r'"import numpy as np\n", "del np.einsum\n"')
    )
    rounds.release_lesson(course, LESSON)
    outcome = autograde_by_button(course, "ada")
    assert outcome["success"], outcome
    assert grades(course, "ada")["check-cross_correlate2d-any-shape"] == (0, False)
    assert Grader(Round(course.root, LESSON)).known("ada") is not None


def test_beside_another_grader_the_command_and_the_button_say_so_and_stop(course):
    hand_in(course, "ada", **RIGHT)
    with alone(course.root):
        run = command(course)
        assert run.returncode == 1
        assert "Another `cnnlab grade` is at work" in run.stderr
        assert "Traceback" not in run.stderr
        outcome = autograde_by_button(course, "ada")
    assert not outcome["success"]
    assert "Another `cnnlab grade` is at work" in outcome["log"] + outcome["error"]
    assert not (course.root / "autograded").exists()
    assert autograde_by_button(course, "ada")["success"]
    assert grades(course, "ada")["check-count_parameters_dense-count"] == (1, False)


def test_while_nbgrader_grades_nobody_else_does(course, monkeypatch):
    hand_in(course, "ada", **RIGHT)
    seen = []

    def also_grades(self, student, again=False):
        with pytest.raises(Trouble, match="or nbgrader's autograde"):
            rounds.grade(course, LESSON)
        seen.append(student)
        return grade(self, student, again)

    grade = Apart.grade
    monkeypatch.setattr(Apart, "grade", also_grades)
    assert autograde_by_button(course, "ada")["success"]
    assert seen == ["ada"]


@pytest.mark.parametrize("by", ["the command", "ours"])
def test_nothing_beside_a_notebook_that_is_no_file_is_followed_or_copied(course, by):
    beside = hand_in(course, "eve", **RIGHT).parent
    (beside / "book.txt").symlink_to(course.root / "gradebook.db")
    (beside / "zeros.txt").symlink_to("/dev/zero")
    (beside / "submission_secret.txt").symlink_to(course.solution(LESSON))
    os.mkfifo(beside / "data.txt")
    os.mkfifo(beside / "timestamp.txt")
    (beside / "more").mkdir()
    (beside / "more" / "up").symlink_to("../..")
    (beside / "more" / "data.txt").write_text("honest")
    if by == "ours":
        rounds.grade(course, LESSON)
    else:
        autograde(course)
    made = course.root / "autograded" / "eve" / LESSON
    assert {path.name for path in made.rglob("*")} == {f"{LESSON}.ipynb", "timestamp.txt", "submission_secret.txt"}
    assert len((made / "submission_secret.txt").read_text()) == 64  # a word of ours
    assert (made / "timestamp.txt").read_text() == ""
    assert grades(course, "eve")["check-count_parameters_dense-count"] == (1, False)
    (made / "book.txt").symlink_to(course.root / "gradebook.db")  # left behind by an older version, say
    os.mkfifo(made / "data.txt")
    assert "Score" in page(course, "eve")
    there = {path.name for path in (course.root / "feedback" / "eve").rglob("*") if path.is_file()}
    assert there <= {f"{LESSON}.html", "timestamp.txt", "submission_secret.txt"}


def test_a_folder_that_is_a_link_is_not_followed_by_the_command(course):
    theirs = course.root / "submitted" / "eve"
    theirs.mkdir(parents=True)
    (theirs / LESSON).symlink_to(course.solution(LESSON).parent)
    autograde(course, "--student", "eve")
    assert {score for score, _ in grades(course, "eve").values()} == {0}
    notebook = (course.root / "autograded" / "eve" / LESSON / f"{LESSON}.ipynb").read_text()
    assert "is a link to somewhere else" in notebook


def test_score_and_message_are_both_in_gradebook_notebook_and_feedback(course):
    hand_in(course, "bob", cross_correlate2d=FLIPPED, count_parameters_dense=RIGHT["count_parameters_dense"])
    rounds.grade(course, LESSON)
    told = "Looks like: the kernel is flipped"
    assert grades(course, "bob")["check-count_parameters_dense-count"] == (1, False)
    assert told in comments(course, "bob")["cross_correlate2d"]
    notebook = nbformat.read(course.root / "autograded" / "bob" / LESSON / f"{LESSON}.ipynb", 4)
    (check,) = [cell for cell in notebook.cells if cell.id == "check-cross_correlate2d-values"]
    assert [output.output_type for output in check.outputs] == ["display_data", "error"]
    assert any(told in line for line in check.outputs[1].traceback)
    assert told in page(course, "bob")
    assert "Score: 1.0 / 1.0" in page(course, "bob")


def test_a_gradebook_that_is_brought_back_asks_for_a_look_at_what_came_since(course):
    hand_in(course, "ada", **RIGHT, why="It moves.")
    rounds.grade(course, LESSON)
    with gradebook(course) as book:
        grade = book.find_grade("why", LESSON, LESSON, "ada")
        grade.manual_score, grade.needs_manual_grade = 2, False
        book.db.commit()
    kept = (course.root / "gradebook.db").read_bytes()
    hand_in(course, "ada", **RIGHT, why="I do not know.")
    rounds.grade(course, LESSON)
    (course.root / "gradebook.db").write_bytes(kept)
    rounds.grade(course, LESSON)
    assert grades(course, "ada")["why"] == (2, True)
    (course.root / "gradebook.db").unlink()
    rounds.release_lesson(course, LESSON)
    rounds.grade(course, LESSON)
    assert grades(course, "ada")["why"] == (0, True)
    assert grades(course, "ada")["check-count_parameters_dense-count"] == (1, False)


def test_manual_grades_and_comments_survive_a_regrade(course):
    hand_in(course, "ada", **RIGHT, why="It moves.")
    rounds.grade(course, LESSON)
    assert grades(course, "ada")["why"] == (0, True)
    with gradebook(course) as book:
        grade = book.find_grade("why", LESSON, LESSON, "ada")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 1.5, 0.25, False
        book.find_comment("why", LESSON, LESSON, "ada").manual_comment = "Almost."
        book.db.commit()
    rounds.grade(course, LESSON)
    assert grades(course, "ada")["why"] == (1.75, False)  # the same submission: no second look
    rounds.grade(course, LESSON, again=True)
    assert grades(course, "ada")["why"] == (1.75, False)
    hand_in(course, "ada", **RIGHT, why="It moves, and how.")
    rounds.grade(course, LESSON)
    assert grades(course, "ada")["why"] == (1.75, True)  # another submission: look again
    assert comments(course, "ada")["why"] == "Almost."
    autograde(course, "--student", "ada", "--force")
    assert grades(course, "ada")["why"][0] == 1.75
    assert comments(course, "ada")["why"] == "Almost."


def test_late_penalties_are_nbgraders(course):
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(
            "\nfrom nbgrader.plugins import LateSubmissionPlugin\n"
            "class Half(LateSubmissionPlugin):\n"
            "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
            "        return score / 2 if total_seconds_late > 60 else None\n"
            "c.AssignLatePenalties.plugin_class = Half\n"
        )
    with gradebook(course) as book:
        book.update_or_create_assignment(LESSON, duedate="2026-11-01 12:00:00 UTC")
    hand_in(course, "ada", time="2026-11-01 11:59:00 UTC", **RIGHT)
    hand_in(course, "bob", time="2026-11-02 12:00:00 UTC", **RIGHT)
    hand_in(course, "cy", time="next week\x00", **RIGHT)
    outcome = rounds.grade(course, LESSON)
    assert {graded.student: graded.penalty for graded in outcome.graded} == {"ada": 0, "bob": 2.5, "cy": 0}
    with gradebook(course) as book:
        assert book.find_submission(LESSON, "bob").late_submission_penalty == 2.5


def test_markup_in_an_answer_does_not_reach_the_instructors_browser(course):
    hand_in(course, "eve", why=HOSTILE, header="# Two <img src=x onerror=alert(3)>exercises")
    rounds.grade(course, LESSON)
    html = page(course, "eve")
    for harm in ("<script>alert", 'href="javascript:', "<img src=x"):
        assert harm not in html


def test_a_submission_that_can_not_be_read_gets_0_points_and_a_page_that_says_why(course):
    hand_in(course, "bob", text='{"cells": [')
    outcome = rounds.grade(course, LESSON)
    assert "ends in the middle" in outcome.refused["bob"]
    assert {score for score, _ in grades(course, "bob").values()} == {0}
    assert not any(waiting for _, waiting in grades(course, "bob").values())
    assert "could not be read" in page(course, "bob")
    autograde(course, "--student", "bob", "--force")  # nbgrader's own command gets through as well
    assert {score for score, _ in grades(course, "bob").values()} == {0}


def test_the_points_add_up(course):
    hand_in(course, "ada", **RIGHT)
    outcome = rounds.grade(course, LESSON)
    assert [(g.score, g.of, g.waiting) for g in outcome.graded] == [(5, OF, 0)]
    assert comments(course, "ada")["why"] == "No response."
