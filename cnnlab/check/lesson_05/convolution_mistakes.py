"""conv2d_backward: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np

from cnnlab.check.exercise import Mistake, known

CONV: list[Mistake] = []


def _pair(value):
    return (value, value) if np.ndim(value) == 0 else tuple(value)


def _padded(x, padding):
    (ph, pw) = _pair(padding)
    return np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))


def _taps(dout, weight, stride):
    """Each weight's place (u, v) and the pixels of the padded picture that it met, as a slice."""
    (sh, sw), (rows, columns) = _pair(stride), dout.shape[2:]
    for u, v in np.ndindex(*weight.shape[2:]):
        yield u, v, np.s_[:, :, u : u + sh * (rows - 1) + 1 : sh, v : v + sw * (columns - 1) + 1 : sw]


def _uncropped(dout, padded, weight, stride=1):
    full = np.zeros(padded.shape)
    for u, v, met in _taps(dout, weight, stride):
        full[met] += np.einsum("noij,oc->ncij", dout, weight[:, :, u, v])
    return full


def _crop(full, x, padding):
    (ph, pw) = _pair(padding)
    return full[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]]


def _dx(dout, x, weight, stride=1, padding=0):
    return _crop(_uncropped(dout, _padded(x, padding), weight, stride), x, padding)


def _dweight(dout, x, weight, stride=1, padding=0):
    padded, out = _padded(x, padding), np.zeros(weight.shape)
    for u, v, met in _taps(dout, weight, stride):
        out[:, :, u, v] = np.einsum("noij,ncij->oc", dout.astype(float), padded[met])
    return out


def _dbias(dout):
    return dout.sum(axis=(0, 2, 3))


def _all(dout, x, weight, stride=1, padding=0):
    return _dx(dout, x, weight, stride, padding), _dweight(dout, x, weight, stride, padding), _dbias(dout)


# dbias


@known(
    CONV,
    "dbias summed over the images only",
    "The bias was added at every place of its map, in every image: "
    "sum dout over the images, the rows *and* the columns, axis=(0, 2, 3). One number is left for each filter.",
)
def _(dout, x, weight, stride=1, padding=0):
    return *_all(dout, x, weight, stride, padding)[:2], dout.sum(axis=0)


@known(
    CONV,
    "dbias keeps the images apart",
    "There is one bias for all images, and each image has its say in it: sum over the images too, axis=(0, 2, 3).",
)
def _(dout, x, weight, stride=1, padding=0):
    return *_all(dout, x, weight, stride, padding)[:2], dout.sum(axis=(2, 3))


@known(CONV, "dbias is one number", "Every filter has a bias of its own: do not sum over axis 1, the filters.")
def _(dout, x, weight, stride=1, padding=0):
    return *_all(dout, x, weight, stride, padding)[:2], dout.sum()


@known(
    CONV,
    "dbias is a mean",
    "The bias was *added* at every place, so its gradients add up: a sum, no mean. "
    "The 1/N of the mean loss is in dout already.",
)
def _(dout, x, weight, stride=1, padding=0):
    return *_all(dout, x, weight, stride, padding)[:2], dout.mean(axis=(0, 2, 3))


@known(
    CONV,
    "dbias is averaged over the images",
    "The sum over the images was divided by N. The 1/N of the mean loss came with dout; "
    "nothing later in the backward pass divides again.",
)
def _(dout, x, weight, stride=1, padding=0):
    return *_all(dout, x, weight, stride, padding)[:2], _dbias(dout) / len(x)


@known(CONV, "dbias of the first image", "Only the first image's dout counts in dbias. Sum over axis 0 as well.")
def _(dout, x, weight, stride=1, padding=0):
    return *_all(dout, x, weight, stride, padding)[:2], dout[0].sum(axis=(1, 2))


@known(
    CONV,
    "dbias keeps axes of length 1",
    "dbias should have the bias's own shape, (C_out,). Leave keepdims=True out here.",
)
def _(dout, x, weight, stride=1, padding=0):
    return *_all(dout, x, weight, stride, padding)[:2], dout.sum(axis=(0, 2, 3), keepdims=True)


@known(
    CONV,
    "dbias counts places instead of adding dout",
    "The bias's own slope is 1 at every place, but each place passes its dout on: add up dout, not ones.",
)
def _(dout, x, weight, stride=1, padding=0):
    return *_all(dout, x, weight, stride, padding)[:2], _dbias(np.ones(dout.shape))


# dweight


