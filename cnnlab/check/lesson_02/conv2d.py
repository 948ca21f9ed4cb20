"""conv2d: convolution with padding, stride and dilation."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part, pair
from cnnlab.check.draw import floats, ints, large, pixels, single, sliced, small, transposed, with_zeros
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_01.wrong_ways import in_bytes, plus, with_bias
from cnnlab.check.lesson_02.output_size import starts
from cnnlab.check.lesson_02.pad2d import padded


def convolved(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
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


def _case(rng, x, weight, bias=True, note="", draw=ints, raises=None, **how) -> Case:
    offsets = draw(rng, weight[0]) if bias else None
    return Case((draw(rng, *x), draw(rng, *weight), offsets), how, note, raises=raises)


# fmt: off
def _padding(rng: np.random.Generator) -> list[Case]:
    case = partial(_case, rng)
    return [
        case((1, 1, 2, 2), (1, 1, 2, 2), False, "no padding", small),
        case((1, 1, 2, 2), (1, 1, 2, 2), False, draw=small, padding=1),
        Case((ints(rng, 1, 1, 3, 3), ints(rng, 1, 1, 2, 2)), note="no bias given"),
        case((1, 2, 3, 4), (3, 2, 2, 3), note="channels, filters, no padding"),
        case((2, 3, 4, 3), (2, 3, 3, 2), padding=1), case((2, 2, 3, 5), (3, 2, 3, 3), padding=(1, 2)),
        case((2, 1, 4, 3), (2, 1, 2, 2), draw=floats, padding=(2, 0)),
        case((1, 2, 2, 2), (2, 2, 4, 3), note="it fits because of the padding", padding=(1, 1)),
        Case((ints(rng, 2, 2, 3, 4), floats(rng, 2, 2, 2, 2), floats(rng, 2)), {"padding": 1},
             "whole numbers, fractions"),
        Case((pixels(rng, 1, 3, 4, 5), ints(rng, 2, 3, 3, 3), ints(rng, 2)), {"padding": 1}, "bytes"),
        Case((ints(rng, 1, 2, 3, 3), ints(rng, 2, 2, 2, 2), floats(rng, 2)), note="fractions in the biases alone"),
        Case((sliced(rng, 2, 2, 4, 3), transposed(rng, 3, 2, 2, 3), floats(rng, 3)), {"padding": 1}, "slices"),
        case((2, 2, 1, 5), (3, 2, 1, 2), note="a single row", draw=floats),
        case((2, 2, 5, 1), (3, 2, 3, 3), note="a single column", draw=floats, padding=1),
        case((11, 2, 3, 3), (2, 2, 2, 2), note="eleven pictures", draw=floats, padding=(0, 1)),
        case((1, 2, 4, 4), (2, 2, 3, 3), note="zeros among the pixels", draw=with_zeros, padding=1),
        case((2, 3, 4, 3), (2, 3, 3, 2), note="another batch of a size seen before", padding=1),
        case((2, 3, 4, 3), (2, 3, 3, 2), note="the same size with another padding", padding=2),
        case((1, 1, 2, 2), (1, 1, 3, 3), False, "the kernel does not fit", raises=ValueError),
        case((1, 1, 4, 2), (1, 1, 2, 3), False, "the kernel is too wide", raises=ValueError),
    ]


def _stride(rng: np.random.Generator) -> list[Case]:
    case = partial(_case, rng)
    return [
        case((1, 1, 4, 4), (1, 1, 2, 2), False, draw=small, stride=2),
        case((1, 1, 5, 5), (1, 1, 2, 2), False, "the last row and column are never reached", small, stride=2),
        case((1, 1, 5, 4), (1, 1, 2, 2), False, "down 2, across 1", small, stride=(2, 1)),
        case((1, 1, 4, 5), (1, 1, 2, 2), False, "down 1, across 2", small, stride=(1, 2)),
        case((2, 2, 7, 6), (3, 2, 3, 2), stride=(3, 2)), case((1, 2, 7, 9), (2, 2, 2, 3), draw=floats, stride=(2, 4)),
        case((2, 3, 5, 6), (2, 3, 3, 3), stride=2, padding=1),
        case((1, 2, 6, 5), (3, 2, 2, 2), stride=(2, 3), padding=(1, 2)),
        case((1, 1, 3, 4), (2, 1, 2, 2), note="one stop only", stride=5),
        case((2, 1, 5, 5), (2, 1, 1, 1), note="a kernel of one weight", stride=2),
        Case((pixels(rng, 2, 3, 8, 7), floats(rng, 2, 3, 3, 3), None), {"stride": 3, "padding": 1}, "bytes"),
        case((1, 1, 11, 11), (1, 1, 5, 5), False, "shrinks fast", stride=3, padding=2),
        case((1, 1, 2, 6), (1, 1, 3, 2), False, "it does not fit, by less than a stride", raises=ValueError, stride=2),
        case((1, 1, 6, 3), (1, 1, 2, 4), False, "it does not fit, by less than a stride", raises=ValueError, stride=3),
    ]


def _dilation(rng: np.random.Generator) -> list[Case]:
    case = partial(_case, rng)
    return [
        case((1, 1, 3, 3), (1, 1, 2, 2), False, "one stop: the four corners", small, dilation=2),
        case((1, 1, 5, 4), (1, 1, 2, 2), False, draw=small, dilation=2),
        case((1, 1, 4, 6), (1, 1, 2, 2), False, "down 1, across 3", dilation=(1, 3)),
        case((1, 1, 6, 4), (1, 1, 2, 2), False, "down 3, across 1", dilation=(3, 1)),
        case((2, 2, 7, 8), (3, 2, 3, 2), draw=floats, dilation=(2, 3)),
        case((1, 3, 5, 5), (2, 3, 3, 3), note="the size stays", dilation=2, padding=2),
        case((1, 2, 4, 5), (2, 2, 1, 1), note="one weight: dilation changes nothing", dilation=3),
        case((1, 1, 6, 6), (1, 1, 3, 3), False, "dilated, it does not fit", raises=ValueError, dilation=3),
        case((1, 1, 3, 7), (1, 1, 3, 3), False, "dilated, it does not fit in height", raises=ValueError, dilation=2),
    ]


def _together(rng: np.random.Generator) -> list[Case]:
    case, x = partial(_case, rng), floats(rng, 2, 3, 9, 11)
    return [
        case((1, 1, 6, 5), (1, 1, 2, 2), False, draw=small, stride=2, padding=1, dilation=2),
        case((2, 2, 8, 9), (3, 2, 3, 2), stride=(2, 3), padding=(2, 1), dilation=(2, 3)),
        case((2, 3, 10, 7), (2, 3, 2, 3), draw=floats, stride=(3, 1), padding=(0, 3), dilation=(4, 2)),
        Case((x, floats(rng, 4, 3, 3, 3), floats(rng, 4), 2, 1, 2), note="all by position"),
        Case((x, floats(rng, 2, 3, 2, 4), None, (1, 2), (2, 0), (3, 1)), note="all by position, pairs"),
        Case((x, floats(rng, 2, 3, 2, 2)), {"dilation": (1, 2), "stride": (2, 1), "padding": (1, 3)}, "no bias given"),
        Case((ints(rng, 1, 2, 7, 7), ints(rng, 2, 2, 3, 3), None, [2, 1], [1, 2], [1, 2]), note="pairs as lists"),
        Case((large(rng, 1, 2, 5, 6), large(rng, 2, 2, 2, 2), large(rng, 2)), {"stride": 2, "padding": 1},
             "large numbers"),
        Case((x.astype(np.float32), single(rng, 4, 3, 3, 2), single(rng, 4)),
             {"stride": 2, "padding": 2, "dilation": 2}, "float32"),
        Case((transposed(rng, 2, 2, 8, 7), sliced(rng, 3, 2, 3, 3), floats(rng, 3), 1, 2, 1), note="slices"),
    ]


def _prepadded(a, before: Sequence[int], after: Sequence[int], **how) -> np.ndarray:
    """x padded by hand, above and at the left, below and at the right."""
    return a.right(x=np.pad(a.x, ((0, 0), (0, 0), *zip(before, after, strict=True)), **how), padding=0)


def _of_xs_kind(a, maps: np.ndarray) -> np.ndarray:
    return maps.astype(int).astype(a.x.dtype) if a.x.dtype.kind in "iu" else maps


def _ways(a) -> list[int]:
    """How far the kernel can go along each axis from its first stop; below 0 where it does not fit."""
    sides = zip(a.x.shape[2:], a.padding, a.dilation, a.weight.shape[2:], strict=True)
    return [side + 2 * p - d * (k - 1) - 1 for side, p, d, k in sides]


def _stride_in_the_output(a) -> np.ndarray:
    every, (sh, sw) = a.right(stride=1, bias=None), a.stride
    found = np.zeros_like(a.right(bias=None))
    found[:, :, ::sh, ::sw] = every[:, :, : found.shape[2] : sh, : found.shape[3] : sw]
    return plus(a, found)


def _as_many(a, **changed) -> np.ndarray:
    """As many stops as are right, of those for other arguments."""
    high, wide = a.right().shape[2:]
    return a.right(**changed)[:, :, :high, :wide]


def _rounded_up(a) -> np.ndarray:
    a.right()
    return _prepadded(a, a.padding, [p + -way % s for p, way, s in zip(a.padding, _ways(a), a.stride, strict=True)])


def _divided_first(a) -> np.ndarray:
    high, wide = ((side + 2 * p) // s for side, p, s in zip(a.x.shape[2:], a.padding, a.stride, strict=True))
    return a.right()[:, :, :high, :wide]


def _transposed(a) -> np.ndarray:
    if a.weight.shape[2] == a.weight.shape[3]:
        return a.right(weight=a.weight.swapaxes(2, 3))
    pairs = {name: getattr(a, name)[::-1] for name in ("stride", "padding", "dilation")}
    return a.right(x=a.x.swapaxes(2, 3), **pairs).swapaxes(2, 3)


def _square(a) -> np.ndarray:
    kh, kw = a.weight.shape[2:]
    return a.right(weight=np.pad(a.weight, ((0, 0), (0, 0), (0, 0), (0, max(0, kh - kw))))[..., :kh])


def _never_refused(a) -> np.ndarray:
    return a.right() if min(_ways(a)) >= 0 else np.zeros((len(a.x), len(a.weight), 0, 0))


def _seems_to_fit(a) -> np.ndarray:
    """Sizes that are cut towards 0: what sticks out of the picture is met as zeros."""
    if any(int(way / s) < 0 for way, s in zip(_ways(a), a.stride, strict=True)):
        raise ValueError("the kernel does not fit")
    return _prepadded(a, a.padding, [p + max(0, -way) for p, way in zip(a.padding, _ways(a), strict=True)])


WRONG = [
    ("the stride is the place in the output", "The stride moves the *patch*: out[i, j] looks at x[i·S …]. Output cells "
     "are filled one after the other.", _stride_in_the_output),
    ("the stride sizes the output, but the patches are neighbours", "The output is small because starts are skipped: "
     "patch (i, j) begins at (i·S, j·S), not at (i, j).", lambda a: _as_many(a, stride=1)),
    ("the stride is left out", "Only every S-th start is kept, down and across.", lambda a: a.right(stride=1)),
    ("stride down only", "The stride holds across as well: j·stride.", lambda a: a.right(stride=(a.stride[0], 1))),
    ("stride across only", "The stride holds down as well: i·stride.", lambda a: a.right(stride=(1, a.stride[1]))),
    ("the strides changed places", "A pair is (height, width): the first is the step down.",
     lambda a: a.right(stride=a.stride[::-1])),
    ("the stride is always the height's", "A pair has two numbers: the second is the step across.",
     lambda a: a.right(stride=a.stride[0])),
    ("the output is one larger where the stride does not divide",
     "A step that would leave the picture is not taken: round down.", _rounded_up),
    ("the size is divided before the kernel is taken off",
     "floor((W − K + 2P)/S) + 1: the kernel first, then the stride.", _divided_first),
    ("no padding", "The zeros go round the picture before anything else.", lambda a: a.right(padding=0)),
    ("the paddings changed places", "A pair is (height, width): the first goes above and below.",
     lambda a: a.right(padding=a.padding[::-1])),
    ("padded at the top and left only", "The zeros go on both sides of each axis.",
     lambda a: _prepadded(a, a.padding, (0, 0))),
    ("all of the padding at the top and left", "Half of the zeros belong below and to the right: P on each side.",
     lambda a: _prepadded(a, [2 * p for p in a.padding], (0, 0))),
    ("the padding is always the height's", "A pair has two numbers: the second goes left and right.",
     lambda a: a.right(padding=a.padding[0])),
    ("the edge is repeated in place of zeros", "The border is zeros: np.pad's default.",
     lambda a: _prepadded(a, a.padding, a.padding, mode="edge")),
    ("the picture goes on round the edge", "The border is zeros, not the other side of the picture.",
     lambda a: _prepadded(a, a.padding, a.padding, mode="wrap")),
    ("the padding is put round the output", "The zeros go round the *input*, so that the kernel can stand over the "
     "border.", lambda a: padded(a.right(padding=0), a.padding)),
    ("the dilation is left out", "Neighbouring weights sit `dilation` pixels apart: x[top + u·dilation, …].",
     lambda a: a.right(dilation=1)),
    ("the dilation counts in the size only", "The output has the right size, but the patch is an ordinary one: take "
     "every `dilation`-th pixel.", lambda a: _as_many(a, dilation=1)),
    ("the dilations changed places", "A pair is (height, width): the first holds for the rows.",
     lambda a: a.right(dilation=a.dilation[::-1])),
    ("the dilation is always the height's", "A pair has two numbers: the second holds for the columns.",
     lambda a: a.right(dilation=a.dilation[0])),
    ("stride and dilation changed places", "The stride moves the kernel, the dilation pulls its weights apart.",
     lambda a: a.right(stride=a.dilation, dilation=a.stride)),
    ("a kernel that does not fit gives an empty result",
     "Where the kernel does not fit, raise ValueError; output_size does it for you.", _never_refused),
    ("a kernel that does not fit seems to, cut towards 0", "int(…) cuts towards 0, so a kernel that is a little too "
     "large seems to fit in once. Ask before you divide.", _seems_to_fit),
    ("the kernel is flipped", "Deep learning's convolution does not flip: the weight at the top left meets the pixel "
     "at the top left.", lambda a: a.right(weight=a.weight[:, :, ::-1, ::-1])),
    ("the kernel is transposed",
     "Rows of the kernel meet rows of the patch: weight[o, c, u, v] with x[…, i + u, j + v].", _transposed),
    ("the first channel only", "Every filter looks at all channels and adds them up.",
     lambda a: a.right(x=a.x[:, :1], weight=a.weight[:, :1])),
    ("the channels are averaged", "The channels' sums are added, not averaged.",
     lambda a: plus(a, a.right(bias=None) / a.x.shape[1])),
    ("the first picture for all", "Every result is that of picture 0. The batch axis rides along: result n comes from "
     "x[n].",
     lambda a: a.right(x=a.x[[0] * len(a.x)])),
    ("the first filter for all", "Every map was made with weight[0]. weight has C_out filters: map o comes from "
     "weight[o].",
     lambda a: a.right(weight=a.weight[[0] * len(a.weight)])),
    ("the bias is left out", "Each filter's bias is added to its whole map, where there is one.",
     lambda a: a.right(bias=None)),
    ("the bias once for each channel", "The bias is added once for each filter, after the channels are summed.",
     lambda a: with_bias(a, lambda bias: bias * a.x.shape[1])),
    ("the first bias for all", "Filter o has bias[o].", lambda a: with_bias(a, lambda bias: bias[[0] * len(bias)])),
    ("bias None is not expected", "`bias` may be None: then nothing is added.",
     lambda a: a.right(bias=None) + a.bias[:, None, None]),
    ("the bias is added along the columns", "bias[:, None, None] gives each map its number; a bare `+ bias` runs along "
     "the last axis.", lambda a: a.right() if a.bias is None else a.right(bias=None) + a.bias),
    ("the batch and the filters changed places", "The result is (N, C_out, H′, W′).",
     lambda a: a.right().swapaxes(0, 1)),
    ("bytes overflow", "The result came out in bytes, which hold 0 to 255 and no fractions. Make it with np.zeros(…), "
     "which holds floats.",
     lambda a: in_bytes(a.right(), a.x)),
    ("fractions are cut off", "Whole numbers that come in must not cut the fractions of weights or biases: np.zeros(…) "
     "holds fractions.", lambda a: _of_xs_kind(a, a.right())),
    ("fractions are cut off before the bias", "The sums went into an array of x's whole numbers, which holds no "
     "fractions: np.zeros(…) does.", lambda a: plus(a, _of_xs_kind(a, a.right(bias=None)))),
    ("the mean of the patch", "The products are added up, not averaged.",
     lambda a: plus(a, a.right(bias=None) / a.weight[0].size)),
    ("only square kernels", "kh and kw can differ: read both off weight.shape.", _square),
    ("pairs are not expected", "stride, padding and dilation may each be an int or a pair (height, width).",
     lambda a: a.right(**{name: int(a.raw[name]) for name in ("stride", "padding", "dilation")})),
    ("a result of float16", "float16 holds three digits: sums of products need more.",
     lambda a: a.right().astype(np.float16)),
]

EXERCISE = Exercise(
    name="conv2d", lesson="02_padding_stride", oracle=convolved, pairs=("stride", "padding", "dilation"), wrong=WRONG,
    axes={"x": "image channel row column", "weight": "filter channel kernel-row kernel-column", "bias": "filter",
          "": "image filter row column"},
    parts=[
        Part("padding", 2, _padding, "batches, padded or not, with biases and without, and kernels that do not fit",
             "pad first, and the rest is the convolution of lesson 01."),
        Part("stride", 2, _stride, "batches with strides that divide and that do not, down and across, and kernels "
             "that do not fit", "output (i, j) looks at the patch that begins at (i·stride, j·stride)."),
        Part("dilation", 1, _dilation, "dilated kernels, some of which do not fit",
             "neighbouring weights sit `dilation` pixels apart; the kernel covers dilation·(k − 1) + 1 pixels."),
        Part("all together", 1, _together, "batches with everything at once, pairs, by position and by name",
             "take the six numbers apart at the start: a height and a width for stride, padding and dilation."),
    ],
)
