"""A watchman for the staff entrance: a small network that says of whoever stands in the middle of a frame whether it is
one of ours, and the loop that teaches it. Near-sighted or far-sighted, with the same number of parameters."""

from __future__ import annotations

import math
from contextlib import nullcontext

import numpy as np
import torch
from torch import nn

from cnnlab.layers import Conv
from cnnlab.rehearsal import rehearsed

NEAR_SIGHTED, FAR_SIGHTED = (1, 1, 1), (2, 4, 4)  # the rates of the last three convolutions
SIZE, PEAK, DECAY = 40, 4e-3, 0.02  # of a batch, of the learning rate, of the weights


class Watchman(nn.Module):
    """Five 3 × 3 convolutions, two of them with stride 2, each followed by batch norm and ReLU; then the values of the
    place in the *middle* of the last maps, and one dense layer to two logits: visitor, staff.

    rates: the dilation of the last three convolutions. It changes how far the network sees, and no count of weights.
    (N, 3, H, W) gives (N, 2).
    """

    def __init__(self, rates=NEAR_SIGHTED):
        super().__init__()
        steps = [(3, 16, 2, 1), (16, 32, 2, 1), *((32, 32, 1, rate) for rate in rates)]
        layers = []
        for before, after, stride, rate in steps:
            conv = nn.Conv2d(before, after, 3, stride, rate, rate, bias=False)
            layers += [conv, nn.BatchNorm2d(after), nn.ReLU()]
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(32, 2)

    def forward(self, x):
        maps = self.features(x)
        return self.head(maps[:, :, maps.shape[2] // 2, maps.shape[3] // 2])


def layers_of(rates):
    """The watchman's convolutions for lesson 06's functions, a list of `cnnlab.layers.Conv`."""
    return [Conv(16, 3, 2, 1), Conv(32, 3, 2, 1), *(Conv(32, 3, 1, rate, dilation=rate) for rate in rates)]


def field_of(rates, depth=5):
    """How far a value sees after `depth` convolutions, in pixels (lesson 06's rule)."""
    side, jump = 1, 1
    for layer in layers_of(rates)[:depth]:
        side += layer.dilation * (layer.kernel - 1) * jump
        jump *= layer.stride
    return side


def ready(images):
    """Bytes (N, H, W, 3) as the network takes them: float32 (N, 3, H, W), about −2 to 2."""
    return ((torch.from_numpy(np.asarray(images)).permute(0, 3, 1, 2).float() - 127.5) / 64).contiguous()


def learn(rates, images, labels, epochs, seed=0, training=None):
    """A new watchman that has gone `epochs` times through the pictures, with AdamW, one cycle and mirrored batches.

    images: as `ready` gives them; labels: (N,) 0 or 1; training: a `Training` that watches, entered here. Returns the
    network, in eval mode.
    """
    torch.manual_seed(seed)
    epochs = min(epochs, 2 * rehearsed(epochs))  # after one epoch Grad-CAM may find nothing at all
    model, chance = Watchman(rates), torch.Generator().manual_seed(seed)
    adam = torch.optim.AdamW(model.parameters(), lr=PEAK, weight_decay=DECAY)
    steps = epochs * (len(images) // SIZE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, PEAK, total_steps=steps, pct_start=0.2)
    loss_fn = nn.CrossEntropyLoss()
    with nullcontext() if training is None else training:
        for _ in range(epochs):
            order = torch.randperm(len(images), generator=chance)
            for part in order[: len(images) // SIZE * SIZE].split(SIZE):
                x = images[part]
                x = x.flip(-1) if torch.rand(1, generator=chance) < 0.5 else x
                loss = loss_fn(model(x), labels[part])
                adam.zero_grad()
                loss.backward()
                adam.step()
                schedule.step()
                if training is not None:
                    training.record(loss=loss.item())
    return model.eval()


def score(model, images, labels, large):
    """The shares of right answers for small and for large people, two floats; the model is in eval mode."""
    with torch.no_grad():
        right = torch.cat([model(part).argmax(dim=1) for part in images.split(100)]) == labels
    large = torch.as_tensor(large)
    return right[~large].float().mean().item(), right[large].float().mean().item()


def excited(maps, images, field, jump, count=6):
    """The patches at which each unit answers most, one a picture at most: {unit: list of (h, w, 3) arrays}.

    maps: (N, C, h, w), a layer's answers; images: (N, H, W, 3), uint8; field: the side of what a value sees; jump: how
    many pixels lie between two neighbours in the maps, the first of which looks at pixel 0.
    """
    maps, half = np.asarray(maps, dtype=float), field // 2
    padded = np.pad(images, [(0, 0), (half, half), (half, half), (0, 0)], mode="edge")
    flat = maps.reshape(*maps.shape[:2], -1)
    best, where = flat.max(axis=2), flat.argmax(axis=2)
    found = {}
    for unit in range(maps.shape[1]):
        chosen = np.argsort(-best[:, unit], kind="stable")[:count]
        tops = [divmod(int(where[n, unit]), maps.shape[3]) for n in chosen]
        found[unit] = [
            padded[n, jump * row : jump * row + field, jump * column : jump * column + field]
            for n, (row, column) in zip(chosen, tops, strict=True)
        ]
    return found


def steps_of(epochs, count):
    """How many steps `learn` will take."""
    return epochs * math.floor(count / SIZE)
