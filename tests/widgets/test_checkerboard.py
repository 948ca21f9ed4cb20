"""The checkerboard viewer: what its controls do, in a process without a notebook."""

import numpy as np
import pytest

pytest.importorskip("torch")

from cnnlab.built import lesson_07 as course
from cnnlab.widgets import explore_checkerboard


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("cnnlab.figures.style.Picture.png", lambda picture: b"")


def test_it_starts_with_the_checkerboard():
    viewer = explore_checkerboard(course.overlap_count, course.transposed_conv2d)
    assert "2 does not divide 3" in viewer.view.value
    assert "written to 1 1 2 1 2" in repr(viewer)


def test_a_kernel_that_the_stride_divides_is_smooth():
    viewer = explore_checkerboard()
    viewer.controls["kernel"].value = 4
    assert "equally often, 4×" in viewer.view.value
    assert "transposed, kernel 4, stride 2: a pixel is 0% off" in viewer.view.value
    viewer.controls["stride"].value = 4
    viewer.controls["kernel"].value = 2
    assert "some places are never written to" in viewer.view.value


def test_another_picture_keeps_the_counts():
    viewer = explore_checkerboard(course.overlap_count, course.transposed_conv2d)
    before = viewer.state
    viewer.controls["picture"].value = "a photograph"
    assert viewer.state is before
    assert "a pixel is 0% off the mean of its two neighbours; bilinear" not in viewer.view.value


def test_wrong_counts_are_said():
    viewer = explore_checkerboard(lambda kernel, stride, size: np.ones((size - 1) * stride + kernel))
    assert "Wrong in 7 places" in viewer.view.value


@pytest.mark.parametrize("function", [lambda *a: None, lambda *a: 1 / 0, lambda *a: "x"])
def test_what_is_no_answer_is_said_calmly(function):
    viewer = explore_checkerboard(function, function)
    assert "Traceback" not in viewer.view.value
    assert viewer.state.says
    assert viewer.state.counts


def test_an_endless_function_is_asked_once(monkeypatch):
    from cnnlab.figures import upsampling

    asked = []

    def slow(state, *given):
        asked.append(given)
        return upsampling.Stamps(*given, says="`f` never came back."), True

    monkeypatch.setattr("cnnlab.widgets.checkerboard.stamps_of", lambda f, *given: slow(None, *given) if f else (
        upsampling.Stamps(*given, counts=(1,)), False))  # fmt: skip
    viewer = explore_checkerboard(lambda *a: None)
    viewer.controls["kernel"].value = 5
    assert len(asked) == 1
