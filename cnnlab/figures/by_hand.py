"""A whole small network by hand: every step as numbers, verdicts with probabilities, and slips found in print."""

import numpy as np

from cnnlab.figures.answers import answer_of
from cnnlab.figures.backwards import forwards
from cnnlab.figures.board import Board
from cnnlab.figures.style import BLUE, GREEN, ORANGE, PURPLE, SMALL, SOFT, Picture, nice, read_out

NAMES = {"maps": "maps", "relu": "after ReLU", "pooled": "pooled", "features": "features", "logits": "logits", "p": "p"}


def show_walk(example, title="From pixels to probabilities", first=None, last="p") -> Picture:
    """Every step of a worked example (see cnnlab.data.worked_example), computed anew, from the picture to `last`.

    first: the step to begin with, where the picture and the kernel need not be seen again. Steps are "maps", "relu",
    "pooled", "features", "logits" and "p"; ValueError for another.
    """
    from cnnlab.data.worked_example import params_of

    steps = forwards(example["image"], params_of(example), example["label"], example["pool"], example["pool_stride"])
    planes = {
        "maps": steps["maps"][0, 0],
        "relu": steps["active"][0, 0],
        "pooled": steps["pooled"][0, 0],
        "features": steps["features"].T,
        "logits": steps["logits"].T,
        "p": steps["p"].T,
    }
    names = list(planes)[list(planes).index(first) if first else 0 : list(planes).index(last) + 1]
    shown = [("picture", example["image"]), ("kernel", example["kernel"])] if first is None else []
    shown += [(NAMES[name], planes[name]) for name in names]
    high = max(values.shape[0] for _, values in shown)
    board, x, told = Board(title), 0.0, []
    for k, (name, values) in enumerate(shown):
        if k:
            board.sign(x - 0.6, high / 2, "∗" if name == "kernel" else "→")
        wide = max(values.shape[1], 0.24 * len(name))
        digits = 4 if name == "p" else 2
        left, top = x + (wide - values.shape[1]) / 2, (high - values.shape[0]) / 2
        below = "×".join(map(str, values.shape)) if values.shape[1] > 1 else f"{len(values)} numbers"
        board.grid(values, left, top, signed=name != "picture", title=name, below=below, digits=digits)
        told.append(f"{name}: {read_out(values, digits)}.")
        x += wide + 1.2
    if example["bias"] and first is None:
        board.words(0, high + 1.25, f"the kernel's bias is {nice(example['bias'])}", size=SMALL + 0.5, color=SOFT)
    return board.picture(f"{title}. {' '.join(told)}")


def show_way_back(example, title="On the way back") -> Picture:
    """The gradients that a worked example prints: of the logits, of the dense weights, of the features.

    example: as in cnnlab.data.worked_example, with these three among its steps.
    """
    steps = example["steps"]
    planes = {
        "dlogits": _plane(steps["dlogits"]).T,
        "dweight": steps["dweight"],
        "dfeatures": _plane(steps["dfeatures"]),
    }
    high = max(len(values) for values in planes.values())
    board, x, told = Board(title), 0.0, []
    for name, values in planes.items():
        wide = max(1.15 * values.shape[1], 0.24 * len(name))
        left, top = x + (wide - 1.15 * values.shape[1]) / 2, 1.15 * (high - len(values)) / 2
        board.grid(values, left, top, signed=True, title=name, digits=4, cell=1.15)
        told.append(f"{name}: {read_out(values, 4)}.")
        x += wide + 1.4
    return board.picture(f"{title}. {' '.join(told)}")


