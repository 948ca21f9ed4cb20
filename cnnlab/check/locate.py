"""Where a fault lies, told from the numbers alone: which result, which part of it, and what the wrong numbers are
instead. It asks for no catalogue, so it helps with faults that nobody has met before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from cnnlab.check import rules
from cnnlab.check.exercise import Attempt, Case, holds_single
from cnnlab.check.rules import ENOUGH, relative_error, times
from cnnlab.check.shapes import shape_clue
from cnnlab.check.spots import Spot, close, factor_of, place, wrong_in


@dataclass(frozen=True)
class Setting:
    """What may be said about a case.

    axes: for each result the names of its axes, in the singular. spots: for each result the parts of it that have a
    name. factors: numbers that a gradient may be too large or too small by, with their names. others: other ways to
    compute the results, each with a sentence's end ("… what comes out when <the kernel is transposed>").
    """

    axes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    spots: Mapping[str, Sequence[Spot]] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    others: Mapping[str, Callable[[], object]] = field(default_factory=dict)


@dataclass(frozen=True)
class Locator:
    """Says where: one line for each clue, and which results are right.

    names: of the results; empty where there is a single one, which is then called `single`.
    """

    setting: Callable[[Case], Setting]
    names: tuple[str, ...] = ()
    single: str = "your result"

    def __call__(self, attempts: list[Attempt]) -> str:
        with np.errstate(all="ignore"):
            return self._told([_Seen(self, attempt) for attempt in attempts])

    def _told(self, seen: list[_Seen]) -> str:
        fine: list[str] = []
        clues: dict[str, list[str]] = {}
        for name in seen[0].pairs:
            with_it = [one for one in seen if name in one.pairs]
            bad = [one for one in with_it if one.is_wrong(name)]
            if not bad:
                fine.append(name)
            elif bad[0] is seen[0]:
                clues.setdefault(_anothers(name, bad) or _clue(name, bad, with_it), []).append(name)
            else:
                clues.setdefault("right in this case, not in every one.", []).append(name)
        lines = [f"{_and(names)}: {clue}" for clue, names in clues.items() if clue]
        if fine and len(seen[0].pairs) > 1:
            lines.append(f"{_and(fine)} {'are' if len(fine) > 1 else 'is'} right in every case.")
        return "\n".join(lines)


class _Seen:
    """An attempt taken apart: expected and got of each result that counts."""

    def __init__(self, locator: Locator, attempt: Attempt):
        self.locator, self.case = locator, attempt.case
        expected, got = self._parts(attempt.expected), self._parts(attempt.got)
        names = [name for name in expected if not attempt.case.results or name in attempt.case.results]
        kind = np.float32 if holds_single(attempt.case.args) else None  # whose rounding is no fault
        self.pairs = {
            name: (np.asarray(expected[name], dtype=np.float64), np.asarray(got[name], dtype=kind))
            for name in names
            if name in got and _numbers(got[name])
        }
        self.setting = locator.setting(attempt.case)
        self._others: dict[str, dict] = {}

    def _parts(self, value: object) -> dict[str, object]:
        names = self.locator.names
        if not names:
            return {self.locator.single: value}
        if not isinstance(value, list | tuple) or len(value) != len(names):
            return {}
        parts: dict[str, object] = {}
        for name, one in zip(names, value, strict=True):
            parts |= {f"{name}[{key!r}]": item for key, item in one.items()} if isinstance(one, dict) else {name: one}
        return parts

    def is_wrong(self, name: str) -> bool:
        expected, got = self.pairs[name]
        return expected.shape != got.shape or bool(wrong_in(expected, got).any())

    def other(self, words: str, name: str) -> np.ndarray | None:
        """The result that the other way of computing gives; None where it gives none."""
        if words not in self._others:
            try:
                self._others[words] = self._parts(self.setting.others[words]())
            except (ValueError, IndexError, KeyError):  # it does not fit these shapes
                self._others[words] = {}
        found = self._others[words].get(name)
        return None if found is None else np.asarray(found, dtype=np.float64)


def _numbers(value: object) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iuf"
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _anothers(name: str, bad: list[_Seen]) -> str:
    """Are these the numbers of another result?"""
    for other in bad[0].pairs:
        pairs = [(one.pairs[other][0], one.pairs[name][1]) for one in bad if other in one.pairs]
        if other != name and pairs and all(close(e, g) for e, g in pairs):
            return f"these are the numbers of {other}: the results come in another order."
    return ""


def _clue(name: str, bad: list[_Seen], seen: list[_Seen]) -> str:
    expected, got = bad[0].pairs[name]
    axes = bad[0].setting.axes.get(name, ())
    if expected.shape != got.shape:
        return shape_clue(expected, got, axes)
    if not np.isfinite(got).all():
        where = place(~np.isfinite(got), axes, bad[0].setting.spots.get(name, ()))
        return f"NaN or infinity {where or 'everywhere'}."
    if not any(one.pairs[name][1].any() for one in bad):
        return "0 everywhere."
    alike = [one for one in bad if one.pairs[name][0].shape == one.pairs[name][1].shape]
    pairs = [one.pairs[name] for one in alike]
    return (
        rules.one_factor(pairs, [one.setting.factors for one in alike])
        or _another_way(name, bad, seen)
        or rules.rearranged(pairs, axes)
        or rules.offset(pairs)
        or rules.precision(pairs)
        or rules.same_along(pairs, axes)
        or _partial(name, alike)
        or rules.factor_by_axis(pairs, axes)
        or rules.factor_here(pairs)
        or _size_of_error(expected, got)
    )


def _another_way(name: str, bad: list[_Seen], seen: list[_Seen]) -> str:
    """The learner's numbers are what comes out in another way of computing, perhaps up to a factor."""
    expected, got = bad[0].pairs[name]
    for words in bad[0].setting.others:
        other = bad[0].other(words, name)
        if other is None or other.shape != got.shape or close(other, expected):
            continue
        if close(other, got) and _agree(words, name, seen, got.size):
            where = _where(name, bad, along_axes=False)
            return f"{f'right except {where}; ' if where else ''}yours is what comes out when {words}."
        scaled = factor_of(other, got) if got.size >= ENOUGH else None
        if scaled is not None and not close(other, got):
            return f"yours is what comes out when {words}, and besides {times(scaled)} that."
    return ""


