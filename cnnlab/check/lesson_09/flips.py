"""random_crop_flip and predict_with_flips: pictures moved and mirrored.

Chance is judged by what must hold whatever the order of the draws: every picture is one of the crops that there are,
they all occur, each about as often as it should, and another generator gives other pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference, difference
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_09.flips_mistakes import PREDICT_WITH_FLIPS, RANDOM_CROP_FLIP
from cnnlab.check.plain import is_tensor, shape_text
from cnnlab.check.subject import Answer, NotebookSubject, Subject

MANY = 400  # pictures: an offset that is drawn with another chance than it should have shows
FAR = 5.0  # standard deviations; chance goes so far once in a million


def _recipe(x: np.ndarray, seed: int, *more: object) -> dict:
    # a net and batches are what the training verb is made of; the function gets the pictures and the generator alone
    return {
        "net": [("flatten",), ("dense", 1, 1)],
        "batches": [(x, np.zeros(len(x), np.int64))],
        "seed": seed,
        "give": ("images", "generator", *more),
    }


def _drawn(subject: Subject, case: Case) -> Answer:
    """The pictures from one seed, twice, and from another seed."""
    x, seed, *more = case.args
    answers = [subject.train(_recipe(x, s, *more)) for s in (seed, seed, seed + 1)]
    if trouble := next((answer for answer in answers if answer.trouble), None):
        return trouble
    first, again, other = (answer.value for answer in answers)
    return replace(
        answers[0],
        value=(first["value"], again["value"], other["value"], *(first[k] for k in ("kept", "drew", "alone"))),
    )


def _crops(x: np.ndarray, padding: int, mode: str = "constant") -> np.ndarray:
    """Every crop of every picture: (N, 2·padding + 1, 2·padding + 1, 2, C, H, W); mode: what the frame is made of."""
    height, width = x.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(2, 3))  # N, C, p, p, H, W
    windows = windows.transpose(0, 2, 3, 1, 4, 5)
    return np.stack([windows, windows[..., ::-1]], axis=3)


def _judge_crops(value: object, case: Case, expected: object) -> Difference | None:
    x, padding = case.args[0], (*case.args[2:], 4)[0]
    first, again, other, kept, drew, alone = value
    if not is_tensor(first):
        return difference(_tensor(x), first)
    got = first.numpy()
    if got.shape != x.shape:
        return Difference("shape", f"Expected shape {shape_text(x.shape)}, and yours is {shape_text(got.shape)}.")
    if got.dtype != x.dtype:
        return Difference("dtype", f"Pictures of {x.dtype} came in, and {got.dtype} came out: keep the type.")
    rows, columns, flips = _places(x, got, padding)
    if rows is None:
        n = columns
        found = (f" It is {what}." for what, crops in _wrong_crops(x[n : n + 1], padding) if _among(got[n], crops))
        none = f"Picture {n} is none of the crops of itself, mirrored or not, out of zeros {padding} wide."
        return Difference("values", none + next(found, ""))
    if not kept:
        return Difference("values", "The pictures that came in are changed: make new ones.")
    if not drew or not np.array_equal(first.numpy(), again.numpy()):
        return Difference(
            "values", "The same generator, set to the same seed, gave other pictures: draw from it alone."
        )
    if not alone:
        return Difference(
            "values", "Some of the chance came from elsewhere: hand `generator=generator` to every single draw."
        )
    if len(x) > 1 and is_tensor(other) and np.array_equal(got, other.numpy()):
        return Difference("values", "A generator with another seed gave the same pictures.")
    return _chances(rows, columns, flips, padding) if len(x) >= MANY else None


def _wrong_crops(x: np.ndarray, padding: int) -> Iterator[tuple[str, np.ndarray]]:
    """What a picture (1, C, H, W) may have become instead, in words, whatever was drawn; told only where it is that."""
    right = _crops(x, padding)
    yield "a crop turned upside down: the columns are the last axis", right[..., ::-1, :]
    yield "a crop with its channels in another order", right[..., ::-1, :, :]
    for mode in ("edge", "reflect", "symmetric", "wrap"):
        if mode != "reflect" or padding < min(x.shape[2:]):
            yield "a crop, but what came in at the border are not zeros", _crops(x, padding, mode)
    yield "a crop out of a wider frame of zeros", _crops(x, 2 * padding + 1)


def _among(picture: np.ndarray, crops: np.ndarray) -> bool:
    return bool((crops == picture).all(axis=(-3, -2, -1)).any())


def _places(x: np.ndarray, got: np.ndarray, padding: int) -> tuple:
    """Which crop each picture is: rows, columns, flips; or (None, its number, None) for one that is none of them."""
    found = np.zeros((len(x), 3), int)
    for n in range(len(x)):
        same = (_crops(x[n : n + 1], padding)[0] == got[n]).all(axis=(3, 4, 5))
        if not same.any():
            return None, n, None
        found[n] = np.argwhere(same)[0]
    return found[:, 0], found[:, 1], found[:, 2]


def _chances(rows: np.ndarray, columns: np.ndarray, flips: np.ndarray, padding: int) -> Difference | None:
    """Are rows, columns and flips drawn evenly, picture by picture and apart from each other?"""
    places, count = 2 * padding + 1, len(rows)
    for drawn, what in ((rows, "vertical"), (columns, "horizontal")):
        often = np.bincount(drawn, minlength=places)
        missing = np.flatnonzero(often == 0)
        if len(missing):
            return Difference(
                "values", f"In {count} pictures no {what} offset was {missing[0]}; 0 to {2 * padding} occur."
            )
        if (np.abs(often - count / places) > FAR * np.sqrt(count / places)).any():
            return Difference(
                "values", f"The {what} offsets are not drawn evenly: {often.tolist()} in {count} pictures."
            )
    if abs(flips.mean() - 0.5) > FAR * 0.5 / np.sqrt(count):
        return Difference(
            "values", f"{int(flips.sum())} of {count} pictures are mirrored; about half of them should be."
        )
    for one, other, what in (
        (rows, columns, "The two offsets"),
        (rows, flips, "The vertical offset and the mirroring"),
        (columns, flips, "The horizontal offset and the mirroring"),
    ):
        if abs(np.corrcoef(one, other)[0, 1]) > FAR / np.sqrt(count):
            return Difference("values", f"{what} hang together: draw each by itself, for each picture.")
    if count >= 20 * 2 * places**2:  # enough for each of them to occur, but for one time in a hundred million
        seen = len({(row, column, flip) for row, column, flip in zip(rows, columns, flips, strict=True)})
        if seen < 2 * places**2:
            return Difference(
                "values", f"Of {2 * places**2} ways to cut and mirror, {seen} occur: draw each by itself."
            )
    return None


def _tensor(x: np.ndarray) -> object:
    import torch

    return torch.from_numpy(np.ascontiguousarray(x))


def _few(rng: np.random.Generator) -> list[Case]:
    def seed():
        return int(rng.integers(1, 10**6))

    def pictures(*shape):
        return rng.permutation(np.arange(1, np.prod(shape) + 1)).reshape(shape).astype(np.float32)

    return [
        Case((pictures(3, 1, 3, 4), seed(), 1), note="padding 1"),
        Case((pictures(5, 3, 6, 5), seed()), note="padding 4, the default"),
        Case((rng.integers(1, 256, (6, 2, 7, 6)).astype(np.uint8), seed(), 2), note="bytes"),
        Case((pictures(4, 2, 5, 5).astype(np.float64)[:, :, ::-1].astype(np.float32), seed(), 3), note="padding 3"),
    ]


def _many(rng: np.random.Generator) -> list[Case]:
    def pictures(count):
        return rng.permutation(np.arange(1, count * 12 + 1)).reshape(count, 1, 3, 4).astype(np.float32)

    return [
        Case((pictures(MANY), int(rng.integers(1, 10**6)), 1), note=f"{MANY} pictures, padding 1"),
        Case((pictures(2 * MANY), int(rng.integers(1, 10**6)), 2), note=f"{2 * MANY} pictures, padding 2"),
    ]


def _told(case: Case) -> str:
    x, padding = case.args[0], (*case.args[2:], "4, the default")[0]
    return f"called with {len(x)} pictures of {shape_text(x.shape[1:])} ({x.dtype}), padding {padding}"


random_crop_flip = Exercise(
    name="random_crop_flip",
    bound=False,
    lesson="09_cifar10",
    told=_told,
    observe=_drawn,
    judge=_judge_crops,
    parts=[
        Part(
            "crops",
            2,
            _few,
            tests="4 batches: each picture a crop of itself, mirrored or not; its type; the generator",
            look="pad one picture with zeros, cut a window of the old size out of it, mirror its columns, by hand.",
        ),
        Part(
            "chance",
            2,
            _many,
            tests=f"{3 * MANY} pictures: every offset and the mirroring as often as they should be, each by itself",
            look="one draw for each picture: offsets torch.randint(0, 2·padding + 1, (N,), generator=generator).",
        ),
    ],
    wrong=RANDOM_CROP_FLIP,
)

NORMED = [("conv", 2, 3, 3), ("norm", 3), ("relu",), ("flatten",)]


def _predicted(subject: Subject, case: Case) -> Answer:
    answer = subject.train(case.args[0])
    if answer.trouble or not isinstance(answer.value, dict):
        return answer
    names = {"value": "the logits", "modes": "the modes of the layers afterwards", "kept": "the pictures are unchanged"}
    return replace(answer, value={name: answer.value.get(field) for field, name in names.items()})


def _mean_of_two(model, x):
    return (model(x) + model(x.flip(-1))) / 2


def _mean_of_one_batch(model, x):
    import torch

    return model(torch.cat([x, x.flip(-1)])).reshape(2, len(x), -1).mean(dim=0)


def _judge_logits(value: object, case: Case, expected: object) -> Difference | None:
    """In train mode two passes and one pass over both differ, by the batch's statistics; both are right."""
    found = [
        difference(_predicted(NotebookSubject(way), case).value, value, 1.0, True)
        for way in (_mean_of_two, _mean_of_one_batch)
    ]
    return None if None in found else found[0]


