"""The convolution of lesson 05, forwards and backwards, against torch on the same cores, interleaved in one run.

    python bench/numpy_convolution.py [--rounds 30] [--threads 2] [--write]

What is timed is the lesson's own code, read out of its master: `picture_by_picture` forwards and `conv2d_backward`
backwards; beside it, on one line each, the other orders of the same loops. float32, batch 32, 28 × 28 pixels, 32
filters of 3 × 3. Prints Markdown; --write puts it into docs/numpy_speed.md.
"""

from __future__ import annotations

import os

THREADS = os.environ.setdefault("CNNLAB_BENCH_THREADS", str(min(2, os.cpu_count() or 1)))
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = THREADS  # before NumPy and torch are imported

import argparse  # noqa: E402
import platform  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
import torch  # noqa: E402
from marked import write_between  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))
PAGE = REPOSITORY / "docs" / "numpy_speed.md"
BATCH, SIDE, FILTERS, KERNEL = 32, 28, 32, 3
PAUSE = 0.05  # seconds: the threads of one library go on spinning for a while and would slow the other down
CHANNELS = {1: 2.0, 3: None, 32: 4.0}  # input channels: the ratio that is aimed at
BEGIN, END = "<!-- convolution: written by bench/numpy_convolution.py -->", "<!-- convolution: end -->"


def lesson_functions() -> dict:
    """The functions that lesson 05 defines, from its master: solutions and plain cells."""
    from tests.lessons.master import read

    room: dict = {}
    for tags, source in read("05_backprop").cells:
        if "solution" in tags or "from cnnlab" in source or "def picture_by_picture" in source:
            exec(source, room)
    return room


def numpy_pass(room, x, weight, dout):
    room["picture_by_picture"](x, weight)
    return room["conv2d_backward"](dout, x, weight)


def torch_pass(x, weight, dout):
    out = torch.nn.functional.conv2d(x, weight)
    return torch.autograd.grad(out, (x, weight), dout)


def measure(room, channels, rounds):
    """Milliseconds of each, best and median of `rounds`, taken in turn, each after a pause and a run to warm up."""
    rng = np.random.default_rng(channels)
    x = rng.normal(size=(BATCH, channels, SIDE, SIDE)).astype(np.float32)
    weight = rng.normal(size=(FILTERS, channels, KERNEL, KERNEL)).astype(np.float32)
    dout = rng.normal(size=(BATCH, FILTERS, SIDE - KERNEL + 1, SIDE - KERNEL + 1)).astype(np.float32)
    tx, tweight = (torch.from_numpy(a.copy()).requires_grad_() for a in (x, weight))
    tdout = torch.from_numpy(dout)
    for ours, theirs in zip(numpy_pass(room, x, weight, dout)[:2], torch_pass(tx, tweight, tdout), strict=True):
        scale = float(np.abs(theirs.numpy()).max())
        assert np.allclose(ours, theirs.numpy(), atol=1e-4 * scale), "NumPy and torch disagree"
    runs = {
        "numpy": lambda: numpy_pass(room, x, weight, dout),
        "torch": lambda: torch_pass(tx, tweight, tdout),
        **{name: lambda f=room[name]: f(x, weight) for name in ("weight_by_weight", "picture_by_picture")},
    }
    times = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            time.sleep(PAUSE)
            run()
            start = time.perf_counter()
            run()
            times[name].append((time.perf_counter() - start) * 1000)
    return {name: (min(t), float(np.median(t))) for name, t in times.items()}


def orders(room):
    """Milliseconds of one forward pass in the lesson's four orders of loops, on a small batch (best of 3)."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 20, 20)).astype(np.float32)
    weight = rng.normal(size=(8, 3, 3, 3)).astype(np.float32)
    found = {}
    for name in ("all_seven_loops", "stop_by_stop", "weight_by_weight", "picture_by_picture"):
        best = np.inf
        for _ in range(3):
            start = time.perf_counter()
            room[name](x, weight)
            best = min(best, time.perf_counter() - start)
        found[name] = best * 1000
    return found


def report(rounds):
    room = lesson_functions()
    lines = [
        f"Batch {BATCH}, {SIDE}×{SIDE} pixels, {FILTERS} filters of {KERNEL}×{KERNEL}, float32, "
        f"forwards and backwards; {THREADS} threads each, {rounds} rounds taken in turn. "
        f"{platform.processor() or platform.machine()}, "
        f"Python {platform.python_version()}, NumPy {np.__version__}, torch {torch.__version__}.",
        "",
        "| input channels | NumPy, median (best) | torch, median (best) | ratio of medians (of bests) | aim |",
        "|---|---|---|---|---|",
    ]
    for channels, aim in CHANNELS.items():
        t = measure(room, channels, rounds)
        (ours_best, ours), (theirs_best, theirs) = t["numpy"], t["torch"]
        lines.append(
            f"| {channels} | {ours:.2f} ms ({ours_best:.2f}) | {theirs:.2f} ms ({theirs_best:.2f}) "
            f"| {ours / theirs:.2f}× ({ours_best / theirs_best:.2f}×) | {f'{aim:g}×' if aim else ''} |"
        )
    lines += ["", "The lesson's four orders of the same loops, forwards, batch 2, 3 channels, 20×20, 8 filters:", ""]
    lines += ["| order | ms | against the slowest |", "|---|---|---|"]
    times = orders(room)
    slowest = max(times.values())
    lines += [f"| {n.replace('_', ' ')} | {t:.2f} | {slowest / t:,.0f}× |" for n, t in times.items()]
    return "\n".join(lines)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--rounds", type=int, default=30)
    arguments.add_argument("--threads", type=int, default=int(THREADS))
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    if str(given.threads) != THREADS:
        environment = os.environ | {"CNNLAB_BENCH_THREADS": str(given.threads)}
        os.execve(sys.executable, [sys.executable, *sys.argv], environment)
    torch.set_num_threads(given.threads)
    text = report(given.rounds)
    print(text)
    if given.write:
        write_between(PAGE, BEGIN, END, text)


if __name__ == "__main__":
    main()
