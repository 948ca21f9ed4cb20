"""Recipes for the training exercises: small nets, few pictures, everything drawn from the seed."""

from __future__ import annotations

import numpy as np

SIDE, CLASSES = 6, 3
# a bias before a norm has no gradient but noise, which Adam makes large
UNBIASED = ("conv", 1, 3, 3, 1, 0, 1, 1, False)
NORMED = [UNBIASED, ("norm", 3), ("relu",), ("flatten",), ("dense", 48, CLASSES)]
PLAIN = [("flatten",), ("dense", 36, CLASSES)]
DROPPED = [UNBIASED, ("norm", 3), ("relu",), ("dropout", 0.5), ("flatten",), ("dense", 48, CLASSES)]
LOOP = ("model", "batches", "optimiser", "loss")
AFTERWARDS = {
    "value": "the mean loss",
    "state": "afterwards",
    "training": "in train mode",
    "rounds": "times through the batches",
}


def recipe(rng: np.random.Generator, net: list, *sizes: int, **more: object) -> dict:
    """A recipe for `cnnlab.check.verbs.train`: a net, batches of these sizes, SGD with momentum."""
    batches = [
        (rng.standard_normal((n, 1, SIDE, SIDE)).astype(np.float32), rng.integers(0, CLASSES, n).astype(np.int64))
        for n in sizes
    ]
    return {
        "net": net,
        "seed": int(rng.integers(1, 10**6)),
        "batches": batches,
        "optimiser": ("SGD", {"lr": 0.1, "momentum": 0.9}),
        "give": LOOP,
        **more,
    }
