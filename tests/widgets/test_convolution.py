"""The explorer's numbers, without any widget."""

from html import unescape

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate2d

from cnnlab.widgets.choices import EXAMPLES, KERNELS, PICTURES, make
from cnnlab.widgets.convolution import Exploration, asked
from cnnlab.widgets.convolution_view import convolution_view, spoken


def correlate(image, kernel):
    return correlate2d(image, kernel, mode="valid")


FRAME = Exploration(make(PICTURES, "camera frame", 5), make(KERNELS, "vertical edge", 3))


def test_the_frame_and_the_edge_kernel_give_33_0_in_each_row():
    """Fact B4."""
    assert FRAME.image.tolist() == [[0, 0, 1, 1, 1]] * 5
    assert FRAME.kernel.tolist() == [[-1, 0, 1]] * 3
    assert FRAME.output.tolist() == [[3, 3, 0]] * 3


def test_the_patch_by_hand_gives_8():
    """Fact B3."""
    example = EXAMPLES["One patch, by hand"]
    state = Exploration(make(PICTURES, example.picture, 2), make(KERNELS, example.kernel, 2))
    assert state.products.tolist() == [[1, 12], [-5, 0]]
    assert state.output.tolist() == [[8]]
    assert "1·1 + 6·2" in convolution_view(state)


def test_the_diagonal_difference_of_a_picture_that_is_not_flat_can_be_0():
    """Facts B5 and E1."""
    state = Exploration(make(PICTURES, "a 4 × 4 picture", 4), make(KERNELS, "diagonal difference", 2))
    assert state.kernel.tolist() == [[1, 0], [0, -1]]
    assert state.output.tolist() == [[0] * 3] * 3


shapes = st.tuples(st.integers(1, 9), st.integers(1, 9))


@settings(max_examples=60, deadline=None)
@given(shapes, st.tuples(st.integers(1, 4), st.integers(1, 4)), st.integers(0, 3), st.integers(1, 4), st.integers(1, 3))
def test_a_plain_correlation_serves_every_setting(image, kernel, padding, stride, dilation):
    rng = np.random.default_rng([*image, *kernel, padding, stride, dilation])
    state = Exploration(rng.normal(size=image), rng.normal(size=kernel), padding, stride, dilation)
    state, _ = asked(state, correlate)
    if not state.fits:
        assert "does not fit" in convolution_view(state)
        return
    expected = np.zeros(state.output_shape)
    for i, j, u, v in np.ndindex(*expected.shape, *kernel):
        expected[i, j] += state.padded[i * stride + u * dilation, j * stride + v * dilation] * state.kernel[u, v]
    starts = [range(0, n + 2 * padding - dilation * (k - 1), stride) for n, k in zip(image, kernel, strict=True)]
    assert expected.shape == tuple(map(len, starts))
    np.testing.assert_allclose(state.output, expected, atol=1e-12)
    np.testing.assert_allclose(state.yours, expected, atol=1e-9)
    assert not state.wrong
    i, j = (int(k) for k in np.array(expected.shape) - 1)
    assert state.moved((i, j)).products.sum() == pytest.approx(expected[i, j])
    assert f'data-out="{i},{j}"' in convolution_view(state.moved((i, j)), "correlate")


def test_the_kernel_stays_on_the_grid():
    assert FRAME.moved((-1, 99)).at == (0, 2)
    assert FRAME.under((2, 2)).at == (1, 1)
    assert FRAME.under((0, 0)).at == (0, 0)
    assert Exploration(FRAME.image, FRAME.kernel, padding=1, stride=2).under((6, 6)).at == (2, 2)


def test_wrong_numbers_are_marked_and_the_true_ones_shown():
    state, _ = asked(FRAME.moved((0, 0)), lambda image, kernel: correlate(image, kernel[::-1, ::-1]))
    html = convolution_view(state, "mine")
    assert state.wrong == {(i, j) for i in range(3) for j in range(2)}
    assert html.count("true 3") == 6
    assert "6 of 9 numbers differ from the true ones (✗) by this exercise's definition" in unescape(html)
    assert "yours says −3" in html
    assert "mine says −3" in spoken(state, "mine")


@pytest.mark.parametrize(("padding", "at", "hatched"), [(0, (0, 0), 0), (1, (0, 0), 24 + 5), (1, (2, 2), 24)])
def test_padding_is_hatched_under_the_kernel_too_and_no_pixel_is(padding, at, hatched):
    state = Exploration(FRAME.image, FRAME.kernel, padding).moved(at)
    assert convolution_view(state).count("repeating-linear-gradient") == hatched


def test_right_numbers_are_said_to_be_right():
    state, _ = asked(FRAME, correlate)
    html = convolution_view(state, "mine")
    assert "all 9 numbers are right by this exercise's definition: patch times kernel" in unescape(html)
    assert "✗" not in convolution_view(state, "mine")


def not_written(image, kernel):
    raise NotImplementedError


def crashes(image, kernel):
    return image[99, 99]


def prints_and_forgets(image, kernel):
    print("hello")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (not_written, "not written yet"),
        (crashes, "IndexError"),
        (prints_and_forgets, "returned None"),
        (lambda image, kernel: image, "shape (5, 5)"),
        (lambda image, kernel: "<b>text</b>", "not an array"),
        (lambda image, kernel: [[1], [1, 2]], "not an array"),
        (lambda image, kernel: np.full((3, 3), 1j), "not an array"),
        (lambda image, kernel: np.full((3, 3), object()), "not an array"),
        (lambda image: image, "TypeError"),
        ("a string", ""),
    ],
)
def test_a_function_in_trouble_leaves_the_courses_own_numbers(function, words, capfd):
    state, endless = asked(FRAME, function)
    html = convolution_view(state, "mine")
    assert state.yours is None
    assert not endless
    assert words in state.says
    assert "Showing the course's own numbers until yours is written" in unescape(html)
    assert "<b>text" not in html
    assert capfd.readouterr() == ("", "")


def test_the_learners_function_cannot_change_the_explorers_picture():
    def spoils(image, kernel):
        answer = correlate(image, kernel)
        image[:] = 9
        kernel[:] = 9
        return answer

    state, _ = asked(FRAME, spoils)
    assert not state.wrong
    assert FRAME.image.max() == FRAME.kernel.max() == 1


def test_the_view_says_the_numbers_to_a_screen_reader():
    assert spoken(FRAME).startswith("Output row 0, column 0: 0 times −1 + 0 times 0 + 1 times 1")
    assert 'aria-label="Convolution explorer. Output row 0' in convolution_view(FRAME)


def test_the_outputs_size_is_worked_out():
    state = Exploration(np.zeros((7, 7), int), np.ones((3, 3), int), padding=1, stride=3, dilation=2)
    assert "⌊(7 + 2·1 − 5) / 3⌋ + 1 = <b>2</b>" in convolution_view(state)
    assert "spread over 2·(3 − 1) + 1 = 5" in convolution_view(state)
