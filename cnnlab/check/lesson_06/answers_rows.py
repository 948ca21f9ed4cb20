"""The rows of AlexNet's table: what is right, and what a wrong number says about how it was found."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cnnlab.check.plain import describe


@dataclass(frozen=True)
class Row:
    """One row: the right answer, and for wrong ones that are known the idea. `slack`: how far off is still right."""

    right: tuple[int, ...] | int
    ideas: dict = field(default_factory=dict)
    slack: float = 0.0

    def verdict(self, got: object) -> str:
        """What is wrong with an answer; "" where it is right. The right one is not told."""
        return self._shape(got) if isinstance(self.right, tuple) else self._count(got)

    def _shape(self, got: object) -> str:
        if isinstance(got, str):
            return "that is text: leave out the quotes"
        if not isinstance(got, tuple | list):
            one = isinstance(got, int) and not isinstance(got, bool) and (got,) == self.right
            return "the number is right; a shape is a tuple, here (n,) with a comma" if one else "a shape is a tuple"
        sides = tuple(_whole(side) for side in got)
        if None in sides:
            return "the sides of a shape are whole numbers"
        if sides == self.right:
            return ""
        return self.ideas.get(sides) or self._about(sides)

    def _about(self, sides: tuple) -> str:
        if len(sides) != len(self.right):
            return "a shape here is (channels, height, width)" if len(self.right) == 3 else "a shape here is (n,)"
        if len(sides) == 3 and sorted(sides) == sorted(self.right):
            return "the right numbers in another order: (channels, height, width)"
        if len(sides) == 3 and sides[1:] == self.right[1:]:
            return "height and width are right, the channels are not"
        if len(sides) == 3 and sides[0] == self.right[0]:
            return "the channels are right, height and width are not"
        return "not right"

    def _count(self, got: object) -> str:
        if isinstance(got, str):
            return "that is text: leave out the quotes"
        number = _number(got)
        if number is None:
            return f"one number is asked for, and this is {describe(got)}"
        if abs(number - self.right) <= self.slack and (self.slack or _whole(got) is not None):
            return ""
        if number == self.right:
            return "the number is right; a count is an int, without a point"
        return self.ideas.get(number) or ("too many" if number > self.right else "too few")


def _whole(value: object) -> int | None:
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iu":
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: object) -> int | float | None:
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind == "f":
        return float(value)
    return value if isinstance(value, float) and value == value else _whole(value)


CEIL = "a last stop that does not fit is left out, so round down"
HALVED_UP = "half of the side, rounded up: the windows are 3 wide and have to fit in"
NO_ONE = "one too few: the kernel's first place counts as well (+ 1)"
NO_PADDING = "the padding is missing: it adds pixels on both sides"
IN_CHANNELS = "the channels are those that come in: a convolution gives one map for each filter"
NO_BIAS = "the biases are missing: one for each filter or output"
POOLED = "a pooling layer learns nothing: it takes the largest number of a window"

SHAPES = {
    "shape after conv1": Row(
        (96, 55, 55),
        {
            (96, 54, 54): NO_ONE,
            (96, 57, 57): "that is 227 // 4 + 1: the kernel has to fit in, so take 11 off first",
            (96, 56, 56): "that is 227 // 4: the kernel has to fit in, so take 11 off first",
            (3, 55, 55): IN_CHANNELS,
            (96, 217, 217): "the stride is missing: the kernel moves by 4 pixels",
            (288, 55, 55): "each filter spans all three colours and gives one map",
        },
    ),
    "shape after pool1": Row(
        (96, 27, 27),
        {
            (96, 26, 26): NO_ONE,
            (96, 28, 28): HALVED_UP,
            (96, 18, 18): "the windows are 3 wide and move by 2: they overlap",
            (96, 53, 53): "the stride is missing: the windows move by 2",
            (32, 27, 27): "pooling works on each map by itself: as many come out as go in",
        },
    ),
    "shape after conv2": Row(
        (256, 27, 27),
        {
            (256, 23, 23): NO_PADDING,
            (256, 25, 25): "padding 2 adds two pixels on each of the two sides: 4 in all",
            (96, 27, 27): IN_CHANNELS,
        },
    ),
    "shape after pool2": Row(
        (256, 13, 13),
        {
            (256, 12, 12): NO_ONE,
            (256, 14, 14): HALVED_UP,
            (256, 9, 9): "the windows are 3 wide and move by 2: they overlap",
            (256, 25, 25): "the stride is missing: the windows move by 2",
        },
    ),
    "shape after conv3": Row((384, 13, 13), {(384, 11, 11): NO_PADDING, (256, 13, 13): IN_CHANNELS}),
    "shape after conv4": Row(
        (384, 13, 13), {(384, 11, 11): NO_PADDING, (384, 9, 9): NO_PADDING, (256, 13, 13): "conv4 has 384 filters"}
    ),
    "shape after conv5": Row(
        (256, 13, 13), {(256, 11, 11): NO_PADDING, (256, 7, 7): NO_PADDING, (384, 13, 13): IN_CHANNELS}
    ),
    "shape after pool3": Row(
        (256, 6, 6),
        {
            (256, 5, 5): NO_ONE,
            (256, 7, 7): HALVED_UP,
            (256, 4, 4): "the windows are 3 wide and move by 2: they overlap",
        },
    ),
    "shape after flatten": Row(
        (9216,),
        {
            (256,): "the 6 × 6 places of each map count as well",
            (36,): "every one of the 256 maps counts",
            (1536,): "a map is 6 high and 6 wide",
            (12544,): "that is 256 maps of 7 × 7: the last pooling leaves 6 × 6",
            (256, 36): "one row of numbers: multiply all three sides",
        },
    ),
}


def _conv_row(k: int, c_in: int, c_out: int, split: bool = False) -> Row:
    """`split`: the paper deals this layer out to two GPUs."""
    weights = k * k * c_in * c_out
    ideas = {
        weights: NO_BIAS,
        weights + c_in: "there is one bias for each filter, not for each map that comes in",
        weights + 1: "there is one bias for each filter, not one for the layer",
        k * c_in * c_out + c_out: "a kernel has height times width weights, not its side alone",
        k * k * c_out + c_out: "a filter spans all maps that come in: times their number",
        k * k * c_out: "a filter spans all maps that come in: times their number",
        k * k * c_in + 1: "that is one filter; how many are there?",
        k * k * c_in: "that is one filter; how many are there?",
        k * k * 3 * c_out + c_out: "only conv1 sees three colours; this layer sees the maps of the one before it",
    }
    if split:
        ideas[weights // 2 + c_out] = "that is the two-GPU version; here every filter sees all maps"
    return _row(weights + c_out, ideas)


def _row(right: int, ideas: dict) -> Row:
    return Row(right, {number: words for number, words in ideas.items() if number != right})


def _dense_row(inputs: int, outputs: int, wrong: dict[int, str] | None = None) -> Row:
    ideas = {
        inputs * outputs: NO_BIAS,
        inputs * outputs + inputs: "there is one bias for each output, not for each input",
        inputs * outputs + 1: "there is one bias for each output, not one for the layer",
        **{n * outputs + outputs: words for n, words in (wrong or {}).items()},
    }
    return _row(inputs * outputs + outputs, ideas)


LAYERS_IN = {256: "the input is all of 6 × 6 × 256, not the maps alone", 12544: "the last pooling leaves 6 × 6"}
TOTAL = 62_378_344

PARAMETERS = {
    "parameters of conv1": _conv_row(11, 3, 96),
    "parameters of pool1": Row(0, {9: POOLED, 864: POOLED, 960: POOLED, 96: POOLED}),
    "parameters of conv2": _conv_row(5, 96, 256, split=True),
    "parameters of conv3": _conv_row(3, 256, 384),
    "parameters of conv4": _conv_row(3, 384, 384, split=True),
    "parameters of conv5": _conv_row(3, 384, 256, split=True),
    "parameters of flatten": Row(0, {9216: "Flatten lays the numbers out in a row, and learns nothing"}),
    "parameters of dense1": _dense_row(9216, 4096, LAYERS_IN),
    "parameters of dense2": _dense_row(4096, 4096, {9216: "dense2 gets what dense1 gives: 4,096 numbers"}),
    "parameters of dense3": _dense_row(4096, 1000),
    "parameters in all": Row(
        TOTAL,
        {
            TOTAL - 10_568: "the biases are missing, 10,568 of them",
            60_965_224: "that is the two-GPU version of the paper; here every filter sees all maps",
            61_100_840: "that is torchvision's AlexNet, another one",
            58_631_144: "those are the dense layers alone",
            3_747_200: "those are the convolutions alone",
        },
    ),
    "percent of them in dense layers": Row(
        94, {6: "that is the share of the convolutions", 0.94: "in percent: a hundred times as much"}, slack=0.5
    ),
}

VARIANTS = {
    "224 unpadded: side after conv1": Row(
        54,
        {
            55: "55 is what the paper says. Count: (224 − 11) // 4 + 1",
            53: NO_ONE,
            54.25: "a stop that does not fit is left out: round down",
        },
    ),
    "224, padding 2: side after conv1": Row(
        55,
        {
            54: "padding 2 adds two pixels on each of the two sides: 4 in all",
            56: CEIL,
            55.25: "a stop that does not fit is left out: round down",
        },
    ),
    "two GPUs: parameters of conv2": Row(
        307_456,
        {
            614_656: "there each filter sees only the 48 maps of its own GPU, not all 96",
            307_200: NO_BIAS,
            153_728: "that is one GPU's half: 128 filters. Both count",
            153_600: "that is one GPU's half, without biases",
        },
    ),
    "two GPUs: parameters in all": Row(
        60_965_224,
        {
            TOTAL: "conv2, conv4 and conv5 see half of the maps each there",
            62_071_144: "conv4 and conv5 are split as well",
            60_522_856: "conv3 is not split: it sees the maps of both GPUs",
            60_954_656: NO_BIAS,
        },
    ),
    "torchvision: parameters in all": Row(
        61_100_840,
        {
            TOTAL: "that is ours; torchvision's has 64, 192, 384, 256 and 256 filters",
            61_090_496: NO_BIAS,
            60_965_224: "that is the two-GPU version of the paper",
        },
    ),
    "Tiny ImageNet: parameters of the last layer": Row(
        819_400,
        {
            819_200: NO_BIAS,
            1_843_400: "the last layer gets the 4,096 numbers of the one before it",
            4_097_000: "there are 200 classes, not 1,000",
        },
    ),
    "Tiny ImageNet: parameters in all": Row(
        42_319_432,
        {
            59_100_744: "it has one dense layer fewer: 9216 → 4096 → 200",
            45_597_032: "there are 200 classes, not 1,000",
            38_572_232: "those are the dense layers alone",
        },
    ),
}
