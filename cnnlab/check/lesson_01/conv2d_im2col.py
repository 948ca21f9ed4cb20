"""conv2d_im2col: the convolution of a batch as one matrix product."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints, sliced, transposed
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_01.conv2d_multi import conv_image, many_filters, one_filter
from cnnlab.check.lesson_01.im2col import several_pictures
from cnnlab.check.lesson_01.wrong_ways import AS_IT_LIES, BYTES, SQUEEZED, ZERO_BIAS, in_bytes, plus, up_to, with_bias


def conv_batch(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
    """x (N, C_in, H, W), weight (C_out, C_in, kh, kw), bias (C_out,) or None. Returns (N, C_out, H', W').

    Raises what `conv_image` does.
    """
    return np.stack([conv_image(image, weight, bias) for image in x])


def _of_one(rng: np.random.Generator) -> list[Case]:
    """The cases of conv2d_multi, each a batch of one."""
    cases = [*one_filter(rng), *many_filters(rng)]
    return [Case((x[None], weight, bias), note=case.note) for case in cases for x, weight, bias in [case.args]]


def _of_batch(rng: np.random.Generator) -> list[Case]:
    return [
        *several_pictures(rng, _of_one(rng)),
        Case((ints(rng, 2, 2, 3, 4), ints(rng, 2, 2, 2, 4), ints(rng, 2)), note="as many pictures, channels, filters"),
        Case((transposed(rng, 2, 3, 4, 5), floats(rng, 2, 3, 3, 2), floats(rng, 2)), note="channels last in memory"),
        Case((sliced(rng, 2, 2, 4, 5), transposed(rng, 3, 2, 2, 3), floats(rng, 3)), note="slices, transposed filters"),
        Case((floats(rng, 12, 2, 4, 3), floats(rng, 9, 2, 2, 2), floats(rng, 9)), note="twelve pictures, nine filters"),
    ]


# fmt: off
WRONG = [
    ("the first picture only", "Only picture 0 was convolved. The result has one for each: (N, C_out, H', W').",
     lambda a: a.right()[:1]),
    ("the first picture for all", "Every result is that of picture 0. Result n comes from x[n].",
     lambda a: a.right()[[0] * len(a.x)]),
    ("no batch axis", "The batch axis is gone. Keep it, also when there is one picture.", lambda a: a.right()[0]),
    ("four pictures at most", "The pictures from 4 on stay 0. Ask the batch how many there are: len(x).",
     lambda a: up_to(a.right(), 4, 0)),
    ("the batch is summed", "All pictures were added into one. Each keeps a result of its own.",
     lambda a: plus(a, a.right(bias=None).sum(0, keepdims=True))),
    ("batch and filters swapped", "Pictures and filters changed places in the result. "
     "It is (N, C_out, H', W'), the batch first.", lambda a: a.right().swapaxes(0, 1)),
    ("batch and channels swapped", "x was read as (C, N, H, W). The batch comes first.",
     lambda a: a.right(x=a.x.swapaxes(0, 1))),
    ("batch and filters mixed",
     "The product has its numbers in the order (C_out, N, …), and reshape does not swap axes. "
     "Give it its true shape first, then transpose.", lambda a: a.right().swapaxes(0, 1).reshape(a.right().shape)),
    ("the filters flattened in another order", "The filter's row has another order than im2col's rows: "
     "both run over (C, kh, kw). weight.reshape(C_out, -1) does.",
     lambda a: a.right(weight=a.weight.transpose(0, 2, 3, 1).reshape(a.weight.shape))),
    ("the kernels transposed", "Rows and columns of the kernels are swapped on the way into the matrix.",
     lambda a: a.right(weight=a.weight.swapaxes(2, 3).reshape(a.weight.shape))),
    ("the filters flattened backwards", 'With order="F" the channel changes fastest. In the rows '
     "of im2col it is the column.", lambda a: a.right(weight=a.weight.transpose(0, 3, 2, 1).reshape(a.weight.shape))),
    ("the filters cut instead of transposed", "weight.reshape(-1, C_out).T mixes the filters: "
     "reshape only cuts the row of numbers anew. weight.reshape(C_out, -1) keeps each filter together.",
     lambda a: a.right(weight=a.weight.reshape(-1, len(a.weight)).T.reshape(a.weight.shape))),
    ("the kernels are flipped", "Each kernel is turned by 180° first. Deep learning's convolution does not flip.",
     lambda a: a.right(weight=a.weight[:, :, ::-1, ::-1])),
    ("height and width of the output swapped", "The stops were folded back into W' rows of H'. "
     "They come row by row: (H', W').", lambda a: a.right().reshape(*a.right().shape[:2], *a.right().shape[:1:-1])),
    ("the result is transposed", "Rows and columns of each map are swapped.", lambda a: a.right().swapaxes(2, 3)),
    ("the stops in one row", "The maps are still flat. Fold the H'·W' stops back into (H', W').",
     lambda a: a.right().reshape(*a.right().shape[:2], -1)),
    ("the channels come last", "The result has its channels last. NCHW: (N, C_out, H', W').",
     lambda a: np.moveaxis(a.right(), 1, -1)),
    ("the bias is forgotten", "The bias is missing: add bias[o] to map o where there is one.",
     lambda a: a.right(bias=None)),
    ("the first bias for all", "Every map got bias[0]. Map o has its own: bias[o].",
     lambda a: with_bias(a, lambda bias: bias[[0] * len(bias)])),
    ("the bias once for each channel", "The bias is added once for every input channel. "
     "Add it once, after the product.", lambda a: with_bias(a, lambda bias: bias * a.x.shape[1])),
    ("the bias runs along the stops",
     "The bias was added along the last axis, the stops. Give it one more axis: bias[:, None].",
     lambda a: a.right() if np.size(a.bias) < 2 else (m := a.right(bias=None)) + a.bias.reshape(m.shape[2:])),
    ("one bias for each picture", "The bias runs along the batch. It belongs to the filters, axis 1: "
     "bias[:, None, None].", lambda a: a.right(bias=None) + (0 if a.bias is None else a.bias[:, None, None, None])),
    ("stumbles when bias is None", "bias may be None: then nothing is added. Ask first: if bias is not None.",
     lambda a: a.right(bias=None) + a.bias[:, None, None]),
    ("asks `if bias` of an array", "An array of several numbers is neither true nor false. "
     "Ask whether it `is not None`.", lambda a: a.right(bias=a.bias if a.bias else None)),
    ("the biases on the first picture only", "Only picture 0 got its biases. Every picture's map o gets bias[o].",
     lambda a: np.concatenate([a.right()[:1], a.right(bias=None)[1:]])),
    ZERO_BIAS,
    ("the filters take x's kind of numbers", "They were turned into x's dtype, which cuts fractions off. Leave them.",
     lambda a: a.right(weight=a.weight.astype(a.x.dtype))),
    ("bytes begin again", BYTES, lambda a: in_bytes(a.right(), a.x)),
    ("cut to whole numbers", "The fractions are gone: somewhere an array was made for whole numbers.",
     lambda a: a.right().astype(a.x.dtype)),
    ("the mean, not the sum", "The products are averaged. A matrix product adds them.",
     lambda a: plus(a, a.right(bias=None) / a.weight[0].size)),
    ("the first channel only", "Only channel 0 takes part. A filter spans all input channels.",
     lambda a: a.right(x=a.x[:, :1], weight=a.weight[:, :1])),
    AS_IT_LIES,
    SQUEEZED,
]

EXERCISE = Exercise(
    name="conv2d_im2col", lesson="01_convolution", oracle=conv_batch, wrong=WRONG,
    axes={"x": "image channel row column", "weight": "filter channel kernel-row kernel-column", "bias": "filter",
          "": "image filter row column"},
    sizes=lambda a: {"the number of weights in a filter": a.weight[0].size},
    parts=[Part("one image", 1, _of_one, "single pictures, 1 to 12 filters, with and without bias",
                "a filter becomes a row of C·kh·kw numbers in the same order as the rows of im2col."),
           Part("batch", 1, _of_batch, "batches of 2 to 12 pictures",
                "result[n] is what comes out for picture n alone; matmul takes a batch in its first axis.")],
)
