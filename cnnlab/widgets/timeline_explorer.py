"""The timeline as a map: choose a year, see its idea, and run its miniature."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from cnnlab.markup import macros
from cnnlab.widgets.controls import menu
from cnnlab.widgets.explorer import Explorer

parts = macros("explorer")
NAMED = {"Inception": "GoogLeNet"}  # what an architecture is called on the timeline
RUNS = 3


@dataclass(frozen=True)
class Shown:
    """A miniature that was run: (step, shape after it) pairs, its numbers, and the milliseconds of one pass."""

    name: str
    year: int
    idea: str
    steps: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    parameters: int = 0
    macs: int = 0
    milliseconds: float = 0.0
    original: float = 0.0


def explore_timeline(miniatures=None, classes=10):
    """Choose a year of the timeline, and see what was new and what its miniature makes of one picture.

    miniatures: `cnnlab.miniatures.Miniature`s, the course's eight where there are none. Returns a TimelineExplorer.
    """
    if miniatures is None:
        from cnnlab.miniatures import MINIATURES as miniatures
    return TimelineExplorer(miniatures, classes)


class TimelineExplorer(Explorer):
    """What `explore_timeline` returns; `state` is a Shown."""

    title = "Timeline"
    invitation = "Run this cell to choose a year."

    def __init__(self, miniatures, classes=10):
        self._miniatures = {f"{one.year} · {one.name}": one for one in miniatures}
        self._classes = classes
        chosen = menu("year", self._miniatures, wide="260px")
        super().__init__([{"year": chosen}], first="year", hover=False)

    def changed(self, name):
        self.state = shown(self._miniatures[self.value("year")], self._classes)

    def html(self):
        from cnnlab.figures.history import show_timeline

        picture = show_timeline(chosen=NAMED.get(self.state.name, self.state.name))
        lines = [parts.words(line) for line in [*said(self.state), self._steps()]]
        return parts.view(self.title, [picture.html(), *lines])

    def _steps(self):
        return "One picture on its way: " + "  →  ".join(
            f"{step} {'×'.join(map(str, shape))}" for step, shape in self.state.steps
        )

    def spoken(self):
        return " ".join([*said(self.state), self._steps()])


def shown(miniature, classes=10) -> Shown:
    """Build a miniature and run one picture of 3 × 32 × 32 through it, in eval mode."""
    import torch

    from cnnlab.trials import cost

    model = miniature.build(classes).eval()
    x = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    steps, passes = [("picture", (3, 32, 32))], []
    with torch.no_grad():
        maps = x
        for module in model:
            maps = module(maps)
            if tuple(maps.shape[1:]) != steps[-1][1]:
                steps.append((type(module).__name__, tuple(maps.shape[1:])))
        for _ in range(RUNS):
            began = time.perf_counter()
            model(x)
            passes.append(time.perf_counter() - began)
    what = cost(model)
    return Shown(
        miniature.name, miniature.year, miniature.idea, steps, what.parameters, what.macs, 1e3 * min(passes),
        miniature.original,
    )  # fmt: skip


def said(state: Shown) -> list[str]:
    """The idea and the numbers, in words."""
    return [
        f"{state.year}, {state.name}: {state.idea}.",
        f"The miniature: {state.parameters:,} parameters, {state.macs / 1e6:.2f} million multiply–accumulates, "
        f"{state.milliseconds:.1f} ms for one picture here. The original has {state.original:g} million parameters.",
    ]
