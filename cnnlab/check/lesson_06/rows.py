"""Lists with an entry for each layer: networks to try, what is right, counted out, and what wrong entries say."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cnnlab.check.cases import Args, Case, Part
from cnnlab.check.compare import Difference, difference
from cnnlab.check.draw import between
from cnnlab.check.exercise import Exercise
from cnnlab.check.reading.formulas import slip
from cnnlab.check.reading.places import Spot, listed
from cnnlab.check.verdict import Attempt
from cnnlab.layers import LAYERS, Conv, Dense, Flatten, Pool

Shape = tuple[int, ...]
Entry = tuple[int, str, Mapping[str, int], float, float]  # place, kind, the formula's names, yours, and what is right
FOR_YOURS = " for what your own entries before them say"
SIDE = "(size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1"
ALEXNET = [
    *(Conv(96, 11, stride=4), Pool(3, 2), Conv(256, 5, padding=2), Pool(3, 2)),
    *(Conv(384, 3, padding=1), Conv(384, 3, padding=1), Conv(256, 3, padding=1), Pool(3, 2)),
    *(Flatten(), Dense(4096), Dense(4096), Dense(1000)),
]
MINI = [
    *(Conv(32, 3, padding=1), Conv(32, 3, padding=1), Pool(2, 2), Conv(64, 3, padding=1), Pool(2, 2)),
    *(Flatten(), Dense(128), Dense(10)),
]


# fmt: off
def maps(rng: np.random.Generator) -> list[Case]:
    """Stacks without Flatten and Dense."""
    side, (c1, c2, c3) = between(rng, 30, 90)[0], between(rng, 3, 150, 3)
    twice = Conv(c1, 3, padding=1)
    return [
        Case(([Conv(4, 3)], (2, 6, 8))), Case(([Pool(2, 2)], (3, 9, 6))), Case(([Conv(4, 3), Conv(5, 2)], (3, 9, 7))),
        Case(([Conv(c3, 5, stride=2), Pool(3, 2)], (c2, side, side - 9))),
        Case(([twice, twice, Pool(2, 2), twice, Pool(3, 1)], (3, 14, 11)), note="the same layer three times"),
        Case(([Conv(c2, 3, dilation=2), Conv(c3, 3, dilation=3, padding=2), Pool(2, 3)], (5, 18, 25))),
        Case(([Pool(3, 2), Conv(c2, 4, 3, 1, 2), Conv(c1, 1), Pool(2, 1)], (c1, side, side + 9))),
        Case(([Conv(3, 2), Pool(1, 1)], (2, 2, 5)), note="a single row is left"),
        Case(([Pool(3, 1), Conv(2, 3, padding=1)], (4, 6, 3)), note="a single column is left"),
        Case(([Conv(64, 3), Conv(64, 3, padding=1)], (3, 252, 253)), note="products beyond 32 bits"),
    ]


def whole(rng: np.random.Generator) -> list[Case]:
    """Networks with Flatten and Dense."""
    side, (c1, c2, c3) = between(rng, 16, 30)[0], between(rng, 3, 150, 3)
    return [
        Case(([Conv(3, 3), Flatten(), Dense(4)], (2, 6, 5))),
        Case(([Flatten(), Dense(7), Dense(3)], (3, 4, 6)), note="no convolution at all"),
        Case(([Conv(4, 3, dilation=2), Pool(2, 2), Flatten(), Dense(5)], (1, 11, 14))),
        Case(([Conv(8, 4, stride=3), Pool(3, 2), Flatten(), Dense(c3), Dense(c3), Dense(c2)], (c1, 31, 38))),
        Case(([Conv(6, 3), Pool(2, 2), Conv(9, 3), Flatten()], (2, 12, 9)), note="Flatten comes last"),
        Case(([Conv(c1, 5, 2, 2), Conv(c2, 1), Pool(2, 2), Flatten(), Dense(c1), Dense(c2)], (4, side, side + 7))),
        Case(([Flatten(), Dense(5_001)], (2, 41, 43)), note="more than float32 holds"),  # torch still builds it
        Case((MINI, (3, 32, 32))), Case((ALEXNET, (3, 227, 227)), note="AlexNet"),
    ]
# fmt: on


def stops(size: int, layer: Conv | Pool) -> int:
    """How many places a kernel has along an axis, by trying each."""
    padding = getattr(layer, "padding", 0)
    reach = getattr(layer, "dilation", 1) * (layer.kernel - 1)
    return sum(place + reach < size + 2 * padding for place in range(0, size + 2 * padding, layer.stride))


def shape_after(shape: Shape, layer: Any, side: Callable = stops, flat: Callable = math.prod) -> Shape:
    """The shape of what a layer makes of a shape; `side` and `flat` are how sides and Flatten come out."""
    match layer:
        case Flatten():
            return (flat(shape),)
        case Dense():
            return (layer.out_features,)
        case _:
            return (getattr(layer, "out_channels", shape[0]), *(side(length, layer) for length in shape[1:]))


def shapes(layers: Sequence, input_shape: Shape, after: Callable = shape_after, **more: Callable) -> list[Shape]:
    """The input's shape, then the one after each layer."""
    found = [tuple(input_shape)]
    for layer in layers:
        found.append(after(found[-1], layer, **more))
    return found


