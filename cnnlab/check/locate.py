"""Where a fault lies, told from the numbers alone: which result, which part of it, and what the wrong numbers are
instead. It asks for no catalogue, so it helps with faults that nobody has met before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from cnnlab.check.exercise import Attempt, Case, holds_single
from cnnlab.check.shapes import shape_clue
from cnnlab.check.spots import Spot, close, factor_of, number, place, wrong_in

ENOUGH = 6  # numbers that agree by chance no more


@dataclass(frozen=True)
class Setting:
    """What may be said about a case.

    axes: for each result the names of its axes, in the singular. spots: for each result the parts of it that have a
    name. factors: numbers that a gradient may be too large or too small by, with their names. others: other ways to
    compute the results, each with a sentence's end ("… what comes out when <the kernel is not turned>").
    """

    axes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    spots: Mapping[str, Sequence[Spot]] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    others: Mapping[str, Callable[[], object]] = field(default_factory=dict)


@dataclass(frozen=True)
class Locator:
    """Says where: one line for each wrong result, and which results are right.

    names: of the results; empty where there is a single one, which is then called `single`.
    """

    setting: Callable[[Case], Setting]
    names: tuple[str, ...] = ()
    single: str = "your result"

    def __call__(self, attempts: list[Attempt]) -> str:
        with np.errstate(all="ignore"):
            return self._told([_Seen(self, attempt) for attempt in attempts])

    def _told(self, seen: list[_Seen]) -> str:
        if not seen[0].pairs:
            return ""
        lines: list[str] = []
        fine: list[str] = []
        clues: dict[str, list[str]] = {}
        for name in seen[0].pairs:
            with_it = [one for one in seen if name in one.pairs]
            bad = [one for one in with_it if one.is_wrong(name)]
            if not bad:
                fine.append(name)
            elif bad[0] is seen[0]:
                clue = _anothers(name, bad) or _clue(name, bad, with_it)
                clues.setdefault(clue, []).append(name)
            else:
                clues.setdefault("right in this case, not in every one.", []).append(name)
        lines += [f"{_and(names)}: {clue}" for clue, names in clues.items() if clue]
        if fine and len(seen[0].pairs) > 1:
            several = "are right in every case" if len(fine) > 1 else "is right in every case"
            lines.append(f"{_and(fine)} {several}.")
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
        self._others: dict[str, dict | None] = {}

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
                self._others[words] = None
        found = (self._others[words] or {}).get(name)
        return None if found is None else np.asarray(found, dtype=np.float64)


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _numbers(value: object) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iuf"
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


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
        where = place(~np.isfinite(got), axes, ())
        return f"NaN or infinity {where}." if where else "NaN or infinity everywhere."
    if not any(one.pairs[name][1].any() for one in bad):
        return "0 everywhere."
    told = [_whole(name, bad, seen) or _partial(name, bad)]
    return " ".join(filter(None, told)) or _size_of_error(expected, got, axes)


def _whole(name: str, bad: list[_Seen], seen: list[_Seen]) -> str:
    """One rule that explains every number: a factor, another way of computing, the values rearranged or cut."""
    expected, got = bad[0].pairs[name]
    factor = _factor_words(name, bad)
    if factor:
        return factor
    for words in bad[0].setting.others:
        other = bad[0].other(words, name)
        if other is None or other.shape != got.shape or close(other, expected):
            continue
        if close(other, got) and _agree(words, name, seen, got.size):
            return _and_where(f"yours is what comes out when {words}.", name, bad)
        scaled = factor_of(other, got) if got.size >= ENOUGH else None
        if scaled is not None and not close(other, got):
            return f"yours is what comes out when {words}, and besides {_times(scaled)} that."
    axes = bad[0].setting.axes.get(name, ())
    for words, change in _rearranged(axes, expected.ndim):
        fits = [one.pairs[name] for one in bad if one.pairs[name][0].shape == one.pairs[name][1].shape]
        if not close(change(expected), expected) and all(close(change(e), g) for e, g in fits):
            return f"the right numbers, {words}."
    if close(np.trunc(expected), got) or close(np.rint(expected), got) or close(np.floor(expected), got):
        return "right, but without the fractions."
    same_shape = [one.pairs[name] for one in bad if one.pairs[name][0].shape == one.pairs[name][1].shape]
    same_shape = [(e, g) for e, g in same_shape if np.isfinite(g).all()]
    if sum(g.size for _, g in same_shape) >= ENOUGH and all(close(e, g, 2e-3) for e, g in same_shape):
        return "right to about three digits only, as float16 is."
    gap = got - expected
    if got.size >= ENOUGH and close(gap, np.full(gap.shape, gap.flat[0])):
        return f"every value is off by the same amount, {number(gap.flat[0])}."
    return _same_along(name, bad) or _factor_by_axis(expected, got, axes)


def _same_along(name: str, bad: list[_Seen]) -> str:
    """The same numbers in every image, channel, …: the sum, the mean or those of one of them."""
    axes = bad[0].setting.axes.get(name, ())
    fits = [one.pairs[name] for one in bad if one.pairs[name][0].shape == one.pairs[name][1].shape]
    for k, axis in enumerate(axes):
        if fits[0][1].shape[k] < 2 or not all(close(np.take(g, [0], k) + np.zeros(g.shape), g) for _, g in fits):
            continue
        made = {
            f"every {axis} holds the sum over all {axis}s.": lambda e, k=k: e.sum(axis=k, keepdims=True),
            f"every {axis} holds the mean over all {axis}s.": lambda e, k=k: e.mean(axis=k, keepdims=True),
            f"every {axis} holds the numbers of the first {axis}.": lambda e, k=k: np.take(e, [0], k),
            f"every {axis} holds the numbers of the last {axis}.": lambda e, k=k: np.take(e, [-1], k),
        }
        for words, of in made.items():
            if all(close(of(e) + np.zeros(e.shape), g) for e, g in fits):
                return words
        return f"the same numbers in every {axis}, where they should differ." if fits[0][1].size >= ENOUGH else ""
    return ""


def _agree(words: str, name: str, seen: list[_Seen], numbers: int) -> bool:
    """Does the other way of computing give the learner's numbers in every failing case that it fits?"""
    others = [(one.other(words, name), one.pairs[name][1]) for one in seen]
    tried = [(other, got) for other, got in others if other is not None]
    same = sum(other.shape == got.shape and close(other, got) for other, got in tried)
    return same == len(tried) or (numbers >= ENOUGH and 2 * same > len(tried))


