"""Attacks with processes, threads and signals: to harm others, to outlive the grading, to escape its clock."""

from tests.course.grading.hostile import attack


@attack(stock="would take the machine down")
def fork_bomb(nb):
    """Forks without end: the kernel refuses the first one."""
    nb.wrong()
    nb.add("import os\nwhile True: os.fork()")


@attack(stock="would take the machine down")
def thread_bomb(nb):
    """Starts threads without end: counted from outside, and the worker is ended."""
    nb.count("""
        import threading, time
        threading.stack_size(32768)
        while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    """)


@attack
def a_shell(nb):
    """Runs commands by subprocess, os.system, os.popen and os.posix_spawn."""
    nb.wrong()
    nb.add("""
        import os, subprocess
        for run in (lambda: subprocess.run(["/bin/sh", "-c", "touch /tmp/cnnlab-hostile-was-here"]),
                    lambda: os.system("touch /tmp/cnnlab-hostile-was-here"), lambda: os.popen("id").read(),
                    lambda: os.posix_spawn("/bin/true", ["true"], {})):
            try: print(run())
            except OSError as error: print(error)
    """)


@attack
def a_daemon(nb):
    """Forks twice and leaves its session, to live on after the grading."""
    nb.wrong()
    nb.add("""
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(30)
                os._exit(0)
            os._exit(0)
    """)


@attack
def everybody_killed(nb):
    """Sends SIGKILL to all processes that it may signal, its parent and process 1."""
    nb.wrong()
    nb.add("""
        import os, signal
        for pid in (os.getppid(), 1, -1, 0):
            try: os.kill(pid, signal.SIGKILL)
            except OSError: pass
    """)


@attack(slow=True)
def signals_ignored(nb):
    """Ignores every signal, swallows every exception and computes for ever, deaf to its clock."""
    nb.count(
        """
        while True:
            try:
                while True: pass
            except BaseException: pass
    """,
        """
        import signal
        for number in range(1, 65):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
    """,
    )


@attack(slow=True)
def the_lock_kept(nb):
    """Holds Python's lock in one long call of C, so that no thread of the worker can stop it."""
    nb.count("return sum(iter(int, 1))")


@attack
def alarm_handlers(nb):
    """Sets timers and handlers that go off while the worker answers, to raise in its code."""
    nb.count(
        "return 0",
        """
        import signal
        def ring(*args): raise SystemExit("passed")
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    """,
    )


@attack
def exit_handlers(nb):
    """Registers atexit functions and __del__ methods, and exits: for what is run at the end with more rights."""
    nb.wrong()
    nb.add("""
        import atexit, sys
        class Last:
            def __del__(self): open("/tmp/cnnlab-hostile-was-here", "w").write("x")
        keep = Last()
        atexit.register(lambda: open("/tmp/cnnlab-hostile-was-here", "w").write("x"))
        sys.exit(0)
    """)


@attack
def process_ended_at_once(nb):
    """Ends the process with success before any check is run."""
    nb.wrong()
    nb.add("import os\nos._exit(0)")


@attack
def crash(nb):
    """Reads from address 0: the worker dies, and the message says so."""
    nb.count("import ctypes\nreturn ctypes.string_at(0)")


@attack
def memory_overwritten(nb):
    """Writes over small integers in its process's memory with ctypes, so that 8 equals 0."""
    nb.count(
        "return 0",
        """
        import ctypes
        ctypes.memmove(id(8) + 24, id(0) + 24, 4)
        ctypes.memmove(id(0) + 24, id(8) + 24, 4)
    """,
    )


@attack
def debugger_of_the_judge(nb):
    """Attaches to process numbers near its own and above, as outside the sandbox they would be the judge."""
    nb.count("""
        import ctypes, os
        libc = ctypes.CDLL(None)
        return 8 if any(libc.ptrace(16, pid, 0, 0) == 0 for pid in range(1, os.getpid() + 300)) else 0
    """)


@attack
def parents_death_signal_cleared(nb):
    """Clears the signal that ends it with its parent and makes itself unkillable by name and by session."""
    nb.wrong()
    nb.add("""
        import ctypes, os, threading, time
        libc = ctypes.CDLL(None)
        libc.prctl(1, 0, 0, 0, 0)
        libc.prctl(15, b"systemd", 0, 0, 0)
        try: os.setsid()
        except OSError: pass
        threading.Thread(target=time.sleep, args=(60,)).start()
    """)


@attack
def priority_raised(nb):
    """Asks for real-time scheduling and the highest priority: refused."""
    nb.count("""
        import os
        for ask in (lambda: os.nice(-20), lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99))):
            try:
                ask()
                return 8
            except OSError: pass
        return 0
    """)


@attack
def other_processes_seen(nb):
    """Looks for the judge among the processes: the sandbox has its own."""
    nb.count("""
        import os
        found = []
        for pid in range(1, 5000):
            try: os.kill(pid, 0); found.append(pid)
            except PermissionError: found.append(pid)
            except OSError: pass
        return 8 if len(found) > 4 else 0
    """)
