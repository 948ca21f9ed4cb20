"""conv_shape and pool_shape: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

from cnnlab.check.cases import Mistake, known

CONV: list[Mistake] = []
POOL: list[Mistake] = []


def _side(size, layer):
    return (size + 2 * layer.padding - layer.dilation * (layer.kernel - 1) - 1) // layer.stride + 1


def _conv(shape, layer, side=_side):
    return (layer.out_channels, side(shape[1], layer), side(shape[2], layer))


@known(CONV, "padding on one side only", "Padding goes on both sides of an axis: 2·padding more pixels, not padding.")
def _(shape, layer):
    return _conv(shape, layer, lambda n, c: (n + c.padding - c.dilation * (c.kernel - 1) - 1) // c.stride + 1)


@known(
    CONV,
    "the padding is forgotten",
    "The layer has a padding: the axis is 2·padding pixels longer before it is cut up.",
)
def _(shape, layer):
    return _conv(shape, layer, lambda n, c: (n - c.dilation * (c.kernel - 1) - 1) // c.stride + 1)


@known(CONV, "rounded up", "A last stop where the kernel would stick out is left out. Round down: // and no ceil.")
def _(shape, layer):
    return _conv(shape, layer, lambda n, c: -((c.dilation * (c.kernel - 1) + 1 - n - 2 * c.padding) // c.stride) + 1)


@known(CONV, "rounded to the nearest", "round goes up from a half on. A stop that does not fit is left out: use //.")
def _(shape, layer):
    return _conv(shape, layer, lambda n, c: round((n + 2 * c.padding - c.dilation * (c.kernel - 1) - 1) / c.stride) + 1)


@known(CONV, "not rounded at all", "/ gives a float, and a side is a whole number. Use //, which also rounds down.")
def _(shape, layer):
    return _conv(shape, layer, lambda n, c: (n + 2 * c.padding - c.dilation * (c.kernel - 1) - 1) / c.stride + 1)


@known(CONV, "the first stop is not counted", "There is a stop before the first step, so + 1 comes after the division.")
def _(shape, layer):
    return _conv(shape, layer, lambda n, c: _side(n, c) - 1)


@known(
    CONV,
    "the + 1 is inside the division",
    "Divide the room by the stride first; the + 1 for the first stop comes after.",
)
def _(shape, layer):
    return _conv(shape, layer, lambda n, c: (n + 2 * c.padding - c.dilation * (c.kernel - 1)) // c.stride)


@known(CONV, "the stride is forgotten", "The kernel moves by `stride` pixels: divide the room for steps by it.")
def _(shape, layer):
    return _conv(shape, layer, lambda n, c: n + 2 * c.padding - c.dilation * (c.kernel - 1))


@known(CONV, "the kernel is forgotten", "The kernel has to fit in as a whole: take its reach off before you divide.")
def _(shape, layer):
    return _conv(shape, layer, lambda n, c: (n + 2 * c.padding) // c.stride)


@known(
    CONV, "the dilation is forgotten", "A dilated kernel reaches further: dilation·(kernel − 1) + 1 pixels, not kernel."
)
def _(shape, layer):
    return _conv(shape, layer, lambda n, c: (n + 2 * c.padding - c.kernel) // c.stride + 1)


@known(
    CONV,
    "the dilation makes every tap wider",
    "Dilation puts gaps between the taps, and there are kernel − 1 of them: the reach is dilation·(kernel − 1) + 1.",
)
def _(shape, layer):
    return _conv(shape, layer, lambda n, c: (n + 2 * c.padding - c.dilation * c.kernel) // c.stride + 1)


@known(
    CONV,
    "the dilation is added to the kernel",
    "Each of the kernel − 1 gaps grows, not one of them: the reach is dilation·(kernel − 1) + 1.",
)
def _(shape, layer):
    return _conv(shape, layer, lambda n, c: (n + 2 * c.padding - c.kernel - c.dilation + 1) // c.stride + 1)


@known(
    CONV, "the input's channels come out", "A convolution gives one map for each filter: layer.out_channels of them."
)
def _(shape, layer):
    return (shape[0], *_conv(shape, layer)[1:])


@known(CONV, "channels multiplied", "Each filter spans all maps that come in and gives one map: out_channels come out.")
def _(shape, layer):
    return (shape[0] * layer.out_channels, *_conv(shape, layer)[1:])


@known(CONV, "height and width swapped", "A shape is (channels, height, width), and so is yours to be.")
def _(shape, layer):
    channels, height, width = _conv(shape, layer)
    return (channels, width, height)


@known(CONV, "the height serves for both", "The map need not be square: do the width on its own, from shape[2].")
def _(shape, layer):
    channels, height, _ = _conv(shape, layer)
    return (channels, height, height)


@known(CONV, "the width serves for both", "The map need not be square: do the height on its own, from shape[1].")
def _(shape, layer):
    channels, _, width = _conv(shape, layer)
    return (channels, width, width)


@known(CONV, "channels last", "In this course channels come first, as in torch: (channels, height, width).")
def _(shape, layer):
    channels, height, width = _conv(shape, layer)
    return (height, width, channels)


@known(CONV, "the channels are left out", "A shape has three sides here: (channels, height, width).")
def _(shape, layer):
    return _conv(shape, layer)[1:]


@known(
    CONV, "the shape is not changed", "What comes out is `layer.out_channels` maps, each with as many values as stops."
)
def _(shape, layer):
    return shape


def _window(size, layer):
    return (size - layer.kernel) // layer.stride + 1


def _pool(shape, layer, side=_window):
    return (shape[0], side(shape[1], layer), side(shape[2], layer))


@known(POOL, "rounded up", "A last window that would stick out is left out. Round down: // and no ceil.")
def _(shape, layer):
    return _pool(shape, layer, lambda n, p: -((p.kernel - n) // p.stride) + 1)


@known(POOL, "rounded to the nearest", "round goes up from a half on. A window that does not fit is left out: use //.")
def _(shape, layer):
    return _pool(shape, layer, lambda n, p: round((n - p.kernel) / p.stride) + 1)


@known(POOL, "not rounded at all", "/ gives a float, and a side is a whole number. Use //, which also rounds down.")
def _(shape, layer):
    return _pool(shape, layer, lambda n, p: (n - p.kernel) / p.stride + 1)


@known(POOL, "the stride is taken to be the kernel", "Windows may overlap or leave gaps: they move by layer.stride.")
def _(shape, layer):
    return _pool(shape, layer, lambda n, p: (n - p.kernel) // p.kernel + 1)


@known(POOL, "the stride is forgotten", "The window moves by layer.stride pixels: divide the room for steps by it.")
def _(shape, layer):
    return _pool(shape, layer, lambda n, p: n - p.kernel + 1)


@known(POOL, "the window is forgotten", "The window has to fit in as a whole: take its side off before you divide.")
def _(shape, layer):
    return _pool(shape, layer, lambda n, p: n // p.stride)


@known(POOL, "always halved", "Only 2 × 2 windows with stride 2 halve the sides. Use layer.kernel and layer.stride.")
def _(shape, layer):
    return _pool(shape, layer, lambda n, p: n // 2)


@known(
    POOL, "the first stop is not counted", "There is a window before the first step, so + 1 comes after the division."
)
def _(shape, layer):
    return _pool(shape, layer, lambda n, p: (n - p.kernel) // p.stride)


@known(POOL, "the channels are pooled as well", "Pooling looks at each map by itself: as many maps come out as go in.")
def _(shape, layer):
    return tuple(max(1, _window(side, layer)) for side in shape)


@known(POOL, "the maps are merged into one", "Pooling looks at each map by itself: as many maps come out as go in.")
def _(shape, layer):
    return (1, *_pool(shape, layer)[1:])


@known(POOL, "height and width swapped", "A shape is (channels, height, width), and so is yours to be.")
def _(shape, layer):
    channels, height, width = _pool(shape, layer)
    return (channels, width, height)


@known(POOL, "the height serves for both", "The map need not be square: do the width on its own, from shape[2].")
def _(shape, layer):
    channels, height, _ = _pool(shape, layer)
    return (channels, height, height)


@known(POOL, "channels last", "In this course channels come first, as in torch: (channels, height, width).")
def _(shape, layer):
    channels, height, width = _pool(shape, layer)
    return (height, width, channels)


@known(POOL, "padded by half a window", "Pooling is not padded here: the windows stay inside the map.")
def _(shape, layer):
    return _pool(shape, layer, lambda n, p: (n + 2 * (p.kernel // 2) - p.kernel) // p.stride + 1)
