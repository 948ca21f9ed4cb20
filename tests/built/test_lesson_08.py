"""Lesson 08, ready-made: the checks of its exercises pass it; and a learner's function with the course's behind it."""

import pytest

pytest.importorskip("torch")

from cnnlab import check
from cnnlab.built import lesson_08
from cnnlab.check.subject import NotebookSubject
from cnnlab.stand_in import or_ours


@pytest.mark.slow
@pytest.mark.parametrize(
    "exercise", [e for e in check.exercises("08") if hasattr(lesson_08, e.name)], ids=lambda e: e.name
)
def test_the_check_passes_it(exercise):
    for part in exercise.parts:
        verdict = exercise.run(part, NotebookSubject(getattr(lesson_08, exercise.name)))
        assert verdict.passed, verdict.failure


def unwritten(x):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (unwritten, "`unwritten` is not written yet. The course's own stands in for it.\n"),
        (lambda x: None, "`your function` returned None."),
        (lambda x: 1 / 0, "ZeroDivisionError: division by zero."),
    ],
)
def test_the_courses_own_stands_in_and_it_is_said_once(function, says, capsys):
    call = or_ours(function, lambda x: x + 1)
    assert [call(1), call(2)] == [2, 3]
    out = capsys.readouterr().out
    assert says in out
    assert out.count("stands in") == 1


def test_a_function_that_works_is_the_one_that_is_called(capsys):
    assert or_ours(lambda x: 10 * x, None)(2) == 20
    assert capsys.readouterr().out == ""
