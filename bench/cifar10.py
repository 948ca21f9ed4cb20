"""CIFAR-10: the tutorial's loop and the fast ones in one process, in turn; images per second, seconds to 90%, 94%.

    CNNLAB_DATA=… .venv/bin/python bench/cifar10.py            any device; on two quiet CPU cores about 8 minutes
    .venv/bin/python bench/cifar10.py --gpu                    on a GPU: 90% and 94% as well
    .venv/bin/python bench/cifar10.py --gpu --wide             and 96%
    .venv/bin/python bench/cifar10.py --rounds 1 --seconds 5   a quick look

On a CPU each loop has `--seconds` of training in a round. Loading and normalising the data is left out of all times
and said apart; so are looking at pictures, and torch.compile, which is a column of its own. One training
picture in ten is kept back for all looks on the way; the test set is looked at once, after each run.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import ladders
import torch

from cnnlab.data import cifar10
from cnnlab.device import best_device
from cnnlab.ladder import cifar10 as ladder
from cnnlab.ladder.fast import normalise, train_fast
from cnnlab.ladder.measure import accuracy
from cnnlab.ladder.networks import small_cnn
from cnnlab.ladder.tutorial import train_as_in_the_tutorial

MARKS, MOMENTS = (0.60, 0.70, 0.90, 0.94, 0.96), (2, 5, 10, 20, 60)


def main() -> None:
    options = _options()
    if options.threads:
        torch.set_num_threads(options.threads)
    device = best_device()
    torch.backends.cudnn.benchmark = True
    began = time.perf_counter()
    train, test = cifar10()
    train, validation = train.keep_back()
    images, labels = train.tensors(device)
    test_images, test_labels = test.tensors(device)
    images = normalise(images, ladder.MEAN, ladder.STD)
    kept_images, kept_labels = validation.tensors(device)
    kept_back = (normalise(kept_images, ladder.MEAN, ladder.STD), kept_labels)
    at_the_end = (normalise(test_images, ladder.MEAN, ladder.STD), test_labels)
    loading = time.perf_counter() - began
    print(f"{ladders.machine(device)}\nData loaded and normalised in {loading:.1f} s.\n")

    def fast(recipe, seed, seconds=None, looks=1):
        model, run = train_fast(recipe, images, labels, kept_back, device, seed, looks, seconds)
        run.tested = accuracy(model, *at_the_end, flips=recipe.flips)
        print(f"  {run.name}, seed {seed}: {run.accuracy:.2%} after {run.seconds:.2f} s, "
              f"{run.images_per_second:,.0f} images/s", flush=True)  # fmt: skip
        return run

    def tutorial(seed):
        torch.manual_seed(seed)
        model = small_cnn().to(device)
        adam = torch.optim.AdamW(model.parameters(), lr=1e-3)
        how = {"mean": ladder.MEAN, "std": ladder.STD, "augment": True, "workers": options.workers}
        limit = None if options.epochs else options.seconds
        epochs = options.epochs or 1000
        run = train_as_in_the_tutorial(model, adam, train, kept_back, device, seed, epochs, 4, limit, **how)
        run.tested = accuracy(model, *at_the_end)
        print(f"  tutorial, seed {seed}: {run.accuracy:.2%} after {run.seconds:.1f} s, "
              f"{run.images_per_second:,.0f} images/s", flush=True)  # fmt: skip
        return run

    rungs = [rung for rung in ladder.RUNGS if options.compile or options.gpu or not rung.compile]
    large = [ladder.QUICK, ladder.RESIDUAL, *([ladder.WIDE] if options.wide else [])] if options.gpu else []
    fast(replace(ladder.HALF, name="warming up", images=2560), 0)
    runs = []
    for turn in range(options.rounds):
        print(f"Round {turn + 1} of {options.rounds}")
        runs.append(tutorial(turn))
        runs += [fast(rung, turn, options.seconds) for rung in rungs]
        runs += [fast(recipe, options.seeds * turn + k) for k in range(options.seeds) for recipe in large]

    recipes = {recipe.name: recipe for recipe in [*rungs, *large]}
    results, peaks = ladders.results_of(runs, recipes, ladder.ON_DEVICE, (3, 32, 32), device, MARKS, MOMENTS)
    print(f"\n{ladders.table({name: ladders.row(result) for name, result in results.items()})}\n")
    theirs = results["tutorial"]["images_per_second"]
    ratios = {rung.name: results[rung.name]["images_per_second"] / theirs for rung in rungs}
    said = []
    for name in (ladder.LEAN.name, ladder.COMPUTED.name, ladder.MUON.name):  # the first of them learns every layer
        said.append(
            f"The small network, “{name}”: {ratios[name]:.1f} times as many images a second as the tutorial's loop, "
            f"{results[name]['accuracy']:.1%} right after {results[name]['seconds']:.0f} s "
            f"(the tutorial's: {results['tutorial']['accuracy']:.1%})."
        )
    for recipe, mark in zip(large, (0.94, 0.94, 0.96), strict=False):
        result = results[recipe.name]
        verdict = f"{'reaches' if result['accuracy'] >= mark else 'misses'} {mark:.0%}"
        said.append(
            f"{recipe.name}: {result['accuracy']:.2%} mean, {result['worst']:.2%} worst of {result['seeds']} seeds "
            f"in {result['seconds']:.2f} s; {verdict}."
        )
    print("\n".join(said))
    report = {"what": "CIFAR-10", "machine": ladders.machine(device), "loading": loading, "peaks": peaks}
    report |= {"rungs": ["tutorial", *(rung.name for rung in rungs)], "runs": results, "ratios": ratios, "said": said}
    report["times"] = {"small network": max(ratios.values())}
    ladders.save(options.out, "cifar10", report, runs, options.write)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="rounds, each with every loop in turn")
    parser.add_argument("--seeds", type=int, default=2, help="fresh seeds of each GPU recipe in a round")
    parser.add_argument("--seconds", type=float, default=25, help="of training for each loop of the small network")
    parser.add_argument("--epochs", type=int, help="of the tutorial's loop, in place of --seconds")
    parser.add_argument("--workers", type=int, default=0, help="of the tutorial's DataLoader")
    parser.add_argument("--threads", type=int, help="of torch")
    parser.add_argument("--gpu", action="store_true", help="the networks that reach 90% and 94%")
    parser.add_argument("--wide", action="store_true", help="and the one for 96%")
    parser.add_argument("--compile", action="store_true", help="the compiled rung on a CPU, too")
    parser.add_argument("--out", type=Path, default=Path("artifacts/ladders"), help="folder for JSON and plot")
    parser.add_argument("--write", action="store_true", help="into the course's own measurements and docs/ladders.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
