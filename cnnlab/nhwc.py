"""Keras' layers in NumPy, channels last: what its Conv2D, BatchNormalization and Dense compute, for where it is not
installed. Weights are those that a layer's `set_weights` takes."""

from __future__ import annotations

from typing import Any

import numpy as np

EPSILON = 1e-3  # Keras' default in BatchNormalization; torch's is 1e-5


def conv2d(x: np.ndarray, weights: list[np.ndarray], stride: int = 1, padding: Any = "valid", groups: int = 1):
    """Conv2D(filters, kernel, strides, padding, groups). x: (N, H, W, C); weights: kernel (kh, kw, C/groups, F), and a
    bias (F,) or none. padding: "valid", "same", or pixels on every side (a ZeroPadding2D before it). Returns
    (N, H', W', F)."""
    kernel, *bias = weights
    kh, kw, _, filters = kernel.shape
    sides = [same_padding(n, k, stride) for n, k in zip(x.shape[1:3], (kh, kw), strict=True)]
    if padding != "same":
        sides = [(0, 0) if padding == "valid" else (padding, padding)] * 2
    padded = np.pad(x, [(0, 0), *sides, (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), (1, 2))[:, ::stride, ::stride]
    apart = windows.reshape(*windows.shape[:3], groups, -1, kh, kw)
    maps = np.einsum("nijgcuv,uvcgf->nijgf", apart, kernel.reshape(kh, kw, -1, groups, filters // groups))
    found = maps.reshape(*maps.shape[:3], filters)
    return found + bias[0] if bias else found


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """How many zeros "same" puts before and after: where their number is odd, one more after."""
    total = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    return total // 2, total - total // 2


def batch_normalization(x: np.ndarray, weights: list[np.ndarray], epsilon: float = EPSILON) -> np.ndarray:
    """BatchNormalization, not in training. weights: gamma, beta, moving_mean, moving_variance, each (C,)."""
    gamma, beta, mean, variance = weights
    return (x - mean) / np.sqrt(variance + epsilon) * gamma + beta


def max_pool2d(x: np.ndarray, size: int = 2) -> np.ndarray:
    """MaxPooling2D(size), whole windows only. x: (N, H, W, C)."""
    n, height, width, channels = x.shape
    cut = x[:, : height // size * size, : width // size * size]
    return cut.reshape(n, height // size, size, width // size, size, channels).max(axis=(2, 4))


def dense(x: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    """Dense(units). x: (N, in); weights: (in, units), and a bias (units,) or none."""
    kernel, *bias = weights
    return x @ kernel + (bias[0] if bias else 0)
