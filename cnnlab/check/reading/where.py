"""Where a result is wrong, and what stands there instead."""

import numpy as np

from cnnlab.check.reading import rules
from cnnlab.check.reading.places import close, factor_of, place, share, wrong_in
from cnnlab.check.reading.seen import Seen

FEW = 6  # numbers at the wrong places from which a step or a change can be told


def right_except(name: str, bad: list[Seen]) -> str:
    """Where the wrong values are, and what they are; from a later case where the first is wrong all over."""
    if bad[0].pairs[name][0].ndim == 0:
        return ""
    for later, one in enumerate(bad):
        at = _at(name, [one, *bad] if later else bad, along_axes=not later)
        at = at or ("" if later else _at(name, [one], by_chance=False))  # at least true of the case that is drawn
        if at:
            note, what = f" ({one.note})" if one.note else "", "wrong" if at.startswith("in every") else "right except"
            start = "" if _everywhere(name, bad, at) else "in this case "
            if later:
                start = f"wrong {share(wrong_in(*bad[0].pairs[name]))} in this case; in another one{note} "
            return f"{start}{what} {at}.{_instead(name, bad)}"
    return ""


def _everywhere(name: str, bad: list[Seen], at: str) -> bool:
    """Are those words true of every failing case?"""
    if any(spot.words == at for spot in bad[0].spots(name)):
        return all(_holds(one, name, at) for one in bad)
    others = ((_at(name, [one]), one.pairs[name][0].shape) for one in bad)
    return all(found == at or (not found and 1 in shape) for found, shape in others)  # along a 1 all is one place


def _at(name: str, bad: list[Seen], along_axes: bool = True, by_chance: bool = True) -> str:
    """The spot that holds every wrong value, in all failing cases; "" where they are all over."""
    expected, got = bad[0].pairs[name]
    spots = [spot for spot in bad[0].spots(name) if by_chance or not spot.of_numbers]
    spots = [spot for spot in spots if all(_holds(one, name, spot.words) for one in bad)]
    axes = bad[0].axes[name] if along_axes else ()
    return place(wrong_in(expected, got), axes, spots, (expected != 0) | (got != 0))


def _holds(one: Seen, name: str, words: str) -> bool:
    expected, got = one.pairs[name]
    spot = next((spot for spot in one.spots(name) if spot.words == words), None)
    return spot is None or not (wrong_in(expected, got) & ~spot.inside).any()


def _instead(name: str, bad: list[Seen]) -> str:
    """What stands at the wrong places, where the same can be said of every failing case."""
    pairs = [one.pairs[name] for one in bad]
    at = [wrong_in(expected, got) for expected, got in pairs]
    there = [(e[w], g[w].astype(np.float64)) for (e, g), w in zip(pairs, at, strict=True)]
    if not any(g.any() for _, g in there):
        return " There yours is 0."
    if not any(e.any() for e, _ in there):
        return " There it should be 0."
    factors = {factor_of(e, g) for e, g in there}
    factor = next(iter(factors))
    if factor is not None and all(other is not None and rules.alike(factor, other) for other in factors):
        return f" There yours is {rules.times(factor)} what it should be."
    if sum(e.size for e, _ in there) < FEW or all(np.ptp(g) == 0 for _, g in there):
        return ""
    for words, step in rules.STEPS.items():
        if all(close(step(e), g) for e, g in there):
            return f" There yours is {words}"
    for words in bad[0].changes:
        found = [one.predicted(words, name) for one in bad]
        if all(
            other is not None and other.shape == got.shape and close(other[w], got[w])
            for other, (_, got), w in zip(found, pairs, at, strict=True)
        ):
            return f" There yours is what comes out when {words}."
    return ""
