"""Recipes for the training exercises: small nets, few pictures, everything drawn from the seed."""

from typing import Any

import numpy as np

SIDE, CLASSES = 6, 3
UNBIASED = ("conv", 1, 3, 3, 1, 0, 1, 1, False)  # a bias before a norm has no gradient but noise, which Adam enlarges
NORMED = [UNBIASED, ("norm", 3), ("relu",), ("flatten",), ("dense", 48, CLASSES)]
PLAIN = [("flatten",), ("dense", 36, CLASSES)]
DROPPED = [*NORMED[:3], ("dropout", 0.5), *NORMED[3:]]
TWO_NORMS = [*NORMED[:3], ("conv", 3, 3, 3, 1, 1), ("norm", 3), *NORMED[3:]]
MOMENTUM = ("SGD", {"lr": 0.1, "momentum": 0.9})
LOOP = ("model", "batches", "optimiser", "loss")
AFTERWARDS = {"value": "the mean loss", "state": "afterwards", "training": "in train mode"}
ONCE = {"rounds": "times through the batches"}


def recipe(rng: np.random.Generator, net: list, *sizes: int, **more: Any) -> dict:
    """A recipe for `cnnlab.check.verbs.train`: a net, batches of these sizes, SGD with momentum."""
    shapes = [(n, 1, SIDE, SIDE) for n in sizes]
    batches = [(rng.standard_normal(s).astype(np.float32), rng.integers(0, CLASSES, s[0])) for s in shapes]
    common = {"net": net, "seed": int(rng.integers(1, 10**6)), "batches": batches}
    return {**common, "optimiser": MOMENTUM, "give": LOOP, **more}
