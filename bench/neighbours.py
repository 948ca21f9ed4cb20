"""Eight honest submissions beside each attack on what they share: their points, and the processor's seconds they take.

    .venv/bin/python bench/neighbours.py [--only WORD] [--write]

Nothing that a submission does may slow or change a neighbour. Seconds are the workers' own, not the clock's: several
submissions on few processors wait for each other, whoever they are. `--write` makes docs/neighbours.md.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from cnnlab.course.grading.judge import judge  # noqa: E402
from cnnlab.course.grading.reader import read_submission  # noqa: E402
from cnnlab.course.grading.release import Release, load_release  # noqa: E402
from cnnlab.course.grading.sandbox import Limits, WorkerPool, WorkerProcess, innermost  # noqa: E402
from tests.course.grading.hostile import FILE, LESSON, MOST, Attack, Handed, load, released  # noqa: E402

NEIGHBOURS = 8
KIND = "shared kernel"
LIMITS = Limits(cell_seconds=3, call_seconds=2, cpu_seconds=30, total_seconds=60)
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True)
class Measured:
    """The points of each neighbour, and the processor's seconds of each one's worker from its start to its end."""

    points: list[float]
    seconds: list[float]


class _Counted(WorkerPool):
    """A pool whose workers' seconds are noted when they end."""

    def __init__(self, imports: tuple[str, ...], limits: Limits):
        super().__init__(imports, limits, waiting=1)
        self.seconds: list[float] = []

    def take(self, bare: bool = False) -> WorkerProcess:
        worker = super().take(bare)
        end = worker.end

        def counted() -> None:
            self.seconds.append(_processor_seconds(worker.pid))
            end()

        worker.end = counted  # ty: ignore[invalid-assignment]
        return worker


def _processor_seconds(pid: int) -> float:
    """Of the innermost process below this one: the worker, inside its sandbox."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{innermost(pid)}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    return float("nan")


def small_release(folder: Path) -> Release:
    """The small lesson of the hostile corpus, released into a folder."""
    path = folder / "notebooks" / LESSON / FILE
    path.parent.mkdir(parents=True)
    Handed(released()).place(path)
    return load_release(path)


def beside(release: Release, attack: Attack | None) -> Measured:
    """Grade eight honest submissions at once, beside this attack (None: alone), which begins first and is begun anew
    until they are done."""
    done = threading.Event()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(NEIGHBOURS + 1) as threads:

        def graded(name: str, make: Callable[[Handed], None]) -> tuple[float, float]:
            path = Path(folder) / name / LESSON / FILE
            path.parent.mkdir(parents=True, exist_ok=True)
            handed = Handed(released())
            make(handed)
            handed.place(path)
            with _Counted(release.imports, LIMITS) as pool:
                points = judge(release, list(read_submission(path, release).cells), pool, "secret").points
            return points, sum(pool.seconds)

        def attacked(attack: Attack) -> None:
            while not done.is_set():
                graded("mallory", attack.make)

        attacking = [threads.submit(attacked, attack)] if attack else []
        honest = [threads.submit(graded, f"neighbour-{k}", Handed.right) for k in range(NEIGHBOURS)]
        found = [one.result() for one in honest]
        done.set()
        for one in attacking:
            one.result()
    return Measured([points for points, _ in found], [seconds for _, seconds in found])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--only", default="", help="attacks whose name has this word")
    arguments.add_argument("--write", action="store_true", help="write docs/neighbours.md")
    given = arguments.parse_args()
    attacks = [attack for attack in load() if attack.kind == KIND and given.only in attack.name]
    with tempfile.TemporaryDirectory() as folder:
        release = small_release(Path(folder))
        rows = []
        for attack in (None, *attacks, None):
            found = beside(release, attack)
            points = "all" if set(found.points) == {MOST} else str(found.points)
            name, mean = attack.name if attack else "nothing", statistics.mean(found.seconds)
            rows.append(f"| {name} | {points} | {mean:.2f} | {max(found.seconds):.2f} |")
            print(rows[-1], flush=True)
    if given.write:
        head = [
            "# Neighbours of attacks",
            "",
            f"{NEIGHBOURS} honest submissions, graded at once beside each attack on what all submissions share, which",
            "is begun anew until they are done: do they get their points, and what does grading one cost? Seconds are",
            "the processor's, of the worker from its start to its end; most go to the import of NumPy. The first and",
            "the last line are the same eight alone. Made by `bench/neighbours.py --write`.",
            "",
            "| beside | their points | seconds, the mean | the most |",
            "|---|---|---|---|",
        ]
        (ROOT / "docs" / "neighbours.md").write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
