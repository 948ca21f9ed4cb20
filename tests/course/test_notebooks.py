"""The notebooks themselves: solutions replayed by nbval, the learner's run from top to bottom with nothing solved."""

import subprocess
import sys
import time

import nbformat
import pytest
from nbclient import NotebookClient

from cnnlab import check
from cnnlab.course.folder import Folder
from tests.course.conftest import REPOSITORY

COURSE = Folder(REPOSITORY)
LESSONS = COURSE.lessons
GENEROUS = 5  # times a notebook's own limit: a busy machine is no defect

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def limit(lesson):
    return GENEROUS * COURSE.toml["lessons"][lesson].get("seconds", 60)


@pytest.mark.parametrize("lesson", LESSONS)
def test_nbval_replays_the_solution(lesson, tmp_path):
    call = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--nbval-lax"]
    call += ["--nbval-current-env", "--nbval-cell-timeout=120", "-o", "addopts=", str(COURSE.solution(lesson))]
    run = subprocess.run(call, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=limit(lesson))
    assert run.returncode == 0, run.stdout[-4000:]


@pytest.fixture(scope="module")
def unsolved(tmp_path_factory):
    """Each learner's notebook after "Run all", with the seconds it took."""
    ran = {}

    def run(lesson):
        if lesson not in ran:
            notebook = nbformat.read(COURSE.release(lesson), as_version=4)
            folder = tmp_path_factory.mktemp(lesson)
            client = NotebookClient(
                notebook,
                kernel_name="python3",
                timeout=120,
                resources={"metadata": {"path": str(folder)}},
                extra_arguments=["--log-level=ERROR"],
            )
            begun = time.perf_counter()
            client.execute()  # an error in any cell but a check raises
            ran[lesson] = notebook, time.perf_counter() - begun, list(folder.iterdir())
        return ran[lesson]

    return run


def checks(notebook):
    return [cell for cell in notebook.cells if cell.id.startswith("check-")]


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_check_says_calmly_that_nothing_is_solved_yet(lesson, unsolved):
    notebook, _, _ = unsolved(lesson)
    assert len(checks(notebook)) == sum(len(exercise.parts) for exercise in check.exercises(lesson))
    for cell in checks(notebook):
        errors = [output for output in cell.outputs if output.output_type == "error"]
        assert [error.ename for error in errors] == ["CheckFailed"], cell.id
        assert "not solved yet" in errors[0].evalue
        assert len(errors[0].traceback) <= 4  # the message alone, no stack
        assert not any(output.get("name") == "stderr" for output in cell.outputs)


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_other_cell_raises_or_warns(lesson, unsolved):
    notebook, _, _ = unsolved(lesson)
    for cell in notebook.cells:
        if cell.cell_type == "code" and not cell.id.startswith("check-"):
            for output in cell.outputs:
                assert output.output_type != "error", f"{cell.id}: {output.get('evalue')}"
                assert output.get("name") != "stderr", f"{cell.id}: {output.get('text')}"


@pytest.mark.parametrize("lesson", LESSONS)
def test_an_unsolved_lesson_leaves_no_files_and_runs_in_time(lesson, unsolved, capsys, record_property):
    _, took, left = unsolved(lesson)
    record_property("seconds", round(took, 1))
    with capsys.disabled():
        print(f"\n{lesson}: the learner's notebook runs in {took:.1f} s")
    assert left == []
    assert took < limit(lesson)
