"""Kernels that were learned from a picture and an answer, beside the one that made the answer."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.figures.answers import answer_of
from cnnlab.figures.board import Board
from cnnlab.figures.style import PURPLE, SMALL, Picture, read_out


def show_learned(learn, image, kernel, title="", **functions) -> Picture:
    """A hidden kernel, and what is learned of it from the answers that functions make with it.

    learn: the learner's, (image, answer, kh, kw) -> (kh, kw); image: (H, W), kernel: (kh, kw), any numbers; functions:
    by name, each (image, kernel) -> (H − kh + 1, W − kw + 1). One that is not written yet gets a sentence in its place.
    Below each learned kernel stands how much of the answer it explains: 1 − the squares that are left / all squares.
    """
    image, kernel = np.asarray(image), np.asarray(kernel)
    size = tuple(side - k + 1 for side, k in zip(image.shape, kernel.shape, strict=True))
    board = Board(title)
    x, _ = board.grid(kernel, 0, 0, signed=True, title="hidden kernel")
    told = []
    for name, make in functions.items():
        said = f"learned from {name.replace('_', ' ')}"
        answer, problem = answer_of(make, image, kernel, shape=size)
        found = None
        if problem is None:
            found, problem = answer_of(learn, image, answer, *kernel.shape, shape=kernel.shape)
        wide = max(kernel.shape[1], 0.22 * len(said))
        middle = x + 1.2 + wide / 2
        if found is None:
            words = f"{said}: {problem}"
            board.words(0, board.bottom + 0.5, words, color=PURPLE, size=SMALL + 0.5)
            told.append(words)
            continue
        share = f"explains {_explained(image, answer, found):.1%} of the answer"
        found = np.round(found, 2) + 0.0
        board.grid(found, middle - kernel.shape[1] / 2, 0, signed=True, title=said, below=share,
                   scale=float(np.abs(kernel).max()))  # fmt: skip
        told.append(f"{said}: {read_out(found)}, which {share}.")
        x += 1.2 + wide
    return board.picture(f"{title}. The hidden kernel: {read_out(kernel)}. " + " ".join(told))


def _explained(image, answer, kernel):
    left = answer - np.tensordot(sliding_window_view(image, kernel.shape), kernel, axes=2)
    return 1 - (left**2).sum() / max((answer**2).sum(), 1e-300)
