"""build_alexnet: judged by the shapes of its parameters and maps, then by what it computes when it is filled."""

from __future__ import annotations

import functools

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_06.model_mistakes import MODEL
from cnnlab.check.plain import describe, is_tensor, shape_text
from cnnlab.check.subject import Answer, NotebookSubject, Ref, Subject

NAMES = ("conv1", "conv2", "conv3", "conv4", "conv5", "dense1", "dense2", "dense3")
WEIGHTS = [(96, 3, 11, 11), (256, 96, 5, 5), (384, 256, 3, 3), (384, 384, 3, 3), (256, 384, 3, 3)]
DENSE = [(4096, 9216), (4096, 4096)]
CONVOLUTIONS = [(96, 55, 55), (256, 27, 27), (384, 13, 13), (384, 13, 13), (256, 13, 13)]
POOLS = [(96, 27, 27), (256, 13, 13), (256, 6, 6)]
MODES = {"eval": False, "train": True}
CLOSE = 1e-4  # of the largest output; float32 through eight layers is good for 1e-6


def parameter_shapes(classes: int) -> list[tuple[int, ...]]:
    weights = [*WEIGHTS, *DENSE, (classes, 4096)]
    return [shape for weight in weights for shape in (weight, weight[:1])]


def reference():
    """The net without its parameters' values, written with torch's functions: a fresh module."""
    from torch import nn

    def conv(*numbers: int, **more: int) -> list[nn.Module]:
        return [nn.Conv2d(*numbers, **more), nn.ReLU()]

    return lambda classes: nn.Sequential(
        *(*conv(3, 96, 11, stride=4), nn.MaxPool2d(3, 2), *conv(96, 256, 5, padding=2), nn.MaxPool2d(3, 2)),
        *(*conv(256, 384, 3, padding=1), *conv(384, 384, 3, padding=1), *conv(384, 256, 3, padding=1)),
        *(nn.MaxPool2d(3, 2), nn.Flatten(), nn.Linear(9216, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU()),
        nn.Linear(4096, classes),
    )


@functools.cache
def pictures() -> np.ndarray:
    """Two pictures: an ordinary one, and one with numbers a hundred times as large."""
    x = np.random.default_rng(6).standard_normal((2, 3, 227, 227)).astype(np.float32)
    x[1] *= 100
    return x


@functools.lru_cache(8)
def _right_output(classes: int) -> np.ndarray:
    subject = NotebookSubject(reference())
    ref = subject.build(classes).value
    subject.fill(ref, classes, pictures())
    return np.asarray(subject.forward(ref, pictures()).value)


def _classes(case: Case) -> int:
    return next(iter([*case.args, *case.kwargs.values()]), 1000)


def _seen(subject: Subject, case: Case) -> tuple[Answer, Ref | None]:
    """Build it and send two pictures through: the shapes of its parameters and maps. The Ref where these are right."""
    built = subject.build(*case.args, **case.kwargs)
    if built.trouble is not None:
        return built, None
    if not isinstance(built.value, Ref):
        return Answer(value=describe(built.value), printed=built.printed, name=built.name), None
    answer = subject.steps(built.value, pictures())
    if answer.trouble is not None:
        return answer, None
    seen = Answer(value=_summary(answer.value), printed=built.printed, name=answer.name)
    return seen, None if _shapes_differ(seen.value, _classes(case)) else built.value


def _summary(found: object) -> object:
    """Of what a forward pass did, that by which AlexNet is known; None for what is no such record."""
    try:
        steps = [(str(name), tuple(shape)) for name, shape in found["steps"]]
        return {
            "parameters": [tuple(shape) for shape in found["parameters"]],
            "convolutions": [shape[1:] for name, shape in steps if name == "conv2d"],
            "pools": [shape[1:] for name, shape in steps if name.startswith("max_pool2d")],
            "output": found["output"],
            "unused": found["unused"] if steps else 0,
            "error": str(found["error"]),
        }
    except (TypeError, KeyError, ValueError):
        return None


def _observe_shapes(subject: Subject, case: Case) -> Answer:
    seen, ref = _seen(subject, case)
    if ref is None:
        return seen
    again = subject.build(*case.args, **case.kwargs)
    return Answer(value={**seen.value, "twice": again.value == ref}, printed=seen.printed, name=seen.name)


def _observe_values(subject: Subject, case: Case) -> Answer:
    seen, ref = _seen(subject, case)
    if ref is None:
        return seen
    value, answer = dict(seen.value), subject.fill(ref, _classes(case), pictures())
    for mode, training in MODES.items():
        for act in (lambda: subject.mode(ref, training), lambda: subject.forward(ref, pictures())):  # noqa: B023
            answer = act() if answer.trouble is None else answer
        if answer.trouble is not None:
            return answer
        value[mode] = np.asarray(answer.value) if is_tensor(answer.value) else describe(answer.value)
        if _far(value[mode], _classes(case)):
            break
    return Answer(value=value, printed=seen.printed, name=seen.name)


def _far(got: object, classes: int) -> bool:
    """Are these other logits than AlexNet's?"""
    right = _right_output(classes)
    if not isinstance(got, np.ndarray) or got.shape != right.shape:
        return True
    return not bool((np.abs(got - right) <= CLOSE * np.abs(right).max(axis=1, keepdims=True)).all())


def _observe(subject: Subject, case: Case) -> Answer:
    """A mistake of the catalogue is built once for each case: it is asked again whenever an answer is diagnosed."""
    thing = getattr(subject, "thing", None)
    key = (thing, case.note, _classes(case)) if any(thing is one.function for one in MODEL) else None
    if key in _remembered:
        return _remembered[key]
    answer = _observe_values(subject, case) if case.note == VALUES else _observe_shapes(subject, case)
    if key is not None:
        _remembered[key] = answer
    return answer


_remembered: dict[tuple, Answer] = {}


def _shapes_differ(seen: object, classes: int) -> Difference | None:
    """The first layer whose parameters or maps are not AlexNet's."""
    if not isinstance(seen, dict):
        return Difference("type", f"Expected a model, a torch nn.Module; yours returned {seen}.")
    wanted, got = parameter_shapes(classes), seen["parameters"]
    for k, name in enumerate(NAMES):
        for what, at in (("weight", 2 * k), ("bias", 2 * k + 1)):
            if got[at : at + 1] != wanted[at : at + 1]:
                return _parameter_differs(f"{name}'s {what}", wanted[at], got[at] if at < len(got) else None)
        for kind, maps in (("convolutions", CONVOLUTIONS), ("pools", POOLS)):
            ours = _map_of(k, kind, maps, seen)
            if ours is not None:
                return ours
        if k == 4 and seen["error"]:
            break
    if seen["error"]:
        text = seen["error"][:300]
        return Difference("shape", f"Two pictures of 3 × 227 × 227 do not get through: {text}")
    if len(got) != len(wanted):
        return Difference("shape", f"There are {len(got)} weights and biases; AlexNet has {len(wanted)}, 8 of each.")
    if seen["unused"]:
        return Difference("shape", f"{seen['unused']} of its weights and biases are not used in the forward pass.")
    if seen["output"] is None:
        return Difference("type", "The model's forward has to return the logits, one tensor.")
    if seen["output"] != (2, classes):
        expected = f"Two pictures give logits of shape 2 × {classes}"
        return Difference("shape", f"{expected}, one row for each; yours are {shape_text(seen['output'])}.")
    if seen.get("twice"):
        return Difference("values", "Two calls returned one and the same model. Build a fresh one in every call.")
    return None


def _parameter_differs(what: str, wanted: tuple, got: tuple | None) -> Difference:
    order = "Parameters are looked at in the order in which a picture meets them."
    yours = "in yours there is none" if got is None else f"in yours {shape_text(got)} comes there"
    return Difference("shape", f"{what} has shape {shape_text(wanted)}, and {yours}. {order}")


def _map_of(k: int, kind: str, maps: list[tuple], seen: dict) -> Difference | None:
    """What is wrong with the maps after conv k + 1, or after the pooling behind it."""
    places = {0: 0, 1: 1, 4: 2} if kind == "pools" else {at: at for at in range(5)}
    found = seen[kind]
    if k not in places or places[k] >= len(found) or (len(found) != len(maps) and not seen["error"]):
        return None  # a net may be written in other functions: then its output has the say
    wanted, got = maps[places[k]], found[places[k]]
    if got == wanted:
        return None
    after = f"{NAMES[k]}" if kind == "convolutions" else f"the pooling after {NAMES[k]}"
    return Difference("shape", f"After {after} the maps are {shape_text(wanted)}; yours are {shape_text(got)}.")


def _judge(seen: object, case: Case, expected: object) -> Difference | None:
    found = _shapes_differ(seen, _classes(case))
    if found is not None or case.note != VALUES:
        return found
    for mode in MODES:
        if _far(seen.get(mode), _classes(case)):
            first = "" if mode == "eval" else " In eval mode they are right: what acts differently in training?"
            return Difference(
                "values", f"Filled with the same numbers, AlexNet gives other logits in {mode} mode.{first}"
            )
    return None


SHAPES, VALUES = "two pictures sent through", "filled with given numbers"


def _classes_drawn(rng: np.random.Generator) -> int:
    return int(rng.integers(5, 40))


build_alexnet = Exercise(
    name="build_alexnet",
    bound=False,
    lesson="06_alexnet",
    observe=_observe,
    judge=_judge,
    parts=[
        Part(
            "shapes",
            1,
            lambda rng: [Case((), {}, SHAPES), Case((_classes_drawn(rng),), {}, SHAPES)],
            tests="the shapes of parameters, maps and logits, for 1,000 classes and another number",
            look="print the shape after every layer, beside your traced list.",
        ),
        Part(
            "values",
            1,
            lambda rng: [Case((), {"classes": _classes_drawn(rng)}, VALUES)],
            tests="the logits of two pictures, with all parameters set, in eval and in train mode",
            look="ReLU after every layer but the last, max pooling 3/2 after conv1, conv2 and conv5, and nothing else.",
        ),
    ],
    wrong=MODEL,
)
