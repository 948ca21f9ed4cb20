"""What the pooling explorer shows, as plain numbers: a map, the same map moved right, and what becomes of both."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.check import ask
from cnnlab.check.plain import describe
from cnnlab.data import digits
from cnnlab.widgets.cells import cells_where, nearest

WAYS = ("max", "mean", "convolution")


def one_pixel():
    """A single 9 in zeros, ints (6, 8)."""
    picture = np.zeros((6, 8), int)
    picture[2, 2] = 9
    return picture


def stripe():
    """Two bright columns in zeros, ints (6, 8)."""
    picture = np.zeros((6, 8), int)
    picture[:, 2:4] = [5, 7]
    return picture


def figure():
    """A small figure, a bright one, at the left of a dark hall, ints (7, 9)."""
    picture = np.zeros((7, 9), int)
    picture[1:6, 1:4] = [[0, 8, 0], [6, 9, 6], [0, 7, 0], [0, 8, 0], [5, 0, 5]]
    return picture


MAPS = {
    "one bright pixel": one_pixel,
    "a stripe": stripe,
    "a small figure": figure,
    "random numbers": lambda: np.random.default_rng(5).integers(0, 10, (6, 8)),
    "below zero, too": lambda: np.random.default_rng(6).integers(-9, 10, (6, 8)),
    "a handwritten digit": lambda: digits()[0][0].astype(int),
}


@dataclass(frozen=True, eq=False)
class Pooling:
    """A map, a way of WAYS to make it smaller, window and stride, how far it is moved, and the output cell to look at.

    image: (H, W), any real numbers, at least as large as the window and the move. yours: the learner's two outputs,
    before the move and after, or None where there are none to show; says: why.
    """

    image: np.ndarray
    way: str = "max"
    kernel: int = 2
    stride: int = 2
    shift: int = 1
    at: tuple = (0, 0)
    yours: tuple | None = None
    says: str = ""

    @cached_property
    def shifted(self):
        """The map, `shift` pixels further right; zeros come in. Shape and dtype of the image."""
        shifted = np.zeros_like(self.image)
        shifted[:, self.shift :] = self.image[:, : self.image.shape[1] - self.shift]
        return shifted

    @cached_property
    def weights(self):
        """The convolution's kernel, ints (kernel, kernel): right column minus left column."""
        weights = np.zeros((self.kernel, self.kernel), int)
        weights[:, 0] -= 1
        weights[:, -1] += 1
        return weights if self.kernel > 1 else np.ones((1, 1), int)

    @cached_property
    def output_shape(self):
        """(rows, columns) of the windows that fit."""
        return tuple((side - self.kernel) // self.stride + 1 for side in self.image.shape)

    @cached_property
    def outputs(self):
        """The true numbers, before the move and after: two arrays of `output_shape`."""
        return self._made_of(self.image), self._made_of(self.shifted)

    def _made_of(self, image):
        windows = sliding_window_view(image, (self.kernel,) * 2)[:: self.stride, :: self.stride]
        if self.way == "max":
            return windows.max(axis=(2, 3))
        return windows.mean(axis=(2, 3)) if self.way == "mean" else (windows * self.weights).sum(axis=(2, 3))

    @property
    def shown(self):
        """The learner's two outputs, or the true ones where there are none."""
        return self.outputs if self.yours is None else self.yours

    @cached_property
    def wrong(self):
        """For each of the two outputs, the cells where the learner's number is not the true one."""
        pairs = zip(self.outputs, self.shown, strict=True)
        return tuple(cells_where(~np.isclose(a, b, rtol=1e-4, atol=1e-6)) for a, b in pairs)

    @cached_property
    def changed(self):
        """The output cells that are others after the move, in what is shown."""
        before, after = self.shown
        return cells_where(~np.isclose(before, after))

    @property
    def window(self):
        """The map's cells under the window of output cell `at`."""
        top, left = (place * self.stride for place in self.at)
        return [(top + u, left + v) for u in range(self.kernel) for v in range(self.kernel)]

    def moved(self, at):
        """The same with another output cell in view: the nearest that there is."""
        at = nearest(at, self.output_shape)
        return self if at == self.at else replace(self, at=at)

    def under(self, cell):
        """The same with the window whose start is nearest before a cell of the map."""
        return self.moved([place // self.stride for place in cell])


def asked(state, functions):
    """`state` with the learner's numbers for its way, or a sentence on why there are none; and whether the function
    never came back: (Pooling, bool). Raises nothing.

    functions: {"max": …, "mean": …}, the learner's, each (x (1, 1, H, W), kernel, stride) -> (1, 1, H', W').
    """
    function = functions.get(state.way)
    if function is None:
        return replace(state, yours=None, says=""), False
    found = []
    for image in (state.image, state.shifted):
        answer = ask(function, image[None, None].copy(), state.kernel, state.stride)
        if answer.problem:
            return replace(state, yours=None, says=answer.problem), answer.endless
        value, wanted = answer.value, (1, 1, *state.output_shape)
        if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
            said = "None: is its return missing?" if value is None else f"{describe(value)}, not an array of numbers."
            return replace(state, yours=None, says=f"`{answer.name}` returned {said}"), False
        if value.shape != wanted:
            says = f"`{answer.name}` returned shape {value.shape}; here it is {wanted}."
            return replace(state, yours=None, says=says), False
        found.append(value[0, 0])
    return replace(state, yours=tuple(found), says=""), False
