"""The fast loop: the whole data set on the device, and everything that makes it quicker as a switch."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace

import torch
from torch import nn
from torch.nn import functional

from cnnlab.device import processor, synchronise
from cnnlab.ladder.measure import Clock, Run
from cnnlab.ladder.memory import kept_memory
from cnnlab.ladder.muon import Muon
from cnnlab.rehearsal import rehearsed


@dataclass(frozen=True)
class Recipe:
    """How to train. images: how many to see, epochs or parts of one; the learning rates are the peaks of a schedule."""

    name: str
    net: Callable[[], nn.Module]
    images: int
    batch: int = 64
    lr: float = 1e-3  # Adam's, for all weights that Muon does not take
    muon: tuple[float, float] | None = None  # Muon's learning rates for kernels and for the first dense layer
    momentum: float = 0.85  # Muon's
    sized: bool = False  # Muon keeps the kernels at one length; for networks with a norm behind every convolution
    warmup: float | None = None  # share of the steps; None: the rate stays as it is
    schedule: Callable | None = None  # (step, steps, peak, warmup) gives the rate, in place of two straight lines
    smoothing: float = 0.0  # of the labels
    decay: float = 0.0  # weight decay, AdamW's
    augment: Callable[[torch.Tensor], torch.Tensor] | None = None
    channels_last: bool = False
    half: bool | None = False  # products in 16 bits: always, never or, None, where they are faster than in 32
    lean: bool = False  # the optimiser in one sweep ("fused"), and freed memory kept for the next step
    compile: bool = False
    step: Callable | None = None  # step(model, x, y, optimiser, rate) in place of our own; for one optimiser
    flips: bool = False  # test with the mean over each picture and its mirror image

    def in_half(self, device) -> bool:
        """Whether its products are in 16 bits on that device; a CPU without units for them imitates them, slowly."""
        return processor(device) != "other CPU" if self.half is None else self.half


def normalise(images, mean=0.5, std=0.5):
    """uint8 (N, H, W) or (N, C, H, W) to float32 (N, C, H, W); mean and std as numbers or (C,) tensors, in 0–1."""
    x = images.unsqueeze(1) if images.ndim == 3 else images
    mean, std = (torch.as_tensor(v, device=x.device, dtype=torch.float32).view(1, -1, 1, 1) for v in (mean, std))
    return x.to(torch.float32, copy=True).div_(255).sub_(mean).div_(std)


def batches(count, size, total, device, seed):
    """Indices of batches, `total` images in all: the whole data set in a new order, again and again."""
    generator = torch.Generator().manual_seed(seed)
    left = total
    while left > 0:
        order = torch.randperm(count, generator=generator).to(device)
        for batch in order.split(size):
            if len(batch) == size and left > 0:  # a last, smaller batch of an epoch is left out
                left -= size
                yield batch


def rate(step, steps, warmup):
    """The share of the peak at a step: up in a straight line, then down to 0 in a straight line."""
    if warmup is None:
        return 1.0
    rise = max(1.0, warmup * steps)
    return min((step + 1) / rise, (steps - step) / max(1.0, steps - rise))


def straight(step, steps, peak, warmup):
    """The rate at a step, by `rate`."""
    return peak * rate(step, steps, warmup)


def optimisers(model, recipe):
    """Adam for everything, or Muon for the kernels and the first dense weights and Adam for the rest."""
    lean = {"fused": True} if recipe.lean and next(model.parameters()).device.type in ("cpu", "cuda") else {}
    if recipe.muon is None:
        learned = [weight for weight in model.parameters() if weight.requires_grad]
        return [torch.optim.AdamW(learned, lr=recipe.lr, weight_decay=recipe.decay, **lean)]
    layers = list(model.modules())
    kernels = [layer.weight for layer in layers if isinstance(layer, nn.Conv2d) and layer.weight.requires_grad]
    dense = [layer.weight for layer in layers if isinstance(layer, nn.Linear)][:-1][:1]
    taken = {id(weight) for weight in kernels + dense}
    rest = [weight for weight in model.parameters() if weight.requires_grad and id(weight) not in taken]
    groups = [{"params": kernels, "lr": recipe.muon[0]}]
    groups += [{"params": dense, "lr": recipe.muon[1]}] if dense else []
    muon = Muon(groups, lr=recipe.muon[0], momentum=recipe.momentum, sized=recipe.sized)
    return [muon, torch.optim.AdamW(rest, lr=recipe.lr, weight_decay=recipe.decay, **lean)]


def train_fast(recipe, images, labels, test, device="cpu", seed=0, looks=1, seconds=None, on_step=None, on_look=None):
    """Train recipe.net; returns the model and its Run.

    images: normalised float (N, C, H, W), labels (N,), both on the device already; test: the same, a pair.
    looks: how often the accuracy on `test` is noted. seconds: train for so long in place of recipe.images, and let the
    learning rate rise and fall within that time, so that of two loops the faster one sees more pictures.
    on_step(step, steps, loss) for a live curve; on_look(run) after each look. What happens once before the clock starts
    (torch.compile, a first layer computed from pictures) is in run.before.
    """
    recipe = replace(recipe, images=rehearsed(recipe.images))
    seconds, looks = None if seconds is None else rehearsed(float(seconds)), rehearsed(looks)
    with kept_memory() if recipe.lean else nullcontext():
        return _train(recipe, images, labels, test, device, seed, looks, seconds, on_step, on_look)


def _train(recipe, images, labels, test, device, seed, looks, seconds, on_step, on_look):
    began = time.perf_counter()
    torch.manual_seed(seed)
    run = Run(recipe.name, seed)
    layout = torch.channels_last if recipe.channels_last else torch.contiguous_format
    model = recipe.net().to(device, memory_format=layout).train()
    if hasattr(model, "prepare"):
        model.prepare(images[:2000])
    half = torch.autocast(torch.device(device).type, torch.bfloat16) if recipe.in_half(device) else nullcontext()

    def backward(step_of, x, y):
        with half:
            logits = step_of(x.contiguous(memory_format=layout))
            loss = functional.cross_entropy(logits.float(), y, label_smoothing=recipe.smoothing)
        loss.backward()
        return loss

    step_of = model
    if recipe.compile:
        step_of = torch.compile(model)
        weights = {name: value.clone() for name, value in model.state_dict().items()}
        for _ in range(3):
            backward(step_of, images[: recipe.batch], labels[: recipe.batch])
        model.load_state_dict(weights)
        model.zero_grad(set_to_none=True)
    chosen = optimisers(model, recipe)
    peaks = [[group["lr"] for group in optimiser.param_groups] for optimiser in chosen]
    schedule = recipe.schedule or straight
    steps, seen = -(-recipe.images // recipe.batch), 0
    total = recipe.images if seconds is None else sys.maxsize
    pause = 10 if torch.device(device).type == "cuda" else 1  # asking for the time makes a GPU wait
    synchronise(device)
    run.before = time.perf_counter() - began
    clock = Clock(device)
    for step, batch in enumerate(batches(len(labels), recipe.batch, total, device, seed)):
        share = schedule(step, steps, 1.0, recipe.warmup)
        for optimiser, tops in zip(chosen, peaks, strict=True):
            for group, top in zip(optimiser.param_groups, tops, strict=True):
                group["lr"] = top * share
        x = images[batch]
        x = recipe.augment(x) if recipe.augment else x
        if recipe.step:
            loss = recipe.step(step_of, x, labels[batch], chosen[0], peaks[0][0] * share)
        else:
            loss = backward(step_of, x, labels[batch])
            for optimiser in chosen:
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
        if seconds is not None and step % pause == 0:
            steps = max(step + 1, round((step + 1) * seconds / clock.seconds()))  # there will be, at this pace
        if on_step:
            on_step(step, steps, loss)
        if looks * (step + 1) >= (seen + 1) * steps:
            seen = looks * (step + 1) // steps
            clock.look(run, (step + 1) * recipe.batch, model, test, recipe.flips)
            if on_look:
                on_look(run)
        if step + 1 >= steps:
            break
    return model, run