@known(
    CONV,
    "dweight is averaged over the images",
    "The images' shares in dweight were averaged. They are added; the 1/N of the mean loss came with dout.",
)
def _(dout, x, weight, stride=1, padding=0):
    dx, dweight, dbias = _all(dout, x, weight, stride, padding)
    return dx, dweight / len(x), dbias


@known(
    CONV,
    "dweight is averaged over the stops",
    "A weight was used at every stop, and its gradient is the *sum* over them (that is what sharing a weight means). "
    "Yours is their mean.",
)
def _(dout, x, weight, stride=1, padding=0):
    dx, dweight, dbias = _all(dout, x, weight, stride, padding)
    return dx, dweight / (dout.shape[2] * dout.shape[3]), dbias


@known(CONV, "dweight of the last image only", "Each image overwrites dweight of the one before. Add with +=.")
def _(dout, x, weight, stride=1, padding=0):
    dx, _, dbias = _all(dout, x, weight, stride, padding)
    return dx, _dweight(dout[-1:], x[-1:], weight, stride, padding), dbias


@known(CONV, "dweight of the first image only", "Only the first image counts in dweight. Every image used the kernel.")
def _(dout, x, weight, stride=1, padding=0):
    dx, _, dbias = _all(dout, x, weight, stride, padding)
    return dx, _dweight(dout[:1], x[:1], weight, stride, padding), dbias


@known(
    CONV,
    "dweight of the last stop only",
    "Each stop overwrites dweight of the stop before. A weight is used at every stop: add with +=.",
)
def _(dout, x, weight, stride=1, padding=0):
    last = np.zeros(dout.shape)
    last[:, :, -1, -1] = dout[:, :, -1, -1]
    return _dx(dout, x, weight, stride, padding), _dweight(last, x, weight, stride, padding), _dbias(dout)


@known(
    CONV,
    "dweight is turned by 180°",
    "dweight comes out upside down and mirrored: the flip belongs to dx. For dweight, x and dout meet as they are: "
    "a plain cross-correlation.",
)
def _(dout, x, weight, stride=1, padding=0):
    dx, dweight, dbias = _all(dout, x, weight, stride, padding)
    return dx, dweight[:, :, ::-1, ::-1], dbias


@known(
    CONV,
    "dweight with its first two axes swapped",
    "dweight has the axes of weight: first the filter (from dout), then the input channel (from x).",
)
def _(dout, x, weight, stride=1, padding=0):
    dx, dweight, dbias = _all(dout, x, weight, stride, padding)
    return dx, dweight.swapaxes(0, 1), dbias


@known(CONV, "dweight is transposed", "Rows and columns of each kernel's gradient are swapped.")
def _(dout, x, weight, stride=1, padding=0):
    dx, dweight, dbias = _all(dout, x, weight, stride, padding)
    return dx, dweight.swapaxes(2, 3), dbias


@known(
    CONV,
    "dweight added up over the input channels",
    "Every channel's slice of dweight holds the sum over the channels. "
    "weight[o, c] met channel c alone: dweight[o, c] has only x[:, c] in it.",
)
def _(dout, x, weight, stride=1, padding=0):
    dx, dweight, dbias = _all(dout, x, weight, stride, padding)
    return dx, np.repeat(dweight.sum(1, keepdims=True), x.shape[1], axis=1), dbias


@known(
    CONV,
    "dweight from the first channel of x",
    "Every input channel got the gradient of channel 0. dweight[o, c] is made with x[:, c].",
)
def _(dout, x, weight, stride=1, padding=0):
    dx, dweight, dbias = _all(dout, x, weight, stride, padding)
    return dx, np.repeat(dweight[:, :1], x.shape[1], axis=1), dbias


@known(
    CONV,
    "the same dweight for all filters",
    "Every filter got the sum over the filters. weight[o] made map o alone: dweight[o] has only dout[:, o] in it.",
)
def _(dout, x, weight, stride=1, padding=0):
    dx, dweight, dbias = _all(dout, x, weight, stride, padding)
    return dx, np.repeat(dweight.sum(0, keepdims=True), len(weight), axis=0), dbias


