"""The map explorer: choose a picture, a layer and a unit, and see what the layer returns and what excites the unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cnnlab.check import ask
from cnnlab.markup import macros
from cnnlab.widgets.controls import menu, slider
from cnnlab.widgets.explorer import Explorer

PATCHES = 6
parts = macros("explorer")


@dataclass(frozen=True)
class Maps:
    """What is looked at: the picture's number, the layer's name, the unit; `says` where there is nothing to show."""

    picture: int
    layer: str
    unit: int
    says: str = ""


def explore_maps(feature_maps, model, images, x, layers: Mapping):
    """Choose a picture, a layer and a unit: the maps that vary most, and the patches at which the unit answers most.

    feature_maps: yours, function(model, x, layer_names) -> {name: tensor}; model: an nn.Module; images: (N, H, W, 3),
    uint8, and x: (N, 3, H, W), the same as the model takes them; layers: {what to call it: (name, field, jump)}, with
    the side of what a value sees and the pixels between two neighbours. Returns a MapExplorer.
    """
    return MapExplorer(feature_maps, model, images, x, layers)


class MapExplorer(Explorer):
    """What `explore_maps` returns; `state` is a Maps."""

    title = "Feature maps"

    def __init__(self, function, model, images, x, layers):
        self.function, self.model, self.images, self.x, self.layers = function, model, images, x, dict(layers)
        self._found: dict[str, np.ndarray] = {}
        settings = {
            "layer": menu("layer", layers),
            "picture": slider("picture", 0, 0, len(images) - 1, at_rest=True),
            "unit": slider("unit", 0, 0, 0, at_rest=True),
        }
        super().__init__([settings], first="layer", hover=False)

    def changed(self, name):
        layer = self.value("layer")
        state = Maps(self.value("picture"), layer, self.value("unit"))
        if layer not in self._found:
            state = self.asked(state, self._ask)
        if layer in self._found:
            with self.quietly():
                self.controls["unit"].max = self._found[layer].shape[1] - 1
            state = Maps(state.picture, layer, self.value("unit"))
        self.state = state

    def _ask(self, state):
        name = self.layers[state.layer][0]
        answer = ask(self.function, self.model, self.x, [name], seconds=8.0)
        value = answer.value.get(name) if isinstance(answer.value, dict) else None
        says = answer.problem or f"`{answer.name}` gave no maps (N, C, h, w) of {name!r}."
        found = None if answer.problem or value is None else np.asarray(value)
        if found is None or found.ndim != 4 or len(found) != len(self.images):
            return Maps(state.picture, state.layer, state.unit, says), answer.endless
        self._found[state.layer] = found
        return state, False

    def html(self):
        from cnnlab.figures import show_excited, show_feature_maps
        from cnnlab.watchman import excited

        if self.state.says:
            return parts.view(repr(self), [parts.line("calm", self.state.says)])
        picture, layer, unit = self.state.picture, self.state.layer, self.state.unit
        maps, (_, field, jump) = self._found[layer], self.layers[layer]
        row = show_feature_maps(self.images[picture], {layer: maps[picture]}, title=f"Picture {picture}, {layer}")
        patches = excited(maps[:, [unit]], self.images, field, jump, PATCHES)[0]
        liked = show_excited({layer: {unit: patches}}, f"What excites unit {unit} most")
        return parts.view(repr(self), [row.html(), liked.html()])

    def spoken(self):
        if self.state.says:
            return self.state.says
        maps = self._found[self.state.layer]
        best = maps[:, self.state.unit].max(axis=(1, 2))
        where = ", ".join(str(k) for k in np.argsort(-best, kind="stable")[:PATCHES])
        size = f"{maps.shape[1]} maps of {maps.shape[2]} × {maps.shape[3]}"
        return f"{self.state.layer} returns {size}; unit {self.state.unit} answers most in pictures {where}."
