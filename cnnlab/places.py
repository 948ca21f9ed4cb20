"""Where the large data sets may lie on this machine. Imports nothing heavy: the doctor asks here too."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

# Data set → ways in which it can be there, each a list of files below a folder (torchvision's layout).
MNIST_FILES = [f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
CIFAR10_FILES = [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]
LAYOUTS = {
    "MNIST": [[f"MNIST/raw/{name}" for name in MNIST_FILES], [f"MNIST/raw/{name}.gz" for name in MNIST_FILES]],
    "CIFAR-10": [[f"cifar-10-batches-py/{name}" for name in CIFAR10_FILES], ["cifar-10-python.tar.gz"]],
}


def chosen_folder() -> Path | None:
    """$CNNLAB_DATA, where it is set."""
    return Path(os.environ["CNNLAB_DATA"]).expanduser() if os.environ.get("CNNLAB_DATA") else None


def cache_folder() -> Path:
    """This user's cache of the course; it need not exist."""
    if importlib.util.find_spec("platformdirs"):
        import platformdirs

        return Path(platformdirs.user_cache_dir("cnnlab"))
    return Path.home() / ".cache" / "cnnlab"


def folders() -> list[Path]:
    """Where to look, in order: $CNNLAB_DATA, then the cache."""
    chosen = chosen_folder()
    return [*([chosen] if chosen else []), cache_folder()]


def holds(folder: Path, name: str) -> bool:
    """Are all files of "MNIST" or "CIFAR-10" there, in one of the ways? Says nothing about what is in them."""
    return any(all((folder / file).is_file() for file in files) for files in LAYOUTS[name])


def folder_to_write() -> Path:
    """Where a download goes: $CNNLAB_DATA where it is a folder that can be written, else the cache."""
    chosen = chosen_folder()
    return chosen if chosen and chosen.is_dir() and os.access(chosen, os.W_OK) else cache_folder()
