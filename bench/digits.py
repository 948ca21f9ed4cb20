"""Lesson 05's own network on scikit-learn's digits: accuracies and seconds of the processor over several seeds.

    python bench/digits.py [--seeds 5] [--write]

Runs the training cell of the lesson's master, with the lesson's own layers, once for each seed. Prints Markdown;
--write puts it into docs/numpy_speed.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))
PAGE = REPOSITORY / "docs" / "numpy_speed.md"
BEGIN, END = "<!-- digits: written by bench/digits.py -->", "<!-- digits: end -->"
SEED = "np.random.default_rng(0)"


def train(seed: int):
    """The lesson's training with another seed.

    Returns the shares that are right of the test digits, of those kept back and of those learned from, and the
    training's seconds of the processor.
    """
    from tests.lessons.master import read

    room: dict = {}
    for tags, source in read("05_backprop").cells:
        training = tags.get("figure") == "training"
        if training:
            assert source.count(SEED) == 1
            source = source.replace(SEED, f"np.random.default_rng({seed})")
        if training or "solution" in tags or "from cnnlab" in source or source.startswith("def start("):
            began = time.process_time()
            exec(source, room)
            seconds = time.process_time() - began  # the training comes last
        elif tags.get("figure") == "digits":
            exec(source.split("show_pictures(")[0], room)
        elif source.startswith("test_images, test_labels = digits("):
            exec(source.split("print(")[0], room)  # the one look at the test digits
    training = room["training"]
    if training.problem:
        raise SystemExit(training.problem)
    return room["right"], training.last("kept_back"), training.last("learned_from"), seconds


def report(seeds):
    results = [train(seed) for seed in range(seeds)]
    lines = ["| seed | test, looked at once | kept back | learned from | processor, s |", "|---|---|---|---|---|"]
    lines += [f"| {k} | {test:.1%} | {kept:.1%} | {a:.1%} | {t:.1f} |" for k, (test, kept, a, t) in enumerate(results)]
    test, kept, _, seconds = np.array(results).T
    lines.append(f"| **worst** | **{test.min():.1%}** | **{kept.min():.1%}** | | **{seconds.max():.1f}** |")
    middle = np.median(test), np.median(kept), np.median(seconds)
    lines.append("| **median** | **{:.1%}** | **{:.1%}** | | **{:.1f}** |".format(*middle))
    return "\n".join(lines)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    text = report(given.seeds)
    print(text)
    if given.write:
        from marked import write_between

        write_between(PAGE, BEGIN, END, text)


if __name__ == "__main__":
    main()
