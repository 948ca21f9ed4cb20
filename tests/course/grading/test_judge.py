"""The judge's verdict is the notebook's verdict, and nothing that a submission says changes it."""

import textwrap
from dataclasses import replace

import pytest

from cnnlab import check
from cnnlab.course.grading.judge import Judgement, SubmittedCell, judge
from cnnlab.course.grading.release import ReleaseCell
from cnnlab.course.grading.sandbox import WorkerProcess
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


@pytest.mark.slow
def test_an_endless_function_costs_its_limit_once(release, pool, monkeypatch):
    asked = []
    ask = WorkerProcess.ask

    def noted(self, message, *args, **kwargs):
        asked.append((message["do"], message.get("name"), message["seconds"]))
        return ask(self, message, *args, **kwargs)

    monkeypatch.setattr(WorkerProcess, "ask", noted)
    endless = "def cross_correlate2d(image, kernel):\n    while True:\n        pass"
    by_way_of_it = "def convolve2d(image, kernel):\n    return cross_correlate2d(image, kernel[::-1, ::-1])"
    cells = [solution("cross_correlate2d", endless), solution("convolve2d", by_way_of_it)]
    judgement = judge(release, cells, pool, "secret")
    calls = [(name, seconds) for do, name, seconds in asked if do == "verb"]
    assert judgement.points == 0
    assert calls[0] == ("cross_correlate2d", pool.limits.call_seconds)
    assert ("convolve2d", pool.limits.call_seconds / 4) in calls
    assert {seconds for _, seconds in calls[1:]} == {pool.limits.call_seconds / 4}


def test_a_judgement_survives_the_cache(release, pool):
    judgement = judge(release, [solution("cross_correlate2d", CORRELATE)], pool, "secret")
    assert Judgement.from_dict(judgement.as_dict()) == judgement


def test_another_secret_draws_other_cases(release, pool):
    wrong = solution("cross_correlate2d", "def cross_correlate2d(image, kernel):\n    return image * 1.0")
    seen = {message(judge(release, [wrong], pool, secret), "cross_correlate2d") for secret in ("a", "a", "b")}
    assert 1 <= len(seen) <= 2


def test_a_cell_that_only_shows_something_is_not_run(release, pool):
    cells = list(release.cells)
    cells[1:1] = [ReleaseCell("shown", "long", "import os\nos._exit(1)"), ReleaseCell("setup", "short", "1 / 0")]
    judgement = judge(replace(release, cells=tuple(cells)), [solution("cross_correlate2d", CORRELATE)], pool, "secret")
    assert points(judgement, "cross_correlate2d") == 4


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
