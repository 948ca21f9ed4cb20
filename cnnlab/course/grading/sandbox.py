"""Start workers in a sandbox (bubblewrap), talk to them with deadlines, and end them with all they started.

A worker serves one submission and dies. A pool keeps a few waiting, each in a sandbox of its own with NumPy (or torch)
imported already, so that a submission does not wait for that.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cnnlab.check.plain import plain
from cnnlab.course.grading import wire

HERE = Path(__file__).parent
ENGINE = ("__init__", "plain", "subject", "timelimit", "verbs", "measuring", "copies")  # of cnnlab.check, no secrets
BUILT = "cnnlab.built."
GIB = 1 << 30
MOST_THREADS = 64
MOST_FILES = 2_000  # an empty one takes a kilobyte of the kernel's memory, and counts nowhere else
LOOK_SECONDS = 0.05
ENVIRONMENT = {
    **{"PATH": "/nowhere", "HOME": "/tmp", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
    **{"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
}


class WorkerLost(Exception):
    """The worker is gone, or was ended: it said something that is no frame, or nothing in time."""


class NoSandbox(RuntimeError):
    """Submitted code can not be locked in on this machine."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use; seconds are wall clock."""

    cell_seconds: float = 10.0
    call_seconds: float = 4.0
    cpu_seconds: int = 120
    total_seconds: float = 90.0
    memory: int = 2 * GIB
    start_seconds: float = 60.0


def require_bubblewrap() -> str:
    """The path of bwrap. Raises NoSandbox, with the remedy, where submitted code can not be locked in."""
    remedy = (
        "Grading runs code from strangers and needs bubblewrap to lock it in (Debian, Ubuntu: apt-get install "
        "bubblewrap; Fedora: dnf install bubblewrap). On macOS and Windows grade inside a Linux container or virtual "
        "machine; or, for submissions that you trust like your own code, say --no-sandbox."
    )
    bwrap = shutil.which("bwrap")
    if sys.platform != "linux" or bwrap is None:
        raise NoSandbox(remedy)
    tried = subprocess.run(
        [bwrap, *NAMESPACES, "--ro-bind", "/", "/", "true"], capture_output=True, text=True, timeout=30
    )
    if tried.returncode != 0:
        raise NoSandbox(
            f"bubblewrap is there but may not make a sandbox: {tried.stderr.strip()[:200]}. Unprivileged user "
            "namespaces have to be allowed (sysctl kernel.unprivileged_userns_clone=1, or AppArmor's rule for bwrap). "
            + remedy
        )
    return bwrap


NAMESPACES = (
    *("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"),
    *("--cap-drop", "ALL", "--clearenv"),
)


def sandbox_command(bwrap: str, imports: tuple[str, ...], limits: Limits) -> list[str]:
    """The whole command that starts a worker for a lesson with this list of imports."""
    stdlib = sysconfig.get_paths()["stdlib"]
    base = os.path.realpath(sys.base_prefix)
    executable = os.path.realpath(sys.executable)
    command = [bwrap, *NAMESPACES]
    for name, value in ENVIRONMENT.items():
        command += ["--setenv", name, value]
    for folder in ("/usr/lib", "/lib", "/lib64", "/usr/lib64"):
        command += (
            ["--symlink", os.readlink(folder), folder] if os.path.islink(folder) else ["--ro-bind-try", folder, folder]
        )
    command += ["--ro-bind", executable, executable]
    for folder in dict.fromkeys((f"{base}/lib", stdlib)):
        command += ["--ro-bind", folder, folder]
    places = (f"{stdlib}/site-packages", f"{stdlib}/dist-packages", "/usr/lib/python3/dist-packages")
    covered = [folder for folder in places if os.path.isdir(folder)]
    for folder in covered:
        command += ["--tmpfs", folder]
    for target, source in packages(imports).items():
        command += ["--ro-bind", source, f"/site/{target}"]
    for target, source in course_files(imports).items():
        command += ["--ro-bind", str(source), f"/worker/{target}"]
    command += [
        "--dev",
        "/dev",
        "--tmpfs",
        "/dev/pts",
        "--size",
        str(16 << 20),
        "--tmpfs",
        "/dev/shm",
        "--size",
        str(64 << 20),
        "--tmpfs",
        "/tmp",
    ]
    for folder in ("/dev/pts", "/dev", *covered, "/"):
        command += ["--remount-ro", folder]
    command += ["--chdir", "/tmp"]
    settings = {
        "path": ["/worker", "/site"],
        "imports": imports,
        "memory": limits.memory,
        "cpu_seconds": limits.cpu_seconds,
    }
    return [*command, executable, "-I", "-S", "-B", "/worker/worker.py", json.dumps(settings)]


