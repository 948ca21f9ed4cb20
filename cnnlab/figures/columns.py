"""im2col drawn: each patch, read row by row, becomes a column; a filter is a row; their product is the output."""

import numpy as np

from cnnlab.figures.board import Board
from cnnlab.figures.style import KEYS, Picture


def show_im2col(x, kh, kw, filter_=None, title="Patches become columns") -> Picture:
    """Patches read row by row into columns, and a filter as a row times these (Chellapilla, Puri and Simard, 2006).

    x: (H, W) or (C, H, W), any numbers, with up to 9 patches; kh, kw: ints; filter_: (kh, kw) or (C, kh, kw).
    """
    x = np.asarray(x)
    x = x[None] if x.ndim == 2 else x
    channels, height, width = x.shape
    stops = [(i, j) for i in range(height - kh + 1) for j in range(width - kw + 1)]
    patches = [x[:, i : i + kh, j : j + kw] for i, j in stops]
    columns = np.stack([p.ravel() for p in patches], axis=1)
    row = None if filter_ is None else np.asarray(filter_).reshape(1, -1)
    board = Board(title)
    most, low = x.max(), min(0, x.min())
    for c, plane in enumerate(x):
        board.grid(
            plane, 0, c * (height + 1.1), scale=most, low=low, title="image" if channels == 1 else f"channel {c}"
        )
    left = width + 1.4
    across = min(width - kw + 1, 3)
    for k, patch in enumerate(patches):
        px, py = left + (k % across) * (kw + 0.8), (k // across) * (channels * (kh + 0.2) + 0.9)
        for c in range(channels):
            board.grid(
                patch[c], px, py + c * (kh + 0.2), scale=most, low=low, cell=1, title=f"patch {k}" if c == 0 else ""
            )
            board.frame(px, py + c * (kh + 0.2), [(0, 0), (kh - 1, kw - 1)], colour=KEYS[k])
    left += across * (kw + 0.8) + 0.2
    board.sign(left, max(board.bottom / 2, 1), "→")
    left += 1.0
    board.grid(columns, left, 0, scale=most, low=low, title=f"columns, {columns.shape[0]} × {columns.shape[1]}")
    for k in range(len(stops)):
        board.frame(left + k, 0, [(0, 0), (len(columns) - 1, 0)], colour=KEYS[k], width=2.2)
    if row is not None:
        y = board.bottom + 1.1
        board.grid(row, left - row.shape[1] - 1.4, y, signed=True, title="the filter as a row")
        board.sign(left - 0.7, y + 0.5, "→")
        board.grid(row @ columns, left, y, signed=True, title="the row times each column")
        for k in range(len(stops)):
            board.frame(left + k, y, [(0, 0)], colour=KEYS[k], width=2.2)
    told = "; ".join(f"patch {k} is column {' '.join(str(v) for v in column)}" for k, column in enumerate(columns.T))
    end = (
        ""
        if row is None
        else f" The filter as a row times these columns gives {' '.join(str(v) for v in (row @ columns)[0])}."
    )
    return board.picture(f"{title}: {told}.{end}")
