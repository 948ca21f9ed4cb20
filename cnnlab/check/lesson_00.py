"""Lesson 00, start here: the one exercise that shows what a check looks like."""

from __future__ import annotations

import numpy as np

from cnnlab.check.exercise import Case, Exercise, Mistake, Part


def _names(rng: np.random.Generator) -> list[Case]:
    return [Case((name,)) for name in ("Ada", "Grace", "Jean-Luc", "Šárka van den Berg", "x")]


EXERCISES = [
    Exercise(
        name="hello_check",
        lesson="00_start",
        argument_names=("name",),
        oracle=lambda name: f"Hello, {name}!",
        parts=[Part("greeting", 0, _names, tests="five names, long and short")],
        mistakes=[
            Mistake(
                "the name never arrives",
                "The text in quotes is taken as it stands. "
                'Put an f before the first quote, and the name in braces: f"... {name} ...".',
                lambda name: "Hello, name!",
            ),
            Mistake(
                "braces without the f",
                'Braces mean something only in an f-string: an f stands before the quote, f"...".',
                lambda name: "Hello, {name}!",
            ),
            Mistake(
                "always the same name",
                "It greets one person, whoever comes. Use the argument `name`.",
                lambda name: "Hello, Ada!",
            ),
            Mistake(
                "no comma",
                "Look between Hello and the name: a comma and a blank belong there.",
                lambda name: f"Hello {name}!",
            ),
            Mistake(
                "no exclamation mark",
                "Almost: the greeting ends with an exclamation mark.",
                lambda name: f"Hello, {name}",
            ),
            Mistake(
                "a full stop",
                "Almost: an exclamation mark at the end, not a full stop.",
                lambda name: f"Hello, {name}.",
            ),
            Mistake(
                "no blank after the comma",
                "Look after the comma: one blank belongs there.",
                lambda name: f"Hello,{name}!",
            ),
            Mistake("small h", "Hello begins with a capital letter.", lambda name: f"hello, {name}!"),
            Mistake(
                "printed, not returned",
                "Your function shows the greeting but gives nothing back. Write `return` where you wrote `print`.",
                lambda name: print(f"Hello, {name}!"),
            ),
        ],
    )
]
