"""train_step: one step downhill on lesson 04's network, conv, ReLU, 2 × 2 max pool, flatten, dense, cross-entropy."""

from itertools import compress
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import ints
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_05.pooling import max_pool_gradient, to_winners
from cnnlab.check.lesson_05.softmax_cross_entropy_backward import softmax_cross_entropy_gradient
from cnnlab.check.reading import rules
from cnnlab.check.reading.places import close
from cnnlab.check.verdict import Attempt, Kind

KEYS = ("conv_weight", "conv_bias", "fc_weight", "fc_bias")
AXES = ("filter channel row column", "filter", "class feature", "class")
RIGHT = "right."


def _open(maps: np.ndarray) -> np.ndarray:
    return maps > 0


def gradients(params: dict, x: np.ndarray, labels, gate=_open, pool=max_pool_gradient, through=None) -> tuple:
    """The mean loss of x (N, 1, H, W) and labels (N,), and a dict of its gradient by each of the params, in float64.

    For those who go back another way: gate(maps) is what ReLU's blame is multiplied with (maps > 0), pool(dout, x, 2)
    the pool's backward pass, through the fc_weight that the blame goes through.
    """
    conv_weight, conv_bias, fc_weight, fc_bias = (params[key].astype(np.float64) for key in KEYS)
    taps = np.lib.stride_tricks.sliding_window_view(x, conv_weight.shape[2:], axis=(2, 3))
    maps = np.einsum("ncijuv,ocuv->noij", taps, conv_weight) + conv_bias[:, None, None]
    active, (n, c, rows, columns) = np.maximum(maps, 0), maps.shape
    tiles = active[:, :, : rows // 2 * 2, : columns // 2 * 2].reshape(n, c, rows // 2, 2, columns // 2, 2)
    features = tiles.max(axis=(3, 5)).reshape(n, -1)
    logits = features @ fc_weight.T + fc_bias
    below = logits - logits.max(axis=1, keepdims=True)
    loss = float(np.mean(np.log(np.exp(below).sum(axis=1)) - below[np.arange(n), labels]))
    dlogits = softmax_cross_entropy_gradient(logits, labels)
    dpooled = (dlogits @ (fc_weight if through is None else through)).reshape(n, c, rows // 2, columns // 2)
    dmaps = pool(dpooled, active, 2) * gate(maps)
    dconv = np.einsum("noij,ncijuv->ocuv", dmaps, taps), dmaps.sum(axis=(0, 2, 3))
    return loss, dict(zip(KEYS, (*dconv, dlogits.T @ features, dlogits.sum(axis=0)), strict=True))


def step_downhill(params: dict, x: np.ndarray, labels: np.ndarray, lr: float) -> tuple[float, dict]:
    """The loss before the step, and params − lr · gradient."""
    loss, slopes = gradients(params, x, labels)
    return loss, {key: params[key] - lr * slopes[key] for key in params}


# fmt: off
def _cases(rng: np.random.Generator) -> list[Case]:
    def case(n, size, filters, kernel, classes, lr, note="", kind=np.float64, x=None, **given):
        inner = np.prod([(side - k + 1) // 2 for side, k in zip(size, kernel, strict=True)])
        shapes = ((filters, 1, *kernel), (filters,), (classes, filters * inner), (classes,))
        params = {key: rng.normal(size=shape) / 2 for key, shape in zip(KEYS, shapes, strict=True)} | given
        params = {key: np.asarray(value, kind) for key, value in params.items()}
        x = rng.normal(size=(n, 1, *size)).astype(kind) if x is None else x
        return Case((params, x, rng.integers(0, classes, n), lr), note=note)

    small = {"conv_weight": [[[[1, -1], [0, 2]]]], "conv_bias": [1], "fc_weight": [[0.5], [0.25]], "fc_bias": [0, 1]}
    large = {"conv_weight": ints(rng, 2, 1, 2, 2) % 4, "fc_weight": ints(rng, 3, 2) % 3, "fc_bias": [1, 0, 2]}
    backwards = case(2, (4, 5), 2, (2, 2), 3, 0.5, "the dict in another order")
    backwards.args[0].update({key: backwards.args[0].pop(key) for key in reversed(KEYS)})
    wild = case(3, (4, 4), 2, (3, 3), 3, 0.1, "logits near 1000", fc_bias=[1000, 999, -1000])
    wild.args[2][:] = [0, 1, 1]  # where log(p) is no infinity
    return [
        case(2, (3, 3), 1, (2, 2), 2, 1.0, "two images, one filter", x=1.0 + ints(rng, 2, 1, 3, 3) % 3, **small),
        case(1, (4, 4), 1, (3, 3), 2, 0.1, "one image"), case(3, (4, 4), 2, (3, 3), 2, 0.5, "three images"),
        case(2, (5, 6), 2, (2, 3), 3, 0.25, "not square"), case(4, (6, 5), 3, (3, 2), 4, 0.01, "a small step"),
        case(2, (6, 4), 2, (2, 2), 3, 0.25, "a row that no window reaches"),
        case(3, (5, 5), 2, (2, 2), 3, 2.0, "float32", np.float32),
        case(2, (5, 5), 2, (2, 2), 3, 1, "whole pixels", x=ints(rng, 2, 1, 5, 5) % 5),
        case(2, (3, 3), 2, (2, 2), 3, 0.1, "whole params", int, rng.random((2, 1, 3, 3)), **large, conv_bias=[1, 2]),
        case(2, (4, 5), 2, (3, 2), 2, 0, "a learning rate of 0: nothing moves"),
        case(2, (5, 5), 2, (2, 2), 3, 0.5, "maps of 0, and ties", x=np.zeros((2, 1, 5, 5)), conv_bias=[0, 1]),
        wild, backwards, case(11, (4, 4), 2, (3, 3), 3, 0.1, "eleven images"),
        case(3, (4, 4), 2, (3, 3), 2, 0.5, "another batch of a size seen before"),
        case(5, (8, 8), 3, (3, 3), 10, 0.1, "ten classes"),
    ]


def _moved(a, **how) -> tuple:
    """The step with other gradients."""
    loss, slopes = gradients(a.params, a.x, a.labels, **how)
    return loss, {key: a.params[key] - a.lr * slopes[key] for key in a.params}


def _only(a, *keys: str) -> dict:
    """Of the new parameters these."""
    return {key: new for key, new in a.right()[1].items() if key in keys}


def _in_place(a) -> tuple:
    loss, slopes = gradients(a.params, a.x, a.labels)
    for key, array in a.params.items():
        array -= (a.lr * slopes[key]).astype(array.dtype)
    return loss, a.params


def _said(failing: list[Attempt], subject: Any) -> list[str]:
    """What the learner's steps, (params − new) / lr, say of the gradients behind them."""
    told: dict[str, list[str]] = {}
    failing = [attempt for attempt in failing if attempt.failed.kind is Kind.VALUES]
    for key, axes in zip(KEYS, AXES, strict=True):
        steps = [(a.args, a.got[1].get(key)) for a in failing if isinstance(a.got[1], dict) and a.args.lr
                 and a.args.params[key].dtype != np.float32]  # whose steps tell too few digits of a gradient
        steps = [(a, new) for a, new in steps if isinstance(new, np.ndarray) and new.shape == a.params[key].shape]
        pairs = [(gradients(a.params, a.x, a.labels)[1][key], (a.params[key] - new) / a.lr) for a, new in steps]
        off = [not close(e, g, 1e-7) for e, g in pairs]
        sizes = [{"the number of images": len(a.x)} for a in compress([a for a, _ in steps], off)]
        pairs = [*compress(pairs, off)]
        words = rules.one_factor(pairs, sizes) or rules.rearranged(pairs, axes.split()) if pairs else RIGHT
        told.setdefault(words, []).append(key)
    lines = [f"The gradient of {', '.join(keys)}: {words}" for words, keys in told.items() if words]
    return lines if {*told} - {"", RIGHT} else []


WRONG = [
    ("uphill", "The step goes uphill: the gradient was added, and the loss grows. Take it off: params − lr·gradient.",
     lambda a: a.right(lr=-a.lr)),
    ("the parameters are changed in place", "The params that came in were changed: `params[key] -= …` writes into the "
     "caller's arrays; params.copy() copies the dict, not its arrays. Make new ones: {key: params[key] - lr * "
     "grads[key] for key in params}.", _in_place),
    ("the loss after the step", "That is the loss after the update. loss_before is the one it began with.",
     lambda a: a.instead(loss_before=a.right(params=a.right()[1])[0])),
    ("the sum of the losses", "The losses were added up. The loss is their mean over the batch.",
     lambda a: a.instead(loss_before=a.right()[0] * len(a.x))),
    ("forgets 1/N", "The steps are N times too long: the gradient of the *mean* loss has a factor 1/N.",
     lambda a: a.right(lr=a.lr * len(a.x))),
    ("1/N twice", "The steps are N times too short: the factor 1/N is there twice.",
     lambda a: a.right(lr=a.lr / len(a.x))),
    ("the learning rate is left out", "The whole gradient was taken off. Multiply it with lr first.",
     lambda a: a.right(lr=1)),
    ("the learning rate is fixed", "lr has no effect in yours: 0.1 is written into the code. Use the argument.",
     lambda a: a.right(lr=0.1)),
    ("gradients, not parameters", "The second result is the gradients. The new parameters are asked for.",
     lambda a: gradients(a.params, a.x, a.labels)),
    ("nothing is updated", "The parameters came back as they were: no step was made.", lambda a: a.right(lr=0)),
    ("only the dense layer learns", "conv_weight and conv_bias stay as they were. All four take the step.",
     lambda a: a.instead(new_params=a.params | _only(a, "fc_weight", "fc_bias"))),
    ("the biases do not learn", "The two biases stay as they were. All four take the step.",
     lambda a: a.instead(new_params=a.params | _only(a, "conv_weight", "fc_weight"))),
    ("only what moved is returned", "new_params holds the weights alone. All four parameters belong to it.",
     lambda a: a.instead(new_params=_only(a, "conv_weight", "fc_weight"))),
    ("ReLU's gate is open at 0", "Where a map is exactly 0 nothing passes back: the gate is maps > 0, not >=.",
     lambda a: _moved(a, gate=lambda maps: maps >= 0)),
    ("ReLU's gate is left out", "The gradient went through ReLU where it was shut. Between pooling and convolution "
     "comes relu_backward, with what ReLU got in the forward pass.", lambda a: _moved(a, gate=lambda maps: 1)),
    ("pooling sends to the first pixel", "The pool sent its gradient to the first pixel of each window, not to the "
     "winner: max_pool2d_backward needs the maps that the pool got.",
     lambda a: _moved(a, pool=lambda dout, x, kernel: to_winners(dout, x, kernel, None, lambda patch: 0))),
    ("the dense layer is updated too early", "The new fc_weight was used on the way back. First all gradients, with "
     "the old parameters; then all updates.", lambda a: _moved(a, through=a.right()[1]["fc_weight"])),
    ("the results the other way round", "The loss comes first, then the new parameters.", lambda a: a.right()[::-1]),
    ("the loss alone", "Two results are asked for: the loss before the step, and the new parameters.",
     lambda a: a.right()[0]),
    ("one image's gradient", "Only the first image's gradient was taken. The mean runs over the whole batch.",
     lambda a: a.instead(new_params=a.right(x=a.x[:1], labels=a.labels[:1])[1])),
]

EXERCISE = Exercise(
    name="train_step", lesson="05_backprop", oracle=step_downhill, results=("loss_before", "new_params"), read=_said,
    axes={"x": "image channel row column", "labels": "image", **dict(zip(KEYS, AXES, strict=True))},
    scale=lambda case: 1.0, draws="gradient", wrong=WRONG,
    parts=[
        Part("values", 2, _cases, tests="steps on small networks",
             look="forwards, keeping what each step had; the loss; backwards step by step; then params − lr·gradient."),
    ],
)
