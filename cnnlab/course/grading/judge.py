"""The judge: a release and a submission in, a verdict out. It runs outside the sandbox and believes nothing.

The worker runs, in the order of the release, the release's own set-up cells, the solution cells as submitted and the
cells that the learner added. When the walk comes to a check cell, the judge runs the very check that the notebook runs,
with another seed, through the pipe: what comes later in the notebook can not change what that check saw.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

from cnnlab import check
from cnnlab.check.cases import Part
from cnnlab.check.exercise import CheckBroken, Exercise
from cnnlab.check.report import failure_text, passed_line, picture
from cnnlab.check.timelimit import PATIENCE
from cnnlab.check.verdict import Kind, Verdict
from cnnlab.course.grading.release import Release, ReleaseCell
from cnnlab.course.grading.sandbox import Limits, WorkerLost, WorkerPool, WorkerProcess
from cnnlab.course.grading.sandbox_subject import SLACK_SECONDS, SandboxSubject, read_answer

MOST_RESTARTS = 3
LONGEST_MESSAGE = 8_000
HASTE = 4  # once something has not come back, what follows has a quarter of the time; right answers need far less
MOST_SENTENCES = 60  # about cells that raised: two thousand may


@dataclass(frozen=True)
class SubmittedCell:
    """Code as submitted. `grade_id` names the solution cell it is; None for a cell that the learner added, which then
    runs after the release's cell `after` (its index; -1: before all)."""

    source: str
    grade_id: str | None = None
    after: int = -1


@dataclass(frozen=True)
class PartVerdict:
    """What one check cell is worth: points, and what the learner is told."""

    grade_id: str
    exercise: str
    part: str
    points: float
    most: float
    message: str
    kind: str = "passed"
    mistake: str | None = None
    html: str | None = None


@dataclass
class Judgement:
    """The verdict on one submission; `trouble` are sentences about cells that raised and workers that were lost.
    `final` is False where the time ran out: such a verdict is not kept for later."""

    lesson: str
    parts: list[PartVerdict] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    seconds: float = 0.0
    final: bool = True

    @property
    def points(self) -> float:
        """Those of all check cells together."""
        return sum(part.points for part in self.parts)

    def as_dict(self) -> dict:
        """As plain data, for JSON and for other machines."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: dict) -> Judgement:
        """What `as_dict` gave; raises KeyError or TypeError for other fields."""
        others = {name: value for name, value in fields.items() if name != "parts"}
        return cls(parts=[PartVerdict(**part) for part in fields["parts"]], **others)


def part_seed(secret: str, exercise: str, part: str) -> int:
    """The seed of one part's cases, from the instructor's secret: the same for every submission."""
    digest = hashlib.sha256(f"{secret}/{exercise}/{part}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def judge(
    release: Release,
    cells: list[SubmittedCell],
    pool: WorkerPool,
    secret: str,
    watch: Callable[[Verdict], object] = lambda verdict: None,
) -> Judgement:
    """Judge one submission. A pure function of its arguments, but for time that runs out.

    cells: what was submitted, in order. secret: the instructor's, which draws the cases. `watch` hears of every part's
    verdict as the check gave it, with the failing case in it. Whatever the submitted code does becomes points and
    sentences; raises NoSandbox where no worker starts.
    """
    started = time.monotonic()
    judgement = Judgement(release.lesson)
    steps = _steps(release, cells)
    begun = _first(pool, steps)
    with _Session(pool, judgement, watch, steps[:begun]) as session:
        for step in steps[begun:]:
            if step.role == "check":
                judgement.parts.append(_check(step, session, secret))
            else:
                session.run(step)
    judgement.seconds = time.monotonic() - started
    if (more := len(judgement.trouble) - MOST_SENTENCES) > 0:
        judgement.trouble[MOST_SENTENCES:] = [f"And {more:,} more of the kind."]
    return judgement


def _first(pool: WorkerPool, steps: list[ReleaseCell]) -> int:
    """How many of the first steps a worker that waits may have done: all that it can have, or (a cell of the learner's
    own stands between) none."""
    first = [step.source for step in steps[: len(pool.first)] if step.role == "setup"]
    return len(first) if tuple(first) == pool.first else 0


def _steps(release: Release, cells: list[SubmittedCell]) -> list[ReleaseCell]:
    """What to do, in order: the release's cells with the submitted solutions in their places, added cells between."""
    submitted = {cell.grade_id: cell.source for cell in cells if cell.grade_id is not None}

    def added(after: int) -> list[ReleaseCell]:
        here = [cell for cell in cells if cell.grade_id is None and cell.after == after]
        return [ReleaseCell("added", "a cell of the learner's own", cell.source) for cell in here]

    steps = added(-1)
    for index, cell in enumerate(release.cells):
        if cell.role in ("setup", "check"):
            steps.append(cell)
        elif cell.role == "solution" and cell.grade_id in submitted:
            steps.append(ReleaseCell("solution", cell.id, submitted[cell.grade_id], cell.grade_id))
        steps += added(index)
    return steps


def _check(cell: ReleaseCell, session: _Session, secret: str) -> PartVerdict:
    exercise: Exercise = getattr(check, cell.exercise).exercise
    parts = [exercise.part(cell.part)] if cell.part else list(exercise.parts)
    whole = sum(part.points for part in parts)
    verdicts = [_judge_part(exercise, part, session, secret) for part in parts]
    passed = all(v.kind == "passed" for v in verdicts)
    worst = next((v for v in verdicts if v.kind != "passed"), verdicts[-1])
    points = sum(v.points for v in verdicts) / whole * cell.points if whole else cell.points * passed
    message = "\n".join(v.message for v in verdicts) if passed else worst.message
    return replace(
        worst, grade_id=cell.grade_id, part=cell.part or "", points=points, most=cell.points, message=message
    )


