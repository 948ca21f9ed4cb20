"""Lesson 03's figures draw what the functions answer, and stay calm whatever these do."""

import numpy as np
import pytest

from cnnlab import check, figures
from tests.figures.test_figures import MISBEHAVING, words

pytestmark = pytest.mark.slow  # most of them draw

ORACLE = {e.name: e.oracle for e in check.exercises("03")}
relu, collapse, largest = ORACLE["relu"], ORACLE["collapse"], ORACLE["max_pool2d"]
RNG = np.random.default_rng(0)
PHOTO = RNG.random((12, 15))
EDGES = RNG.normal(size=(1, 1, 10, 13))
FILTERS = RNG.normal(size=(3, 1, 3, 3))
NUMBERS = np.array([[1, 3, 0, 2, 1], [4, 2, 1, 0, 0], [0, 1, 5, 6, 2], [2, 0, 7, 1, 3], [1, 1, 0, 2, 0]])


def test_curves_say_where_they_begin_and_end_and_how_steep_they_are():
    alt = figures.show_curves(slopes=True, relu=relu, a_bend=np.tanh).alt
    assert "relu: from 0.00 at −5 to 5.00 at 5, at most 1.00 steep." in alt
    assert "a bend: from −1.00 at −5 to 1.00 at 5" in alt


def test_a_relu_is_drawn_with_its_share_of_zeros():
    picture = figures.show_relu(relu, PHOTO, EDGES)
    zeros = np.mean(EDGES <= 0)
    assert f"after your ReLU: {zeros:.0%} of the numbers are 0." in picture.alt
    assert f"after your ReLU: {zeros:.0%} are 0" in words(picture)


def test_dead_units_are_counted():
    alive, dead = np.full(3, 9.0), np.array([9.0, -99.0, 9.0])
    picture = figures.show_dead_units(relu, PHOTO, FILTERS, alive, dead)
    assert "before: 3 of 3 units answer somewhere, 0 nowhere." in picture.alt
    assert "after: 2 of 3 units answer somewhere, 1 nowhere." in picture.alt
    assert "dead: 0%" in words(picture)


def test_a_collapse_that_is_right_gives_the_same_picture_and_a_wrong_one_does_not():
    w1, w2 = RNG.normal(size=(2, 1, 3, 3)), RNG.normal(size=(1, 2, 2, 2))
    assert "gives the same picture" in figures.show_collapse(collapse, PHOTO, w1, w2).alt
    turned = figures.show_collapse(lambda a, b: collapse(a, b[..., ::-1, ::-1]), PHOTO, w1, w2)
    assert "the same picture" not in turned.alt
    assert "% away" in turned.alt


def test_windows_and_their_answers():
    picture = figures.show_windows(NUMBERS, 2, the_largest=largest)
    assert "the largest: 4 2; 2 7." in picture.alt
    assert "9 cells are in no window." in picture.alt
    assert "the largest: 5 6; 7 7." in figures.show_windows(NUMBERS, 3, 2, the_largest=largest).alt


def test_smaller_maps_say_their_sizes():
    picture = figures.show_smaller(PHOTO, "Half", by_two=lambda x: largest(x, 2))
    assert "a map of 12 by 15. by two gives 6 by 7." in picture.alt
    assert "by two, 6 × 7" in words(picture)


def test_two_gaps_for_each_layer():
    layers = {"all as it was": lambda x: x, "halved": lambda x: x / 2}
    picture = figures.show_gaps(lambda f, x: 0.25, lambda f, x: np.float64(3.0), layers, EDGES)
    assert "all as it was: 0.25 and 3.00. halved: 0.25 and 3.00." in picture.alt


CALM = {
    "curves": lambda f: figures.show_curves(mine=f),
    "relu": lambda f: figures.show_relu(f, PHOTO, EDGES),
    "units": lambda f: figures.show_dead_units(f, PHOTO, FILTERS, np.zeros(3), np.zeros(3)),
    "collapse": lambda f: figures.show_collapse(f, PHOTO, FILTERS, np.ones((1, 3, 2, 2))),
    "windows": lambda f: figures.show_windows(NUMBERS, 2, mine=f),
    "smaller": lambda f: figures.show_smaller(PHOTO, mine=f),
}


@pytest.mark.parametrize("draw", CALM.values(), ids=CALM)
@pytest.mark.parametrize(("function", "says"), MISBEHAVING.values(), ids=MISBEHAVING)
def test_a_misbehaving_function_gets_a_calm_sentence(draw, function, says, capsys):
    picture = draw(function)
    assert says in picture.alt
    assert picture.png()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "gap", [lambda f, x: 1 / 0, lambda f, x: None, lambda f, x: np.nan, lambda f, x: np.ones(3), 7]
)
def test_a_gap_that_is_no_number_gets_a_calm_sentence(gap):
    alt = figures.show_gaps(gap, lambda f, x: 0.0, {"a layer": lambda x: x}, EDGES).alt
    assert "returned no number" in alt or "ZeroDivisionError" in alt or "is not a function" in alt
