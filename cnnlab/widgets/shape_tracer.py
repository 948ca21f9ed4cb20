"""The shape tracer: edit a list of layers and see what becomes of the maps, and where parameters and MACs are."""

from dataclasses import replace

from cnnlab.figures.traced import traced
from cnnlab.layers import Conv, Dense, Flatten, Pool
from cnnlab.widgets.controls import number_box
from cnnlab.widgets.explorer import given_up
from cnnlab.widgets.layer_explorer import LayerExplorer
from cnnlab.widgets.networks import NETWORKS

ADD = {
    "+ conv 3×3": Conv(32, 3, padding=1),
    "+ conv 3×3 /2": Conv(64, 3, stride=2, padding=1),
    "+ pool 2/2": Pool(2, 2),
    "+ flatten": Flatten(),
    "+ dense": Dense(100),
}
OWN = "my own"
SIDES = {"channels": 4096, "height": 1024, "width": 1024}  # of the input, and how large they may be
WORDS = {"parameters": "parameters", "macs": "multiply–accumulates for one picture"}


def explore_shapes(trace=None, parameters=None, macs=None, layers=None, input_shape=None):
    """Edit a list of layers, and see the maps shrink and grow in number, with parameters and MACs of each layer.

    trace, parameters, macs: yours, `function(layers, input_shape)`. The picture shows their numbers, and marks those
    that are wrong; what is not written yet is left out. Without any of them, the numbers are the course's own.
    layers, input_shape: a network of your own to start from, a list of cnnlab.layers and (C, H, W). Returns a
    ShapeTracer.
    """
    given = {} if layers is None else {OWN: (tuple(input_shape or (3, 64, 64)), list(layers))}
    return ShapeTracer({"trace": trace, "parameters": parameters, "macs": macs}, {**given, **NETWORKS})


class ShapeTracer(LayerExplorer):
    """What `explore_shapes` returns; `state` is a Traced."""

    title = "Shape tracer"

    def __init__(self, functions, networks):
        self.functions = dict(functions)
        self._inputs = {name: shape for name, (shape, _) in networks.items()}
        sides = {name: number_box(name, 3, 1, most) for name, most in SIDES.items()}
        super().__init__("network", {name: layers for name, (_, layers) in networks.items()}, ADD, sides)

    def changed(self, name):
        if name == "network":
            self.set(**dict(zip(SIDES, self._inputs[self.value(name)], strict=True)))
        layers, self._problem = self.layers(name)
        self.state = traced(layers, [self.value(side) for side in SIDES], **self.functions)
        for endless in self.state.endless:
            self.functions[endless] = given_up(f"`{endless}` never came back")

    def html(self):
        from cnnlab.figures.tracer import layers_picture

        rows = [name for name in WORDS if name in self.state.counts]
        sums = [f"{sum(self.state.counts[name]):,} {WORDS[name]}" for name in rows]
        state = replace(self.state, says=())
        picture = layers_picture(state, [*rows, "stored"], "Your layers, and where it all goes")
        picture.alt = repr(self)
        return self.layers_view([self._problem, *self.state.says, " · ".join(sums)], picture)

    def spoken(self):
        from cnnlab.figures.tracer import described

        return described(self.state, WORDS)
