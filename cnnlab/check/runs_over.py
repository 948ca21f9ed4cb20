"""NumPy's warnings about numbers, where the processor tells NumPy nothing: WebAssembly has no floating-point flags.

`warnings_of` calls a learner's function once more, with arrays that look at what each ufunc makes of them: infinite out
of finite numbers, no number out of numbers. Not seen is arithmetic (not exp, nor another function of GROWING) on a
single NumPy number that came out of such an array by `item`, `flat` or the like.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import warnings
from collections.abc import Generator
from typing import Any

import numpy as np

TOLD = sys.platform != "emscripten"  # NumPy warns by itself
GROWING = ("exp", "exp2", "expm1", "power", "float_power", "sinh", "cosh", "square")
POLES = (np.log, np.log2, np.log10, np.log1p, np.arctanh, np.reciprocal)  # infinite at one place, without growing
SAID = {"over": "overflow", "divide": "divide by zero", "invalid": "invalid value"}


class Watched(np.ndarray):
    """An array that warns, in NumPy's words, of what a ufunc makes of its numbers; so do arrays that come out."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: tuple = (), **kwargs: Any) -> Any:
        inputs = tuple(map(_bare, inputs))
        if out:
            kwargs["out"] = tuple(map(_bare, out))
        with np.errstate(all="ignore"):
            result = getattr(ufunc, method)(*inputs, **kwargs)
            kinds = _kinds(ufunc, inputs, result) if method == "__call__" else set()
        for kind in kinds:
            _say(kind, ufunc.__name__)
        return tuple(map(watched, result)) if isinstance(result, tuple) else watched(result)

    def __getitem__(self, key: Any) -> Any:
        return watched(super().__getitem__(key))


def watched(value: Any) -> Any:
    """A number or an array of numbers as a Watched; anything else as it is."""
    return np.asarray(value).view(Watched) if isinstance(value, np.ndarray | np.generic) else value


def _bare(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, Watched) else value


def _kinds(ufunc: np.ufunc, inputs: tuple, result: Any) -> set[str]:
    """What NumPy would warn of: "over", "divide", "invalid"."""
    found = set()
    numbers = [np.asarray(one) for one in inputs]
    if any(one.dtype.kind not in "biuf" for one in numbers):
        return found
    finite = functools.reduce(np.logical_and, [np.isfinite(one) for one in numbers])
    no_nan = functools.reduce(np.logical_and, [~np.isnan(one) for one in numbers])
    for out in map(np.asarray, result if isinstance(result, tuple) else [result]):
        if out.dtype.kind != "f" or out.shape != finite.shape:
            continue
        pole = ufunc in POLES or (ufunc in (np.divide, np.floor_divide) and bool((numbers[1] == 0).any()))
        found |= {"divide" if pole else "over"} if (np.isinf(out) & finite).any() else set()
        found |= {"invalid"} if (np.isnan(out) & no_nan).any() else set()
    return found


def _say(kind: str, name: str) -> None:
    message, how = f"{SAID[kind]} encountered in {name}", settings()[kind]
    if how == "raise":
        raise FloatingPointError(message)
    if how == "warn":
        warnings.warn(message, RuntimeWarning, stacklevel=3)


def settings() -> dict:
    """What NumPy is asked to do about each kind, by the learner perhaps."""
    return dict(np.geterr())


def warnings_of(subject: Any, args: tuple, kwargs: dict) -> tuple[str, ...]:
    """The warnings of a call, as NumPy gives them where it is told. subject: a cnnlab.check.subject.NotebookSubject."""
    with _watched_functions():
        return subject.call(*map(watched, args), **kwargs).warnings


@contextlib.contextmanager
def _watched_functions() -> Generator[None]:
    """np.exp and its like take single numbers, too, as Watched."""
    before = {name: getattr(np, name) for name in GROWING}

    def watching(function: np.ufunc) -> Any:
        return lambda x, *args, **kwargs: function(watched(np.asarray(x)), *args, **kwargs)

    try:
        for name, function in before.items():
            setattr(np, name, watching(function))
        yield
    finally:
        for name, function in before.items():
            setattr(np, name, function)
