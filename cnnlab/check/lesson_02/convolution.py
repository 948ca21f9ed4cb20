"""pad2d and conv2d: convolution with padding, stride and dilation."""

from __future__ import annotations

import numpy as np

from cnnlab.check.draw import floats, ints, large, pixels, sliced, transposed
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_02.conv_mistakes import CONV2D
from cnnlab.check.lesson_02.conv_more_mistakes import CONV2D_MORE
from cnnlab.check.lesson_02.pad_mistakes import PAD2D
from cnnlab.check.lesson_02.sizes import starts


def pair(value: object) -> tuple[int, int]:
    return (int(value), int(value)) if np.ndim(value) == 0 else (int(value[0]), int(value[1]))


def padded(x: np.ndarray, padding: object) -> np.ndarray:
    """x (N, C, H, W) in the middle of zeros."""
    ph, pw = pair(padding)
    out = np.zeros((*x.shape[:2], x.shape[2] + 2 * ph, x.shape[3] + 2 * pw), x.dtype)
    out[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]] = x
    return out


def convolved(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: object = 1,
    padding: object = 0,
    dilation: object = 1,
) -> np.ndarray:
    """Convolution, one tap of the kernel after the other, in int64 for whole numbers and else in float64."""
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    kh, kw = weight.shape[2:]
    rows, columns = starts(x.shape[2], kh, ph, sh, dh), starts(x.shape[3], kw, pw, sw, dw)
    whole = all(a is None or a.dtype.kind in "iu" for a in (x, weight, bias))
    wide = padded(x, padding).astype(np.int64 if whole else np.float64)
    out = np.zeros((len(x), len(weight), rows, columns), wide.dtype)
    for u in range(kh):
        for v in range(kw):
            top, left = u * dh, v * dw
            part = wide[:, :, top : top + sh * (rows - 1) + 1 : sh, left : left + sw * (columns - 1) + 1 : sw]
            out += np.einsum("nchw,oc->nohw", part, weight[:, :, u, v].astype(wide.dtype))
    return out if bias is None else out + bias.astype(wide.dtype)[:, None, None]


def _same_on_all_sides(rng: np.random.Generator) -> list[Case]:
    return [
        Case((ints(rng, 1, 1, 2, 2), 1)),
        Case((ints(rng, 1, 1, 2, 3), 2)),
        Case((ints(rng, 2, 3, 3, 2), 0), note="no padding"),
        Case((floats(rng, 2, 2, 4, 3), 3)),
        Case((pixels(rng, 1, 2, 3, 5), 1), note="bytes"),
        Case((floats(rng, 1, 3, 4, 6).astype(np.float32), 1)),
        Case((sliced(rng, 2, 2, 3, 4), 2), note="a slice of a larger array"),
        Case((ints(rng, 2, 1, 1, 1),), {"padding": 2}, note="padding by name"),
        Case((large(rng, 1, 2, 2, 3), 1), note="large numbers"),
    ]


def _pairs(rng: np.random.Generator) -> list[Case]:
    return [
        Case((ints(rng, 1, 1, 2, 2), (1, 0))),
        Case((ints(rng, 1, 1, 2, 2), (0, 1))),
        Case((ints(rng, 1, 2, 3, 2), (1, 2))),
        Case((floats(rng, 3, 2, 2, 5), (3, 1))),
        Case((transposed(rng, 2, 3, 4, 2), (2, 1)), note="a transposed array"),
        Case((ints(rng, 2, 1, 3, 3), (0, 0))),
        Case((floats(rng, 1, 2, 2, 3),), {"padding": (0, 2)}),
    ]


pad2d = Exercise(
    name="pad2d",
    lesson="02_padding_stride",
    argument_names=("x", "padding"),
    oracle=padded,
    parts=[
        Part(
            "all sides alike",
            1,
            _same_on_all_sides,
            tests="9 batches with one padding for all sides, bytes and slices too",
            look="only the last two axes grow, each by 2·padding, and the picture stands in the middle.",
        ),
        Part(
            "height and width",
            1,
            _pairs,
            tests="7 batches padded by a pair (height, width)",
            look="(1, 2) means 1 row above and below, 2 columns left and right.",
        ),
    ],
    mistakes=PAD2D,
)


