"""cross_correlate2d: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from cnnlab.check.exercise import Mistake, known

CROSS_CORRELATE2D: list[Mistake] = []


def _correlate(image, kernel):
    return np.einsum("ijuv,uv->ij", sliding_window_view(image, kernel.shape), kernel)


@known(
    CROSS_CORRELATE2D,
    "the kernel is flipped",
    "This is what comes out when the kernel is turned by 180° first. "
    "Cross-correlation lays it down as it is: kernel[u, v] meets image[i + u, j + v].",
)
def _(image, kernel):
    return _correlate(image, kernel[::-1, ::-1])


@known(
    CROSS_CORRELATE2D,
    "the kernel is flipped upside down",
    "The kernel's rows are met in reverse order. Row u of the kernel meets row i + u of the image.",
)
def _(image, kernel):
    return _correlate(image, kernel[::-1])


@known(
    CROSS_CORRELATE2D,
    "the kernel is mirrored left to right",
    "The kernel's columns are met in reverse order. Column v of the kernel meets column j + v of the image.",
)
def _(image, kernel):
    return _correlate(image, kernel[:, ::-1])


@known(
    CROSS_CORRELATE2D,
    "the kernel is transposed",
    "Rows and columns of the kernel are swapped. The first index is the row, in the kernel as in the image.",
)
def _(image, kernel):
    return _correlate(image, kernel.T)


@known(
    CROSS_CORRELATE2D,
    "the result is transposed",
    "The numbers are right, but rows and columns of the output are "
    "swapped. The output's row is the row where the kernel's top-left corner stands.",
)
def _(image, kernel):
    return _correlate(image, kernel).T


@known(
    CROSS_CORRELATE2D,
    "one stop too few",
    "The last row and column of the output are missing. A kernel of k fits "
    "in H places when H − k + 1 stops are counted: the first place counts too.",
)
def _(image, kernel):
    return _correlate(image, kernel)[:-1, :-1]


@known(
    CROSS_CORRELATE2D,
    "the last stops stay 0",
    "The output has the right shape, but its last row and column were "
    "never filled in. Does each loop run to H − kh + 1, the end not included?",
)
def _(image, kernel):
    out = _correlate(image, kernel)
    out[-1:, :] = 0
    out[:, -1:] = 0
    return out


@known(
    CROSS_CORRELATE2D,
    "the output is as large as the image",
    "This is 'same' convolution: zeros were put around "
    "the image. Here there is no padding; the kernel stays inside, so the output is smaller.",
)
def _(image, kernel):
    kh, kw = kernel.shape
    padded = np.pad(image, (((kh - 1) // 2, kh // 2), ((kw - 1) // 2, kw // 2)))
    return _correlate(padded, kernel)


@known(
    CROSS_CORRELATE2D,
    "the output array is as large as the image",
    "The stops are right, but they were written into "
    "an array of the image's own size. Make one of H − kh + 1 by W − kw + 1.",
)
def _(image, kernel):
    out = np.zeros(image.shape)
    found = _correlate(image, kernel)
    out[: found.shape[0], : found.shape[1]] = found
    return out


@known(
    CROSS_CORRELATE2D,
    "the kernel hangs over the border",
    "The kernel also stands where it covers only a corner of "
    "the image ('full' correlation). Let it stop only where it lies inside.",
)
def _(image, kernel):
    kh, kw = kernel.shape
    return _correlate(np.pad(image, ((kh - 1, kh - 1), (kw - 1, kw - 1))), kernel)


@known(
    CROSS_CORRELATE2D,
    "wraps round at the border",
    "Past the right and lower border the image begins again on the "
    "other side. np.roll and % do that; there must be no stop where the kernel sticks out.",
)
def _(image, kernel):
    kh, kw = kernel.shape
    return _correlate(np.pad(image, ((0, kh - 1), (0, kw - 1)), mode="wrap"), kernel)


@known(
    CROSS_CORRELATE2D,
    "the mean, not the sum",
    "Your numbers are too small by the number of weights: the products are averaged. Add them up.",
)
def _(image, kernel):
    return _correlate(image, kernel) / kernel.size


@known(
    CROSS_CORRELATE2D,
    "divided by the kernel's sum",
    "The result was divided by the sum of the weights. That makes "
    "sense for a blur; here the weighted sum stands as it is.",
)
def _(image, kernel):
    return _correlate(image, kernel) / (kernel.sum() or 1)


@known(
    CROSS_CORRELATE2D,
    "cut to whole numbers",
    "The fractions are gone. An output array made with the image's dtype "
    "(np.zeros_like, dtype=int) can not hold them: make it with np.zeros(shape).",
)
def _(image, kernel):
    return _correlate(image, kernel).astype(image.dtype)


@known(
    CROSS_CORRELATE2D,
    "always whole numbers",
    "The fractions are gone: somewhere the result becomes int. "
    "Make the output array with np.zeros(shape), which holds floats.",
)
def _(image, kernel):
    return _correlate(image, kernel).astype(int)


@known(
    CROSS_CORRELATE2D,
    "negative values become 0",
    "Negative sums were cut to 0. That is ReLU, a step of its own; here they belong to the answer.",
)
def _(image, kernel):
    return np.maximum(_correlate(image, kernel), 0)


@known(
    CROSS_CORRELATE2D,
    "the absolute value",
    "The signs are gone. A kernel that answers −3 has seen the opposite edge: keep the sign.",
)
def _(image, kernel):
    return np.abs(_correlate(image, kernel))


@known(
    CROSS_CORRELATE2D,
    "clipped to 0…255",
    "The result was clipped as if it were a picture. It is not one: it may be negative, and larger than 255.",
)
def _(image, kernel):
    return np.clip(_correlate(image, kernel), 0, 255)


@known(
    CROSS_CORRELATE2D,
    "the largest product, not the sum",
    "Each number is the largest of the products. All of them belong to the sum.",
)
def _(image, kernel):
    return (sliding_window_view(image, kernel.shape) * kernel).max((2, 3))


@known(
    CROSS_CORRELATE2D,
    "the first row of the kernel only",
    "Only the kernel's first row takes part. The sum runs over both u and v.",
)
def _(image, kernel):
    return np.einsum("ijv,v->ij", sliding_window_view(image, kernel.shape)[:, :, 0], kernel[0])


@known(
    CROSS_CORRELATE2D,
    "the patches do not overlap",
    "The kernel jumps by its own size. With stride 1 it moves one pixel at a time, so the patches overlap.",
)
def _(image, kernel):
    kh, kw = kernel.shape
    return _correlate(image, kernel)[::kh, ::kw]


@known(
    CROSS_CORRELATE2D, "every second stop", "Every second stop is missing: the kernel moves by 2. Here it moves by 1."
)
def _(image, kernel):
    return _correlate(image, kernel)[::2, ::2]


@known(
    CROSS_CORRELATE2D,
    "the row offset for both",
    "The kernel is laid on the wrong columns: the row's index is used "
    "for both directions. Look at the line that cuts out the patch: does the column slice begin at j?",
)
def _(image, kernel):
    (kh, kw), (height, width) = kernel.shape, image.shape
    out = np.zeros((height - kh + 1, width - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            start = min(i, width - kw)
            out[i, j] = np.sum(image[i : i + kh, start : start + kw] * kernel)
    return out


@known(
    CROSS_CORRELATE2D,
    "the column offset for both",
    "The kernel is laid on the wrong rows: the column's index is "
    "used for both directions. Look at the line that cuts out the patch: does the row slice begin at i?",
)
def _(image, kernel):
    (kh, kw), (height, width) = kernel.shape, image.shape
    out = np.zeros((height - kh + 1, width - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            start = min(j, height - kh)
            out[i, j] = np.sum(image[start : start + kh, j : j + kw] * kernel)
    return out


@known(
    CROSS_CORRELATE2D,
    "as if the kernel were square",
    "The kernel's height is used for its width as well. Take both from kernel.shape: kh, kw = kernel.shape.",
)
def _(image, kernel):
    k = kernel.shape[0]
    height, width = image.shape
    out = np.zeros((height - k + 1, width - k + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(image[i : i + k, j : j + k] * kernel)
    return out


@known(
    CROSS_CORRELATE2D,
    "as if the image were square",
    "The image's height is used for its width as well. Take both from image.shape: H, W = image.shape.",
)
def _(image, kernel):
    n, (kh, kw) = image.shape[0], kernel.shape
    out = np.zeros((n - kh + 1, n - kw + 1))
    for i in range(n - kh + 1):
        for j in range(n - kw + 1):
            out[i, j] = np.sum(image[i : i + kh, j : j + kw] * kernel)
    return out


@known(
    CROSS_CORRELATE2D,
    "height and width swapped in the output",
    "The output's rows are counted with the width and "
    "its columns with the height. Rows: H − kh + 1; columns: W − kw + 1.",
)
def _(image, kernel):
    (kh, kw), (height, width) = kernel.shape, image.shape
    out = np.zeros((width - kw + 1, height - kh + 1))
    for i in range(min(out.shape[0], height - kh + 1)):
        for j in range(min(out.shape[1], width - kw + 1)):
            out[i, j] = np.sum(image[i : i + kh, j : j + kw] * kernel)
    return out


@known(CROSS_CORRELATE2D, "only 3 × 3 kernels", "The size 3 is written into the code. Ask the kernel: kernel.shape.")
def _(image, kernel):
    out = np.zeros((image.shape[0] - 2, image.shape[1] - 2))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(image[i : i + 3, j : j + 3] * kernel)
    return out


@known(
    CROSS_CORRELATE2D,
    "the strides are guessed",
    "as_strided was told how far apart the pixels lie in memory, and a "
    "slice or a transposed array lies otherwise. Use image.strides, or sliding_window_view.",
)
def _(image, kernel):
    (kh, kw), (height, width), size = kernel.shape, image.shape, image.itemsize
    shape = (height - kh + 1, width - kw + 1, kh, kw)
    if not image.flags.c_contiguous and not image.flags.f_contiguous:
        return np.einsum("ijuv,uv->ij", sliding_window_view(image[::-1], (kh, kw)), kernel)  # never read foreign memory
    windows = as_strided(image, shape, (width * size, size, width * size, size), writeable=False)
    return np.einsum("ijuv,uv->ij", windows, kernel)


@known(
    CROSS_CORRELATE2D,
    "centres the image first",
    "The image's mean was taken off before the sum. Cross-correlation here takes the pixels as they are.",
)
def _(image, kernel):
    return _correlate(image - image.mean(), kernel)


@known(
    CROSS_CORRELATE2D,
    "writes into the image",
    "The result is written over the image that came in. Make an array of your own for it.",
)
def _(image, kernel):
    out = _correlate(image, kernel)
    image[: out.shape[0], : out.shape[1]] = out.astype(image.dtype)
    return out


@known(
    CROSS_CORRELATE2D,
    "flips the kernel in place, there and back",
    "The kernel that came in was turned in place and "
    "stays so. Work on kernel[::-1, ::-1], which leaves the kernel alone.",
)
def _(image, kernel):
    out = _correlate(image, kernel)
    kernel[:] = kernel[::-1, ::-1].copy()
    return out
