"""The same judge on a dask.distributed cluster: cells out, verdicts back.

Files stay here: this process reads the submissions and writes notebooks, records and the gradebook. The machines of the
cluster need cnnlab, the lesson's packages and bubblewrap. A task whose machine is lost runs again on another one; since
only this process writes, nothing is written twice.
"""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cnnlab.course.grading.apart import Apart, Died, Ended
from cnnlab.course.grading.grader import Grader, make_pool
from cnnlab.course.grading.judge import Judgement, SubmittedCell, judge
from cnnlab.course.grading.reader import Submission
from cnnlab.course.grading.records import Record, cells_digest, ingredients
from cnnlab.course.grading.release import Release
from cnnlab.course.grading.sandbox import Limits, NoSandbox, WorkerPool
from cnnlab.settings import Trouble

if TYPE_CHECKING:
    from distributed import Client, Future

TIMEOUT = 20  # seconds for the scheduler to answer
AHEAD = 4  # tasks in flight for each thread of the cluster
LIVES = 4  # how many machines one submission may lose


def on_cluster(grader: Grader, scheduler: str, students: Sequence[str], again: bool) -> Iterator[Record]:
    """Records as they are ready. Raises Trouble where the scheduler is not there or no machine of it can judge."""
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise Trouble("--scheduler needs dask.distributed.", "pip install distributed") from None
    try:
        client = Client(scheduler, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise Trouble(f"No scheduler answers at {scheduler}: {error}", "Start one: `dask scheduler`.") from None
    with client, Apart(grader) as apart:
        threads = sum(client.nthreads().values())
        if not threads:
            raise Trouble(f"The scheduler at {scheduler} has no workers.", "Start some: `dask worker ADDRESS`.")
        queue, sent = iter(students), {}
        ready = as_completed(loop=client.loop)
        running = 0
        while True:
            while running < AHEAD * threads and (student := next(queue, None)) is not None:
                digest = grader.file_digest(student)
                try:
                    submission, record = apart.do(Grader.read, student)
                except (Ended, Died) as lost:
                    yield _lost(grader, student, digest, lost)
                    continue
                kept = None if again or record.refused else grader.verdicts.find(submission.cells)
                if kept is not None or record.refused:
                    yield _finished(apart, submission, record, kept, kept is not None, 0.0)
                    continue
                future = _send(client, grader, submission, again)
                if future.key in sent:  # two submissions with the same cells are judged once
                    sent[future.key].append((submission, record))
                    continue
                sent[future.key] = [(submission, record)]
                ready.add(future)
                running += 1
            if not running:
                return
            future = next(ready)
            running -= 1
            yield from _received(apart, future, sent.pop(future.key))


def _send(client: Client, grader: Grader, submission: Submission, again: bool) -> Future:
    content = grader.key + cells_digest(submission.cells) + (str(time.time()) if again else "")
    return client.submit(
        judge_here,
        Orders(grader.release, grader.limits, grader.settings.sandbox, grader.settings.preload),
        list(submission.cells),
        grader.secret,
        ingredients(grader.release.imports),
        key=f"cnnlab-{hashlib.sha256(content.encode()).hexdigest()}",
        retries=LIVES,
        pure=False,
    )


def _lost(grader: Grader, student: str, digest: str, lost: Exception) -> Record:
    if isinstance(lost, Ended):
        return grader.ended(student, str(lost), digest)
    return grader.failed(student, "The process that reads and writes died over this submission.")


def _finished(apart: Apart, submission: Submission, record: Record, *verdict: object) -> Record:
    """The record, written apart: what is cleaned and written is the learner's."""
    try:
        return apart.grader.own(apart.do(Grader.finish, submission, record, *verdict))
    except (Ended, Died) as lost:
        return _lost(apart.grader, record.student, record.file_digest, lost)
    except OSError as error:
        return apart.grader.failed(record.student, error)


def _received(apart: Apart, future: Future, waiting: list[tuple[Submission, Record]]) -> Iterator[Record]:
    try:
        fields = future.result()
        if "ended" in fields:
            for _, record in waiting:
                yield apart.grader.ended(record.student, fields["ended"], record.file_digest)
            return
        judgement = Judgement.from_dict(fields)
    except NoSandbox as error:
        raise Trouble(f"A machine of the cluster can not judge: {error}") from None
    except OtherJudge as error:
        raise Trouble(str(error), "Install what this machine has there, and start its workers again.") from None
    except Exception as error:  # the judge's own, or KilledWorker
        for _, record in waiting:
            yield apart.grader.failed(record.student, error)
        return
    for submission, record in waiting:
        yield _finished(apart, submission, record, judgement, False, judgement.seconds)


class OtherJudge(Exception):
    """A machine that might decide otherwise: its verdicts are no verdicts of this one's."""


@dataclass(frozen=True)
class Orders:
    """What a machine needs to know in order to judge: plain data."""

    release: Release
    limits: Limits
    sandbox: bool
    preload: tuple[str, ...]


class FarJudge:
    """As much of a Grader as can be where no files are: a release and its workers."""

    def __init__(self, settings: Orders):
        self.settings = settings
        self.release = settings.release
        self.lesson = settings.release.lesson
        for module in settings.preload:
            __import__(module)

    @cached_property
    def pool(self) -> WorkerPool:
        """The workers, started when the first is needed. Raises NoSandbox."""
        return make_pool(self.release, self.settings.limits, self.settings.sandbox, waiting=1)

    def close(self) -> None:
        """End the workers."""
        if "pool" in self.__dict__:
            self.pool.close()

    def judge(self, cells: list[SubmittedCell], secret: str) -> dict:
        """The verdict on one submission, as plain data."""
        return judge(self.release, cells, self.pool, secret).as_dict()


_here = threading.local()  # .orders and .apart: each thread of a machine keeps a judging process of its own


def judge_here(orders: Orders, cells: list[SubmittedCell], secret: str, wanted: dict[str, str]) -> dict:
    """On a machine of the cluster: the verdict on one submission, or {"ended": of what} where it took too much.

    wanted: what decides on the machine that asks. Raises OtherJudge where something else would decide here.
    """
    here = ingredients(orders.release.imports)
    other = [f"{name} {here.get(name, 'none')} for {wanted[name]}" for name in wanted if here.get(name) != wanted[name]]
    if other:
        raise OtherJudge(
            f"A machine of the cluster, {socket.gethostname()}, has {', '.join(other)}: it judges nothing."
        )
    if getattr(_here, "orders", None) != orders:
        if hasattr(_here, "apart"):
            _here.apart.end()
        _here.apart, _here.orders = Apart(FarJudge(orders)), orders
    try:
        return _here.apart.do(FarJudge.judge, cells, secret)
    except Ended as ended:
        return {"ended": str(ended)}
