"""random_crop_flip: pictures moved and mirrored by chance.

Chance is judged by what must hold whatever the order of the draws: every picture is one of the crops that there are,
they all occur, each about as often as it should and whatever came before, and another generator gives other pictures.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.nn.functional import pad

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference
from cnnlab.check.exercise import Exercise
from cnnlab.check.plain import describe, is_tensor, shape_text
from cnnlab.check.reading.shapes import shape_clue, sides_clue
from cnnlab.check.subject import Answer, Subject
from cnnlab.check.verdict import Attempt

MANY = 400  # pictures: an offset that is drawn with another chance than it should have shows
FAR = 5.0  # standard deviations; chance goes so far once in a million
AXES = ("picture", "channel", "row", "column")
DRAWS = ("vertical offset", "horizontal offset", "mirroring")
Fault = tuple[str, str, str]  # its kind, what is seen, and what that means


def _drawn(subject: Subject, case: Case) -> Answer:
    """The pictures from one seed, twice, and from another seed; and what was done to x and to the sources of chance."""
    x, seed, *more = case.args
    recipe: dict[str, Any] = {"net": [("flatten",), ("dense", 1, 1)], "batches": [(x, np.zeros(len(x), np.int64))]}
    recipe |= {"give": ("images", "generator", *more)}
    answers = [subject.train({**recipe, "seed": one}) for one in (seed, seed, seed + 1)]
    if trouble := next((answer for answer in answers if answer.trouble), None):
        return trouble
    seen = [answer.value if isinstance(answer.value, dict) else {} for answer in answers]  # a worker may say anything
    alone = tuple(seen[0].get(field) is True for field in ("kept", "drew", "alone"))
    return replace(answers[0], value=(*(one.get("value") for one in seen), *alone))


def _padding(case: Case) -> int:
    return (*case.args[2:], 4)[0]


def crops(x: np.ndarray, padding: int, mode: Any = "constant") -> np.ndarray:
    """Every crop of every picture: (N, 2·padding + 1, 2·padding + 1, 2, C, H, W); mode: what the frame is made of."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode)
    windows = np.lib.stride_tricks.sliding_window_view(padded, x.shape[2:], axis=(2, 3))  # N, C, p, p, H, W
    windows = windows.transpose(0, 2, 3, 1, 4, 5)
    return np.stack([windows, windows[..., ::-1]], axis=3)


def _fault(value: tuple, case: Case) -> Fault | None:
    x, padding = case.args[0], _padding(case)
    first, again, other, kept, drew, alone = value
    if others := [one for one in (first, again, other) if not is_tensor(one)]:
        seen = f"Expected a torch tensor, and yours returned {describe(others[0])}."
        return "type", seen, "x is a tensor: stay with torch."
    got = first.numpy()
    if got.shape != x.shape:
        seen = f"Expected shape {shape_text(x.shape)}, and yours is {shape_text(got.shape)}."
        return "shape", seen, shape_clue(x, got, AXES) or sides_clue(x, got, AXES)
    found = _places(x, got, padding)
    if (found < 0).any():
        return _no_crops(x, got, padding, found[:, 0] < 0)
    if got.dtype != x.dtype:
        seen = f"Pictures of {x.dtype} came in, and {got.dtype} came out: keep the type."
        return "dtype", seen, "The pictures are right. Pad x itself, and make the result like x: torch.empty_like(x)."
    if not kept:
        return "values", "The pictures that came in are changed: make new ones.", "A slice or another name is still x."
    if not drew or not np.array_equal(got, again.numpy()):
        seen = "The same generator, set to the same seed, gave other pictures: draw from it alone."
        if not drew:
            seen = "The generator that came in was not drawn from." if alone else seen
        return "values", seen, "Hand `generator=generator` to every draw; no draw makes a generator of its own."
    if not alone:
        seen = "Some of the chance came from elsewhere: hand `generator=generator` to every single draw."
        return "values", seen, "Some draws are from `generator`, others from torch's, NumPy's or Python's own chance."
    if len(x) > 1 and np.array_equal(got, other.numpy()):
        return "values", "A generator with another seed gave the same pictures.", "What is drawn decides nothing."
    return _chance(found, padding) if len(x) >= MANY else None


