"""Lesson 07, ready-made: shapes, parameters, and the way around a block."""

import pytest

pytest.importorskip("torch")

import torch

from cnnlab.built.lesson_07 import ResidualBlock, conv_block


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
