"""What a worker may ask of the kernel: a list of libseccomp's names; what is not on it is refused, on every machine."""

import ctypes
import errno
import os
import platform
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from cnnlab.course.grading import lockdown
from cnnlab.course.grading.sandbox import Limits, NoSandbox, WorkerPool, innermost
from cnnlab.course.grading.sandbox_subject import read_answer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a sandbox is made on Linux alone")
MACHINES = list(lockdown.ARCHITECTURES)
LISTS = {"allowed": lockdown.ALLOWED, "some": lockdown.SOME, "done": lockdown.DONE, "absent": lockdown.ABSENT}
LISTED = {name: numbers for names in LISTS.values() for name, numbers in names.items()}
# Each has one pool for a machine or a user, or acts on others who have the same thing open.
REFUSED = """
    fork vfork execve socket socketpair ptrace process_vm_readv unshare setns mount bpf perf_event_open userfaultfd
    io_setup io_submit mq_open shmget shmat semget msgget memfd_create timer_create timerfd_create eventfd2 signalfd4
    inotify_init1 inotify_add_watch fanotify_init epoll_create1 pipe2 rt_sigqueueinfo kill keyctl add_key request_key
    flock sync syncfs sync_file_range readahead fadvise64 mincore mlock mlockall mlock2 remap_file_pages membarrier
    sched_setscheduler sched_setattr sched_setaffinity setpriority ioprio_set setrlimit mbind set_mempolicy move_pages
    kcmp setxattr mknodat chroot swapon quotactl personality name_to_handle_at open_by_handle_at preadv2
    splice tee vmsplice
"""
UNKNOWN = "process_madvise clone3 io_uring_setup openat2 pidfd_open memfd_secret landlock_create_ruleset futex_waitv"


@pytest.fixture(scope="module")
def number():
    """Of a system call by name on a machine; None where it has none."""
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("libseccomp is not here to ask")
    resolve = library.seccomp_syscall_resolve_name_arch
    resolve.argtypes, resolve.restype = [ctypes.c_uint32, ctypes.c_char_p], ctypes.c_int

    def of(name, machine):
        found = resolve(lockdown.ARCHITECTURES[machine][1], name.encode())
        return None if found < 0 else found

    return of


def answer(machine, call, *args, architecture=None):
    """What the filter says: None where the call goes through, else the error's number."""
    column, name = lockdown.ARCHITECTURES[machine]
    steps = list(struct.iter_unpack("HBBI", lockdown.program(column, name)))
    assert len(steps) < 4096
    data = struct.pack("<IIQ6Q", call, architecture or name, 0, *(*args, *[0] * (6 - len(args))))
    at, seen = 0, 0
    while True:
        code, yes, no, value = steps[at]
        at += 1
        if code == lockdown.LOAD:
            seen = struct.unpack_from("<I", data, value)[0]
        elif code == lockdown.AND:
            seen &= value
        elif code == lockdown.ANSWER:
            return None if value == lockdown.ALLOW else value & 0xFFFF
        else:
            holds = {lockdown.EQUAL: seen == value, lockdown.SET: seen & value, lockdown.AT_LEAST: seen >= value}[code]
            at += yes if holds else no


def test_the_numbers_are_those_of_libseccomp(number):
    for name, numbers in LISTED.items():
        assert numbers == tuple(number(name, machine) for machine in MACHINES), name
    assert len(LISTED) == sum(map(len, LISTS.values()))


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_lets_through_what_is_on_the_list_and_nothing_else(machine, number):
    column = MACHINES.index(machine)
    through = {call for call in range(700) if answer(machine, call) is None}
    assert through >= {numbers[column] for numbers in lockdown.ALLOWED.values()} - {None}
    assert through <= {n[column] for names in ("allowed", "some") for n in LISTS[names].values()} - {None}
    for name in REFUSED.split():
        call = number(name, machine)
        assert call is None or answer(machine, call) == errno.EPERM, name
    for name in UNKNOWN.split():
        assert answer(machine, number(name, machine)) == errno.ENOSYS, name
    assert all(answer(machine, call) == errno.ENOSYS for call in range(463, 700))
    assert answer(machine, 0, architecture=0x40000003) == errno.EPERM  # as 32-bit code numbers its calls


def test_x32_calls_are_refused():
    assert answer("x86_64", 0x40000000 | lockdown.ALLOWED["read"][0]) == errno.EPERM


THREAD, FORK, NEW_USER = 0x3D0F00, 0x11, 0x10000000
LOCKS = (5, 6, 7, 8, 10, 15, 36, 37, 38, 1024, 1026, 1031, 1033)  # a pipe's size and a notice's owner too
THROUGH = [
    *[("clone", THREAD), ("mmap", 0, 0, 3, 0x22), ("madvise", 0, 0, 4), ("ioctl", 0, 0x5401), ("prctl", 15)],
    *(("fcntl", 0, command) for command in (0, 1, 2, 3, 1030)),
    *[("fcntl", 0, 4, 0o4000), ("prlimit64", 0, 7, 0, 1), ("futex", 0, 0x80), ("futex", 0, 0x189)],
    ("openat", 0, 0, 0o2000000),
]
NOT_SO = [
    *[("clone", FORK), ("clone", THREAD | NEW_USER), ("mmap", 0, 0, 3, 0x40022), ("mmap", 0, 0, 3, 0x2022)],
    *(("fcntl", 0, command) for command in LOCKS),
    ("fcntl", 0, 4, 0o20000),
    *(("madvise", 0, 0, how) for how in (3, 12, 20, 21, 25, 100, 101)),
    *(("ioctl", 0, command) for command in (0x40049409, 0x5412, 0x40086602, 0xC0045877)),
    *(("prctl", option) for option in (1, 4, 22, 36, 62, 67, 38)),
    *[("prlimit64", 0, 7, 1), ("prlimit64", 0, 7, 1 << 32), ("futex", 0, 6), ("futex", 0, 0x8D)],
]


