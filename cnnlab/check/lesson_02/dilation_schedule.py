"""dilation_schedule: rates whose stacked layers see far and leave no hole. Many are right, so a judge tries them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference
from cnnlab.check.draw import between
from cnnlab.check.exercise import Exercise
from cnnlab.check.plain import describe
from cnnlab.check.verdict import Attempt


def first_hole(rates: Sequence[int]) -> int:
    """The first place, counted from the leftmost, that a stack of three-tap layers with these rates does not look at.

    The smaller rates fill all places before `filled`; one that is larger than that steps over the next, in whatever
    order the layers stand.
    """
    filled = 1
    for rate in sorted(rates):
        if rate > filled:
            break
        filled += 2 * rate
    return filled


def judge(value: Any, case: Case, expected: Any) -> Difference | None:
    """What is wrong with a list of rates for (depth, field)."""
    depth, field = case.args
    if not isinstance(value, list | tuple | np.ndarray):
        return Difference("type", f"Expected a list of {depth} rates, and yours returned {describe(value)}.")
    if isinstance(value, np.ndarray) and value.ndim != 1:
        return Difference("shape", f"Expected {depth} rates in a row; yours are {describe(value)}.")
    whole = [_whole(rate) for rate in value]
    rates = [rate for rate in whole if rate is not None]
    if len(whole) != depth:
        return Difference("shape", f"Expected {depth} rates, one for each layer, and yours returned {len(whole)}.")
    if len(rates) < depth:
        return Difference("type", "Every rate is a whole number, 1 or larger.")
    sees = 1 + 2 * sum(rates)
    if sees < field:
        return Difference("values", f"The field of {rates} is 1 + 2·{sum(rates)} = {sees} pixels; {field} are asked.")
    if (hole := first_hole(rates)) < sees:
        return Difference("values", f"{rates} leaves holes: of its {sees} pixels number {hole} is never used.")
    return None


def _whole(rate: Any) -> int | None:
    if isinstance(rate, np.ndarray) and rate.ndim == 0:
        rate = rate[()]
    if isinstance(rate, bool | np.bool_) or not isinstance(rate, int | np.integer) or rate < 1:
        return None
    return int(rate)


def _doubling_will_do(rng: np.random.Generator) -> list[Case]:
    deep, deeper = between(rng, 8, 12, 2)
    return [
        *(Case(pair) for pair in ((1, 3), (2, 5), (2, 7), (3, 7), (3, 15), (4, 31))),
        Case((5, 11), note="ordinary convolutions are enough"), Case((1, 1)),
        Case((3, 2), note="a small field, three layers"), Case((deep, between(rng, 3 * deep, 2 ** (deep + 1) - 1)[0])),
        Case((deeper, between(rng, 3 * deeper, 2 ** (deeper + 1) - 1)[0])),
    ]  # fmt: skip


def _the_most(rng: np.random.Generator) -> list[Case]:
    deep, deeper = between(rng, 8, 11, 2)
    return [
        *(Case(pair) for pair in ((2, 9), (3, 27), (3, 20), (4, 81), (4, 40))),
        Case((deep, between(rng, 2 ** (deep + 2), 3**deep)[0])),
        Case((deeper, between(rng, 2 ** (deeper + 2), 3**deeper)[0])),
        Case((2, 10), note="three taps in two layers reach 9 pixels at most", raises=ValueError),
        Case((1, 4), note="more than one layer can use", raises=ValueError),
        Case((4, 82), note="one more than there is", raises=ValueError),
    ]


def rates_for(depth: int, field: int) -> list[int]:
    """Rates that each stay within what the layers before can fill. Raises ValueError where field > 3^depth."""
    return _within(3**depth, depth, field)


def _within(most: int, depth: int, field: int) -> list[int]:
    if field > most:
        raise ValueError("the field is too large")
    return _greedy(depth, field)


def _greedy(depth: int, field: int, least: int = 1) -> list[int]:
    rates, sees = [], 1
    for _ in range(depth):
        rates.append(max(least, min(sees, -(-(field - sees) // 2))))
        sees += 2 * rates[-1]
    return rates


def _asked(a, rates: Sequence[float]) -> list:
    """Some rates, where there is an answer at all."""
    a.right()
    return list(rates)


def _said(failing: list[Attempt], subject: Any) -> list[str]:
    """Which rate is the first that leaves a hole, or how far the field is from what is asked."""
    case, got = failing[0].case, failing[0].got
    if case.raises is not None or not isinstance(got, list | tuple | np.ndarray):
        return []
    whole = [_whole(rate) for rate in got]
    rates = [rate for rate in whole if rate is not None]
    if len(rates) < len(whole):
        first = whole.index(None)
        return [f"Rate {first}, {got[first]!r:.20}, is no int above 0."]
    (depth, field), filled, sees = case.args, first_hole(rates), 1 + 2 * sum(rates)
    if filled < sees:
        pixels, rate = f"{filled} pixel{'s' if filled > 1 else ''}", min(rate for rate in rates if rate > filled)
        return [f"The smaller rates fill {pixels} without a hole, so the next may be {filled} at most, not {rate}."]
    if sees < field:
        short = f"{sees} pixel{'s are' if sees > 1 else ' is'} {field - sees} too few"
        return [f"No hole, but {short}: a larger rate would still fit without a hole."]
    off, layers = len(rates) - depth, f"{depth} layer{'s' * (depth > 1)}"
    return [f"{abs(off)} rate{'s' * (abs(off) > 1)} too {'many' if off > 0 else 'few'} for {layers}."]


# fmt: off
WRONG = [
    ("all rates alike", "Equal rates above 1 leave holes: the second layer's taps fall on the same grid again. Mix "
     "the rates.",
     lambda a: _asked(a, [max(1, -(-(a.field - 1) // (2 * a.depth)))] * a.depth)),
    ("the rates double", "1, 2, 4, … reaches 2^(depth + 1) − 1 pixels without holes; up to 3^depth there is more to "
     "have.", lambda a: _asked(a, [2**k for k in range(a.depth)])),
    ("ordinary convolutions", "Rate 1 everywhere sees 2·depth + 1 pixels: too few here.",
     lambda a: _asked(a, [1] * a.depth)),
    ("one layer makes up for everything",
     "A last rate larger than what the others fill leaves holes: it may be at most their field.",
     lambda a: _asked(a, [*([1] * (a.depth - 1)), max(1, -(-(a.field - 1) // 2) - (a.depth - 1))])),
    ("the rates are 1, 2, 3, …", "Rates that grow by one reach far less than 3^depth pixels.",
     lambda a: _asked(a, range(1, a.depth + 1))),
    ("as many layers as are needed", "Exactly `depth` rates are asked for; a rate of 1 does no harm.",
     lambda a: _asked(a, [rate for rate in _greedy(a.depth, a.field, least=0) if rate])),
    ("no ValueError", "No schedule of `depth` layers uses more than 3^depth pixels: raise ValueError there.",
     lambda a: _greedy(a.depth, a.field)),
    ("None where the field is too large", "Raise ValueError; a None would be passed on silently.",
     lambda a: a.right() if a.field <= 3**a.depth else None),
    ("refused too early", "Up to 3^depth pixels there is a schedule: rates 1, 3, 9 and so on.",
     lambda a: _within(3**a.depth - 1, a.depth, a.field)),
    ("doubling is taken for the limit", "2^(depth + 1) − 1 is what doubling reaches; tripling, 1, 3, 9, …, reaches "
     "3^depth.", lambda a: _within(2 ** (a.depth + 1) - 1, a.depth, a.field)),
    ("rates of 0", "A rate of 0 puts all three taps on one pixel: rates are 1 or larger.",
     lambda a: _asked(a, _greedy(a.depth, a.field, least=0))),
    ("floats", "A rate is an int, 3 and not 3.0: it counts the pixels from one weight to the next.",
     lambda a: _asked(a, [float(3**k) for k in range(a.depth)])),
    ("the sum of rates, not the field", "Each layer widens the field by 2·rate, and it begins at 1.",
     lambda a: _asked(a, _greedy(a.depth, (a.field + 1) // 2))),
]

EXERCISE = Exercise(
    name="dilation_schedule", lesson="02_padding_stride", oracle=rates_for, judge=judge, read=_said, wrong=WRONG,
    parts=[
        Part("doubling will do", 1, _doubling_will_do,
             "fields of 1 to 6 layers for which rates 1, 2, 4, 8, … are large enough",
             "draw the taps of the last layer, then put those of the next under each: where is a gap?"),
        Part("the most there is", 1, _the_most,
             "fields up to the largest that there is, and some that are too large",
             "three copies of what the layers so far can see: how far apart may they stand without a gap?"),
    ],
)
