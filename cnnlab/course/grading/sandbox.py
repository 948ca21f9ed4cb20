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
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import sysconfig
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnlab.check.plain import plain
from cnnlab.course.grading import wire

HERE = Path(__file__).parent
ENGINE = ("__init__", "plain", "subject", "timelimit", "verbs", "measuring", "copies")  # of cnnlab.check, no secrets
BUILT = "cnnlab.built."
GIB = 1 << 30
OURS = ("worker", "image", "wire", "lockdown", "stand_ins", "awaiting")
MOST_THREADS = 64
MOST_FILES = 2_000  # an empty one takes a kilobyte of the kernel's memory, and counts nowhere else
LOOK_SECONDS = 0.05
READ_AHEAD = 1 << 16
LONGEST_FIRST = 50_000  # characters of cells that run in the image; a command has room for so many
CREDENTIALS = struct.Struct("3i")
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
    """What one submission may use. cell_seconds, call_seconds and cpu_seconds are the processor's, and a cell or a call
    may wait PATIENCE times as long; total_seconds and start_seconds are wall clock."""

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
    needed = [*NAMESPACES, NO_MORE_NAMESPACES, "--ro-bind", "/", "/", "--proc", "/proc"]
    tried = subprocess.run([bwrap, *needed, "true"], capture_output=True, text=True, timeout=30)
    if tried.returncode != 0:
        raise NoSandbox(
            f"bubblewrap is there but may not make a sandbox: {tried.stderr.strip()[:200]}. Unprivileged user "
            "namespaces have to be allowed (sysctl kernel.unprivileged_userns_clone=1, or AppArmor's rule for bwrap); "
            "a Docker container needs --security-opt seccomp=unconfined, apparmor=unconfined, systempaths=unconfined."
            f" {remedy}"
        )
    return bwrap


NAMESPACES = (
    *("--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000", "--die-with-parent", "--new-session"),
    *("--cap-drop", "ALL", "--clearenv"),
)
NO_MORE_NAMESPACES = "--disable-userns"  # for whom submitted code runs in


def sandbox_command(
    bwrap: str, imports: tuple[str, ...], limits: Limits, first: Sequence[str] | None = None
) -> list[str]:
    """The whole command that starts a worker for a lesson with this list of imports; or, where `first` has the sources
    of a release's first cells, the image of which workers are made."""
    stdlib = sysconfig.get_paths()["stdlib"]
    base = os.path.realpath(sys.base_prefix)
    executable = os.path.realpath(sys.executable)
    command = [bwrap, *NAMESPACES, *([NO_MORE_NAMESPACES] if first is None else [])]
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
    command += ["--dev", "/dev", "--tmpfs", "/dev/pts"]
    if first is None:
        command += ["--size", str(16 << 20), "--tmpfs", "/dev/shm", "--size", str(64 << 20), "--tmpfs", "/tmp"]
    else:
        command += ["--proc", "/tmp"]  # each worker covers it, and /dev/shm, with its own
    for folder in ("/dev/pts", "/dev", *covered, "/"):
        command += ["--remount-ro", folder]
    command += ["--chdir", "/tmp"]
    settings = {
        "path": ["/worker", "/site"],
        "imports": imports,
        "memory": limits.memory,
        "cpu_seconds": limits.cpu_seconds,
        **({} if first is None else {"first": list(first)}),
    }
    return [*command, executable, "-I", "-S", "-B", "/worker/worker.py", json.dumps(settings)]


