"""The rungs of the ladder as bars: how many pictures a second, and what was learned in the same time."""

from cnnlab.figures.style import BLUE, INK, LABEL, ORANGE, SOFT, TITLE, Picture, plain_axes


def show_rungs(runs, title="One rung at a time") -> Picture:
    """The rungs of a ladder as bars: pictures a second, accuracy at the end, how many pictures were seen.

    runs: cnnlab.ladder.measure.Run of each rung, in order, all of the same seconds; the first is to compare with.
    """
    count, first = len(runs), runs[0].images_per_second
    high = 1.25 + 0.48 * count
    sheet = Picture("", 9.0, high)
    sheet.text(0.015, 1 - 0.28 / high, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    axes = plain_axes(
        sheet.add_axes((0.25, 0.62 / high, 0.47, (0.48 * count) / high)), xlabel="pictures of training per second"
    )
    speeds = [run.images_per_second for run in runs]
    axes.barh(range(count), speeds, color=[ORANGE] + [BLUE] * (count - 1), height=0.62)
    axes.set_yticks(range(count), [run.name for run in runs], fontsize=LABEL, color=INK)
    axes.invert_yaxis()
    axes.set_xlim(0, max(speeds) * 1.3)
    for k, (run, speed) in enumerate(zip(runs, speeds, strict=True)):
        said = f"{speed:,.0f}" + (f"  ({speed / first:.1f}×)" if k else "")
        axes.text(speed + max(speeds) * 0.015, k, said, va="center", fontsize=LABEL, color=INK)
        y = 1 - (high - 0.62 - 0.48 * (count - k - 0.5)) / high
        sheet.text(0.80, y, f"{run.accuracy:.1%}", fontsize=LABEL, color=INK, va="center", fontweight="bold")
        sheet.text(0.89, y, f"{run.looks[-1][1]:,}", fontsize=LABEL, color=SOFT, va="center")
    top = 1 - 0.52 / high
    said = f"right after {runs[0].seconds:.0f} s, and pictures seen"
    sheet.text(0.985, top, said, fontsize=LABEL - 1, color=SOFT, ha="right")
    told = "; ".join(f"{run.name}: {s:,.0f} a second, {run.accuracy:.1%}" for run, s in zip(runs, speeds, strict=True))
    sheet.alt = f"{title}. {told}."
    return sheet
