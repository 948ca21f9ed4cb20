"""Attacks on the image that workers are copies of: to reach it, other copies, or what it covers."""

from tests.course.grading.hostile import attack
from tests.course.grading.hostile.shared_kernel import given

NONE = "it has no image"


@attack(stock=NONE)
def a_door_that_stayed_open(nb):
    """Looks among its descriptors for the socket on which the image hears of workers, and asks for one (sendmsg)."""
    given(
        nb,
        "any(os.fstat(fd).st_mode & 0o170000 == 0o140000 for fd in range(64) if call((72, 25), fd, 1, 0) >= 0)",
        "any(call((46, 211), fd, space, 0) >= 0 for fd in range(64))",
    )


@attack(stock=NONE)
def what_lies_under_the_covers(nb):
    """Takes its own /tmp away, under which the image sees processes (umount2, pivot_root, open_tree, fsopen)."""
    given(
        nb,
        "call((166, 39), b'/tmp', 2) == 0",
        "call((155, 41), b'/tmp', b'/tmp') == 0",
        "call((428, 428), -100, b'/tmp', 1) >= 0",
        "call((430, 430), b'proc', 0) >= 0",
        "os.path.exists('/tmp/self') or os.path.exists('/proc/self')",
    )


@attack(stock=NONE)
def capabilities_of_a_new_namespace(nb):
    """Uses what the first process of a user namespace may do: mount, chroot, a host's name, a file of any owner."""
    given(
        nb,
        "call((165, 40), b'none', b'/dev/shm', b'tmpfs', 0, 0) == 0",
        "call((161, 51), b'/tmp') == 0",
        "call((170, 161), b'mine', 4) == 0",
        "call((125, 90), struct.pack('IiIII', 0x20080522, 0, 0, 0, 0), space) == 0 and any(space.raw[:24])",
        "open('/tmp/file', 'w').close() is None and os.chown('/tmp/file', 0, 0) is None",
    )


@attack(stock=NONE)
def namespaces_below_ones_own(nb):
    """Makes a user namespace of its own, or enters the image's (unshare, clone, setns)."""
    given(
        nb,
        "call((272, 97), 0x10000000) == 0",
        "call((56, 220), 0x10000011, 0, 0, 0, 0) > 0",
        "any(call((308, 268), fd, 0) == 0 for fd in range(64))",
    )


@attack(stock=NONE)
def the_first_process_of_the_namespace(nb):
    """Ends or traces the process that waits beside it, to outlive its own end (tgkill, ptrace, process_vm_writev)."""
    given(
        nb,
        "call((101, 117), 16, 1, 0, 0) == 0",
        "call((311, 271), 1, space, 1, space, 1, 0) >= 0",
        "call((234, 131), 1, 1, 9) == 0 and __import__('time').sleep(0.2) is None and os.getppid() != 1",
    )


@attack
def pages_of_the_image(nb):
    """Makes NumPy's own memory writable and fills in another answer, for itself and for whoever is copied next."""
    nb.wrong()
    nb.add("""
        import ctypes, types
        import numpy as np
        for name in ("pi", "e", "inf"):
            ctypes.c_double.from_address(id(getattr(np, name)) + 16).value = 1.0
        np.core = types.SimpleNamespace(left="cnnlab-hostile-was-here")
        code = ctypes.cast(ctypes.pythonapi.PyNumber_Add, ctypes.c_void_p).value
        ctypes.CDLL(None).mprotect(ctypes.c_void_p(code & ~4095), 8192, 7)
        ctypes.memmove(code, b"\xc3" * 16, 16)
    """)
