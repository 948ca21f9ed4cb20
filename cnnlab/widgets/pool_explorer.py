"""The pooling explorer: a map, a way to make it smaller, and what a move by a few pixels changes."""

from dataclasses import replace

import numpy as np

from cnnlab.check.subject import name_of
from cnnlab.widgets.hover import hover_available, hover_view
from cnnlab.widgets.pooling import MAPS, Pooling, asked
from cnnlab.widgets.pooling_view import pooling_view, spoken

GIVEN = "as given"
CHOICES = {"max": "max", "mean": "mean", "convolution": "convolution with a stride"}
SLIDERS = {
    "kernel": ("window", 1, 4, 2),
    "stride": ("stride", 1, 4, 2),
    "shift": ("move by", 0, 4, 1),
}


def explore_pooling(max_pool2d=None, avg_pool2d=None, image=None, *, hover=None):
    """Pool a small map, move it to the right, see which numbers change; point at a cell, use the arrow keys, or step.

    max_pool2d, avg_pool2d: yours, `function(x (N, C, H, W), kernel, stride)`. The outputs then show their numbers, and
    mark those that are wrong. Without them, or while they are not written, the numbers are the course's own.
    image: a map of your own to start from, 2-D, at least 4 × 5. hover: False for sliders only.
    Raises ValueError for an image that is not such a map.
    """
    given = {} if image is None else {GIVEN: _map(image)}
    return PoolingExplorer(
        {"max": max_pool2d, "mean": avg_pool2d}, given, hover_available() if hover is None else hover
    )


class PoolingExplorer:
    """What `explore_pooling` returns; shows itself. `state` has the numbers, `controls` menus and sliders by name."""

    def __init__(self, functions, given, hover):
        import ipywidgets as w

        self.functions = functions
        self.state = None
        self._given_up = {}  # the sentence about a function that never came back
        self._quiet = False  # controls are being set, not moved by a person
        self._maps = {name: (lambda array=array: array) for name, array in given.items()} | MAPS
        self.controls = _controls(list(self._maps))
        self.view = hover_view(self._point) if hover else w.HTML()
        self.widget = _lay_out(self.controls, self.view)
        for name, control in self.controls.items():
            if name in ("back", "next"):
                control.on_click(lambda _, by=-1 if name == "back" else 1: self._step(by))
            else:
                control.observe(lambda change, name=name: self._changed(name), names="value")
        self._changed("map")

    @property
    def name(self):
        """What the learner's function for the way in view is called; None where there is none."""
        function = self.functions.get(self.state.way if self.state else "max")
        return None if function is None else name_of(function)

    def move(self, i, j):
        """Look at output cell (i, j)."""
        self._show(self.state.went_to((i, j)))

    def _ipython_display_(self):
        from IPython.display import display

        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        still = f"<div>{pooling_view(self.state, self.name)}<p><i>Run this cell to move the map.</i></p></div>"
        data = {"text/plain": repr(self), "text/html": still}
        display(data | {"application/vnd.jupyter.widget-view+json": view}, raw=True)

    def __repr__(self):
        return f"Pooling explorer. {spoken(self.state)}"

    def _changed(self, name):
        """A control moved: make the state anew, asking the learner's function where its numbers may be others."""
        if self._quiet:
            return
        value = {key: control.value for key, control in self.controls.items() if hasattr(control, "value")}
        if name == "step":
            self.move(*divmod(value["step"] - 1, self.state.output_shape[1]))
            return
        settings = {key: value[key] for key in ("way", *SLIDERS)}
        state = Pooling(self._maps[value["map"]](), **settings)
        state = state.went_to(self.state.at if self.state else (0, 0))
        if state.way in self._given_up:
            state = replace(state, says=self._given_up[state.way])
        else:
            state, endless = asked(state, self.functions)
            if endless:
                self._given_up[state.way] = f"{state.says.rstrip('.')}. Run this cell again when it is mended."
        self._show(state)

    def _show(self, state):
        self.state = state
        rows, columns = state.output_shape
        self._quiet = True
        self.controls["step"].max = rows * columns
        self.controls["step"].value = state.at[0] * columns + state.at[1] + 1
        self._quiet = False
        html = str(pooling_view(state, self.name))
        if hasattr(self.view, "spoken"):
            self.view.spoken = spoken(state)
            self.view.html = html
        else:
            self.view.value = html

    def _step(self, by):
        rows, columns = self.state.output_shape
        self.move(*divmod((self.controls["step"].value - 1 + by) % (rows * columns), columns))

    def _point(self, grid, place):
        if len(place) != 2 or not all(isinstance(k, int) for k in place):
            return
        if grid == "step":
            place = [a + b for a, b in zip(self.state.at, place, strict=True)]
        state = self.state.over(place) if grid == "in" else self.state.went_to(place)
        if state.at != self.state.at:
            self._show(state)


def _controls(maps):
    import ipywidgets as w

    style, wide, narrow = {"description_width": "90px"}, w.Layout(width="300px"), w.Layout(width="40px")
    ways = [(words, way) for way, words in CHOICES.items()]
    controls = {
        "map": w.Dropdown(options=maps, value=maps[0], description="map", style=style, layout=wide),
        "way": w.Dropdown(options=ways, value="max", description="take", style=style, layout=wide),
    }
    for name, (text, least, most, start) in SLIDERS.items():
        controls[name] = w.IntSlider(
            value=start, min=least, max=most, description=text, style=style, layout=wide, continuous_update=True
        )
    controls["back"] = w.Button(description="◀", tooltip="one place back", layout=narrow)
    controls["next"] = w.Button(description="▶", tooltip="one place on", layout=narrow)
    controls["step"] = w.IntSlider(
        value=1, min=1, max=1, description="step", style={"description_width": "40px"}, layout=w.Layout(width="260px")
    )
    return controls


def _lay_out(controls, view):
    import ipywidgets as w

    def column(*names):
        return w.VBox([controls[name] for name in names])

    row = w.Layout(display="flex", flex_flow="row wrap", align_items="center")
    settings = w.HBox([column("map", "way", "shift"), column("kernel", "stride")], layout=row)
    steps = w.HBox([controls[name] for name in ("back", "next", "step")], layout=row)
    return w.VBox([settings, steps, view])


def _map(image):
    image = np.asarray(image)
    if image.ndim != 2 or image.shape[0] < 4 or image.shape[1] < 5 or image.dtype.kind not in "biuf":
        raise ValueError(f"image is a 2-D array of numbers, at least 4 × 5; this one has shape {image.shape}.")
    return image.astype(float if image.dtype.kind == "f" else int)  # no overflow in uint8
