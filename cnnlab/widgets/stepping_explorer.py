"""An explorer that goes from one output to the next: by buttons, a slider, the arrow keys or the pointer."""

from cnnlab.widgets.controls import button, slider
from cnnlab.widgets.explorer import Explorer

STEPS = {"back": -1, "next": 1}


class SteppingExplorer(Explorer):
    """Its states have `output_shape` (rows, columns), (0, 0) where there is no output; `at`, the output in view;
    moved(at), and under(cell): the same at another output, or at the one that belongs to a cell of the input."""

    def __init__(self, *rows, first, hover=None, play=False):
        steps = {
            "back": button("◀", "one place back", wide="40px"),
            "next": button("▶", "one place on", wide="40px"),
            "step": slider("step", 1, 1, 1, words="40px", wide="260px"),
        }
        if play:
            steps["play"] = _play(steps["step"])
        super().__init__(*rows, [{name: control} for name, control in steps.items()], first=first, hover=hover)

    def move(self, i, j):
        """Look at output cell (i, j), or the nearest that there is."""
        self.state = self.state.moved((i, j))
        self.draw()

    def changed(self, name):
        """Go a step; subclasses take care of their own controls."""
        rows, columns = self.state.output_shape
        if rows:
            place = (self.value("step") - 1 + STEPS.get(name, 0)) % (rows * columns)
            self.state = self.state.moved(divmod(place, columns))

    def pointed(self, grid, place):
        if not all(self.state.output_shape):
            return
        if grid == "step":
            place = tuple(a + b for a, b in zip(self.state.at, place, strict=True))
        self.state = self.state.under(place) if grid == "in" else self.state.moved(place)

    def draw(self):
        (rows, columns), at = self.state.output_shape, self.state.at
        walks = [self.controls[name] for name in ("step", "play") if name in self.controls]
        with self.quietly():
            for control in walks:
                control.max, control.disabled = max(1, rows * columns), not rows
            self.controls["step"].value = at[0] * columns + at[1] + 1
        super().draw()


def _play(step):
    import ipywidgets as w

    play = w.Play(value=1, min=1, max=1, interval=700)
    w.jslink((play, "value"), (step, "value"))
    return play
