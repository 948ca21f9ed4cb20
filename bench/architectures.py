"""Lesson 11's experiments over several seeds: the gallery, depth with and without a way around, transfer.

    python bench/architectures.py [--seeds 10] [--only gallery depth transfer] [--write]

Needs CIFAR-10. Prints Markdown; --write puts each part into docs/architectures.md. Seconds are the processor's.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))
PAGE = REPOSITORY / "docs" / "architectures.md"

from cnnlab import trials  # noqa: E402
from cnnlab.built.lesson_11 import gradient_norms  # noqa: E402
from cnnlab.data import cifar10  # noqa: E402
from cnnlab.ladder.climb import ready_in_colour  # noqa: E402
from cnnlab.miniatures import MINIATURES, deep, resnet  # noqa: E402

CPU = torch.device("cpu")


def gallery(train, test, seeds: int) -> list[str]:
    """Each miniature, trained alike, once for each seed."""
    data, unseen = ready_in_colour(train[: trials.GALLERY["images"]], CPU), ready_in_colour(test[:2_000], CPU)
    names = ["miniature", "parameters", "MACs for one picture", "seconds", "accuracy: mean ± deviation", "from … to"]
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    for one in MINIATURES:
        found, spent = [], []
        for seed in range(seeds):
            torch.manual_seed(seed)
            model, began = one.build(10), time.process_time()
            trials.fit(model, *data, trials.GALLERY["epochs"], seed=seed)
            spent.append(time.process_time() - began)
            found.append(trials.accuracy(model, unseen))
        what = trials.cost(one.build(10))
        shares = f"{np.mean(found):.1%} ± {np.std(found, ddof=1) * 100:.1f} | {min(found):.1%} … {max(found):.1%}"
        lines.append(f"| {one.name} | {what.parameters:,} | {what.macs:,} | {np.median(spent):.1f} | {shares} |")
        print(lines[-1], flush=True)
    return lines


def depth(train, test, seeds: int) -> list[str]:
    """Plain and residual nets of growing depth: the loss at the end, and the gradients at the start."""
    data = ready_in_colour(train[: trials.DEPTH["images"]], CPU)
    lines = ["| convolutions | plain: loss at the end | residual: loss at the end | plain: gradient at the first "
             "convolution over the last, at the start | the same, residual | the residual one is lower in |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for blocks in trials.DEPTH["blocks"]:
        losses, ratios = ([], []), ([], [])
        for seed in range(seeds):
            for residual in (False, True):
                torch.manual_seed(seed)
                model = deep(blocks, residual)
                norms = gradient_norms(model, data[0][:100], data[1][:100])
                ratios[residual].append(norms[0] / norms[-1])
                losses[residual].append(
                    trials.ending(trials.fit(model, *data, trials.DEPTH["epochs"], 1e-2, seed=seed))
                )
        won = sum(one > other for one, other in zip(*losses, strict=True))
        said = [f"{np.mean(one):.2f} ({min(one):.2f} … {max(one):.2f})" for one in losses]
        said += [f"{np.median(one):.2g} ({min(one):.2g} … {max(one):.2g})" for one in ratios]
        lines.append(f"| {2 * blocks + 1} | {' | '.join(said)} | {won} of {seeds} |")
        print(lines[-1], flush=True)
    return lines


def transfer(train, test, seeds: int) -> list[str]:
    """From animals to vehicles: frozen, fine-tuned and from scratch against the number of pictures of each class."""
    first, second = trials.two_tasks(train, test, ready_in_colour, CPU)
    found: dict[tuple, list[float]] = {}
    for seed in range(seeds):
        torch.manual_seed(seed)
        base = resnet(len(first.classes))
        trials.fit(base, first.images, first.labels, trials.TRANSFER["epochs"], seed=seed)
        for each in trials.TRANSFER["each"]:
            for how in trials.WAYS:
                share = trials.carried_over(base, resnet, second, each, how, seed)
                found.setdefault((each, how), []).append(share)
        print(seed, {key: round(values[-1], 3) for key, values in found.items()}, flush=True)
    lines = [
        f"| pictures of each class | {' | '.join(trials.WAYS)} | fine-tuned beats from scratch in |",
        "|---|---|---|---|---|",
    ]
    for each in trials.TRANSFER["each"]:
        rows = [found[each, how] for how in trials.WAYS]
        said = [f"{np.mean(one):.1%} ({min(one):.1%} … {max(one):.1%})" for one in rows]
        won = sum(one > other for one, other in zip(rows[1], rows[2], strict=True))
        lines.append(f"| {each} | {' | '.join(said)} | {won} of {seeds} |")
    return lines


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--seeds", type=int, default=10)
    arguments.add_argument("--only", nargs="*", default=["gallery", "depth", "transfer"])
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    train, test = cifar10(download=False)
    for name in given.only:
        text = "\n".join({"gallery": gallery, "depth": depth, "transfer": transfer}[name](train, test, given.seeds))
        print(f"\n{text}\n")
        if given.write:
            page, begin, end = PAGE.read_text(encoding="utf-8"), f"<!-- {name} -->", f"<!-- {name}: end -->"
            before, after = page.split(begin)[0], page.split(end)[1]
            PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
