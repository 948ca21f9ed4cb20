"""The files of MNIST and CIFAR-10, checked and decoded; and the decoded arrays, kept for the next time.

Nothing is unpacked beside files that were found: a read-only folder is enough.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import pickle
import tarfile
import zipfile
from pathlib import Path

import numpy as np

from cnnlab.data.fetch import check_file
from cnnlab.data.sources import CIFAR10, MD5_UNPACKED, MNIST
from cnnlab.data.unavailable import Damaged
from cnnlab.files import whole_file
from cnnlab.places import CIFAR10_FILES

Arrays = dict[str, np.ndarray]  # train_images, train_labels, test_images, test_labels


def read_mnist(folder: Path) -> Arrays:
    """MNIST/raw in `folder`, packed (.gz) or not. Raises Damaged."""
    arrays = [_idx(_mnist_file(folder / "MNIST" / "raw", file)) for file in MNIST]
    names = ("train_images", "train_labels", "test_images", "test_labels")
    return {
        name: array.astype(np.int64 if "labels" in name else np.uint8)
        for name, array in zip(names, arrays, strict=True)
    }


def _mnist_file(raw: Path, packed) -> bytes:
    """The content, unpacked, of whichever form is whole; of the packed one's fault where neither is."""
    plain = raw / packed.name.removesuffix(".gz")
    if plain.is_file():
        try:
            return check_file(plain, MD5_UNPACKED[plain.name])
        except Damaged:
            if not (raw / packed.name).is_file():
                raise
    return gzip.decompress(check_file(raw / packed.name, packed.md5, packed.size))


def _idx(content: bytes) -> np.ndarray:
    """LeCun's IDX format: two zero bytes, a type (8: uint8), the number of axes, then their sizes, big-endian."""
    axes = content[3]
    shape = np.frombuffer(content, ">i4", axes, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


def read_cifar10(folder: Path) -> Arrays:
    """cifar-10-batches-py in `folder`, else the archive there. Raises Damaged."""
    unpacked = folder / "cifar-10-batches-py"
    if all((unpacked / name).is_file() for name in CIFAR10_FILES):
        contents = {name: check_file(unpacked / name, MD5_UNPACKED[name]) for name in CIFAR10_FILES}
    else:
        archive = io.BytesIO(check_file(folder / CIFAR10.name, CIFAR10.md5, CIFAR10.size))
        with tarfile.open(fileobj=archive, mode="r:gz") as tar:
            members = ((Path(member.name).name, member) for member in tar if member.isfile())
            contents = {name: tar.extractfile(member).read() for name, member in members if name in CIFAR10_FILES}
    # A pickle can run anything; these have been compared with the known checksums before they are opened.
    batches = [pickle.loads(contents[name], encoding="bytes") for name in CIFAR10_FILES]
    images = np.concatenate([batch[b"data"] for batch in batches]).reshape(-1, 3, 32, 32)
    labels = np.concatenate([np.asarray(batch[b"labels"], dtype=np.int64) for batch in batches])
    return {
        "train_images": images[:50_000],
        "train_labels": labels[:50_000],
        "test_images": images[50_000:],
        "test_labels": labels[50_000:],
    }


def recall(path: Path) -> Arrays | None:
    """The arrays that `remember` wrote; None where there are none, or where the file is broken (zip keeps CRCs)."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in ("train_images", "train_labels", "test_images", "test_labels")}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def remember(path: Path, arrays: Arrays) -> None:
    """Keep the arrays for the next time; where that cannot be, there is no harm."""
    with contextlib.suppress(OSError), whole_file(path) as file:
        np.savez(file, **arrays)