@known(
    CONV,
    "dweight without the padding",
    "dweight was made from x without its padding, so each dout meets the wrong patch. "
    "The forward pass saw the padded picture: pad x first, in the backward pass too.",
)
def _(dout, x, weight, stride=1, padding=0):
    (sh, sw), (kh, kw), (ph, pw) = _pair(stride), weight.shape[2:], _pair(padding)
    out = np.zeros(weight.shape)
    at_end = np.pad(x, ((0, 0), (0, 0), (0, 2 * ph), (0, 2 * pw)))  # a slice that runs over the end is met as zeros
    for i, j in np.ndindex(*dout.shape[2:]):
        patch = at_end[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
        out += np.einsum("no,ncuv->ocuv", dout[:, :, i, j], patch)
    return _dx(dout, x, weight, stride, padding), out, _dbias(dout)


@known(
    CONV,
    "dweight made with the weights",
    "The slope of the output by a weight is the *pixel* that it met, not the weight. Multiply dout with patches of x.",
)
def _(dout, x, weight, stride=1, padding=0):
    return _dx(dout, x, weight, stride, padding), weight * _dbias(dout)[:, None, None, None], _dbias(dout)


# dx


@known(
    CONV,
    "dx made with the kernel as it is",
    "The kernel was not turned. In the forward pass x[i+u] met weight[u] at stop i; looked at from the pixel, "
    "the stops come in the opposite order. dx is the full correlation of dout with the kernel *turned by 180°*; "
    "or let each dout drop its kernel, as it is, onto its patch.",
)
def _(dout, x, weight, stride=1, padding=0):
    _, dweight, dbias = _all(dout, x, weight, stride, padding)
    return _dx(dout, x, weight[:, :, ::-1, ::-1], stride, padding), dweight, dbias


@known(
    CONV,
    "dx made with the rows turned only",
    "The kernel was turned upside down, but not mirrored: a half turn reverses both axes, weight[:, :, ::-1, ::-1].",
)
def _(dout, x, weight, stride=1, padding=0):
    _, dweight, dbias = _all(dout, x, weight, stride, padding)
    return _dx(dout, x, weight[..., ::-1], stride, padding), dweight, dbias


@known(
    CONV,
    "dx made with the columns turned only",
    "The kernel was mirrored, but its rows were not turned: a half turn reverses both axes, weight[:, :, ::-1, ::-1].",
)
def _(dout, x, weight, stride=1, padding=0):
    _, dweight, dbias = _all(dout, x, weight, stride, padding)
    return _dx(dout, x, weight[:, :, ::-1], stride, padding), dweight, dbias


@known(
    CONV, "dx made with transposed kernels", "Rows and columns of the kernel are swapped. A half turn is no transpose."
)
def _(dout, x, weight, stride=1, padding=0):
    _, dweight, dbias = _all(dout, x, weight, stride, padding)
    if weight.shape[2] != weight.shape[3]:
        raise ValueError("operands could not be broadcast together")
    return _dx(dout, x, weight.swapaxes(2, 3), stride, padding), dweight, dbias


@known(
    CONV,
    "overwrites where patches overlap",
    "Where patches overlap only the last one is left: dx was assigned with =. "
    "A pixel gets blame from every patch that it lay in: add with +=.",
)
def _(dout, x, weight, stride=1, padding=0):
    (sh, sw), (kh, kw), full = _pair(stride), weight.shape[2:], np.zeros(_padded(x, padding).shape)
    for i, j in np.ndindex(*dout.shape[2:]):
        full[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] = np.tensordot(dout[:, :, i, j], weight, axes=1)
    _, dweight, dbias = _all(dout, x, weight, stride, padding)
    return _crop(full, x, padding), dweight, dbias


@known(
    CONV,
    "dx from the last filter only",
    "Each filter overwrites dx of the one before. A pixel was seen by all filters: add their shares.",
)
def _(dout, x, weight, stride=1, padding=0):
    _, dweight, dbias = _all(dout, x, weight, stride, padding)
    return _dx(dout[:, -1:], x, weight[-1:], stride, padding), dweight, dbias


@known(CONV, "dx from the first filter only", "Only filter 0 sends blame back. A pixel was seen by all filters.")
def _(dout, x, weight, stride=1, padding=0):
    _, dweight, dbias = _all(dout, x, weight, stride, padding)
    return _dx(dout[:, :1], x, weight[:1], stride, padding), dweight, dbias


@known(
    CONV,
    "dx is averaged over the filters",
    "The filters' shares in dx were averaged. The pixel reached all their maps, so its blame adds up.",
)
def _(dout, x, weight, stride=1, padding=0):
    dx, dweight, dbias = _all(dout, x, weight, stride, padding)
    return dx / len(weight), dweight, dbias


@known(CONV, "dx is divided by N", "dx was divided by the batch size. The 1/N of the mean loss is in dout already.")
def _(dout, x, weight, stride=1, padding=0):
    dx, dweight, dbias = _all(dout, x, weight, stride, padding)
    return dx / len(x), dweight, dbias


@known(
    CONV,
    "dx mixes the channels",
    "Every channel of dx holds the sum over the channels. weight[o, c] met channel c alone, "
    "so it sends its blame to channel c alone.",
)
def _(dout, x, weight, stride=1, padding=0):
    dx, dweight, dbias = _all(dout, x, weight, stride, padding)
    return np.repeat(dx.sum(1, keepdims=True), x.shape[1], axis=1), dweight, dbias


@known(
    CONV,
    "dx mixes the images",
    "Every image of dx holds the sum over the images. An image's pixels reached that image's output and no other.",
)
def _(dout, x, weight, stride=1, padding=0):
    dx, dweight, dbias = _all(dout, x, weight, stride, padding)
    return np.repeat(dx.sum(0, keepdims=True), len(x), axis=0), dweight, dbias


@known(
    CONV,
    "dx without the border",
    "dx is the *valid* correlation of dout with the turned kernel; the pixels near the border have no place in it. "
    "Border pixels were in fewer patches, but they were in some: pad dout with kernel − 1 zeros first.",
)
def _(dout, x, weight, stride=1, padding=0):
    _, dweight, dbias = _all(dout, x, weight, stride, padding)
    dx, (kh, kw) = _dx(dout, x, weight, stride, padding), weight.shape[2:]
    cut = dx[:, :, kh - 1 : x.shape[2] - kh + 1, kw - 1 : x.shape[3] - kw + 1]
    return cut, dweight, dbias


@known(
    CONV,
    "dx is 0 near the border",
    "dx is right in the middle and 0 near the border. Pixels at the border were in fewer patches than the others, "
    "but in some: they have a gradient too.",
)
def _(dout, x, weight, stride=1, padding=0):
    _, dweight, dbias = _all(dout, x, weight, stride, padding)
    dx, out, (kh, kw) = _dx(dout, x, weight, stride, padding), np.zeros(x.shape), weight.shape[2:]
    inside = np.s_[:, :, kh - 1 : x.shape[2] - kh + 1, kw - 1 : x.shape[3] - kw + 1]
    out[inside] = dx[inside]
    return out, dweight, dbias


# padding


@known(
    CONV,
    "the padding is not cropped",
    "dx has the padded picture's shape. The padding was put there by the layer, nobody asks for its gradient: "
    "cut ph rows and pw columns off each side, and dx has x's shape again.",
)
def _(dout, x, weight, stride=1, padding=0):
    _, dweight, dbias = _all(dout, x, weight, stride, padding)
    return _uncropped(dout, _padded(x, padding), weight, stride), dweight, dbias


@known(
    CONV,
    "the padding is cut off at the end only",
    "dx was cut to x's shape at its end, and begins with the padding. x begins ph rows down and pw columns in: "
    "dx_padded[:, :, ph:ph+H, pw:pw+W].",
)
def _(dout, x, weight, stride=1, padding=0):
    _, dweight, dbias = _all(dout, x, weight, stride, padding)
    return _uncropped(dout, _padded(x, padding), weight, stride)[:, :, : x.shape[2], : x.shape[3]], dweight, dbias


@known(
    CONV,
    "[p:-p] with a padding of 0",
    "dx is empty where an axis has no padding: [0:-0] is [0:0], which holds nothing. "
    "Write [ph:ph+H], which is right for 0 too.",
)
def _(dout, x, weight, stride=1, padding=0):
    _, dweight, dbias = _all(dout, x, weight, stride, padding)
    (ph, pw) = _pair(padding)
    full = _uncropped(dout, _padded(x, padding), weight, stride)
    return full if padding == 0 else full[:, :, ph:-ph, pw:-pw], dweight, dbias


@known(
    CONV,
    "padding is ignored",
    "padding has no effect in yours. Pad x as the forward pass does, work on that, and crop dx at the end.",
)
def _(dout, x, weight, stride=1, padding=0):
    (sh, sw), (kh, kw) = _pair(stride), weight.shape[2:]
    dx, dweight = np.zeros(x.shape), np.zeros(weight.shape)
    for i, j in np.ndindex(*dout.shape[2:]):
        there = np.s_[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
        if x[there].shape[2:] == (kh, kw):
            dx[there] += np.tensordot(dout[:, :, i, j], weight, axes=1)
            dweight += np.tensordot(dout[:, :, i, j], x[there], axes=(0, 0))
    return dx, dweight, _dbias(dout)


@known(CONV, "the padding's height and width are swapped", "A pair of paddings is (height, width): rows first.")
def _(dout, x, weight, stride=1, padding=0):
    return _all(dout, x, weight, stride, _pair(padding)[::-1])


@known(
    CONV,
    "the padding repeats the border",
    "x was padded with copies of its border pixels. The forward pass pads with zeros, and so must the backward pass.",
)
def _(dout, x, weight, stride=1, padding=0):
    dx, _, dbias = _all(dout, x, weight, stride, padding)
    ph, pw = _pair(padding)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), mode="edge")
    return dx, _dweight(dout, padded, weight, stride), dbias


