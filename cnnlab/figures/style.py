"""One look for every figure of the course: colours, type, and the picture that a cell shows.

Colours are Okabe and Ito's (2008), which people with any colour vision tell apart; pictures are grey, and what a kernel
answers is blue below zero, white at zero and orange above.
"""

import base64
import io

import numpy as np
from matplotlib.figure import Figure

from cnnlab.check.grid import LIT, NEGATIVE, POSITIVE, number
from cnnlab.markup import render

INK, SOFT, FAINT, PAPER = "#1f2430", "#5b6270", "#d9dce3", "#ffffff"
BLUE, ORANGE, GREEN, PURPLE, SKY, RED = "#0072b2", "#d55e00", "#009e73", "#9c3cf0", "#56b4e9", "#c0392b"
KEYS = ["#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#0072b2", "#d55e00", "#999999", "#b9a0e8"]
LIGHT = LIT  # the colour of "look here", the same as in the grids of checks and widgets

SANS, MONO = "DejaVu Sans", "DejaVu Sans Mono"  # both come with matplotlib
TITLE, LABEL, SMALL = 12.5, 10, 8.5
CSS_INCH = 96  # pixels of a page for an inch of figure
DPI = 2 * CSS_INCH


class Picture(Figure):
    """A figure with words for those who cannot see it; shows itself in a notebook as an image with alt text.

    alt: one to three sentences that say what is to be seen. width, height: inches.
    """

    def __init__(self, alt, width=7.5, height=4.0):
        super().__init__(figsize=(width, height), dpi=CSS_INCH, facecolor=PAPER)
        self.alt = alt
        self.full_colour = False

    def png(self):
        """The picture as PNG bytes, two pixels for one of a page; with 256 colours, a third of the size, unless
        `full_colour` is set."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from PIL import Image

        dpi, buffer = self.dpi, io.BytesIO()
        self.dpi = DPI
        try:
            canvas = FigureCanvasAgg(self)
            canvas.draw()
            pixels = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        finally:
            self.dpi = dpi
        if not self.full_colour:
            pixels = pixels.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        pixels.save(buffer, "PNG", optimize=True)
        return buffer.getvalue()

    def html(self):
        """An <img> that carries its pixels and its alt text, as Html."""
        data = base64.b64encode(self.png()).decode()
        return render("picture", alt=self.alt, width=round(self.get_figwidth() * CSS_INCH), data=data)

    def _ipython_display_(self):
        from IPython.display import display

        display({"text/html": self.html(), "text/plain": self.alt}, raw=True)

    def __repr__(self):
        return self.alt


def signed_colour(value, scale):
    """Blue below zero, white at zero, orange above; `scale` gets the full colour. Returns RGB, three floats in 0–1."""
    share = min(1.0, abs(float(value)) / scale) ** 0.8 if scale else 0.0
    end = POSITIVE if value > 0 else NEGATIVE
    return tuple((255 + (e - 255) * share) / 255 for e in end)


def signed_colours():
    """The same as a matplotlib colour map, for images scaled to −1 to 1."""
    from matplotlib.colors import LinearSegmentedColormap

    steps = [signed_colour(v, 1.0) for v in np.linspace(-1, 1, 65)]
    return LinearSegmentedColormap.from_list("blue-white-orange", steps)


def grey(value, low, high):
    """A pixel's grey: `low` is nearly black, `high` nearly white. Returns RGB, three floats in 0–1."""
    share = (float(value) - low) / (high - low) if high > low else 1.0
    return tuple(np.array([0.15, 0.16, 0.19]) * (1 - share) + 0.985 * share)


def ink_on(colour):
    """Dark or light letters, whichever is read better on a colour, RGB in 0–1, by its luma (ITU-R BT.601)."""
    return INK if np.dot(colour[:3], [0.299, 0.587, 0.114]) > 0.5 else PAPER


def plain_axes(axes, title="", xlabel="", ylabel=""):
    """The axes, with a title at the left, labels, and no box."""
    axes.set_title(title, loc="left", fontsize=TITLE, fontweight="bold", color=INK, pad=12)
    axes.set_xlabel(xlabel, fontsize=LABEL, color=SOFT)
    axes.set_ylabel(ylabel, fontsize=LABEL, color=SOFT)
    axes.tick_params(colors=SOFT, labelsize=SMALL + 0.5, length=0)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    return axes


def nice(value, digits=2):
    """A number as a person writes it, a text: 3, −1, 0.25."""
    return number(value, digits)


def read_out(values, digits=2):
    """Numbers in words, blanks between those of a row, semicolons between rows. values: (W,) or (H, W)."""
    return "; ".join(" ".join(nice(value, digits) for value in row) for row in np.atleast_2d(values))