def _judge(value: Any, case: Case, expected: Any) -> Difference | None:
    fault = _fault(value, case)
    return fault and Difference(*fault[:2])


def _read(failing: list[Attempt], subject: Subject) -> list[str]:
    value = failing[0].got
    fault = _fault(value, failing[0].case) if isinstance(value, tuple) else None
    return [fault[2]] if fault else []


def _places(x: np.ndarray, got: np.ndarray, padding: int) -> np.ndarray:
    """Which crop each picture is, (row, column, mirrored); −1 for one that is none of them."""
    same = [np.argwhere((crops(x[[n]], padding)[0] == got[n]).all(axis=(3, 4, 5))) for n in range(len(x))]
    return np.array([where[0] if len(where) else (-1, -1, -1) for where in same])


def _no_crops(x: np.ndarray, got: np.ndarray, padding: int, wrong: np.ndarray) -> Fault:
    n, some = int(np.argmax(wrong)), np.flatnonzero(wrong)[:8]
    seen = f"Picture {n} is none of the crops of itself, mirrored or not, out of zeros {padding} wide."
    for words, others in _other_crops(x[some], padding):
        if (others == got[some][:, None, None, None]).all(axis=(-3, -2, -1)).any(axis=(1, 2, 3)).all():
            return "values", f"{seen} It is {words}.", f"Where a picture is none of its crops, it is {words}."
    ours, theirs = np.sort(x[n], axis=None), np.sort(got[n], axis=None)
    words = "all its own numbers, in other places: is something rolled or turned?" if (ours == theirs).all() else ""
    missing = np.setdiff1d(got[n], [0, *x[n].ravel()])
    if not words and len(missing):
        of_others = np.isin(missing, x).all()
        words = "numbers of other pictures" if of_others else "numbers that are in none of the pictures"
    words = f"It holds {words or 'its own numbers and zeros, but no window of them'}."
    return "values", seen, f"{int(wrong.sum())} of {len(x)} pictures are no crops of their own. Picture {n}: {words}"


def _other_crops(x: np.ndarray, padding: int) -> Iterator[tuple[str, np.ndarray]]:
    """What pictures may have become instead, in words, whatever was drawn."""
    right = crops(x, padding)
    yield "a crop turned upside down: the columns are the last axis", right[..., ::-1, :]
    yield "a crop with its channels in another order", right[..., ::-1, :, :]
    for mode, what in (("edge", "the edge again"), ("reflect", "a mirror of it"), ("symmetric", "a mirror of it"),
                       ("wrap", "what left on the other side")):  # fmt: skip
        if mode != "reflect" or padding < min(x.shape[2:]):
            yield f"a crop, but what came in at the border are not zeros but {what}", crops(x, padding, mode)
    yield "a crop out of a wider frame of zeros", crops(x, 2 * padding + 1)


