"""Plain data: what may pass between a learner's function and the check.

The same rule holds in the notebook and in the grading sandbox: None, booleans, numbers, short strings, arrays and
tensors of numbers, the course's layers, and lists, tuples and dicts of these. Everything else turns into a `Foreign`,
which remembers only what it was called, so a check can say "you returned a generator" and can be fooled by nothing.
"""

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnlab.layers import LAYERS

LONGEST_TEXT = 10_000
DEEPEST = 6
MOST_ITEMS = 10_000
LONGEST_BITS = 4_000  # Python refuses to print far longer ones
MOST_BYTES = 400_000_000  # no copy is made of more; np.zeros takes no memory until it is read
FEW_BYTES = 1 << 16
ITEM_BYTES = 512  # what an item of a list counts, whatever it is: to look at one costs as much as that many bytes
NUMERIC_KINDS = "biufc"
WIDER = "gG"  # long doubles, real and complex
TENSORS = ("bool", "int8", "int16", "int32", "int64", "uint8")  # those of whose kinds of numbers arrays are, too
TENSORS += ("float16", "float32", "float64", "complex64", "complex128")
# What plain data raise where they have another form than was thought: a claim of a worker's may have any.
OTHER_FORM = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


@dataclass(frozen=True)
class Foreign:
    """Something that is not plain data; `kind` is the name of its type."""

    kind: str


class _Room:
    """Bytes that are left."""

    def __init__(self, left: int):
        self.left = left

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise _TooLarge


class _TooLarge(Exception):
    """There is no room left."""


def plain(value: Any, room: int = MOST_BYTES) -> Any:
    """A copy of `value` in plain data; what is not plain, or weighs more than `room` (see `weight`), becomes `Foreign`.

    The built-in types' own methods are used, so that a subclass with others decides nothing.
    """
    try:
        return _copied(value, 0, _Room(room))
    except _TooLarge:
        return Foreign(_far_too_large(value))


