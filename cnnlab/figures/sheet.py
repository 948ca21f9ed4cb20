"""Sheets of pictures: a title, rows of axes without a frame, and what is drawn into them."""

import numpy as np

from cnnlab.figures.style import INK, LABEL, PURPLE, SOFT, TITLE, Picture, signed_colours


def image_sheet(count, title, columns, width, shape):
    """A Picture with `count` empty axes in rows of `columns`, each as high as its images need: (picture, list of axes).

    width: inches; shape: (height, width) of the images, the channels left off.
    """
    columns = min(columns, count)
    rows = -(-count // columns)
    gap, head = 0.14, 0.62 if title else 0.1
    wide = (width - gap * (columns + 1)) / columns
    high = wide * shape[0] / shape[1]
    height = head + 0.24 + rows * (high + 0.36) - 0.36
    sheet = Picture("", width, height)
    if title:
        sheet.text(gap / width, 1 - 0.26 / height, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    cells = []
    for k in range(count):
        row, column = divmod(k, columns)
        left, top = gap + column * (wide + gap), head + 0.1 + row * (high + 0.36)
        axes = sheet.add_axes((left / width, 1 - (top + high) / height, wide / width, high / height))
        axes.set_axis_off()
        cells.append(axes)
    return sheet, cells


def draw_image(axes, image, signed, low=None, high=None):
    """An image in axes: signed numbers blue, white and orange, others grey or in colour.

    image: (H, W), or (H, W, 3) in colour, uint8 or floats in 0–1; low, high: the values that are black and white.
    """
    image = np.asarray(image, dtype=float) / (255 if np.asarray(image).dtype == np.uint8 else 1)
    if signed:
        most = float(np.percentile(np.abs(image), 99.5)) or 1.0
        axes.imshow(image, cmap=signed_colours(), vmin=-most, vmax=most, interpolation="nearest")
    elif image.ndim == 3:
        axes.imshow(np.clip(image, 0, 1), interpolation="nearest")
    else:
        axes.imshow(image, cmap="gray", vmin=min(0.0, image.min()) if low is None else low,
                    vmax=max(image.max(), 1.0) if high is None else high, interpolation="nearest")  # fmt: skip


def say_in_corner(sheet, problem):
    """A calm sentence in the corner at the top right, cut after 70 letters."""
    words = problem if len(problem) < 70 else problem[:69] + "…"
    sheet.text(0.985, 1 - 0.26 / sheet.get_figheight(), words, fontsize=9, color=PURPLE, ha="right", va="center")


def draw_not_yet(axes, shape):
    """A pale field in axes that says "not yet", of the shape (H, W) that the image would have."""
    axes.imshow(np.full(shape, 0.93), cmap="gray", vmin=0, vmax=1)
    axes.text(0.5, 0.5, "not yet", transform=axes.transAxes, ha="center", va="center", color=SOFT, fontsize=LABEL)
