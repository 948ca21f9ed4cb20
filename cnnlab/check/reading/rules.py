"""Rules that explain a wrong result as a whole: one factor, the values rearranged, cut, shifted or repeated.

Every rule looks at pairs (expected, got) of one result, one pair for each failing case, the smallest case first, and
says in words what holds in all of them; "" where nothing does.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from cnnlab.check.reading.changes import moved
from cnnlab.check.reading.places import close, factor_of, number, plural

ENOUGH = 6  # numbers that agree by chance no more
NEARLY = 1e-3  # what is nearly right is off by rounding or by a small term, not by a factor
RUNNING_SUM = "each value has all those before it added to it: a sum that is never set back to 0."
Pairs = Sequence[tuple[np.ndarray, np.ndarray]]


def numbers_in(pairs: Pairs) -> int:
    return sum(got.size for _, got in pairs)


def constant(pairs: Pairs) -> str:
    """0, 1 or another number everywhere, where that is wrong."""
    if numbers_in(pairs) < 2:
        return ""
    first = float(pairs[0][1].flat[0])
    if any(not close(np.full(got.shape, first), got) for _, got in pairs):
        return ""
    if all(close(np.full(e.shape, float(e.flat[0])), e) for e, _ in pairs) and len(pairs) == 1:
        return ""
    return f"{number(first)} everywhere, in every failing case."


def one_factor(pairs: Pairs, sizes: Sequence[Mapping[str, float]]) -> str:
    """got = c·expected in every case, c being the same everywhere or one of the case's own `sizes` (with a name)."""
    found = [factor_of(e, g, lone=len(pairs) > 1) for e, g in pairs if e.any() or g.any()]
    factors = [factor for factor in found if factor is not None]
    if not factors or len(factors) < len(found) or any(abs(factor - 1) < NEARLY for factor in factors):
        return ""
    sizes = [size for size, (e, g) in zip(sizes, pairs, strict=True) if e.any() or g.any()]
    same = all(alike(factors[0], factor) for factor in factors)
    names = set.intersection(*(names_of(f, known) for f, known in zip(factors, sizes, strict=True)))
    if same and alike(factors[0], -1):
        return "right up to the sign: every value is the opposite of what it should be."
    told = f"right up to a factor: yours is {times(factors[0])} what it should be"
    if names:
        return f"{told}, that is {min(names, key=lambda words: (words.count('1 / '), len(words)))}."
    if same and (len(pairs) > 1 or numbers_in(pairs) >= ENOUGH):
        return f"{told}, the same in every failing case."
    return ""


def factor_here(pairs: Pairs) -> str:
    """got = c·expected in the first case, whatever the others say."""
    expected, got = pairs[0]
    factor = factor_of(expected, got) if got.size >= ENOUGH and np.ptp(expected) else None
    return "" if factor is None else f"right up to a factor: yours is {times(factor)} what it should be, in this case."


def factor_by_axis(pairs: Pairs, axes: Sequence[str]) -> str:
    """A factor of its own for each image, filter, …"""
    large = [(e, g) for e, g in pairs if e.size >= ENOUGH and e.ndim == len(axes)]
    for k, name in enumerate(axes):
        tried = [_factors(e.swapaxes(0, k), g.swapaxes(0, k)) for e, g in large]
        tried = [ratios for ratios in tried if len(ratios) > 1]
        first = [ratio for ratio in tried[0] if ratio is not None] if tried else []
        if first and all(None not in ratios for ratios in tried) and np.ptp(first) > 1e-6:
            return f"right up to a factor of its own for each {name}: {_first_few(first)}."
    return ""


def _factors(expected: np.ndarray, got: np.ndarray) -> list[float | None]:
    """The factor of each image, filter, …, but for those where all should be 0 and is."""
    told = [(e, g) for e, g in zip(expected, got, strict=True) if e.any() or g.any()]
    return [factor_of(e, g, allow_one=True) if g.any() else 0.0 for e, g in told]


