"""avg_pool2d: the mean of every window."""

from typing import Any

import numpy as np

from cnnlab.check.lesson_03 import pooling as pool

HANGS_OVER = "There is a window too many, which hangs over the border. " + pool.FLOOR + " of them fit."


def mean(x: np.ndarray, kernel: Any, stride: Any = None) -> np.ndarray:
    """x (N, C, H, W) to (N, C, H′, W′), float64. Raises ValueError where no window fits."""
    return pool.windows(x.astype(np.float64), kernel, stride).mean(axis=(4, 5))


# fmt: off
WRONG = [
    ("the largest", "You kept the largest number of each window. Here the mean is asked for.",
     lambda a: pool.cells(a).max(axis=-1)),
    ("the sum", "You added the window up. Divide by how many numbers are in it: kh·kw.",
     lambda a: pool.cells(a).sum(axis=-1)),
    ("divided by the height squared", "You divided by kh·kh. A window of (3, 2) holds 3·2 numbers.",
     lambda a: pool.cells(a).sum(axis=-1) / a.kernel[0] ** 2),
    ("divided by one side", "You divided by the window's height. It holds kh·kw numbers.",
     lambda a: pool.cells(a).sum(axis=-1) / a.kernel[0]),
    ("always a quarter", "You divided by 4. That is right for 2 × 2 windows only: divide by kh·kw.",
     lambda a: pool.cells(a).sum(axis=-1) / 4),
    ("divided by the stride's area", "You divided by sh·sw. The stride says where windows start, not how many numbers "
     "are in one.", lambda a: pool.cells(a).sum(axis=-1) / np.prod(a.stride)),
    ("cut to whole numbers", "The fractions are gone: // was used, or the result took over x's kind of numbers.",
     lambda a: a.right().astype(a.x.dtype)),
    ("rounded down", "You divided with //, which rounds down. A mean has fractions: /.",
     lambda a: pool.cells(a).sum(axis=-1) // np.prod(a.kernel)),
    ("bytes run over", "Bytes end at 255, and their sum starts again at 0. Turn x into floats before you add.",
     lambda a: pool.cells(a).sum(axis=-1, dtype=a.x.dtype) / np.prod(a.kernel)),
    ("a partial window, filled with zeros", HANGS_OVER, pool.filled_up),
    ("a partial window, averaged as it is", HANGS_OVER, pool.hanging_over),
    ("the first rows are left out, not the last",
     "What does not fit is cut off at the top and the left. Leave out the end.", pool.from_the_end),
    ("the last window is missing", "One row and one column of windows are missing: floor((H − k)/stride) + 1.",
     lambda a: a.right()[:, :, :-1, :-1]),
    ("pools over channels too", "The mean was taken over the channels as well. Each channel is pooled by itself.",
     lambda a: a.right().mean(axis=1, keepdims=True)),
    ("the mean of all channels in each", "Every channel got the mean of all of them. Each channel is pooled by itself.",
     lambda a: a.right(x=a.x.mean(axis=1, keepdims=True) + np.zeros(a.x.shape))),
    ("the mean of all under the window", "`mean` without an axis took one number for all pictures and channels. Each "
     "is pooled by itself.", lambda a: a.right(x=a.x.mean(axis=(0, 1), keepdims=True) + np.zeros(a.x.shape))),
    ("the median", "You took the middle number of each window. The mean is the sum divided by how many there are.",
     lambda a: np.median(pool.cells(a), axis=-1)),
    ("halfway between the largest and the smallest", "That is the middle of the range. The mean counts every number "
     "of the window.", lambda a: (pool.cells(a).max(axis=-1) / 2 + pool.cells(a).min(axis=-1) / 2)),
    ("the mean of the whole map", "Every window got the mean of the whole map. Look only at what is in the window.",
     lambda a: a.x.mean(axis=(2, 3), keepdims=True) + np.zeros(a.right().shape)),
    ("without the sign", "Absolute values were averaged. A −3 counts as −3.",
     lambda a: a.right(x=np.abs(a.x.astype(float)))),
    ("windows as large as the stride", "Your windows are as large as the stride. The kernel says how large a window "
     "is.", lambda a: pool.standing(a, a.stride, a.stride)),
    ("one row of the window", "Only the first row of each window was averaged. It is as high as the kernel says.",
     lambda a: pool.standing(a, a.stride, (1, a.kernel[1]))),
]
# fmt: on
LOOK = "mark the windows on the smallest case above with a pencil; each gives its mean, the sum over kh·kw numbers."
EXERCISE = pool.pooling("avg_pool2d", 1, mean, LOOK, WRONG)
