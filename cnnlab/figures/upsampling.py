"""Lesson 07: stamps that overlap, and the checkerboard that they leave on a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.patches import Rectangle

from cnnlab.check import ask
from cnnlab.figures.sheet import draw_image, draw_not_yet
from cnnlab.figures.style import INK, KEYS, LABEL, PURPLE, SMALL, SOFT, TITLE, Picture

MOST_PLACES = 200


@dataclass(frozen=True)
class Stamps:
    """`size` inputs, each writing to `kernel` places, `stride` apart, and how often each place is written to.

    counts: by the learner's function where it gives any,
    else by the course's; says: a calm sentence where it gives none;
    wrong: the places where the learner's are wrong.
    """

    kernel: int
    stride: int
    size: int
    counts: tuple = ()
    says: str = ""
    wrong: tuple = ()

    @property
    def uneven(self):
        """Whether the places that are not near an end are written to unequally often."""
        return self.kernel % self.stride != 0


def stamps_of(overlap_count, kernel, stride, size) -> tuple[Stamps, bool]:
    """The counts by a learner's function, or the course's where it is None; and whether the function never came "
    "back."""
    from cnnlab.built.lesson_07 import overlap_count as ours

    right = tuple(int(one) for one in ours(kernel, stride, size))
    plain = Stamps(kernel, stride, size, right)
    if overlap_count is None:
        return plain, False
    answer = ask(overlap_count, kernel, stride, size)
    if answer.problem:
        return Stamps(kernel, stride, size, right, answer.problem), answer.endless
    try:
        found = np.asarray(answer.value, dtype=float)
    except (TypeError, ValueError):
        found = np.zeros(0)
    if found.ndim != 1 or not 0 < len(found) <= MOST_PLACES or not np.isfinite(found).all():
        return Stamps(kernel, stride, size, right, f"`{answer.name}` gave no row of counts."), False
    wrong = [k for k, one in enumerate(found) if k >= len(right) or one != right[k]]
    wrong += range(len(found), len(right))
    return Stamps(kernel, stride, size, tuple(found.tolist()), "", tuple(wrong)), False


