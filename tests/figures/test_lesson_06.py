"""The figures of lesson 06 draw what the learner's functions say, and stay calm whatever they do."""

import time

import numpy as np
import pytest

from cnnlab.built import lesson_06 as course
from cnnlab.figures import show_fields, show_forward, show_layers, show_sight, show_times, show_views
from cnnlab.figures.reach import fields_of, influence, most_of
from cnnlab.figures.traced import fitting, short, traced
from cnnlab.layers import Conv, Dense, Flatten, Pool

pytestmark = pytest.mark.slow  # most of them draw

MINI = [Conv(4, 3, padding=1), Pool(2, 2), Flatten(), Dense(7)]
AT = (3, 8, 10)
STACK = [Conv(8, 3), Pool(2, 2), Conv(8, 3, dilation=2)]
PHOTO = np.random.default_rng(0).random((40, 50, 3))


def words(picture):
    """Everything that is written on a picture."""
    from matplotlib.text import Text

    return " | ".join(t.get_text() for t in picture.findobj(Text) if t.get_text())


def unsolved(*args):
    raise NotImplementedError


MISBEHAVING = {
    "unsolved": (unsolved, "is not written yet"),
    "raises": (lambda *a: 1 / 0, "ZeroDivisionError"),
    "nothing": (lambda *a: None, "returned None"),
    "text": (lambda *a: "nine", "returned something else"),
    "too short": (lambda *a: [1], "entries; here it is a list"),
    "odd entries": (lambda layers, *a: [object()] * len(layers), "for one layer"),
    "not finite": (lambda layers, *a: [float("nan")] * len(layers), "whole numbers"),
    "no function": (7, "is not a function"),
}
misbehaving = pytest.mark.parametrize(("function", "says"), MISBEHAVING.values(), ids=MISBEHAVING)


def test_layers_are_drawn_from_the_learners_numbers():
    picture = show_layers(MINI, AT, course.trace, course.parameters, course.macs, "Mini")
    assert "the input 3×8×10; conv 3×3 p1 4×8×10; pool 2/2 4×4×5; flatten 80; dense 7" in picture.alt
    assert "679 parameters, 84% of them in layer 4, dense" in picture.alt
    assert "9,200 multiply–accumulates" in picture.alt
    assert "4\n4×5" in words(picture)
    assert "✗" not in words(picture)


def test_wrong_numbers_are_marked_where_they_are_wrong():
    def without_biases(layers, shape):
        counts = course.parameters(layers, shape)
        return [counts[0] - 4, *counts[1:]]

    found = traced(MINI, AT, course.trace, without_biases)
    assert found.wrong == {"trace": frozenset(), "parameters": frozenset({0})}
    picture = show_layers(MINI, AT, course.trace, without_biases)
    assert "✗ 108" in words(picture)
    assert "Wrong in parameters: 1 of its entries." in picture.alt


@misbehaving
def test_an_answer_that_is_none_is_told_and_left_out(function, says):
    picture = show_layers(MINI, AT, course.trace, function)
    assert says in picture.alt
    assert "not yet" in words(picture)
    assert "679" not in picture.alt, "the course's count is not given away"


def test_a_trace_that_is_not_written_gives_no_shape_away():
    picture = show_layers(MINI, AT, unsolved)
    assert "4×4×5" not in picture.alt
    assert "4×5" not in words(picture)


@pytest.mark.parametrize(
    ("layers", "says"),
    [
        ([Conv(4, 9)], "does not fit on maps of 8 × 10"),
        ([Flatten(), Conv(4, 3)], "needs maps"),
        ([Dense(3)], "put Flatten() before it"),
        ([Flatten(), Flatten()], "nothing left to flatten"),
        ([MINI[0], "relu"], "is no layer"),
    ],
)
def test_layers_that_do_not_fit_are_named(layers, says):
    fit, (sentence,) = fitting(layers, AT)
    assert fit == len(layers) - 1
    assert says in sentence
    assert says in show_layers(layers, AT, course.trace, course.parameters).alt


def test_counts_are_written_short():
    assert [short(n) for n in (0, 999, 34_944, 614_656, 99_950, 37_752_832, 15_470_264_320)] == [
        *("0", "999", "34.9 k", "615 k", "100 k", "37.8 M", "15.5 G")
    ]