def offset(pairs: Pairs, sizes: Sequence[Mapping[str, float]]) -> str:
    """The same amount too much or too little everywhere."""
    if any(not np.isfinite(g).all() for _, g in pairs) or numbers_in(pairs) < 2:
        return ""
    gaps = [(g - e).astype(g.dtype) for e, g in pairs]
    firsts = [float(gap.flat[0]) for gap in gaps]
    exact = [first for first, gap in zip(firsts, gaps, strict=True) if gap.dtype != np.float32] or firsts
    even = all(close(np.full(gap.shape, first), gap) for gap, first in zip(gaps, firsts, strict=True))
    if not even or min(abs(first) for first in firsts) < 1e-6:
        return ""
    names = set.intersection(*(names_of(gap, known, False) for gap, known in zip(firsts, sizes, strict=True)))
    way, by = ("large" if firsts[0] > 0 else "small"), number(abs(firsts[0]))
    if names and len(pairs) > 1:
        return f"too {way} by {min(names, key=len).lstrip('−')}, here {by}."
    if all(alike(exact[0], first) for first in exact) and (len(pairs) > 1 or numbers_in(pairs) >= ENOUGH):
        return f"too {way} by {by}, {'everywhere' if pairs[0][0].size > 1 else 'in every failing case'}."
    if numbers_in(pairs) >= ENOUGH and all(gap.size > 1 for gap in gaps):
        return f"every value is off by one and the same amount, here {number(firsts[0])}."
    return ""


def offset_by_axis(pairs: Pairs, axes: Sequence[str]) -> str:
    """An amount of its own for each filter, image, …: a bias that is missing, or another's."""
    large = [(e, g) for e, g in pairs if e.size >= ENOUGH and e.ndim == len(axes) > 1]
    for k, name in enumerate(axes):
        gaps = [(g - e).swapaxes(0, k).reshape(e.shape[k], -1) for e, g in large]
        gaps = [gap for gap in gaps if gap.shape[0] > 1 and gap.shape[1] > 1]
        if gaps and all(close(gap[:, :1] + np.zeros(gap.shape), gap) and gap.all() for gap in gaps):
            return f"each {name} is off by an amount of its own: {_first_few([float(g) for g in gaps[0][:, 0]])}."
    return ""


def rearranged(pairs: Pairs, axes: Sequence[str], told: bool = False) -> str:
    """The right numbers at other places: turned, swapped, reversed, moved by one; or wherever, unless `told`."""
    first = min((e for e, _ in pairs), key=np.ndim)  # cases may have other numbers of axes
    if numbers_in(pairs) < 4 or all(close(e, g) for e, g in pairs):
        return ""
    names = list(axes) if len(axes) == first.ndim else [f"place along axis {k}" for k in range(first.ndim)]
    for words, change in _rearrangements(names):
        if any(not close(change(e), e) for e, _ in pairs) and all(close(change(e), g) for e, g in pairs):
            return f"the right numbers, {words}."
    if not told and all(e.size > 1 and same_numbers(e, g) for e, g in pairs):
        return "the right numbers, but not in their places."
    return ""


def _rearrangements(names: list[str]) -> Iterator[tuple[str, Callable[[np.ndarray], np.ndarray]]]:
    def exchanged(i: int, j: int) -> Iterator[tuple[str, Callable[[np.ndarray], np.ndarray]]]:
        both = f"with {plural(names[i])} and {plural(names[j])}"
        yield f"{both} swapped", lambda a: a.swapaxes(i, j)
        yield f"{both} laid out again by reshape", lambda a: a.swapaxes(i, j).reshape(a.shape)

    if len(names) >= 2:
        yield "turned by 180°", lambda a: a[..., ::-1, ::-1]
        yield from exchanged(-2, -1)
        yield "turned by a quarter", lambda a: np.rot90(a, 1, (-2, -1))
        yield "turned by a quarter the other way", lambda a: np.rot90(a, -1, (-2, -1))
    if len(names) >= 3:
        yield from exchanged(0, 1)
    for k, name in enumerate(names):
        yield f"with the {plural(name)} in reverse order", lambda a, k=k: np.flip(a, k)
        for by, way in ((1, "late"), (-1, "early")):
            yield f"each one {name} too {way}", lambda a, k=k, by=by: moved(a, k, by)
            yield f"each one {name} too {way}, round the end", lambda a, k=k, by=by: np.roll(a, by, k)
        yield f"sorted along the {plural(name)}", lambda a, k=k: np.sort(a, axis=k)


def same_numbers(one: np.ndarray, other: np.ndarray) -> bool:
    """Do two arrays of one shape hold the same numbers, in whatever places?"""
    return one.shape == other.shape and close(np.sort(one, axis=None), np.sort(other, axis=None))


