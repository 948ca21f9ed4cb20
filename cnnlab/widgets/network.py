"""A network small enough to see whole, as plain numbers: a picture, its parameters, and every step in between."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from cnnlab.built.lesson_02 import conv2d
from cnnlab.built.lesson_03 import max_pool2d, relu
from cnnlab.built.lesson_04 import cross_entropy, linear, softmax
from cnnlab.check import ask
from cnnlab.widgets.cells import cells_where, nearest

KINDS = {"in": "picture", "weight": "kernel", "out": "dense weights"}
STEPS = ("maps", "active", "pooled", "logits", "p")
MOST = 3.0  # the largest number that a pixel or a weight may have


@dataclass(frozen=True, eq=False)
class Network:
    """Lesson 04's network on one picture, and the number that is looked at: a grid of KINDS and a cell of it.

    image: (H, W), kernel: (kh, kw), bias: a number, fc_weight: (K, D), fc_bias: (K,), label: an int, pool: the window's
    side and stride. before: the network before the last change. yours: the learner's logits (K,), None where there are
    none; says: a sentence about that.
    """

    image: np.ndarray
    kernel: np.ndarray
    bias: float
    fc_weight: np.ndarray
    fc_bias: np.ndarray
    label: int
    pool: int = 2
    grid: str = "in"
    cell: tuple = (0, 0)
    before: "Network | None" = None
    yours: np.ndarray | None = None
    says: str = ""

    @property
    def numbers(self):
        """The grid that is looked at: (H, W), (kh, kw) or (K, D)."""
        return {"in": self.image, "weight": self.kernel, "out": self.fc_weight}[self.grid]

    @property
    def value(self):
        """The number that is looked at."""
        return float(self.numbers[self.cell])

    @property
    def params(self):
        """The parameters as `forward` takes them."""
        return {
            "conv_weight": np.asarray(self.kernel, dtype=float)[None, None],
            "conv_bias": np.array([self.bias], dtype=float),
            "fc_weight": np.asarray(self.fc_weight, dtype=float),
            "fc_bias": np.asarray(self.fc_bias, dtype=float),
        }

    @cached_property
    def steps(self):
        """Every step as the course computes it: {"maps": (h, w), "active", "pooled", "logits": (K,), "p", "loss"}."""
        params = self.params
        picture = np.asarray(self.image, dtype=float)[None, None]
        maps = conv2d(picture, params["conv_weight"], params["conv_bias"])
        active = relu(maps)
        pooled = max_pool2d(active, self.pool)
        logits = linear(pooled.reshape(1, -1), params["fc_weight"], params["fc_bias"])
        loss = cross_entropy(logits, np.array([self.label]))
        found = {"maps": maps[0, 0], "active": active[0, 0], "pooled": pooled[0, 0]}
        return found | {"logits": logits[0], "p": softmax(logits)[0], "loss": float(loss)}

    @cached_property
    def moved(self):
        """{step: cells (i, j) whose numbers the last change moved}; a step with one axis counts as a column."""
        if self.before is None:
            return dict.fromkeys(STEPS, frozenset())
        pairs = ((name, self.steps[name], self.before.steps[name]) for name in STEPS)
        return {name: cells_where(_column(~np.isclose(now, old))) for name, now, old in pairs}

    @property
    def wrong(self):
        """Whether the learner's logits are not the true ones."""
        return self.yours is not None and not np.allclose(self.yours, self.steps["logits"], rtol=1e-4, atol=1e-6)

    def at(self, grid, cell):
        """The same, looking at the nearest cell of a grid."""
        if grid not in KINDS:
            return self
        moved = replace(self, grid=grid)
        return replace(moved, cell=nearest(cell, moved.numbers.shape))

    def with_value(self, value):
        """The same with another number in the cell that is looked at, within ±MOST; a pixel is at least 0."""
        value = round(min(max(float(value), 0.0 if self.grid == "in" else -MOST), MOST), 1)
        if value == self.value:
            return self
        numbers = np.array(self.numbers, dtype=float)
        numbers[self.cell] = value
        name = {"in": "image", "weight": "kernel", "out": "fc_weight"}[self.grid]
        return replace(self, before=replace(self, before=None), **{name: numbers})


def network_of(example):
    """The Network of a worked example (see cnnlab.data.worked_example)."""
    names = ("image", "kernel", "bias", "fc_weight", "fc_bias", "label", "pool")
    return Network(**{name: example[name] for name in names})


def answered(state, function):
    """`state` with the learner's logits, and whether the function never came back: (Network, bool). Raises nothing.

    function: the learner's forward(params, x (1, 1, H, W)) -> logits (1, K); None for the course's numbers.
    """
    if function is None:
        return replace(state, yours=None, says=""), False
    answer = ask(function, state.params, np.asarray(state.image, dtype=float)[None, None])
    if answer.problem:
        return replace(state, yours=None, says=answer.problem), answer.endless
    value, shape = answer.value, (1, len(state.fc_bias))
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf" or value.shape != shape:
        return replace(state, yours=None, says=f"`{answer.name}` gave no logits of the shape {shape}."), False
    return replace(state, yours=value[0].astype(float), says=""), False


def _column(mask):
    return mask[:, None] if mask.ndim == 1 else mask
