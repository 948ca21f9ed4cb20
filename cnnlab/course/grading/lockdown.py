"""What a worker gives up before it runs the first submitted line: resources, and most of the system's calls.

The namespaces of the sandbox keep it from files and the network; this keeps it from what lies behind them, the kernel
that all submissions share. seccomp's filter is a short program for the kernel's own interpreter (seccomp(2), bpf(2)):
look at the architecture, then at the number of the system call, let through what is on the list, and refuse the rest.

What is not on the list, besides new processes and sockets, is whatever the machine or a user has one pool of.
Asynchronous input and output, queues, semaphores and memory of System V and POSIX, timers and queued signals, keys,
inotify, epoll and pipes are counted for a user; locks, leases and syncs of a file and advice about its pages act on
everybody who has it open; priorities, processor masks and pinned memory take from others.
"""

import ctypes
import errno
import platform
import resource
import struct

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
SECCOMP, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC = (317, 277), 1, 1  # all threads that there are
ALLOW, ERROR = 0x7FFF0000, 0x00050000
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
X32 = 0x40000000  # the flag in the numbers of x86-64's calls with short pointers

Numbers = tuple[int | None, int | None]

# fmt: off
# By name, each with two numbers, x86-64's and 64-bit Arm's; None where that machine has none. A test asks libseccomp.
ALLOWED: dict[str, Numbers] = {
    # files, of which the sandbox has few: what may be opened is decided by its mounts
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67),
    "pwrite64": (18, 68), "preadv": (295, 69), "pwritev": (296, 70), "lseek": (8, 62), "close": (3, 57),
    "close_range": (436, 436), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24), "fstat": (5, 80),
    "newfstatat": (262, 79), "stat": (4, None), "lstat": (6, None), "statx": (332, 291), "statfs": (137, 43),
    "fstatfs": (138, 44), "access": (21, None), "faccessat": (269, 48), "faccessat2": (439, 439),
    "readlink": (89, None), "readlinkat": (267, 78), "getdents64": (217, 61), "getdents": (78, None),
    "getcwd": (79, 17), "chdir": (80, 49), "fchdir": (81, 50), "umask": (95, 166), "mkdir": (83, None),
    "mkdirat": (258, 34), "rmdir": (84, None), "unlink": (87, None), "unlinkat": (263, 35), "rename": (82, None),
    "renameat": (264, 38), "renameat2": (316, 276), "link": (86, None), "linkat": (265, 37), "symlink": (88, None),
    "symlinkat": (266, 36), "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "ftruncate": (77, 46),
    "truncate": (76, 45), "fallocate": (285, 47), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "sendfile": (40, 71), "creat": (85, None), "getxattr": (191, 8),
    "lgetxattr": (192, 9), "fgetxattr": (193, 10), "listxattr": (194, 11), "llistxattr": (195, 12),
    "flistxattr": (196, 13),
    # memory of its own
    "brk": (12, 214), "munmap": (11, 215), "mremap": (25, 216), "mprotect": (10, 226),
    # threads and waiting
    "set_robust_list": (273, 99), "set_tid_address": (218, 96), "rseq": (334, 293), "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "sched_getparam": (143, 121), "sched_getscheduler": (145, 120), "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126), "getpriority": (140, 141), "gettid": (186, 178), "tgkill": (234, 131),
    "exit": (60, 93), "exit_group": (231, 94), "restart_syscall": (219, 128), "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115), "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72),
    "pause": (34, None), "wait4": (61, 260), "waitid": (247, 95), "arch_prctl": (158, None),
    # signals and alarms of its own
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "rt_sigpending": (127, 136),
    "rt_sigsuspend": (130, 133), "rt_sigtimedwait": (128, 137), "sigaltstack": (131, 132), "alarm": (37, None),
    "setitimer": (38, 103), "getitimer": (36, 102),
    # clocks, and what it may know of itself
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "gettimeofday": (96, 169), "time": (201, None),
    "times": (100, 153), "getrusage": (98, 165), "getrandom": (318, 278), "uname": (63, 160), "sysinfo": (99, 179),
    "getcpu": (309, 168), "getpid": (39, 172), "getppid": (110, 173), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "getresuid": (118, 148), "getresgid": (120, 150),
    "getgroups": (115, 158), "getpgrp": (111, None), "getpgid": (121, 155), "getsid": (124, 156),
    "getrlimit": (97, 163), "capget": (125, 90),
}
# Allowed for some of their arguments; `program` says for which.
SOME: dict[str, Numbers] = {
    "clone": (56, 220), "futex": (202, 98), "mmap": (9, 222), "madvise": (28, 233), "fcntl": (72, 25),
    "ioctl": (16, 29), "prctl": (157, 167), "prlimit64": (302, 261), "open": (2, None), "openat": (257, 56),
}
# fmt: on
# Done already: what a worker may write to lies in memory, and what it may only read is nobody's to flush.
DONE: dict[str, Numbers] = {"fsync": (74, 82), "fdatasync": (75, 83), "msync": (26, 227)}
# Said not to be there, so that the C library and Python take the older way.
ABSENT: dict[str, Numbers] = {"copy_file_range": (326, 285)}
NEW = 424  # from here on all machines number alike, and who uses such a call knows what to do without it

