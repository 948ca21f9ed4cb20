"""Compare what came back with what was expected, and say what differs, gently from the outside in: kind, shape, type
of numbers, NaN, values."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnlab.check.plain import Foreign, describe, is_tensor, shape_text

CLOSE = 1e-8  # relative to the largest number about
CLOSE_FLOAT32 = 1e-5
LARGEST = 10**300
MOST_KEYS, MOST_SHOWN, LONGEST_KEY, MOST_DIGITS = 6, 20, 40, 30  # in a sentence


@dataclass(frozen=True)
class Difference:
    """Why a value is not the expected one.

    kind: "type", "shape", "dtype", "nan" or "values"; expected and got: the two arrays, for a picture, where there are
    two of one shape; wrong: where they differ, a boolean array; label: which of several results it is; titles: what
    the two arrays are called in the picture.
    """

    kind: str
    sentence: str
    expected: np.ndarray | None = None
    got: np.ndarray | None = None
    wrong: np.ndarray | None = None
    label: str = ""
    titles: tuple[str, str] = ("expected", "yours")


def difference(
    expected: Any, got: Any, scale: float = 1.0, single: bool = False, names: tuple[str, ...] = ()
) -> Difference | None:
    """What is wrong with `got`, or None.

    scale: the size of the numbers that went in, so that rounding after a cancellation is no mistake.
    single: the inputs were float32, so float32's rounding is fine.
    names: what to call the parts of a result that has several.
    """
    if isinstance(expected, np.ndarray) or is_tensor(expected):
        return _arrays(expected, got, scale, single)
    if isinstance(expected, list | tuple | dict):
        return _several(expected, got, scale, single, names)
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        return _exact(expected, got)
    if isinstance(expected, int):
        return _count(expected, got)
    return _number(expected, got, scale, single)


def _exact(expected: Any, got: Any) -> Difference | None:
    if isinstance(got, np.ndarray) and got.ndim == 0 and got.dtype.kind == "b":
        got = bool(got)
    if type(got) is not type(expected):
        return _wrong_kind(describe(expected) if expected is None else _kind_of(expected), got)
    if got != expected:
        return Difference("values", f"Expected {describe(expected)}, and yours returned {describe(got)}.")
    return None


def _count(expected: int, got: Any) -> Difference | None:
    if _is_count(got):
        got = int(got)
    if isinstance(got, float) or (isinstance(got, np.ndarray) and got.ndim == 0 and got.dtype.kind == "f"):
        return Difference(
            "type", f"A count is a whole number: yours returned {float(got)!r}. Use // for division, or int(...)."
        )
    if isinstance(got, bool) or not isinstance(got, int):
        return _wrong_kind("a whole number (int)", got)
    if got != expected:
        return Difference("values", f"Expected {expected:,}, and yours returned {_count_text(got)}.")
    return None


def _count_text(count: int) -> str:
    text = f"{count:,}" if abs(count) < LARGEST else "a number of more than 300 digits"
    return text if len(text) <= 2 * MOST_DIGITS else f"{text[:MOST_DIGITS]}… ({len(str(abs(count)))} digits)"


def _list_text(items: list | tuple) -> str:
    """A list of counts as Python writes it, of a long one the first."""
    shown = [int(item) if abs(int(item)) < LARGEST else "…" for item in items[:MOST_SHOWN]]
    more = f"{'list' if isinstance(items, list) else 'tuple'} of {len(items):,}: " if len(items) > MOST_SHOWN else ""
    return f"{more}{str(type(items)(shown))[:500]}{' and more' if more else ''}"


def _keys_text(keys: list) -> str:
    shown = [str(key)[:LONGEST_KEY] if isinstance(key, str) else key for key in keys[:MOST_KEYS]]
    return f"{str(shown)[:300]}{f' and {len(keys) - MOST_KEYS:,} more' if len(keys) > MOST_KEYS else ''}"


def _is_count(got: Any) -> bool:
    if isinstance(got, np.ndarray):
        return got.ndim == 0 and got.dtype.kind in "iu"
    return isinstance(got, int) and not isinstance(got, bool)


def _number(expected: float, got: Any, scale: float, single: bool) -> Difference | None:
    if is_tensor(got):
        return _wrong_kind("a number (float)", got)
    if isinstance(got, np.ndarray) and got.ndim == 0 and got.dtype.kind in "iuf":
        single, got = single or got.dtype == np.float32, float(got)
    if isinstance(got, bool) or not isinstance(got, int | float):
        return _wrong_kind("a number (float)", got)
    if isinstance(got, int):  # which may be beyond every float
        got = float(got) if abs(got) < LARGEST else np.inf
    if np.isnan(expected) or np.isinf(expected):
        right = got == expected or (np.isnan(expected) and np.isnan(got))
    else:
        tolerance = (CLOSE_FLOAT32 if single else CLOSE) * max(abs(expected), scale)
        right = bool(np.isfinite(got)) and abs(got - expected) <= tolerance
    if right:
        return None
    one, other = told_apart(expected, got)
    return Difference("values", f"Expected {one}, and yours returned {other}.")


def _several(expected: Any, got: Any, scale: float, single: bool, names: tuple[str, ...]) -> Difference | None:
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return _wrong_kind("a dict", got)
        missing = [key for key in expected if key not in got]
        extra = [key for key in got if key not in expected]
        if missing or extra:
            found = "; ".join(
                f"{word} {_keys_text(keys)}" for word, keys in (("missing", missing), ("unexpected", extra)) if keys
            )
            return Difference("shape", f"The dict's keys are not the expected ones: {found}.")
        pairs = [(str(key), expected[key], got[key]) for key in expected]
    else:
        whole = not names and bool(expected) and all(type(item) is int for item in expected)
        if not isinstance(got, list | tuple):
            several = f"the {type(expected).__name__} {expected}" if whole else f"{len(expected)} results"
            return _wrong_kind(f"{several}{'' if whole else ' (a tuple or list)'}", got)
        if whole and all(_is_count(item) for item in got):
            right = len(got) == len(expected) and list(map(int, got)) == list(expected)
            words = f"Expected {expected}, and yours is {_list_text(type(expected)(got))}."
            return None if right else Difference("values", words)
        if len(got) != len(expected):
            return Difference(
                "shape", f"Expected {len(expected)} result{'s' * (len(expected) != 1)}, and yours returned {len(got)}."
            )
        labels = names or tuple(f"{'item' if whole else 'result'} {k}" for k in range(len(expected)))
        pairs = list(zip(labels, expected, got, strict=False))
    for label, one, other in pairs:
        found = difference(one, other, scale, single)
        if found is not None:
            return Difference(
                found.kind, f"{label}: {found.sentence}", found.expected, found.got, found.wrong, found.label or label
            )
    return None


def _arrays(expected: Any, got: Any, scale: float, single: bool) -> Difference | None:
    if is_tensor(expected) != is_tensor(got) or not (isinstance(got, np.ndarray) or is_tensor(got)):
        return _not_an_array(expected, got)
    expected, got = np.asarray(expected), np.asarray(got)
    if got.shape != expected.shape:
        return Difference(
            "shape",
            f"Expected shape {shape_text(expected.shape)}, and yours is {shape_text(got.shape)}.",
            expected,
            got,
        )
    if got.dtype.kind == "c":
        return Difference("dtype", "Yours holds complex numbers. After an FFT, take the real part.")
    if got.dtype.kind == "b" and expected.dtype.kind != "b":
        return Difference("dtype", "Yours holds True and False, not numbers.")
    return _values(expected, got, scale, single or got.dtype == np.float32)


def _values(expected: np.ndarray, got: np.ndarray, scale: float, single: bool) -> Difference | None:
    e, g = expected.astype(np.float64), got.astype(np.float64)
    finite = np.isfinite(g) | ~np.isfinite(e)
    if not finite.all():
        where = tuple(int(i) for i in np.argwhere(~finite)[0])
        what = "NaN" if np.isnan(g[where]) else "infinity"
        return Difference("nan", f"There is {what} in your result, first at {index_text(where)}.", e, g, ~finite)
    largest = float(np.max(np.abs(e), initial=0.0, where=np.isfinite(e)))
    tolerance = (CLOSE_FLOAT32 if single else CLOSE) * max(largest, scale)
    with np.errstate(invalid="ignore"):
        wrong = ~((np.abs(e - g) <= tolerance) | (e == g) | (np.isnan(e) & np.isnan(g)))
    if not wrong.any():
        return None
    count, total = int(wrong.sum()), wrong.size
    some = "Every value differs" if count == total else f"{count} of {total} values differ"
    where = tuple(int(i) for i in np.argwhere(wrong)[0])
    one, other = told_apart(float(e[where]), float(g[where]))
    first = f"first at {index_text(where)}: expected {one}, yours {other}"
    return Difference("values", f"{some}, {first}." if e.ndim else f"Expected {one}, yours {other}.", e, g, wrong)


def _not_an_array(expected: Any, got: Any) -> Difference:
    wanted = "a torch tensor" if is_tensor(expected) else "a NumPy array"
    if got is None:
        return Difference("type", f"Yours returned None, where {wanted} is expected. Is there a `return` at the end?")
    if isinstance(got, list | tuple):
        return Difference("type", f"Yours returned {describe(got)}, where {wanted} is expected. Try np.array(...).")
    return _wrong_kind(wanted, got)


def _wrong_kind(wanted: str, got: Any) -> Difference:
    if got is None:
        return Difference("type", f"Yours returned None, where {wanted} is expected. Is there a `return` at the end?")
    kind = got.kind if isinstance(got, Foreign) else ""
    hint = " Did you forget to call it?" if "function" in kind else ""
    if kind == "generator":
        hint = " Use `return` where you wrote `yield`, or gather what it yields first."
    if kind == "coroutine":
        hint = " Leave out the word `async`."
    return Difference("type", f"Expected {wanted}, and yours returned {describe(got)}.{hint}")


def _kind_of(value: Any) -> str:
    return {str: "text (str)", bool: "True or False"}.get(type(value), type(value).__name__)


def index_text(where: tuple[int, ...]) -> str:
    """An index in words that fit the number of dimensions: "row 1, column 2", "[0, 3, 1, 2]"."""
    if len(where) == 2:
        return f"row {where[0]}, column {where[1]}"
    return "[" + ", ".join(str(i) for i in where) + "]"


def number_text(value: float, digits: int = 6) -> str:
    """A number as short as it can be said: 3, -0.25, 1.33333."""
    if np.isfinite(value) and value == int(value) and abs(value) < 1e9:
        return str(int(value))
    return f"{value:.{digits}g}"


def told_apart(one: float, other: float) -> tuple[str, str]:
    """Two different numbers in as many digits as tell them apart, six at least."""
    for digits in (6, 9, 12, 17):
        texts = number_text(one, digits), number_text(other, digits)
        if texts[0] != texts[1]:
            break
    return texts


def holds_single(value: Any) -> bool:
    """Is there a float32 array (or float16) in it? Then float32's rounding may come out."""
    if isinstance(value, np.ndarray):
        return value.dtype in (np.float32, np.float16)
    if isinstance(value, dict):
        return any(holds_single(item) for item in value.values())
    return isinstance(value, list | tuple) and any(holds_single(item) for item in value)
