"""A clock for training that stops while one looks, and what was seen each time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import torch

from cnnlab.device import synchronise


@dataclass
class Run:
    """One training: looks are (seconds of training, images seen, accuracy on the pictures that it got for that)."""

    name: str
    seed: int
    looks: list[tuple[float, int, float]] = field(default_factory=list)
    before: float = 0.0  # seconds spent once, before the clock started
    seen: float | None = None  # accuracy on what was learned from
    tested: float | None = None  # accuracy on the test set, looked at once, after everything

    @property
    def seconds(self) -> float:
        return self.looks[-1][0]

    @property
    def accuracy(self) -> float:
        return self.looks[-1][2]

    @property
    def images_per_second(self) -> float:
        return self.looks[-1][1] / self.seconds

    def seconds_to(self, accuracy: float) -> float | None:
        """Seconds of training until a look first saw that accuracy; None where none did."""
        return next((seconds for seconds, _, seen in self.looks if seen >= accuracy), None)

    def accuracy_after(self, seconds: float) -> float | None:
        """Accuracy at the last look within so many seconds; None before the first."""
        seen = [accuracy for moment, _, accuracy in self.looks if moment <= seconds]
        return seen[-1] if seen else None


class Clock:
    """Seconds since it began, without the pauses."""

    def __init__(self, device):
        self.device, self._pauses = device, 0.0
        synchronise(device)
        self._began = time.perf_counter()

    def seconds(self) -> float:
        synchronise(self.device)
        return time.perf_counter() - self._began - self._pauses

    def look(self, run: Run, images: int, model, pair, flips=False) -> float:
        """Note the accuracy on a pair (images, labels), normalised tensors; the clock stands still meanwhile."""
        seconds = self.seconds()
        run.looks.append((seconds, images, accuracy(model, *pair, flips=flips)))
        self._pauses += self.seconds() - seconds
        return run.accuracy


@torch.no_grad()
def accuracy(model, images, labels, batch=500, flips=False) -> float:
    """The share of right answers, in eval mode; the model's mode is as before afterwards.

    flips: what counts is the sum of the logits for a picture and for its mirror image.
    """
    training = model.training
    model.eval()
    right = 0
    for x, y in zip(images.split(batch), labels.split(batch), strict=True):
        logits = model(x) + model(x.flip(3)) if flips else model(x)
        right += int((logits.argmax(1) == y).sum())
    model.train(training)
    return right / len(labels)