@pytest.mark.parametrize("machine", MACHINES)
def test_some_calls_go_through_for_some_arguments(machine):
    def said(name, *args):
        return answer(machine, lockdown.SOME[name][MACHINES.index(machine)], *args)

    assert [asked for asked in THROUGH if said(*asked) is not None] == []
    assert [asked for asked in NOT_SO if said(*asked) != (errno.ENOTTY if asked[0] == "ioctl" else errno.EPERM)] == []


@pytest.mark.parametrize("machine", MACHINES)
def test_reading_past_the_page_cache_is_refused_and_flushing_is_done_already(machine):
    column = MACHINES.index(machine)
    assert answer(machine, lockdown.SOME["openat"][column], 0, 0, lockdown.O_DIRECT[column]) == errno.EINVAL
    assert answer(machine, lockdown.SOME["fcntl"][column], 0, 4, lockdown.O_DIRECT[column]) == errno.EPERM
    assert {answer(machine, numbers[column]) for numbers in lockdown.DONE.values()} == {0}


def test_a_machine_without_a_list_is_told_what_it_lacks(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert "no list of system calls for riscv64" in lockdown.missing()
    with pytest.raises(OSError, match=r"can not be locked in on this machine: .*riscv64"):
        lockdown.few_system_calls()


def test_a_kernel_without_filters_is_told_what_it_lacks(monkeypatch):
    monkeypatch.setattr(ctypes, "get_errno", lambda: errno.EINVAL)
    assert "CONFIG_SECCOMP_FILTER" in lockdown.missing()


OPENS = """
import ctypes, os, resource, sys, threading, time
sys.path.insert(0, {folder!r})
import lockdown
here = threading.Event()
said = []
def late():
    here.wait()
    said.append(ctypes.CDLL(None, use_errno=True).inotify_init1(0))
early = threading.Thread(target=late)
early.start()
lockdown.limits(4 << 30, 20)
lockdown.few_system_calls()
here.set()
early.join()
print(said, resource.getrlimit(resource.RLIMIT_SIGPENDING), resource.getrlimit(resource.RLIMIT_MEMLOCK))
"""


def test_threads_that_were_there_before_are_locked_in_too():
    code = OPENS.format(folder=os.path.dirname(lockdown.__file__))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (run.stdout, run.returncode) == ("[-1] (16, 16) (0, 0)\n", 0), run.stderr


def test_where_memory_runs_out_a_worker_goes_first():
    try:
        with WorkerPool(("numpy",), waiting=1) as pool:
            worker = pool.take()
            score = Path(f"/proc/{innermost(worker.pid)}/oom_score_adj").read_text()
            worker.end()
    except NoSandbox as error:
        pytest.skip(str(error))
    assert score == "1000\n"


HONEST = """
import concurrent.futures, os, shutil, tempfile, threading, time
import numpy as np

with concurrent.futures.ThreadPoolExecutor(24) as pool:
    sums = list(pool.map(lambda k: (np.ones((90, 90)) @ np.ones((90, 90))).sum(), range(60)))
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "a.npy")
    np.save(path, np.arange(5))
    kept = np.load(path, mmap_mode="r+")
    kept[0] = 9
    kept.flush()
    with open(shutil.copy(path, path + "2"), "rb+") as file:
        os.fsync(file.fileno())
    shutil.copytree(folder, folder + "2")
    shutil.rmtree(folder + "2")
    print(len(sums), int(np.load(path)[0]), sorted(os.listdir(folder)))
local, lock, event = threading.local(), threading.RLock(), threading.Event()
threading.Timer(0.01, event.set).start()
print(event.wait(5), os.cpu_count() > 0, time.sleep(0.001), isinstance(os.urandom(2), bytes))
"""
TORCH = """
import torch
from torch.utils.data import DataLoader, TensorDataset
torch.set_num_threads(4)
net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(8 * 900, 2))
data = DataLoader(TensorDataset(torch.randn(32, 3, 32, 32), torch.zeros(32).long()), batch_size=8, shuffle=True)
optimiser = torch.optim.AdamW(net.parameters())
for x, y in data:
    optimiser.zero_grad()
    torch.nn.functional.cross_entropy(net(x), y).backward()
    optimiser.step()
torch.save(net.state_dict(), "/tmp/net.pt")
net.load_state_dict(torch.load("/tmp/net.pt"))
print(bool(torch.isfinite(torch.randn(500, 500) @ torch.randn(500, 500)).all()))
"""


@pytest.mark.parametrize(
    ("imports", "source", "printed"),
    [
        (("numpy",), HONEST, "60 9 ['a.npy', 'a.npy2']\nTrue True None True\n"),
        pytest.param(("numpy", "torch"), HONEST + TORCH, "True\n", marks=pytest.mark.slow),
    ],
    ids=["numpy", "torch"],
)
def test_honest_code_has_threads_files_and_clocks(imports, source, printed):
    try:
        with WorkerPool(imports, Limits(memory=8 << 30, cell_seconds=60), waiting=1) as pool:
            worker = pool.take()
            said = read_answer(worker.ask({"do": "run", "code": source, "seconds": 60.0}, 200), "it")
            worker.end()
    except NoSandbox as error:
        pytest.skip(str(error))
    assert said.problem is None
    assert said.printed.endswith(printed)
