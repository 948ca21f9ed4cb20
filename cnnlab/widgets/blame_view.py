"""The blame picture: a state in, one piece of HTML out."""

import numpy as np

from cnnlab.check.grid import bracketed, grey_range, grid_html, number, row_html
from cnnlab.markup import Html, macros
from cnnlab.widgets.cells import border_cells

parts = macros("explorer")

DEFINITION = "the gradients of this convolution, its kernel not turned, for this dout"

TITLES = {"dx": "dx, the blame of the input", "dweight": "dweight", "dbias": "dbias"}


def blame_view(state, name=None) -> Html:
    """The whole picture of a Blame as HTML. name: what the learner's function is called, None where only true numbers
    are shown."""
    pixels = {m.pixel for m in state.involved}
    weights = {m.weight for m in state.involved}
    outputs = {m.output for m in state.involved} if state.kind != "bias" else set(np.ndindex(state.dout.shape))
    title = f"input x, padded by {state.padding}" if state.padding else "input x"
    border = border_cells(state.padded.shape, state.padding)
    forward = [
        grid_html(state.padded, title=title, lit=pixels, faint=border, notes=_pixel_notes(state),
                  cell_name="in", pixels=grey_range(state.image), roomy=True),
        "∗",
        grid_html(state.kernel, title="weight", lit=weights, notes=_weight_notes(state),
                  cell_name="weight", roomy=True),
        "→",
        grid_html(state.dout, title="dout, the blame of the output", lit=outputs, notes=_output_notes(state),
                  cell_name="out", roomy=True),
    ]  # fmt: skip
    shown = [row_html(forward), *_words(state), row_html(_gradients(state)), *_verdict(state, name)]
    return Html(parts.view(f"Blame picture. {spoken(state)}", shown))


def spoken(state) -> str:
    """What is looked at, who it met, and the sum, in a sentence."""
    head, _, total = _sum(state)
    return f"{head} {total}".strip()


def _words(state):
    head, sums, total = _sum(state)
    result = total.rsplit(" = ", 1)[-1] if sums else total
    return parts.words(head), parts.sums([(f"{sums} = " if sums else "", result)])


def _sum(state):
    """(who met whom, the arithmetic, its result)"""
    i, j = state.cell
    many = len(state.involved)
    if state.kind == "weight":
        terms = [f"{bracketed(state.padded[m.pixel])}·{bracketed(state.dout[m.output])}" for m in state.involved]
        total = number(state.gradients["dweight"][state.cell])
        head = f"Weight [{i}, {j}] was used at {many} places: pixel times blame, added up."
        return head, f"dweight[{i}, {j}] = {' + '.join(terms)}", f"dweight[{i}, {j}] = {total}"
    if state.kind == "input":
        if not many:
            return f"No stop ever looked at pixel [{i}, {j}]: nothing is its fault.", "", f"its blame = {number(0)}"
        terms = [f"{bracketed(state.dout[m.output])}·{bracketed(state.kernel[m.weight])}" for m in state.involved]
        p, (height, width) = state.padding, state.image.shape
        inside = p <= i < p + height and p <= j < p + width
        total, name = number(state.dpadded[state.cell]), f"dx[{i - p}, {j - p}]" if inside else "its blame"
        kind = "this pixel" if inside else "this pixel of the padding"
        where = "" if inside else ", which is cut off"
        head = f"{kind[0].upper()}{kind[1:]} reached {many} output{'s' * (many != 1)}: blame times weight, added up."
        return head, f"{name} = {' + '.join(terms)}", f"{name} = {total}{where}"
    if state.kind == "output":
        blame = number(state.dout[state.cell])
        head = f"Output [{i}, {j}] has blame {blame}. It looked at {many} pixels through {many} weights."
        return head, "", f"each pixel gets {blame} · its weight, each weight {blame} · its pixel, the bias {blame}"
    terms = [bracketed(v) for v in state.dout.flat]
    head = f"The bias was added at all {state.dout.size} places."
    return head, f"dbias = {' + '.join(terms)}", f"dbias = {number(state.dout.sum())}"


def _pixel_notes(state):
    if state.kind == "weight":
        return {m.pixel: f"×{bracketed(state.dout[m.output])}" for m in state.involved}
    if state.kind == "output":
        blame = state.dout[state.cell]
        return {m.pixel: f"+{bracketed(blame * state.kernel[m.weight])}" for m in state.involved}
    return {}


def _weight_notes(state):
    if state.kind == "output":
        return {m.weight: f"+{bracketed(state.dout[state.cell] * state.padded[m.pixel])}" for m in state.involved}
    return {}


def _output_notes(state):
    if state.kind == "weight":
        return {m.output: f"×{bracketed(state.padded[m.pixel])}" for m in state.involved}
    if state.kind == "input":
        return {m.output: f"×{bracketed(state.kernel[m.weight])}" for m in state.involved}
    return {}


def _gradients(state):
    grids = []
    for key, truth in state.gradients.items():
        mine = state.yours.get(key)
        shown = np.atleast_2d(truth if mine is None else mine)
        wrong = state.wrong.get(key, frozenset())
        notes = {cell: f"true {number(np.atleast_2d(truth)[cell])}" for cell in wrong}
        grids.append(grid_html(shown, title=TITLES[key], lit=_own(state, key), marked=wrong, notes=notes))
    return grids


def _own(state, key):
    """The cell of a gradient that belongs to what is looked at."""
    i, j = state.cell
    if key == "dx" and state.kind == "input":
        i, j = i - state.padding, j - state.padding
        return {(i, j)} if 0 <= i < state.image.shape[0] and 0 <= j < state.image.shape[1] else set()
    if (key, state.kind) in (("dweight", "weight"), ("dbias", "bias")):
        return {(i, j)}
    return set()


def _verdict(state, name):
    if name is None:
        return []
    whose = "your function" if name == "your function" else f"your `{name}`"
    lines = []
    if state.says:
        others = "the course's own numbers stand in" if not state.yours else "there, the course's own stand in"
        lines.append(parts.line("calm", f"{state.says.rstrip('.')}; {others}."))
    bad = {key: cells for key, cells in state.wrong.items() if cells}
    if bad:
        told = ", ".join(f"{len(cells)} of {state.gradients[key].size} in {key}" for key, cells in bad.items())
        lines.append(parts.line("bad", f"These numbers of {whose} differ from the true ones, {DEFINITION}: {told}."))
    if set(state.yours) - set(bad):
        right = ", ".join(key for key in state.yours if key not in bad)
        lines.append(parts.line("good", f"Right, from {whose}: {right}. Right is here: {DEFINITION}."))
    return lines