@known(
    CONV,
    "only one number for the padding",
    "padding may be a pair (height, width), with two different numbers; yours takes the first one for both.",
)
def _(dout, x, weight, stride=1, padding=0):
    return _all(dout, x, weight, stride, _pair(padding)[0])


# stride


@known(
    CONV,
    "the stride is ignored",
    "Yours works as if the stride were 1. Stop (i, j) stood on the patch that begins at (i·sh, j·sw).",
)
def _(dout, x, weight, stride=1, padding=0):
    return _all(dout, x, weight, 1, padding)


@known(
    CONV,
    "the gaps of the stride are not left in dx",
    "dweight is right, but dx takes the stops as neighbours. With a stride they are sh rows and sw columns apart: "
    "put sh − 1 (sw − 1) zeros between the values of dout before the full correlation.",
)
def _(dout, x, weight, stride=1, padding=0):
    _, dweight, dbias = _all(dout, x, weight, stride, padding)
    return _dx(dout, x, weight, 1, padding), dweight, dbias


@known(
    CONV,
    "the stride is ignored in dweight",
    "dx is right, but in dweight stop (i, j) meets the patch at (i, j). It stood on the one at (i·sh, j·sw).",
)
def _(dout, x, weight, stride=1, padding=0):
    dx, _, dbias = _all(dout, x, weight, stride, padding)
    return dx, _dweight(dout, x, weight, 1, padding), dbias


