"""A real round with nbgrader: lesson 01 released, three submissions graded to the point, feedback, export."""

import csv
import os
import re
import shutil
import stat
import subprocess
import sys

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI

from cnnlab.course import rounds
from cnnlab.course.folder import Folder
from cnnlab.course.via_nbgrader import config
from cnnlab.settings import Trouble
from tests.course.conftest import LESSON as TINY
from tests.course.conftest import REPOSITORY

LESSON = "01_convolution"
SOLVED = (
    "cross_correlate2d",
    "convolve2d",
    "count_parameters_conv",
)  # what the half-right submission solves: 4 + 1 + 1
HALF = 6.0


def course_at(root):
    """A course folder of its own with the repository's lesson 01."""
    for name in ("course.toml", "nbgrader_config.py"):
        shutil.copy(REPOSITORY / name, root)
    shutil.copytree(REPOSITORY / "solutions" / LESSON, root / "solutions" / LESSON)
    return Folder(root.resolve())


def hand_in(course, lesson, student, notebook):
    path = course.root / "submitted" / student / lesson / f"{lesson}.ipynb"
    path.parent.mkdir(parents=True)
    if isinstance(notebook, str):
        path.write_text(notebook, encoding="utf-8")
    else:
        nbformat.write(notebook, path)
    return path


def read(path):
    return nbformat.read(path, as_version=4)


def with_solutions(release, solution, names):
    """The release with these exercises solved."""
    solved = {cell.id: cell.source for cell in solution.cells if cell.id in names}
    assert len(solved) == len(names)
    for cell in release.cells:
        cell.source = solved.get(cell.id, cell.source)
    return release


@pytest.fixture(scope="module")
def round_of_three(tmp_path_factory):
    course = course_at(tmp_path_factory.mktemp("course"))
    path = rounds.release_lesson(course, LESSON)
    solution = read(course.solution(LESSON))
    hand_in(course, LESSON, "all-right", solution)
    hand_in(course, LESSON, "untouched", read(path))
    hand_in(course, LESSON, "half-right", with_solutions(read(path), solution, SOLVED))
    outcome = rounds.grade(course, LESSON)
    return course, outcome


pytestmark = pytest.mark.slow


def points(course, lesson, student):
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        submission = gradebook.find_submission_notebook(lesson, lesson, student)
        return {grade.name: grade.score for grade in submission.grades if grade.cell_type == "code"}


def test_the_release_is_the_committed_one(round_of_three):
    course, _ = round_of_three
    assert course.release(LESSON).read_bytes() == Folder(REPOSITORY).release(LESSON).read_bytes()


def test_the_three_scores_are_exact(round_of_three):
    _, outcome = round_of_three
    scores = {graded.student: graded.score for graded in outcome.graded}
    assert scores == {"all-right": 16.0, "half-right": HALF, "untouched": 0.0}
    assert outcome.refused == {}


def test_each_part_has_its_own_points(round_of_three):
    course, _ = round_of_three
    right = {name: score for name, score in points(course, LESSON, "half-right").items() if score}
    assert right == {
        "check-cross_correlate2d-values": 2,
        "check-cross_correlate2d-any-shape": 2,
        "check-convolve2d-values": 1,
        "check-count_parameters_conv-count": 1,
    }


def test_short_answers_wait_for_a_person_where_something_was_written(round_of_three):
    _, outcome = round_of_three
    waiting = {graded.student: graded.waiting for graded in outcome.graded}
    assert waiting["all-right"] >= 2
    assert waiting["untouched"] == 0


def test_feedback_shows_the_checks_message_and_no_solution(round_of_three):
    course, _ = round_of_three
    pages = {path.parts[-3]: path.read_text(encoding="utf-8") for path in rounds.feedback(course, LESSON)}
    assert set(pages) == {"all-right", "half-right", "untouched"}
    assert "cross_correlate2d · values · not solved yet" in pages["untouched"]
    assert "white-space: pre-wrap" in pages["untouched"]
    assert "passed: cross_correlate2d · values" in pages["half-right"]
    assert "conv2d_multi · channels · not solved yet" in pages["half-right"]


