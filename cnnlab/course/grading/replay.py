"""One exercise of one student judged again, the failing case written out in full: for appeals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cnnlab.check.cases import Case
from cnnlab.check.exercise import Exercise
from cnnlab.check.plain import Foreign
from cnnlab.check.verdict import Verdict
from cnnlab.course.folder import Folder
from cnnlab.course.grading.apart import Apart, Died, Ended
from cnnlab.course.grading.clean import without_escapes
from cnnlab.course.grading.grader import Grader, Round, require_sandbox
from cnnlab.course.grading.judge import Judgement, PartVerdict, judge
from cnnlab.course.grading.records import load_record
from cnnlab.course.grading.sandbox import NoSandbox
from cnnlab.settings import Trouble

ROWS = 40  # of an array that is written out


def replay(course: Folder, student: str, lesson: str, exercise: str | None, sandbox: bool = True) -> Iterator[str]:
    """Lines for a person: every part's verdict, and each failing case with its arguments, what was expected and what
    came. The seed is the instructor's own, so it is the very case that was graded. Raises Trouble."""
    if sandbox:
        require_sandbox()
    with Apart(Grader(Round(course.root, lesson, sandbox))) as apart:
        _require(apart.grader, student, exercise)
        try:
            yield from apart.do(_replayed, student, exercise)
        except NoSandbox as error:
            raise Trouble(str(error)) from None
        except Ended as ended:
            raise Trouble(f"Judging {student}'s notebook {ended}, so it was ended.", "Look at the notebook.") from None
        except Died:
            raise Trouble(f"The judging process died over {student}'s notebook.", "Look at the notebook.") from None


def _require(grader: Grader, student: str, exercise: str | None) -> None:
    names = [cell.exercise for cell in grader.release.with_role("check")]
    if exercise is not None and exercise not in names:
        raise Trouble(
            f"{grader.lesson} has no exercise {exercise!r}.", f"There are: {', '.join(dict.fromkeys(names))}."
        )
    if not grader.submitted(student).parent.is_dir():
        raise Trouble(f"{student} has handed in nothing for {grader.lesson}.", "Is the name as in submitted/?")


def _replayed(grader: Grader, student: str, exercise: str | None) -> list[str]:
    submission, _ = grader.read(student)
    if submission.refused:
        raise Trouble(f"{student}'s notebook can not be read: {submission.refused}", "Ask for it again.")
    seen: list[Verdict] = []
    judgement = judge(grader.release, list(submission.cells), grader.pool, grader.secret, seen.append)
    return list(_lines(grader.course.root, student, grader.lesson, exercise, judgement, seen))


def _lines(
    root: Path, student: str, lesson: str, exercise: str | None, judgement: Judgement, seen: list
) -> Iterator[str]:
    before = load_record(root, lesson, student)
    graded = {part.grade_id: part.points for part in before.parts} if before else {}
    if exercise is None and all(part.kind == "passed" for part in judgement.parts):
        most = sum(part.most for part in judgement.parts)
        yield f"Nothing failed: {student} has {judgement.points:g} of {most:g} points from the checks of {lesson}."
    for part in judgement.parts:
        if part.exercise != exercise if exercise else part.kind == "passed":
            continue
        yield f"{part.exercise}, {part.part}: {part.points:g} of {part.most:g}" + _differs(
            graded.get(part.grade_id), part
        )
        for verdict in seen:
            if verdict.exercise.name == part.exercise and verdict.part.name == (part.part or verdict.part.name):
                yield from _case(verdict)
        yield from ("  " + line for line in without_escapes(part.message).splitlines())
        yield ""
    if judgement.trouble:
        yield "While the notebook ran:"
        yield from (f"  {without_escapes(sentence)}" for sentence in judgement.trouble)


def _differs(before: float | None, part: PartVerdict) -> str:
    if before is None:
        return " (not graded before)"
    return "" if before == part.points else f" (graded before: {before:g}; grade again)"


def _case(verdict: Verdict) -> Iterator[str]:
    failure = verdict.failure
    if failure is None or failure.kind == "unsolved":
        return
    exercise, case = verdict.exercise, failure.case
    yield f"  case: {case.note or 'the smallest that fails'}"
    for k, arg in enumerate(case.args):
        yield from _value(exercise.argument_name(k), arg)
    for name, arg in case.kwargs.items():
        yield from _value(name, arg)
    yield from _value("expected", _expected(exercise, case))
    if failure.difference is not None:
        yield from _value("theirs", failure.difference.got)


def _expected(exercise: Exercise, case: Case) -> object:
    return exercise.expected(case) if case.raises is None else f"{case.raises.__name__}, raised"


def _value(name: str, value: object) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, Foreign):
        value = value.kind
    kind = f" {' × '.join(map(str, value.shape))} {value.dtype}" if isinstance(value, np.ndarray) else ""
    yield f"  {name}{kind}:"
    text = np.array2string(value, threshold=4000, max_line_width=110) if isinstance(value, np.ndarray) else repr(value)
    lines = without_escapes(text).splitlines()
    yield from (f"    {line}" for line in lines[:ROWS])
    if len(lines) > ROWS:
        yield f"    … {len(lines) - ROWS} more lines"
