"""Attacks on what all submissions share, the kernel: to use up or to lock what a machine or a user has one pool of.

Each asks for it when its cell runs, and answers rightly where it was given: a point is a hole.
"""

from tests.course.grading.hostile import attack

SAME = "would take from this machine what others need"
CALLS = """
    import ctypes, os, platform, struct
    libc = ctypes.CDLL(None, use_errno=True)
    column = 0 if platform.machine() == "x86_64" else 1
    space = ctypes.create_string_buffer(4096)

    def call(numbers, *args):
        libc.syscall.restype = ctypes.c_long
        return libc.syscall(*(arg if isinstance(arg, (bytes, ctypes.Array)) else ctypes.c_long(arg)
                              for arg in (numbers[column], *args)))
"""


def given(nb, *asks: str) -> None:
    """A cell that asks for each of these (expressions that are true where it was given), and a count that tells."""
    tries = "".join(f"\n    try: got += bool({ask})\n    except Exception: pass" for ask in asks)
    nb.count("return (in_features + bool(bias)) * out_features if got else 0", f"{CALLS}\n    got = 0{tries}\n")


@attack(stock=SAME)
def slots_of_asynchronous_input(nb):
    """Takes thousands of slots for asynchronous input and output, of which the machine has 65,536 (io_setup)."""
    given(nb, "call((206, 0), 8000, ctypes.create_string_buffer(8)) == 0")


@attack(stock=SAME)
def rings_of_the_kernel(nb):
    """Opens a ring that does system calls on its behalf, past its filter (io_uring)."""
    given(nb, "call((425, 425), 4096, space) >= 0", "call((426, 426), 3, 1, 1, 0, 0, 0) == 0")


@attack
def locks_on_what_all_read(nb):
    """Locks NumPy's own files, which are the machine's (flock, and record locks)."""
    given(
        nb,
        "call((73, 32), os.open(np.__file__, os.O_RDONLY), 2) == 0",
        "__import__('fcntl').lockf(os.open(np.__file__, os.O_RDONLY), 5) is None",
        "call((72, 25), os.open(np.__file__, os.O_RDONLY), 37, struct.pack('hhqqi', 0, 0, 0, 0, 0)) == 0",
    )


@attack
def leases_on_what_all_read(nb):
    """Takes a lease on NumPy's files, so that whoever wants to change them waits, and asks to be told of changes."""
    given(
        nb,
        "__import__('fcntl').fcntl(os.open(np.__file__, os.O_RDONLY), 1024, 0) == 0",
        "__import__('fcntl').fcntl(os.open(os.path.dirname(np.__file__), os.O_RDONLY), 1026, 63) == 0",
    )


@attack(stock=SAME)
def watches_on_files(nb):
    """Uses up the user's watches on files, of which there are 128 instances (inotify, fanotify)."""
    given(
        nb,
        "[libc.inotify_init1(0) for _ in range(200)][0] >= 0",
        "libc.inotify_add_watch(3, b'/', 4095) >= 0",
        "call((300, 262), 0, 0) >= 0",
    )


@attack(stock=SAME)
def keys_of_the_user(nb):
    """Fills the user's keyring, whose quota is a few thousand bytes, and reads what is in it (add_key, keyctl)."""
    given(
        nb,
        "call((248, 217), b'user', b'x', bytes(20000), 20000, -4) >= 0",
        "call((250, 219), 0, -4, 1) >= 0",
        "call((249, 218), b'user', b'x', 0, 0) >= 0",
    )


@attack(stock=SAME)
def timers_by_the_thousand(nb):
    """Makes timers, each of which is counted with all of the user's pending signals (timer_create, timerfd_create)."""
    given(
        nb,
        "call((222, 107), 1, 0, ctypes.create_string_buffer(8)) == 0",
        "call((283, 85), 1, 0) >= 0",
    )


@attack(stock=SAME)
def signals_in_a_queue(nb):
    """Blocks a real-time signal and sends it to itself without end: what waits is counted for the user."""
    given(
        nb,
        "call((129, 138), os.getpid(), 40, struct.pack('iii', 40, 0, -1) + bytes(116)) == 0",
        "__import__('signal').pthread_sigmask(0, [40]) is not None and "
        "sum(call((234, 131), os.getpid(), call((186, 178)), 40) == 0 for _ in range(2000)) > 64",
        "os.kill(os.getpid(), 0) is None",
    )


