"""A result of the wrong shape: what of it is right all the same."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from cnnlab.check.plain import shape_text
from cnnlab.check.spots import close


def shape_clue(expected: np.ndarray, got: np.ndarray, axes: Sequence[str]) -> str:
    """Cropped too little or too much, axes in another order, or summed over the wrong ones; "" for anything else."""
    if not got.size:
        return f"empty, of shape {shape_text(got.shape)}. With a padding of 0, [p:-p] is [0:0], which holds nothing."
    if got.ndim == expected.ndim:
        return _cut(expected, got, axes) or _reordered(expected, got) or _relaid(expected, got)
    return (_too_many_axes if got.ndim > expected.ndim else _too_few_axes)(expected, got, axes)


def _cut(expected: np.ndarray, got: np.ndarray, axes: Sequence[str]) -> str:
    extra = [g - e for g, e in zip(got.shape, expected.shape, strict=True)]
    named = [(_name(axes, k), n) for k, n in enumerate(extra) if n]
    if all(n >= 0 for n in extra):
        inside = tuple(slice(n // 2, n // 2 + e) for n, e in zip(extra, expected.shape, strict=True))
        if all(n % 2 == 0 for n in extra) and close(expected, got[inside]):
            return (
                f"right in the middle, but with {_list(named, half=True)} too many on each side: crop the padding off."
            )
        start = tuple(slice(e) for e in expected.shape)
        if close(expected, got[start]):
            return f"right, but {_list(named)} too many at the end."
    if all(n <= 0 for n in extra):
        kept = tuple(slice(g) for g in got.shape)
        if close(expected[kept], got):
            lost = expected.copy()
            lost[kept] = 0
            gone = "" if lost.any() else " (only zeros, but they belong to it)"
            return f"right as far as it goes; {_list(named)} missing at the end{gone}."
        middle = tuple(slice(-n // 2, -n // 2 + g) for n, g in zip(extra, got.shape, strict=True))
        if all(n % 2 == 0 for n in extra) and close(expected[middle], got):
            return f"right in the middle, but {_list(named, half=True)} missing on each side."
    return ""


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
    return _relaid(expected, got)


def _too_few_axes(expected: np.ndarray, got: np.ndarray, axes: Sequence[str]) -> str:
    for over in itertools.combinations(range(expected.ndim), expected.ndim - got.ndim):
        if close(expected.sum(axis=over), got):
            what = " and ".join(f"{_name(axes, k)}s" for k in over)
            return f"the right numbers summed over the {what}, which should stay apart."
    return _relaid(expected, got)


def _list(named: list[tuple[str, int]], half: bool = False) -> str:
    sizes = [(name, abs(n) // (2 if half else 1)) for name, n in named]
    return " and ".join(f"{n} {name}{'s' if n != 1 else ''}" for name, n in sizes)


def _name(axes: Sequence[str], k: int) -> str:
    return axes[k] if k < len(axes) else f"place along axis {k}"


def _axes_text(over: tuple[int, ...]) -> str:
    return f"axis {over[0]}" if len(over) == 1 else f"axes {over}"
