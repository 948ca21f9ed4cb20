"""The receptive-field grower: add layers, and watch on a picture how far a value sees and who has a say."""

import numpy as np

from cnnlab.data import camera_frame, photograph
from cnnlab.figures.reach import Fields, fields_of
from cnnlab.layers import Conv, Pool
from cnnlab.widgets.controls import menu, slider
from cnnlab.widgets.layer_explorer import LayerExplorer
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
    Without it, they are the course's own. image: a picture of your own, (H, W) or (H, W, 3), uint8 or floats in 0–1.
    layers: a list of Conv and Pool to start from. Returns a FieldGrower.
    """
    pictures = ({} if image is None else {GIVEN: lambda: np.asarray(image)}) | PICTURES
    stacks = ({} if layers is None else {GIVEN: list(layers)}) | FIELDS
    return FieldGrower(receptive_field, pictures, stacks)


class FieldGrower(LayerExplorer):
    """What `explore_field` returns; `state` is a Fields."""

    title = "Receptive field"

    def __init__(self, receptive_field, pictures, stacks):
        self.function = receptive_field
        self._pictures, self._images = pictures, {}  # those that were shown
        settings = {
            "picture": menu("picture", pictures),
            "row": slider("down, %", 50, 0, 100, at_rest=True),
            "column": slider("right, %", 50, 0, 100, at_rest=True),
        }
        super().__init__("stack", stacks, ADD, settings)

    def changed(self, name):
        if name in ("picture", "row", "column"):
            return
        layers, self._problem = _of_maps(*self.layers(name))
        self.state = self.asked(Fields(tuple(layers), ()), self._ask)

    def _ask(self, state):
        found = fields_of(state.layers, self.function)
        return found, found.endless

    def html(self):
        from cnnlab.figures.fields import fields_picture

        name = self.value("picture")
        if name not in self._images:
            self._images[name] = self._pictures[name]()
        image = self._images[name]
        at = [int(side * self.value(name) / 100) for side, name in zip(image.shape, ("row", "column"), strict=False)]
        picture = fields_picture(self.state, image, at, "How far a value after the last layer sees")
        return self.layers_view([self._problem], picture)

    def spoken(self):
        from cnnlab.figures.fields import described

        return described(self.state)


def _of_maps(layers, problem):
    """The Conv and Pool layers before the first of another kind, and before the field gets too large to draw."""
    for k, layer in enumerate(layers):
        if not isinstance(layer, Conv | Pool):
            return layers[:k], f"After {layer} every value sees the whole picture: here are the layers before it."
        if fields_of(layers[: k + 1]).fields[-1] > LARGEST:
            return layers[:k], f"With {layer} the field is larger than {LARGEST:,} pixels: too large to draw."
    return layers, problem