def test_a_wrong_solution_is_told_which_mistake_it_is(round_of_three):
    course, _ = round_of_three
    flipped = read(course.release(LESSON))
    for cell in flipped.cells:
        if cell.id == "cross_correlate2d":
            cell.source = (
                "def cross_correlate2d(image, kernel):\n"
                "    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)\n"
                "    return np.einsum('ijuv,uv->ij', windows, kernel[::-1, ::-1])"
            )
    hand_in(course, LESSON, "flipped", flipped)
    outcome = rounds.grade(course, LESSON, ["flipped"])
    assert outcome.graded[0].score == 0
    page = {path.parts[-3]: path for path in rounds.feedback(course, LESSON)}["flipped"].read_text(encoding="utf-8")
    assert re.search(r"Looks like: .*flip", page)


def test_the_export_has_a_line_for_each_student(round_of_three):
    course, _ = round_of_three
    path = rounds.export(course, course.root / "grades.csv")
    rows = {row["student_id"]: row for row in csv.DictReader(path.open())}
    assert float(rows["half-right"]["score"]) == HALF
    assert float(rows["all-right"]["max_score"]) >= 16


# What follows needs no real lesson: the tiny course shows it in less time.


@pytest.fixture
def tiny_round(built, judged):
    rounds.release_lesson(built.course, TINY)
    return built.course


def tiny_submission(course, **sources):
    notebook = read(course.release(TINY))
    for cell in notebook.cells:
        cell.source = sources.get(cell.id.replace("-", "_"), cell.source)
    return notebook


RIGHT = "def double(x):\n    return 2 * x"


def score(course, notebook):
    hand_in(course, TINY, "ada", notebook)
    outcome = rounds.grade(course, TINY)
    assert not outcome.refused, outcome.refused
    return outcome.graded[0].score


def test_a_warning_on_stderr_costs_nothing(tiny_round):
    noisy = "import sys\ndef double(x):\n    print('a warning', file=sys.stderr)\n    return 2 * x"
    assert score(tiny_round, tiny_submission(tiny_round, double=noisy)) == 2


def test_a_check_cell_that_was_edited_is_taken_from_the_release(tiny_round):
    assert score(tiny_round, tiny_submission(tiny_round, check_double_value="3")) == 0


def test_a_check_cell_that_is_tagged_to_be_passed_over_runs_all_the_same(tiny_round):
    notebook = tiny_submission(tiny_round)
    for cell in notebook.cells:
        cell.metadata.tags = ["skip-execution"]
    assert score(tiny_round, notebook) == 0


def test_a_value_at_the_end_of_a_check_is_not_read_as_points(tiny_round):
    sneaky = "class Out(SimpleNamespace):\n    pass\ndef double(x):\n    return 2 * x\n"
    shown = "check.double = lambda f, part: 0.5"  # the check cell now ends in a value
    notebook = tiny_submission(tiny_round, double=sneaky + shown)
    hand_in(tiny_round, TINY, "ada", notebook)
    assert rounds.grade(tiny_round, TINY).graded[0].score == 2  # not 0.5: the cell ran without an error


def test_an_endless_loop_costs_its_own_cell_only(tiny_round):
    notebook = tiny_submission(
        tiny_round, double="def double(x):\n    while True: pass", square="def square(x):\n    return x * x"
    )
    assert score(tiny_round, notebook) == 3


def test_a_broken_submission_is_named_and_gets_no_points_and_the_others_are_graded(tiny_round):
    hand_in(tiny_round, TINY, "ada", tiny_submission(tiny_round, double=RIGHT))
    hand_in(tiny_round, TINY, "bob", '{"cells": [')
    hand_in(tiny_round, TINY, "cy", "[]")
    hand_in(tiny_round, TINY, "dee", nbformat.v4.new_notebook())
    hand_in(tiny_round, TINY, "eve", tiny_submission(tiny_round)).rename(
        tiny_round.root / "submitted" / "eve" / TINY / "mine.ipynb"
    )
    hand_in(tiny_round, TINY, "fay", "").write_bytes(b"\xff\xfe\x00")
    hand_in(tiny_round, TINY, "zoe", tiny_submission(tiny_round, double=RIGHT))
    outcome = rounds.grade(tiny_round, TINY)
    assert [(graded.student, graded.score) for graded in outcome.graded] == [("ada", 2), ("eve", 0), ("zoe", 2)]
    assert set(outcome.refused) == {"bob", "cy", "dee", "fay"}
    assert outcome.repaired == 1  # eve's file has another name and was taken all the same
    assert points(tiny_round, TINY, "bob") == {"check-double-value": 0, "check-square-value": 0}


