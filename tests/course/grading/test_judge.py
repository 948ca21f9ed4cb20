"""The judge's verdict is the notebook's verdict, and nothing that a submission says changes it."""

import inspect
import textwrap

import pytest

from cnnlab import check
from cnnlab.check.subject import NotebookSubject
from cnnlab.course.grading.judge import Judgement, SubmittedCell, judge
from tests.check import right
from tests.course.grading.conftest import solution

CORRELATE = """
    def cross_correlate2d(image, kernel):
        windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
        return np.einsum("ijuv,uv->ij", windows, kernel)
"""
STUB = "def {name}(*args, **kwargs):\n    # YOUR CODE HERE\n    raise NotImplementedError"


def points(judgement, exercise):
    return sum(part.points for part in judgement.parts if part.exercise == exercise)


def message(judgement, exercise):
    return next(part.message for part in judgement.parts if part.exercise == exercise and part.kind != "passed")


def test_a_right_answer_gets_its_points_and_the_rest_nothing(release, pool):
    judgement = judge(release, [solution("cross_correlate2d", CORRELATE)], pool, "secret")
    assert points(judgement, "cross_correlate2d") == 4
    assert judgement.points == 4
    assert "There is no function `conv2d_multi`" in message(judgement, "conv2d_multi")


def test_an_untouched_stub_is_not_solved_yet(release, pool):
    cells = [SubmittedCell(STUB.format(name=e.name), e.name) for e in check.exercises("01")]
    judgement = judge(release, cells, pool, "secret")
    assert judgement.points == 0
    assert {part.kind for part in judgement.parts} == {"unsolved"}


def test_the_message_is_the_notebooks_own(release, pool):
    wrong = CORRELATE.replace("uv->ij", "vu->ij").replace("kernel.shape", "kernel.T.shape")
    judgement = judge(release, [solution("cross_correlate2d", wrong)], pool, "secret")
    assert "Looks like: the kernel is transposed" in message(judgement, "cross_correlate2d")


def test_helpers_in_cells_of_the_learners_own_are_there(release, pool):
    cells = [
        SubmittedCell("def cut(a, b):\n    return np.lib.stride_tricks.sliding_window_view(a, b)", after=0),
        solution("cross_correlate2d", CORRELATE.replace("np.lib.stride_tricks.sliding_window_view", "cut")),
    ]
    assert judge(release, cells, pool, "secret").points == 4


def test_what_comes_after_a_check_can_not_change_what_it_saw(release, pool):
    last = len(release.cells) - 1
    cells = [
        solution("cross_correlate2d", "def cross_correlate2d(image, kernel):\n    return 0"),
        SubmittedCell(textwrap.dedent(CORRELATE), after=last),
    ]
    assert judge(release, cells, pool, "secret").points == 0


def test_a_cell_that_raises_is_noted_and_the_rest_goes_on(release, pool):
    cells = [SubmittedCell("1 / 0", after=0), solution("cross_correlate2d", CORRELATE)]
    judgement = judge(release, cells, pool, "secret")
    assert judgement.points == 4
    assert "ZeroDivisionError" in judgement.trouble[0]


def test_a_lost_process_costs_the_exercise_it_was_lost_in(release, pool):
    cells = [
        solution("cross_correlate2d", CORRELATE),
        solution("convolve2d", "import os\ndef convolve2d(image, kernel):\n    os._exit(0)"),
        solution("count_parameters_dense", "def count_parameters_dense(i, o, bias=True):\n    return (i + bias) * o"),
    ]
    judgement = judge(release, cells, pool, "secret")
    assert points(judgement, "cross_correlate2d") == 4
    assert points(judgement, "convolve2d") == 0
    assert points(judgement, "count_parameters_dense") == 1
    assert "lost" in message(judgement, "convolve2d")