def _and_where(text: str, name: str, bad: list[_Seen]) -> str:
    where = _where(name, bad, along_axes=False)
    return f"right except {where}; {text}" if where else text


def _factor_words(name: str, bad: list[_Seen]) -> str:
    """A constant factor, and its name where it has one that fits every failing case."""
    found = []
    for one in bad:
        expected, got = one.pairs[name]
        single = expected.size == 1 and len(bad) > 1
        factor = factor_of(expected, got, lone=single) if expected.shape == got.shape else None
        if factor is None:
            break
        found.append((factor, one))
    if not found or (len(found) < len(bad) and found[0][1].pairs[name][0].size < ENOUGH):
        return ""
    factors = [factor for factor, _ in found]
    always = len(found) == len(bad)
    constant = always and all(close_numbers(factors[0], f) for f in factors)
    names = set.intersection(*(_names_of(f, one.setting.factors) for f, one in found)) if always else set()
    if constant and close_numbers(factors[0], -1):
        return "right up to the sign: every value is the opposite of what it should be."
    if not names and not constant and found[0][1].pairs[name][0].size < ENOUGH:
        return ""
    told = f"right up to a factor: yours is {_times(factors[0])} what it should be"
    if names:
        return f"{told}, that is {min(names, key=lambda words: (words.count('1 / '), len(words)))}."
    return f"{told}, the same in every case." if constant and len(bad) > 1 else f"{told}, in this case."


def _names_of(factor: float, sizes: Mapping[str, float]) -> set[str]:
    return {f"{sign}{up}{w}" for w, v in sizes.items() for sign, up, n in _named(v) if close_numbers(n, factor)}


def _named(value: float) -> list[tuple[str, str, float]]:
    if value in (0, 1):
        return []
    return [("", "", value), ("", "1 / ", 1 / value), ("−", "", -value), ("−", "1 / ", -1 / value)]