def show_verdicts(frames, labels, functions, params, classes, title="What the network says") -> Picture:
    """Small pictures, the probabilities that the learner's network gives them, and the mean loss.

    frames: (N, H, W), numbers; labels: (N,), ints; functions: the learner's forward(params, x (N, 1, H, W)) -> (N, K),
    softmax((N, K)) and cross_entropy((N, K), labels); params: what forward takes; classes: K names.
    """
    forward, softmax, cross_entropy = functions
    frames = np.asarray(frames, dtype=float)
    board, told, (high, wide) = Board(title), [], frames.shape[1:]
    logits, problem = answer_of(forward, params, frames[:, None], shape=(len(frames), len(classes)))
    p = None
    if problem is None:
        p, problem = answer_of(softmax, logits, shape=logits.shape)
    cost = "" if problem else _mean_loss(cross_entropy, logits, np.asarray(labels))
    for n, frame in enumerate(frames):
        x = n * (wide + 2.6)
        board.grid(frame, x, 0, title=f"{n}: {classes[labels[n]]}", scale=max(frames.max(), 1.0), low=0)
        for k, name in enumerate(classes if p is not None and np.isfinite(p).all() else ()):
            y = high + 0.75 + 0.95 * k
            right = p[n].argmax() == labels[n]
            colour = (GREEN if right else ORANGE) if k == p[n].argmax() else SOFT
            _bar(board, x, y, wide, p[n, k], colour)
            board.words(x, y, f"{name}: {p[n, k]:.0%}", size=SMALL + 0.5, color=colour)
        if p is not None:
            said = ", ".join(f"{name} {p[n, k]:.0%}" for k, name in enumerate(classes))
            told.append(f"Frame {n}, {classes[labels[n]]}: {said}.")
    board.words(0, high + (0.9 if problem else 2.9), (problem or cost)[:120], color=PURPLE if problem else SOFT, size=9)
    return board.picture(f"{title}. {' '.join(told)} {problem or cost}")


def _mean_loss(cross_entropy, logits, labels):
    from cnnlab.check import ask

    answer = ask(cross_entropy, logits, labels)
    if answer.problem:
        return answer.problem
    if np.ndim(answer.value) or not isinstance(answer.value, (int, float, np.ndarray)):
        return f"`{answer.name}` returned no number."
    undecided = np.log(logits.shape[1])
    return f"Their mean loss, by your cross_entropy: {float(answer.value):.4f}. (Undecided would be {undecided:.4f}.)"


def show_case_file(find_the_slip, example, rounds=4, title="The case file") -> Picture:
    """Ask the learner's detective for a slip, correct it, ask again; printed and right values side by side.

    find_the_slip: example -> (name of a step, its right value); example: as in cnnlab.data.worked_example; rounds: how
    many slips there are.
    """
    from cnnlab.check import ask

    steps, board, y, told, problem = dict(example["steps"]), Board(title), 0.6, [], None
    board.words(0, -0.6, "wrong step", color=SOFT, size=9)
    board.words(4.2, -0.6, "printed", color=SOFT, size=9)
    board.words(10.6, -0.6, "right, says your find_the_slip", color=SOFT, size=9)
    for _ in range(rounds):
        answer = ask(find_the_slip, {**example, "steps": dict(steps)})
        name, value, problem = _slip_of(answer, steps, told)
        if problem:
            break
        printed, right = _plane(steps[name]), _plane(value)
        board.words(0, y + 0.5, name, weight="bold")
        board.grid(printed, 4.2, y, signed=True, digits=4, below="×".join(map(str, np.shape(steps[name]))))
        board.grid(right, 10.6, y, signed=True, digits=4, below="×".join(map(str, np.shape(value))))
        told.append(name)
        steps[name] = value
        y += max(len(printed), len(right)) + 1.4
    if problem:
        board.words(0, y + 0.3, problem[:110], color=PURPLE, size=9)
    else:
        board.words(0, y, f"{len(told)} steps corrected, in this order: {', '.join(told)}.", size=9, color=SOFT)
    found = f"Found and corrected, in this order: {', '.join(told)}." if told else ""
    return board.picture(f"{title}. {found} {problem or ''}".strip())


