"""avg_pool2d_backward: each pixel of a window gets an equal share of its blame."""

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab.check.cases import Part
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_05 import pooling


def _shares(share: Callable) -> Callable:
    """A wrong way: something else than dout / (kh·kw) as a share, share(dout, kh, kw)."""
    return lambda a: a.right(dout=share(a.dout, *a.kernel) * np.prod(a.kernel))


def _in_turn(a, kind: Any = np.float64, add: bool = True) -> np.ndarray:
    """dx of that kind, window after window added, or assigned."""
    dx = np.zeros(a.x.shape, kind)
    for d, there in pooling.windows(a.dout, a.kernel, a.stride):
        dx[there] = dx[there] * add + d / dx[there].size
    return dx


# fmt: off
WRONG = [
    ("not divided by the window's size", "Every pixel got its window's whole dout. The output was a mean, so each "
     "pixel's slope is 1 / (kh·kw).", _shares(lambda dout, kh, kw: dout)),
    ("divided by the height only", "The share is dout / (kh·kw); yours divides by one side of the window.",
     _shares(lambda dout, kh, kw: dout / kh)),
    ("/ kh * kw", "`dout / kh * kw` divides by kh and then *multiplies* with kw. Write / (kh * kw).",
     _shares(lambda dout, kh, kw: dout / kh * kw)),
    ("divided by the square of the width", "The share is dout / (kh·kw); the window need not be square.",
     _shares(lambda dout, kh, kw: dout / kw**2)),
    ("divided by the square of the height", "The share is dout / (kh·kw); yours takes the window's height for both of "
     "its sides.", _shares(lambda dout, kh, kw: dout / kh**2)),
    ("divided twice", "The gradient was divided by the window's size twice. Once is right.",
     _shares(lambda dout, kh, kw: dout / (kh * kw) ** 2)),
    ("overwrites where windows overlap", "A pixel in several windows keeps only the last one's share: it was assigned "
     "with =. Add with +=.", lambda a: _in_turn(a, add=False)),
    ("the winner takes all", "The gradient went to the largest pixel. That is max pooling's; a mean owes the same to "
     "all of its pixels.", lambda a: pooling.max_pool_gradient(a.dout, a.x, a.kernel, a.stride)),
    *pooling.WRONG,
    ("divided by the number of windows over the pixel", "A pixel in several windows got the mean of their shares. It "
     "had its part in each of them: add them up.",
     lambda a: a.right() / np.maximum(a.right(dout=np.ones(a.dout.shape)) * np.prod(a.kernel), 1)),
    ("times x", "dout was multiplied with x. A mean's slope is 1 / (kh·kw), whatever x is.", lambda a: a.right() * a.x),
    ("cut to whole numbers", "The fractions are gone: np.zeros_like(x) of whole numbers can hold none. Begin with "
     "np.zeros(x.shape).", lambda a: _in_turn(a, a.x.dtype)),
    ("divided with //", "The share was rounded down: // for /.", _shares(lambda dout, kh, kw: dout // (kh * kw))),
    ("only the first image", "Only the first image has a gradient. Every image of the batch has its own.",
     lambda a: a.right() * (np.arange(len(a.x)) == 0)[:, None, None, None]),
]

EXERCISE = Exercise(
    name="avg_pool2d_backward", oracle=pooling.avg_pool_gradient, spots=pooling.spots, wrong=WRONG, **pooling.DECLARED,
    parts=[
        Part("windows", 1, pooling.beside_each_other, tests="batches, window beside window",
             look="each pixel of a window gets an equal share of its dout: dout / (kh·kw)."),
        Part("stride", 1, pooling.strides, tests="overlapping windows and gaps, whole numbers with fractions",
             look="a pixel that lies in several windows gets a share from each: add with +=."),
    ],
)
