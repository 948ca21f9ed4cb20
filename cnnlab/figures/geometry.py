"""Padding, stride and dilation: where a kernel can stand, how often a pixel is read, what a stack of layers leaves."""

import numpy as np
from matplotlib.patches import Rectangle

from cnnlab.figures.board import Board
from cnnlab.figures.style import BLUE, FAINT, INK, LABEL, PURPLE, SKY, SMALL, SOFT, TITLE, Picture, plain_axes
from cnnlab.figures.taps import stops, usage

ZERO, PIXEL, NO_ROOM = "#eceef2", "#ffffff", "#f3b8ae"


def show_starts(size, kernel, padding=0, stride=1, dilation=1, title="Where the kernel can stand") -> Picture:
    """One row of pixels and, under it, the kernel at every start: kept ones blue, skipped ones pale, and the first
    step that would leave the row. All arguments are ints; the row should have at most twenty cells."""
    every = stops(size, kernel, padding, 1, dilation)
    board, wide, step = Board(title), size + 2 * padding, 0.72
    zeros = f", {padding} {'zero' if padding == 1 else 'zeros'} on each side (grey)" if padding else ""
    for j in range(wide):
        inside = padding <= j < padding + size
        look = {"facecolor": PIXEL if inside else ZERO, "edgecolor": "#9aa0ab", "linewidth": 0.7}
        board.axes.add_patch(Rectangle((j, 0), 1, 1, **look))
        board.words(j + 0.5, 0.5, str(j - padding) if inside else "·", align="center")
    board.words(0, -0.42, f"{size} pixels, numbered{zeros}", color=SOFT)
    row, kept = 1.45, 0
    for start, taps in enumerate(every):
        keep = start % stride == 0
        _bar(board, row, [tap + padding for tap in taps], SKY if keep else FAINT)
        words = f"output {kept}" if keep else "skipped"
        board.words(wide + 0.4, row + 0.25, words, color=INK if keep else SOFT, size=SMALL + 0.5)
        kept, row = kept + keep, row + step
    left_over = bool(every) and (len(every) - 1) % stride != 0
    if left_over or not every:
        start = kept * stride
        _bar(board, row, [start + tap * dilation for tap in range(kernel)], NO_ROOM)
        board.words(
            max(wide, start + dilation * (kernel - 1) + 1) + 0.4, row + 0.25, "no room", color=PURPLE, size=SMALL + 0.5
        )
        row += step
    board.reach(wide + 3.2, row)
    told = f"{len(every)} starts" + (f", of which every {_th(stride)} is kept: {kept}" if stride > 1 else "")
    spread = f", its weights {dilation} apart," if dilation > 1 else ""
    last = " One more step would leave the row." if left_over else ""
    return board.picture(f"{title}. {size} pixels{zeros}; a kernel of {kernel}{spread} has {told}.{last}")


def _bar(board, y, places, colour):
    """The taps of a kernel, and a line through the pixels that it spans."""
    board.axes.plot([places[0] + 0.5, places[-1] + 0.5], [y + 0.25] * 2, color=colour, linewidth=2, zorder=1)
    for place in places:
        board.axes.add_patch(
            Rectangle((place + 0.07, y), 0.86, 0.5, facecolor=colour, edgecolor="#9aa0ab", lw=0.6, zorder=2)
        )
    board.reach(places[-1] + 1, y + 0.6)


def _th(n):
    return {2: "second", 3: "third"}.get(n, f"{n}th")


def show_usage(shape, kernel, settings, title="How often each pixel is read") -> Picture:
    """The number of outputs that read each pixel of an input, for several settings side by side.

    shape: (H, W) of the input; kernel: its side, an int; settings: {name: (padding, stride)}, ints.
    """
    board, left, told = Board(title), 0.0, []
    for name, (padding, stride) in settings.items():
        counts = usage(shape, kernel, padding, stride)
        most = kernel**2
        board.grid(counts, left, 0, signed=True, scale=most, title=name)
        left += max(shape[1], 0.24 * len(name)) + 1.3
        corner, middle = counts[0, 0], counts[shape[0] // 2, shape[1] // 2]
        told.append(
            f"{name}: a corner is read by {corner}, the middle {middle}; not read by any: {int(np.sum(counts == 0))}."
        )
    return board.picture(
        f"{title}, a kernel of {kernel} by {kernel} on {shape[0]} by {shape[1]} pixels. {' '.join(told)}"
    )


def show_shrinking(shrink_after, size, kernel, depths, title="What is left, by your function") -> Picture:
    """Squares to scale, one in another: the side that is left after each number of layers in `depths`.

    shrink_after: the learner's, (size, kernel, layers) -> int; size, kernel: ints; depths: ints.
    """
    from cnnlab.check import ask

    sheet = Picture("", 8.2, 3.9)
    axes = plain_axes(sheet.add_axes((0.02, 0.03, 0.44, 0.82)))
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_xlim(-2, size + 2)
    axes.set_ylim(size + 2, -2)
    told, problem = [], None
    for k, layers in enumerate([0, *depths]):
        answer = ask(shrink_after, size, kernel, layers)
        side = answer.value
        if answer.problem or isinstance(side, bool) or not isinstance(side, (int, np.integer)) or not 0 < side <= size:
            problem = answer.problem or f"`{answer.name}` returned no side between 1 and {size} for {layers} layers."
            break
        shade = 1 - 0.75 * k / max(len(depths), 1)
        colour = tuple(1 - (1 - c) * (1 - 0.85 * shade) for c in (0.0, 0.447, 0.698))
        corner = (size - side) / 2
        axes.add_patch(Rectangle((corner, corner), side, side, facecolor=colour, edgecolor=BLUE, linewidth=1))
        told.append(f"{layers} layers: {side} × {side}")
    for k, line in enumerate(told):
        sheet.text(0.5, 0.78 - 0.115 * k, line, fontsize=LABEL + 1, color=INK)
    if problem:
        sheet.text(0.5, 0.78 - 0.115 * len(told), problem[:72], fontsize=SMALL + 0.5, color=PURPLE)
    sheet.text(0.015, 0.93, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    sheet.alt = f"{title}: squares to scale. {'; '.join(told)}. {problem or ''}".strip()
    return sheet
