"""Lesson 07's experiments over several seeds: depth with and without blocks, and what blocks cost on the clock.

    python bench/blocks.py [--seeds 10] [--write]

Runs the lesson's own cells, with the course's blocks for the learner's, on one thread. Prints Markdown; --write puts it
into docs/blocks.md.
"""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))
PAGE = REPOSITORY / "docs" / "blocks.md"
BEGIN, END = "<!-- blocks: written by bench/blocks.py -->", "<!-- blocks: end -->"
NEEDED = ("def plain", "def with_norm", "def stack", "def residual")  # the cells that define the networks
NETWORKS = {
    "4 layers": "plain(4)", "21 layers": "plain(21)", "21 with batch norm": "with_norm(21)",
    "41 with batch norm": "stack(41)", "41, residual": "residual(41)",
}  # fmt: skip


def lesson() -> dict:
    """The lesson's data, networks and measures, from its cells."""
    import torch
    from torch import nn

    from cnnlab.built import lesson_07
    from tests.lessons.master import read

    torch.set_num_threads(1)
    room: dict = {"np": np, "torch": torch, "nn": nn, "courses_own": lesson_07, "or_ours": lambda mine, ours: ours}
    room |= {"conv_block": None, "ResidualBlock": None}
    for _, source in read("07_blocks").cells:
        if "from cnnlab" in source:
            exec(source, room)
            room["or_ours"] = lambda mine, ours: ours
        elif any(one in source for one in NEEDED):
            exec("\n".join(line for line in source.split("\n") if not line.startswith(("show_", "torch.manual"))), room)
    return room


def depth(room: dict, seed: int) -> list[tuple[float, float]]:
    """For each network: the first layer's gradient over the last one's, before training, and the loss after it."""
    found = []
    for network in NETWORKS.values():
        room["torch"].manual_seed(seed)
        model = eval(network, room)
        norms = room["layer_norms"](model)
        losses = room["learn"](model, seed=seed)
        found.append((norms[0] / norms[-1], float(np.mean(losses[-10:]))))
    return found


def clock(room: dict, seed: int) -> list[float]:
    """The processor's milliseconds of a plain 3 × 3, a bottleneck and a depthwise separable block."""
    torch, nn, own = room["torch"], room["nn"], room["courses_own"]
    torch.manual_seed(seed)
    plain = nn.Conv2d(256, 256, 3, padding=1, bias=False)
    blocks = {"plain": plain, "bottleneck": own.Bottleneck(256, 64), "separable": own.DepthwiseSeparable(256, 256)}
    return list(room["time_blocks"](blocks, torch.rand(1, 256, 28, 28), rounds=15).values())


def report(seeds: int) -> str:
    room = lesson()
    runs = np.array([depth(room, seed) for seed in range(seeds)])
    lines = [f"{seeds} seeds; guessing has a loss of {np.log(10):.2f}. Medians, and from the least to the most.", ""]
    lines += ["| network | first layer's gradient over the last one's | loss, mean of the last ten of sixty steps |"]
    lines += ["|---|---|---|"]
    for name, (ratio, loss) in zip(NETWORKS, runs.transpose(1, 2, 0), strict=True):
        ratios = f"{np.median(ratio):.1e} ({ratio.min():.1e} to {ratio.max():.1e})"
        lines.append(f"| {name} | {ratios} | {np.median(loss):.2f} ({loss.min():.2f} to {loss.max():.2f}) |")
    times = np.array([clock(room, seed) for seed in range(seeds)])
    faster = times[:, :1] / times
    system = f"{platform.machine()}, torch {room['torch'].__version__}"
    lines += ["", f"256 maps of 28×28, one picture, one thread, {seeds} seeds ({system}).", ""]
    lines += ["| block | multiplications, times fewer | processor's ms: median | times faster |", "|---|---|---|---|"]
    weights = {"plain 3×3": 589_824, "bottleneck": 69_632, "depthwise separable": 67_840}
    for (name, count), ms, times_faster in zip(weights.items(), times.T, faster.T, strict=True):
        spread = f"{np.median(times_faster):.1f} ({times_faster.min():.1f} to {times_faster.max():.1f})"
        lines.append(f"| {name} | {589_824 / count:.1f} | {np.median(ms):.2f} | {spread} |")
    return "\n".join(lines)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--seeds", type=int, default=10)
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    text = report(given.seeds)
    print(text)
    if given.write:
        from marked import write_between

        write_between(PAGE, BEGIN, END, text)


if __name__ == "__main__":
    main()
