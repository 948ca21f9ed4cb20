"""The course on one page: a number from each lesson, computed by what was built there."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import numpy as np
import torch

from cnnlab.built import (
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
)
from cnnlab.layers import Conv, Dense, Flatten, Pool

FRAME = np.array([[0, 0, 1, 1, 1]] * 5)
EDGE = np.array([[-1, 0, 1]] * 3)
ALEXNET = [
    *(Conv(96, 11, stride=4), Pool(3, 2), Conv(256, 5, padding=2), Pool(3, 2)),
    *(Conv(384, 3, padding=1), Conv(384, 3, padding=1), Conv(256, 3, padding=1), Pool(3, 2)),
    *(Flatten(), Dense(4096), Dense(4096), Dense(1000)),
]


def one_number_each(inception: Callable) -> list[str]:
    """Lines of text, a lesson each. inception: lesson 11's InceptionBlock."""
    found = {
        "01 an edge in a frame of 5 × 5": lesson_01.cross_correlate2d(FRAME, EDGE)[0].tolist(),
        "02 224 pixels after a 7 × 7 kernel, padding 3, stride 2": lesson_02.output_size(224, 7, 3, 2),
        "03 the largest of 0.1, 0.3, 2.8, 0.5": float(_largest()),
        "04 softmax of 0.1 and 0.2": [
            round(share, 4) for share in lesson_04.softmax(np.array([[0.1, 0.2]]))[0].tolist()
        ],
        "05 a loss before and after one step down": _one_step(),
        "06 AlexNet's parameters": f"{sum(lesson_06.parameters(ALEXNET, (3, 227, 227))):,}",
        "07 a residual block's, 64 to 64 maps": f"{_count(lesson_07.ResidualBlock(64, 64)):,}",
        "08 black and white, normalised": lesson_08.normalise(np.array([[[0, 255]]], np.uint8)).ravel().tolist(),
        "09 a schedule's peak, at step 30 of 101": lesson_09.one_cycle(30, 101, 0.01),
    }
    if importlib.util.find_spec("cnnlab.built.lesson_10"):
        found["10 pixels that have a say in the middle, two 3 × 3 layers"] = _field()
    found["11 an Inception block's parameters"] = f"{_count(inception(192, 64, (96, 128), (16, 32), 32)):,}"
    return [f"{words}: {number}" for words, number in found.items()]


def _largest() -> np.ndarray:
    return lesson_03.max_pool2d(np.array([[[[0.1, 0.3], [2.8, 0.5]]]]), 2)[0, 0, 0, 0]


def _one_step() -> str:
    rng = np.random.default_rng(0)
    params = {
        "conv_weight": rng.normal(size=(2, 1, 3, 3)),
        "conv_bias": np.zeros(2),
        "fc_weight": rng.normal(size=(2, 8)),
        "fc_bias": np.zeros(2),
    }
    x, labels = rng.normal(size=(4, 1, 6, 6)), np.array([0, 1, 1, 0])
    before, after = lesson_05.train_step(params, x, labels, 0.1)
    return f"{before:.3f}, {lesson_05.train_step(after, x, labels, 0.1)[0]:.3f}"


def _field() -> int:
    from cnnlab.built import lesson_10

    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.Conv2d(4, 1, 3, padding=1))
    return int((lesson_10.effective_receptive_field(net, torch.zeros(1, 1, 11, 11)) > 0).sum())


def _count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
