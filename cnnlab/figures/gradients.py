"""Slopes: a loss under one weight, the error of a nudge, and a gradient held against nudges number by number."""

from itertools import pairwise

import numpy as np

from cnnlab.figures.style import (
    BLUE,
    GREEN,
    INK,
    LABEL,
    ORANGE,
    PURPLE,
    SMALL,
    SOFT,
    TITLE,
    Picture,
    nice,
    plain_axes,
)


def show_slope(f, at, lr=0.1, steps=1, low=None, high=None, title="A loss under one weight") -> Picture:
    """A curve w -> f(w), its slope at one place, and steps downhill from there: w − lr · slope.

    f: a function of a float that returns one; at: where to begin; low, high: the ends of the axis. The slope is
    measured by a nudge of 10⁻⁵ either way.
    """
    walk = [float(at)]
    for _ in range(steps):
        walk.append(walk[-1] - lr * _slope(f, walk[-1]))
    low = min(walk) - 1 if low is None else low
    high = max(walk) + 1 if high is None else high
    w = np.linspace(low, high, 201)
    values = np.array([f(one) for one in w])
    sheet = Picture("", 7.6, 3.7)
    axes = plain_axes(sheet.add_axes((0.09, 0.16, 0.88, 0.68)), title, "weight w", "loss L")
    axes.plot(w, values, color=BLUE, linewidth=2.4)
    slope, here = round(_slope(f, walk[0]), 4), f(walk[0])
    near = np.array([-0.55, 0.55])
    axes.plot(walk[0] + near, here + slope * near, color=ORANGE, linewidth=2)
    axes.text(walk[0] + 0.08, here + 0.1, f"slope {nice(slope)}", color=ORANGE, fontsize=LABEL, fontweight="bold")
    for a, b in pairwise(walk):
        axes.annotate("", (b, f(b)), (a, f(a)), arrowprops={"arrowstyle": "-|>", "color": PURPLE, "linewidth": 1.5})
    axes.plot(walk, [f(one) for one in walk], "o", color=INK, markersize=6)
    axes.set_xlim(low, high)
    axes.set_ylim(min(0.0, values.min()) - 0.12, float(np.percentile(values, 92)))
    path = ", ".join(f"{nice(one)} (loss {nice(f(one), 3)})" for one in walk)
    sheet.alt = f"{title}. At w = {nice(walk[0])} the slope is {nice(slope)}. Steps downhill: {path}."
    return sheet


def show_nudges(f, slope, at, title="How far off is a measured slope?") -> Picture:
    """The relative error of one-sided and central differences for nudges h from 10⁻¹ to 10⁻¹², in two precisions.

    f: a NumPy function of one number, which keeps its dtype; slope: its true slope at `at`, not 0.
    """
    hs = 10.0 ** -np.arange(1, 12.01, 0.25)
    kinds = {
        "one side, float64": (np.float64, False, SOFT),
        "both sides, float64": (np.float64, True, BLUE),
        "both sides, float32": (np.float32, True, ORANGE),
    }
    sheet = Picture("", 7.8, 3.9)
    axes = plain_axes(sheet.add_axes((0.11, 0.16, 0.6, 0.68)), title, "nudge h", "relative error")
    told = []
    for k, (name, (kind, central, colour)) in enumerate(kinds.items()):
        error = np.array([abs(_difference(f, at, h, kind, central) - slope) / abs(slope) for h in hs])
        error = np.maximum(error, 1e-16)
        axes.loglog(hs, error, color=colour, linewidth=2)
        best = int(error.argmin())
        axes.plot(hs[best], error[best], "o", color=colour, markersize=6)
        words = f"best 1e−{-np.log10(error[best]):.0f}, at h ≈ 1e−{-np.log10(hs[best]):.0f}"
        sheet.text(0.74, 0.72 - 0.17 * k, f"■ {name}", fontsize=LABEL, color=colour)
        sheet.text(0.757, 0.66 - 0.17 * k, words, fontsize=SMALL, color=SOFT)
        told.append(f"{name}: {words}.")
    axes.set_xlim(hs[0], hs[-1])  # the nudge shrinks to the right
    axes.set_ylim(1e-13, 10)
    sheet.alt = f"{title}. Each curve falls as the nudge shrinks, and rises again. {' '.join(told)}"
    return sheet