def weight(value: Any) -> int:
    """How large plain data are, in bytes: arrays as they are once they are compared, in float64 or more."""
    if isinstance(value, np.ndarray):
        return ITEM_BYTES + max(value.nbytes, 8 * value.size)
    if is_tensor(value):
        return ITEM_BYTES + value.numel() * max(8, value.element_size())
    if isinstance(value, str):
        return ITEM_BYTES + len(value)
    if isinstance(value, dict):
        return ITEM_BYTES + sum(weight(key) + weight(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return ITEM_BYTES + sum(map(weight, value))
    return ITEM_BYTES + (value.bit_length() // 4 if isinstance(value, int) else 0)


def _far_too_large(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"array of shape {shape_text(value.shape)}, far too large"
    if is_tensor(value):
        return f"tensor of shape {shape_text(tuple(value.shape))}, far too large"
    return f"{type(value).__name__} that is far too large"


def _copied(value: Any, depth: int, room: _Room) -> Any:
    try:
        return _plain(value, depth, room)
    except _TooLarge:
        raise
    except Exception:  # an object whose every attribute may be a trap
        return Foreign(type(value).__name__)


def _plain(value: Any, depth: int, room: _Room) -> Any:
    room.take(ITEM_BYTES)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):  # NumPy's str_ too
        room.take(min(str.__len__(value), LONGEST_TEXT))
        return str.__getitem__(value, slice(LONGEST_TEXT))
    if isinstance(value, np.generic):
        return _no_wider(np.array(value)) if value.dtype.kind in NUMERIC_KINDS else Foreign(type(value).__name__)
    if isinstance(value, int):
        if int.bit_length(value) > LONGEST_BITS:
            return Foreign("number of more than a thousand digits")
        room.take(int.bit_length(value) // 4)
        return int.__index__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, np.ndarray):
        return _plain_array(value, room)
    if is_tensor(value):
        return _plain_tensor(value, room)
    if type(value) in LAYERS:
        return type(value)(**vars(value))
    if type(value) is Foreign:
        return value
    if depth < DEEPEST:
        if _length(value) > MOST_ITEMS:
            raise _TooLarge
        if isinstance(value, dict):
            pairs = [(k, v) for k, v in dict.items(value) if isinstance(k, str | int)]
            return {_copied(k, depth + 1, room): _copied(v, depth + 1, room) for k, v in pairs}
        if isinstance(value, tuple):
            return tuple(_copied(item, depth + 1, room) for item in tuple.__iter__(value))
        if isinstance(value, list):
            return [_copied(item, depth + 1, room) for item in list.__iter__(value)]
    return Foreign(type(value).__name__)


def _length(value: Any) -> int:
    kind = next((kind for kind in (dict, tuple, list) if isinstance(value, kind)), None)
    return 0 if kind is None else kind.__len__(value)


def _plain_array(array: np.ndarray, room: _Room) -> Any:
    if isinstance(array, np.ma.MaskedArray):
        return Foreign("masked array")
    if array.dtype.kind not in NUMERIC_KINDS:
        return Foreign(f"array of {'objects' if array.dtype.kind == 'O' else array.dtype}")
    room.take(max(array.nbytes, 8 * array.size))
    return _no_wider(np.array(array, order="K", subok=False))


def _no_wider(array: np.ndarray) -> np.ndarray:
    """A long double as a double: what it is depends on the machine."""
    return array.astype(array.dtype.char.replace("g", "d").replace("G", "D")) if array.dtype.char in WIDER else array


def _plain_tensor(tensor: Any, room: _Room) -> Any:
    room.take(tensor.numel() * max(8, tensor.element_size()))
    if str(tensor.layout) != "torch.strided" or tensor.is_quantized or tensor.is_nested:
        return Foreign("tensor that is sparse, nested or quantized")
    name = str(tensor.dtype).removeprefix("torch.")
    if name not in TENSORS:
        return Foreign(f"tensor of {name}")
    torch = sys.modules["torch"]
    with torch._C.DisableTorchFunctionSubclass():
        return tensor.detach().cpu().clone().as_subclass(torch.Tensor)


def is_tensor(value: Any) -> bool:
    """Is it a torch tensor? Answers without importing torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def of_kind(array: np.ndarray, other: Any) -> Any:
    """The array as a tensor where `other` is one."""
    return sys.modules["torch"].from_numpy(np.ascontiguousarray(array)) if is_tensor(other) else array


def same(a: Any, b: Any, rounding: float = 0.0) -> bool:
    """Are two pieces of plain data equal, type, shape and every bit of every number (NaN equals NaN)?

    rounding: how far numbers may lie apart, relative to the largest of their array; a product of matrices is not
    summed in the same order by every processor, nor with every number of threads.
    """
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray) or is_tensor(a):
        return a.dtype == b.dtype and a.shape == b.shape and _same_numbers(a, b, rounding)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(x, y, rounding) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key], rounding) for key in a)
    return a == b or (a != a and b != b) or (isinstance(a, float) and abs(a - b) <= rounding * max(abs(a), abs(b)))


def _same_numbers(a: Any, b: Any, rounding: float) -> bool:
    """For two arrays, or two tensors, of one shape and one type of numbers."""
    if not is_tensor(a) and a.nbytes < FEW_BYTES and a.tobytes() == b.tobytes():
        return True  # as most are
    equal = (a == b) | ((a != a) & (b != b))
    fractions = a.is_floating_point() if is_tensor(a) else a.dtype.kind == "f"
    if not rounding or not fractions or bool(equal.all()):
        return bool(equal.all())
    finite = abs(a)[abs(a) < np.inf]
    largest = finite.max() if len(finite) else 0.0
    with np.errstate(invalid="ignore"):  # infinity less infinity
        return bool((equal | (abs(a - b) <= rounding * largest)).all())


def as_float(value: Any) -> float:
    """A number as a float; infinity for an int that is beyond every float."""
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def describe(value: Any) -> str:
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
        digits = str(value)
        return f"the number {digits if len(digits) <= 60 else digits[:57] + '...'}"
    if type(value) in LAYERS:
        return repr(value)
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    return f"{_article(type(value).__name__)} {type(value).__name__}"


def shape_text(shape: tuple[int, ...]) -> str:
    """(3, 5) as "3 × 5"; () as "()"."""
    return " × ".join(str(side) for side in shape) if shape else "()"


def _article(word: str) -> str:
    return "an" if word[:1].lower() in "aeiou" else "a"
