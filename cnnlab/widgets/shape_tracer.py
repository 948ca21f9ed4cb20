"""The shape tracer: edit a list of layers and see what becomes of the maps, and where parameters and MACs are."""

from dataclasses import replace
from html import escape

from cnnlab.figures.traced import traced
from cnnlab.layers import Conv, Dense, Flatten, Pool
from cnnlab.widgets.layer_text import read_layers, write_layers
from cnnlab.widgets.networks import NETWORKS

ADD = {
    "+ conv 3×3": Conv(32, 3, padding=1),
    "+ conv 3×3 /2": Conv(64, 3, stride=2, padding=1),
    "+ pool 2/2": Pool(2, 2),
    "+ flatten": Flatten(),
    "+ dense": Dense(100),
}
OWN = "my own"
WORDS = {"parameters": "parameters", "macs": "multiply–accumulates for one picture"}


def explore_shapes(trace=None, parameters=None, macs=None, layers=None, input_shape=None):
    """Edit a list of layers, and see the maps shrink and grow in number, with parameters and MACs of each layer.

    trace, parameters, macs: yours, `function(layers, input_shape)`. The picture shows their numbers, and marks those
    that are wrong; what is not written yet is left out. Without any of them, the numbers are the course's own.
    layers, input_shape: a network of your own to start from.
    """
    given = {} if layers is None else {OWN: (tuple(input_shape or (3, 64, 64)), list(layers))}
    return ShapeTracer({"trace": trace, "parameters": parameters, "macs": macs}, {**given, **NETWORKS})


class ShapeTracer:
    """What `explore_shapes` returns; shows itself. `state` has the numbers, `controls` menus, boxes and buttons."""

    def __init__(self, functions, networks):
        import ipywidgets as w

        self.functions = dict(functions)
        self.state = None
        self._networks = networks
        self._quiet = False  # controls are being set, not moved by a person
        style, wide = {"description_width": "60px"}, w.Layout(width="330px")
        self.controls = {
            "network": w.Dropdown(options=list(networks), description="network", style=style, layout=wide),
            "layers": w.Textarea(
                description="layers",
                continuous_update=False,
                style=style,
                layout=w.Layout(width="330px", height="215px"),
            ),
        }
        size = w.Layout(width="135px")
        for name, text, most in (("channels", "channels", 4096), ("height", "height", 1024), ("width", "width", 1024)):
            self.controls[name] = w.BoundedIntText(value=3, min=1, max=most, description=text, style=style, layout=size)
        for name in (*ADD, "remove last"):
            self.controls[name] = w.Button(description=name, layout=w.Layout(width="120px"))
            self.controls[name].on_click(lambda _, name=name: self._pressed(name))
        for name in ("network", "layers", "channels", "height", "width"):
            self.controls[name].observe(lambda change, name=name: self._changed(name), names="value")
        self.view = w.HTML()
        flow = w.Layout(display="flex", flex_flow="row wrap")
        sides = w.HBox([self.controls[name] for name in ("channels", "height", "width")], layout=flow)
        buttons = w.HBox([self.controls[name] for name in (*ADD, "remove last")], layout=flow)
        left = w.VBox([self.controls["network"], self.controls["layers"]])
        right = w.VBox([sides, buttons], layout=w.Layout(width="440px"))
        self.widget = w.VBox([w.HBox([left, right], layout=flow), self.view])
        self._changed("network")

    def _ipython_display_(self):
        from IPython.display import display

        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        still = f"<div>{self.view.value}<p><i>Run this cell to change the layers.</i></p></div>"
        data = {"text/plain": repr(self), "text/html": still}
        display(data | {"application/vnd.jupyter.widget-view+json": view}, raw=True)

    def __repr__(self):
        from cnnlab.figures.tracer import described

        return described(self.state, ["parameters", "macs"], "Shape tracer")

    def _pressed(self, name):
        layers, problem = read_layers(self.controls["layers"].value)
        if problem:
            return  # what is being written stays as it is
        layers = layers[:-1] if name == "remove last" else [*layers, ADD[name]]
        self.controls["layers"].value = write_layers(layers)

    def _changed(self, name):
        if self._quiet:
            return
        if name == "network":
            shape, layers = self._networks[self.controls["network"].value]
            self._quiet = True
            self.controls["layers"].value = write_layers(layers)
            for side, value in zip(("channels", "height", "width"), shape, strict=True):
                self.controls[side].value = value
            self._quiet = False
        layers, problem = read_layers(self.controls["layers"].value)
        shape = tuple(self.controls[side].value for side in ("channels", "height", "width"))
        self._show(layers, shape, problem)

    def _show(self, layers, shape, problem):
        from cnnlab.figures.tracer import layers_picture

        state = self.state = traced(layers, shape, **self.functions)
        for name in state.endless:
            self.functions[name] = f"`{name}` never came back. Run this cell again when it is mended."
        rows = [name for name in ("parameters", "macs") if name in state.counts]
        sums = [f"{sum(state.counts[name]):,} {WORDS[name]}" for name in rows]
        picture = layers_picture(replace(state, says=()), [*rows, "stored"], "Your layers, and where it all goes")
        picture.alt = repr(self)
        lines = [problem, *state.says, " · ".join(sums)]
        text = "".join(f'<div style="margin:.15em 0">{escape(line)}</div>' for line in lines if line)
        self.view.value = f'<div role="group" style="line-height:1.4">{text}{picture.html()}</div>'
