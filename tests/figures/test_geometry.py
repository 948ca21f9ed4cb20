"""The pictures of lesson 02: what they say is what was computed, whatever the learner's function does."""

import numpy as np
import pytest

from cnnlab.built.lesson_02 import conv2d, output_size
from cnnlab.figures import show_coverage, show_shrinking, show_starts, show_trees, show_usage
from cnnlab.figures.taps import holes, stops, usage, ways

SETTINGS = [(7, 3, 0, 1, 1), (5, 3, 1, 1, 1), (8, 3, 0, 2, 1), (7, 3, 0, 1, 2), (9, 4, 2, 3, 2), (4, 1, 0, 3, 1)]


@pytest.mark.parametrize("setting", SETTINGS)
def test_there_is_a_stop_for_each_output(setting):
    assert len(stops(*setting)) == output_size(*setting)


def test_no_stop_where_the_kernel_does_not_fit():
    assert stops(3, 5) == []
    assert usage((3, 3), 5).tolist() == [[0] * 3] * 3


@pytest.mark.parametrize("setting", SETTINGS)
def test_usage_is_what_the_gradient_of_a_sum_counts(setting):
    """A pixel is read as often as the sum of all outputs of a kernel of ones grows when the pixel grows by one."""
    size, kernel, padding, stride, dilation = setting
    ones, counts = np.ones((1, 1, kernel, kernel)), usage((size, size + 1), kernel, padding, stride, dilation)
    for i, j in ((0, 0), (1, size), (size - 1, size // 2)):
        x = np.zeros((1, 1, size, size + 1))
        x[0, 0, i, j] = 1
        assert conv2d(x, ones, None, stride, padding, dilation).sum() == counts[i, j]


def test_starts_are_counted_aloud():
    assert "has 5 starts" in show_starts(7, 3).alt
    assert "One more step would leave the row" not in show_starts(7, 3, stride=2).alt
    strided = show_starts(8, 3, stride=2)
    assert "6 starts, of which every second is kept: 3. One more step would leave the row." in strided.alt
    assert "1 zero on each side" in show_starts(5, 3, padding=1).alt
    words = [text.get_text() for text in strided.axes[0].texts]
    rows = [w for w in words if w.startswith(("output", "skipped", "no room"))]
    assert rows == ["output 0", "skipped", "output 1", "skipped", "output 2", "skipped", "no room"]


def test_a_corner_is_read_less_often():
    alt = show_usage((6, 6), 3, {"no padding": (0, 1), "stride 2": (0, 2)}).alt
    assert "no padding: a corner is read by 1, the middle 9; not read by any: 0." in alt
    assert "stride 2: a corner is read by 1" in alt
    assert "not read by any: 11." in alt


def test_what_is_left_comes_from_the_learner():
    assert "20 layers: 184 × 184" in show_shrinking(lambda size, kernel, layers: size - 2 * layers, 224, 3, [5, 20]).alt


@pytest.mark.parametrize(
    "wrong", [lambda *_: None, lambda *_: "7", lambda *_: -5, lambda *_: 1 / 0, lambda *_: True, 3]
)
def test_nonsense_is_told_and_not_drawn(wrong):
    alt = show_shrinking(wrong, 224, 3, [5]).alt
    assert "5 layers" not in alt.replace("for 0 layers", "")
    assert "returned" in alt or "raised" in alt or "not a function" in alt


@pytest.mark.parametrize(
    ("rates", "used"), [((2, 2, 2), 7), ((1, 2, 4), 15), ((1, 3, 9), 27), ((2, 4, 8), 15), ((), 1)]
)
def test_ways_and_holes(rates, used):
    assert len(ways(rates)) == 1 + 2 * sum(rates)
    assert ways(rates).sum() == 3 ** len(rates)
    assert holes(rates) == len(ways(rates)) - used
    assert ways(rates).tolist() == ways(rates[::-1]).tolist()


def test_the_trees_say_what_is_never_used():
    alt = show_trees({"twos": [2, 2, 2], "doubled": [1, 2, 4]}).alt
    assert "twos: a field of 13 pixels, 6 of them never used." in alt
    assert "doubled: a field of 15 pixels, every one used." in alt


def test_coverage_is_measured_with_the_learners_function():
    schedules = {"twos": [2, 2], "mixed": [1, 3]}
    alt = show_coverage(conv2d, schedules).alt
    assert "twos: 25 of the 81 pixels" in alt
    assert "mixed: 81 of the 81 pixels" in alt
    undilated = show_coverage(lambda x, w, b, s, p, d: conv2d(x, w, b, s, 1, 1), schedules).alt
    assert "twos: 25 of the 81" in undilated  # 5 × 5, all in one block: the picture shows what was computed
    for wrong in (lambda *_: None, lambda *_: 1 / 0, lambda x, *_: x[0]):
        assert "`conv2d`" in show_coverage(wrong, schedules).alt
