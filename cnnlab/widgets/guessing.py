"""Guess the mistake: a failing case of somebody's function, and four names for what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cnnlab.check import exercise
from cnnlab.check.report import case_text, picture
from cnnlab.check.riddles import Riddle, riddles
from cnnlab.markup import Html, macros
from cnnlab.widgets.controls import button, choice
from cnnlab.widgets.explorer import Explorer

parts = macros("explorer")


@dataclass(frozen=True)
class Guessing:
    """A riddle, the name that was chosen ("" where none is yet), and how it has gone so far.

    tries: names chosen for this riddle; at_once: riddles of `asked` that were right at the first try.
    """

    riddle: Riddle
    chosen: str = ""
    tries: int = 0
    asked: int = 1
    at_once: int = 0

    @property
    def right(self) -> bool:
        return self.chosen == self.riddle.mistake.name

    @property
    def names(self) -> list[str]:
        return self.riddle.names

    @property
    def answer(self) -> str:
        return self.riddle.answer

    def choosing(self, name: str) -> Guessing:
        """The same after a name was chosen."""
        chosen = replace(self, chosen=name, tries=self.tries + 1)
        return replace(chosen, at_once=self.at_once + (chosen.right and chosen.tries == 1))


def guess_the_mistake(name, seed=0):
    """Practise on the known mistakes of an exercise ("conv2d"): a case that fails, and four names to choose from.

    seed: another one begins elsewhere in the table. Returns a MistakeGuesser; `.answer` says which it is. Raises
    LookupError where there is no such exercise, or where its mistakes do not show in numbers.
    """
    return MistakeGuesser(exercise(name), seed)


class MistakeGuesser(Explorer):
    """What `guess_the_mistake` returns; `state` is a Guessing."""

    title = "Guess the mistake"
    invitation = "Run this cell to choose, and for another one."

    def __init__(self, asked_of, seed=0):
        self._riddles = riddles(asked_of, seed)
        self._name = asked_of.name
        column = {"guess": choice(), "another": button("Another one", "another mistake")}
        super().__init__([column], first="another", hover=False)
        self.widget.children = self.widget.children[::-1]  # first the case, then the choice

    @property
    def answer(self):
        """Which mistake it is, and the idea behind it."""
        return self.state.answer

    def changed(self, name):
        if name == "another":
            asked, at_once = (self.state.asked + 1, self.state.at_once) if self.state else (1, 0)
            self.state = Guessing(next(self._riddles), asked=asked, at_once=at_once)
            with self.quietly():
                self.controls["guess"].options = self.state.names
                self.controls["guess"].value = None
        elif self.value("guess"):
            self.state = self.state.choosing(self.value("guess"))

    def html(self):
        verdict = self.state.riddle.verdict
        drawn = picture(verdict)
        told = [parts.words(f"Somebody's {self._name}, {case_text(verdict.exercise, verdict.failed.case)}.")]
        told += [Html(drawn)] if drawn else []
        told += [parts.words(verdict.failed.sentence), parts.words("Which mistake is it?")]
        return parts.view(f"{self.title}: {self._name}", [*told, *self._verdict()])

    def still(self):
        return parts.still(Html(str(self.html()) + str(parts.quiz(self.state.names, self.answer))), self.invitation)

    def spoken(self):
        return f"{self.state.riddle.told('abcd')}\n\n(The widget's .answer says which.)"

    def _verdict(self):
        state = self.state
        if not state.chosen:
            return []
        if not state.right:
            return [parts.line("bad", f"Not “{state.chosen}”: it fails here, too, but with other numbers.")]
        count = f"{state.at_once} of {state.asked} at the first try." if state.asked > 1 else ""
        return [parts.line("good", f"Yes: {state.answer} {count}")]
