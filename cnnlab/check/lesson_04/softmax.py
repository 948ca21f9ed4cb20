"""softmax: from scores to probabilities, row by row, steady for numbers of any size."""

from functools import partial

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import floats, sliced, transposed
from cnnlab.check.exercise import Exercise
from cnnlab.check.reading import recipes


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Each row's probabilities, of logits (N, K), in float64."""
    logits = np.asarray(logits, np.float64)
    return np.exp(logits - np.logaddexp.reduce(logits, axis=1)[:, None])


# fmt: off
def logits(rng: np.random.Generator) -> list[tuple[np.ndarray, str]]:
    """Logits (N, K) that no exp runs over with, and a word on them."""
    return [
        (np.array([[1.0, 3.0]]), "one picture, two classes"), (np.array([[0, 0], [0, 0]]), "all alike"),
        (floats(rng, 1, 3), "one picture"), (floats(rng, 2, 3), ""), (floats(rng, 3, 3), "as many pictures as classes"),
        (floats(rng, 5, 2), "more pictures than classes"), (rng.permutation(12).reshape(3, 4) - 6, "whole numbers"),
        (-np.abs(floats(rng, 3, 4)) - 1, "all below zero"), (floats(rng, 4, 3).astype(np.float32), "float32"),
        (transposed(rng, 3, 5), "a transposed array"), (sliced(rng, 2, 4), "a slice of a larger array"),
        (rng.uniform(-0.01, 0.01, (2, 3)), "nearly alike"),
        (np.array([[2.0, 2 + 1e-6, -1.0], [3.0, 0.5, 3 - 1e-6]]), "two that are nearly the largest"),
        (np.array([[9.0, -8.0, 0.5], [-9.0, 8.0, 12.0]]), "nearly sure"), (floats(rng, 3, 1), "a single class"),
        (floats(rng, 12, 10), "ten classes"), (floats(rng, 2, 3), "another batch of a size seen before"),
    ]


def large_logits(rng: np.random.Generator) -> list[tuple[np.ndarray, list, str]]:
    """Logits (N, K) that exp runs over with, labels, and a word on them."""
    far = rng.choice([-1, 1], (4, 1)) * rng.integers(600, 9_999, (4, 1))  # from 0 to each row
    labels = [*rng.integers(0, 4, 4)]
    return [
        (np.array([[1000.0, 0.0]]), [0], "a logit of 1000, and right"),
        (np.array([[0.0, 1000.0, -1000.0]]), [0], "a logit of 1000, and wrong"),
        (np.array([[-1000.0, -1001.0, -1002.0]]), [1], "all logits near −1000"),
        (np.array([[1000.0, 999.0, 1001.0], [1.0, 2.0, 0.5]]), [1, 2], "a tame row and a wild one"),
        (np.array([[1000.0, 999.0], [-1000.0, -1002.0]]), [1, 1], "each row has its own largest"),
        (np.array([[1000, -1000], [-1000, 1000], [0, 0]]), [1, 1, 0], "whole numbers"),
        (np.array([[100, 0, -100]], np.float32), [2], "float32, where exp ends at 88"),
        (far[:2] * [0, 1, 0.5, 0.25] + floats(rng, 2, 4), labels[:2], "far from alike"),
        (far + floats(rng, 4, 4), labels, "each row far from 0, on its own side"),
    ]


def _top(z: np.ndarray) -> np.ndarray:
    return z.max(axis=1, keepdims=True)


def _shares(a, off=_top, raised=np.exp, by=np.sum) -> np.ndarray:
    """Powers of the logits, off(logits) taken off first, divided by what `by` makes of each row of them."""
    powers = raised(a.logits - off(a.logits))
    return powers / by(powers, axis=1, keepdims=True)


