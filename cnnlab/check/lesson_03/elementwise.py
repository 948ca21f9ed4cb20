"""What relu, leaky_relu and sigmoid share: one number in, one number out, in arrays of every shape."""

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cnnlab.check.cases import Args, Case, Part
from cnnlab.check.compare import number_text
from cnnlab.check.draw import floats, ints, large, sliced, thirds, transposed, with_zeros
from cnnlab.check.exercise import Exercise
from cnnlab.check.reading.rules import elementwise, same_numbers
from cnnlab.check.subject import Answer, Subject
from cnnlab.check.verdict import Attempt, Kind

ENOUGH, MOST_RUNS = 6, 5  # numbers that tell where on the number line a function is right; parts of that line


def called(subject: Subject, case: Case) -> Answer:
    """A plain call; where one number went in, a bare number may come out."""
    answer = subject.call(*case.args, **case.kwargs)
    if np.ndim(case.args[0]) == 0 and type(answer.value) in (int, float) and not 1e300 < abs(answer.value) < np.inf:
        return dataclasses.replace(answer, value=np.array(float(answer.value)))
    return answer


def every_kind(rng: np.random.Generator, *more: Any) -> list[Case]:
    """Arrays of no axis to five, of all sizes and signs; more: further arguments of each call."""
    arrays = [
        *(np.array(-3.0), np.array(5), ints(rng, 4), ints(rng, 2, 3), floats(rng, 5, 1), floats(rng, 3, 4, 2)),
        *(floats(rng, 2, 3, 4, 5), floats(rng, 2, 1, 3, 1, 2), transposed(rng, 3, 5), sliced(rng, 3, 4)),
        *(floats(rng, 3, 4).astype(np.float32), floats(rng, 11, 13), with_zeros(rng, 3, 5)),
        *(-abs(floats(rng, 3, 2)), abs(floats(rng, 2, 3)), large(rng, 3, 4)),
    ]
    others = {
        "very small numbers, and larger ones": np.append(rng.uniform(-0.01, 0.01, 9), floats(rng, 5)),
        "thirds, which every rounding changes": thirds(rng, 4, 3),
        "another array of a size seen before": floats(rng, 3, 4, 2),
    }
    return [*(Case((x, *more)) for x in arrays), *(Case((x, *more), note=note) for note, x in others.items())]


def into_x(a: Args) -> np.ndarray:
    """The right numbers, written into what came in."""
    a.x[...] = a.right()
    return a.x


def _cell_by_cell(a: Args) -> np.ndarray:
    out = np.zeros(a.x.shape)
    for place in np.ndindex(a.x.shape[0], a.x.shape[1]):
        out[place] = a.right(x=max(0, a.x[place])) + a.right(x=min(0, a.x[place]))
    return out


CUT = "The fractions are gone: the result took over whole numbers from somewhere. Leave the numbers' kind to NumPy."
# fmt: off
AN_AXIS_MORE = ("a single number gets an axis", "One number in, one out: np.atleast_1d and [x] give it an axis more.",
                lambda a: np.atleast_1d(a.right()))
SLIPS = [
    ("writes into its input",
     "It writes into the array that came in, and whoever sent it still needs it. Make a new one.", into_x),
    ("two axes only", "It counts on an array of two axes. Let NumPy work on the whole array at once, and the shape "
     "does not matter.", _cell_by_cell),
    AN_AXIS_MORE,
]
# fmt: on


def read_points(failing: Sequence[Attempt], subject: Subject) -> list[str]:
    """Does a result depend on more than its number? Else: where on the number line is it wrong, and what is there?"""
    values = [one for one in failing if one.failed.kind is Kind.VALUES and one.failed.wrong is not None]
    pairs = [(one.expected, one.got) for one in values]
    if not values or values[0] is not failing[0] or same_numbers(*pairs[0]) or elementwise(pairs):
        return []  # the general rules say it better
    points = [(np.ravel(one.case.args[0]), np.ravel(one.got), np.ravel(np.asarray(one.failed.wrong))) for one in values]
    told = _not_alone(points[0], failing[0].case, subject) or _on_the_line(points)
    return [told] if told else []


def _not_alone(points: tuple, case: Case, subject: Subject) -> str:
    x, got, wrong = points
    for v, g in list(zip(x[wrong], got[wrong], strict=True))[:ENOUGH]:
        alone = subject.call(np.array([v]), *case.args[1:], **case.kwargs).value
        if isinstance(alone, np.ndarray) and alone.size == 1 and not np.allclose(alone, g, 1e-5):
            here = f"{_text(v)} becomes {_text(g)} here, and {_text(alone.item())} alone."
            return f"{here} What stands beside it, or came before, must not matter."
    return ""


def _on_the_line(points: list[tuple]) -> str:
    all_points = [(float(v), bool(w)) for x, _, wrong in points for v, w in zip(x, wrong, strict=True)]
    wrong_at = dict(all_points)
    runs = [(w, list(numbers)) for w, numbers in itertools.groupby(sorted(wrong_at), wrong_at.get)]
    if len(wrong_at) < ENOUGH or not 1 < len(runs) <= MOST_RUNS or any(wrong_at[v] != w for v, w in all_points):
        return ""
    if any(len(numbers) == 1 and numbers[0] for _, numbers in runs[1:-1]):  # by chance
        return ""
    there = _there(points[0])
    if len(runs) == 2 and runs[0][1][-1] <= 0 <= runs[1][1][0] and not there:
        return ""
    told = []
    for k, (w, numbers) in enumerate(runs):
        low, high = _text(numbers[0]), _text(numbers[-1])
        where = f"up to {high}" if k == 0 else f"from {low}{f' to {high}' if k < len(runs) - 1 else ' on'}"
        told.append(f"{'wrong' if w else 'right'} {f'at {low}' if low == high else where}")
    return f"Along the number line, in the cases that fail: {', '.join(told)}.{there}"


def _there(points: tuple) -> str:
    """What stands where it is wrong, if that is one number or a straight line."""
    x, got = (column[points[2]].astype(float) for column in points[:2])
    slope, start = np.polyfit(x, got, 1).round(9) if len(set(x)) > 2 else (0.0, got[0])
    if len(set(x)) < 2 or not np.allclose(slope * x + start, got, 1e-5, 1e-5):
        return ""
    line = f"{_text(slope)}·x + {_text(start)}" if abs(slope) > 1e-9 else _text(start)
    return f" In the first of them yours is {line.removesuffix(' + 0')} there."


def _text(value: float) -> str:
    return number_text(float(value), 3).replace("-", "−")


HOW: dict[str, Any] = {"observe": called, "read": read_points}


def exercise(name: str, oracle: Callable, cases: Callable, tests: str, look: str, wrong: Sequence, **more) -> Exercise:
    """An elementwise exercise, of one part and one point."""
    parts = [Part("values", 1, cases, tests=tests, look=look)]
    return Exercise(name, "03_pooling", parts, wrong, oracle, **HOW | more)
