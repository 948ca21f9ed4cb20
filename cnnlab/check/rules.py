"""Rules that explain a wrong result as a whole: one factor, the values rearranged, cut, shifted or repeated.

Every rule looks at pairs (expected, got) of one result, one pair for each failing case, the smallest case first, and
says in words what holds in all of them; "" where nothing does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from cnnlab.check.spots import close, factor_of, number

ENOUGH = 6  # numbers that agree by chance no more
Pairs = Sequence[tuple[np.ndarray, np.ndarray]]


def one_factor(pairs: Pairs, sizes: Sequence[Mapping[str, float]]) -> str:
    """got = c·expected in every case, c being the same everywhere or one of the case's own `sizes` (with a name)."""
    factors = [factor_of(e, g, lone=e.size == 1 and len(pairs) > 1) for e, g in pairs]
    if not factors or None in factors:
        return ""
    constant = all(_alike(factors[0], factor) for factor in factors)
    names = set.intersection(*(_names_of(f, known) for f, known in zip(factors, sizes, strict=True)))
    if constant and _alike(factors[0], -1):
        return "right up to the sign: every value is the opposite of what it should be."
    told = f"right up to a factor: yours is {times(factors[0])} what it should be"
    if names:
        return f"{told}, that is {min(names, key=lambda words: (words.count('1 / '), len(words)))}."
    if constant and len(pairs) > 1:
        return f"{told}, the same in every case."
    return ""


def factor_here(pairs: Pairs) -> str:
    """got = c·expected in the first case, whatever the others say."""
    expected, got = pairs[0]
    factor = factor_of(expected, got) if got.size >= ENOUGH else None
    return "" if factor is None else f"right up to a factor: yours is {times(factor)} what it should be, in this case."


def factor_by_axis(pairs: Pairs, axes: Sequence[str]) -> str:
    """A factor of its own for each image, filter, …"""
    large = [(e, g) for e, g in pairs if e.size >= ENOUGH and e.ndim == len(axes)]
    for k, name in enumerate(axes):
        tried = [[factor_of(e.take(i, k), g.take(i, k), True) for i in range(e.shape[k])] for e, g in large]
        tried = [ratios for ratios in tried if len(ratios) > 1]
        if tried and all(None not in ratios for ratios in tried):
            told = ", ".join(number(ratio) for ratio in tried[0][:4]) + (", …" if len(tried[0]) > 4 else "")
            return f"right up to a factor of its own for each {name}: {told}."
    return ""


def rearranged(pairs: Pairs, axes: Sequence[str]) -> str:
    """The right numbers at other places: turned, swapped, reversed, moved by one."""
    first = pairs[0][0]
    names = list(axes) if len(axes) == first.ndim else [f"place along axis {k}" for k in range(first.ndim)]
    for words, change in _changes(names):
        if not close(change(first), first) and all(close(change(e), g) for e, g in pairs):
            return f"the right numbers, {words}."
    return ""


def _changes(names: list[str]) -> list[tuple[str, Callable[[np.ndarray], np.ndarray]]]:
    found: list[tuple[str, Callable[[np.ndarray], np.ndarray]]] = []
    if len(names) >= 2:
        found.append(("turned by 180°", lambda a: a[..., ::-1, ::-1]))
        found.append((f"with {names[-2]}s and {names[-1]}s swapped", lambda a: a.swapaxes(-1, -2)))
    if len(names) == 4:
        found.append((f"with {names[0]}s and {names[1]}s swapped", lambda a: a.swapaxes(0, 1)))
    for k, name in enumerate(names):
        found.append((f"with the {name}s in reverse order", lambda a, k=k: np.flip(a, k)))
        for by, way in ((1, "late"), (-1, "early")):
            found.append((f"each one {name} too {way}", lambda a, k=k, by=by: _moved(a, k, by)))
            found.append((f"each one {name} too {way}, round the end", lambda a, k=k, by=by: np.roll(a, by, k)))
    return found


