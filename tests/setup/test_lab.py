"""`cnnlab lab` answers in a browser, on a port that is free."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from cnnlab import lab
from cnnlab.settings import Trouble


@pytest.fixture
def taken():
    """A port at which somebody listens already."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_gives_the_next_free_one(taken):
    assert not lab.port_is_free(taken)
    assert lab.free_port(taken) > taken


def test_a_port_that_is_held_without_an_answer_is_not_free():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        assert not lab.port_is_free(holder.getsockname()[1])


def test_no_free_port_is_said(monkeypatch):
    monkeypatch.setattr(lab, "port_is_free", lambda port: False)
    with pytest.raises(Trouble, match="No port from 8888 to 8937 is free"):
        lab.free_port(8888)


@pytest.mark.parametrize("port", [0, -1, 70000])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(Trouble, match="is not a port"):
        lab.free_port(port)


def test_the_call_opens_lesson_00_and_no_browser_unless_asked(tmp_path):
    (tmp_path / "work/00_start").mkdir(parents=True)
    (tmp_path / lab.FIRST).touch()
    call = lab.command(tmp_path, 8899, browser=False)
    assert "--LabApp.default_url=/lab/tree/work/00_start/00_start.ipynb" in call
    assert "--no-browser" in call
    assert "--no-browser" not in lab.command(tmp_path, 8899, browser=True)


def test_without_lesson_00_it_opens_the_folder(tmp_path):
    assert "--LabApp.default_url=/lab/tree/work" in lab.command(tmp_path, 8899, browser=False)


def fetch(url, seconds=30):
    """The page; the server tells its address a moment before it listens there."""
    end = time.monotonic() + seconds
    while True:
        try:
            return urllib.request.urlopen(url, timeout=seconds).read().decode()
        except urllib.error.URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def cnnlab(folder, *arguments):
    return subprocess.run(
        [".venv/bin/cnnlab", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


posix = pytest.mark.skipif(os.name != "posix", reason="the copy's environment is made of shell scripts")


@posix
@pytest.mark.slow
def test_lab_answers_and_stops_at_ctrl_c(copy_of_repository, taken):
    call = [".venv/bin/cnnlab", "lab", "--no-browser", "--port", str(taken)]
    server = subprocess.Popen(
        call,
        cwd=copy_of_repository,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # in the background it may be ignored
    )
    try:
        said, url = "", None
        while url is None:
            line = server.stdout.readline()
            assert line, f"JupyterLab ended:\n{said}"
            said += line
            url = re.search(r"http://(?:localhost|127\.0\.0\.1):\d+/lab/tree/\S+", line)
        assert f"Port {taken} is taken" in said
        assert "Copied to work/: 00_start/00_start.ipynb" in said
        assert "work/00_start/00_start.ipynb" in url[0]
        page = fetch(url[0])
        assert "JupyterLab" in page
        assert "apputils-extension:announcements" in page, "the question about Jupyter's news is not switched off"
        begun = time.monotonic()
        os.killpg(server.pid, signal.SIGINT)
        time.sleep(0.3)
        os.killpg(server.pid, signal.SIGINT)
        server.wait(20)
        assert time.monotonic() - begun < 20
    finally:
        if server.poll() is None:
            server.kill()
        server.stdout.close()


@posix
@pytest.mark.slow
def test_reset_from_the_command_line_keeps_the_old_copy(copy_of_repository):
    mine = copy_of_repository / "work/01_convolution/01_convolution.ipynb"
    mine.parent.mkdir(parents=True)
    mine.write_text("my work")
    run = cnnlab(copy_of_repository, "reset", "1")
    assert run.returncode == 0, run.stderr
    assert re.search(r"Kept yours as work/01_convolution/01_convolution\.\d{4}-\d\d-\d\d-\d{4}\.ipynb", run.stdout)
    assert "my work" not in mine.read_text()


@posix
@pytest.mark.slow
def test_work_that_cannot_be_written_is_two_lines_and_no_traceback(copy_of_repository):
    (copy_of_repository / "work").write_text("")
    run = cnnlab(copy_of_repository, "lab", "--no-browser")
    assert run.returncode == 1
    assert run.stderr.startswith("cnnlab: I cannot write into ")
    assert "Traceback" not in run.stderr


def test_help_names_the_learners_commands():
    said = subprocess.run([sys.executable, "-m", "cnnlab", "--help"], capture_output=True, text=True, check=True).stdout
    for command in ("lab", "reset", "doctor"):
        assert re.search(rf"^\W*{command}\b", said, re.M)
