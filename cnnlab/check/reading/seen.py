"""A failing attempt taken apart: expected and got of each result that counts, and the right results for other
arguments."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnlab.check.compare import holds_single
from cnnlab.check.dress import undressed
from cnnlab.check.plain import is_tensor, plain
from cnnlab.check.reading.changes import Change, changes
from cnnlab.check.reading.places import Spot, plural, wrong_in
from cnnlab.check.verdict import Attempt

if TYPE_CHECKING:
    from cnnlab.check.exercise import Exercise

KEY = re.compile(r"^.*\[['\"]?(.*?)['\"]?\]$")  # "new_params['conv_weight']"
SIGNS = {"<": operator.lt, ">": operator.gt, "=": operator.eq, "≤": operator.le, "≥": operator.ge}
MISFITS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)  # a change does not fit
LARGEST = 20_000  # numbers in a result that is read closely


class Seen:
    """pairs: for each result by name ("" for a single one) what was expected and what came, as numbers."""

    def __init__(self, exercise: Exercise, attempt: Attempt):
        self.exercise, self.attempt = exercise, attempt
        self.args, self.note = attempt.args, attempt.case.note
        expected, got = self._parts(attempt.expected), self._parts(attempt.bare)
        looked_at = [name for name in expected if self._counts(name)]
        single = holds_single(attempt.case.args)
        self.pairs = {
            name: (_as_numbers(expected[name]), _as_numbers(got[name], _float32(single or holds_single(got[name]))))
            for name in looked_at
            if name in got and _is_numbers(expected[name]) and _is_numbers(got[name])
        }
        self.axes = {name: names_of_axes(exercise.axes, name) for name in self.pairs}
        self._predicted: dict[str, dict] = {}
        self._spots: dict[str, list[Spot]] = {}

    def _counts(self, name: str) -> bool:
        results = self.attempt.case.results
        return not results or name.split("[")[0] in results

    def _parts(self, value: Any) -> dict[str, Any]:
        names = self.exercise.results
        if names and isinstance(value, list | tuple) and len(value) == len(names):
            found: dict[str, Any] = {}
            for name, one in zip(names, value, strict=True):
                inner = one.items() if isinstance(one, dict) else ()
                found |= {f"{name}[{key!r}]": item for key, item in inner} if inner else {name: one}
            return found
        if isinstance(value, dict):
            return {str(key): item for key, item in value.items()}
        return {} if names else {"": value}

    def is_wrong(self, name: str) -> bool:
        expected, got = self.pairs[name]
        if expected.shape != got.shape:
            return True
        size = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
        slack = max(1.0, self.exercise.size(self.attempt.case) / size) if self.exercise.judge is None else 1.0
        tolerance = (1e-5 if np.float32 in (got.dtype, expected.dtype) else 1e-8) * slack
        return bool(wrong_in(expected, got, tolerance).any())

    @functools.cached_property
    def sizes(self) -> Mapping[str, float]:
        """Numbers that a result may be off by, with their names: those declared, and the sides of arguments."""
        if self.args is None:
            return {}
        found = dict(self.exercise.sizes(self.args)) if self.exercise.sizes else {}
        for name, value in self.args.values.items():
            axes = names_of_axes(self.exercise.axes, name)
            if isinstance(value, np.ndarray) and len(axes) == value.ndim:
                for axis, side in zip(axes, value.shape, strict=True):
                    found.setdefault(f"the number of {plural(axis)} of `{name}`", side)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                found.setdefault(f"`{name}`", value)
        return found

    def spots(self, name: str) -> list[Spot]:
        """The parts of a result that have a name."""
        if name not in self._spots:
            self._spots[name] = self._all_spots(name)
        return self._spots[name]

    def _all_spots(self, name: str) -> list[Spot]:
        """Those that are declared, the border, and where an argument of the same shape is negative, 0, positive."""
        expected = self.pairs[name][0]
        declared = list(self.exercise.spots(self.args).get(name, ())) if self.exercise.spots and self.args else []
        places, signs = {}, {}
        if expected.ndim >= 2 and min(expected.shape[-2:]) > 2:
            rows, columns = np.indices(expected.shape[-2:])
            edge = (rows % (expected.shape[-2] - 1) == 0) | (columns % (expected.shape[-1] - 1) == 0)
            inside = np.broadcast_to(edge, expected.shape)
            places = {"at the border": inside, "away from the border": ~inside}
        for argument, value in self._arrays().items():
            if value.shape == expected.shape and value.ndim and self._of_one_kind(argument, name):
                signs |= {f"where {argument} {sign} 0": compare(value, 0) for sign, compare in SIGNS.items()}
        if expected.ndim and (expected < 0).any() and (expected > 0).any():
            signs |= {"where it should be negative": expected < 0, "where it should be positive": expected > 0}
        found = [Spot(words, at, words in signs) for words, at in (places | signs).items() if at.any()]
        return declared + [spot for spot in found if spot.words not in {one.words for one in declared}]

    def _of_one_kind(self, argument: str, name: str) -> bool:
        """Do the argument's axes mean the same as the result's?"""
        return names_of_axes(self.exercise.axes, argument) == self.axes[name]

    def _arrays(self) -> dict[str, np.ndarray]:
        values = self.args.values if self.args else {}
        return {name: v for name, v in values.items() if isinstance(v, np.ndarray) and v.dtype.kind in "iuf"}

    @functools.cached_property
    def changes(self) -> dict[str, Change]:
        """Other arguments with which the right numbers may be the learner's."""
        if self.args is None or self.exercise.oracle is None or self._too_large():
            return {}
        return changes(self.args, self.exercise.axes, self.exercise.pairs)

    def _too_large(self) -> bool:
        return any(expected.size > LARGEST for expected, _ in self.pairs.values())

    def predicted(self, words: str, name: str, change: Change | None = None) -> Any:
        """The right result for other arguments; None where there is none."""
        if words not in self._predicted:
            self._predicted[words] = self._with(change or self.changes.get(words))
        found = self._predicted[words].get(name)
        return _as_numbers(found) if found is not None and _is_numbers(found) else None

    def outcome(self, words: str) -> Any:
        """What the right computation gives for other arguments, the error where it raises one; None where the change
        does not fit."""
        change = self.changes.get(words)
        return None if change is None or self.args is None else self._computed(change)

    def _computed(self, change: Change) -> Any:
        try:
            return plain(self.args.right(**change(self.args)))
        except MISFITS as error:
            return error

    def _with(self, change: Change | None) -> dict:
        found = None if change is None or self.args is None else self._computed(change)
        if found is None or isinstance(found, Exception):
            return {}
        return self._parts(undressed(found, self.attempt.expected))


