"""A board on which number grids, arrows and words are laid out, measured in cells, the same size in every figure."""

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from cnnlab.figures.style import (
    INK,
    LABEL,
    LIGHT,
    MONO,
    PAPER,
    SANS,
    SMALL,
    SOFT,
    TITLE,
    Picture,
    grey,
    ink_on,
    nice,
    signed_colour,
)

CELL = 0.42  # inches


class Board:
    """A figure to lay things out on: x runs to the right and y downwards, both in cells of 0.42 inches.

    It grows with what is put on it; `picture` cuts it to size.
    """

    def __init__(self, title=""):
        self.sheet = Picture("")
        self.axes = self.sheet.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.right = self.bottom = 0.0
        if title:
            self.words(0, -1.7, title, size=TITLE, weight="bold")
        self.top = -2.2 if title else -0.3

    def grid(
        self,
        values,
        x,
        y,
        *,
        signed=False,
        scale=None,
        low=None,
        lit=(),
        keys=None,
        title="",
        below="",
        digits=2,
        cell=1.0,
    ):
        """A 2-D array with its top-left corner at (x, y): grey like a picture, or signed like a kernel.

        values: (H, W), any numbers; scale: the value that gets the full colour, low: the darkest grey's; lit: cells to
        look at; keys: {(i, j): colour} instead of the value's own; title, below: words; digits: after the point; cell:
        the side of one. Returns the middle of its right side, (x, y).
        """
        values = np.asarray(values)
        height, width = values.shape
        top = float(np.max(np.abs(values), initial=0.0))
        scale = scale or top or 1.0
        low = min(0.0, float(values.min(initial=0.0))) if low is None else low
        for (i, j), value in np.ndenumerate(values):
            colour = signed_colour(value, scale) if signed else grey(value, low, scale)
            if keys and (i, j) in keys:
                colour = _rgb(keys[i, j])
            left, up = x + j * cell, y + i * cell
            self.axes.add_patch(Rectangle((left, up), cell, cell, facecolor=colour, edgecolor="#9aa0ab", linewidth=0.7))
            text = nice(value, digits)
            size = LABEL if len(text) <= 3 else SMALL if len(text) <= 5 else SMALL - 1.5
            self.axes.text(
                left + cell / 2,
                up + cell / 2,
                text,
                ha="center",
                va="center",
                color=ink_on(colour),
                fontsize=size * (1 if cell >= 0.9 else 0.85),
            )
        if lit:
            self.frame(x, y, lit, cell)
        if title:
            self.words(x + width * cell / 2, y - 0.42, title, align="center", color=SOFT)
        if below:
            self.words(x + width * cell / 2, y + height * cell + 0.45, below, align="center", color=SOFT, size=SMALL)
        self.reach(x + width * cell, y + height * cell + (0.8 if below else 0.1))
        return x + width * cell, y + height * cell / 2

    def frame(self, x, y, cells, cell=1.0, colour=LIGHT, width=2.6):
        """A frame around the block of cells from the first to the last of `cells`, (i, j) of a grid at (x, y)."""
        rows, cols = [i for i, _ in cells], [j for _, j in cells]
        self.axes.add_patch(Rectangle(
            (x + min(cols) * cell, y + min(rows) * cell), (max(cols) - min(cols) + 1) * cell,
            (max(rows) - min(rows) + 1) * cell, fill=False, edgecolor=colour, linewidth=width, zorder=5,
        ))  # fmt: skip

    def words(self, x, y, text, *, align="left", size=LABEL, color=INK, weight="normal", family=SANS):
        """Words at (x, y), their middle line; in several lines where the text has them. size: in points."""
        self.axes.text(x, y, text, ha=align, va="center", fontsize=size, color=color, fontweight=weight, family=family)
        wide = (0.0088 if family == MONO else 0.0082) * (1.08 if weight == "bold" else 1)
        long = max(len(line) for line in text.split("\n")) * size * wide / CELL
        self.reach(x + {"left": long, "center": long / 2, "right": 0}[align], y + 0.35)

    def sign(self, x, y, text, size=16, color=SOFT):
        """An arrow, a plus or the like with its middle at (x, y), between grids."""
        self.axes.text(x, y, text, ha="center", va="center", fontsize=size, color=color)

    def arrow(self, start, end, color=SOFT, bend=0.0, width=1.6):
        """An arrow from (x, y) to (x, y). bend: how round it is, 0 for straight."""
        self.axes.add_patch(FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=12, linewidth=width, color=color, shrinkA=0, shrinkB=0,
            connectionstyle=f"arc3,rad={bend}", zorder=6,
        ))  # fmt: skip
        self.reach(max(start[0], end[0]), max(start[1], end[1]))

    def tile(self, x, y, width, height, text, colour, size=LABEL):
        """A rounded block, `width` by `height` cells from (x, y), with words on it."""
        self.axes.add_patch(FancyBboxPatch(
            (x + 0.08, y + 0.08), width - 0.16, height - 0.16, boxstyle="round,pad=0,rounding_size=0.18",
            facecolor=colour, edgecolor="none",
        ))  # fmt: skip
        self.axes.text(
            x + width / 2, y + height / 2, text, ha="center", va="center", fontsize=size, color=ink_on(_rgb(colour))
        )
        self.reach(x + width, y + height)

    def reach(self, x, y):
        """Let the board go at least to (x, y)."""
        self.right, self.bottom = max(self.right, x), max(self.bottom, y)

    def picture(self, alt):
        """The finished Picture, cut to what is on it. alt: the same in words."""
        width, height = self.right + 0.9, self.bottom - self.top + 0.35
        self.sheet.set_size_inches(width * CELL, height * CELL)
        self.axes.set_xlim(-0.45, width - 0.45)
        self.axes.set_ylim(self.bottom + 0.35, self.top)
        self.sheet.alt = alt.replace("?. ", "? ")
        self.sheet.set_facecolor(PAPER)
        return self.sheet


def _rgb(colour):
    from matplotlib.colors import to_rgb

    return to_rgb(colour)
