"""cross_correlate2d: one kernel over one picture."""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints, large, pixels, sliced, small, transposed, with_zeros
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_01 import wrong_ways as ways


def correlate(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Cross-correlation, one weight of the kernel after the other, in int64 for whole numbers and else in float64.

    image (H, W), kernel (kh, kw). Returns (H - kh + 1, W - kw + 1). Raises ValueError where that is negative.
    """
    (kh, kw), whole = kernel.shape, image.dtype.kind in "iu" and kernel.dtype.kind in "iu"
    height, width = image.shape[0] - kh + 1, image.shape[1] - kw + 1
    out = np.zeros((height, width), np.int64 if whole else np.float64)
    image, kernel = image.astype(out.dtype), kernel.astype(out.dtype)
    for u in range(kh):
        for v in range(kw):
            out += kernel[u, v] * image[u : u + height, v : v + width]
    return out


def of_kind(kind: type, draw: Callable = floats) -> Callable:
    """A draw whose numbers are of another dtype."""
    return lambda rng, *shape: draw(rng, *shape).astype(kind)


# fmt: off
def square_pictures(rng: np.random.Generator) -> list[Case]:
    """The first three can be redone by hand; they stand in the lesson."""
    def case(side, k, note="", draw=floats, like=None):
        return Case((draw(rng, side, side), (like or draw)(rng, k, k)), note=note)

    return [
        Case((np.array([[3, 1, 2], [0, 2, 1], [4, 1, 5]]), np.array([[1, 2], [-1, 0]]))),
        Case((np.array([[1, 6], [5, 3]]), np.array([[1, 2], [-1, 0]])), note="one stop only"),
        Case((np.tile([0, 0, 1, 1, 1], (5, 1)), np.tile([-1, 0, 1], (3, 1))), note="the 5 × 5 frame of the lesson"),
        case(3, 1, "a kernel of one weight", ints), case(3, 2, "whole numbers in, fractions out", ints, floats),
        Case((pixels(rng, 5, 5).astype(np.int64), ints(rng, 3, 3)), note="sums far beyond 255, and negative"),
        Case((ints(rng, 4, 4), np.array([[-2, 5], [5, 3]])), note="a kernel with equal corners"),
        case(4, 2, "fractions in, whole weights", floats, ints), case(4, 3, "large numbers", large, ints), case(4, 3),
        case(4, 2, "large weights", ints, large), case(5, 3, "zeros among them", with_zeros), case(6, 4, "", ints),
    ]


def oblong_pictures(rng: np.random.Generator) -> list[Case]:
    def case(image, kernel, note="", draw=floats, like=None):
        return Case((draw(rng, *image), (like or draw)(rng, *kernel)), note=note)

    return [
        case((2, 4), (1, 2), "", small), case((4, 2), (2, 1), "", small), case((3, 5), (2, 3), "", ints),
        case((1, 5), (1, 3), "a single row", ints), case((5, 1), (4, 1), "a single column", ints), case((5, 3), (3, 2)),
        case((3, 4), (3, 4), "one stop only", ints), case((4, 6), (2, 3), "bytes, fractions out", pixels, floats),
        case((5, 4), (3, 2), "bytes in, larger numbers out", pixels, ints),
        case((4, 3), (2, 3), "bytes, and weights of 8 bits", pixels, of_kind(np.int8, small)),
        case((5, 7), (3, 2), "float32", of_kind(np.float32)),
        case((5, 7), (2, 4), "a transposed array", transposed, floats),
        case((6, 5), (3, 3), "a slice of a larger array", sliced, floats),
        case((6, 5), (2, 3), "the kernel is a transposed array", floats, transposed),
        case((3, 5), (2, 3), "another picture of a size seen before", ints), case((9, 12), (5, 4)),
        case((19, 24), (6, 7), "larger than the others"),
    ]


WRONG = [
    ("the kernel is flipped", "This is what comes out when the kernel is turned by 180° first. Cross-correlation "
     "lays it down as it is: kernel[u, v] meets image[i + u, j + v].", lambda a: a.right(kernel=a.kernel[::-1, ::-1])),
    ("the kernel is flipped upside down", "The kernel's rows are met in reverse order. "
     "Row u of the kernel meets row i + u of the image.", lambda a: a.right(kernel=a.kernel[::-1])),
    ("the kernel is mirrored left to right", "The kernel's columns are met in reverse order. "
     "Column v of the kernel meets column j + v of the image.", lambda a: a.right(kernel=a.kernel[:, ::-1])),
    ("the kernel is transposed", "Rows and columns of the kernel are swapped. "
     "The first index is the row, in the kernel as in the image.", lambda a: a.right(kernel=a.kernel.T)),
    ("the result is transposed", "The numbers are right, but rows and columns of the output are swapped. "
     "The output's row is the row where the kernel's top-left corner stands.", lambda a: a.right().T),
    ("one stop too few", "The last row and column of the output are missing. A kernel of "
     "k fits in H places when H − k + 1 stops are counted: the first place counts too.", lambda a: a.right()[:-1, :-1]),
    ("the last stops stay 0", "The output has the right shape, but its last row and column were never filled in. Does "
     "each loop run to H − kh + 1, the end not included?", lambda a: np.pad(a.right()[:-1, :-1], ((0, 1), (0, 1)))),
    ("zeros round the image", "This is 'same' convolution: "
     "zeros were put around the image. Here there is no padding; the kernel stays inside, so the output is smaller.",
     lambda a: a.right(image=np.pad(a.image, [((k - 1) // 2, k // 2) for k in a.kernel.shape]))),
    ("written into an array of the image's size",
     "The stops are right, but they were written into an array of the image's own size. "
     "Make one of H − kh + 1 by W − kw + 1.", lambda a: np.pad(a.right(), [(0, k - 1) for k in a.kernel.shape])),
    ("the kernel hangs over the border",
     "The kernel also stands where it covers only a corner of the image ('full' correlation). Let it stop "
     "only where it lies inside.", lambda a: a.right(image=np.pad(a.image, [(k - 1, k - 1) for k in a.kernel.shape]))),
    ("wraps round at the border", "Past the right and lower border the image begins again on the other side. "
     "np.roll and % do that; there must be no stop where the kernel sticks out.",
     lambda a: a.right(image=np.pad(a.image, [(0, k - 1) for k in a.kernel.shape], mode="wrap"))),
    ("the mean, not the sum", "Your numbers are too small by the number of weights: "
     "the products are averaged. Add them up.", lambda a: a.right() / a.kernel.size),
    ("a kernel of one weight is not multiplied", "A kernel of 1 × 1 is a kernel like any other: "
     "every pixel times its weight.", lambda a: a.image.copy() if a.kernel.size == 1 else a.right()),
    ("divided by the kernel's sum", "The result was divided by the sum of the weights. That makes sense for a blur; "
     "here the weighted sum stands as it is.", lambda a: a.right() / (a.kernel.sum() or 1)),
    ("bytes begin again", ways.BYTES, lambda a: ways.in_bytes(a.right(), a.image)),
    ("cut to whole numbers", "The fractions are gone. An output array made with the image's dtype (np.zeros_like, "
     "dtype=int) can not hold them: make it with np.zeros(shape).", lambda a: a.right().astype(a.image.dtype)),
    ("always whole numbers", "The fractions are gone: somewhere the result becomes int. "
     "Make the output array with np.zeros(shape), which holds floats.", lambda a: a.right().astype(int)),
    ("the kernel's kind of numbers", "The output array took over the kernel's dtype, and whole weights cut the "
     "fractions off. Make it with np.zeros(...), which holds fractions.", lambda a: a.right().astype(a.kernel.dtype)),
    ("the kernel takes the image's kind of numbers", "The kernel was turned into the image's dtype, which "
     "cuts its fractions off. Leave the kernel as it is.", lambda a: a.right(kernel=a.kernel.astype(a.image.dtype))),
    ways.HALF_PRECISION,
    ("rounded", "The sums are right, but rounded. Leave them as they are.", lambda a: np.round(a.right())),
    ("negative values become 0", "Negative sums were cut to 0. "
     "That is ReLU, a step of its own; here they belong to the answer.", lambda a: np.maximum(a.right(), 0)),
    ("the absolute value", "The signs are gone. A kernel that answers −3 has seen the opposite edge: keep the sign.",
     lambda a: np.abs(a.right())),
    ("the sign is changed", "Every number has the wrong sign: somewhere a minus is too many.", lambda a: -a.right()),
    ("clipped to 0…255", "The result was clipped as if it were a picture. "
     "It is not one: it may be negative, and larger than 255.", lambda a: np.clip(a.right(), 0, 255)),
    ("the largest product, not the sum", "Each number is the largest of the products. All of them belong to the sum.",
     lambda a: (sliding_window_view(a.image.astype(float), a.kernel.shape) * a.kernel).max((2, 3))),
    ("the first row of the kernel only", "Only the kernel's first row takes part. The sum runs over both u and v.",
     lambda a: a.right(kernel=ways.up_to(a.kernel, 1, 0))),
    ("the last product only",
     "Each stop holds its last product alone: every product overwrites the one before it. Add them with +=.",
     lambda a: a.image.astype(float)[a.kernel.shape[0] - 1 :, a.kernel.shape[1] - 1 :] * a.kernel[-1, -1]),
    ("a matrix product", "`patch @ kernel` is a matrix product. Here each pixel meets the one weight that lies on it: "
     "`patch * kernel`.", lambda a: (sliding_window_view(a.image, a.kernel.shape) @ a.kernel).sum((2, 3))),
    ("the sum is never set back", "Each stop adds to the sum of the stops before it. "
     "Set the sum to 0 inside the loops, once for each stop.", lambda a: np.cumsum(a.right()).reshape(a.right().shape)),
    ("the sum is set back once a row", "Each stop adds to the sum of those on its left. "
     "Set the sum to 0 in the inner loop, once for each stop.", lambda a: np.cumsum(a.right(), axis=1)),
    ("starts from ones", "Every number is 1 too large: the output started with ones. Start with np.zeros(...).",
     lambda a: a.right() + 1),
    ("returns after the first row", "Only the first row is filled in. Is the `return` inside the loop over rows? "
     "Move it to the left, to the very end.", lambda a: ways.up_to(a.right(), 1, 0)),
    ("a loop with a fixed end, rows", "The rows from 8 on stay 0. " + ways.SIZE,
     lambda a: ways.up_to(a.right(), 8, 0)),
    ("a loop with a fixed end, columns", "The columns from 8 on stay 0. " + ways.SIZE,
     lambda a: ways.up_to(a.right(), 8, 1)),
    ("the patches do not overlap", "The kernel jumps by its own size. With stride 1 it moves one pixel at a time, "
     "so the patches overlap.", lambda a: a.right()[:: a.kernel.shape[0], :: a.kernel.shape[1]]),
    ("every second stop", "Every second stop is missing: the kernel moves by 2. Here it moves by 1.",
     lambda a: a.right()[::2, ::2]),
    ("the row offset for both", "The kernel is laid on the wrong columns: "
     "the row's index is used for both directions. Look at the line that cuts out the patch: "
     "does the column slice begin at j?", lambda a: ways.slid(a.image, a.kernel, corner=lambda i, j: (i, i))),
    ("the column offset for both", "The kernel is laid on the wrong rows: "
     "the column's index is used for both directions. Look at the line that cuts out the patch: "
     "does the row slice begin at i?", lambda a: ways.slid(a.image, a.kernel, corner=lambda i, j: (j, j))),
    ("as if the kernel were square", "The kernel's height is used for its width as well. "
     "kernel.shape has two numbers: take both.", lambda a: ways.slid(a.image, a.kernel, size=a.kernel.shape[:1] * 2)),
    ("as if the image were square", "The image's height is used for its width as well. Take both from image.shape: H, "
     "W = image.shape.", lambda a: ways.slid(a.image, a.kernel, sides=a.image.shape[:1] * 2)),
    ("height and width swapped in the output",
     "The output's rows are counted with the width and its columns with the height. Rows: H − kh + 1; columns: W − kw "
     "+ 1.", lambda a: np.pad((r := a.right())[: (n := min(r.shape)), :n], ((0, r.shape[1] - n), (0, r.shape[0] - n)))),
    ("only odd kernels", "k // 2 pixels on each side of a centre make k pixels where k is odd; "
     "an even kernel has no centre. Let the patch begin at (i, j).",
     lambda a: ways.slid(a.image, a.kernel, size=[k // 2 * 2 + 1 for k in a.kernel.shape])),
    ("only 3 × 3 kernels", "The size 3 is written into the code. Ask the kernel: kernel.shape.",
     lambda a: ways.slid(a.image, a.kernel, size=(3, 3))),
    ("the strides are guessed",
     "as_strided was told how far apart the pixels lie in memory, and a slice or a transposed array lies otherwise. "
     "Use image.strides, or sliding_window_view.", lambda a: a.right(image=ways.as_it_lies(a.image))),
    ("centres the image first", "The image's mean was taken off before the sum. "
     "Cross-correlation here takes the pixels as they are.", lambda a: a.right(image=a.image - a.image.mean())),
    ("a bare number for a single stop", "Where the kernel is as large as the image there is one stop: "
     "an array of 1 × 1, like every other result one of rows and columns.",
     lambda a: a.right()[0, 0] if a.image.shape == a.kernel.shape else a.right()),
    ways.SQUEEZED,
    ("writes into the image", "The result is written over the image that came in. Make an array of your own for it.",
     lambda a: ways.leaving(out := a.right(), a.image[: out.shape[0], : out.shape[1]], out)),
    ("flips the kernel in place", "The kernel that came in was turned in place and stays so. "
     "Work on kernel[::-1, ::-1], which leaves the kernel alone.",
     lambda a: ways.leaving(a.right(), a.kernel, a.kernel[::-1, ::-1])),
]

EXERCISE = Exercise(
    name="cross_correlate2d", lesson="01_convolution", oracle=correlate, wrong=WRONG,
    axes={"image": "row column", "kernel": "kernel-row kernel-column", "": "row column"},
    sizes=lambda a: {"the sum of the weights": a.kernel.sum(), "the sum of their sizes": np.abs(a.kernel * 1.0).sum()},
    parts=[Part("values", 2, square_pictures, "square pictures: sums by hand, signs, fractions",
                "redo the smallest case above by hand, one product at a time, and compare."),
           Part("any shape", 2, oblong_pictures, "oblong pictures and kernels, bytes, float32, slices",
                "somewhere a height stands where a width should, or a size is taken for granted.")],
)
