"""hello_check: a greeting, to show what a check looks like."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.exercise import Exercise
from cnnlab.check.subject import Subject
from cnnlab.check.verdict import Attempt

NAMES = ("Ada", "Grace", "Jean-Luc", "Šárka van den Berg")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def greeting(name: str) -> str:
    return f"Hello, {name}!"


def _first_difference(failing: list[Attempt], subject: Subject) -> list[str]:
    """How far the text is right, and what stands there next."""
    right, got = failing[0].expected, failing[0].got
    if not isinstance(got, str) or got == right:
        return []
    alike = next((k for k, (a, b) in enumerate(zip(right, got, strict=False)) if a != b), min(len(right), len(got)))
    there, wanted = (repr(text[alike]) if alike < len(text) else "the end" for text in (got, right))
    start = f"Right as far as {got[:alike]!r}. Then comes" if alike else "It begins with"
    return [f"{start} {there}, where {wanted} belongs."]


# fmt: off
def _cases(rng: np.random.Generator) -> list[Case]:
    drawn = "".join(rng.choice([*LETTERS], 9)).capitalize()
    return [*(Case((name,)) for name in NAMES), Case((drawn,), note="a name that nobody has")]


WRONG = [
    ("the name never arrives", "The text in quotes is taken as it stands. "
     'Put an f before the first quote, and the name in braces: f"... {name} ...".', lambda a: "Hello, name!"),
    ("braces without the f", 'Braces mean something only in an f-string: an f stands before the quote, f"...".',
     lambda a: "Hello, {name}!"),
    ("always the same name", "It greets one person, whoever comes. Use the argument `name`.", lambda a: "Hello, Ada!"),
    ("no comma", "Look between Hello and the name: a comma and a blank belong there.", lambda a: f"Hello {a.name}!"),
    ("no exclamation mark", "Almost: the greeting ends with an exclamation mark.", lambda a: a.right()[:-1]),
    ("a full stop", "Almost: an exclamation mark at the end, not a full stop.", lambda a: a.right()[:-1] + "."),
    ("no blank after the comma", "Look after the comma: one blank belongs there.", lambda a: f"Hello,{a.name}!"),
    ("small h", "Hello begins with a capital letter.", lambda a: "h" + a.right()[1:]),
    ("printed, not returned", "Your function shows the greeting but gives nothing back. "
     "Write `return` where you wrote `print`.", lambda a: print(a.right())),
]

EXERCISE = Exercise(
    name="hello_check", lesson="00_start", oracle=greeting, read=_first_difference, wrong=WRONG,
    parts=[Part("greeting", 0, _cases, "names, long and short")],
)
