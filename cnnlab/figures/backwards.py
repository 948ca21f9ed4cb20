"""A small network on one picture: what each step made on the way forwards, and the blame that comes back to it."""

import numpy as np

from cnnlab.figures.board import Board
from cnnlab.figures.style import ORANGE, PURPLE, SOFT, Picture, read_out


def forwards(picture, params, label, pool=2, pool_stride=None):
    """Every step of lesson 04's network on one picture, as the course computes it.

    picture: (H, W); params: conv_weight (F, 1, kh, kw), conv_bias (F,), fc_weight (K, D), fc_bias (K,); label: an int;
    pool, pool_stride: ints, the stride being the window where it is None. Returns float64 arrays by name, "x" (1, 1, H,
    W), "maps" and "active" (1, F, h, w), "pooled" (1, F, h', w'), "features" (1, D), "logits" and "p" (1, K), and
    "loss", a float.
    """
    from cnnlab.built.lesson_02 import conv2d
    from cnnlab.built.lesson_03 import max_pool2d, relu
    from cnnlab.built.lesson_04 import cross_entropy, linear, softmax

    x = np.asarray(picture, dtype=float)[None, None]
    maps = conv2d(x, params["conv_weight"], params["conv_bias"])
    active = relu(maps)
    pooled = max_pool2d(active, pool, pool_stride)
    features = pooled.reshape(1, -1)
    logits = linear(features, params["fc_weight"], params["fc_bias"])
    loss = cross_entropy(logits, np.array([label]))
    return {
        "x": x, "maps": maps, "active": active, "pooled": pooled, "features": features, "logits": logits,
        "p": softmax(logits), "loss": loss,
    }  # fmt: skip


def backwards(steps, params, label, functions, pool=2, pool_stride=None):
    """The blame of every step, made by the learner's functions: (arrays by name, None), or as far as it went and one
    calm sentence.

    steps: what `forwards` returned, of the same params, label and pooling; functions: the learner's five of lesson 05
    by their names. The arrays are float64 and have the shapes of the steps and parameters that they belong to.
    """
    from cnnlab.figures.answers import answer_of

    found = {}

    def asked(name, args, shapes):
        if len(shapes) == 1:
            value, problem = answer_of(functions[name], *args, shape=shapes[0])
            return (value,), problem
        return _several(functions[name], args, shapes)

    pooled = steps["pooled"].shape
    plan = [
        ("softmax_cross_entropy_backward", lambda: (steps["logits"], np.array([label])), ["logits"],
         lambda: [steps["logits"].shape]),
        ("linear_backward", lambda: (found["logits"], steps["features"], params["fc_weight"]),
         ["features", "fc_weight", "fc_bias"],
         lambda: [steps["features"].shape, params["fc_weight"].shape, params["fc_bias"].shape]),
        ("max_pool2d_backward", lambda: (found["features"].reshape(pooled), steps["active"], pool, pool_stride),
         ["active"], lambda: [steps["active"].shape]),
        ("relu_backward", lambda: (found["active"], steps["maps"]), ["maps"], lambda: [steps["maps"].shape]),
        ("conv2d_backward", lambda: (found["maps"], steps["x"], params["conv_weight"]),
         ["x", "conv_weight", "conv_bias"],
         lambda: [steps["x"].shape, params["conv_weight"].shape, params["conv_bias"].shape]),
    ]  # fmt: skip
    for name, args, names, shapes in plan:
        values, problem = asked(name, args(), shapes())
        if problem:
            return found, problem
        found.update(zip(names, values, strict=True))
    return found, None


def autograd_of(picture, params, label, pool=2, pool_stride=None):
    """The same gradients by torch's autograd: {name of a parameter, or "x": float64 array in its shape}.

    Arguments as in `forwards`.
    """
    import torch
    from torch.nn import functional

    leaves = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in params.items()}
    leaves["x"] = torch.tensor(np.asarray(picture, dtype=float)[None, None], requires_grad=True)
    maps = functional.conv2d(leaves["x"], leaves["conv_weight"], leaves["conv_bias"])
    pooled = functional.max_pool2d(functional.relu(maps), pool, pool_stride)
    logits = functional.linear(pooled.flatten(1), leaves["fc_weight"], leaves["fc_bias"])
    functional.cross_entropy(logits, torch.tensor([label])).backward()
    return {name: leaf.grad.numpy() for name, leaf in leaves.items()}


