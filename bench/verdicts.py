"""Every known mistake's verdict, written down, and two such files beside each other: is every word still the same?

    .venv/bin/python bench/verdicts.py write BEFORE [--lessons 01 02] [--exercises conv2d]
    .venv/bin/python bench/verdicts.py compare BEFORE AFTER

BEFORE and AFTER are folders with a file for each exercise: its names, sentences and parts in their order, the cases and
right values of three seeds, what each known mistake gives for each case, and the message it gets. For whoever rewrites
a table or the engine and means to change nothing. Only what AFTER has is looked at; exit status 1 where it differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab import check
from cnnlab.check import subject
from cnnlab.check.exercise import Bench, Exercise, bench_for
from cnnlab.check.plain import is_tensor
from cnnlab.check.report import failure_text

SEEDS = (None, 1, 2)  # the notebook's own, and two others


def told(value: Any) -> str:
    """Plain data as text, floats to six digits."""
    if is_tensor(value):
        return f"tensor {told(np.asarray(value))}"
    if isinstance(value, np.ndarray):
        numbers = [f"{n:.6g}" for n in value.ravel()] if value.dtype.kind in "fc" else value.ravel().tolist()
        return f"{value.dtype}{value.shape}{value.strides if value.size < 100 else ''}{numbers}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {told(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}({', '.join(map(told, value))})"
    if callable(value):
        return "a function"
    return f"{value:.6g} (float)" if isinstance(value, float) else repr(value)


def digest(value: Any) -> str:
    return hashlib.blake2b(told(value).encode(), digest_size=6).hexdigest()


def declared(exercise: Exercise) -> dict:
    """What stands in the declaration, in its order."""
    parts = [[part.name, part.points, part.tests, part.look] for part in exercise.parts]
    return {"parts": parts, "rows": [[mistake.name, mistake.says] for mistake in exercise.mistakes]}


def cases(bench: Bench) -> list[list]:
    """Each case's note and the digests of its arguments and of the right value."""
    found = []
    for k, case in enumerate(bench.cases):
        about = (case.results, getattr(case.raises, "__name__", ""))
        found.append([case.note, digest((case.args, case.kwargs, about)), digest(bench.expected(k))])
    return found


def results(bench: Bench, number: int) -> list[str]:
    """What known mistake `number` does on each case: "" where that passes, else its digest."""
    found = []
    for k in range(len(bench.cases)):
        attempt = bench.mistaken(number, k)
        trouble = attempt.answer.trouble
        passes = attempt.failure is None
        found.append("" if passes else trouble.error if trouble is not None else digest(attempt.got))
    return found


def verdicts(exercise: Exercise) -> dict:
    """Of an exercise everything that a learner, or the grader, can notice."""
    found: dict[str, Any] = {"declared": declared(exercise), "cases": {}, "results": {}, "messages": {}}
    for part in exercise.parts:
        for seed in SEEDS:
            bench = bench_for(exercise, part, exercise.seed(part) if seed is None else seed)
            where = f"{part.name} ({'notebook' if seed is None else seed})"
            found["cases"][where] = cases(bench)
            for number, mistake in enumerate(exercise.mistakes):
                found["results"].setdefault(mistake.name, {})[where] = results(bench, number)
                if seed is None:
                    verdict = exercise.run_mistake(part, number)
                    text = "passes" if verdict.passed else failure_text(verdict, ())
                    found["messages"].setdefault(mistake.name, {})[part.name] = text
    return found


def write(folder: Path, lessons: list[str], exercises: list[str]) -> None:
    subject.name_of = lambda thing: "your function"  # what a row of the table is called is nobody's business
    folder.mkdir(parents=True, exist_ok=True)
    for lesson in lessons or check.lessons():
        for name in check.names(lesson):
            if not exercises or name in exercises:
                text = json.dumps(verdicts(check.exercise(name)), indent=1, ensure_ascii=False)
                (folder / f"{name}.json").write_text(text, encoding="utf-8")
                print(lesson, name, flush=True)


def differences(before: Any, after: Any, where: str = "") -> list[str]:
    """The places where two nested structures differ, each with what stands there."""
    if isinstance(before, dict) and isinstance(after, dict) and list(before) == list(after):
        return [line for key in before for line in differences(before[key], after[key], f"{where} / {key}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [line for k in range(len(before)) for line in differences(before[k], after[k], f"{where} / {k}")]
    return [] if before == after else [f"{where}\n    before: {before}\n    after:  {after}"]


def compare(before: Path, after: Path) -> bool:
    """Print what differs; is it nothing?"""
    found = []
    for path in sorted(after.glob("*.json")):
        old, new = (json.loads((folder / path.name).read_text(encoding="utf-8")) for folder in (before, after))
        lines = differences(old, new, path.stem)
        print(f"{path.stem:28s} {len(old['messages']):4d} known mistakes, {len(lines)} differences")
        found += lines
    print(*found, sep="\n")
    return not found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = options.add_subparsers(dest="verb", required=True)
    writing, comparing = verbs.add_parser("write"), verbs.add_parser("compare")
    writing.add_argument("folder", type=Path)
    writing.add_argument("--lessons", nargs="+", default=[])
    writing.add_argument("--exercises", nargs="+", default=[])
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    options = options.parse_args()
    if options.verb == "write":
        write(options.folder, options.lessons, options.exercises)
    else:
        sys.exit(not compare(options.before, options.after))


if __name__ == "__main__":
    main()
