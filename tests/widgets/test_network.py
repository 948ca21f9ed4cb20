"""The live network: what a click and a dragged weight change, what they do not, and whose numbers are shown."""

from html import unescape

import numpy as np
import pytest

from cnnlab.built.lesson_04 import forward
from cnnlab.data.worked_example import own_example, params_of
from cnnlab.widgets import explore_network
from cnnlab.widgets.network import STEPS, answered, network_of

OWN = network_of(own_example())
views = pytest.mark.parametrize("click", [False, True], ids=["sliders", "click"])


def test_it_begins_as_the_worked_example():
    for name in ("maps", "pooled", "logits", "p"):
        np.testing.assert_allclose(OWN.steps[name], own_example()["steps"][name], atol=5e-5)
    assert OWN.steps["loss"] == pytest.approx(0.2873, abs=5e-5)
    assert not any(OWN.moved.values())


def test_a_change_is_followed_as_far_as_it_goes():
    """The lesson's third try: a pixel that the maps see and the pool does not hand on."""
    moved = OWN.at("in", (2, 0)).with_value(0).moved
    assert [name for name in STEPS if moved[name]] == ["maps", "active"]
    assert OWN.at("in", (0, 4)).with_value(2).moved == dict.fromkeys(STEPS, frozenset()), "met by the kernel's zeros"


def test_a_number_stays_within_its_bounds_and_the_example_as_it_was():
    dark = OWN.at("in", (0, 0)).with_value(-2)
    assert dark.value == 0
    assert OWN.at("weight", (0, 0)).with_value(7).value == 3
    assert OWN.image[0, 0] == 0
    assert OWN.at("out", (9, -1)).cell == (1, 0)


@views
def test_a_slider_drags_the_number_that_is_looked_at(click):
    explorer = explore_network(forward, click=click)
    explorer.controls["grid"].value = "out"
    explorer.controls["row"].value, explorer.controls["column"].value = 1, 2
    assert explorer.controls["value"].value == pytest.approx(0.3)
    explorer.controls["value"].value = -0.5
    assert explorer.state.steps["logits"] == pytest.approx([0.6, -1.5])
    assert "It says “nobody” with 89.1%" in repr(explorer)
    assert "and right" in unescape(explorer.view.value)
    explorer.controls["again"].click()
    assert explorer.state.steps["logits"] == pytest.approx([0.6, 1.7])


def test_what_the_browser_makes_of_a_number_is_not_sent_back():
    """Its slider goes from −3 in steps of 0.1, and so says 0.3 in another way; set back, it lost the next move."""
    explorer = explore_network(click=True)
    explorer._point("out", (1, 2))
    sent = []
    explorer.controls["value"].observe(lambda change: sent.append(change["new"]), names="value")
    explorer.controls["value"].value = -3 + 33 * 0.1
    assert sent == [-3 + 33 * 0.1] != [0.3]
    assert explorer.state.value == 0.3


def test_a_clicked_pixel_gets_brighter_and_the_brightest_dark():
    explorer = explore_network(click=True)
    for value in (1, 2, 3, 0):
        explorer._point("in", (0, 0))
        assert explorer.state.image[0, 0] == value
    explorer._point("weight", (1, 1))
    assert (explorer.state.grid, explorer.state.value) == ("weight", -1), "a weight is chosen, not changed"
    explorer._point("step", (-1, 0))
    assert explorer.state.cell == (0, 1)


def test_wrong_logits_are_marked_beside_the_right_ones():
    explorer = explore_network(lambda params, x: forward(params, x) + 1, click=False)
    html = unescape(explorer.view.value)
    assert "differ from the true ones: 0.60, 1.70" in html
    assert html.count("✗") == 3  # two logits and the sentence


def unsolved(params, x):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("function", "words"),
    [(unsolved, "not written yet"), (lambda p, x: 1 / 0, "ZeroDivisionError"), (lambda p, x: x, "no logits of")],
)
def test_a_function_in_trouble_leaves_the_courses_own_numbers(function, words, capfd):
    state, endless = answered(OWN, function)
    assert (state.yours, endless) == (None, False)
    assert words in state.says
    explorer = explore_network(function, click=False)
    assert "the course's own numbers stand in" in unescape(explorer.view.value)
    assert "75.0%" in unescape(explorer.still())
    assert capfd.readouterr() == ("", "")


def test_it_does_not_change_what_it_was_given():
    before = params_of(own_example())
    OWN.at("out", (0, 0)).with_value(1)
    for name, value in params_of(own_example()).items():
        np.testing.assert_array_equal(value, before[name])
