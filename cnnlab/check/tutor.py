"""The context for a tutor: what whoever helps with a failed check needs to know, with the course's ladder of hints, and
no line that solves it. TUTOR.md in the course's folder says the same to assistants at greater length."""

from __future__ import annotations

import functools
import inspect
import itertools
import json
import re
from collections.abc import Sequence
from typing import Any

from cnnlab import kernel
from cnnlab.check.verdict import Verdict
from cnnlab.settings import Trouble, root

HINTS = ("A nudge", "The idea", "The shape of the code")  # the notebook's own, as they are folded there, in order
HINT = re.compile(r"<details><summary>([^<]*)</summary>(.*?)</details>", re.S)
LONGEST_TASK = 2_000  # letters of a docstring
RULES = """\
You are my tutor. I am learning: help me to find it myself. Give me no code that solves it, no line of it, no corrected
copy of mine. Go up this ladder, one rung in an answer, the next one when I have tried:"""
LADDER = (
    "Let me say what should come out in the case below, and why.",
    "Let me redo that case on paper, up to the first number that differs.",
    "Explain what the message means; do not say which line of mine it is.",
)
FOLDED = "The hints that are folded below the exercise in my notebook, in their order: ask me for the next one."
LAST = "Then send me to the paragraph above the exercise, or to a person."


def context(verdict: Verdict, message: str, thing: Any = None, hints: Sequence[tuple[str, str]] | None = None) -> str:
    """Markdown to paste into a chat: rules, ladder, task, message.

    message: what the learner was told; thing: the learner's function, of which the docstring goes in, and no code;
    hints: (name, text), those of `hints_of` by default.
    """
    exercise = verdict.exercise
    hints = hints_of(exercise.lesson, exercise.name) if hints is None else hints
    rungs = [*LADDER, *([f"{name}: {text}" for name, text in hints] or [FOLDED]), LAST]
    ladder = "\n".join(f"{k}. {_indented(rung)}" for k, rung in enumerate(rungs, 1))
    task = inspect.getdoc(thing) if inspect.isroutine(thing) or inspect.isclass(thing) else None
    parts = [
        f"# A check that does not pass yet: `{exercise.name}`, lesson {exercise.lesson[:2]}",
        f"{RULES}\n\n{ladder}",
    ]
    if task:
        parts.append(f"## What the function is to do\n\n{_fenced(task[:LONGEST_TASK])}")
    parts += [f"## What the check says\n\n{_fenced(message)}", "## My function\n\n(I paste it here if I want to.)"]
    return "\n\n".join(parts) + "\n"


_offered: list[str] = []  # to be shown when the cell that runs has ended: below the message


def offer(text: str) -> None:
    """Show a button below what the check says that copies this text, and the text beside it."""
    _offered[:] = [text]
    _listen()


@functools.cache
def _listen() -> None:
    kernel.on_cell_end(_show)


def _show(_: str) -> None:
    from cnnlab.markup import render

    for text in _offered[:]:
        _offered.clear()
        kernel.show(render("tutor", text=text), "")


def hints_of(lesson: str, name: str) -> list[tuple[str, str]]:
    """The hints that a lesson's notebook has below an exercise, before the next heading, in their order: (name, text).
    None where no notebook is at hand."""
    try:
        path = root() / "notebooks" / lesson / f"{lesson}.ipynb"
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        names = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
        below = cells[names.index(name) + 1 :]
        texts = ["".join(cell["source"]) for cell in below if cell["cell_type"] == "markdown"]
    except (Trouble, OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
    own = itertools.takewhile(lambda text: not text.startswith("#"), texts)
    return [(title, hint.strip()) for text in own for title, hint in HINT.findall(text) if title in HINTS]


def _indented(text: str) -> str:
    return text.replace("\n", "\n   ")


def _fenced(text: str) -> str:
    """Text that stays as it is, whatever marks stand in it."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.strip()}\n{fence}"
