"""softmax_cross_entropy_backward: the gradient of the mean loss by the logits, p − y over N."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, single, sliced, transposed
from cnnlab.check.exercise import Exercise
from cnnlab.check.reading.places import Spot


def softmax(logits: np.ndarray, axis: int | None = 1) -> np.ndarray:
    """Each row's (N, K) probabilities in float64, stable; over another axis, or all numbers at once, where asked."""
    return _shares(logits - logits.astype(np.float64).max(axis=axis, keepdims=True), axis)


def _shares(exponents: np.ndarray, axis: int | None = 1) -> np.ndarray:
    return np.exp(exponents) / np.exp(exponents).sum(axis=axis, keepdims=True)


def softmax_cross_entropy_gradient(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The gradient (N, K) of the mean cross-entropy of logits (N, K) and labels (N,), in float64."""
    return (softmax(logits) - np.eye(logits.shape[1])[labels]) / len(logits)


# fmt: off
def _case(logits, labels, note: str = "", kind: type | None = np.float64) -> Case:
    return Case((logits if kind is None else np.array(logits, kind), np.array(labels)), note=note)


def _values(rng: np.random.Generator) -> list[Case]:
    def case(draw, n, k, labels, note=""):
        return _case(draw(rng, n, k), labels, note, None)

    return [
        _case([[1, 3, 0], [2, 0, 2]], [2, 1], "two images, three classes"), _case([[1, 3]], [0], "one image"),
        case(floats, 2, 4, [2, 0]), case(floats, 3, 3, [1, 1, 2], "as many images as classes"),
        case(floats, 5, 2, [0, 1, 1, 0, 1], "more images than classes"), case(single, 4, 3, [2, 0, 1, 1]),
        case(transposed, 3, 5, [4, 0, 4], "a transposed array"), case(sliced, 2, 6, [1, 3]),
        _case(np.zeros((3, 4)), [3, 1, 1], "all logits 0"), case(floats, 8, 10, rng.integers(0, 10, 8), "ten classes"),
        case(floats, 12, 3, rng.integers(0, 2, 12), "twelve images, none of the last class"),
        case(floats, 2, 4, [1, 2], "another batch of a size seen before"),
    ]


def _large(rng: np.random.Generator) -> list[Case]:
    far = rng.choice([-1, 1], (3, 1)) * rng.integers(600, 9_999, (3, 1))  # from 0 to each row
    return [
        _case([[1000, 0]], [0], "1000, and right"), _case([[0, 1000, -1000]], [0], "a logit of 1000, and wrong"),
        _case([[-1000, -1001, -1002]], [1], "all logits near −1000"),
        _case([[1000, 999, 1001], [1, 2, 0.5]], [1, 2], "a tame row and a wild one"),
        _case([[1000, 999], [-1000, -1002]], [1, 1], "each row has its own maximum"),
        _case(far + rng.integers(-3, 4, (3, 4)), rng.integers(0, 4, 3), "whole logits", int),
        _case([[100, 0, -100]], [2], "float32, which ends at exp(88)", np.float32),
        _case(rng.integers(-3, 4, (3, 4)), [3, 3, 0], "whole logits, small ones", int),
    ]


def _y(a) -> np.ndarray:
    return np.eye(a.logits.shape[1])[a.labels]


def _for(a, p: np.ndarray) -> np.ndarray:
    """The gradient with other numbers in the place of the probabilities."""
    return (p - _y(a)) / len(p)


WRONG = [
    ("forgets 1/N", "Your gradient is N times too large: that is the gradient of the *sum* of the losses. The mean has "
     "a factor 1/N.", lambda a: a.right() * len(a.logits)),
    ("1/N twice", "The factor 1/N of the mean is there twice. Divide once.", lambda a: a.right() / len(a.logits)),
    ("divided by the number of classes", "The mean of the loss runs over the images, N of them; yours divides by the "
     "number of classes.", lambda a: a.right() * len(a.logits) / a.logits.shape[1]),
    ("divided by the size of logits", "The mean runs over N images, not over all N·K numbers.",
     lambda a: a.right() / a.logits.shape[1]),
    ("y − p", "The sign is the wrong way round: the gradient is p − y, the update takes it off.", lambda a: -a.right()),
    ("the label's 1 is not taken off", "That is p / N. At each image's label take 1 off first.",
     lambda a: softmax(a.logits) / len(a.logits)),
    ("probabilities", "That is softmax itself. The gradient is p − y, over N: take 1 off at the label, and divide.",
     lambda a: softmax(a.logits)),
    ("softmax down the columns", "The probabilities of a *class* add up to 1. Each image's have to: axis=1, "
     "keepdims=True.", lambda a: _for(a, softmax(a.logits, 0))),
    ("softmax over everything", "All probabilities together add up to 1. Each image's own have to: axis=1, "
     "keepdims=True.", lambda a: _for(a, softmax(a.logits, None))),
    ("overflows", "exp(1000) is too large for any float, and inf / inf is NaN. Take each row's maximum off first; p "
     "stays the same.", lambda a: _for(a, _shares(a.logits))),
    ("one maximum for the whole batch", "The largest logit of the *batch* was taken off. A row far below it is all "
     "zeros then, and 0/0 is NaN: each row needs its own maximum, logits.max(axis=1, keepdims=True).",
     lambda a: _for(a, _shares(a.logits - a.logits.max()))),
    ("clipped logits", "The logits were clipped so that exp can take them, which changes the answer. Take each row's "
     "maximum off instead.", lambda a: a.right(logits=np.clip(a.logits, -50, 50))),
    ("1 taken off in whole columns", "p[:, labels] -= 1 picks whole columns. One number for each row is meant: "
     "p[np.arange(N), labels] -= 1.",
     lambda a: (softmax(a.logits) - np.isin(np.arange(a.logits.shape[1]), a.labels)) / len(a.logits)),
    ("1 taken off where p is largest", "1 was taken off at the most probable class. It belongs to the *right* one, the "
     "label, whatever the network says.", lambda a: a.right(labels=softmax(a.logits).argmax(axis=1))),
    ("labels counted from 1", "1 was taken off one class too early. Labels count from 0: class k is column k.",
     lambda a: a.right(labels=a.labels - 1)),
    ("logits in place of p", "1 was taken off the logits. Turn them into probabilities first.",
     lambda a: _for(a, a.logits)),
    ("the label's own gradient only", "Only the label's logit has a gradient; all have one.",
     lambda a: a.right() * _y(a)),
    ("−1/p", "That is the gradient by the probabilities. By the logits it is p − y: shorter.",
     lambda a: -_y(a) / softmax(a.logits) / len(a.logits)),
    ("one p·(1 − p) too many", "(p − y) was multiplied with p·(1 − p). Softmax's slope is in p − y already, nothing is "
     "left to multiply.", lambda a: a.right() * softmax(a.logits) * (1 - softmax(a.logits))),
    ("only p is divided by N", "The division caught p alone: (p − y) / N, with parentheses.",
     lambda a: softmax(a.logits) / len(a.logits) - _y(a)),
    ("only y is divided by N", "The division caught y alone: (p − y) / N, with parentheses.",
     lambda a: softmax(a.logits) - _y(a) / len(a.logits)),
    ("the mean over the images is taken", "The rows were averaged into one. Each image has its own row of the "
     "gradient; divide by N, do not add up.", lambda a: a.right().sum(axis=0)),
    ("works in the logits' own array", "The logits that came in were changed: -= works in place. Write logits = logits "
     "− maximum, a new array.",
     lambda a: (a.right(), np.subtract(a.logits, a.logits.max(axis=1, keepdims=True), out=a.logits))[0]),
]

EXERCISE = Exercise(
    name="softmax_cross_entropy_backward", lesson="05_backprop", oracle=softmax_cross_entropy_gradient,
    axes={"logits": "image class", "labels": "image", "": "image class"}, scale=lambda case: 1.0,
    spots=lambda a: {"": [Spot("at the label of each image", _y(a) == 1), Spot("away from the labels", _y(a) == 0)]},
    draws="gradient", wrong=WRONG,
    parts=[
        Part("values", 1, _values, tests="batches of 1 to 12 images, 2 to 10 classes",
             look="each row is p − y, y being 1 at the label and 0 elsewhere; the mean loss brings the factor 1/N."),
        Part("large logits", 1, _large, tests="logits up to ±1000, whole ones too",
             look="take each row's own maximum off its logits before exp: the probabilities stay as they are."),
    ],
)
