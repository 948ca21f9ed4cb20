"""Receptive fields on a picture: how they grow, what fits into them, and which pixels have a say."""

from __future__ import annotations

import numpy as np
from matplotlib.patches import Rectangle

from cnnlab.figures.reach import Fields, fields_of, influence, most_of
from cnnlab.figures.style import FAINT, INK, KEYS, LABEL, PURPLE, SMALL, SOFT, TITLE, Picture
from cnnlab.figures.traced import words

MARK = "#ffd400"  # squares on a photograph


def show_fields(receptive_field, layers, image, at=None, title="How far a value sees") -> Picture:
    """The growing field on a picture, and beside it how much say each pixel has.

    receptive_field: the learner's, list of Conv and Pool -> list of ints, or None for the course's own; layers: such a
    list; image: (H, W) or (H, W, 3), uint8 or floats in 0–1; at: (row, column) of the value's middle, the picture's own
    middle without it.
    """
    return fields_picture(fields_of(layers, receptive_field), image, at, title)


def fields_picture(found: Fields, image, at=None, title="How far a value sees") -> Picture:
    """The same, of fields that were found before; arguments as in `show_fields`."""
    image = _unit(image)
    rows, columns = image.shape[:2]
    at = (rows // 2, columns // 2) if at is None else at
    tall = 3.3
    each = min(4.4, tall * columns / rows)
    wide, high = 2 * each + 0.75, each * rows / columns + 1.35
    picture = Picture("", wide, high)
    picture.full_colour = True  # the squares' colours are few pixels, and 256 colours would lose them
    picture.text(0.15 / wide, 1 - 0.26 / high, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    boxes = [(0.15 + k * (each + 0.4), 0.52, each, high - 1.35) for k in range(2)]
    left, right = (picture.add_axes((x / wide, y / high, w / wide, h / high)) for x, y, w, h in boxes)
    shares = influence(found.layers)
    true, core = len(shares), most_of(shares)
    _picture_in(left, image, 1.0)
    for k, side in enumerate(found.fields):
        last = k == len(found.fields) - 1
        thick = min(2.6, 0.6 + side / 20)
        _square(left, at, side, MARK if last else "white", thick if last else min(1.0, thick))
    _picture_in(right, image, 0.35)
    _heat(right, shares, at, image.shape[:2])
    _square(right, at, true, MARK, 1.8)
    _square(right, at, core, "white", 1.4, "--")
    near = max(0.8 * true, 6) < 0.4 * min(rows, columns)
    if near:
        half = max(0.8 * true, 6)
        right.set_xlim(at[1] - half * columns / rows, at[1] + half * columns / rows)
        right.set_ylim(at[0] + half, at[0] - half)
    if found.says:
        said = found.says[:90]
    elif not found.layers:
        said = "no layer yet: a value is a pixel, and sees itself"
    else:
        said = "after each layer: " + ", ".join(
            f"{side}{' ✗' if k in found.wrong else ''}" for k, side in enumerate(found.fields)
        )
    colour = PURPLE if found.says or found.wrong else SOFT
    picture.text(0.15 / wide, 1 - 0.55 / high, said, fontsize=SMALL + 0.5, color=colour, va="center")
    closer = "from nearer, " if near else ""
    below = f"{closer}how much say each pixel has: 90% of it\nwithin {core} × {core} of {true} × {true} (dashed)"
    for axes, text in ((left, _size_of(found)), (right, below)):
        axes.text(0, -0.03, text, transform=axes.transAxes, fontsize=SMALL, color=SOFT, va="top")
    picture.alt = f"{title}. " + described(found)
    return picture


def _size_of(found):
    if not found.fields:
        return "the picture"
    many = f"{len(found.fields)} layer{'s' * (len(found.fields) > 1)}"
    return f"a value after {many} sees\n{found.fields[-1]} × {found.fields[-1]} pixels (yellow)"


def described(found: Fields):
    """Fields in sentences."""
    if found.says:
        return found.says
    if not found.layers:
        return "No layer yet: a value is a pixel, and sees itself."
    shares = influence(found.layers)
    after = ", ".join(f"{words(layer)} {side}" for layer, side in zip(found.layers, found.fields, strict=True))
    wrong = f" Wrong at {len(found.wrong)} of {len(found.fields)} layers." if found.wrong else ""
    return (
        f"The field after each layer, in pixels: {after}.{wrong} 90% of the say is within {most_of(shares)} × "
        f"{most_of(shares)} pixels of {len(shares)} × {len(shares)}."
    )


def show_sight(layers, receptive_field=None, size=15, title="One value, and all that it sees") -> Picture:
    """A row of pixels at the bottom, and above it the values of one layer after the other, without padding; those that
    a value in the middle of the last row depends on are coloured.

    layers, receptive_field: as in `show_fields`; size: how many pixels.
    """
    found = fields_of(layers, receptive_field)
    picture = Picture("", 0.36 * size + 3.0, 0.62 * len(layers) + 1.5)
    axes = picture.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(-0.6, size + 7.7)
    axes.set_ylim(-0.95, 1.72 * len(layers) + 3.2)
    axes.text(-0.3, 1.72 * len(layers) + 2.4, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    seen, spots = _seen(layers, size)
    for k, (row, places) in enumerate(zip(seen, spots, strict=True)):
        y = 1.72 * k
        for j, x in enumerate(places):
            lit = row[0] <= j <= row[1]
            colour = (KEYS[k % len(KEYS)] if k else MARK) if lit else "#eceef2"
            axes.add_patch(Rectangle((x - 0.42, y), 0.84, 0.84, facecolor=colour, edgecolor="#9aa0ab", linewidth=0.6))
        if k:
            for j in range(row[0], row[1] + 1):
                _rays(axes, layers[k - 1], j, places[j], y, spots[k - 1])
        name = "pixels" if k == 0 else words(layers[k - 1])
        axes.text(size + 0.2, y + 0.42, name, fontsize=LABEL, color=INK, va="center")
        if k:
            side = f"{found.fields[k - 1]} wide" if found.fields else "not yet"
            bad = k - 1 in found.wrong or not found.fields
            mark = " ✗" if k - 1 in found.wrong else ""
            axes.text(size + 4.7, y + 0.42, side + mark, fontsize=LABEL, color=PURPLE if bad else SOFT, va="center")
    picture.alt = f"{title}. " + described(found).split(" 90%")[0]
    return picture


def _seen(layers, size):
    """For each row of values its first and last that the top one depends on, and where the row's values stand."""
    spots, seen = [np.arange(size) + 0.0], [(0, 0)] * (len(layers) + 1)
    for layer in layers:
        reach = getattr(layer, "dilation", 1) * (layer.kernel - 1)
        starts = range(0, len(spots[-1]) - reach, layer.stride)
        spots.append(np.array([spots[-1][s : s + reach + 1].mean() for s in starts]))
    top = len(spots[-1]) // 2
    seen[-1] = (top, top)
    for k in range(len(layers), 0, -1):
        layer, (first, last) = layers[k - 1], seen[k]
        reach = getattr(layer, "dilation", 1) * (layer.kernel - 1)
        seen[k - 1] = (first * layer.stride, last * layer.stride + reach)
    return seen, spots


def _rays(axes, layer, j, x, y, below):
    for tap in range(layer.kernel):
        source = below[j * layer.stride + tap * getattr(layer, "dilation", 1)]
        axes.plot([x, source], [y, y - 0.88], color=FAINT, linewidth=1.1, zorder=0)


def show_views(receptive_field, layers, image, at, title="What fits into the field") -> Picture:
    """The same place of a picture, cut out as far as a value after each layer sees; arguments as in `show_fields`."""
    found, image = fields_of(layers, receptive_field), _unit(image)
    count = max(1, len(found.layers))
    columns = min(4, count)
    rows = -(-count // columns)
    picture = Picture("", 1.95 * columns + 0.2, 2.3 * rows + 0.6)
    high = picture.get_figheight()
    picture.text(0.02, 1 - 0.28 / high, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    if found.says:
        picture.text(0.02, 1 - 0.52 / high, found.says[:80], fontsize=9, color=PURPLE, va="center")
    wide = picture.get_figwidth()
    for k, layer in enumerate(found.layers):
        x, y = 0.12 + 1.95 * (k % columns), high - 0.62 - 2.3 * (k // columns + 1) + 0.5
        axes = picture.add_axes((x / wide, y / high, 1.75 / wide, 1.75 / high))
        _frameless(axes)
        if found.fields:
            axes.imshow(_cut(image, at, found.fields[k]), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            text = f"{words(layer)}: {found.fields[k]} × {found.fields[k]}{' ✗' if k in found.wrong else ''}"
        else:
            axes.imshow(np.full((2, 2), 0.93), cmap="gray", vmin=0, vmax=1)
            text = f"{words(layer)}: not yet"
        axes.set_title(text, fontsize=SMALL + 0.5, color=PURPLE if k in found.wrong else INK, loc="left", pad=4)
    picture.alt = f"{title}. " + described(found).split(" 90%")[0]
    return picture


def _cut(image, at, side):
    """A square around a place; what lies outside of the picture is white."""
    side = max(1, min(side, 4 * max(image.shape[:2])))
    padded = np.pad(image, [(side, side), (side, side)] + [(0, 0)] * (image.ndim - 2), constant_values=1.0)
    top, left = (int(place) + side - side // 2 for place in at)
    return padded[top : top + side, left : left + side]


def _unit(image):
    image = np.asarray(image)
    return np.clip(image / (255 if image.dtype == np.uint8 else 1), 0, 1)


def _frameless(axes):
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(FAINT)


def _picture_in(axes, image, strength):
    colour = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
    axes.imshow(colour * strength, interpolation="nearest")
    axes.set_autoscale_on(False)
    _frameless(axes)


def _square(axes, at, side, colour, width, style="-"):
    row, column = at
    axes.add_patch(Rectangle((column - side / 2, row - side / 2), side, side, fill=False, edgecolor=colour,
                             linewidth=width, linestyle=style, clip_on=True))  # fmt: skip


def _heat(axes, shares, at, shape):
    heat = np.outer(shares, shares)
    heat = heat / heat.max()
    colours = np.zeros((*heat.shape, 4))
    colours[..., :3] = [1.0, 0.62, 0.1]
    colours[..., 3] = 0.92 * heat**0.6
    side = len(shares) / 2
    axes.imshow(colours, extent=(at[1] - side, at[1] + side, at[0] + side, at[0] - side), interpolation="nearest")
    axes.set_xlim(-0.5, shape[1] - 0.5)
    axes.set_ylim(shape[0] - 0.5, -0.5)
