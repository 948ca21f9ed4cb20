"""Who reads which pixel: a square input, a kernel on its way over it, and one cell that is looked at."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from cnnlab.figures.taps import stops, usage
from cnnlab.widgets.cells import nearest


@dataclass(frozen=True)
class Usage:
    """A square input, a kernel on its way over it, and the cell in view.

    size, kernel: sides, ints; padding, stride, dilation: ints; `at`: a cell of the output (grid "out") or, counted from
    the first row and column of zeros, of the padded input (grid "in").
    """

    size: int = 6
    kernel: int = 3
    padding: int = 0
    stride: int = 1
    dilation: int = 1
    grid: str = "out"
    at: tuple = (0, 0)

    @cached_property
    def stops(self):
        """For each stop along one axis, the places of the taps in the padded input."""
        found = stops(self.size, self.kernel, self.padding, self.stride, self.dilation)
        return [[tap + self.padding for tap in taps] for taps in found]

    @property
    def side(self):
        """The output's side; 0 where the kernel does not fit."""
        return len(self.stops)

    @property
    def wide(self):
        """The padded input's side."""
        return self.size + 2 * self.padding

    @cached_property
    def counts(self):
        """How many outputs read each pixel, ints (size, size)."""
        return usage((self.size, self.size), self.kernel, self.padding, self.stride, self.dilation)

    @cached_property
    def seen(self):
        """How many pixels, zeros not counted, each output reads, ints (side, side)."""
        inside = [sum(self.inside(tap) for tap in taps) for taps in self.stops]
        return np.outer(inside, inside).astype(int).reshape(self.side, self.side)

    def inside(self, place):
        """Whether a row or column of the padded input holds pixels, and not only zeros."""
        return self.padding <= place < self.padding + self.size

    @property
    def read(self):
        """The cells of the padded input that belong to what is in view."""
        if self.grid == "in":
            return {self.at}
        if not self.side:
            return set()
        return {(i, j) for i in self.stops[self.at[0]] for j in self.stops[self.at[1]]}

    @property
    def readers(self):
        """The outputs that belong to what is in view."""
        if self.grid == "out":
            return {self.at} if self.side else set()
        rows, columns = ([k for k, taps in enumerate(self.stops) if place in taps] for place in self.at)
        return {(i, j) for i in rows for j in columns}

    def looking(self, grid, at):
        """The same with another cell in view: the nearest that there is."""
        side = self.side if grid == "out" else self.wide
        return replace(self, grid=grid, at=nearest(at, (side, side)))
