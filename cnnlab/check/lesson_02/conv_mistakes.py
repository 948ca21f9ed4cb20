"""What goes wrong in conv2d: sizes, padding, stride and dilation."""

from __future__ import annotations

import numpy as np

from cnnlab.check.exercise import Mistake, known

CONV2D: list[Mistake] = []


def _pair(value):
    return (value, value) if np.ndim(value) == 0 else tuple(value)


def _size(size, kernel, padding, stride, dilation):
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError("the kernel does not fit")
    return room // stride + 1


def _conv(x, weight, bias, stride, padding, dilation, pad=None, size=None, starts=None):
    """A convolution whose padding, sizes and starts can be other ones."""
    (sh, sw), (ph, pw), (dh, dw) = _pair(stride), _pair(padding), _pair(dilation)
    kh, kw = weight.shape[2:]
    rows, columns = _size(x.shape[2], kh, ph, sh, dh), _size(x.shape[3], kw, pw, sw, dw)
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw))) if pad is None else pad(x, ph, pw)
    if size is not None:
        rows, columns = size(rows, columns)
    down, across = (sh, sw) if starts is None else starts
    out = np.zeros((len(x), len(weight), rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * down, j * across
            patch = x[:, :, top : top + dh * (kh - 1) + 1 : dh, left : left + dw * (kw - 1) + 1 : dw]
            out[:, :, i, j] = np.einsum("ncuv,ocuv->no", patch, weight)
    return out if bias is None else out + np.asarray(bias)[:, None, None]


@known(
    CONV2D,
    "the stride is the place in the output",
    "The stride moves the *patch*: out[i, j] looks at x[i·S …]. Output cells are filled one after the other.",
)
def stride_in_the_output(x, weight, bias=None, stride=1, padding=0, dilation=1):
    out = _conv(x, weight, None, 1, padding, dilation)
    sh, sw = _pair(stride)
    found = np.zeros_like(_conv(x, weight, None, stride, padding, dilation))
    rows, columns = out.shape[2:]
    for i in range(0, min(found.shape[2], rows), sh):
        for j in range(0, min(found.shape[3], columns), sw):
            found[:, :, i, j] = out[:, :, i, j]
    return found if bias is None else found + np.asarray(bias)[:, None, None]


@known(
    CONV2D,
    "the stride sizes the output, but the patches are neighbours",
    "The output is small because starts are skipped: patch (i, j) begins at (i·S, j·S), not at (i, j).",
)
def stride_in_the_size_only(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, stride, padding, dilation, starts=(1, 1))


@known(CONV2D, "the stride is left out", "Only every S-th start is kept, down and across.")
def no_stride(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, 1, padding, dilation)


@known(CONV2D, "stride down only", "The stride holds across as well: j·stride.")
def stride_down_only(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, (_pair(stride)[0], 1), padding, dilation)


@known(CONV2D, "stride across only", "The stride holds down as well: i·stride.")
def stride_across_only(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, (1, _pair(stride)[1]), padding, dilation)


@known(CONV2D, "the strides changed places", "A pair is (height, width): the first is the step down.")
def strides_swapped(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, _pair(stride)[::-1], padding, dilation)


@known(CONV2D, "the stride is always the height's", "A pair has two numbers: the second is the step across.")
def one_stride(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, _pair(stride)[0], padding, dilation)


@known(
    CONV2D,
    "the output is one larger where the stride does not divide",
    "A step that would leave the picture is not taken: round down.",
)
def ceil(x, weight, bias=None, stride=1, padding=0, dilation=1):
    (sh, sw), (ph, pw), (dh, dw) = _pair(stride), _pair(padding), _pair(dilation)
    kh, kw = weight.shape[2:]
    rooms = [x.shape[2] + 2 * ph - dh * (kh - 1) - 1, x.shape[3] + 2 * pw - dw * (kw - 1) - 1]
    if min(rooms) < 0:
        raise ValueError("the kernel does not fit")
    wide = np.pad(x, ((0, 0), (0, 0), (ph, ph + sh), (pw, pw + sw)))
    rows, columns = -(-rooms[0] // sh) + 1, -(-rooms[1] // sw) + 1
    return _conv(wide, weight, bias, stride, 0, dilation, size=lambda r, c: (rows, columns))


@known(
    CONV2D,
    "the size is divided before the kernel is taken off",
    "floor((W − K + 2P)/S) + 1: the kernel first, then the stride.",
)
def size_by_stride(x, weight, bias=None, stride=1, padding=0, dilation=1):
    (sh, sw), (ph, pw) = _pair(stride), _pair(padding)
    high, wide = (x.shape[2] + 2 * ph) // sh, (x.shape[3] + 2 * pw) // sw
    return _conv(x, weight, bias, stride, padding, dilation, size=lambda r, c: (min(r, high), min(c, wide)))


@known(CONV2D, "no padding", "The zeros go round the picture before anything else.")
def no_padding(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, stride, 0, dilation)


@known(CONV2D, "the paddings changed places", "A pair is (height, width): the first goes above and below.")
def paddings_swapped(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, stride, _pair(padding)[::-1], dilation)


@known(CONV2D, "padded at the top and left only", "The zeros go on both sides of each axis.")
def padded_before(x, weight, bias=None, stride=1, padding=0, dilation=1):
    ph, pw = _pair(padding)
    return _conv(np.pad(x, ((0, 0), (0, 0), (ph, 0), (pw, 0))), weight, bias, stride, 0, dilation)


@known(
    CONV2D,
    "all of the padding at the top and left",
    "Half of the zeros belong below and to the right: P on each side.",
)
def padded_twice_before(x, weight, bias=None, stride=1, padding=0, dilation=1):
    def pad(x, ph, pw):
        return np.pad(x, ((0, 0), (0, 0), (2 * ph, 0), (2 * pw, 0)))

    return _conv(x, weight, bias, stride, padding, dilation, pad=pad)


@known(CONV2D, "the padding is always the height's", "A pair has two numbers: the second goes left and right.")
def one_padding(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, stride, _pair(padding)[0], dilation)


@known(CONV2D, "the edge is repeated in place of zeros", "The border is zeros: np.pad's default.")
def edge_padding(x, weight, bias=None, stride=1, padding=0, dilation=1):
    def pad(x, ph, pw):
        return np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), mode="edge")

    return _conv(x, weight, bias, stride, padding, dilation, pad=pad)


@known(CONV2D, "the picture goes on round the edge", "The border is zeros, not the other side of the picture.")
def wrap_padding(x, weight, bias=None, stride=1, padding=0, dilation=1):
    def pad(x, ph, pw):
        return np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), mode="wrap")

    return _conv(x, weight, bias, stride, padding, dilation, pad=pad)