def _float32(single: bool) -> type | None:
    """The kind of numbers whose rounding is no fault: float32 where it went in, and where it comes out."""
    return np.float32 if single else None


def _as_numbers(value: Any, kind: type | None = None) -> np.ndarray:
    found = np.asarray([*_leaves(value)] if isinstance(value, list | tuple) else value)
    return found.astype(kind if kind is not None and found.dtype.kind == "f" else np.float64)


def _is_numbers(value: Any) -> bool:
    if isinstance(value, np.ndarray) or is_tensor(value):
        return np.asarray(value).dtype.kind in "iufb"
    if isinstance(value, list | tuple):
        leaves = [*_leaves(value)]
        return bool(leaves) and all(isinstance(item, int | float) and abs(item) < 1e300 for item in leaves)
    return isinstance(value, int | float) and abs(value) < 1e300


def _leaves(value: Any) -> Iterator[Any]:
    """The items of a list, and of the lists in it (a list of shapes), in a row."""
    for item in value:
        if isinstance(item, list | tuple):
            yield from _leaves(item)
        else:
            yield item


def names_of_axes(axes: Mapping[str, str], name: str) -> list[str]:
    """The names of an argument's or a result's axes; those of what is in a dict stand under its key."""
    key = KEY.match(name)
    return [axis.replace("-", " ") for axis in axes.get(key[1] if key else name, "").split()]
