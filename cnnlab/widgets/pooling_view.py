"""The pooling explorer's picture: a state in, one piece of HTML out."""

import numpy as np

from cnnlab.check.grid import bracketed, cell_width, grey_range, grid_html, number, row_html
from cnnlab.markup import Html, macros

parts = macros("explorer")

NAMES = {"max": "The largest", "mean": "The mean", "convolution": "Convolution"}


def pooling_view(state, name=None) -> Html:
    """The whole picture of a Pooling as HTML. name: what the learner's function is called, None where the course's own
    numbers are shown."""
    shown = [
        parts.sizes([(_sizes(state), "", "")]),
        *(_row(state, 0, name), _row(state, 1, name)),
        parts.sums(_arithmetic(state)),
        *(_changes(state), *_verdict(state, name)),
    ]
    return Html(parts.view(f"Pooling explorer. {spoken(state)}", shown))


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
    return (
        f"Windows of {state.kernel} × {state.kernel} that start {state.stride} apart on {height} × {width} numbers: "
        f"⌊({height} − {state.kernel})/{state.stride}⌋ + 1 = {rows} rows, "
        f"⌊({width} − {state.kernel})/{state.stride}⌋ + 1 = {columns} columns"
    )


def _row(state, which, name):
    """The map (which = 0), or the moved map (1), and its output."""
    image, output = (state.image, state.shifted)[which], state.shown[which]
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
                cell_width=cell_width(state.image),
                pixels=grey_range(state.image),
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
                cell_width=cell_width(*state.shown, least=3.0),
                scale=most,
                roomy=True,
            ),
        ]
    )


def _arithmetic(state):
    """What is done with the window's numbers, before the move and after: (text, result)."""
    lines = []
    cases = zip(("before: ", "moved:  "), (state.image, state.shifted), state.outputs, strict=True)
    for head, image, output in cases:
        values = [image[cell] for cell in state.window]
        if state.way == "max":
            text = f"the largest of {', '.join(number(v) for v in values)} is "
        elif state.way == "mean":
            text = f"({' + '.join(bracketed(v) for v in values)}) / {len(values)} = "
        else:
            pairs = zip(values, state.weights.flat, strict=True)
            text = " + ".join(f"{bracketed(v)}·{bracketed(w)}" for v, w in pairs) + " = "
        lines.append((head + text, number(output[state.at])))
    return lines


def _count(state):
    total, changed = state.shown[0].size, len(state.changed)
    if not changed:
        return f"None of the {total} numbers changed: this answer did not notice the move."
    return f"{changed} of the {total} numbers changed."


def _changes(state):
    if not state.shift:
        return parts.line("calm", "Move the map to the right with the slider, and see which numbers change.")
    return parts.line("see", f"The map moved by {state.shift}. {_count(state)}")


def _verdict(state, name):
    if state.way == "convolution":
        weights = "; ".join(" ".join(number(w) for w in row) for row in state.weights)
        return [parts.line("calm", f"The course's own convolution, with the kernel {weights}.")]
    if name is None:
        return []
    if state.yours is None:
        says = state.says.rstrip(". ") + "." if state.says else ""
        return [parts.line("calm", f"{says} Showing the course's own numbers until yours is written.".strip())]
    wrong, total = sum(map(len, state.wrong)), 2 * state.shown[0].size
    whose = "your function" if name == "your function" else f"your `{name}`"
    definition = f"this exercise's definition: {NAMES[state.way].lower()} of each window that fits."
    if not wrong:
        return [parts.line("good", f"The numbers come from {whose}: all {total} are right by {definition}")]
    text = f"The numbers come from {whose}: {wrong} of {total} differ from the true ones (✗) by {definition}"
    return [parts.line("bad", text)]
