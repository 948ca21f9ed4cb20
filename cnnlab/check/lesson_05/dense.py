"""relu_backward, linear_backward and softmax_cross_entropy_backward: gradients without windows."""

from __future__ import annotations

import numpy as np

from cnnlab.check.draw import floats, ints, large, sliced, transposed
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_05 import gradients
from cnnlab.check.lesson_05.clues import where_linear, where_relu, where_softmax
from cnnlab.check.lesson_05.dense_mistakes import LINEAR, RELU, SOFTMAX_CROSS_ENTROPY


def _signed(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Whole numbers, every third one or so 0: where ReLU has its corner."""
    return ints(rng, *shape) * (rng.random(shape) < 0.7)


def _relu_cases(rng: np.random.Generator) -> list[Case]:
    single = floats(rng, 2, 3).astype(np.float32)
    return [
        Case((ints(rng, 3), np.array([4, 0, -2])), note="one above, one at, one below 0"),
        Case((ints(rng, 2, 3), _signed(rng, 2, 3))),
        Case((floats(rng, 3, 4), ints(rng, 3, 4)), note="whole x, dout with fractions"),
        Case((floats(rng, 7), floats(rng, 7))),
        Case((floats(rng, 2, 3, 4, 5), floats(rng, 2, 3, 4, 5) * (rng.random((2, 3, 4, 5)) < 0.7)), note="pictures"),
        Case((single, floats(rng, 2, 3).astype(np.float32))),
        Case((floats(rng, 4), np.zeros(4)), note="all at 0"),
        Case((floats(rng, 3), np.array([1e-9, -1e-9, 0.25])), note="tiny numbers"),
        Case((floats(rng, 2, 3), np.abs(floats(rng, 2, 3))), note="all above 0"),
        Case((transposed(rng, 3, 4), sliced(rng, 3, 4)), note="not contiguous"),
        Case((large(rng, 2, 3), large(rng, 2, 3)), note="large numbers"),
        Case((np.array([0.0, 0.0, 2.5]), np.array([1.0, -1.0, 3.0])), note="a dout that is 0 in places"),
    ]


relu_backward = Exercise(
    name="relu_backward",
    lesson="05_backprop",
    argument_names=("dout", "x"),
    oracle=gradients.relu_gradient,
    scale=lambda case: 1.0,
    locate=where_relu,
    parts=[
        Part(
            "values",
            1,
            _relu_cases,
            tests="12 arrays of 1 to 4 axes, with zeros in x",
            look="where x > 0 the gradient passes as it is, everywhere else it is 0; at x = 0 as well.",
        )
    ],
    mistakes=RELU,
)


def _linear_sizes(rng: np.random.Generator, only: tuple[str, ...]) -> list[Case]:
    def case(draw, n, n_in, n_out, note=""):
        return Case((draw(rng, n, n_out), draw(rng, n, n_in), draw(rng, n_out, n_in)), note=note, results=only)

    mixed = Case(
        (floats(rng, 2, 4), ints(rng, 2, 3), ints(rng, 4, 3)),
        note="whole x and weight, dout with fractions",
        results=only,
    )
    single = [floats(rng, *shape).astype(np.float32) for shape in ((3, 2), (3, 5), (2, 5))]
    return [
        case(ints, 1, 2, 2, note="one image"),
        case(ints, 1, 3, 2),
        case(ints, 2, 2, 3, note="two images"),
        mixed,
        case(floats, 3, 4, 2),
        case(floats, 5, 2, 4, note="more images than numbers"),
        case(floats, 3, 3, 3, note="as many images as numbers, in and out"),
        Case(tuple(single), results=only),
        case(transposed, 4, 3, 5, note="transposed arrays"),
        case(sliced, 2, 5, 3, note="slices of larger arrays"),
        case(large, 3, 2, 4, note="large numbers"),
        case(floats, 2, 1, 3, note="one number in"),
        case(floats, 4, 3, 1, note="one number out"),
        case(floats, 6, 12, 11, note="larger than the others"),
    ]


linear_backward = Exercise(
    name="linear_backward",
    lesson="05_backprop",
    argument_names=("dout", "x", "weight"),
    result_names=("dx", "dweight", "dbias"),
    oracle=gradients.linear_gradients,
    scale=lambda case: 1.0,
    locate=where_linear,
    parts=[
        Part(
            "input",
            1,
            lambda rng: _linear_sizes(rng, ("dx",)),
            tests="dx of 14 layers",
            look="x[n, i] reached output k through weight[k, i]: dx[n, i] adds up dout[n, k]·weight[k, i].",
        ),
        Part(
            "weight and bias",
            1,
            lambda rng: _linear_sizes(rng, ("dweight", "dbias")),
            tests="dweight and dbias of 14 layers",
            look="weight[k, i] was used once for every image: its gradient is a sum over the images, and so is dbias.",
        ),
    ],
    mistakes=LINEAR,
)


def _logits_cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case((np.array([[1.0, 3.0]]), np.array([0])), note="one image, two classes"),
        Case((floats(rng, 1, 3), np.array([2])), note="one image"),
        Case((floats(rng, 2, 3), np.array([2, 0]))),
        Case((floats(rng, 3, 3), np.array([1, 1, 2])), note="as many images as classes"),
        Case((floats(rng, 5, 2), np.array([0, 1, 1, 0, 1])), note="more images than classes"),
        Case((rng.integers(-3, 4, (3, 4)), np.array([3, 3, 0])), note="whole logits"),
        Case((floats(rng, 4, 3).astype(np.float32), np.array([2, 0, 1, 1]))),
        Case((transposed(rng, 3, 5), np.array([4, 0, 4])), note="a transposed array"),
        Case((sliced(rng, 2, 4), np.array([1, 3]))),
        Case((np.zeros((2, 4)), np.array([3, 1])), note="all logits 0"),
        Case((floats(rng, 8, 10), rng.integers(0, 10, 8)), note="ten classes"),
    ]


def _stable_cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case((np.array([[1000.0, 0.0]]), np.array([0])), note="a logit of 1000, and right"),
        Case((np.array([[0.0, 1000.0, -1000.0]]), np.array([0])), note="a logit of 1000, and wrong"),
        Case((np.array([[-1000.0, -1001.0, -1002.0]]), np.array([1])), note="all logits near −1000"),
        Case(
            (np.array([[1000.0, 999.0, 1001.0], [1.0, 2.0, 0.5]]), np.array([1, 2])), note="a tame row and a wild one"
        ),
        Case((np.array([[1000.0, 999.0], [-1000.0, -1002.0]]), np.array([1, 1])), note="each row has its own maximum"),
        Case((np.array([[1000, -1000], [-1000, 1000], [0, 0]]), np.array([1, 1, 0])), note="whole logits"),
        Case((np.array([[100, 0, -100]], dtype=np.float32), np.array([2])), note="float32, which ends at exp(88)"),
    ]


softmax_cross_entropy_backward = Exercise(
    name="softmax_cross_entropy_backward",
    lesson="05_backprop",
    argument_names=("logits", "labels"),
    oracle=gradients.softmax_cross_entropy_gradient,
    scale=lambda case: 1.0,
    locate=where_softmax,
    parts=[
        Part(
            "values",
            1,
            _logits_cases,
            tests="11 batches of 1 to 8 images, 2 to 10 classes",
            look="each row is p − y, y being 1 at the label and 0 elsewhere; the mean loss brings the factor 1/N.",
        ),
        Part(
            "large logits",
            1,
            _stable_cases,
            tests="7 batches with logits up to ±1000",
            look="take each row's own maximum off its logits before exp: the probabilities stay as they are.",
        ),
    ],
    mistakes=SOFTMAX_CROSS_ENTROPY,
)
