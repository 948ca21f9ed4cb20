"""Where the taps of a kernel stand, how often each pixel is read, and in how many ways: numbers, and nothing drawn."""

import numpy as np


def stops(size, kernel, padding=0, stride=1, dilation=1):
    """Along one axis of `size` pixels: for each stop the places of the kernel's taps, a list of lists of ints.

    Places of the padding are below 0 or at `size` and beyond. All arguments are ints; no stop where the kernel does not
    fit.
    """
    last = size + padding - dilation * (kernel - 1)
    return [[start + tap * dilation for tap in range(kernel)] for start in range(-padding, last, stride)]


def usage(shape, kernel, padding=0, stride=1, dilation=1):
    """How many outputs read each pixel of an input, padding not counted. shape: (H, W); the others as in `stops`.

    Returns ints (H, W).
    """

    def along(size):
        count = np.zeros(size + 2 * padding, int)
        for taps in stops(size, kernel, padding, stride, dilation):
            count[[tap + padding for tap in taps]] += 1
        return count[padding : padding + size]

    return np.outer(along(shape[0]), along(shape[1]))


def ways(rates):
    """In how many ways each pixel of the field reaches one output of a stack of three-tap layers.

    rates: the layers' dilations, ints. Returns ints (1 + 2·sum(rates),), for one row; 0 where a pixel is stepped over.
    In 2-D: the outer product with itself.
    """
    found = np.ones(1, int)
    for rate in rates:
        taps = np.zeros(2 * rate + 1, int)
        taps[::rate] = 1
        found = np.convolve(found, taps)
    return found


def holes(rates):
    """How many pixels of the field are never used, in a row: an int ("gridding": Wang et al., 2018). rates: as in
    `ways`."""
    return int(np.sum(ways(rates) == 0))
