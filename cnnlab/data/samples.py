"""Pictures that lie beside this file: handwritten digits and two photographs (arrays/README.md says where from)."""

import functools
from pathlib import Path

import numpy as np

from cnnlab.data.resize import lanczos

ARRAYS = Path(__file__).with_name("arrays")
PHOTOGRAPHS = ("china", "flower")


def digits(split=None):
    """1,797 handwritten digits, 8 × 8 pixels each (E. Alpaydin, C. Kaynak 1998, as scikit-learn ships them).

    Returns images (N, 8, 8) float64 with values 0 (paper) to 16 (ink), labels (N,) int64 from 0 to 9.
    split: None for all, "train" (1,437) or "test" (360) for a fixed split with every digit in the same share.
    """
    if split not in (None, "train", "test"):
        raise ValueError(f'split is None, "train" or "test", not {split!r}.')
    with np.load(ARRAYS / "digits.npz") as stored:
        images, labels = stored["images"].astype(np.float64), stored["labels"].astype(np.int64)
        tests = np.isin(np.arange(len(labels)), stored["test"])
    chosen = slice(None) if split is None else tests == (split == "test")
    return images[chosen], labels[chosen]


def photograph(name="china", size=None, grey=False):
    """One of scikit-learn's two sample photographs, "china" (a temple) or "flower" (a dahlia), 427 × 640 pixels.

    size: (H, W), or one int for a square; the middle of the photograph is cut to that shape, then resized.
    Returns uint8, (H, W, 3), or (H, W) with grey=True (luminance, ITU-R BT.601).
    """
    if name not in PHOTOGRAPHS:
        raise ValueError(f"There is no photograph {name!r}; there are {', '.join(map(repr, PHOTOGRAPHS))}.")
    picture = _stored(name)
    if size is not None:
        height, width = image_size(size, at_least=1)
        scale = min(picture.shape[0] / height, picture.shape[1] / width)
        picture = lanczos(lanczos(picture, width, width * scale, axis=1), height, height * scale, axis=0)
    if not grey:
        return picture.copy()
    red, green, blue = np.moveaxis(picture.astype(np.uint32), -1, 0)
    return ((19595 * red + 38470 * green + 7471 * blue + (1 << 15)) >> 16).astype(np.uint8)  # 0.299, 0.587, 0.114


@functools.lru_cache(len(PHOTOGRAPHS))
def _stored(name):
    with np.load(ARRAYS / "photographs.npz") as stored:
        return stored[name]


def image_size(size, at_least):
    """(H, W) out of an int or a pair of ints; ValueError where a side is less than `at_least` pixels."""
    pair = (size, size) if np.isscalar(size) else tuple(size)
    if len(pair) != 2 or any(int(side) != side or side < at_least for side in pair):
        raise ValueError(f"size is an int or a pair (height, width) of at least {at_least} pixels, not {size!r}.")
    return int(pair[0]), int(pair[1])