def each(a: Args, conv: Callable, dense: Callable, **others: Callable) -> list:
    """A number for each layer, from the layer, the shape that came in and the shape that went out; 0 for those of a
    kind that is not named (pool=…, flatten=…)."""
    met, kinds = shapes(a.layers, a.input_shape), {"conv": conv, "dense": dense, **others}
    rules = [kinds.get(type(layer).__name__.lower(), lambda *layer: 0) for layer in a.layers]
    return [rule(*layer) for rule, *layer in zip(rules, a.layers, met, met[1:], strict=False)]


def judged(what: str) -> Callable[[Any, Case, Any], Difference | None]:
    """A judge for results with an entry for each layer; `what` is what an entry is ("the parameters of")."""

    def judge(value: Any, case: Case, expected: list) -> Difference | None:
        layers, n = case.args[0], len(expected)
        first = ["First entry, the input"] * (n - len(layers))
        if isinstance(value, list | tuple) and len(value) != n:
            entries = f"{n} {'entry' if n == 1 else 'entries'}{', the first for the input' if first else ''}"
            return Difference("shape", f"Expected {entries}, one for each layer; yours returned {len(value)}.")
        if isinstance(value, np.ndarray):
            return Difference("type", "Expected a list, and yours returned an array. Try list(...).")
        names = (*first, *(f"Entry {k}, {what} {layer}" for k, layer in enumerate(layers, len(first))))
        return difference(expected, value, names=names)

    return judge


def shape_words(shape: tuple | list) -> str:
    """A shape as Python writes a tuple, NumPy's numbers as plain ones."""
    return str(tuple(side.item() if isinstance(side, np.ndarray) and side.ndim == 0 else side for side in shape))


def reading(entries: Callable, formulas: Mapping[str, str], follow: bool = False) -> Callable:
    """Reads wrong entries as slips in a formula, one for each kind of layer. `follow`: `entries` holds each against
    what the learner's own entry before it makes right, so what follows from a wrong one is no second mistake."""

    def read(failing: list[Attempt], subject: Any) -> list[str]:
        if any(not isinstance(a.got, list | tuple) or len(a.got) != len(a.expected) for a in failing):
            return []
        bare = [replace(a.answer, value=a.bare) for a in failing]
        failing = [replace(attempt, answer=answer) for attempt, answer in zip(failing, bare, strict=True)]
        found: dict[str, tuple[list, list]] = {}  # the wrong entries of a kind, and the right ones
        for _, kind, names, got, right in (one for attempt in failing for one in entries(attempt)):
            found.setdefault(kind, ([], []))[got == right].append((names, got))
        wrong, fine = ([kind for kind, of in found.items() if bool(of[0]) is bad] for bad in (True, False))
        slips = {kind: slip(formulas[kind], *found[kind]) for kind in wrong}
        lines = [f"In {kind}: {words}" for kind, words in slips.items() if words]
        if not lines and follow and fine and wrong:
            lines = [f"Wrong: {listed(wrong)}."]
        if lines and fine:
            lines.append(f"Right{FOR_YOURS if follow and _follows(failing, entries) else ''}: {listed(fine)}.")
        return lines

    return read


