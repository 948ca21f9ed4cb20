"""Lesson 09's cure for over-fitting, over several seeds: what its cells show once, repeated.

    CNNLAB_DATA=… python bench/lesson_09.py [--seeds 5] [--write]

Runs the cells of the lesson's master, with the lesson's own pieces, once for each seed: 500 pictures, another 500 for
each seed, by heart and with all three cures. What counts is the share of right answers among 1,000 pictures that were
kept back. Needs CIFAR-10. Prints Markdown; --write puts it into docs/lesson_09.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))
PAGE = REPOSITORY / "docs" / "lesson_09.md"
BEGIN, END = "<!-- cure: written by bench/lesson_09.py -->", "<!-- cure: end -->"
SET_UP = ("import ", "best_device()", "kept_labels = ready_in_colour")
RUNS = ("_, by_heart = watch(", "_, cured = watch(")


def cells(*parts: str, solutions=False) -> list[str]:
    """The lesson's cells that hold one of these, in order; solutions: the exercises' too."""
    from tests.lessons.master import read

    every = read("09_cifar10").cells
    return [source for tags, source in every if any(p in source for p in parts) or (solutions and "solution" in tags)]


def cure(seeds):
    """[((seen, unseen) by heart, (seen, unseen) cured) for each seed], each with 500 other pictures."""
    room: dict = {}
    for source in cells(*SET_UP, solutions=True):
        exec(source, room)
    found = []
    for seed in range(seeds):
        for source in cells(*RUNS):
            assert source.count("seed=1") == 1
            other = f"[{500 * seed} : {500 * (seed + 1)}]"
            exec(source.replace("seed=1", f"seed={seed + 1}").replace("[:500]", other), room)
        ends = tuple((room[run].seen, room[run].accuracy) for run in ("by_heart", "cured"))
        print(seed, ends, flush=True)
        found.append(ends)
    return found


def report(found):
    lines = ["| seed | by heart: seen | kept back | with all three cures: seen | kept back | gained, points |"]
    lines.append("|---|--:|--:|--:|--:|--:|")
    for seed, (heart, cured) in enumerate(found):
        gained = 100 * (cured[1] - heart[1])
        lines.append(f"| {seed} | {heart[0]:.1%} | {heart[1]:.1%} | {cured[0]:.1%} | {cured[1]:.1%} | {gained:+.1f} |")
    means = np.array(found).reshape(len(found), 4).mean(axis=0)
    gained = 100 * (means[3] - means[1])
    cells = " | ".join(f"**{share:.1%}**" for share in means)
    return "\n".join([*lines, f"| **mean** | {cells} | **{gained:+.1f}** |"])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument("--threads", type=int, help="of torch")
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    text = report(cure(given.seeds))
    print(text)
    if given.write:
        from marked import write_between

        write_between(PAGE, BEGIN, END, text)


if __name__ == "__main__":
    main()
