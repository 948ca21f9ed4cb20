"""A stack of dilated layers in plain numbers, and what the learner's function says about one."""

from dataclasses import dataclass
from functools import cached_property

from cnnlab.check import ask
from cnnlab.figures.taps import ways

SCHEDULES = {
    "1, 2, 4": (1, 2, 4),
    "2, 2, 2": (2, 2, 2),
    "1, 1, 1, ordinary layers": (1, 1, 1),
    "1, 3, 9": (1, 3, 9),
    "2, 4, 8": (2, 4, 8),
    "1, 2, 5": (1, 2, 5),
    "1, 2, 4, 8, doubled as in WaveNet": (1, 2, 4, 8),
}
RIGHT = "Right by this exercise's definition: {} rates, a field of at least {}, and every pixel of it is used."
WIDEST = 121  # pixels of a field that is drawn


@dataclass(frozen=True)
class Rates:
    """A stack of layers of 3×3 by their rates, the first layer's first, ints of 1 or more.

    at: the pixel in view, (down, right), counted from the field's middle.
    """

    rates: tuple = (1, 2, 4)
    at: tuple = (0, 0)

    @cached_property
    def reach(self):
        """How far the field goes from its middle, in pixels."""
        return sum(self.rates)

    @property
    def field(self):
        """The field's side in pixels."""
        return 2 * self.reach + 1

    @cached_property
    def ways(self):
        """In how many ways each pixel of a row reaches the output, ints (field,)."""
        return ways(self.rates)

    @property
    def used(self):
        """How many pixels of a row are used."""
        return int((self.ways > 0).sum())

    @property
    def here(self):
        """In how many ways the pixel in view reaches the output."""
        i, j = (int(self.ways[place + self.reach]) for place in self.at)
        return i * j

    def looking(self, at):
        """The same with another pixel in view: the nearest of the field."""
        return Rates(self.rates, tuple(int(min(max(k, -self.reach), self.reach)) for k in at))


def asked(function, depth, field):
    """The learner's rates for (depth, field), or None; a sentence; and a word: "good", "bad", "calm" where there is
    nothing to judge, "endless" where the function never came back."""
    from cnnlab.check.cases import Case
    from cnnlab.check.lesson_02.dilation_schedule import judge

    answer = ask(function, depth, field)
    impossible = field > 3**depth
    trouble = answer.trouble
    if impossible and trouble is not None and "ValueError" in (trouble.error, *trouble.bases):
        return None, f"Rightly refused: {depth} layers use at most {3**depth} pixels of a row.", "good"
    if answer.problem:
        return None, answer.problem, "endless" if answer.endless else "calm"
    if impossible:
        return None, f"{depth} layers use at most {3**depth} pixels: ValueError is expected, not a list.", "bad"
    wrong = judge(answer.value, Case((depth, field)), None)
    try:
        rates = tuple(int(rate) for rate in answer.value)
        drawn = bool(rates) and min(rates) >= 1 and len(rates) <= 8 and 2 * sum(rates) + 1 <= WIDEST
        if any(rate != whole for rate, whole in zip(answer.value, rates, strict=True)):
            drawn = False
    except (TypeError, ValueError, OverflowError):
        rates, drawn = None, False
    if wrong:
        return rates if drawn else None, wrong.sentence, "bad"
    says = f"`{answer.name}({depth}, {field})`: {', '.join(map(str, rates))}. {RIGHT.format(depth, field)}"
    return rates if drawn else None, says, "good"
