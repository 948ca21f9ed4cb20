"""The pooling explorer: its numbers, and what its controls do, in a process without a notebook."""

from html import unescape

import numpy as np
import pytest

from cnnlab import check
from cnnlab.widgets import explore_pooling
from cnnlab.widgets.pooling import MAPS, WAYS, Pooling, asked

ORACLE = {e.name: e.oracle for e in check.exercises("03")}
largest, mean = ORACLE["max_pool2d"], ORACLE["avg_pool2d"]
IMAGE = np.random.default_rng(0).integers(-9, 10, (6, 7))

views = pytest.mark.parametrize("hover", [False, True], ids=["sliders", "hover"])


def test_the_moved_map_lets_zeros_in():
    state = Pooling(IMAGE, shift=2)
    assert state.shifted[:, :2].tolist() == [[0, 0]] * 6
    assert state.shifted[:, 2:].tolist() == IMAGE[:, :-2].tolist()
    assert Pooling(IMAGE, shift=0).shifted.tolist() == IMAGE.tolist()


@pytest.mark.parametrize(("kernel", "stride"), [(2, 2), (3, 2), (2, 3), (1, 1), (4, 1)])
def test_the_true_numbers(kernel, stride):
    for way, oracle in (("max", largest), ("mean", mean)):
        state = Pooling(IMAGE, way, kernel, stride, shift=1)
        for image, output in zip((IMAGE, state.shifted), state.outputs, strict=True):
            np.testing.assert_allclose(output, oracle(image[None, None], kernel, stride)[0, 0])
        assert state.output_shape == state.outputs[0].shape
    from cnnlab.built.lesson_02 import conv2d

    state = Pooling(IMAGE, "convolution", kernel, stride)
    expected = conv2d(IMAGE[None, None], state.weights[None, None], stride=stride)[0, 0]
    np.testing.assert_allclose(state.outputs[0], expected)


def test_a_bright_pixel_moves_unnoticed_inside_its_window_and_not_beyond():
    image = MAPS["one bright pixel"]()
    assert not Pooling(image, kernel=2, stride=2, shift=1).changed
    assert len(Pooling(image, kernel=2, stride=2, shift=2).changed) == 2
    assert Pooling(image, "convolution", 2, 2, shift=1).changed


def test_the_learners_numbers_are_marked_where_they_are_wrong():
    state, endless = asked(Pooling(IMAGE), {"max": largest})
    assert (state.wrong, endless) == ((frozenset(), frozenset()), False)
    state, _ = asked(Pooling(IMAGE), {"max": lambda x, k, s: np.maximum(largest(x, k, s), 0)})
    assert state.wrong[0] == {(i, j) for i, j in np.ndindex(3, 3) if Pooling(IMAGE).outputs[0][i, j] < 0}


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda x, k, s: None, "returned None"),
        (lambda x, k, s: "nine", "not an array of numbers"),
        (lambda x, k, s: x, "returned shape"),
        (lambda x, k, s: 1 / 0, "ZeroDivisionError"),
        (7, "is not a function"),
    ],
)
def test_a_misbehaving_function_gets_a_calm_sentence(function, says):
    explorer = explore_pooling(function, mean, hover=False)
    assert says in explorer.view.value
    assert "Showing the course" in explorer.view.value
    explorer.controls["way"].value = "mean"
    assert "are right" in explorer.view.value


@views
def test_it_starts_with_a_pixel_that_moves_unnoticed(hover):
    explorer = explore_pooling(largest, mean, hover=hover)
    assert "None of the 12 numbers changed" in explorer.view.value
    assert "all 24 are right by this exercise's definition: the largest of each window" in unescape(explorer.view.value)
    explorer.controls["shift"].value = 2
    assert "2 of the 12 numbers changed." in explorer.view.value
    assert "was 9" in explorer.view.value


@pytest.mark.slow
@views
def test_every_map_way_and_setting_can_be_shown(hover):
    explorer = explore_pooling(largest, mean, hover=hover)
    for name in MAPS:
        explorer.controls["map"].value = name
        for way in WAYS:
            explorer.controls["way"].value = way
            for kernel, stride, shift in ((1, 1, 0), (4, 4, 4), (3, 2, 1), (2, 3, 2)):
                for key, value in (("kernel", kernel), ("stride", stride), ("shift", shift)):
                    explorer.controls[key].value = value
                assert "<table" in explorer.view.value
                assert not any(explorer.state.wrong)


def test_stepping_and_pointing_walk_over_the_output():
    explorer = explore_pooling(hover=True)
    explorer.controls["step"].value = 6
    assert explorer.state.at == (1, 1)
    explorer.controls["back"].click()
    assert explorer.state.at == (1, 0)
    for _ in range(8):
        explorer.controls["next"].click()
    assert explorer.state.at == (0, 0)

    def message(grid, *place):
        explorer.view._handle_custom_msg({"grid": grid, "place": list(place)}, [])
        return explorer.state.at

    assert message("out", 2, 3) == (2, 3)
    assert message("in", 3, 2) == (1, 1)
    assert message("step", 0, 1) == (1, 2)
    assert message("nonsense") == (1, 2)


def test_a_map_of_ones_own_comes_first_and_a_bad_one_is_named():
    explorer = explore_pooling(largest, image=np.full((5, 6), 200, np.uint8), hover=False)
    assert explorer.state.image.shape == (5, 6)
    for bad in (np.zeros(5), np.zeros((2, 9)), [["a"] * 6] * 6):
        with pytest.raises(ValueError, match="image"):
            explore_pooling(image=bad)


@pytest.mark.slow
def test_a_function_that_never_returns_is_asked_once():
    calls = []

    def forever(x, kernel, stride):
        calls.append(1)
        while True:
            pass

    explorer = explore_pooling(forever, mean, hover=False)
    explorer.controls["kernel"].value = 3
    assert len(calls) == 1
    assert "Run this cell again" in explorer.view.value


def test_there_is_something_to_see_without_a_front_end(monkeypatch):
    published = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: published.append(data))
    explore_pooling(largest, mean)._ipython_display_()
    (data,) = published
    assert "<table" in data["text/html"]
    assert data["text/plain"].startswith("Pooling explorer. Output row 0, column 0")
