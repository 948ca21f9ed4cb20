"""The prepared image: a process in a sandbox that has imported what takes time and, for each submission, makes a worker
of a copy of itself, in namespaces and on file systems of the worker's own.

Runs inside the sandbox. No submitted line ever runs in the image. It has two doors, one for workers that have run
nothing yet, and one for those that have run the release's first set-up cells, which are the same for everybody.

A worker gets here what bubblewrap gives to one that it starts: namespaces(7) of user, mounts, processes, network, IPC,
names and cgroups of its own, empty folders in memory to write to, no capabilities, and a first process beside it, with
which all of it ends. What the image shows to read is bound read-only, and stays so.
"""

import ctypes
import gc
import os
import socket

CLONE_NEW = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
NOSUID, NODEV, NOEXEC, READ_ONLY, RECURSIVE, PRIVATE = 2, 4, 8, 1, 0x4000, 0x40000  # mount(2)
PROC = "/tmp"  # where the image sees processes; the worker's own /tmp covers it
PR_CAPBSET_DROP, LINUX_CAPABILITY_VERSION_3 = 24, 0x20080522
MOST_DESCRIPTORS = 256


def serve(door: socket.socket, begun: int) -> tuple[int, int]:
    """Fork a worker whenever the judge sends the ends of its pipes. Returns in a worker alone, with these ends.

    The third descriptor that comes is for a greeting, which says how many cells have run already (`begun`), and from
    which the judge learns who the worker's first process is.
    """
    if why := unfit():
        raise OSError(f"no copies can be made of the image: it has {why}")
    gc.collect()
    gc.freeze()  # what is never looked at is never copied
    while True:
        _, ends, _, _ = socket.recv_fds(door, 1, 3)
        if len(ends) < 3:
            os._exit(0)  # the judge has hung up
        child = os.fork()
        if child == 0:
            door.close()
            requests, answers, greeting = ends
            _confined(socket.socket(fileno=greeting), begun)
            return requests, answers
        for end in ends:
            os.close(end)
        os.waitpid(child, 0)


def _confined(greeting: socket.socket, begun: int) -> None:
    """Make this process a worker in namespaces of its own; returns in the worker alone."""
    try:
        os.setsid()
        _namespaces()
        if os.fork():
            os._exit(0)
    except BaseException as error:
        greeting.send(f"-{type(error).__name__}: {error}"[:300].encode())
        os._exit(1)
    try:  # the first process of the new namespace
        _no_capabilities()
        worker = os.fork()
        if worker:
            greeting.send(f"+{begun}".encode())
            os.closerange(0, MOST_DESCRIPTORS)
            while os.wait()[0] != worker:
                pass
    except BaseException:
        os._exit(1)
    if worker:
        os._exit(0)
    greeting.close()


def unfit() -> str:
    """What this process has that a copy would lack, or share with others; "" where there is nothing."""
    with open(f"{PROC}/self/stat", encoding="ascii") as file:
        if int(file.read().rsplit(")", 1)[1].split()[17]) > 1:
            return "threads"
    with open(f"{PROC}/self/maps", encoding="utf-8", errors="replace") as file:
        return "shared memory" if any(line.split()[1][1::2] == "ws" for line in file) else ""


def _namespaces() -> None:
    """Namespaces and places to write of its own; what forks from here on is in them. Raises OSError."""
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", CLONE_NEW)
    _write(f"{PROC}/self/setgroups", "deny")
    _write(f"{PROC}/self/uid_map", f"{uid} {uid} 1")
    _write(f"{PROC}/self/gid_map", f"{gid} {gid} 1")
    _write(f"{PROC}/sys/user/max_user_namespaces", "0")  # and none below
    _mount(None, "/", RECURSIVE | PRIVATE)
    for place, size in (("/dev/shm", 16 << 20), ("/tmp", 64 << 20)):
        _mount("tmpfs", place, NOSUID | NODEV, f"size={size},mode=0755")
    os.chdir("/tmp")


def _no_capabilities() -> None:
    """Give up all that the first process of a namespace may do to it. Raises OSError."""
    for capability in range(64):
        if ctypes.CDLL(None).prctl(*map(ctypes.c_ulong, (PR_CAPBSET_DROP, capability, 0, 0, 0))):
            break  # there are no more
    header = (ctypes.c_uint32 * 2)(LINUX_CAPABILITY_VERSION_3, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())


def _mount(kind: str | None, place: str, flags: int, options: str = "") -> None:
    name = kind and kind.encode()
    _call("mount", name or b"none", place.encode(), name, ctypes.c_ulong(flags), options.encode() or None)


def _write(path: str, text: str) -> None:
    file = os.open(path, os.O_WRONLY)
    try:
        os.write(file, text.encode())
    finally:
        os.close(file)


def _call(name: str, *arguments: object) -> None:
    """One of the C library's functions. Raises OSError."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments):
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
