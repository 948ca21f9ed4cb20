"""one_cycle: a learning rate that goes straight up, and down along half a cosine."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnlab.check.cases import Args, Case, Part
from cnnlab.check.draw import between
from cnnlab.check.exercise import Exercise
from cnnlab.check.plain import as_float
from cnnlab.check.verdict import Attempt


def _cosine(share: float) -> float:
    return (1 + math.cos(math.pi * share)) / 2


def _cycle(step, total, peak, warmup, *, top=None, up=lambda share: share, down=_cosine):
    top = warmup * (total - 1) if top is None else top
    return float(peak * (up(step / top) if step < top else down((step - top) / (total - 1 - top))))


def rate(step: int, total: int, peak: float, warmup: float = 0.3) -> float:
    """peak·step/W below W = warmup·(total − 1); from there on half a cosine, to 0 at step total − 1."""
    return _cycle(step, total, peak, warmup)


def _way(**changed):
    return lambda a: _cycle(a.step, a.total, a.peak, a.warmup, **changed)


def _rise(rng: np.random.Generator) -> list[Case]:
    total, (peak, other) = between(rng, 200, 5_000)[0], (n / 1000 for n in between(rng, 10, 9_999, 2))
    return [
        Case((0, 11, 1.0)), Case((1, 11, 1.0)), Case((3, 11, 1.0), note="the peak"), Case((2, 21, 0.5, 0.5)),
        Case((between(rng, 2, 40)[0], total, peak)), Case((29, 100, other), note="just below the peak"),
        Case((5, 41, 0.01, 0.25), note="a small peak"), Case((2, 11, 3, 0.5), note="a peak that is a whole number"),
    ]  # fmt: skip


def _fall(rng: np.random.Generator) -> list[Case]:
    def steps(total, *more, **named):
        at = sorted({0, 1, total // 4, total // 3, total // 2, 3 * total // 4, total - 2, total - 1})
        return [Case((step, total, *more), named) for step in at]

    peak, other = (n / 1000 for n in between(rng, 100, 9_999, 2))
    total = between(rng, 40, 5_000)[0]
    return [
        Case((10, 11, 1.0), note="the last step"), Case((8, 11, 2.0)), *steps(total, peak), *steps(37, other, 0.2),
        *steps(20, peak=3.0, warmup=0.45), *steps(16, 1.5, 0.0), Case((4, 14, 1.0), note="just past the peak"),
    ]  # fmt: skip


def _names(a: Args) -> dict[str, float]:
    last, top = a.total - 1, a.warmup * (a.total - 1)
    return {"last": last, "W": top, "rise": a.step / top if top else math.inf, "π": math.pi}


UP = {
    "the line, one step ahead: peak·(step + 1)/W": lambda a, s: (a.step + 1) / (a.warmup * (a.total - 1)),
    "a quarter of a sine": lambda a, s: math.sin(math.pi / 2 * s), "the root of the share": lambda a, s: math.sqrt(s),
    "the square of the share": lambda a, s: s * s, "the peak itself": lambda a, s: 1,
}  # fmt: skip
DOWN = {
    "e to the −share": lambda a, s: math.exp(-s), "the square of what is left": lambda a, s: (1 - s) ** 2,
    "a cosine that begins at step 0": lambda a, s: _cosine(a.step / (a.total - 1) / (1 - a.warmup)),
    "a cosine in degrees": lambda a, s: _cosine(math.radians(s)),
    "the cosine, without 1 + and the half": lambda a, s: math.cos(math.pi * s),
}  # fmt: skip


def _read(failing: Sequence[Attempt], subject: Any) -> list[str]:
    """On the way up or down, where it is wrong: another curve, or the right one with something added."""
    tried = [(one.args, as_float(one.got)) for one in failing if isinstance(one.got, int | float)]
    told = []
    for way, curves, up in (("up", UP, True), ("down", DOWN, False)):
        here = [(a, got / a.peak) for a, got in tried if (a.step < a.warmup * (a.total - 1)) is up]
        if len(here) < 2 or len(tried) < len(failing):
            continue
        right = [a.right() / a.peak for a, _ in here]
        for words, curve in curves.items():
            if np.allclose([curve(a, _share(a)) for a, _ in here], [got for _, got in here]):
                told.append(f"On the way {way} yours is {words}.")
        by, start = np.polyfit(right, [got for _, got in here], 1) if len(set(right)) > 2 else (1, 0)
        if not told and abs(start) > 1e-6 and np.allclose(by * np.array(right) + start, [got for _, got in here]):
            more = f"{start:.3g}·peak {'−' if by < 0 else '+'} {abs(by):.3g} times what it should be"
            told.append(f"On the way {way} yours is {more}.")
    return told


def _share(a: Args) -> float:
    last, top = a.total - 1, a.warmup * (a.total - 1)
    return a.step / top if a.step < top else (a.step - top) / (last - top)


# fmt: off
WRONG = [
    ("the last step is not 0", "Steps run from 0 to total − 1: W and the fall use total − 1, not total.",
     lambda a: a.right(total=a.total + 1)),
    ("a straight fall", "The way down is half a cosine: slow at first, fast in the middle, slow at the end.",
     _way(down=lambda share: 1 - share)),
    ("no fall", "After the peak the rate has to come down to 0 again.", _way(down=lambda share: 1)),
    ("a cosine on the way up", "The way up is a straight line: peak·step/W.",
     _way(up=lambda share: 1 - _cosine(share))),
    ("a quarter of a cosine", "(1 + cos(π·share))/2 goes from 1 to 0 in half a wave; cos(π·share/2) is another curve.",
     _way(down=lambda share: math.cos(math.pi * share / 2))),
    ("the fall begins at step 0", "The cosine's share is (step − W)/(total − 1 − W): it begins at the peak.",
     lambda a: a.right() if a.step < a.warmup * (a.total - 1) else a.right(warmup=0)),
    ("degrees for radians", "math.cos takes radians: half a turn is π, not 180.",
     _way(down=lambda share: _cosine(180 / math.pi * share))),
    ("warm-up of whole steps", "W need not be a whole number; int() moves the peak.",
     lambda a: _way(top=int(a.warmup * (a.total - 1)))(a)),
    ("the line goes on past the peak", "Compare the step with W itself: a share of `total` is a little more than W.",
     lambda a: a.peak * a.step / (a.warmup * (a.total - 1)) if a.step / a.total < a.warmup else a.right()),
    ("no warm-up", "The rate begins at 0 and climbs to the peak first.", lambda a: a.right(warmup=0)),
    ("always 0.3", "`warmup` is an argument; 0.3 is only its default.", lambda a: a.right(warmup=0.3)),
    ("not halved", "1 + cos(…) goes from 2 to 0: halve it, or the rate jumps to twice the peak.",
     _way(down=lambda share: 2 * _cosine(share))),
    ("one step ahead", "Step 0 is the start of the way up; step + 1 stands where step should.",
     lambda a: a.right(step=a.step + 1)),
    ("division by zero without warm-up", "With warmup = 0 no step is below W: test `step < W`, not `step <= W`.",
     lambda a: a.right() if a.step > (top := a.warmup * (a.total - 1)) else a.peak * a.step / top),
]

EXERCISE = Exercise(
    name="one_cycle", lesson="09_cifar10", oracle=rate, wrong=WRONG, names=_names, read=_read,
    formula="peak * min(rise, (1 + cos(π * max(0, step - W) / (last - W))) / 2)",
    parts=[Part("rise", 1, _rise, "steps on the way up: straight from 0 to the peak",
                "at step 0 the rate is 0, at step W it is the peak, and between them it is a straight line."),
           Part("fall", 2, _fall, "steps all along the way, other shares of warm-up, none at all",
                "half a cosine, from the peak at step W to 0 at step total − 1.")],
)
