"""conv2d_backward: the lesson's heart, built up in five parts."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part, pair
from cnnlab.check.draw import floats, great, ints, pixels, single, sliced, small, some_zeros, transposed, whole
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_05.patches import ends, kept, places


def conv_gradients(dout: np.ndarray, x: np.ndarray, weight: np.ndarray, stride=1, padding=0) -> tuple:
    """dx (N, C_in, H, W), dweight (C_out, C_in, kh, kw), dbias (C_out,) in float64 for dout (N, C_out, H', W'): each
    output blames patch and kernel. stride and padding are an int or a pair; patches that run over the end of x meet
    zeros there."""
    (sh, sw) = pair(stride)
    return _by_stops(dout, x, weight, pair(padding), lambda i, j: (i * sh, j * sw))


def _by_stops(dout, x, weight, padding: tuple, begins: Callable, keep: int = 1) -> tuple:
    """begins(i, j): where the patch of a stop begins; keep: 0 lets each stop wipe out what lies on its patch of dx."""
    dout, x, weight = (array.astype(np.float64) for array in (dout, x, weight))
    (ph, pw), (kh, kw), (high, across) = padding, weight.shape[2:], x.shape[2:]
    bottom, right = begins(*dout.shape[2:])
    wide = np.pad(x, ((0, 0), (0, 0), (ph, ph + bottom + kh), (pw, pw + right + kw)))
    dwide, dweight, kernels = np.zeros(wide.shape), np.zeros(weight.shape), weight.reshape(len(weight), -1)
    for i, j in np.ndindex(*dout.shape[2:]):
        (top, left), blame = begins(i, j), dout[:, :, i, j]
        patch = np.s_[:, :, top : top + kh, left : left + kw]
        dwide[patch] = keep * dwide[patch] + (blame @ kernels).reshape(len(x), *weight.shape[1:])
        dweight += (blame.T @ wide[patch].reshape(len(x), -1)).reshape(weight.shape)
    return dwide[:, :, ph : ph + high, pw : pw + across], dweight, dout.sum(axis=(0, 2, 3))


def _conv(rng, shapes: str, note="", stride=None, padding=None, *, by_name=True, only=(), draw=floats, **draws) -> Case:
    """A case with x and weight of these shapes, a digit for each side (b is 11), and a dout of the size they give."""
    x, weight = ([int(side, 16) for side in shape] for shape in shapes.split())
    sides = zip(x[2:], weight[2:], pair(stride or 1), pair(padding or 0), strict=True)
    out = [(side + 2 * p - k) // s + 1 for side, k, s, p in sides]
    sizes = {"dout": (x[0], weight[0], *out), "x": x, "kernel": weight}
    args = tuple(draws.get(name, draw)(rng, *size) for name, size in sizes.items())
    given = {name: value for name, value in (("stride", stride), ("padding", padding)) if value is not None}
    return Case(args, given, note, only) if by_name else Case((*args, *given.values()), note=note, results=only)


# fmt: off
def _usual(conv: Callable, **how) -> list[Case]:
    """What every part tries, each with its own stride and padding."""
    conv = partial(conv, **how)
    return [
        conv("2354 3323", "as many filters as channels"), conv("2334 2311", "1 × 1 kernels"),
        conv("2316 2312", "a single row"), conv("2261 3231", "a single column"),
        conv("2244 3232", "zeros among the numbers", draw=some_zeros),
        conv("2356 4322", "transposed arrays", dout=sliced, draw=transposed),
        conv("2246 3223", "slices of larger arrays", dout=transposed, draw=sliced),
        conv("2245 3232", "float32", draw=single), conv("2234 3222", "large numbers", draw=great),
        conv("b234 2222", "eleven images"), conv("22b9 2234", "larger than the others"),
        conv("2354 3323", "another batch of a size seen before"),
    ]


def _cases(rng: np.random.Generator, part: str = "", only: tuple[str, ...] = ()) -> list[Case]:
    """Whole numbers meet fractions where layers are padded, and nowhere else: a slip of dtype costs one part alone."""
    conv = partial(_conv, rng, only=only)
    if part == "padding":
        return [
            conv("1133 1122", padding=1, draw=small), conv("1134 1133", "'same' padding", padding=1, draw=small),
            conv("1133 1122", "rows only", padding=(1, 0), draw=small),
            conv("1133 1123", "columns only", padding=(0, 1), draw=small),
            conv("2234 3233", "whole x and weight, dout with fractions", padding=1, dout=floats, draw=ints),
            conv("2243 3223", "bytes", padding=1, dout=floats, kernel=floats, draw=pixels),
            conv("2234 2223", "a whole weight", padding=1, kernel=ints),
            conv("1254 3223", "a pair as a list", padding=[0, 2]),
            conv("2243 3225", "by position", 1, (1, 2), by_name=False),
            conv("2223 2245", "a kernel larger than the picture", padding=(1, 2)),
            conv("2354 3323", "a padding of 0", padding=0), *_usual(conv, padding=1),
            conv("2354 3323", "another padding for a size seen before", padding=(2, 1)),
        ]
    if part == "stride":
        return [
            conv("1144 1122", "patch beside patch", 2, draw=whole),
            conv("1155 1133", "patches that overlap", 2, draw=whole),
            conv("1165 1122", "gaps between the patches, and rows that none reaches", 3, draw=whole),
            conv("1164 1132", "a row that no patch reaches", 2, draw=whole), conv("2354 3323", "a pair", (2, 3)),
            *_usual(conv, stride=2), conv("2354 3323", "another stride for a size seen before", [1, 2]),
            conv("2275 3223", "rows only", (3, 1)), conv("3256 2232", "pairs", (2, 3), (1, 2)),
            conv("2365 4323", "by position", 2, 1, by_name=False),
            conv("2266 2233", "rows of x and of padding that no patch reaches", 2, 1),
            conv("1287 2222", "a stride much larger than the kernel", 4),
        ]
    return [
        conv("1133 1122", "one image, one channel, one filter", draw=whole),
        conv("1135 1123", "not square", draw=whole), conv("1134 2122", "two filters", draw=whole),
        conv("1234 1222", "two channels", draw=whole), conv("2143 1122", "two images", draw=whole), conv("2345 4332"),
        conv("3245 5223"), conv("3234 4234", "the kernel is as large as the picture"), *_usual(conv),
    ]


def _padded(a, mode: Any = "constant") -> np.ndarray:
    return np.pad(a.x, [(p, p) for p in (0, 0, *a.padding)], mode)


def _uncropped(a, *cut: slice) -> tuple:
    """dx of the padded picture, cut some other way or not at all."""
    return a.instead(dx=a.right(x=_padded(a), padding=0)[0][(..., *cut)])


def _from_stops(a, *stops: Any, **how) -> tuple:
    """dx and dweight from some of the stops."""
    return a.right(dout=kept(a.dout, *stops), **how)[:2] + a.right()[2:]


def _unpadded(a) -> tuple:
    sides = zip(a.x.shape[2:], a.weight.shape[2:], a.stride, strict=True)
    return _from_stops(a, ..., *(slice(max(0, (side - k) // s + 1)) for side, k, s in sides), padding=0)


def _other_stops(a, begins: Callable, keep: int = 1) -> tuple:
    return _by_stops(a.dout, a.x, a.weight, a.padding, lambda i, j: begins(i, j, *a.stride), keep)


def _patches_over(a) -> np.ndarray:
    """For each pixel the number of patches that it lies in."""
    return np.rint(a.right(dout=np.ones(a.dout.shape), weight=np.ones(a.weight.shape))[0][0, 0] / len(a.weight))


def _inner(a) -> tuple:
    """The pixels that a full correlation without zeros round dout would reach."""
    sides = zip(a.x.shape[2:], a.weight.shape[2:], strict=True)
    return (..., *(slice(k - 1, max(0, side - k + 1)) for side, k in sides))


WRONG = [
    # dbias
    ("dbias summed over the images only", "The bias was added at every place of its map, in every image: sum dout over "
     "the images, the rows *and* the columns, axis=(0, 2, 3). One number is left for each filter.",
     lambda a: a.instead(dbias=a.dout.sum(axis=0))),
    ("dbias keeps the images apart", "There is one bias for all images, and each image has its say in it: sum over the "
     "images too, axis=(0, 2, 3).", lambda a: a.instead(dbias=a.dout.sum(axis=(2, 3)))),
    ("dbias is one number", "Every filter has a bias of its own: do not sum over axis 1, the filters.",
     lambda a: a.instead(dbias=a.dout.sum())),
    ("dbias is a mean", "The bias was *added* at every place, so its gradients add up: a sum, no mean. The 1/N of the "
     "mean loss is in dout already.", lambda a: a.instead(dbias=a.dout.mean(axis=(0, 2, 3)))),
    ("dbias is averaged over the images", "The sum over the images was divided by N. The 1/N of the mean loss came "
     "with dout; nothing later in the backward pass divides again.",
     lambda a: a.instead(dbias=a.dout.sum(axis=(2, 3)).mean(axis=0))),
    ("dbias of the first image", "Only the first image's dout counts in dbias. Sum over axis 0 as well.",
     lambda a: a.instead(dbias=a.dout[0].sum(axis=(1, 2)))),
    ("dbias keeps axes of length 1", "dbias should have the bias's own shape, (C_out,). Leave keepdims=True out here.",
     lambda a: a.instead(dbias=a.dout.sum(axis=(0, 2, 3), keepdims=True))),
    ("dbias counts places instead of adding dout", "The bias's own slope is 1 at every place, but each place passes "
     "its dout on: add up dout, not ones.", lambda a: a.but("dbias", dout=np.ones(a.dout.shape))),
    # dweight
    ("dweight is averaged over the images", "The images' shares in dweight were averaged. They are added; the 1/N of "
     "the mean loss came with dout.", lambda a: a.instead(dweight=lambda d: d / len(a.x))),
    ("dweight is averaged over the stops", "A weight was used at every stop, and its gradient is the *sum* over them "
     "(that is what sharing a weight means). Yours is their mean.",
     lambda a: a.instead(dweight=lambda d: d / a.dout[0, 0].size)),
    ("dweight of the last image only", "Each image overwrites dweight of the one before. Add with +=.",
     lambda a: a.but("dweight", dout=a.dout[-1:], x=a.x[-1:])),
    ("dweight of the first image only", "Only the first image counts in dweight. Every image used the kernel.",
     lambda a: a.but("dweight", dout=a.dout[:1], x=a.x[:1])),
    ("dweight of the last stop only", "Each stop overwrites dweight of the stop before. A weight is used at every "
     "stop: add with +=.", lambda a: a.but("dweight", dout=kept(a.dout, ..., -1, -1))),
    ("dweight is turned by 180°", "dweight comes out upside down and mirrored: the flip belongs to dx. For dweight, x "
     "and dout meet as they are: a plain cross-correlation.",
     lambda a: a.instead(dweight=lambda d: d[:, :, ::-1, ::-1])),
    ("dweight with its first two axes swapped", "dweight has the axes of weight: first the filter (from dout), then "
     "the input channel (from x).", lambda a: a.instead(dweight=lambda d: d.swapaxes(0, 1))),
    ("dweight is transposed", "Rows and columns of each kernel's gradient are swapped.",
     lambda a: a.instead(dweight=lambda d: d.swapaxes(2, 3))),
    ("dweight added up over the input channels", "Every channel's slice of dweight holds the sum over the channels. "
     "weight[o, c] met channel c alone: dweight[o, c] has only x[:, c] in it.",
     lambda a: a.instead(dweight=lambda d: d.sum(1, keepdims=True) + 0 * d)),
    ("dweight from the first channel of x", "Every input channel got the gradient of channel 0. dweight[o, c] is made "
     "with x[:, c].", lambda a: a.instead(dweight=lambda d: d[:, [0] * a.x.shape[1]])),
    ("the same dweight for all filters", "Every filter got the sum over the filters. weight[o] made map o alone: "
     "dweight[o] has only dout[:, o] in it.", lambda a: a.instead(dweight=lambda d: d.sum(0) + 0 * d)),
    ("dweight without the padding", "dweight was made from x without its padding, so each dout meets the wrong patch. "
     "The forward pass saw the padded picture: pad x first, in the backward pass too.",
     lambda a: a.but("dweight", padding=0)),
    ("dweight made with the weights", "The slope of the output by a weight is the *pixel* that it met, not the weight. "
     "Multiply dout with patches of x.", lambda a: a.instead(dweight=a.weight * a.right()[2][:, None, None, None])),
    # dx
    ("dx made with the kernel as it is", "The kernel was not turned. In the forward pass x[i+u] met weight[u] at stop "
     "i; looked at from the pixel, the stops come in the opposite order. dx is the full correlation of dout with the "
     "kernel *turned by 180°*; or let each dout drop its kernel, as it is, onto its patch.",
     lambda a: a.but("dx", weight=a.weight[:, :, ::-1, ::-1])),
    ("dx made with the rows turned only", "The kernel was turned upside down, but not mirrored: a half turn reverses "
     "both axes, weight[:, :, ::-1, ::-1].", lambda a: a.but("dx", weight=a.weight[..., ::-1])),
    ("dx made with the columns turned only", "The kernel was mirrored, but its rows were not turned: a half turn "
     "reverses both axes, weight[:, :, ::-1, ::-1].", lambda a: a.but("dx", weight=a.weight[:, :, ::-1])),
    ("dx made with transposed kernels", "Rows and columns of the kernel are swapped. A half turn is no transpose.",
     lambda a: a.but("dx", weight=a.weight.swapaxes(2, 3))),
    ("filters and channels of the kernel change places", "Map o sends its blame to channel c through weight[o, c]; "
     "yours takes weight[c, o] where that fits as well.",
     lambda a: a.but("dx", weight=a.weight.swapaxes(0, 1) if len(a.weight) == a.x.shape[1] else a.weight)),
    ("overwrites where patches overlap", "Where patches overlap only the last one is left: dx was assigned with =. A "
     "pixel gets blame from every patch that it lay in: add with +=.",
     lambda a: a.instead(dx=_other_stops(a, lambda i, j, sh, sw: (i * sh, j * sw), keep=0)[0])),
    ("dx from the last filter only", "Each filter overwrites dx of the one before. A pixel was seen by all filters: "
     "add their shares.", lambda a: a.but("dx", dout=a.dout[:, -1:], weight=a.weight[-1:])),
    ("dx from the first filter only", "Only filter 0 sends blame back. A pixel was seen by all filters.",
     lambda a: a.but("dx", dout=a.dout[:, :1], weight=a.weight[:1])),
    ("dx is averaged over the filters", "The filters' shares in dx were averaged. The pixel reached all their maps, so "
     "its blame adds up.", lambda a: a.instead(dx=lambda d: d / len(a.weight))),
    ("dx is divided by N", "dx was divided by the batch size. The 1/N of the mean loss is in dout already.",
     lambda a: a.instead(dx=lambda d: d / len(a.x))),
    ("dx mixes the channels", "Every channel of dx holds the sum over the channels. weight[o, c] met channel c alone, "
     "so it sends its blame to channel c alone.", lambda a: a.instead(dx=lambda d: d.sum(1, keepdims=True) + 0 * d)),
    ("dx mixes the images", "Every image of dx holds the sum over the images. An image's pixels reached that image's "
     "output and no other.", lambda a: a.instead(dx=lambda d: d.sum(0) + 0 * d)),
    ("dx without the border", "dx is the *valid* correlation of dout with the turned kernel; the pixels near the "
     "border have no place in it. Border pixels were in fewer patches, but they were in some: pad dout with kernel − 1 "
     "zeros first.", lambda a: a.instead(dx=lambda d: d[_inner(a)])),
    ("dx is 0 near the border", "dx is right in the middle and 0 near the border. Pixels at the border were in fewer "
     "patches than the others, but in some: they have a gradient too.",
     lambda a: a.instead(dx=lambda d: kept(d, *_inner(a)))),
    # padding
    ("the padding is not cropped", "dx has the padded picture's shape. The padding was put there by the layer, nobody "
     "asks for its gradient: cut ph rows and pw columns off each side, and dx has x's shape again.", _uncropped),
    ("the padding is cut off at the end only", "dx was cut to x's shape at its end, and begins with the padding. x "
     "begins ph rows down and pw columns in: dx_padded[:, :, ph:ph+H, pw:pw+W].",
     lambda a: _uncropped(a, *map(slice, a.x.shape[2:]))),
    ("[p:-p] with a padding of 0", "dx is empty where an axis has no padding: [0:-0] is [0:0], which holds nothing. "
     "Write [ph:ph+H], which is right for 0 too.", lambda a: _uncropped(a, *(slice(p, -p) for p in a.padding))),
    ("padding is ignored", "padding has no effect in yours. Pad x as the forward pass does, work on that, and crop dx "
     "at the end.", _unpadded),
    ("the padding's height and width are swapped", "A pair of paddings is (height, width): rows first.",
     lambda a: a.right(padding=a.padding[::-1])),
    ("the padding repeats the border", "x was padded with copies of its border pixels. The forward pass pads with "
     "zeros, and so must the backward pass.", lambda a: a.but("dweight", x=_padded(a, "edge"), padding=0)),
    ("only one number for the padding", "padding may be a pair (height, width), with two different numbers; yours "
     "takes the first one for both.", lambda a: a.right(padding=a.padding[0])),
    # stride
    ("the stride is ignored", "Yours works as if the stride were 1. Stop (i, j) stood on the patch that begins at "
     "(i·sh, j·sw).", lambda a: a.right(stride=1)),
    ("the gaps of the stride are not left in dx", "dweight is right, but dx takes the stops as neighbours. With a "
     "stride they are sh rows and sw columns apart: put sh − 1 (sw − 1) zeros between the values of dout before the "
     "full correlation.", lambda a: a.but("dx", stride=1)),
    ("the stride is ignored in dweight", "dx is right, but in dweight stop (i, j) meets the patch at (i, j). It stood "
     "on the one at (i·sh, j·sw).", lambda a: a.but("dweight", stride=1)),
    ("the stride's height and width are swapped", "A pair of strides is (height, width): rows first.",
     lambda a: a.right(stride=a.stride[::-1])),
    ("only one number for the stride", "stride may be a pair (height, width), with two different numbers; yours takes "
     "the first one for both.", lambda a: a.right(stride=a.stride[0])),
    ("dx ends where the last patch ends", "Where the stride does not divide, the last rows or columns of x are in no "
     "patch. dx still has x's shape: 0 stands there. Begin with zeros of x's (padded) shape.",
     lambda a: a.instead(dx=lambda d: d[ends(a.dout.shape[2:], a.weight.shape[2:], a.stride, a.padding)])),
    ("the stride is added, not multiplied", "Stop (i, j) was taken for the patch at (i + sh − 1, j + sw − 1). It "
     "begins at (i·sh, j·sw): multiply.", lambda a: _other_stops(a, lambda i, j, sh, sw: (i + sh - 1, j + sw - 1))),
    # all three
    ("the results in another order", "The three gradients come in the order dx, dweight, dbias: the order of the "
     "forward pass's arguments.", lambda a: a.right()[::-1]),
    ("dweight before dx", "The first result is dx (x's shape), the second dweight (weight's shape); yours come the "
     "other way round.", lambda a: tuple(a.right()[k] for k in (1, 0, 2))),
    ("the sign is changed", "Every gradient has the wrong sign. The minus belongs to the update, not here.",
     lambda a: tuple(-one for one in a.right())),
    ("cut to whole numbers", "The fractions are gone: np.zeros_like(x), or of weight, holds none where that holds "
     "whole numbers. Begin with np.zeros(x.shape) and np.zeros(weight.shape).",
     lambda a: a.instead(dx=lambda d: d.astype(a.x.dtype), dweight=lambda d: d.astype(a.weight.dtype))),
    ("dout is cut at 0", "Negative values of dout were taken as 0. That is ReLU's business; the convolution passes "
     "every value on.", lambda a: a.right(dout=np.maximum(a.dout, 0))),
    ("only the first image", "Only the first image is looked at. Every image of the batch has its say.",
     lambda a: a.right(dout=kept(a.dout, slice(1)))),
    ("the last row and column of stops are left out", "A loop ends one stop early. dout itself says how many stops "
     "there are: dout.shape[2] by dout.shape[3].", lambda a: _from_stops(a, ..., slice(-1), slice(-1))),
    ("as if maps were square", "The number of rows of dout is used for its columns as well. Take both from "
     "dout.shape[2:].", lambda a: _from_stops(a, ..., slice(a.dout.shape[2]))),
    ("as if the kernel were square", "The kernel's height is used for its width as well. Take both from "
     "weight.shape[2:].",
     lambda a: a.right(weight=np.broadcast_to(a.weight, (*a.weight.shape[:3], a.weight.shape[2])))),
    ("gathers dx in x's own array", "x itself was changed: dx was gathered in x's own array. Make a new one with "
     "np.zeros(...).", lambda a: (a.right(), np.copyto(a.x, a.right()[0], casting="unsafe"))[0]),
    ("weights by reshape", "weight's axes were put in another order with reshape, which only lays the same numbers out "
     "again. To swap filters and channels use weight.transpose(1, 0, 2, 3).",
     lambda a: a.but("dx", weight=a.weight.reshape(a.weight.swapaxes(0, 1).shape).swapaxes(0, 1))),
    ("half precision", "float16 keeps about three digits. Make the gradients with np.zeros(...), which is float64.",
     lambda a: tuple(one.astype(np.float16) for one in a.right())),
    ("everything divided by N", "All gradients are too small by the batch size. The mean loss divides by N once, and "
     "dout holds that already.", lambda a: tuple(one / len(a.x) for one in a.right())),
    ("all gradients are 0", "Every gradient is 0: the arrays were made, and never filled.",
     lambda a: tuple(np.zeros(one.shape) for one in a.right())),
]


EXERCISE = Exercise(
    name="conv2d_backward", lesson="05_backprop", oracle=conv_gradients, results=("dx", "dweight", "dbias"),
    sizes=lambda a: {"the batch size": len(a.x), "the number of stops": a.dout[0, 0].size,
                     "the batch size times the number of stops": a.dout[:, 0].size,
                     "the stride's size": np.prod(a.stride), "the number of weights of a kernel": a.weight[0, 0].size},
    spots=lambda a: {"dx": places(a.x.shape, _patches_over(a), a.stride, a.padding, "patch")},
    axes={"dout": "image filter row column", "dbias": "filter"} | dict.fromkeys(("x", "dx"), "image channel row column")
    | dict.fromkeys(("weight", "dweight"), "filter channel kernel-row kernel-column"),
    pairs=("stride", "padding"), scale=lambda case: 1.0, draws="gradient", wrong=WRONG,
    parts=[
        Part("bias", 1, partial(_cases, only=("dbias",)), tests="dbias of layers, stride 1, no padding",
             look="bias[o] was added at every place of map o in every image: its gradient is the sum of all of those."),
        Part("kernel", 2, partial(_cases, only=("dweight",)), tests="dweight of layers, stride 1, no padding",
             look="weight[o, c, u, v] met x[n, c, i+u, j+v] at every stop: add up dout[n, o, i, j] times that pixel."),
        Part("input", 2, partial(_cases, only=("dx",)), tests="dx of layers, stride 1, no padding",
             look="at stop (i, j), dout[n, o, i, j]·weight[o] lands on the patch that begins at (i, j); add all up."),
        Part("padding", 2, partial(_cases, part="padding"), tests="padded layers, whole numbers with fractions",
             look="pad x first, as the forward pass does, work on the padded picture, and crop dx at the end."),
        Part("stride", 2, partial(_cases, part="stride"), tests="layers with a stride, padded or not",
             look="stop (i, j) stands on the patch that begins at (i·sh, j·sw)."),
    ],
)
