"""build_simple_cnn: the network of the lesson, judged by what it computes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cnnlab.check.exercise import Case, Exercise, Part
from cnnlab.check.lesson_08.network_mistakes import BUILD_SIMPLE_CNN
from cnnlab.check.subject import Answer, NotebookSubject, Subject

IMAGES = (3, 1, 28, 28)


def _reference():
    from torch import nn

    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10)),
    )


def _cases(rng: np.random.Generator) -> list[Case]:
    images = rng.standard_normal(IMAGES).astype(np.float32)
    images[-1] *= 20  # far beyond where a ReLU6 is flat
    return [Case((int(rng.integers(1, 10**6)), images))]


def _computed(subject: Subject, case: Case) -> Answer:
    """Logits in train and in eval mode, with parameters drawn from a seed, and whether a second model is a new one."""
    seed, x = case.args
    built = subject.build()
    steps = [built] if built.trouble else [subject.fill(built.value, seed, x)]
    for training in (True, False):
        if not steps[-1].trouble:
            steps += [subject.mode(built.value, training), subject.forward(built.value, x)]
    if steps[-1].trouble:
        return steps[-1]
    second = subject.forward(subject.build().value, x)
    fresh = bool(np.any(np.asarray(second.value) != np.asarray(steps[-1].value)))
    return replace(steps[-1], value=(steps[2].value, steps[4].value, fresh))


build_simple_cnn = Exercise(
    name="build_simple_cnn",
    lesson="08_mnist",
    told=lambda case: "built, and run on 3 pictures of 1 × 28 × 28",
    result_names=("the logits in train mode", "the logits in eval mode", "a second call gives a fresh model"),
    oracle=lambda seed, x: _computed(NotebookSubject(_reference), Case((seed, x))).value,
    observe=_computed,
    parts=[
        Part(
            "logits",
            3,
            _cases,
            tests="parameters filled in, logits of 3 pictures in train and eval mode, a second model",
            look="print(model) and compare it, line by line, with the table above: what stands between the layers?",
        )
    ],
    mistakes=BUILD_SIMPLE_CNN,
)
