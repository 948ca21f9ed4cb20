"""find_the_slip: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np

from cnnlab.check.cases import Mistake, known

FIND_THE_SLIP: list[Mistake] = []


def conv(image, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel) + bias


def pool(maps, size, stride):
    windows = np.lib.stride_tricks.sliding_window_view(maps, (size, size))[::stride, ::stride]
    return windows.max(axis=(2, 3))


def soft(logits):
    raised = np.exp(logits - logits.max())
    return raised / raised.sum()


def recompute(e, conv=conv, pool=pool, relu=lambda m: np.maximum(m, 0), loss=lambda p: -np.log(p), **change):
    """All ten steps, right unless a piece is exchanged; those that are printed."""
    steps = {"maps": conv(e["image"], e["kernel"], change.get("bias", e["bias"]))}
    steps["relu"] = relu(steps["maps"])
    steps["pooled"] = pool(steps["relu"], e["pool"], change.get("stride", e["pool_stride"]))
    steps["features"] = steps["pooled"].ravel()
    steps["logits"] = e["fc_weight"] @ steps["features"] + change.get("fc_bias", e["fc_bias"])
    steps["p"] = soft(steps["logits"])
    steps["loss"] = float(loss(steps["p"][e["label"]]))
    steps["dlogits"] = steps["p"] - np.eye(len(steps["p"]))[e["label"]]
    steps["dweight"] = np.outer(steps["dlogits"], steps["features"])
    steps["dfeatures"] = e["fc_weight"].T @ steps["dlogits"]
    return {name: steps[name] for name in e["steps"]}


def off(printed, right, tolerance=5e-3):
    return np.shape(printed) != np.shape(right) or np.max(np.abs(printed - right)) > tolerance


def first(e, steps, tolerance=5e-3):
    for name, right in steps.items():
        if off(e["steps"][name], right, tolerance):
            return name, right
    return None


@known(
    FIND_THE_SLIP,
    "the last step that is off",
    "You found a step that is off, but not the first. A slip is carried on: steps behind it may be wrong because of "
    "it. Stop at the first.",
)
def _(example):
    found = None
    for name, right in recompute(example).items():
        if off(example["steps"][name], right):
            found = name, right
    return found


@known(FIND_THE_SLIP, "the printed value", "The step is right; the value is the printed, wrong one. Return yours.")
def _(example):
    name, _ = first(example, recompute(example))
    return name, example["steps"][name]


@known(FIND_THE_SLIP, "the difference", "You return by how much the printed value is off. Return the right value.")
def _(example):
    name, right = first(example, recompute(example))
    printed = example["steps"][name]
    return name, (right - printed if np.shape(printed) == np.shape(right) else right)


@known(FIND_THE_SLIP, "the name only", "Return two things: the step's name, and its right value.")
def _(example):
    return first(example, recompute(example))[0]


@known(FIND_THE_SLIP, "value first, name second", "The other way round: the step's name first, then the value.")
def _(example):
    return first(example, recompute(example))[::-1]


@known(FIND_THE_SLIP, "the number of the step", "You return which step it is, counted. Its name is asked for.")
def _(example):
    name, right = first(example, recompute(example))
    return list(example["steps"]).index(name), right


@known(FIND_THE_SLIP, "always the maps", 'You return "maps" whatever is printed. Look for the step that is off.')
def _(example):
    return "maps", recompute(example)["maps"]


@known(
    FIND_THE_SLIP, "all that is off", "You return every step that is off. One is asked for: the first, and its value."
)
def _(example):
    return {n: right for n, right in recompute(example).items() if off(example["steps"][n], right)}


@known(
    FIND_THE_SLIP,
    "values compared, not shapes",
    "np.allclose stretches (1, 1) to (2, 2) and finds nothing wrong. Compare np.shape first.",
)
def _(example):
    for name, right in recompute(example).items():
        try:
            same = np.allclose(example["steps"][name], right, atol=5e-3)
        except ValueError:
            same = False
        if not same:
            return name, right
    return None


@known(
    FIND_THE_SLIP,
    "an error where shapes differ",
    "Comparing (2, 2) with (3, 3) raises an error. That they differ is the slip: compare np.shape first.",
)
def _(example):
    for name, right in recompute(example).items():
        if np.max(np.abs(example["steps"][name] - right)) > 5e-3:
            return name, right
    return None


@known(
    FIND_THE_SLIP, "shapes compared, not values", "You compare shapes only. Numbers can be wrong in the right shape."
)
def _(example):
    for name, right in recompute(example).items():
        if np.shape(example["steps"][name]) != np.shape(right):
            return name, right
    return list(example["steps"])[-1], list(recompute(example).values())[-1]


@known(
    FIND_THE_SLIP,
    "rounding taken for a slip",
    "You found a number that was only rounded. Printed numbers have four digits; allow for 0.005.",
)
def _(example):
    return first(example, recompute(example), 1e-9)


@known(FIND_THE_SLIP, "too forgiving", "A slip slipped through: you allow for too much. What is off by 0.02 is a slip.")
def _(example):
    return first(example, recompute(example), 0.2)


@known(
    FIND_THE_SLIP,
    "sums compared",
    "You compare sums. Two numbers that changed places have the same sum: compare number by number.",
)
def _(example):
    for name, right in recompute(example).items():
        printed = example["steps"][name]
        if np.shape(printed) != np.shape(right) or abs(np.sum(printed) - np.sum(right)) > 0.01:
            return name, right
    return None


@known(FIND_THE_SLIP, "the forward steps only", "Slips on the way back are not found. Three more steps have recipes.")
def _(example):
    forwards = dict(list(recompute(example).items())[:7])
    return first(example, forwards) or ("loss", forwards["loss"])


@known(FIND_THE_SLIP, "the bias of the convolution is forgotten", 'Your "maps" lack the bias. Add example["bias"].')
def _(example):
    return first(example, recompute(example, bias=0))


@known(FIND_THE_SLIP, "the bias of the dense layer is forgotten", 'Your "logits" lack fc_bias. Add it.')
def _(example):
    return first(example, recompute(example, fc_bias=0))


@known(FIND_THE_SLIP, "a stride of 2, whatever is asked for", 'Your pooling ignores example["pool_stride"].')
def _(example):
    steps = {"maps": conv(example["image"], example["kernel"], example["bias"])}
    steps["relu"] = np.maximum(steps["maps"], 0)
    steps["pooled"] = pool(steps["relu"], example["pool"], 2)
    return first(example, steps) or first(example, recompute(example))


@known(FIND_THE_SLIP, "a stride of 1, whatever is asked for", 'Your pooling starts everywhere: use "pool_stride".')
def _(example):
    steps = {"maps": conv(example["image"], example["kernel"], example["bias"])}
    steps["relu"] = np.maximum(steps["maps"], 0)
    steps["pooled"] = pool(steps["relu"], example["pool"], 1)
    return first(example, steps) or first(example, recompute(example))


@known(FIND_THE_SLIP, "the kernel is flipped", "Your convolution turns the kernel by 180°. Here nothing is turned.")
def _(example):
    return first(example, recompute(example, conv=lambda i, k, b: conv(i, k[::-1, ::-1], b)))


@known(FIND_THE_SLIP, "no ReLU", "Your steps go on with numbers below zero. After the maps comes ReLU.")
def _(example):
    return first(example, recompute(example, relu=lambda m: m))


@known(FIND_THE_SLIP, "log to base 2", "Your loss is in bits, log to base 2. np.log is the natural one.")
def _(example):
    return first(example, recompute(example, loss=lambda p: -np.log2(p)))


@known(FIND_THE_SLIP, "the loss of class 0", "Your loss looks at class 0, whatever the label is. Take p[label].")
def _(example):
    return first(example, recompute({**example, "label": 0}))


@known(FIND_THE_SLIP, "y − p", "Your dlogits have the wrong sign: it is p − y, 1 taken off at the label.")
def _(example):
    steps = recompute(example)
    if "dlogits" in steps:
        steps["dlogits"] = -steps["dlogits"]
    return first(example, steps)


@known(FIND_THE_SLIP, "dweight lying on its side", "Your dweight is (D, K). It has fc_weight's shape, (K, D).")
def _(example):
    steps = recompute(example)
    if "dweight" in steps:
        steps["dweight"] = steps["dweight"].T
    return first(example, steps)


@known(
    FIND_THE_SLIP,
    "dfeatures taken for 0 behind dead features",
    "dfeatures does not ask whether features are 0: it is weights times dlogits.",
)
def _(example):
    steps = recompute(example)
    if "dfeatures" in steps:
        steps["dfeatures"] = steps["dfeatures"] * (steps["features"] > 0)
    return first(example, steps)


@known(
    FIND_THE_SLIP,
    "corrected in place",
    "You wrote the right value into the example. Return it, and leave the example as it was printed.",
)
def _(example):
    name, right = first(example, recompute(example))
    example["steps"][name] = right
    return name, right
