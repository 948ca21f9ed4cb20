"""receptive_field: how many pixels of the input, along one axis, a value of each layer depends on."""

import itertools
import operator
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from cnnlab.check.cases import Args, Case, Part
from cnnlab.check.draw import between
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_06 import rows
from cnnlab.check.verdict import Attempt
from cnnlab.layers import Conv, Pool


def field(layers: list) -> list[int]:
    """Walk back from one value of each layer to the first and the last pixel that it depends on."""
    return [_walk_back(layers[: k + 1]) for k in range(len(layers))]


def _walk_back(layers: list) -> int:
    first = last = 0
    for layer in reversed(layers):
        first, last = first * layer.stride, last * layer.stride + growth(layer)
    return last - first + 1


def dilation(layer: Conv | Pool) -> int:
    return getattr(layer, "dilation", 1)


def growth(layer: Conv | Pool) -> int:
    return dilation(layer) * (layer.kernel - 1)


def steps(layers: Sequence, put: Callable = operator.mul) -> list[int]:
    """How many pixels a step takes before each layer and after the last: all strides before it, put together."""
    return [1, *itertools.accumulate((layer.stride for layer in layers), put)]


def _in_steps(a: Args, taken: Sequence[int], grown: Callable = growth, start: int = 1) -> list:
    """Each layer adds its growth, in steps that are given for it."""
    added = (grown(layer) * step for layer, step in zip(a.layers, taken, strict=False))
    return list(itertools.accumulate(added, initial=start))[1:]


def _added(a: Args, grown: Callable = growth, start: int = 1, strides: Callable = lambda one: one.stride) -> list:
    """Each layer adds its growth, in steps that the strides before it have made longer."""
    return _in_steps(a, [1, *itertools.accumulate(map(strides, a.layers), operator.mul)], grown, start)


def _carried(a: Args, on: Callable) -> list:
    """The field after each layer, made by on(field, layer) of the one before it."""
    return list(itertools.accumulate(a.layers, on, initial=1))[1:]


def _entries(attempt: Attempt) -> Iterator[rows.Entry]:
    """How much each layer adds to the learner's own field before it."""
    layers, got = attempt.args.layers, [1, *attempt.got]
    offsets = {yours - right for yours, right in zip(got[1:], attempt.expected, strict=True)}
    if not all(isinstance(one, int) for one in got) or len(offsets) == 1 or len(set(got)) == 1:
        return  # an offset, or one number everywhere, is said better
    for k, (layer, step) in enumerate(zip(layers, steps(layers), strict=False)):
        names = {"strides_before": step, "dilation": 1, **vars(layer)}
        yield k, type(layer).__name__, names, got[k + 1] - got[k], growth(layer) * step


# fmt: off
def _stride_1(rng: np.random.Generator) -> list[Case]:
    return [
        Case(([Conv(8, 3)],)), Case(([Conv(4, 3), Conv(4, 3)],)),
        Case(([Conv(4, 3), Conv(6, 5, padding=2), Conv(2, 1)],), note="padding is not looked at"),
        Case(([Conv(8, 2), Conv(8, 4), Pool(3, 1), Pool(2, 1)],)),
        Case(([Conv(16, int(k), padding=1) for k in rng.integers(1, 20, 6)],)),
        Case(([Conv(64, between(rng, 2, 30)[0], padding=1)] * 10,), note="ten times the same layer"),
    ]


def _strides(rng: np.random.Generator) -> list[Case]:
    k, s = (int(n) for n in rng.integers(2, 6, 2))
    drawn = [(int(kernel), int(stride)) for kernel, stride in rng.integers((2, 1), (12, 4), (6, 2))]
    return [
        Case(([Pool(2, 2), Conv(4, 3)],)), Case(([Conv(4, 3, stride=2), Conv(4, 3)],)),
        Case(([(Pool(*how), Conv(6, how[0], stride=how[1]))[n % 2] for n, how in enumerate(drawn)],)),
        Case(([Conv(4, 3, stride=3), Conv(4, 2, stride=2), Conv(4, 3, stride=2), Conv(4, 3)],)),
        Case(([Conv(4, 2), Pool(3, 2), Pool(2, 4), Conv(3, k, stride=s, padding=3), Pool(3, s), Conv(5, k)],)),
        Case(([Conv(4, 1, stride=2), Conv(4, 3), Pool(1, 3), Conv(4, 3)],), note="kernels of one pixel with a stride"),
        Case((rows.ALEXNET[:8],), note="AlexNet"),
    ]


