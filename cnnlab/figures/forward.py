"""A model's own shapes beside the traced ones, and where the time of a forward pass goes, measured."""

from __future__ import annotations

import time

import numpy as np

from cnnlab.check.subject import NotebookSubject, Ref, name_of
from cnnlab.figures.style import BLUE, FAINT, GREEN, INK, LABEL, ORANGE, PURPLE, SMALL, SOFT, TITLE, Picture
from cnnlab.figures.traced import short, size_words, traced, words
from cnnlab.layers import Conv, Dense, Flatten, Pool

KIND = {"conv2d": Conv, "flatten": Flatten, "linear": Dense}


def show_forward(build, trace, layers, picture, title="The trace, and what torch computes") -> Picture:
    """Build the learner's model, send one picture through, and lay its shapes beside the learner's trace.

    build: the learner's, () -> a torch module; trace: theirs, (layers, input_shape) -> list of shapes; layers: a list
    of cnnlab.layers; picture: (3, H, W), numbers, sent in as float32.
    """
    picture = np.asarray(picture, np.float32)
    found = traced(layers, picture.shape, trace)
    steps, logits, problem = _sent_through(build, picture[None])
    sheet = Picture("", 7.4, 0.27 * (len(layers) + 1) + 1.25)
    high = sheet.get_figheight()
    axes = sheet.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, 7.4)
    axes.set_ylim(high, 0)
    axes.text(0.15, 0.28, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    for x, head in ((0.15, "layer"), (2.2, "your trace"), (4.5, "torch, one picture")):
        axes.text(x, 0.68, head, fontsize=LABEL, color=SOFT, va="center")
    axes.plot([0.15, 7.2], [0.84, 0.84], color=FAINT, linewidth=1)
    same = 0
    for k, layer in enumerate(found.layers):
        y = 1.02 + 0.27 * k
        mine = size_words(found.shapes[k + 1]) if found.shapes else "not yet"
        axes.text(0.15, y, words(layer), fontsize=LABEL, color=INK, va="center")
        axes.text(2.2, y, mine, fontsize=LABEL, color=INK if found.shapes else SOFT, va="center")
        theirs = steps[k] if k < len(steps) else None
        agree = theirs is not None and mine == size_words(theirs)
        same += agree
        text = "—" if theirs is None else f"{'✓' if agree else '✗'}  {size_words(theirs)}"
        axes.text(4.5, y, text, fontsize=LABEL, color=GREEN if agree else PURPLE, va="center")
    last = problem or f"{len(logits):,} logits from {logits.min():.3f} to {logits.max():.3f}: nothing is learned yet."
    axes.text(0.15, high - 0.28, last[:105], fontsize=SMALL + 0.5, color=PURPLE if problem else SOFT, va="center")
    for k, says in enumerate(found.says):
        axes.text(7.2, 0.28 + 0.2 * k, says[:60], fontsize=8.5, color=PURPLE, va="center", ha="right")
    sheet.alt = " ".join([f"{title}: {same} of {len(found.layers)} layers agree.", last, *found.says])
    return sheet


def _sent_through(build, batch):
    """Shapes after the layers of lesson 06 in a forward pass, the logits, and what is the matter (or "")."""
    if not callable(build):
        return [], np.zeros(1), "there is no function that builds a model yet."
    subject = NotebookSubject(build, seconds=15.0)
    built = subject.build()
    if built.problem or not isinstance(built.value, Ref):
        return [], np.zeros(1), built.problem or f"`{name_of(build)}` returned no model."
    seen = subject.model("steps", built.value, batch)
    subject.model("fill", built.value, 6, batch)  # some checks build without filling
    logits = subject.model("forward", built.value, batch)
    if seen.problem or logits.problem:
        return [], np.zeros(1), seen.problem or logits.problem
    if seen.value["error"]:
        return [], np.zeros(1), seen.value["error"][:100]
    steps = [tuple(shape[1:]) for name, shape in seen.value["steps"] if name in KIND or name.startswith("max_pool2d")]
    values = np.asarray(logits.value, float).ravel()
    return steps, values, "" if np.isfinite(values).all() and values.size else "its logits are no numbers."


def layer_times(layers, input_shape, batch=1, repeats=3):
    """Milliseconds for a picture that torch takes for each layer, a list of floats: the best of several runs.

    layers: a list of cnnlab.layers; input_shape: (C, H, W), of random pictures, `batch` of them at once. Without ReLUs;
    the weights are random.
    """
    import torch
    from torch import nn

    x, times = torch.randn(batch, *input_shape), []
    with torch.inference_mode():
        for layer in layers:
            module = _module(nn, layer, x.shape[1])
            module(x)  # the first call prepares
            best = np.inf
            for _ in range(repeats):
                start = time.perf_counter()
                y = module(x)
                best = min(best, time.perf_counter() - start)
            x, _ = y, times.append(1000 * best / batch)
    return times


def _module(nn, layer, came):
    match layer:
        case Conv():
            return nn.Conv2d(came, layer.out_channels, layer.kernel, layer.stride, layer.padding, layer.dilation)
        case Pool():
            return nn.MaxPool2d(layer.kernel, layer.stride)
        case Flatten():
            return nn.Flatten()
        case _:
            return nn.Linear(came, layer.out_features)


def show_times(layers, input_shape, macs, batch=16, title="AlexNet, measured on your machine") -> Picture:
    """MACs of each layer by the learner's own function, and beside them the time that torch takes for it: for a picture
    by itself, and for one of a batch.

    layers: a list of cnnlab.layers; input_shape: (C, H, W); macs: the learner's, (layers, input_shape) -> list of ints.
    """
    found = traced(layers, input_shape, None, None, macs)
    alone, together = layer_times(found.layers, input_shape), layer_times(found.layers, input_shape, batch, 2)
    counts = found.row("macs")[1:]
    rows = [k for k, layer in enumerate(found.layers) if isinstance(layer, Conv | Dense)]
    sheet = Picture("", 8.2, 0.34 * len(rows) + 1.1)
    high = sheet.get_figheight()
    sheet.text(0.02, 1 - 0.27 / high, title, fontsize=TITLE, fontweight="bold", color=INK, va="center")
    for says in found.says[:1]:
        sheet.text(0.02, 1 - 0.52 / high, says[:90], fontsize=9, color=PURPLE, va="center")
    parts = (
        ("MACs, by your function", counts, BLUE, short),
        ("one picture alone", alone, ORANGE, _ms),
        (f"a picture, {batch} at once", together, GREEN, _ms),
    )
    for at, (name, values, colour, write) in enumerate(parts):
        axes = sheet.add_axes((0.15 + 0.285 * at, 0.1 / high, 0.27, (0.34 * len(rows)) / high))
        axes.set_axis_off()
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(0, 1.4)
        axes.set_title(name, fontsize=LABEL, color=SOFT, loc="left", pad=6)
        if not values:
            axes.text(0, 0, "not yet", fontsize=LABEL, color=SOFT, va="center")
            continue
        most = max(values) or 1
        for y, k in enumerate(rows):
            axes.barh(y, values[k] / most, height=0.62, color=PURPLE if k in found.wrong.get("macs", ()) else colour)
            axes.text(values[k] / most + 0.02, y, write(values[k]), fontsize=SMALL, color=INK, va="center")
    for y, k in enumerate(rows):
        sheet.text(0.02, (0.1 + 0.34 * (len(rows) - y - 0.5)) / high, words(found.layers[k]), fontsize=SMALL, color=INK,
                   va="center")  # fmt: skip
    told = []
    for name, values, _, _ in parts[1:]:
        conv, dense = (sum(values[k] for k in rows if isinstance(found.layers[k], kind)) for kind in (Conv, Dense))
        told.append(f"{name}: {conv:.1f} ms in the convolutions, {dense:.1f} ms in the dense layers")
    sheet.alt = " ".join([f"{title}. {'; '.join(told)}.", *found.says])
    return sheet


def _ms(ms):
    return f"{ms:.1f} ms"
