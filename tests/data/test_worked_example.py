"""The worked examples: the course's own agrees with autograd in every number; the printed one is wrong in four."""

import numpy as np
import pytest

from cnnlab.data.worked_example import own_example, own_gradients, params_of, printed_example

torch = pytest.importorskip("torch")
F = torch.nn.functional
WRONG_IN_PRINT = {"maps", "relu", "dweight", "dfeatures"}


def recomputed(example):
    """Every step, and every gradient, by torch."""
    params = {k: torch.tensor(v, requires_grad=True) for k, v in params_of(example).items()}
    x = torch.tensor(example["image"], dtype=torch.float64)[None, None].requires_grad_()
    maps = F.conv2d(x, params["conv_weight"], params["conv_bias"])
    relu = F.relu(maps)
    pooled = F.max_pool2d(relu, example["pool"], example["pool_stride"])
    features, logits = pooled.flatten(1), None
    features.retain_grad()
    logits = F.linear(features, params["fc_weight"], params["fc_bias"])
    logits.retain_grad()
    loss = F.cross_entropy(logits, torch.tensor([example["label"]]))
    loss.backward()
    steps = {
        "maps": maps[0, 0], "relu": relu[0, 0], "pooled": pooled[0, 0], "features": features[0], "logits": logits[0],
        "p": logits.softmax(1)[0], "loss": loss, "dlogits": logits.grad[0], "dweight": params["fc_weight"].grad,
        "dfeatures": features.grad[0],
    }  # fmt: skip
    gradients = {"x": x.grad[0, 0], **{name: value.grad for name, value in params.items()}}
    return {k: v.detach().numpy() for k, v in steps.items()}, {k: v.numpy() for k, v in gradients.items()}


def agrees(stated, computed):
    return np.shape(stated) == np.shape(computed) and np.abs(stated - computed).max() < 6e-5


def test_every_number_of_the_own_example_is_autograds():
    steps, gradients = recomputed(own_example())
    assert list(own_example()["steps"]) == list(steps)
    assert all(agrees(stated, steps[name]) for name, stated in own_example()["steps"].items())
    assert own_gradients().keys() == gradients.keys()
    assert all(agrees(stated, gradients[name]) for name, stated in own_gradients().items())


def test_in_the_own_example_every_parameter_moves_and_no_winner_is_in_doubt():
    gradients = own_gradients()
    assert all((gradients[name] != 0).all() for name in gradients if name != "x")
    maps = own_example()["steps"]["maps"]
    assert (maps < 0).any()
    assert not (maps == 0).any()
    for window in own_example()["steps"]["relu"].reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4):
        assert (window == window.max()).sum() == 1


def test_the_printed_example_is_wrong_in_four_places():
    steps, _ = recomputed(printed_example())
    assert {n for n, stated in printed_example()["steps"].items() if not agrees(stated, steps[n])} == WRONG_IN_PRINT


def test_each_call_gives_a_fresh_example():
    own_example()["image"][0, 0] = 9
    assert own_example()["image"][0, 0] == 0