def _dilations(rng: np.random.Generator) -> list[Case]:
    a, b = (int(n) for n in rng.integers(2, 6, 2))
    rates = [int(rate) for rate in rng.integers(1, 40, 4)]
    return [
        Case(([Conv(4, 3, dilation=2)],)), Case(([Conv(4, 3), Conv(4, 3, dilation=2), Conv(4, 3, dilation=4)],)),
        Case(([Conv(4, 2 + n, dilation=rate) for n, rate in enumerate(rates)],)),
        Case(([Conv(4, 2, stride=2, dilation=3), Pool(3, 2), Conv(4, 3, dilation=2), Conv(2, 4)],)),
        Case(([Conv(4, 1, dilation=5), Conv(4, 5, 1, 2, a), Pool(2, 2), Conv(4, 4, b, 0, b), Conv(4, 2)],)),
    ]


WRONG = [
    ("it begins at 0", "A pixel of the input sees itself: the field begins at 1, before the first layer.",
     lambda a: _added(a, start=0)),
    ("strides are left out", "After a stride of 2 one step of the next layer is two pixels of the picture: growth is "
     "multiplied.", lambda a: _added(a, strides=lambda one: 1)),
    ("a layer's own stride multiplies its growth", "A layer's taps lie in its input, and its own stride comes after "
     "them. Multiply by the strides of the layers before it.", lambda a: _in_steps(a, steps(a.layers)[1:])),
    ("the strides come one layer late", "The stride of the layer just before counts already: multiply by every stride "
     "before this layer.", lambda a: _in_steps(a, [1, *steps(a.layers)])),
    ("only the layer just before counts", "Strides pile up: the growth is multiplied by the product of all strides "
     "before the layer, not by the last one.", lambda a: _in_steps(a, [1, *(one.stride for one in a.layers)])),
    ("strides are added up", "Two strides of 2 make a step of 4 pixels, three of them 8: strides are multiplied.",
     lambda a: _in_steps(a, steps(a.layers, operator.add))),
    ("strides are added to the first step", "The step begins at 1, and each stride multiplies it: not +=, but *=.",
     lambda a: _in_steps(a, [*itertools.accumulate((one.stride for one in a.layers), initial=1)])),
    ("strides of pooling are left out", "Pooling has a stride as well: what comes after it takes larger steps.",
     lambda a: _added(a, strides=lambda one: 1 if isinstance(one, Pool) else one.stride)),
    ("strides of convolutions are left out", "Convolutions may have a stride, too: it counts as pooling's does.",
     lambda a: _added(a, strides=lambda one: 1 if isinstance(one, Conv) else one.stride)),
    ("pooling always steps by its kernel", "Windows may overlap: pooling's step is layer.stride.",
     lambda a: _added(a, strides=lambda one: one.kernel if isinstance(one, Pool) else one.stride)),
    ("pooling windows do not widen the field", "A pooled value sees its whole window: kernel − 1 steps more.",
     lambda a: _added(a, lambda one: 0 if isinstance(one, Pool) else growth(one))),
    ("pooling has no entry", "A value is asked for each Conv and each Pool: pooled values have a field as well.",
     lambda a: [n for n, layer in zip(a.right(), a.layers, strict=True) if isinstance(layer, Conv)]),
    ("the dilation is left out", "A dilated kernel spans dilation·(kernel − 1) steps from its first tap to its last.",
     lambda a: _added(a, lambda one: one.kernel - 1)),
    ("the dilation makes every tap wider", "Dilation puts gaps between the taps, and there are kernel − 1 of them: "
     "dilation·(kernel − 1) steps.", lambda a: _added(a, lambda one: dilation(one) * one.kernel - 1)),
    ("the dilation stays for later layers", "A dilation spreads this layer's taps alone; it is no stride, and later "
     "layers take no larger steps for it.", lambda a: _added(a, strides=lambda one: one.stride * dilation(one))),
    ("the dilation is added", "There are kernel − 1 gaps and each one grows: dilation·(kernel − 1) steps.",
     lambda a: _added(a, lambda one: one.kernel + dilation(one) - 2)),
    ("the whole kernel is added", "Between k taps there are k − 1 steps: a 3 × 3 layer adds two pixels, one on each "
     "side.", lambda a: _added(a, lambda one: growth(one) + 1)),
    ("half a kernel is added", "The field grows on both sides, by (kernel − 1)/2 each: kernel − 1 in all.",
     lambda a: _added(a, lambda one: growth(one) // 2)),
    ("kernels are added up", "Neighbouring windows overlap: only the first layer adds its whole kernel, each later one "
     "kernel − 1 steps.", lambda a: [*itertools.accumulate(one.kernel for one in a.layers)]),
    ("kernels are multiplied", "Two 3 × 3 layers see 5 × 5, not 9 × 9: their windows overlap, so growth is added.",
     lambda a: _carried(a, lambda n, layer: n * (growth(layer) + 1))),
    ("each layer by itself", "A value sees through all layers before it: carry the field on from one to the next.",
     lambda a: [growth(layer) + 1 for layer in a.layers]),
    ("the field is stretched by each stride", "A stride does not stretch what was seen before it; it makes later "
     "growth larger.", lambda a: _carried(a, lambda n, layer: (n + growth(layer)) * layer.stride)),
    ("walked in the wrong direction", "field·stride + kernel − stride is the rule for walking back from the last "
     "layer; from the first one on, growth is multiplied by the strides before it.",
     lambda a: _carried(a, lambda n, layer: (n - 1) * layer.stride + growth(layer) + 1)),
    ("padding widens the field", "Padding moves nothing closer: a value sees as many pixels with it as without.",
     lambda a: _added(a, lambda one: growth(one) + 2 * getattr(one, "padding", 0))),
    ("padding narrows the field", "Padding moves nothing away: a value sees as many pixels with it as without.",
     lambda a: _added(a, lambda one: growth(one) - 2 * getattr(one, "padding", 0))),
    ("the last field only", "One value for each layer is asked for: append the field in every round.",
     lambda a: a.right()[-1]),
    ("the input has an entry", "The list has one value for each layer; the input's 1 is not in it.",
     lambda a: [1, *a.right()]),
    ("an entry behind", "Each entry is the field after its layer. Append when the layer has been added.",
     lambda a: [1, *a.right()[:-1]]),
    ("areas, not sides", "The field along one axis is asked for, 3 and not 9.", lambda a: [n**2 for n in a.right()]),
    ("pairs, not sides", "One int for each layer, the field along one axis: kernels are square.",
     lambda a: [(n, n) for n in a.right()]),
]

FORMULAS = dict.fromkeys(("Conv", "Pool"), "dilation * (kernel - 1) * strides_before")
EXERCISE = Exercise(
    name="receptive_field", lesson="06_alexnet", oracle=field, judge=rows.judged("the receptive field of"), wrong=WRONG,
    axes={"": "entry"}, spots=rows.spots, read=rows.reading(_entries, FORMULAS, follow=True),
    parts=[
        Part("stride 1", 1, _stride_1, "stacks with stride 1",
             "a single pixel sees itself: 1. A 3 × 3 layer adds a pixel on each side."),
        Part("stride and pooling", 1, _strides, "strides and pooling, AlexNet among them",
             "one step to the side in a layer's input is how many pixels of the picture? Which strides say so?"),
        Part("dilation", 1, _dilations, "dilated convolutions, with strides and pooling between them",
             "from its first tap to its last a dilated kernel spans dilation·(kernel − 1) steps."),
    ],
)
