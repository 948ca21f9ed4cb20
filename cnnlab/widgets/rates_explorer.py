"""The rates explorer: what a stack of dilated layers sees, and which pixels it steps over."""

import math
from html import escape

from cnnlab.figures.grid import Html, row_html
from cnnlab.widgets.convolution_view import BAD, CALM, GOOD, ROOT, _line
from cnnlab.widgets.rates import SCHEDULES, Rates, asked
from cnnlab.widgets.sliders import SliderExplorer, menu, slider

OWN, YOURS = "rates from the sliders", "yours: dilation_schedule(layers, field)"
LAYERS = 4
BLUE, RED, LIT = "#3b82c4", "#e53935", "#9c3cf0"
LARGEST_SQUARE = 41  # pixels a side that are drawn one by one


def explore_rates(dilation_schedule=None, *, hover=None):
    """Stack dilated 3×3 layers and see which pixels one output uses; point at a pixel to count the ways to it.

    dilation_schedule: yours, (depth, field) -> list of rates; then "yours" is on the menu.
    hover: False for sliders only.
    """
    return RatesExplorer(dilation_schedule, hover)


class RatesExplorer(SliderExplorer):
    """What `explore_rates` returns. `state` has the numbers."""

    title = "Rates explorer"

    def __init__(self, function, hover):
        self.function = function
        options = [*([YOURS] if function is not None else []), *SCHEDULES, OWN]
        first = {"schedule": menu("schedule", options, options[0])}
        if function is not None:
            first |= {"depth": slider("layers", 3, 1, LAYERS), "field": slider("field", 20, 1, 81)}
        last = {f"rate {k}": slider(f"layer {k}", (1, 2, 4, 0)[k - 1], int(k == 1), 12) for k in range(1, LAYERS + 1)}
        super().__init__([first, last], hover)
        self.state, self.says = Rates(), None
        self._given_up = ""
        self.changed("schedule")
        self.draw()

    def changed(self, name):
        if name.startswith("rate"):
            self.set(schedule=OWN)
        elif name in ("depth", "field"):
            self.set(schedule=YOURS)
        schedule, at = self.value("schedule"), self.state.at if self.state else (0, 0)
        self.says, rates = None, SCHEDULES.get(schedule)
        if schedule == YOURS:
            rates = self._ask()
        elif schedule == OWN:
            rates = tuple(self.value(f"rate {k}") for k in range(1, LAYERS + 1) if self.value(f"rate {k}"))
        self.state = None if rates is None else Rates(rates).looking(at)
        if schedule in SCHEDULES:
            self.set(**{f"rate {k}": rates[k - 1] if k <= len(rates) else 0 for k in range(1, LAYERS + 1)})

    def _ask(self):
        if self._given_up:
            self.says = (self._given_up, "calm")
            return None
        rates, says, how = asked(self.function, self.value("depth"), self.value("field"))
        self.says = (says, how)
        if how == "endless":
            self._given_up = f"{says} Run this cell again when it is mended."
        return rates

    def pointed(self, grid, place):
        if self.state is None:
            return
        if grid == "step":
            place = tuple(a + b for a, b in zip(self.state.at, place, strict=True))
        self.state = self.state.looking(place)

    def html(self):
        parts = [_line(*_sign(self.says))] if self.says else []
        if self.state is not None:
            square = [_square(self.state)] if self.state.field <= LARGEST_SQUARE else []
            parts += [_line(*_told(self.state)), row_html([Html(_tree(self.state)), *map(Html, square)])]
            parts.append(_line(CALM, "→", _here(self.state)))
        label = escape(repr(self), quote=True)
        return Html(f'<div role="group" aria-label="{label}" style="{ROOT}">{"".join(parts)}</div>')

    def spoken(self):
        said = [self.says[0]] if self.says else []
        return " ".join(said + ([_told(self.state)[2], _here(self.state)] if self.state else []))


