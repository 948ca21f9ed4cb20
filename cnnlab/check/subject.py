"""The Subject: the one door between a check and what the learner wrote.

A check never touches the learner's object. It asks a Subject to do things with it, and gets an `Answer` of plain data
back. There are two kinds: `NotebookSubject` here, which runs the object in the same process, and one that runs it in a
sandbox for grading. A check can not tell them apart, so notebook and grader run the very same check.

The verbs:

- ``call(*args, **kwargs)``: call the function; the answer has its value and the arguments as they are afterwards.
- ``build(*args, **kwargs)``: call it and keep what it returns, a model say; the answer's value is a `Ref` to it.
- ``train(recipe)``: call a training function with stock torch objects made from a recipe of plain data; the answer has
  what it returned and the net's state afterwards (see cnnlab.check.verbs.train).
- ``measure(about, args)``: call a function that measures a model with the model of a description and further arguments;
  the answer has what it returned and what it left behind (see cnnlab.check.measuring.measure).
- ``value()``: the object itself, where it is a table filled in by hand, not a function.
- ``model(verb, ref, …)``: for a model behind a Ref one of ``shapes``, ``steps``, ``trace``, ``fill``, ``mode``,
  ``forward``, ``slopes`` (see cnnlab.check.verbs).

What an answer may weigh, in bytes, is the subject's ``room``, which the check sets from case to case; what weighs more
comes back as something that is far too large.
"""

import contextlib
import dis
import functools
import inspect
import io
import linecache
import sys
import sysconfig
import warnings
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from cnnlab.check.plain import MOST_BYTES, WIDER, Foreign, plain, same
from cnnlab.check.timelimit import run_limited

SECONDS = 4.0  # of the processor, for one call; every call of a check is milliseconds of work
LONGEST_PRINT = 2_000
MOST_KEPT = 8  # models that a check can use at a time
MOST_REMEMBERED = 10_000  # numbers in a result that is looked at again after the next call
OURS = [__file__.replace("\\", "/").rsplit("/", 1)[0]]  # folders whose frames are no business of the learner's
COURSES = OURS[0].rsplit("/", 1)[0]  # what is given ready-made may refuse: that is no `raise` of the learner's
OF_MODELS = ("shapes", "steps", "trace", "fill", "mode", "forward", "slopes")
RAISE = dis.opmap["RAISE_VARARGS"]
STANDARD_LIBRARY = sysconfig.get_paths()["stdlib"]


@dataclass(frozen=True)
class Mishap:
    """Why a call gave no value. `kind` is "unsolved", "raised", "endless" or "absent"; the rest is for "raised"."""

    kind: str
    error: str = ""
    message: str = ""
    line: int | None = None
    code: str = ""
    still_running: bool = False
    function: str = ""  # in which the line stands
    bases: tuple[str, ...] = ()  # what the error is a kind of
    own: bool = False  # raised by a `raise` or `assert` of the learner's own


@dataclass(frozen=True)
class Ref:
    """A name for an object that lives behind the Subject."""

    number: int


@dataclass(frozen=True)
class Answer:
    """What a verb gave: a value in plain data, or a trouble. `args`: the arguments as they are afterwards, those by
    name last; `seconds`: of the processor."""

    value: Any = None
    args: tuple = ()
    trouble: Mishap | None = None
    warnings: tuple[str, ...] = ()
    printed: str = ""
    overwrote: bool = False  # a result of an earlier call is another now
    name: str = field(default="your function", compare=False)
    seconds: float = field(default=0.0, compare=False)

    @property
    def endless(self) -> bool:
        """Was it stopped because its time was up?"""
        return self.trouble is not None and self.trouble.kind == "endless"

    @property
    def problem(self) -> str | None:
        """The trouble as one calm sentence; None where there is none."""
        return None if self.trouble is None else _sentence(self.name, self.trouble)


class Subject(Protocol):
    """What a check may ask of the learner's object; see the module's docstring."""

    room: int

    def call(self, *args: Any, **kwargs: Any) -> Answer: ...

    def build(self, *args: Any, **kwargs: Any) -> Answer: ...

    def value(self) -> Answer: ...

    def model(self, verb: str, ref: Ref, *args: Any) -> Answer: ...

    def train(self, recipe: dict) -> Answer: ...

    def measure(self, about: dict, args: tuple) -> Answer: ...


