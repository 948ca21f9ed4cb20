"""What went wrong before any number was looked at: an error where there is an answer, an answer where there is none,
nothing returned, another kind of thing, an input that was written into. Each has a name in every exercise."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnlab.check.plain import Foreign, describe, is_tensor
from cnnlab.check.subject import Mishap
from cnnlab.check.verdict import Attempt, Failure, Kind, Named


def named(failing: Sequence[Attempt], passing: Sequence[Attempt]) -> list[Named]:
    """The name of what became of the first failing case, where its kind alone says it."""
    first = failing[0]
    failure = first.failed
    if first.case.raises is not None:
        return [_not_refused(first, failure)]
    if failure.kind is Kind.CHANGED_INPUT:
        return [Named("it writes into its input", "Make an array of your own, or work on a copy: x = x.copy().")]
    if failure.kind is Kind.CHANGED_RESULT:
        return [
            Named(
                "every call gives the same array", "What a function keeps from call to call, its caller may still need."
            )
        ]
    if failure.kind is Kind.RAISED and failure.trouble is not None and failure.trouble.own:
        return [_refused(failure.trouble)]
    if failure.kind is Kind.TYPE:
        return _wrong_kind(first.expected, first.got, bool(passing))
    if any(map(_fractions_lost, failing)) and all(_fractions_lost(one) or _overflows(one) for one in failing):
        return [
            Named(
                "an array of whole numbers",
                "It holds no fractions: they were cut off, or lost by //. np.zeros_like of whole numbers makes such an "
                "array, .astype(int) does, too; np.zeros(x.shape) makes one that holds fractions.",
            )
        ]
    if failure.changed:
        return [Named("it writes into its input", "Make an array of your own, or work on a copy: x = x.copy().")]
    return []


def _fractions_lost(attempt: Attempt) -> bool:
    """Does a wrong result come in an array of whole numbers, where the right one has fractions?"""
    return any(np.any(e != np.rint(e)) for e, _ in _whole(attempt))


def _overflows(attempt: Attempt) -> bool:
    """Does a wrong result come in an array of whole numbers that are too small for it, bytes for example?"""
    return any(np.any((e < (of := np.iinfo(g.dtype)).min) | (e > of.max)) for e, g in _whole(attempt))


def _whole(attempt: Attempt) -> list[tuple[np.ndarray, np.ndarray]]:
    """What was expected, and the array of whole numbers that came in its place."""
    several = isinstance(attempt.expected, tuple) and isinstance(attempt.got, list | tuple)
    pairs = zip(attempt.expected, attempt.got, strict=False) if several else [(attempt.expected, attempt.got)]
    arrays = [(e, g) for e, g in pairs if isinstance(e, np.ndarray) and isinstance(g, np.ndarray)]
    return [(e, g) for e, g in arrays if g.dtype.kind in "iu" and e.shape == g.shape]


def _not_refused(attempt: Attempt, failure: Failure) -> Named:
    wanted = getattr(attempt.case.raises, "__name__", "")
    if failure.trouble is not None:
        return Named(
            f"{failure.trouble.error} in place of {wanted}",
            f"Whoever calls the function waits for a {wanted} alone: raise {wanted}(…).",
        )
    value = attempt.got
    if value is None:
        what, because = "None", "Somebody would go on with the None, and stumble much later."
    elif isinstance(value, Foreign) and value.kind.endswith("Error"):
        what, because = f"a {value.kind}", "`return` hands it over like any value; `raise` makes it an error."
    elif isinstance(value, int | float | np.ndarray):
        what = describe(value).removeprefix("the number ").removeprefix("the single number ")
        because = "Somebody would go on with it and never know."
    else:
        what, because = describe(value), "Somebody would go on with it and never know."
    return Named(f"{what} where there is no answer", f"{because} Ask whether there is one, and else raise {wanted}(…).")


def _refused(trouble: Mishap) -> Named:
    line = f" in line {trouble.line}" if trouble.line else ""
    stopped = "`assert`" if trouble.error == "AssertionError" else "`raise`"
    return Named(
        "a case that has an answer is refused",
        f"It is your own {stopped}{line} that stops it. Here its condition must not hold: which one would be right?",
    )


def _wrong_kind(expected: Any, value: Any, some_pass: bool) -> list[Named]:
    """The name of another kind of thing than was expected, or of another kind in a list."""
    if value is None:
        when = "in some cases nothing is returned" if some_pass else "nothing is returned"
        return [Named(when, "Every branch needs its `return`, and it stands outside the loops, at the very end.")]
    if isinstance(value, Foreign):
        return [Named(f"{describe(value)} comes back", "Return the values themselves, computed and gathered.")]
    if is_tensor(value) and isinstance(expected, int | float):
        return [Named("a torch tensor comes back, for a number", ".item() takes the number out of a tensor.")]
    if is_tensor(value) and not is_tensor(expected):
        return [Named("a torch tensor comes back", "What came in was NumPy's, and so is what goes out: .numpy().")]
    if isinstance(value, np.ndarray) and is_tensor(expected):
        return [
            Named("an array comes back, for a tensor", "What came in was a tensor: stay with torch, or from_numpy.")
        ]
    if isinstance(expected, np.ndarray) and isinstance(value, list | tuple):
        if isinstance(value, tuple) and any(isinstance(one, np.ndarray) for one in value):
            return [Named("several results come back, where one is asked for", "Return the array alone, no tuple.")]
        return [Named("a list comes back, for an array", "np.array(…) makes an array of a list of numbers or rows.")]
    if isinstance(value, dict) and isinstance(expected, np.ndarray):
        return [Named("a dict comes back, for an array", "np.array(list(d.values())) has its values alone.")]
    if isinstance(expected, dict) and isinstance(value, list | tuple):
        return [Named(f"{describe(value)} comes back, for a dict", "A dict is asked for: to each key its value.")]
    if isinstance(value, dict) and isinstance(expected, list) and isinstance(expected[0], dict):
        return []  # that is what a check has seen, not what came back
    if isinstance(expected, list | tuple) and isinstance(value, np.ndarray | dict):
        what, how = ("an array", "tolist()") if isinstance(value, np.ndarray) else ("a dict", "list(d.values())")
        kind = "a tuple" if isinstance(expected, tuple) else "a list"
        return [Named(f"{what} comes back, for {kind}", f"{kind.capitalize()} is asked for: {how} is a first step.")]
    if isinstance(expected, tuple) and len(expected) == 1 and isinstance(value, int | float):
        return [
            Named("a number comes back, for a tuple", "The comma makes the tuple: (n) is the number n, (n,) is not.")
        ]
    if isinstance(value, str) and not isinstance(expected, str):
        return [Named("text comes back", "Leave out the quotes and the f-string: the value itself is asked for.")]
    single = value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value
    if isinstance(expected, int) and isinstance(single, float) and not isinstance(expected, bool):
        return [Named("a float, for a count", "/ gives a float even where it comes out even. // gives an int.")]
    if isinstance(expected, int | float) and isinstance(value, list | tuple):
        return [Named(f"{describe(value)} comes back, for one number", "Return the number alone.")]
    if isinstance(expected, int | float) and isinstance(value, np.ndarray) and value.ndim:
        return [
            Named("an array comes back, for one number", "Is a sum or a mean missing, over the axes that are left?")
        ]
    if isinstance(expected, list | tuple) and isinstance(value, list | tuple) and len(expected) == len(value):
        if any(other is None is not one for one, other in zip(expected, value, strict=True)):
            return [Named("None in the place of a result", "It is still to be computed, or made without a `return`.")]
        items = (_wrong_kind(one, other, some_pass) for one, other in zip(expected, value, strict=True))
        return next((found for found in items if found), [])
    return []
