"""What an exercise is made of: cases, parts, and a table of wrong ways, each the right computation but for a thing."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnnlab.check.plain import is_tensor


@dataclass(frozen=True)
class Case:
    """One call: the arguments, and a word on what is awkward about it (for messages and reports).

    results: the names of those of several results that are looked at here; all of them where it is empty.
    raises: the error that is right here (a subclass of it counts); None where a value is.
    """

    args: tuple = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    results: tuple[str, ...] = ()
    raises: type[Exception] | None = None
    _kept: dict = field(default_factory=dict, init=False, compare=False, repr=False)

    def once(self, what: Any, compute: Callable[[], Any]) -> Any:
        """What `compute()` gives, which has nothing to do with anybody's answer: computed once for this case and kept
        under the name `what`."""
        if what not in self._kept:
            self._kept[what] = compute()
        return self._kept[what]

    def fresh(self) -> Case:
        """The same case with new arguments: whoever gets them may write into them. Arrays keep their memory layout."""
        args, kwargs = _fresh(self.args), {name: _fresh(value) for name, value in self.kwargs.items()}
        return Case(args, kwargs, self.note, self.results, self.raises)


@dataclass(frozen=True)
class Part:
    """A gradable share of an exercise. `cases(rng)` lists its cases, the smallest first; `tests` says in a few words
    what they try (how many there are is counted); `look` says where to look when it fails and nothing else is known."""

    name: str
    points: float
    cases: Callable[[np.random.Generator], list[Case]]
    tests: str
    look: str = ""


@dataclass(frozen=True)
class Mistake:
    """A known mistake: its name, the sentence that helps whoever made it, and what is handed to a check in their place
    (a function with the learner's signature, or a table)."""

    name: str
    says: str
    function: Callable


@functools.lru_cache(1000)
def signature(function: Callable) -> inspect.Signature:
    """Of one of the course's own functions, which has the same one each time."""
    return inspect.signature(function)


class Args:
    """The arguments of one call by their names, those left out too; an int where a pair may stand is a pair here.

    `a.right(stride=1)` is the right computation with another stride; `a.instead(dbias=…)` the right results but for
    one, `a.but("dx", stride=1)` but for one's stride. All give new arrays. `a.raw` has the arguments as they came.
    """

    def __init__(self, values: Mapping, raw: Mapping, binding: Binding, by_position: tuple = ()):
        self.__dict__.update(values)
        self.values, self.raw, self._binding = dict(values), dict(raw), binding
        self.by_position = by_position

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"there is no argument {name!r}; there are {', '.join(self.values)}")

    @property
    def defaults(self) -> dict[str, Any]:
        """The arguments that have a default, with it."""
        parameters = signature(self._binding.function).parameters.values()
        return {p.name: p.default for p in parameters if p.default is not p.empty}

    def right(self, **changed: Any) -> Any:
        """What the oracle gives, some arguments being others. Raises what the oracle raises for them."""
        return self._binding.function(**{**self.values, **changed})

    def instead(self, **results: Any) -> tuple:
        """The right results, some of several being others; a function is given the right one, and changes it."""
        right = dict(zip(self._binding.results, self.right(), strict=True))
        return tuple((right | {k: one(right[k]) if callable(one) else one for k, one in results.items()}).values())

    def but(self, result: str, **changed: Any) -> tuple:
        """The right results, but that this one of several is what the oracle gives for other arguments."""
        return self.instead(**{result: self.right(**changed)[self._binding.results.index(result)]})


@dataclass(frozen=True)
class Binding:
    """How a call's arguments get their names: from the signature of `function`. `pairs` are those that may be an int
    or a pair (height, width); `complete(values)` fills in what a default leaves open (a stride that is None)."""

    function: Callable
    pairs: tuple[str, ...] = ()
    complete: Callable[[dict], Any] | None = None
    results: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        return tuple(signature(self.function).parameters)

    def args(self, *args: Any, **kwargs: Any) -> Args:
        """Raises TypeError where the arguments do not fit the signature."""
        bound = signature(self.function).bind(*args, **kwargs)
        bound.apply_defaults()
        raw, values = dict(bound.arguments), dict(bound.arguments)
        if self.complete is not None:
            self.complete(values)
        values |= {name: pair(values[name]) for name in self.pairs if values[name] is not None}
        return Args(values, raw, self, self.names()[: len(args)])

    def as_called(self, of: Callable[[Args], Any]) -> Callable:
        """A row of the table as a function that is called as a learner's is."""

        def function(*args: Any, **kwargs: Any) -> Any:
            return of(self.args(*args, **kwargs))

        return function


def pair(value: Any) -> tuple[int, int]:
    """(height, width), where one number stands for both. Raises TypeError or IndexError for what is neither."""
    return (int(value), int(value)) if np.ndim(value) == 0 else (int(value[0]), int(value[1]))


def _fresh(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _copy_with_strides(value)
    if is_tensor(value):
        return value.clone()
    if isinstance(value, dict):
        return {key: _fresh(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_fresh(item) for item in value)
    return value


def _copy_with_strides(array: np.ndarray) -> np.ndarray:
    if array.base is None or not isinstance(array.base, np.ndarray):
        return array.copy(order="K")
    base = array.base.copy(order="K")
    offset = array.__array_interface__["data"][0] - array.base.__array_interface__["data"][0]
    if base.strides != array.base.strides or base.dtype != array.dtype:
        return array.copy(order="K")
    return np.ndarray(array.shape, array.dtype, base, offset, array.strides)
