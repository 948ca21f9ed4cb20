"""Where the wrong values are: in which rows, images, corners; and the arithmetic of "nearly equal" for reading."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

CLOSE, CLOSE_FLOAT32 = 1e-8, 1e-5


@dataclass(frozen=True)
class Spot:
    """`inside`: a boolean array of the result's shape; `words` say where that is: "in the border rows".
    of_numbers: it is where numbers have a sign, so that a few wrong values may lie there by chance."""

    words: str
    inside: np.ndarray
    of_numbers: bool = False


def close(a: np.ndarray, b: np.ndarray, tolerance: float | None = None) -> bool:
    """Are two arrays equal up to rounding? `tolerance` is relative to the largest number."""
    return a.shape == b.shape and not wrong_in(a, b, tolerance).any()


def wrong_in(expected: np.ndarray, got: np.ndarray, tolerance: float | None = None) -> np.ndarray:
    if tolerance is None:
        tolerance = CLOSE_FLOAT32 if np.float32 in (got.dtype, expected.dtype) else CLOSE
    e, g = expected.astype(np.float64), got.astype(np.float64)
    largest = float(np.max(np.abs(e), initial=1.0, where=np.isfinite(e)))  # an infinity makes nothing else alike
    return ~(np.abs(e - g) <= tolerance * largest)


def share(wrong: np.ndarray) -> str:
    """ "all over", or in how many places."""
    return "all over" if wrong.all() else f"in {wrong.sum()} of {wrong.size} places"


def factor_of(expected: np.ndarray, got: np.ndarray, allow_one: bool = False, lone: bool = False) -> float | None:
    """c where got = c·expected everywhere, c neither 0 nor 1; None where there is no such number, or where a single
    value is all there is to tell it from (unless `lone`)."""
    e, g = expected.astype(np.float64).ravel(), got.astype(np.float64).ravel()
    if not e.any() or not np.isfinite(g).all():
        return None
    top = int(np.argmax(np.abs(e)))
    factor = float(g[top] / e[top])
    if factor == 0 or not np.isfinite(factor) or not (lone or np.any(np.delete(e, top))):
        return None
    tolerance = CLOSE_FLOAT32 if got.dtype == np.float32 else CLOSE
    if np.any(np.abs(g - factor * e) > tolerance * np.max(np.abs(g))):
        return None
    if abs(factor - 1) <= tolerance:
        return 1.0 if allow_one else None
    nearest = round(factor)
    return float(nearest) if nearest and abs(factor - nearest) < 1e-6 else factor


def place(wrong: np.ndarray, axes: Sequence[str], spots: Sequence[Spot], telling: np.ndarray | None = None) -> str:
    """Where the wrong values are, in words; "" where they are all over.

    The smallest named spot that holds them all, and the rows, columns, images … that hold them all. telling: values
    whose being right says something (a 0 that was never touched says nothing).
    """
    telling = np.ones(wrong.shape, dtype=bool) if telling is None else telling | wrong
    if wrong[telling].all() or not wrong.any():
        return ""
    box, along = _along_axes(wrong, axes, telling)
    holding = [s for s in spots if not (wrong & ~s.inside).any() and (telling & ~s.inside).any()]
    best = min(holding, key=lambda s: int((s.inside & telling).sum()), default=None)
    if best is None:
        return along
    named, boxed, both = (int((inside & telling).sum()) for inside in (best.inside, box, best.inside & box))
    if not along or named <= both:
        return best.words
    if boxed <= both:
        return along
    return f"{best.words}, {along}"


def _along_axes(wrong: np.ndarray, axes: Sequence[str], telling: np.ndarray) -> tuple[np.ndarray, str]:
    hits: dict[int, np.ndarray] = {}
    for k in range(wrong.ndim) if len(axes) == wrong.ndim else ():
        others = tuple(i for i in range(wrong.ndim) if i != k)
        hit = np.any(wrong, axis=others)
        if not (hit | ~np.any(telling, axis=others)).all():
            hits[k] = hit
    for k in sorted(hits, key=lambda k: -hits[k].mean()):  # what the other axes say already
        rest = {i: hit for i, hit in hits.items() if i != k}
        if rest and not (_box(rest, wrong.shape) & telling & ~_box(hits, wrong.shape)).any():
            hits = rest
    return _box(hits, wrong.shape), " and ".join(_indices(axes[k], hit) for k, hit in hits.items())


def _box(hits: Mapping[int, np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """Where all of these axes are hit."""
    box = np.ones(shape, dtype=bool)
    for k, hit in hits.items():
        box &= hit.reshape([-1 if i == k else 1 for i in range(len(shape))])
    return box


def _indices(name: str, hit: np.ndarray) -> str:
    found, last = [int(i) for i in np.flatnonzero(hit)], len(hit) - 1
    if found == [0]:
        return f"in the first {name}"
    if found == [last]:
        return f"in the last {name}"
    if found == [0, last]:
        return f"in the first and last {name}"
    if len(hit) > 2 and len(found) == last and found == list(range(1, last + 1)):
        return f"in every {name} but the first"
    if len(hit) > 2 and len(found) == last and found == list(range(last)):
        return f"in every {name} but the last"
    steps = {b - a for a, b in itertools.pairwise(found)}
    if len(found) > 2 and len(steps) == 1 and steps != {1}:
        return f"in {plural(name)} {found[0]}, {found[1]}, … (every {_ordinal(steps.pop())})"
    some = ", ".join(map(str, found[:4])) + (", …" if len(found) > 4 else "")
    if len(found) > 2 and found == list(range(found[0], last + 1)):
        return f"in the {plural(name)} from {found[0]} on"
    return f"in {plural(name) if len(found) > 1 else name} {some}"


def plural(name: str, count: int = 2) -> str:
    """ "rows", "classes", "copies" for the name of an axis; the name itself for one."""
    if count == 1:
        return name
    if name.startswith("place along"):
        return name.replace("place", "places", 1)
    if name.endswith("y"):
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("s", "ch", "sh", "x")) else "s")


def listed(names: Sequence[str]) -> str:
    """ "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _ordinal(step: int) -> str:
    return {2: "second", 3: "third", 4: "fourth"}.get(step, f"{step}th")


def number(value: float) -> str:
    """A short number; a fraction where it is one of small numbers: 1/6."""
    value = float(value)
    if value == int(value) and abs(value) < 1e6:
        return str(int(value)).replace("-", "−")
    inverse = 1 / value if value else 0.0
    if abs(inverse - round(inverse)) < 1e-6 * abs(inverse) and abs(inverse) < 1000:
        return f"{'−' if value < 0 else ''}1/{abs(round(inverse))}"
    return f"{value:.3g}".replace("-", "−")