def test_influence_is_counted_as_many_ways_as_there_are():
    assert (influence([Conv(8, 3)] * 2) * 9).round(9).tolist() == [1, 2, 3, 2, 1]
    assert (influence([Pool(2, 2), Conv(8, 2)]) * 4).tolist() == [1, 1, 1, 1]
    assert (influence([Conv(8, 2, dilation=2)]) * 2).tolist() == [1, 0, 1]


def test_influence_agrees_with_torchs_gradients():
    import torch
    from torch.nn import functional as F

    x = torch.zeros(1, 1, 31, requires_grad=True)
    y = F.avg_pool1d(F.conv1d(x, torch.full((1, 1, 3), 1 / 3)), 2, 2)
    y = F.conv1d(y, torch.full((1, 1, 3), 1 / 3), dilation=2)
    y[0, 0, 2].backward()
    seen = x.grad[0, 0].numpy()
    np.testing.assert_allclose(seen[seen > 0], influence(STACK)[influence(STACK) > 0], rtol=1e-5)


@pytest.mark.parametrize("layers", [STACK, [Conv(8, 3)] * 10, [Conv(8, 3, stride=2)] * 4, [Conv(8, 5), Pool(3, 2)] * 2])
def test_the_influence_is_as_wide_as_the_field(layers):
    shares = influence(layers)
    assert len(shares) == course.receptive_field(layers)[-1]
    assert shares.sum() == pytest.approx(1)
    assert most_of(shares) <= len(shares)


def test_fields_are_squares_on_the_picture():
    picture = show_fields(course.receptive_field, STACK, PHOTO)
    assert "conv 3×3 3, pool 2/2 4, conv 3×3 d2 12" in picture.alt
    assert "after each layer: 3, 4, 12" in words(picture)
    wrong = show_fields(lambda layers: [3, 5, 12], STACK, PHOTO)
    assert "5 ✗" in words(wrong)
    assert fields_of(STACK, lambda layers: [3, 5, 12]).wrong == {1}


@misbehaving
def test_fields_that_are_none_are_told(function, says):
    for picture in (show_fields(function, STACK, PHOTO), show_views(function, STACK, PHOTO, (20, 20))):
        assert says in picture.alt
    assert "not yet" in words(show_sight(STACK, function))


def test_sight_shows_how_many_pixels_one_value_sees():
    from matplotlib.colors import same_color
    from matplotlib.patches import Rectangle

    for layers in ([Conv(8, 3)] * 3, [Conv(8, 3), Pool(2, 2), Conv(8, 3)]):
        boxes = show_sight(layers).findobj(Rectangle)
        pixels = [b for b in boxes if b.get_y() == 0 and same_color(b.get_facecolor(), "#ffd400")]
        assert len(pixels) == course.receptive_field(layers)[-1]


def test_views_cut_as_much_as_a_value_sees():
    picture = show_views(course.receptive_field, STACK, PHOTO, (5, 45))
    sides = [axes.images[0].get_array().shape[0] for axes in picture.axes]
    assert sides == [3, 4, 12]


def build(classes=7):
    from torch import nn

    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(80, 7))


def test_a_model_is_laid_beside_the_trace():
    picture = show_forward(build, course.trace, MINI, np.zeros(AT))
    assert "4 of 4 layers agree" in picture.alt
    assert "7 logits" in picture.alt
    other = show_forward(build, course.trace, [Conv(4, 3, padding=1), Pool(3, 2), *MINI[2:]], np.zeros(AT))
    assert "2 of 4 layers agree" in other.alt


@pytest.mark.parametrize(
    ("function", "says"),
    [(unsolved, "not written yet"), (lambda: 3, "no"), (None, "no function"), (lambda: 1 / 0, "ZeroDivisionError")],
)
def test_a_model_that_is_none_is_told(function, says):
    assert says in show_forward(function, course.trace, MINI, np.zeros(AT)).alt


def test_times_are_measured_for_each_layer():
    picture = show_times(MINI, AT, course.macs, batch=2)
    assert "ms in the convolutions" in picture.alt
    assert words(picture).count(" ms") == 4
    assert "is not written yet" in show_times(MINI, AT, unsolved, batch=2).alt


def test_a_function_that_never_returns_is_left():
    def endless(*args):
        while True:
            time.sleep(0.001)

    assert "took longer" in show_layers(MINI, AT, endless).alt or "never" in show_layers(MINI, AT, endless).alt
