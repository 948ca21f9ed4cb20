"""linear_backward: the gradients of a dense layer, out = x @ weight.T + bias."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, great, ints, single, sliced, some_zeros, transposed, whole
from cnnlab.check.exercise import Exercise


def linear_gradients(dout: np.ndarray, x: np.ndarray, weight: np.ndarray) -> tuple:
    """dx (N, in), dweight (out, in) and dbias (out,) from dout (N, out), x (N, in), weight (out, in), in float64."""
    dout, x, weight = (array.astype(np.float64) for array in (dout, x, weight))
    return np.einsum("nk,ki->ni", dout, weight), np.einsum("nk,ni->ki", dout, x), dout.sum(axis=0)


# fmt: off
def _sizes(rng: np.random.Generator, only: tuple[str, ...], **whole_numbers) -> list[Case]:
    """whole_numbers: what draws x, or weight, in one case: a slip of dtype in dx, or dweight, costs one part alone."""

    def case(draw, n, n_in, n_out, note="", x=None, weight=None):
        arrays = (draw(rng, n, n_out), (x or draw)(rng, n, n_in), (weight or draw)(rng, n_out, n_in))
        return Case(arrays, note=note, results=only)

    return [
        case(whole, 2, 3, 2, "two images"), case(whole, 1, 2, 3, "one image"),
        case(floats, 2, 3, 4, "whole numbers, dout with fractions", **whole_numbers),
        case(floats, 3, 4, 2), case(floats, 5, 2, 4, "more images than numbers"), case(single, 3, 5, 2),
        case(floats, 3, 3, 3, "as many images as numbers, in and out"), case(floats, 2, 1, 3, "one number in"),
        case(floats, 4, 3, 1, "one number out"), case(some_zeros, 3, 4, 3, "zeros among the numbers"),
        case(transposed, 4, 3, 5, "transposed arrays"), case(sliced, 2, 5, 3, "slices of larger arrays"),
        case(great, 3, 2, 4, "large numbers"), case(floats, 11, 2, 3, "eleven images"),
        case(floats, 6, 12, 11, "larger than the others"), case(floats, 3, 4, 2, "another batch of a size seen before"),
    ]


WRONG = [
    ("dweight is transposed", "dweight has weight's shape, (out, in): dout.T @ x, not x.T @ dout.",
     lambda a: a.instead(dweight=a.x.T @ a.dout)),
    ("weight transposed in dx", "dx was made with weight.T. Forwards it was x @ weight.T, so backwards it is dout @ "
     "weight: (N, out)·(out, in).", lambda a: a.instead(dx=a.dout @ a.weight.T)),
    ("dbias over one axis too few", "dbias is dout itself: sum over the images, axis 0. (out,) numbers are left.",
     lambda a: a.instead(dbias=a.dout)),
    ("dbias over the wrong axis", "dbias was summed over the outputs. Each output has a bias: sum over axis 0.",
     lambda a: a.instead(dbias=a.dout.sum(axis=1))),
    ("dbias is one number", "dbias was summed over everything. Each output has its own bias: axis=0 only.",
     lambda a: a.instead(dbias=a.dout.sum())),
    ("dbias is a mean", "dbias is the *sum* over the images. The 1/N of the mean loss is in dout already.",
     lambda a: a.instead(dbias=a.dout.mean(axis=0))),
    ("a single output's dbias loses its axis", "With one output dbias is still (1,), no bare number: no squeeze.",
     lambda a: a.instead(dbias=lambda d: np.squeeze(d))),
    ("dbias keeps the axis", "dbias has shape (1, out). Leave keepdims out: the bias's own shape is (out,).",
     lambda a: a.instead(dbias=a.dout.sum(axis=0, keepdims=True))),
    ("dbias is the first image's", "dbias is the first image's dout. Sum over all images.",
     lambda a: a.instead(dbias=a.dout[0].copy())),
    ("divided by N", "The gradients of weight and bias were divided by the batch size. The mean loss's 1/N is in dout "
     "already.", lambda a: (a.right()[0], *(d / len(a.x) for d in a.right()[1:]))),
    ("dweight divided by N", "dweight was divided by the batch size. The mean loss's 1/N is in dout already.",
     lambda a: a.instead(dweight=lambda d: d / len(a.x))),
    ("dx divided by N", "dx was divided by the batch size. The mean loss's 1/N is in dout already.",
     lambda a: a.instead(dx=lambda d: d / len(a.x))),
    ("dweight of the last image", "Each image overwrites dweight of the one before. Add with +=.",
     lambda a: a.but("dweight", dout=a.dout[-1:], x=a.x[-1:])),
    ("dweight of the first image", "Only the first image counts in dweight. Sum over all images.",
     lambda a: a.but("dweight", dout=a.dout[:1], x=a.x[:1])),
    ("dweight for each image", "dweight has an axis left for the images: sum over it.",
     lambda a: a.instead(dweight=a.dout[:, :, None] * a.x[:, None, :])),
    ("the results in another order", "The gradients come in the order dx, dweight, dbias.",
     lambda a: (*a.right()[1:], a.right()[0])),
    ("the sign is changed", "Every gradient has the wrong sign. The minus belongs to the update, not here.",
     lambda a: tuple(-one for one in a.right())),
    ("whole numbers", "The fractions are gone: np.zeros_like(x), or of weight, holds none where that holds whole "
     "numbers. Take np.zeros(shape).",
     lambda a: a.instead(dx=lambda d: d.astype(a.x.dtype), dweight=lambda d: d.astype(a.weight.dtype))),
    ("dx summed over the images", "dx has one row for every image: no sum over the images here.",
     lambda a: a.instead(dx=lambda d: d.sum(axis=0) + 0 * d)),
]

EXERCISE = Exercise(
    name="linear_backward", lesson="05_backprop", oracle=linear_gradients, results=("dx", "dweight", "dbias"),
    axes=dict.fromkeys(("x", "dx"), "image input") | dict.fromkeys(("weight", "dweight"), "output input")
    | {"dout": "image output", "dbias": "output"}, scale=lambda case: 1.0, draws="gradient", wrong=WRONG,
    parts=[
        Part("input", 1, lambda rng: _sizes(rng, ("dx",), x=ints), tests="dx of layers of many sizes",
             look="x[n, i] reached output k through weight[k, i]: dx[n, i] adds up dout[n, k]·weight[k, i]."),
        Part("weight and bias", 1, lambda rng: _sizes(rng, ("dweight", "dbias"), weight=ints),
             tests="dweight and dbias of layers of many sizes",
             look="weight[k, i] was used once for every image: its gradient is a sum over the images; so is dbias."),
    ],
)