@known(CONV, "the stride's height and width are swapped", "A pair of strides is (height, width): rows first.")
def _(dout, x, weight, stride=1, padding=0):
    return _all(dout, x, weight, _pair(stride)[::-1], padding)


@known(
    CONV,
    "only one number for the stride",
    "stride may be a pair (height, width), with two different numbers; yours takes the first one for both.",
)
def _(dout, x, weight, stride=1, padding=0):
    return _all(dout, x, weight, _pair(stride)[0], padding)


@known(
    CONV,
    "dx ends where the last patch ends",
    "Where the stride does not divide, the last rows or columns of x are in no patch. dx still has x's shape: "
    "0 stands there. Begin with zeros of x's (padded) shape.",
)
def _(dout, x, weight, stride=1, padding=0):
    _, dweight, dbias = _all(dout, x, weight, stride, padding)
    (sh, sw), (ph, pw), (rows, columns) = _pair(stride), _pair(padding), dout.shape[2:]
    height, width = sh * (rows - 1) + weight.shape[2] - 2 * ph, sw * (columns - 1) + weight.shape[3] - 2 * pw
    return _dx(dout, x, weight, stride, padding)[:, :, :height, :width], dweight, dbias


@known(
    CONV,
    "everything is stretched by the stride",
    "Stop (i, j) was taken for the patch at (i + sh, j + sw) or the like. It begins at (i·sh, j·sw): multiply.",
)
def _(dout, x, weight, stride=1, padding=0):
    (sh, sw), (ph, pw) = _pair(stride), _pair(padding)
    dx, dweight = np.zeros(x.shape), np.zeros(weight.shape)
    wide = np.pad(x, ((0, 0), (0, 0), (ph, ph + sh), (pw, pw + sw)))
    full = np.zeros(wide.shape)
    for u, v, (_, _, r, c) in _taps(dout, weight, 1):
        met = np.s_[:, :, r.start + sh - 1 : r.stop + sh - 1, c.start + sw - 1 : c.stop + sw - 1]
        full[met] += np.einsum("noij,oc->ncij", dout, weight[:, :, u, v])
        dweight[:, :, u, v] = np.einsum("noij,ncij->oc", dout, wide[met])
    dx[:] = full[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]]
    return dx, dweight, _dbias(dout)
