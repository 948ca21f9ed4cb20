"""How fast is grading? Stock `nbgrader autograde` and ours on the same submissions, in one run.

    python bench/grading.py [--numpy 100] [--small 20] [--torch 30] [--growth 100 300 1000] [--workers 2] [--write]

Prints Markdown; --write puts it into docs/grading_speed.md. Stock grades one after the other, as it does; ours uses
--workers judging processes. A submission with an endless loop is in the class for ours alone: stock would wait for
every check that calls it until its time-out, and that would be most of its time.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import psutil
from nbgrader.api import Gradebook

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "bench")]
LESSON, TORCH = "01_convolution", "90_torch"
STOCK = """
c = get_config()
c.CourseDirectory.course_id = "cnnlab"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
"""


def make_course(root: Path, lesson: str, count: int, endless: int) -> Path:
    """A course folder with one lesson, its gradebook begun, and a class of submissions."""
    import class_of
    import torch_lesson

    from cnnlab.course import rounds
    from cnnlab.course.folder import Folder

    root.mkdir(parents=True)
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    toml = (REPOSITORY / "course.toml").read_text(encoding="utf-8")
    toml += f'\n[lessons.{TORCH}]\ntitle = "Three functions on tensors"\nimports = ["numpy", "torch"]\n'
    (root / "course.toml").write_text(toml, encoding="utf-8")
    if lesson == TORCH:
        torch_lesson.write_lesson(root)
    else:
        for folder in ("solutions", "notebooks"):
            source = REPOSITORY / folder / lesson / f"{lesson}.ipynb"
            (root / folder / lesson).mkdir(parents=True)
            shutil.copy(source, root / folder / lesson)
    rounds.release_lesson(Folder(root.resolve()), lesson)
    if lesson == TORCH:
        for k in range(count):
            class_of.hand_in(root, lesson, f"student-{k:04}", torch_lesson.submission(root, k))
    else:
        class_of.hand_in_class(root, lesson, count, endless)
    return root.resolve()


def twin_of(root: Path, without: int) -> Path:
    """The same course for stock nbgrader, with its own settings, without the last `without` submissions."""
    twin = root.with_name(root.name + "-stock")
    shutil.copytree(root, twin, ignore=shutil.ignore_patterns(".cnnlab", "autograded", "feedback"))
    (twin / "nbgrader_config.py").write_text(STOCK, encoding="utf-8")
    students = sorted((twin / "submitted").iterdir())
    for folder in students[len(students) - without :]:
        shutil.rmtree(folder)
    return twin


def stock(root: Path, lesson: str) -> float:
    """Seconds that `nbgrader autograde` takes for all."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[:2])}
    begun = time.monotonic()
    call = [sys.executable, "-m", "nbgrader", "autograde", lesson]
    subprocess.run(call, cwd=root, env=environment, capture_output=True, check=False)
    return time.monotonic() - begun


OURS = """
import sys
from pathlib import Path
from cnnlab.course.grading import beforehand
if __name__ == "__main__":
    beforehand.begin(sys.argv[2], ["torch"] if sys.argv[4:] else [], sys.argv[4:])
from cnnlab.course.grading.batch import grade_all, submissions
from cnnlab.course.grading.grader import Round
if __name__ == "__main__":
    root, lesson, workers, preload = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), tuple(sys.argv[4:])
    outcome = grade_all(Round(root, lesson, preload=preload), list(submissions(root, lesson)), workers=workers)
    assert not outcome.failed, outcome.failed
"""


def ours(root: Path, lesson: str, workers: int) -> tuple[float, float]:
    """Seconds for all, start of the command included, and the most memory of its processes together, in MB.

    Workers in their sandboxes are not counted: they have a limit of their own.
    """
    script = root / ".bench.py"
    script.write_text(OURS, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[:2])}
    preload = ["torch_lesson"] if lesson == TORCH else []
    begun = time.monotonic()
    call = [sys.executable, str(script), str(root), lesson, str(workers), *preload]
    process = subprocess.Popen(call, env=environment)
    most = 0.0
    while process.poll() is None:
        most = max(most, _memory(process.pid))
        time.sleep(0.5)
    assert process.returncode == 0
    return time.monotonic() - begun, most


def _memory(pid: int) -> float:
    """MB of a process and its judging processes: what is theirs alone, shared pages counted once each."""
    total = 0.0
    try:
        process = psutil.Process(pid)
        for one in [process, *process.children(recursive=True)]:
            if "bwrap" not in one.name() and "worker.py" not in " ".join(one.cmdline()):
                total += one.memory_full_info().pss / 1e6
    except (psutil.Error, AttributeError):
        pass
    return total


def scores(root: Path, lesson: str) -> dict[str, float]:
    with Gradebook(f"sqlite:///{root}/gradebook.db", "cnnlab") as gradebook:
        found = gradebook.notebook_submissions(lesson, lesson)
        return {row.student.id: row.code_score for row in found}


