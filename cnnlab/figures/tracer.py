"""Layers side by side: maps that shrink and grow in number, and what each layer learns, computes and hands on."""

from __future__ import annotations

from matplotlib.patches import Polygon

from cnnlab.figures.style import BLUE, FAINT, GREEN, INK, KEYS, LABEL, ORANGE, PURPLE, SMALL, SOFT, TITLE, Picture
from cnnlab.figures.traced import Traced, short, size_words, traced, words
from cnnlab.layers import Conv, Dense, Pool

ROWS = {"parameters": "to learn\n(parameters)", "macs": "to compute\n(MACs)", "stored": "to hand on\n(numbers out)"}
COLOURS = {"parameters": ORANGE, "macs": BLUE, "stored": GREEN}
HEIGHTS = {"blocks": 2.6, "row": 1.15}


def show_layers(
    layers, input_shape, trace, parameters=None, macs=None, title="Layer by layer", *, stored=None
) -> Picture:
    """Blocks drawn from the learner's own trace, and below them bars for the functions that are handed over.

    layers, input_shape, trace, parameters, macs: as in `traced`. A block is as high as its maps, and the thicker the
    more of them there are. stored: whether to draw how many numbers come out of each layer; by default where there are
    other bars. Numbers that are wrong are marked (✗).
    """
    found = traced(layers, input_shape, trace, parameters, macs)
    rows = [name for name, function in (("parameters", parameters), ("macs", macs)) if function is not None]
    return layers_picture(found, rows + ["stored"] * bool(rows if stored is None else stored), title)