CLONE_THREAD, CLONE_ANEW = 0x00010000, 0x7E020080  # the flags that make namespaces
MAP_LOCKED, MAP_HUGETLB = 0x2000, 0x40000
O_ASYNC, O_DIRECT = 0x2000, (0x4000, 0x10000)
F_SETFL = 4
FUTEX, FUTEX_COMMAND = (0, 1, 3, 4, 5, 9, 10), 0x7F  # to wait and to wake; none that lends its priority
FCNTL = (0, 1, 2, 3, 1030, 1032)  # copies of a descriptor, its flags, a pipe's size; no lock, no lease, no notice
IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # is it a terminal, how wide; what can be read; its flags
PRCTL = (3, 15, 16, 23, 0x53564D41)  # a name for itself and its memory; what it may
MADVISE = (0, 1, 2, 4, 8, 14, 15, 16, 17)  # what it does with its own; nothing that drops or merges others' pages


def limits(memory: int, cpu_seconds: int) -> None:
    """Bound address space (bytes), processor seconds, file size, open files, core dumps, and what all processes of a
    user are counted together for: their number, pinned memory, queues and queued signals."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 16 << 20),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 64),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, 16),
    ):
        resource.setrlimit(what, (most, most))


def missing() -> str:
    """What this machine lacks for the filter, in a sentence; "" where it has all."""
    if platform.machine() not in ARCHITECTURES:
        known = " and ".join(ARCHITECTURES)
        return f"there is no list of system calls for {platform.machine()}, only for {known}"
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(*map(ctypes.c_ulong, (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0, 0, 0)))  # looks for a program at 0
    return "" if ctypes.get_errno() == errno.EFAULT else "its kernel has no seccomp filters (CONFIG_SECCOMP_FILTER)"


def few_system_calls() -> None:
    """Refuse this process, for good, all system calls but those on the list. Raises OSError where that can not be."""
    if lack := missing():
        raise OSError(f"submitted code can not be locked in on this machine: {lack}")
    column, architecture = ARCHITECTURES[platform.machine()]
    filters = program(column, architecture)
    array = ctypes.create_string_buffer(filters)
    prog = struct.pack("HxxxxxxP", len(filters) // 8, ctypes.addressof(array))
    libc = ctypes.CDLL(None, use_errno=True)
    asked = (SECCOMP[column], SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC)
    if libc.prctl(*map(ctypes.c_ulong, (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))) or libc.syscall(
        *map(ctypes.c_ulong, asked), ctypes.create_string_buffer(prog)
    ):
        raise OSError(ctypes.get_errno(), "the kernel refused the seccomp filter")
    if libc.unshare(0) != -1 or ctypes.get_errno() != errno.EPERM:  # asks for nothing, so it would be granted
        raise OSError("the seccomp filter is not in force")


def program(column: int, architecture: int) -> bytes:
    """The filter for a machine: its column in the list, and the number by which the kernel names it."""
    steps = [
        *[_load(4), *_unless(architecture, [_answer(errno.EPERM)])],  # seccomp_data.arch
        _load(0),  # seccomp_data.nr
    ]
    if column == 0:
        steps += _where_set(X32, [_answer(errno.EPERM)])
    refused = [_answer(errno.EPERM)]
    some = {
        "clone": [*_argument(0), *_where_set(CLONE_ANEW, refused), *_where_set(CLONE_THREAD, [_answer(0)]), *refused],
        "futex": [*_argument(1), _step(AND, FUTEX_COMMAND), *_one_of(FUTEX), *refused],
        "mmap": [*_argument(3), *_where_set(MAP_LOCKED | MAP_HUGETLB, refused), _answer(0)],
        "madvise": [*_argument(2), *_one_of(MADVISE), *refused],
        "fcntl": [
            *_argument(1),
            *_when(F_SETFL, [*_argument(2), *_where_set(O_ASYNC | O_DIRECT[column], refused), _answer(0)]),
            *_one_of(FCNTL),
            *refused,
        ],
        "ioctl": [*_argument(1), *_one_of(IOCTL), _answer(errno.ENOTTY)],
        "prctl": [*_argument(0), *_one_of(PRCTL), *refused],
        "prlimit64": [*_argument(2), *_unless(0, refused), *_argument(2, high=True), *_unless(0, refused), _answer(0)],
        "open": [*_argument(1), *_where_set(O_DIRECT[column], [_answer(errno.EINVAL)]), _answer(0)],
        "openat": [*_argument(2), *_where_set(O_DIRECT[column], [_answer(errno.EINVAL)]), _answer(0)],
    }
    for name, numbers in SOME.items():  # first: what only looks at numbers the kernel remembers, and asks no more
        steps += _when(numbers[column], some[name])
    for numbers in ALLOWED.values():
        steps += _when(numbers[column], [_answer(0)])
    for numbers in DONE.values():
        steps += _when(numbers[column], [_step(ANSWER, ERROR)])  # an error of number 0 is none
    for numbers in ABSENT.values():
        steps += _when(numbers[column], [_answer(errno.ENOSYS)])
    return b"".join([*steps, _step(AT_LEAST, NEW, 0, 1), _answer(errno.ENOSYS), *refused])


LOAD, AND, EQUAL, SET, AT_LEAST, ANSWER = 0x20, 0x54, 0x15, 0x45, 0x35, 0x06


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def _load(offset: int) -> bytes:
    """Look at the 32 bits at this place of the kernel's seccomp_data."""
    return _step(LOAD, offset)


def _argument(number: int, high: bool = False) -> list[bytes]:
    """Look at half of an argument: the lower one, which is all that flags and commands have."""
    return [_load(16 + 8 * number + 4 * high)]


def _answer(error: int) -> bytes:
    return _step(ANSWER, ERROR | error if error else ALLOW)


def _when(value: int | None, steps: list[bytes]) -> list[bytes]:
    """Do these steps where what was looked at is this value; nothing for a call that the machine has not."""
    return [] if value is None else [_step(EQUAL, value, 0, len(steps)), *steps]


def _unless(value: int, steps: list[bytes]) -> list[bytes]:
    return [_step(EQUAL, value, len(steps), 0), *steps]


def _where_set(bits: int, steps: list[bytes]) -> list[bytes]:
    """Do these steps where any of these bits is set."""
    return [_step(SET, bits, 0, len(steps)), *steps]


def _one_of(values: tuple[int, ...]) -> list[bytes]:
    return [step for value in values for step in _when(value, [_answer(0)])]
