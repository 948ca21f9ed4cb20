"""Pictures that are always there, with no network: digits, photographs, and a small security camera.

MNIST and CIFAR-10 are not needed before lesson 08.
"""

from cnnlab.data.camera import camera_frame, camera_frames, tiny_frame
from cnnlab.data.samples import digits, photograph

__all__ = ["camera_frame", "camera_frames", "digits", "photograph", "tiny_frame"]
