"""Looking inside a network: filters, feature maps, what excites a unit, fields as they are, and maps of reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.patches import Rectangle

from cnnlab.figures.sheet import draw_image, image_sheet
from cnnlab.figures.style import BLUE, INK, ORANGE, SMALL, SOFT, Picture, plain_axes, signed_colours

MARK = "#ffd400"  # squares on a photograph


def show_filters(weight, title="What the first layer looks for", columns=8) -> Picture:
    """Filters that look at colours, each as a small picture: mid-grey is 0, and each is stretched by itself.

    weight: (filters, 3, kh, kw), array or tensor.
    """
    filters = np.asarray(weight, dtype=float).transpose(0, 2, 3, 1)
    sheet, cells = image_sheet(len(filters), title, columns, 7.2, filters.shape[1:3])
    for k, (axes, one) in enumerate(zip(cells, filters, strict=True)):
        draw_image(axes, 0.5 + 0.5 * one / max(float(np.abs(one).max()), 1e-9), False)
        axes.set_title(str(k), fontsize=SMALL, color=SOFT, pad=3)
    sheet.full_colour = True
    sheet.alt = f"{title}: {len(filters)} filters of {filters.shape[1]} × {filters.shape[2]} pixels in colour."
    return sheet


def show_feature_maps(image, maps: Mapping, most=7, title="Layer by layer") -> Picture:
    """A row for each layer: the picture, then those of its maps that vary most, white the largest number of each.

    image: (H, W, 3), uint8; maps: {name: (C, h, w)}, arrays or tensors.
    """
    rows = {name: np.asarray(one, dtype=float) for name, one in maps.items()}
    sheet, cells = image_sheet(len(rows) * (most + 1), title, most + 1, 9.4, image.shape[:2])
    for axes in cells:
        axes.set_axis_off()
    for k, (name, one) in enumerate(rows.items()):
        row = cells[k * (most + 1) : (k + 1) * (most + 1)]
        draw_image(row[0], image, False)
        row[0].set_title(f"{name}: {one.shape[0]} maps, {one.shape[1]} × {one.shape[2]}", fontsize=SMALL, color=INK,
                         loc="left", pad=3)  # fmt: skip
        for axes, channel in zip(row[1:], np.argsort(-one.std(axis=(1, 2)), kind="stable")[:most], strict=False):
            axes.imshow(one[channel], cmap="gray", interpolation="nearest")
            axes.text(0.03, 0.95, str(channel), transform=axes.transAxes, fontsize=SMALL, color=MARK, va="top")
    sheet.full_colour = True
    told = "; ".join(f"{name} {one.shape[1]} × {one.shape[2]}" for name, one in rows.items())
    sheet.alt = f"{title}: the picture, and beside it the {most} maps of each layer that vary most ({told})."
    return sheet


def show_excited(layers: Mapping, title="What excites them most") -> Picture:
    """For each layer a few units, a row each: the patches at which they answer most.

    layers: {name: {unit: list of (h, w, 3) uint8 patches}}, as `cnnlab.watchman.excited` gives them.
    """
    rows = [(name, unit, patches) for name, units in layers.items() for unit, patches in units.items()]
    most = max(len(patches) for *_, patches in rows)
    sheet, cells = image_sheet(len(rows) * most, title, 2 * most, 9.4, (1, 1))
    for axes in cells:
        axes.set_axis_off()
    for k, (name, unit, patches) in enumerate(rows):
        for j, (axes, patch) in enumerate(zip(cells[k * most :], patches, strict=False)):
            draw_image(axes, patch, False)
            if j == 0:
                side = f"{patch.shape[0]} × {patch.shape[1]}"
                axes.set_title(f"{name}, unit {unit} ({side})", fontsize=SMALL, color=INK, loc="left", pad=3)
    sheet.full_colour = True
    sheet.alt = f"{title}: {most} patches for each of {len(rows)} units, from layers {', '.join(layers)}."
    return sheet


def show_effective(image, heats: Mapping, title="What it could see, and what it does see") -> Picture:
    """Effective fields on a picture, each with the square of its theoretical one.

    image: (H, W, 3), uint8; heats: {name: (heat (H, W) from 0 to 1, side of the square)}; its middle is the picture's.
    """
    height, width = image.shape[:2]
    sheet, cells = image_sheet(1 + len(heats), title, 4, 9.4, image.shape[:2])
    draw_image(cells[0], image, False)
    cells[0].set_title("the picture", fontsize=SMALL, color=SOFT, loc="left", pad=4)
    told = []
    for axes, (name, (heat, side)) in zip(cells[1:], heats.items(), strict=True):
        heat = np.asarray(heat, dtype=float)
        axes.imshow(np.asarray(image) / 255 * 0.35, interpolation="nearest")
        colours = np.zeros((*heat.shape, 4))
        colours[..., :3], colours[..., 3] = [1.0, 0.62, 0.1], np.clip(heat, 0, 1) ** 0.5
        axes.imshow(colours, interpolation="nearest")
        axes.set_autoscale_on(False)
        corner = width / 2 - 0.5 - side / 2, height / 2 - 0.5 - side / 2
        axes.add_patch(Rectangle(corner, side, side, fill=False, edgecolor=MARK, linewidth=1.6))
        core = core_of(heat)
        axes.set_title(f"{name}: {side} × {side},\n90% within {core} × {core}", fontsize=SMALL, color=INK, loc="left",
                       pad=4)  # fmt: skip
        told.append(f"{name} could see {side} × {side} pixels, and 90% of its say is within {core} × {core}")
    sheet.full_colour = True
    sheet.alt = f"{title}. {'; '.join(told)}."
    return sheet


def core_of(heat, part=0.9):
    """The side of the smallest square in the middle of a heat map that holds `part` of its sum, an odd number."""
    heat = np.asarray(heat, dtype=float)
    row, column = heat.shape[0] // 2, heat.shape[1] // 2
    for half in range(max(heat.shape)):
        window = heat[max(row - half, 0) : row + half + 1, max(column - half, 0) : column + half + 1]
        if window.sum() >= part * heat.sum():
            return 2 * half + 1
    return max(heat.shape)


PATCH = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # a number on the dashed line can be read


def show_trials(trials: Mapping, title="Which hypothesis mends it?") -> Picture:
    """Two bars for each trial: the share that is right of small people, and of large ones.

    trials: {name: (small, large)}, floats from 0 to 1.
    """
    sheet = Picture("", 8.2, 0.62 * len(trials) + 1.3)
    axes = plain_axes(sheet.add_axes((0.27, 0.2, 0.7, 0.62)), title, "share of test frames that are right")
    for k, pair in enumerate(trials.values()):
        for value, place, colour in zip(pair, (k - 0.19, k + 0.19), (BLUE, ORANGE), strict=True):
            axes.barh(place, value, 0.34, color=colour)
            axes.text(value + 0.01, place, f"{value:.0%}", va="center", fontsize=SMALL, color=SOFT, bbox=PATCH)
    axes.axvline(0.5, color=SOFT, linewidth=1, linestyle="--")
    axes.text(0.505, -0.62, "a coin", fontsize=SMALL, color=SOFT)
    axes.set_yticks(range(len(trials)), list(trials))
    axes.set_ylim(len(trials) - 0.5, -0.8)
    axes.set_xlim(0, 1.1)
    for label, colour, x in (("small people", BLUE, 0.30), ("large people", ORANGE, 0.48)):
        sheet.text(x, 0.03, f"■ {label}", fontsize=SMALL + 0.5, color=colour)
    told = "; ".join(f"{name}: small {small:.0%}, large {large:.0%}" for name, (small, large) in trials.items())
    sheet.alt = f"{title} {told}."
    return sheet


def show_reasons(images: Sequence, columns: Mapping, names: Sequence[str], title="Two kinds of reasons") -> Picture:
    """A row for each picture: itself, and over it one map of reasons for each column.

    images: of (H, W, 3), uint8; columns: {name: list of maps (h, w)}; maps with numbers below 0 are drawn in blue and
    orange, others in orange alone; all are stretched over the picture. names: what to write beside each picture.
    """
    count = 1 + len(columns)
    sheet, cells = image_sheet(len(images) * count, title, count, min(9.4, 2.3 * count), images[0].shape[:2])
    for k, image in enumerate(images):
        row = cells[k * count : (k + 1) * count]
        draw_image(row[0], image, False)
        row[0].set_title(names[k], fontsize=SMALL, color=INK, loc="left", pad=3)
        for axes, (name, maps) in zip(row[1:], columns.items(), strict=True):
            reasons = np.asarray(maps[k], dtype=float)
            axes.imshow(np.asarray(image) / 255 * 0.45 + 0.2, interpolation="nearest")
            most = float(np.abs(reasons).max()) or 1.0
            axes.imshow(reasons, cmap=signed_colours(), vmin=-most, vmax=most, alpha=np.abs(reasons) / most * 0.85,
                        extent=(-0.5, image.shape[1] - 0.5, image.shape[0] - 0.5, -0.5),
                        interpolation="nearest")  # fmt: skip
            axes.set_title(name, fontsize=SMALL, color=SOFT, loc="left", pad=3)
    sheet.full_colour = True
    sheet.alt = f"{title}: {len(images)} pictures ({'; '.join(names)}), each with {' and '.join(columns)} laid over it."
    return sheet
