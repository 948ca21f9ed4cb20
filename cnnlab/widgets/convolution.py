"""What the convolution explorer shows, as plain numbers: one stop of a kernel on its way over a padded picture."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from cnnlab.check import ask
from cnnlab.check.plain import describe
from cnnlab.widgets.cells import border_cells, cells_where, nearest


@dataclass(frozen=True, eq=False)
class Exploration:
    """A kernel on its way over a padded picture: three settings, and the output cell `at` where it stands.

    image: (H, W), kernel: (kh, kw), any real numbers; yours: the learner's output of the same shape as the true one, or
    None where there is none to show; says: a sentence about it.
    """

    image: np.ndarray
    kernel: np.ndarray
    padding: int = 0
    stride: int = 1
    dilation: int = 1
    at: tuple = (0, 0)
    yours: np.ndarray | None = None
    says: str = ""

    @cached_property
    def padded(self):
        """The image in zeros, (H + 2·padding, W + 2·padding)."""
        return np.pad(self.image, self.padding)

    @cached_property
    def border(self):
        """The cells of the padded picture that are padding."""
        return border_cells(self.padded.shape, self.padding)

    @cached_property
    def span(self):
        """(height, width) that the kernel covers with its holes: dilation · (kernel − 1) + 1."""
        return tuple(self.dilation * (side - 1) + 1 for side in self.kernel.shape)

    @cached_property
    def dilated_kernel(self):
        """The kernel with zeros in its holes, so that an ordinary cross-correlation does the dilated one."""
        wide = np.zeros(self.span, dtype=self.kernel.dtype)
        wide[:: self.dilation, :: self.dilation] = self.kernel
        return wide

    @cached_property
    def output_shape(self):
        """floor((W + 2·padding − span) / stride) + 1 for each side; (0, 0) where the kernel does not fit."""
        sides = [(side - span) // self.stride + 1 for side, span in zip(self.padded.shape, self.span, strict=True)]
        return tuple(sides) if min(sides) > 0 else (0, 0)

    @property
    def fits(self):
        """Whether the kernel has a place to stand."""
        return self.output_shape != (0, 0)

    @cached_property
    def output(self):
        """The true numbers, (H', W'); (0, 0) where the kernel does not fit."""
        if not self.fits:
            return np.zeros((0, 0))
        windows = np.lib.stride_tricks.sliding_window_view(self.padded, self.span)
        taps = windows[:: self.stride, :: self.stride, :: self.dilation, :: self.dilation]
        return np.einsum("ijuv,uv->ij", taps, self.kernel)

    @property
    def taps(self):
        """The padded cells under the kernel's weights, (kh, kw) of (row, column)."""
        top, left = (place * self.stride for place in self.at)
        kh, kw = self.kernel.shape
        return [[(top + u * self.dilation, left + v * self.dilation) for v in range(kw)] for u in range(kh)]

    @property
    def patch(self):
        """The numbers under the kernel's weights, (kh, kw)."""
        return np.array([[self.padded[tap] for tap in row] for row in self.taps])

    @property
    def products(self):
        """The patch times the kernel, (kh, kw)."""
        return self.patch * self.kernel

    @cached_property
    def wrong(self):
        """The output cells where the learner's number is not the true one."""
        if self.yours is None:
            return frozenset()
        return cells_where(~np.isclose(self.yours, self.output, rtol=1e-4, atol=1e-6, equal_nan=True))

    def moved(self, at):
        """The same with the kernel elsewhere: the nearest cell that there is."""
        at = nearest(at, self.output_shape)
        return self if at == self.at else replace(self, at=at)

    def under(self, cell):
        """The same with the kernel's middle as near as can be to a cell of the padded picture."""
        return self.moved([round((c - (span - 1) / 2) / self.stride) for c, span in zip(cell, self.span, strict=True)])


def asked(state, function, layer=False):
    """`state` with the learner's numbers, or with a sentence on why there are none; and whether the function never came
    back: (Exploration, bool). Raises nothing.

    The learner's function is a plain cross-correlation, `function(image, kernel)`: it gets the padded picture and the
    kernel with its holes, and every stride-th of its numbers is kept. So it works at every setting. With `layer` it is
    lesson 02's `conv2d(x, weight, bias, stride, padding, dilation)` and gets the settings themselves.
    """
    if function is None or not state.fits:
        return replace(state, yours=None, says=""), False
    if layer:
        image, kernel = state.image[None, None].copy(), state.kernel[None, None].copy()
        answer = ask(function, image, kernel, None, state.stride, state.padding, state.dilation)
    else:
        image, kernel = state.padded.copy(), state.dilated_kernel.copy()
        answer = ask(function, image, kernel)
    if answer.problem:
        return replace(state, yours=None, says=answer.problem), answer.endless
    full = tuple(int(side - span + 1) for side, span in zip(state.padded.shape, state.span, strict=True))
    full = (1, 1, *map(int, state.output_shape)) if layer else full
    name, yours = answer.name, _real_array(answer.value)
    if answer.value is None:
        problem = f"`{name}` returned None: is its return missing?"
    elif yours is None:
        problem = f"`{name}` returned {describe(answer.value)}, not an array of real numbers."
    elif yours.shape != full:
        places = f"a kernel {kernel.shape} has {full} places on an image {image.shape}"
        if layer:
            places = f"here, with these settings, it is {full}"
        problem = f"`{name}` returned shape {yours.shape}; {places}."
    else:
        yours = yours[0, 0] if layer else yours[:: state.stride, :: state.stride]
        return replace(state, yours=yours, says=""), False
    return replace(state, yours=None, says=problem), False


def _real_array(value):
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        return None
    return array if array.dtype.kind in "biuf" else None