@pytest.mark.slow
def test_an_endless_function_costs_its_own_time_alone(release, pool):
    cells = [
        solution("cross_correlate2d", "def cross_correlate2d(image, kernel):\n    while True:\n        pass"),
        solution("count_parameters_dense", "def count_parameters_dense(i, o, bias=True):\n    return (i + bias) * o"),
    ]
    judgement = judge(release, cells, pool, "secret")
    assert points(judgement, "cross_correlate2d") == 0
    assert "did not come back in time" in message(judgement, "cross_correlate2d")
    assert points(judgement, "count_parameters_dense") == 1


def test_a_judgement_survives_the_cache(release, pool):
    judgement = judge(release, [solution("cross_correlate2d", CORRELATE)], pool, "secret")
    assert Judgement.from_dict(judgement.as_dict()) == judgement


def test_another_secret_draws_other_cases(release, pool):
    wrong = solution("cross_correlate2d", "def cross_correlate2d(image, kernel):\n    return image * 1.0")
    seen = {message(judge(release, [wrong], pool, secret), "cross_correlate2d") for secret in ("a", "a", "b")}
    assert 1 <= len(seen) <= 2


def _catalogue(mistake):
    """What the list that holds the mistake is called in its module."""
    names = vars(inspect.getmodule(mistake.function)).items()
    return next(name for name, value in names if isinstance(value, list) and mistake in value)


MISTAKES = [
    pytest.param(exercise, mistake, id=f"{exercise.name}: {mistake.name}")
    for exercise in check.exercises("01")
    for mistake in exercise.mistakes
]


@pytest.mark.slow
@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES)
def test_the_verdict_on_every_known_mistake_is_the_notebooks(release, pool, exercise, mistake):
    """The mistakes' own module runs in the worker, with the decorator left out; its verdict equals the notebook's."""
    source = inspect.getsource(inspect.getmodule(mistake.function)).split("\n", 1)[1]
    kept = (
        "MISTAKES = {}\n"
        "def known(catalogue, name, says):\n    return lambda f: MISTAKES.setdefault((id(catalogue), name), f)\n"
    )
    lines = [line for line in source.splitlines() if not line.startswith("from cnnlab")]
    body = "\n".join(lines).replace('"""', "'''")
    cells = [
        SubmittedCell(
            "import types, sys\nMistake = Case = Exercise = Part = Difference = lambda *a, **k: None\n"
            "describe = None\n" + kept + body.split("from __future__ import annotations")[-1],
            after=0,
        ),
        SubmittedCell(f"{exercise.name} = MISTAKES[id({_catalogue(mistake)}), {mistake.name!r}]", exercise.name),
    ]
    judgement = judge(release, cells, pool, "another secret")
    for part in exercise.parts:
        verdict = next(v for v in judgement.parts if (v.exercise, v.part) == (exercise.name, part.name))
        notebook = exercise.run(part, NotebookSubject(mistake.function))
        assert (verdict.points > 0) == notebook.passed, (judgement.trouble, verdict.message)


ANSWERS = [
    pytest.param(exercise, k, id=f"{exercise.name}-{k}")
    for exercise in check.exercises("01")
    for k in range(len(right.answers(exercise)))
]


@pytest.mark.slow
@pytest.mark.parametrize(("exercise", "k"), ANSWERS)
def test_no_right_answer_is_refused_by_the_judge(release, pool, exercise, k):
    cells = [
        SubmittedCell(right.source(exercise), after=0),
        SubmittedCell(f"{exercise.name} = {exercise.name.upper()}[{k}]", exercise.name),
    ]
    judgement = judge(release, cells, pool, "another secret")
    assert points(judgement, exercise.name) == sum(part.points for part in exercise.parts), judgement.trouble


def test_a_result_written_over_by_the_next_call_is_seen_through_the_pipe(release, pool):
    source = """
        buffers = {}

        def cross_correlate2d(image, kernel):
            windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
            out = np.einsum("ijuv,uv->ij", windows, kernel)
            buffer = buffers.setdefault(out.shape, np.zeros(out.shape))
            buffer[...] = out
            return buffer
    """
    judgement = judge(release, [solution("cross_correlate2d", source)], pool, "secret")
    assert points(judgement, "cross_correlate2d") == 0
    assert "written over the result of an earlier call" in message(judgement, "cross_correlate2d")
