"""The check engine's Subject over the pipe: a name in the worker's notebook, judged from outside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnnlab.check.plain import plain
from cnnlab.check.subject import Answer, Mishap, Ref
from cnnlab.check.timelimit import PATIENCE
from cnnlab.course.grading.sandbox import Limits, WorkerLost, WorkerProcess
from cnnlab.course.grading.wire import MOST_BODY, Callback

TROUBLES = ("unsolved", "raised", "endless", "absent")
TROUBLE_FIELDS = {
    **{"kind": str, "error": str, "message": str, "line": int, "code": str, "still_running": bool},
    **{"function": str, "bases": tuple, "own": bool},
}
MOST_BASES = 16
LAST_LINE = 1_000_000  # of a cell; the number stands in sentences
SLACK_SECONDS = 3.0  # the worker stops its own calls; past this the judge ends the worker


class SandboxSubject:
    """Speaks to `name` in a worker; the verbs are those of `cnnlab.check.subject`.

    Every one of them raises WorkerLost when the worker is gone: that is the judge's to handle.
    """

    def __init__(self, worker: WorkerProcess, name: str, limits: Limits):
        self.worker, self.name, self.limits = worker, name, limits
        self.room = MOST_BODY

    def call(self, *args: object, **kwargs: object) -> Answer:
        return self._verb("call", args, kwargs)

    def build(self, *args: object, **kwargs: object) -> Answer:
        return self._verb("build", args, kwargs)

    def value(self) -> Answer:
        return self._verb("value", ())

    def model(self, verb: str, ref: Ref, *args: object) -> Answer:
        return self._verb("model", (verb, ref, *args))

    def train(self, recipe: dict) -> Answer:
        return self._verb("train", (recipe,))

    def measure(self, about: dict, args: tuple) -> Answer:
        return self._verb("measure", (about, args))

    def _verb(self, verb: str, args: tuple, kwargs: dict | None = None) -> Answer:
        callbacks = tuple(arg for arg in args if callable(arg))
        sent = tuple(Callback(callbacks.index(arg)) if callable(arg) else arg for arg in args)
        message = {
            "do": "verb",
            "verb": verb,
            "name": self.name,
            "args": sent,
            "kwargs": kwargs or {},
            "seconds": self.limits.call_seconds,
            "room": self.room,
        }
        most = (1 + len(sent) + len(message["kwargs"])) * self.room  # the value, and the arguments as they are now
        said = self.worker.ask(message, PATIENCE * self.limits.call_seconds + SLACK_SECONDS, callbacks, most)
        answer = read_answer(said, self.name)
        given = (*args, *(kwargs or {}).values())
        if not callbacks or len(answer.args) != len(given):
            return answer
        after = [plain(arg) if callable(arg) else now for arg, now in zip(given, answer.args, strict=True)]
        return replace(answer, args=tuple(after))  # a function of the judge's is what it was


def read_answer(message: dict, name: str) -> Answer:
    """An Answer from what the worker said, every field checked for its kind. Raises WorkerLost for other fields."""
    trouble = message.get("trouble")
    if trouble is not None:
        trouble = _read_trouble(trouble)
    args, printed, warnings = message.get("args", ()), message.get("printed", ""), message.get("warnings", ())
    if not isinstance(args, tuple) or not isinstance(printed, str) or not isinstance(warnings, tuple):
        raise WorkerLost("an answer of another form")
    if not all(isinstance(warning, str) for warning in warnings):
        raise WorkerLost("an answer of another form")
    warnings = tuple(_text(warning, 500) for warning in warnings[:20])
    overwrote, seconds = message.get("overwrote") is True, message.get("seconds", 0.0)
    if type(seconds) is not float or not 0 <= seconds < 1e6:
        raise WorkerLost("an answer of another form")
    return Answer(message.get("value"), args, trouble, warnings, _text(printed, 2000), overwrote, name, seconds)


def _text(text: str, longest: int) -> str:
    """Without what a terminal or a page would obey: control characters, and marks that turn the reading direction."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text[:longest])


def _read_trouble(fields: object) -> Mishap:
    if not isinstance(fields, dict) or not set(fields) <= set(TROUBLE_FIELDS):
        raise WorkerLost("a trouble of another form")
    for key, value in fields.items():
        if value is not None and type(value) is not TROUBLE_FIELDS[key]:
            raise WorkerLost("a trouble of another form")
    if fields.get("kind") not in TROUBLES:
        raise WorkerLost("a trouble of another form")
    if not 0 <= (fields.get("line") or 0) <= LAST_LINE:
        raise WorkerLost("a trouble of another form")
    bases = fields.get("bases", ())
    if len(bases) > MOST_BASES or not all(isinstance(base, str) for base in bases):
        raise WorkerLost("a trouble of another form")
    checked: dict[str, Any] = {k: _text(v, 500) if isinstance(v, str) else v for k, v in fields.items()}
    checked["bases"] = tuple(_text(base, 100) for base in bases)
    return Mishap(**checked)
