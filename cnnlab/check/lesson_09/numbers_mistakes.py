"""What goes wrong in one_cycle and accuracy_by_class."""

from __future__ import annotations

import math
import sys

import numpy as np

from cnnlab.check.cases import Mistake, known

ONE_CYCLE: list[Mistake] = []
ACCURACY_BY_CLASS: list[Mistake] = []


def _cycle(step, total, peak, warmup=0.3, last=1, fall="cosine", rise="straight", half=True, top=None):
    end = total - last
    top = warmup * end if top is None else top
    if step < top:
        share = step / top
        return peak * (share if rise == "straight" else (1 - math.cos(math.pi * share)) / 2)
    share = (step - top) / (end - top)
    if fall == "straight":
        return peak * (1 - share)
    if fall == "never":
        return peak
    return peak * (1 + math.cos(math.pi * share)) / 2 if half else peak * math.cos(math.pi * share / 2)


@known(ONE_CYCLE, "the last step is not 0", "Steps run from 0 to total − 1: W and the fall use total − 1, not total.")
def by_total(step, total, peak, warmup=0.3):
    return _cycle(step, total, peak, warmup, last=0)


@known(
    ONE_CYCLE,
    "a straight fall",
    "The way down is half a cosine: slow at first, fast in the middle, slow at the end.",
)
def straight_fall(step, total, peak, warmup=0.3):
    return _cycle(step, total, peak, warmup, fall="straight")


@known(ONE_CYCLE, "no fall", "After the peak the rate has to come down to 0 again.")
def no_fall(step, total, peak, warmup=0.3):
    return _cycle(step, total, peak, warmup, fall="never")


@known(ONE_CYCLE, "a cosine on the way up", "The way up is a straight line: peak·step/W.")
def cosine_rise(step, total, peak, warmup=0.3):
    return _cycle(step, total, peak, warmup, rise="cosine")


@known(
    ONE_CYCLE,
    "a quarter of a cosine",
    "(1 + cos(π·share))/2 goes from 1 to 0 in half a wave; cos(π·share/2) is another curve.",
)
def quarter(step, total, peak, warmup=0.3):
    return _cycle(step, total, peak, warmup, half=False)


@known(
    ONE_CYCLE,
    "the fall begins at step 0",
    "The cosine's share is (step − W)/(total − 1 − W): it begins at the peak.",
)
def fall_from_zero(step, total, peak, warmup=0.3):
    top = warmup * (total - 1)
    if step < top:
        return peak * step / top
    return peak * (1 + math.cos(math.pi * step / (total - 1))) / 2


@known(ONE_CYCLE, "degrees for radians", "math.cos takes radians: half a turn is π, not 180.")
def degrees(step, total, peak, warmup=0.3):
    top = warmup * (total - 1)
    if step < top:
        return peak * step / top
    return peak * (1 + math.cos(180 * (step - top) / (total - 1 - top))) / 2


@known(ONE_CYCLE, "warm-up of whole steps", "W need not be a whole number; int() moves the peak.")
def whole_steps(step, total, peak, warmup=0.3):
    return _cycle(step, total, peak, warmup, top=int(warmup * (total - 1)))


@known(ONE_CYCLE, "no warm-up", "The rate begins at 0 and climbs to the peak first.")
def no_warm_up(step, total, peak, warmup=0.3):
    return _cycle(step, total, peak, 0.0)


@known(ONE_CYCLE, "always 0.3", "`warmup` is an argument; 0.3 is only its default.")
def always_a_third(step, total, peak, warmup=0.3):
    return _cycle(step, total, peak, 0.3)


@known(ONE_CYCLE, "not halved", "1 + cos(…) goes from 2 to 0: halve it, or the rate jumps to twice the peak.")
def not_halved(step, total, peak, warmup=0.3):
    top = warmup * (total - 1)
    return _cycle(step, total, peak, warmup) * (1 if step < top else 2)


@known(ONE_CYCLE, "one step late", "Step 0 has rate 0; step + 1 stands where step should.")
def late(step, total, peak, warmup=0.3):
    return _cycle(step + 1, total, peak, warmup)


@known(
    ONE_CYCLE,
    "division by zero without warm-up",
    "With warmup = 0 no step is below W: test `step < W`, not `step <= W`.",
)
def divides_by_zero(step, total, peak, warmup=0.3):
    top = warmup * (total - 1)
    if step <= top:
        return peak * step / top
    return _cycle(step, total, peak, warmup)


def _as(found, like):
    torch = sys.modules.get("torch")
    tensors = torch is not None and isinstance(like, torch.Tensor)
    return torch.from_numpy(np.asarray(found, float)) if tensors else np.asarray(found, float)


def _by_class(predicted, actual, classes, of="actual", empty=np.nan):
    p, a = np.asarray(predicted), np.asarray(actual)
    found = []
    for k in range(classes):
        chosen = {"actual": a == k, "predicted": p == k, "either": (a == k) | (p == k)}[of]
        found.append((p[chosen] == a[chosen]).mean() if chosen.any() else empty)
    return found


@known(
    ACCURACY_BY_CLASS,
    "0 for a class that does not occur",
    "0 would say that every picture of it was called wrongly; there was none, so the answer is NaN.",
)
def zero_for_absent(predicted, actual, classes):
    return _as(_by_class(predicted, actual, classes, empty=0.0), predicted)


@known(ACCURACY_BY_CLASS, "1 for a class that does not occur", "Nothing was asked, so nothing was right either: NaN.")
def one_for_absent(predicted, actual, classes):
    return _as(_by_class(predicted, actual, classes, empty=1.0), predicted)


@known(
    ACCURACY_BY_CLASS,
    "of what was called k",
    "That is the precision: of all pictures *called* k. Asked is: of all pictures that *are* k.",
)
def precision(predicted, actual, classes):
    return _as(_by_class(predicted, actual, classes, of="predicted"), predicted)


@known(ACCURACY_BY_CLASS, "the others count too", "Only pictures that are of class k count for class k.")
def either(predicted, actual, classes):
    return _as(_by_class(predicted, actual, classes, of="either"), predicted)


@known(
    ACCURACY_BY_CLASS,
    "divided by all pictures",
    "Divide by the number of pictures of that class, not by all of them.",
)
def of_all(predicted, actual, classes):
    p, a = np.asarray(predicted), np.asarray(actual)
    return _as([((p == k) & (a == k)).mean() for k in range(classes)], predicted)


@known(
    ACCURACY_BY_CLASS,
    "not a class against the rest",
    "Pictures of other classes that were not called k do not count here.",
)
def one_against_rest(predicted, actual, classes):
    p, a = np.asarray(predicted), np.asarray(actual)
    return _as([((p == k) == (a == k)).mean() for k in range(classes)], predicted)


@known(ACCURACY_BY_CLASS, "counts, not shares", "Divide by how many pictures of the class there are.")
def only_counts(predicted, actual, classes):
    p, a = np.asarray(predicted), np.asarray(actual)
    return _as([((p == k) & (a == k)).sum() for k in range(classes)], predicted)


@known(ACCURACY_BY_CLASS, "percent", "A share between 0 and 1 is asked for.")
def percent(predicted, actual, classes):
    return _as(100 * np.array(_by_class(predicted, actual, classes)), predicted)


@known(
    ACCURACY_BY_CLASS,
    "only the classes that occur",
    "The result has `classes` entries, NaN for those that do not occur.",
)
def only_seen(predicted, actual, classes):
    found = np.array(_by_class(predicted, actual, classes))
    return _as(found[~np.isnan(found)], predicted)