def _moved(array: np.ndarray, axis: int, by: int) -> np.ndarray:
    moved = np.roll(array, by, axis)
    edge = [slice(None)] * array.ndim
    edge[axis] = slice(0, 1) if by > 0 else slice(-1, None)
    moved[tuple(edge)] = 0
    return moved


def precision(pairs: Pairs) -> str:
    """Cut to whole numbers, or rounded to a few digits."""
    expected, got = pairs[0]
    if any(close(cut(expected), got) for cut in (np.trunc, np.rint, np.floor)):
        return "right, but without the fractions."
    finite = [(e, g) for e, g in pairs if np.isfinite(g).all()]
    if sum(g.size for _, g in finite) < ENOUGH:
        return ""
    halves = [(e.astype(np.float16), g) for e, g in finite]
    if all(close(h, g, 1e-3) for h, g in halves) and all(np.array_equal(g, g.astype(np.float16)) for _, g in finite):
        return "right to about three digits only: these are float16's numbers."
    errors = [np.max(relative_error(e, g)) for e, g in finite]
    if max(errors) < 0.1:
        return f"nearly right, everywhere: the relative error is {max(errors):.2g} at most. A small term too many?"
    return ""


def offset(pairs: Pairs) -> str:
    """The same amount too much or too little everywhere."""
    gaps = [g - e for e, g in pairs]
    first = float(gaps[0].flat[0])
    if sum(gap.size for gap in gaps) < ENOUGH or not np.isfinite(first):
        return ""
    if all(close(np.full(gap.shape, first), gap) for gap in gaps) and abs(first) > 1e-6:
        return f"every value is off by the same amount, {number(first)}."
    return ""


def same_along(pairs: Pairs, axes: Sequence[str]) -> str:
    """The same numbers in every image, channel, …: the sum, the mean or those of one of them."""
    first = pairs[0][1]
    for k, axis in enumerate(axes if len(axes) == first.ndim else ()):
        if first.shape[k] < 2 or not all(close(np.take(g, [0], k) + np.zeros(g.shape), g) for _, g in pairs):
            continue
        made = {
            f"every {axis} holds the sum over all {axis}s.": lambda e, k=k: e.sum(axis=k, keepdims=True),
            f"every {axis} holds the mean over all {axis}s.": lambda e, k=k: e.mean(axis=k, keepdims=True),
            f"every {axis} holds the numbers of the first {axis}.": lambda e, k=k: np.take(e, [0], k),
            f"every {axis} holds the numbers of the last {axis}.": lambda e, k=k: np.take(e, [-1], k),
        }
        for words, of in made.items():
            if all(close(of(e) + np.zeros(e.shape), g) for e, g in pairs):
                return words
        if first.size >= ENOUGH:
            return f"the same numbers in every {axis}, where they should differ."
    return ""


def relative_error(expected: np.ndarray, got: np.ndarray) -> np.ndarray:
    """|e − g| / max(|e|, |g|), element by element; 0 where both are 0, 1 where one is not finite."""
    expected, got = np.asarray(expected, dtype=np.float64), np.asarray(got, dtype=np.float64)
    with np.errstate(all="ignore"):
        larger = np.maximum(np.abs(expected), np.abs(got))
        found = np.where(larger == 0, 0.0, np.abs(expected - got) / larger)
    return np.where(np.isfinite(found), found, 1.0)


def times(factor: float) -> str:
    return {2: "twice", 0.5: "half of", -1: "the opposite of"}.get(round(factor, 9), f"{number(factor)} times")


def _names_of(factor: float, sizes: Mapping[str, float]) -> set[str]:
    found = set()
    for words, size in sizes.items():
        if size not in (0, 1):
            signed = {words: size, f"1 / {words}": 1 / size, f"−{words}": -size, f"−1 / {words}": -1 / size}
            found |= {name for name, value in signed.items() if _alike(value, factor)}
    return found


def _alike(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-6 * max(abs(a), abs(b))
