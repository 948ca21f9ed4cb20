"""The pooling explorer's picture: a state in, one piece of HTML out."""

from html import escape

import numpy as np

from cnnlab.figures.grid import Html, grid_html, number, row_html
from cnnlab.widgets.convolution_view import BAD, CALM, GOOD, NOTE, ROOT, SUMS, _bracket, _line, _widest

NAMES = {"max": "The largest", "mean": "The mean", "convolution": "Convolution"}


def pooling_view(state, name=None) -> Html:
    """The whole picture. name: what the learner's function is called, None where the course's own numbers are shown."""
    label = escape(f"Pooling explorer. {spoken(state)}", quote=True)
    parts = [_sizes(state), _row(state, 0, name), _row(state, 1, name), _arithmetic(state), _changes(state)]
    parts.append(_verdict(state, name))
    return Html(f'<div role="group" aria-label="{label}" style="{ROOT}">{"".join(parts)}</div>')


def spoken(state) -> str:
    """The same in two sentences, for a screen reader."""
    i, j = state.at
    before, after = (number(output[i, j]) for output in state.shown)
    return (
        f"Output row {i}, column {j}: {before}; with the map moved right by {state.shift} it is {after}. "
        f"{_count(state)}"
    )


def _sizes(state):
    (height, width), (rows, columns) = state.image.shape, state.output_shape
    text = (
        f"Windows of {state.kernel} × {state.kernel} that start {state.stride} apart on {height} × {width} numbers: "
        f"⌊({height} − {state.kernel})/{state.stride}⌋ + 1 = {rows} rows, "
        f"⌊({width} − {state.kernel})/{state.stride}⌋ + 1 = {columns} columns"
    )
    return f'<div style="{NOTE}opacity:.85">{text}</div>'


def _row(state, which, name):
    """The map (which = 0), or the moved map (1), and its output."""
    image, output = (state.image, state.moved)[which], state.shown[which]
    moved = f"The map, {state.shift} to the right" if state.shift else "The map, not moved"
    source = "" if state.yours is None or name is None else f" · {name}"
    notes = {cell: f"true {number(state.outputs[which][cell])}" for cell in state.wrong[which]}
    if which:
        was = {cell: f"was {number(state.shown[0][cell])}" for cell in state.changed}
        notes = was | notes
    most = max(float(np.abs(state.shown).max()), 1.0)
    return row_html(
        [
            grid_html(
                image,
                title=moved if which else "The map",
                lit=set(state.window),
                centre=state.window[0],
                cell_name="in",
                cell_width=f"{_widest(state.image)}em",
                pixels=(0, state.image.max()) if state.image.min() >= 0 else None,
            ),
            "→",
            grid_html(
                output,
                title=f"{NAMES[state.way]}{source}",
                lit={state.at},
                marked=state.wrong[which],
                notes=notes,
                centre=state.at,
                cell_name="out",
                cell_width=f"{max(3.0, _widest(*state.shown))}em",
                scale=most,
                roomy=True,
            ),
        ]
    )


def _arithmetic(state):
    """What is done with the window's numbers, before the move and after."""
    lines = []
    for image, output in zip((state.image, state.moved), state.outputs, strict=True):
        values = [image[cell] for cell in state.window]
        total = f"<b>{number(output[state.at])}</b>"
        if state.way == "max":
            text = f"the largest of {', '.join(number(v) for v in values)} is {total}"
        elif state.way == "mean":
            text = f"({' + '.join(_bracket(v) for v in values)}) / {len(values)} = {total}"
        else:
            pairs = zip(values, state.weights.flat, strict=True)
            text = " + ".join(f"{_bracket(v)}·{_bracket(w)}" for v, w in pairs) + f" = {total}"
        lines.append(text)
    head = ("before: ", "moved:  ")
    return f'<div style="{SUMS}">' + "\n".join(h + line for h, line in zip(head, lines, strict=True)) + "</div>"


def _count(state):
    total, changed = state.shown[0].size, len(state.changed)
    if not changed:
        return f"None of the {total} numbers changed: this answer did not notice the move."
    return f"{changed} of the {total} numbers changed."


def _changes(state):
    if not state.shift:
        return _line(CALM, "○", "Move the map to the right with the slider, and see which numbers change.")
    return _line(CALM, "→", f"The map moved by {state.shift}. {_count(state)}")


def _verdict(state, name):
    if state.way == "convolution":
        weights = "; ".join(" ".join(number(w) for w in row) for row in state.weights)
        return _line(CALM, "○", f"The course's own convolution, with the kernel {weights}.")
    if name is None:
        return ""
    if state.yours is None:
        says = state.says.rstrip(". ") + "." if state.says else ""
        return _line(CALM, "○", f"{says} Showing the course's own numbers until yours is written.".strip())
    wrong, total = sum(map(len, state.wrong)), 2 * state.shown[0].size
    whose = "your function" if name == "your function" else f"your `{name}`"
    if not wrong:
        return _line(GOOD, "✓", f"The numbers come from {whose}: all {total} are right.")
    return _line(BAD, "✗", f"The numbers come from {whose}: {wrong} of {total} differ from the true ones (✗).")