def _agree(words: str, name: str, seen: list[_Seen], numbers: int) -> bool:
    """Does the other way of computing give the learner's numbers in every failing case that it fits?"""
    others = [(one.other(words, name), one.pairs[name][1]) for one in seen]
    tried = [(other, got) for other, got in others if other is not None]
    same = sum(other.shape == got.shape and close(other, got) for other, got in tried)
    return same == len(tried) or (numbers >= ENOUGH and 2 * same > len(tried))


def _where(name: str, bad: list[_Seen], along_axes: bool = True) -> str:
    """The spot that holds every wrong value, in all failing cases; "" where they are all over."""
    expected, got = bad[0].pairs[name]
    spots = [s for s in bad[0].setting.spots.get(name, ()) if all(_holds(one, name, s.words) for one in bad)]
    axes = bad[0].setting.axes.get(name, ()) if along_axes else ()
    return place(wrong_in(expected, got), axes, spots, (expected != 0) | (got != 0))


def _holds(one: _Seen, name: str, words: str) -> bool:
    expected, got = one.pairs[name]
    spot = next((s for s in one.setting.spots.get(name, ()) if s.words == words), None)
    if spot is None or expected.shape != got.shape:
        return expected.shape == got.shape
    return not (wrong_in(expected, got) & ~spot.inside).any()


def _partial(name: str, bad: list[_Seen]) -> str:
    """Where the wrong values are, and what stands there; from a later case where the first one is wrong all over."""
    for later, one in enumerate(bad):
        where = _where(name, [one, *bad] if later else bad, along_axes=not later)
        where = where or ("" if later else _where(name, [one]))  # at least true of the case that is drawn
        if where:
            note = f" ({one.case.note})" if one.case.note else ""
            start = f"all over in this case; in another one{note} " if later else ""
            return f"{start}right except {where}.{_instead(*one.pairs[name])}"
    return ""


def _instead(expected: np.ndarray, got: np.ndarray) -> str:
    wrong = wrong_in(expected, got)
    e, g = expected[wrong], got[wrong].astype(np.float64)
    if not g.any():
        return " There yours is 0."
    if not e.any():
        return " There it should be 0."
    factor = factor_of(e, g)
    return "" if factor is None else f" There yours is {times(factor)} what it should be."


def _size_of_error(expected: np.ndarray, got: np.ndarray) -> str:
    wrong = wrong_in(expected, got)
    share = "all over" if wrong.all() else f"in {wrong.sum()} of {wrong.size} places"
    signs = " with the right signs" if np.all(np.sign(expected[wrong]) == np.sign(got[wrong])) else ""
    middle = np.median(relative_error(expected, got)[wrong])
    return f"wrong {share}{signs}; the median of the relative error is {middle:.2g}."
