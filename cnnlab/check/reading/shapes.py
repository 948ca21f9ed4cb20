"""A result of the wrong shape: what of it is right all the same, and which sides are not."""

import itertools
from collections.abc import Sequence

import numpy as np

from cnnlab.check.plain import shape_text
from cnnlab.check.reading.places import close, plural

FEW = 4  # numbers that agree by chance


def shape_clue(expected: np.ndarray, got: np.ndarray, axes: Sequence[str]) -> str:
    """Cropped too little or too much, axes in another order, lost, or summed over the wrong ones; "" where the values
    have nothing in common with the right ones."""
    if not got.size:
        empty = f"empty, of shape {shape_text(got.shape)}. A slice like [p:-p] holds nothing where p is 0."
        return empty if got.ndim > 1 else ""
    if only_length_1(expected, got):
        return _length_1(expected, got)
    if got.ndim == expected.ndim:
        return _cut(expected, got, axes) or _reordered(expected, got) or _relaid(expected, got)
    return (_too_many_axes if got.ndim > expected.ndim else _too_few_axes)(expected, got, axes)


def only_length_1(expected: np.ndarray, got: np.ndarray) -> bool:
    """Do the two differ in axes of length 1 alone? That may hide what a longer axis would show."""
    return expected.shape == got.shape or close(got.squeeze(), expected.squeeze())


def sides_clue(expected: np.ndarray, got: np.ndarray, axes: Sequence[str]) -> str:
    """Which sides are wrong, and by how much: told from the two shapes alone."""
    if got.ndim != expected.ndim:
        what = "axis" if abs(got.ndim - expected.ndim) == 1 else "axes"
        way = "too many" if got.ndim > expected.ndim else "too few"
        return f"{abs(got.ndim - expected.ndim)} {what} {way}: {shape_text(got.shape)}."
    wrong = [k for k in range(got.ndim) if got.shape[k] != expected.shape[k]]
    if sorted(got.shape) == sorted(expected.shape):
        names = " and ".join(plural(_name(axes, k)) for k in wrong)
        return f"the sides are right, but in another order: {names} have changed places."
    told = [_sides(got.shape[k], expected.shape[k], _name(axes, k)) for k in wrong]
    right = [plural(_name(axes, k)) for k in range(got.ndim) if k not in wrong]
    rest = f"; as many {' and '.join(right)} as there should be" if right else ""
    return f"{' and '.join(told)}{rest}."


def _sides(got: int, expected: int, name: str) -> str:
    return f"{got} {plural(name, got)}, where {expected} {'is' if expected == 1 else 'are'} right"


def _length_1(expected: np.ndarray, got: np.ndarray) -> str:
    if got.ndim < expected.ndim:
        return (
            "the right numbers, but axes of length 1 are gone. Leave squeeze out, and index with 0:1 in place of 0. "
            "Or is one summed that should stay?"
        )
    if got.ndim > expected.ndim:
        return "the right numbers, with axes of length 1 too many (keepdims, None or [...] round them?)."
    return "the right numbers; an axis of length 1 stands in another place."


def _cut(expected: np.ndarray, got: np.ndarray, axes: Sequence[str]) -> str:
    extra = [g - e for g, e in zip(got.shape, expected.shape, strict=True)]
    named = [(_name(axes, k), n) for k, n in enumerate(extra) if n]
    if all(n >= 0 for n in extra):
        inside = tuple(slice(n // 2, n // 2 + e) for n, e in zip(extra, expected.shape, strict=True))
        if all(n % 2 == 0 for n in extra) and close(expected, got[inside]):
            return f"right in the middle, but with {_list(named, half=True)} too many on each side."
        start = tuple(slice(e) for e in expected.shape)
        if close(expected, got[start]):
            return f"right, but {_list(named)} too many at the end."
        end = tuple(slice(g - e, None) for g, e in zip(got.shape, expected.shape, strict=True))
        if close(expected, got[end]):
            return f"right, but {_list(named)} too many at the start."
        if expected.size >= FEW and close(expected, got[_spread(expected, got)]):
            return "right, but spread out: every second number, or every third, is one of the right ones."
    if all(n <= 0 for n in extra):
        kept = tuple(slice(g) for g in got.shape)
        if close(expected[kept], got):
            lost = expected.copy()
            lost[kept] = 0
            gone = "" if lost.any() else " (only zeros, but they belong to it)"
            return f"right as far as it goes; {_list(named)} missing at the end{gone}."
        late = tuple(slice(e - g, None) for g, e in zip(got.shape, expected.shape, strict=True))
        if close(expected[late], got):
            return f"right as far as it goes; {_list(named)} missing at the start."
        middle = tuple(slice(-n // 2, -n // 2 + g) for n, g in zip(extra, got.shape, strict=True))
        if all(n % 2 == 0 for n in extra) and close(expected[middle], got):
            return f"right in the middle, but {_list(named, half=True)} missing on each side."
        if got.size >= FEW and close(expected[_spread(got, expected)], got):
            return "right as far as it goes, but only every second number of the right ones, or every third, is there."
    return ""


def _spread(few: np.ndarray, many: np.ndarray) -> tuple[slice, ...]:
    """Every n-th number of `many`, as many of them as there are in `few`."""
    steps = [-(-m // f) for m, f in zip(many.shape, few.shape, strict=True)]
    return tuple(slice(0, None, step) for step in steps)


def _reordered(expected: np.ndarray, got: np.ndarray) -> str:
    for order in itertools.permutations(range(got.ndim)):
        if close(got.transpose(order), expected):
            return f"the right numbers with the axes in another order: transpose{order} would put them right."
    return ""


def _relaid(expected: np.ndarray, got: np.ndarray) -> str:
    if got.size == expected.size and close(got.reshape(expected.shape), expected):
        return "the right numbers in another shape: reshape."
    return ""


def _too_many_axes(expected: np.ndarray, got: np.ndarray, axes: Sequence[str]) -> str:
    for over in itertools.combinations(range(got.ndim), got.ndim - expected.ndim):
        if close(got.sum(axis=over), expected):
            return f"not summed far enough: the sum of yours over {_axes_text(over)} is right."
        if close(got.mean(axis=over), expected):
            return f"not averaged yet: the mean of yours over {_axes_text(over)} is right."
    return _relaid(expected, got)


def _too_few_axes(expected: np.ndarray, got: np.ndarray, axes: Sequence[str]) -> str:
    if not got.any():  # zeros are the sum, and a part, of much
        return ""
    for over in itertools.combinations(range(expected.ndim), expected.ndim - got.ndim):
        what = " and ".join(plural(_name(axes, k)) for k in over)
        for words, reduced in (
            ("summed", np.sum), ("averaged", np.mean),
        ):  # fmt: skip
            if close(reduced(expected, axis=over), got):
                return f"the right numbers {words} over the {what}, which should stay apart."
        for words, index in (("first", 0), ("last", -1)):
            one = expected[tuple(index if k in over else slice(None) for k in range(expected.ndim))]
            if close(one, got):
                return f"right, but only the {words} of the {what} is there."
    return _relaid(expected, got)


def _list(named: list[tuple[str, int]], half: bool = False) -> str:
    sizes = [(name, abs(n) // (2 if half else 1)) for name, n in named]
    return " and ".join(f"{n} {plural(name, n)}" for name, n in sizes)


def _name(axes: Sequence[str], k: int) -> str:
    return axes[k] if k < len(axes) else f"place along axis {k}"


def _axes_text(over: tuple[int, ...]) -> str:
    return f"axis {over[0]}" if len(over) == 1 else f"axes {over}"
