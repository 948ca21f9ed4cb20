"""Every notebook, run with the network cut: handed out, without the data sets, and solved, with those that are here."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from cnnlab import check
from cnnlab.course.folder import Folder

REPOSITORY = Path(__file__).parents[2]
RUNNER = REPOSITORY / "tests" / "setup" / "run_without_network.py"
COURSE = Folder(REPOSITORY)
CORES = 2  # the contract's seconds are those of two cores
WITH_DATA = ("08_mnist", "09_cifar10", "11_architectures")
TRAIN = ("08_mnist", "09_cifar10", "10_inside", "11_architectures")  # rehearsed here; whole: bench/run_times.py
# Cells that take seconds and name no function of the learner's: they run in the solution, and not a second time.
RUN_SOLVED = {
    "06_alexnet": ["06-an-alexnet-that-learns-while-you-watch-6"],
    "07_blocks": ["07-1-a-deep-network-that-does-not-learn-6", "07-exercise-2-1-7", "07-exercise-4-1-5"],
    "08_mnist": [
        "08-three-ways-to-take-a-step-2",
        *(f"08-7-over-fitting-on-purpose-{k}" for k in (2, 4)),
        *(f"08-9-tools-of-every-day-{k}" for k in (8, 10)),
    ],
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def no_network():
    """The call that starts a program without a network; None where this machine does not allow it."""
    for call in (["unshare", "-n"], ["unshare", "-rn"]):
        tried = shutil.which("unshare") and subprocess.run([*call, "true"], capture_output=True, check=False)
        if tried and tried.returncode == 0:
            return call
    return None


def executed(how, notebook, folder, data=True, rehearsal=False, without=()):
    """Run a copy of a notebook, but for the cells `without`; its seconds of the processor, the file it wrote, and what
    else is in its folder.

    rehearsal: data sets are a fortieth and trainings a tenth of themselves.
    """
    (folder / "room").mkdir()
    copy = Path(shutil.copy(notebook, folder / "room"))
    if without:
        found = nbformat.read(copy, as_version=4)
        found.cells = [cell for cell in found.cells if cell.id not in without]
        nbformat.write(found, copy)
    environment = {**os.environ, "HOME": str(folder), "IPYTHONDIR": str(folder / "ipython")}
    environment |= {"XDG_CACHE_HOME": str(folder / "cache")}
    if rehearsal:
        environment["CNNLAB_REHEARSAL"] = "1"
    if not data:
        environment.pop("CNNLAB_DATA", None)
    cut = no_network()
    if cut is None:
        environment["CNNLAB_TEST_NETWORK"] = "as-it-is"
    call = [*(cut or []), sys.executable, str(RUNNER), how, str(copy), str(folder / "out")]
    run = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-4000:]
    seconds = float(re.search(r"([\d.]+) s of the processor", run.stdout)[1])
    return seconds, folder / "out", [path.name for path in (folder / "room").iterdir() if path != copy]


def in_time(lesson, seconds):
    """Held by the processor's time, which a busy machine does not change."""
    contract = COURSE.toml["lessons"][lesson].get("seconds", 60)
    assert seconds <= CORES * contract, f"{seconds} s of the processor; the contract has {contract} s on {CORES} cores"


def offline():
    if no_network() is None:
        pytest.skip("it ran, but with the network: unshare -n is not there or not permitted")


@pytest.mark.parametrize("lesson", COURSE.lessons)
def test_the_learners_notebook_runs_with_nothing_solved(lesson, tmp_path):
    """As on a fresh machine without a network: no data sets. With them nothing but the solutions' cells differs."""
    without = RUN_SOLVED.get(lesson, ())
    _, out, left = executed("run", COURSE.release(lesson), tmp_path, data=False, rehearsal=True, without=without)
    cells = [cell for cell in nbformat.read(out, as_version=4).cells if cell.cell_type == "code"]
    checks = [cell for cell in cells if cell.id.startswith("check-")]
    assert len(checks) == sum(len(exercise.parts) for exercise in check.exercises(lesson))
    for cell in checks:
        errors = [output for output in cell.outputs if output.output_type == "error"]
        assert [error.ename for error in errors] == ["CheckFailed"], cell.id
        assert "not solved yet" in errors[0].evalue
        assert len(errors[0].traceback) <= 4  # the message alone, no stack
    for cell in cells:
        for output in cell.outputs:
            assert output.get("name") != "stderr", f"{cell.id}: {output.get('text')}"
            assert cell in checks or output.output_type != "error", f"{cell.id}: {output.get('evalue')}"
    assert left == []
    offline()


@pytest.mark.parametrize("lesson", RUN_SOLVED)
def test_what_is_run_solved_alone_needs_nothing_solved(lesson):
    cells = {cell.id: cell.source for cell in nbformat.read(COURSE.release(lesson), as_version=4).cells}
    for id in RUN_SOLVED[lesson]:
        names = {node.id for node in ast.walk(ast.parse(cells[id])) if isinstance(node, ast.Name)}
        assert names.isdisjoint(check.names(lesson)), id


@pytest.mark.parametrize("lesson", COURSE.lessons)
def test_the_solution_runs_as_it_was_built(lesson, tmp_path):
    """nbval holds the outputs against those that are kept, and the seconds are held against the contract, where nothing
    trains. A lesson that was built with data sets which are not here only runs."""
    how = "nbval" if lesson not in WITH_DATA or os.environ.get("CNNLAB_DATA") else "run"
    rehearsal = lesson in TRAIN
    seconds, _, left = executed(how, COURSE.solution(lesson), tmp_path, rehearsal=rehearsal)
    assert left == []
    if not rehearsal:
        in_time(lesson, seconds)
    offline()
