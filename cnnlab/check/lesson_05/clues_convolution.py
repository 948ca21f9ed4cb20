"""Clues for conv2d_backward."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cnnlab.check.exercise import Case
from cnnlab.check.lesson_05 import gradients
from cnnlab.check.lesson_05.clues import given, only, patches_over, spots_of_pixels
from cnnlab.check.lesson_05.gradients import pair
from cnnlab.check.locate import Locator, Setting
from cnnlab.check.spots import Spot

PIXELS = ("image", "channel", "row", "column")


def _conv(case: Case) -> Setting:
    dout, x, weight, stride, padding = given(gradients.conv_gradients, case)
    dout, x, weight = (np.asarray(a, dtype=np.float64) for a in (dout, x, weight))
    (sh, sw), (ph, pw), (kh, kw) = pair(stride), pair(padding), weight.shape[2:]
    stops = dout.shape[2:]
    counts = patches_over(x.shape[2:], (kh, kw), stride, padding, stops)
    factors = {
        "the batch size": len(x),
        "the number of input channels": x.shape[1],
        "the number of filters": len(weight),
        "the number of stops": stops[0] * stops[1],
        "the number of weights of a kernel": kh * kw,
        "the number of rows of stops": stops[0],
        "the number of columns of stops": stops[1],
        "the batch size times the number of stops": len(x) * stops[0] * stops[1],
        "the number of pixels": x.shape[2] * x.shape[3],
        "the stride's size": sh * sw,
    }
    axes = {"dx": PIXELS, "dweight": ("filter", "channel", "kernel row", "kernel column"), "dbias": ("filter",)}
    spots = {"dx": spots_of_pixels(x.shape, counts, (sh, sw), (ph, pw), "patch"), "dweight": _corners(weight.shape)}
    spots["dx"] += [Spot("where x < 0", x < 0), Spot("where x > 0", x > 0)]
    return Setting(axes, spots, factors, _other_convs(dout, x, weight, stride, padding, counts))


def _corners(shape: tuple[int, ...]) -> list[Spot]:
    rows, columns = np.indices(shape[2:])
    edge = (rows == 0) | (rows == shape[2] - 1) | (columns == 0) | (columns == shape[3] - 1)
    return [Spot("at the kernel's border", np.broadcast_to(edge, shape))]


def _other_convs(dout, x, weight, stride, padding, counts) -> dict[str, Callable[[], tuple]]:
    of = _roomy
    (sh, sw), (ph, pw), (height, width) = pair(stride), pair(padding), x.shape[2:]
    sides = ((0, 0), (0, 0), (ph, ph), (pw, pw))

    def padded(rows: slice, columns: slice) -> Callable:
        def cut() -> tuple:
            dx, dweight, dbias = of(dout, np.pad(x, sides), weight, stride)
            return dx[:, :, rows, columns], dweight, dbias

        return cut

    def shared() -> tuple:
        dx, dweight, dbias = of(dout, x, weight, stride, padding)
        return dx / np.maximum(counts, 1), dweight, dbias

    others = {
        "the kernel lies the other way round, turned by 180°": lambda: of(
            dout, x, weight[:, :, ::-1, ::-1], stride, padding
        ),
        "the kernel's rows are in reverse order": lambda: of(dout, x, weight[:, :, ::-1], stride, padding),
        "the kernel's columns are in reverse order": lambda: of(dout, x, weight[..., ::-1], stride, padding),
        "the kernel is transposed": lambda: of(dout, x, weight.swapaxes(2, 3), stride, padding),
        "weight's first two axes are swapped": lambda: of(dout, x, weight.swapaxes(0, 1), stride, padding),
        "weight's first two axes are laid out again by reshape": lambda: of(
            dout,
            x,
            weight.reshape(weight.shape[1], weight.shape[0], *weight.shape[2:]).swapaxes(0, 1),
            stride,
            padding,
        ),
        "dout is turned by 180°": lambda: of(dout[:, :, ::-1, ::-1], x, weight, stride, padding),
        "x is turned by 180°": lambda: of(dout, x[:, :, ::-1, ::-1], weight, stride, padding),
        "dout is taken as 1 everywhere": lambda: of(np.ones_like(dout), x, weight, stride, padding),
        "dout is cut at 0": lambda: of(np.maximum(dout, 0), x, weight, stride, padding),
        "x is met without its sign": lambda: of(dout, np.abs(x), weight, stride, padding),
        "x is cut at 0": lambda: of(dout, np.maximum(x, 0), weight, stride, padding),
        "only the first image counts": lambda: of(only(dout, 0, 0), x, weight, stride, padding),
        "only the last image counts": lambda: of(only(dout, 0, -1), x, weight, stride, padding),
        "only the first filter counts": lambda: of(only(dout, 1, 0), x, weight, stride, padding),
        "only the last filter counts": lambda: of(only(dout, 1, -1), x, weight, stride, padding),
        "only the first stop counts": lambda: of(only(only(dout, 2, 0), 3, 0), x, weight, stride, padding),
        "only the last stop counts": lambda: of(only(only(dout, 2, -1), 3, -1), x, weight, stride, padding),
        "only the first row of stops counts": lambda: of(only(dout, 2, 0), x, weight, stride, padding),
        "only the first column of stops counts": lambda: of(only(dout, 3, 0), x, weight, stride, padding),
        "the last row of stops is left out": lambda: of(
            dout - only(dout, 2, dout.shape[2] - 1), x, weight, stride, padding
        ),
        "the last column of stops is left out": lambda: of(
            dout - only(dout, 3, dout.shape[3] - 1), x, weight, stride, padding
        ),
        "the last row and the last column of stops are left out": lambda: of(
            only_inner(dout), x, weight, stride, padding
        ),
        "a later patch overwrites what an earlier one left": lambda: _overwriting(dout, x, weight, stride, padding),
        "every pixel's blame is divided by the number of its patches": shared,
        "the images are met in reverse order": lambda: of(dout[::-1], x, weight, stride, padding),
        "x's channels are met in reverse order": lambda: of(dout, x[:, ::-1], weight[:, ::-1], stride, padding),
    }
    if max(sh, sw) > 1:
        wider, nearer = (tuple(s + by if s > 1 else s for s in (sh, sw)) for by in (1, -1))
        others["the stops are a pixel too far apart (s zeros between them, not s − 1)"] = lambda: of(
            dout, x, weight, wider, padding
        )
        others["the stops are a pixel too near to each other"] = lambda: of(dout, x, weight, nearer, padding)
        others["the stride is taken as 1"] = lambda: of(dout, x, weight, 1, padding)
        others["the stride's height counts for both axes"] = lambda: of(dout, x, weight, sh, padding)
        others["the stride's width counts for both axes"] = lambda: of(dout, x, weight, sw, padding)
        others["the stride counts for rows only"] = lambda: of(dout, x, weight, (sh, 1), padding)
        others["the stride counts for columns only"] = lambda: of(dout, x, weight, (1, sw), padding)
        others["the stride's height and width are swapped"] = lambda: of(dout, x, weight, (sw, sh), padding)
    if max(ph, pw):
        rows, columns = slice(ph, ph + height), slice(pw, pw + width)
        others |= {
            "the padding is left out": lambda: of(dout, x, weight, stride, 0),
            "the padding is left out, and so are the patches that stick out": lambda: _inside(dout, x, weight, stride),
            "the padding's height counts for both axes": lambda: of(dout, x, weight, stride, ph),
            "the padding's width counts for both axes": lambda: of(dout, x, weight, stride, pw),
            "the padding is cut off at the end only": padded(slice(0, height), slice(0, width)),
            "the padding is cut off at the start only": padded(slice(2 * ph, None), slice(2 * pw, None)),
            "the padding is cut off on the wrong axes": padded(slice(pw, pw + height), slice(ph, ph + width)),
            "the padding's rows alone are cut off right": padded(rows, slice(0, width)),
            "the padding's columns alone are cut off right": padded(slice(0, height), columns),
            "x is padded with its border values": lambda: _edge_padded(dout, x, weight, stride, sides),
            "the padding is (width, height)": lambda: of(dout, x, weight, stride, (pw, ph)),
        }
    return others


def _roomy(dout, x, weight, stride=1, padding=0) -> tuple:
    """The gradients for any stride and padding: patches that run over the end meet zeros there."""
    (sh, sw), (ph, pw), (height, width) = pair(stride), pair(padding), x.shape[2:]
    ends = [
        max(0, s * (stops - 1) + k - side - 2 * p)
        for s, stops, k, side, p in zip((sh, sw), dout.shape[2:], weight.shape[2:], x.shape[2:], (ph, pw), strict=True)
    ]
    roomy = np.pad(x, ((0, 0), (0, 0), (ph, ph + ends[0]), (pw, pw + ends[1])))
    dx, dweight, dbias = gradients.conv_gradients(dout, roomy, weight, stride)
    return dx[:, :, ph : ph + height, pw : pw + width], dweight, dbias


def _inside(dout, x, weight, stride) -> tuple:
    """Without padding, and without the stops whose patch sticks out of the picture."""
    kept = dout.copy()
    for axis, s, k in zip((2, 3), pair(stride), weight.shape[2:], strict=True):
        fit = max(0, (x.shape[axis] - k) // s + 1)
        kept[(slice(None),) * axis + (slice(fit, None),)] = 0
    dx, dweight, _ = _roomy(kept, x, weight, stride)
    return dx, dweight, dout.sum(axis=(0, 2, 3))


def only_inner(dout: np.ndarray) -> np.ndarray:
    inner = dout.copy()
    inner[:, :, -1] = 0
    inner[:, :, :, -1] = 0
    return inner


def _overwriting(dout, x, weight, stride, padding) -> tuple:
    (sh, sw), (ph, pw), (kh, kw) = pair(stride), pair(padding), weight.shape[2:]
    _, dweight, dbias = _roomy(dout, x, weight, stride, padding)
    dx = np.zeros((*x.shape[:2], x.shape[2] + 2 * ph, x.shape[3] + 2 * pw))
    for i, j in np.ndindex(*dout.shape[2:]):
        dx[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] = np.tensordot(dout[:, :, i, j], weight, axes=1)
    return dx[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]], dweight, dbias


def _edge_padded(dout, x, weight, stride, sides) -> tuple:
    dx, _, dbias = gradients.conv_gradients(dout, np.pad(x, sides), weight, stride)
    _, dweight, _ = gradients.conv_gradients(dout, np.pad(x, sides, mode="edge"), weight, stride)
    (ph, _), (pw, _) = sides[2:]
    return dx[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]], dweight, dbias


where_conv = Locator(_conv, names=("dx", "dweight", "dbias"))
