"""conv2d_multi: many channels in, many filters, many channels out."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints, large, pixels, sliced, small, transposed, with_zeros
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_01 import wrong_ways as ways
from cnnlab.check.lesson_01.cross_correlate2d import correlate, of_kind


def conv_image(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
    """x (C_in, H, W), weight (C_out, C_in, kh, kw), bias (C_out,) or None. Returns (C_out, H', W').

    Raises IndexError for another number of channels or biases, ValueError where a kernel does not fit.
    """
    if weight.shape[1] != len(x) or (bias is not None and len(bias) != len(weight)):
        raise IndexError("another number of channels or biases")  # no ValueError, which many a slip gives
    maps = np.stack([sum(correlate(x[c], kernels[c]) for c in range(len(x))) for kernels in weight])
    return maps if bias is None else maps + bias[:, None, None]


# fmt: off
def one_filter(rng: np.random.Generator) -> list[Case]:
    def case(x, kernel, note="", draw=floats, like=None):
        return Case((draw(rng, *x), (like or draw)(rng, 1, x[0], *kernel), None), note=note)

    return [
        case((1, 3, 3), (2, 2), "one channel", small), case((2, 2, 3), (2, 2), "two channels", small),
        case((3, 2, 2), (1, 1), "a 1 × 1 kernel", ints), case((3, 3, 6), (3, 2), "float32", of_kind(np.float32)),
        case((2, 4, 4), (3, 3), "whole numbers in, fractions out", ints, floats),
        case((3, 5, 6), (3, 2), "channels last in memory", transposed, floats),
        case((3, 4, 5), (2, 2), "a colour picture's bytes", pixels, floats),
        case((3, 3, 4), (2, 2), "bytes, weights of 8 bits", pixels, of_kind(np.int8, small)),
        case((2, 1, 4), (1, 2), "a single row", ints), case((2, 4, 1), (3, 1), "a single column", ints),
        case((2, 2, 3), (2, 2), "another picture of a size seen before", ints),
        case((2, 3, 4), (3, 4), "one stop only"),
        case((3, 4, 5), (2, 3), "the filter is a transposed array", floats, transposed),
        case((2, 3, 4), (2, 2), "large numbers", large, ints), case((2, 4, 3), (2, 2), "large weights", ints, large),
        case((2, 4, 5), (3, 2), "zeros among them", with_zeros), case((12, 3, 4), (2, 2), "twelve channels"),
        case((3, 5, 4), (2, 3)), case((2, 12, 14), (3, 5), "larger than the others"),
    ]


def many_filters(rng: np.random.Generator) -> list[Case]:
    def case(x, filters, kernel, note="", draw=floats, like=None, bias=None):
        offsets = None if bias is False else (bias or like or draw)(rng, filters)
        return Case((draw(rng, *x), (like or draw)(rng, filters, x[0], *kernel), offsets), note=note)

    return [
        case((1, 3, 3), 2, (2, 2), "two filters, no bias", small, bias=False),
        case((1, 3, 3), 1, (2, 2), "one filter with a bias", small), case((2, 3, 3), 3, (2, 2), "", small),
        case((2, 3, 4), 2, (2, 3), "whole numbers, a bias with a fraction", ints, ints, floats),
        case((2, 4, 5), 3, (2, 3), "as many filters as output columns", ints),
        case((3, 5, 3), 3, (3, 2), "as many filters as rows or channels"),
        case((2, 3, 5), 5, (2, 2), "a bias of 0 among others", bias=lambda rng, n: np.array([0, 1.5, -2, 0.25, 0])),
        case((2, 4, 5), 3, (2, 2), "slices of larger arrays", sliced, sliced, floats),
        case((2, 4, 3), 3, (1, 2), "float32", of_kind(np.float32), bias=ints), case((3, 4, 6), 4, (3, 3), bias=False),
        case((3, 2, 4), 4, (1, 1), "1 × 1 kernels"), case((3, 4, 5), 2, (2, 2), "a colour's bytes", pixels, floats),
        case((2, 3, 3), 3, (2, 2), "another picture of a size seen before", ints),
        case((2, 1, 4), 3, (1, 2), "a single row"), case((2, 4, 1), 3, (2, 1), "a single column"),
        case((2, 4, 5), 3, (2, 3), "transposed filters", floats, transposed, floats),
        case((2, 3, 4), 2, (2, 2), "large numbers", large, ints, large), case((2, 4, 3), 12, (2, 2), "twelve filters"),
        case((2, 11, 13), 2, (4, 3), "larger than the others"),
    ]


def _each_channel(a) -> list[np.ndarray]:
    """For each channel the maps (C_out, H', W') that it gives alone, each with its bias."""
    return [a.right(x=a.x[[c]], weight=a.weight[:, [c]]) for c in range(len(a.x))]


WRONG = [
    ("the first channel only", "Only channel 0 takes part, as with x[0], or where filter o meets channel o alone. "
     "A filter spans all the input channels: correlate each channel with its own slice of the filter and add the maps.",
     lambda a: a.right(x=a.x[:1], weight=a.weight[:, :1])),
    ("the last channel only", "Only the last channel is left: each one overwrites the sum of those before it. "
     "Add with +=.", lambda a: a.right(x=a.x[-1:], weight=a.weight[:, -1:])),
    ("one channel's kernel for all", "Every channel meets the filter's first slice. "
     "Channel c has its own: weight[o, c].", lambda a: a.right(weight=a.weight[:, [0] * len(a.x)])),
    ("one picture channel for all", "Every kernel slice met channel 0. Slice c belongs to channel c.",
     lambda a: a.right(x=a.x[[0] * len(a.x)])),
    ("three channels at most", "Only the first three channels take part. Ask the picture how many there are: len(x).",
     lambda a: a.right(x=a.x[:3], weight=a.weight[:, :3])),
    ("channels averaged", "The channels' maps are averaged. They are added.",
     lambda a: ways.plus(a, a.right(bias=None) / len(a.x))),
    ("the channels in reverse", "Channel c meets another channel's slice of the filter. "
     "Both count the channels in the same order.", lambda a: a.right(x=a.x[::-1])),
    ("channels are not added up", "There is one map for each input channel. "
     "The filter's channel maps are added into one.", lambda a: np.sum(_each_channel(a), axis=1)),
    ("a map for each pair", "There is one map for each pair of filter and channel. "
     "Sum over the channels: one map for each filter is left.", lambda a: np.stack(_each_channel(a), axis=1)),
    ("the bias is forgotten", "Your maps differ from the right ones by a constant each: "
     "the bias is missing. Add bias[o] to map o where there is one.", lambda a: a.right(bias=None)),
    ("the bias once for each channel", "The bias is added once for every input channel. It belongs to the output map: "
     "add it once, after the sum over the channels.", lambda a: ways.with_bias(a, lambda bias: bias * len(a.x))),
    ("the bias once for each weight of a kernel", "The bias is added with every product. Add it once to each number of "
     "the map, when the sum is done.", lambda a: ways.with_bias(a, lambda bias: bias * a.weight[0, 0].size)),
    ("the first bias for all", "Every map got bias[0]. Map o has its own: bias[o].",
     lambda a: ways.with_bias(a, lambda bias: bias[[0] * len(bias)])),
    ("the last bias for all", "Every map got the last bias. Map o has its own: bias[o].",
     lambda a: ways.with_bias(a, lambda bias: bias[[-1] * len(bias)])),
    ("all biases on every map", "Every map got the sum of all biases. Map o gets bias[o] alone.",
     lambda a: ways.with_bias(a, lambda bias: np.full(len(bias), bias.sum()))),
    ("the bias is subtracted", "The bias was taken off. It is added.", lambda a: ways.with_bias(a, lambda bias: -bias)),
    ("the bias is multiplied", "The maps were multiplied with the bias. It is added.",
     lambda a: a.right(bias=None) * (1 if a.bias is None else a.bias[:, None, None])),
    ("the bias runs along the columns", "maps + bias adds along the last axis, the columns. Give "
     "the bias two more axes: bias[:, None, None].", lambda a: a.right(bias=None) + (0 if a.bias is None else a.bias)),
    ("the bias runs along the rows", "The bias was added along the rows. It belongs to the first axis, the maps: "
     "bias[:, None, None].", lambda a: a.right(bias=None) + (0 if a.bias is None else a.bias[:, None])),
    ("stumbles when bias is None", "bias may be None: then nothing is added. Ask for it first: if bias is not None.",
     lambda a: a.right(bias=None) + a.bias[:, None, None]),
    ("asks `if bias` of an array", "`if bias:` asks an array whether it is true, which has no answer "
     "for more than one number. Ask whether it `is not None`.", lambda a: a.right(bias=a.bias if a.bias else None)),
    ways.ZERO_BIAS,
    ("the filters are summed", "All filters were added into one map. Each filter gives a map of its own.",
     lambda a: a.right().sum(0, keepdims=True)),
    ("the filters are summed, then repeated", "Every map is the sum over all filters. Map o comes "
     "from weight[o] alone.", lambda a: a.right(weight=np.repeat(a.weight.sum(0, keepdims=True), len(a.weight), 0))),
    ("the sum is never set back", "Each map adds to the maps before it. Start every filter with an empty sum, "
     "inside the loop over filters.", lambda a: ways.plus(a, np.cumsum(a.right(bias=None), axis=0))),
    ("the first filter for all", "Every map was made with weight[0]. Map o comes from weight[o].",
     lambda a: a.right(weight=a.weight[[0] * len(a.weight)])),
    ("the first filter and its bias for all", "Every map is the first one again. "
     "Map o comes from weight[o] and bias[o].", lambda a: a.right()[[0] * len(a.weight)]),
    ("only the first filter", "There is one map. Each of the C_out filters gives one.", lambda a: a.right()[:1]),
    ("the filters in reverse", "The output maps come in another order than the filters.", lambda a: a.right()[::-1]),
    ("in and out channels swapped", "weight[c, o] was used for weight[o, c]: the first axis counts the filters, "
     "the second the input channels.", lambda a: a.right(weight=a.weight.swapaxes(0, 1))),
    ("the filters read in the wrong order", "The numbers of weight were laid out again with reshape, "
     "which only cuts and never swaps axes. For another order of the axes use transpose.",
     lambda a: a.right(weight=a.weight.reshape(a.weight.swapaxes(0, 1).shape).swapaxes(0, 1))),
    ("channel by channel, as if the filters were channels",
     "Output map o was made from channel o alone (that is a *depthwise* convolution). Each filter looks "
     "at all channels.", lambda a: np.stack([maps[c] for c, maps in enumerate(_each_channel(a)[: len(a.weight)])])),
    ("the kernels are flipped", "Each kernel is turned by 180° first. Deep learning's convolution does not flip: "
     "it is cross-correlation.", lambda a: a.right(weight=a.weight[:, :, ::-1, ::-1])),
    ("the kernels are transposed", "Rows and columns of the kernels are swapped.",
     lambda a: a.right(weight=a.weight.swapaxes(2, 3))),
    ("the channels of x are read last", "x was cut anew by reshape, as if its channels came last. It is (C_in, H, W); "
     "and reshape moves no axis.", lambda a: a.right(x=np.moveaxis(a.x.reshape(*a.x.shape[1:], -1), -1, 0))),
    ways.AS_IT_LIES,
    ("bytes begin again", ways.BYTES, lambda a: ways.in_bytes(a.right(), a.x)),
    ("cut to whole numbers", "The fractions are gone: the output array was made with the dtype of x. "
     "Make it with np.zeros(shape), which holds floats.", lambda a: a.right().astype(a.x.dtype)),
    ("the bias is cut to whole numbers", "The bias lost its fraction: it was added into an array of whole numbers. "
     "Make the output array hold floats.",
     lambda a: ways.with_bias(a, lambda bias: bias.astype(a.right(bias=None).dtype))),
    ("the mean, not the sum", "The products are averaged. Add them up.",
     lambda a: ways.plus(a, a.right(bias=None) / a.weight[0].size)),
    ("negative values become 0", "Negative sums were cut to 0. ReLU is a step of its own and comes later.",
     lambda a: np.maximum(a.right(), 0)),
    ("as if the kernel were square", "The kernel's height is used for its width as well.",
     lambda a: ways.plus(a, np.stack([ways.slid(a.x, one, size=one.shape[1:2] * 2) for one in a.weight]))),
    ("as if the picture were square", "The picture's height is used for its width as well.",
     lambda a: ways.plus(a, np.stack([ways.slid(a.x, one, sides=a.x.shape[1:2] * 2) for one in a.weight]))),
    ("a loop with a fixed end", "The rows from 8 on stay 0. " + ways.SIZE,
     lambda a: ways.up_to(a.right(), 8, -2)),
    ("the channels come last", "The output has its channels last. NCHW keeps them first: (C_out, H', W').",
     lambda a: np.moveaxis(a.right(), 0, -1)),
    ways.SQUEEZED,
    ("writes into x", "x was changed on the way. Make an array of your own for the result.",
     lambda a: ways.leaving(a.right(), a.x, a.x + 1)),
]

EXERCISE = Exercise(
    name="conv2d_multi", lesson="01_convolution", oracle=conv_image, wrong=WRONG,
    axes={"x": "channel row column", "weight": "filter channel kernel-row kernel-column", "bias": "filter",
          "": "filter row column"},
    sizes=lambda a: {"the number of weights in a filter": a.weight[0].size},
    parts=[Part("channels", 2, one_filter, "pictures of 1 to 12 channels under a single filter",
                "take two channels of one pixel each and a 1 × 1 kernel: the answer is x0·w0 + x1·w1."),
           Part("filters and bias", 2, many_filters, "stacks of 1 to 12 filters, with and without bias",
                "output map o uses weight[o] and bias[o], and nothing else of either.")],
)
