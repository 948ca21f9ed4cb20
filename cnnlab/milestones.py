"""What the learner's own functions can do, shown once when the last check of a lesson passes.

Each lesson has its number of the tour (cnnlab.tour); 02 has a photograph and 05 a network that learns to read digits,
too. Everything is computed by the functions of the notebook; where one is missing, or stumbles, nothing is shown.
"""

from __future__ import annotations

import contextlib
import datetime
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab import kernel, logbook, panel, tour

TRAINING_SECONDS = 5.0
BATCH = 32
FILTERS = {  # (3, 3, 3) each: red, green, blue
    "edges, upright": np.array([[[-1, 0, 1]] * 3] * 3) / 3,
    "edges, level": np.array([[[-1] * 3, [0] * 3, [1] * 3]] * 3) / 3,
    "red against blue": np.stack([np.full((3, 3), weight) for weight in (1 / 9, 0, -1 / 9)]),
}
_shown: set[str] = set()  # in this kernel


def reached(lesson: str) -> None:
    """Show the milestone of a lesson ("02_padding_stride") if its last check has just passed; never a second time.

    In a learner's notebook alone: where a log is, or in Colab.
    """
    place = logbook.own_folder()
    if lesson in _shown or not (place or "google.colab" in sys.modules) or not _all_pass(lesson):
        return
    if place and any(entry.get("milestone") == lesson for entry in logbook.entries(place)):
        return
    if show(lesson):
        _shown.add(lesson)
        if place:
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            logbook.append(place / logbook.NAME, {"time": now, "milestone": lesson})


def show(lesson: str) -> bool:
    """Show the milestone of a lesson ("02" or its name), by the functions of this notebook; False where it has none, or
    a function is missing or stumbles."""
    shell = kernel.shell()
    own = {} if shell is None else shell.user_ns
    with contextlib.suppress(Exception):
        pictures, lines = milestone(lesson[:2], own)
        from cnnlab.markup import render

        html = render("milestone", lesson=lesson[:2], lines=lines, pictures=[picture.html() for picture in pictures])
        kernel.show(html, "\n".join([*lines, *(picture.alt for picture in pictures)]))
        return True
    return False


def milestone(lesson: str, own: dict[str, Any]) -> tuple[list, list[str]]:
    """Pictures and sentences of a lesson ("02"), by the functions in `own`. Raises LookupError where one is missing,
    and whatever they raise."""
    pictures, lines = PICTURES[lesson](own) if lesson in PICTURES else ([], [])
    name = tour.NUMBERS[lesson][0]
    number = tour.number(lesson, own[name]).partition(" ")[2]
    return pictures, [*lines, f"{number[0].upper()}{number[1:]} (by your {name})."]


def _all_pass(lesson: str) -> bool:
    """Does every check of the lesson pass: by the log, else in this kernel?"""
    if standing := panel.standing(lesson):
        return standing.next(lesson) is None
    from cnnlab import check

    return all(getattr(check, name).solved for name in check.names(lesson))


def _photograph(own: dict[str, Any]) -> tuple[list, list[str]]:
    """A colour photograph through three filters, by the learner's conv2d."""
    from cnnlab.data import photograph
    from cnnlab.figures import show_filter_bank

    conv2d = own["conv2d"]
    photo = photograph("flower", size=(120, 160)).transpose(2, 0, 1) / 255
    weight = np.stack(list(FILTERS.values()))
    picture = show_filter_bank(
        lambda x, w, bias: conv2d(x[None], w, bias)[0], photo, weight, None, list(FILTERS),
        title="A photograph in colour, three filters, your conv2d",
    )  # fmt: skip
    return [picture], [
        "A filter sees 3 × 3 pixels in three colours at a time; your conv2d carries it over the picture."
    ]


def _digits(own: dict[str, Any]) -> tuple[list, list[str]]:
    """A network that learns real digits for a few seconds, by the learner's train_step."""
    from cnnlab.built.lesson_04 import forward
    from cnnlab.check import ask
    from cnnlab.data import digits
    from cnnlab.figures import show_pictures

    (images, labels), (unseen, right) = digits("train"), digits("test")
    rng, end, steps = np.random.default_rng(0), time.monotonic() + TRAINING_SECONDS, 0
    params: dict[str, np.ndarray] = {
        "conv_weight": rng.normal(size=(16, 1, 3, 3)) * np.sqrt(2 / 9),
        "conv_bias": np.zeros(16),
        "fc_weight": rng.normal(size=(10, 144)) / 12,
        "fc_bias": np.zeros(10),
    }
    x = unseen[:, None] / 16
    before = np.mean(forward(params, x).argmax(1) == right)
    while time.monotonic() < end and steps < 400:
        chosen = rng.integers(0, len(images), BATCH)
        answer = ask(own["train_step"], params, images[chosen][:, None] / 16, labels[chosen], 0.3)
        if answer.problem:
            raise ValueError(answer.problem)
        (_, params), steps = answer.value, steps + 1
    guesses = forward(params, x).argmax(1)
    shown = {f"{k + 1}: it reads {guesses[k]}": unseen[k] / 16 for k in range(12)}
    told = f"Of {len(right)} digits that it never saw, your network read {before:.0%}, and after {steps} of your steps"
    return [show_pictures(shown, "Unseen digits, read by your network", columns=6)], [
        f"{told} {np.mean(guesses == right):.0%}."
    ]


PICTURES: dict[str, Callable[[dict[str, Any]], tuple[list, list[str]]]] = {"02": _photograph, "05": _digits}