def _judge_part(exercise: Exercise, part: Part, session: _Session, secret: str) -> PartVerdict:
    def lost(message: str, kind: str) -> PartVerdict:
        text = f"{exercise.name} · {part.name} · 0 of {part.points:g} points\n\n  {message}"
        return PartVerdict("", exercise.name, part.name, 0.0, part.points, text, kind)

    try:
        subject = session.subject(exercise.name)
        verdict = exercise.run(part, subject, part_seed(secret, exercise.name, part.name))
    except WorkerLost as error:
        session.restart(f"while {exercise.name} was checked ({part.name}): {error}")
        return lost(f"The process that ran this notebook was lost while the check ran: {error}.", "lost")
    except Exception as error:  # a check that stumbles must not stop a batch; whoever made the check has to hear of it
        what = f"{error}" if isinstance(error, CheckBroken) else f"{type(error).__name__}: {error}"
        session.judgement.trouble.append(f"The check of {exercise.name} ({part.name}) failed itself: {what[:300]}.")
        session.judgement.final = False
        return lost("This check is broken, and that is not your mistake. Your instructor has to mend it.", "unjudged")
    session.watch(verdict)
    failure = verdict.failure
    if failure is not None and failure.kind is Kind.ENDLESS:
        session.hurry()
    if failure is None:
        session.passed.setdefault(exercise.name, []).append(part)
        return PartVerdict("", exercise.name, part.name, part.points, part.points, passed_line(verdict))
    if failure.kind is Kind.ABSENT:
        return lost(_absent(exercise, session), "absent")
    mistake = failure.mistake.name if failure.mistake else None
    message = failure_text(verdict, session.passed.get(exercise.name, []), by_hand=False)[:LONGEST_MESSAGE]
    kind = str(failure.kind)
    return PartVerdict("", exercise.name, part.name, 0.0, part.points, message, kind, mistake, picture(verdict))


def _absent(exercise: Exercise, session: _Session) -> str:
    raised = session.raised.get(exercise.name)
    because = f" Its cell {raised}" if raised else ""
    return f"There is no {'table' if exercise.value else 'function'} `{exercise.name}` when the check runs.{because}"


class _Session:
    """A worker with the notebook so far; a new one with the same cells when it is lost."""

    def __init__(
        self, pool: WorkerPool, judgement: Judgement, watch: Callable[[Verdict], object], first: list[ReleaseCell]
    ):
        self.pool, self.judgement, self.watch, self.bare = pool, judgement, watch, not first
        self.limits: Limits = pool.limits
        self.end = time.monotonic() + self.limits.total_seconds
        self.done = list(first)
        self.raised: dict[str, str] = {}
        self.passed: dict[str, list[Part]] = {}
        self.restarts = 0
        self.worker: WorkerProcess | None = None

    def __enter__(self) -> _Session:
        return self

    def __exit__(self, *error: object) -> None:
        if self.worker is not None:
            self.worker.end()

    def subject(self, name: str) -> SandboxSubject:
        return SandboxSubject(self._living(), name, self.limits)

    def run(self, cell: ReleaseCell) -> None:
        """Run one cell; its error is noted, and the rest goes on."""
        try:
            problem = self._run(self._living(), cell)
        except WorkerLost as error:
            self.restart(f"in {_place(cell)}: {error}")
            return
        self.done.append(cell)
        if problem and cell.role != "setup":
            self.judgement.trouble.append(f"{_place(cell)} {problem}")
            if cell.grade_id:
                self.raised[cell.grade_id] = problem

    def _run(self, worker: WorkerProcess, cell: ReleaseCell) -> str | None:
        seconds = self.limits.cell_seconds
        message = {"do": "run", "code": cell.source, "seconds": seconds}
        answer = read_answer(worker.ask(message, PATIENCE * seconds + SLACK_SECONDS, most=0), "it")
        if answer.endless:
            self.hurry()
        return answer.problem and answer.problem.removeprefix("`it` ")

    def hurry(self) -> None:
        """An endless function that others call costs its limit once, and not once for each of them."""
        whole = self.pool.limits
        self.limits = replace(whole, cell_seconds=whole.cell_seconds / HASTE, call_seconds=whole.call_seconds / HASTE)

    def _living(self) -> WorkerProcess:
        self._in_time()
        if self.worker is None:
            if self.restarts > MOST_RESTARTS:
                raise WorkerLost("it was lost too often before")
            self.worker = self.pool.take(self.bare)
            for cell in self.done[self.worker.begun :]:
                self._run(self.worker, cell)
                self._in_time()
        return self.worker

    def _in_time(self) -> None:
        if time.monotonic() > self.end:
            self.judgement.final = False
            raise WorkerLost(f"the time for this submission ({self.limits.total_seconds:g} s) was up")

    def restart(self, why: str) -> None:
        """End the worker; the next question gets a new one, in which the cells that went well run again."""
        self.judgement.trouble.append(f"The process was lost {why}.")
        self.judgement.final = self.judgement.final and "time was up" not in why
        if self.worker is not None:
            self.worker.end()
        self.worker = None
        self.restarts += 1


def _place(cell: ReleaseCell) -> str:
    return f"the cell of {cell.grade_id}" if cell.grade_id else cell.id
