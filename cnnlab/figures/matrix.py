"""A convolution as the dense layer that it is: most weights 0, and the others the kernel's, again and again."""

import numpy as np

from cnnlab.figures.answers import answer_of
from cnnlab.figures.board import Board
from cnnlab.figures.style import PURPLE, SOFT, Picture

CELL = 0.72  # of a board's cell: 25 columns have to fit on a page


def show_matrix(make, kernel, height, width, title="A convolution, written as a dense layer") -> Picture:
    """The weights of a dense layer, one row for each output, one column for each pixel.

    make: the learner's, (kernel, height, width) -> (outputs, height · width); kernel: (kh, kw), any numbers; height,
    width: of the picture, ints, up to 30 pixels in all. Raises nothing, whatever `make` does.
    """
    kernel = np.asarray(kernel)
    outputs = (height - kernel.shape[0] + 1) * (width - kernel.shape[1] + 1)
    board = Board(title)
    board.grid(kernel, 0, 0, signed=True, title="kernel", cell=CELL)
    matrix, problem = answer_of(make, kernel, height, width, shape=(outputs, height * width))
    if problem:
        board.words(0, board.bottom + 0.6, problem, color=PURPLE, size=9)
        return board.picture(f"{title}. {problem}")
    left = CELL * kernel.shape[1] + 1.0
    board.grid(matrix, left, 0, signed=True, cell=CELL, title=f"{outputs} outputs × {height * width} pixels")
    used = matrix[matrix != 0]
    words = (
        f"{used.size} of {matrix.size} weights are not 0; among them there are {np.unique(used.round(9)).size} "
        "different numbers"
    )
    board.words(left, board.bottom + 0.6, words, color=SOFT)
    return board.picture(f"{title}. {words}, in bands that slant to the right.")
