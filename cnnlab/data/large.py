"""MNIST and CIFAR-10: found on this machine, else downloaded; whole, as NumPy arrays, in a blink."""

from __future__ import annotations

import numpy as np

from cnnlab import places
from cnnlab.data.fetch import fetch, one_at_a_time
from cnnlab.data.pictures import Pictures
from cnnlab.data.sources import CIFAR10, MNIST
from cnnlab.data.stored import read_cifar10, read_mnist, recall, remember
from cnnlab.data.unavailable import DataTrouble, NotHere
from cnnlab.data.unpack import unpack_cifar10, unpack_mnist
from cnnlab.rehearsal import rehearsed

MNIST_CLASSES = tuple("0123456789")
CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def mnist(download=True, fallback=False):
    """60,000 handwritten digits to learn from and 10,000 to test with, 28 × 28 (LeCun, Cortes, Burges 1998).

    Takes what was decoded before from your cache; else looks in $CNNLAB_DATA, then in the cache, else downloads 12 MB,
    once. Returns train, test: each has images uint8 (N, 28, 28), labels int64 (N,), and tensors(device) for torch.
    fallback: where MNIST cannot be had, go on with scikit-learn's digits in its place, saying so. Raises DataTrouble.
    """
    return _either(lambda: _load("MNIST", MNIST_CLASSES, read_mnist, _fetch_mnist, download), fallback, _digits)


def cifar10(download=True, fallback=False):
    """50,000 colour photographs of ten kinds to learn from and 10,000 to test with, 32 × 32 (Krizhevsky 2009).

    Takes what was decoded before from your cache; else looks in $CNNLAB_DATA, then in the cache, else downloads 170 MB,
    once. Returns train, test: each has images uint8 (N, 3, 32, 32), labels int64 (N,), and tensors(device) for torch.
    fallback: where CIFAR-10 cannot be had, go on with frames of the course's camera, saying so. Raises DataTrouble.
    """
    load = lambda: _load("CIFAR-10", CIFAR10_CLASSES, read_cifar10, _fetch_cifar10, download)  # noqa: E731
    return _either(load, fallback, _frames)


def _load(name, classes, read, fetch_to, download):
    kept = places.cache_folder() / "decoded" / f"{name.lower()}-1.npz"
    arrays = recall(kept)
    if arrays is None:
        folder = next((folder for folder in places.folders() if places.holds(folder, name)), None)
        if folder is None:
            folder = places.folder_to_write()
            if not download:
                looked = " nor in ".join(str(folder) for folder in places.folders())
                raise NotHere(f"{name} is not in {looked}.", "Leave out download=False to download it.")
            with one_at_a_time(folder, name):
                if not places.holds(folder, name):  # somebody else was quicker
                    fetch_to(folder)
        arrays = read(folder)
        remember(kept, arrays)
    parts = (Pictures(arrays[f"{part}_images"], arrays[f"{part}_labels"], classes, name) for part in ("train", "test"))
    return tuple(part[: rehearsed(len(part), 40)] for part in parts)


def _either(load, fallback, stand_in):
    try:
        return load()
    except DataTrouble as trouble:
        if not fallback:
            raise
        pictures, sentence = stand_in()
        print(f"{trouble}\n\n{sentence} Numbers and curves will differ from those in the text.")
        return pictures


def _fetch_mnist(folder):
    raw = folder / "MNIST" / "raw"
    for file in MNIST:
        if not (raw / file.name.removesuffix(".gz")).is_file():
            unpack_mnist(raw, fetch(file, raw))


def _fetch_cifar10(folder):
    unpack_cifar10(fetch(CIFAR10, folder))


def cifar10_or_digits():
    """CIFAR-10 where it is on this machine, else scikit-learn's digits in its form, saying so; nothing is downloaded.

    Returns train, test: images uint8 (N, 3, 32, 32), the digits in three equal channels, labels int64 (N,).
    """
    try:
        return cifar10(download=False)
    except DataTrouble:
        print("CIFAR-10 is not on this machine yet. Going on with scikit-learn's digits: your numbers will differ.")
    around = ((0, 0), (2, 2), (2, 2))
    return tuple(
        Pictures(np.stack([np.pad(part.images, around)] * 3, axis=1), part.labels, part.classes, part.name, True)
        for part in mnist_like_digits()
    )


def mnist_like_digits():
    """scikit-learn's digits as MNIST's, 20 × 20 in the middle of 28 × 28, 0 to 255: train, test."""
    return _digits()[0]


def _digits():
    """The same, with a sentence that says so."""
    from cnnlab.data.samples import digits

    stretch = np.array([np.interp((np.arange(20) + 0.5) * 8 / 20 - 0.5, np.arange(8), row) for row in np.eye(8)]).T
    parts = []
    for split in ("train", "test"):
        images, labels = digits(split)
        large = np.zeros((len(images), 28, 28), np.uint8)
        large[:, 4:24, 4:24] = np.rint(stretch @ images @ stretch.T * (255 / 16))
        parts.append(Pictures(large, labels, MNIST_CLASSES, "digits", stand_in=True))
    return tuple(parts), "Going on with scikit-learn's digits in MNIST's place: 1,437 to learn from, 360 to test with."


def _frames():
    from cnnlab.data.camera import camera_frames

    train, test = rehearsed(1500), rehearsed(500)
    images, labels = camera_frames(train + test, seed=9, size=32)
    images = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    every = Pictures(images, labels, ("nobody", "person"), "camera frames", stand_in=True)
    sentence = f"Going on with {train + test:,} frames of the camera in CIFAR-10's place: two classes, not ten."
    return (every[:train], every[train:]), sentence