def _slip_of(answer, steps, before):
    """What the detective said: (step, value, None), or (None, None, a calm sentence)."""
    if answer.problem:
        return None, None, answer.problem
    value = answer.value
    if not isinstance(value, (tuple, list)) or len(value) != 2 or not isinstance(value[0], str):
        return None, None, f"`{answer.name}` returned no pair of a step's name and a value."
    name, right = value
    if name not in steps:
        return None, None, f"`{answer.name}` names “{name[:20]}”, which is no step of this example."
    if name in before:
        return None, None, f"`{answer.name}` finds “{name}” again, which it has corrected before."
    if not isinstance(right, (int, float, np.ndarray)) or np.asarray(right).dtype.kind not in "iuf":
        return None, None, f"`{answer.name}` gives no numbers for “{name}”."
    right = np.asarray(right, dtype=float)
    if right.ndim > 2 or max(right.shape, default=1) > 8 or not right.size:
        return None, None, f"`{answer.name}` gives “{name}” the shape {right.shape}."
    return name, right, None


def show_loss_curve(points, title="The loss of one picture", xlabel="probability of the right class") -> Picture:
    """The loss −log p for p from 0 to 1, with points marked. points: {name: p}, each above 0 and up to 1."""
    from cnnlab.figures.style import INK, LABEL, TITLE, Picture, plain_axes

    picture = Picture("", 7.0, 3.5)
    axes = plain_axes(picture.add_axes((0.1, 0.17, 0.86, 0.68)), xlabel=xlabel, ylabel="−log p")
    p = np.linspace(0.005, 1, 400)
    axes.plot(p, -np.log(p), color=BLUE, linewidth=2.2)
    axes.grid(color="#e7e9ee", linewidth=0.8)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 5.4)
    told = []
    for name, at in points.items():
        loss = float(-np.log(at))
        axes.plot([at], [loss], "o", color=ORANGE, markersize=7)
        side = "left" if at < 0.7 else "right"
        axes.text(at + 0.015, loss + 0.25, f"{name}: {loss:.2f}", fontsize=LABEL, color=INK, ha=side)
        told.append(f"{name}: p = {at:g}, loss {loss:.2f}.")
    picture.text(0.02, 0.93, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    picture.alt = f"{title}: a curve that falls steeply from 0 on and reaches 0 at p = 1. {' '.join(told)}"
    return picture


def show_softmax(softmax, logits, title="Scores, and your softmax of them") -> Picture:
    """Rows of logits, and the probabilities that the learner's function makes of them, as bars.

    softmax: (N, K) float64 -> the same; logits: {name: row of K numbers}.
    """
    rows = np.array([np.asarray(row, dtype=float) for row in logits.values()])
    p, problem = answer_of(softmax, rows, shape=rows.shape)
    if problem is None and not np.isfinite(p).all():
        p, problem = None, "there is NaN or infinity among your probabilities."
    board, told, classes = Board(title), [], rows.shape[1]
    for n, name in enumerate(logits):
        x, told_row = n * 6.2, []
        board.words(x, -0.6, name, color=SOFT)
        for k in range(classes):
            y = 0.3 + 0.95 * k
            if p is not None:
                _bar(board, x + 2.3, y, 2.0, p[n, k], BLUE)
                told_row.append(f"{p[n, k]:.4f}")
            text = f"{p[n, k]:.4f}" if p is not None else "not yet"
            board.words(x, y, nice(rows[n, k]), size=10)
            board.sign(x + 1.75, y, "→", size=11)
            board.words(x + 2.4, y, text, size=9)
        board.reach(x + 4.6, 0)
        told.append(f"{name}: {', '.join(nice(v) for v in rows[n])} becomes {', '.join(told_row) or 'nothing yet'}.")
    if problem:
        board.words(0, 0.95 * classes + 0.4, problem[:110], color=PURPLE, size=9)
    return board.picture(f"{title}. {' '.join(told)} {problem or ''}".strip())


def _bar(board, x, y, wide, share, colour):
    """A bar `wide` cells long when `share` is 1, its middle at y, with a pale rest."""
    from matplotlib.patches import Rectangle

    share = float(np.clip(share, 0, 1))
    for length, alpha in ((wide, 0.1), (wide * share, 0.28)):
        patch = Rectangle((x, y - 0.38), length, 0.76, facecolor=colour, alpha=alpha, edgecolor="none")
        board.axes.add_patch(patch)
    board.reach(x + wide, y + 0.4)


def _plane(value):
    value = np.asarray(value, dtype=float)
    return value.reshape(1, -1) if value.ndim < 2 else value