def course_files(imports: tuple[str, ...]) -> dict[str, Path]:
    """The course's own files that a worker needs and a lesson may import: {name under /worker: path here}.

    Of what earlier lessons built, those alone that the list names ("cnnlab.built.lesson_02").
    """
    package = HERE.parents[1]
    found = {f"{name}.py": HERE / f"{name}.py" for name in ("worker", "wire", "lockdown", "stand_ins", "awaiting")}
    found |= {"cnnlab/check/__init__.py": HERE / "absent_check.py"}
    built = [f"built/{name.rpartition('.')[2]}.py" for name in imports if name.startswith(BUILT)]
    ours = ["__init__.py", "layers.py", "data", *(f"check/{name}.py" for name in ENGINE[1:])]
    for name in [*ours, *(["built/__init__.py", *built] if built else [])]:
        if (package / name).exists():
            found[f"cnnlab/{name}"] = package / name
    return found


def packages(imports: tuple[str, ...]) -> dict[str, str]:
    """Where the allowed packages, and what they need, lie: {name under /site: path here}."""
    found: dict[str, str] = {}
    waiting, seen = deque(name for name in imports if not name.startswith(BUILT)), set()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.popleft()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # a need that does not hold here (another system, an extra)
        for file in distribution.files or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__") and top not in found:
                found[top] = str(distribution.locate_file(top))
        waiting.extend(
            re.split(r"[ ;<>=!~\[(]", need, maxsplit=1)[0]
            for need in distribution.requires or ()
            if "extra ==" not in need
        )
    return found


