"""The rates explorer: what a stack of dilated layers sees, and which pixels it steps over."""

import math

import numpy as np

from cnnlab.check.grid import row_html
from cnnlab.markup import macros
from cnnlab.widgets.controls import menu, slider
from cnnlab.widgets.explorer import Explorer, given_up
from cnnlab.widgets.rates import SCHEDULES, Rates, asked

OWN, YOURS = "rates from the sliders", "yours: dilation_schedule(layers, field)"
LAYERS = 4
LARGEST_SQUARE = 41  # pixels a side that are drawn one by one

parts, drawings = macros("explorer"), macros("rates")


def explore_rates(dilation_schedule=None, *, hover=None):
    """Stack dilated 3×3 layers and see which pixels one output uses; point at a pixel to count the ways to it.

    dilation_schedule: yours, (depth, field), ints -> list of ints, the rates; then "yours" is on the menu.
    hover: False for sliders only. Returns a RatesExplorer.
    """
    return RatesExplorer(dilation_schedule, hover)


class RatesExplorer(Explorer):
    """What `explore_rates` returns; `state` is a Rates, None where there is none to show."""

    title = "Rates explorer"

    def __init__(self, function, hover):
        self.function = function
        options = [*([YOURS] if function is not None else []), *SCHEDULES, OWN]
        first = {"schedule": menu("schedule", options, options[0])}
        if function is not None:
            first |= {"depth": slider("layers", 3, 1, LAYERS), "field": slider("field", 20, 1, 81)}
        last = {f"rate {k}": slider(f"layer {k}", (1, 2, 4, 0)[k - 1], int(k == 1), 12) for k in range(1, LAYERS + 1)}
        self.says, self._unanswered = None, ""
        super().__init__([first, last], first="schedule", hover=hover)

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
        if self._unanswered:
            self.says = ("calm", self._unanswered)
            return None
        rates, says, how = asked(self.function, self.value("depth"), self.value("field"))
        self.says = ("calm" if how == "endless" else how, says)
        if how == "endless":
            self._unanswered = given_up(says)
        return rates

    def pointed(self, grid, place):
        if self.state is None:
            return
        if grid == "step":
            place = tuple(a + b for a, b in zip(self.state.at, place, strict=True))
        self.state = self.state.looking(place)

    def html(self):
        shown = [parts.line(*self.says)] if self.says else []
        if self.state is not None:
            square = [_square(self.state)] if self.state.field <= LARGEST_SQUARE else []
            shown += [parts.line(*_told(self.state)), row_html([_tree(self.state), *square])]
            shown.append(parts.line("see", _here(self.state)))
        return parts.view(repr(self), shown)

    def spoken(self):
        said = [self.says[1]] if self.says else []
        return " ".join(said + ([_told(self.state)[1], _here(self.state)] if self.state else []))


def _told(state):
    """How much of the field is used: (kind of line, text)."""
    rates = ", ".join(map(str, state.rates))
    field, used = state.field, state.used
    if used == field:
        return "good", f"Rates {rates}: a field of {field} pixels, every one used; {field**2} in a picture."
    text = f"Rates {rates}: of a field of {field} pixels {used} are used; in a picture {used**2} of {field**2}."
    return "gaps", text


def _here(state):
    i, j = state.at
    count = {0: "no way: it is never used", 1: "1 way"}.get(state.here, f"{state.here} ways")
    down = f"{abs(i)} {'up' if i < 0 else 'down'}" if i else ""
    across = f"{abs(j)} to the {'left' if j < 0 else 'right'}" if j else ""
    where = f"The pixel {' and '.join(filter(None, (down, across)))}" if i or j else "The pixel in the middle"
    return f"{where} reaches the output in {count}."


def _tree(state):
    """One row: the taps from the output at the top down to the pixels, as an SVG."""
    step, gap, top = max(5.0, min(18.0, 420 / state.field)), 34, 8

    def x(place):
        return round((place + state.reach + 1) * step, 1)

    taps, places = [], {0}
    for level, rate in enumerate(reversed(state.rates)):
        y = top + level * gap
        pairs = [(place, place + tap) for place in sorted(places) for tap in (-rate, 0, rate)]
        taps += [(x(place), y, x(below), y + gap) for place, below in pairs]
        places = {below for _, below in pairs}

    def use(place):
        if place not in places:
            return "unused"
        return "looked at" if place == state.at[1] else "used"

    return drawings.tree(
        label=_told(state)[1],
        width=round(step * (state.field + 1)),
        height=top + len(state.rates) * gap + 10,
        output=x(0),
        taps=taps,
        pixels=[(x(place), place, use(place)) for place in range(-state.reach, state.reach + 1)],
        radius=round(min(5.0, step * 0.42), 1),
    )


def _square(state):
    """The field in a picture: darker where more ways lead, hollow where none does."""
    cell, reach = max(5, min(14, 240 // state.field)), state.reach
    counts = np.outer(state.ways, state.ways)
    strength = np.log1p(counts) / math.log1p(counts.max())
    opacity = np.where(counts > 0, 0.25 + 0.75 * strength, 0)
    return drawings.square(
        label=f"{state.used**2} of {state.field**2} pixels used",
        cell=cell,
        side=state.field * cell + 2,
        reach=reach,
        cells=[(i - reach, j - reach, f"{share:.2f}") for (i, j), share in np.ndenumerate(opacity)],
        here=state.at,
    )
