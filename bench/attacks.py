"""What stock nbgrader gives each attack of the hostile corpus, beside what the judge gives: writes docs/attacks.md.

    .venv/bin/python bench/attacks.py [--jobs 2] [--only WORD]

Stock nbgrader runs inside bubblewrap, on a throw-away copy of a course, without a network, for at most 75 s an attack.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from cnnlab.course.grading.judge import judge  # noqa: E402
from cnnlab.course.grading.reader import read_submission  # noqa: E402
from cnnlab.course.grading.release import load_release  # noqa: E402
from cnnlab.course.grading.sandbox import NAMESPACES, Limits, WorkerPool  # noqa: E402
from tests.course.grading.hostile import (  # noqa: E402
    CANARY,
    FILE,
    LEFT_BEHIND,
    LESSON,
    RIGHT,
    Attack,
    Handed,
    load,
    released,
)

CAP_SECONDS = 75
# attacks that harm nobody but themselves, so that stock nbgrader may have them in one batch, as it would
TOGETHER = (
    "inspection",
    "lying values",
    "markup",
    "patched libraries",
    "timing",
    "network",
    "forged frames",
    "the judges own time",
    "shared kernel",
)
CONFIG = """
c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
"""
NBGRADER = "import sys; from nbgrader.apps.nbgraderapp import main; sys.exit(main())"
LIMITS = Limits(cell_seconds=3, call_seconds=1.5, cpu_seconds=30, total_seconds=12)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("--only", default="", help="attacks whose class or name has this word")
    arguments.add_argument("--keep", type=Path, help="JSON file with stock's results so far, to go on after a break")
    arguments.add_argument("--out", type=Path, default=ROOT / "docs" / "attacks.md")
    given = arguments.parse_args()
    attacks = [a for a in load() if given.only in f"{a.kind} {a.name}"]
    kept = json.loads(given.keep.read_text()) if given.keep and given.keep.exists() else {}
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(given.jobs) as jobs:
        course = make_course(Path(scratch) / "course")
        print(f"stock nbgrader: {stock_results(course, [HONEST], Path(scratch))}", flush=True)

        def keep(results: dict[str, str]) -> None:
            kept.update(results)
            for name, result in results.items():
                print(f"{name}: {result}", flush=True)
            if given.keep:
                given.keep.write_text(json.dumps(kept))

        waiting = [a for a in attacks if a.name not in kept]
        groups = [[a for a in waiting if a.kind == kind and not a.slow] for kind in TOGETHER]
        for results in jobs.map(lambda group: stock_results(course, group, Path(scratch)), filter(None, groups)):
            keep(results)
        alone = [[a] for a in waiting if a.name not in kept]
        for results in jobs.map(lambda group: stock_results(course, group, Path(scratch)), alone):
            keep(results)
        stock = [kept[a.name] for a in attacks]
        ours = our_results(course, attacks, Path(scratch))
    given.out.write_text(page(attacks, stock, ours), encoding="utf-8")
    print(f"wrote {given.out}")


HONEST = Attack("honest", "honest", "", Handed.right, 6.0)


def make_course(root: Path) -> Path:
    """A course whose release nbgrader made from a solution notebook with the same cells."""
    source = Handed(released())
    for name, solution in RIGHT.items():
        source.solve(name, solution)
        head, *body = source.cell(name)["source"].split("\n")
        marked = [head, "    ### BEGIN SOLUTION", *body, "    ### END SOLUTION", f"# {CANARY}"]
        source.cell(name)["source"] = "\n".join(marked)
    path = root / "solutions" / LESSON / FILE
    path.parent.mkdir(parents=True)
    source.write(path)
    (root / "nbgrader_config.py").write_text(CONFIG)
    run = nbgrader(root, CAP_SECONDS, "generate_assignment", LESSON, "--create", "--force")
    if run.returncode:
        raise SystemExit(run.stdout + run.stderr)
    return root


def nbgrader(root: Path, seconds: float, *arguments: str) -> subprocess.CompletedProcess:
    """Stock nbgrader on a course, locked in: this machine read-only, no network, an empty home."""
    base = os.path.realpath(sys.base_prefix)
    command = ["bwrap", *NAMESPACES, "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
    for folder in ("/root", "/home"):
        command += ["--tmpfs", folder] if os.path.isdir(folder) else []
    command += ["--ro-bind", base, base, "--ro-bind", sys.prefix, sys.prefix, "--ro-bind", str(ROOT), str(ROOT)]
    for name, value in {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "HOME": "/tmp",
        "CNNLAB_SECRET": CANARY,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),  # the checks of this clone
    }.items():
        command += ["--setenv", name, value]
    command += ["--bind", str(root), "/mnt", "--chdir", "/mnt"]
    limited = 'ulimit -v 6000000; ulimit -f 400000; exec "$@"'
    command += ["/bin/sh", "-c", limited, "sh", sys.executable, "-c", NBGRADER, *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, None, "", "")


def stock_results(course: Path, attacks: list[Attack], scratch: Path) -> dict[str, str]:
    """What stock nbgrader makes of a batch of attacks, in a few words each; what it did not come to is left out."""
    if len(attacks) == 1 and attacks[0].stock:
        return {attacks[0].name: f"not tried: {attacks[0].stock}"}
    root = Path(tempfile.mkdtemp(dir=scratch)) / "course"
    shutil.copytree(course, root)
    students = {attack.name.replace(" ", "-"): attack for attack in attacks if not attack.stock}
    for student, attack in students.items():
        path = root / "submitted" / student / LESSON / FILE
        path.parent.mkdir(parents=True)
        attack.hand_in(path, json.loads((course / "notebooks" / LESSON / FILE).read_text()))
    seconds = CAP_SECONDS + 15 * (len(students) - 1)
    run = nbgrader(root, seconds, "autograde", LESSON, "--create")
    scores = points(root)
    results = {}
    for student, attack in students.items():
        if (root / "autograded" / student / LESSON / FILE).is_file() and student in scores:
            results[attack.name] = "; ".join([f"{scores[student]:g} points", *harm(root, student)])
        elif len(attacks) == 1:
            stopped = f"still busy after {CAP_SECONDS} s" if run.returncode is None else "stops with an error"
            results[attack.name] = "; ".join([stopped, *harm(root, student)])
    shutil.rmtree(root, ignore_errors=True)
    return results


SCORES = """
select s.student_id, g.manual_score, g.auto_score, g.extra_credit from grade g
join submitted_notebook n on g.notebook_id = n.id join submitted_assignment s on n.assignment_id = s.id
"""


def points(root: Path) -> dict[str, float]:
    """The sum of each student's scores in the gradebook, as nbgrader counts it."""
    with contextlib.closing(sqlite3.connect(f"file:{root}/gradebook.db?mode=ro", uri=True)) as book:
        rows = book.execute(SCORES).fetchall()
    total: dict[str, float] = {}
    for student, manual, auto, extra in rows:
        total[student] = total.get(student, 0) + ((auto if manual is None else manual) or 0) + (extra or 0)
    return total


