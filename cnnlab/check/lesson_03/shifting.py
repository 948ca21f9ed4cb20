"""What invariance_gap and equivariance_gap share: S, the shift by one pixel to the right, functions that meet it, and
slips in a gap, which is a mean over a mean."""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from cnnlab.check.cases import Args, Case, Part
from cnnlab.check.compare import number_text
from cnnlab.check.draw import floats, ints, sliced, small, transposed, with_zeros
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_03.pooling import windows
from cnnlab.check.plain import as_float
from cnnlab.check.verdict import Attempt


def cases(rng: np.random.Generator) -> list[Case]:
    """Functions on arrays of one axis to four, the smallest array first; one answers with a number."""
    plain, large, pairs = floats(rng, 3, 4).astype(np.float32), floats(rng, 3, 7), floats(rng, 3, 5)
    batches = floats(rng, 2, 3, 4, 6), transposed(rng, 2, 3, 4, 5), floats(rng, 2, 3, 4, 5)
    tried = [
        ("changes nothing", lambda x: x, np.array([1, 2, 3, 4]), ints(rng, 4, 2), plain, floats(rng, 4, 1)),
        ("changes nothing; nothing leaves at the right", lambda x: x, np.array([3.0, 0.0, 0.0, 0.0])),
        ("changes nothing; there is nothing to be seen", lambda x: x, np.zeros((2, 3))),
        ("doubles", lambda x: 2.0 * x, small(rng, 5), ints(rng, 5), 1e-6 * floats(rng, 2, 4)),
        ("halves and adds a quarter", lambda x: 0.5 * x + 0.25, floats(rng, 3, 4)),
        ("squares", lambda x: np.square(x, dtype=float), floats(rng, 2, 5), sliced(rng, 3, 5), with_zeros(rng, 11, 4)),
        ("has another weight for each place", lambda x: x * (1 + np.arange(x.shape[-1])) ** 2, ints(rng, 5)),
        ("gives the mean everywhere", lambda x: np.full(x.shape, np.sum(x) / x.size), floats(rng, 3, 4)),
        ("subtracts neighbours: one number fewer", lambda x: np.diff(x, axis=-1), small(rng, 6)),
        ("answers 0 to a flat picture, but not after the shift", lambda x: np.diff(x, axis=-1), np.full((2, 4), 7.0)),
        ("is a small convolution", lambda x: x[..., :-2] + 2 * x[..., 1:-1] - 4 * x[..., 2:], large, batches[1]),
        ("keeps every second number", lambda x: x[..., ::2], small(rng, 7)),
        ("answers 0, but not after the shift", lambda x: x[..., ::2], np.array([0, 5, 0, 3])),
        ("keeps the larger of each pair", lambda x: np.maximum(x[..., :-1:2], x[..., 1::2]), ints(rng, 6), pairs),
        ("is 2 × 2 max pooling", lambda x: windows(x, 2).max(axis=(4, 5)), batches[0]),
        ("is global average pooling", lambda x: np.mean(x, axis=(2, 3)), batches[2]),
        ("adds the rows up: one axis fewer", lambda x: np.sum(x, axis=-2), floats(rng, 4, 3)),
        ("turns the picture on its side", lambda x: np.moveaxis(x, -1, 0), floats(rng, 3, 4)),
        ("makes rows longer", lambda x: np.concatenate([x, 3 * x[..., :1], x[..., -1:]], axis=-1), floats(rng, 2, 3)),
        ("answers 0 to everything", lambda x: np.zeros(x.shape), ints(rng, 2, 3)),
        ("gives one number, the sum", lambda x: np.float64(np.sum(x)), ints(rng, 3, 4), np.array([[2, 0], [1, 0]])),
    ]
    found = [Case((f, x), note=f"f {words}") for words, f, *arrays in tried for x in arrays]
    return sorted(found, key=lambda case: case.args[1].size)


def moved(x: np.ndarray, axis: int = -1, first: Any = 0) -> np.ndarray:
    """Sx: every number one place on along an axis, and 0 comes in, or `first`. A single number stays."""
    if not np.ndim(x):
        return x
    out = np.roll(x, 1, axis)
    np.moveaxis(out, axis, -1)[..., :1] = first
    return out


SHIFTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "round the end, as np.roll does": lambda x: np.roll(x, 1, axis=-1),
    "on from row to row and round the end, as np.roll without an axis does": lambda x: np.roll(x, 1),
    "to the left": lambda x: moved(x[..., ::-1])[..., ::-1],
    "along the first axis": lambda x: moved(x, 0),
    "along the last axis but one": lambda x: moved(x, max(-2, -x.ndim)),
    "by two pixels": lambda x: moved(moved(x)),
    "and repeats the first column": lambda x: moved(x, first=x[..., :1]),
    "along all axes": lambda x: moved(moved(x), 0) if x.ndim > 1 else moved(x),
    "on from row to row": lambda x: moved(x.ravel()).reshape(x.shape),
    "and lets ones in": lambda x: moved(x, first=1),
    "and cuts the fractions off": lambda x: moved(np.trunc(x)),
    "nowhere, and mirrors": lambda x: x[..., ::-1],
    "nowhere": lambda x: x,
}
COMPARED = (
    *("f(Sx) − f(x)", "f(Sx) − S f(x)", "S f(x) − f(x)", "S f(Sx) − f(x)", "S f(Sx) − S f(x)", "Sx − x", "f(Sx) − x"),
    *("f(Sx) − Sx", "|f(Sx)| − |f(x)|", "|f(Sx)| − |S f(x)|"),
)
SIZES: dict[str, Callable[[np.ndarray], float]] = {
    "mean|{}|": lambda values: np.mean(np.abs(values)),
    "mean({})": np.mean,
    "|mean({})|": lambda values: abs(np.mean(values)),
    "mean(({})²)": lambda values: np.mean(np.square(values)),
    "√mean(({})²)": lambda values: math.sqrt(np.mean(np.square(values))),
    "max|{}|": lambda values: np.max(np.abs(values)),
    "sum|{}|": lambda values: np.sum(np.abs(values)),
    "mean|{}| but for the first column": lambda v: np.mean(np.abs(v[..., 1:] if v.ndim and v.shape[-1] > 1 else v)),
    "1": lambda values: 1.0,  # for a gap that is not divided
}
MEAN = "mean|{}|"
AFTERWARDS = {"min(1, {})": lambda gap: min(1.0, gap), "1 / ({})": lambda gap: 1 / gap if gap else np.inf}


def named(f: Callable, x: np.ndarray, shift: Callable, back: Callable) -> dict[str, np.ndarray]:
    """Everything that a gap can be made of, by its formula; back: S for the answers."""
    y, z = (np.asarray(f(one), dtype=float) for one in (x, shift(x)))
    back_y, back_z = (back(answer) if answer.ndim else answer for answer in (y, z))
    found = {"f(x)": y, "f(Sx)": z, "S f(x)": back_y, "S f(Sx)": back_z, "x": x, "Sx": shift(x)}
    return found | {f"|{formula}|": np.abs(value) for formula, value in found.items()}


def gap(f: Callable, x: np.ndarray, compared: str, shift=moved, back=None, above=MEAN, below=MEAN, of="f(x)") -> float:
    """How large a change is over how large f(x) is: 0.0 where both are 0, inf where only the lower is. compared: of
    COMPARED; above, below: keys of SIZES; of: what stands below the line; back: S for the answer, if it is another."""
    known = named(f, x, shift, back or shift)
    one, other = compared.split(" − ")
    top, low = float(SIZES[above](known[one] - known[other])), float(SIZES[below](known[of]))
    return top / low if low else (np.inf if top else 0.0)


def _size(a: Args) -> float:
    return float(np.mean(np.abs(a.f(a.x))))


def _into_x(a: Args) -> float:
    found = a.right()
    a.x[...] = moved(a.x)
    return found


def _each(a: Args) -> float:
    known = named(a.f, a.x, moved, moved)
    change, answer = np.abs(np.subtract(*(known[one] for one in a.compared.split(" − ")))), known["|f(x)|"]
    return float(np.mean(np.divide(change, answer, out=np.zeros(answer.shape), where=answer > 0)))