STEPS = {
    "off": {"nothing is taken off": lambda z: 0, "each row's largest is added, not taken off": lambda z: -_top(z)},
    "raised": {"1 is taken off each power": np.expm1, "there is no exp": np.asarray, "sizes stand for powers": np.abs},
    "by": {"the sum runs over the whole batch": lambda p, **along: p.sum(),
           "the sum is never set back to 0": lambda p, **along: np.cumsum(p.sum(**along), axis=0)},
}
WRONG = [
    ("along the wrong axis", "Your columns add up to 1. One row is one picture, and its classes share one whole: the "
     "rows must, so axis=1.", lambda a: a.right(logits=a.logits.T).T),
    ("over the whole batch", "All numbers together add up to 1, so the pictures take probability from each other. "
     "Divide each row by its own sum: sum(axis=1, keepdims=True).",
     lambda a: a.right(logits=a.logits.reshape(1, -1)).reshape(a.logits.shape)),
    ("exp overflows", "exp(1000) is beyond every float and becomes infinity. Subtract the row's largest logit first: "
     "numerator and denominator shrink by the same factor.", partial(_shares, off=lambda z: 0)),
    ("one largest for all rows", "You subtract the largest number of the whole batch. A row far below it becomes all "
     "zeros, and 0/0. Each row needs its own: max(axis=1, keepdims=True).", partial(_shares, off=np.max)),
    ("the largest of each column", "You subtract each *column's* largest, which changes the numbers of a row by "
     "different amounts. Only the same number taken off a whole row changes nothing: max(axis=1, keepdims=True).",
     partial(_shares, off=lambda z: z.max(axis=0))),
    ("the largest without keepdims", "Each row's largest has no axis of its own, shape (N,), and NumPy lays it along "
     "the *columns*. keepdims=True keeps it (N, 1).", partial(_shares, off=lambda z: z.max(axis=1))),
    ("the mean is taken off", "The mean is not enough: what lies far above it still overflows. Take the max.",
     partial(_shares, off=lambda z: z.mean(axis=1, keepdims=True))),
    ("the smallest is taken off", "With the smallest taken off, exp of the largest overflows. Take the max.",
     partial(_shares, off=lambda z: z.min(axis=1, keepdims=True))),
    ("the first is taken off", "The first logit may be the smallest of its row. Take the row's largest off.",
     partial(_shares, off=lambda z: z[:, :1])),
    ("the logits are clipped", "Clipping the logits avoids the overflow and changes the answer: 1000 and 999 become "
     "alike. Take the max off.", lambda a: a.right(logits=np.clip(a.logits, -500, 500))),
    ("NaN swept away", "nan_to_num hides the overflow; the probability was 1, not 0. Take the max off.",
     lambda a: np.nan_to_num(_shares(a, lambda z: 0))),
    ("exp, but no sum", "These are not yet probabilities: divide each row by its sum.", lambda a: np.exp(a.logits)),
    ("a sum, but no exp", "You divided the logits by their sum. Below zero that fails; exp comes first.",
     partial(_shares, off=lambda z: 0, raised=np.asarray)),
    ("not divided by the sum", "Each row's best class got 1: the powers are divided by the largest of them, or, after "
     "the largest logit was taken off, by nothing. Divide by their sum.",
     partial(_shares, by=np.max)),
    ("divided by the mean", "You divided by the mean, so the rows add up to the number of classes.",
     partial(_shares, by=np.mean)),
    ("divided by the length", "You divided by the root of the squares' sum. Divide by the plain sum.",
     partial(_shares, by=np.linalg.norm)),
    ("powers of 2", "You raised 2 to the logits, not e. np.exp is the one.", partial(_shares, raised=np.exp2)),
    ("powers of 10", "You raised 10 to the logits, not e. np.exp is the one.",
     partial(_shares, raised=lambda z: 10.0**z)),
    ("the sign is turned", "The smallest logit got the largest probability: there is a minus too many in exp.",
     lambda a: a.right(logits=-a.logits)),
    ("squares for exp", "Squares forget the sign: −3 counts as much as 3. exp keeps the order.",
     partial(_shares, off=lambda z: 0, raised=np.square)),
    ("a sigmoid for each", "Each number got a sigmoid of its own, so a row need not add up to 1.",
     lambda a: 0.5 + 0.5 * np.tanh(a.logits / 2)),
    ("the logarithm of it", "That is log-softmax, all below zero. Here the probabilities are asked for.",
     lambda a: np.log(a.right())),
    ("the largest takes it all", "1 for the largest and 0 for the rest: soft-max is the soft version of that.",
     lambda a: np.eye(a.logits.shape[1])[a.logits.argmax(axis=1)]),
    ("the class, no probabilities", "You return which class is largest. Return a probability for each class.",
     lambda a: a.logits.argmax(axis=1)),
    ("the first picture only", "Only the first row came back. Every row is a picture; handle all of them.",
     lambda a: a.right(logits=a.logits[:1])),
    ("sums without keepdims", "The sums have shape (N,), and NumPy lays them along the *columns*. keepdims=True keeps "
     "them (N, 1).", partial(_shares, by=lambda p, axis, keepdims: p.sum(axis=axis))),
    ("writes into its input", "`logits -= …` changes the caller's array. Write logits − … into a new one.",
     lambda a: (np.subtract(a.logits, _top(a.logits), out=a.logits), _shares(a))[1]),
    ("cut to whole numbers", "Whole logits made whole probabilities, 0 and 1. Make the output with np.zeros.",
     lambda a: a.right().astype(a.logits.dtype)),
    ("a little added to the sum", "Something is added to the denominator, so rows do not add up to 1. After the max is "
     "taken off, the sum is at least 1: nothing has to be protected.",
     partial(_shares, by=lambda p, **along: p.sum(**along) + 1e-3)),
    ("rounded", "You rounded. Keep all digits; whoever prints the numbers may round them.",
     lambda a: np.round(a.right(), 4)),
    ("twice", "A softmax of a softmax: the probabilities are nearly alike. Once is enough.",
     lambda a: a.right(logits=a.right())),
    ("sorted", "The probabilities come in another order. Each stays at the place of its logit.",
     lambda a: np.sort(a.right(), axis=1)[:, ::-1]),
]

EXERCISE = Exercise(
    name="softmax", lesson="04_forward", oracle=probabilities, scale=lambda case: 1.0, wrong=WRONG,
    read=recipes.reader(_shares, STEPS), axes={"logits": "picture class", "": "picture class"},
    parts=[
        Part("values", 1, lambda rng: [Case((z,), note=note) for z, note in logits(rng)],
             "batches of 1 to 12 pictures and 1 to 10 classes",
             "exp of every number, divided by the sum of exp over its own row; each row then adds up to 1."),
        Part("large logits", 1, lambda rng: [Case((np.array(z),), note=note) for z, _, note in large_logits(rng)],
             "batches with logits up to ±1000",
             "take each row's own largest logit off that row before exp; the probabilities stay the same."),
    ],
)
