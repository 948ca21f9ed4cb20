"""Photographs and maps: pictures side by side, the filter zoo, a filter bank on a colour frame, Gabor's edges."""

import numpy as np

from cnnlab.figures.answers import answer_of
from cnnlab.figures.style import (
    INK,
    LABEL,
    PURPLE,
    SMALL,
    SOFT,
    TITLE,
    Picture,
    ink_on,
    nice,
    signed_colour,
    signed_colours,
)

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
FILTERS = {
    "vertical edges": np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]),
    "horizontal edges": np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]]),
    "diagonal edges": np.array([[1, 0], [0, -1]]),
    "Sobel, vertical": SOBEL,
    "blur": np.full((5, 5), 1 / 25),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "Laplacian": np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
}


def show_pictures(pictures, title="", signed=(), columns=4, width=9.0):
    """Pictures by name, in rows: (H, W) grey, (H, W, 3) colour; those named in `signed` blue, white and orange."""
    sheet, cells = _sheet(len(pictures), title, columns, width, next(iter(pictures.values())).shape)
    for axes, (name, image) in zip(cells, pictures.items(), strict=False):
        _image(axes, image, name in signed)
        axes.set_title(name, fontsize=LABEL, color=SOFT, pad=5)
    sheet.full_colour = any(np.ndim(image) == 3 for image in pictures.values())
    sheet.alt = f"{title}: " + ", ".join(pictures)
    return sheet


def show_filter_zoo(function, photo, filters=None, title="A zoo of kernels, each run by your own function"):
    """A grey photograph through one kernel after another, by the learner's function (image, kernel) -> answer.

    photo: (H, W) with values in 0–1; filters: {name: kernel}. Calm where the function is not written yet.
    """
    filters = FILTERS if filters is None else filters
    sheet, cells = _sheet(len(filters) + 1, title, 4, 9.6, photo.shape)
    _image(cells[0], photo, False)
    cells[0].set_title("the photograph", fontsize=LABEL, color=SOFT, pad=5)
    problem = None
    for axes, (name, kernel) in zip(cells[1:], filters.items(), strict=False):
        shape = (photo.shape[0] - kernel.shape[0] + 1, photo.shape[1] - kernel.shape[1] + 1)
        value = None
        if problem is None:
            value, problem = answer_of(function, photo, kernel, shape=shape)
        if value is None:
            _empty(axes, photo.shape)
        else:
            keeps = np.isclose(kernel.sum(), 1)  # such a kernel keeps the brightness: its answer is a picture again
            _image(axes, np.clip(value, 0, 1) if keeps else value, not keeps)
        _stamp(axes, kernel)
        axes.set_title(name, fontsize=LABEL, color=SOFT, pad=5)
    if problem:
        _say(sheet, problem)
        sheet.alt = f"{title}: {', '.join(filters)}. Nothing is filtered yet: {problem}"
    else:
        sheet.alt = f"{title}: a photograph, then its answers to {', '.join(filters)}; edges light up along outlines."
    return sheet


def show_filter_bank(function, frame, weight, bias, names, title="One colour frame in, one map for each filter out"):
    """A colour frame and the maps that a bank of filters makes of it, by the learner's function (x, weight, bias).

    frame: (3, H, W) in 0–1; weight: (C_out, 3, kh, kw); bias: (C_out,) or None; names: one for each filter.
    """
    sheet, cells = _sheet(len(names) + 1, title, len(names) + 1, 9.6, frame.shape[1:])
    sheet.full_colour = True
    _image(cells[0], np.moveaxis(frame, 0, -1), False)
    cells[0].set_title("the frame, 3 channels", fontsize=LABEL, color=SOFT, pad=5)
    shape = (len(weight), frame.shape[1] - weight.shape[2] + 1, frame.shape[2] - weight.shape[3] + 1)
    value, problem = answer_of(function, frame, weight, bias, shape=shape, seconds=4.0)
    for k, (axes, name) in enumerate(zip(cells[1:], names, strict=False)):
        if value is None:
            _empty(axes, frame.shape[1:])
        else:
            _image(axes, value[k], True)
        axes.set_title(name, fontsize=LABEL, color=SOFT, pad=5)
    if problem:
        _say(sheet, problem)
    sheet.alt = f"{title}: {', '.join(names)}." + (f" {problem}" if problem else "")
    return sheet


def show_gabors(title="What first layers tend to learn"):
    """Six edges by Gabor's formula and two blobs of colour: what trained first layers look like, drawn, not trained."""
    sheet, cells = _sheet(8, title, 8, 9.0, (1, 1))
    y, x = np.mgrid[-1:1:41j, -1:1:41j]
    bell = np.exp(-(x**2 + y**2) / 0.28)
    for k, axes in enumerate(cells[:6]):
        turned = x * np.cos(k * np.pi / 6) + y * np.sin(k * np.pi / 6)
        wave = np.sin(7 * turned) if k % 2 else np.cos(6 * turned)
        _image(axes, 0.5 + 0.5 * bell * wave, False, low=0, high=1)
    for axes, colour in zip(cells[6:], ([0.45, -0.30, -0.25], [-0.35, -0.1, 0.45]), strict=True):
        _image(axes, np.clip(0.5 + bell[..., None] * np.array(colour), 0, 1), False)
    sheet.alt = "Six striped patches at different angles, fading out at their edges, and two blobs of colour."
    return sheet


def _sheet(count, title, columns, width, shape):
    """A picture with `count` empty axes in rows of `columns`, each as high as its images need."""
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


def _image(axes, image, signed, low=None, high=None):
    image = np.asarray(image, dtype=float) / (255 if np.asarray(image).dtype == np.uint8 else 1)
    if signed:
        most = float(np.percentile(np.abs(image), 99.5)) or 1.0
        axes.imshow(image, cmap=signed_colours(), vmin=-most, vmax=most, interpolation="nearest")
    elif image.ndim == 3:
        axes.imshow(np.clip(image, 0, 1), interpolation="nearest")
    else:
        axes.imshow(image, cmap="gray", vmin=min(0.0, image.min()) if low is None else low,
                    vmax=max(image.max(), 1.0) if high is None else high, interpolation="nearest")  # fmt: skip


def _say(sheet, problem):
    """A calm sentence in the corner at the top right."""
    words = problem if len(problem) < 70 else problem[:69] + "…"
    sheet.text(0.985, 1 - 0.26 / sheet.get_figheight(), words, fontsize=9, color=PURPLE, ha="right", va="center")


def _empty(axes, shape):
    axes.imshow(np.full(shape, 0.93), cmap="gray", vmin=0, vmax=1)
    axes.text(0.5, 0.5, "not yet", transform=axes.transAxes, ha="center", va="center", color=SOFT, fontsize=LABEL)


def _stamp(axes, kernel):
    """The kernel's numbers in a corner of its answer, where they are few enough to read."""
    if max(kernel.shape) > 3:
        return
    inset = axes.inset_axes((0.015, 0.02, 0.085 * kernel.shape[1], 0.125 * kernel.shape[0]))
    inset.set_xticks([])
    inset.set_yticks([])
    most = np.abs(kernel).max()
    inset.imshow([[signed_colour(v, most) for v in row] for row in kernel], aspect="auto")
    for (i, j), value in np.ndenumerate(kernel):
        inset.text(j, i, nice(value), ha="center", va="center", fontsize=SMALL - 2.5,
                   color=ink_on(signed_colour(value, most)))  # fmt: skip
    for spine in inset.spines.values():
        spine.set_color(SOFT)
        spine.set_linewidth(0.6)
