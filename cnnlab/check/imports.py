"""Which packages does a function use? For the friendly note that a lesson is about NumPy alone."""

import ast
import dis
import inspect
import linecache
import sys
from types import CodeType, FunctionType, ModuleType
from typing import Any

from cnnlab.settings import course

PLOTS = ("matplotlib", "seaborn", "plotly", "torchinfo", "torchsummary")
SHOWN_ONLY = (*PLOTS, "IPython", "ipywidgets", "anywidget", "tqdm")  # in grading they are there and do nothing
GLOBALS = ("LOAD_GLOBAL", "LOAD_NAME")
HARMLESS = ("IPython", "tqdm")  # where a lesson is graded they show nothing, and give what they were given
# Of a notebook that somebody sits at.
AT_A_KEYBOARD = ("input", "In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh", "_dh", "exit", "quit")


def not_allowed(thing: Any, lesson: str) -> list[str]:
    """The packages that `thing`, or the cell that defines it, brings in and that the lesson's list in course.toml does
    not name, sorted; and the names that are only there while somebody sits at the notebook."""
    listed = course().get("lessons", {}).get(lesson, {}).get("imports", [])
    allowed = {"cnnlab", "__main__", "builtins", *HARMLESS, *listed}
    try:
        function = getattr(thing, "func", thing)
        used = _packages(function, set()) | _brought_in(function)
        at_a_keyboard = _at_a_keyboard(function)
    except Exception:  # an odd object; the note is a kindness, no verdict
        return []
    return sorted(used - allowed - sys.stdlib_module_names) + at_a_keyboard


def _brought_in(function: Any) -> set[str]:
    """The packages that the notebook cell of a function imports for itself: where one is not there, the cell fails.

    What it tries to import, and can do without, is not among them; nor are those that do nothing in grading.
    """
    if not isinstance(function, FunctionType) or function.__module__ != "__main__":
        return set()
    nodes = ast.parse("".join(linecache.getlines(function.__code__.co_filename))).body
    imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [[alias.name for alias in n.names] if isinstance(n, ast.Import) else [n.module or ""] for n in imports]
    return {_top(name) for several in names for name in several} - set(SHOWN_ONLY)


def _at_a_keyboard(function: Any) -> list[str]:
    """Those of AT_A_KEYBOARD that a function reads from outside itself."""
    if not isinstance(function, FunctionType):
        return []
    reads = [i.argval for code in _codes(function.__code__) for i in dis.get_instructions(code) if i.opname in GLOBALS]
    return [name for name in AT_A_KEYBOARD if name in reads and name not in _own(function)]


def _own(function: FunctionType) -> set[str]:
    """Which of these names a cell gave a meaning of its own: functions, that is; IPython keeps results in the rest."""
    return {name for name in ("input", "exit", "quit") if isinstance(function.__globals__.get(name), FunctionType)}


def names_used(thing: Any) -> dict[str, Any]:
    """The functions (and classes) of the learner's own that a function calls by name, and that those call in turn."""
    found: dict[str, Any] = {}
    waiting = [thing if type(thing) is FunctionType else vars(type(thing)).get("__call__")]
    while waiting:
        function = waiting.pop()
        if not isinstance(function, FunctionType):
            continue
        for name in {name for inner in _codes(function.__code__) for name in inner.co_names}:
            value = function.__globals__.get(name)
            if name not in found and (isinstance(value, type) or callable(value)):
                found[name] = value
                waiting.append(value if getattr(value, "__module__", None) == function.__module__ else None)
    return found


def _packages(thing: Any, seen: set[int]) -> set[str]:
    """The top-level packages behind a function: what it imports, the modules it names, and its helpers likewise."""
    function = thing if isinstance(thing, FunctionType) else vars(type(thing)).get("__call__")
    if not isinstance(function, FunctionType) or id(function) in seen:
        return set()
    seen.add(id(function))
    home = function.__module__
    found: set[str] = set()
    names = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
    for code in _codes(function.__code__):
        found |= {_top(i.argval) for i in dis.get_instructions(code) if i.opname == "IMPORT_NAME"}
        for name in (*code.co_names, *code.co_freevars):
            value = names.get(name)
            if isinstance(value, ModuleType):
                found.add(_top(value.__name__))
            elif isinstance(value, FunctionType) and value.__module__ == home:
                found |= _packages(value, seen)
            elif callable(value) and getattr(value, "__module__", None) not in (None, home):
                found.add(_top(str(value.__module__)))
    return found


def _top(module: str) -> str:
    """A module's package; what a lesson has built counts by itself, since only earlier lessons' is there in grading."""
    return module if module.startswith("cnnlab.built.") else module.split(".")[0]


def _codes(code: CodeType) -> list[CodeType]:
    """A function's code and that of the functions and comprehensions inside it."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return [code, *(deeper for one in inner for deeper in _codes(one))]
