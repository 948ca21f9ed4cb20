"""Every check catches every known mistake, and calls most of them by name."""

import dataclasses
from pathlib import Path

import pytest

from cnnlab import check
from cnnlab.course import matrix
from cnnlab.settings import course

QUICK = 4  # of each exercise's mistakes, without torch; the rest and the pages are for the slow run


def marks(lesson, k=0):
    """Lessons that need torch are slow: it takes seconds to start, and its networks take long to fill."""
    return [pytest.mark.slow] if k >= QUICK or "torch" in course()["lessons"][lesson]["imports"] else []


MISTAKES = [
    pytest.param(exercise, mistake, id=f"{exercise.name}: {mistake.name}", marks=marks(lesson, k))
    for lesson in check.lessons()
    for exercise in check.exercises(lesson)
    for k, mistake in enumerate(exercise.mistakes)
]
EXERCISES = [pytest.param(e, id=e.name) for lesson in check.lessons() for e in check.exercises(lesson)]


@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES)
def test_the_mistake_is_caught(exercise, mistake):
    assert matrix.row(exercise, mistake).killed


@pytest.mark.slow
@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES)
def test_the_mistake_is_caught_whatever_the_seed(exercise, mistake):
    for seed in (1, 2):
        assert matrix.row(exercise, mistake, seed).killed, f"it passes with seed {seed}"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_names_of_mistakes_are_unique_and_every_one_explains_itself(exercise):
    names = [mistake.name for mistake in exercise.mistakes]
    assert len(names) == len(set(names))
    for mistake in exercise.mistakes:
        assert len(mistake.says) > 20
        assert mistake.says.endswith((".", "!", "?"))


@pytest.mark.slow
@pytest.mark.parametrize("lesson", check.lessons())
def test_at_least_four_in_five_are_named(lesson):
    rows = matrix.rows(lesson)
    unnamed = [f"{row.exercise.name}: {row.mistake.name}" for row in rows if not row.named]
    assert len(unnamed) <= 0.2 * len(rows), unnamed


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_four_point_exercise_knows_at_least_eight_mistakes(exercise):
    if sum(part.points for part in exercise.parts) >= 4:
        assert len(exercise.mistakes) >= 8


def test_the_course_knows_many_mistakes():
    counts = {lesson: sum(len(e.mistakes) for e in check.exercises(lesson)) for lesson in check.lessons()}
    assert counts["01_convolution"] >= 60
    assert sum(counts[lesson] for lesson in counts if "02" <= lesson < "07") >= 220


@pytest.mark.slow
@pytest.mark.parametrize("lesson", check.lessons())
def test_the_page_in_docs_is_up_to_date(lesson):
    path = Path(__file__).parents[2] / "docs" / "kill_matrix" / f"{lesson}.md"
    assert path.read_text(encoding="utf-8") == matrix.page(lesson), "run `cnnlab matrix`"


def test_the_matrix_sees_a_check_that_lost_its_teeth():
    exercise = next(e for e in check.exercises("01") if e.name == "cross_correlate2d")
    one = dataclasses.replace(exercise.parts[0], cases=lambda rng: exercise.parts[0].cases(rng)[3:4])  # a 1 × 1 kernel
    toothless = dataclasses.replace(exercise, parts=[one])
    flipped = next(m for m in exercise.mistakes if m.name == "the kernel is flipped")
    assert not matrix.row(toothless, flipped).killed
