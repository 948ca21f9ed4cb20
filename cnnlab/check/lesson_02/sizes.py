"""output_size, same_padding, shrink_after and dilation_schedule: counting pixels."""

from __future__ import annotations

import numpy as np

from cnnlab.check.compare import Difference
from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_02.schedule_mistakes import DILATION_SCHEDULE
from cnnlab.check.lesson_02.sizes_mistakes import OUTPUT_SIZE, SAME_PADDING, SHRINK_AFTER
from cnnlab.check.plain import describe


def starts(size: int, kernel: int, padding: int = 0, stride: int = 1, dilation: int = 1) -> int:
    """The stops counted one by one: every stride-th start whose last tap is still inside."""
    wide, reach = size + 2 * padding, dilation * (kernel - 1)
    found = len(range(0, wide - reach, stride))
    if wide - reach < 1:
        raise ValueError("the kernel does not fit")
    return found


def _one_step(rng: np.random.Generator) -> list[Case]:
    size = int(rng.integers(8, 40))
    return [
        Case((5, 3)),
        Case((5, 3, 1), note="padding on both sides"),
        Case((7, 2), note="an even kernel"),
        Case((6, 6), note="as large as the picture"),
        Case((1, 1)),
        Case((28, 5, 2)),
        Case((4, 7, 2), note="it fits because of the padding"),
        Case((size, 3, 0)),
        Case((3, 5), note="it does not fit"),
        Case((3, 8, 2), note="it does not fit, padding or not"),
    ]


def _every_step(rng: np.random.Generator) -> list[Case]:
    size = int(rng.integers(30, 60))
    return [
        Case((7, 3, 0, 2)),
        Case((8, 3, 0, 2), note="the last column is never reached"),
        Case((28, 3, 1, 1)),
        Case((224, 3, 1, 2)),
        Case((224, 7, 3, 2)),
        Case((227, 11), {"stride": 4}),
        Case((3, 3, 0, 5), note="one stop, however long the stride"),
        Case((9, 3, 0, 1, 2), note="dilation 2"),
        Case((9, 3), {"dilation": 4}, note="dilated, it just fits"),
        Case((20, 4, 3, 3, 2), note="everything at once"),
        Case((size, 2, 1, 3, 5)),
        Case((size, 1, 0, 2, 7), note="one tap: dilation changes nothing"),
        Case((size, 5), {"padding": 2, "stride": 3, "dilation": 2}),
        Case((8, 3, 0, 1, 4), note="dilated, it does not fit"),
        Case((5, 3, 1, 2, 4), note="dilated, it does not fit, padding or not"),
    ]


output_size = Exercise(
    name="output_size",
    lesson="02_padding_stride",
    argument_names=("size", "kernel", "padding", "stride", "dilation"),
    oracle=starts,
    parts=[
        Part(
            "stride 1",
            1,
            _one_step,
            tests="8 sizes with and without padding, and 2 kernels that do not fit",
            look="draw the row of pixels with its padding, and count where the kernel's left end can stand.",
        ),
        Part(
            "stride and dilation",
            1,
            _every_step,
            tests="13 sizes, strides that do not divide, dilated kernels, and 2 that do not fit",
            look="a dilated kernel covers dilation·(kernel − 1) + 1 pixels; a stride keeps starts 0, S, 2S, …",
        ),
    ],
    mistakes=OUTPUT_SIZE,
)


def _same(kernel: int, dilation: int = 1) -> int:
    if dilation * (kernel - 1) % 2:
        raise ValueError("no padding that is equal on both sides keeps the size")
    return next(p for p in range(10_000) if starts(1000, kernel, p, 1, dilation) == 1000)


same_padding = Exercise(
    name="same_padding",
    lesson="02_padding_stride",
    argument_names=("kernel", "dilation"),
    oracle=_same,
    parts=[
        Part(
            "odd and even",
            1,
            lambda rng: [
                *(Case((k,)) for k in (1, 3, 5, 7, 11)),
                *(Case((k, d)) for k, d in ((3, 2), (3, 4), (5, 3), (1, 6), (7, 2))),
                Case((4, 2), note="an even kernel, dilated by an even number"),
                Case((2, 4)),
                Case((9,), {"dilation": int(rng.integers(2, 9))}),
                Case((2,), note="no padding does it"),
                Case((4,), note="no padding does it"),
                Case((4, 3), note="no padding does it"),
            ],
            tests="13 kernels, dilated ones too, and 3 for which there is no such padding",
            look="both sides together have to give back what the kernel takes away: dilation·(kernel − 1) pixels.",
        )
    ],
    mistakes=SAME_PADDING,
)