def _said_by_autograd(blame, example):
    """Whether torch agrees with the gradients `blame`, a sentence; example: the arguments of `autograd_of`."""
    try:
        truth = autograd_of(*example)
    except ImportError:
        return "What autograd says to it needs PyTorch, which is not here; in a browser it can not be."
    worst = max(float(np.abs(blame[name] - value).max()) for name, value in truth.items())
    agrees = f"agrees with all {sum(v.size for v in truth.values())} gradients, that of the picture too"
    return f"PyTorch's autograd {agrees if worst < 1e-9 else f'differs by up to {worst:.4f}'}."


def show_backwards(
    picture, params, label, functions, pool=2, pool_stride=None, title="Forwards, and back", autograd=False
) -> Picture:
    """One picture through the network: values above, blame below, gradients of the parameters at the bottom.

    picture: (H, W); params: as in `forwards`, of one filter (F = 1); label: an int; functions: the learner's five, by
    their names; autograd: say whether torch agrees.
    """
    steps = forwards(picture, params, label, pool, pool_stride)
    blame, problem = backwards(steps, params, label, functions, pool, pool_stride)
    board, x, told = Board(title), 0.0, []
    columns = [
        ("picture", steps["x"][0, 0], None),
        ("maps", steps["maps"][0, 0], "maps"),
        ("ReLU", steps["active"][0, 0], "active"),
        ("pooled", steps["pooled"][0, 0], "features"),
        ("logits", steps["logits"], "logits"),
        ("p", steps["p"], None),
    ]
    high = max(values.shape[0] for _, values, _ in columns)
    below, cell = high + 1.1, 1.1
    board.words(0, -0.9, "forwards", color=SOFT, size=9)
    for k, (name, values, key) in enumerate(columns):
        digits = 4 if name == "p" else 2
        wide = values.shape[1] * cell
        board.grid(values, x, 0, signed=name != "picture", title=name, cell=cell, digits=digits)
        if k < len(columns) - 1:
            board.sign(x + wide + 0.65, high / 2, "→")
        if key:
            back = blame[key].reshape(values.shape) if key in blame else None
            _blame_grid(board, back, values.shape, x, below * cell, f"blame of {name}", cell)
            if back is not None:
                told.append(f"{name}: {read_out(back, 4)}.")
        x += max(wide, 2.3) + 1.3
    bottom = (below + high + 0.2) * cell
    at = 0.0
    for key, name in (("conv_weight", "dweight of the kernel"), ("conv_bias", "its dbias"),
                      ("fc_weight", "dweight of the dense layer"), ("fc_bias", "its dbias")):  # fmt: skip
        shape = params[key].shape
        shape = shape[2:] if len(shape) == 4 else shape if len(shape) == 2 else (1, shape[0])
        back = blame[key].reshape(shape) if key in blame else None
        shown = max(shape[1] * cell, 0.235 * len(name))
        _blame_grid(board, back, shape, at + (shown - shape[1] * cell) / 2, bottom, name, cell)
        if back is not None:
            told.append(f"{name}: {read_out(back, 4)}.")
        at += shown + 0.9
    if autograd and not problem:
        said = _said_by_autograd(blame, (picture, params, label, pool, pool_stride))
        board.words(0, board.bottom + 0.6, said, color=SOFT, size=9)
        told.append(said)
    if problem:
        board.words(0, board.bottom + 0.6, problem[:110], color=PURPLE, size=9)
    alt = f"{title}. Loss {steps['loss']:.4f}. Blame, from your functions: {' '.join(told)} {problem or ''}"
    return board.picture(alt.strip())


def _blame_grid(board, values, shape, x, y, title, cell):
    if values is None:
        board.frame(x, y, [(0, 0), (shape[0] - 1, shape[1] - 1)], cell, colour="#c9ccd6", width=1.2)
        board.words(x + shape[1] * cell / 2, y - 0.42, title, align="center", color=SOFT)
        board.reach(x + shape[1] * cell, y + shape[0] * cell)
        return
    board.grid(values, x, y, signed=True, cell=cell, digits=4)
    board.words(x + shape[1] * cell / 2, y - 0.42, title, align="center", color=ORANGE)


def _several(function, args, shapes):
    from cnnlab.check import ask

    answer = ask(function, *args)
    if answer.problem:
        return None, answer.problem
    value = answer.value
    if not isinstance(value, (tuple, list)) or len(value) != len(shapes):
        return None, f"`{answer.name}` has to return {len(shapes)} arrays."
    for one, shape in zip(value, shapes, strict=True):
        if not isinstance(one, np.ndarray) or one.dtype.kind not in "biuf" or one.shape != tuple(shape):
            return None, f"`{answer.name}` does not give all {len(shapes)} gradients in the right shapes yet."
    return [one.astype(float) for one in value], None