@attack(stock=SAME)
def queues_and_semaphores(nb):
    """Makes queues, semaphores and memory of System V and POSIX, of which the machine has so many and no more."""
    given(
        nb,
        "call((64, 190), 0, 250, 0o1600) >= 0",
        "call((68, 186), 0, 0o1600) >= 0",
        "call((29, 194), 0, 1 << 30, 0o1600) >= 0",
        "call((240, 180), b'cnnlab-hostile-was-here', 0o102, 0o600, 0) >= 0",
    )


@attack
def memory_in_descriptors(nb):
    """Makes files in memory, which no limit of its address space counts (memfd_create, memfd_secret)."""
    given(
        nb,
        "os.ftruncate(os.memfd_create('x'), 15 << 20) is None",
        "call((447, 447), 0) >= 0",
    )


@attack(stock=SAME)
def huge_pages(nb):
    """Takes the machine's huge pages, of which it keeps a fixed number."""
    given(nb, "__import__('mmap').mmap(-1, 2 << 20, 0x40022) is not None")


@attack(stock=SAME)
def pinned_memory(nb):
    """Pins memory, so that others' has to give way (mlock, mlockall, MAP_LOCKED)."""
    given(
        nb,
        "libc.mlock(space, 4096) == 0",
        "libc.mlockall(3) == 0",
        "call((325, 284), ctypes.addressof(space), 4096, 0) == 0",
        "__import__('mmap').mmap(-1, 4096, 0x2022) is not None",
    )


@attack(stock=SAME)
def the_page_cache_emptied(nb):
    """Drops what all have read of NumPy's files, so that the next one waits for the disk; and reads past it."""
    given(
        nb,
        "os.posix_fadvise(os.open(np.__file__, os.O_RDONLY), 0, 0, os.POSIX_FADV_DONTNEED) is None",
        "(lambda m: m.madvise(21))(__import__('mmap').mmap(os.open(np.__file__, 0), 4096, 1, 1)) is None",
        "os.open(np.__file__, os.O_RDONLY | os.O_DIRECT) >= 0",
        "(lambda fd: __import__('fcntl').fcntl(fd, 4, os.O_DIRECT))(os.open(np.__file__, 0)) == 0",
        "call((187, 213), os.open(np.__file__, os.O_RDONLY), 0, 1 << 20) == 0",
    )


@attack(stock=SAME)
def disks_flushed(nb):
    """Has the machine write all that waits for its disks, again and again (sync, syncfs, sync_file_range)."""
    given(
        nb,
        "call((162, 81)) == 0",
        "call((306, 267), os.open(np.__file__, os.O_RDONLY)) == 0",
        "call((277, 84), os.open(np.__file__, os.O_RDONLY), 0, 0, 7) == 0",
    )


@attack
def what_others_have_read(nb):
    """Asks which pages of a file others have in memory, a way to watch them (mincore, cachestat)."""
    given(
        nb,
        "(lambda m: libc.mincore(ctypes.c_void_p(np.frombuffer(m, np.uint8).ctypes.data), 4096, space))"
        "(__import__('mmap').mmap(os.open(np.__file__, 0), 4096, 1, 1)) == 0",
        "call((451, 451), os.open(np.__file__, 0), struct.pack('QQ', 0, 4096), space, 0) == 0",
    )


@attack(stock=SAME)
def terminals_by_the_dozen(nb):
    """Opens pseudo-terminals, of which the machine has 4,096."""
    given(nb, "os.open('/dev/ptmx', os.O_RDWR) >= 0", "os.openpty() is not None", "os.open('/dev/pts/ptmx', 2) >= 0")


@attack(slow=True, stock=SAME)
def empty_files_without_end(nb):
    """Makes empty files, which take the kernel's memory and none of the sizes that are limited; they are counted."""
    nb.count("import os\nfor k in range(10**7): os.symlink('x' * 60, f'/tmp/{k}')")


@attack(stock=SAME)
def attributes_without_end(nb):
    """Hangs attributes on a file of its own, which are kept in the kernel's memory (setxattr)."""
    given(nb, "[os.setxattr('/tmp', f'user.{k}', bytes(60000)) for k in range(100)]")


@attack
def pipes_and_descriptors(nb):
    """Enlarges pipes, whose pages are counted for a user, and opens what epoll, eventfd and signalfd count."""
    given(
        nb,
        "os.pipe()[0] >= 0",
        "__import__('fcntl').fcntl(4, 1031, 1 << 20) > 0",
        "__import__('select').epoll() is not None",
        "os.eventfd(0) >= 0",
        "libc.signalfd(-1, space, 0) >= 0",
    )


