"""In which cases is it wrong? What all failing cases have and no other: "wherever `stride` is a pair"."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from cnnlab.check.plain import is_tensor
from cnnlab.check.verdict import Attempt

FEW = 3  # failing cases that are named one by one
ENOUGH_PASSING = 3


def wrong_wherever(failing: Sequence[Attempt], passing: Sequence[Attempt]) -> str:
    """ "wrong wherever …, right everywhere else"; "" where nothing tells the failing cases from the others."""
    refusals = [attempt.case.raises is not None for attempt in passing]
    if len(passing) < ENOUGH_PASSING or (all(a.case.raises for a in failing) and not any(refusals)):
        return ""
    bad, good = [set(_features(a)) for a in failing], [set(_features(a)) for a in passing]
    common = [words for words in _features(failing[0]) if all(words in one for one in bad)]
    telling = [words for words in common if not any(words in one for one in good)]
    notes = [attempt.case.note for attempt in failing]
    noted = len(failing) <= FEW and all(notes) and len(passing) >= 2 * len(failing)
    alike = len({words.split()[0] for words in telling}) == 1  # all about one argument: the first tells most
    if telling and (not noted or (alike and len(failing) > 1)):
        more = f", or {telling[1]}" if len(telling) == 2 and len(failing) < FEW and not alike else ""
        return f"wrong wherever {telling[0]}{more}, and right in every other case."
    if noted:
        told = "; ".join(dict.fromkeys(notes))
        return f"right in {len(passing)} cases; wrong in {len(failing)} only: {told}."
    for k, one in enumerate(common if len(failing) >= FEW else ()):
        for other in common[k + 1 :]:
            if not any(one in each and other in each for each in good):
                return f"wrong wherever {one} and {other}, and right in every other case."
    return ""


def _features(attempt: Attempt) -> Iterator[str]:
    """What can be said of a case's arguments, the most telling first."""
    if attempt.args is None:
        return
    values, raw = attempt.args.values, attempt.args.raw
    given = set(attempt.case.kwargs)
    for name, value in raw.items():
        called = f"`{name}`"
        if name in given:
            yield f"{called} comes by name"
        if value is None:
            yield f"{called} is None"
        elif isinstance(value, tuple | list):
            yield from _of_pair(called, value)
        elif isinstance(value, bool):
            yield f"{called} is {value}"
        elif isinstance(value, int | float):
            yield from _of_number(called, value, attempt.args.defaults.get(name))
        elif isinstance(value, np.ndarray) or is_tensor(value):
            yield from _of_array(called, np.asarray(value), is_tensor(value))
    yield from _compared(values)


def _of_pair(called: str, value: Sequence) -> Iterator[str]:
    if len(value) != 2 or not all(isinstance(side, int) for side in value):
        return
    if isinstance(value, list):
        yield f"{called} is a list"
    yield f"{called} is a pair"
    if value[0] != value[1]:
        yield f"the two sides of {called} differ"
    if 0 in value:
        yield f"a side of {called} is 0"


def _of_number(called: str, value: float, default: Any) -> Iterator[str]:
    for words, holds in (
        ("is 0", value == 0), ("is 1", value == 1), ("is larger than 1", value > 1), ("is negative", value < 0),
        ("is 2", value == 2), ("is 3", value == 3), ("is larger than 2", value > 2), ("is larger than 3", value > 3),
        ("is odd", value % 2 == 1), ("is even", value % 2 == 0), ("is not its default", default not in (None, value)),
    ):  # fmt: skip
        if holds:
            yield f"{called} {words}"


def _of_array(called: str, array: np.ndarray, tensor: bool) -> Iterator[str]:
    kind = {"u": "whole numbers", "i": "whole numbers", "f": "fractions", "b": "True and False"}.get(
        array.dtype.kind, ""
    )
    if tensor:
        yield f"{called} is a tensor"
    if array.dtype == np.uint8:
        yield f"{called} holds bytes"
    if array.dtype == np.float32:
        yield f"{called} holds float32"
    if kind:
        yield f"{called} holds {kind}"
    if not tensor and not array.flags.c_contiguous:
        yield f"{called} does not lie in memory row by row (a slice, or transposed)"
    if array.ndim == 4:
        one = "filter" if "weight" in called else "image"
        yield f"there is {'a single' if len(array) == 1 else 'more than one'} {one} in {called}"
        if array.shape[1] == 1:
            yield f"{called} has a single channel"
    if array.ndim >= 2:
        height, width = array.shape[-2:]
        sides = (
            (height == 1, "a single row"), (width == 1, "a single column"), (height > width, "more rows than columns"),
            (width > height, "more columns than rows"), (height % 2 == 1 or width % 2 == 1, "an odd side"),
        )  # fmt: skip
        for holds, words in sides:
            if holds:
                yield f"{called} has {words}"
    if array.ndim < 6:
        yield f"{called} has {('no axis', 'one axis', 'two axes', 'three axes', 'four axes', 'five axes')[array.ndim]}"
    if array.size > 100:
        yield f"{called} has more than 100 numbers"
    if array.ndim and len(array) > 8:
        yield f"{called} is longer than 8 along its first axis"
    if array.dtype.kind in "iuf" and array.size:
        largest = float(np.max(np.abs(array.astype(np.float64))))
        if largest > 5_000:
            yield f"{called} holds numbers beyond 5000"
        if largest > 88:
            yield f"{called} holds numbers beyond 88"
        if largest > 20:
            yield f"{called} holds numbers beyond 20"
        if (array == 0).any():
            yield f"{called} holds a 0"
        if not (array < 0).any():
            yield f"nothing in {called} is negative"
        if (array < 0).all():
            yield f"all of {called} is negative"
        if array.ndim and array.size > 1 and np.unique(array).size < array.size and array.size <= 64:
            yield f"{called} holds a number more than once"


def _compared(values: dict) -> Iterator[str]:
    numbers = {name: v for name, v in values.items() if isinstance(v, int) and not isinstance(v, bool)}
    sides = dict(numbers)
    for name, value in values.items():
        if isinstance(value, tuple) and len(value) == 2 and all(isinstance(side, int) for side in value):
            sides[name] = max(value)
    weight = values.get("weight")
    if isinstance(weight, np.ndarray) and weight.ndim == 4:
        sides["the kernel"] = min(weight.shape[2:])
    names = list(sides)
    for k, one in enumerate(names):
        for other in names[k + 1 :]:
            a, b = (name if name.startswith("the ") else f"`{name}`" for name in (one, other))
            if sides[one] > sides[other]:
                yield f"{a} is larger than {b}"
            elif sides[one] < sides[other]:
                yield f"{b} is larger than {a}"
            elif one in numbers and other in numbers:
                yield f"{a} and {b} are equal"
            if one in numbers and other in numbers and numbers[other] and numbers[one] % numbers[other]:
                yield f"{b} does not divide {a}"