@known(
    CONV2D,
    "the padding is put round the output",
    "The zeros go round the *input*, so that the kernel can stand over the border.",
)
def padding_after(x, weight, bias=None, stride=1, padding=0, dilation=1):
    ph, pw = _pair(padding)
    out = _conv(x, weight, bias, stride, 0, dilation)
    return np.pad(out, ((0, 0), (0, 0), (ph, ph), (pw, pw)))


@known(CONV2D, "the dilation is left out", "Neighbouring weights sit `dilation` pixels apart: x[top + u·dilation, …].")
def no_dilation(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, stride, padding, 1)


@known(
    CONV2D,
    "the dilation counts in the size only",
    "The output has the right size, but the patch is an ordinary one: take every `dilation`-th pixel.",
)
def dilation_in_the_size_only(x, weight, bias=None, stride=1, padding=0, dilation=1):
    full = _conv(x, weight, bias, stride, padding, dilation)
    return _conv(x, weight, bias, stride, padding, 1)[:, :, : full.shape[2], : full.shape[3]]


@known(CONV2D, "the dilations changed places", "A pair is (height, width): the first holds for the rows.")
def dilations_swapped(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, stride, padding, _pair(dilation)[::-1])


@known(CONV2D, "the dilation is always the height's", "A pair has two numbers: the second holds for the columns.")
def one_dilation(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, stride, padding, _pair(dilation)[0])


@known(
    CONV2D,
    "stride and dilation changed places",
    "The stride moves the kernel, the dilation pulls its weights apart.",
)
def stride_for_dilation(x, weight, bias=None, stride=1, padding=0, dilation=1):
    return _conv(x, weight, bias, dilation, padding, stride)


@known(
    CONV2D,
    "a kernel that does not fit gives an empty result",
    "Where the kernel does not fit, raise ValueError; output_size does it for you.",
)
def empty_for_none(x, weight, bias=None, stride=1, padding=0, dilation=1):
    try:
        return _conv(x, weight, bias, stride, padding, dilation)
    except ValueError:
        return np.zeros((len(x), len(weight), 0, 0))
