"""What goes wrong in pad2d."""

from __future__ import annotations

import numpy as np

from cnnlab.check.exercise import Mistake, known

PAD2D: list[Mistake] = []


def _pair(padding):
    return (padding, padding) if np.ndim(padding) == 0 else tuple(padding)


def _pad(x, top, bottom, left, right, **how):
    return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), **how)


@known(PAD2D, "height and width swapped", "A pair is (height, width): the first number goes above and below.")
def swapped(x, padding):
    ph, pw = _pair(padding)
    return _pad(x, pw, pw, ph, ph)


@known(PAD2D, "padded at the top and left only", "The same number of zeros goes on both sides of an axis.")
def before_only(x, padding):
    ph, pw = _pair(padding)
    return _pad(x, ph, 0, pw, 0)


@known(PAD2D, "padded at the bottom and right only", "The same number of zeros goes on both sides of an axis.")
def after_only(x, padding):
    ph, pw = _pair(padding)
    return _pad(x, 0, ph, 0, pw)


@known(PAD2D, "the padding is shared between the sides", "`padding` is what goes on *each* side, not on both together.")
def shared(x, padding):
    ph, pw = _pair(padding)
    return _pad(x, ph // 2, ph - ph // 2, pw // 2, pw - pw // 2)


@known(PAD2D, "the edge is repeated", "The border is zeros: a copy of the edge would invent pixels.")
def edge(x, padding):
    ph, pw = _pair(padding)
    return _pad(x, ph, ph, pw, pw, mode="edge")


@known(PAD2D, "the picture is repeated round the edge", "The border is zeros, not the other side of the picture.")
def wrap(x, padding):
    ph, pw = _pair(padding)
    return _pad(x, ph, ph, pw, pw, mode="wrap")


@known(PAD2D, "padded with ones", "The border is zeros, which add nothing to a sum; ones would.")
def ones(x, padding):
    ph, pw = _pair(padding)
    return _pad(x, ph, ph, pw, pw, constant_values=1)


@known(
    PAD2D,
    "batch and channels are padded too",
    "Only the last two axes grow: np.pad needs (0, 0) for the first two.",
)
def every_axis(x, padding):
    ph, pw = _pair(padding)
    return np.pad(x, ((ph, ph), (pw, pw), (ph, ph), (pw, pw)))


@known(PAD2D, "the first two axes are padded", "Height and width are the *last* two axes of (N, C, H, W).")
def first_axes(x, padding):
    ph, pw = _pair(padding)
    return np.pad(x, ((ph, ph), (pw, pw), (0, 0), (0, 0)))


@known(PAD2D, "only the height is padded", "Zeros go to the left and right as well.")
def height_only(x, padding):
    return _pad(x, *(_pair(padding)[0],) * 2, 0, 0)


@known(PAD2D, "only the width is padded", "Zeros go above and below as well.")
def width_only(x, padding):
    return _pad(x, 0, 0, *(_pair(padding)[1],) * 2)


@known(
    PAD2D,
    "a pair is not taken apart",
    "(1, 2) means 1 above and below and 2 left and right; the first number alone will not do.",
)
def first_of_pair(x, padding):
    ph = _pair(padding)[0]
    return _pad(x, ph, ph, ph, ph)


@known(PAD2D, "a pair is read as before and after", "(1, 2) is (height, width), not (before, after).")
def before_and_after(x, padding):
    if np.ndim(padding) == 0:
        return _pad(x, padding, padding, padding, padding)
    return _pad(x, padding[0], padding[1], padding[0], padding[1])


@known(PAD2D, "fractions are cut off", "np.zeros(…, dtype=int) cuts fractions: let the border have the type of x.")
def cut(x, padding):
    ph, pw = _pair(padding)
    return _pad(x, ph, ph, pw, pw).astype(int)


@known(PAD2D, "the picture is not in the middle", "x goes into rows ph : ph + H and columns pw : pw + W of the zeros.")
def corner(x, padding):
    ph, pw = _pair(padding)
    return _pad(x, 0, 2 * ph, 0, 2 * pw)


@known(PAD2D, "padding 0 gives an empty picture", "x[p:-p] is empty where p is 0: write p : p + H.")
def empty_without(x, padding):
    ph, pw = _pair(padding)
    out = np.zeros((*x.shape[:2], x.shape[2] + 2 * ph, x.shape[3] + 2 * pw), x.dtype)
    out[:, :, ph:-ph, pw:-pw] = x
    return out


@known(PAD2D, "rounded to float16", "float16 holds three digits only: let the border have the type of x.")
def half_precision(x, padding):
    ph, pw = _pair(padding)
    return _pad(x, ph, ph, pw, pw).astype(np.float16)