class WorkerProcess:
    """One worker, from the judge's side: messages out, messages in, each with a deadline."""

    def __init__(self, command: list[str], tensors: bool = False):
        self.tensors = tensors
        self.id = 0
        self.ready = False
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            close_fds=True,
        )
        for pipe in _pipes(self.process):
            os.set_blocking(pipe.fileno(), False)

    def wait_ready(self, seconds: float) -> None:
        """Wait until the worker can serve. Raises NoSandbox: no submitted line has run, so it is no one's mistake."""
        try:
            said = self.ready or self._receive(time.monotonic() + seconds)
        except WorkerLost as error:
            raise NoSandbox(f"a worker did not start in its sandbox: {error}") from None
        if said is not True and said != {"ready": True}:
            raise NoSandbox(f"a worker did not start in its sandbox: {said.get('failed', said)}")
        self.ready = True
        with contextlib.suppress(OSError, ValueError):  # where memory runs out, a submission goes, and nobody else
            Path(f"/proc/{innermost(self.process.pid)}/oom_score_adj").write_text("1000")

    def ask(self, message: dict, seconds: float, callbacks: tuple = ()) -> dict:
        """Send a request and wait at most `seconds` for its answer; callbacks are answered on the way.

        Raises WorkerLost where the time is up, the worker is gone, or says what is no message."""
        end = time.monotonic() + seconds
        self._look()
        self.id += 1
        self._send({**message, "id": self.id}, end)
        while True:
            answer = self._receive(end)
            if type(answer.get("id")) is not int or answer["id"] != self.id:  # an array has no single truth
                raise WorkerLost("an answer to no question")
            if "callback" not in answer:
                return answer
            self._send({"id": self.id, **_call_back(callbacks, answer)}, end)

    def _send(self, message: dict, end: float) -> None:
        try:
            data = memoryview(wire.encode(message, layouts=True))
        except wire.WireError as error:
            raise WorkerLost(f"what it was to be sent can not cross: {error}") from None
        fd = _pipes(self.process)[0].fileno()
        while data:
            self._wait(fd, selectors.EVENT_WRITE, end)
            try:
                data = data[os.write(fd, data) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise WorkerLost("the worker's process has ended") from error

    def _receive(self, end: float) -> dict:
        try:
            header, body = wire.lengths(self._read(wire.HEAD.size, end))
            return wire.decode(self._read(header, end), self._read(body, end), self.tensors)
        except wire.WireError as error:
            raise WorkerLost(f"the worker said something that is no message: {error}") from None

    def _read(self, count: int, end: float) -> bytes:
        fd, parts = _pipes(self.process)[1].fileno(), []
        while count:
            self._wait(fd, selectors.EVENT_READ, end)
            try:
                part = os.read(fd, min(count, 1 << 20))
            except BlockingIOError:
                continue
            if not part:
                raise WorkerLost("the worker's process has ended")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _wait(self, fd: int, event: int, end: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(fd, event)
            while (left := end - time.monotonic()) > 0:  # one that never stops talking has no more time than another
                if selector.select(min(left, LOOK_SECONDS)):
                    return
                self._look()
            raise WorkerLost("the time was up")

    def _look(self) -> None:
        """Count the worker's threads and files from outside: no limit of the kernel's holds them all."""
        with contextlib.suppress(OSError, IndexError, ValueError):
            pid = innermost(self.process.pid)
            threads = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[17])
            if threads > MOST_THREADS:
                raise WorkerLost(f"it had {threads} threads, more than {MOST_THREADS}")
            if self.ready and (files := _files_made(pid)) > MOST_FILES:
                raise WorkerLost(f"it had {files} files, more than {MOST_FILES}")

    def end(self) -> None:
        """End the worker: bubblewrap's first process takes the whole namespace with it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for pipe in _pipes(self.process):
            with contextlib.suppress(OSError):
                pipe.close()
        self.process.wait()


def _pipes(process: subprocess.Popen) -> tuple[IO[bytes], IO[bytes]]:
    """Its standard input and output, both of which Popen was asked for."""
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def innermost(pid: int) -> int:
    """The process at the end of a line of only children: the worker itself, behind bubblewrap's. Raises OSError."""
    while below := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        pid = int(below[0])
    return pid


def _files_made(pid: int) -> int:
    """How many files and folders a worker has in its places to write; 0 where it has no own. Raises OSError."""
    if os.stat(f"/proc/{pid}/ns/mnt").st_ino == os.stat("/proc/self/ns/mnt").st_ino:
        return 0
    places = [os.statvfs(f"/proc/{pid}/root/{place}") for place in ("tmp", "dev/shm")]
    return sum(place.f_files - place.f_ffree for place in places)


def _call_back(callbacks: tuple, answer: dict) -> dict:
    number, args = answer.get("callback"), answer.get("args")
    if not isinstance(number, int) or not 0 <= number < len(callbacks) or not isinstance(args, tuple):
        raise WorkerLost("a callback that was not offered")
    try:
        return {"value": plain(callbacks[number](*args))}
    except Exception as error:  # the argument did not fit: the learner's to hear
        return {"value": None, "error": f"{type(error).__name__}: {error}"[:500]}


class WorkerPool:
    """Workers that wait, ready to serve one submission each."""

    def __init__(self, imports: tuple[str, ...], limits: Limits | None = None, waiting: int = 2, command=None):
        self.limits = limits or Limits()
        self.tensors = "torch" in imports
        self.waiting = waiting
        self.command = command or sandbox_command(require_bubblewrap(), tuple(imports), self.limits)
        self._ready: deque[WorkerProcess] = deque()

    def take(self) -> WorkerProcess:
        """A fresh worker, ready to serve; the caller ends it. Raises NoSandbox where none starts."""
        self._fill()
        worker = self._ready.popleft()
        self._fill()
        try:
            worker.wait_ready(self.limits.start_seconds)
        except NoSandbox:
            worker.end()
            raise
        return worker

    def _fill(self) -> None:
        while len(self._ready) < self.waiting:
            self._ready.append(WorkerProcess(self.command, self.tensors))

    def close(self) -> None:
        """End the workers that wait."""
        while self._ready:
            self._ready.popleft().end()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
