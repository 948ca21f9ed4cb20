"""scripts/set-up with a Python that only pretends: what it says, and that nothing half-made counts as made."""

import os
import re
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.skipif(
    os.name != "posix", reason="scripts/set-up is for make; Windows has `uv run cnnlab lab`"
)

# Answers what the script asks a Python or uv, and writes down that it was asked.
PRETENDER = """#!/bin/sh
echo "$*" >> "$LOG"
case "$1" in
  --version) echo "Python $VERSION" ;;
  -c) case "$2" in
        *version_info\\ \\<*) [ "$VERSION" != 3.9.18 ] ;;
        *ensurepip*) [ -z "${NO_VENV:-}" ] ;;
        *print*) echo 3.12 ;;
      esac ;;
  -m) case "$2" in
        venv) mkdir -p "$3/bin"; for name in python uv pip; do cp "$0" "$3/bin/$name"; done ;;
      esac ;;
  --quiet) [ -z "${BROKEN:-}" ] ;;
esac
"""


@pytest.fixture
def place(tmp_path, repository):
    """An empty clone in a folder with a space, and a PATH whose only Python is the pretender."""
    home = tmp_path / "my clone"
    (home / "scripts").mkdir(parents=True)
    shutil.copy(repository / "scripts/set-up", home / "scripts")
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(repository / name, home)
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in ("sh", "dirname", "pwd", "cat", "awk", "mkdir", "rm", "mv", "cp", "chmod", "printf"):
        if shutil.which(tool):
            (programs / tool).symlink_to(shutil.which(tool))
    for name in ("python3", "python3.9"):
        (programs / name).write_text(PRETENDER)
        (programs / name).chmod(0o755)
    return home


def set_up(home, **settings):
    log = home.parent / "log"
    log.write_text("")
    environment = {"PATH": str(home.parent / "bin"), "LOG": str(log), "VERSION": "3.12.4", **settings}
    run = subprocess.run(["sh", "scripts/set-up"], cwd=home, env=environment, capture_output=True, text=True)
    return run, log.read_text()


def test_a_first_call_makes_the_environment_and_a_second_does_nothing(place):
    run, asked = set_up(place)
    assert run.returncode == 0, run.stderr
    assert "--require-hashes requirements.lock" in asked
    assert "--no-deps --no-build-isolation --editable ." in asked
    run, asked = set_up(place)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert "pip" not in asked


def test_uv_comes_at_the_version_and_with_the_hashes_of_the_lock(place):
    set_up(place)
    wanted = (place / ".venv/uv.txt").read_text()
    assert wanted.startswith("uv==")
    assert wanted.count("--hash=sha256:") > 3
    assert len([line for line in wanted.splitlines() if "==" in line]) == 1


def test_python_too_old_is_said_with_what_to_do(place):
    run, _ = set_up(place, VERSION="3.9.18")
    assert run.returncode == 1
    assert "needs Python 3.11 or newer" in run.stderr
    assert "Python 3.9.18" in run.stderr
    assert "PYTHON=" in run.stderr
    assert not (place / ".venv").exists()


def test_a_python_that_is_named_is_the_only_one_tried(place):
    run, _ = set_up(place, PYTHON="/no/such/python")
    assert run.returncode == 1
    assert "/no/such/python" in run.stderr


def test_debian_without_venv_gets_its_remedy(place):
    run, _ = set_up(place, NO_VENV="1")
    assert run.returncode == 1
    assert "sudo apt install python3.12-venv" in run.stderr


def test_an_interrupted_set_up_is_begun_again(place):
    run, _ = set_up(place, BROKEN="1")
    assert run.returncode != 0
    assert not (place / ".venv/.ready").exists()
    (place / ".venv/half-installed").touch()
    run, asked = set_up(place)
    assert run.returncode == 0
    assert "-m venv" in asked
    assert not (place / ".venv/half-installed").exists()


def test_a_new_lock_is_installed_into_the_same_environment(place):
    set_up(place)
    (place / ".venv/mine").touch()
    later = (place / ".venv/.ready").stat().st_mtime + 10
    os.utime(place / "requirements.lock", (later, later))
    run, asked = set_up(place)
    assert run.returncode == 0
    assert "pip sync" in asked
    assert (place / ".venv/mine").exists()


def test_a_clone_that_was_moved_is_set_up_anew(place):
    set_up(place)
    moved = place.rename(place.with_name("elsewhere"))
    run, asked = set_up(moved)
    assert run.returncode == 0
    assert "-m venv" in asked


def test_help_is_what_make_says_by_default(repository):
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    said = subprocess.run(["make"], cwd=repository, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^  make ([a-z-]+) ", said, re.M))
    assert targets >= {"lab", "reset", "doctor", "build", "check", "test"}
    assert targets >= {"release", "grade", "feedback", "bundle", "clean", "help"}
