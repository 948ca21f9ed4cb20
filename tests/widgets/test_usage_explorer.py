"""The usage explorer and the rates explorer: their numbers, and what their controls do, without a notebook."""

import numpy as np
import pytest

from cnnlab.built.lesson_02 import conv2d, output_size
from cnnlab.widgets import explore_convolution, explore_rates, explore_usage
from cnnlab.widgets.rates import SCHEDULES, Rates, asked
from cnnlab.widgets.usage import Usage

views = pytest.mark.parametrize("hover", [False, True], ids=["sliders", "hover"])


@pytest.mark.parametrize("setting", [(6, 3, 0, 1, 1), (6, 3, 1, 2, 1), (9, 2, 3, 4, 3), (5, 1, 0, 5, 1)])
def test_counts_from_either_side_agree(setting):
    state = Usage(*setting)
    assert state.side == output_size(*setting)
    assert state.counts.sum() == state.seen.sum()
    for i, j in ((0, 0), (1, state.size - 1)):
        at = (i + state.padding, j + state.padding)
        assert len(state.looking("in", at).readers) == state.counts[i, j]
    last = state.looking("out", (99, 99))
    assert last.at == (state.side - 1,) * 2
    assert sum(state.inside(i) and state.inside(j) for i, j in last.read) == state.seen[-1, -1]


@views
def test_pointing_at_a_pixel_shows_its_readers(hover):
    explorer = explore_usage(hover=hover)
    explorer._point("in", (0, 0))
    assert "The pixel in row 0, column 0 is read by 1 output." in explorer.view.value
    explorer._point("in", (2, 3))
    assert "is read by 9 outputs" in explorer.view.value
    explorer._point("out", (1, 2))
    assert "Output row 1, column 2 reads 9 pixels" in explorer.view.value
    explorer._point("step", (0, 1))
    assert explorer.state.at == (1, 3)
    explorer._point("in", ("a", 0))
    assert explorer.state.at == (1, 3)


@views
def test_the_usage_sliders(hover):
    explorer = explore_usage(hover=hover)
    explorer.controls["stride"].value = 4
    assert "27 of 36 pixels are read by nobody" in explorer.view.value
    explorer.controls["padding"].value = 1
    assert explorer.state.side == 2
    assert "reads 4 pixels and 5 zeros of the padding" in explorer.view.value
    explorer.controls["step"].value = 2
    assert explorer.state.at == (0, 1)
    explorer.controls["size"].value = 2
    explorer.controls["kernel"].value = 5
    explorer.controls["dilation"].value = 2
    assert "does not fit" in explorer.view.value
    assert "does not fit" in repr(explorer)


def test_a_setting_beyond_its_slider_is_refused():
    with pytest.raises(ValueError, match="stride is a whole number from 1 to 5"):
        explore_usage(stride=0)


@pytest.mark.parametrize("rates", SCHEDULES.values())
def test_ways_are_those_of_one_bright_pixel(rates):
    state = Rates(rates)
    x = np.zeros((1, 1, state.field, state.field))
    x[0, 0, state.reach, state.reach] = 1
    for rate in rates:
        x = conv2d(x, np.ones((1, 1, 3, 3)), None, 1, rate, rate)
    for at in ((0, 0), (1, 2), (-state.reach, state.reach)):
        assert state.looking(at).here == x[0, 0, at[0] + state.reach, at[1] + state.reach]
    assert state.used**2 == (x > 0).sum()


@views
def test_the_rates_menu_and_sliders(hover):
    explorer = explore_rates(hover=hover)
    assert "a field of 15 pixels, every one used" in explorer.view.value
    explorer.controls["schedule"].value = "2, 2, 2"
    assert "of a field of 13 pixels 7 are used; in a picture 49 of 169" in explorer.view.value
    assert [explorer.value(f"rate {k}") for k in (1, 2, 3, 4)] == [2, 2, 2, 0]
    explorer._point("in", (0, 1))
    assert "1 to the right reaches the output in no way: it is never used" in explorer.view.value
    explorer.controls["rate 1"].value = 1
    assert explorer.value("schedule") == "rates from the sliders"
    assert explorer.state.rates == (1, 2, 2)


def tripled(depth, field):
    if field > 3**depth:
        raise ValueError("too large")
    return [3**k for k in range(depth)]


def test_a_refusal_is_right_only_where_there_is_no_schedule():
    assert asked(tripled, 2, 10)[2] == "good"
    assert asked(lambda depth, field: tripled(depth, 3 * field), 2, 9)[2] == "calm"


def forever(depth, field):
    while True:
        pass


@views
def test_it_asks_the_learners_function(hover):
    explorer = explore_rates(tripled, hover=hover)
    assert "1, 3, 9. Right by this exercise's definition: 3 rates, a field of at least 20," in repr(explorer)
    explorer.controls["depth"].value = 2
    assert "Rightly refused: 2 layers use at most 9 pixels" in explorer.view.value
    explorer.controls["field"].value = 9
    assert explorer.state.rates == (1, 3)


@pytest.mark.parametrize(
    ("function", "how"),
    [
        (lambda depth, field: [2] * depth, "bad"),
        (lambda depth, field: [1, 2, "4"], "bad"),
        (lambda depth, field: [10**9] * depth, "bad"),
        (lambda depth, field: [1, 3, 9, 27], "bad"),
        (lambda depth, field: np.array([1, 3, 9]), "good"),
        (lambda depth, field: None, "bad"),
        (lambda depth, field: 1 / 0, "calm"),
        (7, "calm"),
    ],
)
def test_whatever_comes_back_it_stays_calm(function, how):
    assert asked(function, 3, 20)[2] == how
    assert "Traceback" not in explore_rates(function, hover=False).view.value


@pytest.mark.slow
def test_a_function_that_never_comes_back_is_asked_once():
    explorer = explore_rates(forever, hover=False)
    explorer.controls["depth"].value = 2
    assert "Run this cell again" in explorer.view.value


def test_the_convolution_explorer_takes_a_whole_layer():
    explorer = explore_convolution(conv2d, padding=1, stride=2, layer=True, hover=False)
    assert "numbers are right" in explorer.view.value
    explorer.controls["dilation"].value = 2
    assert "numbers are right" in explorer.view.value
    no_stride = explore_convolution(
        lambda x, w, b, s, p, d: conv2d(x, w, b, 1, p, d), stride=2, layer=True, hover=False
    )
    assert "returned shape (1, 1, 3, 3); here, with these settings, it is (1, 1, 2, 2)" in no_stride.view.value

    def no_padding_values(x, w, b, s, p, d):
        return conv2d(np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode="edge"), w, b, s, 0, d)

    edges = explore_convolution(no_padding_values, padding=1, layer=True, hover=False)
    assert "differ from the true ones" in edges.view.value
