"""The convolution explorer's picture: a state in, one piece of HTML out."""

from html import escape

import numpy as np

from cnnlab.figures.grid import Html, grid_html, number, row_html

ROOT = "color:var(--jp-content-font-color1,inherit);font-size:13px;line-height:1.45;padding:.2em 0;"
NOTE = "margin:.1em 0 .3em 0;"
SUMS = "font-family:var(--jp-code-font-family,monospace);white-space:pre-wrap;margin:.3em 0;"
GOOD, BAD, CALM = "#2e9d55", "#e53935", "#3b82c4"


def convolution_view(state, name=None) -> Html:
    """The whole picture. name: what the learner's function is called, None where the course's own numbers are shown."""
    if not state.fits:
        return _root(state, _settings(state), _does_not_fit(state))
    wide, pixels = f"{_widest(state.padded)}em", _pixels(state)
    taps = [tap for row in state.taps for tap in row]
    weights = {tap: f"×{_bracket(w)}" for tap, w in zip(taps, state.kernel.flat, strict=True)}
    inside = np.zeros(state.padded.shape, bool)
    p = state.padding
    inside[p : p + state.image.shape[0], p : p + state.image.shape[1]] = True
    middle = taps[len(taps) // 2]
    grids = []
    if state.padding:
        grids.append(
            grid_html(
                state.image,
                title=f"Input {_size(state.image)}",
                lit={(i - p, j - p) for i, j in taps if inside[i, j]},
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
            faint={tuple(map(int, cell)) for cell in np.argwhere(~inside)},
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
    return _root(state, _settings(state), row_html(grids), _arithmetic(state), _verdict(state, name))


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


def _root(state, *parts):
    label = escape(f"Convolution explorer. {spoken(state)}", quote=True)
    return Html(f'<div role="group" aria-label="{label}" style="{ROOT}">{"".join(parts)}</div>')


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
        cell_width=f"{_widest(shown)}em",
        roomy=True,
    )


def _settings(state):
    """The output's size, worked out."""
    sizes = []
    p, s, d = state.padding, state.stride, state.dilation
    square = len({*zip(state.image.shape, state.kernel.shape, strict=True)}) == 1
    for side, (n, k, span, out) in enumerate(
        zip(state.image.shape, state.kernel.shape, state.span, state.output_shape, strict=True)
    ):
        axis = "each side" if square else ("height", "width")[side]
        count = f"{n} + 2·{p} − {span}" if p else f"{n} − {span}"
        count = f"({count}) / {s}" if s > 1 else count
        count = f"⌊{count}⌋" if (n + 2 * p - span) % s else count
        span_text = f", spread over {d}·({k} − 1) + 1 = {span}" if d > 1 else ""
        sizes.append(f"{axis}: kernel {k}{span_text}, so {count} + 1 = <b>{out}</b> places" if out else "")
        if square:
            break
    text = " · ".join(filter(None, sizes))
    return f'<div style="{NOTE}opacity:.85">{text[:1].upper() + text[1:]}</div>' if text else ""


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
            grid_html(state.padded, title=f"Padded input {_size(state.padded)}", pixels=_pixels(state)),
            grid_html(state.dilated_kernel, title="Kernel"),
        ]
    )
    return f"{_line(CALM, '○', text)}{grids}"


def _arithmetic(state):
    """Patch times kernel, the products, their sum; then every product in one line for each row of the kernel."""
    wide = f"{_widest(state.padded, state.kernel, state.kernel * np.abs(state.padded).max())}em"
    i, j = state.at
    total = f'<span style="font-size:125%;font-weight:bold">{number(state.output[i, j])}</span>'
    grids = row_html(
        [
            grid_html(
                state.patch, title="Patch", scale=np.abs(state.padded).max(), pixels=_pixels(state), cell_width=wide
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
            Html(f"sum = {total}"),
        ]
    )
    lines = []
    for row_patch, row_kernel in zip(state.patch, state.kernel, strict=True):
        lines.append(" + ".join(f"{_bracket(x)}·{_bracket(w)}" for x, w in zip(row_patch, row_kernel, strict=True)))
    head = f"output[{i}, {j}] = "
    body = ("\n" + " " * (len(head) - 2) + "+ ").join(lines)
    return f'{grids}<div style="{SUMS}">{escape(head + body)} = <b>{number(state.output[i, j])}</b></div>'


def _verdict(state, name):
    if name is None:
        return ""
    count, whose = state.output.size, "your function" if name == "your function" else f"your `{name}`"
    if state.yours is None:
        says = state.says.rstrip(". ") + "." if state.says else ""
        return _line(CALM, "○", f"{says} Showing the course's own numbers until yours is written.".strip())
    if not state.wrong:
        numbers = "its one number is" if count == 1 else f"all {count} numbers are"
        return _line(GOOD, "✓", f"The output comes from {whose}: {numbers} right.")
    text = f"The output comes from {whose}: {len(state.wrong)} of {count} numbers differ from the true ones (✗)."
    if state.at in state.wrong:
        text += f" Here the sum is {number(state.output[state.at])} and yours says {number(state.yours[state.at])}."
    return _line(BAD, "✗", text)


def _line(colour, sign, text):
    pieces = escape(text).split("`")  # what stands between back ticks is code
    html = "".join(f"<code>{piece}</code>" if k % 2 else piece for k, piece in enumerate(pieces))
    style = f"{NOTE}border-left:4px solid {colour};padding:.1em .6em;"
    return f'<div style="{style}">{sign} {html}</div>'


def _bracket(value):
    text = number(value)
    return f"({text})" if text.startswith("−") else text


def _pixels(state):
    """Dark to bright for a picture; None, for blue and orange, where there are values below zero."""
    return (0, state.image.max()) if state.image.min() >= 0 else None


def _size(array):
    return f"{array.shape[0]} × {array.shape[1]}"


def _widest(*arrays):
    """A width in em that holds each number, so that nothing jumps when the kernel moves."""
    longest = max((len(number(v)) for array in arrays for v in array.flat), default=1)
    return max(2.0, round(0.62 * longest + 0.4, 1))