def _case(rng, x, weight, bias=True, note="", **how) -> Case:
    draw = floats if how.pop("real", False) else ints
    offsets = draw(rng, weight[0]) if bias else None
    return Case((draw(rng, *x), draw(rng, *weight), offsets), how, note)


def _padding(rng: np.random.Generator) -> list[Case]:
    return [
        _case(rng, (1, 1, 2, 2), (1, 1, 2, 2), False, "no padding"),
        _case(rng, (1, 1, 2, 2), (1, 1, 2, 2), False, padding=1),
        Case((ints(rng, 1, 1, 3, 3), ints(rng, 1, 1, 2, 2)), note="no bias given"),
        _case(rng, (1, 2, 3, 4), (3, 2, 2, 3), note="channels, filters, no padding"),
        _case(rng, (2, 3, 4, 3), (2, 3, 3, 2), padding=1),
        _case(rng, (2, 2, 3, 5), (3, 2, 3, 3), padding=(1, 2)),
        _case(rng, (2, 1, 4, 3), (2, 1, 2, 2), padding=(2, 0), real=True),
        _case(rng, (1, 2, 2, 2), (2, 2, 4, 3), padding=(1, 1), note="it fits because of the padding"),
        Case(
            (ints(rng, 2, 2, 3, 4), floats(rng, 2, 2, 2, 2), floats(rng, 2)), {"padding": 1}, "fractions in the weights"
        ),
        Case((pixels(rng, 1, 3, 4, 5), ints(rng, 2, 3, 3, 3), ints(rng, 2)), {"padding": 1}, "bytes"),
        Case((ints(rng, 1, 2, 3, 3), ints(rng, 2, 2, 2, 2), floats(rng, 2)), note="fractions in the biases"),
        Case((sliced(rng, 2, 2, 4, 3), transposed(rng, 3, 2, 2, 3), floats(rng, 3)), {"padding": 1}, "slices"),
        _case(rng, (1, 1, 2, 2), (1, 1, 3, 3), False, "the kernel does not fit"),
        _case(rng, (1, 1, 4, 2), (1, 1, 2, 3), False, "the kernel is too wide"),
    ]


def _stride(rng: np.random.Generator) -> list[Case]:
    return [
        _case(rng, (1, 1, 4, 4), (1, 1, 2, 2), False, stride=2),
        _case(rng, (1, 1, 5, 5), (1, 1, 2, 2), False, "the last row and column are never reached", stride=2),
        _case(rng, (1, 1, 5, 4), (1, 1, 2, 2), False, "down 2, across 1", stride=(2, 1)),
        _case(rng, (1, 1, 4, 5), (1, 1, 2, 2), False, "down 1, across 2", stride=(1, 2)),
        _case(rng, (2, 2, 7, 6), (3, 2, 3, 2), stride=(3, 2)),
        _case(rng, (1, 2, 7, 9), (2, 2, 2, 3), stride=(2, 4), real=True),
        _case(rng, (2, 3, 5, 6), (2, 3, 3, 3), stride=2, padding=1),
        _case(rng, (1, 2, 6, 5), (3, 2, 2, 2), stride=(2, 3), padding=(1, 2)),
        _case(rng, (1, 1, 3, 4), (2, 1, 2, 2), note="one stop only", stride=5),
        _case(rng, (2, 1, 5, 5), (2, 1, 1, 1), note="a kernel of one weight", stride=2),
        Case((pixels(rng, 2, 3, 8, 7), floats(rng, 2, 3, 3, 3), None), {"stride": 3, "padding": 1}, "bytes"),
        _case(rng, (1, 1, 11, 11), (1, 1, 5, 5), False, "shrinks fast", stride=3, padding=2),
    ]


