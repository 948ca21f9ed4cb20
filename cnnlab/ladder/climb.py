"""The ladders of lessons 08 and 09 on the learner's machine: every rung in turn, for equally many seconds."""

from __future__ import annotations

from dataclasses import replace

import torch

from cnnlab.ladder import cifar10
from cnnlab.ladder.fast import normalise, train_fast
from cnnlab.ladder.measure import Run, accuracy
from cnnlab.ladder.mnist import RUNGS
from cnnlab.ladder.networks import simple_cnn, small_cnn
from cnnlab.ladder.tutorial import train_as_in_the_tutorial
from cnnlab.rehearsal import rehearsed
from cnnlab.training import Training


def ready(pictures, device):
    """(images, labels): everything on the device, normalised."""
    images, labels = pictures.tensors(device)
    return normalise(images), labels


def ready_in_colour(pictures, device):
    """The same for CIFAR-10, by its own mean and deviation."""
    images, labels = pictures.tensors(device)
    return normalise(images, cifar10.MEAN, cifar10.STD), labels


def climb(train, validation, device, seconds=4.0):
    """MNIST's ladder: each rung learns for `seconds`; returns their Runs, the tutorial's first.

    The accuracy at the end is that on `validation`. A compiled rung is left out on a CPU, where compiling takes longer
    than all of this.
    """
    return _climb(train, validation, device, seconds, RUNGS, simple_cnn, torch.optim.Adam, ready)


def climb_in_colour(train, validation, device, seconds=8.0, yours=None):
    """The same for CIFAR-10's small network; all rungs move and mirror the pictures.

    yours: a step as lesson 09's `fast_step`, which climbs as a rung of its own, the last one; on a network that lies
    channels last, with the pool first and AdamW in one sweep. One that raises has no rung, and a line says so.
    """
    how = {"mean": cifar10.MEAN, "std": cifar10.STD, "augment": True}
    rungs = [*cifar10.RUNGS, *([replace(cifar10.LEAN, name="yours", step=yours)] if yours else [])]
    return _climb(train, validation, device, seconds, rungs, small_cnn, torch.optim.AdamW, ready_in_colour, **how)


def _climb(train, validation, device, seconds, rungs, net, adam, ready, **how):
    rungs = [rung for rung in rungs if not (rung.compile and device.type == "cpu")]
    data, held_back = ready(train, device), ready(validation[: rehearsed(len(validation))], device)
    runs = []
    with Training(len(rungs) + 1, "The ladder", calm=False) as training:
        train_fast(replace(rungs[0], images=min(len(train), 960)), *data, held_back, device)  # the first takes longer
        torch.manual_seed(0)
        model = net().to(device)
        chosen = adam(model.parameters(), lr=1e-3)
        long = 1_000_000  # epochs: the seconds end it
        time = rehearsed(float(seconds))
        runs.append(train_as_in_the_tutorial(model, chosen, train, held_back, device, 0, long, 1, time, **how))
        for rung in rungs:
            training.advance()
            try:
                runs.append(train_fast(rung, *data, held_back, device, seconds=seconds)[1])
            except Exception as error:
                if rung.step is None:
                    raise
                blank = isinstance(error, NotImplementedError)
                why = "it is not written yet" if blank else f"{type(error).__name__}: {error}"
                print(f"`{rung.step.__name__}` has no rung: {why}.")
        training.advance()
    return runs


def watch(recipe, data, validation, device, seconds=None, seed=0, looks=8, seen=False):
    """Train by a recipe with live curves; returns the model, in eval mode, and its Run.

    data, validation: normalised (images, labels) on the device. seconds: for so long, in place of recipe.images.
    looks: how often the share of `validation` that is right is drawn; seen: that of `data`, too, which run.seen keeps.
    Whoever interrupts it gets what was learned so far; a network that does not run ends it with one sentence, as
    Training does.
    """
    begun, model = Run(recipe.name, seed), None
    validation = tuple(part[: rehearsed(len(part))] for part in validation)

    def net():
        nonlocal model
        model = recipe.net()
        return model

    with Training(-(-recipe.images // recipe.batch), recipe.name) as training:

        def on_step(step, steps, loss):
            if step % 10 == 0 or step + 1 == steps:
                training.steps, training.done = steps, step
                training.record(loss=loss.item())

        def on_look(run):
            begun.looks, begun.before = run.looks, run.before
            if seen:
                begun.seen = accuracy(model, *data)
                training.record(learned_from=begun.seen)
            training.record(kept_back=run.accuracy)

        train_fast(replace(recipe, net=net), *data, validation, device, seed, looks, seconds, on_step, on_look)
    return model if model is None else model.eval(), begun
