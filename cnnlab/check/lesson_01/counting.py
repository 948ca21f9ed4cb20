"""count_parameters_dense and count_parameters_conv: how many numbers a layer has to learn."""

from __future__ import annotations

import math

import numpy as np

from cnnlab.check.exercise import Case, Exercise, Mistake, Part, known

DENSE: list[Mistake] = []
CONV: list[Mistake] = []


def _dense_cases(rng: np.random.Generator) -> list[Case]:
    a, b = (int(n) for n in rng.choice(np.arange(4, 90), 2, replace=False))
    return [
        Case((3, 2)),
        Case((3, 2, False)),
        Case((2, 3), {"bias": False}),
        Case((5, 1)),
        Case((4, 4), note="as many outputs as inputs"),
        Case((1, 3, False)),
        Case((1, 7), {"bias": True}),
        Case((a, b, True)),
        Case((a, b), {"bias": False}),
        Case((3072, 1000)),
        Case((150_528, 1000), note="a 224 × 224 × 3 picture"),
    ]


count_parameters_dense = Exercise(
    name="count_parameters_dense",
    lesson="01_convolution",
    argument_names=("in_features", "out_features", "bias"),
    oracle=lambda in_features, out_features, bias=True: (in_features + int(bias)) * out_features,
    parts=[
        Part(
            "count",
            1,
            _dense_cases,
            tests="11 layers, with and without bias",
            look="draw 3 inputs and 2 outputs, and count the lines; then the biases, one for each output.",
        )
    ],
    mistakes=DENSE,
)


@known(DENSE, "the bias is forgotten", "Each output has a bias of its own besides its weights: out_features more.")
def _(in_features, out_features, bias=True):
    return in_features * out_features


@known(DENSE, "the bias always counts", "With bias=False there is none to count.")
def _(in_features, out_features, bias=True):
    return in_features * out_features + out_features


@known(DENSE, "bias=False and True swapped", "The bias is counted when it is off, and left out when it is on.")
def _(in_features, out_features, bias=True):
    return in_features * out_features + (0 if bias else out_features)


@known(DENSE, "one bias for each input", "You counted a bias for each input. There is one for each output.")
def _(in_features, out_features, bias=True):
    return in_features * out_features + (in_features if bias else 0)


@known(DENSE, "a single bias", "You counted one bias for the whole layer. There is one for each output.")
def _(in_features, out_features, bias=True):
    return in_features * out_features + int(bias)


@known(DENSE, "a bias for each weight", "You counted a bias for each weight. There is one for each output.")
def _(in_features, out_features, bias=True):
    return in_features * out_features * (1 + int(bias))


@known(DENSE, "inputs plus outputs", "Every input is joined to every output, so the weights are a product, not a sum.")
def _(in_features, out_features, bias=True):
    return in_features + out_features + (out_features if bias else 0)


@known(DENSE, "a bias on both sides", "You counted biases for the inputs as well. Only outputs have one.")
def _(in_features, out_features, bias=True):
    return (in_features + int(bias)) * (out_features + int(bias))


@known(DENSE, "the outputs are missing", "You counted the weights of one output. There are out_features of them.")
def _(in_features, out_features, bias=True):
    return in_features + int(bias)


def _conv_cases(rng: np.random.Generator) -> list[Case]:
    a, b = (int(n) for n in rng.choice(np.arange(4, 90), 2, replace=False))
    return [
        Case((1, 1, 2)),
        Case((3, 2, 1)),
        Case((3, 2, 2), {"bias": False}),
        Case((2, 3, 3, False)),
        Case((3, 16, 3), note="16 filters of 3 × 3 × 3"),
        Case((2, 5, (3, 1)), note="3 high and 1 wide"),
        Case((4, 3, (2, 5)), {"bias": False}),
        Case((2, 3, (3, 3)), note="a pair of equal sides"),
        Case((4, 4, 2), note="as many filters as channels"),
        Case((3, 64, 7)),
        Case((3, 96, 11), {"bias": False}),
        Case((a, b, (1, 7), True)),
        Case((a, b, 5)),
        Case((512, 512, 3), {"bias": True}),
    ]


def _conv(in_channels, out_channels, kernel_size, bias=True):
    sides = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    return (math.prod((in_channels, *sides)) + int(bias)) * out_channels


count_parameters_conv = Exercise(
    name="count_parameters_conv",
    lesson="01_convolution",
    argument_names=("in_channels", "out_channels", "kernel_size", "bias"),
    oracle=_conv,
    parts=[
        Part(
            "count",
            1,
            _conv_cases,
            tests="14 layers, square and oblong kernels, with and without bias",
            look="count one filter: its weights span all input channels, then one bias. Then take C_out of them.",
        )
    ],
    mistakes=CONV,
)