def layers_picture(found: Traced, rows, title) -> Picture:
    """The picture of what was found. rows: which of "parameters", "macs" and "stored" are drawn as bars."""
    columns = len(found.layers) + 1
    step = min(0.74, 9.6 / columns)
    wide = max(1.35 + step * columns, 5.2)
    top, bottom = 0.55 + 0.2 * len(found.says), 0.95
    high = top + HEIGHTS["blocks"] + HEIGHTS["row"] * len(rows) + bottom
    picture = Picture("", wide, high)
    picture.text(0.12 / wide, 1 - 0.28 / high, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    for k, says in enumerate(found.says):
        picture.text(0.12 / wide, 1 - (0.53 + 0.2 * k) / high, says[:110], fontsize=9, color=PURPLE, va="center")
    left, across = 1.05, (wide - 1.2) / step

    def strip(down, tall):
        axes = picture.add_axes((left / wide, 1 - (down + tall) / high, across * step / wide, tall / high))
        axes.set_axis_off()
        axes.set_xlim(-0.5, across - 0.5)
        return axes

    _blocks(strip(top, HEIGHTS["blocks"]), found, step)
    for k, row in enumerate(rows):
        axes = strip(top + HEIGHTS["blocks"] + k * HEIGHTS["row"], HEIGHTS["row"])
        wrong = found.wrong.get("trace" if row == "stored" else row, ())
        shift = 0 if row == "stored" else 1
        _bars(axes, found.row(row), COLOURS[row], {k + shift for k in wrong}, blank=() if shift == 0 else (0,))
        middle = 1 - (top + HEIGHTS["blocks"] + (k + 0.65) * HEIGHTS["row"]) / high
        picture.text(0.56 / wide, middle, ROWS[row], fontsize=SMALL, color=SOFT, ha="center", va="center")
    names = strip(top + HEIGHTS["blocks"] + HEIGHTS["row"] * len(rows), bottom)
    names.set_ylim(-1, 0)
    for k, name in enumerate(["input", *map(words, found.layers)]):
        names.text(k + 0.12, -0.06, name, rotation=38, ha="right", va="top", fontsize=SMALL, color=INK,
                   rotation_mode="anchor")  # fmt: skip
    picture.alt = f"{title.rstrip('.')}. {described(found, rows)}"
    return picture


def _blocks(axes, found, step):
    maps = [shape for shape in found.shapes if len(shape) == 3] or [(1, 1, 1)]
    tallest, most = max(h for _, h, _ in maps), max(c for c, _, _ in maps)
    widest = max(w for _, _, w in maps)
    longest = max((shape[0] for shape in found.shapes if len(shape) == 1), default=1)
    scale = 1.75 / max(tallest, 1)
    axes.set_ylim(-1.62, 1.1)
    if not found.shapes:
        _not_yet(axes, 0.0)
    for k, shape in enumerate(found.shapes):
        layer = None if k == 0 else found.layers[k - 1]
        colour = {Conv: BLUE, Pool: KEYS[0], Dense: ORANGE}.get(type(layer), "#8a93a6")
        if len(shape) == 3:
            deep = max(0.07, 0.56 * (shape[0] / max(most, 1)) ** 0.5)
            size, lean = max(0.05, shape[1] * scale), max(0.02, 0.3 * shape[2] / max(widest, 1))
            _box(axes, k - (deep + lean) / 2, deep, size, lean, colour)
            sides = f"{shape[1]}×{shape[2]}"
            text = f"{shape[0]:,}\n{sides if step > 0.6 or len(sides) < 6 else sides.replace('×', '×' + chr(10))}"
        else:
            size = max(0.06, 1.5 * (shape[0] / max(longest, 1)) ** 0.5)
            _box(axes, k - 0.06, 0.1, size, 0.02, colour)
            text = f"{shape[0]:,}"
        bad = k in found.wrong.get("trace", ())
        small = SMALL if step > 0.6 else SMALL - 1.5
        axes.text(k, -1.06, text + ("\n✗" if bad else ""), ha="center", va="top", fontsize=small,
                  color=PURPLE if bad else INK, linespacing=1.25)  # fmt: skip


def _box(axes, x, deep, size, lean, colour):
    low, up = -size / 2, min(lean * 0.6, 0.16)
    high, far = low + size, x + deep + lean
    faces = [
        ([(x, low), (x + deep, low), (x + deep, high), (x, high)], 1.0),
        ([(x, high), (x + deep, high), (far, high + up), (x + lean, high + up)], 0.55),
        ([(x + deep, low), (far, low + up), (far, high + up), (x + deep, high)], 0.75),
    ]
    for corners, strength in faces:
        axes.add_patch(Polygon(corners, facecolor=colour, alpha=strength, edgecolor="white", linewidth=0.6))


def _bars(axes, values, colour, wrong, blank):
    most = max(values, default=0) or 1
    axes.set_ylim(-0.08, 1.4)
    if not values:
        _not_yet(axes, 0.5)
    axes.axhline(0, color=FAINT, linewidth=1)
    for k, value in enumerate(values):
        if k in blank:
            continue
        axes.bar(k, value / most, width=0.62, color=PURPLE if k in wrong else colour)
        axes.text(k, value / most + 0.06, ("✗ " if k in wrong else "") + short(value), ha="center", va="bottom",
                  fontsize=SMALL - 1 if len(values) < 15 else SMALL - 2.5, color=PURPLE if k in wrong else INK if value
                  else SOFT)  # fmt: skip


def _not_yet(axes, y):
    middle = sum(axes.get_xlim()) / 2
    axes.text(middle, y, "not yet", fontsize=LABEL, color=SOFT, ha="center", va="center")


def described(found, rows):
    """A Traced in words: every shape, each sum, and where most of it is. rows: as in `layers_picture`."""
    names = ["the input", *map(words, found.layers)]
    shapes = "; ".join(f"{n} {size_words(shape)}" for n, shape in zip(names, found.shapes, strict=False))
    told = [f"Shapes: {shapes}." if shapes else f"Layers: {', '.join(names)}."]
    for row in rows:
        if row == "stored":
            continue
        values, what = found.row(row)[1:], {"parameters": "parameters", "macs": "multiply–accumulates"}[row]
        if sum(values):
            most = max(range(len(values)), key=values.__getitem__)
            told.append(
                f"{sum(values):,} {what}, {100 * values[most] / sum(values):.0f}% of them in layer {most + 1}, "
                f"{words(found.layers[most])}."
            )
    told += [f"Wrong in {name}: {len(places)} of its entries." for name, places in found.wrong.items() if places]
    return " ".join([*told, *found.says])