def _left(size: int, kernel: int, layers: int) -> int:
    for _ in range(layers):
        size = starts(size, kernel)
    return size


shrink_after = Exercise(
    name="shrink_after",
    lesson="02_padding_stride",
    argument_names=("size", "kernel", "layers"),
    oracle=_left,
    parts=[
        Part(
            "layers",
            1,
            lambda rng: [
                Case((9, 3, 1)),
                Case((9, 3, 4), note="one pixel is left"),
                Case((224, 3, 20)),
                Case((32, 5, 3)),
                Case((10, 2, 9), note="an even kernel"),
                Case((12, 1, 5), note="kernels of one weight"),
                Case((17, 4, 0), note="no layers"),
                Case((int(rng.integers(60, 99)), 7, 6)),
                Case((9, 3, 5), note="nothing is left"),
                Case((8, 3, 4), note="nothing is left"),
                Case((6, 7, 1), note="nothing is left"),
                Case((10, 2, 10), note="nothing is left"),
            ],
            tests="8 stacks of layers, and 4 in which nothing is left",
            look="each layer takes kernel − 1 pixels. And when is nothing left: at 1, at 0, below?",
        )
    ],
    mistakes=SHRINK_AFTER,
)


def _covered(rates: list[int]) -> set[int]:
    """The places, from the leftmost, that a stack of three-tap layers with these rates looks at."""
    places = {0}
    for rate in rates:
        places = {place + tap * rate for place in places for tap in (0, 1, 2)}
    return places


def _judge_schedule(value: object, case: Case) -> Difference | None:
    depth, field = case.args
    if not isinstance(value, list | tuple | np.ndarray):
        return Difference("type", f"Expected a list of {depth} rates, and yours returned {describe(value)}.")
    rates = [_whole(rate) for rate in np.asarray(value, object).ravel()]
    if len(rates) != depth or np.ndim(np.asarray(value, object)) != 1:
        return Difference("shape", f"Expected {depth} rates, one for each layer, and yours returned {len(rates)}.")
    if None in rates:
        return Difference("type", "Every rate is a whole number, 1 or larger.")
    sees = 1 + 2 * sum(rates)
    if sees < field:
        return Difference("values", f"The field of {rates} is 1 + 2·{sum(rates)} = {sees} pixels; {field} are asked.")
    places = _covered(rates) if sees < 10 * 3**depth else {0}
    if len(places) < sees:
        hole = next(place for place in range(sees) if place not in places)
        return Difference("values", f"{rates} leaves holes: of its {sees} pixels number {hole} is never used.")
    return None


def _whole(rate: object) -> int | None:
    if isinstance(rate, np.ndarray) and rate.ndim == 0:
        rate = rate[()]
    if isinstance(rate, bool | np.bool_) or not isinstance(rate, int | np.integer) or rate < 1:
        return None
    return int(rate)


dilation_schedule = Exercise(
    name="dilation_schedule",
    lesson="02_padding_stride",
    argument_names=("depth", "field"),
    judge=_judge_schedule,
    oracle=lambda depth, field: [1] * depth if field <= 3**depth else _refuse(),
    parts=[
        Part(
            "doubling will do",
            1,
            lambda rng: [
                *(Case(pair) for pair in ((1, 3), (2, 5), (2, 7), (3, 7), (3, 15), (4, 31))),
                Case((5, 11), note="ordinary convolutions are enough"),
                Case((1, 1)),
                Case((3, 2), note="a small field, three layers"),
                Case((4, int(rng.integers(16, 30)))),
                Case((6, 127)),
            ],
            tests="11 fields of 1 to 6 layers for which rates 1, 2, 4, 8, … are large enough",
            look="draw the taps of the last layer, then put those of the next under each: where is a gap?",
        ),
        Part(
            "the most there is",
            1,
            lambda rng: [
                *(Case(pair) for pair in ((2, 9), (3, 27), (3, 20), (4, 81), (4, 40))),
                Case((5, 243)),
                Case((5, int(rng.integers(64, 240)))),
                Case((2, 10), note="three taps in two layers reach 9 pixels at most"),
                Case((1, 4), note="more than one layer can use"),
                Case((4, 82), note="one more than there is"),
            ],
            tests="7 fields, up to the largest that there is, and 3 that are too large",
            look="three copies of what the layers so far can see: how far apart may they stand without a gap?",
        ),
    ],
    mistakes=DILATION_SCHEDULE,
)


def _refuse() -> list[int]:
    raise ValueError("the field is too large")
