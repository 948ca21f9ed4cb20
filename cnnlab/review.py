"""The album of mistakes: each one that was met, and questions about it at growing intervals.

A question is a riddle (cnnlab.check.riddles): a case, the right result and a wrong one; which mistake is it? Others to
choose from are neighbours in the exercise's table of wrong ways.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from cnnlab import check
from cnnlab.check.exercise import Exercise
from cnnlab.check.riddles import Riddle, riddle

DAYS = (1, 3, 7, 16, 35)  # until the next question, after so many right answers in a row
BEFORE = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


@dataclass
class Card:
    """A mistake that was met: where, when and how often, what was told, and how often it was recognised since."""

    exercise: str
    mistake: str
    part: str = ""
    text: str = ""
    times: int = 0
    right: int = 0
    last: datetime.datetime = BEFORE

    @property
    def due(self) -> datetime.datetime:
        return self.last + datetime.timedelta(days=DAYS[min(self.right, len(DAYS) - 1)])

    def is_due(self, now: datetime.datetime) -> bool:
        """By its interval; and where it was met in the future, for then the clock was set back since."""
        return self.due <= now or self.last > now + datetime.timedelta(days=1)


def album(entries: Iterable[dict]) -> list[Card]:
    """The cards that a log holds, in the order in which they were met.

    Meeting a mistake again, or not recognising it, sets its interval back; one that a question about a neighbour did
    not bring to mind is a card from then on.
    """
    cards: dict[tuple[str, str], Card] = {}
    for entry in entries:
        exercise, mistake, answer = (str(entry.get(key) or "") for key in ("exercise", "mistake", "review"))
        try:
            time = datetime.datetime.fromisoformat(str(entry.get("time")))
        except ValueError:
            continue
        if not (exercise and mistake and time.tzinfo):
            continue
        if answer == "right" and (exercise, mistake) not in cards:
            continue
        card = cards.setdefault((exercise, mistake), Card(exercise, mistake))
        card.last = time
        card.right = card.right + 1 if answer == "right" else 0
        if not answer:
            card.part, card.times = str(entry.get("part") or ""), card.times + 1
            card.text = card.text or str(entry.get("text") or "")
    return list(cards.values())


def askable(cards: list[Card]) -> list[Card]:
    """Those whose mistake stands in its exercise's table, the longest overdue first.

    A name that a general rule gave has a text in the album, and no question.
    """
    known = {card.exercise: _declared(card.exercise) for card in cards}
    tables = {name: {m.name for m in exercise.mistakes} if exercise else set() for name, exercise in known.items()}
    return sorted((card for card in cards if card.mistake in tables[card.exercise]), key=lambda card: card.due)


def session(
    cards: list[Card], now: datetime.datetime, most: int, rng: np.random.Generator, early: bool = False
) -> Iterator[Riddle]:
    """At most so many questions: about the cards that are due (early: about all); then about neighbours of what was
    met. None where no card is due."""
    asked = 0
    for card in askable(cards):
        if asked == most:
            break
        if not (early or card.is_due(now)):
            continue
        if found := question(card.exercise, card.mistake, rng, card.part):
            asked += 1
            yield found
    if not asked:
        return
    known = {(card.exercise, card.mistake) for card in cards}
    names = sorted({card.exercise for card in cards})
    rng.shuffle(names)
    for name in names:
        exercise = _declared(name)
        others = [m.name for m in exercise.mistakes if (name, m.name) not in known] if exercise else []
        if asked < most and others and (found := question(name, str(rng.choice(others)), rng)):
            asked += 1
            yield found


def question(name: str, mistake: str, rng: np.random.Generator, part: str = "") -> Riddle | None:
    """A riddle about a known mistake of an exercise; None for one that no table has, or that has no neighbour.

    part: where to look first for a case on which the mistake fails.
    """
    exercise = _declared(name)
    names = [known.name for known in exercise.mistakes] if exercise else []
    if exercise is None or mistake not in names:
        return None
    return riddle(exercise, names.index(mistake), rng, part, by_numbers=False)


def _declared(name: str) -> Exercise | None:
    try:
        return check.exercise(name)
    except LookupError:
        return None
