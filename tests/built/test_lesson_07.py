"""Lesson 07, ready-made: shapes, parameters, and the way around a block."""

import pytest

pytest.importorskip("torch")

import numpy as np
import torch
from torch import nn

from cnnlab.built.lesson_07 import (
    Bottleneck,
    DepthwiseSeparable,
    ResidualBlock,
    batch_norm,
    conv_block,
    overlap_count,
    person_detector,
    transposed_conv2d,
)

rng = np.random.default_rng(0)


def parameters(module):
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(
    ("kernel", "stride", "side"), [(3, 1, (7, 10)), (1, 1, (7, 10)), (5, 2, (4, 5)), (3, 2, (4, 5))]
)
def test_a_conv_block_keeps_the_size_but_for_its_stride(kernel, stride, side):
    block = conv_block(2, 4, kernel, stride)
    assert block(torch.randn(3, 2, 7, 10)).shape == (3, 4, *side)
    assert parameters(block) == kernel * kernel * 2 * 4 + 2 * 4  # no bias


def test_a_conv_block_ends_with_relu():
    assert conv_block(2, 4)(torch.randn(3, 2, 5, 6)).min() == 0


@pytest.mark.parametrize(
    ("before", "after", "stride", "extra"), [(4, 4, 1, 0), (4, 6, 1, 36), (4, 4, 2, 24), (4, 8, 2, 48)]
)
def test_a_residual_block_projects_only_where_shapes_differ(before, after, stride, extra):
    block = ResidualBlock(before, after, stride)
    assert parameters(block) == 9 * after * (before + after) + 4 * after + extra
    size = -(-8 // stride)
    assert block(torch.randn(2, before, 8, 8)).shape == (2, after, size, size)


def test_a_residual_block_with_a_silent_branch_hands_its_input_on():
    block = ResidualBlock(3, 3).eval()
    torch.nn.init.zeros_(block.branch[-1].weight)
    x = torch.randn(2, 3, 5, 4)
    assert torch.equal(block(x), x.relu())


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_is_torchs(training):
    x, args = rng.normal(size=(3, 4, 5, 2)), rng.random((4, 4)) + 0.5
    gamma, beta, mean, var = args
    found = batch_norm(x, gamma, beta, mean, var, training, momentum=0.3, eps=0.01)
    kept = [torch.from_numpy(one.copy()) for one in (mean, var)]
    y = nn.functional.batch_norm(
        torch.from_numpy(x), *kept, *map(torch.from_numpy, (gamma, beta)), training, momentum=0.3, eps=0.01
    )
    for ours, theirs in zip(found, (y, *kept), strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-12)


@pytest.mark.parametrize("how", [{}, {"stride": 2}, {"stride": (2, 3), "padding": (1, 2)}])
def test_the_transposed_convolution_is_torchs(how):
    x, weight = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(3, 2, 4, 5))
    theirs = nn.functional.conv_transpose2d(torch.from_numpy(x), torch.from_numpy(weight), **how)
    np.testing.assert_allclose(transposed_conv2d(x, weight, **how), theirs.numpy(), atol=1e-12)


def test_stamps_of_ones_are_counted():
    ones = transposed_conv2d(np.ones((1, 1, 1, 4)), np.ones((1, 1, 1, 3)), stride=(1, 2))[0, 0, 0]
    assert overlap_count(3, 2, 4).tolist() == ones.tolist() == [1, 1, 2, 1, 2, 1, 2, 1, 1]


def test_blocks_have_the_parameters_that_the_lesson_counts():
    assert parameters(Bottleneck(256, 64)) == 70_400
    assert parameters(DepthwiseSeparable(256, 256)) == 67_840
    assert parameters(person_detector()) == 1_146_818


def test_blocks_keep_shapes():
    x = torch.randn(2, 6, 7, 9)
    assert Bottleneck(6, 2)(x).shape == (2, 6, 7, 9)
    assert DepthwiseSeparable(6, 4, 2)(x).shape == (2, 4, 4, 5)
    assert person_detector().eval()(torch.zeros(1, 3, 40, 56)).shape == (1, 2)
