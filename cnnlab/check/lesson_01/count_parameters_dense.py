"""count_parameters_dense: how many numbers a dense layer has to learn."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import between
from cnnlab.check.exercise import Exercise


def learned(in_features: int, out_features: int, bias: bool = True) -> int:
    """A weight for each pair of input and output, and a bias for each output where there are any."""
    return in_features * out_features + int(bias) * out_features


# fmt: off
def _layers(rng: np.random.Generator) -> list[Case]:
    a, b, c, d = between(rng, 4, 9_999, 4)
    return [
        Case((3, 2)), Case((3, 2, False)), Case((2, 3), {"bias": False}), Case((5, 1)), Case((1, 3, False)),
        Case((1, 7), {"bias": True}), Case((4, 4), note="as many outputs as inputs"), Case((a, b, True)),
        Case((c, d), {"bias": False}), Case((b, c)), Case((150_528, 1000), note="a 224 × 224 × 3 picture"),
        Case((65_537, 70_001), note="more than 32 bits hold"),
    ]


WITH_AND_WITHOUT_BIAS = [
    ("the bias always counts", "With bias=False there is none to count.", lambda a: a.right(bias=True)),
    ("bias=False and True swapped", "The bias is counted when it is off, and left out when it is on.",
     lambda a: a.right(bias=not a.bias)),
    ("0 where there is no bias", "a * b + c if bias else 0 is (a * b + c) if bias else 0: put brackets "
     "round `c if bias else 0`. Without biases the weights are still there.", lambda a: a.right() if a.bias else 0),
    ("rounded by float32", "float32 holds seven digits. Count in Python's whole numbers, which hold as many "
     "as you like.", lambda a: int(a.right(**{name: np.float32(v) for name, v in a.values.items() if type(v) is int}))),
]
WRONG = [
    ("the bias is forgotten", "Each output has a bias of its own besides its weights: out_features more.",
     lambda a: a.right(bias=False)),
    *WITH_AND_WITHOUT_BIAS,
    ("one bias for each input", "You counted a bias for each input. There is one for each output.",
     lambda a: a.right(bias=False) + a.in_features * int(a.bias)),
    ("a single bias", "You counted one bias for the whole layer. There is one for each output.",
     lambda a: a.right(bias=False) + int(a.bias)),
    ("a bias for each weight", "You counted a bias for each weight. There is one for each output.",
     lambda a: a.right(bias=False) * (1 + int(a.bias))),
    ("inputs plus outputs", "Every input is joined to every output, so the weights are a product, not a sum.",
     lambda a: a.in_features + a.out_features * (1 + int(a.bias))),
    ("a bias on both sides", "You counted biases for the inputs as well. Only outputs have one.",
     lambda a: a.right(in_features=a.in_features + int(a.bias), out_features=a.out_features + int(a.bias), bias=False)),
    ("the outputs are missing", "You counted the weights of one output. There are out_features of them.",
     lambda a: a.right(out_features=1)),
    ("biases are taken off where there are none", "Without biases the weights are all there is: nothing is taken off.",
     lambda a: a.right() if a.bias else a.right() - a.out_features),
    ("one input too few", "A loop that begins at 1 misses one. There are in_features inputs.",
     lambda a: a.right() - a.out_features),
    ("the biases are multiplied", "The biases come on top of the weights: they are added to the count.",
     lambda a: a.right(bias=False) * (a.out_features if a.bias else 1)),
    ("always the layer of the example", "The sizes of one layer are written into the code. Use the arguments.",
     lambda a: a.right(in_features=150_528, out_features=1000)),
]

EXERCISE = Exercise(
    name="count_parameters_dense", lesson="01_convolution", oracle=learned, wrong=WRONG,
    formula="in_features * out_features + bias * out_features",
    parts=[Part("count", 1, _layers, "layers, with and without bias",
                "draw 3 inputs and 2 outputs, and count the lines; then the biases, one for each output.")],
)
