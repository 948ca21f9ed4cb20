"""What a worker gives up before it runs the first submitted line: resources, and the right to make processes.

The namespaces of the sandbox keep it from files and the network; this keeps it from a fork bomb and from the rarer
doors of the kernel. seccomp's filter is a short program for the kernel's own interpreter (seccomp(2), bpf(2)): look at
the architecture, then at the number of the system call, and refuse with EPERM what is on the list.
"""

import ctypes
import platform
import resource
import struct

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
ALLOW, REFUSE, NOT_THERE = 0x7FFF0000, 0x00050001, 0x00050026  # the last two: errno EPERM and ENOSYS
CLONE_THREAD = 0x00010000

# number of each refused call: x86-64, 64-bit Arm; None where the architecture has none
REFUSED = {
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "memfd_create": (319, 279),
    "shmget": (29, 194),  # memory that no limit of a process counts
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "setpriority": (141, 140),
}
CLONE, CLONE3 = (56, 220), (435, 435)
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def limits(memory: int, cpu_seconds: int) -> None:
    """Bound address space (bytes), processor seconds, file size, open files and core dumps."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 16 << 20),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 64),
    ):
        resource.setrlimit(what, (most, most))


def no_new_processes() -> None:
    """Refuse new processes, sockets and the kernel's rarer doors to this process, threads excepted, for good."""
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise OSError(f"no list of system calls for {machine}")
    filters = _program(*ARCHITECTURES[machine])
    array = ctypes.create_string_buffer(filters)
    program = struct.pack("HxxxxxxP", len(filters) // 8, ctypes.addressof(array))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in (
        (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.create_string_buffer(program), 0, 0),
    ):
        if libc.prctl(*(ctypes.c_ulong(a) if isinstance(a, int) else a for a in call)) != 0:
            raise OSError(ctypes.get_errno(), "the kernel refused the seccomp filter")


def _program(column: int, architecture: int) -> bytes:
    load, jump_equal, jump_set, answer = 0x20, 0x15, 0x45, 0x06

    def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("HBBI", code, yes, no, value)

    steps = [
        step(load, 4),  # seccomp_data.arch
        step(jump_equal, architecture, 1, 0),
        step(answer, REFUSE),
        step(load, 0),  # seccomp_data.nr
    ]
    if column == 0:  # the x32 calls carry a flag in their number
        steps += [step(jump_set, 0x40000000, 0, 1), step(answer, REFUSE)]
    for numbers in REFUSED.values():
        number = numbers[column]
        if number is not None:
            steps += [step(jump_equal, number, 0, 1), step(answer, REFUSE)]
    steps += [
        step(jump_equal, CLONE3[column], 0, 1),
        step(answer, NOT_THERE),  # its flags lie in memory; the C library falls back to clone
        step(jump_equal, CLONE[column], 0, 3),
        step(load, 16),  # the flags, clone's first argument
        step(jump_set, CLONE_THREAD, 1, 0),
        step(answer, REFUSE),
        step(answer, ALLOW),
    ]
    return b"".join(steps)
