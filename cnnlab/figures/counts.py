"""Bars: how many parameters a layer has, how long a function takes; and which input feeds which output."""

import time

import numpy as np

from cnnlab.figures.style import BLUE, INK, KEYS, LABEL, ORANGE, PURPLE, SMALL, SOFT, TITLE, Picture, plain_axes


def show_counts(
    counts, title="Numbers to learn", xlabel="parameters (each step to the right is ten times as many)"
) -> Picture:
    """Horizontal bars on a logarithmic axis. counts: {name: int, 1 or more}; names with "dense" in them are orange."""
    names, values = list(counts), list(counts.values())
    picture = Picture("", 8.4, 1.15 + 0.5 * len(names))
    axes = plain_axes(picture.add_axes((0.30, 0.62 / picture.get_figheight(), 0.58,
                                        1 - 1.2 / picture.get_figheight())), xlabel=xlabel)  # fmt: skip
    colours = [ORANGE if "dense" in name else BLUE for name in names]
    axes.barh(range(len(names)), values, color=colours, height=0.62)
    axes.set_xscale("log")
    axes.set_xlim(1, max(values) * 12)
    ticks = [10**k for k in range(len(str(int(max(values)))) + 1)]
    axes.set_xticks(ticks, [_short_count(t) for t in ticks], minor=False)
    axes.minorticks_off()
    axes.set_yticks(range(len(names)), names, fontsize=LABEL, color=INK)
    axes.invert_yaxis()
    axes.grid(axis="x", color="#e7e9ee", linewidth=0.8)
    axes.set_axisbelow(True)
    for k, value in enumerate(values):
        axes.text(value * 1.25, k, f"{value:,}", va="center", fontsize=LABEL, color=INK, fontweight="bold")
    picture.text(0.02, 1 - 0.27 / picture.get_figheight(), title, fontsize=TITLE, fontweight="bold", color=INK,
                 va="center")  # fmt: skip
    picture.alt = f"{title}. " + "; ".join(f"{n}: {v:,}" for n, v in counts.items()) + "."
    return picture


def _short_count(n):
    for size, letter in ((10**9, " G"), (10**6, " M"), (10**3, " k")):
        if n >= size:
            return f"{n // size}{letter}"
    return str(n)


def race(functions, *args, repeats=3):
    """The best of `repeats` times of each function on the same arguments. functions: {name: function}.

    Returns {name: seconds as a float, or a calm sentence where the function gives no answer}.
    """
    from cnnlab.check import ask

    times = {}
    for name, function in functions.items():
        best = np.inf
        for _ in range(repeats):
            start = time.perf_counter()
            answer = ask(function, *args, seconds=4.0)
            best = min(best, time.perf_counter() - start)
            if answer.problem:
                best = answer.problem
                break
        times[name] = best
    return times


def show_race(times, title="The same numbers, measured on your machine", log=False) -> Picture:
    """Bars of milliseconds; each says how many times faster it is than the slowest.

    times: what `race` returns; log: a logarithmic axis, for times that differ by powers of ten.
    """
    done = {name: t for name, t in times.items() if not isinstance(t, str)}
    picture = Picture("", 8.4, 1.2 + 0.55 * len(times))
    high = picture.get_figheight()
    slowest, fastest = max(done.values(), default=1.0), min(done.values(), default=1.0)
    each = ", each line ten times as many" if log else ""
    axes = plain_axes(
        picture.add_axes((0.27, 0.6 / high, 0.55, 1 - 1.2 / high)), xlabel=f"milliseconds (less is better{each})"
    )
    told = []
    for k, (name, seconds) in enumerate(times.items()):
        if isinstance(seconds, str):
            axes.text(0, k, f" {seconds[:70]}", va="center", color=PURPLE, fontsize=9)
            told.append(f"{name}: {seconds}")
            continue
        axes.barh(k, seconds * 1000, color=KEYS[0] if seconds == slowest else BLUE, height=0.6)
        faster = slowest / seconds
        said = f"{seconds * 1000:,.1f} ms" + (f"   {faster:,.0f}× faster" if faster > 1.5 else "")
        end = seconds * 1100 if log else seconds * 1000 + slowest * 12
        axes.text(end, k, said, va="center", fontsize=LABEL, color=INK, fontweight="bold")
        told.append(f"{name}: {said}")
    if log:
        axes.set_xscale("log")
        axes.minorticks_off()
        axes.xaxis.set_major_formatter(lambda milliseconds, _: f"{milliseconds:g}")
        axes.grid(axis="x", color="#e7e9ee", linewidth=0.8)
        axes.set_axisbelow(True)
    axes.set_xlim(fastest * 300 if log else 0, slowest * 1000)
    axes.set_ylim(len(times) - 0.5, -0.5)
    axes.set_yticks(range(len(times)), list(times), fontsize=LABEL, color=INK)
    picture.text(0.02, 1 - 0.27 / high, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    picture.alt = f"{title}. " + "; ".join(told) + "."
    return picture


def show_connections(title="Who is connected to whom") -> Picture:
    """Seven pixels of one row and five outputs: a dense layer joins all with all, a convolution three with one."""
    picture = Picture("", 9.0, 3.2)
    for side, (name, dense) in enumerate(
        (("dense: 35 weights, all different", True), ("convolution: 3 weights, used 5 times", False))
    ):
        axes = picture.add_axes((0.02 + 0.5 * side, 0.02, 0.46, 0.74))
        axes.set_axis_off()
        axes.set_xlim(-0.6, 6.6)
        axes.set_ylim(-0.45, 1.35)
        shades = np.random.default_rng(4).permutation(35)
        for out in range(5):
            for pixel in range(7) if dense else range(out, out + 3):
                colour = _shade(shades[out * 7 + pixel]) if dense else (KEYS[5], KEYS[1], KEYS[2])[pixel - out]
                axes.plot([pixel, out + 1], [0, 1], color=colour, lw=1.1 if dense else 2.2, zorder=1)
        axes.scatter(range(7), [0] * 7, s=210, color="#2b2f36", zorder=2)
        axes.scatter(range(1, 6), [1] * 5, s=210, color="white", edgecolor="#2b2f36", linewidth=1.5, zorder=2)
        axes.text(-0.5, 1.27, name, fontsize=LABEL + 0.5, color=INK, fontweight="bold")
        axes.text(3, -0.36, "pixels of one row", fontsize=SMALL + 0.5, color=SOFT, ha="center")
        axes.text(5.55, 1.0, "outputs", fontsize=SMALL + 0.5, color=SOFT, va="center")
    picture.text(0.02, 0.92, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    picture.alt = (
        "Left, a dense layer: each of 5 outputs is joined to all 7 pixels by 35 lines in 35 shades. Right, a "
        "convolution: each output is joined to 3 neighbouring pixels, in the same three colours everywhere."
    )
    return picture


def _shade(k):
    from matplotlib import colormaps

    return colormaps["viridis"](k / 36)
