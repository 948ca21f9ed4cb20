"""im2col and conv2d_im2col: patches as columns, and convolution as one matrix product."""

from __future__ import annotations

import numpy as np

from cnnlab.check.draw import floats, ints, large, pixels, sliced, transposed
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_01 import rare_mistakes as rare
from cnnlab.check.lesson_01.channels import conv_image
from cnnlab.check.lesson_01.columns_mistakes import CONV2D_IM2COL, IM2COL


def patches_as_columns(x: np.ndarray, kh: int, kw: int) -> np.ndarray:
    """x (N, C, H, W). Returns (N, C·kh·kw, H'·W'): for each row its channel and offset, for each column its corner."""
    _, channels, height, width = x.shape
    c, u, v = (index.reshape(-1, 1) for index in np.indices((channels, kh, kw)))
    i, j = (index.reshape(1, -1) for index in np.indices((height - kh + 1, width - kw + 1)))
    return x[:, c, i + u, j + v]


def conv_batch(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
    """x (N, C_in, H, W), weight (C_out, C_in, kh, kw), bias (C_out,) or None. Returns (N, C_out, H', W')."""
    return np.stack([conv_image(image, weight, bias) for image in x])


def _columns_of_one(rng: np.random.Generator) -> list[Case]:
    return [
        Case((ints(rng, 1, 1, 2, 2), 2, 2), note="one patch"),
        Case((np.arange(9).reshape(1, 1, 3, 3), 2, 2), note="four patches of the numbers 0 to 8"),
        Case((ints(rng, 1, 2, 2, 3), 2, 2), note="two channels"),
        Case((ints(rng, 1, 3, 3, 4), 1, 1), note="patches of one pixel"),
        Case((ints(rng, 1, 1, 4, 3), 1, 3)),
        Case((floats(rng, 1, 2, 4, 5), 2, 3)),
        Case((floats(rng, 1, 3, 5, 4), 3, 2)),
        Case((pixels(rng, 1, 3, 3, 5), 3, 2), note="bytes"),
        Case((floats(rng, 1, 2, 3, 3), 3, 3), note="the patch is the picture"),
        Case((ints(rng, 1, 2, 1, 4), 1, 2), note="a single row"),
        Case((ints(rng, 1, 2, 4, 1), 2, 1), note="a single column"),
        Case((ints(rng, 1, 2, 2, 3), 2, 2), note="another picture of a size seen before"),
        Case((large(rng, 1, 2, 3, 4), 2, 3), note="large numbers"),
        Case((floats(rng, 1, 10, 3, 4), 2, 2), note="ten channels"),
        Case((floats(rng, 1, 2, 11, 13), 5, 4), note="larger than the others"),
    ]


def _columns_of_batch(rng: np.random.Generator) -> list[Case]:
    return [
        Case((ints(rng, 2, 1, 2, 2), 2, 2), note="two pictures, a patch each"),
        Case((ints(rng, 2, 1, 2, 3), 2, 2)),
        Case((ints(rng, 2, 2, 3, 3), 2, 2), note="as many pictures as channels"),
        Case((ints(rng, 3, 2, 3, 4), 2, 3)),
        Case((floats(rng, 2, 3, 5, 4), 3, 2)),
        Case((floats(rng, 4, 2, 3, 5).astype(np.float32), 2, 2)),
        Case((transposed(rng, 2, 3, 4, 5), 2, 3), note="channels last in memory"),
        Case((sliced(rng, 2, 2, 4, 5), 3, 2), note="a slice of a larger array"),
        Case((ints(rng, 2, 2, 3, 3), 2, 2), note="other pictures of a size seen before"),
        Case((floats(rng, 2, 3, 3, 4), 1, 1), note="patches of one pixel"),
        Case((floats(rng, 2, 2, 3, 4), 1, 3), note="patches of one row"),
        Case((floats(rng, 2, 2, 3, 4), 3, 4), note="the patch is the picture"),
        Case((pixels(rng, 3, 2, 3, 5), 2, 3), note="bytes"),
        Case((floats(rng, 10, 2, 4, 3), 2, 1), note="ten pictures"),
        Case((floats(rng, 3, 2, 10, 12), 4, 3), note="larger than the others"),
    ]


im2col = Exercise(
    name="im2col",
    lesson="01_convolution",
    argument_names=("x", "kh", "kw"),
    oracle=patches_as_columns,
    parts=[
        Part(
            "one image",
            1,
            _columns_of_one,
            tests="15 single pictures, patches from 1 × 1 up to the whole",
            look="column 0 is the patch at the top left, read row by row, channel 0 first.",
        ),
        Part(
            "batch",
            1,
            _columns_of_batch,
            tests="15 batches of 2 to 10 pictures",
            look="im2col(x)[n] is what im2col gives for picture n alone.",
        ),
    ],
    mistakes=[*IM2COL, *rare.IM2COL],
)


def _conv_of_one(rng: np.random.Generator) -> list[Case]:
    return [
        Case((ints(rng, 1, 1, 2, 2), ints(rng, 1, 1, 2, 2), None), note="a single number comes out"),
        Case((ints(rng, 1, 1, 2, 3), ints(rng, 2, 1, 2, 2), ints(rng, 2)), note="as many filters as stops"),
        Case((ints(rng, 1, 2, 3, 3), ints(rng, 3, 2, 2, 2), None)),
        Case((ints(rng, 1, 2, 3, 5), floats(rng, 2, 2, 2, 3), floats(rng, 2)), note="whole numbers in, fractions out"),
        Case((floats(rng, 1, 3, 5, 3), floats(rng, 2, 3, 2, 2), floats(rng, 2))),
        Case((floats(rng, 1, 3, 4, 4), floats(rng, 4, 3, 1, 1), floats(rng, 4)), note="a 1 × 1 kernel"),
        Case((pixels(rng, 1, 3, 4, 5), floats(rng, 2, 3, 3, 2), None), note="a colour picture's bytes"),
        Case((pixels(rng, 1, 2, 3, 4), ints(rng, 2, 2, 2, 2), ints(rng, 2)), note="bytes, and a bias"),
        Case((ints(rng, 1, 2, 2, 3), ints(rng, 1, 2, 2, 2), ints(rng, 1)), note="one filter with a bias"),
        Case((ints(rng, 1, 2, 3, 3), ints(rng, 3, 2, 2, 2), None), note="another picture of a size seen before"),
        Case((ints(rng, 1, 2, 1, 4), ints(rng, 2, 2, 1, 2), ints(rng, 2)), note="a single row"),
        Case((ints(rng, 1, 2, 4, 1), ints(rng, 2, 2, 3, 1), ints(rng, 2)), note="a single column"),
        Case(
            (floats(rng, 1, 2, 3, 4), floats(rng, 3, 2, 3, 4), floats(rng, 3)), note="kernels as large as the picture"
        ),
        Case(
            (sliced(rng, 1, 2, 4, 5), transposed(rng, 3, 2, 2, 3), floats(rng, 3)), note="a slice, transposed filters"
        ),
        Case((floats(rng, 1, 2, 4, 3).astype(np.float32), floats(rng, 3, 2, 2, 2).astype(np.float32), floats(rng, 3))),
        Case((large(rng, 1, 2, 3, 4), ints(rng, 2, 2, 2, 2), large(rng, 2)), note="large numbers"),
        Case(
            (floats(rng, 1, 10, 3, 4), floats(rng, 12, 10, 2, 2), floats(rng, 12)), note="ten channels, twelve filters"
        ),
        Case((floats(rng, 1, 2, 13, 11), floats(rng, 2, 2, 4, 3), floats(rng, 2)), note="larger than the others"),
    ]


def _conv_of_batch(rng: np.random.Generator) -> list[Case]:
    return [
        Case((ints(rng, 2, 1, 2, 2), ints(rng, 1, 1, 2, 2), None)),
        Case((ints(rng, 2, 1, 2, 3), ints(rng, 3, 1, 2, 2), ints(rng, 3))),
        Case(
            (ints(rng, 2, 2, 3, 4), ints(rng, 2, 2, 2, 4), ints(rng, 2)), note="as many pictures, channels and filters"
        ),
        Case(
            (ints(rng, 3, 2, 4, 3), ints(rng, 3, 2, 3, 2), floats(rng, 3)), note="whole numbers, a bias with a fraction"
        ),
        Case((floats(rng, 3, 2, 4, 6), floats(rng, 4, 2, 3, 2), None)),
        Case((floats(rng, 2, 3, 5, 4).astype(np.float32), floats(rng, 2, 3, 2, 3).astype(np.float32), None)),
        Case((transposed(rng, 2, 3, 4, 5), floats(rng, 2, 3, 3, 2), floats(rng, 2)), note="channels last in memory"),
        Case((floats(rng, 4, 2, 6, 5), sliced(rng, 3, 2, 2, 2), floats(rng, 3)), note="the filters are a slice"),
        Case(
            (sliced(rng, 2, 2, 4, 5), transposed(rng, 3, 2, 2, 3), floats(rng, 3)), note="a slice, transposed filters"
        ),
        Case((ints(rng, 2, 1, 2, 3), ints(rng, 3, 1, 2, 2), ints(rng, 3)), note="other pictures of a size seen before"),
        Case((pixels(rng, 2, 3, 3, 4), floats(rng, 2, 3, 2, 2), floats(rng, 2)), note="colour pictures' bytes"),
        Case((floats(rng, 2, 3, 3, 4), floats(rng, 4, 3, 1, 1), floats(rng, 4)), note="1 × 1 kernels"),
        Case((floats(rng, 3, 2, 1, 5), floats(rng, 2, 2, 1, 3), floats(rng, 2)), note="a single row"),
        Case((floats(rng, 3, 2, 5, 1), floats(rng, 2, 2, 3, 1), floats(rng, 2)), note="a single column"),
        Case(
            (floats(rng, 2, 2, 3, 4), floats(rng, 3, 2, 3, 4), floats(rng, 3)), note="kernels as large as the picture"
        ),
        Case((floats(rng, 3, 2, 4, 5).astype(np.float32), floats(rng, 2, 2, 3, 2).astype(np.float32), floats(rng, 2))),
        Case((floats(rng, 10, 2, 4, 3), floats(rng, 9, 2, 2, 2), floats(rng, 9)), note="ten pictures, nine filters"),
        Case((floats(rng, 3, 2, 10, 12), floats(rng, 2, 2, 4, 3), floats(rng, 2)), note="larger than the others"),
    ]


conv2d_im2col = Exercise(
    name="conv2d_im2col",
    lesson="01_convolution",
    argument_names=("x", "weight", "bias"),
    oracle=conv_batch,
    parts=[
        Part(
            "one image",
            1,
            _conv_of_one,
            tests="18 single pictures, 1 to 12 filters, with and without bias",
            look="a filter becomes a row of C·kh·kw numbers in the same order as the rows of im2col.",
        ),
        Part(
            "batch",
            1,
            _conv_of_batch,
            tests="18 batches of 2 to 10 pictures",
            look="result[n] is what comes out for picture n alone; matmul takes a batch in its first axis.",
        ),
    ],
    mistakes=[*CONV2D_IM2COL, *rare.CONV2D_IM2COL],
)
