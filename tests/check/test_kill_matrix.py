"""Every check catches every known mistake, and calls it by name, in whatever dress its result comes."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from cnnlab import check
from cnnlab.check.subject import NotebookSubject
from cnnlab.course import matrix
from cnnlab.settings import course

SEEDS = (1, 2)
QUICK = 4  # of each exercise's mistakes, without torch; all of them are for the slow run
PAGES = Path(__file__).parents[2] / "docs" / "kill_matrix"


def needs_torch(lesson):
    return "torch" in course()["lessons"][lesson]["imports"]


def each(torch=True):
    return [
        pytest.param(e, id=e.name)
        for lesson in check.lessons()
        if torch or not needs_torch(lesson)
        for e in check.exercises(lesson)
    ]


@pytest.mark.parametrize("exercise", each(torch=False))
def test_the_first_mistakes_are_caught(exercise):
    for number in range(min(QUICK, len(exercise.mistakes))):
        assert matrix.row(exercise, number).killed, exercise.mistakes[number].name


@pytest.mark.slow
@pytest.mark.parametrize("exercise", each())
def test_every_mistake_is_caught_and_named_and_the_page_says_so(exercise):
    rows = matrix.rows(exercise)
    assert [one.mistake.name for one in rows if not one.killed] == []
    assert [one.mistake.name for one in rows if not one.named] == []
    page = (PAGES / f"{exercise.lesson}.md").read_text(encoding="utf-8")
    assert matrix.section(exercise) in page, "run `cnnlab matrix`"


@pytest.mark.slow
@pytest.mark.parametrize("exercise", each())
def test_every_mistake_is_caught_whatever_the_seed(exercise):
    for seed in SEEDS:
        assert [m.name for m in exercise.mistakes if matrix.survives(exercise, m, seed)] == [], f"seed {seed}"


def in_other_dress(value, dress):
    """A result as NumPy scalars, 0-d arrays, lists or tuples, as learners return it."""
    if isinstance(value, list | tuple):
        kind = {"lists": list, "tuples": tuple}.get(dress, type(value))
        return kind(in_other_dress(item, dress) for item in value)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 2**62:
        return value
    if dress == "NumPy scalars":
        return np.float64(value) if isinstance(value, float) else np.int64(value)
    return np.array(value) if dress == "0-d arrays" else value


DRESSES = ("NumPy scalars", "0-d arrays", "lists", "tuples")


@pytest.mark.slow
@pytest.mark.parametrize("exercise", [p for p in each() if p.values[0].bound])
def test_a_mistake_is_named_in_other_dress(exercise):
    unnamed = []
    for number, mistake in enumerate(exercise.mistakes):
        for dress in DRESSES:

            def dressed(*args, function=mistake.function, dress=dress, **kwargs):
                return in_other_dress(function(*args, **kwargs), dress)

            if not changes_dress(exercise, mistake, dress):
                continue
            named = set()
            for part in exercise.parts:
                failure = exercise.run(part, NotebookSubject(dressed, seconds=None)).failure
                named |= {one.name for one in failure.diagnosis.named} if failure else set()
            if mistake.name not in named and matrix.row(exercise, number).named and not about_dress(exercise, mistake):
                unnamed.append(f"{mistake.name} in {dress}")
    assert unnamed == []


def first_result(exercise, mistake):
    case = next(case for case in exercise.parts[0].cases(np.random.default_rng(0)) if case.raises is None).fresh()
    try:
        return mistake.function(*case.args, **case.kwargs)
    except Exception:
        return None


def changes_dress(exercise, mistake, dress):
    value = first_result(exercise, mistake)
    other = in_other_dress(value, dress)
    return type(other) is not type(value) or (
        isinstance(value, list | tuple) and any(type(a) is not type(b) for a, b in zip(other, value, strict=True))
    )


def about_dress(exercise, mistake):
    """Is the kind of thing itself the mistake: a float for a count, a list for an array?"""
    return any(
        (failure := exercise.run(part, NotebookSubject(mistake.function, seconds=None)).failure) is not None
        and failure.kind in ("type", "dtype")
        for part in exercise.parts
    )


@pytest.mark.parametrize("exercise", each())
def test_names_of_mistakes_are_unique_and_every_one_explains_itself(exercise):
    names = [mistake.name for mistake in exercise.mistakes]
    assert len(names) == len(set(names))
    for mistake in exercise.mistakes:
        assert len(mistake.says) > 20
        assert mistake.says.endswith((".", "!", "?"))


@pytest.mark.parametrize("exercise", each())
def test_a_four_point_exercise_knows_at_least_eight_mistakes(exercise):
    if sum(part.points for part in exercise.parts) >= 4:
        assert len(exercise.mistakes) >= 8


def test_the_course_knows_many_mistakes():
    counts = {lesson: sum(len(e.mistakes) for e in check.exercises(lesson)) for lesson in check.lessons()}
    assert counts["01_convolution"] >= 60
    assert sum(counts[lesson] for lesson in counts if "02" <= lesson < "07") >= 220


@pytest.mark.slow
@pytest.mark.parametrize("lesson", check.lessons())
def test_a_page_has_a_section_for_each_exercise_and_no_other(lesson):
    text = (PAGES / f"{lesson}.md").read_text(encoding="utf-8")
    found = [line.strip("# `") for line in text.splitlines() if line.startswith("## ")]
    assert found == list(check.names(lesson))


def test_the_matrix_sees_a_check_that_lost_its_teeth():
    exercise = check.exercise("cross_correlate2d")
    one = dataclasses.replace(exercise.parts[0], cases=lambda rng: exercise.parts[0].cases(rng)[3:4])  # a 1 × 1 kernel
    toothless = dataclasses.replace(exercise, parts=[one])
    flipped = [mistake.name for mistake in exercise.mistakes].index("the kernel is flipped")
    assert not matrix.row(toothless, flipped).killed
