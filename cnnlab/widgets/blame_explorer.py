"""The blame picture as a widget: click a weight, a pixel or an output; sliders do the same."""

import numpy as np

from cnnlab.check.subject import name_of
from cnnlab.widgets.blame import KINDS, Blame, blamed, output_shape
from cnnlab.widgets.blame_view import blame_view, spoken
from cnnlab.widgets.controls import menu, slider
from cnnlab.widgets.explorer import Explorer

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
GRIDS = {"in": "input", "weight": "weight", "out": "output"}


def explore_blame(function=None, *, stride=1, padding=0, click=None):
    """Follow the blame of one convolution: click a weight, a pixel or an output, and see whom it met and what it gets.

    function: your `conv2d_backward(dout, x, weight, stride, padding) -> dx, dweight, dbias`, of float64 arrays
    (1, 1, …); results that are not written yet may be None. Without it, the numbers are the course's own. stride: 1 to
    3, padding: 0 to 2, ints to start from. click: False for sliders only. Returns a BlameExplorer.
    """
    return BlameExplorer(function, stride, padding, click)


class BlameExplorer(Explorer):
    """What `explore_blame` returns; `state` is a Blame."""

    title = "Blame picture"
    invitation = "Run this cell to click on the numbers."

    def __init__(self, function, stride, padding, click):
        self.function = function
        self.name = None if function is None else name_of(function)
        columns = [
            {
                "example": menu("example", EXAMPLES),
                "stride": slider("stride", stride, 1, 3),
                "padding": slider("padding", padding, 0, 2),
            },
            {"kind": menu("look at", KINDS), "row": slider("row", 0, 0, 1), "column": slider("column", 0, 0, 1)},
        ]
        super().__init__(columns, first="example", hover=click, click=True)

    def look(self, kind, cell=(0, 0)):
        """Look at a weight, a pixel of the padded input, an output, or the bias."""
        self.state = self.state.at(kind, cell)
        self.draw()

    def changed(self, name):
        if name in ("kind", "row", "column"):
            self.state = self.state.at(self.value("kind"), (self.value("row"), self.value("column")))
            return
        example, stride, padding = EXAMPLES[self.value("example")], self.value("stride"), self.value("padding")
        shape = output_shape(example["image"], example["kernel"], stride, padding)
        dout = example.get("dout")
        if dout is None or dout.shape != shape:
            dout = np.random.default_rng(shape).integers(-2, 4, shape)
        state = Blame(example["image"], example["kernel"], dout, stride, padding)
        if self.state is not None:
            state = state.at(self.state.kind, self.state.cell)
        self.state = self.asked(state, lambda state: blamed(state, self.function))

    def pointed(self, grid, place):
        if grid == "step":
            cell = [a + b for a, b in zip(self.state.cell, place, strict=True)]
            self.state = self.state.at(self.state.kind, cell)
        elif grid in GRIDS:
            self.state = self.state.at(GRIDS[grid], place)

    def draw(self):
        with self.quietly():
            self.controls["kind"].value = self.state.kind
            for name, side, place in zip(("row", "column"), self.state.shape, self.state.cell, strict=True):
                control = self.controls[name]
                control.max, control.value, control.disabled = side - 1, place, side == 1
        super().draw()

    def html(self):
        return blame_view(self.state, self.name)

    def spoken(self):
        return spoken(self.state)