class NotebookSubject:
    """The learner's object in this very process. The object is called in a thread with a time limit; what it prints
    and warns is kept, so that nothing reaches the cell's output behind the check's back."""

    def __init__(self, thing: Callable, seconds: float | None = SECONDS):
        self.thing = thing
        self.name = name_of(thing)
        self.seconds = seconds
        self.room = MOST_BYTES
        self._kept: dict[Ref, Any] = {}
        self._built = 0
        self._given: deque[tuple[Any, Any]] = deque(maxlen=32)  # results, and what they held

    def call(self, *args: Any, **kwargs: Any) -> Answer:
        return self._run(lambda: self.thing(*args, **kwargs), (*args, *kwargs.values()))

    def build(self, *args: Any, **kwargs: Any) -> Answer:
        make = functools.partial(self.thing, *args, **kwargs)
        return self._run(lambda: self._verbs().build(make) if "torch" in sys.modules else make(), (), keep=True)

    def value(self) -> Answer:
        return self._run(lambda: plain(self.thing, self.room), ())

    def train(self, recipe: dict) -> Answer:
        verbs = self._verbs()
        return self._run(lambda: verbs.train(self.thing, recipe), ())

    def measure(self, about: dict, args: tuple) -> Answer:
        from cnnlab.check import measuring  # imports torch

        return self._run(lambda: measuring.measure(self.thing, about, args), ())

    def model(self, verb: str, ref: Ref, *args: Any) -> Answer:
        if verb not in OF_MODELS:
            raise ValueError(f"{verb!r} is nothing to ask of a model; there are {', '.join(OF_MODELS)}")
        verbs = self._verbs()
        return self._run(lambda: getattr(verbs, verb)(self._kept[ref], *args), (), given=False)

    @staticmethod
    def _verbs() -> ModuleType:
        from cnnlab.check import verbs  # imports torch

        return verbs

    def _run(self, action: Callable[[], Any], args: tuple, keep: bool = False, given: bool = True) -> Answer:
        """keep: a Ref to the result is answered; given: the learner's function made it, and may write over it later."""
        printed = _CappedText()
        with _quiet(printed) as caught:
            finish = run_limited(action, self.seconds, _is_learners)
        common: dict[str, Any] = {"warnings": tuple(caught), "printed": printed.getvalue(), "name": self.name}
        common |= {"seconds": finish.seconds}
        if finish.timed_out:
            return Answer(trouble=Mishap("endless", still_running=finish.still_running), **common)
        if finish.error is not None:
            return Answer(args=self._plain(args), trouble=_trouble(finish.error), **common)
        if inspect.iscoroutine(finish.value):
            finish.value.close()  # or Python complains on stderr that nobody waited for it
        if keep:
            return Answer(value=self._keep(finish.value), **common)
        value = plain(finish.value, self.room)
        if not given:
            return Answer(value=value, **common)
        overwrote = any(not same(_as_it_is(earlier, self.room), was) for earlier, was in self._given)
        if isinstance(value, np.ndarray | list | tuple | dict) and _numbers(value) <= MOST_REMEMBERED:
            self._given.append((finish.value, value))
        return Answer(value=value, args=self._plain(args), overwrote=overwrote, **common)

    def _plain(self, args: tuple) -> tuple:
        return tuple(plain(arg, self.room) for arg in args)

    def _keep(self, thing: Any) -> Any:
        found = plain(thing, self.room)
        if not isinstance(found, Foreign):
            return found  # no model: the check will say so
        for ref, earlier in self._kept.items():
            if earlier is thing:
                return ref
        ref = Ref(self._built)
        self._built += 1
        self._kept[ref] = thing
        if len(self._kept) > MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))  # models can be large
        return ref


def _as_it_is(given: Any, room: int) -> Any:
    """What a result holds by now, in plain data; an array itself, which needs no copy to be looked at."""
    return given if type(given) is np.ndarray and given.dtype.char not in WIDER else plain(given, room)


