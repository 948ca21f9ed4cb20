"""The convolution explorer: a kernel on its way over a picture, and the learner's own function."""

import numpy as np

from cnnlab.check.subject import name_of
from cnnlab.widgets.choices import EXAMPLES, KERNELS, PICTURES, Example, any_size, make
from cnnlab.widgets.controls import menu, slider
from cnnlab.widgets.convolution import Exploration, asked
from cnnlab.widgets.convolution_view import convolution_view, spoken
from cnnlab.widgets.stepping_explorer import SteppingExplorer

GIVEN = "as given"
SLIDERS = {
    "size": ("input size", 2, 10),
    "kernel_size": ("kernel size", 1, 5),
    "padding": ("padding", 0, 3),
    "stride": ("stride", 1, 4),
    "dilation": ("dilation", 1, 3),
}


def explore_convolution(
    function=None, image=None, kernel=None, *, padding=0, stride=1, dilation=1, layer=False, hover=None
):
    """Move a kernel over a picture and see every product and sum; point at a cell, use the arrow keys, or step.

    function: yours, `function(image (H, W), kernel (kh, kw)) -> (H − kh + 1, W − kw + 1)`, a plain cross-correlation.
    The output then shows its numbers, and marks those that are wrong. Without it, or while it is not written, they are
    the course's own.
    layer: True where yours is lesson 02's `conv2d(x (N, C, H, W), weight, bias, stride, padding, dilation)`.
    image (H, W), kernel (kh, kw): real numbers to start from; without them, the camera's 5 × 5 frame and an edge
    kernel. padding, stride, dilation: ints. hover: False for sliders only.
    Returns a ConvolutionExplorer. Raises ValueError for an image or a kernel that is not a 2-D array of real numbers,
    and for a setting that is no whole number or too small.
    """
    given = {"image": image, "kernel": kernel}
    given = {name: _numbers(name, array) for name, array in given.items() if array is not None}
    for name, value, least in (("padding", padding, 0), ("stride", stride, 1), ("dilation", dilation, 1)):
        if not isinstance(value, (int, np.integer)) or value < least:
            raise ValueError(f"{name} is a whole number, {least} or more, not {value!r}.")
    settings = {"padding": int(padding), "stride": int(stride), "dilation": int(dilation)}
    return ConvolutionExplorer(function, given, settings, hover, layer)


class ConvolutionExplorer(SteppingExplorer):
    """What `explore_convolution` returns; `state` is an Exploration."""

    title = "Convolution explorer"
    invitation = "Run this cell to move the kernel."

    def __init__(self, function, given, settings, hover, layer):
        self.function, self.layer = function, layer
        self.name = None if function is None else name_of(function)
        self._pictures = ({GIVEN: given["image"]} if "image" in given else {}) | PICTURES
        self._kernels = ({GIVEN: given["kernel"]} if "kernel" in given else {}) | KERNELS
        start = Example(next(iter(self._pictures)), next(iter(self._kernels)), **settings)
        self._examples = EXAMPLES if start in EXAMPLES.values() else {GIVEN: start} | EXAMPLES
        menus = {
            "example": menu("start from", self._examples),
            "picture": menu("picture", self._pictures, start.picture),
            "kernel": menu("kernel", self._kernels, start.kernel),
        }
        sliders = {}
        for name, (text, least, most) in SLIDERS.items():
            value = getattr(start, name)
            sliders[name] = slider(text, value, least, max(most, value))
        columns = [menus | {"size": sliders.pop("size")}, sliders]
        super().__init__(columns, first="picture", hover=hover, play=True)

    def changed(self, name):
        if name in ("step", "back", "next"):
            super().changed(name)
            return
        at = self.state.at if self.state and name != "example" else (0, 0)
        if name == "example":
            self.set(**vars(self._examples[self.value("example")]))
        state = Exploration(
            make(self._pictures, self.value("picture"), self.value("size")),
            make(self._kernels, self.value("kernel"), self.value("kernel_size")),
            *(self.value(key) for key in ("padding", "stride", "dilation")),
        )
        self.state = self.asked(state.moved(at), lambda state: asked(state, self.function, self.layer))

    def draw(self):
        self.controls["size"].disabled = not any_size(self._pictures, self.value("picture"))
        self.controls["kernel_size"].disabled = not any_size(self._kernels, self.value("kernel"))
        super().draw()

    def html(self):
        return convolution_view(self.state, self.name)

    def spoken(self):
        return spoken(self.state, self.name)


def _numbers(name, array):
    array = np.asarray(array)
    if array.ndim != 2 or not array.size or array.dtype.kind not in "biuf":
        raise ValueError(f"{name} is a 2-D array of numbers; this one has shape {array.shape} and dtype {array.dtype}.")
    return array.astype(float if array.dtype.kind == "f" else int)  # no overflow in uint8
