"""Small changes to the arguments of a call. Where a learner's numbers are the right ones *for other arguments*, the
change says what happened: "`kernel` is transposed", "the padding is left out"."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace as with_fields
from typing import Any

import numpy as np

from cnnlab.check.cases import Args
from cnnlab.check.plain import is_tensor, of_kind
from cnnlab.check.reading.places import plural
from cnnlab.layers import LAYERS, Conv, Pool

Change = Callable[[Args], dict]
NUMERIC = "iuf"
WORDS_OF_ONE = {"bias": "the bias", "stride": "the stride", "padding": "the padding", "dilation": "the dilation"}


def changes(args: Args, axes: Mapping[str, str], pairs: Sequence[str] = ()) -> dict[str, Change]:
    """Every change that makes sense for these arguments, by its words, the likeliest first.

    axes: the names of the axes of each array argument. A change gives the arguments that it replaces; it may raise
    where it does not fit.
    """
    found: dict[str, Change] = {}
    defaults = args.defaults
    for name, value in args.values.items():
        for words, of in _of(name, value, axes, name in pairs, defaults.get(name)):
            found.setdefault(words, _of_one(name, of))
    return {**found, **_exchanged(args, pairs)}


def _of_one(name: str, of: Callable) -> Change:
    return lambda args: {name: of(args.values[name])}


def _of(name: str, value: Any, axes: Mapping[str, str], is_pair: bool, default: Any) -> Iterator[tuple[str, Callable]]:
    called = WORDS_OF_ONE.get(name, f"`{name}`")
    if is_tensor(value):  # as the array that it holds
        for words, of in _of(name, value.numpy(), axes, is_pair, default):
            yield words, lambda v, of=of: of_kind(np.asarray(of(v.numpy())), v)
    elif isinstance(value, np.ndarray) and value.dtype.kind in NUMERIC:
        yield from _arrays(called, value, [axis.replace("-", " ") for axis in axes.get(name, "").split()])
        if default is None and name in WORDS_OF_ONE:
            yield f"{called} is left out", lambda v: None
    elif is_pair and value is not None:
        yield from _pairs(called, default)
    elif isinstance(value, bool):
        yield f"{called} is taken for the opposite", lambda v: not v
    elif isinstance(value, int | float):
        yield from _numbers(called, value, default)
    elif isinstance(value, dict):
        for key, item in value.items():
            for words, of in _of(key, item, axes, False, None):
                yield words, lambda v, key=key, of=of: {**v, key: of(v[key])}
    elif isinstance(value, list | tuple) and value and all(isinstance(item, LAYERS) for item in value):
        yield from _layers()
    elif isinstance(value, LAYERS):
        for words, of in _layers():
            yield words, lambda v, of=of: of([v])[0]
    elif isinstance(value, tuple) and len(value) == 3 and all(isinstance(item, int) for item in value):
        yield from _shapes(called)


def _arrays(called: str, array: np.ndarray, axes: list[str]) -> Iterator[tuple[str, Callable]]:
    names = axes if len(axes) == array.ndim else [f"place along axis {k}" for k in range(array.ndim)]
    if array.ndim >= 2:
        yield f"{called} is turned by 180°", lambda v: v[..., ::-1, ::-1]
        yield f"{called} is transposed", lambda v: v.swapaxes(-1, -2)
        last = [f"the last {name}" for name in names[-2:]]
        yield f"{' and '.join(last)} of {called} are left out", _without_last
    if array.ndim == 4:
        yield f"the {plural(names[0])} and {plural(names[1])} of {called} change places", lambda v: v.swapaxes(0, 1)
        yield (
            f"{called} is laid out again by reshape, where its axes should be transposed",
            lambda v: v.reshape(v.shape[1], v.shape[0], *v.shape[2:]).swapaxes(0, 1),
        )
        yield (
            f"height and width of {called} are laid out again by reshape",
            lambda v: v.reshape(*v.shape[:2], v.shape[3], v.shape[2]).swapaxes(2, 3),
        )
    for k, name in enumerate(names):
        if array.shape[k] < 2:
            yield f"the last {name} of {called} is left out", lambda v, k=k: v - _only(v, k, -1)
            continue
        yield f"only the first {name} of {called} counts", lambda v, k=k: _only(v, k, 0)
        yield f"only the last {name} of {called} counts", lambda v, k=k: _only(v, k, -1)
        yield f"the first {name} of {called} stands for all", lambda v, k=k: _for_all(v, k, 0)
        yield f"the last {name} of {called} stands for all", lambda v, k=k: _for_all(v, k, -1)
        yield f"the {plural(name)} of {called} are in reverse order", lambda v, k=k: np.flip(v, k)
        yield f"the first {name} of {called} is left out", lambda v, k=k: v - _only(v, k, 0)
        yield f"the last {name} of {called} is left out", lambda v, k=k: v - _only(v, k, -1)
        for by, way in ((1, "late"), (-1, "early")):
            yield f"{called} is met one {name} too {way}", lambda v, k=k, by=by: moved(v, k, by)
        yield f"the {plural(name)} of {called} are averaged", lambda v, k=k: v.mean(axis=k, keepdims=True) + 0.0 * v
        yield f"the {plural(name)} of {called} are added up", lambda v, k=k: v.sum(axis=k, keepdims=True) + 0 * v
    if array.ndim == 1:
        yield f"the sum of {called} stands everywhere", lambda v: np.full(v.shape, v.sum())
    yield f"{called} has the opposite sign", lambda v: -v.astype(np.float64)
    yield f"{called} is cut at 0, what is negative being lost", lambda v: np.maximum(v, 0)
    yield f"{called} is taken without its sign", lambda v: np.abs(v.astype(np.float64))
    yield f"{called} is taken as 0", lambda v: np.zeros_like(v)
    yield f"{called} is taken as 1 everywhere", lambda v: np.ones_like(v)
    yield f"the fractions of {called} are cut off", lambda v: np.trunc(v.astype(np.float64))
    yield f"{called} is rounded", lambda v: np.rint(v.astype(np.float64))
    yield f"{called} is squared", lambda v: v.astype(np.float64) ** 2
    yield f"{called} counts twice", lambda v: 2 * v.astype(np.float64)
    yield f"{called} counts half", lambda v: v / 2
    yield f"{called} becomes float16", lambda v: v.astype(np.float16).astype(np.float64)
    for kind in (np.uint8, np.int8, np.int16):
        yield f"{called} becomes {kind.__name__}", lambda v, kind=kind: v.astype(np.int64).astype(kind)
    yield f"{called} is divided by 255", lambda v: v / 255
    yield f"the mean of {called} is taken off first", lambda v: v - v.mean()
    yield f"{called} is divided by its sum", lambda v: v / v.sum()
    yield f"{called} is divided by its largest number", lambda v: v / v.max()


def _without_last(array: np.ndarray) -> np.ndarray:
    kept = array.copy()
    kept[..., -1, :] = 0
    kept[..., :, -1] = 0
    return kept


def _only(array: np.ndarray, axis: int, index: int) -> np.ndarray:
    kept = np.zeros_like(array)
    at = (slice(None),) * axis + (index,)
    kept[at] = array[at]
    return kept


def _for_all(array: np.ndarray, axis: int, index: int) -> np.ndarray:
    return np.take(array, [index] * array.shape[axis], axis)


def moved(array: np.ndarray, axis: int, by: int) -> np.ndarray:
    """The array with every number one place on (by = 1) or back (−1) along an axis; 0 comes in."""
    found = np.roll(array, by, axis)
    found[(slice(None),) * axis + (0 if by > 0 else -1,)] = 0
    return found


def _pairs(called: str, default: Any) -> Iterator[tuple[str, Callable]]:
    without = (1, 1) if default is None else _both(default)
    yield f"{called} is {'taken as 1' if default is None else 'left out'}", lambda v: without
    yield f"height and width of {called} change places", lambda v: v[::-1]
    yield f"the height of {called} counts for both axes", lambda v: (v[0], v[0])
    yield f"the width of {called} counts for both axes", lambda v: (v[1], v[1])
    yield f"{called} counts in height only", lambda v: (v[0], without[1])
    yield f"{called} counts in width only", lambda v: (without[0], v[1])
    yield f"{called} is one too large", lambda v: (v[0] + 1, v[1] + 1)
    yield f"{called} is one too small", lambda v: (v[0] - 1, v[1] - 1)
    yield f"{called} counts twice", lambda v: (2 * v[0], 2 * v[1])
    yield f"{called} counts half", lambda v: (v[0] // 2, v[1] // 2)
    yield f"the larger side of {called} counts for both axes", lambda v: (max(v), max(v))


def _both(value: Any) -> tuple:
    return tuple(value) if isinstance(value, tuple | list) else (value, value)


def _numbers(called: str, value: float, default: Any) -> Iterator[tuple[str, Callable]]:
    if default is not None:
        yield f"{called} is left out (taken as {default})", lambda v: default
    yield f"{called} is one too large", lambda v: v + 1
    yield f"{called} is one too small", lambda v: v - 1
    yield f"{called} counts twice", lambda v: 2 * v
    yield f"{called} counts half", lambda v: v // 2 if isinstance(v, int) else v / 2
    for fixed in (0, 1):
        yield f"{called} is taken as {fixed}", lambda v, fixed=fixed: type(v)(fixed)
    yield f"{called} has the opposite sign", lambda v: -v
    yield f"{called} is squared", lambda v: v * v
    if isinstance(value, float):
        yield f"1 − {called.strip('`')} stands for {called}", lambda v: 1 - v
        yield f"1 / {called.strip('`')} stands for {called}", lambda v: 1 / v


def _layers() -> Iterator[tuple[str, Callable]]:
    def each(kind: type | tuple[type, ...], **fixed: Any) -> Callable:
        return lambda layers: [_with(layer, fixed) if isinstance(layer, kind) else layer for layer in layers]

    for name, words in (("padding", "padding"), ("stride", "stride"), ("dilation", "dilation")):
        least = 0 if name == "padding" else 1
        yield f"the {words} of convolutions is left out", each(Conv, **{name: least})
    yield "the stride of pooling is left out", each(Pool, stride=1)
    yield "pooling's stride is taken as its kernel", each(Pool, stride=lambda layer: layer.kernel)
    yield "padding counts once, not on both sides", each(Conv, padding=lambda layer: layer.padding / 2)
    yield "padding counts four times, twice on each side", each(Conv, padding=lambda layer: 2 * layer.padding)
    yield "the stride counts twice", each((Conv, Pool), stride=lambda layer: 2 * layer.stride)
    for one, other in (("stride", "padding"), ("stride", "dilation"), ("padding", "dilation")):
        taken = {one: lambda layer, of=other: getattr(layer, of), other: lambda layer, of=one: getattr(layer, of)}
        yield f"{one} and {other} of convolutions change places", each(Conv, **taken)
    yield "the kernel is one too large", each((Conv, Pool), kernel=lambda layer: layer.kernel + 1)
    yield "the kernel is one too small", each((Conv, Pool), kernel=lambda layer: layer.kernel - 1)
    yield "the kernel of convolutions is taken as 1", each(Conv, kernel=1)
    yield "the kernel of convolutions is taken as 3", each(Conv, kernel=3)
    yield "the kernel of pooling is taken as its stride", each(Pool, kernel=lambda layer: layer.stride)
    taken = {"kernel": lambda layer: layer.stride, "stride": lambda layer: layer.kernel}
    yield "kernel and stride of pooling change places", each(Pool, **taken)
    yield "the first layer is left out", lambda layers: layers[1:]
    yield "the last layer is left out", lambda layers: layers[:-1]
    yield "the layers come in reverse order", lambda layers: layers[::-1]
    yield "pooling layers are left out", lambda layers: [one for one in layers if not isinstance(one, Pool)]


def _with(layer: Any, fixed: Mapping[str, Any]) -> Any:
    changed = {name: value(layer) if callable(value) else value for name, value in fixed.items()}
    if any(value != int(value) for value in changed.values()):
        return _halved(layer, changed)
    return with_fields(layer, **{name: int(value) for name, value in changed.items()})


def _halved(layer: Any, changed: Mapping[str, float]) -> Any:
    """A layer with half a pixel of padding: one side has it, the other has not."""
    found = with_fields(layer)
    for name, value in changed.items():
        object.__setattr__(found, name, value)
    return found


def _shapes(called: str) -> Iterator[tuple[str, Callable]]:
    yield f"height and width of {called} change places", lambda v: (v[0], v[2], v[1])
    yield f"the height of {called} counts for both axes", lambda v: (v[0], v[1], v[1])
    yield f"the width of {called} counts for both axes", lambda v: (v[0], v[2], v[2])
    yield f"{called} is read as (height, width, channels)", lambda v: (v[2], v[0], v[1])
    yield f"the channels of {called} are taken as 1", lambda v: (1, *v[1:])


def _exchanged(args: Args, pairs: Sequence[str]) -> dict[str, Change]:
    """Two arguments of one kind in each other's place."""
    found: dict[str, Change] = {}
    names = list(args.values)
    for k, one in enumerate(names):
        for other in names[k + 1 :]:
            a, b = args.values[one], args.values[other]
            numbers = type(a) is type(b) and isinstance(a, int | float) and not isinstance(a, bool)
            both_pairs = one in pairs and other in pairs and a is not None and b is not None
            arrays = isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.shape == b.shape
            if numbers or both_pairs or arrays:
                words = f"`{one}` and `{other}` change places"
                found[words] = lambda args, one=one, other=other: {one: args.values[other], other: args.values[one]}
                if one in args.defaults and other in args.defaults:
                    words = f"`{one}` and `{other}` stand in each other's place in the function's first line"
                    found[words] = lambda args, one=one, other=other: _in_each_others_place(args, one, other)
                if not arrays:
                    for this, that in ((one, other), (other, one)):
                        words = f"`{this}` stands for `{that}` as well"
                        found[words] = lambda args, this=this, that=that: {that: args.values[this]}
    return found


def _in_each_others_place(args: Args, one: str, other: str) -> dict:
    """What two arguments with defaults get where the function names them in another order: those by position."""
    at = args.by_position
    return {
        one: args.values[other] if other in at else (args.defaults[one] if one in at else args.values[one]),
        other: args.values[one] if one in at else (args.defaults[other] if other in at else args.values[other]),
    }
