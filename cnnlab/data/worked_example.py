"""Two networks small enough for pencil and paper: one as it is often printed, slips and all, one of the course's own.

Both are dicts: image (H, W), kernel (kh, kw), bias, pool (the window's side), pool_stride, fc_weight (K, D), fc_bias
(K,), label, and steps, a dict in the order of computing: maps, relu, pooled, features (D,), logits (K,), p (K,), loss,
and on the way back dlogits (K,), dweight (K, D), dfeatures (D,). Fractions are rounded to four digits.
"""

import numpy as np

DIAGONAL = [[1, 0], [0, -1]]


def printed_example():
    """The 4 × 4 example as it goes round; what is printed for maps, relu, dweight and dfeatures is wrong."""
    return {
        "image": np.array([[1, 2, 1, 0], [0, 1, 2, 1], [1, 0, 1, 2], [2, 1, 0, 1]]),
        "kernel": np.array(DIAGONAL),
        "bias": 0,
        "pool": 2,
        "pool_stride": 1,
        "fc_weight": np.array([[0.1, 0.3, 0.5, 0.7], [0.2, 0.4, 0.6, 0.8]]),
        "fc_bias": np.array([0.1, 0.2]),
        "label": 0,
        "steps": {
            "maps": np.zeros((2, 2)),
            "relu": np.zeros((2, 2)),
            "pooled": np.zeros((2, 2)),
            "features": np.zeros(4),
            "logits": np.array([0.1, 0.2]),
            "p": np.array([0.4750, 0.5250]),
            "loss": 0.7444,
            "dlogits": np.array([-0.5250, 0.5250]),
            "dweight": np.zeros((2, 2)),
            "dfeatures": np.zeros(4),
        },
    }


def own_example():
    """The course's own: the same kernel on a picture that it answers to, and no number wrong. Class 1 is "a person"."""
    return {
        "image": np.array([[0, 0, 0, 3, 1], [0, 0, 2, 2, 1], [3, 3, 2, 2, 1], [1, 3, 0, 1, 2], [1, 3, 3, 3, 1]]),
        "kernel": np.array(DIAGONAL),
        "bias": 1,
        "pool": 2,
        "pool_stride": 2,
        "fc_weight": np.array([[0.1, -0.2, 0.1, 0.3], [0.2, 0.1, 0.3, -0.1]]),
        "fc_bias": np.array([0.1, 0.2]),
        "label": 1,
        "steps": {
            "maps": np.array([[1, -1, -1, 3], [-2, -1, 1, 2], [1, 4, 2, 1], [-1, 1, -2, 1]]),
            "relu": np.array([[1, 0, 0, 3], [0, 0, 1, 2], [1, 4, 2, 1], [0, 1, 0, 1]]),
            "pooled": np.array([[1, 3], [4, 2]]),
            "features": np.array([1, 3, 4, 2]),
            "logits": np.array([0.6, 1.7]),
            "p": np.array([0.2497, 0.7503]),
            "loss": 0.2873,
            "dlogits": np.array([0.2497, -0.2497]),
            "dweight": np.array([[0.2497, 0.7492, 0.9990, 0.4995], [-0.2497, -0.7492, -0.9990, -0.4995]]),
            "dfeatures": np.array([-0.0250, -0.0749, -0.0499, 0.0999]),
        },
    }


def own_gradients():
    """Every gradient of the own example's loss, four digits each, by the names of `params_of`, and x (H, W)."""
    steps = own_example()["steps"]
    return {
        "conv_weight": np.array([[[[-0.1748, 0.0250], [-0.2997, 0.0250]]]]),
        "conv_bias": np.array([-0.0499]),
        "fc_weight": steps["dweight"],
        "fc_bias": steps["dlogits"],
        "x": np.array([
            [-0.0250, 0, 0, -0.0749, 0],
            [0, 0.0250, 0, 0, 0.0749],
            [0, -0.0499, 0.0999, 0, 0],
            [0, 0, 0.0499, -0.0999, 0],
            [0, 0, 0, 0, 0],
        ]),
    }  # fmt: skip


def params_of(example):
    """The example's numbers as `forward` takes them: conv_weight (1, 1, kh, kw), conv_bias (1,), fc_weight, fc_bias."""
    return {
        "conv_weight": np.asarray(example["kernel"], dtype=float)[None, None],
        "conv_bias": np.array([example["bias"]], dtype=float),
        "fc_weight": np.array(example["fc_weight"]),
        "fc_bias": np.array(example["fc_bias"]),
    }
