"""A result's dress: a NumPy scalar for a number, a list for an array, a tuple for a list. It hides no mistake."""

from typing import Any

import numpy as np

from cnnlab.check.plain import is_tensor

MOST_ITEMS = 1_000  # of a list that is looked at as an array


def undressed(value: Any, expected: Any) -> Any:
    """Plain data in the dress of what was expected, as far as that loses nothing: 0-d arrays become numbers (but for
    float32's, whose rounding is no fault), tuples lists, and nested lists of numbers an array where an array was
    expected. Values and kinds of numbers stay."""
    if isinstance(expected, np.ndarray) or is_tensor(expected):
        return _array(value)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value if value.dtype == np.float32 and isinstance(expected, float) else value.item()
    if isinstance(value, np.ndarray) and value.ndim == 1 and isinstance(expected, list | tuple):
        value = value[:MOST_ITEMS].tolist()
    if isinstance(value, list | tuple):
        like = list(expected) if isinstance(expected, list | tuple) and len(expected) == len(value) else []
        like += [None] * (len(value) - len(like))
        return [undressed(item, one) for item, one in zip(value, like, strict=True)]
    if isinstance(value, dict):
        of = expected if isinstance(expected, dict) else {}
        return {key: undressed(item, of.get(key)) for key, item in value.items()}
    if is_tensor(value) and value.ndim == 0:
        return value.item()
    return value


def _array(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return np.asarray(value) if abs(value) < 1e300 else value
    if isinstance(value, list | tuple) and 0 < len(value) <= MOST_ITEMS:
        try:
            found = np.asarray([_array(item) for item in value])
        except (ValueError, TypeError, OverflowError):  # rows of unequal length, or other things
            return value
        return found if found.dtype.kind in "biuf" else value
    return value
