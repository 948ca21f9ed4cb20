"""The album of mistakes: each one that was met, and questions about it at growing intervals.

A question shows a case, the right result and a wrong one, and asks which mistake it is. Others to choose from are
neighbours in the exercise's table of wrong ways that would give something else on this very case.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cnnlab import check
from cnnlab.check.compare import difference
from cnnlab.check.exercise import Exercise, bench_for
from cnnlab.check.plain import same
from cnnlab.check.report import case_shown
from cnnlab.check.verdict import Attempt

DAYS = (1, 3, 7, 16, 35)  # until the next question, after so many right answers in a row
CHOICES = 4
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


@dataclass(frozen=True)
class Question:
    """What is shown, what there is to choose from, which of it is right, and the sentence that helps."""

    exercise: str
    mistake: str
    shown: str
    choices: tuple[str, ...]
    says: str

    @property
    def answer(self) -> int:
        """The right choice, from 1."""
        return self.choices.index(self.mistake) + 1


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
    cards: list[Card], now: datetime.datetime, most: int, rng: random.Random, early: bool = False
) -> Iterator[Question]:
    """At most so many questions: about the cards that are due (early: about all); then about neighbours of what was
    met. None where no card is due."""
    asked = 0
    for card in askable(cards):
        if asked == most or not (early or card.due <= now):
            break
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
        if asked < most and others and (found := question(name, rng.choice(others), rng)):
            asked += 1
            yield found


def question(name: str, mistake: str, rng: random.Random, part: str = "") -> Question | None:
    """A question about a known mistake of an exercise; None for one that no table has, or that has too few neighbours.

    part: where to look first for a case on which the mistake fails.
    """
    exercise = _declared(name)
    if exercise is None:
        return None
    names = [known.name for known in exercise.mistakes]
    if mistake not in names:
        return None
    number = names.index(mistake)
    for one in sorted(exercise.parts, key=lambda one: one.name != part):
        verdict = exercise.run_mistake(one, number)
        if verdict.failure is None:
            continue
        bench = bench_for(exercise, one, exercise.seed(one))
        k = next(k for k, case in enumerate(bench.cases) if case is verdict.failure.case)
        wrong = bench.mistaken(number, k)
        fails, passes = [], []
        for n in rng.sample(range(len(names)), len(names)):
            if n == number or len(fails) == CHOICES - 1:
                continue
            other = bench.mistaken(n, k)
            if not _alike(exercise, wrong, other):
                (passes if other.failure is None else fails).append(names[n])
        others = [*fails, *passes][: CHOICES - 1]
        if not others:
            continue
        choices = [mistake, *others]
        rng.shuffle(choices)
        return Question(name, mistake, case_shown(verdict), tuple(choices), exercise.mistakes[number].says)
    return None


def _declared(name: str) -> Exercise | None:
    try:
        return check.exercise(name)
    except LookupError:
        return None


def _alike(exercise: Exercise, one: Attempt, other: Attempt) -> bool:
    """Could nobody tell two mistakes apart by what they give on this case?"""
    if one.failure is None or other.failure is None:
        return False
    first, second = one.answer.trouble, other.answer.trouble
    if first is not None or second is not None:
        return first is not None and second is not None and first.error == second.error
    if one.failure.kind is not other.failure.kind:
        return False
    return same(one.got, other.got) or difference(one.got, other.got, exercise.size(one.case)) is None
