"""relu_backward: blame passes where ReLU let the number through."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, ints, large, pixels, single, sliced, some_zeros, thirds, transposed, with_zeros
from cnnlab.check.exercise import Exercise
from cnnlab.check.reading.places import Spot


def relu_gradient(dout: np.ndarray, x: np.ndarray) -> np.ndarray:
    """dout where x > 0 and 0 elsewhere, at x = 0 too; both of one shape, which may be any."""
    return np.where(x > 0, dout, 0)


# fmt: off
def _cases(rng: np.random.Generator) -> list[Case]:
    def case(dout, x, *shape, note=""):
        return Case((dout(rng, *shape), x(rng, *shape)), note=note)

    return [
        Case((np.array([3, -2, -1, -1, 2]), np.array([2, 0, -1, 3, -2])), note="above, at and below 0"),
        case(ints, with_zeros, 2, 3), case(floats, ints, 3, 4, note="whole x, dout with fractions"),
        case(floats, floats, 7), case(floats, some_zeros, 2, 3, 4, 5, note="pictures"), case(single, single, 2, 3),
        Case((floats(rng, 4), np.zeros(4)), note="all at 0"),
        Case((floats(rng, 3), np.array([1e-9, -1e-9, 0.25])), note="tiny numbers"),
        Case((floats(rng, 2, 3), np.abs(floats(rng, 2, 3))), note="all above 0"),
        case(transposed, sliced, 3, 4, note="not contiguous"), case(large, large, 2, 3, note="large numbers"),
        Case((np.array([0.0, 0.0, 2.5]), np.array([1.0, -1.0, 3.0])), note="a dout that is 0 in places"),
        case(floats, pixels, 3, 4, note="bytes"), case(floats, with_zeros, 11, 2, note="eleven images"),
        case(thirds, thirds, 2, 3, note="thirds, which rounding changes"),
        case(floats, ints, 3, 4, note="another batch of a size seen before"),
    ]


def _spots(a) -> dict[str, list[Spot]]:
    places = {"x = 0": a.x == 0, "0 < x ≤ 1": (a.x > 0) & (a.x <= 1), "x is 6 or more": a.x >= 6, "x ≤ 0": a.x <= 0}
    return {"": [Spot(f"where {words}", inside) for words, inside in places.items()]}


WRONG = [
    ("the gradient passes at 0", "At x = 0 the gradient went through. The slope jumps there; the rule here is 0, as in "
     "libraries: x > 0, not >=.", lambda a: a.dout * (a.x >= 0)),
    ("half the gradient at 0", "At x = 0 half the gradient went through. The rule here is 0.",
     lambda a: a.dout * ((np.sign(a.x.astype(float)) + 1) / 2)),
    ("dout decides", "The gradient was cut where *dout* is negative. ReLU's gate was set in the forward pass, by x: "
     "look at x > 0.", lambda a: np.maximum(a.dout, 0)),
    ("dout and x decide", "Negative gradients were cut as well. Where x > 0, dout passes whatever its sign.",
     lambda a: a.right(dout=np.maximum(a.dout, 0))),
    ("dout times x", "dout was multiplied with x itself. The slope is 1 where x > 0, and 0 elsewhere: that is x > 0.",
     lambda a: a.dout * a.x.astype(float)),
    ("the forward pass again", "That is relu(x). Its gradient is asked for: dout where x > 0, else 0.",
     lambda a: np.maximum(a.x, 0)),
    ("without dout", "That is ReLU's slope, 0 or 1. Multiply it with dout: the chain rule.",
     lambda a: (a.x > 0).astype(float)),
    ("dout times relu(x)", "dout was multiplied with relu(x). The slope is 1 where x > 0, not x.",
     lambda a: a.dout * np.maximum(a.x, 0)),
    ("the gate is upside down", "The gradient passes where x is negative, and is stopped where it is positive.",
     lambda a: a.dout * (a.x < 0)),
    ("everything passes", "dout came back as it was. Where x ≤ 0 ReLU let nothing through: 0 there.",
     lambda a: a.dout.copy()),
    ("writes into dout", "dout itself was changed. Whoever called still needs it: work on a copy, or multiply.",
     lambda a: np.multiply(a.dout, a.x > 0, out=a.dout)),
    ("cut to whole numbers", "The fractions are gone: np.zeros_like(x) of whole numbers can hold none.",
     lambda a: a.right().astype(a.x.dtype)),
    ("a small slope below 0", "Below 0 a little comes through. That is leaky ReLU; here it is 0.",
     lambda a: np.where(a.x > 0, a.dout, 0.01 * a.dout)),
]

EXERCISE = Exercise(
    name="relu_backward", lesson="05_backprop", oracle=relu_gradient, spots=_spots, scale=lambda case: 1.0,
    draws="gradient", wrong=WRONG,
    parts=[
        Part("values", 1, _cases, tests="arrays of 1 to 4 axes, with zeros in x, bytes too",
             look="where x > 0 the gradient passes as it is, everywhere else it is 0; at x = 0 as well."),
    ],
)
