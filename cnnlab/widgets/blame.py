"""What the blame picture shows, as plain numbers: who met whom in one convolution, and whose blame goes where."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from cnnlab.check import ask
from cnnlab.widgets.cells import cells_where, nearest

KINDS = ("weight", "input", "output", "bias")


@dataclass(frozen=True)
class Meeting:
    """One product of the forward pass: a pixel of the padded input, a weight, and the output that they went into."""

    pixel: tuple
    weight: tuple
    output: tuple


@dataclass(frozen=True, eq=False)
class Blame:
    """One convolution, backwards, and what is looked at: a kind of KINDS and a cell of it.

    image: (H, W), kernel: (kh, kw), dout: (H', W'), any numbers. Cells of the input are counted in the padded picture.
    yours: the learner's {"dx", "dweight", "dbias"}, float64, those that can be shown; says: a sentence about the
    others.
    """

    image: np.ndarray
    kernel: np.ndarray
    dout: np.ndarray
    stride: int = 1
    padding: int = 0
    kind: str = "weight"
    cell: tuple = (0, 0)
    yours: dict = field(default_factory=dict)
    says: str = ""

    @cached_property
    def padded(self):
        """The image in zeros, (H + 2·padding, W + 2·padding)."""
        return np.pad(self.image, self.padding)

    @cached_property
    def meetings(self):
        """Every product of the forward pass, output by output."""
        stops = np.ndindex(self.dout.shape)
        return [
            Meeting((i * self.stride + u, j * self.stride + v), (u, v), (i, j))
            for i, j in stops
            for u, v in np.ndindex(self.kernel.shape)
        ]

    @cached_property
    def involved(self):
        """The meetings that what is looked at took part in."""
        if self.kind == "bias":
            return []
        where = {"weight": "weight", "input": "pixel", "output": "output"}[self.kind]
        return [m for m in self.meetings if getattr(m, where) == self.cell]

    @property
    def shape(self):
        """The size of the grid that is looked at; (1, 1) for the bias."""
        grid = {"weight": self.kernel, "input": self.padded, "output": self.dout}.get(self.kind)
        return (1, 1) if grid is None else grid.shape

    @cached_property
    def dpadded(self):
        """The blame of every pixel, padding included: float64 in the shape of `padded`."""
        total = np.zeros(self.padded.shape)
        for m in self.meetings:
            total[m.pixel] += self.dout[m.output] * self.kernel[m.weight]
        return total

    @cached_property
    def gradients(self):
        """The true ones, float64: {"dx": (H, W), "dweight": (kh, kw), "dbias": (1,)}."""
        p, (height, width) = self.padding, self.image.shape
        dweight = np.zeros(self.kernel.shape)
        for m in self.meetings:
            dweight[m.weight] += self.dout[m.output] * self.padded[m.pixel]
        dx = self.dpadded[p : p + height, p : p + width]
        return {"dx": dx, "dweight": dweight, "dbias": np.array([self.dout.sum()])}

    @cached_property
    def wrong(self):
        """{name of a gradient: cells where the learner's number is not the true one}."""
        found = {}
        for name, yours in self.yours.items():
            truth = np.atleast_2d(self.gradients[name])
            same = np.isclose(np.atleast_2d(yours), truth, rtol=1e-4, atol=1e-6)
            found[name] = cells_where(~same)
        return found

    def at(self, kind, cell=(0, 0)):
        """The same, looking at something else: the nearest cell of that kind that there is."""
        if kind not in KINDS:
            return self
        moved = replace(self, kind=kind)
        cell = nearest(cell, moved.shape)
        return self if (kind, cell) == (self.kind, self.cell) else replace(moved, cell=cell)


def output_shape(image, kernel, stride, padding):
    """(H', W') of image (H, W) and kernel (kh, kw), ints, or None where the kernel does not fit."""
    sides = [(a + 2 * padding - b) // stride + 1 for a, b in zip(image.shape, kernel.shape, strict=True)]
    return tuple(sides) if min(sides) > 0 else None


def blamed(state, function):
    """`state` with the learner's gradients, and whether the function never came back: (Blame, bool). Raises nothing.

    function: the learner's conv2d_backward(dout, x, weight[, stride, padding]), of float64 arrays (1, 1, …); stride and
    padding are handed over only where they are not 1 and 0, so a function that does not know them yet can be looked at.
    """
    if function is None:
        return replace(state, yours={}, says=""), False
    names = {"stride": (state.stride, 1), "padding": (state.padding, 0)}
    extra = {name: value for name, (value, usual) in names.items() if value != usual}
    arrays = [np.array(a, dtype=float)[None, None] for a in (state.dout, state.image, state.kernel)]
    answer = ask(function, *arrays, **extra)
    if answer.problem:
        return replace(state, yours={}, says=answer.problem), answer.endless
    value = answer.value
    if not isinstance(value, (tuple, list)) or len(value) != 3:
        says = f"`{answer.name}` has to return dx, dweight and dbias; those that are not written yet may be None."
        return replace(state, yours={}, says=says), False
    yours, missing = {}, []
    for (name, truth), array in zip(state.gradients.items(), value, strict=True):
        one = _plane(array, truth.shape)
        if one is None:
            missing.append(name if array is None else f"{name} of another shape or kind")
        else:
            yours[name] = one
    says = f"Not there yet: {', '.join(missing)}." if missing else ""
    return replace(state, yours=yours, says=says), False


def _plane(array, shape):
    """A gradient without the axes of length 1 for image and channel, or None where it is none of this shape."""
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
        return None
    full = shape if len(shape) == 1 else (1, 1, *shape)
    return array.astype(float).reshape(shape) if array.shape == full else None