def _follows(failing: list[Attempt], entries: Callable) -> bool:
    """Are there entries that are wrong, and right for the learner's own before them?"""
    for attempt in failing:
        own = {place for place, *_, got, right in entries(attempt) if got != right}
        pairs = zip(attempt.expected, attempt.got, strict=False)
        if any(difference(*pair) is not None and k not in own for k, pair in enumerate(pairs)):
            return True
    return False


def side(size: int, layer: Conv | Pool) -> int:
    """The formula for `stops`."""
    padding, dilation = getattr(layer, "padding", 0), getattr(layer, "dilation", 1)
    return (size + 2 * padding - dilation * (layer.kernel - 1) - 1) // layer.stride + 1


SIDES = {
    "the sides after Conv": SIDE, "the sides after Pool": "(size - kernel) // stride + 1",
    "the channels after Conv": "filters", "the channels after Pool": "channels",
    "Flatten": "channels * height * width", "Dense": "outputs",
}  # fmt: skip


def shapes_read(layers: Sequence, got: Sequence) -> Iterator[Entry]:
    """The sides in a list of shapes, each beside what the shape before it makes right. Of an entry that is no such
    shape, and of the one after it, there is nothing to say."""
    for k, (layer, before, after) in enumerate(zip(layers, got, got[1:], strict=False), 1):
        kind, sides = type(layer).__name__, [before, after]
        if not all(isinstance(shape, list | tuple) and all(isinstance(n, int) for n in shape) for shape in sides):
            continue
        match layer, len(before), len(after):
            case ((Conv() | Pool()), 3, 3):
                names = {"channels": before[0], **vars(layer)}
                right = names["filters"] = names.pop("out_channels", before[0])
                yield k, f"the channels after {kind}", names, after[0], right
                for size, now in zip(before[1:], after[1:], strict=True):
                    yield k, f"the sides after {kind}", {"size": size, **vars(layer)}, now, side(size, layer)
            case Flatten(), 3, 1:
                names = dict(zip(("channels", "height", "width"), before, strict=True))
                yield k, kind, names, after[0], math.prod(before)
            case Dense(out), 1, 1:
                yield k, kind, {"inputs": before[0], "outputs": out}, after[0], out


def spots(a: Args) -> dict[str, list[Spot]]:
    """The entries of each kind of layer."""
    inside = {kind.__name__: np.array([isinstance(layer, kind) for layer in a.layers]) for kind in LAYERS}
    return {"": [Spot(f"in the entries of {kind}", mask) for kind, mask in inside.items()]}


# fmt: off
def on_networks(name: str, oracle: Callable, what: str, wrong: Sequence, read: Callable, parts: Sequence, **more):
    """An exercise about (layers, input_shape): `parts` are (name, points, where to look), for maps and for `whole`."""
    (one, points, look), (two, points_then, look_then) = parts
    return Exercise(
        name=name, lesson="06_alexnet", oracle=oracle, judge=judged(what), wrong=wrong, read=read, **more,
        parts=[
            Part(one, points, maps, "stacks of convolutions and pooling layers, on oblong pictures", look),
            Part(two, points_then, whole, "networks with Flatten and Dense, AlexNet among them", look_then),
        ],
    )
