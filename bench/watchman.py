"""The experiment of lesson 10, with many seeds: why does the near-sighted watchman miss large people?

`python bench/watchman.py` writes docs/watchman.md: for each trial the shares of right answers for small and for large
people of a test set that no trial has seen, from the smallest seed to the largest. About 20 s of a processor a seed.
"""

import argparse
import statistics
import time
from pathlib import Path

import torch

from cnnlab.data import staff_frames
from cnnlab.watchman import FAR_SIGHTED, NEAR_SIGHTED, field_of, learn, ready, score

PAGE = Path(__file__).parents[1] / "docs" / "watchman.md"
SOME, EPOCHS, TEST = 600, 6, 320
TRIALS = {
    "as it is": (NEAR_SIGHTED, SOME, EPOCHS),
    "twice the frames": (NEAR_SIGHTED, 2 * SOME, EPOCHS),
    "three times the epochs": (NEAR_SIGHTED, SOME, 3 * EPOCHS),
    "a wider field": (FAR_SIGHTED, SOME, EPOCHS),
}


def measured(seed):
    """Each trial's shares with frames and weights of this seed: {name: (small, large, large that it learned from)}."""
    images, labels, large = staff_frames(2 * SOME, seed=100 + 2 * seed)
    x, y = ready(images), torch.from_numpy(labels)
    test_images, test_labels, test_large = staff_frames(TEST, seed=101 + 2 * seed)
    test = ready(test_images), torch.from_numpy(test_labels), test_large
    found = {}
    for name, (rates, count, epochs) in TRIALS.items():
        model = learn(rates, x[:count], y[:count], epochs, seed)
        found[name] = (*score(model, *test), score(model, x[:count], y[:count], large[:count])[1])
    return found


def page(runs):
    """The table as Markdown."""
    sides = field_of(NEAR_SIGHTED), field_of(FAR_SIGHTED)
    lines = [
        "# The watchman and large people",
        "",
        f"Lesson 10's experiment with {len(runs)} seeds; each has frames of its own to learn from "
        f"({SOME}, or {2 * SOME:,}), {TEST} others to test with, and weights of its own. Half of the people are small",
        "and half are large, in training and in test; helmets and boots alone tell nothing, only whether they are of",
        "one colour does. All networks have the same layers and 33,042 parameters; the field is "
        f"{sides[0]} × {sides[0]} pixels, and {sides[1]} × {sides[1]} where it is wider.",
        "Shares of right answers: mean, and in brackets the least and the most of all seeds.",
        "",
        "| trial | small people | large people | large people that it learned from |",
        "|---|---|---|---|",
    ]
    for name in TRIALS:
        columns = zip(*(run[name] for run in runs), strict=True)
        cells = [f"{statistics.mean(c):.1%} ({min(c):.1%} … {max(c):.1%})" for c in columns]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", "Written by `python bench/watchman.py`.", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    seeds = parser.parse_args().seeds
    torch.set_num_threads(1)
    runs = []
    for seed in range(seeds):
        began = time.process_time()
        runs.append(measured(seed))
        print(f"seed {seed}: {time.process_time() - began:.0f} s of the processor", flush=True)
    PAGE.write_text(page(runs), encoding="utf-8")


if __name__ == "__main__":
    main()
