"""The lessons run where there is no network at all."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cnnlab.settings import lesson_names

RUNNER = Path(__file__).with_name("run_without_network.py")


def unshare():
    """The call that starts a program without a network, or None where this machine does not allow it."""
    for call in (["unshare", "-n"], ["unshare", "-rn"]):
        if (
            shutil.which("unshare")
            and subprocess.run([*call, "true"], capture_output=True, check=False).returncode == 0
        ):
            return call
    return None


@pytest.mark.slow
@pytest.mark.parametrize("lesson", lesson_names())
@pytest.mark.parametrize("room", ["notebooks", "solutions"])
def test_the_lesson_runs_without_a_network(room, lesson, repository, tmp_path):
    call = unshare()
    if call is None:
        pytest.skip("unshare -n is not there or not permitted: no network namespace to run the lessons in")
    copy = shutil.copy(repository / room / lesson / f"{lesson}.ipynb", tmp_path)
    environment = {**os.environ, "HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path / "ipython")}
    environment.pop("CNNLAB_DATA", None)
    run = subprocess.run(
        [*call, sys.executable, RUNNER, copy],
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr[-4000:]
    assert run.stdout.startswith(f"{lesson}.ipynb: ")


def test_the_runner_refuses_where_there_is_a_network():
    if os.name != "posix" or not Path("/proc/net/route").exists() or os.geteuid() != 0:
        pytest.skip("the loopback device can only be touched by root, on Linux")
    if len(Path("/proc/net/route").read_text().splitlines()) < 2:
        pytest.skip("this machine itself has no network")
    run = subprocess.run([sys.executable, RUNNER], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "would prove nothing" in run.stderr
