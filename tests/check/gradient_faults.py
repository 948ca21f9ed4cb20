"""Faults of conv2d_backward, in the table of wrong ways and in none, and what the check says: docs/gradient_faults.md.

`python -m tests.check.gradient_faults` writes the page.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnlab import check
from cnnlab.built.lesson_05 import conv2d_backward as right
from cnnlab.check.subject import NotebookSubject

exercise = check.exercise("conv2d_backward")
PAGE = Path(__file__).parents[2] / "docs" / "gradient_faults.md"
UNSEEN = {}


def unseen(name, part):
    """A fault that is in nobody's catalogue, shown on one part of the check."""

    def keep(function):
        UNSEEN[name] = (part, function)
        return function

    return keep


def changing(result, change):
    """conv2d_backward with one of its three results spoilt: change(result, dout, x, weight, stride, padding)."""

    def function(dout, x, weight, stride=1, padding=0):
        found = list(right(dout, x, weight, stride, padding))
        found[result] = change(found[result], dout, x, weight, stride, padding)
        return tuple(found)

    return function


DX, DWEIGHT, DBIAS = range(3)


def spoil(name, part, result):
    return lambda change: unseen(name, part)(changing(result, change))


def pair(value):
    return (value, value) if np.ndim(value) == 0 else tuple(value)


def coverage(dout, x, weight, stride, padding):
    ones = np.ones_like(dout, dtype=float)
    return right(ones, x * 1.0, np.ones_like(weight, dtype=float), stride, padding)[0] / len(weight)


@spoil("dx: the last column stays 0", "input", DX)
def _(dx, *_):
    dx[..., -1] = 0
    return dx


@spoil("dx: the border rows and columns are twice too large", "padding", DX)
def _(dx, *_):
    dx[:, :, 1:-1, 1:-1] /= 2
    return dx * 2


@spoil("dx: NaN at the border", "padding", DX)
def _(dx, *_):
    out = np.full(dx.shape, np.nan)
    out[:, :, 1:-1, 1:-1] = dx[:, :, 1:-1, 1:-1]
    return out


@spoil("dx: every pixel's sum is made a mean over its patches", "input", DX)
def _(dx, dout, x, weight, stride, padding):
    return dx / np.maximum(coverage(dout, x, weight, stride, padding), 1)


@spoil("dx: counted once more where patches overlap", "input", DX)
def _(dx, dout, x, weight, stride, padding):
    return np.where(coverage(dout, x, weight, stride, padding) > 1, 2 * dx, dx)


@spoil("dx: ReLU's gate came in twice", "input", DX)
def _(dx, dout, x, *_):
    return dx * (x > 0)


@spoil("dx: 1 too large everywhere", "input", DX)
def _(dx, *_):
    return dx + 1


@spoil("dx: one row too low", "input", DX)
def _(dx, *_):
    low = np.roll(dx, 1, axis=2)
    low[:, :, 0] = 0
    return low


@spoil("dx: channels last", "input", DX)
def _(dx, *_):
    return dx.transpose(0, 2, 3, 1)


@spoil("dx: images beyond the first are never filled", "input", DX)
def _(dx, *_):
    dx[1:] = 0
    return dx


@spoil("dx: the first image's for all", "input", DX)
def _(dx, *_):
    return np.repeat(dx[:1], len(dx), axis=0)


@spoil("dx: every image divided by its own number", "input", DX)
def _(dx, *_):
    return dx / np.arange(2, len(dx) + 2)[:, None, None, None]


@spoil("dx: channel 0 holds the sum over the channels", "input", DX)
def _(dx, *_):
    dx[:, 0] = dx.sum(axis=1)
    return dx


@spoil("dx: every second row has the wrong sign", "input", DX)
def _(dx, *_):
    dx[:, :, 1::2] *= -1
    return dx


@spoil("dx: one row and column too many are cropped", "padding", DX)
def _(dx, *_):
    return dx[:, :, 1:-1, 1:-1]


@spoil("dx: the gaps of the stride are filled with the neighbour's gradient", "stride", DX)
def _(dx, dout, x, weight, stride, padding):
    gaps = coverage(dout, x, weight, stride, padding) == 0
    return np.where(gaps, np.roll(dx, 1, axis=2), dx)


@spoil("dx: something in the rows that no patch reaches", "stride", DX)
def _(dx, dout, x, weight, stride, padding):
    counts = coverage(dout, x, weight, stride, padding)
    rows = np.flatnonzero(counts.any(axis=(0, 1, 3)))
    dx[:, :, rows[-1] + 1 :] = 5
    return dx


@unseen("dx: stride zeros between the values of dout, not stride − 1", "stride")
def _(dout, x, weight, stride=1, padding=0):
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    ends = [(s + 1) * (n - 1) + k for s, n, k in zip((sh, sw), dout.shape[2:], weight.shape[2:], strict=True)]
    wide = np.zeros((*x.shape[:2], max(ends[0], x.shape[2] + 2 * ph), max(ends[1], x.shape[3] + 2 * pw)))
    dx = right(dout, wide, weight, (sh + (sh > 1), sw + (sw > 1)))[0][:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]]
    return dx, *right(dout, x, weight, stride, padding)[1:]


