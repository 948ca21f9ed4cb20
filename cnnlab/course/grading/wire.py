"""The wire between judge and worker: frames of plain data, in a format that can say nothing else.

A frame is 12 bytes, ``b"CNN1"`` and two big-endian uint32 (length of the header, length of the body), then the header,
JSON in UTF-8, then the body, the raw bytes of all arrays one after the other. In the header plain values stand as they
are and everything else is an object with a single key:

    {"t": [...]} tuple   {"l": [...]} list   {"d": [[key, value], ...]} dict   {"n": "nan"} a float that JSON lacks
    {"a": [dtype, shape, kind]} array: the next bytes of the body; kind "numpy" or "torch"
    {"a": [dtype, shape, kind, strides, offset, count]} the same, laid out so in the next `count` bytes, with what
                                                        lies between its numbers: from the judge alone
    {"r": 3} Ref   {"x": "generator"} Foreign   {"c": 0} callback of the judge's   {"y": [class, {size: value}]} layer

Nothing is unpickled, no name is looked up, every length is checked before memory is taken. The sandbox runs this same
file. What a reader can not accept is a WireError.
"""

import ctypes
import json
import math
import struct
import sys
from dataclasses import dataclass

import numpy as np

from cnnlab.check.plain import TENSORS, Foreign
from cnnlab.check.subject import Ref
from cnnlab.layers import LAYERS

MAGIC = b"CNN1"
HEAD = struct.Struct(">4sII")
MOST_HEADER = 1 << 20
MOST_BODY = 64 << 20
MOST_ITEMS = 20_000
DEEPEST = 12
LONGEST_TEXT = 200_000
KEYS = (str, int, bool)
SCALARS = (type(None), bool, int, float)
LARGEST_KEY = 1 << 53  # far larger ones can be chosen to fall into one place of a dict's table
DTYPES = frozenset({*TENSORS, "uint16", "uint32", "uint64"})


class WireError(ValueError):
    """Bytes, or a value, that the wire does not carry."""


@dataclass(frozen=True)
class Callback:
    """A function of the judge's, by number."""

    number: int


