"""The ladder of lesson 08 on the learner's machine: every rung in turn, on the same few pictures."""

from __future__ import annotations

from dataclasses import replace

import torch

from cnnlab.ladder.fast import normalise, train_fast
from cnnlab.ladder.mnist import RUNGS
from cnnlab.ladder.networks import simple_cnn
from cnnlab.ladder.tutorial import train_as_in_the_tutorial
from cnnlab.training import Training


def ready(pictures, device):
    """(images, labels): everything on the device, normalised."""
    images, labels = pictures.tensors(device)
    return normalise(images), labels


def climb(train, test, device, images=6_000):
    """Each rung learns from as many pictures as `images`; returns their Runs, the tutorial's first.

    A compiled rung is left out on a CPU, where compiling takes longer than all of this.
    """
    rungs = [replace(rung, images=images) for rung in RUNGS if not (rung.compile and device.type == "cpu")]
    few, held_out = train[:images], ready(test[:2000], device)
    data = ready(few, device)
    warm = replace(rungs[-1], images=min(images, 960))
    runs = []
    with Training(len(rungs) + 1, "The ladder", calm=False) as training:
        train_fast(warm, *data, held_out, device)  # the first of everything takes longer
        torch.manual_seed(0)
        model = simple_cnn().to(device)
        adam = torch.optim.Adam(model.parameters(), lr=1e-3)
        runs.append(train_as_in_the_tutorial(model, adam, few, held_out, device, epochs=1))
        for rung in rungs:
            _note(training, runs[-1])
            runs.append(train_fast(rung, *data, held_out, device)[1])
        _note(training, runs[-1])
    return runs


def _note(training, run):
    training.done += 1
    training.record(accuracy=run.accuracy)
