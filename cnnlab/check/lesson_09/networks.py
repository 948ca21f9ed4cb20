"""build_small_cnn and build_residual_net: judged by what they compute."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.compare import Difference, difference
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_09.networks_mistakes import BUILD_RESIDUAL_NET, BUILD_SMALL_CNN, residual_net, small_cnn
from cnnlab.check.subject import Answer, NotebookSubject, Subject

NAMES = ("the logits in train mode", "the logits in eval mode", "a second call gives a fresh model")


def computed(subject: Subject, case: Case) -> Answer:
    """Logits in train and in eval mode, with parameters drawn from a seed, and whether a second model is a new one."""
    seed, x, *args = case.args
    built = subject.build(*args, **case.kwargs)
    steps = [built] if built.trouble else [subject.fill(built.value, seed, x)]
    for training in (True, False):
        if not steps[-1].trouble:
            steps += [subject.mode(built.value, training), subject.forward(built.value, x)]
    if steps[-1].trouble:
        return steps[-1]
    second = subject.forward(subject.build(*args, **case.kwargs).value, x)
    fresh = bool(np.any(np.asarray(second.value) != np.asarray(steps[-1].value)))
    return replace(steps[-1], value=(steps[2].value, steps[4].value, fresh))


def _small(rng: np.random.Generator) -> list[Case]:
    images = rng.standard_normal((4, 3, 32, 32)).astype(np.float32)
    images[-1] *= 20  # far beyond where a ReLU6 is flat
    return [Case((int(rng.integers(1, 10**6)), images))]


build_small_cnn = Exercise(
    name="build_small_cnn",
    bound=False,
    lesson="09_cifar10",
    told=lambda case: "built, and run on 4 pictures of 3 × 32 × 32",
    results=NAMES,
    observe=computed,
    oracle=lambda seed, x: computed(NotebookSubject(small_cnn), Case((seed, x))).value,
    parts=[
        Part(
            "logits",
            3,
            _small,
            tests="parameters and statistics filled in, logits of 4 pictures in train and eval mode, a second model",
            look="print(model) and compare it, line by line, with the table above.",
        )
    ],
    wrong=BUILD_SMALL_CNN,
)


def _expected(case: Case, shortcut_first: bool) -> tuple:
    seed, x, *width = case.args
    made = NotebookSubject(lambda *args, **kwargs: residual_net(*args, shortcut_first=shortcut_first, **kwargs))
    return computed(made, Case((seed, x, *width), case.kwargs)).value


def _judge(value: object, case: Case, expected: object) -> Difference | None:
    """Whichever branch of a block runs first: parameters are filled in the order of their first use."""
    found = [difference(_expected(case, first), value, 1.0, True, NAMES) for first in (False, True)]
    return None if None in found else found[0]


def _residual(rng: np.random.Generator) -> list[Case]:
    def case(n, side, *width, **named):
        x = rng.standard_normal((n, 3, side, side)).astype(np.float32)
        return Case((int(rng.integers(1, 10**6)), x, *width), named)

    return [case(3, 16, 4), case(2, 24, width=8), case(2, 12)]


build_residual_net = Exercise(
    name="build_residual_net",
    bound=False,
    lesson="09_cifar10",
    told=lambda case: f"built with width {(*case.args[2:], *case.kwargs.values(), 32)[0]}, and run on a few pictures",
    results=NAMES,
    observe=computed,
    judge=_judge,
    parts=[
        Part(
            "logits",
            4,
            _residual,
            tests="three widths, parameters and statistics filled in, logits in train and eval mode, a second model",
            look="print the shape after each stage: width × 32 × 32, 2·width × 16 × 16, 4·width × 8 × 8.",
        )
    ],
    wrong=BUILD_RESIDUAL_NET,
)
