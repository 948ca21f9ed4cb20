"""No right answer is refused, however it is written."""

import pytest

from cnnlab import check
from cnnlab.check.subject import NotebookSubject
from tests.check import right

EXERCISES = [e for lesson in check.lessons() for e in check.exercises(lesson)]
ANSWERS = [
    pytest.param(
        exercise,
        answer,
        id=f"{exercise.name}-{k}-{getattr(answer, '__name__', type(answer).__name__)}",
        marks=[pytest.mark.slow] if right.needs_torch(exercise) else [],
    )
    for exercise in EXERCISES
    for k, answer in enumerate(right.answers(exercise))
]


@pytest.mark.parametrize(("exercise", "answer"), ANSWERS)
def test_it_is_accepted(exercise, answer):
    accepted(exercise, answer, None)


@pytest.mark.slow
@pytest.mark.parametrize(("exercise", "answer"), ANSWERS)
def test_it_is_accepted_whatever_the_seed(exercise, answer):
    accepted(exercise, answer, 1)
    accepted(exercise, answer, 2)


def accepted(exercise, answer, seed):
    for part in exercise.parts:
        verdict = exercise.run(part, NotebookSubject(answer), seed)
        assert verdict.passed, verdict.failure


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_there_are_at_least_three_ways(exercise):
    assert len(right.answers(exercise)) >= 3
