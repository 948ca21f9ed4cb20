"""Attacks that look for the expected values: in the stack, among the objects, in modules and in memory."""

from tests.course.grading.hostile import attack


@attack
def oracle_from_the_stack(nb):
    """Looks up the caller's frames for an Exercise and asks its oracle: there is none in its process."""
    for name in ("count", "correlate"):
        args = "in_features, out_features, bias" if name == "count" else "image, kernel"
        getattr(nb, name)(f"""
            import sys
            frame = sys._getframe()
            while frame:
                for value in frame.f_locals.values():
                    if type(value).__name__ == "Exercise": return value.oracle({args})
                frame = frame.f_back
            return 0
        """)


@attack
def oracle_from_the_garbage_collector(nb):
    """Finds the exercise among all living objects and asks its oracle."""
    nb.count("""
        import gc
        for thing in gc.get_objects():
            if type(thing).__name__ == "Exercise" and thing.name == "count_parameters_dense":
                return thing.oracle(in_features, out_features, bias)
        return 0
    """)


@attack
def oracle_imported(nb):
    """Imports the lesson's declaration and calls the oracle: the sandbox does not have that file."""
    nb.count("""
        from cnnlab.check.lesson_01.count_parameters_dense import EXERCISE
        return EXERCISE.oracle(in_features, out_features, bias)
    """)


@attack
def oracle_of_the_check_itself(nb):
    """Asks `check` for the exercise that it holds."""
    nb.correlate("return check.cross_correlate2d.exercise.oracle(image, kernel)")


@attack
def oracle_read_from_disk(nb):
    """Looks for the declaration's file on every path that Python knows."""
    nb.count("""
        import glob, sys
        for folder in [*sys.path, "/work", "/root", "/home", "/usr/lib", "/"]:
            for file in glob.glob(folder + "/**/lesson_01/count_parameters_conv.py", recursive=True):
                names = {}
                exec(open(file).read(), names)
                return names["learned"](in_features, out_features, 1, bias)
        return 0
    """)


@attack
def frames_of_other_threads(nb):
    """Reads the local variables of every thread for something called expected."""
    nb.count("""
        import sys
        for frame in sys._current_frames().values():
            while frame:
                for name in ("expected", "cases", "oracle"):
                    if name in frame.f_locals: return frame.f_locals[name]
                frame = frame.f_back
        return 0
    """)


@attack
def freed_memory(nb):
    """Takes uninitialised arrays of the right size, in the hope of the expected one's bytes."""
    nb.correlate("return np.empty((image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1))")


@attack
def memory_of_the_process(nb):
    """Reads its own memory by way of /proc: there is no /proc."""
    nb.count("""
        import re
        for line in open("/proc/self/maps"):
            start, end = (int(x, 16) for x in line.split()[0].split("-"))
            if "rw" in line and end - start < 1 << 24:
                with open("/proc/self/mem", "rb") as memory:
                    memory.seek(start)
                    if b"expected" in memory.read(end - start): return 8
        return 0
    """)


@attack
def memory_of_the_parent(nb):
    """Reads the memory of its parent process with ptrace and process_vm_readv: refused by the kernel."""
    nb.count("""
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        buffer = ctypes.create_string_buffer(64)
        said = libc.ptrace(16, os.getppid(), 0, 0), libc.process_vm_readv(os.getppid(), 0, 0, 0, 0, 0)
        return 8 if said == (0, 0) else 0
    """)


@attack
def secrets_in_modules(nb):
    """Prints whatever module attribute sounds like a seed or a secret."""
    nb.count("""
        import sys
        for name, module in list(sys.modules.items()):
            for key in dir(module):
                if "secret" in key.lower() or "seed" in key.lower(): print(name, key, getattr(module, key, ""))
        return 0
    """)


@attack
def source_of_the_caller(nb):
    """Asks inspect for the source of whoever calls, to find the cases in it."""
    nb.count("""
        import inspect
        for frame in inspect.stack():
            print(frame.filename, frame.code_context)
            if "cases" in frame.frame.f_globals: return frame.frame.f_globals["cases"]
        return 0
    """)


@attack
def answer_from_the_traceback(nb):
    """Raises and catches an error to walk its traceback's frames, and those of their contexts."""
    nb.count("""
        try:
            raise KeyError
        except KeyError as error:
            frame = error.__traceback__.tb_frame
            while frame:
                if "case" in frame.f_locals: return frame.f_locals["self"].expected(frame.f_locals["case"])
                frame = frame.f_back
        return 0
    """)
