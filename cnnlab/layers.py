"""The layers of lesson 06: small descriptions that hold sizes and compute nothing.

>>> [Conv(96, 11, stride=4), Pool(3, 2), Flatten(), Dense(1000)]
[Conv(96, 11, stride=4), Pool(3, 2), Flatten(), Dense(1000)]

Layers with equal sizes are equal, and none can be changed. `pair` reads a size that may differ for the two axes.
"""

from __future__ import annotations

import operator
from dataclasses import MISSING, dataclass, fields


@dataclass(frozen=True, repr=False)
class _Layer:
    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, self._size(field.name, getattr(self, field.name)))

    def _size(self, name: str, value: object) -> int:
        kind, least = type(self).__name__, 0 if name == "padding" else 1
        if isinstance(value, tuple | list):
            raise TypeError(f"{kind}: {name} is one whole number, for both axes, and got {value!r}")
        try:
            if isinstance(value, bool):
                raise TypeError
            size = operator.index(value)  # an int, or one of NumPy's
        except TypeError:
            raise TypeError(f"{kind}: {name} is a whole number (int), and got {value!r}") from None
        if size < least:
            raise ValueError(f"{kind}: {name} is at least {least}, and got {size}")
        return size

    def __repr__(self) -> str:
        words = []
        for field in fields(self):
            value = getattr(self, field.name)
            if field.default is MISSING:
                words.append(f"{value!r}")
            elif value != field.default:
                words.append(f"{field.name}={value!r}")
        return f"{type(self).__name__}({', '.join(words)})"


@dataclass(frozen=True, repr=False)
class Conv(_Layer):
    """A convolution with `out_channels` square kernels and a bias for each; padding of zeros on all four sides."""

    out_channels: int
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1


@dataclass(frozen=True, repr=False)
class Pool(_Layer):
    """A pooling layer with square windows, unpadded; a last window that does not fit is left out."""

    kernel: int
    stride: int


@dataclass(frozen=True, repr=False)
class Flatten(_Layer):
    """All numbers of all maps in one row: (C, H, W) becomes (C·H·W,)."""


@dataclass(frozen=True, repr=False)
class Dense(_Layer):
    """A dense (fully connected) layer: every output is joined to every input, and has a bias."""

    out_features: int


LAYERS = (Conv, Pool, Flatten, Dense)


def pair(value: object) -> tuple:
    """(height, width) of a kernel, stride, padding or dilation, which is one number for both axes, or two numbers.

    Raises ValueError where there are more or fewer than two.
    """
    try:
        height, width = value
    except TypeError:  # one number
        return value, value
    return height, width
