"""The rows of AlexNet's table: what is right, and what a wrong answer says about how it was found."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnnlab.check.lesson_06.rows import ALEXNET, shape_after, side
from cnnlab.check.plain import describe
from cnnlab.layers import Conv

# fmt: off
NAMES: list[str] = ["conv1", "pool1", "conv2", "pool2", "conv3", "conv4",
                    "conv5", "pool3", "flatten", "dense1", "dense2", "dense3"]
# fmt: on
LARGEST = 10**15


@dataclass(frozen=True)
class Row:
    """One row: the right answer, and for wrong ones that are known the idea. `slack`: how far off is still right."""

    right: Any
    ideas: Mapping = field(default_factory=dict)
    slack: float = 0.0

    def verdict(self, got: Any) -> str:
        """What is wrong with an answer; "" where it is right. The right one is not told."""
        if isinstance(got, str):
            return "that is text: leave out the quotes"
        return self._shape(got) if isinstance(self.right, tuple) else self._count(got)

    def _shape(self, got: Any) -> str:
        if not isinstance(got, tuple | list):
            right = "the number is right; a shape is a tuple, here (n,) with a comma"
            return right if (whole(got),) == self.right else "a shape is a tuple"
        sides, right = tuple(one for one in map(whole, got) if one is not None), self.right
        if len(sides) < len(got):
            return "the sides of a shape are whole numbers"
        if sides == right or sides in self.ideas:
            return "" if sides == right else self.ideas[sides]
        if len(sides) != len(right):
            return "a shape here is (channels, height, width)" if len(right) == 3 else "a shape here is (n,)"
        if len(right) == 1:
            return "not right"
        if sorted(sides) == sorted(right):
            return "the right numbers in another order: (channels, height, width)"
        if sides[1:] == right[1:]:
            return "height and width are right, the channels are not"
        return "the channels are right, height and width are not" if sides[0] == right[0] else "not right"

    def _count(self, got: Any) -> str:
        number, right = _number(got), self.right
        if number is None:
            return f"one number is asked for, and this is {describe(got)}"
        if abs(number - right) <= self.slack and (self.slack or whole(got) is not None):
            return ""
        if number == right or number in self.ideas:
            return self.ideas.get(number) or "the number is right; a count is an int, without a point"
        way, smaller, larger = "many" if number > right else "few", *sorted((abs(number), right))
        if abs(number - right) == 1 and right > 1:
            return f"one too {way}"
        factor = larger // smaller if smaller and number > 0 and larger % smaller == 0 else 0
        return f"{int(factor)} times too {way}" if factor else f"too {way}"


def whole(value: Any) -> int | None:
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iu":
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Any) -> int | float | None:
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind == "f":
        value = float(value)
    return value if isinstance(value, float) and value == value else whole(value)


# fmt: off
NO_ONE = "one too few: the kernel's first place counts as well (+ 1)"
NO_PADDING = "the padding is missing: it adds pixels on both sides"
NO_BIAS = "the biases are missing: one for each filter or output"
IN_CHANNELS = "the channels are those that come in: a convolution gives one map for each filter"
BOTH_SIDES = "padding 2 adds two pixels on each of the two sides: 4 in all"
ROUND_DOWN = "a stop that does not fit is left out: round down"
FIT_IN = "the kernel has to fit in: take its side off before you divide"
SPANS = "a filter spans all maps that come in: times their number"
ONE_FILTER = "that is one filter; how many are there?"
POOLED = "a pooling layer learns nothing: it takes the largest number of a window"
TWO_GPUS = "that is the two-GPU version of the paper"
TOTAL = 62_378_344
SIDES: dict[Callable, str] = {  # of size, kernel, stride and padding
    lambda n, k, s, p: (n + 2 * p - k) // s: NO_ONE, lambda n, k, s, p: (n - k) // s + 1: NO_PADDING,
    lambda n, k, s, p: (n + p - k) // s + 1: "padding adds pixels on each of the two sides",
    lambda n, k, s, p: n + 2 * p - k + 1: "the stride is missing",
    lambda n, k, s, p: n // k: "the windows are 3 wide and move by 2: they overlap",
    lambda n, k, s, p: n // s: FIT_IN, lambda n, k, s, p: n // s + 1: FIT_IN,
}


def _shape_rows() -> Iterator[tuple[str, Row]]:
    came = (3, 227, 227)
    layers: list[Any] = list(ALEXNET)
    for name, layer in zip(NAMES[:8], layers, strict=False):
        went = shape_after(came, layer)
        sides = {rule(came[1], layer.kernel, layer.stride, getattr(layer, "padding", 0)): words
                 for rule, words in reversed(SIDES.items())}
        ideas: dict[tuple, str] = {(went[0], n, n): words for n, words in sides.items()}
        if isinstance(layer, Conv):
            ideas |= {(came[0] * went[0], *went[1:]): "a filter spans all that comes in, and gives one map",
                      (came[0], *went[1:]): IN_CHANNELS}
        yield f"shape after {name}", Row(went, {shape: words for shape, words in ideas.items() if shape != went})
        came = went


SHAPES = dict(_shape_rows()) | {"shape after flatten": Row((9216,), {
    (256,): "the 6 × 6 places of each map count as well", (36,): "every one of the 256 maps counts",
    (1536,): "a map is 6 high and 6 wide", (256, 36): "one row of numbers: multiply all three sides",
    (12544,): "that is 256 maps of 7 × 7: the last pooling leaves 6 × 6"})}


def _row(right: int, ideas: dict) -> Row:
    return Row(right, {number: words for number, words in ideas.items() if number != right})


def _conv_row(k: int, c_in: int, c_out: int, split: bool = False) -> Row:
    """`split`: the paper deals this layer out to two GPUs."""
    weights, area = k * k * c_in * c_out, k * k
    gpus = {weights // 2 + c_out: "that is the two-GPU version; here every filter sees all maps"} if split else {}
    return _row(weights + c_out, {
        weights: NO_BIAS, weights + c_in: "there is one bias for each filter, not for each map that comes in",
        weights + 1: "there is one bias for each filter, not one for the layer",
        k * c_in * c_out + c_out: "a kernel has height times width weights, not its side alone",
        area * c_out + c_out: SPANS, area * c_out: SPANS, area * c_in + 1: ONE_FILTER, area * c_in: ONE_FILTER,
        area * 3 * c_out + c_out: "only conv1 sees three colours; this layer sees the maps of the one before it",
        **gpus})


def _dense_row(inputs: int, outputs: int, wrong: Mapping[int, str] = {}) -> Row:
    return _row(inputs * outputs + outputs, {
        inputs * outputs: NO_BIAS, inputs * outputs + 1: "there is one bias for each output, not one for the layer",
        inputs * outputs + inputs: "there is one bias for each output, not for each input",
        **{n * outputs + outputs: words for n, words in wrong.items()}})


PARAMETERS = {
    "parameters of conv1": _conv_row(11, 3, 96),
    "parameters of pool1": Row(0, dict.fromkeys((9, 864, 960, 96), POOLED)),
    "parameters of conv2": _conv_row(5, 96, 256, split=True),
    "parameters of conv3": _conv_row(3, 256, 384),
    "parameters of conv4": _conv_row(3, 384, 384, split=True),
    "parameters of conv5": _conv_row(3, 384, 256, split=True),
    "parameters of flatten": Row(0, {9216: "Flatten lays the numbers out in a row, and learns nothing"}),
    "parameters of dense1": _dense_row(9216, 4096, {
        256: "the input is all of 6 × 6 × 256, not the maps alone", 12544: "the last pooling leaves 6 × 6"}),
    "parameters of dense2": _dense_row(4096, 4096, {9216: "dense2 gets what dense1 gives: 4,096 numbers"}),
    "parameters of dense3": _dense_row(4096, 1000),
    "parameters in all": Row(TOTAL, {
        TOTAL - 10_568: "the biases are missing, 10,568 of them", 58_631_144: "those are the dense layers alone",
        60_965_224: f"{TWO_GPUS}; here every filter sees all maps", 3_747_200: "those are the convolutions alone",
        61_100_840: "that is torchvision's AlexNet, another one"}),
    "percent of them in dense layers": Row(94, {
        6: "that is the share of the convolutions", 0.94: "in percent: a hundred times as much"}, slack=0.5),
}

VARIANTS = {
    "224 unpadded: side after conv1": Row(54, {
        55: "55 is what the paper says. Count: (224 − 11) // 4 + 1", 53: NO_ONE, 54.25: ROUND_DOWN}),
    "224, padding 2: side after conv1": Row(55, {
        54: BOTH_SIDES, 56: "a last stop that does not fit is left out, so round down", 55.25: ROUND_DOWN}),
    "two GPUs: parameters of conv2": Row(307_456, {
        614_656: "there each filter sees only the 48 maps of its own GPU, not all 96", 307_200: NO_BIAS,
        153_728: "that is one GPU's half: 128 filters. Both count",
        153_600: "that is one GPU's half, without biases"}),
    "two GPUs: parameters in all": Row(60_965_224, {
        TOTAL: "conv2, conv4 and conv5 see half of the maps each there", 60_954_656: NO_BIAS,
        62_071_144: "conv4 and conv5 are split as well",
        60_522_856: "conv3 is not split: it sees the maps of both GPUs"}),
    "torchvision: parameters in all": Row(61_100_840, {
        TOTAL: "that is ours; torchvision's has 64, 192, 384, 256 and 256 filters", 61_090_496: NO_BIAS,
        60_965_224: TWO_GPUS}),
    "Tiny ImageNet: parameters of the last layer": Row(819_400, {
        819_200: NO_BIAS, 1_843_400: "the last layer gets the 4,096 numbers of the one before it",
        4_097_000: "there are 200 classes, not 1,000"}),
    "Tiny ImageNet: parameters in all": Row(42_319_432, {
        59_100_744: "it has one dense layer fewer: 9216 → 4096 → 200", 45_597_032: "there are 200 classes, not 1,000",
        38_572_232: "those are the dense layers alone"}),
}
# fmt: on
ROWS = {**SHAPES, **PARAMETERS, **VARIANTS}
RIGHT = {name: row.right for name, row in ROWS.items()}
CONVS, DENSE = ([f"parameters of {kind}{k}" for k in range(1, n)] for kind, n in (("conv", 6), ("dense", 4)))


def _sum(*names: str) -> Callable[[Mapping], int]:
    return lambda table: sum(table[name] for name in names)


def _shape(name: str, before: str) -> Callable[[Mapping], tuple]:
    return lambda table: shape_after(table[f"shape after {before}"], ALEXNET[NAMES.index(name)], side)


# fmt: off
FOLLOWS: dict[str, Callable[[Mapping], Any]] = {
    **{f"shape after {name}": _shape(name, before) for before, name in itertools.pairwise(NAMES[:9])},
    "parameters of dense1": lambda table: table["shape after flatten"][0] * 4096 + 4096,
    "parameters in all": _sum(*(name for name in PARAMETERS if name.startswith("parameters of"))),
    "percent of them in dense layers": lambda table: 100 * _sum(*DENSE)(table) / max(table["parameters in all"], 1),
    "two GPUs: parameters in all": lambda table: (  # conv4 and conv5 do without 1,105,920 weights
        table["parameters in all"] - table["parameters of conv2"] + table["two GPUs: parameters of conv2"] - 1_105_920),
    "Tiny ImageNet: parameters in all": _sum(*CONVS, DENSE[0], "Tiny ImageNet: parameters of the last layer"),
}
# fmt: on


def follows(table: Mapping, name: str) -> bool:
    """Is a wrong answer right for what the learner's own rows before it say? Then they alone are to be mended."""
    said = {one: _sound(one, value) for one, value in table.items() if one in ROWS}
    if name not in FOLLOWS or said.get(name) is None:
        return False
    try:
        due = FOLLOWS[name](said)
    except (KeyError, TypeError):  # a row before it has no answer yet
        return False
    return due == said[name] if isinstance(due, tuple) else abs(due - said[name]) <= ROWS[name].slack


def _sound(name: str, value: Any) -> Any:
    """An answer as a number or a tuple of the right length; None where it is none."""
    if not isinstance(RIGHT[name], tuple):
        number = _number(value)
        return number if number is not None and abs(number) < LARGEST else None
    sides = tuple(whole(one) for one in value) if isinstance(value, list | tuple) else ()
    return sides if len(sides) == len(RIGHT[name]) and None not in sides else None