def encode(message, layouts=False):
    """A frame for `message`, a dict of plain data. `layouts` keeps how arrays lie in memory: a slice stays one.

    Raises WireError for what can not cross.
    """
    body = _Parts(layouts)
    header = json.dumps(_pack(message, body, 0), allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")
    size = sum(len(part) for part in body)
    if len(header) > MOST_HEADER or size > MOST_BODY:
        raise WireError(f"too large for a frame: {len(header)} + {size} bytes")
    return b"".join([HEAD.pack(MAGIC, len(header), size), header, *body])


def lengths(head, most=MOST_BODY):
    """The lengths of header and body from a frame's first 12 bytes; a body of more than `most` bytes is refused."""
    magic, header, body = HEAD.unpack(head)
    if magic != MAGIC or header > MOST_HEADER or body > min(most, MOST_BODY):
        raise WireError("not a frame, or one that is too large")
    return header, body


def decode(header, body, tensors=True, layouts=False):
    """The message of a frame. Raises WireError for anything that `encode` would not have written, for torch's tensors
    where the lesson has none, and for layouts unless they are wanted."""
    try:
        return _decode(header, body, tensors, layouts)
    except WireError:
        raise
    except (ValueError, TypeError, OverflowError, MemoryError, RecursionError) as error:
        raise WireError(f"not a message: {type(error).__name__}") from None


def _decode(header, body, tensors, layouts):
    try:
        tree = json.loads(header.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise WireError(f"the header is no JSON: {type(error).__name__}") from None
    reader = _Body(body, tensors, layouts)
    message = _unpack(tree, reader, 0)
    if not isinstance(message, dict) or not all(isinstance(key, str) for key in message):
        raise WireError("a message is a dict with names as keys")
    if reader.at != len(body):
        raise WireError("bytes are left over")
    return message


def _no_constant(word):
    raise ValueError(word)


def _pack(value, body, depth):
    if depth > DEEPEST:
        raise WireError("nested too deeply")
    if value is None or type(value) in (bool, int):
        if type(value) is int and value.bit_length() > 4096:
            raise WireError("the number is too long")
        return value
    if type(value) is float:
        return value if math.isfinite(value) else {"n": repr(value)}
    if type(value) is str:
        if len(value) > LONGEST_TEXT:
            raise WireError("the text is too long")
        return value
    if type(value) is np.ndarray:
        return _pack_array(value, body, "numpy")
    if type(value) is Ref:
        return {"r": value.number}
    if type(value) is Foreign:
        return {"x": str(value.kind)[:200]}
    if type(value) is Callback:
        return {"c": value.number}
    if type(value) in LAYERS:
        return {"y": [type(value).__name__, {name: _pack(v, body, depth + 1) for name, v in vars(value).items()}]}
    if type(value) in (tuple, list) and len(value) <= MOST_ITEMS:
        return {"t" if type(value) is tuple else "l": [_pack(item, body, depth + 1) for item in value]}
    if type(value) is dict and len(value) <= MOST_ITEMS:
        return {"d": [[_pack(k, body, depth + 1), _pack(v, body, depth + 1)] for k, v in value.items()]}
    torch = sys.modules.get("torch")
    if torch is not None and type(value) is torch.Tensor:
        return _pack_array(value.detach().cpu().resolve_conj().resolve_neg().contiguous().numpy(), body, "torch")
    raise WireError(f"a {type(value).__name__} can not cross")


def _pack_array(array, body, kind):
    name = array.dtype.name
    if name not in (DTYPES if kind == "numpy" else TENSORS) or array.ndim > 8:
        raise WireError(f"an array of {name} with {array.ndim} axes can not cross")
    if not body.layouts or kind == "torch" or array.flags.c_contiguous or not array.size:
        body.append(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes())
        return {"a": [name, list(array.shape), kind]}
    start, end = np.lib.array_utils.byte_bounds(array)
    body.append(ctypes.string_at(start, end - start))
    return {"a": [name, list(array.shape), kind, list(array.strides), array.ctypes.data - start, end - start]}


class _Parts(list):
    """The bytes of the arrays, collected in order."""

    def __init__(self, layouts):
        super().__init__()
        self.layouts = layouts


class _Body:
    """The bytes of the arrays, handed out in order."""

    def __init__(self, data, tensors, layouts):
        self.data = memoryview(data)
        self.tensors = tensors
        self.layouts = layouts
        self.at = 0
        self.items = 0

    def take(self, count):
        if count > len(self.data) - self.at:
            raise WireError("the body is too short")
        self.at += count
        return self.data[self.at - count : self.at]


def _unpack(tree, body, depth):
    body.items += 1
    if depth > DEEPEST or body.items > MOST_ITEMS * 4:
        raise WireError("nested too deeply, or too many items")
    if type(tree) in SCALARS:
        return tree
    if isinstance(tree, str):
        if len(tree) > LONGEST_TEXT:
            raise WireError("the text is too long")
        return tree.encode("utf-8", "replace").decode()  # half a surrogate pair is no character
    if not isinstance(tree, dict) or len(tree) != 1:
        raise WireError("not a tagged value")
    ((tag, inner),) = tree.items()
    if tag in ("t", "l") and isinstance(inner, list) and len(inner) <= MOST_ITEMS:
        items = [_unpack(item, body, depth + 1) for item in inner]
        return tuple(items) if tag == "t" else items
    if tag == "d" and isinstance(inner, list) and len(inner) <= MOST_ITEMS:
        return dict(_unpack_pair(pair, body, depth) for pair in inner)
    if tag == "a":
        return _unpack_array(inner, body)
    if tag == "n" and inner in ("nan", "inf", "-inf"):
        return float(inner)
    if tag == "r" and type(inner) is int and 0 <= inner < 10_000:
        return Ref(inner)
    if tag == "c" and body.layouts and type(inner) is int and 0 <= inner < 100:  # from the judge alone
        return Callback(inner)
    if tag == "x" and isinstance(inner, str) and len(inner) <= 200:
        return Foreign(inner)
    if tag == "y" and isinstance(inner, list) and len(inner) == 2 and isinstance(inner[0], str):
        name, sizes = inner
        kinds = {kind.__name__: kind for kind in LAYERS}
        if name in kinds and isinstance(sizes, dict) and all(type(size) is int for size in sizes.values()):
            return kinds[name](**sizes)  # raises where a size is missing, unknown or none
    raise WireError("not a tagged value")


def _unpack_pair(pair, body, depth):
    if type(pair) is not list or len(pair) != 2:
        raise WireError("a dict's items are pairs")
    key = _unpack(pair[0], body, depth + 1)
    if type(key) not in KEYS:
        raise WireError("a dict's keys are names or numbers")
    if isinstance(key, int) and abs(key) > LARGEST_KEY:
        raise WireError("a dict's key is too large")
    return key, _unpack(pair[1], body, depth + 1)


def _unpack_array(inner, body):
    if not isinstance(inner, list) or len(inner) != (6 if body.layouts and len(inner) == 6 else 3):
        raise WireError("an array is [dtype, shape, kind]")
    name, shape, kind = inner[:3]
    known = {"numpy": DTYPES, "torch": TENSORS}.get(kind if isinstance(kind, str) else "", ())
    if not isinstance(name, str) or name not in known or (kind == "torch" and not body.tensors):
        raise WireError("an array of an unknown dtype")
    if not isinstance(shape, list) or len(shape) > 8:
        raise WireError("an array's shape is a list of up to 8 sides")
    if not all(type(side) is int and 0 <= side <= MOST_BODY for side in shape):
        raise WireError("an array's sides are whole numbers")
    dtype = np.dtype(name).newbyteorder("<")
    if len(inner) == 6:
        strides, offset, count = inner[3:]  # raises where they do not fit
        return np.ndarray(shape, name, bytearray(body.take(count)), offset, tuple(strides))
    data = body.take(math.prod(shape) * dtype.itemsize)
    array = np.frombuffer(data, dtype).astype(np.dtype(name)).reshape(shape)
    if name == "bool":
        array = np.frombuffer(data, np.uint8).astype(bool).reshape(shape)  # no other byte than 0 and 1 is a bool
    if kind == "numpy":
        return array
    import torch

    return torch.from_numpy(array)
