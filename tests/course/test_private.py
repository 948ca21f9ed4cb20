"""What is for the instructor alone is made closed, is said where it lies open, and is closed by a release."""

import os
import re
import stat
import subprocess
import sys

import pytest

from cnnlab.course import doctor, private
from cnnlab.course.grading import lockdown
from cnnlab.course.grading.sandbox import NoSandbox
from cnnlab.files import PRIVATE, make_folder, write_whole
from tests.course.conftest import REPOSITORY

pytestmark = pytest.mark.skipif(os.name == "nt", reason="permissions there are others")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A clone's folder: what git and other tools made, open to all."""
    for folder in ("solutions", "notebooks", "submitted"):
        (tmp_path / folder).mkdir(mode=0o755)
    for file in ("course.toml", "gradebook.db", "gradebook-2026.db", "grades.csv"):
        (tmp_path / file).touch()
        (tmp_path / file).chmod(0o644)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", sorted(PRIVATE))
def test_folders_for_one_alone_are_made_so_and_no_others(name, tmp_path):
    before = os.umask(0)
    try:
        make_folder(tmp_path / name / "01" / "ada")
        write_whole(tmp_path / "notebooks" / "01" / "a.txt", "x")
        write_whole(tmp_path / "b" / name / "a.txt", "x")
    finally:
        os.umask(before)
    assert mode(tmp_path / name) == mode(tmp_path / "b" / name) == 0o700
    assert mode(tmp_path / "notebooks") == 0o777


def test_a_folder_in_the_way_of_a_file_is_an_error(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(OSError, match="a"):
        make_folder(tmp_path / "a" / "b")


def test_what_is_open_is_said_with_its_remedy(course):
    assert {one.says for one in private.open_to_others(course)} == {
        *("solutions/ (mode 755)", "submitted/ (mode 755)"),
        *("gradebook.db (mode 644)", "gradebook-2026.db (mode 644)", "grades.csv (mode 644)"),
    }
    told = doctor.private()
    assert f"chmod 700 {course / 'solutions'}" in [finding.remedy for finding in told]
    assert f"chmod 600 {course / 'gradebook.db'}" in [finding.remedy for finding in told]
    assert not any(finding.problem for finding in told)


def test_it_is_closed_and_then_all_is_well(course):
    told = private.close(course)
    assert "others could look into solutions/ (mode 755); now it is yours alone" in told
    assert (mode(course / "solutions"), mode(course / "gradebook.db")) == (0o700, 0o600)
    assert mode(course / "notebooks") == 0o755
    assert private.close(course) == []
    assert [finding.says for finding in doctor.private()] == ["solutions, gradebook and secrets are yours alone"]


def test_what_a_team_writes_to_is_said_and_left(course):
    (course / "solutions").chmod(0o2770)
    told = [line for line in private.close(course) if "solutions" in line]
    assert len(told) == 1
    assert "your group may write there" in told[0]
    assert mode(course / "solutions") == 0o2770


def test_what_can_not_be_closed_is_said(course, monkeypatch):
    def chmod(self, mode):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.chmod", chmod)
    assert "can not be closed (Operation not permitted)" in private.close(course)[0]


def test_learners_hear_nothing_of_it(course):
    os.rmdir(course / "solutions")
    assert doctor.private() == []


def test_the_doctor_says_where_nothing_can_be_locked_in(course, monkeypatch):
    monkeypatch.setattr(doctor, "require_bubblewrap", lambda: "/usr/bin/bwrap")
    monkeypatch.setattr(doctor.sys, "platform", "linux")
    monkeypatch.setattr(lockdown, "missing", lambda: "there is no list of system calls for riscv64")
    assert "riscv64" in doctor.sandbox()[0].says

    def refuse():
        raise NoSandbox("apt-get install bubblewrap")

    monkeypatch.setattr(doctor, "require_bubblewrap", refuse)
    assert "apt-get install bubblewrap" in doctor.sandbox()[0].remedy
    monkeypatch.setattr(doctor.sys, "platform", "darwin")
    assert "Linux" in doctor.sandbox()[0].says


@pytest.mark.slow
def test_the_command_says_both(course):
    command, ours = [sys.executable, "-m", "cnnlab", "doctor"], {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, env=ours)
    assert "others on this machine may look into solutions/ (mode 755)" in run.stdout
    assert re.search(r"sandbox .*lock", run.stdout)
