"""What earlier lessons built, ready-made: torch computes the same."""

import numpy as np
import pytest

from cnnlab.built import lesson_01, lesson_02, lesson_03, lesson_04

torch = pytest.importorskip("torch")
F = torch.nn.functional
rng = np.random.default_rng(0)
X, WEIGHT, BIAS = rng.normal(size=(2, 3, 9, 7)), rng.normal(size=(4, 3, 3, 2)), rng.normal(size=4)


def same(ours, theirs):
    np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-12)


def t(array):
    return torch.from_numpy(np.ascontiguousarray(array))


def test_convolution_of_lesson_01():
    same(lesson_01.conv2d_im2col(X, WEIGHT, BIAS), F.conv2d(t(X), t(WEIGHT), t(BIAS)))
    same(lesson_01.cross_correlate2d(X[0, 0], WEIGHT[0, 0]), F.conv2d(t(X[:1, :1]), t(WEIGHT[:1, :1]))[0, 0])


@pytest.mark.parametrize("how", [{}, {"stride": 2}, {"padding": (2, 1), "stride": (1, 3)}, {"dilation": (3, 2)}])
def test_convolution_of_lesson_02(how):
    same(lesson_02.conv2d(X, WEIGHT, BIAS, **how), F.conv2d(t(X), t(WEIGHT), t(BIAS), **how))
    same(lesson_02.conv2d(X, WEIGHT, None, **how), F.conv2d(t(X), t(WEIGHT), None, **how))


def test_a_kernel_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        lesson_02.conv2d(X, WEIGHT, dilation=5)


@pytest.mark.parametrize("how", [{"kernel": 2}, {"kernel": (3, 2), "stride": (2, 1)}])
def test_pooling_of_lesson_03(how):
    theirs = {"kernel_size": how["kernel"], "stride": how.get("stride")}
    same(lesson_03.max_pool2d(X, **how), F.max_pool2d(t(X), **theirs))
    same(lesson_03.avg_pool2d(X, **how), F.avg_pool2d(t(X), **theirs))


def test_the_network_of_lesson_04():
    params = {"conv_weight": WEIGHT[:, :1], "conv_bias": BIAS, "fc_weight": rng.normal(size=(5, 36))}
    params["fc_bias"] = rng.normal(size=5)
    maps = F.max_pool2d(F.relu(F.conv2d(t(X[:, :1]), t(WEIGHT[:, :1]), t(BIAS))), 2).flatten(1)
    logits = lesson_04.forward(params, X[:, :1])
    same(logits, F.linear(maps, t(params["fc_weight"]), t(params["fc_bias"])))
    same(lesson_04.softmax(logits * 100), F.softmax(t(logits * 100), dim=1))
    labels = np.array([4, 1])
    expected = F.cross_entropy(t(logits * 100), t(labels)).item()
    assert lesson_04.cross_entropy(logits * 100, labels) == pytest.approx(expected, rel=1e-12)
