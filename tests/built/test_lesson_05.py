"""Lesson 05, ready-made: its own checks pass it, and torch's autograd agrees."""

import numpy as np
import pytest

from cnnlab import check
from cnnlab.built import lesson_04, lesson_05
from cnnlab.check.subject import NotebookSubject

rng = np.random.default_rng(0)


@pytest.mark.parametrize("exercise", check.exercises("05"), ids=lambda e: e.name)
def test_its_own_check_passes_it(exercise):
    for part in exercise.parts:
        assert exercise.run(part, NotebookSubject(getattr(lesson_05, exercise.name))).passed


def test_a_step_downhill_lowers_the_loss():
    params = {"conv_weight": rng.normal(size=(2, 1, 3, 3)), "conv_bias": rng.normal(size=2)}
    params |= {"fc_weight": rng.normal(size=(3, 8)), "fc_bias": rng.normal(size=3)}
    x, labels = rng.normal(size=(5, 1, 6, 6)), np.array([0, 2, 1, 1, 0])
    before, new = lesson_05.train_step(params, x, labels, 0.01)
    assert before == lesson_04.cross_entropy(lesson_04.forward(params, x), labels)
    assert lesson_04.cross_entropy(lesson_04.forward(new, x), labels) < before


def test_float32_stays_float32():
    x, weight = rng.normal(size=(2, 3, 6, 5)).astype(np.float32), rng.normal(size=(4, 3, 3, 2)).astype(np.float32)
    dout = rng.normal(size=(2, 4, 3, 3)).astype(np.float32)
    kinds = {one.dtype for one in lesson_05.conv2d_backward(dout, x, weight, stride=2, padding=1)}
    assert kinds == {np.dtype(np.float32)}


@pytest.mark.slow
@pytest.mark.parametrize("how", [{}, {"stride": 2}, {"padding": (2, 1), "stride": (1, 3)}])
def test_torch_computes_the_same(how):
    torch = pytest.importorskip("torch")
    x, weight, bias = (
        torch.randn(*s, dtype=torch.float64, requires_grad=True) for s in ((2, 3, 7, 6), (4, 3, 3, 2), (4,))
    )
    out = torch.nn.functional.conv2d(x, weight, bias, **how)
    dout = torch.randn(*out.shape, dtype=torch.float64)
    out.backward(dout)
    ours = lesson_05.conv2d_backward(dout.numpy(), x.detach().numpy(), weight.detach().numpy(), **how)
    for one, theirs in zip(ours, (x, weight, bias), strict=True):
        np.testing.assert_allclose(one, theirs.grad.numpy(), atol=1e-12)