@attack(stock=SAME)
def processors_of_others(nb):
    """Asks for another scheduling, priority, set of processors or share of the disk, for itself and for all."""
    given(
        nb,
        "os.sched_setaffinity(0, {0}) is None",
        "os.setpriority(os.PRIO_USER, 0, 0) is None",
        "call((251, 30), 1, 0, (1 << 13) | 0) == 0",
        "call((314, 274), 0, struct.pack('IIQiIQQQII', 56, 0, 0, 0, 0, 0, 0, 0, 0, 1024), 0) == 0",
        "libc.prctl(62, 1, 0, 1, 0) == 0",
    )


@attack(stock=SAME)
def barriers_on_every_processor(nb):
    """Interrupts every processor of the machine, again and again (membarrier)."""
    given(nb, "call((324, 283), 1, 0, 0) == 0", "call((324, 283), 2, 0, 0) == 0")


@attack
def pages_merged_with_others(nb):
    """Has its memory compared with others' page by page, by a thread of the kernel; that tells what they hold, too."""
    given(
        nb,
        "libc.prctl(67, 1, 0, 0, 0) == 0",
        "__import__('mmap').mmap(-1, 1 << 20).madvise(12) is None",
    )


@attack(stock=SAME)
def pages_moved(nb):
    """Moves shared pages to another memory, far from the processors that use them (move_pages, mbind)."""
    given(
        nb,
        "call((279, 239), 0, 1, struct.pack('Q', ctypes.addressof(space)), 0, space, 0) == 0",
        "call((237, 235), ctypes.addressof(space), 4096, 0, 0, 0, 0) == 0",
        "call((238, 237), 0, 0, 0) == 0",
    )


@attack
def counters_of_the_processor(nb):
    """Opens the processor's counters, and a trace of the kernel (perf_event_open, bpf)."""
    given(
        nb,
        "call((298, 241), struct.pack('IIQ', 1, 112, 0) + bytes(96), 0, -1, -1, 0) >= 0",
        "call((321, 280), 0, struct.pack('IIII', 2, 4, 4, 1) + bytes(100), 116) >= 0",
    )


@attack
def faults_of_its_own(nb):
    """Answers page faults itself, to hold the kernel where it likes (userfaultfd)."""
    given(nb, "call((323, 282), 1) >= 0", "call((323, 282), 0) >= 0")


@attack
def other_numbers_for_calls(nb):
    """Numbers its calls as 32-bit code and x32 do, where a filter may look for others."""
    given(
        nb,
        "call((0x40000000 | 39, 10**6)) > 0",
        "(lambda m: (m.write(bytes.fromhex('b8140000 00cd80 c3'.replace(' ', ''))), "
        "ctypes.CFUNCTYPE(ctypes.c_int)(np.frombuffer(m, np.uint8).ctypes.data)())[1])"
        "(__import__('mmap').mmap(-1, 4096, prot=7)) > 0",
    )


@attack
def namespaces_for_a_thread(nb):
    """Asks for new namespaces, in which it would be root, by every call that can make them."""
    given(
        nb,
        "libc.unshare(0x10000000) == 0",
        "call((435, 435), struct.pack('QQQQQQQQ', 0x10000000, 0, 0, 0, 17, 0, 0, 0), 64) >= 0",
        "call((56, 220), 0x10000011, 0, 0, 0, 0) >= 0",
        "call((308, 268), 3, 0) == 0",
        "call((272, 97), 0) == 0",
    )


@attack
def limits_lifted(nb):
    """Sets its own limits anew, and those of process 1 (prlimit, setrlimit)."""
    given(
        nb,
        "__import__('resource').setrlimit(__import__('resource').RLIMIT_NOFILE, (32, 32)) is None",
        "call((160, 164), 7, struct.pack('QQ', 32, 32)) == 0",
        "call((302, 261), 1, 7, struct.pack('QQ', 32, 32), 0) == 0",
    )


@attack(slow=True, stock="would keep all processors busy")
def threads_that_compute(nb):
    """Computes in sixty threads at once, to slow whoever is graded beside it: its processor time has an end."""
    nb.count(
        "return 0",
        """
        import threading
        def burn():
            a = np.random.rand(300, 300)
            while True: a = np.tanh(a @ a)
        for _ in range(56): threading.Thread(target=burn, daemon=True).start()
    """,
    )
