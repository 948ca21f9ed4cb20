"""Logits that softmax and cross-entropy are tried with, tame ones and large ones."""

from __future__ import annotations

import numpy as np

from cnnlab.check.draw import floats, sliced, transposed


# fmt: off
def logits(rng: np.random.Generator) -> list[tuple[np.ndarray, str]]:
    """Logits (N, K) that no exp runs over with, and a word on them."""
    return [
        (np.array([[1.0, 3.0]]), "one picture, two classes"), (np.array([[0, 0], [0, 0]]), "all alike"),
        (floats(rng, 1, 3), "one picture"), (floats(rng, 2, 3), ""), (floats(rng, 3, 3), "as many pictures as classes"),
        (floats(rng, 5, 2), "more pictures than classes"),
        (rng.permutation(np.arange(-6, 6)).reshape(3, 4), "whole numbers"),
        (-np.abs(floats(rng, 3, 4)) - 1, "all below zero"), (floats(rng, 4, 3).astype(np.float32), "float32"),
        (transposed(rng, 3, 5), "a transposed array"), (sliced(rng, 2, 4), "a slice of a larger array"),
        (rng.uniform(-0.01, 0.01, (2, 3)), "nearly alike"),
        (np.array([[2.0, 2 + 1e-6, -1.0], [3.0, 0.5, 3 - 1e-6]]), "two that are nearly the largest"),
        (np.array([[9.0, -8.0, 0.5], [-9.0, 8.0, 12.0]]), "nearly sure"), (floats(rng, 3, 1), "a single class"),
        (floats(rng, 12, 10), "ten classes"), (floats(rng, 2, 3), "another batch of a size seen before"),
    ]


LARGE_LOGITS = [  # with labels, and a word on them
    (np.array([[1000.0, 0.0]]), [0], "a logit of 1000, and right"),
    (np.array([[0.0, 1000.0, -1000.0]]), [0], "a logit of 1000, and wrong"),
    (np.array([[-1000.0, -1001.0, -1002.0]]), [1], "all logits near −1000"),
    (np.array([[1000.0, 999.0, 1001.0], [1.0, 2.0, 0.5]]), [1, 2], "a tame row and a wild one"),
    (np.array([[1000.0, 999.0], [-1000.0, -1002.0]]), [1, 1], "each row has its own largest"),
    (np.array([[1000, -1000], [-1000, 1000], [0, 0]]), [1, 1, 0], "whole numbers"),
    (np.array([[100, 0, -100]], np.float32), [2], "float32, where exp ends at 88"),
    (np.array([[800.0, 800.0, 800.0, 0.0], [0.0, -750.0, -750.0, 1.0]]), [3, 1], "far from alike"),
    (np.array([[1000.0, 1000.0, 0.0], [999.5, 1000.0, 998.0], [-1000.0, -999.0, 1000.0]]), [2, 0, 1], ""),
]
# fmt: on
