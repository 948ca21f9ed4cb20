"""Numbers for cases, as fractions are stored, whole ones too: there a slip of dtype costs nothing, so that it costs no
more than the one part in which whole numbers and fractions meet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cnnlab.check import draw


def _stored_as(kind: type, drawn: Callable) -> Callable:
    return lambda rng, *shape: drawn(rng, *shape).astype(kind)


whole = _stored_as(np.float64, draw.small)  # a case that can be redone on paper
great = _stored_as(np.float64, draw.large)  # too many digits for float16
single = _stored_as(np.float32, draw.floats)


def some_zeros(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Signed quarters, every third one or so 0."""
    return draw.with_zeros(rng, *shape) / 4
