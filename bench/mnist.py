"""MNIST: the tutorial's loop and the fast ones in one process, in turn; seconds to 98.5% and 99%, and the ladder.

    CNNLAB_DATA=… .venv/bin/python bench/mnist.py              about 12 minutes on two quiet cores
    .venv/bin/python bench/mnist.py --rounds 1 --epochs 1      a quick look
    OMP_WAIT_POLICY=PASSIVE … --threads 1                      where other programs want the cores, too

Loading the data and normalising it once is left out of all times and said apart; so is looking at pictures. One
training picture in ten is kept back for all looks on the way; the test set is looked at once, after each run.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import ladders
import torch

from cnnlab.data import mnist
from cnnlab.device import best_device
from cnnlab.ladder import mnist as ladder
from cnnlab.ladder.fast import normalise, train_fast
from cnnlab.ladder.measure import accuracy
from cnnlab.ladder.networks import simple_cnn
from cnnlab.ladder.tutorial import train_as_in_the_tutorial

MARKS, MOMENTS = (0.985, 0.99), (1, 2, 5, 20, 60)


def main() -> None:
    options = _options()
    if options.threads:
        torch.set_num_threads(options.threads)
    device = best_device()
    began = time.perf_counter()
    train, test = mnist()
    train, validation = train.keep_back()
    images, labels = train.tensors(device)
    test_images, test_labels = test.tensors(device)
    kept_images, kept_labels = validation.tensors(device)
    kept_back, at_the_end = (normalise(kept_images), kept_labels), (normalise(test_images), test_labels)
    images = normalise(images)
    loading = time.perf_counter() - began
    print(f"{ladders.machine(device)}\nData loaded and normalised in {loading:.1f} s.\n")

    def fast(recipe, seed, looks=1):
        model, run = train_fast(recipe, images, labels, kept_back, device, seed, looks)
        run.tested = accuracy(model, *at_the_end, flips=recipe.flips)
        print(f"  {run.name}, seed {seed}: {run.accuracy:.2%} after {run.seconds:.2f} s", flush=True)
        return run

    def tutorial(seed):
        torch.manual_seed(seed)
        model = simple_cnn().to(device)
        adam = torch.optim.Adam(model.parameters(), lr=1e-3)
        run = train_as_in_the_tutorial(model, adam, train, kept_back, device, seed, options.epochs, looks=4)
        run.tested = accuracy(model, *at_the_end)
        print(f"  tutorial, seed {seed}: {run.accuracy:.2%} after {run.seconds:.1f} s", flush=True)
        return run

    rungs = [replace(rung, images=options.images) for rung in ladder.RUNGS if options.compile or not rung.compile]
    fixed = [ladder.TO_985, ladder.TO_990, ladder.FOLDED]
    fast(replace(ladder.TO_985, name="warming up", images=960), 0)
    runs = []
    for turn in range(options.rounds):
        print(f"Round {turn + 1} of {options.rounds}")
        runs.append(tutorial(turn))
        runs += [fast(recipe, options.seeds * turn + k) for k in range(options.seeds) for recipe in fixed]
        runs += [fast(rung, turn) for rung in rungs if turn < options.rung_rounds]

    recipes = {recipe.name: recipe for recipe in [*rungs, *fixed]}
    results, peaks = ladders.results_of(runs, recipes, ladder.ON_DEVICE, (1, 28, 28), device, MARKS, MOMENTS)
    print(f"\n{ladders.table({name: ladders.row(result) for name, result in results.items()})}\n")
    said, ratios = [], {}
    for mark, recipe in zip(MARKS, (ladder.TO_985, ladder.TO_990), strict=True):
        ours, theirs = results[recipe.name], results["tutorial"]["seconds_to"][f"{mark:.1%}"]
        reached = ours["accuracy"] >= mark
        ratios[f"{mark:.1%}"] = theirs / ours["seconds"] if theirs and reached else None
        against = (
            f"{theirs:.1f} s, {ratios[f'{mark:.1%}']:.1f} times as long" if theirs and reached else "not comparable"
        )
        said.append(
            f"{mark:.1%}: ours {ours['seconds']:.2f} s ({ours['accuracy']:.2%} mean, {ours['worst']:.2%} worst of "
            f"{ours['seeds']} seeds); the tutorial's loop {against}."
        )
    folded, theirs = results[ladder.FOLDED.name], results["tutorial"]
    said.append(
        f"Folded net: {folded['accuracy']:.2%} mean, {folded['worst']:.2%} worst of {folded['seeds']} seeds, in 1/"
        f"{theirs['seconds'] / folded['seconds']:.1f} of the time of the tutorial's {options.epochs} epochs."
    )
    print("\n".join(said))
    report = {"what": "MNIST", "machine": ladders.machine(device), "loading": loading, "peaks": peaks}
    report |= {"rungs": ["tutorial", *(rung.name for rung in rungs)], "runs": results, "ratios": ratios, "said": said}
    report["times"] = {mark: times for mark, times in ratios.items() if times}
    ladders.save(options.out, "mnist", report, runs, options.write)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="rounds, each with one run of the tutorial's loop")
    parser.add_argument("--seeds", type=int, default=2, help="fresh seeds of each fast recipe in a round")
    parser.add_argument("--epochs", type=int, default=5, help="of the tutorial's loop")
    parser.add_argument("--images", type=int, default=60_000, help="that each rung of the ladder sees")
    parser.add_argument("--rung-rounds", type=int, default=3, help="in how many rounds the rungs are run")
    parser.add_argument("--threads", type=int, help="of torch")
    parser.add_argument("--compile", action="store_true", help="the compiled rung, too (minutes on a CPU)")
    parser.add_argument("--out", type=Path, default=Path("artifacts/ladders"), help="folder for JSON and plot")
    parser.add_argument("--write", action="store_true", help="into the course's own measurements and docs/ladders.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
