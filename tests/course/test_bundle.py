"""The learner's half in one zip: no solutions, no instructor's tools, and it works by itself."""

import os
import re
import subprocess
import sys
import zipfile

import pytest

from cnnlab import __version__
from cnnlab.course import build as building
from cnnlab.course import leaks
from cnnlab.course.bundle import write_bundle
from cnnlab.course.folder import Folder
from cnnlab.settings import Trouble
from tests.course.conftest import LESSON, REPOSITORY


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_bundle(Folder(REPOSITORY), tmp_path_factory.mktemp("bundle") / "course.zip")


@pytest.fixture(scope="module")
def unpacked(bundle, tmp_path_factory):
    folder = tmp_path_factory.mktemp("learner")
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    return folder / f"cnnlab-{__version__}"


def names(bundle):
    with zipfile.ZipFile(bundle) as archive:
        return [name.split("/", 1)[1] for name in archive.namelist()]


def test_it_has_what_a_learner_needs(bundle):
    needed = {"Makefile", "README.md", "requirements.lock", "pyproject.toml", "course.toml", "scripts/set-up"}
    needed |= {f"notebooks/{lesson}/{lesson}.ipynb" for lesson in Folder(REPOSITORY).lessons}
    needed |= {"cnnlab/__init__.py", "cnnlab/cli.py", "cnnlab/check/__init__.py", "docs/learner.md"}
    assert needed <= set(names(bundle))


def test_it_has_nothing_that_is_the_instructors(bundle):
    ours = (
        "solutions/",
        "cnnlab/course/",
        "tests/",
        "nbgrader_config.py",
        "gradebook",
        "submitted/",
        "docs/kill_matrix",
    )
    assert [name for name in names(bundle) if name.startswith(ours)] == []


def test_it_has_no_clutter(bundle):
    assert [name for name in names(bundle) if "__pycache__" in name or "/." in name] == []


def test_every_link_in_it_leads_to_a_file_that_is_there_or_to_the_repository(unpacked):
    seen = set()
    for page in unpacked.rglob("*.md"):
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
            seen.add(target)
    assert {"docs/learner.md", "third_evening.md"} <= seen


def test_no_notebook_in_it_leaks(bundle):
    course = Folder(REPOSITORY)
    with zipfile.ZipFile(bundle) as archive:
        for lesson in course.lessons:
            name = f"cnnlab-{__version__}/notebooks/{lesson}/{lesson}.ipynb"
            text = archive.read(name).decode()
            assert leaks.in_text(text, building.notebook_at(course.solution(lesson))) == []


def test_the_same_course_gives_the_same_zip(bundle, tmp_path):
    assert write_bundle(Folder(REPOSITORY), tmp_path / "again.zip").read_bytes() == bundle.read_bytes()


def run(folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    call = [sys.executable, *arguments]
    return subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_the_package_in_it_imports(unpacked):
    done = run(unpacked, "-c", "import cnnlab.check, cnnlab.figures; print(cnnlab.__file__)")
    assert done.stdout.strip() == str(unpacked / "cnnlab" / "__init__.py"), done.stderr


def test_its_commands_are_the_learners(unpacked):
    assert run(unpacked, "-m", "cnnlab", "lab", "--help").returncode == 0
    listed = run(unpacked, "-m", "cnnlab", "--help").stdout
    assert "doctor" in listed
    assert "grade" not in listed


def test_the_script_that_sets_up_may_be_run(bundle):
    with zipfile.ZipFile(bundle) as archive:
        entry = archive.getinfo(f"cnnlab-{__version__}/scripts/set-up")
    whole = (REPOSITORY / "scripts" / "set-up").stat().st_mode
    assert bool(entry.external_attr >> 16 & 0o100) == bool(whole & 0o100)


def test_a_leak_is_not_bundled(built):
    path = built.course.release(LESSON)
    path.write_text(path.read_text().replace("Two functions", "twofold = x + x"))
    with pytest.raises(Trouble, match="a line of the solution 'double'"):
        write_bundle(built.course)
    assert not (built.root / "dist").exists()


def test_a_lesson_that_is_not_built_is_not_bundled(built):
    built.course.release(LESSON).unlink()
    with pytest.raises(Trouble, match="is not there"):
        write_bundle(built.course)
