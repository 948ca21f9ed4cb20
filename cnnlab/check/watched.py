"""Run a function for so long and no longer where there are no threads: in a browser, in WebAssembly.

`sys.monitoring` (Python 3.12) calls back at each jump and each start of a function in the learner's code; there the
clock is looked at, and after its time an exception is raised at every one of them, so that a loop which swallows
exceptions ends too. What never comes back from one call outside Python can not be stopped so. Loops of plain numbers
take two to three times as long while they are watched. The clock is the wall's: a browser tells no other.
"""

from __future__ import annotations

import contextvars
import itertools
import sys
import time
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from cnnlab.check.timelimit import AGAIN_SECONDS, IMPORT_SECONDS, Finish, Stopped, endless, frames_of, in_import

monitoring: Any = getattr(sys, "monitoring", None)
TOOL = 4  # of sys.monitoring's six; none is kept for anybody
EVENTS = ("JUMP", "PY_START", "PY_RESUME")
SELDOM = 16  # jumps for one look at the clock


def run_watched(function: Callable[[], Any], seconds: float, learners: Callable[[str], bool]) -> Finish:
    """Call `function()` and give it so many seconds; as `timelimit.run_limited` does it with a thread.

    learners: is that file the learner's? What runs in others is not watched. A KeyboardInterrupt is the learner's wish
    to stop, and passes. Inside another call of this kind nothing is watched but the other's clock.
    """
    context, watch = contextvars.copy_context(), _Watch(seconds, learners)
    value, error = None, None
    try:
        with watch:
            value = context.run(function)
    except KeyboardInterrupt:
        raise
    except BaseException as raised:
        error = raised
    if watch.over:
        return Finish(timed_out=True, seconds=seconds)
    return Finish(value, error, seconds=time.perf_counter() - watch.began)


class _Files(dict):
    """Whether a file holds code of the learner's, asked once for each."""

    def __init__(self, learners: Callable[[str], bool]):
        super().__init__()
        self.learners = learners

    def __missing__(self, name: str) -> bool:
        self[name] = self.learners(name)
        return self[name]


class _Watch:
    """The clock, while a function runs; `over` once it has had its time."""

    def __init__(self, seconds: float, learners: Callable[[str], bool]):
        self.seconds, self.learners = seconds, learners
        self.over = False
        self._before: list[FrameType] | None = None  # the learner's calls when AGAIN_SECONDS were over

    def __enter__(self) -> None:
        self.began = time.perf_counter()
        self.end, self.look = self.began + self.seconds, self.began + min(AGAIN_SECONDS, self.seconds)
        self.last = self.began + IMPORT_SECONDS
        self.ours = monitoring.get_tool(TOOL) is None
        if self.ours:
            monitoring.use_tool_id(TOOL, "cnnlab")
            self._call_back(self._seen_from())
            monitoring.set_events(TOOL, sum(getattr(monitoring.events, event) for event in EVENTS))

    def __exit__(self, *_: object) -> None:
        if self.ours:
            monitoring.set_events(TOOL, 0)
            self._call_back(None)
            monitoring.free_tool_id(TOOL)
        self._before = None

    @staticmethod
    def _call_back(function: Callable | None) -> None:
        for event in EVENTS:
            monitoring.register_callback(TOOL, getattr(monitoring.events, event), function)

    def _seen_from(self) -> Callable:
        """What is called at each jump and start; all that it needs lies near, since it is called very often."""
        theirs, seldom = _Files(self.learners), itertools.cycle([True] + [False] * (SELDOM - 1))
        nowhere_else, clock = monitoring.DISABLE, time.perf_counter

        def at(code: CodeType, offset: int, destination: int = 0) -> object:
            if not theirs[code.co_filename]:
                return nowhere_else  # this place is not asked about again
            if self.over or (next(seldom) and clock() >= self.look):
                self._time_is_up(clock(), sys._getframe(1))
            return None

        return at

    def _time_is_up(self, now: float, frame: FrameType) -> None:
        """After a while: is a function at work that is known not to come back? At the end, and from then on: stop."""
        if self.over:
            raise Stopped
        at_work = list(frames_of(frame, self.learners))
        if self._before is None and now < self.end:
            self._before, self.look = at_work, self.end
            self.over = any(one.f_code in endless for one in at_work)
        elif in_import(frame) and now < self.last:
            self.look = self.end = now + self.seconds  # one that is stopped half-way leaves a broken package behind
        else:
            self.over = True
            all_the_time = (one for one in at_work if any(one is other for other in self._before or ()))
            endless.extend(one.f_code for one in itertools.islice(all_the_time, 1))  # the innermost
        if self.over:
            raise Stopped
