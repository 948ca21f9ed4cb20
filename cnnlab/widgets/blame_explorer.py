"""The blame picture as a widget: click a weight, a pixel or an output; sliders do the same."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from cnnlab.check.subject import name_of
from cnnlab.widgets.blame import KINDS, Blame, blamed, output_shape
from cnnlab.widgets.blame_view import blame_view, spoken
from cnnlab.widgets.hover import hover_available

HERE = Path(__file__).parent
BY_HAND = {
    "image": np.array([[3, 1, 2], [0, 2, 1], [4, 1, 5]]),
    "kernel": np.array([[1, 0], [0, -1]]),
    "dout": np.array([[1, -1], [2, 0]]),
}
FRAME = {"image": np.tile([0, 0, 1, 1, 1], (5, 1)), "kernel": np.tile([-1, 0, 1], (3, 1))}
LARGER = {
    "image": np.array([[2, 0, 1, 3, 1], [1, 4, 0, 2, 0], [0, 1, 5, 1, 2], [3, 0, 2, 0, 1]]),
    "kernel": np.array([[1, 2], [-1, 3]]),
}
EXAMPLES = {"3 × 3, by hand": BY_HAND, "the camera's 5 × 5 frame": FRAME, "4 × 5, a 2 × 2 kernel": LARGER}


def explore_blame(function=None, *, stride=1, padding=0, click=None):
    """Follow the blame of one convolution: click a weight, a pixel or an output, and see whom it met and what it gets.

    function: your `conv2d_backward(dout, x, weight, stride, padding) -> dx, dweight, dbias`; results that are not
    written yet may be None. Without it, the numbers are the course's own. click: False for sliders only.
    """
    return BlameExplorer(function, stride, padding, hover_available() if click is None else click)


class BlameExplorer:
    """What `explore_blame` returns; shows itself. `state` has the numbers, `controls` menus and sliders by name."""

    def __init__(self, function, stride, padding, click):
        import ipywidgets as w

        self.function = function
        self.name = None if function is None else name_of(function)
        self._given_up = ""
        self._quiet = False
        style, wide = {"description_width": "70px"}, w.Layout(width="270px")
        how = {"style": style, "layout": wide}
        self.controls = {
            "example": w.Dropdown(options=list(EXAMPLES), description="example", **how),
            "stride": w.IntSlider(value=stride, min=1, max=3, description="stride", **how),
            "padding": w.IntSlider(value=padding, min=0, max=2, description="padding", **how),
            "kind": w.Dropdown(options=list(KINDS), description="look at", **how),
            "row": w.IntSlider(value=0, min=0, max=1, description="row", **how),
            "column": w.IntSlider(value=0, min=0, max=1, description="column", **how),
        }
        self.view = _click_view(self._point) if click else w.HTML()
        flow = w.Layout(display="flex", flex_flow="row wrap")
        left = w.VBox([self.controls[k] for k in ("example", "stride", "padding")])
        right = w.VBox([self.controls[k] for k in ("kind", "row", "column")])
        self.widget = w.VBox([w.HBox([left, right], layout=flow), self.view])
        for name, control in self.controls.items():
            control.observe(lambda change, name=name: self._changed(name), names="value")
        self.state = None
        self._changed("example")

    def look(self, kind, cell=(0, 0)):
        """Look at a weight, a pixel of the padded input, an output, or the bias."""
        self._show(self.state.at(kind, cell))

    def _ipython_display_(self):
        from IPython.display import display

        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        still = f"<div>{blame_view(self.state, self.name)}<p><i>Run this cell to click on the numbers.</i></p></div>"
        data = {"text/plain": repr(self), "text/html": still}
        display(data | {"application/vnd.jupyter.widget-view+json": view}, raw=True)

    def __repr__(self):
        return f"Blame picture. {spoken(self.state)}"

    def _changed(self, name):
        if self._quiet:
            return
        value = {key: control.value for key, control in self.controls.items()}
        if name in ("kind", "row", "column"):
            self.look(value["kind"], (value["row"], value["column"]))
            return
        example = EXAMPLES[value["example"]]
        shape = output_shape(example["image"], example["kernel"], value["stride"], value["padding"])
        dout = example.get("dout")
        if dout is None or dout.shape != shape:
            dout = np.random.default_rng(shape).integers(-2, 4, shape)
        state = Blame(example["image"], example["kernel"], dout, value["stride"], value["padding"])
        if self._given_up:
            state = replace(state, says=self._given_up)
        else:
            state, endless = blamed(state, self.function)
            if endless:
                self._given_up = f"{state.says.rstrip('.')}. Run this cell again when it is mended."
        if self.state is not None:
            state = state.at(self.state.kind, self.state.cell)
        self._show(state)

    def _show(self, state):
        self.state, self._quiet = state, True
        shape = state.shape
        self.controls["kind"].value = state.kind
        for name, side, place in zip(("row", "column"), shape, state.cell, strict=True):
            self.controls[name].max = max(side - 1, place)
            self.controls[name].value = place
            self.controls[name].max = max(side - 1, 0)
            self.controls[name].disabled = side == 1
        self._quiet = False
        html = str(blame_view(state, self.name))
        if hasattr(self.view, "spoken"):
            self.view.spoken = spoken(state)
            self.view.html = html
        else:
            self.view.value = html

    def _point(self, kind, cell):
        kind = {"in": "input", "out": "output"}.get(kind, kind)
        if len(cell) != 2 or not all(isinstance(k, int) for k in cell):
            return
        if kind == "step":
            kind, cell = self.state.kind, [a + b for a, b in zip(self.state.cell, cell, strict=True)]
        if kind in KINDS:
            self.look(kind, cell)


def _click_view(on_place):
    """A widget with `html` and `spoken`; on_place(grid, (i, j)) is called with grid "in", "weight", "out" or "step"."""
    import anywidget
    import traitlets

    class ClickView(anywidget.AnyWidget):
        _esm = (HERE / "blame.js").read_text(encoding="utf-8")
        _css = (HERE / "hover.css").read_text(encoding="utf-8") + "\n.cnnlab-blame [data-weight] { cursor: pointer; }"
        html = traitlets.Unicode("").tag(sync=True)
        spoken = traitlets.Unicode("").tag(sync=True)

    view = ClickView()
    view.on_msg(lambda _, content, buffers: on_place(content.get("grid"), tuple(content.get("place", ()))))
    return view