@spoil("dweight: the last kernel column stays 0", "kernel", DWEIGHT)
def _(dweight, *_):
    dweight[..., -1] = 0
    return dweight


@spoil("dweight: right up to a factor, the batch size", "kernel", DWEIGHT)
def _(dweight, dout, x, *_):
    return dweight * len(x)


@spoil("dweight: 0.1 of what it should be", "kernel", DWEIGHT)
def _(dweight, *_):
    return dweight / 10


@spoil("dweight: multiplied with dbias, filter by filter", "kernel", DWEIGHT)
def _(dweight, dout, *_):
    return dweight * dout.sum(axis=(0, 2, 3))[:, None, None, None]


@spoil("dweight: the filters in reverse order", "kernel", DWEIGHT)
def _(dweight, *_):
    return dweight[::-1]


@unseen("dweight: made with dout turned by 180°", "kernel")
def _(dout, x, weight, stride=1, padding=0):
    dx, _, dbias = right(dout, x, weight, stride, padding)
    return dx, right(dout[:, :, ::-1, ::-1], x, weight, stride, padding)[1], dbias


@unseen("dweight: x is met without its sign", "kernel")
def _(dout, x, weight, stride=1, padding=0):
    dx, _, dbias = right(dout, x, weight, stride, padding)
    return dx, right(dout, np.abs(x), weight, stride, padding)[1], dbias


@spoil("dweight: one axis for each image is left", "kernel", DWEIGHT)
def _(dweight, dout, x, weight, stride, padding):
    each = [right(dout[n : n + 1], x[n : n + 1], weight, stride, padding)[1] for n in range(len(x))]
    return np.stack(each)


@spoil("dbias: summed over images and rows only", "bias", DBIAS)
def _(dbias, dout, *_):
    return dout.sum(axis=(0, 2))


@spoil("dbias: the largest dout, not the sum", "bias", DBIAS)
def _(dbias, dout, *_):
    return dout.max(axis=(0, 2, 3))


@spoil("dbias: a weight decay is added", "bias", DBIAS)
def _(dbias, *_):
    return dbias + 0.01


@unseen("all three: the opposite sign, and twice", "padding")
def _(dout, x, weight, stride=1, padding=0):
    return tuple(-2 * one for one in right(dout, x, weight, stride, padding))


@unseen("all three: a little noise", "padding")
def _(dout, x, weight, stride=1, padding=0):
    rng = np.random.default_rng(0)
    return tuple(one * (1 + rng.normal(size=one.shape) / 100) for one in right(dout, x, weight, stride, padding))


KNOWN = [
    ("dbias summed over the images only", "bias"),
    ("dbias is averaged over the images", "padding"),
    ("dweight is averaged over the stops", "kernel"),
    ("dweight is turned by 180°", "kernel"),
    ("dweight with its first two axes swapped", "kernel"),
    ("dweight added up over the input channels", "kernel"),
    ("dweight without the padding", "padding"),
    ("dx made with the kernel as it is", "input"),
    ("overwrites where patches overlap", "input"),
    ("dx is 0 near the border", "input"),
    ("dx is divided by N", "input"),
    ("the padding is not cropped", "padding"),
    ("the padding is cut off at the end only", "padding"),
    ("the gaps of the stride are not left in dx", "stride"),
    ("only one number for the stride", "stride"),
    ("dx ends where the last patch ends", "stride"),
    ("the results in another order", "padding"),
    ("cut to whole numbers", "padding"),
]


@dataclass(frozen=True)
class Row:
    """named: the known mistakes that are named, each with the gradient that it is about where it is one of several;
    says: what the numbers say, a line for each clue."""

    fault: str
    in_table: bool
    part: str
    named: str
    says: str


def faults():
    """{fault: (in the table, part, function)}."""
    known = {mistake.name: mistake.function for mistake in exercise.mistakes}
    found = {name: (True, part, known[name]) for name, part in KNOWN}
    return found | {name: (False, part, function) for name, (part, function) in UNSEEN.items()}


@functools.cache
def row(fault):
    in_table, part, function = faults()[fault]
    failure = exercise.run(exercise.part(part), NotebookSubject(function)).failure
    names = [f"{one.about}: {one.name}" if one.about else one.name for one in failure.diagnosis.named]
    return Row(fault, in_table, part, " · ".join(names), failure.where())


def page():
    found = [row(fault) for fault in faults()]
    outside = sum(not one.in_table for one in found)
    lines = [
        "# Faults of `conv2d_backward`, and what its check says",
        "",
        f"{len(found)} kinds of fault; {outside} of them stand in no table of known mistakes. A known mistake is "
        "named, with its own sentence, and its numbers are not explained a second time. For the others it is told "
        "from the numbers alone (the right gradients, the learner's, and the case) which gradient is wrong, and where "
        "or by what. A heat map of the relative error stands beside it.",
        "This page is written by `python -m tests.check.gradient_faults`; a test holds it against the check.",
        "",
        "| fault | part | known mistake named | what the numbers say |",
        "|---|---|---|---|",
    ]
    for one in found:
        says = one.says.replace("\n", " · ").replace("|", "¦")
        lines.append(f"| {one.fault} | {one.part} | {one.named or 'none'} | {says} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
