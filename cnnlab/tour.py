"""The course in a number from each lesson, computed by what is built there."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab.layers import Conv, Dense, Flatten, Pool

FRAME = np.array([[0, 0, 1, 1, 1]] * 5)
EDGE = np.array([[-1, 0, 1]] * 3)
ALEXNET = [
    *(Conv(96, 11, stride=4), Pool(3, 2), Conv(256, 5, padding=2), Pool(3, 2)),
    *(Conv(384, 3, padding=1), Conv(384, 3, padding=1), Conv(256, 3, padding=1), Pool(3, 2)),
    *(Flatten(), Dense(4096), Dense(4096), Dense(1000)),
]


def one_number_each(inception: Callable) -> list[str]:
    """Lines of text, a lesson each, by the course's own functions. inception: lesson 11's InceptionBlock."""
    lines = []
    for lesson, (name, *_) in NUMBERS.items():
        built = importlib.import_module(f"cnnlab.built.lesson_{lesson}")
        lines.append(number(lesson, inception if lesson == "11" else getattr(built, name)))
    return lines


def number(lesson: str, function: Callable) -> str:
    """A lesson's line ("02"), by a function of the name that `NUMBERS` has for it. Raises whatever that raises."""
    _, words, compute = NUMBERS[lesson]
    return f"{lesson} {words}: {compute(function)}"


def _softmax(softmax: Callable) -> list[float]:
    return [round(share, 4) for share in softmax(np.array([[0.1, 0.2]]))[0].tolist()]


def _one_step(train_step: Callable) -> str:
    rng = np.random.default_rng(0)
    params = {
        "conv_weight": rng.normal(size=(2, 1, 3, 3)),
        "conv_bias": np.zeros(2),
        "fc_weight": rng.normal(size=(2, 8)),
        "fc_bias": np.zeros(2),
    }
    x, labels = rng.normal(size=(4, 1, 6, 6)), np.array([0, 1, 1, 0])
    before, after = train_step(params, x, labels, 0.1)
    return f"{before:.3f}, {train_step(after, x, labels, 0.1)[0]:.3f}"


def _field(effective_receptive_field: Callable) -> int:
    import torch

    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.Conv2d(4, 1, 3, padding=1))
    return int((effective_receptive_field(net, torch.zeros(1, 1, 11, 11)) > 0).sum())


def _count(module: Any) -> str:
    return f"{sum(parameter.numel() for parameter in module.parameters()):,}"


# Of each lesson: the function, what it is asked, and how.
NUMBERS: dict[str, tuple[str, str, Callable[[Callable], Any]]] = {
    "01": ("cross_correlate2d", "an edge in a frame of 5 × 5", lambda f: f(FRAME, EDGE)[0].tolist()),
    "02": ("output_size", "224 pixels after a 7 × 7 kernel, padding 3, stride 2", lambda f: f(224, 7, 3, 2)),
    "03": (
        *("max_pool2d", "the largest of 0.1, 0.3, 2.8, 0.5"),
        lambda f: float(f(np.array([[[[0.1, 0.3], [2.8, 0.5]]]]), 2)[0, 0, 0, 0]),
    ),
    "04": ("softmax", "softmax of 0.1 and 0.2", _softmax),
    "05": ("train_step", "a loss before and after one step down", _one_step),
    "06": ("parameters", "AlexNet's parameters", lambda f: f"{sum(f(ALEXNET, (3, 227, 227))):,}"),
    "07": ("ResidualBlock", "a residual block's, 64 to 64 maps", lambda block: _count(block(64, 64))),
    "08": (
        *("normalise", "black and white, normalised"),
        lambda f: f(np.array([[[0, 255]]], np.uint8)).ravel().tolist(),
    ),
    "09": ("one_cycle", "a schedule's peak, at step 30 of 101", lambda f: f(30, 101, 0.01)),
    "10": (
        *("effective_receptive_field", "pixels that have a say in the middle, two 3 × 3 layers"),
        _field,
    ),
    "11": (
        *("InceptionBlock", "an Inception block's parameters"),
        lambda block: _count(block(192, 64, (96, 128), (16, 32), 32)),
    ),
}
