"""The pooling explorer: a map, a way to make it smaller, and what a move by a few pixels changes."""

import numpy as np

from cnnlab.check.subject import name_of
from cnnlab.widgets.controls import menu, slider
from cnnlab.widgets.pooling import MAPS, Pooling, asked
from cnnlab.widgets.pooling_view import pooling_view, spoken
from cnnlab.widgets.stepping_explorer import SteppingExplorer

GIVEN = "as given"
WAYS = {"max": "max", "mean": "mean", "convolution with a stride": "convolution"}


def explore_pooling(max_pool2d=None, avg_pool2d=None, image=None, *, hover=None):
    """Pool a small map, move it to the right, see which numbers change; point at a cell, use the arrow keys, or step.

    max_pool2d, avg_pool2d: yours, `function(x (N, C, H, W), kernel, stride)`. The outputs then show their numbers, and
    mark those that are wrong. Without them, or while they are not written, the numbers are the course's own.
    image: a map of your own to start from, (H, W) of real numbers, at least 4 × 5. hover: False for sliders only.
    Returns a PoolingExplorer. Raises ValueError for an image that is not such a map.
    """
    given = {} if image is None else {GIVEN: _map(image)}
    return PoolingExplorer({"max": max_pool2d, "mean": avg_pool2d}, given, hover)


class PoolingExplorer(SteppingExplorer):
    """What `explore_pooling` returns; `state` is a Pooling."""

    title = "Pooling explorer"
    invitation = "Run this cell to move the map."

    def __init__(self, functions, given, hover):
        self.functions = functions
        self._maps = {name: (lambda array=array: array) for name, array in given.items()} | MAPS
        columns = [
            {
                "map": menu("map", self._maps),
                "way": menu("take", WAYS.items()),
                "shift": slider("move by", 1, 0, 4),
            },
            {"kernel": slider("window", 2, 1, 4), "stride": slider("stride", 2, 1, 4)},
        ]
        super().__init__(columns, first="map", hover=hover)

    @property
    def name(self):
        """What the learner's function for the way in view is called; None where there is none."""
        function = self.functions.get(self.state.way)
        return None if function is None else name_of(function)

    def changed(self, name):
        if name in ("step", "back", "next"):
            super().changed(name)
            return
        settings = {key: self.value(key) for key in ("way", "kernel", "stride", "shift")}
        state = Pooling(self._maps[self.value("map")](), **settings)
        state = state.moved(self.state.at if self.state else (0, 0))
        self.state = self.asked(state, lambda state: asked(state, self.functions), which=state.way)

    def html(self):
        return pooling_view(self.state, self.name)

    def spoken(self):
        return spoken(self.state)


def _map(image):
    image = np.asarray(image)
    if image.ndim != 2 or image.shape[0] < 4 or image.shape[1] < 5 or image.dtype.kind not in "biuf":
        raise ValueError(f"image is a 2-D array of numbers, at least 4 × 5; this one has shape {image.shape}.")
    return image.astype(float if image.dtype.kind == "f" else int)  # no overflow in uint8
