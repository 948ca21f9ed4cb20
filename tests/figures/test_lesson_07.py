"""Lesson 07's pictures: what they say, and that they stay calm."""

import numpy as np
import pytest

pytest.importorskip("torch")

from cnnlab.built import lesson_07
from cnnlab.figures import (
    show_checkerboard,
    show_costs,
    show_layer_norms,
    show_losses,
    show_normalised,
    show_overlaps,
    time_blocks,
)
from cnnlab.figures.upsampling import smoothly, stamped, stamps_of, texture

GREY = np.full((10, 12), 0.5)
BATCH = np.random.default_rng(0).normal(2, 3, (4, 3, 5, 6))


def unwritten(*args):
    raise NotImplementedError


@pytest.mark.parametrize("function", [unwritten, lambda *a: None, lambda *a: "x", lambda *a: np.zeros(0), lambda: 1, 7])
@pytest.mark.slow
def test_what_is_no_answer_gives_a_calm_picture(function):
    pictures = [
        show_normalised(function, BATCH, np.ones(3), np.zeros(3)),
        show_overlaps(function),
        show_checkerboard(function, GREY),
    ]
    for picture in pictures:
        assert function is not unwritten or picture.png()
    assert "nothing yet" in pictures[0].alt
    assert stamps_of(function, 3, 2, 4)[0].says


def test_batch_norm_is_shown_by_its_means():
    alt = show_normalised(lesson_07.batch_norm, BATCH, np.ones(3), np.array([5.0, 0, 0])).alt
    assert "after, in train mode, mean and deviation of each: 5.0 ± 1.0" in alt


def test_wrong_counts_are_marked():
    found, endless = stamps_of(lambda kernel, stride, size: np.ones((size - 1) * stride + kernel), 3, 2, 3)
    assert found.wrong == (2, 4)
    assert not endless
    assert "Wrong in 2 places" in show_overlaps(lambda k, s, n: np.ones((n - 1) * s + k), [(3, 2)], 3).alt
    assert stamps_of(lambda *a: [1, 1], 2, 2, 2)[0].wrong == (2, 3)


def test_only_an_uneven_kernel_leaves_a_checkerboard():
    boards = {k: texture(stamped(lesson_07.transposed_conv2d, GREY, k, 2)[0]) for k in (2, 3, 4)}
    assert boards[2] == boards[4] == texture(smoothly(GREY, 2)) == "a pixel is 0% off the mean of its two neighbours"
    assert boards[3] == "a pixel is 68% off the mean of its two neighbours"


def test_bilinear_keeps_the_brightness():
    assert np.allclose(smoothly(GREY, 3), 0.5)
    assert smoothly(GREY, 3).shape == (30, 36)


def test_norms_and_losses_are_said():
    assert "plain, 1e-03 at layer 1 and 1e+00 at layer 2" in show_layer_norms({"plain": [1e-3, 1.0]}).alt
    alt = show_losses({"a": [3.0] * 5 + [1.0] * 10}, guess=2.3).alt
    assert "a ends at 1.00" in alt
    assert "Guessing gives 2.30" in alt


def test_costs_are_told_against_the_first():
    alt = show_costs({"plain": {"weights": 90, "ms": 3.0}, "thin": {"weights": 10, "ms": 2.0}}).alt
    assert "weights, thin: 9.0 times less" in alt
    assert "ms, thin: 1.5 times less" in alt


def test_blocks_are_timed_without_gradients_and_in_turn():
    import torch

    calls = []

    class Watched(torch.nn.Module):
        def __init__(self, name):
            super().__init__()
            self.name = name

        def forward(self, x):
            calls.append((self.name, torch.is_grad_enabled(), self.training))
            return x

    times = time_blocks({"a": Watched("a"), "b": Watched("b")}, torch.zeros(1), rounds=2)
    assert list(times) == ["a", "b"]
    assert [name for name, *_ in calls] == ["a", "b"] * 3
    assert not any(grad or training for _, grad, training in calls)
