"""The rungs of lesson 08: each changes one thing of the one before."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from cnnlab.ladder.fast import Recipe
from cnnlab.ladder.networks import folded_cnn, simple_cnn
from cnnlab.ladder.shifts import shifted

# The tutorial's numbers, with the data on the device.
ON_DEVICE = Recipe("data on the device", simple_cnn, images=60_000)
ONE_CYCLE = replace(ON_DEVICE, name="larger batch, one cycle", batch=128, lr=6e-3, warmup=0.1, smoothing=0.1)
CHANNELS_LAST = replace(ONE_CYCLE, name="channels_last", channels_last=True)
HALF = replace(CHANNELS_LAST, name="mixed precision", half=True)
LEAN = replace(
    HALF, name="lean: pool first, memory kept", net=partial(simple_cnn, pool_first=True), lean=True, half=None
)
COMPILED = replace(LEAN, name="compiled", compile=True)
MUON = replace(LEAN, name="Muon", batch=96, lr=7e-3, muon=(0.06, 0.05))
RUNGS = [ON_DEVICE, ONE_CYCLE, CHANNELS_LAST, HALF, LEAN, COMPILED, MUON]

# As few images as reach the mark, with the same 421,642 weights.
TO_985 = replace(MUON, name="98.5% with 9,000 images", images=9_000)
TO_990 = replace(MUON, name="99% with 20,000 images", images=20_000)
# Another network, one epoch.
FOLDED = Recipe(
    "folded net, one epoch", folded_cnn, images=60_000, batch=96, lr=7e-3, muon=(0.06, 0.05), warmup=0.1, smoothing=0.1,
    augment=partial(shifted, most=1), channels_last=True, half=None, lean=True,
)  # fmt: skip
