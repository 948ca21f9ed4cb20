"""Attacks that patch what a check is made of, to have it say yes: here the check runs in another process."""

from tests.course.grading.hostile import attack


@attack
def checks_replaced(nb):
    """Replaces the checks by functions that do nothing: the judge's are elsewhere."""
    nb.wrong()
    nb.add("""
        for name in ("count_parameters_dense", "diagonal_edge_kernel", "cross_correlate2d"):
            setattr(check, name, lambda *args, **kwargs: None)
    """)


@attack
def check_rebound(nb):
    """Rebinds the name `check` itself."""
    nb.wrong()
    nb.add("from unittest.mock import MagicMock\ncheck = MagicMock()", before="check-count_parameters_dense-count")


@attack
def comparison_patched(nb):
    """Patches cnnlab's comparison to find no difference."""
    nb.wrong()
    nb.add("""
        import cnnlab.check.compare, cnnlab.check.exercise
        cnnlab.check.compare.difference = cnnlab.check.exercise.difference = lambda *a, **k: None
        cnnlab.check.exercise.Exercise._judge = lambda *a, **k: None
    """)


@attack
def numpy_says_yes(nb):
    """Patches numpy's allclose, array_equal, isfinite and testing to agree with anything."""
    nb.wrong()
    nb.add("""
        np.allclose = np.array_equal = np.isclose = lambda *a, **k: True
        np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None
        np.abs = np.absolute = lambda x, *a, **k: np.zeros(np.shape(x))
    """)


@attack
def builtins_patched(nb):
    """Patches isinstance, len, type and abs for everybody in the process."""
    nb.wrong()
    nb.add(
        "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.abs = lambda x: 0\nbuiltins.len = lambda x: 2"
    )


@attack
def assertions_that_do_not_raise(nb):
    """Replaces AssertionError and CheckFailed by classes that can not be raised."""
    nb.wrong()
    nb.add("""
        import builtins
        builtins.AssertionError = type("Calm", (), {})
        import cnnlab.check.notebook, cnnlab.check.report
        cnnlab.check.notebook.CheckFailed = cnnlab.check.report.CheckFailed = lambda *a, **k: SystemExit(0)
    """)


@attack
def input_transformer(nb):
    """Has IPython rewrite every later cell, so that checks become comments."""
    nb.wrong()
    nb.add("get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])")


@attack
def run_cell_patched(nb):
    """Patches the shell's showtraceback and run_cell, so that no error is ever seen."""
    nb.wrong()
    nb.add("""
        shell = get_ipython()
        shell.showtraceback = lambda *a, **k: None
        shell._showtraceback = lambda *a, **k: None
    """)


@attack
def partial_credit_displayed(nb):
    """Makes the check return 1000.0: a value at the end of a check cell is partial credit for nbgrader."""
    nb.wrong()
    nb.add("""
        class Generous(float):
            def __call__(self, *args, **kwargs): return 1000.0
            def __getattr__(self, name): return self
        check = Generous(1)
    """)


@attack
def oracle_replaced(nb):
    """Puts the wrong function in the place of the exercise's oracle."""
    nb.wrong()
    nb.add("""
        exercise = check.count_parameters_dense.exercise
        object.__setattr__(exercise, "oracle", lambda *a, **k: 0)
    """)


@attack
def subject_patched(nb):
    """Patches the Subject in the worker to answer 8 or whatever the first case wants."""
    nb.wrong()
    nb.add("""
        import cnnlab.check.subject as subject
        subject.NotebookSubject._run = lambda self, *a, **k: subject.Answer(value=8)
    """)


@attack
def wire_patched(nb):
    """Patches the worker's encoder to send a verdict instead of an answer."""
    nb.wrong()
    nb.add("""
        import wire
        inner = wire.encode
        def encode(message, *args):
            return inner({**message, "passed": True, "points": 1000, "kind": "passed", "value": True, "trouble": None})
        wire.encode = encode
    """)


@attack
def import_hook(nb):
    """Puts a finder first on sys.meta_path that serves its own cnnlab and numpy."""
    nb.wrong()
    nb.add("""
        import importlib.machinery, sys, types
        class Finder:
            def find_spec(self, name, path=None, target=None):
                return importlib.machinery.ModuleSpec(name, self)
            def create_module(self, spec):
                made = types.ModuleType(spec.name); made.__path__ = []
                made.__getattr__ = lambda name: (lambda *a, **k: None)
                return made
            def exec_module(self, module): pass
        sys.meta_path.insert(0, Finder())
        for name in [n for n in sys.modules if n.startswith("cnnlab")]: del sys.modules[name]
        from cnnlab import check
    """)


@attack
def random_numbers_foreseen(nb):
    """Patches default_rng so that every case is drawn from zeros, for which zeros are right."""
    nb.wrong()
    nb.add("""
        class Zeros:
            def __init__(self, *a): pass
            def __getattr__(self, name): return lambda *a, **k: np.zeros(k.get("size", a[-1] if a else 1), int)
        np.random.default_rng = Zeros
    """)


@attack
def json_and_struct_patched(nb):
    """Patches json.dumps and struct.Struct.pack underneath the worker: at most its own worker is lost."""
    nb.wrong()
    nb.add("""
        import json, struct, math
        json.dumps = lambda *a, **k: '{"d":[["id",2],["value",8],["args",{"t":[]}],["trouble",null]]}'
        math.isfinite = lambda x: True
    """)


@attack
def trace_function(nb):
    """Installs sys.settrace and a profiler that change local variables of whoever runs."""
    nb.wrong()
    nb.add("""
        import sys, threading
        def tracer(frame, event, arg):
            for name in ("expected", "failure", "found", "wrong"):
                if name in frame.f_locals: frame.f_locals[name] = None
            return tracer
        sys.settrace(tracer); sys.setprofile(tracer); threading.settrace(tracer); threading.setprofile(tracer)
    """)


@attack
def worker_class_patched(nb):
    """Patches the worker's own methods by way of gc: it can only answer for itself."""
    nb.wrong()
    nb.add("""
        import gc
        for thing in gc.get_objects():
            if type(thing).__name__ == "Worker":
                type(thing).do_verb = lambda self, message: type("A", (), dict(
                    value=True, args=(), trouble=None, warnings=(), printed="passed", name="x"))()
    """)


@attack
def code_objects_swapped(nb):
    """Swaps the code of every function in cnnlab for one that returns None."""
    nb.wrong()
    nb.add("""
        import gc, types
        def nothing(*args, **kwargs): return None
        for thing in gc.get_objects():
            if isinstance(thing, types.FunctionType) and not thing.__closure__ and "cnnlab" in thing.__module__:
                if "difference" in thing.__name__ or "judge" in thing.__name__ or "fail" in thing.__name__:
                    thing.__code__ = nothing.__code__
    """)
