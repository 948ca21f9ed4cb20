"""Watching a network learn: a bar, the loss and the accuracy, redrawn in place while the loop runs.

Knows neither NumPy networks nor torch: it takes numbers, and draws them.
"""

from __future__ import annotations

import time
from html import escape
from numbers import Real

from cnnlab.check.subject import ask


class Stop(Exception):
    """Training cannot go on; the message is one calm sentence."""


class Training:
    """The loop's companion: `with Training(steps, "…") as training:`, then `training.record(loss=…)` at every step.

    steps: how many there will be; title: what learns. every: seconds between two drawings, more where drawing is slow.
    Inside the block, `training.call(f, …)` calls a learner's function with care; where it cannot go on, or the loop is
    interrupted, the block ends with one sentence in place of a traceback. calm=False lets other exceptions through.
    `history` is {name: [(step, value), …]}, `seconds` the time it took, `problem` the sentence or None.
    """

    def __init__(self, steps: int, title: str = "Training", every: float = 0.5, calm: bool = True):
        self.steps, self.title, self.every, self.calm = steps, title, every, calm
        self.history: dict[str, list[tuple[int, float]]] = {}
        self.done = 0
        self.problem: str | None = None
        self._began = self._drawn = time.monotonic()
        self._cost = 0.0  # seconds that the last drawing took
        self._ended: float | None = None
        self._display = None

    @property
    def seconds(self) -> float:
        return (self._ended or time.monotonic()) - self._began

    def call(self, function, *args, **kwargs):
        """What the learner's function returns; ends the block calmly where it returns nothing or fails."""
        answer = ask(function, *args, **kwargs)
        if answer.problem:
            raise Stop(answer.problem)
        if answer.value is None:
            raise Stop(f"`{answer.name}` returned None: is its return missing?")
        return answer.value

    def record(self, **values: float) -> None:
        """Numbers of this moment, a loss counts as one step: record(loss=0.7), record(test_accuracy=0.9)."""
        if "loss" in values:
            self.done += 1
        for name, value in values.items():
            if not isinstance(value, Real) or isinstance(value, bool):
                raise Stop(f"the {name.replace('_', ' ')} is no number, but {type(value).__name__}.")
            if value != value:
                raise Stop(f"the {name.replace('_', ' ')} is not a number any more (nan): smaller steps may help.")
            self.history.setdefault(name, []).append((self.done, float(value)))
        self._draw_now_and_then()

    def advance(self) -> None:
        """One step further, with nothing to draw but the bar."""
        self.done += 1
        self._draw_now_and_then()

    def _draw_now_and_then(self) -> None:
        pause = max(self.every, 9 * self._cost) if self.every else 0.0
        if time.monotonic() - self._drawn > pause:
            self._draw()

    def last(self, name: str) -> float | None:
        """The latest value of that name."""
        return self.history[name][-1][1] if name in self.history else None

    def __enter__(self) -> Training:
        self._began = time.monotonic()
        self._draw()
        return self

    def __exit__(self, kind, error, trace) -> bool:
        self._ended = time.monotonic()
        if isinstance(error, Stop):
            self.problem = str(error)
        elif isinstance(error, KeyboardInterrupt):
            self.problem = f"Stopped by you after {self.done} of {self.steps} steps."
        elif isinstance(error, Exception) and self.calm:
            self.problem = f"Stopped: {kind.__name__}: {error}"
        self._draw()
        return self.problem is not None

    def _draw(self) -> None:
        import sys

        began = self._drawn = time.monotonic()
        if "IPython" not in sys.modules or sys.modules["IPython"].get_ipython() is None:
            return
        from IPython.display import display

        data = {"text/html": self.html(), "text/plain": self.words()}
        if self._display is None:
            self._display = display(data, raw=True, display_id=True)
        else:
            self._display.update(data, raw=True)
        self._drawn = time.monotonic()
        self._cost = self._drawn - began

    def words(self) -> str:
        """The state in a sentence."""
        numbers = ", ".join(f"{name.replace('_', ' ')} {self.last(name):.3f}" for name in self.history)
        text = f"{self.title}: {self.done} of {self.steps} steps, {self.seconds:.1f} s"
        if self._ended is None and 0 < self.done < self.steps:
            text += f", about {_in_time(self.seconds / self.done * (self.steps - self.done))} left"
        return f"{text}, {numbers}. {self.problem or ''}".strip().replace(", .", ".")

    def html(self) -> str:
        """The bar, the sentence and the curves."""
        from cnnlab.figures.training import show_training

        bar = f'<progress value="{self.done}" max="{max(self.steps, 1)}" style="width:24em;max-width:60%"></progress>'
        line = f'<div style="font-size:13px">{bar} {escape(self.words())}</div>'
        return line + (show_training(self.history, self.steps, self.title).html() if self.history else "")


def _in_time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
