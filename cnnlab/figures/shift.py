"""The person walks across the hall: a sliding kernel finds them again, a dense unit does not."""

import numpy as np

from cnnlab.figures.answers import answer_of
from cnnlab.figures.sheet import draw_image
from cnnlab.figures.style import INK, LABEL, LIGHT, PURPLE, SOFT, TITLE, Picture


def show_person_shift(function, here, there, empty, title="The same person, somewhere else") -> Picture:
    """Two frames of one hall with the same person at two places, under a kernel and under a dense unit.

    function: the learner's, (image, kernel) -> (H − kh + 1, W − kw + 1); here, there, empty: (H, W) grey frames, uint8.
    Kernel and unit both look at what changed against the empty hall, and both are made for the person in `here`: each
    answers 1 to them there.
    """
    here, there, empty = (np.asarray(f, float) / 255 for f in (here, there, empty))
    weights = here - empty
    rows, columns = box_of(weights)
    power = (weights**2).sum()
    kernel, weights = weights[rows, columns] / (weights[rows, columns] ** 2).sum(), weights / power
    width, height = 9.0, 7.15
    sheet = Picture("", width, height)
    sheet.text(0.015, 0.975, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    told, shape = [], (here.shape[0] - kernel.shape[0] + 1, here.shape[1] - kernel.shape[1] + 1)
    for row, name in enumerate(
        ("frame", "a kernel slides over it\n(your function)", "a dense unit has a weight\nfor each pixel")
    ):
        sheet.text(0.015, 0.80 - 0.305 * row, name, fontsize=LABEL, color=SOFT, va="center")
    for column, (place, frame) in enumerate((("here", here), ("there", there))):
        left = 0.26 + 0.37 * column
        axes = _axes(sheet, left, 0.665)
        draw_image(axes, frame, False)
        axes.set_title(f"the person is {place}", fontsize=LABEL, color=SOFT, pad=4)
        axes = _axes(sheet, left, 0.36)
        value, problem = answer_of(function, frame - empty, kernel, shape=shape)
        if value is None:
            axes.imshow(np.full(shape, 0.93), cmap="gray", vmin=0, vmax=1)
            axes.text(0.5, 0.5, problem[:44], transform=axes.transAxes, ha="center", color=PURPLE, fontsize=9)
            told.append(problem)
        else:
            at = np.unravel_index(value.argmax(), value.shape)
            full = np.full(here.shape, np.nan)
            top, side = kernel.shape[0] // 2, kernel.shape[1] // 2
            full[top : top + shape[0], side : side + shape[1]] = value
            draw_image(axes, np.nan_to_num(full), True)
            axes.plot(at[1] + side, at[0] + top, "o", ms=17, mfc="none", mec=LIGHT, mew=2.4)
            axes.set_title(
                f"best answer {value.max():.2f}, at column {at[1] + side}", fontsize=LABEL, color=SOFT, pad=4
            )
            told.append(f"{place}: the kernel's best answer is {value.max():.2f} at column {at[1] + side}.")
        axes = _axes(sheet, left, 0.055)
        draw_image(axes, weights, True)
        score = float((weights * (frame - empty)).sum())
        axes.contour(np.abs(frame - empty) > 0.06, levels=[0.5], colors=[INK], linewidths=0.8)
        axes.set_title(f"its answer {score:.2f}".replace("-", "−"), fontsize=LABEL, color=SOFT, pad=4)
        told.append(f"The dense unit answers {score:.2f}.")
    sheet.alt = f"{title}. " + " ".join(told)
    return sheet


def _axes(sheet, left, bottom):
    axes = sheet.add_axes((left, bottom, 0.345, 0.25))
    axes.set_axis_off()
    return axes


def box_of(change):
    """The rows and columns, two slices, that a change covers: where it is more than 0.06 at several places.

    change: (H, W), floats, the difference of two frames in 0–1. Raises IndexError where nothing changed.
    """
    where = np.abs(change) > 0.06
    rows, columns = np.flatnonzero(where.sum(1) > 1), np.flatnonzero(where.sum(0) > 2)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
