"""Stacked dilated layers: which pixels one output can see, and which it steps over."""

import numpy as np

from cnnlab.figures.answers import answer_of
from cnnlab.figures.style import BLUE, FAINT, INK, LABEL, PURPLE, RED, SMALL, SOFT, TITLE, Picture, plain_axes
from cnnlab.figures.taps import holes, ways


def show_trees(schedules, title="What one output sees, layer by layer") -> Picture:
    """For each list of rates, the tree of taps from one output (top) to the pixels of a row (bottom); pixels inside the
    field that nothing reads are hollow and red. schedules: {name: ints, the first layer's first}."""
    deepest = max(len(rates) for rates in schedules.values())
    reach = max(sum(rates) for rates in schedules.values())
    high = 0.55 + len(schedules) * (0.62 + 0.42 * deepest)
    sheet, told = Picture("", 9.0, high), []
    for k, (name, rates) in enumerate(schedules.items()):
        block = 0.62 + 0.42 * deepest
        axes = plain_axes(
            sheet.add_axes((0.02, 1 - (0.5 + block * (k + 1) - 0.05) / high, 0.96, (block - 0.38) / high))
        )
        axes.set_axis_off()
        axes.set_xlim(-reach - 0.8, reach + 0.8)
        axes.set_ylim(-0.35, len(rates) + 0.35)
        _tree(axes, rates)
        seen, lost = ways(rates), holes(rates)
        line = f"{name}: a field of {len(seen)} pixels, " + (f"{lost} of them never used" if lost else "every one used")
        sheet.text(0.02, 1 - (0.5 + block * k + 0.16) / high, line, fontsize=LABEL + 0.5, color=INK, fontweight="bold")
        told.append(f"{line}.")
    sheet.text(0.02, 1 - 0.2 / high, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    sheet.alt = f"{title}. {' '.join(told)}"
    return sheet


def _tree(axes, rates):
    places, level = {0}, len(rates)
    axes.scatter([0], [level], s=46, color=INK, zorder=3)
    for rate in reversed(rates):
        below = {place + tap * rate for place in places for tap in (-1, 0, 1)}
        for place in places:
            for tap in (-1, 0, 1):
                axes.plot([place, place + tap * rate], [level, level - 1], color=BLUE, alpha=0.45, lw=0.9, zorder=1)
        places, level = below, level - 1
        axes.scatter(sorted(places), [level] * len(places), s=40 if level == 0 else 22, color=BLUE, zorder=3)
    reach = sum(rates)
    missing = [place for place in range(-reach, reach + 1) if place not in places]
    axes.scatter(missing, [0] * len(missing), s=40, facecolor="white", edgecolor=RED, linewidth=1.3, zorder=3)


def show_coverage(conv2d, schedules, title="Which pixels reach one output: measured with your conv2d") -> Picture:
    """One bright pixel goes through stacked 3×3 layers of ones; what comes out counts the ways to each place.

    conv2d: the learner's (x (1, 1, H, W), weight, bias, stride, padding, dilation); schedules: {name: rates, ints}.
    White: never reached.
    """
    from matplotlib.colors import LogNorm

    sheet = Picture("", 2.9 * len(schedules) + 0.4, 3.75)
    told, problem = [], None
    reach = max(sum(rates) for rates in schedules.values())
    side = 2 * reach + 3
    for k, (name, rates) in enumerate(schedules.items()):
        axes = sheet.add_axes(((0.2 + 2.9 * k) / sheet.get_figwidth(), 0.11, 2.6 / sheet.get_figwidth(), 2.6 / 3.75))
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_color(FAINT)
        picture = np.zeros((1, 1, side, side))
        picture[0, 0, side // 2, side // 2] = 1

        def stack(x, rates=rates):
            for rate in rates:
                x = conv2d(x, np.ones((1, 1, 3, 3)), None, 1, rate, rate)
            return x

        value, wrong = (None, problem) if problem else answer_of(stack, picture, shape=picture.shape)
        axes.set_title(name, fontsize=LABEL, color=SOFT, pad=5)
        if value is None:
            problem = problem or wrong.replace("`stack`", "your `conv2d`")
            continue
        counts = np.ma.masked_less_equal(value[0, 0], 0)
        axes.imshow(counts, cmap="viridis_r", norm=LogNorm(1, max(float(value.max()), 2)), interpolation="nearest")
        field, used = (2 * sum(rates) + 1) ** 2, int((value > 0).sum())
        axes.set_xlabel(f"{used} of {field} pixels used", fontsize=LABEL, color=INK)
        told.append(f"{name}: {used} of the {field} pixels of the field are used.")
    if problem:
        sheet.text(0.02, 0.035, problem[:100], fontsize=SMALL + 0.5, color=PURPLE)
    sheet.text(0.015, 0.945, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    sheet.alt = f"{title}. {' '.join(told)} {problem or ''}".strip()
    return sheet