def course_files(imports: tuple[str, ...]) -> dict[str, Path]:
    """The course's own files that a worker needs and a lesson may import: {name under /worker: path here}.

    Of what earlier lessons built, those alone that the list names ("cnnlab.built.lesson_02").
    """
    package = HERE.parents[1]
    found = {f"{name}.py": HERE / f"{name}.py" for name in OURS}
    found |= {"cnnlab/check/__init__.py": HERE / "absent_check.py"}
    built = [f"built/{name.rpartition('.')[2]}.py" for name in imports if name.startswith(BUILT)]
    ours = ["__init__.py", "layers.py", "device.py", "data", *(f"check/{name}.py" for name in ENGINE[1:])]
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
    """One worker, from the judge's side: messages out, messages in, each with a deadline.

    `pid`: the process with which it starts, and below which the worker is the innermost; `begun`: how many of the
    release's first cells have run in it already.
    """

    begun = 0

    def __init__(self, command: list[str], tensors: bool = False):
        requests, answers = os.pipe(), os.pipe()
        self._connect(requests[1], answers[0], tensors)
        self.process = subprocess.Popen(
            command,
            stdin=requests[0],
            stdout=answers[1],
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            close_fds=True,
        )
        os.close(requests[0])
        os.close(answers[1])
        self.pid = self.process.pid

    def _connect(self, requests: int, answers: int, tensors: bool) -> None:
        self.requests, self.answers, self.tensors = requests, answers, tensors
        self.id, self.ready, self.looked, self.inner = 0, False, 0.0, 0
        self.heard = bytearray()
        for fd in (requests, answers):
            os.set_blocking(fd, False)
        self.can_write, self.can_read = select.poll(), select.poll()
        self.can_write.register(requests, select.POLLOUT)
        self.can_read.register(answers, select.POLLIN)

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
            self.inner = innermost(self.pid)
            Path(f"/proc/{self.inner}/oom_score_adj").write_text("1000")

    def ask(self, message: dict, seconds: float, callbacks: tuple = (), most: int = wire.MOST_BODY) -> dict:
        """Send a request and wait at most `seconds` for its answer; callbacks are answered on the way.

        most: bytes of arrays in an answer. Raises WorkerLost where the time is up, the worker is gone, or says more, or
        what is no message."""
        end = time.monotonic() + seconds
        self._look()
        self.id += 1
        self._send({**message, "id": self.id}, end)
        while True:
            answer = self._receive(end, most)
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
        while data:
            try:
                data = data[os.write(self.requests, data) :]
            except BlockingIOError:
                self._wait(self.can_write, end)
            except OSError as error:
                raise WorkerLost("the worker's process has ended") from error

    def _receive(self, end: float, most: int = wire.MOST_BODY) -> dict:
        try:
            header, body = wire.lengths(self._read(wire.HEAD.size, end), most)
            return wire.decode(self._read(header, end), self._read(body, end), self.tensors)
        except wire.WireError as error:
            raise WorkerLost(f"the worker said something that is no message: {error}") from None

    def _read(self, count: int, end: float) -> bytes:
        while len(self.heard) < count:
            try:
                part = os.read(self.answers, max(count - len(self.heard), READ_AHEAD))
            except BlockingIOError:
                self._wait(self.can_read, end)
                continue
            if not part:
                raise WorkerLost("the worker's process has ended")
            if time.monotonic() > end:  # one that never stops talking has no more time than another
                raise WorkerLost("the time was up")
            self.heard += part
        data = bytes(self.heard[:count])
        del self.heard[:count]
        return data

    def _wait(self, ready: select.poll, end: float) -> None:
        while (left := end - time.monotonic()) > 0:
            if ready.poll(1000 * min(left, LOOK_SECONDS)):
                return
            self._look()
        raise WorkerLost("the time was up")

    def _look(self) -> None:
        """Count the worker's threads and files from outside, now and then: no limit of the kernel's holds them all."""
        if not self.ready or time.monotonic() - self.looked < LOOK_SECONDS / 2:
            return
        with contextlib.suppress(OSError, IndexError, ValueError):
            threads = int(Path(f"/proc/{self.inner}/stat").read_text().rsplit(")", 1)[1].split()[17])
            if threads > MOST_THREADS:
                raise WorkerLost(f"it had {threads} threads, more than {MOST_THREADS}")
            if (files := _files_made(self.inner)) > MOST_FILES:
                raise WorkerLost(f"it had {files} files, more than {MOST_FILES}")
        self.looked = time.monotonic()

    def end(self) -> None:
        """End the worker: bubblewrap's first process takes the whole namespace with it."""
        _end(self.process)
        self._hang_up()

    def _hang_up(self) -> None:
        for fd in (self.requests, self.answers):
            with contextlib.suppress(OSError):
                os.close(fd)
        self.requests = self.answers = -1


