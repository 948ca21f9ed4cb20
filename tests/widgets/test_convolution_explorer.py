"""The explorer as a widget: what its controls do, in a process without a notebook."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.signal import correlate2d

from cnnlab.widgets import explore_convolution
from cnnlab.widgets.choices import EXAMPLES
from cnnlab.widgets.pointing import pointing_available

views = pytest.mark.parametrize("hover", [False, True], ids=["sliders", "hover"])


def correlate(image, kernel):
    return correlate2d(image, kernel, mode="valid")


@views
def test_it_starts_with_the_camera_frame_and_the_first_patch(hover):
    explorer = explore_convolution(correlate, hover=hover)
    assert explorer.state.output.tolist() == [[3, 3, 0]] * 3
    assert explorer.state.at == (0, 0)
    assert "all 9 numbers are right" in explorer.view.value


@views
def test_sliders_change_the_numbers(hover):
    explorer = explore_convolution(correlate, hover=hover)
    moves = {"size": (7, 5), "kernel_size": (2, 6), "padding": (1, 8), "stride": (2, 4), "dilation": (3, 3)}
    for name, (value, side) in moves.items():
        before = explorer.view.value
        explorer.controls[name].value = value
        assert explorer.state.output_shape == (side, side)
        assert explorer.view.value != before
        assert not explorer.state.wrong


@views
def test_stepping_walks_the_rows_and_comes_round(hover):
    explorer = explore_convolution(hover=hover)
    explorer.controls["step"].value = 6
    assert explorer.state.at == (1, 2)
    explorer.controls["next"].click()
    assert explorer.state.at == (2, 0)
    for _ in range(3):
        explorer.controls["next"].click()
    assert explorer.state.at == (0, 0)
    explorer.controls["back"].click()
    assert explorer.state.at == (2, 2)
    assert explorer.controls["step"].value == 9


def test_pointing_at_a_cell_moves_the_kernel():
    explorer = explore_convolution(hover=True)

    def message(grid, *place):
        explorer.view._handle_custom_msg({"grid": grid, "place": list(place)}, [])
        return explorer.state.at

    assert message("out", 2, 1) == (2, 1)
    assert explorer.controls["step"].value == 8
    assert message("in", 1, 3) == (0, 2)
    assert message("step", 1, 0) == (1, 2)
    assert message("step", 0, 1) == (1, 2), "the edge is the edge"
    assert message("out", "a", None) == (1, 2)
    assert message("nonsense") == (1, 2)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_worked_example_can_be_shown(name):
    explorer = explore_convolution(correlate, hover=False)
    explorer.controls["example"].value = name
    assert explorer.state.fits
    assert not explorer.state.wrong


def test_every_picture_and_kernel_can_be_shown_at_every_size():
    explorer = explore_convolution(correlate, hover=False)
    for name, sizes in (("picture", "size"), ("kernel", "kernel_size")):
        for option in explorer.controls[name].options:
            explorer.controls[name].value = option
            for size in range(explorer.controls[sizes].min, explorer.controls[sizes].max + 1):
                explorer.controls[sizes].value = size
                assert "<table" in explorer.view.value


def test_ones_own_picture_and_kernel_come_first():
    image, kernel = np.full((3, 6), 200, np.uint8), np.array([[2, 1]], np.uint8)
    explorer = explore_convolution(correlate, image, kernel, padding=4, hover=False)
    assert explorer.state.image.shape == (3, 6)
    assert explorer.state.output.max() == 600  # no uint8 overflow
    assert explorer.controls["padding"].value == 4
    assert explorer.controls["size"].disabled
    explorer.controls["example"].value = "One patch, by hand"
    assert explorer.state.output.tolist() == [[8]]
    explorer.controls["example"].value = "as given"
    assert explorer.state.image.shape == (3, 6)


def test_a_kernel_that_does_not_fit_is_a_calm_message():
    explorer = explore_convolution(correlate, hover=False)
    explorer.controls["dilation"].value = 3
    assert "does not fit" in explorer.view.value
    assert explorer.controls["step"].disabled
    explorer.controls["next"].click()
    explorer.controls["padding"].value = 1
    assert explorer.state.output_shape == (1, 1)


@pytest.mark.parametrize("bad", [{"image": np.zeros(3)}, {"kernel": [["a"]]}, {"stride": 0}, {"padding": 1.5}])
def test_bad_arguments_are_named(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        explore_convolution(**bad)


@pytest.mark.slow
def test_a_function_that_never_returns_is_asked_once():
    calls = []

    def forever(image, kernel):
        calls.append(1)
        while True:
            pass

    explorer = explore_convolution(forever, hover=False)
    explorer.controls["size"].value = 7
    explorer.controls["padding"].value = 1
    assert len(calls) == 1
    assert "Run this cell again" in explorer.view.value
    assert explorer.state.output_shape == (7, 7)


def test_there_is_something_to_see_without_a_front_end(monkeypatch):
    published = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: published.append(data))
    explorer = explore_convolution(correlate)
    explorer._ipython_display_()
    (data,) = published
    assert "<table" in data["text/html"]
    assert data["text/plain"].startswith("Convolution explorer. Output row 0")
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.widget.model_id


def test_in_colab_and_without_anywidget_there_are_sliders_only(monkeypatch):
    assert pointing_available()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "google.colab", object())
        assert not pointing_available()
        assert not hasattr(explore_convolution().view, "spoken")
    monkeypatch.setattr("cnnlab.widgets.pointing.find_spec", lambda name: None)
    assert not pointing_available()


def test_importing_the_widgets_loads_no_torch_and_no_pyplot():
    heavy = "{'torch', 'matplotlib.pyplot', 'sklearn'}"
    code = f"from cnnlab.widgets import *; import sys; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
