"""Names of courses and learners that patterns, terminals and file systems take for something else."""

import os
import shutil

import pytest

from cnnlab.course import rounds
from cnnlab.course.folder import Folder
from cnnlab.course.grading import grader
from cnnlab.course.grading.folder_names import folder_name, shown, trouble_with
from cnnlab.course.grading.grader import Grader, Round
from cnnlab.course.grading.records import load_record
from tests.course.grading.courses import LESSON, RIGHT, hand_in

NOT_UTF8 = os.fsdecode(b"jos\xe9")


def copied(released, place):
    shutil.copytree(released.root, place)
    return Folder(place)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["autumn [2026]", "why? 100% {x}*#"])
def test_a_courses_path_is_no_pattern(released, tmp_path, name):
    course = copied(released, tmp_path / "top" / name)
    (course.root / "gradebook.db").unlink()
    rounds.release_lesson(course, LESSON)
    hand_in(course, "ada[1]", **RIGHT)
    summary = rounds.grade(course, LESSON)
    assert [(entry.student, entry.score) for entry in summary.graded] == [("ada[1]", 5)]
    assert rounds.feedback(course, LESSON) == [course.root / "feedback" / "ada[1]" / LESSON / f"{LESSON}.html"]
    assert "ada[1]" in rounds.export(course, course.root / "grades.csv").read_text()
    assert [path.name for path in (tmp_path / "top").iterdir()] == [name]


@pytest.mark.slow
def test_a_name_that_can_not_be_kept_holds_up_nobody(released, tmp_path):
    course = copied(released, tmp_path / "course")
    bad = [NOT_UTF8, "bob\x1b[31m", "a" * 253, "ada ", "\u00a0ada", ".ada"]
    for student in ("ada", "王" * 83, *bad):
        hand_in(course, student, **RIGHT)
    for _ in range(2):  # the second run is as the first
        summary = rounds.grade(course, LESSON)
        assert sorted(summary.failed) == sorted(bad)
        told = "\n".join(summary.lines())
        assert "jos?: the folder's name is not UTF-8; rename the folder" in told
        assert "\x1b" not in told
        told.encode("utf-8")
    assert load_record(course.root, LESSON, "王" * 83).points == 5
    assert len(rounds.feedback(course, LESSON)) == 2


@pytest.mark.parametrize("error", ["\udce9", OSError("disk"), UnicodeError("\udce9")])
def test_to_say_that_grading_failed_can_not_fail(released, tmp_path, monkeypatch, error):
    course = copied(released, tmp_path / "course")
    for student in ("ada", "a" * 255, NOT_UTF8):
        assert Grader(Round(course.root, LESSON)).failed(student, error).failed

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(grader, "save_record", full)
    assert Grader(Round(course.root, LESSON)).failed("ada", error).failed


@pytest.mark.slow
def test_feedback_holds_nothing_that_a_link_points_to(released, tmp_path):
    course = copied(released, tmp_path / "course")
    (tmp_path / "secret.txt").write_text("secret")
    hand_in(course, "ada", **RIGHT)
    rounds.grade(course, LESSON)
    place = course.root / "autograded" / "ada" / LESSON
    (place / "data.txt").symlink_to(tmp_path / "secret.txt")
    (place / "zero.bin").symlink_to("/dev/zero")
    (place / "picture.png").write_bytes(b"png")
    rounds.feedback(course, LESSON)
    made = {path.name for path in (course.root / "feedback" / "ada" / LESSON).iterdir()}
    assert "picture.png" in made
    assert not made & {"data.txt", "zero.bin"}


def test_names_as_folders():
    assert folder_name(" ../Ada  Lovelace/.. ") == "Ada_Lovelace"
    assert folder_name(NOT_UTF8) == "jos"
    assert folder_name("../..") == ""
    long = {folder_name("王" * 90 + letter) for letter in "ab"}
    assert len(long) == 2
    assert all(len(name.encode()) <= 100 for name in long)
    assert trouble_with("ada[1] 王*?") is None
    assert all(map(trouble_with, (NOT_UTF8, "a\nb", "a\x9bb", "a\u2028b", "王" * 84, "a ", " a", ".a")))
    assert shown("a\nb\x1b" + NOT_UTF8) == "a?b?jos?"
    assert len(shown("a" * 500)) <= 90
