"""Lesson 11, ready-made: the blocks' shapes, weights for Keras, and the miniatures that are made of them."""

import pytest

pytest.importorskip("torch")

import numpy as np
import torch
from torch import nn

from cnnlab import nhwc
from cnnlab.built.lesson_11 import (
    DenseBlock,
    InceptionBlock,
    InvertedResidual,
    gradient_norms,
    nchw_to_nhwc_weights,
    swap_head,
)
from cnnlab.miniatures import MINIATURES, deep, efficientnet
from cnnlab.trials import Task, cost, ending, fit


def test_the_blocks_keep_the_size_and_give_the_channels_that_they_say():
    x = torch.randn(2, 6, 7, 5)
    assert InceptionBlock(6, 3, (2, 4), (2, 5), 7)(x).shape == (2, 19, 7, 5)
    dense = DenseBlock(6, 3, 4)(x)
    assert dense.shape == (2, 18, 7, 5)
    assert torch.equal(dense[:, :6], x)  # the oldest first
    assert InvertedResidual(6, 8, 2, stride=2)(x).shape == (2, 8, 4, 3)


def test_an_inverted_residual_adds_its_input_only_where_the_shapes_are_the_same():
    x = torch.randn(2, 6, 7, 5)
    for given, adds in (((6, 6, 3), True), ((6, 6, 1), True), ((6, 7, 3), False), ((6, 6, 3, 2), False)):
        block = InvertedResidual(*given).eval()
        nn.init.zeros_(block.branch[-1].weight)
        out = block(x)
        assert torch.equal(out, x) if adds else not out.any()


def test_gradient_norms_of_one_convolution_by_hand():
    model = nn.Sequential(nn.Conv2d(1, 1, 2, bias=False), nn.Flatten(), nn.Linear(2, 2, bias=False))
    with torch.no_grad():
        model[0].weight.copy_(torch.zeros(1, 1, 2, 2))
        model[2].weight.copy_(torch.eye(2))
    x = torch.tensor([[[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0]]]])
    # both shares are ½, so the pull on the two outputs is (½, −½) for class 1: the patches' difference, halved
    difference = x[0, 0, :, :2] - x[0, 0, :, 1:]
    assert gradient_norms(model, x, torch.tensor([1])) == pytest.approx([difference.norm().item() / 2])
    assert model[0].weight.grad is None


def test_swap_head_keeps_the_original():
    model = MINIATURES[4].build(10)
    twin = swap_head(model, 3)
    assert twin[-1].weight.shape == (3, 32)
    assert [p.requires_grad for p in twin.parameters()][-3:] == [False, True, True]
    assert all(p.requires_grad for p in model.parameters())
    with pytest.raises(ValueError, match="Linear"):
        swap_head(nn.Conv2d(1, 1, 1), 3)


@pytest.mark.parametrize(("kernel", "stride", "padding", "groups"), [(3, 1, 1, 1), ((2, 3), 1, 0, 4), (5, 2, 1, 2)])
def test_a_convolution_channels_last_is_torchs(kernel, stride, padding, groups):
    conv, x = nn.Conv2d(4, 8, kernel, stride, padding, groups=groups), torch.randn(2, 4, 9, 10)
    weights = nchw_to_nhwc_weights({f"conv.{name}": value for name, value in conv.state_dict().items()})
    found = nhwc.conv2d(x.permute(0, 2, 3, 1).numpy(), weights["conv"], stride, padding, groups)
    np.testing.assert_allclose(found.transpose(0, 3, 1, 2), conv(x).detach().numpy(), atol=1e-5)


def test_batch_norm_and_pooling_channels_last_are_torchs():
    norm, x = nn.BatchNorm2d(3), torch.randn(2, 3, 5, 6)
    norm(x), norm.eval()
    weights = nchw_to_nhwc_weights({f"norm.{name}": value for name, value in norm.state_dict().items()})["norm"]
    last = x.permute(0, 2, 3, 1).numpy()
    found = nhwc.batch_normalization(last, weights, epsilon=1e-5).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(found, norm(x).detach().numpy(), atol=1e-5)
    pooled = nhwc.max_pool2d(last).transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(pooled, nn.functional.max_pool2d(x, 2).numpy())


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "sides"), [(16, 3, 2, (0, 1)), (15, 3, 2, (1, 1)), (8, 5, 1, (2, 2))]
)
def test_keras_same_puts_what_is_odd_behind(size, kernel, stride, sides):
    assert nhwc.same_padding(size, kernel, stride) == sides


@pytest.mark.parametrize("miniature", MINIATURES, ids=lambda one: one.name)
def test_every_miniature_gives_logits(miniature):
    model = miniature.build(7)
    assert model(torch.randn(2, 3, 32, 32)).shape == (2, 7)
    assert 9_000 < cost(model).parameters < 100_000


def test_the_dial_about_doubles_the_arithmetic_over_its_range():
    macs = [cost(efficientnet(10, dial)).macs for dial in range(4)]
    assert macs == sorted(macs)
    assert 1.7 < (macs[3] / macs[0]) ** (1 / 3) < 2.4


@pytest.mark.parametrize("residual", [False, True])
def test_a_deep_net_has_two_convolutions_for_each_block(residual):
    convs = [one for one in deep(3, residual).modules() if isinstance(one, nn.Conv2d)]
    assert len(convs) == 7


def test_a_cost_is_counted_by_hand_and_leaves_the_model_alone():
    model = nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.Flatten(), nn.Linear(4 * 4, 5)).train()
    what = cost(model, (3, 4, 4))
    assert (what.parameters, what.macs) == (108 + 85, 4 * 27 * 4 + 80)
    assert model.training
    assert not model[0]._forward_hooks


@pytest.mark.slow
def test_fit_learns_and_leaves_frozen_norms_alone():
    torch.manual_seed(0)
    x = torch.randn(40, 3, 8, 8)
    labels = (x.mean(dim=(1, 2, 3)) > 0).long()
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 2))
    before = model[1].running_mean.clone()
    losses = fit(model, x, labels, 20, size=10, frozen_norms=True)
    assert len(losses) == 80
    assert ending(losses) < losses[0]
    assert torch.equal(model[1].running_mean, before)


def test_few_pictures_of_each_class():
    labels = torch.tensor([0, 1, 1, 0, 0, 1])
    task = Task(torch.arange(6.0)[:, None], labels, (torch.zeros(1), torch.zeros(1)), ("a", "b"))
    images, found = task.few(2)
    assert found.tolist() == [0, 0, 1, 1]
    assert images.flatten().tolist() == [0, 3, 1, 2]
