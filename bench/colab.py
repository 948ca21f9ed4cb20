"""Every lesson in an environment like Colab's, from its set-up cell to its end: writes docs/colab.md.

    CNNLAB_DATA=… .venv/bin/python bench/colab.py [--only 04 05] [--home FOLDER]

Takes 5 GB in FOLDER (a temporary one by default) and twenty minutes. What a lesson is compared with is its notebook in
solutions/: no cell may raise, every check may pass, and what a cell with `output="exact"` prints is the same.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from cnnlab import settings  # noqa: E402
from tests.setup import colab  # noqa: E402

PAGE = ROOT / "docs" / "colab.md"
SECONDS = 600  # for a cell: ends what hangs
DATA = {name: value for name, value in os.environ.items() if name == "CNNLAB_DATA"}
EXACT = "nbval-check-output"
TEXT = """\
# Every lesson on Colab

An environment with the packages that Colab has (August 2026), a package called `google.colab`, and nothing of the
course: each lesson's notebook with solutions was run from its set-up cell, which installs the course from a wheel, to
its end. {what}

| package | version |
|---|---|
{packages}

| lesson | cells | checks passed | printed as in the notebook | widgets | seconds | |
|---|---|---|---|---|---|---|
{lessons}

{added}

What this is not: Colab itself. No front end showed the widgets, MNIST and CIFAR-10 lay there already, and PyTorch, in
its build for GPUs, found none ({machine}, {when}; the machine was busy with other things, so the seconds are upper
bounds).

Written by `python bench/colab.py`. `tests/setup/test_bootstrap.py` installs the same packages but for PyTorch, and runs
lesson 01 in every `make test`.
"""


def main() -> int:
    options = _options()
    rows, troubles = rows_of(PAGE), []
    with tempfile.TemporaryDirectory() as temporary:
        home = options.home or Path(temporary) / "colab"
        home.mkdir(parents=True, exist_ok=True)
        machine = colab.Machine(home)
        before = machine.frozen()
        wheel = colab.wheel(ROOT, home)
        for lesson in settings.course()["lessons"]:
            if not options.only or lesson.startswith(tuple(options.only)):
                rows[lesson], trouble = run(machine, lesson, wheel)
                print(rows[lesson], flush=True)
                troubles += [f"{lesson}: {trouble}"] if trouble else []
        after = machine.frozen()
    changed = sorted(before - after)
    troubles += [f"changed: {', '.join(changed)}"] if changed else []
    print("\n".join(troubles) or "no trouble")
    added = sorted({line.split("=")[0].split(" ")[0] for line in after - before})
    versions = {"python": machine.version, **colab.PINS}
    PAGE.write_text(
        TEXT.format(
            what="\n".join(troubles) or "None raised, and every check passed.",
            packages="\n".join(f"| {name} | {version} |" for name, version in versions.items()),
            lessons="\n".join(rows[lesson] for lesson in settings.course()["lessons"] if lesson in rows),
            added=f"The set-up cell added {', '.join(added)}, and changed no package that was there.",
            machine=f"{platform.machine()}, {platform.system()}",
            when=date.today().isoformat(),
        ),
        encoding="utf-8",
    )
    return bool(troubles)


def rows_of(page: Path) -> dict[str, str]:
    """The rows of lessons that are on the page already."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    return {name: row for row, name in re.findall(r"^(\| (\d\d_\w+) \|.*)$", text, re.M)}


def run(machine: colab.Machine, lesson: str, wheel: Path) -> tuple[str, str]:
    """A row of the table, and what went wrong."""
    notebook = nbformat.read(ROOT / "solutions" / lesson / f"{lesson}.ipynb", as_version=4)
    expected = {cell.id: _printed(cell) for cell in notebook.cells if EXACT in cell.metadata.get("tags", ())}
    trouble, begun = "", time.monotonic()
    try:
        machine.run(notebook, SECONDS, PRETEND_COLAB="1", CNNLAB_SOURCE=str(wheel), **DATA)
    except CellExecutionError as error:
        trouble = f"{error.ename}: {error.evalue.splitlines()[0] if error.evalue else ''}"
    seconds = time.monotonic() - begun
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    ran = sum(cell.execution_count is not None for cell in cells)
    checks = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
    passed = sum(cell.execution_count is not None and not _raised(cell) for cell in checks)
    same = sum(_printed(cell) == expected[cell.id] for cell in cells if cell.id in expected)
    widgets = sum("widget-view" in str(out.get("data")) for cell in cells for out in cell.get("outputs", ()))
    numbers = [f"{ran} of {len(cells)}", f"{passed} of {len(checks)}", f"{same} of {len(expected)}", str(widgets)]
    other = [cell.id for cell in cells if cell.id in expected and _printed(cell) != expected[cell.id]]
    for name in other:
        print(f"--- {lesson}, {name}: {expected[name]!r}")
        print(f"+++ {_printed(next(cell for cell in cells if cell.id == name))!r}")
    if passed < len(checks) and not trouble:
        trouble = f"{len(checks) - passed} checks did not pass"
    return f"| {lesson} | {' | '.join(numbers)} | {seconds:.0f} | {trouble} |", trouble


def _printed(cell: nbformat.NotebookNode) -> str:
    return "".join(out.get("text", "") or out.get("data", {}).get("text/plain", "") for out in cell.outputs)


def _raised(cell: nbformat.NotebookNode) -> bool:
    return any(out.output_type == "error" for out in cell.outputs)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", metavar="01", help="these alone; the others' rows stay as they are")
    parser.add_argument("--home", type=Path, help="a folder to be made, and kept")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
