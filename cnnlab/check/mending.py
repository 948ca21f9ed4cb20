"""The line that mends a known mistake: written by whoever has just named it, and judged as the check judges.

What it is depends on what the exercise asks for: an expression for what a function returns, an expression for a row of
a table, or a line that changes a model. A loop that trains has none: no single line puts a zero_grad into it.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import CodeType
from typing import Any

import numpy as np

from cnnlab.check.exercise import bench_for
from cnnlab.check.riddles import Riddle
from cnnlab.check.subject import NotebookSubject
from cnnlab.check.verdict import Failure, Kind, Verdict

AN_EXPRESSION = "Now write the one line that mends it: an expression for"


@dataclass(frozen=True)
class Mending:
    """asks: what to write, and which names it may use; judge(line): the verdict on it, which raises SyntaxError."""

    asks: str
    judge: Callable[[str], Verdict]


def mending(riddle: Riddle) -> Mending | None:
    """How the mistake of a riddle is mended; None where no line can."""
    exercise, case = riddle.verdict.exercise, riddle.verdict.failed.case
    if exercise.value:
        return _of_a_row(riddle)
    if exercise.builds:
        return _of_a_model(riddle)
    if (exercise.bound or exercise.like) and case.raises is None:
        return _of_a_result(riddle)
    return None


def _of_a_result(riddle: Riddle, gives_wrong: bool = True) -> Mending:
    """An expression in place of what somebody's function returned; `wrong`, which is that, is not known where it is
    right and what they did besides is not."""
    like, theirs = _signature(riddle), riddle.mistake.function
    gives_wrong = gives_wrong and riddle.verdict.exercise.bound
    names = ", ".join(like.parameters)

    def mended(code: CodeType, args: tuple, kwargs: dict) -> Any:
        known = {**_tools(riddle), "theirs": theirs, **({"wrong": _wrong(theirs, args, kwargs)} if gives_wrong else {})}
        return eval(code, {**known, **_bound(like, args, kwargs)})

    def judge(line: str) -> Verdict:
        return _tried(riddle, _expression(line), mended)

    if gives_wrong and judge("wrong").passed:
        return _of_a_result(riddle, gives_wrong=False)
    knows = [*filter(None, [names]), *_tools(riddle), *(["wrong, which is what came back"] if gives_wrong else [])]
    asks = f"{AN_EXPRESSION} the right result. It knows {'; '.join(knows)}; and theirs({names}), the function itself."
    return Mending(asks, judge)


def _of_a_model(riddle: Riddle) -> Mending | None:
    """A line that changes the model that somebody's function built; None where the fault is not in the model."""
    like, theirs = _signature(riddle), riddle.mistake.function
    case = riddle.verdict.failed.case

    def built(args: tuple, kwargs: dict) -> Any:
        return copy.deepcopy(theirs(*args, **kwargs))  # some mistakes keep theirs

    def mended(code: CodeType, args: tuple, kwargs: dict) -> Any:
        known = {**_tools(riddle), **_bound(like, args, kwargs), "model": built(args, kwargs)}
        exec(code, known)
        return known["model"]

    def judge(line: str) -> Verdict:
        return _tried(riddle, compile(line.strip(), "your line", "exec"), mended)

    if judge("pass").passed:
        return None
    shown = f"{built(riddle.verdict.exercise.handed(case)[0], dict(case.kwargs))}".replace("\n", "\n    ")
    asks = (
        f"Now write the one line that mends it. It knows {'; '.join([*like.parameters, *_tools(riddle)])}; and model, "
        "which is what they built. It changes that, or says what it shall be: model = …\nHere it is, printed:\n\n"
        f"    {shown}\n"
    )
    return Mending(asks, judge)


def _of_a_row(riddle: Riddle) -> Mending:
    """An expression for the first row that is wrong in somebody's table; the rows before it are right."""
    exercise, shown, table = riddle.verdict.exercise, riddle.verdict.failed.case, riddle.mistake.function
    assert isinstance(table, dict)
    rows = {name: replace(shown, kwargs={"rows": {name: row}}) for name, row in shown.kwargs["rows"].items()}
    name, case = next((name, case) for name, case in rows.items() if exercise.differs(case, None, table))

    def judge(line: str) -> Verdict:
        known = {**_tools(riddle), "wrong": table[name], "theirs": table}
        code = _expression(line)
        answer = NotebookSubject(lambda: eval(code, known)).call()
        failure = None
        if answer.trouble is not None:
            failure = Failure(Kind(answer.trouble.kind), answer.problem or "", case, trouble=answer.trouble)
        elif found := exercise.differs(case, None, {**table, name: answer.value}):
            failure = Failure(Kind(found.kind), found.sentence, case, found)
        return Verdict(exercise, riddle.verdict.part, 1, int(failure is None), failure)

    knows = f"np; wrong, which is {table[name]!r}; and theirs, the table, a dict"
    return Mending(f"{AN_EXPRESSION} its row “{name}”. It knows {knows}.", judge)


def _tried(riddle: Riddle, code: CodeType, mended: Callable[[CodeType, tuple, dict], Any]) -> Verdict:
    """The verdict on a mended function: on the case that is shown, and all others of the part on which the mistake
    fails."""

    def your_line(*args: Any, **kwargs: Any) -> Any:
        return mended(code, args, kwargs)

    exercise, part = riddle.verdict.exercise, riddle.verdict.part
    bench = bench_for(exercise, part, exercise.seed(part))
    number, subject = exercise.mistakes.index(riddle.mistake), NotebookSubject(your_line)
    attempts = enumerate(bench.attempts(subject))
    tried = [attempt for k, attempt in attempts if bench.mistaken(number, k).failure is not None]
    tried.sort(key=lambda attempt: attempt.case is not riddle.verdict.failed.case)
    bad = [attempt for attempt in tried if attempt.failure is not None]
    return Verdict(exercise, part, len(tried), len(tried) - len(bad), bad[0].failure if bad else None)


def _expression(line: str) -> CodeType:
    return compile(line.strip().removeprefix("return ").strip(), "your line", "eval")


def _signature(riddle: Riddle) -> inspect.Signature:
    """Of a learner's function."""
    exercise = riddle.verdict.exercise
    right = exercise.like if exercise.binding is None else exercise.binding.function
    assert right is not None
    found = inspect.signature(right)
    own = [parameter for parameter in found.parameters.values() if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]
    return found.replace(parameters=own)


def _bound(like: inspect.Signature, args: tuple, kwargs: dict) -> dict[str, Any]:
    bound = like.bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.arguments


def _tools(riddle: Riddle) -> dict[str, Any]:
    """NumPy, and where the exercise is about torch that instead."""
    exercise = riddle.verdict.exercise
    if not exercise.like:
        return {"np": np}
    import torch

    return {"torch": torch, "nn": torch.nn}


def _wrong(theirs: Callable, args: tuple, kwargs: dict) -> Any:
    """What somebody's function gives, which may write into what it gets; None where it raises."""
    try:
        return theirs(*copy.deepcopy(args), **copy.deepcopy(kwargs))
    except Exception:
        return None
