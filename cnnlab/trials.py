"""Networks trained alike, and what they cost: the measurements of lesson 11 and of `bench/architectures.py`."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from cnnlab.built.lesson_08 import evaluate
from cnnlab.built.lesson_09 import one_cycle
from cnnlab.built.lesson_11 import swap_head
from cnnlab.data.pictures import Pictures
from cnnlab.rehearsal import rehearsed

# How much of everything lesson 11's cells take; `bench/architectures.py` takes the same.
GALLERY = {"images": 2_000, "epochs": 4}
DEPTH = {"images": 1_000, "epochs": 6, "blocks": (2, 8, 20)}
TRANSFER = {"pictures": 12_000, "epochs": 5, "each": (5, 20, 80)}
WAYS = ("frozen", "fine-tuned", "from scratch")


@dataclass(frozen=True)
class Cost:
    """Numbers to learn, and multiply–accumulates for one picture (convolutions and dense layers, biases left out)."""

    parameters: int
    macs: int


@dataclass(frozen=True)
class Trial:
    """A trained network: its name, its cost, the seconds of training, the share of unseen pictures that it gets right,
    and the loss at the end."""

    name: str
    cost: Cost
    seconds: float
    accuracy: float
    loss: float = 0.0


def cost(model: nn.Module, shape: tuple[int, int, int] = (3, 32, 32)) -> Cost:
    """What a model costs for one picture of `shape`; leaves it as it was."""
    macs: list[int] = []

    def count(layer: nn.Module, came: tuple, went: torch.Tensor) -> None:
        macs.append(went[0].numel() * layer.weight[0].numel())  # ty: ignore[not-subscriptable]

    layers = [module for module in model.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    modes = {module: module.training for module in model.modules()}
    device = next(model.parameters()).device
    try:
        with torch.no_grad():
            model.eval()(torch.zeros(1, *shape, device=device))
    finally:
        for hook in hooks:
            hook.remove()
        for module, training in modes.items():
            module.training = training
    return Cost(sum(p.numel() for p in model.parameters()), sum(macs))


def fit(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    epochs: int,
    peak: float = 4e-3,
    size: int = 100,
    seed: int = 0,
    record: Callable[[float], None] = lambda loss: None,
    frozen_norms: bool = False,
) -> list[float]:
    """Train what learns in a model, with AdamW and one cycle; the pictures are mirrored every other time. Returns the
    loss of each step. frozen_norms: batch norms stay in eval mode."""
    chance = torch.Generator().manual_seed(seed)
    epochs = rehearsed(epochs)
    steps = epochs * math.ceil(len(images) / size)
    adam = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=peak, weight_decay=0.01)
    losses: list[float] = []
    model.train()
    if frozen_norms:
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
    for _ in range(epochs):
        for part in torch.randperm(len(images), generator=chance).to(images.device).split(size):
            adam.param_groups[0]["lr"] = one_cycle(len(losses), steps, peak) if steps > 2 else peak
            x = images[part].flip(3) if torch.rand(1, generator=chance) < 0.5 else images[part]
            loss = nn.functional.cross_entropy(model(x), labels[part])
            adam.zero_grad()
            loss.backward()
            adam.step()
            losses.append(loss.item())
            record(losses[-1])
    return losses


def trial(name: str, model: nn.Module, data: tuple, unseen: tuple, epochs: int, **how) -> Trial:
    """Train a model on (images, labels), and ask it about unseen ones."""
    began = time.perf_counter()
    losses = fit(model, *data, epochs, **how)
    seconds = time.perf_counter() - began
    return Trial(name, cost(model, tuple(data[0].shape[1:])), seconds, accuracy(model, unseen), ending(losses))


def ending(losses: list[float], count: int = 10) -> float:
    """The mean of the last losses."""
    return sum(losses[-count:]) / len(losses[-count:])


def accuracy(model: nn.Module, unseen: tuple, size: int = 500) -> float:
    """The share of (images, labels) that a model gets right, in eval mode."""
    images, labels = unseen
    return evaluate(model, zip(images.split(size), labels.split(size), strict=True))


@dataclass(frozen=True)
class Task:
    """Pictures to learn from and unseen ones, ready for a network; classes: their names."""

    images: torch.Tensor
    labels: torch.Tensor
    unseen: tuple[torch.Tensor, torch.Tensor]
    classes: tuple[str, ...]

    def few(self, each: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The first `each` pictures of every class."""
        found = [torch.nonzero(self.labels == k)[:each, 0] for k in range(len(self.classes))]
        at = torch.cat(found)
        return self.images[at], self.labels[at]


ANIMALS = ("bird", "cat", "deer", "dog", "frog", "horse")
VEHICLES = ("airplane", "automobile", "ship", "truck")


def two_tasks(
    train: Pictures, test: Pictures, ready: Callable, device, most: int = TRANSFER["pictures"]
) -> tuple[Task, Task]:
    """A task to learn first and another one to carry over to: CIFAR-10's animals, and its things that drive, swim and
    fly. Where frames of the camera stand in for it: somebody or nobody, and scikit-learn's digits."""
    if train.stand_in:
        from cnnlab.data.large import mnist_like_digits

        images, labels = ready(train, device)
        first = Task(images[:most], labels[:most], ready(test, device), train.classes)
        digits = [_in_colour(part, device) for part in mnist_like_digits()]
        return first, Task(*digits[0], digits[1], tuple("0123456789"))
    both = []
    for names in (ANIMALS, VEHICLES):
        numbers = torch.tensor([train.classes.index(name) for name in names], device=device)
        parts = []
        for pictures, count in ((train[: 5 * most // 2], most), (test, 1_000)):
            images, labels = ready(pictures, device)
            found = (labels[:, None] == numbers).nonzero()[:count]
            parts.append((images[found[:, 0]], found[:, 1]))
        both.append(Task(*parts[0], parts[1], names))
    return both[0], both[1]


def _in_colour(pictures: Pictures, device) -> tuple[torch.Tensor, torch.Tensor]:
    """Grey 28 × 28 pictures as colour ones of 32 × 32, −1 to 1."""
    images, labels = pictures.tensors(device)
    wide = nn.functional.pad(images[:, None].float() / 127.5 - 1, (2, 2, 2, 2), value=-1.0)
    return wide.expand(-1, 3, -1, -1).contiguous(), labels


def carried_over(
    base: nn.Module, fresh: Callable[[int], nn.Module], task: Task, each: int, how: str, seed: int = 0, swap=swap_head
) -> float:
    """The accuracy on a task's unseen pictures after learning from `each` of every class.

    how, one of WAYS: only the new head learns; everything learns, in smaller steps; or a fresh one does. swap: the
    function that swaps heads.
    """
    torch.manual_seed(seed)
    model = fresh(len(task.classes)) if how == "from scratch" else swap(base, len(task.classes))
    if how == "fine-tuned":
        model.requires_grad_(True)
    images, labels = task.few(each)
    epochs = min(40, max(8, 1_600 // len(images)))
    peak = {"frozen": 1e-2, "fine-tuned": 2e-3, "from scratch": 4e-3}[how]
    fit(model, images, labels, epochs, peak, min(20, len(images)), seed, frozen_norms=how == "frozen")
    return accuracy(model, task.unseen)