def show_overlaps(overlap_count, pairs=((2, 2), (3, 2), (4, 2)), size=5, title="Who writes where") -> Picture:
    """Stamps in one dimension, below them how many lie on each place, for several (kernel, stride).

    overlap_count: the learner's, function(kernel, stride, size) -> counts, or None for the course's own.
    """
    sheet = Picture("", 9.2, 3.3)
    sheet.text(0.02, 0.93, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    told, problem = [], ""
    for k, (kernel, stride) in enumerate(pairs):
        found, _ = stamps_of(overlap_count, kernel, stride, size)
        problem = problem or found.says
        axes = sheet.add_axes((0.02 + k / len(pairs), 0.03, 0.96 / len(pairs) - 0.02, 0.8))
        draw_stamps(axes, found)
        told.append(described(found))
    if problem:
        sheet.text(0.98, 0.93, problem[:80], fontsize=9, color=PURPLE, ha="right", va="center")
    sheet.alt = f"{title}. {' '.join(told)}"
    return sheet


def draw_stamps(axes, found: Stamps):
    """Stamps as bars, one above the other, and the counts as columns below them."""
    places = (found.size - 1) * found.stride + found.kernel
    axes.set_axis_off()
    axes.set_xlim(-0.5, max(places, len(found.counts)) + 0.5)
    for i in range(found.size):
        axes.add_patch(Rectangle((i * found.stride + 0.04, i % 4 * 0.55), found.kernel - 0.08, 0.42,
                                 facecolor=KEYS[i % len(KEYS)], edgecolor="none"))  # fmt: skip
    most = max(found.counts, default=1) or 1
    for place, count in enumerate(found.counts):
        wrong = place in found.wrong
        height = 2.0 * max(count, 0) / max(most, 1)
        axes.add_patch(Rectangle((place + 0.06, -2.7), 0.88, height, facecolor=PURPLE if wrong else "#8a93a6"))
        axes.text(place + 0.5, -3.05, f"{count:g}", ha="center", fontsize=SMALL, color=PURPLE if wrong else INK)
    axes.set_ylim(-3.4, 3.0)
    even = "unevenly" if found.uneven else "evenly"
    axes.text(0, 2.6, f"kernel {found.kernel}, stride {found.stride}: {even}", fontsize=LABEL, color=INK)


def described(found: Stamps):
    """Stamps in a sentence."""
    counts = " ".join(f"{count:g}" for count in found.counts)
    told = f"Kernel {found.kernel}, stride {found.stride}, {found.size} inputs: written to {counts} times."
    return f"{told} Wrong in {len(found.wrong)} places." if found.wrong else told


def show_checkerboard(transposed_conv2d, image, pairs=((3, 2), (4, 2)), title="Twice as large, three ways") -> Picture:
    """A small grey picture made larger by transposed convolutions whose weights are all equal, and by bilinear
    interpolation and a convolution.

    transposed_conv2d: the learner's, function(x, weight, stride, padding) -> (N, C, H', W'); image: (H, W), 0 … 255 or
    floats in 0–1; pairs: (kernel, stride) of the transposed convolutions.
    """
    image = np.asarray(image, float) / (255 if np.asarray(image).dtype == np.uint8 else 1)
    shown = [("as it came", image, "")]
    shown += [(f"transposed, kernel {k}, stride {s}", *stamped(transposed_conv2d, image, k, s)) for k, s in pairs]
    shown.append(("bilinear, then convolution", smoothly(image, pairs[0][1]), ""))
    return _row(shown, title)


def board_picture(found: Stamps, image, transposed_conv2d=None, title="The checkerboard") -> Picture:
    """Counts on the plane beside a picture that was made larger with equal weights, and by bilinear and convolution."""
    counts = np.outer(found.counts, found.counts) / max(1.0, max(found.counts, default=1) ** 2)
    name = f"transposed, kernel {found.kernel}, stride {found.stride}"
    shown = [("how often each place is written to", counts, "")]
    shown += [(name, *stamped(transposed_conv2d, image, found.kernel, found.stride))]
    shown += [("bilinear, then convolution", smoothly(image, found.stride), "")]
    return _row(shown, title, described(found))


def _row(shown, title, also="") -> Picture:
    sheet = Picture("", 2.6 * len(shown) + 0.2, 3.35)
    sheet.text(0.02, 0.93, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    told = []
    for k, (name, picture, problem) in enumerate(shown):
        axes = sheet.add_axes(((0.12 + 2.6 * k) / sheet.get_figwidth(), 0.04, 2.4 / sheet.get_figwidth(), 0.74))
        axes.set_axis_off()
        if problem:
            draw_not_yet(axes, (8, 8))
            axes.text(0.5, 0.3, problem[:46], transform=axes.transAxes, ha="center", color=PURPLE, fontsize=8)
        else:
            draw_image(axes, picture, False, low=0.0, high=1.0)
        axes.set_title(name, fontsize=SMALL + 0.5, color=SOFT, loc="left", pad=4)
        told.append(f"{name}: {problem or texture(picture)}")
    sheet.alt = " ".join(filter(None, [f"{title}. {'; '.join(told)}.", also]))
    return sheet


def stamped(transposed_conv2d, image, kernel, stride) -> tuple[np.ndarray | None, str]:
    """The image (H, W) made larger with kernel² equal weights, as bright on the whole as before, and "" or why not."""
    from cnnlab.built.lesson_07 import transposed_conv2d as ours

    weight = np.full((1, 1, kernel, kernel), (stride / kernel) ** 2)
    if transposed_conv2d is None:
        return np.clip(ours(image[None, None], weight, stride)[0, 0], 0, 1), ""
    answer = ask(transposed_conv2d, image[None, None].copy(), weight, stride, 0)
    if answer.problem:
        return None, answer.problem
    found = answer.value
    if not isinstance(found, np.ndarray) or found.ndim != 4 or not found.size or not np.isfinite(found).all():
        return None, f"`{answer.name}` gave no maps."
    return np.clip(found[0, 0], 0, 1), ""


def smoothly(image, stride):
    """The image (H, W), `stride` times as large by bilinear interpolation, then a 3 × 3 mean."""
    import torch

    x = torch.as_tensor(np.asarray(image, float))[None, None]
    large = torch.nn.functional.interpolate(x, scale_factor=stride, mode="bilinear", align_corners=False)
    wide = torch.nn.functional.pad(large, (1, 1, 1, 1), mode="replicate")
    return torch.nn.functional.avg_pool2d(wide, 3, 1)[0, 0].numpy()


def texture(picture) -> str:
    """In words, whether neighbouring pixels alternate: a pixel against the mean of the two beside it, over the "
    "middle."""
    inner = np.asarray(picture, float)[3:-3, 3:-3]
    if min(inner.shape, default=0) < 3:
        return "too small to say"
    off = np.abs(inner[:, 1:-1] - (inner[:, :-2] + inner[:, 2:]) / 2).mean() / max(inner.mean(), 1e-9)
    return f"a pixel is {100 * off:.0f}% off the mean of its two neighbours"
