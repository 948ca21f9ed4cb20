"""What the numbers say: which result is wrong, which part of it, and what the wrong numbers are instead.

It asks for no table of mistakes, so it helps with those that nobody has met before. Four kinds of sentences, the most
telling first: the right numbers *for other arguments* ("`kernel` is transposed"), the right numbers *with something
done to them* ("twice", "cut at 0", "in reverse order"), *where* the wrong ones are ("right except at the border"), and
*in which cases* ("wherever `stride` is a pair").
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cnnlab.check.plain import same, shape_text
from cnnlab.check.reading import formulas, others, rules, where
from cnnlab.check.reading.classes import wrong_wherever
from cnnlab.check.reading.places import close, listed, place, share, wrong_in
from cnnlab.check.reading.seen import Seen
from cnnlab.check.reading.shapes import only_length_1, shape_clue, sides_clue
from cnnlab.check.subject import Subject
from cnnlab.check.verdict import Attempt, Kind, Named

if TYPE_CHECKING:
    from cnnlab.check.exercise import Exercise

READABLE = (Kind.VALUES, Kind.SHAPE, Kind.NAN, Kind.TYPE, Kind.DTYPE)
WEAK = "the median of the relative error is"
RIGHT = "right in every case."
TOLD_APART = 3  # different numbers that do not come again by chance
MOST_FINE = 6  # right results that are listed


def read(
    exercise: Exercise, attempts: Sequence[Attempt], subject: Subject, explained: Collection[str] | None = ()
) -> Sequence[str | Named]:
    """Sentences about the failing attempts, one for each result that is wrong; those `explained` already are left out
    (None: all of them are). Where the exercise reads them itself, names may stand before its sentences."""
    failing = [attempt for attempt in attempts if attempt.failure is not None]
    passing = [attempt for attempt in attempts if attempt.failure is None]
    if exercise.read is not None and explained is not None:
        told = list(exercise.read(failing, subject))
        if told:
            return told
    if explained is not None and _from_an_earlier_call(attempts, failing[0]):
        listed_on = isinstance(failing[0].got, list)
        how, kept = ("It begins with", "a list perhaps") if listed_on else ("These are", "by shape perhaps")
        return [f"{how} the numbers of an earlier call: something is kept from call to call, {kept}."]
    readable = [a for a in failing if a.failed.kind in READABLE and a.case.raises is None]
    lines: list[str] = []
    if readable and readable[0] is failing[0] and exercise.oracle is not None:
        right = [Seen(exercise, attempt) for attempt in passing if attempt.case.raises is None]
        wrong = [Seen(exercise, attempt) for attempt in readable]
        lines = Reading(exercise, [one for one in wrong if one.pairs] or wrong, right).lines(explained)
    told = explained is None or explains(lines)
    cases = "" if told and 2 * len(failing) > len(passing) else in_which_cases(failing, passing)
    kept = [line for line in lines if told or not cases or RIGHT in line]
    return [*kept, cases] if cases and explained is not None else kept


def _from_an_earlier_call(attempts: Sequence[Attempt], wrong: Attempt) -> bool:
    """Does an attempt give, to the last digit, what one before it gave for other arguments, or begin with it?"""
    got = wrong.got
    before = itertools.takewhile(lambda a: a is not wrong, attempts)
    if isinstance(got, list):  # that has grown since
        starts = [one.got for one in before if isinstance(one.got, list) and 1 < len(one.got) < len(got)]
        return any(same(start, got[: len(start)]) and not same(start, wrong.expected[: len(start)]) for start in starts)
    if not isinstance(got, np.ndarray) or np.unique(got).size < TOLD_APART:
        return False
    return any(one.got is not got and same(one.got, got) for one in before)


def explains(lines: Sequence[str]) -> bool:
    """Do the clues say more than which results are right and how large the error is?"""
    return any(RIGHT not in line and WEAK not in line for line in lines)


def in_which_cases(failing: Sequence[Attempt], passing: Sequence[Attempt]) -> str:
    """ "Wrong wherever …, and right in every other case."; "" where nothing tells them apart."""
    told = wrong_wherever(failing, passing)
    return told[:1].upper() + told[1:]


class Reading:
    """The failing attempts, the smallest case first, and those that passed."""

    def __init__(self, exercise: Exercise, failing: list[Seen], passing: list[Seen]):
        self.exercise, self.failing, self.passing = exercise, failing, passing

    def lines(self, explained: Collection[str] | None = ()) -> list[str]:
        """A sentence for each wrong result, and which ones are right."""
        fine: list[str] = []
        clues: dict[str, list[str]] = {}
        for name in self.failing[0].pairs:
            seen = [one for one in self.failing if name in one.pairs]
            bad = [one for one in seen if one.is_wrong(name)]
            if not bad:
                fine.append(name)
            elif explained is None or name in explained:
                continue
            elif bad[0] is self.failing[0]:
                clues.setdefault(_anothers(name, bad) or self.clue(name, bad), []).append(name)
            else:
                clues.setdefault("right in this case, not in every one.", []).append(name)
        lines = [_headed(names, clue) for clue, names in clues.items() if clue]
        if fine and len(self.failing[0].pairs) > 1 and len(fine) <= MOST_FINE:
            lines.append(f"{listed(fine)} {'are' if len(fine) > 1 else 'is'} {RIGHT}")
        return lines

    def clue(self, name: str, bad: list[Seen]) -> str:
        """One sentence about a result; "" where nothing fits."""
        expected, got = bad[0].pairs[name]
        axes = bad[0].axes[name]
        passing = [one for one in self.passing if name in one.pairs]
        if expected.shape != got.shape:
            several = [one for one in bad if np.unique(one.pairs[name][0]).size > 1]  # what is all alike tells little
            telling = next((one for one in several or bad if not only_length_1(*one.pairs[name])), bad[0])
            return (
                others.arguments(name, bad, passing)
                or (_in_most(name, bad, telling) if expected.ndim else _for_one_number(expected, got))
                or others.shape_of_arguments(name, bad, passing)
                or sides_clue(expected, got, axes)
            )
        finite = np.isfinite(got) | ~np.isfinite(expected)
        if not finite.all():
            return _not_finite(name, bad, ~finite)
        alike = [one for one in bad if one.pairs[name][0].shape == one.pairs[name][1].shape]
        pairs, sizes = [one.pairs[name] for one in alike], [one.sizes for one in alike]
        if expected.ndim and not any(g.any() for _, g in pairs):
            return "0 everywhere."
        return (
            self._slip_in_formula(name, bad, passing)
            or rules.one_factor(pairs, sizes)
            or others.arguments(name, bad, passing)
            or others.an_argument_itself(name, bad)
            or rules.elementwise(pairs)
            or rules.rearranged(pairs, axes)
            or rules.offset(pairs, sizes)
            or rules.whole_step(pairs, axes)
            or rules.precision(pairs)
            or rules.same_along(pairs, axes)
            or rules.constant(pairs)
            or rules.offset_by_axis(pairs, axes)
            or others.arguments_and_more(name, alike)
            or others.two_arguments(name, alike)
            or where.right_except(name, alike)
            or rules.factor_by_axis(pairs, axes)
            or rules.factor_here(pairs)
            or others.arguments_in_most(name, bad)
            or _size_of_error(pairs)
        )

    def _slip_in_formula(self, name: str, bad: list[Seen], passing: list[Seen]) -> str:
        if not self.exercise.formula or name:
            return ""

        def known(one: Seen) -> tuple[dict, float]:
            more = self.exercise.names(one.args) if self.exercise.names else {}
            return {**one.args.values, **more}, float(one.pairs[name][1])

        right = [known(one) for one in passing if one.pairs[name][1].ndim == 0]
        return formulas.slip(self.exercise.formula, [known(one) for one in bad], right)


def _in_most(name: str, bad: list[Seen], telling: Seen) -> str:
    """What a shape has of the right one; "" where that is an accident of one case."""
    clue = shape_clue(*telling.pairs[name], telling.axes[name])
    several = [one for one in bad if not only_length_1(*one.pairs[name])]
    alike = [shape_clue(*one.pairs[name], one.axes[name]).split()[-2:] == clue.split()[-2:] for one in several]
    return clue if 2 * sum(alike) >= len(alike) else ""


def _anothers(name: str, bad: list[Seen]) -> str:
    """Are these the numbers of another result?"""
    for other in bad[0].pairs:
        pairs = [(one.pairs[other][0], one.pairs[name][1]) for one in bad if other in one.pairs]
        if other != name and pairs and all(close(e, g) for e, g in pairs):
            return f"these are the numbers of {other}: the results come in another order."
    return ""


def _for_one_number(expected: np.ndarray, got: np.ndarray) -> str:
    if got.size == 1 and close(got.reshape(()), expected):
        return f"the right number, but in an array of shape {shape_text(got.shape)}: .item() takes it out."
    if not got.size:
        return "empty, where one number is asked for."
    for words, reduced in (("sum", got.sum()), ("mean", got.mean()), ("first", got.flat[0]), ("last", got.flat[-1])):
        if close(np.asarray(reduced), expected):
            return f"{got.size} numbers, where one is asked for: their {words} is right."
    return ""


def _not_finite(name: str, bad: list[Seen], there: np.ndarray) -> str:
    got = bad[0].pairs[name][1]
    what = "NaN" if np.isnan(got[there]).all() else ("infinity" if np.isinf(got[there]).all() else "NaN or infinity")
    at = place(there, bad[0].axes[name], bad[0].spots(name)) if there.ndim else ""
    pairs = [one.pairs[name] for one in bad if one.pairs[name][0].shape == one.pairs[name][1].shape]
    told = [(e[np.isfinite(g)], g[np.isfinite(g)]) for e, g in pairs]
    right = any(g.size for _, g in told) and all(close(e, g) for e, g in told)
    rest = "; wherever it is finite it is right" if right else ""
    return f"{what} {at or ('everywhere' if there.ndim and there.all() else 'here')}{rest}."


def _size_of_error(pairs: rules.Pairs) -> str:
    expected, got = next(((e, g) for e, g in pairs if e.ndim and e.size > 1), (np.zeros(0), np.zeros(0)))
    if not expected.size:
        return ""
    wrong = wrong_in(expected, got)
    signs = " with the right signs" if np.all(np.sign(expected[wrong]) == np.sign(got[wrong])) else ""
    middle = np.median(rules.relative_error(expected, got)[wrong])
    return f"wrong {share(wrong)}{signs}; {WEAK} {middle:.2g}."


def _headed(names: list[str], clue: str) -> str:
    return f"{listed(names)}: {clue}" if names != [""] else clue[:1].upper() + clue[1:]
