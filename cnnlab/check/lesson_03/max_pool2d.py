"""max_pool2d: the largest number of every window."""

from typing import Any

import numpy as np

from cnnlab.check.lesson_03 import pooling as pool


def largest(x: np.ndarray, kernel: Any, stride: Any = None) -> np.ndarray:
    """x (N, C, H, W) to (N, C, H′, W′), of x's kind of numbers. Raises ValueError where no window fits."""
    return pool.windows(x, kernel, stride).max(axis=(4, 5))


def _in_all(a, found: np.ndarray) -> np.ndarray:
    return np.broadcast_to(found, a.right().shape).copy()


LEFT_OUT = f"A window that would hang over the border is left out: {pool.FLOOR} of them fit."
# fmt: off
WRONG = [
    ("the mean", "You took the mean of each window. Max pooling keeps the largest number.",
     lambda a: pool.cells(a).mean(axis=-1)),
    ("the sum", "You took the sum of each window. Max pooling keeps the largest number.",
     lambda a: pool.cells(a).sum(axis=-1)),
    ("the smallest", "You kept the smallest number of each window. Max pooling keeps the largest.",
     lambda a: pool.cells(a).min(axis=-1)),
    ("the place of the largest", "argmax says *where* the largest number is. Here the number itself is asked for: max.",
     lambda a: pool.cells(a).argmax(axis=-1)),
    ("the largest in size, without its sign", "A −9 became a 9. The largest of −9 and 2 is 2: no absolute value.",
     lambda a: a.right(x=np.abs(a.x.astype(float)))),
    ("zeros win over negative numbers", "Where a whole window is below zero, you return 0, which stands in no cell of "
     "it. Is there an array of zeros, or a 0, that the numbers are compared with?", lambda a: np.maximum(a.right(), 0)),
    ("the start is not low enough", "You start from a low number, and some windows lie below it. Start from −np.inf, "
     "or from the window's own first number.", lambda a: np.maximum(a.right(), -1000)),
    ("pools over channels too", "Each window went through all channels. Channels stay apart: as many come out as went "
     "in.", lambda a: a.right().max(axis=1, keepdims=True)),
    ("pools over channels, and drops their axis", "The largest was taken over the channels as well. Each channel is "
     "pooled by itself.", lambda a: a.right().max(axis=1)),
    ("the largest of all channels in each", "Every channel got the largest of all of them. Each channel is pooled by "
     "itself.", lambda a: _in_all(a, a.right().max(axis=1, keepdims=True))),
    ("the largest of the whole batch", "The pictures of the batch were mixed. Each is pooled by itself.",
     lambda a: _in_all(a, a.right().max(axis=0))),
    ("the largest of all under the window", "np.max without an axis took one number for all pictures and channels. "
     "Each is pooled by itself.", lambda a: _in_all(a, a.right().max(axis=(0, 1)))),
    ("the largest of the whole map", "Every window got the largest number of the whole map. Look only at what is in "
     "the window.", lambda a: _in_all(a, a.x.max(axis=(2, 3), keepdims=True))),
    ("cut to whole numbers", "The fractions are gone. Make the result with np.zeros(...), which holds them, or with "
     "x.dtype.", lambda a: a.right().astype(int)),
    ("ceil for floor", "There is a window too many, which hangs over the border. " + LEFT_OUT, pool.hanging_over),
    ("ceil for floor, filled with zeros", "There is a window too many, filled up with zeros. " + LEFT_OUT,
     pool.filled_up),
    ("the first rows are left out, not the last", "What does not fit is cut off at the top and the left. The first "
     "window stands at row 0, column 0; leave out the end.", pool.from_the_end),
    ("the last window is missing", "One row and one column of windows are missing. Count the first one too: floor((H "
     "− k)/stride) + 1.", lambda a: a.right()[:, :, :-1, :-1]),
    ("windows as large as the stride", "Your windows are as large as the stride. The stride says how far the next one "
     "starts; the kernel says how large it is.", lambda a: pool.standing(a, a.stride, a.stride)),
    ("padded all round, without a trace",
     "Windows hang over the border on every side, as with padding. Here pooling has none: a window lies inside the "
     "map.", lambda a: pool.padded(a, *((k // 2, k // 2) for k in a.kernel), -np.inf)),
    ("the window's first row only", "Only the first row of each window was looked at. It is as high as the kernel "
     "says.", lambda a: pool.standing(a, a.stride, (1, a.kernel[1]))),
    ("reshape in the wrong order", "Your blocks take cells that lie far apart. Reshape reads row by row: (N, C, H/k, "
     "k, W/k, k), and the max goes over the two axes of length k.", lambda a: pool.blocks(a, True, "krlc", (2, 4))),
]
# fmt: on
LOOK = "mark the windows on the smallest case above with a pencil; each gives its largest number, nothing else counts."
EXERCISE = pool.pooling("max_pool2d", 2, largest, LOOK, WRONG)
