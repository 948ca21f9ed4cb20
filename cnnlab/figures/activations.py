"""Activations: their curves, units that have died, and two layers that are one."""

import numpy as np

from cnnlab.figures.answers import answer_of
from cnnlab.figures.sheet import draw_image, draw_not_yet, image_sheet, say_in_corner
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

COLOURS = [BLUE, ORANGE, GREEN, PURPLE]


def show_by_layer(there, back, title="How large the numbers are, layer by layer") -> Picture:
    """The sizes of a network's numbers on the way there and of their blame on the way back, on logarithmic axes.

    there, back: {name: list of arrays, one a layer, the first layer's first, any shape}. Drawn are the medians of what
    is not 0, and the band that holds nine tenths of it.
    """
    from matplotlib.ticker import MaxNLocator

    sheet = Picture("", 9.6, 3.7)
    sheet.text(0.015, 0.945, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    told = []
    for side, (way, runs) in enumerate((("on the way there", there), ("their blame, on the way back", back))):
        axes = plain_axes(sheet.add_axes((0.075 + 0.49 * side, 0.15, 0.41, 0.66)), "", "layer", "size" * (not side))
        axes.set_title(way, loc="left", fontsize=LABEL, color=SOFT)
        axes.set_yscale("log")
        axes.grid(axis="y", color="#e7e9ee", linewidth=0.8)
        axes.margins(x=0.02)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        for (name, layers), colour in zip(runs.items(), COLOURS, strict=False):
            sizes = [np.abs(layer[layer != 0]) for layer in layers]
            low, middle, high = np.array([np.quantile(size, (0.05, 0.5, 0.95)) for size in sizes]).T
            at = range(1, len(layers) + 1)
            axes.fill_between(at, low, high, color=colour, alpha=0.15, linewidth=0)
            axes.plot(at, middle, "o-", color=colour, markersize=3.5, linewidth=1.6, label=name)
            ends = f"{middle[0]:.0e} at layer 1, {middle[-1]:.0e} at layer {len(layers)}".replace("-", "−")
            told.append(f"{way}, {name}: half of them above {ends}")
        if not side:
            axes.legend(frameon=False, fontsize=SMALL, loc="upper left")
    sheet.alt = f"{title}: {'; '.join(told)}."
    return sheet


def show_curves(title="Four activations", low=-5.0, high=5.0, slopes=False, **functions) -> Picture:
    """Curves of element-wise functions between `low` and `high`, side by side.

    functions: by the name that stands above each, x (401,) float64 -> y (401,); one that is not written yet, or fails,
    gets a sentence in its place. slopes: draw how steep each is as well, dashed.
    """
    x = np.linspace(low, high, 401)
    width, height = 9.6, 2.9
    sheet = Picture("", width, height)
    sheet.text(0.015, 1 - 0.26 / height, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    told = []
    for k, (name, function) in enumerate(functions.items()):
        said = name.replace("_", " ")
        axes = sheet.add_axes(((k + 0.22) / len(functions) * 0.98 + 0.005, 0.15, 0.74 / len(functions), 0.58))
        plain_axes(axes)
        axes.set_title(said, loc="center", fontsize=LABEL, color=SOFT, pad=5)
        axes.axhline(0, color="#c9ccd6", linewidth=0.9)
        axes.axvline(0, color="#c9ccd6", linewidth=0.9)
        axes.set_xlim(low, high)
        y, problem = answer_of(function, x, shape=x.shape)
        if y is None:
            axes.set_yticks([])
            axes.text(0.5, 0.5, "not yet", transform=axes.transAxes, ha="center", va="center", color=SOFT)
            told.append(f"{said}: {problem}")
            continue
        axes.plot(x, y, color=COLOURS[k % len(COLOURS)], linewidth=2.4)
        ends = f"from {y[0]:.2f} at {low:g} to {y[-1]:.2f} at {high:g}"
        if slopes:
            steep = np.gradient(y, x)
            axes.plot(x, steep, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
            ends += f", at most {steep.max():.2f} steep"
        told.append(f"{said}: {ends}.".replace("-", "−"))
    if slopes:
        sheet.text(0.985, 1 - 0.26 / height, "dashed: how steep", fontsize=SMALL, color=SOFT, ha="right", va="center")
    sheet.alt = f"{title}. " + " ".join(told)
    return sheet


def show_relu(function, photo, edges, title="What counts, and what does not") -> Picture:
    """A photograph, its edges, and what a ReLU leaves of them.

    function: the learner's ReLU, any shape -> the same; photo: (H, W), floats in 0–1; edges: (1, 1, h, w), floats.
    """
    sheet, cells = image_sheet(3, title, 3, 9.0, photo.shape)
    value, problem = answer_of(function, edges, shape=edges.shape)
    most = float(np.percentile(np.abs(edges), 99.5))
    draw_image(cells[0], photo, False)
    cells[0].set_title("the photograph", fontsize=LABEL, color=SOFT, pad=5)
    told = []
    for axes, name, maps in ((cells[1], "edges", edges), (cells[2], "after your ReLU", value)):
        if maps is None:
            draw_not_yet(axes, photo.shape)
            axes.set_title(name, fontsize=LABEL, color=SOFT, pad=5)
            say_in_corner(sheet, problem)
            told.append(problem)
            continue
        axes.imshow(maps[0, 0], cmap=signed_colours(), vmin=-most, vmax=most, interpolation="nearest")
        zeros = float(np.mean(maps == 0))
        axes.set_title(f"{name}: {zeros:.0%} are 0", fontsize=LABEL, color=SOFT, pad=5)
        told.append(f"{name}: {zeros:.0%} of the numbers are 0.")
    sheet.alt = f"{title}. A photograph and its edges. {' '.join(told)}"
    return sheet


def show_dead_units(function, photo, weight, before, after, title="One step too far") -> Picture:
    """Maps of a small layer before and after its biases jumped: some units answer 0 everywhere, for ever.

    function: the learner's ReLU, (1, C, h, w) -> the same; photo: (H, W), floats in 0–1; weight: (C, 1, kh, kw),
    before, after: biases (C,), floats.
    """
    from cnnlab.built.lesson_02 import conv2d

    count = len(weight)
    sheet, cells = image_sheet(2 * count, title, count, 9.6, photo.shape)
    told = []
    for row, (name, bias) in enumerate((("before", before), ("after", after))):
        maps = conv2d(photo[None, None], weight, bias)
        value, problem = answer_of(function, maps, shape=maps.shape)
        if value is None:
            for axes in cells[row * count : (row + 1) * count]:
                draw_not_yet(axes, photo.shape)
            told.append(problem)
            continue
        shares = [float(np.mean(plane > 0)) for plane in value[0]]
        for k, (share, plane) in enumerate(zip(shares, value[0], strict=True)):
            axes = cells[row * count + k]
            draw_image(axes, plane, False, low=0, high=float(value.max()) or 1.0)
            words = f"{share:.0%} of places" if share else "dead: 0%"
            axes.set_title(words, fontsize=SMALL + 0.5, color=SOFT if share else RED, pad=4)
        dead = sum(share == 0 for share in shares)
        told.append(f"{name}: {count - dead} of {count} units answer somewhere, {dead} nowhere.")
    if told and "units" not in told[0]:
        say_in_corner(sheet, told[0])
    sheet.alt = f"{title}. Each unit's map {' '.join(told)}"
    return sheet


def show_collapse(function, photo, w1, w2, title="Two layers, or one? A photograph decides") -> Picture:
    """A photograph through two convolutions, through the one that `function` makes of them, and with a ReLU between.

    function: the learner's collapse(w1, w2) -> (1, 1, k1 + k2 − 1, k1 + k2 − 1); photo: (H, W), floats in 0–1; w1: (C1,
    1, k1, k1), w2: (1, C1, k2, k2), floats.
    """
    from cnnlab.built.lesson_02 import conv2d

    x = photo[None, None]
    middle = conv2d(x, w1)
    two, bent = conv2d(middle, w2)[0, 0], conv2d(np.maximum(middle, 0), w2)[0, 0]
    sheet, cells = image_sheet(4, title, 4, 9.6, photo.shape)
    side = w1.shape[2] + w2.shape[2] - 1
    one, problem = answer_of(function, w1, w2, shape=(1, 1, side, side))
    draw_image(cells[0], photo, False)
    names = ["the photograph", "two layers", "your one layer", "two layers, ReLU between"]
    for axes, name in zip(cells, names, strict=True):
        axes.set_title(name, fontsize=LABEL - 0.5, color=SOFT, pad=5)
    draw_image(cells[1], two, True)
    draw_image(cells[3], bent, True)
    if one is None:
        draw_not_yet(cells[2], photo.shape)
        say_in_corner(sheet, problem)
        sheet.alt = f"{title}. There is no single layer yet: {problem}"
        return sheet
    single = conv2d(x, one)[0, 0]
    draw_image(cells[2], single, True)
    most = float(np.abs(two).max())
    apart, parted = float(np.abs(single - two).max()) / most, float(np.abs(bent - two).max()) / most
    words = "the same picture" if apart < 1e-9 else f"up to {apart:.0%} away"
    cells[2].set_title(f"{names[2]}: {words}", fontsize=LABEL - 0.5, color=SOFT, pad=5)
    cells[3].set_title(f"ReLU between: up to {parted:.0%} away", fontsize=LABEL - 0.5, color=SOFT, pad=5)
    sheet.alt = (
        f"{title}. Your one kernel of {side} by {side} gives {words}; the largest difference is {apart:.0e} of the "
        f"largest answer. With a ReLU between the two layers the answers differ by up to {parted:.0%}."
    ).replace("-", "−")
    return sheet
