"""pad2d: zeros round the pictures of a batch."""

from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part, pair
from cnnlab.check.draw import floats, ints, large, pixels, sliced, small, thirds, transposed
from cnnlab.check.exercise import Exercise


def padded(x: np.ndarray, padding: Any) -> np.ndarray:
    """x (N, C, H, W) in the middle of zeros."""
    ph, pw = pair(padding)
    out = np.zeros((*x.shape[:2], x.shape[2] + 2 * ph, x.shape[3] + 2 * pw), x.dtype)
    out[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]] = x
    return out


def _same_on_all_sides(rng: np.random.Generator) -> list[Case]:
    return [
        Case((small(rng, 1, 1, 2, 2), 1)), Case((small(rng, 1, 1, 2, 3), 2)),
        Case((ints(rng, 2, 3, 3, 2), 0), note="no padding"), Case((thirds(rng, 2, 2, 4, 3), 3)),
        Case((pixels(rng, 1, 2, 3, 5), 1), note="bytes"), Case((floats(rng, 1, 3, 4, 6).astype(np.float32), 1)),
        Case((sliced(rng, 2, 2, 3, 4), 2), note="a slice of a larger array"),
        Case((ints(rng, 2, 1, 1, 1),), {"padding": 2}, note="padding by name"),
        Case((large(rng, 1, 2, 2, 3), 1), note="large numbers"), Case((ints(rng, 1, 2, 1, 4), 1), note="a single row"),
        Case((ints(rng, 2, 2, 4, 1), 2), note="a single column"),
        Case((thirds(rng, 11, 2, 3, 2), 1), note="eleven pictures"),
        Case((ints(rng, 2, 2, 3, 4), 2), note="another batch of a size seen before"),
    ]  # fmt: skip


def _pairs(rng: np.random.Generator) -> list[Case]:
    return [
        Case((small(rng, 1, 1, 2, 2), (1, 0))), Case((small(rng, 1, 1, 2, 2), (0, 1))),
        Case((ints(rng, 1, 2, 3, 2), (1, 2))), Case((thirds(rng, 3, 2, 2, 5), (3, 1))),
        Case((transposed(rng, 2, 3, 4, 2), (2, 1)), note="a transposed array"), Case((ints(rng, 2, 1, 3, 3), (0, 0))),
        Case((floats(rng, 1, 2, 2, 3),), {"padding": (0, 2)}),
        Case((ints(rng, 1, 2, 2, 5), [2, 1]), note="a pair as a list"),
        Case((ints(rng, 2, 1, 3, 3), (1, 2)), note="another padding for a size seen before"),
    ]  # fmt: skip


def _pad(a, top, bottom, left, right, **how) -> np.ndarray:
    return np.pad(a.x, ((0, 0), (0, 0), (top, bottom), (left, right)), **how)


def _round(a, **how) -> np.ndarray:
    (ph, pw) = a.padding
    return _pad(a, ph, ph, pw, pw, **how)


def _into_the_middle(a) -> np.ndarray:
    out, (ph, pw) = np.zeros_like(a.right()), a.padding
    out[:, :, ph:-ph, pw:-pw] = a.x
    return out


def _before_and_after(a) -> np.ndarray:
    one, other = a.padding
    return _pad(a, one, other, one, other)


# fmt: off
WRONG = [
    ("height and width swapped", "A pair is (height, width): the first number goes above and below.",
     lambda a: a.right(padding=a.padding[::-1])),
    ("padded at the top and left only", "The same number of zeros goes on both sides of an axis.",
     lambda a: _pad(a, a.padding[0], 0, a.padding[1], 0)),
    ("padded at the bottom and right only", "The same number of zeros goes on both sides of an axis.",
     lambda a: _pad(a, 0, a.padding[0], 0, a.padding[1])),
    ("the padding is shared between the sides", "`padding` is what goes on *each* side, not on both together.",
     lambda a: _pad(a, *(half for p in a.padding for half in (p // 2, p - p // 2)))),
    ("the edge is repeated", "The border is zeros: a copy of the edge would invent pixels.",
     lambda a: _round(a, mode="edge")),
    ("the picture is mirrored at the border", "The border is zeros: a mirror of the picture would invent pixels.",
     lambda a: _round(a, mode="symmetric")),
    ("the picture is repeated round the edge", "The border is zeros, not the other side of the picture.",
     lambda a: _round(a, mode="wrap")),
    ("padded with ones", "The border is zeros, which add nothing to a sum; ones would.",
     lambda a: _round(a, constant_values=1)),
    ("batch and channels are padded too", "Only the last two axes grow: np.pad needs (0, 0) for the first two.",
     lambda a: np.pad(a.x, [(p, p) for p in (*a.padding, *a.padding)])),
    ("the first two axes are padded", "Height and width are the *last* two axes of (N, C, H, W).",
     lambda a: np.pad(a.x, [(p, p) for p in (*a.padding, 0, 0)])),
    ("only the height is padded", "Zeros go to the left and right as well.",
     lambda a: a.right(padding=(a.padding[0], 0))),
    ("only the width is padded", "Zeros go above and below as well.", lambda a: a.right(padding=(0, a.padding[1]))),
    ("a pair is not taken apart", "(1, 2) means 1 above and below and 2 left and right; the first number alone will "
     "not do.", lambda a: a.right(padding=a.padding[0])),
    ("a pair is read as before and after", "(1, 2) is (height, width), not (before, after).", _before_and_after),
    ("fractions are cut off", "np.zeros(…, dtype=int) cuts fractions: let the border have the type of x.",
     lambda a: a.right().astype(int)),
    ("the picture is not in the middle", "x goes into rows ph : ph + H and columns pw : pw + W of the zeros.",
     lambda a: _pad(a, 0, 2 * a.padding[0], 0, 2 * a.padding[1])),
    ("padding 0 leaves no room for the picture", "out[p:-p] is empty where p is 0, so x does not fit into it: write "
     "p : p + H.", _into_the_middle),
    ("rounded to float16", "float16 holds three digits only: let the border have the type of x.",
     lambda a: a.right().astype(np.float16)),
]

EXERCISE = Exercise(
    name="pad2d", lesson="02_padding_stride", oracle=padded, pairs=("padding",), wrong=WRONG,
    axes=dict.fromkeys(("x", ""), "image channel row column"),
    parts=[
        Part("all sides alike", 1, _same_on_all_sides, "batches with one padding for all sides, bytes and slices too",
             "only the last two axes grow, each by 2·padding, and the picture stands in the middle."),
        Part("height and width", 1, _pairs, "batches padded by a pair (height, width)",
             "(1, 2) means 1 row above and below, 2 columns left and right."),
    ],
)
