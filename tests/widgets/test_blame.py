"""The blame picture: who met whom, held against a library's gradients, and what its controls do."""

from html import unescape

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlab.built.lesson_05 import conv2d_backward
from cnnlab.widgets import explore_blame
from cnnlab.widgets.blame import Blame, blamed, output_shape
from cnnlab.widgets.blame_explorer import BY_HAND, EXAMPLES
from cnnlab.widgets.blame_view import blame_view, spoken

HAND = Blame(**BY_HAND)
views = pytest.mark.parametrize("click", [False, True], ids=["sliders", "click"])


def test_the_worked_example_has_its_three_gradients():
    """Fact F4."""
    assert HAND.gradients["dweight"].tolist() == [[2, 3], [6, 3]]
    assert HAND.gradients["dbias"].tolist() == [2]
    assert HAND.gradients["dx"].tolist() == [[1, -1, 0], [2, -1, 1], [0, -2, 0]]


sizes = st.tuples(st.integers(1, 7), st.integers(1, 7))


@settings(max_examples=40, deadline=None)
@given(sizes, st.tuples(st.integers(1, 4), st.integers(1, 4)), st.integers(1, 3), st.integers(0, 2))
def test_the_meetings_add_up_to_the_true_gradients(image, kernel, stride, padding):
    rng = np.random.default_rng([*image, *kernel, stride, padding])
    image, kernel = rng.normal(size=image), rng.normal(size=kernel)
    shape = output_shape(image, kernel, stride, padding)
    if shape is None:
        return
    state, _ = blamed(Blame(image, kernel, rng.normal(size=shape), stride, padding), conv2d_backward)
    assert set(state.yours) == {"dx", "dweight", "dbias"}
    assert not any(state.wrong.values())


def test_a_weight_shows_every_pixel_that_it_met():
    state = HAND.at("weight", (1, 0))
    assert {m.pixel for m in state.involved} == {(1, 0), (1, 1), (2, 0), (2, 1)}
    assert "dweight[1, 0] = 0·1 + 2·(−1) + 4·2 + 1·0 = <b>6</b>" in blame_view(state)


def test_a_pixel_shows_every_output_that_it_reached():
    state = HAND.at("input", (1, 1))
    assert {m.output for m in state.involved} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert "dx[1, 1] = 1·(−1) + (−1)·0 + 2·0 + 0·1 = <b>−1</b>" in blame_view(state)
    assert [m.output for m in HAND.at("input", (0, 0)).involved] == [(0, 0)]


def test_an_output_and_the_bias_can_be_looked_at():
    assert "each pixel gets −1 · its weight" in spoken(HAND.at("output", (0, 1)))
    assert "dbias = 2" in spoken(HAND.at("bias"))


def test_padding_is_blamed_and_cut_off_and_gaps_are_nobodys_fault():
    padded = Blame(HAND.image, HAND.kernel, np.ones((4, 4)), padding=1).at("input", (0, 0))
    assert "which is cut off" in spoken(padded)
    assert blame_view(padded).count("repeating-linear-gradient") == 5 * 5 - 3 * 3, "and hatched, looked at or not"
    gaps = Blame(np.ones((5, 5)), np.ones((2, 2)), np.ones((2, 2)), stride=3)
    assert "No stop ever looked" in spoken(gaps.at("input", (2, 0)))


def test_one_looks_at_the_nearest_cell_that_there_is():
    assert HAND.at("weight", (9, -3)).cell == (1, 0)
    assert HAND.at("bias", (4, 4)).cell == (0, 0)
    assert HAND.at("nonsense", (1, 1)) is HAND


def test_wrong_numbers_are_marked_and_missing_ones_are_told():
    def half(dout, x, weight):
        _, dweight, dbias = conv2d_backward(dout, x, weight)
        return None, dweight.transpose(0, 1, 3, 2), dbias

    state, _ = blamed(HAND, half)
    html = blame_view(state, "half")
    assert state.wrong == {"dweight": {(0, 1), (1, 0)}, "dbias": frozenset()}
    assert "true 6" in html
    assert "2 of 4 in dweight" in html
    assert "Not there yet: dx" in html
    assert "Right, from your <code>half</code>: dbias. Right is here: the gradients of this convolution" in html


def unsolved(*args, **kwargs):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (unsolved, "not written yet"),
        (lambda *a: 1 / 0, "ZeroDivisionError"),
        (lambda *a: None, "has to return"),
        (lambda *a: (1, 2), "has to return"),
        (lambda *a: ("<b>", np.ones((9, 9)), np.full(1, 1j)), "Not there yet"),
        (7, "not a function"),
    ],
)
def test_a_function_in_trouble_leaves_the_courses_own_numbers(function, words, capfd):
    state, endless = blamed(HAND, function)
    html = blame_view(state, "mine")
    assert not endless
    assert not state.yours
    assert words in state.says
    assert "own numbers stand in" in unescape(html)
    assert "<b>," not in html
    assert capfd.readouterr() == ("", "")


def test_a_function_that_does_not_know_stride_and_padding_can_be_looked_at():
    explorer = explore_blame(lambda dout, x, weight: conv2d_backward(dout, x, weight), click=False)
    assert set(explorer.state.yours) == {"dx", "dweight", "dbias"}
    explorer.controls["stride"].value = 2
    assert "TypeError" in explorer.state.says


@views
def test_sliders_choose_what_is_looked_at(click):
    explorer = explore_blame(conv2d_backward, click=click)
    assert explorer.state.kind == "weight"
    explorer.controls["row"].value = 1
    assert "dweight[1, 0] = " in explorer.view.value
    explorer.controls["kind"].value = "input"
    explorer.controls["column"].value = 2
    assert explorer.state.cell == (1, 2)
    explorer.controls["kind"].value = "bias"
    assert explorer.controls["row"].disabled
    assert "dbias = 1 + (−1) + 2 + 0" in explorer.view.value


@views
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_can_be_shown_at_every_setting(name, click):
    explorer = explore_blame(conv2d_backward, click=click)
    explorer.controls["example"].value = name
    for stride in (1, 2, 3):
        for padding in (0, 1, 2):
            explorer.controls["stride"].value = stride
            explorer.controls["padding"].value = padding
            assert "Right, from your" in explorer.view.value
            assert "✗" not in explorer.view.value


def test_clicks_and_arrow_keys_choose():
    explorer = explore_blame(click=True)

    def message(grid, *place):
        explorer.view._handle_custom_msg({"grid": grid, "place": list(place)}, [])
        return explorer.state.kind, explorer.state.cell

    assert message("in", 2, 1) == ("input", (2, 1))
    assert explorer.controls["kind"].value == "input"
    assert explorer.controls["row"].value == 2
    assert message("step", -1, 0) == ("input", (1, 1))
    assert message("weight", 1, 1) == ("weight", (1, 1))
    assert message("step", 1, 0) == ("weight", (1, 1)), "the edge is the edge"
    assert message("out", 0, 1) == ("output", (0, 1))
    assert message("out", "a", None) == ("output", (0, 1))
    assert message("nonsense") == ("output", (0, 1))


def test_it_shows_itself_without_a_widget_too():
    explorer = explore_blame(click=False)
    assert repr(explorer).startswith("Blame picture. Weight [0, 0] was used at 4 places")
    assert 'data-weight="0,0"' in explorer.view.value
