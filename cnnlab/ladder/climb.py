"""The ladders of lessons 08 and 09 on the learner's machine: every rung in turn, on the same few pictures."""

from __future__ import annotations

from dataclasses import replace

import torch

from cnnlab.ladder import cifar10
from cnnlab.ladder.fast import normalise, train_fast
from cnnlab.ladder.mnist import RUNGS
from cnnlab.ladder.networks import simple_cnn, small_cnn
from cnnlab.ladder.tutorial import train_as_in_the_tutorial
from cnnlab.training import Training


def ready(pictures, device):
    """(images, labels): everything on the device, normalised."""
    images, labels = pictures.tensors(device)
    return normalise(images), labels


def ready_in_colour(pictures, device):
    """The same for CIFAR-10, by its own mean and deviation."""
    images, labels = pictures.tensors(device)
    return normalise(images, cifar10.MEAN, cifar10.STD), labels


def climb(train, test, device, images=6_000):
    """MNIST's ladder: each rung learns from as many pictures as `images`; returns their Runs, the tutorial's first.

    A compiled rung is left out on a CPU, where compiling takes longer than all of this.
    """
    return _climb(train, test, device, images, RUNGS, simple_cnn, torch.optim.Adam, ready)


def climb_in_colour(train, test, device, images=2_560):
    """The same for CIFAR-10's small network; all rungs move and mirror the pictures."""
    how = {"mean": cifar10.MEAN, "std": cifar10.STD, "augment": True}
    return _climb(train, test, device, images, cifar10.RUNGS, small_cnn, torch.optim.AdamW, ready_in_colour, **how)


def _climb(train, test, device, images, rungs, net, adam, ready, **how):
    images = min(images, len(train))
    rungs = [replace(rung, images=images) for rung in rungs if not (rung.compile and device.type == "cpu")]
    few, held_out = train[:images], ready(test[:2000], device)
    data = ready(few, device)
    warm = replace(rungs[-1], images=min(images, 960))
    runs = []
    with Training(len(rungs) + 1, "The ladder", calm=False) as training:
        train_fast(warm, *data, held_out, device)  # the first of everything takes longer
        torch.manual_seed(0)
        model = net().to(device)
        chosen = adam(model.parameters(), lr=1e-3)
        runs.append(train_as_in_the_tutorial(model, chosen, few, held_out, device, epochs=1, **how))
        for rung in rungs:
            _note(training, runs[-1])
            runs.append(train_fast(rung, *data, held_out, device)[1])
        _note(training, runs[-1])
    return runs


def _note(training, run):
    training.done += 1
    training.record(accuracy=run.accuracy)
