"""What lesson 10 built passes its own checks."""

import pytest

pytest.importorskip("torch")

from cnnlab import check
from cnnlab.built import lesson_10
from cnnlab.check.subject import NotebookSubject


@pytest.mark.parametrize("exercise", check.exercises("10"), ids=lambda exercise: exercise.name)
def test_it_passes_the_check(exercise):
    for part in exercise.parts:
        verdict = exercise.run(part, NotebookSubject(getattr(lesson_10, exercise.name)))
        assert verdict.passed, verdict.failure