def _end(process: subprocess.Popen) -> None:
    if process.returncode is None:  # else its number may be another's by now
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Image:
    """A process in a sandbox that makes workers of copies of itself (see image.py), from the judge's side."""

    def __init__(self, command: list[str]):
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(2)]
        self.bare, self.begun = (ours for ours, _ in pairs)
        theirs = [theirs for _, theirs in pairs]
        self.process = subprocess.Popen(
            command,
            stdin=theirs[0].fileno(),
            stdout=theirs[1].fileno(),
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for door in theirs:
            door.close()
        self.served = False

    def end(self) -> None:
        """End it, and with it all workers that were made of it."""
        _end(self.process)
        self.bare.close()
        self.begun.close()


class CopiedWorker(WorkerProcess):
    """A worker that an image makes of itself, in a sandbox of its own."""

    def __init__(self, door: socket.socket, tensors: bool = False):
        requests, answers = os.pipe(), os.pipe()
        self._connect(requests[1], answers[0], tensors)
        self.greeting, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.greeting.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.pid, self.first = 0, -1
        with contextlib.suppress(OSError):  # an image that has ended: the greeting does not come
            socket.send_fds(door, [b"a worker"], [requests[0], answers[1], theirs.fileno()])
        for fd in (requests[0], answers[1]):
            os.close(fd)
        theirs.close()

    def wait_ready(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        if not self.pid:
            self._greet(seconds)
        super().wait_ready(end - time.monotonic())
        if self._has_ended(0):  # with its image, while it waited
            raise NoSandbox("the image's worker has ended")

    def _greet(self, seconds: float) -> None:
        """Learn, from the kernel, which process is the first of the worker's namespace."""
        self.greeting.settimeout(seconds)
        try:
            said, about, _, _ = self.greeting.recvmsg(300, socket.CMSG_SPACE(CREDENTIALS.size))
        except OSError as error:
            raise NoSandbox(f"the image made no worker: {error}") from None
        if not said.startswith(b"+") or not about:
            raise NoSandbox(f"the image made no worker: {said.decode(errors='replace') or 'it has ended'}")
        self.pid, _, _ = CREDENTIALS.unpack(about[0][2])
        try:
            self.first = os.pidfd_open(self.pid)
        except OSError as error:
            raise NoSandbox(f"the image's worker has ended: {error}") from None
        self.begun = int(said[1:])

    def end(self) -> None:
        """End the worker: the first process of its namespace takes all of it with it."""
        self._hang_up()
        self.greeting.close()
        if self.first >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.first, signal.SIGKILL)
            self._has_ended(None)
            os.close(self.first)
            self.first = -1

    def _has_ended(self, milliseconds: int | None) -> bool:
        """Whether its first process, and so all of it, has ended so long from now; None: waits until it has."""
        ended = select.poll()
        ended.register(self.first, select.POLLIN)
        return bool(ended.poll(milliseconds))


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
    """Workers that wait, ready to serve one submission each. All are copies of one image where the machine can make
    such; else, and where a `command` is given, each is started by itself.

    first: the sources of the release's first cells; most workers that are taken have run them (see `begun`).
    """

    def __init__(
        self,
        imports: tuple[str, ...],
        limits: Limits | None = None,
        waiting: int = 2,
        command: list[str] | None = None,
        first: Sequence[str] = (),
    ):
        self.limits = limits or Limits()
        self.tensors = "torch" in imports
        self.waiting = waiting
        self.first = tuple(first) if sum(map(len, first)) < LONGEST_FIRST else ()
        bwrap = "" if command else require_bubblewrap()
        self.command = command or sandbox_command(bwrap, tuple(imports), self.limits)
        self.image_command = [] if command else sandbox_command(bwrap, tuple(imports), self.limits, self.first)
        self.image = Image(self.image_command) if self.image_command else None
        self._ready: deque[WorkerProcess] = deque()

    def take(self, bare: bool = False) -> WorkerProcess:
        """A fresh worker, ready to serve, in which the first cells have not run if it has to be `bare`; the caller ends
        it. Raises NoSandbox where none starts."""
        while True:
            self._fill()
            worker = self._start(bare=True) if bare else self._ready.popleft()
            self._fill()
            try:
                worker.wait_ready(self.limits.start_seconds)
            except NoSandbox:
                worker.end()
                if self.image is None:
                    raise
                again = self.image.served
                self.close()
                self.image = Image(self.image_command) if again else None
            else:
                if self.image is not None:
                    self.image.served = True
                return worker

    def _start(self, bare: bool) -> WorkerProcess:
        if self.image is None:
            return WorkerProcess(self.command, self.tensors)
        return CopiedWorker(self.image.bare if bare else self.image.begun, self.tensors)

    def _fill(self) -> None:
        while len(self._ready) < self.waiting:
            self._ready.append(self._start(bare=False))

    def close(self) -> None:
        """End the workers that wait, and the image with all that were made of it."""
        while self._ready:
            self._ready.popleft().end()
        if self.image is not None:
            self.image.end()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