def close_numbers(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-6 * max(abs(a), abs(b))


def _times(factor: float) -> str:
    return {2: "twice", 0.5: "half of", -1: "the opposite of"}.get(round(factor, 9), f"{number(factor)} times")


def _rearranged(axes: Sequence[str], ndim: int) -> list[tuple[str, Callable[[np.ndarray], np.ndarray]]]:
    names = list(axes) if len(axes) == ndim else [f"axis {k}" for k in range(ndim)]
    found = []
    if ndim >= 2:
        found.append(("turned by 180°", lambda a: a[..., ::-1, ::-1]))
        found.append((f"with {names[-2]}s and {names[-1]}s swapped", lambda a: a.swapaxes(-1, -2)))
    if ndim == 4:
        found.append((f"with {names[0]}s and {names[1]}s swapped", lambda a: a.swapaxes(0, 1)))
    for k, name in enumerate(names):
        found.append((f"with the {name}s in reverse order", lambda a, k=k: np.flip(a, k)))
        for by, way in ((1, "later"), (-1, "earlier")):
            found.append(
                (f"each one {name} too {'late' if by > 0 else 'early'}", lambda a, k=k, by=by: _moved(a, k, by))
            )
            found.append((f"rolled round by one {name} ({way})", lambda a, k=k, by=by: np.roll(a, by, k)))
    return found


def _moved(array: np.ndarray, axis: int, by: int) -> np.ndarray:
    moved = np.roll(array, by, axis)
    edge = [slice(None)] * array.ndim
    edge[axis] = slice(0, 1) if by > 0 else slice(-1, None)
    moved[tuple(edge)] = 0
    return moved


def _factor_by_axis(expected: np.ndarray, got: np.ndarray, axes: Sequence[str]) -> str:
    if len(axes) != expected.ndim or got.size < ENOUGH:
        return ""
    for k, name in enumerate(axes):
        slices = [(np.take(expected, i, k), np.take(got, i, k)) for i in range(expected.shape[k])]
        if len(slices) > 1 and min(one.size for one, _ in slices) > 1:
            ratios = [factor_of(e, g, allow_one=True) for e, g in slices]
            if None not in ratios and 1.0 not in ratios:
                told = ", ".join(number(r) for r in ratios[:4]) + (", …" if len(ratios) > 4 else "")
                return f"right up to a factor of its own for each {name}: {told}."
    return ""


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
        expected, got = one.pairs[name]
        if expected.shape == got.shape:
            where = _where(name, [one] if later == 0 else [one, *bad], along_axes=later == 0)
            if where:
                start = f"all over in this case; in another one{_note(one.case)} " if later else ""
                return f"{start}right except {where}.{_instead(one, name)}"
    return ""


def _note(case: Case) -> str:
    return f" ({case.note})" if case.note else ""


def _instead(one: _Seen, name: str) -> str:
    expected, got = one.pairs[name]
    wrong = wrong_in(expected, got)
    e, g = expected[wrong], got[wrong].astype(np.float64)
    if not g.any():
        return " There yours is 0."
    if not e.any():
        return " There it should be 0."
    factor = factor_of(e, g)
    if factor is not None and len(e) > 1:
        names = [w for w, v in one.setting.factors.items() if close_numbers(v, factor)]
        return f" There yours is {_times(factor)}{' (' + names[0] + ')' if names else ''} what it should be."
    return ""


def _size_of_error(expected: np.ndarray, got: np.ndarray, axes: Sequence[str]) -> str:
    wrong = wrong_in(expected, got)
    relative = relative_error(expected, got)
    share = "all over" if wrong.all() else f"in {wrong.sum()} of {wrong.size} places"
    same_sign = float(np.mean(np.sign(expected[wrong]) == np.sign(got[wrong])))
    signs = " with the right signs" if same_sign == 1 else ""
    return f"wrong {share}{signs}; the median of the relative error is {np.median(relative[wrong]):.2g}."


def relative_error(expected: np.ndarray, got: np.ndarray) -> np.ndarray:
    """|e − g| / max(|e|, |g|), element by element; 0 where both are 0, 1 where one is not finite."""
    expected, got = np.asarray(expected, dtype=np.float64), np.asarray(got, dtype=np.float64)
    with np.errstate(all="ignore"):
        larger = np.maximum(np.abs(expected), np.abs(got))
        found = np.where(larger > 0, np.abs(expected - got) / larger, 0.0)
    return np.where(np.isfinite(found), found, 1.0)
