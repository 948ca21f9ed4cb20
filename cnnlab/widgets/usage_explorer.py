"""The usage explorer: which pixels an output reads, and how often each pixel is read."""

import numpy as np

from cnnlab.check.grid import grid_html, row_html
from cnnlab.markup import macros
from cnnlab.widgets.cells import border_cells, cells_where
from cnnlab.widgets.controls import slider
from cnnlab.widgets.explorer import Explorer
from cnnlab.widgets.usage import Usage

parts = macros("explorer")

SLIDERS = {
    "size": ("input size", 6, 2, 10),
    "kernel": ("kernel size", 3, 1, 5),
    "padding": ("padding", 0, 0, 3),
    "stride": ("stride", 1, 1, 5),
    "dilation": ("dilation", 1, 1, 3),
}


def explore_usage(*, size=6, kernel=3, padding=0, stride=1, dilation=1, hover=None):
    """See how often each pixel is read; point at an output to see what it reads, at a pixel to see who reads it.

    All ints, to start from. hover: False for sliders only. Returns a UsageExplorer. Raises ValueError for a setting
    beyond its slider.
    """
    settings = {"size": size, "kernel": kernel, "padding": padding, "stride": stride, "dilation": dilation}
    for name, value in settings.items():
        _, _, least, most = SLIDERS[name]
        if not isinstance(value, (int, np.integer)) or not least <= value <= most:
            raise ValueError(f"{name} is a whole number from {least} to {most}, not {value!r}.")
    return UsageExplorer(settings, hover)


class UsageExplorer(Explorer):
    """What `explore_usage` returns; `state` is a Usage."""

    title = "Usage explorer"

    def __init__(self, settings, hover):
        made = {name: slider(text, int(settings[name]), a, b) for name, (text, _, a, b) in SLIDERS.items()}
        first = {name: made[name] for name in ("size", "kernel")}
        last = {name: made[name] for name in ("padding", "stride", "dilation")}
        super().__init__([first | {"step": slider("output", 1, 1, 1)}, last], first="size", hover=hover)

    def changed(self, name):
        if name == "step":
            self.state = self.state.looking("out", divmod(self.value("step") - 1, max(self.state.side, 1)))
            return
        before = self.state or Usage()
        self.state = Usage(**{key: self.value(key) for key in SLIDERS}).looking(before.grid, before.at)

    def pointed(self, grid, place):
        if grid == "step":
            at = self.state.at if self.state.grid == "out" else (0, 0)
            grid, place = "out", (at[0] + place[0], at[1] + place[1])
        self.state = self.state.looking(grid, place)

    def draw(self):
        state, step = self.state, self.controls["step"]
        with self.quietly():
            step.max = max(state.side**2, 1)
            if state.grid == "out":
                step.value = state.at[0] * state.side + state.at[1] + 1
        super().draw()

    def html(self):
        state, p = self.state, self.state.padding
        values = np.full((state.wide, state.wide), None, dtype=object)
        values[p : p + state.size, p : p + state.size] = state.counts
        unread = cells_where(np.pad(state.counts == 0, p))
        grids = [
            grid_html(
                values,
                title="Input: how many outputs read each pixel",
                lit=state.read,
                faint=border_cells(values.shape, p),
                scale=state.kernel**2,
                cell_name="in",
                max_size=16,
                notes=dict.fromkeys(unread, "unread"),
                cell_width="2.6em" if unread else "2em",
            )
        ]
        if state.side:
            title = f"Output {state.side} × {state.side}: how many pixels each reads"
            grids += [
                "→",
                grid_html(state.seen, title=title, lit=state.readers, cell_name="out", scale=state.kernel**2),
            ]
        return parts.view(repr(self), [parts.sizes([_size(state)]), row_html(grids), parts.line("see", self.spoken())])

    def spoken(self):
        state = self.state
        if not state.side:
            return "The kernel does not fit: there is no output, and no pixel is read."
        i, j = state.at
        unread = int(np.sum(state.counts == 0))
        tail = f" {unread} of {state.size**2} pixels are read by nobody." if unread else " Every pixel is read."
        if state.grid == "out":
            zeros = len(state.read) - int(state.seen[i, j])
            also = f" and {_count(zeros, 'zero')} of the padding" if zeros else ""
            return f"Output row {i}, column {j} reads {_count(int(state.seen[i, j]), 'pixel')}{also}.{tail}"
        if not (state.inside(i) and state.inside(j)):
            return f"A zero of the padding, read by {_count(len(state.readers), 'output')}.{tail}"
        where = f"row {i - state.padding}, column {j - state.padding}"
        return f"The pixel in {where} is read by {_count(len(state.readers), 'output')}.{tail}"


def _count(count, what):
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _size(state):
    """The output's side, worked out: (text, result, what it counts)."""
    p, s, d, k = state.padding, state.stride, state.dilation, state.kernel
    covers = d * (k - 1) + 1
    spread = f" (spread over {d}·({k} − 1) + 1 = {covers})" if d > 1 else ""
    row = f"{state.size} + 2·{p}" if p else f"{state.size}"
    if not state.side:
        return f"Each side: {row} pixels, and the kernel covers {covers}.", "", ""
    way = f"⌊({row} − {covers}) / {s}⌋" if s > 1 else f"{row} − {covers}"
    return f"Each side: kernel {k}{spread}, so {way} + 1 = ", state.side, " stops"
