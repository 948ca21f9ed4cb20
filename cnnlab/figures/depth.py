"""Lesson 07: gradients layer by layer, losses beside each other, channels before and after batch norm, blocks timed."""

from __future__ import annotations

import time

import numpy as np

from cnnlab.check import ask
from cnnlab.figures.style import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    KEYS,
    LABEL,
    ORANGE,
    PURPLE,
    SMALL,
    SOFT,
    TITLE,
    Picture,
    plain_axes,
)

COLOURS = (ORANGE, BLUE, GREEN, PURPLE)


def show_layer_norms(norms, title="How large the gradient is, layer by layer") -> Picture:
    """The size of each layer's gradient, on a logarithmic axis.

    norms: {name of a network: list of floats above 0, the first layer's first}.
    """
    sheet = Picture("", 7.6, 3.5)
    axes = plain_axes(
        sheet.add_axes((0.12, 0.16, 0.85, 0.68)), title, "layer, counted from the picture", "gradient's norm"
    )
    axes.set_yscale("log")
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    told = []
    for (name, values), colour in zip(norms.items(), COLOURS, strict=False):
        axes.plot(range(1, len(values) + 1), values, "o-", color=colour, markersize=4, linewidth=1.6, label=name)
        told.append(f"{name}, {values[0]:.0e} at layer 1 and {values[-1]:.0e} at layer {len(values)}")
    axes.legend(frameon=False, fontsize=LABEL)
    sheet.alt = f"{title}: {'; '.join(told)}."
    return sheet


def show_losses(runs, guess=None, title="The loss, step by step") -> Picture:
    """Losses of several trainings in one picture, smoothed over five steps.

    runs: {name: list of floats, a loss for each step}; guess: the loss of a network that knows nothing,
    drawn as a line.
    """
    sheet = Picture("", 7.6, 3.3)
    axes = plain_axes(sheet.add_axes((0.09, 0.17, 0.88, 0.66)), title, "step", "loss")
    told = []
    if guess is not None:
        axes.axhline(guess, color=SOFT, linewidth=1, linestyle=":")
        axes.text(1, guess, " guessing", fontsize=SMALL, color=SOFT, va="bottom")
    for (name, losses), colour in zip(runs.items(), COLOURS, strict=False):
        smooth = np.convolve(losses, np.ones(5) / 5, mode="valid")
        axes.plot(np.arange(len(smooth)) + 5, smooth, color=colour, linewidth=1.8, label=name)
        told.append(f"{name} ends at {np.mean(losses[-10:]):.2f}")
    axes.set_ylim(0, None)
    axes.legend(frameon=False, fontsize=LABEL)
    sheet.alt = f"{title}: {'; '.join(told)}." + (f" Guessing gives {guess:.2f}." if guess is not None else "")
    return sheet


def show_normalised(function, x, gamma, beta, title="Three channels, before and after") -> Picture:
    """Histograms of a batch's channels, and of what the learner's batch norm makes of them in train mode.

    function: batch_norm(x, gamma, beta, running_mean, running_var, training) -> (y, …); x: (N, C, H, W) floats.
    """
    channels = x.shape[1]
    answer = ask(function, x, gamma, beta, np.zeros(channels), np.ones(channels), True)
    y, problem = None, answer.problem
    if not problem:
        y = answer.value[0] if isinstance(answer.value, list | tuple) and answer.value else None
        if not isinstance(y, np.ndarray) or y.shape != x.shape or not np.isfinite(y).all():
            y, problem = None, f"`{answer.name}` gave no y of x's shape."
    sheet = Picture("", 8.4, 3.0)
    sheet.text(0.02, 0.93, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    told = []
    for side, (name, values) in enumerate((("before", x), ("after, in train mode", y))):
        axes = plain_axes(sheet.add_axes((0.06 + 0.49 * side, 0.17, 0.43, 0.58)), "", "value", "")
        axes.set_title(name, fontsize=LABEL, color=SOFT, loc="left")
        axes.set_yticks([])
        if values is None:
            axes.text(0.5, 0.5, problem[:70], transform=axes.transAxes, ha="center", color=PURPLE, fontsize=9)
            told.append(f"{name}: nothing yet. {problem}")
            continue
        for c in range(channels):
            axes.hist(values[:, c].ravel(), bins=40, color=KEYS[c], alpha=0.6, label=f"channel {c}")
        means = ", ".join(f"{values[:, c].mean():.1f} ± {values[:, c].std():.1f}" for c in range(channels))
        told.append(f"{name}, mean and deviation of each: {means}")
        if side == 0:
            axes.legend(frameon=False, fontsize=SMALL)
    sheet.alt = f"{title}: {'; '.join(told)}."
    return sheet


def time_blocks(blocks, x, rounds=7):
    """The median of the milliseconds of the processor that one call of each block takes, in eval mode.

    blocks: {name: nn.Module}; x: a tensor that each of them takes. Returns {name: milliseconds}.
    """
    import torch

    found: dict[str, list[float]] = {name: [] for name in blocks}
    with torch.no_grad():
        for block in blocks.values():
            block.eval()(x)
        for _ in range(rounds):  # taken in turn, so that a busy moment hits all of them
            for name, block in blocks.items():
                start = time.process_time()
                block(x)
                found[name].append(1000 * (time.process_time() - start))
    return {name: float(np.median(times)) for name, times in found.items()}


def show_costs(costs, title="Weights, multiplications, time") -> Picture:
    """Bars: how many times less each block needs than the first one, for each kind of cost.

    costs: {name: {kind: number above 0}}, the same kinds for each name.
    """
    names, first = list(costs), next(iter(costs.values()))
    sheet = Picture("", 8.4, 0.9 + 0.85 * len(first))
    high = sheet.get_figheight()
    axes = plain_axes(
        sheet.add_axes((0.2, 0.55 / high, 0.74, 1 - 1.15 / high)),
        title,
        f"times less than {names[0]} (longer is better)",
    )
    told = []
    for k, kind in enumerate(first):
        for j, name in enumerate(names):
            times, y = first[kind] / costs[name][kind], k + (j - (len(names) - 1) / 2) * 0.27
            axes.barh(y, times, height=0.24, color=COLOURS[j], label=name if k == 0 else None)
            axes.text(times + 0.08, y, f"{times:.1f}×", va="center", fontsize=SMALL + 0.5, color=INK)
            told.append(f"{kind}, {name}: {times:.1f} times less")
    axes.set_yticks(range(len(first)), list(first), fontsize=LABEL, color=INK)
    axes.invert_yaxis()
    axes.axvline(1, color=FAINT, linewidth=1)
    axes.legend(frameon=False, fontsize=SMALL + 0.5, loc="lower right")
    sheet.alt = f"{title}. {'; '.join(told)}."
    return sheet