def _models(rng: np.random.Generator) -> list[Case]:
    def recipe(n, height, width, **more):
        x = rng.standard_normal((n, 2, height, width)).astype(np.float32)
        net = [*NORMED, ("dense", 3 * (height - 2) * (width - 2), 4)]
        batches = [(x, np.zeros(n, np.int64))]
        return {
            "net": net,
            "batches": batches,
            "seed": int(rng.integers(1, 10**6)),
            "give": ("model", "images"),
            **more,
        }

    return [
        Case((recipe(1, 3, 4),), note="one picture"),
        Case((recipe(3, 5, 4),), note="in eval mode"),
        Case((recipe(4, 4, 6, training=True),), note="in train mode"),
        Case((recipe(3, 4, 5, training=True, modes=[True, False, True, True, True]),), note="a frozen batch norm"),
    ]


predict_with_flips = Exercise(
    name="predict_with_flips",
    bound=False,
    lesson="09_cifar10",
    told=lambda case: "called with a small net and {} of {}  ({})".format(
        *("a picture" if len(case.args[0]["batches"][0][0]) == 1 else "pictures",),
        shape_text(case.args[0]["batches"][0][0].shape[1:]),
        case.note,
    ),
    observe=_predicted,
    judge=_judge_logits,
    parts=[
        Part(
            "logits",
            2,
            _models,
            tests="4 nets, in eval and in train mode",
            look="the mirror turns left and right: the last axis. Logits are averaged, not probabilities.",
        )
    ],
    wrong=PREDICT_WITH_FLIPS,
)
