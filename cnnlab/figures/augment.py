"""Lesson 09: pictures moved about, the schedule, shares by class, and mistakes in colour."""

import numpy as np

from cnnlab.check import ask
from cnnlab.figures.sheet import draw_image, draw_not_yet, image_sheet, say_in_corner
from cnnlab.figures.style import BLUE, INK, LABEL, ORANGE, RED, SMALL, SOFT, Picture, plain_axes


def show_moved(function, image, times=8, seed=0, title="One photograph, as the network meets it") -> Picture:
    """A colour picture, and what the learner's augmentation makes of it in `times` visits.

    function: the learner's random_crop_flip(x, generator), uint8 tensor (N, 3, H, W) -> the same; image: (3, H, W),
    uint8 array; seed: of the generator. Calm where the function is not written yet, raises or returns something else.
    """
    import torch

    batch = torch.from_numpy(np.repeat(image[None], times, axis=0))
    answer = ask(function, batch, torch.Generator().manual_seed(seed))
    problem, value = answer.problem, None
    if not problem:
        value = np.asarray(answer.value) if isinstance(answer.value, torch.Tensor) else None
        if value is None or value.shape != batch.shape:
            problem, value = f"`{answer.name}` gave no batch of {times} such pictures.", None
    sheet, cells = image_sheet(times + 1, title, 9, 9.6, image.shape[1:])
    draw_image(cells[0], image.transpose(1, 2, 0), False)
    cells[0].set_title("as it is", fontsize=SMALL, color=SOFT, pad=4)
    for k, axes in enumerate(cells[1:]):
        if value is None:
            draw_not_yet(axes, image.shape[1:])
        else:
            draw_image(axes, value[k].transpose(1, 2, 0), False)
            axes.set_title(f"visit {k + 1}", fontsize=SMALL, color=SOFT, pad=4)
    sheet.full_colour = True
    if problem:
        say_in_corner(sheet, problem)
        sheet.alt = f"{title}: a colour picture; beside it nothing yet. {problem}"
        return sheet
    different = len({part.tobytes() for part in value})
    sheet.alt = f"{title}: the picture as it is, then {times} versions, {different} of them different."
    return sheet


def show_schedule(function, total=100, peak=0.004, title="The learning rate, step by step") -> Picture:
    """A learning rate as curves over the steps, for three shares of warm-up (one cycle: Smith and Topin, 2018).

    function: the learner's one_cycle(step, total, peak, warmup) -> float; total: steps, an int; peak: the highest rate.
    """
    sheet = Picture("", 7.2, 3.1)
    axes = plain_axes(sheet.add_axes((0.11, 0.17, 0.86, 0.66)), title, "step", "learning rate")
    problem, told = None, []
    for warmup, colour in ((0.1, ORANGE), (0.3, BLUE), (0.5, SOFT)):
        rates = [] if problem else _rates(function, total, peak, warmup)
        if isinstance(rates, str):
            problem, rates = rates, []
        axes.plot(range(len(rates)), rates, color=colour, linewidth=2, label=f"warmup = {warmup}")
        if len(rates):
            told.append(f"with warmup {warmup} it is highest, {max(rates):.4f}, at step {int(np.argmax(rates))}")
    axes.set_xlim(0, total - 1)
    axes.set_ylim(0, peak * 1.08)
    if problem:
        axes.text(0.5, 0.5, problem[:90], transform=axes.transAxes, ha="center", color=SOFT, fontsize=LABEL)
        sheet.alt = f"{title}: empty axes. {problem}"
        return sheet
    axes.legend(frameon=False, fontsize=LABEL)
    sheet.alt = f"{title}, {total} steps: {'; '.join(told)}."
    return sheet


def _rates(function, total, peak, warmup):
    """The rates as numbers, or a sentence that says why there are none."""
    found = []
    for step in range(total):
        answer = ask(function, step, total, peak, warmup)
        if answer.problem:
            return answer.problem
        try:
            found.append(float(answer.value))
        except (TypeError, ValueError):
            return f"`{answer.name}` gave no number for step {step}."
    return np.nan_to_num(found)


def show_by_class(shares, classes, title="Right, class by class") -> Picture:
    """Bars: the share of each class that is right; the lowest is orange.

    shares: (K,), floats in 0–1, NaN where a class has no pictures; classes: K names.
    """
    shares = np.asarray(shares, dtype=float)
    high = 1.0 + 0.34 * len(shares)
    sheet = Picture("", 6.6, high)
    axes = plain_axes(sheet.add_axes((0.2, 0.45 / high, 0.7, 0.34 * len(shares) / high)), title, "share that is right")
    drawn = np.nan_to_num(shares)
    known = np.isfinite(shares)
    worst = np.nanmin(shares) if known.any() else 0.0
    axes.barh(range(len(shares)), drawn, color=[ORANGE if s == worst else BLUE for s in shares], height=0.66)
    axes.set_yticks(range(len(shares)), classes, fontsize=LABEL, color=INK)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    words = [f"{share:.0%}" if ok else "none here" for share, ok in zip(shares, known, strict=True)]
    for k, word in enumerate(words):
        axes.text(drawn[k] + 0.01, k, word, va="center", fontsize=LABEL, color=INK)
    told = ", ".join(f"{name} {word}" for name, word in zip(classes, words, strict=True))
    sheet.alt = f"{title}: {told}."
    return sheet


def show_colour_mistakes(images, labels, logits, classes, most=10, title="Wrong, and sure of it") -> Picture:
    """The pictures that a network got wrong, the surest first, `most` of them.

    images: (N, 3, H, W), uint8; labels: (N,), ints; logits: (N, K), floats; classes: K names.
    """
    logits = np.asarray(logits, dtype=float)
    guesses = logits.argmax(axis=1)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    sure = 1 / shares.sum(axis=1)
    wrong = np.flatnonzero(guesses != labels)
    count = len(wrong)
    wrong = wrong[np.argsort(-sure[wrong], kind="stable")][:most]
    sheet, cells = image_sheet(max(len(wrong), 1), title, 5, 8.8, images.shape[2:])
    for axes, k in zip(cells, wrong, strict=False):
        draw_image(axes, images[k].transpose(1, 2, 0), False)
        said = f"{classes[labels[k]]}, it said\n{classes[guesses[k]]} ({sure[k]:.0%})"
        axes.text(0.5, 0.02, said, transform=axes.transAxes, fontsize=SMALL, color=RED, ha="center", va="bottom",
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.92})  # fmt: skip
    say_in_corner(sheet, f"{count} of {len(labels)} wrong")
    sheet.full_colour = True
    told = "; ".join(f"{classes[labels[k]]} taken for {classes[guesses[k]]}" for k in wrong)
    sheet.alt = f"{title}. {count} of {len(labels)} pictures are wrong. The surest mistakes: {told}."
    return sheet
