"""The receptive-field grower: add layers, and watch on a picture how far a value sees and who has a say."""

from html import escape

import numpy as np

from cnnlab.data import camera_frame, photograph
from cnnlab.figures.reach import Fields, fields_of
from cnnlab.layers import Conv, Pool
from cnnlab.widgets.layer_text import read_layers, write_layers
from cnnlab.widgets.networks import FIELDS

ADD = {
    "+ conv 3×3": Conv(8, 3),
    "+ conv 5×5": Conv(8, 5),
    "+ conv 3×3 /2": Conv(8, 3, stride=2),
    "+ pool 2/2": Pool(2, 2),
    "+ dilation 2": Conv(8, 3, dilation=2),
}
PICTURES = {
    "a photograph": lambda: photograph("china", size=(224, 224)),
    "a frame of the camera": lambda: camera_frame(6, size=(224, 224)),
    "a flower": lambda: photograph("flower", size=(224, 224)),
}
GIVEN, LARGEST = "as given", 2_000


def explore_field(receptive_field=None, image=None, layers=None):
    """Add layers, and see on a picture how far a value after the last of them sees, and how much say each pixel has.

    receptive_field: yours, `function(layers) -> list of ints`; its squares are drawn, and wrong ones are marked.
    Without it, they are the course's own. image: a picture of your own, (H, W) or (H, W, 3). layers: a list of Conv and
    Pool to start from.
    """
    pictures = ({} if image is None else {GIVEN: lambda: np.asarray(image)}) | PICTURES
    stacks = ({} if layers is None else {GIVEN: list(layers)}) | FIELDS
    return FieldGrower(receptive_field, pictures, stacks)


class FieldGrower:
    """What `explore_field` returns; shows itself. `state` has the numbers, `controls` menus, sliders and buttons."""

    def __init__(self, receptive_field, pictures, stacks):
        import ipywidgets as w

        self.function = receptive_field
        self.state = None
        self._pictures, self._stacks = pictures, stacks
        self._images = {}  # those that were shown
        self._quiet = False
        self._given_up = ""
        style, wide = {"description_width": "60px"}, w.Layout(width="330px")
        how = {"style": style, "layout": wide, "continuous_update": False}
        self.controls = {
            "stack": w.Dropdown(options=list(stacks), description="stack", style=style, layout=wide),
            "layers": w.Textarea(
                description="layers",
                continuous_update=False,
                style=style,
                layout=w.Layout(width="330px", height="150px"),
            ),
            "picture": w.Dropdown(options=list(pictures), description="picture", style=style, layout=wide),
            "row": w.IntSlider(value=50, min=0, max=100, description="down, %", **how),
            "column": w.IntSlider(value=50, min=0, max=100, description="right, %", **how),
        }
        for name in (*ADD, "remove last"):
            self.controls[name] = w.Button(description=name, layout=w.Layout(width="126px"))
            self.controls[name].on_click(lambda _, name=name: self._pressed(name))
        for name in ("stack", "layers", "picture", "row", "column"):
            self.controls[name].observe(lambda change, name=name: self._changed(name), names="value")
        self.view = w.HTML()
        flow = w.Layout(display="flex", flex_flow="row wrap")
        buttons = w.HBox([self.controls[name] for name in (*ADD, "remove last")], layout=flow)
        left = w.VBox([self.controls[name] for name in ("stack", "layers")])
        right = w.VBox(
            [*(self.controls[name] for name in ("picture", "row", "column")), buttons], layout=w.Layout(width="410px")
        )
        self.widget = w.VBox([w.HBox([left, right], layout=flow), self.view])
        self._changed("stack")

    def _ipython_display_(self):
        from IPython.display import display

        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        still = f"<div>{self.view.value}<p><i>Run this cell to change the layers.</i></p></div>"
        data = {"text/plain": repr(self), "text/html": still}
        display(data | {"application/vnd.jupyter.widget-view+json": view}, raw=True)

    def __repr__(self):
        from cnnlab.figures.fields import described

        return f"Receptive field. {described(self.state)}"

    def _pressed(self, name):
        layers, problem = read_layers(self.controls["layers"].value)
        if problem:
            return  # what is being written stays as it is
        layers = layers[:-1] if name == "remove last" else [*layers, ADD[name]]
        self.controls["layers"].value = write_layers(layers)

    def _changed(self, name):
        if self._quiet:
            return
        if name == "stack":
            self._quiet = True
            self.controls["layers"].value = write_layers(self._stacks[self.controls["stack"].value])
            self._quiet = False
        layers, problem = read_layers(self.controls["layers"].value)
        kept, problem = _of_maps(layers, problem)
        if name in ("stack", "layers") or self.state is None:
            self._ask(kept)
        self._show(problem)

    def _ask(self, layers):
        if self._given_up:
            self.state = Fields(tuple(layers), (), says=self._given_up)
            return
        self.state = fields_of(layers, self.function)
        if self.state.endless:
            self._given_up = f"{self.state.says.rstrip('.')}. Run this cell again when it is mended."

    def _show(self, problem):
        from cnnlab.figures.fields import fields_picture

        name = self.controls["picture"].value
        if name not in self._images:
            self._images[name] = self._pictures[name]()
        image = self._images[name]
        at = [int(image.shape[k] * self.controls[name].value / 100) for k, name in enumerate(("row", "column"))]
        picture = fields_picture(self.state, image, at, "How far a value after the last layer sees")
        text = f'<div style="margin:.15em 0">{escape(problem)}</div>' if problem else ""
        self.view.value = f'<div role="group" style="line-height:1.4">{text}{picture.html()}</div>'


def _of_maps(layers, problem):
    """The Conv and Pool layers before the first of another kind, and before the field gets too large to draw."""
    for k, layer in enumerate(layers):
        if not isinstance(layer, Conv | Pool):
            return layers[:k], f"After {layer} every value sees the whole picture: here are the layers before it."
        if fields_of(layers[: k + 1]).fields[-1] > LARGEST:
            return layers[:k], f"With {layer} the field is larger than {LARGEST:,} pixels: too large to draw."
    return layers, problem
