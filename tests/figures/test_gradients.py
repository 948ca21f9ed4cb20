"""Slopes and gradient checks: what they say is so, and a learner's function in trouble leaves them calm."""

import numpy as np
import pytest

from cnnlab.built.lesson_02 import conv2d
from cnnlab.built.lesson_05 import conv2d_backward
from cnnlab.figures import show_gradient_check, show_nudges, show_slope
from tests.figures.test_figures import MISBEHAVING, words

pytestmark = pytest.mark.slow  # most of them draw

RNG = np.random.default_rng(3)
ARGS = (RNG.normal(size=(2, 2, 4, 5)), RNG.normal(size=(3, 2, 3, 2)), RNG.normal(size=3))
NAMES = ["dx", "dweight", "dbias"]


def checked(backward):
    return show_gradient_check(backward, conv2d, ARGS, NAMES).alt


def test_a_slope_is_measured_and_walked_down():
    alt = show_slope(lambda w: (2 * w - 3) ** 2, at=1.0, lr=0.1).alt
    assert "slope is −4" in alt
    assert "1 (loss 1), 1.40 (loss 0.040)" in alt


def test_the_best_nudges_are_those_that_the_lesson_names():
    alt = show_nudges(np.exp, np.exp(1.0), 1.0).alt
    assert "one side, float64: best 1e−9, at h ≈ 1e−8" in alt
    assert "both sides, float64: best 1e−11" in alt
    assert "both sides, float32: best 1e−6, at h ≈ 1e−2" in alt


def test_right_gradients_agree_with_nudges():
    alt = checked(conv2d_backward)
    assert all(f"{name}: all {size} numbers agree" in alt for name, size in zip(NAMES, (80, 36, 3), strict=True))


def faulty(change):
    def backward(dout, x, weight):
        gradients = list(conv2d_backward(dout, x, weight))
        change(gradients)
        return tuple(gradients)

    return backward


def no_border(g):
    g[0][:, :, 0] = 0


def no_middle(g):
    g[0][:, :, 1:-1, 1:-1] *= 1.5


def twice(g):
    g[1] *= 8


def negative(g):
    g[2] *= -1


def one_number(g):
    g[1][0, 0, 0, 0] += 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (no_border, "dx: 20 of 80 numbers differ, all of them at the border."),
        (no_middle, "dx: 24 of 80 numbers differ, none at the border."),
        (twice, "dweight: every number is 8 times what the nudge says."),
        (negative, "dbias: every number is −1 times what the nudge says."),
        (one_number, "dweight: 1 of 36 numbers differ"),
    ],
)
def test_the_heat_map_says_where_a_gradient_is_wrong(change, sentence):
    assert sentence in checked(faulty(change))


@pytest.mark.parametrize("name", MISBEHAVING)
def test_a_backward_function_in_trouble_is_told_calmly(name):
    function, _ = MISBEHAVING[name]
    picture = show_gradient_check(function, conv2d, ARGS, NAMES)
    assert "agree" not in picture.alt
    assert any(word in picture.alt for word in ("is not", "ZeroDivisionError", "returned 1 result, not 3"))


def test_gradients_that_are_not_written_yet_leave_the_others_drawn():
    def bias_only(dout, x, weight):
        return None, None, dout.sum(axis=(0, 2, 3))

    alt = checked(bias_only)
    assert "dbias: all 3 numbers agree" in alt
    assert "gives no array yet" in alt
    assert "relative error" in words(show_gradient_check(bias_only, conv2d, ARGS, NAMES))