def elementwise(pairs: Pairs, steps: Mapping[str, Callable] | None = None) -> str:
    """Every value went through one more step: a square, ReLU, a clip, a wrap-around."""
    values = np.concatenate([g.ravel() for _, g in pairs])
    firsts = [*pairs[0][1].flat, *(g.flat[0] for _, g in pairs if g.size)]
    if values.size < 2 or np.ptp(values) == 0 or len({round(float(value), 9) for value in firsts}) < 2:
        return ""  # one and the same number comes out of many a step
    for words, change in (steps or STEPS).items():
        told = [(change(e), e, g) for e, g in pairs]
        if any(not close(c, e) for c, e, _ in told) and all(close(c, g) for c, _, g in told):
            return words
    return ""


def _wrapped(kind: type) -> Callable[[np.ndarray], np.ndarray]:
    return lambda e: np.where(np.abs(e) < 2**62, e, 0).astype(np.int64).astype(kind).astype(np.float64)


STEPS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "right, but cut at 0: what should be negative is 0.": lambda e: np.maximum(e, 0),
    "right, but what should be positive is 0.": lambda e: np.minimum(e, 0),
    "right, but without the sign: what should be negative is positive.": np.abs,
    "right, but negative everywhere.": lambda e: -np.abs(e),
    "only the sign is left, −1, 0 or 1.": np.sign,
    "1 where it should be above 0, and 0 elsewhere.": lambda e: (e > 0).astype(float),
    "right, but clipped to 0 … 255.": lambda e: np.clip(e, 0, 255),
    "right, but clipped to 0 … 1.": lambda e: np.clip(e, 0, 1),
    "right, but clipped to −1 … 1.": lambda e: np.clip(e, -1, 1),
    "right, but without the fractions.": np.trunc,
    "right, but rounded to whole numbers.": np.rint,
    "right, but rounded down to whole numbers.": np.floor,
    "right, but rounded up to whole numbers.": np.ceil,
    "right, but rounded to one digit after the point.": lambda e: np.round(e, 1),
    "right, but rounded to two digits after the point.": lambda e: np.round(e, 2),
    "right, but rounded to three digits after the point.": lambda e: np.round(e, 3),
    "right, but rounded to four digits after the point.": lambda e: np.round(e, 4),
    "right, but rounded to six digits after the point.": lambda e: np.round(e, 6),
    "the square of what it should be.": np.square,
    "the root of what it should be.": np.sqrt,
    "exp of what it should be.": np.exp,
    "the logarithm of what it should be.": np.log,
    "exp of minus what it should be.": lambda e: np.exp(-e),
    "1 divided by what it should be.": lambda e: 1 / e,
    "1 minus what it should be.": lambda e: 1 - e,
    "what it should be, minus 1.": lambda e: e - 1,
    "tanh of what it should be.": np.tanh,
    "the sigmoid of what it should be.": lambda e: 1 / (1 + np.exp(-e)),
    "right modulo 256: bytes hold 0 to 255 and begin again.": _wrapped(np.uint8),
    "right as long as it lies in −128 … 127: int8 begins again there.": _wrapped(np.int8),
    "right as long as it lies in −32768 … 32767: int16 begins again there.": _wrapped(np.int16),
    "right modulo 65536: 16 bits hold no more.": _wrapped(np.uint16),
    "right as long as it has 32 bits: int32 begins again there.": _wrapped(np.int32),
}


COMMON = dict(list(STEPS.items())[:4]) | {words: STEPS[words] for words in STEPS if "whole numbers" in words}


def whole_step(pairs: Pairs, axes: Sequence[str]) -> str:
    """A step over the whole result too many: a running sum, a norm taken out, softmax."""
    if numbers_in(pairs) < ENOUGH or all(e.size < 2 for e, _ in pairs):
        return ""
    first = min((e for e, _ in pairs), key=np.ndim)
    names = list(axes) if len(axes) == first.ndim else [f"place along axis {k}" for k in range(first.ndim)]
    steps: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        RUNNING_SUM: lambda e: np.cumsum(e).reshape(e.shape),
        "divided by its own sum.": lambda e: e / e.sum(),
        "divided by its own largest value.": lambda e: e / e.max(),
        "divided by its own largest size.": lambda e: e / np.abs(e).max(),
        "its mean has been taken off.": lambda e: e - e.mean(),
        "its mean has been taken off, and it is divided by its spread.": lambda e: (e - e.mean()) / e.std(),
        "stretched to 0 … 1.": lambda e: (e - e.min()) / (e.max() - e.min()),
        "divided by the number of its values.": lambda e: e / e.size,
    }
    for k, name in enumerate(names):
        steps |= {
            f"added up along the {plural(name)}: each has those before it in it.": lambda e, k=k: np.cumsum(e, k),
            f"each {name} minus the one before it.": lambda e, k=k: np.diff(e, axis=k, prepend=0),
            f"softmax was taken over the {plural(name)}.": lambda e, k=k: _softmax(e, k),
            f"the mean over the {plural(name)} has been taken off.": lambda e, k=k: e - e.mean(axis=k, keepdims=True),
            f"divided by the sum over the {plural(name)}.": lambda e, k=k: e / e.sum(axis=k, keepdims=True),
        }
    for words, change in steps.items():
        if any(not close(change(e), e) for e, _ in pairs) and all(close(change(e), g) for e, g in pairs):
            return f"right, but {words}" if words.startswith(("divided", "its", "stretched", "the mean")) else words
    return ""