def _chance(found: np.ndarray, padding: int) -> Fault | None:
    """Are rows, columns and flips drawn evenly, picture by picture and apart from each other?"""
    count, places = len(found), 2 * padding + 1
    for drawn, what, many in zip(found.T, DRAWS, (places, places, 2), strict=True):
        often = np.bincount(drawn, minlength=many)
        seen = f"The {what}s are not drawn evenly: {often.tolist()} in {count} pictures."
        if many == 2:
            seen = f"{int(drawn.sum())} of {count} pictures are mirrored; about half of them should be."
        if missing := np.flatnonzero(often == 0).tolist():
            if many > 2:
                seen = f"In {count} pictures no {what} was {missing[0]}; 0 to {2 * padding} occur."
            if len(missing) == many - 1:
                every = "all pictures are mirrored" if drawn[0] else "no picture is mirrored"
                every = every if many == 2 else f"every {what} is {drawn[0]}"
                return "values", seen, f"In this batch {every}: one draw for them all, or none."
            there = np.flatnonzero(often)
            why = "randint leaves its upper end out." if often[0] else "the first of them is never drawn."
            if there[0] > 0 and there[0] + there[-1] == 2 * padding:
                why = f"as with a padding of {padding - there[0]}, where it is {padding}."
            return "values", seen, f"Only {', '.join(map(str, there))} occur of 0 … 2·padding; {why}"
        period = next((k for k in range(2, count // 4) if (drawn == np.resize(drawn[:k], count)).all()), 0)
        if period:
            told = f"Every {period} pictures the {what} comes again: that follows the place in the batch."
            return "values", told, "That is no chance: draw for each picture."
        if (np.abs(often - count / many) > FAR * np.sqrt(count / many * (1 - 1 / many))).any():
            shares = ", ".join(f"{share:.0%}" for share in often / count)
            told = f"The {what}s 0, 1, … come in {shares} of the pictures; all should be alike."
            return "values", seen, told if many > 2 else f"About {drawn.mean():.0%} are mirrored, where 50% are right."
        if abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) > FAR / np.sqrt(count):
            told = f"The {what} of a picture hangs together with that of the one before."
            return "values", told, "It goes by the place in the batch: draw for each picture."
    for (one, what), (two, other) in itertools.combinations(zip(found.T, DRAWS, strict=True), 2):
        if abs(np.corrcoef(one, two)[0, 1]) > FAR / np.sqrt(count):
            seen = f"The {what} and the {other} hang together: draw each by itself, for each picture."
            same = "They are always the same" if (one == two).all() else "One tells something of the other"
            return "values", seen, f"{same}: they need draws of their own."
    ways = len(np.unique(found, axis=0))
    if count >= 40 * places**2 and ways < 2 * places**2:  # enough for each, but once in a hundred million
        seen = f"Of {2 * places**2} ways to cut and mirror, {ways} occur: draw each by itself."
        return "values", seen, "Each is even alone, and together they are not: one follows from the others."
    return None


def _few(rng: np.random.Generator) -> list[Case]:
    def case(*shape, note, more=(), change=lambda x: x):
        x = rng.permutation(np.arange(2, np.prod(shape) + 2)).reshape(shape).astype(np.float32)
        return Case((change(x), int(rng.integers(1, 10**6)), *more), note=note)

    return [
        case(3, 1, 3, 4, more=(1,), note="padding 1"),
        case(5, 3, 6, 5, note="padding 4, the default"),
        case(6, 2, 7, 6, more=(2,), change=lambda x: (x % 255 + 1).astype(np.uint8), note="bytes"),
        case(4, 2, 5, 5, more=(3,), note="padding 3"),
        case(1, 2, 4, 3, more=(1,), note="a single picture"),
    ]


def _many(rng: np.random.Generator) -> list[Case]:
    def case(count, height, width, *padding):
        x = rng.permutation(np.arange(2, count * height * width + 2)).reshape(count, 1, height, width)
        note = f"{count} pictures, padding {padding[0] if padding else '4, the default'}"
        return Case((x.astype(np.float32), int(rng.integers(1, 10**6)), *padding), note=note)

    return [case(MANY, 3, 4, 1), case(2 * MANY, 3, 4, 2), case(MANY, 5, 6)]


# fmt: off
def cropped(x, generator, padding=4, *, places=lambda padding: 2 * padding + 1, count=None, chance=0.5, axis=-1,
            frame="constant", square=False):
    """Crops and mirrors; some of the pieces may be others."""
    # fmt: on
    n, height, width = len(x), *x.shape[2:]
    draws = [torch.randint(0, places(padding), (count or n,), generator=generator) for _ in range(1 if square else 2)]
    flips = torch.rand(count or n, generator=generator).expand(n) < chance
    values = x if frame == "constant" else x.double()
    padded = pad(values, (padding,) * 4, mode=frame).to(x.dtype)
    tops, lefts = (draw.expand(n).tolist() for draw in (draws[0], draws[-1]))
    out = [padded[k, :, tops[k] : tops[k] + height, lefts[k] : lefts[k] + width] for k in range(n)]
    return torch.stack([window.flip(axis) if flip else window for window, flip in zip(out, flips, strict=True)])


def _way(**changed):
    return partial(cropped, **changed)


def _mirrored(moved=lambda x, generator, padding: cropped(x, generator, padding, chance=0), of=len, alone=True):
    """Moved first, and then mirrored, by of(x) draws."""

    def function(x, generator, padding=4):
        found = moved(x, generator, padding)
        flips = torch.rand(of(x), 1, 1, 1, generator=generator if alone else None) < 0.5
        return torch.where(flips, found.flip(-1), found)

    return function


def _reflected(x, generator, padding=4):
    wide = min(padding, x.shape[-1] - 1, x.shape[-2] - 1)
    found = cropped(pad(x.double(), (wide,) * 4, mode="reflect").to(x.dtype), generator, padding)
    return found[..., wide:-wide, wide:-wide]


def _rolled(x, generator, padding):
    moves = torch.randint(-padding, padding + 1, (len(x), 2), generator=generator).tolist()
    return torch.stack([torch.roll(picture, move, (-2, -1)) for picture, move in zip(x, moves, strict=True)])


# fmt: off
WRONG = [
    ("one offset for the whole batch", "Every picture has its own offsets and its own flip: draw N of each.",
     _way(count=1)),
    ("never the last offset", "randint leaves the upper end out: 2·padding + 1 gives 0 … 2·padding.",
     _way(places=lambda padding: 2 * padding)),
    ("only offsets up to the padding", "The window can stand anywhere in the padded picture: 0 … 2·padding.",
     _way(places=lambda padding: padding + 1)),
    ("the same offset down and across", "Down and across are two draws.", _way(square=True)),
    ("upside down", "Mirror the columns, the last axis: a car stands on its wheels on both sides.", _way(axis=-2)),
    ("never mirrored", "With probability ½ a picture is mirrored left to right.", _way(chance=0)),
    ("always mirrored", "With probability ½, not always: torch.rand(N) < 0.5.", _way(chance=2)),
    ("mirrored too rarely", "With probability ½: about half of the pictures.", _way(chance=0.25)),
    ("the mirroring is not drawn from the generator", "torch.rand(N) draws from torch's own chance: write "
     "torch.rand(N, generator=generator).", _mirrored(alone=False)),
    ("the edge repeated in place of zeros", "The border is zeros here, not a copy of the edge.",
     _way(frame="replicate")),
    ("the border mirrored in place of zeros", "The border is zeros here, not a mirror of the picture.", _reflected),
    ("the generator is not used", "Hand `generator=generator` to every draw: a run must be repeatable.",
     lambda x, generator, padding=4: cropped(x, None, padding)),
    ("the type changes", "Bytes that come in go out as bytes: the type is kept.",
     lambda x, generator, padding=4: cropped(x.double(), generator, padding)),
    ("the padding stays on", "Cut a window of the old height and width out of the padded picture.",
     lambda x, generator, padding=4: pad(x, (padding,) * 4)),
    ("rolled round", "What leaves on one side does not come in on the other: pad with zeros, then cut.",
     _mirrored(_rolled)),
    ("padding is always 4", "`padding` is an argument; 4 is only its default.",
     lambda x, generator, padding=4: cropped(x, generator)),
    ("all pictures or none are mirrored", "The flip is drawn for each picture by itself, not once for the batch.",
     _mirrored(of=lambda x: 1)),
    ("not cropped", "Only the flip is there: pad, draw two offsets and cut as well.", _mirrored(lambda x, *given: x)),
]

EXERCISE = Exercise(
    name="random_crop_flip", lesson="09_cifar10", bound=False, observe=_drawn, judge=_judge, read=_read, wrong=WRONG,
    like=cropped,
    told=lambda case: f"called with {len(case.args[0])} pictures of {shape_text(case.args[0].shape[1:])} "
                      f"({case.args[0].dtype}), padding {(*case.args[2:], '4, the default')[0]}",
    parts=[Part("crops", 2, _few, "batches: each picture a crop of itself, mirrored or not; its type; the generator",
                "pad one picture with zeros, cut a window of the old size out of it, mirror its columns, by hand."),
           Part("chance", 2, _many, "many pictures: every offset and the mirroring as often as they should be, each by "
                "itself",
                "one draw for each picture: offsets torch.randint(0, 2·padding + 1, (N,), generator=generator).")],
)
