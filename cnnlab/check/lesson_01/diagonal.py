"""diagonal_edge_kernel: a kernel with a job. Many are right, so a judge tries them instead of an oracle."""

from __future__ import annotations

import numpy as np

from cnnlab.check.compare import Difference
from cnnlab.check.exercise import Case, Exercise, Mistake, Part, known
from cnnlab.check.plain import describe, shape_text

DIAGONAL: list[Mistake] = []
LARGEST = 64  # a side of a kernel; the judge looks at every diagonal


def judge(kernel: object, case: Case) -> Difference | None:
    """0 on every patch that is constant along each diagonal j − i; not 0 on one that falls with i + j.

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
    kernel = kernel.astype(np.float64)
    tiny = 1e-9 * float(np.abs(kernel).sum())
    i, j = np.indices(kernel.shape)
    for offset in range(1 - kernel.shape[0], kernel.shape[1]):
        patch = (j - i == offset).astype(np.float64)
        if abs(np.sum(patch * kernel)) > tiny:
            return _answers(kernel, np.ones(kernel.shape), "A flat patch", tiny) or _answers(
                kernel, patch, "A patch with a bright line from top left to bottom right", tiny
            )
    # Past here the kernel is silent on everything that does not change along the diagonal.
    if all(abs(np.sum(kernel[i + j == s])) <= tiny for s in range(sum(kernel.shape) - 1)):
        bright = (sum(kernel.shape) - 2 - i - j).astype(np.float64)
        return Difference(
            "values",
            "On a patch that is bright at the top left and dark at the bottom right your kernel gives 0. "
            "That is the edge it has to see.",
            bright,
            kernel,
            titles=("the patch", "your kernel"),
        )
    return None


def _answers(kernel: np.ndarray, patch: np.ndarray, what: str, tiny: float) -> Difference | None:
    response = float(np.sum(patch * kernel))
    if abs(response) <= tiny:
        return None
    sentence = f"{what} does not change along the diagonal, and your kernel gives {response:.4g} on it, not 0."
    return Difference("values", sentence, patch, kernel, titles=("the patch", "your kernel"))


diagonal_edge_kernel = Exercise(
    name="diagonal_edge_kernel",
    lesson="01_convolution",
    judge=judge,
    parts=[
        Part(
            "kernel",
            1,
            lambda rng: [Case()],
            tests="flat patches, lines along the diagonal, and an edge across it",
            look="top left minus bottom right: which two weights of a 2 × 2 kernel are not 0?",
        )
    ],
    mistakes=DIAGONAL,
)


@known(DIAGONAL, "all zeros", "A kernel of zeros is silent on flat patches, and on everything else too.")
def _():
    return np.zeros((2, 2))


@known(
    DIAGONAL,
    "the other diagonal",
    "This kernel looks along the other diagonal: it subtracts bottom left from top right. "
    "Put the +1 at the top left and the −1 at the bottom right.",
)
def _():
    return np.array([[0, 1], [-1, 0]])


@known(
    DIAGONAL,
    "no minus",
    "Both weights are positive, so the kernel answers to brightness. An edge is a difference: one of them is negative.",
)
def _():
    return np.array([[1, 0], [0, 1]])


@known(
    DIAGONAL,
    "a vertical edge",
    "This kernel sees edges from left to right. The change to look for runs along the diagonal.",
)
def _():
    return np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])


@known(DIAGONAL, "a vertical edge, 1 × 2", "This kernel sees edges from left to right. Use two pixels on the diagonal.")
def _():
    return np.array([[1, -1]])


@known(
    DIAGONAL,
    "a horizontal edge",
    "This kernel sees edges from top to bottom. The change to look for runs along the diagonal.",
)
def _():
    return np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]])


@known(
    DIAGONAL,
    "a blur",
    "A blur answers to brightness. An edge is a difference: the weights must cancel on a flat patch.",
)
def _():
    return np.full((3, 3), 1 / 9)


@known(DIAGONAL, "a Laplacian", "The Laplacian answers to change in every direction, also across the diagonal.")
def _():
    return np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])


@known(DIAGONAL, "a single pixel", "One weight copies the picture. A difference needs two.")
def _():
    return np.array([[1]])


@known(
    DIAGONAL, "a chequerboard", "This kernel answers to a bright diagonal line as well. Only two weights are needed."
)
def _():
    return np.array([[1, -1], [-1, 1]])


@known(
    DIAGONAL,
    "a ramp that does not cancel",
    "The weights fall along the diagonal but do not cancel on a flat patch: their sum has to be 0.",
)
def _():
    return np.array([[2, 1], [1, 0]])
