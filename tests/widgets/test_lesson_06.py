"""The shape tracer and the receptive-field grower: what their controls do, in a process without a notebook."""

import numpy as np
import pytest

from cnnlab.built import lesson_06 as course
from cnnlab.layers import Conv, Dense, Flatten, Pool
from cnnlab.widgets import explore_field, explore_shapes
from cnnlab.widgets.layer_text import MOST, read_layers, write_layers
from cnnlab.widgets.networks import FIELDS, NETWORKS

pytestmark = pytest.mark.slow  # most of them draw


def unsolved(*args):
    raise NotImplementedError


@pytest.fixture(autouse=True)
def quick(request, monkeypatch):
    """Pictures are made, but their pixels only in slow tests: these take a quarter of a second each."""
    if request.node.get_closest_marker("slow") is None:
        monkeypatch.setattr("cnnlab.figures.style.Picture.png", lambda picture: b"")


@pytest.fixture
def tracer():
    return explore_shapes(course.trace, course.parameters, course.macs)


@pytest.mark.parametrize("layers", [layers for _, layers in NETWORKS.values()] + list(FIELDS.values()))
def test_layers_are_read_as_they_are_written(layers):
    assert read_layers(write_layers(layers)) == (layers, "")


@pytest.mark.parametrize(
    "text",
    [
        "Conv(4, 3, padding=1), Pool(2, 2)",
        "[Conv(4, 3, padding=1),\n Pool(2, 2)]",
        "Conv(4, 3, padding=1) # first\n\nPool(2,\n2)",
    ],
)
def test_lists_may_be_written_as_in_a_notebook(text):
    assert read_layers(text) == ([Conv(4, 3, padding=1), Pool(2, 2)], "")


@pytest.mark.parametrize(
    ("text", "kept", "says"),
    [
        ("Pool(2, 2)\nReLU()", 1, "“ReLU()” is no layer"),
        ("Pool(2, 2)\nPool(2", 1, "can not be read"),
        ("Pool(2, 2)\nPool(2)", 1, "missing"),
        ("Conv(4, 3, stride=0)", 0, "stride is at least 1"),
        ("Conv(4, -3)", 0, "kernel is at least 1"),
        ("Conv(__import__('os').getpid(), 3)", 0, "malformed"),
        ("Dense(10**9)", 0, "malformed"),
        ("Dense(99999999)", 0, "too large"),
        ("\n".join(["Pool(1, 1)"] * (MOST + 1)), MOST, "too many"),
    ],
)
def test_what_can_not_be_read_is_said_and_nothing_is_run(text, kept, says):
    layers, problem = read_layers(text)
    assert len(layers) == kept
    assert says in problem


def test_the_tracer_starts_with_the_small_network(tracer):
    assert "554,346 parameters" in tracer.view.value
    assert "15,566,080 multiply–accumulates" in tracer.view.value
    assert "flatten 4,096" in repr(tracer)


def test_each_network_can_be_chosen(tracer):
    for name, total in {
        "AlexNet": 62_378_344,
        "VGG-16": 138_357_544,
        "two convolutions on 224 × 224": 1_008_618,
    }.items():
        tracer.controls["network"].value = name
        assert sum(tracer.state.counts["parameters"]) == total
        assert f"{total:,} parameters" in tracer.view.value


def test_buttons_add_and_take_away_layers(tracer):
    before = tracer.state.layers
    tracer.controls["+ dense"].click()
    assert tracer.state.layers == (*before, Dense(100))
    tracer.controls["remove last"].click()
    tracer.controls["remove last"].click()
    assert tracer.state.layers == before[:-1]


def test_more_layers_than_can_be_drawn_are_not_drawn(tracer):
    tracer.controls["layers"].value = "\n".join(["Pool(1, 1)"] * MOST)
    assert "too many" not in tracer.view.value
    tracer.controls["+ flatten"].click()
    assert "too many" in tracer.view.value
    assert len(tracer.state.layers) == MOST


