"""After a download: the files in the form that torchvision reads without asking the network."""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import tarfile
import tempfile
from pathlib import Path

from cnnlab.files import write_whole


def unpack_mnist(raw: Path, packed: Path) -> None:
    """The .gz file's content beside it. A full disk is no trouble: cnnlab reads the packed one."""
    plain = raw / packed.name.removesuffix(".gz")
    with contextlib.suppress(OSError):
        if not plain.exists():
            write_whole(plain, gzip.decompress(packed.read_bytes()))


def unpack_cifar10(archive: Path) -> None:
    """cifar-10-batches-py beside the archive, all of it or nothing; then the archive goes, for its 170 MB."""
    target = archive.parent / "cifar-10-batches-py"
    if target.exists():
        return
    with contextlib.suppress(OSError):
        beside = Path(tempfile.mkdtemp(dir=archive.parent, prefix=".cifar-10."))
        try:
            with tarfile.open(archive) as tar:
                careful = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # not before 3.11.4
                tar.extractall(beside, **careful)
            os.rename(beside / target.name, target)
            archive.unlink()
        finally:
            shutil.rmtree(beside, ignore_errors=True)
