"""Lesson 11's pictures: networks against each other, against depth, and against the number of pictures."""

from itertools import pairwise

from cnnlab.figures.style import BLUE, FAINT, GREEN, INK, LABEL, ORANGE, PURPLE, SMALL, SOFT, TITLE, Picture, plain_axes

WAYS = {"frozen": PURPLE, "fine-tuned": GREEN, "from scratch": ORANGE}


def _whole_percents(axis) -> None:
    """Ticks at whole percents, so that none is rounded."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    low, high = axis.get_view_interval()
    axis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10], min_n_ticks=3))
    axis.set_major_formatter(PercentFormatter(1.0, decimals=0 if high - low > 0.04 else 1))


def show_gallery(trials, noise=0.0, title="Eight miniatures, trained alike") -> Picture:
    """A row for each network: parameters, multiply–accumulates, seconds, and the accuracy as a dot with its noise.

    trials: cnnlab.trials.Trial, in order; noise: the standard deviation of an accuracy from seed to seed. Bars overlap
    where two accuracies differ by less than two standard deviations of a difference.
    """
    high = 1.35 + 0.4 * len(trials)
    sheet = Picture("", 9.0, high)
    sheet.text(0.015, 1 - 0.28 / high, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    axes = plain_axes(
        sheet.add_axes((0.53, 0.62 / high, 0.44, 0.4 * len(trials) / high)), xlabel="right on pictures never seen"
    )
    shares = [trial.accuracy for trial in trials]
    half = noise * 2**0.5
    low, top = min(shares) - half - 0.02, max(shares) + half + 0.03
    axes.set_xlim(low, top)
    axes.set_ylim(len(trials) - 0.5, -0.5)
    axes.set_yticks([])
    _whole_percents(axes.xaxis)
    best = max(shares)
    for x, words in ((0.15, "parameters"), (0.27, "MACs, millions"), (0.40, "seconds"), (0.50, "")):
        sheet.text(x + 0.06, 1 - 0.62 / high, words, fontsize=SMALL, color=SOFT, ha="right", va="center")
    for k, trial in enumerate(trials):
        y = (0.62 + 0.4 * (len(trials) - k - 0.5)) / high
        near = trial.accuracy > best - 2 * half
        axes.axhline(k, color=FAINT, linewidth=0.7, zorder=0)
        axes.plot([trial.accuracy - half, trial.accuracy + half], [k, k], color=BLUE, linewidth=2, alpha=0.35)
        axes.plot([trial.accuracy], [k], "o", color=BLUE if near else ORANGE, markersize=8)
        axes.text(top, k - 0.28, f"{trial.accuracy:.1%}", fontsize=SMALL, color=INK, ha="right", va="center")
        sheet.text(0.015, y, trial.name, fontsize=LABEL, color=INK, va="center")
        numbers = (f"{trial.cost.parameters:,}", f"{trial.cost.macs / 1e6:.1f}", f"{trial.seconds:.1f}")
        for x, words in zip((0.21, 0.33, 0.46), numbers, strict=True):
            sheet.text(x, y, words, fontsize=LABEL, color=INK, ha="right", va="center")
    told = "; ".join(f"{t.name} {t.accuracy:.1%} with {t.cost.parameters:,} parameters" for t in trials)
    noisy = f"Bars show the noise, {half:.1%} to each side: where two overlap, nothing is told apart."
    sheet.alt = f"{title}. {told}. {noisy}"
    return sheet


def show_depths(rows, title="Deeper: with and without a way around") -> Picture:
    """The loss at the end of training against the number of convolutions.

    rows: (convolutions, loss of the plain net, loss of the residual one), in order of depth.
    """
    sheet = Picture("", 7.2, 3.6)
    sheet.text(0.02, 0.93, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    axes = plain_axes(
        sheet.add_axes((0.11, 0.16, 0.66, 0.64)), xlabel="convolutions", ylabel="loss at the end of training"
    )
    depths = [row[0] for row in rows]
    for column, words, colour in ((1, "plain", ORANGE), (2, "residual", BLUE)):
        values = [row[column] for row in rows]
        axes.plot(depths, values, "-o", color=colour, linewidth=2, markersize=6)
        axes.annotate(f"{words} {values[-1]:.2f}", (depths[-1], values[-1]), (9, 0), color=colour, fontsize=LABEL,
                      textcoords="offset points", va="center")  # fmt: skip
    axes.set_xticks(depths)
    axes.grid(axis="y", color="#e4e6eb", linewidth=0.8)
    told = "; ".join(f"{n} convolutions: plain {a:.2f}, residual {b:.2f}" for n, a, b in rows)
    sheet.alt = f"{title}. {told}."
    return sheet


def show_norms(plain, residual, title="How hard the loss pulls at each convolution") -> Picture:
    """Two lists of gradient norms, from the first convolution to the last, on a logarithmic axis."""
    sheet = Picture("", 7.6, 3.4)
    sheet.text(0.02, 0.93, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    axes = plain_axes(
        sheet.add_axes((0.11, 0.17, 0.68, 0.62)), xlabel="convolution, from the picture to the answer", ylabel="norm"
    )
    ends = sorted([(plain, "plain", ORANGE), (residual, "residual", BLUE)], key=lambda one: one[0][0] if one[0] else 0)
    for norms, words, colour in ends:
        axes.plot(range(1, len(norms) + 1), norms, "-o", color=colour, linewidth=1.6, markersize=3.5, label=words)
    axes.set_yscale("log")
    axes.grid(axis="y", color="#e4e6eb", linewidth=0.8)
    legend = axes.legend(frameon=False, fontsize=LABEL, loc="center left", bbox_to_anchor=(1.01, 0.5))
    for text in legend.get_texts():
        text.set_color(INK)
    told = "; ".join(
        f"{words}: {norms[0]:.2g} at the first, {norms[-1]:.2g} at the last of {len(norms)}"
        for norms, words, _ in ends
        if norms
    )
    sheet.alt = f"{title}. {told}."
    return sheet


def show_transfer(curves, title="What was learned before, and how many pictures there are") -> Picture:
    """Accuracy against the number of pictures of each class, one curve for each way.

    curves: {way: [(pictures of each class, accuracy), …]}, the ways of `cnnlab.trials.WAYS`.
    """
    sheet = Picture("", 7.6, 3.6)
    sheet.text(0.02, 0.93, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    axes = plain_axes(
        sheet.add_axes((0.1, 0.16, 0.62, 0.64)), xlabel="pictures of each class", ylabel="right on pictures never seen"
    )
    ends = sorted((values[-1][1], way) for way, values in curves.items())
    places = [ends[0][0]]
    for (_, _), (share, _) in pairwise(ends):
        places.append(max(share, places[-1] + 0.025))
    for way, values in curves.items():
        colour = WAYS.get(way, BLUE)
        axes.plot(*zip(*values, strict=True), "-o", color=colour, linewidth=2, markersize=6)
    for place, (share, way) in zip(places, ends, strict=True):
        axes.annotate(f"{way} {share:.1%}", (1.03, place), color=WAYS.get(way, BLUE), fontsize=LABEL, va="center",
                      xycoords=("axes fraction", "data"), annotation_clip=False)  # fmt: skip
    axes.set_xscale("log")
    ticks = [each for each, _ in next(iter(curves.values()))]
    axes.set_xticks(ticks, [str(each) for each in ticks])
    axes.minorticks_off()
    _whole_percents(axes.yaxis)
    axes.grid(axis="y", color="#e4e6eb", linewidth=0.8)
    told = "; ".join(
        f"{way}: " + ", ".join(f"{share:.1%} from {each}" for each, share in values) for way, values in curves.items()
    )
    sheet.alt = f"{title}. {told}."
    return sheet
