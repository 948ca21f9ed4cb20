"""Lesson 05's own network on scikit-learn's digits: test accuracy and seconds over several seeds.

    python bench/digits.py [--seeds 5] [--write]

Runs the training cell of the lesson's master, with the lesson's own layers, once for each seed. Prints Markdown;
--write puts it into docs/numpy_speed.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))
PAGE = REPOSITORY / "docs" / "numpy_speed.md"
BEGIN, END = "<!-- digits: written by bench/digits.py -->", "<!-- digits: end -->"
SEED = "np.random.default_rng(0)"


def train(seed: int):
    """The lesson's training with another seed: (test accuracy, train accuracy, seconds)."""
    from tests.lessons.master import read

    room: dict = {}
    for tags, source in read("05_backprop").cells:
        training = tags.get("figure") == "training"
        if training:
            assert source.count(SEED) == 1
            source = source.replace(SEED, f"np.random.default_rng({seed})")
        if training or "solution" in tags or "from cnnlab" in source or source.startswith("def start("):
            exec(source, room)
        elif "train_images, train_labels = digits" in source:
            exec("\n".join(line for line in source.split("\n") if "digits(" in line and "=" in line), room)
    training = room["training"]
    if training.problem:
        raise SystemExit(training.problem)
    return training.last("test_accuracy"), training.last("train_accuracy"), training.seconds


def report(seeds):
    results = [train(seed) for seed in range(seeds)]
    lines = ["| seed | test accuracy | train accuracy | seconds |", "|---|---|---|---|"]
    lines += [f"| {k} | {test:.1%} | {train:.1%} | {t:.1f} |" for k, (test, train, t) in enumerate(results)]
    test, _, seconds = np.array(results).T
    lines.append(f"| **worst** | **{test.min():.1%}** | | **{seconds.max():.1f}** |")
    lines.append(f"| **median** | **{np.median(test):.1%}** | | **{np.median(seconds):.1f}** |")
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
