"""Plain data: what may pass between a learner's function and the check.

The same rule holds in the notebook and in the grading sandbox: None, booleans, numbers, short strings, arrays and
tensors of numbers, and lists, tuples and dicts of these. Everything else turns into a `Foreign`, which remembers only
what it was called, so a check can say "you returned a generator" and can be fooled by nothing.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

LONGEST_TEXT = 10_000
DEEPEST = 6
MOST_ITEMS = 10_000
LONGEST_BITS = 4_000  # Python refuses to print far longer ones
MOST_NUMBERS = 50_000_000  # no copy is made of more; np.zeros takes no memory until it is read
NUMERIC_KINDS = "biufc"


@dataclass(frozen=True)
class Foreign:
    """Something that is not plain data; `kind` is the name of its type."""

    kind: str


def plain(value: object, depth: int = 0) -> object:
    """A copy of `value` in plain data; what is not plain becomes `Foreign`."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):  # NumPy's str_ too
        return str(value[:LONGEST_TEXT])
    if isinstance(value, np.generic):
        return np.array(value) if value.dtype.kind in NUMERIC_KINDS else Foreign(type(value).__name__)
    if isinstance(value, int | float):
        if isinstance(value, int) and value.bit_length() > LONGEST_BITS:
            return Foreign("number of more than a thousand digits")
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, np.ndarray):
        return _plain_array(value)
    if is_tensor(value):
        return value.detach().cpu().clone()
    if isinstance(value, list | tuple | dict) and depth < DEEPEST and len(value) <= MOST_ITEMS:
        if isinstance(value, dict):
            return {plain(k, depth + 1): plain(v, depth + 1) for k, v in value.items() if isinstance(k, str | int)}
        items = [plain(item, depth + 1) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    return Foreign(type(value).__name__)


def _plain_array(array: np.ndarray) -> object:
    if isinstance(array, np.ma.MaskedArray):
        return Foreign("masked array")
    if array.dtype.kind not in NUMERIC_KINDS:
        return Foreign(f"array of {'objects' if array.dtype.kind == 'O' else array.dtype}")
    if array.size > MOST_NUMBERS:
        return Foreign(f"array of shape {shape_text(array.shape)}, far too large")
    return np.array(array, order="K", subok=False)


def is_tensor(value: object) -> bool:
    """Is it a torch tensor? Answers without importing torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def same(a: object, b: object) -> bool:
    """Are two pieces of plain data equal, type, shape and every bit of every number (NaN equals NaN)?"""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
    if is_tensor(a):
        return a.dtype == b.dtype and a.shape == b.shape and bool(((a == b) | ((a != a) & (b != b))).all())
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return a == b or (a != a and b != b)


def describe(value: object) -> str:
    """A value in a few words: "a list", "an array of shape 3 × 5", "None"."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, Foreign):
        return f"{_article(value.kind)} {value.kind}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {shape_text(value.shape)}" if value.ndim else f"the single number {value}"
    if is_tensor(value):
        return f"a torch tensor of shape {shape_text(tuple(value.shape))}"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    return f"{_article(type(value).__name__)} {type(value).__name__}"


def shape_text(shape: tuple[int, ...]) -> str:
    """(3, 5) as "3 × 5"; () as "()"."""
    return " × ".join(str(side) for side in shape) if shape else "()"


def _article(word: str) -> str:
    return "an" if word[:1].lower() in "aeiou" else "a"