def show_gradient_check(
    backward, forward, args, names, title="Your gradients against nudges, number by number"
) -> Picture:
    """Heat maps of the relative error |yours − nudged| / max(|yours|, |nudged|), one for each argument.

    backward: the learner's, (dout, *args) -> one gradient for each of `args` (or for the first ones); forward: (*args)
    -> array; args: arrays, taken as float64; names: what to call the gradients, one for each that is wanted. Arrays of
    more than two axes are laid out as rows of planes.
    """
    args = [np.asarray(a, dtype=float) for a in args]
    dout = np.random.default_rng(5).normal(size=forward(*args).shape)
    nudged = [_nudge_all(forward, args, k, dout) for k in range(len(names))]
    given = args[: len(names)] if _takes(backward) == len(names) + 1 else args[:-1]
    errors, lines = [], []
    value, problem = _several(backward, dout, given, nudged)
    for k, name in enumerate(names):
        one, wrong = (None, problem) if problem else value[k]
        if one is None:
            errors.append(None)
            lines.append(wrong)
            continue
        size = np.maximum(np.abs(one), np.abs(nudged[k]))
        errors.append(np.abs(one - nudged[k]) / np.where(size < 1e-9, 1, size))
        lines.append(_verdict(name, one, nudged[k], errors[-1]))
    return _heat(title, names, nudged, errors, lines)


