"""What a notebook has built in and a worker has not, as things that do no harm: what only shows something does nothing,
a progress bar gives the items that it was given, and a cell may `await`.

Runs inside the sandbox. An honest cell that looks at things on the way goes on, and what it defines besides is there.
"""

import __future__

import ast
import builtins
import contextlib
import importlib.abc
import importlib.machinery
import inspect
import itertools
import opcode
import sys
import types
from typing import Any

PLOTS = ("matplotlib", "seaborn", "plotly", "torchinfo", "torchsummary")
SHOWN_ONLY = (*PLOTS, "IPython", "ipywidgets", "anywidget", "tqdm")  # honest cells import them to look at things
SITE = ("copyright", "credits", "exit", "help", "license", "quit")  # for a person at a prompt
DEBUGGER = ("execfile", "runfile")
UNPACK = opcode.opmap["UNPACK_SEQUENCE"]


class Nothing:
    """Takes any call, attribute, item or sum and gives itself; as many of itself as one likes to unpack."""

    def __call__(self, *args, **kwargs):
        lone = args[0] if len(args) == 1 and not kwargs else None
        return lone if isinstance(lone, types.FunctionType) else self  # a decorator gives the function back

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __setattr__(self, name, value):
        pass

    def __getitem__(self, key):
        return self

    def __setitem__(self, key, value):
        pass

    __delitem__ = __delattr__ = lambda self, key: None

    def __iter__(self):
        return iter((self,) * _how_many_are_unpacked(sys._getframe(1)))

    def __contains__(self, item):
        return False

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def __mro_entries__(self, bases):
        return ()  # a class derived from nothing is a plain class

    def _itself(self, other=None):
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _itself
    __or__ = __ror__ = __neg__ = __abs__ = _itself


def _how_many_are_unpacked(frame):
    """How many names stand on the left where the code that asks is `a, b, c = nothing`; elsewhere 2."""
    code, at = frame.f_code.co_code, frame.f_lasti
    return code[at + 1] if 0 <= at < len(code) - 1 and code[at] == UNPACK else 2


nothing = Nothing()


class BarKind(type):
    """`tqdm.write`, `tqdm.pandas` and the like do nothing."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return nothing


class Bar(metaclass=BarKind):
    """A progress bar: what it was given, and nothing to see."""

    def __init__(self, iterable: Any = None, *args, **kwargs):
        self.iterable = iterable

    def __iter__(self):
        return iter(() if self.iterable is None else self.iterable)

    def __reversed__(self):
        return reversed(self.iterable)

    def __len__(self):
        return 0 if self.iterable is None else len(self.iterable)

    def __bool__(self):
        return True

    def __contains__(self, item):
        return self.iterable is not None and item in self.iterable

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return nothing  # set_postfix, update, close …


def bar_over_range(*args, **kwargs):
    """`trange`: a bar over range(n)."""
    return Bar(range(*args))


PROGRESS = {
    **dict.fromkeys(("tqdm", "tqdm_notebook", "tqdm_gui"), Bar),
    **dict.fromkeys(("trange", "tnrange", "tgrange"), bar_over_range),
    "tenumerate": lambda iterable, start=0, **kwargs: enumerate(iterable, start),
    "tzip": lambda *iterables, **kwargs: zip(*iterables, strict=False),
    "tmap": lambda function, *iterables, **kwargs: map(function, *iterables),
}


class ShownOnly(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Plotting libraries and the course's own figures, as modules in which every name does nothing."""

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in SHOWN_ONLY or name.startswith("cnnlab."):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return _Module(spec.name)

    def exec_module(self, module):
        module.__path__ = []


class _Module(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "ProgressBar":
            return bar_over_range
        if self.__name__.split(".")[0] != "tqdm":
            return nothing
        return self if name in ("std", "auto", "notebook", "gui", "contrib") else PROGRESS.get(name, nothing)


def display(*args, **kwargs):
    """IPython's, which every notebook has built in."""


def get_ipython():
    """IPython's; what it gives does nothing."""
    return nothing


def install(names):
    """Put what every notebook has into the builtins, and what stands in its namespace into `names`."""
    vars(builtins).update(dict.fromkeys((*SITE, *DEBUGGER), nothing))
    vars(builtins).update(display=display, get_ipython=get_ipython, __IPYTHON__=True)
    names.update(In=[""], Out={}, _="", __="", ___="")
    sys.meta_path.append(ShownOnly())


def run_cell(source, filename, names, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT):
    """Run a cell, as text or as a tree, in this namespace. It may `await`, as it may in a notebook. Where it imports
    what a notebook may have and a worker has not, it raises that error, too, but when the rest of it has run."""
    code = compile(source, filename, "exec", flags=flags)
    try:
        _execute(code, names)
    except ImportError as error:
        rest = _what_follows(source, code, error)
        if rest is not None:
            with contextlib.suppress(Exception):
                run_cell(rest, filename, names, flags | code.co_flags & __future__.annotations.compiler_flag)
        raise


def _execute(code, names):
    if code.co_flags & inspect.CO_COROUTINE:
        import awaiting  # asyncio takes longer to come in than most cells to run

        awaiting.finish(eval(code, names))
    else:
        exec(code, names)


def _what_follows(source, code, error):
    """The cell behind the import that raised, with what else that line imports; None where what raised is no import at
    its top level."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    if trace is None:
        return None
    line, _, column, _ = next(itertools.islice(code.co_positions(), trace.tb_lasti // 2, None))
    body = source.body if isinstance(source, ast.Module) else ast.parse(source).body
    for k, node in enumerate(body):
        if isinstance(node, ast.Import | ast.ImportFrom) and (node.lineno, node.col_offset) == (line, column):
            several = node.names if isinstance(node, ast.Import) and len(node.names) > 1 else []
            return ast.Module([*(ast.copy_location(ast.Import([one]), one) for one in several), *body[k + 1 :]], [])
    return None
