"""What goes wrong in output_size, same_padding and shrink_after."""

from __future__ import annotations

import math

from cnnlab.check.exercise import Mistake, known

OUTPUT_SIZE: list[Mistake] = []
SAME_PADDING: list[Mistake] = []
SHRINK_AFTER: list[Mistake] = []


def _room(size, kernel, padding, dilation):
    return size + 2 * padding - dilation * (kernel - 1) - 1


def _fits(room):
    if room < 0:
        raise ValueError("the kernel does not fit")
    return room


@known(OUTPUT_SIZE, "the + 1 is missing", "Start 0 counts too: from 0 to W − K there are W − K + 1 starts.")
def no_plus_one(size, kernel, padding=0, stride=1, dilation=1):
    return _fits(_room(size, kernel, padding, dilation)) // stride


@known(OUTPUT_SIZE, "the padding counts once", "There are zeros on both sides: the row is 2·P longer.")
def padding_once(size, kernel, padding=0, stride=1, dilation=1):
    return _fits(_room(size, kernel, padding, dilation) - padding) // stride + 1


@known(OUTPUT_SIZE, "the padding is left out", "Zeros on both sides make room for 2·P more starts.")
def padding_ignored(size, kernel, padding=0, stride=1, dilation=1):
    return _fits(_room(size, kernel, 0, dilation)) // stride + 1


