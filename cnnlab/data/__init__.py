"""Pictures to learn from.

Always there, with no network: digits, photographs, and a small security camera. MNIST and CIFAR-10 (`mnist`, `cifar10`)
are found on this machine or downloaded; none is downloaded before lesson 08.
"""

from cnnlab.data.camera import camera_frame, camera_frames, tiny_frame
from cnnlab.data.samples import digits, photograph
from cnnlab.data.staff import staff_frames

__all__ = [
    "camera_frame",
    "camera_frames",
    "cifar10",
    "cifar10_or_digits",
    "digits",
    "mnist",
    "photograph",
    "staff_frames",
    "tiny_frame",
]


def __getattr__(name):
    if name in ("mnist", "cifar10", "cifar10_or_digits"):
        from cnnlab.data import large

        return getattr(large, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
