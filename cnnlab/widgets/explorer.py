"""The convolution explorer: sliders, a view that can be pointed at, and the learner's own function."""

from dataclasses import replace

import numpy as np

from cnnlab.check.subject import name_of
from cnnlab.widgets.choices import EXAMPLES, KERNELS, PICTURES, Example, any_size, make
from cnnlab.widgets.controls import lay_out, make_controls
from cnnlab.widgets.convolution import Exploration, asked
from cnnlab.widgets.convolution_view import convolution_view, spoken
from cnnlab.widgets.hover import hover_available, hover_view

GIVEN = "as given"


def explore_convolution(
    function=None, image=None, kernel=None, *, padding=0, stride=1, dilation=1, layer=False, hover=None
):
    """Move a kernel over a picture and see every product and sum; point at a cell, use the arrow keys, or step.

    function: yours, `function(image (H, W), kernel (kh, kw)) -> (H − kh + 1, W − kw + 1)`, a plain cross-correlation.
    The output then shows its numbers, and marks those that are wrong. Without it, or while it is not written, they are
    the course's own.
    layer: True where yours is lesson 02's `conv2d(x (N, C, H, W), weight, bias, stride, padding, dilation)`.
    image, kernel: 2-D arrays to start from; without them, the camera's 5 × 5 frame and an edge kernel.
    hover: False for sliders only. Raises ValueError for an image or a kernel that is not a 2-D array of numbers.
    """
    given = {"image": image, "kernel": kernel}
    given = {name: _numbers(name, array) for name, array in given.items() if array is not None}
    for name, value, least in (("padding", padding, 0), ("stride", stride, 1), ("dilation", dilation, 1)):
        if not isinstance(value, (int, np.integer)) or value < least:
            raise ValueError(f"{name} is a whole number, {least} or more, not {value!r}.")
    settings = {"padding": int(padding), "stride": int(stride), "dilation": int(dilation)}
    return ConvolutionExplorer(function, given, settings, hover_available() if hover is None else hover, layer)


class ConvolutionExplorer:
    """What `explore_convolution` returns; shows itself. `state` has the numbers, `controls` the sliders by name."""

    def __init__(self, function, given, settings, hover, layer=False):
        import ipywidgets

        self.function, self.layer = function, layer
        self.name = None if function is None else name_of(function)
        self.state = None
        self._given_up = ""  # the sentence about a function that never came back
        self._quiet = False  # controls are being set, not moved by a person
        self._pictures = ({GIVEN: given["image"]} if "image" in given else {}) | PICTURES
        self._kernels = ({GIVEN: given["kernel"]} if "kernel" in given else {}) | KERNELS
        first = Example(next(iter(self._pictures)), next(iter(self._kernels)), **settings)
        known = first in EXAMPLES.values()
        self._examples = EXAMPLES if known else {GIVEN: first} | EXAMPLES
        start = vars(first) | {"example": next(iter(self._examples))}
        options = {"example": self._examples, "picture": self._pictures, "kernel": self._kernels}
        self.controls = make_controls(start, {name: list(choices) for name, choices in options.items()})
        self.view = hover_view(self._point) if hover else ipywidgets.HTML()
        self.widget = lay_out(self.controls, self.view)
        for name, control in self.controls.items():
            if name in ("back", "next"):
                control.on_click(lambda _, by=-1 if name == "back" else 1: self._step(by))
            elif name != "play":
                control.observe(lambda change, name=name: self._changed(name), names="value")
        self._changed("picture")

    def move(self, i, j):
        """Put the kernel where it makes output cell (i, j)."""
        self._show(self.state.moved((i, j)))

    def _ipython_display_(self):
        from IPython.display import display

        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        still = f"<div>{convolution_view(self.state, self.name)}<p><i>Run this cell to move the kernel.</i></p></div>"
        data = {"text/plain": repr(self), "text/html": still}
        display(data | {"application/vnd.jupyter.widget-view+json": view}, raw=True)

    def __repr__(self):
        return f"Convolution explorer. {spoken(self.state, self.name)}"

    def _changed(self, name):
        """A control moved: make the state anew, asking the learner's function where its numbers may be others."""
        if self._quiet:
            return
        if name == "step":
            self.move(*divmod(self.controls["step"].value - 1, max(1, self.state.output_shape[1])))
            return
        value = {key: control.value for key, control in self.controls.items() if hasattr(control, "value")}
        if name == "example":
            self._apply(self._examples[value["example"]])
            return
        state = Exploration(
            make(self._pictures, value["picture"], value["size"]),
            make(self._kernels, value["kernel"], value["kernel_size"]),
            *(value[key] for key in ("padding", "stride", "dilation")),
        )
        state = state.moved(self.state.at if self.state else (0, 0))
        if self._given_up:
            state = replace(state, says=self._given_up)
        else:
            state, endless = asked(state, self.function, self.layer)
            if endless:
                self._given_up = f"{state.says.rstrip('.')}. Run this cell again when it is mended."
        self._show(state)

    def _apply(self, example):
        """Set all the controls of a worked example, then draw once."""
        self._quiet = True
        for name, value in vars(example).items():
            self.controls[name].value = value
        self._quiet = False
        self.state = None
        self._changed("picture")

    def _show(self, state):
        self.state = state
        self._quiet = True
        step, play = self.controls["step"], self.controls["play"]
        rows, cols = state.output_shape
        step.max = play.max = max(1, rows * cols)
        step.value = state.at[0] * cols + state.at[1] + 1
        step.disabled = play.disabled = not state.fits
        self.controls["size"].disabled = not any_size(self._pictures, self.controls["picture"].value)
        self.controls["kernel_size"].disabled = not any_size(self._kernels, self.controls["kernel"].value)
        self._quiet = False
        html = str(convolution_view(state, self.name))
        if hasattr(self.view, "spoken"):
            self.view.spoken = spoken(state, self.name)
            self.view.html = html
        else:
            self.view.value = html

    def _step(self, by):
        rows, cols = self.state.output_shape
        if rows:
            self.move(*divmod((self.controls["step"].value - 1 + by) % (rows * cols), cols))

    def _point(self, grid, place):
        if len(place) != 2 or not all(isinstance(k, int) for k in place) or not self.state.fits:
            return
        if grid == "step":
            place = [a + b for a, b in zip(self.state.at, place, strict=True)]
        state = self.state.under(place) if grid == "in" else self.state.moved(place)
        if state.at != self.state.at:
            self._show(state)


def _numbers(name, array):
    array = np.asarray(array)
    if array.ndim != 2 or not array.size or array.dtype.kind not in "biuf":
        raise ValueError(f"{name} is a 2-D array of numbers; this one has shape {array.shape} and dtype {array.dtype}.")
    return array.astype(float if array.dtype.kind == "f" else int)  # no overflow in uint8
