"""The gradebook's lesson and the released one are the same, or it is said and nothing is lost."""

import functools
import json
import sqlite3

import nbformat
import pytest
from nbgrader.api import Gradebook

from cnnlab.course import rounds
from cnnlab.course.grading.replay import replay
from cnnlab.settings import Trouble
from tests.course.grading.courses import LESSON, OF, RIGHT, hand_in, make_course

pytestmark = pytest.mark.slow

CHECK = "check-count_parameters_dense"


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNLAB_SECRET", "test")
    return make_course(tmp_path)


def pulled(course, points=None):
    """As `git pull` would bring it: one check has another id, and another has other points."""
    for path in (course.solution(LESSON), course.release(LESSON)):
        notebook = nbformat.read(path, as_version=4)
        checks = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id", "").startswith(CHECK)]
        if points is None:
            checks[0].metadata.nbgrader.grade_id = checks[0].id = "check-renamed"
        else:
            checks[0].metadata.nbgrader.points = points
        path.write_text(nbformat.writes(notebook) + "\n")


def manual(course):
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        found = gradebook.find_grade("why", LESSON, LESSON, "ada")
        return found.manual_score


def test_another_lesson_in_the_gradebook_is_said_before_anything_is_graded_and_release_mends_it(course):
    hand_in(course, "ada", **RIGHT, why="Because.")
    rounds.grade(course, LESSON)
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        gradebook.find_grade("why", LESSON, LESSON, "ada").manual_score = 1.5
        gradebook.db.commit()
    record = course.root / ".cnnlab" / "records" / LESSON / "ada.json"
    before = record.read_bytes()
    pulled(course)
    with pytest.raises(Trouble, match=r"`check-renamed` is new.*Nothing was graded[\s\S]*cnnlab release 01"):
        rounds.grade(course, LESSON)
    assert record.read_bytes() == before
    told = []
    rounds.release_lesson(course, LESSON, told.append)
    (kept,) = (course.root / ".cnnlab" / "earlier").glob("gradebook-*.db")
    assert kept.name in told[0]
    with pytest.raises(Trouble, match="another release of 01_convolution: grade it again"):
        rounds.feedback(course, LESSON)
    (entry,) = rounds.grade(course, LESSON).graded
    assert (entry.score, entry.of, manual(course)) == (OF - 2 + 1.5, OF, 1.5)
    assert rounds.feedback(course, LESSON)


def test_other_points_are_said_and_release_enters_them(course):
    hand_in(course, "ada", **RIGHT)
    rounds.grade(course, LESSON)
    pulled(course, points=4)
    with pytest.raises(Trouble, match=r"has 4 points, not \d"):
        rounds.grade(course, LESSON)
    rounds.release_lesson(course, LESSON)
    assert rounds.grade(course, LESSON).graded[0].of > OF


@pytest.fixture
def impatient(monkeypatch):
    """SQLite waits for a lock for a moment, and not for its five seconds."""
    for module in (sqlite3, sqlite3.dbapi2):  # the second is SQLAlchemy's
        monkeypatch.setattr(module, "connect", functools.partial(sqlite3.connect, timeout=0.3))


@pytest.mark.parametrize("what", ["grade", "release", "feedback", "export"])
def test_a_gradebook_held_by_another_process_is_a_sentence_and_the_next_run_completes_it(course, what, impatient):
    hand_in(course, "ada", **RIGHT)
    rounds.grade(course, LESSON)
    hand_in(course, "bob", **RIGHT)
    run = {
        "grade": lambda: rounds.grade(course, LESSON),
        "release": lambda: rounds.release_lesson(course, LESSON),
        "feedback": lambda: rounds.feedback(course, LESSON),
        "export": lambda: rounds.export(course, course.root / "grades.csv"),
    }[what]
    with sqlite3.connect(course.root / "gradebook.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Trouble, match=r"gradebook\.db is held by another process"):
            run()
        other.execute("ROLLBACK")
    other.close()
    run()


def test_what_was_judged_while_the_gradebook_was_held_is_entered_by_the_next_run(course, impatient):
    hand_in(course, "ada", **RIGHT)
    other = sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # reading goes, writing does not
    with pytest.raises(Trouble, match="held by another process"):
        rounds.grade(course, LESSON)
    other.execute("ROLLBACK")
    other.close()
    assert rounds.grade(course, LESSON).before == ["ada"]
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        assert gradebook.find_submission(LESSON, "ada").score == OF - 2


def test_a_gradebook_that_is_none_is_a_sentence(course):
    hand_in(course, "ada", **RIGHT)
    (course.root / "gradebook.db").write_bytes(b"no database, but long enough to be looked at " * 50)
    with pytest.raises(Trouble, match=r"gradebook\.db can not be used: file is not a database"):
        rounds.grade(course, LESSON)


def test_the_record_says_nothing_of_a_time_that_is_none(course):
    """What is no time is said whenever the lesson is graded, and the learner is not late silently."""
    path = hand_in(course, "ada", **RIGHT, time="tomorrow")
    for _ in range(2):
        summary = rounds.grade(course, LESSON)
        assert any("no time: ada" in line and "'tomorrow' is no time" in line for line in summary.lines())
    path.with_name("timestamp.txt").write_bytes("2026-11-10 13:30:00 +0200".encode("utf-16"))
    assert not rounds.grade(course, LESSON).no_time
    record = json.loads((course.root / ".cnnlab" / "records" / LESSON / "ada.json").read_text())
    assert record["no_time"]  # of the run that judged it; the time counts anew in each run
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        assert str(gradebook.find_submission(LESSON, "ada").timestamp) == "2026-11-10 11:30:00"


def test_a_replay_where_nothing_failed_says_so(course):
    hand_in(course, "ada", **RIGHT)
    rounds.grade(course, LESSON)
    assert list(replay(course, "ada", LESSON, None)) == [
        "Nothing failed: ada has 5 of 5 points from the checks of 01_convolution."
    ]
