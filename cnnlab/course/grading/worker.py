"""The worker: runs inside the sandbox and does what the judge asks, one message at a time.

Nothing in here is secret and nothing that it says is believed. It locks itself in (limits, few system calls) before it
looks at the first cell, answers on a pipe of its own, and keeps every cell's error to itself.

Started as ``python -I -S worker.py '{"path": [...], "imports": [...], "memory": bytes}'``; the frames come on standard
input and go to standard output, both of which submitted code finds closed. With "first", sources of cells, it becomes
an image of which workers are made, and these two are its doors (see image.py).
"""

import builtins
import contextlib
import importlib
import json
import linecache
import os
import signal
import socket
import struct
import sys
import types

MOST_FIRST, FIRST_SECONDS = 100, 30


def main() -> None:
    """Serve the judge until it hangs up."""
    settings = json.loads(sys.argv[1])
    sys.argv = [""]
    sys.path[:0] = settings["path"]
    worker = None
    if "first" in settings:
        worker, pipe = _copy_of_an_image(settings)
    else:
        pipe = Pipe(os.dup(0), os.dup(1))
    _hear_and_say_nothing()  # an open file has flags that all who share it can set: no two workers do
    try:
        worker = worker or _prepared(settings)
        _lock(settings)
    except Exception as error:
        pipe.send({"failed": f"{type(error).__name__}: {error}"[:500]})
        raise
    pipe.send({"ready": True})
    worker.serve(pipe)


def _copy_of_an_image(settings: dict) -> tuple["Worker", "Pipe"]:
    """Be an image (two, in fact) on the doors at 0 and 1; returns in each worker that is made of it."""
    import image

    bare, begun = (socket.socket(fileno=os.dup(fd)) for fd in (0, 1))
    _hear_and_say_nothing()
    worker, cells = _prepared(settings), settings["first"][:MOST_FIRST]
    child, ran = _begin(worker, cells)
    while child and ran < len(cells):  # that cell is the worker's, with an error of its own
        cells = cells[:ran]
        child, ran = _begin(worker, cells)
    (begun if child else bare).close()
    return worker, Pipe(*image.serve(bare, 0) if child else image.serve(begun, len(cells)))