@known(OUTPUT_SIZE, "rounded up", "A step that would leave the picture is not taken: round down, //.")
def rounded_up(size, kernel, padding=0, stride=1, dilation=1):
    return -(-_fits(_room(size, kernel, padding, dilation)) // stride) + 1


@known(OUTPUT_SIZE, "rounded to the nearest", "A step that would leave the picture is not taken: round down, //.")
def rounded(size, kernel, padding=0, stride=1, dilation=1):
    return round(_fits(_room(size, kernel, padding, dilation)) / stride + 1e-9) + 1


@known(OUTPUT_SIZE, "the stride is left out", "Of all starts only every S-th is kept.")
def stride_ignored(size, kernel, padding=0, stride=1, dilation=1):
    return _fits(_room(size, kernel, padding, dilation)) + 1


@known(
    OUTPUT_SIZE,
    "the + 1 before the division",
    "First divide, then add 1: of the steps after start 0 every S-th is kept, and start 0.",
)
def plus_one_first(size, kernel, padding=0, stride=1, dilation=1):
    return (_fits(_room(size, kernel, padding, dilation)) + 1) // stride


@known(OUTPUT_SIZE, "a fraction", "A count is a whole number: // in place of /.")
def fraction(size, kernel, padding=0, stride=1, dilation=1):
    return _fits(_room(size, kernel, padding, dilation)) / stride + 1


@known(OUTPUT_SIZE, "the dilation is left out", "A dilated kernel covers dilation·(K − 1) + 1 pixels.")
def dilation_ignored(size, kernel, padding=0, stride=1, dilation=1):
    return _fits(_room(size, kernel, padding, 1)) // stride + 1


@known(
    OUTPUT_SIZE,
    "a dilated kernel covers dilation·kernel",
    "Between K taps there are K − 1 gaps: dilation·(K − 1) + 1 pixels.",
)
def dilation_times_kernel(size, kernel, padding=0, stride=1, dilation=1):
    return _fits(size + 2 * padding - dilation * kernel) // stride + 1


@known(
    OUTPUT_SIZE,
    "dilation 1 widens the kernel",
    "With dilation 1 nothing lies between the taps; K + (K − 1)·(dilation − 1) pixels.",
)
def dilation_too_wide(size, kernel, padding=0, stride=1, dilation=1):
    return _fits(size + 2 * padding - (kernel + (kernel - 1) * dilation)) // stride + 1


@known(OUTPUT_SIZE, "the dilated kernel is not asked whether it fits", "Compare the picture with the *dilated* kernel.")
def undilated_fit(size, kernel, padding=0, stride=1, dilation=1):
    _fits(_room(size, kernel, padding, 1))
    return _room(size, kernel, padding, dilation) // stride + 1


@known(
    OUTPUT_SIZE,
    "a kernel that does not fit gives a number",
    "Where the kernel does not fit there is no size: raise ValueError.",
)
def always_a_number(size, kernel, padding=0, stride=1, dilation=1):
    return _room(size, kernel, padding, dilation) // stride + 1


@known(
    OUTPUT_SIZE,
    "0 where the kernel does not fit",
    "Where the kernel does not fit, raise ValueError; a 0 would be passed on silently.",
)
def zero_for_none(size, kernel, padding=0, stride=1, dilation=1):
    return max(0, _room(size, kernel, padding, dilation) // stride + 1)


@known(OUTPUT_SIZE, "a kernel as large as the picture is refused", "It fits, in one place: the size is 1.")
def too_strict(size, kernel, padding=0, stride=1, dilation=1):
    room = _room(size, kernel, padding, dilation)
    if room <= 0:
        raise ValueError("the kernel does not fit")
    return room // stride + 1


@known(
    OUTPUT_SIZE,
    "a kernel larger than the picture is refused",
    "Compare with the padded picture: padding can make room for it.",
)
def without_padding(size, kernel, padding=0, stride=1, dilation=1):
    if kernel > size:
        raise ValueError("the kernel does not fit")
    return _fits(_room(size, kernel, padding, dilation)) // stride + 1


@known(OUTPUT_SIZE, "one side of the kernel is lost", "W − K + 1 starts, not W − K − 1.")
def minus_one(size, kernel, padding=0, stride=1, dilation=1):
    return _fits(_room(size, kernel, padding, dilation)) // stride - 1


def _even(total):
    if total % 2:
        raise ValueError("no padding that is equal on both sides")
    return total // 2


@known(SAME_PADDING, "kernel // 2", "That forgets the dilation: both sides together must give back dilation·(K − 1).")
def half_kernel(kernel, dilation=1):
    _even(dilation * (kernel - 1))
    return kernel // 2


@known(SAME_PADDING, "the dilation is left out", "A dilated kernel takes dilation·(K − 1) pixels away.")
def undilated(kernel, dilation=1):
    return _even(kernel - 1)


@known(SAME_PADDING, "both sides together", "Half of it goes on each side.")
def both_sides(kernel, dilation=1):
    _even(dilation * (kernel - 1))
    return dilation * (kernel - 1)


@known(SAME_PADDING, "an odd sum is rounded", "Where dilation·(K − 1) is odd no padding does it: raise ValueError.")
def no_error(kernel, dilation=1):
    return dilation * (kernel - 1) // 2


@known(
    SAME_PADDING,
    "every even kernel is refused",
    "With an even dilation an even kernel works: dilation·(K − 1) is even.",
)
def even_kernels_refused(kernel, dilation=1):
    if kernel % 2 == 0:
        raise ValueError("even")
    return dilation * (kernel - 1) // 2


@known(SAME_PADDING, "a fraction", "A count is a whole number: // in place of /.")
def same_fraction(kernel, dilation=1):
    return _even(dilation * (kernel - 1)) / 1


@known(SAME_PADDING, "dilation·kernel in place of dilation·(kernel − 1)", "Between K taps there are K − 1 gaps.")
def times_kernel(kernel, dilation=1):
    _even(dilation * (kernel - 1))
    return dilation * kernel // 2


def _left(left):
    if left < 1:
        raise ValueError("nothing is left")
    return left


@known(SHRINK_AFTER, "each layer takes a whole kernel", "A layer takes K − 1 pixels: 5 − 3 + 1 = 3.")
def whole_kernel(size, kernel, layers):
    return _left(size - kernel * layers)


@known(SHRINK_AFTER, "half of the kernel", "Each side loses (K − 1)/2, so both together lose K − 1.")
def half_of_it(size, kernel, layers):
    return _left(size - kernel // 2 * layers)


@known(SHRINK_AFTER, "one layer only", "Every layer takes K − 1 pixels: multiply by the number of layers.")
def one_layer(size, kernel, layers):
    return _left(size - (kernel - 1))


@known(SHRINK_AFTER, "nothing left gives a number", "Where nothing is left, raise ValueError; −1 pixels do not exist.")
def below_nothing(size, kernel, layers):
    return size - layers * (kernel - 1)


@known(
    SHRINK_AFTER,
    "0 pixels are returned",
    "A side of 0 is nothing, too: raise ValueError where less than 1 is left.",
)
def zero_is_fine(size, kernel, layers):
    left = size - layers * (kernel - 1)
    if left < 0:
        raise ValueError("nothing is left")
    return left


@known(SHRINK_AFTER, "a last pixel is refused", "One pixel is something: only less than 1 is nothing.")
def one_is_too_few(size, kernel, layers):
    left = size - layers * (kernel - 1)
    if left <= 1:
        raise ValueError("nothing is left")
    return left


@known(SHRINK_AFTER, "always 2 pixels a layer", "2 is right for a kernel of 3 alone; a layer takes K − 1.")
def always_two(size, kernel, layers):
    return _left(size - 2 * layers)


@known(SHRINK_AFTER, "0 where nothing is left", "Raise ValueError where nothing is left.")
def clipped(size, kernel, layers):
    return max(0, size - layers * (kernel - 1))


@known(SHRINK_AFTER, "one layer too many", "Count again: after 1 layer of 3 × 3, 9 pixels become 7.")
def one_too_many(size, kernel, layers):
    return _left(size - (layers + 1) * (kernel - 1))


@known(SHRINK_AFTER, "a float", "A count is a whole number (int).")
def a_float(size, kernel, layers):
    return math.fabs(_left(size - layers * (kernel - 1)))
