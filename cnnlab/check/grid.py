"""Small grids of numbers as HTML: what the checks draw beside each other and the explorer is made of.

Nothing here needs a style sheet: colours are inline, cells bring their own text and background colour, everything
else takes the page's, so that the same table reads well in light and dark themes, in feedback pages and on GitHub.
"""

import numbers

import numpy as np

from cnnlab.markup import Html, render

NEGATIVE, POSITIVE, PLAIN, INK = (104, 169, 232), (245, 158, 66), (255, 255, 255), "#161616"
LIT, MARKED, QUIET = "#9c3cf0", "#e53935", "rgba(128,128,128,.35)"
HATCHED = f"repeating-linear-gradient(135deg,transparent 0 4px,{QUIET} 4px 5px)"


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


def bracketed(value) -> str:
    """The number as `number` writes it, in brackets where it begins with a minus: a factor in a product."""
    text = number(value)
    return f"({text})" if text.startswith("−") else text


def cell_width(*arrays, least=2.0) -> str:
    """A `cell_width` that holds every number of the arrays, so that nothing jumps when the numbers change."""
    longest = max((len(number(value)) for array in arrays for value in array.flat), default=1)
    return f"{max(least, round(0.62 * longest + 0.4, 1))}em"


def grey_range(image):
    """`pixels` of a picture, (0, its largest number); None, for blue and orange, where numbers are below zero."""
    return (0, image.max()) if image.min() >= 0 else None


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
    marked: cells (i, j) that are wrong (dashed red, ✗); lit: cells to look at (violet); faint: cells that are no part
    of the picture (padding), hatched; notes: {(i, j): a few letters under the number}. scale: the absolute value that
    gets the full colour; pixels=(low, high) makes them greys instead, as in a picture.
    Beyond `max_size` rows or columns the part around `centre` (else the first marked or lit cell) is shown, with its
    true indices and an … where it was cut. cell_name="out" gives each cell an attribute data-out="i,j"; cell_width is
    the least width; roomy=True keeps room for a note in every cell, so that rows do not change height.
    Raises ValueError for more than two dimensions.
    """
    values = _as_2d(values)
    height, width = values.shape
    centre = centre or min(marked, default=None) or min(lit, default=None) or (0, 0)
    rows, columns = _window(height, centre[0], max_size), _window(width, centre[1], max_size)
    if scale is None:
        scale = max((abs(v) for v in map(_real, values.flat) if v is not None and np.isfinite(v)), default=0)
    notes = notes or {}

    def cell(i, j):
        here = (i, j)
        back, ink = grey(values[i, j], *pixels) if pixels else (colour(values[i, j], scale), INK)
        if here in faint:
            back, ink = f"transparent;background-image:{HATCHED}", "inherit"
        border = f"2px solid {QUIET}" if here not in faint else f"2px dotted {QUIET}"
        border = f"2px dashed {MARKED}" if here in marked else border
        border = f"2px solid {LIT};box-shadow:0 0 0 1px {LIT}" if here in lit else border
        look = Html(f"border:{border};color:{ink};background-color:{back}")
        wrong = here in marked
        return j, number(values[i, j], digits), look, wrong or here in lit, wrong, notes.get(here)

    return render(
        "grid",
        title=title,
        shape=values.shape,
        rows=[(i, [cell(i, j) for j in columns]) for i in rows] if values.size else [],
        columns=columns,
        row_names=_names(row_names, rows, height),
        col_names=_names(col_names, columns, width),
        cut_top=rows and rows[0] > 0,
        cut_bottom=rows and rows[-1] < height - 1,
        cut_left=bool(columns) and columns[0] > 0,
        cut_right=bool(columns) and columns[-1] < width - 1,
        cell_name=cell_name,
        cell_width=cell_width,
        high=2.6 if roomy else 2,
    )


def row_html(parts) -> Html:
    """Grids side by side, wrapping where the page is narrow. `Html` goes in as it is, any other text is escaped."""
    return render("row", parts=parts)


def _names(given, shown, count):
    """Names of all rows or columns; where some are cut off and none were given, their numbers; else None."""
    if given is not None:
        return list(given)
    return range(count) if len(shown) < count else None


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
