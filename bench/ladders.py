"""What bench/mnist.py and bench/cifar10.py share: the machine in words, its peak, the tables, the JSON and the plot."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from pathlib import Path

import torch
from marked import write_between
from torch.utils.flop_counter import FlopCounterMode

from cnnlab.device import describe, processor, synchronise
from cnnlab.ladder.measured import FILE, by_processor, keep, measured

PAGE = Path(__file__).parents[1] / "docs" / "ladders.md"


def machine(device) -> dict:
    """What the numbers were taken on."""
    return {
        "device": describe(device),
        "processor": processor(device),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


def peak(device, half: bool, seconds: float = 1.0) -> float:
    """FLOP/s of a large matrix product, the best of several: what this machine can really do."""
    side = 8192 if torch.device(device).type == "cuda" else 2048
    a = torch.randn(side, side, device=device, dtype=torch.bfloat16 if half else torch.float32)
    best, until = 0.0, time.perf_counter() + seconds
    while best == 0.0 or time.perf_counter() < until:
        began = time.perf_counter()
        a @ a
        synchronise(device)
        best = max(best, 2 * side**3 / (time.perf_counter() - began))
    return best


def flops_per_image(net, shape) -> float:
    """Floating-point operations of one training step, forwards and backwards, per picture (multiplying adds two)."""
    model, x = net(), torch.randn(8, *shape)
    if hasattr(model, "prepare"):
        model.prepare(torch.randn(100, *shape))  # what is not learned needs no gradient
    with FlopCounterMode(display=False) as counter:
        model(x).sum().backward()
    return counter.get_total_flops() / len(x)


def summary(runs, marks, at) -> dict:
    """Of runs of one kind with several seeds: means and worst, seconds to each mark, accuracy after so many seconds."""
    accuracies = [run.accuracy for run in runs]
    tested = [run.tested for run in runs if run.tested is not None]
    to = {mark: [run.seconds_to(mark) for run in runs] for mark in marks}
    after = {moment: [run.accuracy_after(moment) for run in runs] for moment in at}
    return {
        "seeds": len(runs),
        "seconds": statistics.mean(run.seconds for run in runs),
        "before": statistics.mean(run.before for run in runs),
        "images": runs[0].looks[-1][1],
        "images_per_second": statistics.mean(run.images_per_second for run in runs),
        "accuracy": statistics.mean(accuracies),
        "worst": min(accuracies),
        **({"test": statistics.mean(tested), "test_worst": min(tested)} if tested else {}),
        "seconds_to": {f"{mark:.1%}": _mean(values) for mark, values in to.items()},
        "accuracy_after": {f"{moment:g} s": _mean(values) for moment, values in after.items()},
    }


def _mean(values):
    """None where a seed has none: a mean over the lucky ones would flatter."""
    return None if any(value is None for value in values) else statistics.mean(values)


def table(rows: dict[str, dict]) -> str:
    """Markdown; rows: {name: {column: value}}, a missing value is a dash."""
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    lines = ["| | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    lines += [f"| {name} | " + " | ".join(str(row.get(c) or "–") for c in columns) + " |" for name, row in rows.items()]
    return "\n".join(lines)


def row(result: dict) -> dict:
    """One line of the ladder's table."""
    return {
        "images": f"{result['images']:,}",
        "images/s": f"{result['images_per_second']:,.0f}",
        "seconds": f"{result['seconds']:.2f}",
        "accuracy, mean": f"{result['accuracy']:.2%}",
        "worst": f"{result['worst']:.2%}",
        **({"test set, mean": f"{result['test']:.2%}"} if "test" in result else {}),
        "seeds": result["seeds"],
        "share of peak": f"{result['share_of_peak']:.0%}",
        "compile and set-up, s": f"{result['before']:.1f}",
    }


def results_of(runs, recipes: dict, first, shape, device, marks, moments) -> tuple[dict, list[float]]:
    """({name: summary with its share of the peak}, the peaks in 32 and in 16 bits); first: the tutorial's recipe."""
    groups = {run.name: [one for one in runs if one.name == run.name] for run in runs}
    found = {name: summary(group, marks, moments) for name, group in groups.items()}
    peaks = [peak(device, half) for half in (False, True)]
    for name, result in found.items():
        recipe = recipes.get(name, first)
        flops = flops_per_image(recipe.net, shape) * result["images_per_second"]
        result["share_of_peak"] = flops / (max(peaks) if recipe.in_half(device) else peaks[0])
    return found, peaks


def save(folder: Path, name: str, report: dict, runs, write: bool) -> None:
    """<name>.json with every look of every run, and <name>.svg with the curves; write: into the course and its docs."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {**report, "all": [vars(run) for run in runs]}
    (folder / f"{name}.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    plot(runs, report).savefig(folder / f"{name}.svg")
    print(f"\nWritten: {folder / name}.json and .svg")
    if write:
        keep(report)
        write_between(PAGE, *marks_of(report["what"]), section(report["what"]))
        write_between(PAGE, *marks_of("kinds"), by_processor())
        print(f"Written: {FILE} and {PAGE}")


def marks_of(what: str) -> tuple[str, str]:
    """The comments in docs/ladders.md between which a section stands."""
    return f"<!-- {what}: written by bench/ -->", f"<!-- {what}: end -->"


def section(what: str) -> str:
    """What docs/ladders.md says of every device on which MNIST's or CIFAR-10's ladder was measured."""
    lines = []
    for device, report in measured(what).items():
        machine, peaks = report["machine"], report["peaks"]
        lines += [f"### {what}, {device}", ""]
        lines += [
            f"{machine['cpu']}, {machine['cores']} cores, {machine['threads']} threads, torch {machine['torch']}. "
            f"Peak of a matrix product: {peaks[0] / 1e12:.3g} TFLOP/s in 32 bits, {peaks[1] / 1e12:.3g} in 16. "
            f"Loading and normalising the data, not in the times: {report['loading']:.1f} s.",
            "",
            table({name: row(result) for name, result in report["runs"].items()}),
            "",
            *(f"- {line}" for line in report["said"]),
            "",
        ]
    return "\n".join(lines).strip()


def plot(runs, report):
    """Error on the pictures kept back against seconds, both on logarithmic axes, a colour for each kind of loop."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.5), layout="constrained")
    axes = figure.add_subplot()
    names = list(dict.fromkeys(run.name for run in runs))
    for run in runs:
        points = [(seconds, 100 * (1 - accuracy)) for seconds, _, accuracy in run.looks]
        first = run is next(other for other in runs if other.name == run.name)
        colour = f"C{names.index(run.name)}"
        axes.plot(*zip(*points, strict=True), "o-", color=colour, alpha=0.7, label=run.name if first else None)
    axes.set(xscale="log", yscale="log", xlabel="seconds of training", ylabel="error in %, on pictures kept back")
    axes.set_title(f"{report['what']}, {report['machine']['device']}")
    axes.grid(which="both", alpha=0.3)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter("{x:g}")
    axes.tick_params(which="minor", labelsize=7)
    figure.legend(loc="outside right upper")
    return figure
