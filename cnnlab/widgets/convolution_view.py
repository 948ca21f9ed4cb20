"""The convolution explorer's picture: a state in, one piece of HTML out."""

import numpy as np

from cnnlab.check.grid import bracketed, cell_width, grey_range, grid_html, number, row_html
from cnnlab.markup import Html, macros

parts = macros("explorer")

DEFINITION = "this exercise's definition: patch times kernel, added up, and the kernel is not turned."


def convolution_view(state, name=None) -> Html:
    """The whole picture of an Exploration as HTML. name: what the learner's function is called, None where the course's
    own numbers are shown."""
    if not state.fits:
        return _view(state, name, *_does_not_fit(state))
    wide, pixels = cell_width(state.padded), grey_range(state.image)
    taps = [tap for row in state.taps for tap in row]
    weights = {tap: f"×{bracketed(w)}" for tap, w in zip(taps, state.kernel.flat, strict=True)}
    middle, p, border = taps[len(taps) // 2], state.padding, state.border
    grids = []
    if state.padding:
        grids.append(
            grid_html(
                state.image,
                title=f"Input {_size(state.image)}",
                lit={(i - p, j - p) for i, j in taps if (i, j) not in border},
                centre=tuple(int(np.clip(m - p, 0, n - 1)) for m, n in zip(middle, state.image.shape, strict=True)),
                cell_width=wide,
                pixels=pixels,
            )
        )
    grids += [
        grid_html(
            state.padded,
            title=f"Padded by {p}: {_size(state.padded)}" if p else f"Input {_size(state.image)}",
            lit=set(taps),
            faint=border,
            notes=weights,
            centre=middle,
            cell_name="in",
            cell_width=wide,
            pixels=pixels,
            roomy=True,
        ),
        "→",
        _output_grid(state, name),
    ]
    return _view(state, name, parts.sizes(_sizes(state)), row_html(grids), *_arithmetic(state), *_verdict(state, name))


def spoken(state, name=None) -> str:
    """The same in a sentence, for a screen reader."""
    if not state.fits:
        return "The kernel does not fit into the padded input."
    i, j = state.at
    terms = " + ".join(
        f"{number(x)} times {number(w)}" for x, w in zip(state.patch.flat, state.kernel.flat, strict=True)
    )
    text = f"Output row {i}, column {j}: {terms} = {number(state.output[i, j])}."
    if state.yours is not None and state.at in state.wrong:
        text += f" {name} says {number(state.yours[i, j])}."
    return text


def _view(state, name, *shown):
    return Html(parts.view(f"Convolution explorer. {spoken(state, name)}", shown))


def _output_grid(state, name):
    shown = state.output if state.yours is None else state.yours
    truth = {cell: f"true {number(state.output[cell])}" for cell in state.wrong}
    whose = name if name and state.yours is not None else "the course's numbers" if name else ""
    return grid_html(
        shown,
        title=f"Output {_size(state.output)}" + (f" · {whose}" if whose else ""),
        lit={state.at},
        marked=state.wrong,
        notes=truth,
        centre=state.at,
        cell_name="out",
        cell_width=cell_width(shown),
        roomy=True,
    )


def _sizes(state):
    """The output's size for each side, or once for both, worked out: (text, result, what it counts)."""
    found = []
    p, s, d = state.padding, state.stride, state.dilation
    sides = [*zip(state.image.shape, state.kernel.shape, state.span, state.output_shape, strict=True)]
    axes = ["Each side"] if sides[0] == sides[1] else ["Height", "width"]
    for axis, (n, k, span, out) in zip(axes, sides, strict=False):
        count = f"{n} + 2·{p} − {span}" if p else f"{n} − {span}"
        count = f"({count}) / {s}" if s > 1 else count
        count = f"⌊{count}⌋" if (n + 2 * p - span) % s else count
        spread = f", spread over {d}·({k} − 1) + 1 = {span}" if d > 1 else ""
        found.append((f"{axis}: kernel {k}{spread}, so {count} + 1 = ", out, " places"))
    return found


def _does_not_fit(state):
    remedy = [
        "take a smaller kernel",
        "more padding" if state.padding < 3 else "",
        "less dilation" if state.dilation > 1 else "",
    ]
    words = ", ".join(filter(None, remedy[:-1])) + (f" or {remedy[-1]}" if remedy[-1] else "")
    text = (
        f"The kernel does not fit: it spans {state.span[0]} × {state.span[1]}, and the padded input is only "
        f"{_size(state.padded)}. There is no output to show: {words}."
    )
    grids = row_html(
        [
            grid_html(
                state.padded,
                title=f"Padded input {_size(state.padded)}",
                faint=state.border,
                pixels=grey_range(state.image),
            ),
            grid_html(state.dilated_kernel, title="Kernel"),
        ]
    )
    return parts.line("calm", text), grids


def _arithmetic(state):
    """Patch times kernel, the products, their sum; then every product in one line for each row of the kernel."""
    wide = cell_width(state.padded, state.kernel, state.kernel * np.abs(state.padded).max())
    i, j = state.at
    total = number(state.output[i, j])
    grids = row_html(
        [
            grid_html(
                state.patch,
                title="Patch",
                faint={(u, v) for u, row in enumerate(state.taps) for v, tap in enumerate(row) if tap in state.border},
                scale=np.abs(state.padded).max(),
                pixels=grey_range(state.image),
                cell_width=wide,
            ),
            "×",
            grid_html(state.kernel, title="Kernel", cell_width=wide),
            "=",
            grid_html(
                state.products,
                title="Products",
                scale=np.abs(state.padded).max() * np.abs(state.kernel).max(),
                cell_width=wide,
            ),
            parts.total(total),
        ]
    )
    lines = []
    for row_patch, row_kernel in zip(state.patch, state.kernel, strict=True):
        lines.append(" + ".join(f"{bracketed(x)}·{bracketed(w)}" for x, w in zip(row_patch, row_kernel, strict=True)))
    head = f"output[{i}, {j}] = "
    body = ("\n" + " " * (len(head) - 2) + "+ ").join(lines)
    return grids, parts.sums([(f"{head}{body} = ", total)])


def _verdict(state, name):
    if name is None:
        return []
    count, whose = state.output.size, "your function" if name == "your function" else f"your `{name}`"
    if state.yours is None:
        says = state.says.rstrip(". ") + "." if state.says else ""
        return [parts.line("calm", f"{says} Showing the course's own numbers until yours is written.".strip())]
    if not state.wrong:
        numbers = "its one number is" if count == 1 else f"all {count} numbers are"
        return [parts.line("good", f"The output comes from {whose}: {numbers} right by {DEFINITION}")]
    text = f"The output comes from {whose}: {len(state.wrong)} of {count} numbers differ from the true ones (✗) by "
    text += DEFINITION
    if state.at in state.wrong:
        text += f" Here the sum is {number(state.output[state.at])} and yours says {number(state.yours[state.at])}."
    return [parts.line("bad", text)]


def _size(array):
    return f"{array.shape[0]} × {array.shape[1]}"
