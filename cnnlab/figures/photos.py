"""Photographs and maps: pictures side by side, the filter zoo, a filter bank on a colour frame, Gabor's edges."""

import numpy as np

from cnnlab.figures.answers import answer_of
from cnnlab.figures.sheet import draw_image, draw_not_yet, image_sheet, say_in_corner
from cnnlab.figures.style import (
    LABEL,
    SMALL,
    SOFT,
    Picture,
    ink_on,
    nice,
    signed_colour,
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


def show_pictures(pictures, title="", signed=(), columns=4, width=9.0) -> Picture:
    """Pictures by name, in rows of `columns`, all as large as the first. width: inches of the whole.

    pictures: {name: (H, W) grey or (H, W, 3) colour, uint8 or floats in 0–1}; those named in `signed`, (H, W) of any
    floats, are blue, white and orange.
    """
    sheet, cells = image_sheet(len(pictures), title, columns, width, next(iter(pictures.values())).shape)
    for axes, (name, image) in zip(cells, pictures.items(), strict=False):
        draw_image(axes, image, name in signed)
        axes.set_title(name, fontsize=LABEL, color=SOFT, pad=5)
    sheet.full_colour = any(np.ndim(image) == 3 for image in pictures.values())
    sheet.alt = f"{title}: " + ", ".join(pictures)
    return sheet


def show_filter_zoo(function, photo, filters=None, title="A zoo of kernels, each run by your own function") -> Picture:
    """A grey photograph through one kernel after another, by the learner's function.

    function: (image, kernel) -> (H − kh + 1, W − kw + 1); photo: (H, W), floats in 0–1; filters: {name: kernel (kh,
    kw)}. Calm where the function is not written yet.
    """
    filters = FILTERS if filters is None else filters
    sheet, cells = image_sheet(len(filters) + 1, title, 4, 9.6, photo.shape)
    draw_image(cells[0], photo, False)
    cells[0].set_title("the photograph", fontsize=LABEL, color=SOFT, pad=5)
    problem = None
    for axes, (name, kernel) in zip(cells[1:], filters.items(), strict=False):
        shape = (photo.shape[0] - kernel.shape[0] + 1, photo.shape[1] - kernel.shape[1] + 1)
        value = None
        if problem is None:
            value, problem = answer_of(function, photo, kernel, shape=shape)
        if value is None:
            draw_not_yet(axes, photo.shape)
        else:
            keeps = np.isclose(kernel.sum(), 1)  # such a kernel keeps the brightness: its answer is a picture again
            draw_image(axes, np.clip(value, 0, 1) if keeps else value, not keeps)
        _stamp(axes, kernel)
        axes.set_title(name, fontsize=LABEL, color=SOFT, pad=5)
    if problem:
        say_in_corner(sheet, problem)
        sheet.alt = f"{title}: {', '.join(filters)}. Nothing is filtered yet: {problem}"
    else:
        sheet.alt = f"{title}: a photograph, then its answers to {', '.join(filters)}; edges light up along outlines."
    return sheet


def show_filter_bank(
    function, frame, weight, bias, names, title="One colour frame in, one map for each filter out"
) -> Picture:
    """A colour frame and the maps that a bank of filters makes of it, by the learner's function.

    function: (x, weight, bias) -> (C_out, H', W'); frame: (3, H, W), floats in 0–1; weight: (C_out, 3, kh, kw); bias:
    (C_out,) or None; names: one for each filter.
    """
    sheet, cells = image_sheet(len(names) + 1, title, len(names) + 1, 9.6, frame.shape[1:])
    sheet.full_colour = True
    draw_image(cells[0], np.moveaxis(frame, 0, -1), False)
    cells[0].set_title("the frame, 3 channels", fontsize=LABEL, color=SOFT, pad=5)
    shape = (len(weight), frame.shape[1] - weight.shape[2] + 1, frame.shape[2] - weight.shape[3] + 1)
    value, problem = answer_of(function, frame, weight, bias, shape=shape, seconds=4.0)
    for k, (axes, name) in enumerate(zip(cells[1:], names, strict=False)):
        if value is None:
            draw_not_yet(axes, frame.shape[1:])
        else:
            draw_image(axes, value[k], True)
        axes.set_title(name, fontsize=LABEL, color=SOFT, pad=5)
    if problem:
        say_in_corner(sheet, problem)
    sheet.alt = f"{title}: {', '.join(names)}." + (f" {problem}" if problem else "")
    return sheet


def show_gabors(title="What first layers tend to learn") -> Picture:
    """Six edges by Gabor's formula (Daugman, 1985) and two blobs of colour, as trained first layers tend to look
    (Krizhevsky et al., 2012, figure 3): drawn, not trained."""
    sheet, cells = image_sheet(8, title, 8, 9.0, (1, 1))
    y, x = np.mgrid[-1:1:41j, -1:1:41j]
    bell = np.exp(-(x**2 + y**2) / 0.28)
    for k, axes in enumerate(cells[:6]):
        turned = x * np.cos(k * np.pi / 6) + y * np.sin(k * np.pi / 6)
        wave = np.sin(7 * turned) if k % 2 else np.cos(6 * turned)
        draw_image(axes, 0.5 + 0.5 * bell * wave, False, low=0, high=1)
    for axes, colour in zip(cells[6:], ([0.45, -0.30, -0.25], [-0.35, -0.1, 0.45]), strict=True):
        draw_image(axes, np.clip(0.5 + bell[..., None] * np.array(colour), 0, 1), False)
    sheet.alt = "Six striped patches at different angles, fading out at their edges, and two blobs of colour."
    return sheet


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
