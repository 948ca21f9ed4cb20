"""What runs lessons without a network really has none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUNNER = Path(__file__).with_name("run_without_network.py")


def test_the_runner_refuses_where_there_is_a_network():
    if os.name != "posix" or not Path("/proc/net/route").exists() or os.geteuid() != 0:
        pytest.skip("the loopback device can only be touched by root, on Linux")
    if len(Path("/proc/net/route").read_text().splitlines()) < 2:
        pytest.skip("this machine itself has no network")
    environment = {k: v for k, v in os.environ.items() if k != "CNNLAB_TEST_NETWORK"}
    run = subprocess.run([sys.executable, RUNNER], env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "would prove nothing" in run.stderr
