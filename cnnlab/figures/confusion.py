"""A confusion matrix, drawn: what goes right stays pale, what is confused stands out."""

import numpy as np

from cnnlab.figures.style import BLUE, INK, LABEL, ORANGE, PAPER, SMALL, SOFT, TITLE, Picture


def show_confusion(table, classes=None, title="Who is taken for whom") -> Picture:
    """A confusion matrix: rows are what the pictures are, columns what they were called.

    table: (K, K), ints; classes: K names, 0 to K − 1 without. The colour of a confusion is its share of the row's
    pictures; the diagonal is blue and says the share that is right.
    """
    table = np.asarray(table)
    names = [str(name) for name in (range(len(table)) if classes is None else classes)]
    of = np.maximum(table.sum(axis=1, keepdims=True), 1)
    shares = table / of
    wrong = shares * (1 - np.eye(len(table)))
    most = max(float(wrong.max()), 1e-9)
    side = 0.46 if len(table) > 5 else 0.7
    long = 0.075 * max(len(name) for name in names)
    left, top = 0.75 + long, 1.05 + (long if long > 0.3 else 0)
    width, height = left + side * len(table) + 1.0, top + side * len(table) + 0.3
    sheet = Picture("", max(width, 4.6), height)
    axes = sheet.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, sheet.get_figwidth())
    axes.set_ylim(height, 0)
    axes.text(0.15, 0.26, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    axes.text(left, 0.56, "it said", fontsize=LABEL, color=SOFT, va="center")
    axes.text(0.2, top + side * len(table) / 2, "it is", fontsize=LABEL, color=SOFT, rotation=90, va="center")
    for i, name in enumerate(names):
        y = top + side * (i + 0.5)
        axes.text(left - 0.1, y, name, fontsize=LABEL, color=INK, ha="right", va="center")
        how = {"rotation": 90, "va": "bottom"} if long > 0.3 else {"va": "bottom"}
        axes.text(left + side * (i + 0.5), top - 0.08, name, fontsize=LABEL, color=INK, ha="center", **how)
        right = f"{shares[i, i]:.1%}" if table[i].sum() else "none"
        axes.text(left + side * len(table) + 0.12, y, right, fontsize=SMALL + 0.5, color=BLUE, va="center")
        for j in range(len(table)):
            share = 0.0 if i == j else wrong[i, j] / most
            face = "#dbe7f3" if i == j else _mix(share)
            axes.add_patch(_square(left + side * j, top + side * i, side, face))
            if table[i, j]:
                axes.text(left + side * (j + 0.5), y, f"{table[i, j]:,}", fontsize=SMALL, ha="center", va="center",
                          color=PAPER if share > 0.65 else INK)  # fmt: skip
    sheet.alt = f"{title}. {_words(table, names)}"
    return sheet


def _mix(share):
    orange = np.array([int(ORANGE[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return tuple(1 - (1 - orange) * min(1.0, share) ** 0.7)


def _square(x, y, side, face):
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), side, side, facecolor=face, edgecolor="#e4e6eb", linewidth=0.8)


def _words(table, names):
    total, right = int(table.sum()), int(np.trace(table))
    off = table * (1 - np.eye(len(table), dtype=int))
    pairs = [np.unravel_index(k, off.shape) for k in np.argsort(-off, axis=None, kind="stable")[:3]]
    told = "; ".join(f"{names[i]} called {names[j]} ({off[i, j]} times)" for i, j in pairs if off[i, j])
    return f"{right:,} of {total:,} are right. Most often: {told}." if told else f"All {total:,} are right."
