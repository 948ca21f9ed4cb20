"""Each figure draws what its arrays say, and those that take a learner's function stay calm whatever it does."""

import time
from functools import cache

import numpy as np
import pytest

from cnnlab import check, figures
from cnnlab.data import camera_frame
from cnnlab.figures.photos import FILTERS

pytestmark = pytest.mark.slow  # most of them draw

EDGE = np.tile([-1, 0, 1], (3, 1))
FRAME = np.tile([0, 0, 1, 1, 1], (5, 1))
PHOTO = np.random.default_rng(0).random((12, 15))
ORACLE = {e.name: e.oracle for e in check.exercises("01")}
correlate = ORACLE["cross_correlate2d"]


def words(picture):
    """Everything that is written on a picture."""
    from matplotlib.text import Text

    return " | ".join(t.get_text() for t in picture.findobj(Text) if t.get_text())


def unsolved(*args):
    raise NotImplementedError


def endless(*args):
    while True:
        time.sleep(0.001)


MISBEHAVING = {
    "unsolved": (unsolved, "is not written yet"),
    "raises": (lambda *a: 1 / 0, "ZeroDivisionError"),
    "returns nothing": (lambda *a: None, "returned no array"),
    "returns text": (lambda *a: "nine", "returned no array"),
    "wrong shape": (lambda *a: np.zeros((1, 2, 3, 4, 5)), "returned shape"),
    "not a function": (7, "is not a function"),
}


def test_a_patch_shows_its_products_and_their_sum():
    picture = figures.show_patch([[1, 6], [5, 3]], [[1, 2], [-1, 0]])
    assert "1·1 + 6·2; 5·(−1) + 3·0. The sum is 8." in picture.alt
    assert "+ 5·(−1) + 3·0  =  8" in words(picture)


@pytest.mark.parametrize("at", [(0, 0), (1, 2), (2, 2)])
def test_a_patch_is_cut_out_where_it_was_asked_for(at):
    i, j = at
    total = int((FRAME[i : i + 3, j : j + 3] * EDGE).sum())
    assert f"The sum is {total}." in figures.show_patch(FRAME, EDGE, at=at).alt


def test_a_patch_over_the_border_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        figures.show_patch(FRAME, EDGE, at=(3, 0))


def test_a_frame_says_its_numbers_and_its_size():
    picture = figures.show_frame(FRAME, "What the camera sees")
    assert "0 0 1 1 1" in picture.alt
    assert "5 rows × 5 columns" in words(picture)


def test_grids_stand_side_by_side_under_their_names():
    picture = figures.show_grids("Three", signed=["its_kernel"], picture=FRAME, its_kernel=EDGE)
    assert "its kernel" in words(picture)
    assert "its kernel: 3 by 3 numbers, row by row −1 0 1; −1 0 1; −1 0 1." in picture.alt


def test_answers_of_several_functions_are_told_apart():
    picture = figures.show_answers(np.pad([[1]], 2), np.arange(1, 10).reshape(3, 3), "Both",
                                   straight=correlate, flipped=ORACLE["convolve2d"])  # fmt: skip
    assert "straight: 9 8 7; 6 5 4; 3 2 1." in picture.alt
    assert "flipped: 1 2 3; 4 5 6; 7 8 9." in picture.alt


def test_a_shift_finds_the_same_numbers_further_on():
    figure = np.pad(np.ones((2, 2), int), ((1, 1), (2, 4)))
    assert "exactly the same numbers, 2 columns further on" in figures.show_shift(correlate, figure, EDGE).alt


def test_a_shift_says_so_when_the_answer_does_not_move_along():
    figure = np.pad(np.ones((2, 2), int), ((1, 1), (2, 4)))
    by_place = lambda image, kernel: correlate(image, kernel) * np.arange(image.shape[1] - 2)  # noqa: E731
    assert "not the same numbers" in figures.show_shift(by_place, figure, EDGE).alt


@cache
def frames():
    how = {"size": (48, 64), "colour": False, "height": 0.55, "noise": False}
    return [camera_frame(2, person=x is not None, x=x, **how) for x in (0.25, 0.7, None)]


def test_the_kernel_follows_the_person_and_the_dense_unit_does_not():
    alt = figures.show_person_shift(correlate, *frames()).alt
    assert "here: the kernel's best answer is 1.00" in alt
    assert alt.count("The dense unit answers 1.00.") == alt.count("The dense unit answers 0.00.") == 1