def test_what_is_graded_is_not_graded_again_unless_it_is_handed_in_again(tiny_round):
    path = hand_in(tiny_round, TINY, "ada", tiny_submission(tiny_round))
    assert rounds.grade(tiny_round, TINY).graded[0].score == 0
    assert rounds.grade(tiny_round, TINY).before == ["ada"]
    later = tiny_submission(tiny_round, double=RIGHT)
    path.unlink()
    nbformat.write(later, path)
    assert rounds.grade(tiny_round, TINY).graded[0].score == 2
    assert rounds.grade(tiny_round, TINY, again=True).graded[0].score == 2


def test_a_lesson_that_is_not_in_the_gradebook_is_released_first(built, judged):
    told = []
    hand_in(built.course, TINY, "ada", read(built.course.release(TINY)))
    rounds.grade(built.course, TINY, tell=told.append)
    assert "01_tiny was not in the gradebook yet: released." in told


def test_nothing_submitted_is_said(tiny_round):
    with pytest.raises(Trouble, match="Nothing is submitted for 01_tiny"):
        rounds.grade(tiny_round, TINY)


def test_a_student_without_submission_is_named(tiny_round):
    hand_in(tiny_round, TINY, "ada", tiny_submission(tiny_round))
    with pytest.raises(Trouble, match="bob has handed in nothing for 01_tiny"):
        rounds.grade(tiny_round, TINY, ["bob"])


def test_feedback_without_grades_is_refused(tiny_round):
    with pytest.raises(Trouble, match="Nothing is graded for 01_tiny"):
        rounds.feedback(tiny_round, TINY)


@pytest.mark.skipif(os.name == "nt", reason="permissions there are others")
def test_a_release_closes_what_is_the_instructors_alone(built):
    (built.root / "solutions").chmod(0o755)
    told = []
    rounds.release_lesson(built.course, TINY, told.append)
    assert any("others could look into solutions/" in line for line in told)
    for name, mode in (("solutions", 0o700), ("gradebook.db", 0o600)):
        assert stat.S_IMODE((built.root / name).stat().st_mode) == mode


def test_an_export_without_gradebook_is_refused(tiny):
    with pytest.raises(Trouble, match="no gradebook yet"):
        rounds.export(tiny.course, tiny.root / "grades.csv")


def test_a_release_of_a_lesson_that_is_not_built_is_refused(tiny):
    with pytest.raises(Trouble, match="is not there"):
        rounds.release_lesson(tiny.course, TINY)


def test_a_release_of_an_old_build_is_refused(built):
    built.edit("Two functions", "Three functions")
    with pytest.raises(Trouble, match="has changed since it was built"):
        rounds.release_lesson(built.course, TINY)


def test_a_release_that_changes_a_graded_lesson_keeps_the_gradebook_as_it_was(tiny_round):
    hand_in(tiny_round, TINY, "ada", tiny_submission(tiny_round))
    rounds.grade(tiny_round, TINY)
    before = tiny_round.release(TINY).read_bytes()
    solution = read(tiny_round.solution(TINY))
    solution.cells = [cell for cell in solution.cells if cell.id != "check-square-value"]
    nbformat.write(solution, tiny_round.solution(TINY))
    told = []
    rounds.release_lesson(tiny_round, TINY, told.append)
    assert tiny_round.release(TINY).read_bytes() != before
    (kept,) = (tiny_round.root / ".cnnlab" / "earlier").glob("gradebook-*.db")
    assert kept.name in told[0]


def test_plain_nbgrader_makes_the_same_release(built):
    before = built.course.release(TINY).read_bytes()
    call = [sys.executable, "-m", "nbgrader", "generate_assignment", TINY, "--force"]
    run = subprocess.run(call, cwd=built.root, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert built.course.release(TINY).read_bytes() == before
    assert [path.name for path in built.course.release(TINY).parent.iterdir()] == [f"{TINY}.ipynb"]


@pytest.mark.filterwarnings("ignore")
def test_formgraders_buttons_do_the_same(built, judged):
    """Generate, Autograde and Feedback of formgrader call nbgrader's API with the course's own config."""
    settings = config(built.root)
    settings.CourseDirectory.root = str(built.root)
    api = NbGraderAPI(config=settings)
    assert api.generate_assignment(TINY)["success"]
    noisy = "import sys\ndef double(x):\n    print('a warning', file=sys.stderr)\n    return 2 * x"
    hand_in(built.course, TINY, "ada", tiny_submission(built.course, double=noisy))
    assert api.autograde(TINY, "ada")["success"]
    assert api.generate_feedback(TINY, "ada")["success"]
    assert sum(points(built.course, TINY, "ada").values()) == 2