def harm(root: Path, student: str) -> list[str]:
    """What the attack did besides."""
    notes = []
    made = root / "autograded" / student / LESSON / FILE
    text = made.read_text(errors="replace") if made.is_file() else ""
    cells = json.loads(text)["cells"] if text else []
    output = json.dumps([cell.get("outputs") for cell in cells])
    if CANARY in output:
        notes.append("a secret is in the outputs")
    if any("<script" in "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"):
        notes.append("the script is in the instructor's notebook")
    words = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    if re.search(r"(?:\\|&#92;)(?:href|style)\b", words):
        notes.append("its links and styles are in the instructor's notebook")
    if "text/html" in output and "<script" in output:
        notes.append("the script is in the outputs")
    beside = [p for p in made.parent.rglob("*") if p.is_file() and p != made]
    if any(CANARY in p.read_bytes()[: 1 << 20].decode(errors="replace") for p in beside):
        notes.append("a file of the instructor's is copied for the learner")
    left = [p for p in root.rglob(f"*{LEFT_BEHIND}*") if "submitted" not in p.parts]
    if left:
        notes.append("leaves a file in the course")
    return notes


def our_results(course: Path, attacks: list[Attack], scratch: Path) -> list[str]:
    release = load_release(course / "notebooks" / LESSON / FILE)
    found = []
    with WorkerPool(release.imports, LIMITS) as pool:
        for attack in [HONEST, *attacks]:
            path = scratch / "ours" / attack.name.replace(" ", "-") / LESSON / FILE
            path.parent.mkdir(parents=True)
            attack.hand_in(path)
            started = time.monotonic()
            submission = read_submission(path, release)
            if submission.refused:
                found.append("0 points; refused: " + submission.refused)
                continue
            judgement = judge(release, list(submission.cells), pool, CANARY)
            words = f"{judgement.points:g} points"
            if any("lost" in sentence for sentence in judgement.trouble):
                words += "; its process was ended"
            if (seconds := time.monotonic() - started) > 3:
                words += f"; {seconds:.0f} s"
            found.append(words)
            print(f"{attack.kind}: {attack.name}: {words}", flush=True)
    print(f"honest work, judged: {found[0]}")
    return found[1:]


def page(attacks: list[Attack], stock: list[str], ours: list[str]) -> str:
    worse = sum(more_than_earned(a, s) for a, s in zip(attacks, stock, strict=True))
    lines = [
        "# Attacks, and what they get",
        "",
        f"The {len(attacks)} attacks of `tests/course/grading/hostile/`, each handed in for a small lesson of three",
        "exercises (6 points) and a short answer. *Stock* is nbgrader 0.9.6 as it comes, run in a sandbox of its own",
        f"and stopped after {CAP_SECONDS} s; *ours* is the judge. What an attack honestly earns is 0 points unless its",
        f"line says otherwise. Stock gives {worse} of them points that they did not earn; the judge gives none.",
        "Made by `bench/attacks.py`.",
    ]
    for kind in dict.fromkeys(a.kind for a in attacks):
        lines += ["", f"## {kind.capitalize()}", "", "| attack | tries | stock | ours |", "|---|---|---|---|"]
        for attack, one, other in zip(attacks, stock, ours, strict=True):
            if attack.kind == kind:
                earns = f" (earns {attack.earns:g})" if attack.earns else ""
                cells = [attack.name, attack.tries + earns, one, other]
                lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def more_than_earned(attack: Attack, result: str) -> bool:
    given = result.split(" points")[0]
    return given.replace(".", "", 1).isdigit() and float(given) > attack.earns


if __name__ == "__main__":
    main()
