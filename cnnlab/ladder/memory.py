"""Keep freed memory for the next step.

Every step of a training loop asks for the same large pieces of memory and gives them back. On Linux they go back to
the system, which hands them out anew a page at a time, each page wiped first: thousands of page faults a step.
"""

from __future__ import annotations

import contextlib
import ctypes

# mallopt's names, from glibc's malloc.h, and the largest threshold that it takes.
TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3
KEEP = {MMAP_THRESHOLD: 32 << 20, TRIM_THRESHOLD: 1 << 30, TOP_PAD: 64 << 20}
USUAL = {MMAP_THRESHOLD: 16 << 20, TRIM_THRESHOLD: 32 << 20, TOP_PAD: 128 << 10}  # where glibc ends up by itself


@contextlib.contextmanager
def kept_memory():
    """Inside, what is freed stays with the process; does nothing where the C library is not glibc."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        yield
        return
    for name, value in KEEP.items():
        mallopt(name, value)
    try:
        yield
    finally:
        for name, value in USUAL.items():
            mallopt(name, value)