def _pair(kernel_size):
    return (kernel_size, kernel_size) if isinstance(kernel_size, int) else tuple(kernel_size)


def _weights(in_channels, out_channels, kernel_size):
    kh, kw = _pair(kernel_size)
    return kh * kw * in_channels * out_channels


@known(CONV, "the bias is forgotten", "Each filter has one bias besides its weights: out_channels more.")
def _(in_channels, out_channels, kernel_size, bias=True):
    return _weights(in_channels, out_channels, kernel_size)


@known(CONV, "the bias always counts", "With bias=False there is none to count.")
def _(in_channels, out_channels, kernel_size, bias=True):
    return _weights(in_channels, out_channels, kernel_size) + out_channels


@known(CONV, "bias=False and True swapped", "The bias is counted when it is off, and left out when it is on.")
def _(in_channels, out_channels, kernel_size, bias=True):
    return _weights(in_channels, out_channels, kernel_size) + (0 if bias else out_channels)


@known(
    CONV, "a bias for each input channel", "You counted a bias for each pair of channel and filter. A filter has one."
)
def _(in_channels, out_channels, kernel_size, bias=True):
    return _weights(in_channels, out_channels, kernel_size) + (in_channels * out_channels if bias else 0)


@known(CONV, "biases by input channel", "You counted in_channels biases. There is one for each filter: out_channels.")
def _(in_channels, out_channels, kernel_size, bias=True):
    return _weights(in_channels, out_channels, kernel_size) + (in_channels if bias else 0)


@known(CONV, "a single bias", "You counted one bias for the layer. There is one for each filter.")
def _(in_channels, out_channels, kernel_size, bias=True):
    return _weights(in_channels, out_channels, kernel_size) + int(bias)


@known(
    CONV,
    "the image's size is in it",
    "A picture's size crept in. The same filter works on any H × W: no parameter belongs to a place.",
)
def _(in_channels, out_channels, kernel_size, bias=True):
    return (_weights(in_channels, 1, kernel_size) + int(bias)) * out_channels * 28 * 28


@known(CONV, "the kernel's side, not its area", "A 3 × 3 kernel has 9 weights, not 3: multiply height and width.")
def _(in_channels, out_channels, kernel_size, bias=True):
    return (_pair(kernel_size)[0] * in_channels + int(bias)) * out_channels


@known(CONV, "the kernel's sides added", "A 3 × 3 kernel has 9 weights, not 6: multiply height and width.")
def _(in_channels, out_channels, kernel_size, bias=True):
    return (sum(_pair(kernel_size)) * in_channels + int(bias)) * out_channels


@known(
    CONV,
    "oblong kernels taken as square",
    "For a pair the first side was squared. A pair is (height, width): multiply the two.",
)
def _(in_channels, out_channels, kernel_size, bias=True):
    return (_pair(kernel_size)[0] ** 2 * in_channels + int(bias)) * out_channels


@known(
    CONV,
    "a pair is not expected",
    "kernel_size may be an int or a pair (height, width). Turn an int into a pair first, then one rule serves both.",
)
def _(in_channels, out_channels, kernel_size, bias=True):
    return (kernel_size**2 * in_channels + int(bias)) * out_channels


@known(
    CONV,
    "an int is not expected",
    "kernel_size may be an int or a pair (height, width). Turn an int into a pair first.",
)
def _(in_channels, out_channels, kernel_size, bias=True):
    return (kernel_size[0] * kernel_size[1] * in_channels + int(bias)) * out_channels


@known(
    CONV, "the input channels are missing", "A filter has a slice of weights for each input channel: times in_channels."
)
def _(in_channels, out_channels, kernel_size, bias=True):
    return (_weights(1, 1, kernel_size) + int(bias)) * out_channels


@known(CONV, "the filters are missing", "You counted one filter. There are out_channels of them.")
def _(in_channels, out_channels, kernel_size, bias=True):
    return _weights(in_channels, 1, kernel_size) + int(bias)


@known(CONV, "a bias for each weight", "You counted a bias for each weight of the kernel. A filter has one.")
def _(in_channels, out_channels, kernel_size, bias=True):
    return _weights(in_channels, out_channels, kernel_size) * (1 + int(bias))


@known(CONV, "channels added, not multiplied", "Every filter spans every input channel: the two are multiplied.")
def _(in_channels, out_channels, kernel_size, bias=True):
    return _weights(1, 1, kernel_size) * (in_channels + out_channels) + (out_channels if bias else 0)


@known(CONV, "the kernel's width twice", "You counted width times width. The kernel's weights are height times width.")
def _(in_channels, out_channels, kernel_size, bias=True):
    width = kernel_size if isinstance(kernel_size, int) else kernel_size[1]
    return (in_channels * width * width + int(bias)) * out_channels