def test_the_input_can_be_larger(tracer):
    tracer.controls["height"].value = 64
    assert tracer.state.shapes[1] == (32, 64, 32)


def test_a_list_that_does_not_fit_is_drawn_as_far_as_it_does(tracer):
    tracer.controls["layers"].value = "Conv(4, 3)\nFlatten()\nConv(4, 3)"
    assert tracer.state.layers == (Conv(4, 3), Flatten())
    assert "needs maps" in tracer.view.value
    tracer.controls["layers"].value = "Conv(4, 3)\nnonsense"
    assert "is no layer" in tracer.view.value
    text = tracer.controls["layers"].value
    tracer.controls["+ dense"].click()
    assert tracer.controls["layers"].value == text, "what is being written stays"
    tracer.controls["layers"].value = ""
    assert tracer.state.layers == ()


def test_what_is_not_written_yet_is_left_out():
    tracer = explore_shapes(course.trace, unsolved, unsolved)
    assert "is not written yet" in tracer.view.value
    assert "554,346" not in tracer.view.value
    assert tracer.state.counts == {}


def test_without_functions_the_numbers_are_the_courses_own():
    assert "554,346 parameters" in explore_shapes().view.value


def test_ones_own_network_comes_first():
    tracer = explore_shapes(layers=[Conv(2, 5)], input_shape=(1, 9, 11))
    assert tracer.state.shapes == ((1, 9, 11), (2, 5, 7))


def test_a_function_that_never_returns_is_asked_once():
    calls = []

    def forever(*args):
        calls.append(1)
        while True:
            pass

    tracer = explore_shapes(course.trace, forever)
    tracer.controls["+ dense"].click()
    grower = explore_field(forever)
    grower.controls["+ conv 3×3"].click()
    assert len(calls) == 2
    assert "Run this cell again" in tracer.view.value
    assert "Run this cell again" in repr(grower)


def test_the_grower_draws_the_learners_fields():
    grower = explore_field(course.receptive_field)
    for name, layers in FIELDS.items():
        grower.controls["stack"].value = name
        assert list(grower.state.fields) == course.receptive_field(layers)
    assert grower.state.layers == ()
    grower.controls["+ conv 5×5"].click()
    grower.controls["+ pool 2/2"].click()
    grower.controls["+ dilation 2"].click()
    assert grower.state.fields == (5, 6, 14)
    grower.controls["remove last"].click()
    assert grower.state.fields == (5, 6)


def test_places_and_pictures_can_be_chosen():
    grower = explore_field(course.receptive_field)
    seen = {grower.view.value}
    for name, value in (("row", 10), ("column", 90), ("picture", "a frame of the camera")):
        grower.controls[name].value = value
        seen.add(grower.view.value)
    assert len(seen) == 4


def test_layers_without_a_field_are_left_out():
    grower = explore_field(course.receptive_field)
    grower.controls["layers"].value = "Conv(4, 3)\nFlatten()\nDense(3)"
    assert grower.state.fields == (3,)
    assert "sees the whole picture" in grower.view.value
    grower.controls["layers"].value = "\n".join(["Conv(4, 3, stride=4)"] * 12)
    assert "too large to draw" in grower.view.value


def test_the_grower_marks_what_is_wrong_and_says_what_is_missing():
    assert "Wrong at 4 of 8 layers" in repr(explore_field(lambda layers: [3, 4, 8, 10, 1, 1, 1, 1]))
    assert "is not written yet" in repr(explore_field(unsolved))


def test_ones_own_picture_and_stack_come_first():
    grower = explore_field(course.receptive_field, np.zeros((20, 30)), [Conv(1, 7)])
    assert grower.state.fields == (7,)
    assert grower.controls["picture"].value == "as given"


@pytest.mark.parametrize("widget", [explore_shapes, explore_field])
def test_there_is_something_to_see_without_a_front_end(widget, monkeypatch):
    published = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: published.append(data))
    explorer = widget()
    explorer._ipython_display_()
    (data,) = published
    assert "<img alt=" in data["text/html"]
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.widget.model_id
