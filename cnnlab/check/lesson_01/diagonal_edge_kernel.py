"""diagonal_edge_kernel: a kernel with a job. Many are right, so a judge tries them instead of an oracle."""

from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference, number_text
from cnnlab.check.exercise import Exercise
from cnnlab.check.plain import describe, shape_text
from cnnlab.check.subject import Subject
from cnnlab.check.verdict import Attempt

LARGEST = 64  # a side of a kernel; the judge looks at every diagonal


def judge(kernel: Any, case: Case, expected: Any) -> Difference | None:
    """What is wrong with a kernel (kh, kw): it must give 0 on every patch that is constant along each diagonal j − i,
    and not 0 on one that falls with i + j.

    The first holds when the weights on each diagonal j − i add up to 0, the second when those on some diagonal i + j
    do not.
    """
    if not isinstance(kernel, np.ndarray) or kernel.ndim != 2 or not kernel.size:
        hint = " Try np.array([[...], [...]])." if isinstance(kernel, list | tuple) else ""
        return Difference("type", f"Expected a kernel, a 2-D NumPy array; yours returned {describe(kernel)}.{hint}")
    if max(kernel.shape) > LARGEST:
        return Difference("shape", f"A kernel is small; yours has shape {shape_text(kernel.shape)}. 2 × 2 is enough.")
    if kernel.dtype.kind not in "iuf" or not np.isfinite(kernel).all():
        return Difference("dtype", "The weights have to be finite numbers, ints or floats.")
    kernel, (i, j) = kernel.astype(np.float64), np.indices(kernel.shape)
    if off := unbalanced(kernel):
        flat = abs(kernel.sum()) > 1e-9 * np.abs(kernel).sum()
        patch = np.ones(kernel.shape) if flat else (j - i == min(off)).astype(np.float64)
        what = "A flat patch" if flat else "A patch with a bright line from top left to bottom right"
        response = f"{np.sum(patch * kernel):.4g}"
        words = f"{what} does not change along the diagonal, and your kernel gives {response} on it, not 0."
    elif not unbalanced(kernel[:, ::-1]):
        patch = sum(kernel.shape) - 2.0 - i - j
        words = "On a patch that is bright at the top left and dark at the bottom right your kernel gives 0. "
        words += "That is the edge it has to see."
    else:
        return None
    return Difference("values", words, patch, kernel, titles=("the patch", "your kernel"))


def unbalanced(kernel: np.ndarray) -> dict[int, float]:
    """The diagonals j − i whose weights do not add up to 0, and what they add up to."""
    sums = {offset: float(np.trace(kernel, offset)) for offset in range(1 - kernel.shape[0], kernel.shape[1])}
    return {offset: total for offset, total in sums.items() if abs(total) > 1e-9 * float(np.abs(kernel).sum())}


def answers_to(failing: list[Attempt], subject: Subject) -> list[str]:
    """What kind of thing came back where it is no kernel; else on which diagonals the weights do not add up to 0."""
    got = failing[0].got
    if not isinstance(got, np.ndarray):
        inside = isinstance(got, list | tuple) and any(isinstance(one, np.ndarray) and one.ndim == 2 for one in got)
        return ["A kernel is in it: return that alone."] if inside else []
    for holds, words in (
        (got.ndim != 2 or not got.size, f"Its shape is {got.shape}; a kernel has rows and columns, two axes."),
        (got.dtype.kind == "b", "True and False are no weights, and neither of them is negative."),
        (got.dtype.kind == "u", "uint8 and its like hold no negative numbers: −1 becomes 255. Leave it to NumPy."),
        (got.dtype.kind == "c" or not np.isfinite(got).all(), "A weight is a number; one that should not count is 0."),
        (max(got.shape, default=0) > LARGEST, "Two weights are enough."),
    ):
        if holds:
            return [words]
    off = unbalanced(got := got.astype(np.float64))
    told = [f"{number_text(v)} on the one from row {max(0, -d)}, column {max(0, d)}" for d, v in off.items()]
    lines = ["On each diagonal, top left to bottom right, the weights should add up to 0. Yours: "]
    lines[0] += f"{'; '.join(told[:5])}."
    if not off:
        lines = ["It is silent on everything that does not change along the diagonal, and on what does as well."]
    elif len(off) > 1 and not unbalanced(got[:, ::-1]):
        lines += ["Mirrored left to right every diagonal would add up to 0: it looks along the other diagonal."]
    elif len(got) > 1 and np.all(got == got[:1]):
        lines += ["All its rows are alike: it answers to a change from left to right."]
    elif got.shape[1] > 1 and np.all(got == got[:, :1]):
        lines += ["All its columns are alike: it answers to a change from top to bottom."]
    return lines


# fmt: off
WRONG = [
    ("all zeros", "A kernel of zeros is silent on flat patches, and on everything else too.",
     lambda a: np.zeros((2, 2))),
    ("the other diagonal", "This kernel looks along the other diagonal: it subtracts bottom left from top right. "
     "Put the +1 at the top left and the −1 at the bottom right.", lambda a: np.array([[0, 1], [-1, 0]])),
    ("no minus", "Both weights are positive, so the kernel answers to brightness. "
     "An edge is a difference: one of them is negative.", lambda a: np.eye(2, dtype=int)),
    ("a vertical edge", "This kernel sees edges from left to right. The change to look for runs along the diagonal.",
     lambda a: np.tile([-1, 0, 1], (3, 1))),
    ("a vertical edge, 1 × 2", "This kernel sees edges from left to right. Use two pixels on the diagonal.",
     lambda a: np.array([[1, -1]])),
    ("a horizontal edge", "This kernel sees edges from top to bottom. The change to look for runs along the diagonal.",
     lambda a: np.tile([[1], [0], [-1]], 3)),
    ("a blur", "A blur answers to brightness. An edge is a difference: the weights must cancel on a flat patch.",
     lambda a: np.full((3, 3), 1 / 9)),
    ("a Laplacian", "The Laplacian answers to change in every direction, also across the diagonal.",
     lambda a: np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])),
    ("a single pixel", "One weight copies the picture. A difference needs two.", lambda a: np.ones((1, 1), int)),
    ("a chequerboard", "This kernel answers to a bright diagonal line as well. Only two weights are needed.",
     lambda a: np.array([[1, -1], [-1, 1]])),
    ("a ramp that does not cancel", "The weights fall along the diagonal but do not cancel on a flat patch: "
     "their sum has to be 0.", lambda a: np.array([[2, 1], [1, 0]])),
]

EXERCISE = Exercise(
    name="diagonal_edge_kernel", lesson="01_convolution", judge=judge, read=answers_to, wrong=WRONG,
    parts=[Part("kernel", 1, lambda rng: [Case()], "flat patches, lines along the diagonal, and an edge across it",
                "top left minus bottom right: which two weights of a 2 × 2 kernel are not 0?")],
)