AXIS = "You shifted along another axis. S acts on the last one, the columns."
ABS = "Up and down cancel out: take the absolute value of each difference before the mean."
LOOK_HERE = "Two measures, two words: invariance compares f(Sx) with f(x), equivariance compares f(Sx) with S f(x)."
SIGNS_CANCEL = "Below the line stands the mean of f(x), in which signs cancel. It is the mean of |f(x)|."
# fmt: off
SLIPS = [
    ("the picture wraps round", "What leaves at the right comes in again at the left: np.roll does that. S lets zeros "
     "in.", lambda a: a.right(shift=SHIFTS["round the end, as np.roll does"])),
    ("to the left", "You shifted to the left. S moves everything one pixel to the right.",
     lambda a: a.right(shift=SHIFTS["to the left"])),
    ("along the first axis", AXIS, lambda a: a.right(shift=SHIFTS["along the first axis"])),
    ("along the last axis but one", AXIS, lambda a: a.right(shift=SHIFTS["along the last axis but one"])),
    ("by two pixels", "You shifted by two pixels. S moves everything by one.",
     lambda a: a.right(shift=SHIFTS["by two pixels"])),
    ("the border repeats", "The first column was repeated where zeros should come in.",
     lambda a: a.right(shift=SHIFTS["and repeats the first column"])),
    ("over the first axis as well", "The first axis was shifted as well as the last. S acts on the last one only: "
     "np.pad wants (0, 0) for all the others.",
     lambda a: a.right(shift=SHIFTS["along all axes"])),
    ("0 over 0 is no number", "0 divided by 0 is no number. Where nothing changes and the answer is 0, the gap is "
     "0.0: ask for it first.", lambda a: a.right() if a.right() or _size(a) else np.nan),
    ("infinite becomes 0", "f(x) is 0 everywhere and f(Sx) is not: that gap is infinite, np.inf.",
     lambda a: 0.0 if np.isinf(a.right()) else a.right()),
    ("0 becomes infinite", "Nothing changes, and the answer is 0: that gap is 0.0. It is infinite only where "
     "something changes.", lambda a: a.right() if _size(a) else np.inf),
    ("a small number below the line", "A small number was added below the line to be safe. It hides the infinite gap: "
     "ask for 0 instead.", lambda a: a.right(below="1") / (_size(a) + 1e-8)),
    ("not relative", "The mean change is right, but not set in relation: divide it by the mean of |f(x)|.",
     lambda a: a.right(below="1")),
    ("in relation to x", "You divided by the mean of |x|. What counts is how large the answer is: |f(x)|.",
     lambda a: a.right(of="x")),
    ("in relation to the shifted answer",
     "You divided by the mean of |f(Sx)|. It is |f(x)|, the answer before the shift.", lambda a: a.right(of="f(Sx)")),
    ("changes its input", "It writes into an array that came in. Shift a copy.", _into_x),
    ("no absolute value", ABS, lambda a: a.right(above="mean({})")),
    ("the absolute value after the mean", ABS, lambda a: a.right(above="|mean({})|")),
    ("squares", "You used squares and a root. The gap is made of absolute values.",
     lambda a: a.right(above="√mean(({})²)", below="√mean(({})²)")),
    ("the largest change", "You took the largest change. The gap is the mean over all of them.",
     lambda a: a.right(above="max|{}|", below="max|{}|")),
    ("each number by itself", "You took the mean of many ratios. Take two means, and one ratio of the two.", _each),
    ("one minus the gap", "You return how much stays. The gap is how much changes.", lambda a: 1 - a.right()),
]
# fmt: on


def _slips(a: Args) -> Iterator[dict]:
    """One thing that is another in a gap: arguments of `gap`, with words for S; or what is done afterwards."""
    for words, shift in SHIFTS.items():
        yield {"shift": shift, "words": words}
        yield {"shift": shift, "back": moved, "words": f"{words}, for x alone"}
        yield {"back": shift, "words": f"{words}, for f(x) alone"}
    yield from ({"compared": other} for other in COMPARED if other != a.compared)
    yield from ({place: size} for size in SIZES for place in ("above", "below") if (place, size) != ("above", "1"))
    yield from ({"above": size, "below": size} for size in SIZES if size not in (MEAN, "1"))
    yield from ({"of": of} for of in ("f(Sx)", "S f(x)", "x", "Sx"))
    yield from ({"after": after} for after in AFTERWARDS)


def _value(a: Args, slip: dict) -> float:
    try:
        found = a.right(**{name: value for name, value in slip.items() if name not in ("words", "after")})
    except (ArithmeticError, IndexError, ValueError):  # it does not fit these shapes
        return np.nan
    return AFTERWARDS[slip["after"]](found) if "after" in slip else found


def read_formula(failing: Sequence[Attempt], subject: Any) -> list[str]:
    """The formula, one thing in it or two being others, that gives the learner's numbers in all failing cases."""
    single = [one for one in failing if isinstance(one.got, int | float | np.ndarray) and not np.ndim(one.got)]
    numbers = [(one.args, as_float(one.got)) for one in single if not np.isnan(as_float(one.got))]
    if sum(np.isfinite(got) and got != 0 for _, got in numbers) < 2:
        return []
    slips = list(_slips(numbers[0][0]))
    both = (one | other for one, other in itertools.combinations(slips, 2) if not set(one) & set(other))
    for slip in itertools.chain(slips, both):
        if all(math.isclose(_value(a, slip), got, rel_tol=1e-6, abs_tol=1e-9) for a, got in numbers):
            how = numbers[0][0].values | {"after": "{}"} | slip
            above, below = how["above"].format(how["compared"]), how["below"].format(how["of"])
            text = how["after"].format(above if below == "1" else f"{above} / {below}")
            where = f", where S goes {how['words']}" if "words" in how else ""
            return [f"In every case that fails, yours is {text}{where}."]
    more = [a.right(below="1") / got - _size(a) for a, got in numbers if got]
    if min(more) > 0 and max(more) < 1.001 * min(more):
        return [f"In every case that fails, {number_text(more[0], 3).replace('-', '−')} has been added below the line."]
    return []


def measuring(name: str, compared: str, cases: Callable, look: str, wrong: Sequence[tuple]) -> Exercise:
    """An exercise that measures a gap; compared: of COMPARED."""
    parts = [Part("values", 1, cases, tests="functions and arrays, of one axis to four", look=look)]
    return Exercise(name, "03_pooling", parts, [*SLIPS, *wrong], partial(gap, compared=compared), read=read_formula)