CALM = {
    "answers": lambda function: figures.show_answers(FRAME, EDGE, "t", mine=function),
    "zoo": lambda function: figures.show_filter_zoo(function, PHOTO),
    "bank": lambda function: figures.show_filter_bank(
        function, np.zeros((3, 6, 7)), np.ones((1, 3, 3, 3)), None, ["a"]
    ),
    "shift": lambda function: figures.show_shift(function, FRAME, EDGE),
    "person": lambda function: figures.show_person_shift(function, *frames()),
}


@pytest.mark.parametrize("draw", CALM.values(), ids=CALM)
@pytest.mark.parametrize(("function", "says"), MISBEHAVING.values(), ids=MISBEHAVING)
def test_a_misbehaving_function_gets_a_calm_sentence(draw, function, says, capsys):
    assert says in draw(function).alt
    assert capsys.readouterr() == ("", "")


def test_an_endless_function_is_asked_once_and_then_left_alone():
    calls = []

    def counted(*args):
        calls.append(args)
        endless()

    picture = figures.show_filter_zoo(counted, PHOTO)
    assert len(calls) == 1
    assert "did not come back in time" in picture.alt


def test_the_zoo_has_the_kernels_that_the_course_speaks_of():
    assert {"vertical edges", "horizontal edges", "diagonal edges", "blur", "sharpen", "Laplacian"} <= set(FILTERS)
    assert "Nothing is filtered yet" not in figures.show_filter_zoo(correlate, PHOTO).alt


def test_channels_are_added_and_the_bias_comes_once():
    x = np.random.default_rng(1).integers(0, 3, (3, 3, 3))
    weight = np.random.default_rng(2).integers(-2, 3, (3, 2, 2))
    out = ORACLE["conv2d_multi"](x, weight[None], np.array([5]))[0]
    rows = "; ".join(" ".join(str(v).replace("-", "−") for v in row) for row in out)
    assert f"The output map is {rows}." in figures.show_channels(x, weight, 5).alt


def test_the_columns_are_those_of_im2col():
    x = np.arange(24).reshape(2, 3, 4)
    expected = ORACLE["im2col"](x[None], 2, 2)[0]
    alt = figures.show_im2col(x, 2, 2).alt
    for k, column in enumerate(expected.T):
        assert f"patch {k} is column {' '.join(map(str, column))}" in alt


def test_a_learned_kernel_stands_beside_the_hidden_one_with_what_it_explains():
    picture = np.random.default_rng(0).normal(size=(8, 9))
    how = {"right": ORACLE["cross_correlate2d"], "too_small": lambda image, kernel: np.zeros((2, 2)), "mine": unsolved}
    alt = figures.show_learned(ORACLE["learn_kernel"], picture, np.array([[1, -2], [0, 4]]), **how).alt
    assert "learned from right: 1 −2; 0 4, which explains 100.0% of the answer." in alt
    assert "learned from too small: `your function` returned shape (2, 2); (7, 8) is expected." in alt
    assert "learned from mine: `unsolved` is not written yet." in alt
    assert "not written yet" in figures.show_learned(unsolved, picture, np.eye(2), right=how["right"]).alt


def test_the_matrix_of_a_convolution_says_how_many_weights_are_not_0():
    def matrix(kernel, height, width):
        units = np.eye(height * width).reshape(-1, height, width)
        return np.stack([ORACLE["cross_correlate2d"](unit, kernel).ravel() for unit in units], axis=1)

    assert "36 of 144 weights are not 0; among them there are 3 different" in (
        figures.show_matrix(matrix, np.array([[1, 2], [2, 5]]), 4, 4).alt
    )
    assert "`unsolved` is not written yet." in figures.show_matrix(unsolved, np.eye(2), 3, 3).alt


def test_bars_say_their_numbers():
    assert "dense: 2,408,464; conv: 448." in figures.show_counts({"dense": 2_408_464, "conv": 448}).alt


def test_a_race_is_measured_and_says_how_many_times_faster():
    times = figures.race({"slow": lambda: time.sleep(0.05), "fast": lambda: time.sleep(0.001)})
    assert 0.05 <= times["slow"] < 1
    assert "×" in figures.show_race({"slow": 0.05, "fast": 0.001}).alt
    assert "50× faster" in figures.show_race({"slow": 0.05, "fast": 0.001}).alt


def test_a_race_of_unsolved_functions_is_calm():
    picture = figures.show_race(figures.race({"mine": unsolved}))
    assert "`unsolved` is not written yet." in picture.alt


def test_every_figure_without_arrays_draws_itself():
    for name in ("show_timeline", "show_pipeline", "show_connections", "show_gabors", "show_sides"):
        picture = getattr(figures, name)()
        assert picture.png()
        assert len(picture.alt) > 40
