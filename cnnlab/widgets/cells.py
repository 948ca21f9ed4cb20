"""Cells of a grid as pairs (i, j) of plain ints."""

import numpy as np


def nearest(at, shape):
    """The cell of a grid of `shape` that is nearest to `at`; (0, 0) where the grid is empty."""
    return tuple(int(min(max(k, 0), max(side - 1, 0))) for k, side in zip(at, shape, strict=True))


def border_cells(shape, padding):
    """The cells of a padded picture, of that shape with its padding, that are padding: a frozenset."""
    border = np.ones(shape, bool)
    border[padding : shape[0] - padding, padding : shape[1] - padding] = False
    return cells_where(border)


def cells_where(mask):
    """The cells where a mask, a 2-D array of bools, is true: a frozenset."""
    return frozenset((int(i), int(j)) for i, j in np.argwhere(mask))