def _begin(worker: "Worker", cells: list[str]) -> tuple[int, int]:
    """Make the second image, in which these cells have run: (its process or, in there, 0, and how many of them ran)."""
    import image

    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        signal.alarm(FIRST_SECONDS)
        for number, source in enumerate(cells):
            if worker.run(source, None).trouble is not None or image.unfit():
                os._exit(number)
        signal.alarm(0)
        os.write(said, b"+")
    os.close(said)
    if child == 0:
        return 0, len(cells)
    went_well = os.read(heard, 1)
    os.close(heard)
    return child, len(cells) if went_well else max(0, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _hear_and_say_nothing() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    if null > 2:
        os.close(null)


def _prepared(settings: dict) -> "Worker":
    """Import what takes time, while nobody waits for it."""
    import numpy  # noqa: F401

    if "torch" in settings["imports"]:
        _leave_out_the_compiler()
        import torch

        vars(torch)["compile"] = _compile
        with contextlib.suppress(ImportError):  # what was left out would have brought it in: torch.Generator needs it
            importlib.import_module("torch._prims.rng_prims")

        torch.set_num_threads(1)
    importlib.import_module("cnnlab.check.subject").OURS.extend(settings["path"])
    for name in ("lockdown", "wire"):
        importlib.import_module(name)
    return Worker()


def _lock(settings: dict) -> None:
    """Lock the door from inside."""
    import lockdown

    if settings.get("lock", True):  # False under --no-sandbox where there is no Linux; filter, where it has none
        lockdown.limits(settings["memory"], settings["cpu_seconds"])
        if settings.get("filter", True):
            lockdown.few_system_calls()


class _LeftOut(types.ModuleType):
    """torch's compiler: as little of it as training and torch.func ask for. Who asks for more brings all of it in."""

    compiled_autograd = types.SimpleNamespace(_disable=contextlib.nullcontext)

    @staticmethod
    def disable(function, *how, **more):
        return function

    disallow_in_graph = disable

    @staticmethod
    def graph_break(*why, **more):
        pass

    def __getattr__(self, name):
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
            _bring_in_meta_tensors()
        return getattr(importlib.import_module(self.__name__), name)


def _leave_out_the_compiler() -> None:
    """torch.compile gives what it was given. Shapes of tensors without data are a fifth of what torch takes to start;
    the compiler itself would come in with the first optimiser, who asks it to leave him alone, and takes seconds."""
    sys.modules["torch._meta_registrations"] = types.ModuleType("torch._meta_registrations")
    sys.modules["torch._dynamo"] = _LeftOut("torch._dynamo")


def _compile(model=None, **how):
    """torch.compile, which makes nothing right or wrong: here, where nothing can be compiled, it changes nothing."""
    return model if model is not None else lambda model: model


def _bring_in_meta_tensors() -> None:
    """A cell speaks of the meta device: tensors without data are needed after all."""
    left_out = sys.modules.get("torch._meta_registrations")
    if left_out is not None and not hasattr(left_out, "__file__"):
        del sys.modules["torch._meta_registrations"]
        importlib.import_module("torch._meta_registrations")
        torch = sys.modules["torch"]
        torch.empty(1, 1, device="meta") @ torch.empty(1, 1, device="meta")  # the first one takes a second, by itself


class Pipe:
    """Frames to and from the judge."""

    def __init__(self, requests: int, answers: int):
        self.requests, self.answers = requests, answers

    def receive(self) -> dict:
        """The judge's next message; ends the process where there is none."""
        import wire

        header, body = wire.lengths(self._read(wire.HEAD.size))
        return wire.decode(self._read(header), self._read(body), layouts=True)

    def send(self, message: dict) -> None:
        """Send a message. Raises wire.WireError, and nothing is sent, for what can not cross."""
        import wire

        data = memoryview(wire.encode(message))
        while data:
            data = data[os.write(self.answers, data) :]

    def _read(self, count: int) -> bytes:
        parts = []
        while count:
            part = os.read(self.requests, min(count, 1 << 20))
            if not part:
                os._exit(0)  # the judge has what it wanted
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


class Worker:
    """The notebook's namespace, the objects kept for the judge, and the verbs."""

    pipe: Pipe

    def __init__(self):
        self.module = types.ModuleType("__main__")
        import stand_ins

        self.module.__dict__["__builtins__"] = builtins
        stand_ins.install(self.module.__dict__)
        sys.modules["__main__"] = self.module
        self.subjects: dict = {}  # what was asked for, by name
        self.cells = 0
        self.id = 0

    def serve(self, pipe: Pipe) -> None:
        """Answer one message after the other."""
        self.pipe = pipe
        while True:
            message = self.pipe.receive()
            self.id = message["id"]
            self._answer(getattr(self, "do_" + message["do"])(message))

    def do_run(self, message: dict):
        """Run one cell; its error, where there is one, is the answer's trouble."""
        return self.run(message["code"], message["seconds"])

    def run(self, source: str, seconds: float | None):
        """Run a cell, for so long or (None) as long as it takes; its error is the answer's trouble."""
        from cnnlab.check.subject import NotebookSubject

        self.cells += 1
        filename = f"<cell {self.cells}>"
        if "meta" in source:
            _bring_in_meta_tensors()
        linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)

        def cell() -> None:
            import stand_ins

            stand_ins.run_cell(source, filename, self.module.__dict__)

        return NotebookSubject(cell, seconds).call()

    def do_verb(self, message: dict):
        """One of the Subject's verbs on the object of that name."""
        from cnnlab.check.subject import Answer, Mishap, NotebookSubject

        name = message["name"]
        names = self.module.__dict__
        if name not in names or not (callable(names[name]) or message["verb"] == "value"):
            return Answer(trouble=Mishap("absent"), name=name)
        thing, subject = names[name], self.subjects.get(name)
        if subject is None or subject.thing is not thing:
            subject = self.subjects[name] = NotebookSubject(thing, message["seconds"])
        subject.room = message["room"]
        args = self._with_callbacks(message["args"])
        return getattr(subject, message["verb"])(*args, **message["kwargs"])

    def _with_callbacks(self, value):
        import wire

        if isinstance(value, wire.Callback):
            return lambda *args: self._call_back(value.number, args)
        if isinstance(value, tuple | list):
            return type(value)(self._with_callbacks(item) for item in value)
        return value

    def _call_back(self, number: int, args: tuple):
        """Ask the judge for f(x): it evaluates f outside and sees which points were asked."""
        from cnnlab.check.plain import plain

        self.pipe.send({"id": self.id, "callback": number, "args": plain(args)})
        reply = self.pipe.receive()
        if reply.get("error"):
            raise ValueError(reply["error"])
        return reply["value"]

    def _answer(self, answer) -> None:
        import wire

        trouble = answer.trouble
        fields = None if trouble is None else dict(vars(trouble))
        message = {"id": self.id, "value": answer.value, "args": answer.args, "seconds": float(answer.seconds)}
        rare = {"trouble": fields, "warnings": answer.warnings[:20], "printed": answer.printed}
        message |= {name: value for name, value in rare.items() if value}
        if answer.overwrote:
            message["overwrote"] = True
        try:
            self.pipe.send(message)
        except wire.WireError as error:
            message |= {"value": wire.Foreign(f"result that is too large ({error})"[:200]), "args": ()}
            self.pipe.send(message)


if __name__ == "__main__":
    try:
        main()
    except (OSError, struct.error):
        os._exit(1)
