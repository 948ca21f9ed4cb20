"""Lesson 04, ready-made: softmax, cross-entropy, the dense layer, and a whole small network forwards."""

import numpy as np

from cnnlab.built.lesson_02 import conv2d
from cnnlab.built.lesson_03 import max_pool2d, relu


def softmax(logits):
    """Probabilities from logits (N, K), row by row; steady for numbers of any size."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def cross_entropy(logits, labels):
    """The mean over the batch of -log p[label], a float: logits (N, K), labels (N,) ints."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    picked = shifted[np.arange(len(labels)), labels]
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - picked))


def linear(x, weight, bias):
    """A dense layer: x (N, in), weight (out, in), bias (out,). Returns (N, out)."""
    return x @ weight.T + bias


def forward(params, x):
    """Logits of the small network: conv, ReLU, 2 × 2 max pool, flatten, dense.

    params: conv_weight (F, 1, kh, kw), conv_bias (F,), fc_weight (K, D), fc_bias (K,); x: (N, 1, H, W).
    Returns (N, K).
    """
    maps = max_pool2d(relu(conv2d(x, params["conv_weight"], params["conv_bias"])), 2)
    return linear(maps.reshape(len(x), -1), params["fc_weight"], params["fc_bias"])
