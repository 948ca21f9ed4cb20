"""Lesson 09, ready-made: the checks of its exercises pass it."""

import pytest

pytest.importorskip("torch")

from cnnlab import check
from cnnlab.built import lesson_09
from cnnlab.check.subject import NotebookSubject


@pytest.mark.slow
@pytest.mark.parametrize("exercise", check.exercises("09"), ids=lambda e: e.name)
def test_the_check_passes_it(exercise):
    for part in exercise.parts:
        verdict = exercise.run(part, NotebookSubject(getattr(lesson_09, exercise.name)))
        assert verdict.passed, verdict.failure
