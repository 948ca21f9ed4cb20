"""The rungs of lesson 09: the small network on any device, then a residual network and a quick one for a GPU."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from cnnlab.ladder.fast import Recipe
from cnnlab.ladder.networks import small_cnn
from cnnlab.ladder.quick import QuickNet
from cnnlab.ladder.residual import residual_net
from cnnlab.ladder.shifts import covered, mirrored, shifted

MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)


def crop_and_flip(x, most=4, edge="constant"):
    return mirrored(shifted(x, most, edge=edge))


def crop_flip_and_cover(x):
    return covered(crop_and_flip(x, edge="reflect"), 12)


# The tutorial's numbers (AdamW 1e-3, batches of 64), with the data on the device.
ON_DEVICE = Recipe("data on the device", small_cnn, images=250_000, decay=0.01, augment=crop_and_flip)
ONE_CYCLE = replace(ON_DEVICE, name="larger batch, one cycle", batch=128, lr=4e-3, warmup=0.2, decay=0.05)
CHANNELS_LAST = replace(ONE_CYCLE, name="channels_last", channels_last=True)
HALF = replace(CHANNELS_LAST, name="mixed precision", half=True)
LEAN = replace(
    HALF, name="lean: pool first, memory kept", net=partial(small_cnn, pool_first=True), lean=True, half=None
)
COMPUTED = replace(LEAN, name="first layer computed", net=partial(small_cnn, pool_first=True, first_learned=False))
MUON = replace(COMPUTED, name="Muon", muon=(0.06, 0.05))
COMPILED = replace(MUON, name="compiled", compile=True)
RUNGS = [ON_DEVICE, ONE_CYCLE, CHANNELS_LAST, HALF, LEAN, COMPUTED, MUON, COMPILED]

# For a GPU. Muon's numbers are airbench's. On a CPU 16 epochs of QUICK ended at 94.05% (one seed, 11 minutes).
QUICK = Recipe(
    "quick net", QuickNet, images=18 * 50_000, batch=1000, lr=1e-2, muon=(0.24, 0.0), momentum=0.6, sized=True,
    warmup=0.1, smoothing=0.2, decay=0.01, augment=partial(crop_and_flip, most=2, edge="reflect"),
    channels_last=True, half=None, lean=True, compile=True, flips=True,
)  # fmt: skip
RESIDUAL = replace(
    QUICK, name="residual net", net=partial(residual_net, 64), images=24 * 50_000, batch=512, lr=1e-3, warmup=0.2,
    smoothing=0.1, decay=0.05, augment=partial(crop_and_flip, edge="reflect"),
)  # fmt: skip
WIDE = replace(
    QUICK, name="quick net, twice as wide, deeper, longer", net=partial(QuickNet, wide=2.0, depth=3),
    images=40 * 50_000, augment=crop_flip_and_cover,
)  # fmt: skip
