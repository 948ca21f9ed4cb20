"""Pooling: windows and what becomes of them, maps made smaller, and two gaps measured."""

import numpy as np

from cnnlab.figures.answers import answer_of
from cnnlab.figures.board import Board
from cnnlab.figures.sheet import draw_image, draw_not_yet, image_sheet, say_in_corner
from cnnlab.figures.style import (
    BLUE,
    INK,
    KEYS,
    LABEL,
    ORANGE,
    PURPLE,
    SMALL,
    SOFT,
    TITLE,
    Picture,
    plain_axes,
    read_out,
)

LEFT_OVER = "#eceef2"


def show_windows(x, kernel, stride=None, title="Windows, and what becomes of them", **functions) -> Picture:
    """A map with its windows, and the answers of functions to it, window by window.

    x: (H, W), any numbers; kernel, stride: ints, the stride being the window where it is None; functions: by name, each
    (x (1, 1, H, W), kernel[, stride]) -> (1, 1, H', W'). Windows side by side get a colour each; where they overlap,
    the first two are framed. Cells that no window reaches are pale.
    """
    x = np.asarray(x)
    step = kernel if stride is None else stride
    rows, columns = ((side - kernel) // step + 1 for side in x.shape)
    stops = [(i, j) for i in range(rows) for j in range(columns)]
    cells = {at: [(at[0] * step + u, at[1] * step + v) for u in range(kernel) for v in range(kernel)] for at in stops}
    board, apart = Board(title), step >= kernel
    colour = {at: KEYS[k % len(KEYS)] for k, at in enumerate(stops)}
    keys = dict.fromkeys(np.ndindex(x.shape), LEFT_OVER)
    for at in stops:
        keys.update(dict.fromkeys(cells[at], colour[at] if apart else "#ffffff"))
    right, _ = board.grid(x, 0, 0, keys=keys, title="the map")
    framed = [] if apart else stops[:2]
    for k, at in enumerate(framed):
        board.frame(0.06 * k, 0.06 * k, cells[at], colour=colour[at], width=3.4)
    told, wrong = [], []
    for name, function in functions.items():
        said = name.replace("_", " ")
        if not told and not wrong:
            board.sign(right + 0.8, x.shape[0] / 2, "→")
        left = right + 1.6 + max(0.0, (0.24 * len(said) - columns) / 2)
        args = (x[None, None], kernel) if stride is None else (x[None, None], kernel, stride)
        value, problem = answer_of(function, *args, shape=(1, 1, rows, columns))
        if value is None:
            board.frame(left, (x.shape[0] - rows) / 2, [(0, 0), (rows - 1, columns - 1)], colour="#c9ccd6", width=1.2)
            board.words(left + columns / 2, (x.shape[0] - rows) / 2 - 0.42, said, align="center", color=SOFT)
            board.reach(left + columns, x.shape[0])
            wrong.append(f"{said}: {problem}")
            right = left + max(columns, 0.24 * len(said))
            continue
        lit = {at: colour[at] for at in (stops if apart else framed)}
        lit = {**dict.fromkeys(stops, "#ffffff"), **lit}
        board.grid(value[0, 0], left, (x.shape[0] - rows) / 2, keys=lit, title=said)
        told.append(f"{said}: {read_out(value[0, 0])}.")
        right = left + columns + max(0.0, (0.24 * len(said) - columns) / 2)
    for k, line in enumerate(wrong):
        board.words(0, x.shape[0] + 0.8 + 0.65 * k, line[:100], color=PURPLE, size=9)
    lost = sum(c == LEFT_OVER for c in keys.values())
    over = f" {lost} cells are in no window." if lost else ""
    return board.picture(
        f"{title}. A map of {x.shape[0]} by {x.shape[1]} numbers, {read_out(x)}, under windows of {kernel} by {kernel} "
        f"that start {step} apart.{over} {' '.join(told + wrong)}"
    )


def show_smaller(x, title="Smaller maps", columns=4, **functions) -> Picture:
    """A map and what functions make of it, drawn equally large. x: (H, W), numbers of 0 and above.

    functions: by name, each (1, 1, H, W) -> (1, 1, H', W').
    """
    sheet, cells = image_sheet(len(functions) + 1, title, columns, 9.6, x.shape)
    draw_image(cells[0], x, False, high=float(x.max()))
    cells[0].set_title(f"the map, {x.shape[0]} × {x.shape[1]}", fontsize=LABEL, color=SOFT, pad=5)
    told, problem = [], None
    for axes, (name, function) in zip(cells[1:], functions.items(), strict=False):
        said = name.replace("_", " ")
        value, wrong = answer_of(function, x[None, None])
        if value is not None and (value.ndim != 4 or not value.size):
            value, wrong = None, f"it returned shape {value.shape}."
        if value is None:
            draw_not_yet(axes, x.shape)
            problem = problem or wrong
            axes.set_title(said, fontsize=LABEL, color=SOFT, pad=5)
            continue
        plane = value[0, 0]
        draw_image(axes, plane, plane.min() < 0, low=0, high=float(plane.max()) or 1.0)
        axes.set_aspect("auto")
        axes.set_title(f"{said}, {plane.shape[0]} × {plane.shape[1]}", fontsize=LABEL, color=SOFT, pad=5)
        told.append(f"{said} gives {plane.shape[0]} by {plane.shape[1]}.")
    if problem:
        say_in_corner(sheet, problem)
    sheet.alt = f"{title}: a map of {x.shape[0]} by {x.shape[1]}. {' '.join(told)} {problem or ''}".strip()
    return sheet


def show_gaps(invariance_gap, equivariance_gap, layers, x, title="Two gaps, measured by your functions") -> Picture:
    """Two bars for each layer: how much an answer changes under a shift, and how far it is from shifting along.

    invariance_gap, equivariance_gap: the learner's, (layer, x) -> a number of 0 or more; layers: {name: function of x};
    x: any array that they take. Gaps beyond 1.5 are cut.
    """
    names = list(layers)
    height = 1.25 + 0.5 * len(names)
    sheet = Picture("", 9.0, height)
    axes = plain_axes(
        sheet.add_axes((0.27, 0.58 / height, 0.66, 1 - 1.28 / height)),
        xlabel="gap (0: none; 1: as large as the answer itself)",
    )
    sheet.text(0.015, 1 - 0.27 / height, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    told, problem = [], None
    for k, (name, layer) in enumerate(layers.items()):
        found = []
        for offset, gap, colour in ((-0.19, invariance_gap, BLUE), (0.19, equivariance_gap, ORANGE)):
            value, wrong = (None, problem) if problem else _one_number(gap, layer, x)
            if value is None:
                problem = wrong
                continue
            axes.barh(k + offset, min(value, 1.5), height=0.34, color=colour)
            axes.text(min(value, 1.5) + 0.015, k + offset, f"{value:.2f}", va="center", fontsize=SMALL, color=INK)
            found.append(f"{value:.2f}")
        if len(found) == 2:
            told.append(f"{name}: {found[0]} and {found[1]}.")
    axes.set_yticks(range(len(names)), names, fontsize=LABEL, color=INK)
    axes.set_ylim(len(names) - 0.45, -0.6)
    axes.set_xlim(0, 1.62)
    for colour, words, left in ((BLUE, "invariance gap", 0.62), (ORANGE, "equivariance gap", 0.79)):
        sheet.text(left, 1 - 0.27 / height, "■ " + words, fontsize=LABEL, color=colour, va="center")
    if problem:
        axes.text(0.5, 0.5, problem[:90], transform=axes.transAxes, ha="center", va="center", color=PURPLE, fontsize=9)
    sheet.alt = f"{title}. Invariance gap and equivariance gap of each layer: {' '.join(told)} {problem or ''}".strip()
    return sheet


def _one_number(gap, layer, x):
    from cnnlab.check import ask

    answer = ask(gap, layer, x)
    if answer.problem:
        return None, answer.problem
    try:
        value = float(answer.value)
    except (TypeError, ValueError):
        return None, f"`{answer.name}` returned no number."
    if np.isnan(value):
        return None, f"`{answer.name}` returned no number."
    return value, None
