"""The pictures that come inside scikit-learn: handwritten digits and two photographs."""

import numpy as np

PHOTOGRAPHS = {"china": "china.jpg", "flower": "flower.jpg"}


def digits(split=None):
    """1,797 handwritten digits, 8 × 8 pixels each (E. Alpaydin, C. Kaynak 1998, as scikit-learn ships them).

    Returns images (N, 8, 8) float64 with values 0 (paper) to 16 (ink), labels (N,) int64 from 0 to 9.
    split: None for all, "train" (1,437) or "test" (360) for a fixed split with every digit in the same share.
    """
    from sklearn.datasets import load_digits

    if split not in (None, "train", "test"):
        raise ValueError(f'split is None, "train" or "test", not {split!r}.')
    bunch = load_digits()
    images, labels = bunch.images, bunch.target.astype(np.int64)
    if split is None:
        return images, labels

    from sklearn.model_selection import train_test_split

    chosen = train_test_split(np.arange(len(labels)), test_size=360, stratify=labels, random_state=0)
    chosen = np.sort(chosen[split == "test"])
    return images[chosen], labels[chosen]


def photograph(name="china", size=None, grey=False):
    """One of scikit-learn's two sample photographs, "china" (a temple) or "flower" (a dahlia), 427 × 640 pixels.

    size: (H, W), or one int for a square; the middle of the photograph is cut to that shape, then resized.
    Returns uint8, (H, W, 3), or (H, W) with grey=True (luminance, ITU-R BT.601).
    """
    from PIL import Image
    from sklearn.datasets import load_sample_image

    if name not in PHOTOGRAPHS:
        raise ValueError(f"There is no photograph {name!r}; there are {', '.join(map(repr, PHOTOGRAPHS))}.")
    picture = Image.fromarray(load_sample_image(PHOTOGRAPHS[name]))
    if size is not None:
        height, width = image_size(size, at_least=1)
        scale = min(picture.height / height, picture.width / width)
        top, left = (picture.height - height * scale) / 2, (picture.width - width * scale) / 2
        box = (left, top, left + width * scale, top + height * scale)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS, box=box)
    return np.array(picture.convert("L") if grey else picture)


def image_size(size, at_least):
    """(H, W) out of an int or a pair of ints; ValueError where a side is less than `at_least` pixels."""
    pair = (size, size) if np.isscalar(size) else tuple(size)
    if len(pair) != 2 or any(int(side) != side or side < at_least for side in pair):
        raise ValueError(f"size is an int or a pair (height, width) of at least {at_least} pixels, not {size!r}.")
    return int(pair[0]), int(pair[1])
