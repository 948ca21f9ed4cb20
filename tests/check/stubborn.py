"""Functions that do not come back, or only in their own way, and what is to become of each where there are no threads.

`differing()` runs them all, here or in a browser's Python; it needs no pytest.
"""

import contextlib
import itertools
import time

from cnnlab.check import timelimit
from cnnlab.check.subject import NotebookSubject

SECONDS = 0.4
PATIENCE = 20  # a machine may be busy: the clock is the wall's


def for_ever():
    while True:
        pass


def swallows_every_exception():
    while True:
        try:
            sum(k for k in range(100))
        except BaseException:
            continue


def suppresses_every_exception():
    while True:
        with contextlib.suppress(BaseException):
            for _ in itertools.count():
                pass


def calls_itself_for_ever():
    while True:
        leaf()


def leaf():
    return 1


def feeds_a_sum_for_ever():
    return sum(1 for _ in itertools.repeat(1))


def too_deep(n=0):
    return too_deep(n + 1)


def raises():
    raise ValueError("of mine")


def leaves():
    raise SystemExit


def comes_back():
    return sum(k * k for k in range(1000))


ENDLESS = [for_ever, swallows_every_exception, suppresses_every_exception, calls_itself_for_ever, feeds_a_sum_for_ever]
OTHERS = {too_deep: "RecursionError", raises: "ValueError", leaves: "SystemExit"}


def asked(function, seconds=SECONDS):
    return NotebookSubject(function, seconds).call()


def differing() -> list[str]:
    """What is not as it has to be, a line each."""
    found = []
    for function in ENDLESS:
        timelimit.endless.clear()
        began = time.perf_counter()
        if not asked(function).endless:
            found.append(f"{function.__name__} is not endless")
        if time.perf_counter() - began > PATIENCE * SECONDS:
            found.append(f"{function.__name__} was stopped too late")
    timelimit.endless.clear()
    asked(for_ever, seconds=1.0)
    began = time.perf_counter()
    if not asked(for_ever, seconds=60.0).endless or time.perf_counter() - began > 30:
        found.append("what did not come back was waited for again")
    for function, error in OTHERS.items():
        trouble = asked(function).trouble
        if trouble is None or trouble.error != error:
            found.append(f"{function.__name__}: {trouble}")
    if asked(comes_back).value != 332_833_500:
        found.append("a right value did not come back")
    nested = NotebookSubject(lambda: (asked(comes_back).value, asked(for_ever, seconds=0.1).endless), SECONDS).call()
    if not nested.endless:
        found.append("a call inside another one outlived it")
    return found


def interrupted():
    """Whether the learner's own interrupt passes."""

    def stop():
        raise KeyboardInterrupt

    try:
        asked(stop)
    except KeyboardInterrupt:
        return True
    return False
