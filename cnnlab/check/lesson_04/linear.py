"""linear: a dense layer, every output its bias plus a weighted sum of all that comes in."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints, large, pixels, single, sliced, small, thirds, transposed, with_zeros
from cnnlab.check.exercise import Exercise


def weighted(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """(N, out) from x (N, in), weight (out, in), bias (out,), in float64."""
    return np.einsum("ni,oi->no", x, weight, dtype=np.float64) + bias


# fmt: off
def _cases(rng: np.random.Generator) -> list[Case]:
    def case(draw, n, n_in, n_out, note="", weight=None, bias=None):
        arrays = draw(rng, n, n_in), (weight or draw)(rng, n_out, n_in), (bias or weight or draw)(rng, n_out)
        return Case(arrays, note=note)

    return [
        Case((np.array([[1, 2]]), np.array([[3, 4]]), np.array([10])), note="one picture, two numbers in, one out"),
        Case((np.array([[1, 2]]), np.array([[3, 4], [5, -6]]), np.array([10, 20])), note="as many out as in"),
        case(small, 1, 3, 2, "one picture"), case(small, 2, 3, 4, "two pictures"),
        case(floats, 3, 3, 3, "as many pictures as numbers in and out"), case(floats, 3, 4, 2),
        case(floats, 5, 2, 4, "more pictures than numbers"),
        case(ints, 3, 2, 4, "whole numbers in, fractions in the weights", floats),
        case(ints, 2, 3, 4, "whole numbers, but for the biases", ints, thirds),
        case(pixels, 2, 6, 3, "bytes in", ints), case(with_zeros, 3, 4, 3, "zeros among the numbers"),
        case(single, 3, 2, 5, "float32"), case(transposed, 4, 3, 5, "transposed arrays"),
        case(sliced, 2, 5, 3, "slices of larger arrays"), case(large, 3, 2, 4, "large numbers"),
        case(floats, 2, 1, 3, "one number in"), case(floats, 4, 3, 1, "one number out"),
        Case((floats(rng, 3, 4), floats(rng, 2, 4), np.zeros(2)), note="biases of 0"),
        case(floats, 7, 12, 11, "larger than the others"), case(floats, 13, 3, 2, "thirteen pictures"),
        case(floats, 3, 4, 2, "another batch of a size seen before"),
    ]


WRONG = [
    ("the weights are not transposed", "weight has a row for each output: (out, in). Row times row needs x @ weight.T; "
     "without .T it only runs where out equals in, and gives other numbers.", lambda a: a.x @ a.weight + a.bias),
    ("the bias is forgotten", "The products are right. Add bias[k] to output k, for every picture.",
     lambda a: a.right(bias=0)),
    ("the bias is subtracted", "The bias is added to the products, not taken off.", lambda a: a.right(bias=-a.bias)),
    ("a bias for each picture", "The bias was added down the rows, one for each picture. There is one for each "
     "*output*, the last axis.", lambda a: a.right(bias=a.bias[:, None])),
    ("one bias for all", "Every output got the first bias. Output k has its own, bias[k].",
     lambda a: a.right(bias=a.bias[0])),
    ("all biases added up", "Each output got the sum of all biases. Output k gets bias[k] alone.",
     lambda a: a.right(bias=a.bias.sum())),
    ("the bias once for each number in", "The bias is inside the sum, so it counts once for every number that comes "
     "in. It is added once, at the end.", lambda a: a.right(bias=a.x.shape[1] * a.bias)),
    ("the first picture only", "Only the first picture went through. Every row of x is one picture.",
     lambda a: a.right(x=a.x[:1])),
    ("one long row", "The batch is gone: the answer for N pictures has shape (N, out).", lambda a: a.right().ravel()),
    ("pictures in columns", "The result is (out, N), and (N, out) is expected: one row for each picture.",
     lambda a: a.right().T),
    ("products without a sum", "You multiplied pair by pair and did not add up. A dot product does both.",
     lambda a: a.x[:, None, :] * a.weight + a.bias[:, None]),
    ("the mean of the products", "You took the mean of the products. They are added up: no division.",
     lambda a: a.right(x=a.x / a.x.shape[1])),
    ("a ReLU at the end", "What is below zero was cut off. A dense layer has no activation of its own.",
     lambda a: np.maximum(a.right(), 0)),
    ("cut to whole numbers", "The fractions are gone: the output took over the whole numbers of x. Make it with "
     "np.zeros(shape).", lambda a: a.right().astype(a.x.dtype)),
    ("counts like bytes", "x holds bytes, and what goes beyond their range wrapped around. Use floats.",
     lambda a: a.x @ a.weight.astype(a.x.dtype).T + a.bias.astype(a.x.dtype)),
    ("writes into its weights", "`weight += …` changes the caller's array. Leave what comes in as it is.",
     lambda a: (a.right(), np.multiply(a.weight, 0, out=a.weight))[0]),
    ("the weights are upside down", "The outputs come in reverse order. Output k belongs to row k of weight.",
     lambda a: a.right()[:, ::-1]),
    ("the bias is multiplied", "The products were multiplied with the bias. It is added: bias[k] to output k.",
     lambda a: a.right(bias=0) * a.bias),
    ("reshaped, not transposed", "reshape reads the weights in another order. .T swaps the axes; use that.",
     lambda a: a.x @ a.weight.reshape(a.weight.shape[::-1]) + a.bias),
]

EXERCISE = Exercise(
    name="linear", lesson="04_forward", oracle=weighted, wrong=WRONG,
    axes={"x": "picture number", "weight": "output number", "bias": "output", "": "picture output"},
    parts=[Part("values", 1, _cases, "layers of 1 to 12 numbers, on 1 to 13 pictures",
                "out[n, k] is bias[k] plus the products of row n of x with row k of weight, added up.")],
)
