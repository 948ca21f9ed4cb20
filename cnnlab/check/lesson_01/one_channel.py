"""cross_correlate2d and convolve2d: one kernel over one picture."""

from __future__ import annotations

import numpy as np

from cnnlab.check.draw import floats, ints, large, pixels, sliced, transposed
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_01 import rare_mistakes as rare
from cnnlab.check.lesson_01.convolution_mistakes import CONVOLVE2D
from cnnlab.check.lesson_01.correlation_mistakes import CROSS_CORRELATE2D


def correlate(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Cross-correlation, one weight of the kernel after the other, in int64 for whole numbers and else in float64.

    image (H, W), kernel (kh, kw). Returns (H - kh + 1, W - kw + 1).
    """
    kh, kw = kernel.shape
    height, width = image.shape[0] - kh + 1, image.shape[1] - kw + 1
    wide = np.int64 if image.dtype.kind in "iu" and kernel.dtype.kind in "iu" else np.float64
    image, kernel = image.astype(wide), kernel.astype(wide)
    out = np.zeros((height, width), wide)
    for u in range(kh):
        for v in range(kw):
            out += kernel[u, v] * image[u : u + height, v : v + width]
    return out


def _by_hand() -> list[Case]:
    """Cases that can be redone on paper; the first two stand in the lesson."""
    frame = np.tile([0, 0, 1, 1, 1], (5, 1))
    return [
        Case((np.array([[1, 6], [5, 3]]), np.array([[1, 2], [-1, 0]])), note="one stop only"),
        Case((np.array([[3, 1, 2], [0, 2, 1], [4, 1, 5]]), np.array([[1, 2], [-1, 0]]))),
        Case((frame, np.tile([-1, 0, 1], (3, 1))), note="the 5 × 5 frame of the lesson"),
    ]


def _values(rng: np.random.Generator) -> list[Case]:
    return [
        *_by_hand(),
        Case((ints(rng, 3, 3), ints(rng, 1, 1)), note="a kernel of one weight"),
        Case((ints(rng, 3, 3), floats(rng, 2, 2)), note="whole numbers in, fractions out"),
        Case((floats(rng, 4, 4), floats(rng, 3, 3))),
        Case((pixels(rng, 5, 5).astype(np.int64), ints(rng, 3, 3)), note="sums far beyond 255, and negative"),
        Case((floats(rng, 4, 4), ints(rng, 2, 2)), note="fractions in, whole weights"),
        Case((large(rng, 4, 4), ints(rng, 3, 3)), note="large numbers"),
        Case((ints(rng, 6, 6), ints(rng, 4, 4))),
    ]


def _any_shape(rng: np.random.Generator) -> list[Case]:
    return [
        Case((ints(rng, 2, 3), ints(rng, 1, 2))),
        Case((ints(rng, 3, 2), ints(rng, 2, 1))),
        Case((ints(rng, 1, 5), ints(rng, 1, 3)), note="a single row"),
        Case((ints(rng, 5, 1), ints(rng, 4, 1)), note="a single column"),
        Case((ints(rng, 3, 4), ints(rng, 3, 4)), note="the kernel is as large as the image"),
        Case((ints(rng, 3, 5), ints(rng, 2, 3))),
        Case((floats(rng, 5, 3), floats(rng, 3, 2))),
        Case((floats(rng, 4, 6), floats(rng, 1, 3))),
        Case((pixels(rng, 4, 6), floats(rng, 2, 3)), note="bytes in, fractions out"),
        Case((pixels(rng, 5, 4), ints(rng, 3, 2)), note="bytes in, larger numbers out"),
        Case((floats(rng, 5, 7).astype(np.float32), floats(rng, 3, 2).astype(np.float32))),
        Case((transposed(rng, 5, 7), floats(rng, 2, 4)), note="a transposed array"),
        Case((sliced(rng, 6, 5), floats(rng, 3, 3)), note="a slice of a larger array"),
        Case((floats(rng, 6, 5), transposed(rng, 2, 3)), note="the kernel is a transposed array"),
        Case((ints(rng, 3, 5), ints(rng, 2, 3)), note="another picture of a size seen before"),
        Case((floats(rng, 9, 12), floats(rng, 5, 4))),
        Case((floats(rng, 19, 24), floats(rng, 6, 7)), note="larger than the others"),
    ]


cross_correlate2d = Exercise(
    name="cross_correlate2d",
    lesson="01_convolution",
    argument_names=("image", "kernel"),
    oracle=correlate,
    parts=[
        Part(
            "values",
            2,
            _values,
            tests="10 square pictures: sums by hand, signs, fractions",
            look="redo the smallest case above by hand, one product at a time, and compare.",
        ),
        Part(
            "any shape",
            2,
            _any_shape,
            tests="17 oblong pictures and kernels, bytes, float32, slices",
            look="somewhere a height stands where a width should, or a size is taken for granted.",
        ),
    ],
    mistakes=[*CROSS_CORRELATE2D, *rare.CROSS_CORRELATE2D],
)

convolve2d = Exercise(
    name="convolve2d",
    lesson="01_convolution",
    argument_names=("image", "kernel"),
    oracle=lambda image, kernel: correlate(image, kernel[::-1, ::-1]),
    parts=[
        Part(
            "values",
            1,
            lambda rng: [*_values(rng), *_any_shape(rng)],
            tests="27 pictures, square and oblong",
            look="turn the kernel on paper: the weight at the top left goes to the bottom right.",
        )
    ],
    mistakes=[*CONVOLVE2D, *rare.CONVOLVE2D],
)