def ask(function: Any, *args: Any, seconds: float = 2.0, **kwargs: Any) -> Answer:
    """Call a learner's function without being hurt by it, for widgets and figures.

    Never raises: `answer.problem` is None or says in one sentence what is the matter; `answer.value` is plain data.
    """
    if not callable(function):
        name = "the course's function" if function is None else name_of(function)
        return Answer(trouble=Mishap("absent"), name=name)
    return NotebookSubject(function, seconds).call(*args, **kwargs)


def name_of(thing: Any) -> str:
    """What the learner calls it: a function's name, a partial's inner name, a class for an instance."""
    try:
        inner = getattr(thing, "func", thing)
        name = str(getattr(inner, "__name__", None) or type(inner).__name__)
    except (Exception, SystemExit):  # attributes may be anything, too
        return "your function"
    return "your function" if name == "<lambda>" else name


def _numbers(value: Any) -> int:
    """How many numbers, texts and the like a piece of plain data holds."""
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, list | tuple | dict):
        return sum(_numbers(item) for item in (value.values() if isinstance(value, dict) else value))
    return 1


class _CappedText(io.StringIO):
    """Keeps the start of what is printed, so that an endless print costs no memory. It stays open whoever closes it."""

    def close(self) -> None:
        pass

    def write(self, text: str) -> int:
        room = LONGEST_PRINT - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


@contextlib.contextmanager
def _quiet(printed: io.StringIO) -> Generator[list[str]]:
    messages: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield messages
    messages.extend(dict.fromkeys(safe_text(w.message) for w in caught))


def safe_text(thing: Any, longest: int = 500) -> str:
    """str(thing), whatever its __str__ does."""
    try:
        return str(thing)[:longest]
    except BaseException:
        return f"<{type(thing).__name__} that can not be printed>"


def _trouble(error: BaseException) -> Mishap:
    line, code, function, raised_there = _where(error)
    kind = "unsolved" if type(error) is NotImplementedError and raised_there else "raised"
    bases = tuple(base.__name__ for base in type(error).__mro__[1:8])
    return Mishap(
        kind, type(error).__name__, safe_text(error), line, code, function=function, bases=bases, own=raised_there
    )


def _where(error: BaseException) -> tuple[int | None, str, str, bool]:
    """The last line of the learner's own code on the way to the error (not NumPy's, not ours), the function in which it
    stands, and whether it is a `raise` of their own."""
    if isinstance(error, SyntaxError):
        return error.lineno, (error.text or "").strip(), "", False
    found: tuple[int | None, str, str, bool] = (None, "", "", False)
    trace = error.__traceback__
    while trace is not None:
        code, at = trace.tb_frame.f_code, trace.tb_lasti
        if _is_learners(code.co_filename):
            text = linecache.getline(code.co_filename, trace.tb_lineno).strip()
            raises = trace.tb_next is None and 0 <= at < len(code.co_code) and code.co_code[at] == RAISE
            raises = raises and not code.co_filename.replace("\\", "/").startswith(COURSES)
            name = "" if code.co_name.startswith("<") else code.co_name
            found = (trace.tb_lineno, text, name, raises)
        trace = trace.tb_next
    return found


def _is_learners(filename: str) -> bool:
    path = filename.replace("\\", "/")
    parts = path.split("/")
    return (
        not path.startswith(tuple(OURS))
        and "site-packages" not in parts
        and "dist-packages" not in parts
        and not filename.startswith("<frozen")
        and not filename.startswith(STANDARD_LIBRARY)
    )


def _sentence(name: str, trouble: Mishap) -> str:
    called = name if name.startswith(("your ", "the ")) else f"`{name}`"
    if trouble.kind == "unsolved":
        inner = trouble.function not in ("", "__init__", name) and name.isidentifier()
        return (
            f"{called} calls `{trouble.function}`, which is not written yet."
            if inner
            else f"{called} is not written yet."
        )
    if trouble.kind == "absent":
        return f"{called} is not a function."
    if trouble.kind == "endless":
        left = " It could not be stopped: restart the kernel before you go on." if trouble.still_running else ""
        return f"{called} did not come back in time, so it was stopped. Is there a loop that never ends?{left}"
    within = f" of `{trouble.function}`" if trouble.function not in ("", name) else ""
    where = f", in line {trouble.line}{within}: {trouble.code}" if trouble.line else ""
    return f"{called} raised {trouble.error}{': ' if trouble.message else ''}{trouble.message}{where}"
