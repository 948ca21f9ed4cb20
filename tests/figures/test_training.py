"""Watching a network learn: the curves, the loop's companion, and what it says when the loop cannot go on."""

import numpy as np
import pytest

from cnnlab import training as companion
from cnnlab.figures import show_by_layer, show_guesses, show_kernels, show_training
from cnnlab.training import Training

pytestmark = pytest.mark.slow  # most of them draw


def a_step(value):
    return value - 1


def test_the_curves_say_where_they_begin_and_end():
    history = {"loss": [(k, 2.0) for k in range(1, 50)], "test_accuracy": [(10, 0.5), (20, 0.91)]}
    assert show_training(history).alt == (
        "Training. The loss goes from 2.00 to 2.00 in 49 steps. test accuracy ends at 91.0%."
    )


def test_many_jumping_losses_are_smoothed():
    history = {"loss": [(k, 1.0 + 2 * (k % 2)) for k in range(400)]}
    assert "The loss goes from 1.00 to 2.0" in show_training(history).alt


def test_the_smooth_line_does_not_lag_behind_the_losses():
    losses = 0.9 + 1.4 * np.exp(-np.arange(90) / 20)
    drawn = show_training({"loss": list(enumerate(losses))}).axes[0].lines[1].get_ydata()
    assert np.abs(drawn - losses)[5:].max() < 0.03
    assert "to 0.92 in 90 steps" in show_training({"loss": list(enumerate(losses))}).alt


@pytest.mark.parametrize("history", [{}, {"loss": [(1, 0.0)]}, {"accuracy": [(0, 0.1)]}])
def test_curves_can_be_drawn_from_the_first_moment_on(history):
    assert show_training(history).png()


def test_mistakes_come_surest_first():
    logits = np.array([[5.0, 0], [0, 1], [0, 9]])
    picture = show_guesses(np.zeros((3, 2, 2)), np.array([1, 1, 0]), logits)
    assert "2 of 3 pictures are wrong" in picture.alt
    assert "a 0 taken for a 1; a 1 taken for a 0" in picture.alt


def test_no_mistakes_are_a_picture_too():
    assert "0 of 1 pictures are wrong" in show_guesses(np.zeros((1, 2, 2)), np.array([0]), np.array([[1.0, 0]])).alt


def test_kernels_stand_before_and_after():
    assert "moved by 1.00 on average" in show_kernels(np.zeros((3, 1, 2, 2)), np.ones((3, 1, 2, 2))).alt


def test_a_loop_records_its_numbers():
    with Training(3, "Three steps") as training:
        value = 3
        for _ in range(3):
            value = training.call(a_step, value)
            training.record(loss=float(value))
        training.record(accuracy=np.float32(0.5))
    assert training.history == {"loss": [(1, 2.0), (2, 1.0), (3, 0.0)], "accuracy": [(3, 0.5)]}
    assert training.last("loss") == 0.0
    assert training.last("nothing") is None
    assert training.problem is None
    assert 'value="3" max="3"' in training.html()
    assert "3 of 3 steps" in training.words()


def test_while_it_runs_it_says_how_long_it_will_take(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(companion.time, "monotonic", lambda: now[0])
    with Training(10, "Ten steps") as training:
        assert "left" not in training.words()
        now[0] += 6
        training.record(loss=1.0)
        training.record(loss=1.0)
        assert "2 of 10 steps, 6.0 s, about 24 s left, loss 1.000" in training.words()
        now[0] += 60
        assert "about 4 min left" in training.words()
    assert "left" not in training.words()


def test_what_was_never_recorded_has_no_panel():
    panels = {
        ("loss",): ["loss"],
        ("accuracy",): ["accuracy"],
        ("loss", "accuracy"): ["loss", "accuracy"],
        (): ["loss"],
    }
    for names, wanted in panels.items():
        picture = show_training({name: [(1, 0.5), (2, 0.7)] for name in names})
        assert [axes.get_ylabel() for axes in picture.axes] == wanted


def unsolved(value):
    raise NotImplementedError


def crashes(value):
    return 1 / 0


def forgets(value):
    value - 1


@pytest.mark.parametrize(
    ("function", "words"),
    [(unsolved, "not written yet"), (crashes, "ZeroDivisionError"), (forgets, "returned None"), (7, "")],
)
def test_a_function_in_trouble_ends_the_loop_in_one_sentence(function, words):
    with Training(3) as training:
        training.record(loss=training.call(function, 3))
    assert words in training.problem
    assert training.problem in training.words()
    assert training.done == 0


@pytest.mark.parametrize("loss", [float("nan"), "low", None, True, np.zeros(3)])
def test_a_loss_that_is_no_number_ends_the_loop(loss):
    with Training(3) as training:
        training.record(loss=loss)
    assert "number" in training.problem


def test_an_interrupted_loop_keeps_what_it_has():
    with Training(9) as training:
        training.record(loss=1.0)
        raise KeyboardInterrupt
    assert training.problem == "Stopped by you after 1 of 9 steps."


def test_other_errors_of_the_loop_are_told_or_let_through():
    with Training(9) as training:
        raise ValueError("shapes")
    assert training.problem == "Stopped: ValueError: shapes"
    with pytest.raises(ValueError, match="shapes"), Training(9, calm=False):
        raise ValueError("shapes")


def test_it_is_drawn_in_place(monkeypatch):
    shown = []

    class Handle:
        def update(self, data, raw):
            shown.append(("update", data))

    def display(data, raw, display_id):
        shown.append(("display", data))
        return Handle()

    monkeypatch.setattr("IPython.get_ipython", lambda: object())
    monkeypatch.setattr("IPython.display.display", display)
    with Training(2, every=0.0) as training:
        training.record(loss=1.0)
        training.record(loss=0.5)
    assert [kind for kind, _ in shown] == ["display", "update", "update", "update"]
    assert "<progress" in shown[-1][1]["text/html"]
    assert "loss 0.500" in shown[-1][1]["text/plain"]


def test_a_step_without_a_number_moves_the_bar_alone():
    with Training(2) as training:
        training.advance()
    assert training.history == {}
    assert 'value="1" max="2"' in training.html()
    assert "<img" not in training.html()


def test_sizes_are_told_layer_by_layer_zeros_aside():
    there = {"small": [np.full((2, 3), 1.0), np.array([0, -1e-3, 1e-3, 0, 0])]}
    picture = show_by_layer(there, {"small": [np.array([5.0]), np.array([7.0, -7.0])]})
    assert "on the way there, small: half of them above 1e+00 at layer 1, 1e−03 at layer 2" in picture.alt
    assert "on the way back, small: half of them above 5e+00 at layer 1, 7e+00 at layer 2" in picture.alt
    assert picture.png()