def _sign(says):
    words, how = says
    return {"good": (GOOD, "✓", words), "bad": (BAD, "✗", words)}.get(how, (CALM, "○", words))


def _told(state):
    rates = ", ".join(map(str, state.rates))
    field, used = state.field, state.used
    if used == field:
        return GOOD, "✓", f"Rates {rates}: a field of {field} pixels, every one used; {field**2} in a picture."
    return (
        BAD,
        "○",
        f"Rates {rates}: of a field of {field} pixels {used} are used; in a picture {used**2} of {field**2}.",
    )


def _here(state):
    i, j = state.at
    count = {0: "no way: it is never used", 1: "1 way"}.get(state.here, f"{state.here} ways")
    down = f"{abs(i)} {'up' if i < 0 else 'down'}" if i else ""
    across = f"{abs(j)} to the {'left' if j < 0 else 'right'}" if j else ""
    where = f"The pixel {' and '.join(filter(None, (down, across)))}" if i or j else "The pixel in the middle"
    return f"{where} reaches the output in {count}."


def _tree(state):
    """One row: the taps from the output at the top down to the pixels, as an SVG."""
    step = max(5.0, min(18.0, 420 / state.field))
    width, deep, gap = step * (state.field + 1), len(state.rates), 34

    def x(place):
        return round((place + state.reach + 1) * step, 1)

    marks, places = [], {0}
    for level, rate in enumerate(reversed(state.rates)):
        top, bottom = 8 + level * gap, 8 + (level + 1) * gap
        for place in sorted(places):
            for tap in (-rate, 0, rate):
                marks.append(f'<path d="M{x(place)} {top}L{x(place + tap)} {bottom}"/>')
        places = {place + tap for place in places for tap in (-rate, 0, rate)}
    foot, size = 8 + deep * gap, round(min(5.0, step * 0.42), 1)
    dots = [f'<circle cx="{x(0)}" cy="8" r="5" fill="currentColor"/>']
    for place in range(-state.reach, state.reach + 1):
        look = f'fill="{BLUE}"' if place in places else f'fill="none" stroke="{RED}" stroke-width="1.3"'
        look = f'fill="{LIT}"' if place == state.at[1] and place in places else look
        dots.append(f'<circle cx="{x(place)}" cy="{foot}" r="{size}" {look} data-in="0,{place}"/>')
    text = f"{width:.0f} {foot + 10}"
    lines = f'<g stroke="{BLUE}" stroke-opacity=".5" fill="none">{"".join(marks)}</g>'
    return (
        f'<div><b>One row</b><br><svg role="img" aria-label="{_told(state)[2]}" viewBox="0 0 {text}" '
        f'width="{width:.0f}" height="{foot + 10}" style="max-width:100%">{lines}{"".join(dots)}</svg></div>'
    )


def _square(state):
    """The field in a picture: darker where more ways lead, hollow where none does."""
    cell = max(5, min(14, 240 // state.field))
    most = math.log1p(float(state.ways.max()) ** 2)
    rects = []
    for i, down in enumerate(state.ways):
        for j, across in enumerate(state.ways):
            count = int(down * across)
            fill = f'fill-opacity="{0.25 + 0.75 * math.log1p(count) / most:.2f}"' if count else 'fill-opacity="0"'
            here = (i - state.reach, j - state.reach)
            lit = f' stroke="{LIT}" stroke-width="2"' if here == state.at else ""
            rects.append(
                f'<rect x="{j * cell + 1}" y="{i * cell + 1}" width="{cell - 1}" height="{cell - 1}" {fill}{lit} '
                f'data-in="{here[0]},{here[1]}"/>'
            )
    side = state.field * cell + 2
    return (
        f'<div><b>In a picture</b><br><svg role="img" aria-label="{state.used**2} of {state.field**2} pixels used" '
        f'width="{side}" height="{side}" fill="{BLUE}" pointer-events="all" '
        f'style="border:1px solid rgba(128,128,128,.5)">{"".join(rects)}</svg></div>'
    )
