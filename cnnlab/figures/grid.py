"""Small grids of numbers as HTML: what the checks draw beside each other and the explorer is made of.

Nothing here needs a style sheet: colours are inline, cells bring their own text and background colour, everything
else takes the page's, so that the same table reads well in light and dark themes, in feedback pages and on GitHub.
"""

import numbers
from html import escape

import numpy as np

NEGATIVE, POSITIVE, PLAIN, INK = (104, 169, 232), (245, 158, 66), (255, 255, 255), "#161616"
LIT, MARKED, QUIET = "#9c3cf0", "#e53935", "rgba(128,128,128,.35)"

CELL = "padding:0 .3em;text-align:center;vertical-align:middle;line-height:1.05;"
NAME = "padding:0 .35em;border:0;background:transparent;font-weight:normal;text-align:center;font-size:85%;opacity:.75;"


class Html(str):
    """Text that is HTML already; shows itself as such in a notebook. Plain `str` gets escaped by `row_html`."""

    __slots__ = ()

    def _repr_html_(self):
        return str(self)


def number(value, digits=2) -> str:
    """One value as a person would write it: 3, −1, 0.25, 1.2e+06; whatever else it is, a few letters of it."""
    if value is None:
        return "·"
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, numbers.Integral):
        value = int(value)
        return _minus(str(value)) if abs(value) < 10**7 else _minus(f"{_float(value):.1e}")
    if isinstance(value, numbers.Real):
        value = float(value)
        if np.isnan(value):
            return "nan"
        if np.isinf(value):
            return "∞" if value > 0 else "−∞"
        if value == int(value) and abs(value) < 10**7:
            return _minus(str(int(value)))
        if not 10**-digits / 2 <= abs(value) < 10**5:
            return _minus(f"{value:.1e}")
        return _minus(f"{value:.{digits}f}")
    if isinstance(value, numbers.Complex):
        return f"{number(value.real, digits)}{'−' if value.imag < 0 else '+'}{number(abs(value.imag), digits)}j"
    text = _safe_text(value)
    return text if len(text) <= 8 else text[:7] + "…"


def colour(value, scale) -> str:
    """Blue below zero, white at zero, orange above, `scale` being the full colour; grey where there is no number."""
    value = _real(value)
    if value is None:
        return "rgb(214,214,214)"
    share = min(1.0, abs(value) / scale) ** 0.8 if scale and np.isfinite(scale) else 0.0
    end = POSITIVE if value > 0 else NEGATIVE
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(PLAIN, end, strict=True))
    return f"rgb({red},{green},{blue})"


def grey(value, low, high):
    """A pixel's colour, `low` nearly black, `high` nearly white, and the ink that is read on it (at least 4.5 : 1)."""
    value = _real(value)
    if value is None or not np.isfinite([value, low, high]).all():
        return colour(None, 0), INK
    share = min(max((value - low) / (high - low), 0.0), 1.0) if high > low else 1.0
    levels = [round(dark + (251 - dark) * share) for dark in (38, 41, 48)]
    return f"rgb({','.join(map(str, levels))})", "#000000" if levels[1] > 117 else "#ffffff"


