"""A network while it learns, and after: curves, what it got wrong."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from cnnlab.figures.sheet import draw_image, image_sheet, say_in_corner
from cnnlab.figures.style import (
    BLUE,
    GREEN,
    INK,
    LABEL,
    ORANGE,
    PURPLE,
    RED,
    SMALL,
    SOFT,
    TITLE,
    Picture,
    plain_axes,
    signed_colours,
)

COLOURS = [ORANGE, GREEN, PURPLE]
MANY = 60  # losses; beyond, single ones jump about and a running mean is drawn


def show_training(history, steps=None, title="Training") -> Picture:
    """Loss on the left, in faint dots and smoothed; everything else, accuracies from 0 to 1, on the right.

    history: {name: [(step, value), …]}, ints and floats; what was never recorded has no panel; steps: how far the axis
    goes.
    """
    loss = np.array(history.get("loss", []), dtype=float).reshape(-1, 2)
    others = {name: np.array(values, dtype=float) for name, values in history.items() if name != "loss"}
    steps = steps or max((values[-1][0] for values in history.values() if values), default=1)
    sheet = Picture("", 9.0, 3.1)
    sheet.text(0.015, 0.93, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    names = ["loss"] * bool(len(loss) or not others) + ["accuracy"] * bool(others)
    panels, told = {}, []
    for k, name in enumerate(names):
        place = (0.075 + 0.5 * k, 0.17, 0.4 if len(names) == 2 else 0.7, 0.62)
        panels[name] = plain_axes(sheet.add_axes(place), xlabel="step", ylabel=name)
    if len(loss):
        smooth = _smooth(loss[:, 1]) if len(loss) > MANY else loss[:, 1]
        left = panels["loss"]
        left.plot(loss[:, 0], loss[:, 1], ".", color=BLUE, alpha=0.25, markersize=3)
        left.plot(loss[:, 0], smooth, color=BLUE, linewidth=2)
        left.set_ylim(0, float(np.percentile(loss[:, 1], 99 if len(loss) > MANY else 100)) * 1.1 or 1.0)
        told.append(f"The loss goes from {loss[0, 1]:.2f} to {smooth[-1]:.2f} in {len(loss)} steps.")
    for k, (name, values) in enumerate(others.items()):
        right, start = panels["accuracy"], panels["accuracy"].get_position().x0
        right.set_ylim(0, 1.03)
        colour, said = COLOURS[k % len(COLOURS)], name.replace("_", " ")
        right.plot(values[:, 0], values[:, 1], "-o", color=colour, linewidth=2, markersize=4)
        sheet.text(start + 0.2 * k, 0.84, f"■ {said} {values[-1, 1]:.1%}", fontsize=LABEL, color=colour)
        told.append(f"{said} ends at {values[-1, 1]:.1%}.")
    for axes in panels.values():
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.set_xlim(0, max(steps, 1))
        axes.grid(axis="y", color="#e4e6eb", linewidth=0.8)
    sheet.alt = f"{title}. {' '.join(told)}".strip()
    return sheet


def show_guesses(images, labels, logits, most=12, title="What it got wrong") -> Picture:
    """The pictures that a network got wrong, the surest mistakes first, `most` of them.

    images: (N, H, W), uint8 or floats; labels: (N,), ints; logits: (N, K), floats.
    """
    guesses = np.argmax(logits, axis=1)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    sure = shares.max(axis=1) / shares.sum(axis=1)
    wrong = np.flatnonzero(guesses != labels)
    wrong = wrong[np.argsort(-sure[wrong], kind="stable")][:most]
    count = int((guesses != labels).sum())
    sheet, cells = image_sheet(max(len(wrong), 1), title, 6, 8.4, images.shape[1:])
    for axes, k in zip(cells, wrong, strict=False):
        draw_image(axes, images[k], False, low=0, high=float(images.max()))
        axes.set_title(f"{labels[k]}, it said {guesses[k]} ({sure[k]:.0%})", fontsize=SMALL + 0.5, color=RED, pad=4)
    say_in_corner(sheet, f"{count} of {len(labels)} wrong")
    told = "; ".join(f"a {labels[k]} taken for a {guesses[k]}" for k in wrong)
    sheet.alt = f"{title}. {count} of {len(labels)} pictures are wrong. The surest mistakes: {told}."
    return sheet


def show_kernels(before, after, title="The kernels, before and after") -> Picture:
    """Kernels of a first layer before training (upper rows) and after. before, after: (F, 1, kh, kw), floats."""
    count, columns = len(before), min(len(before), 16)
    sheet, cells = image_sheet(2 * count, title, columns, 9.2, before.shape[2:])
    most = float(max(np.abs(before).max(), np.abs(after).max()))
    for k, axes in enumerate(cells):
        kernel = (before if k < count else after)[k % count, 0]
        axes.imshow(kernel, cmap=signed_colours(), vmin=-most, vmax=most, interpolation="nearest")
    for k, words in ((0, "before"), (count, "after")):
        cells[k].set_title(words, fontsize=LABEL, color=SOFT, pad=3, loc="left")
    moved = float(np.abs(after - before).mean())
    words = f"{count} kernels as they began, and as training left them; a weight moved by {moved:.2f} on average."
    sheet.alt = f"{title}. {words}"
    return sheet


def _smooth(values):
    """The mean of the values around each, a tenth of them: it does not lag behind where they fall."""
    total, n, around = np.cumsum([0.0, *values]), len(values), max(1, len(values) // 20)
    first, last = np.clip([np.arange(n) - around, np.arange(n) + around + 1], 0, n)
    return (total[last] - total[first]) / (last - first)