def _heat(title, names, nudged, errors, lines):
    from matplotlib.colors import LinearSegmentedColormap, LogNorm

    planes = [_flat(a) for a in nudged]
    widths = [max(p.shape[1], 5) for p in planes]
    unit = min(0.3, 8.6 / (sum(widths) + 2 * len(widths)))
    high = max(p.shape[0] for p in planes) * unit
    width, height = 9.4, 0.95 + high + 0.3 + 0.27 * len(lines)
    sheet = Picture("", width, height)
    sheet.text(0.015, 1 - 0.26 / height, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    colours = LinearSegmentedColormap.from_list("agreement", [GREEN, "#eef3e2", "#e8a33d", "#c0392b"])
    norm, left, image = LogNorm(1e-10, 1, clip=True), 0.25, None
    for name, plane, error in zip(names, planes, errors, strict=True):
        wide = plane.shape[1] * unit
        tall = plane.shape[0] * unit
        axes = sheet.add_axes((left / width, 1 - (0.85 + tall) / height, wide / width, tall / height))
        axes.set_title(name, fontsize=LABEL, color=SOFT, pad=4)
        axes.set_xticks([]), axes.set_yticks([])
        if error is None:
            axes.imshow(np.full(plane.shape, 0.93), cmap="gray", vmin=0, vmax=1)
        else:
            holes = np.where(np.isnan(plane), np.nan, _flat(error))
            image = axes.imshow(np.maximum(holes, 1e-16), cmap=colours, norm=norm, interpolation="nearest")
        for side in axes.spines.values():
            side.set_color("#c9ccd6")
        left += max(wide, 5 * unit) + 2 * unit
    if image is not None:
        bar = sheet.add_axes((0.74, 1 - 0.34 / height, 0.2, 0.1 / height))
        sheet.colorbar(image, cax=bar, orientation="horizontal", ticks=[1e-10, 1e-5, 1])
        bar.tick_params(labelsize=SMALL - 1, colors=SOFT, length=0)
        sheet.text(0.73, 1 - 0.27 / height, "relative error", fontsize=SMALL, color=SOFT, ha="right", va="center")
    for k, line in enumerate(dict.fromkeys(lines)):
        sheet.text(0.025, (0.27 * (len(lines) - k) - 0.08) / height, line[:118], fontsize=9.5, color=INK, va="center")
    sheet.alt = f"{title}. {' '.join(dict.fromkeys(lines))}"
    return sheet


def _verdict(name, yours, nudged, error):
    """One sentence on a gradient: all right, a constant factor, or where it is wrong."""
    wrong = error > 1e-5
    if not wrong.any():
        return f"{name}: all {error.size} numbers agree, the worst within {_power(error.max())}."
    seen = np.abs(nudged) > 1e-6
    ratio = yours[seen] / nudged[seen]
    if seen.any() and np.ptp(ratio) < 1e-5 * abs(ratio.mean()) and not np.isclose(ratio.mean(), 0):
        return f"{name}: every number is {ratio.mean():.4g} times what the nudge says.".replace("-", "−")
    where = ""
    if wrong.ndim == 4 and min(wrong.shape[2:]) > 2:
        inside = wrong[:, :, 1:-1, 1:-1]
        where = ", all of them at the border" if not inside.any() else ", none at the border"
        where = where if not inside.any() or inside.sum() == wrong.sum() else ""
    return f"{name}: {int(wrong.sum())} of {wrong.size} numbers differ{where}."


def _several(backward, dout, given, expected):
    """A gradient or a sentence for each of those expected: [(array, None) or (None, sentence)], problem of the call."""
    from cnnlab.check import ask

    answer = ask(backward, dout, *given, seconds=3.0)
    if answer.problem:
        return None, answer.problem
    value = answer.value if isinstance(answer.value, (tuple, list)) else (answer.value,)
    if len(value) < len(expected):
        return None, f"`{answer.name}` returned {len(value)} result{'s' * (len(value) != 1)}, not {len(expected)}."
    found = []
    for one, truth in zip(value, expected, strict=False):
        good = isinstance(one, np.ndarray) and one.dtype.kind in "biuf" and one.shape == truth.shape
        shape = f"shape {one.shape}, where {truth.shape} is expected" if isinstance(one, np.ndarray) else "no array yet"
        found.append((one.astype(float), None) if good else (None, f"`{answer.name}` gives {shape}."))
    return found, None


def _takes(backward):
    import inspect

    try:
        needed = [p for p in inspect.signature(backward).parameters.values() if p.default is p.empty]
    except (TypeError, ValueError):
        return 0
    return len(needed)


def _nudge_all(forward, args, k, dout, h=1e-5):
    gradient = np.zeros(args[k].shape)
    moved = [a.copy() for a in args]
    for place in np.ndindex(gradient.shape):
        value, sides = args[k][place], []
        for step in (h, -h):
            moved[k][place] = value + step
            sides.append((forward(*moved) * dout).sum())
        moved[k][place] = value
        gradient[place] = (sides[0] - sides[1]) / (2 * h)
    return gradient


def _flat(array):
    """Planes side by side: the second axis goes across, the first one down; a gap of one cell between them."""
    if array.ndim == 1:
        return array[None]
    if array.ndim == 2:
        return array
    padded = np.pad(array, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=np.nan)
    rows = [np.concatenate(list(image), axis=1)[:, :-1] for image in padded]
    return np.concatenate(rows, axis=0)[:-1]


def _power(value):
    return "rounding" if value <= 1e-16 else f"10⁻{_raised(int(np.floor(-np.log10(value))))}"


def _raised(n):
    return str(n).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _slope(f, w, h=1e-5):
    return (f(w + h) - f(w - h)) / (2 * h)


def _difference(f, at, h, kind, central):
    at, h = kind(at), kind(h)
    with np.errstate(all="ignore"):
        if central:
            return float((kind(f(at + h)) - kind(f(at - h))) / (2 * h))
        return float((kind(f(at + h)) - kind(f(at))) / h)
