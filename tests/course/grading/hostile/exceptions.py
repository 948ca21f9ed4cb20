"""Attacks with what is raised: exceptions that lie, loop or pretend."""

from tests.course.grading.hostile import attack


@attack
def a_message_that_raises(nb):
    """Raises an exception whose __str__ and __repr__ raise SystemExit."""
    nb.count(
        "raise Bad",
        """
        class Bad(Exception):
            def __str__(self): raise SystemExit
            __repr__ = __str__
    """,
    )


@attack(slow=True)
def a_message_without_end(nb):
    """Raises an exception whose __str__ never returns."""
    nb.count(
        "raise Bad",
        """
        class Bad(Exception):
            def __str__(self):
                while True: pass
    """,
    )


@attack
def a_type_with_a_strange_name(nb):
    """Raises a type whose name is a page of markup, through a metaclass that lies about it."""
    nb.count(
        "raise Bad()",
        """
        class Meta(type):
            __name__ = property(lambda self: 7)
            def mro(cls): return [cls, *Exception.__mro__]
        Bad = Meta("<script>alert(1)</script>" * 200, (Exception,), {})
    """,
    )


@attack
def an_exception_that_says_passed(nb):
    """Raises CheckFailed with the words of a passed check: words give no points."""
    nb.count("""
        class CheckFailed(AssertionError): pass
        raise CheckFailed("passed: count_parameters_dense · count · 1 of 1 point")
    """)


@attack
def exits(nb):
    """Raises SystemExit(0) in each function, as a program does that went well."""
    nb.count("raise SystemExit(0)")
    nb.correlate("import sys\nsys.exit()")
    nb.solve("diagonal_edge_kernel", "def diagonal_edge_kernel():\n    quit()")


@attack
def interrupts(nb):
    """Raises KeyboardInterrupt and GeneratorExit, which graders hand on."""
    nb.count("raise KeyboardInterrupt")
    nb.correlate("raise GeneratorExit")


@attack
def the_clocks_own_exception(nb):
    """Raises and catches the exception by which the worker stops functions."""
    nb.count("from cnnlab.check.timelimit import Stopped\nraise Stopped('passed')")


@attack
def the_workers_own_exceptions(nb):
    """Raises the errors that the protocol knows, WireError and struct.error."""
    nb.count("import wire\nraise wire.WireError('passed')")
    nb.correlate("import struct\nraise struct.error('passed')")


@attack
def value_errors_everywhere(nb):
    """Raises ValueError always, where some checks expect one."""
    nb.count("raise ValueError")
    nb.correlate("raise ValueError('Expected a ValueError')")


@attack
def a_chain_that_holds_itself(nb):
    """Raises exceptions that are each other's cause and context, in groups of groups."""
    nb.count("""
        a, b = ValueError("a"), ValueError("b")
        a.__cause__, b.__cause__, a.__context__, b.__context__ = b, a, b, a
        raise ExceptionGroup("g", [ExceptionGroup("h", [a, b]), a])
    """)


@attack
def a_traceback_of_its_own(nb):
    """Raises with a traceback of a thousand frames from files with strange names."""
    nb.count("""
        code = "def f(n):\\n    if n: g(n - 1)\\n    raise KeyError('x' * 10000)\\n"
        names = {}
        exec(compile(code, "</pre><script>alert(1)</script>\\x1b[2J", "exec"), names)
        names["g"] = names["f"]
        names["f"](300)
    """)


@attack
def warnings_that_raise(nb):
    """Warns with an object whose __str__ exits, and turns warnings into errors for everybody."""
    nb.count(
        "import warnings\nwarnings.warn(Bad())\nreturn 0",
        """
        import warnings
        warnings.simplefilter("error")
        class Bad(UserWarning):
            def __str__(self): raise SystemExit
    """,
    )


@attack
def excepthooks(nb):
    """Replaces sys.excepthook, threading.excepthook and sys.unraisablehook by ones that exit with success."""
    nb.wrong()
    nb.add(
        "import os, sys, threading\nsys.excepthook = threading.excepthook = sys.unraisablehook = lambda *a: os._exit(0)"
    )
    nb.count("raise KeyError")
