"""Wrong ways that several tables of this lesson have, and steps that such ways are made of."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnnlab.check.cases import Args


def up_to(array: np.ndarray, limit: int, axis: int) -> np.ndarray:
    """The array, 0 from place `limit` on along an axis."""
    kept = array.copy()
    np.moveaxis(kept, axis, 0)[limit:] = 0
    return kept


def as_it_lies(array: np.ndarray) -> np.ndarray:
    """What lies in memory from an array's first number to its last: others than it holds, where it is a slice."""
    here = array.__array_interface__["data"][0]
    count = (np.lib.array_utils.byte_bounds(array)[1] - here) // array.itemsize
    return np.resize(as_strided(array, (count,), (array.itemsize,), writeable=False), array.shape)


def leaving(result: np.ndarray, argument: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """A result, for which an argument was written over."""
    np.copyto(argument, changed.copy(), casting="unsafe")
    return result


def slid(x: np.ndarray, kernel: np.ndarray, size: Sequence = (), sides: Sequence = (), corner: Callable | None = None):
    """The loop over stops with another kernel size, other sides of the picture, or another corner for stop (i, j).

    x (…, H, W), kernel (…, kh, kw). Raises ValueError where a patch and the kernel do not fit each other.
    """
    (high, wide), (rows, columns) = size or kernel.shape[-2:], sides or x.shape[-2:]
    out = np.zeros((rows - high + 1, columns - wide + 1))
    for at in np.ndindex(*out.shape):
        top, left = np.minimum(corner(*at), (rows - high, columns - wide)) if corner else at
        out[at] = np.sum(x[..., top : top + high, left : left + wide] * kernel)
    return out


def plus(a: Args, maps: np.ndarray) -> np.ndarray:
    """The biases on maps (…, C_out, H', W') that were made without them."""
    return maps if a.bias is None else maps + a.bias[:, None, None]


def in_bytes(result: np.ndarray, image: np.ndarray) -> np.ndarray:
    """The result in bytes, if the image came in bytes: it begins again at 256, and has no fractions."""
    return result.astype(np.int64).astype(np.uint8) if image.dtype == np.uint8 else result


def with_bias(a: Args, of: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The right maps with other biases, where there are any."""
    return a.right(bias=None if a.bias is None else of(a.bias))


# fmt: off
SIZE = "A size is written into the code as a number. Read every size off the shapes of what comes in."
SQUEEZED = ("axes of length 1 are squeezed out", "Axes of length 1 are gone. Leave squeeze out: a result of one row, "
            "one map or one picture keeps all its axes.", lambda a: a.right().squeeze())
HALF_PRECISION = ("half precision", "float16 keeps about three digits and ends at 65504. Make the result with "
                  "np.zeros(...), which is float64.", lambda a: a.right().astype(np.float16))
BYTES = "The picture came as bytes, and so did what you made for the result: a byte holds no fractions, and past 255 " \
        "(or below 0) it begins again at the other end. Make the result with np.zeros(shape), and compute in floats."
AS_IT_LIES = ("x is read as it lies in memory", "Where x is a slice or transposed, its numbers lie in another order "
              "than its axes say. Take x.strides, or leave strides to NumPy.", lambda a: a.right(x=as_it_lies(a.x)))
ZERO_BIAS = ("no bias at all where one of them is 0", "0 counts as False, and so one bias of 0 switches all of them "
             "off. Ask whether there is a bias at all: `bias is not None`.",
             lambda a: a.right(bias=a.bias if a.bias is not None and np.all(a.bias) else None))