def grid_html(
    values,
    *,
    title="",
    marked=frozenset(),
    lit=frozenset(),
    faint=frozenset(),
    notes=None,
    scale=None,
    pixels=None,
    row_names=None,
    col_names=None,
    max_size=12,
    centre=None,
    cell_name=None,
    cell_width="2em",
    roomy=False,
    digits=2,
) -> Html:
    """A 2-D array as an HTML table, one coloured cell for each number.

    values: (H, W), any dtype; a 1-D array is shown as one row, None as an empty cell.
    marked: cells (i, j) that are wrong (dashed red, ✗); lit: cells to look at (violet); faint: cells of less weight
    (padding); notes: {(i, j): a few letters under the number}. scale: the absolute value that gets the full colour;
    pixels=(low, high) makes them greys instead, as in a picture.
    Beyond `max_size` rows or columns the part around `centre` (else the first marked or lit cell) is shown, with its
    true indices and an … where it was cut. cell_name="out" gives each cell an attribute data-out="i,j"; cell_width is
    the least width; roomy=True keeps room for a note in every cell, so that rows do not change height.
    Raises ValueError for more than two dimensions.
    """
    values = _as_2d(values)
    height, width = values.shape
    text = escape(str(title), quote=True)
    caption, label = (f'<div style="{_CAPTION}">{text}</div>', f' aria-label="{text}"') if text else ("", "")
    if not values.size:
        return Html(f"<div>{caption}empty, shape {escape(str(values.shape))}</div>")
    centre = centre or min(marked, default=None) or min(lit, default=None) or (0, 0)
    rows, cols = _window(height, centre[0], max_size), _window(width, centre[1], max_size)
    cut_rows, cut_cols = len(rows) < height, len(cols) < width
    if scale is None:
        scale = max((abs(v) for v in map(_real, values.flat) if v is not None and np.isfinite(v)), default=0)

    def names(given, cut, count):
        if given is not None:
            return [str(name) for name in given]
        return [str(k) for k in range(count)] if cut else None

    row_labels, col_labels = names(row_names, cut_rows, height), names(col_names, cut_cols, width)
    dots = f'<td style="{NAME}">…</td>'
    before, after = dots * (cols[0] > 0), dots * (cols[-1] < width - 1)

    def cell(i, j):
        here = (i, j)
        border = f"2px solid {QUIET}" if here not in faint else f"2px dotted {QUIET}"
        border = f"2px dashed {MARKED}" if here in marked else border
        border = f"2px solid {LIT}" if here in lit else border
        text = escape(number(values[i, j], digits))
        text = f"<b>{text}</b>" if here in lit or here in marked else text
        text += ' <span title="differs">✗</span>' if here in marked else ""
        if notes and here in notes:
            text += f'<br><span style="font-size:72%">{escape(str(notes[here]))}</span>'
        back, ink = grey(values[i, j], *pixels) if pixels else (colour(values[i, j], scale), INK)
        if here in faint:
            back, ink = "transparent", "inherit"
        data = f' data-{escape(cell_name, quote=True)}="{i},{j}"' if cell_name else ""
        box = f"height:{2.6 if roomy else 2}em;min-width:{cell_width};border:{border};"
        box += f"box-shadow:0 0 0 1px {LIT};" if here in lit else ""
        style = f"{CELL}{box}color:{ink};background-color:{back}"
        return f'<td{data} style="{style}">{text}</td>'

    lines = []
    if col_labels:
        corner = f'<td style="{NAME}"></td>' if row_labels else ""
        heads = "".join(f'<th scope="col" style="{NAME}">{escape(col_labels[j])}</th>' for j in cols)
        lines.append(corner + (f'<td style="{NAME}"></td>' if before else "") + heads)
    span = len(cols) + bool(before) + bool(after)
    cut_line = (f'<td style="{NAME}"></td>' if row_labels else "") + f'<td colspan="{span}" style="{NAME}">⋮</td>'
    if rows[0] > 0:
        lines.append(cut_line)
    for i in rows:
        head = f'<th scope="row" style="{NAME}">{escape(row_labels[i])}</th>' if row_labels else ""
        lines.append(head + before + "".join(cell(i, j) for j in cols) + after)
    if rows[-1] < height - 1:
        lines.append(cut_line)
    body = "".join(f'<tr style="background:transparent">{line}</tr>' for line in lines)
    return Html(f'<div>{caption}<table{label} style="{_TABLE}"><tbody>{body}</tbody></table></div>')


def row_html(parts) -> Html:
    """Grids side by side, wrapping where the page is narrow. `Html` goes in as it is, any other text is escaped."""
    block = "display:inline-block;vertical-align:middle;margin:.3em .6em .3em 0;"
    cells = (
        part if isinstance(part, Html) else f'<span style="font-size:120%">{escape(str(part))}</span>' for part in parts
    )
    return Html("<div>" + "".join(f'<div style="{block}">{cell}</div>' for cell in cells) + "</div>")


_TABLE = "border-collapse:separate;border-spacing:1px;border:0;margin:0;width:auto;font-size:13px;color:inherit;"
_CAPTION = "color:inherit;font-size:13px;padding:0 0 .2em 0;font-weight:bold;white-space:nowrap;"


def _as_2d(values):
    try:
        values = np.asarray(values)
    except ValueError:  # rows of different lengths
        values = np.array([str(row) for row in values], dtype=object)[:, None]
    if values.ndim > 2:
        raise ValueError(f"grid_html draws 2-D arrays; this one has shape {values.shape}. Pick one plane: values[0].")
    return values if values.ndim == 2 else values.reshape(1, -1)


def _window(size, centre, most):
    """The indices that are shown: all, or `most` of them around `centre`."""
    if size <= most:
        return range(size)
    start = min(max(int(centre) - most // 2, 0), size - most)
    return range(start, start + most)


def _real(value):
    """The value as a float, or None where it is not one real number."""
    value = _float(value) if isinstance(value, numbers.Real) else None
    return None if value is None or np.isnan(value) else value


def _float(value):
    try:
        return float(value)
    except OverflowError:  # an int beyond any float
        return float("inf") if value > 0 else float("-inf")


def _safe_text(value):
    try:
        return str(value)
    except Exception:
        return type(value).__name__


def _minus(text):
    return text.replace("-", "−")
