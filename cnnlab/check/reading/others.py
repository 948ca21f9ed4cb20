"""The right numbers for other arguments: "yours is what comes out when `kernel` is transposed"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cnnlab.check.cases import Args
from cnnlab.check.compare import difference
from cnnlab.check.reading import rules
from cnnlab.check.reading.places import close, wrong_in
from cnnlab.check.reading.seen import Seen
from cnnlab.check.verdict import Attempt

if TYPE_CHECKING:
    from cnnlab.check.exercise import Exercise

ENOUGH = 4  # numbers on which a change must agree, where the passing cases contradict it
LARGE = 1_000  # a count of this size is hit by chance hardly ever
MOST_TOGETHER = 400  # pairs of changes that are tried


def arguments(name: str, bad: list[Seen], passing: list[Seen]) -> str:
    """The change to the arguments that explains every failing case; best one that makes no difference in the others."""
    expected, got = bad[0].pairs[name]
    best = ""
    for words in bad[0].changes:
        if not _agrees(bad[0], words, name) or close(bad[0].predicted(words, name), expected):
            continue
        if not all(_agrees(one, words, name) for one in bad[1:]):
            continue
        numbers = sum(_wrong_numbers(one, name) for one in bad)
        if all(_leaves(one, words, name) for one in passing) and (numbers >= 2 or abs(float(got.flat[0])) >= LARGE):
            return _comes_out(words)
        best = best or (words if numbers >= ENOUGH else "")
    return _comes_out(best) if best else ""


def arguments_in_most(name: str, bad: list[Seen]) -> str:
    """The same, in most failing cases, the smallest among them."""
    expected, got = bad[0].pairs[name]
    for words in bad[0].changes if got.size >= ENOUGH else ():
        if not _agrees(bad[0], words, name) or close(bad[0].predicted(words, name), expected):
            continue
        if 2 * sum(_agrees(one, words, name) for one in bad) > len(bad):
            return f"in this case and in most that fail, {_comes_out(words)}"
    return ""


def arguments_and_more(name: str, bad: list[Seen]) -> str:
    """The right numbers for other arguments, up to a factor or one more step."""
    if sum(one.pairs[name][1].size for one in bad) < rules.ENOUGH:
        return ""
    expected, got = bad[0].pairs[name]
    axes, sizes = bad[0].axes[name], [one.sizes for one in bad]
    steps: tuple[Callable[[rules.Pairs], str], ...] = (
        lambda pairs: rules.one_factor(pairs, sizes[: len(pairs)]),
        lambda pairs: rules.elementwise(pairs, rules.COMMON),
        lambda pairs: rules.rearranged(pairs, axes, told=True) if rules.same_numbers(*pairs[0]) else "",
    )
    for words in bad[0].changes:
        found = bad[0].predicted(words, name)
        if found is None or found.shape != got.shape or close(found, expected):
            continue
        for step in steps:
            if got.size >= rules.ENOUGH and not step([(found, got)]):
                continue
            pairs = [(one.predicted(words, name), one.pairs[name][1]) for one in bad]
            told = "" if any(e is None or e.shape != g.shape for e, g in pairs) else step(pairs)
            if told:
                more = told.removeprefix("right up to a factor: yours is ").removeprefix("right, but ")
                return f"{_comes_out(words)[:-1]}, and besides {more}"
    return ""


def two_arguments(name: str, bad: list[Seen]) -> str:
    """Two changes at once, of arguments that are no arrays, or of the bias."""
    first = bad[0]
    if first.args is None or sum(one.pairs[name][1].size for one in bad) < rules.ENOUGH:
        return ""
    arrays = [k for k, v in first.args.values.items() if isinstance(v, np.ndarray) and k != "bias"]
    small = [words for words in first.changes if not any(f"`{array}`" in words for array in arrays)]
    together = [(one, other) for i, one in enumerate(small) for other in small[i + 1 :]]
    for one, other in together[:MOST_TOGETHER]:
        words = f"{one}, and {other}"
        alike = all(_agrees(seen, words, name, _both(seen, one, other)) for seen in bad)
        if alike and not close(first.predicted(words, name), first.pairs[name][0]):
            return _comes_out(words)
    return ""


def same_outcome(exercise: Exercise, attempts: Sequence[Attempt]) -> str:
    """The change to the arguments with which the right computation raises where the learner's function raised, and
    gives its numbers elsewhere: for errors that come too often, or not at all."""
    seen = [Seen(exercise, attempt) for attempt in attempts]
    failing = next((one for one in seen if one.attempt.failure is not None), None)
    if failing is None or exercise.oracle is None or exercise.judge is not None:
        return ""
    for words in failing.changes:
        if all(_same_outcome(one, words) for one in seen):
            return f"As when {words}."
    return ""


def _same_outcome(one: Seen, words: str) -> bool:
    found, trouble = one.outcome(words), one.attempt.answer.trouble
    if trouble is not None or isinstance(found, Exception):
        return isinstance(found, ValueError) and trouble is not None and "ValueError" in (trouble.error, *trouble.bases)
    return found is not None and difference(found, one.attempt.got, one.exercise.size(one.attempt.case), True) is None


def shape_of_arguments(name: str, bad: list[Seen], passing: list[Seen]) -> str:
    """The learner's shape is the right one for other arguments, in every case."""
    for words in bad[0].changes:
        if all(_of_that_shape(one, words, name) for one in [*bad, *passing]):
            return f"of the shape that comes out when {words}."
    for argument in bad[0].args.values if bad[0].args and len(bad) > 1 else ():
        shapes = [(getattr(one.args.values[argument], "shape", ()), one.pairs[name][1].shape) for one in bad]
        if all(len(mine) > 1 and given[-len(mine) :] == mine for given, mine in shapes):
            return f"as large as `{argument}`."
    return ""


def _of_that_shape(one: Seen, words: str, name: str) -> bool:
    found = one.predicted(words, name)
    return found is not None and found.shape == one.pairs[name][1].shape


def an_argument_itself(name: str, bad: list[Seen]) -> str:
    """What came in is given back."""
    for argument in bad[0].args.values if bad[0].args else ():
        pairs = [(one.args.values.get(argument), one.pairs[name][1]) for one in bad]
        if all(isinstance(v, np.ndarray) and v.dtype.kind in "iuf" and close(v, got) for v, got in pairs):
            return f"`{argument}` as it came in, in every failing case."
    return ""


def _agrees(one: Seen, words: str, name: str, change: Callable[[Args], dict] | None = None) -> bool:
    found = one.predicted(words, name, change)
    return found is not None and close(found, one.pairs[name][1])


def _leaves(one: Seen, words: str, name: str) -> bool:
    """In a case that passed the change makes no difference."""
    found = one.predicted(words, name)
    return found is not None and close(found, one.pairs[name][0])


def _wrong_numbers(one: Seen, name: str) -> int:
    expected, got = one.pairs[name]
    return int(wrong_in(expected, got).sum()) if expected.shape == got.shape else got.size


def _both(seen: Seen, one: str, other: str) -> Callable[[Args], dict]:
    def change(args: Args) -> dict:
        first, second = seen.changes[one](args), seen.changes[other](args)
        if set(first) & set(second):
            raise ValueError("both change the same argument")
        return first | second

    return change


def _comes_out(words: str) -> str:
    return f"yours is what comes out when {words}."