def stages(root: Path, lesson: str, count: int = 24) -> dict[str, float]:
    """Milliseconds a submission, by what is done, one after the other in one process."""
    from cnnlab.course.grading import grader as grading
    from cnnlab.course.grading import judge as judging
    from cnnlab.course.grading.gradebook import Writer
    from cnnlab.course.via_nbgrader import config

    spent: dict[str, float] = defaultdict(float)

    def timed(owner: object, name: str, stage: str) -> None:
        original = getattr(owner, name)

        def wrapped(*args: object, **kwargs: object) -> object:
            begun = time.perf_counter()
            try:
                return original(*args, **kwargs)
            finally:
                spent[stage] += time.perf_counter() - begun

        setattr(owner, name, wrapped)

    timed(grading.Grader, "read", "read and repair the file")
    timed(judging.WorkerPool, "take", "wait for a worker")
    timed(judging._Session, "_run", "run cells in the worker")
    timed(judging, "_check", "checks: calls, oracle, diagnosis")
    timed(grading.Grader, "finish", "write the notebook and the record")
    grader = grading.Grader(grading.Round(root, lesson, preload=("torch_lesson",) if lesson == TORCH else ()))
    students = sorted(folder.name for folder in (root / "submitted").iterdir())[: count + 2]
    for student in students[:2]:
        grader.grade(student, again=True)
    spent.clear()
    records = [grader.grade(student, again=True) for student in students[2:]]
    settings = config(root)
    settings.CourseDirectory.root = str(root)
    begun = time.perf_counter()
    with Writer(root, lesson, grader.release, settings) as writer:
        writer.enter(records)
    spent["enter into the gradebook"] = time.perf_counter() - begun
    grader.close()
    return {stage: 1000 * seconds / len(records) for stage, seconds in spent.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--numpy", type=int, default=100)
    parser.add_argument("--small", type=int, default=20)
    parser.add_argument("--torch", type=int, default=30)
    parser.add_argument("--growth", type=int, nargs="*", default=[100, 300, 1000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    lines = ["# How fast grading is", "", f"Measured by `bench/grading.py` on {_machine()}.", ""]
    with tempfile.TemporaryDirectory() as folder:
        for stage in (_against_stock, _growth):
            found = stage(Path(folder), asked)
            print("\n".join(found), flush=True)
            lines += found
    if asked.write:
        (REPOSITORY / "docs" / "grading_speed.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _machine() -> str:
    busy = os.getloadavg()[0]
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("nbgrader", "numpy", "torch"))
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, load {busy:.1f} before it began, Python {platform.python_version()}, {packages}"


def _against_stock(folder: Path, asked: argparse.Namespace) -> list[str]:
    rows, tables = [], []
    for lesson, count, endless in ((LESSON, asked.numpy, 1), (LESSON, asked.small, 1), (TORCH, asked.torch, 0)):
        if not count:
            continue
        root = make_course(folder / f"{lesson}-{count}", lesson, count, endless)
        twin = twin_of(root, endless)
        our_seconds, _ = ours(root, lesson, asked.workers)
        stock_seconds = stock(twin, lesson)
        theirs, mine = scores(twin, lesson), scores(root, lesson)
        differ = sum(theirs[student] != mine[student] for student in theirs)
        ratio = (stock_seconds / len(theirs)) / (our_seconds / count)
        speeds = f"{len(theirs) / stock_seconds:.2f} | {count / our_seconds:.2f} | **{ratio:.1f}×**"
        rows.append(f"| {lesson} | {count} | {speeds} | {len(theirs) - differ} of {len(theirs)} |")
        if lesson not in dict(tables):
            tables.append((lesson, stages(root, lesson)))
    lines = [
        "## Against stock nbgrader",
        "",
        "Submissions per second, start of the command included. The class: all right, half right, untouched and",
        "mistaken in equal shares; in lesson 01 the last one has an endless loop, for ours alone. Stock grades one",
        "after the other.",
        "",
        "| lesson | submissions | stock, per second | ours, per second | ratio | same scores |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        "## Where the time goes",
        "",
        "Milliseconds for one submission, one after the other in one process.",
        "",
    ]
    for lesson, spent in tables:
        lines += [f"| {lesson} | ms |", "|---|---|"]
        lines += [f"| {stage} | {spent[stage]:.1f} |" for stage in sorted(spent, key=spent.get, reverse=True)]
        lines += [f"| together | {sum(spent.values()):.1f} |", ""]
    return lines


def _growth(folder: Path, asked: argparse.Namespace) -> list[str]:
    if not asked.growth:
        return []
    rows = []
    for count in asked.growth:
        root = make_course(folder / f"growth-{count}", LESSON, count, 0)
        seconds, memory = ours(root, LESSON, asked.workers)
        again, _ = ours(root, LESSON, asked.workers)
        rows.append(f"| {count} | {seconds:.0f} s | {count / seconds:.2f} | {again:.0f} s | {memory:.0f} MB |")
        shutil.rmtree(root)
    return [
        "## Growth",
        "",
        f"Lesson 01, ours, {asked.workers} judging processes. Memory is that of the command and its judging processes",
        "together (proportional share); each sandboxed worker has a limit of its own beside it.",
        "",
        "| submissions | time | per second | the same command again | memory |",
        "|---|---|---|---|---|",
        *rows,
        "",
    ]


if __name__ == "__main__":
    main()