def _softmax(e: np.ndarray, axis: int) -> np.ndarray:
    raised = np.exp(e - e.max(axis=axis, keepdims=True))
    return raised / raised.sum(axis=axis, keepdims=True)


def precision(pairs: Pairs) -> str:
    """float16, float32, or a small term too many."""
    finite = [(e, g) for e, g in pairs if np.isfinite(g).all()]
    if numbers_in(finite) < 4:
        return ""
    halves = [(e.astype(np.float16), g) for e, g in finite]
    if all(close(h, g, 1e-3) for h, g in halves) and all(np.array_equal(g, g.astype(np.float16)) for _, g in finite):
        return "right to about three digits only: these are float16's numbers."
    errors = [float(np.max(relative_error(e, g), initial=0.0)) for e, g in finite]
    if max(errors) < 2e-6 and all(np.array_equal(g, g.astype(np.float32)) for _, g in finite):
        return "right to about seven digits only: these are float32's numbers, where more digits went in."
    if max(errors) < NEARLY and len(finite) == len(pairs):
        return f"nearly right, everywhere: the relative error is {max(errors):.2g} at most. A small term too many?"
    return ""


def same_along(pairs: Pairs, axes: Sequence[str]) -> str:
    """The same numbers in every image, channel, …: the sum, the mean or those of one of them."""
    for k, axis in enumerate(axes if all(g.ndim == len(axes) for _, g in pairs) else ()):
        alike_pairs = [(e, g) for e, g in pairs if e.shape[k] > 1]
        if not alike_pairs or not all(close(np.take(g, [0], k) + np.zeros(g.shape), g) for _, g in alike_pairs):
            continue
        made = {
            f"every {axis} holds the sum over all {plural(axis)}.": lambda e, k=k: e.sum(axis=k, keepdims=True),
            f"every {axis} holds the mean over all {plural(axis)}.": lambda e, k=k: e.mean(axis=k, keepdims=True),
            f"every {axis} holds the largest over all {plural(axis)}.": lambda e, k=k: e.max(axis=k, keepdims=True),
            f"every {axis} holds the numbers of the first {axis}.": lambda e, k=k: np.take(e, [0], k),
            f"every {axis} holds the numbers of the last {axis}.": lambda e, k=k: np.take(e, [-1], k),
        }
        for words, of in made.items():
            if all(close(of(e) + np.zeros(e.shape), g) for e, g in alike_pairs):
                return words
        if numbers_in(alike_pairs) >= ENOUGH:
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
    """ "twice", "half of", "−1/3 times": how a factor stands before "what it should be"."""
    said = f"{factor:.6g}" if number(factor) == "1" else number(factor)
    return {2: "twice", 0.5: "half of", -1: "the opposite of"}.get(round(factor, 9), f"{said} times")


def names_of(value: float, sizes: Mapping[str, float], inverses: bool = True) -> set[str]:
    """The names of a number: a size, its inverse, or the opposite of one."""
    found = set()
    for words, size in sizes.items():
        if size not in (0, 1):
            signed = {words: size, f"−{words}": -size}
            if inverses:
                signed |= {f"1 / {words}": 1 / size, f"−1 / {words}": -1 / size}
            found |= {name for name, one in signed.items() if alike(one, value)}
    return found


def alike(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-6 * max(abs(a), abs(b))


def _first_few(values: Sequence[float]) -> str:
    return ", ".join(number(value) for value in values[:4]) + (", …" if len(values) > 4 else "")
