"""What goes wrong in dilation_schedule."""

from __future__ import annotations

from cnnlab.check.exercise import Mistake, known

DILATION_SCHEDULE: list[Mistake] = []


def _refuse(depth, field):
    if field > 3**depth:
        raise ValueError("the field is too large")


def _greedy(depth, field, most=None):
    """Rates that each stay within what the layers before can fill."""
    rates, sees = [], 1
    for _ in range(depth):
        rate = max(1, min(sees, -(-(field - sees) // 2)))
        rates.append(rate if most is None else min(rate, most))
        sees += 2 * rates[-1]
    return rates


@known(
    DILATION_SCHEDULE,
    "all rates alike",
    "Equal rates leave holes: the second layer's taps fall on the same grid again. Mix the rates.",
)
def all_alike(depth, field):
    _refuse(depth, field)
    return [max(1, -(-(field - 1) // (2 * depth)))] * depth


@known(
    DILATION_SCHEDULE,
    "the rates double",
    "1, 2, 4, … reaches 2^(depth + 1) − 1 pixels without holes; up to 3^depth there is more to have.",
)
def doubling(depth, field):
    _refuse(depth, field)
    return [2**k for k in range(depth)]


@known(DILATION_SCHEDULE, "ordinary convolutions", "Rate 1 everywhere sees 2·depth + 1 pixels: too few here.")
def ones(depth, field):
    _refuse(depth, field)
    return [1] * depth


@known(
    DILATION_SCHEDULE,
    "one layer makes up for everything",
    "A last rate larger than what the others fill leaves holes: it may be at most their field.",
)
def one_large(depth, field):
    _refuse(depth, field)
    return [*([1] * (depth - 1)), max(1, -(-(field - 1) // 2) - (depth - 1))]


@known(DILATION_SCHEDULE, "the rates are 1, 2, 3, …", "Rates that grow by one reach far less than 3^depth pixels.")
def counting(depth, field):
    _refuse(depth, field)
    return list(range(1, depth + 1))


@known(
    DILATION_SCHEDULE,
    "as many layers as are needed",
    "Exactly `depth` rates are asked for; a rate of 1 does no harm.",
)
def fewer_layers(depth, field):
    _refuse(depth, field)
    rates, sees = [], 1
    while sees < field:
        rates.append(min(sees, -(-(field - sees) // 2)))
        sees += 2 * rates[-1]
    return rates


@known(
    DILATION_SCHEDULE,
    "no ValueError",
    "No schedule of `depth` layers uses more than 3^depth pixels: raise ValueError there.",
)
def no_error(depth, field):
    return _greedy(depth, field)


@known(DILATION_SCHEDULE, "None where the field is too large", "Raise ValueError; a None would be passed on silently.")
def none_for_too_large(depth, field):
    return _greedy(depth, field) if field <= 3**depth else None


@known(DILATION_SCHEDULE, "refused too early", "Up to 3^depth pixels there is a schedule: rates 1, 3, 9 and so on.")
def refused_early(depth, field):
    if field >= 3**depth:
        raise ValueError("the field is too large")
    return _greedy(depth, field)


@known(
    DILATION_SCHEDULE,
    "doubling is taken for the limit",
    "2^(depth + 1) − 1 is what doubling reaches; tripling, 1, 3, 9, …, reaches 3^depth.",
)
def refused_by_doubling(depth, field):
    if field > 2 ** (depth + 1) - 1:
        raise ValueError("the field is too large")
    return _greedy(depth, field)


@known(DILATION_SCHEDULE, "rates of 0", "A rate of 0 puts all three taps on one pixel: rates are 1 or larger.")
def zeros(depth, field):
    _refuse(depth, field)
    rates, sees = [], 1
    for _ in range(depth):
        rates.append(min(sees, max(0, -(-(field - sees) // 2))))
        sees += 2 * rates[-1]
    return rates


@known(DILATION_SCHEDULE, "fractions", "Rates are whole numbers: pixels from one weight to the next.")
def fractions(depth, field):
    _refuse(depth, field)
    return [float(3**k) for k in range(depth)]


@known(
    DILATION_SCHEDULE,
    "the sum of rates, not the field",
    "Each layer widens the field by 2·rate, and it begins at 1.",
)
def half_the_field(depth, field):
    _refuse(depth, field)
    return _greedy(depth, (field + 1) // 2)
