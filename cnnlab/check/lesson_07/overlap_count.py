"""overlap_count: how often each place of a transposed convolution's output is written to, in one dimension."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference, difference
from cnnlab.check.draw import between
from cnnlab.check.exercise import Exercise


def counts(kernel: int, stride: int, size: int) -> np.ndarray:
    """((size − 1)·stride + kernel,) whole numbers."""
    starts = np.zeros((size - 1) * stride + 1, int)
    starts[::stride] = 1
    return np.convolve(starts, np.ones(kernel, int))


def _differs(value: Any, case: Case, expected: np.ndarray) -> Difference | None:
    """Lists and tuples of whole numbers are counts as well."""
    if isinstance(value, list | tuple) and all(isinstance(one, int | float | np.ndarray) for one in value):
        try:
            value = np.asarray(value, np.float64)
        except (ValueError, TypeError, OverflowError):
            return difference(expected, value)
    return difference(expected, value)


def _stamped(a, keep: int = 1, value: Any = 1, starts: Any = None, length: int | None = None) -> np.ndarray:
    """Stamp after stamp; keep=0: each wipes out what lies there."""
    found = np.zeros(length or (a.size - 1) * a.stride + a.kernel)
    for start in range(0, a.size * a.stride, a.stride) if starts is None else starts:
        found[start : start + a.kernel] = keep * found[start : start + a.kernel] + value
    return found


def _cases(rng: np.random.Generator) -> list[Case]:
    stride, other = between(rng, 2, 20, 2)
    kernel, size = stride + between(rng, 1, 60)[0], between(rng, 6, 30)[0]
    return [
        Case((3, 2, 3), note="3, moved by 2: every second place twice"), Case((4, 2, 3), note="4 and 2: even inside"),
        Case((2, 2, 4), note="side by side"), Case((3, 1, 5), note="stride 1"), Case((5, 2, 4)), Case((5, 3, 4)),
        Case((1, 1, 4), note="a kernel of 1"), Case((4, 3, 1), note="a single input"), Case((kernel, stride, size)),
        Case((6, 2, 5), {}, "three at a time"), Case((7, 4), {"size": 5}), Case((), {"stride": 3, "size": 4,
        "kernel": 8}),
        Case((9, 1, 3), note="a kernel larger than the input"), Case((3 * other, other, size + 1),
        note="evenly inside"),
    ]  # fmt: skip


def _gaps(rng: np.random.Generator) -> list[Case]:
    kernel, other = between(rng, 2, 30, 2)
    stride, size = kernel + between(rng, 1, 40)[0], between(rng, 4, 30)[0]
    return [
        Case((1, 2, 3), note="every second place is never written to"), Case((2, 3, 3)), Case((1, 4, 2)),
        Case((3, 5, 4)), Case((2, 5, 1), note="a single input"), Case((kernel, stride, size)),
        Case((other, 2 * other + 1), {"size": size + 1}), Case((), {"size": 2, "kernel": 2, "stride": 6}),
    ]  # fmt: skip


# fmt: off
WRONG = [
    ("every place once", "Where stamps overlap a place is written to more than once: add 1 with +=.",
     lambda a: _stamped(a, keep=0)),
    ("the stride sizes the output, but the stamps are neighbours", "The output has the right length, but input i "
     "writes from i on; it should from i·stride on.",
     lambda a: np.pad(a.right(stride=1), (0, (a.size - 1) * (a.stride - 1)))),
    ("as for stride 1", "Input i writes to the places from i·stride on, so there are (size − 1)·stride + kernel of "
     "them.",
     lambda a: a.right(stride=1)),
    ("kernel and stride in each other's place", "The kernel is how many places a stamp covers, the stride how far the "
     "next one is.", lambda a: a.right(kernel=a.stride, stride=a.kernel)),
    ("kernel and size in each other's place", "`size` is the number of inputs, `kernel` how many places each writes "
     "to.",
     lambda a: a.right(kernel=a.size, size=a.kernel)),
    ("stride and size in each other's place", "`size` is the number of inputs, `stride` how far their stamps are "
     "apart.",
     lambda a: a.right(stride=a.size, size=a.stride)),
    ("size times stride places", "There are (size − 1)·stride + kernel places: the last stamp begins at "
     "(size − 1)·stride and is `kernel` long.", lambda a: np.resize(a.right(), a.size * a.stride)),
    ("one place too few", "Count again: one input alone writes to `kernel` places.", lambda a: a.right()[:-1]),
    ("one place too many", "Count again: one input alone writes to `kernel` places.",
     lambda a: np.append(a.right(), 0)),
    ("the last input is left out", "All `size` inputs write: range(size).",
     lambda a: _stamped(a, starts=range(0, (a.size - 1) * a.stride, a.stride))),
    ("one input too many", "`size` inputs, no more.", lambda a: a.right(size=a.size + 1)),
    ("the kernel is one too short", "A stamp covers `kernel` places: from i·stride up to i·stride + kernel, which is "
     "not among them.", lambda a: np.append(a.right(kernel=a.kernel - 1), 0) if a.kernel > 1 else 0 * a.right()),
    ("the kernel is one too long", "A stamp covers `kernel` places, not one more.",
     lambda a: a.right(kernel=a.kernel + 1)[:-1]),
    ("kernel divided by stride everywhere", "kernel/stride is the mean; the counts themselves go up and down, and that "
     "is the checkerboard.", lambda a: np.full(a.right().shape, a.kernel / a.stride)),
    ("kernel // stride everywhere", "That is what comes inside where the stride divides the kernel. Count place by "
     "place.",
     lambda a: np.full(a.right().shape, a.kernel // a.stride)),
    ("the inside alone", "The ends belong to it: fewer stamps reach them.",
     lambda a: a.right()[a.kernel - 1 : max(a.kernel, len(a.right()) - a.kernel + 1)]),
    ("the ends as if they were inside", "Near the ends fewer stamps reach a place: only inputs 0 … size − 1 write.",
     lambda a: _stamped(a, starts=[])
     + np.array([len([i for i in range(-a.kernel, 3 * a.size + a.kernel) if 0 <= p - i * a.stride < a.kernel])
                 for p in range(len(a.right()))])),
    ("gaps are filled", "Where the stride is larger than the kernel some places are never written to: they count 0.",
     lambda a: np.maximum(a.right(), 1)),
    ("gaps are left out", "Places that nobody writes to are places all the same: they count 0.",
     lambda a: (lambda right: right[right > 0])(a.right())),
    ("weights 1, 2, 3 …", "Every input adds 1 to its places; which weight it is does not matter.",
     lambda a: _stamped(a, value=np.arange(1, a.kernel + 1))),
    ("the number of the input", "Every input adds 1 to its places.",
     lambda a: sum(_stamped(a, value=i, starts=[i * a.stride]) for i in range(a.size))),
    ("shares of the largest", "Counts are whole numbers: divide by nothing.", lambda a: a.right() / a.right().max()),
    ("in two dimensions", "One dimension is asked for; the plane is its outer product with itself.",
     lambda a: np.outer(a.right(), a.right())),
    ("the largest alone", "One count for each place of the output.", lambda a: int(a.right().max())),
    ("how often each count comes", "One count for each place of the output, in their order.",
     lambda a: np.bincount(a.right())),
    ("True and False", "A count for each place, not whether it is written to.", lambda a: a.right() > 0),
    ("the outputs that read each place", "That is the convolution's own question, forwards. Here `size` inputs "
     "*write*.",
     lambda a: a.right(size=max(1, (a.size - a.kernel) // a.stride + 1))),
]
# fmt: on

EXERCISE = Exercise(
    name="overlap_count", lesson="07_blocks", oracle=counts, judge=_differs, axes={"": "place"}, wrong=WRONG,
    parts=[
        Part("overlaps", 1, _cases, "kernels as long as the stride, or longer",
             "input i writes to the places i·stride … i·stride + kernel − 1: add 1 to each of them."),
        Part("gaps", 1, _gaps, "kernels shorter than the stride",
             "there are (size − 1)·stride + kernel places, and those that nobody writes to count 0."),
    ],
)  # fmt: skip
