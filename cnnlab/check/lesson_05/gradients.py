"""The right gradients, in float64 and the slow, plain way; a test holds them against torch's autograd."""

from __future__ import annotations

import numpy as np

Pair = int | tuple[int, int]


def relu_gradient(dout: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, dout, 0)


def linear_gradients(dout: np.ndarray, x: np.ndarray, weight: np.ndarray) -> tuple:
    dout, x, weight = _floats(dout, x, weight)
    dx = np.stack([sum(d * row for d, row in zip(image, weight, strict=True)) for image in dout])
    dweight = sum(np.outer(d, image) for d, image in zip(dout, x, strict=True))
    return dx, dweight, dout.sum(axis=0)


def softmax(logits: np.ndarray) -> np.ndarray:
    (logits,) = _floats(logits)
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def softmax_cross_entropy_gradient(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    wanted = np.eye(logits.shape[1])[labels]
    return (softmax(logits) - wanted) / len(logits)


def max_pool_gradient(dout: np.ndarray, x: np.ndarray, kernel: Pair, stride: Pair | None = None) -> np.ndarray:
    dx = np.zeros(x.shape)
    for place, window in _windows(dout, kernel, stride):
        n, c = place[:2]
        patch = x[n, c][window]
        winner = np.unravel_index(patch.argmax(), patch.shape)  # the first, row by row
        dx[n, c][window][winner] += dout[place]
    return dx


def avg_pool_gradient(dout: np.ndarray, x: np.ndarray, kernel: Pair, stride: Pair | None = None) -> np.ndarray:
    dx = np.zeros(x.shape)
    for place, window in _windows(dout, kernel, stride):
        n, c = place[:2]
        share = dx[n, c][window]
        share += dout[place] / share.size
    return dx


def conv_gradients(
    dout: np.ndarray, x: np.ndarray, weight: np.ndarray, stride: Pair = 1, padding: Pair = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dx (N, C_in, H, W), dweight (C_out, C_in, kh, kw), dbias (C_out,): each output blames patch and kernel."""
    dout, x, weight = _floats(dout, x, weight)
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    (kh, kw), (height, width) = weight.shape[2:], x.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    for i, j in np.ndindex(*dout.shape[2:]):
        rows, columns = slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw)
        blame = dout[:, :, i, j]
        dpadded[:, :, rows, columns] += np.tensordot(blame, weight, axes=1)
        dweight += np.tensordot(blame, padded[:, :, rows, columns], axes=(0, 0))
    return dpadded[:, :, ph : ph + height, pw : pw + width], dweight, dout.sum(axis=(0, 2, 3))


def pair(value: Pair) -> tuple[int, int]:
    return (value, value) if np.ndim(value) == 0 else tuple(value)


def _windows(dout: np.ndarray, kernel: Pair, stride: Pair | None):
    (kh, kw), (sh, sw) = pair(kernel), pair(kernel if stride is None else stride)
    for place in np.ndindex(*dout.shape):
        i, j = place[2:]
        yield place, (slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw))


def _floats(*arrays: np.ndarray) -> list[np.ndarray]:
    return [np.asarray(array, dtype=np.float64) for array in arrays]