def _dilation(rng: np.random.Generator) -> list[Case]:
    return [
        _case(rng, (1, 1, 3, 3), (1, 1, 2, 2), False, "one stop: the four corners", dilation=2),
        _case(rng, (1, 1, 5, 4), (1, 1, 2, 2), False, dilation=2),
        _case(rng, (1, 1, 4, 6), (1, 1, 2, 2), False, "down 1, across 3", dilation=(1, 3)),
        _case(rng, (1, 1, 6, 4), (1, 1, 2, 2), False, "down 3, across 1", dilation=(3, 1)),
        _case(rng, (2, 2, 7, 8), (3, 2, 3, 2), dilation=(2, 3), real=True),
        _case(rng, (1, 3, 5, 5), (2, 3, 3, 3), note="the size stays", dilation=2, padding=2),
        _case(rng, (1, 2, 4, 5), (2, 2, 1, 1), note="one weight: dilation changes nothing", dilation=3),
        _case(rng, (1, 1, 6, 6), (1, 1, 3, 3), False, "dilated, it does not fit", dilation=3),
        _case(rng, (1, 1, 3, 7), (1, 1, 3, 3), False, "dilated, it does not fit in height", dilation=2),
    ]


def _together(rng: np.random.Generator) -> list[Case]:
    x = floats(rng, 2, 3, 9, 11)
    return [
        _case(rng, (1, 1, 6, 5), (1, 1, 2, 2), False, stride=2, padding=1, dilation=2),
        _case(rng, (2, 2, 8, 9), (3, 2, 3, 2), stride=(2, 3), padding=(2, 1), dilation=(2, 3)),
        _case(rng, (2, 3, 10, 7), (2, 3, 2, 3), stride=(3, 1), padding=(0, 3), dilation=(4, 2), real=True),
        Case((x, floats(rng, 4, 3, 3, 3), floats(rng, 4), 2, 1, 2), note="all by position"),
        Case((x, floats(rng, 2, 3, 2, 4), None, (1, 2), (2, 0), (3, 1)), note="all by position, pairs"),
        Case((x, floats(rng, 2, 3, 2, 2)), {"dilation": (1, 2), "stride": (2, 1), "padding": (1, 3)}, "no bias given"),
        Case((ints(rng, 1, 2, 7, 7), ints(rng, 2, 2, 3, 3), None, [2, 1], [1, 2], [1, 2]), note="pairs as lists"),
        Case(
            (large(rng, 1, 2, 5, 6), large(rng, 2, 2, 2, 2), large(rng, 2)),
            {"stride": 2, "padding": 1},
            "large numbers",
        ),
        Case(
            (x.astype(np.float32), floats(rng, 4, 3, 3, 2).astype(np.float32), floats(rng, 4).astype(np.float32)),
            {"stride": 2, "padding": 2, "dilation": 2},
            "float32",
        ),
        Case((transposed(rng, 2, 2, 8, 7), sliced(rng, 3, 2, 3, 3), floats(rng, 3), 1, 2, 1), note="slices"),
    ]


conv2d = Exercise(
    name="conv2d",
    lesson="02_padding_stride",
    argument_names=("x", "weight", "bias", "stride", "padding", "dilation"),
    oracle=convolved,
    parts=[
        Part(
            "padding",
            2,
            _padding,
            tests="12 batches, padded or not, with biases and without, and 2 kernels that do not fit",
            look="pad first, and the rest is the convolution of lesson 01.",
        ),
        Part(
            "stride",
            2,
            _stride,
            tests="12 batches with strides that divide and that do not, down and across",
            look="output (i, j) looks at the patch that begins at (i·stride, j·stride).",
        ),
        Part(
            "dilation",
            1,
            _dilation,
            tests="7 dilated kernels, and 2 that do not fit",
            look="neighbouring weights sit `dilation` pixels apart; the kernel covers dilation·(k − 1) + 1 pixels.",
        ),
        Part(
            "all together",
            1,
            _together,
            tests="10 batches with everything at once, pairs, by position and by name",
            look="take the six numbers apart at the start: a height and a width for stride, padding and dilation.",
        ),
    ],
    mistakes=[*CONV2D, *CONV2D_MORE],
)
