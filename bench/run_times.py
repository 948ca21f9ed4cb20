"""How long the lessons that train take from top to bottom, solved, and with nothing shortened, against the contract.

    python bench/run_times.py [--only 08 09] [--write]        (08 to 11: about ten minutes; quiet, please)

Seconds of the wall clock and of the processor, in one table, which --write puts into docs/run_times.md. The tests run
these notebooks as a rehearsal; the others they run whole, and hold the processor's seconds against the contract.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from ladders import machine

from cnnlab.course.folder import Folder

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "run_times.md"
TRAIN = ("08", "09", "10", "11")
RUNNER = ROOT / "tests" / "setup" / "run_without_network.py"
HEAD = """# How long the lessons that train take

Written by `python bench/run_times.py --write`: each solved notebook from top to bottom, as "Run all" does it, on
{where}, torch {torch}. The contract is what course.toml promises on two cores, 60 s where it
says nothing. (Lessons 00 to 07 are run whole by every `make test`, which holds them to theirs.)

| lesson | seconds | of the processor | contract |
|---|---:|---:|---:|
"""


def run_time(notebook):
    """(seconds, seconds of the processor) of one notebook; ends the bench where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CNNLAB_TEST_NETWORK": "as-it-is"}
        environment.pop("CNNLAB_REHEARSAL", None)
        call = [sys.executable, str(RUNNER), "run", str(notebook), f"{folder}/out.ipynb"]
        run = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"{notebook.name} does not run:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    return tuple(map(float, re.search(r"([\d.]+) s, ([\d.]+) s of the processor", run.stdout).groups()))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", nargs="+", default=TRAIN, help="the beginnings of lessons' names")
    options.add_argument("--write", action="store_true", help="write docs/run_times.md")
    options = options.parse_args()
    course, rows = Folder(ROOT), []
    for lesson in course.lessons:
        if lesson.startswith(tuple(options.only)):
            seconds, processors = run_time(course.solution(lesson))
            contract = course.toml["lessons"][lesson].get("seconds", 60)
            rows.append(f"| {lesson} | {seconds:.0f} | {processors:.0f} | {contract} |")
            print(rows[-1], flush=True)
    if options.write:
        here = machine(torch.device("cpu"))
        where = f"{here['cores']} cores of {here['cpu']} ({here['processor']})"
        PAGE.write_text(HEAD.format(where=where, torch=here["torch"]) + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
