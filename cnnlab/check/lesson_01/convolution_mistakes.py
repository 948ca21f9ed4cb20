"""convolve2d: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.check.exercise import Mistake, known

CONVOLVE2D: list[Mistake] = []


def _correlate(image, kernel):
    return np.einsum("ijuv,uv->ij", sliding_window_view(image, kernel.shape), kernel)


@known(
    CONVOLVE2D,
    "no flip",
    "This is cross-correlation still. The mathematician's convolution turns the kernel by "
    "180° first, top to bottom and left to right.",
)
def _(image, kernel):
    return _correlate(image, kernel)


@known(CONVOLVE2D, "flipped top to bottom only", "Only the rows are reversed. A turn by 180° reverses the columns too.")
def _(image, kernel):
    return _correlate(image, kernel[::-1])


@known(
    CONVOLVE2D, "mirrored left to right only", "Only the columns are reversed. A turn by 180° reverses the rows too."
)
def _(image, kernel):
    return _correlate(image, kernel[:, ::-1])


@known(
    CONVOLVE2D,
    "transposed, not turned",
    "The kernel is transposed: that mirrors it on its diagonal. Convolution reverses both axes: kernel[::-1, ::-1].",
)
def _(image, kernel):
    return _correlate(image, kernel.T)


@known(CONVOLVE2D, "turned by 90°", "np.rot90 turns by a quarter; two quarters are needed, or kernel[::-1, ::-1].")
def _(image, kernel):
    return _correlate(image, np.rot90(kernel))


@known(CONVOLVE2D, "transposed and turned", "The kernel is turned and transposed. Reversing both axes is enough.")
def _(image, kernel):
    return _correlate(image, kernel[::-1, ::-1].T)


@known(
    CONVOLVE2D,
    "the image is flipped too",
    "Both were turned, and two turns undo each other but for the order of the output. Turn the kernel alone.",
)
def _(image, kernel):
    return _correlate(image[::-1, ::-1], kernel[::-1, ::-1])


@known(
    CONVOLVE2D,
    "the image is flipped instead",
    "The image was turned. That gives convolution's numbers in reverse order; turn the kernel.",
)
def _(image, kernel):
    return _correlate(image[::-1, ::-1], kernel)


@known(
    CONVOLVE2D,
    "the sign is changed, not the order",
    "The weights were negated. Flipping changes their places, not their signs.",
)
def _(image, kernel):
    return _correlate(image, -kernel)


@known(
    CONVOLVE2D,
    "the kernel is turned in place",
    "The kernel that came in was turned and stays so: call it twice and "
    "the second answer is another. kernel[::-1, ::-1] leaves it alone.",
)
def _(image, kernel):
    kernel[:] = kernel[::-1, ::-1].copy()
    return _correlate(image, kernel)
