"""numerical_gradient and train_step: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import numpy as np

from cnnlab.check.exercise import Mistake, known

NUMERICAL: list[Mistake] = []
TRAIN_STEP: list[Mistake] = []


def _differences(f, x, ahead, behind, over):
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        kept = x[place]
        x[place] = kept + ahead
        upper = f(x)
        x[place] = kept - behind
        lower = f(x)
        x[place] = kept
        gradient[place] = (upper - lower) / over
    return gradient


@known(
    NUMERICAL,
    "one-sided, ahead",
    "(f(x + h) − f(x)) / h looks to one side only and is off by about h/2 times the curvature. "
    "Look to both sides: (f(x + h) − f(x − h)) / 2h, whose error shrinks with h².",
)
def _(f, x, h=1e-5):
    return _differences(f, x, h, 0, h)


@known(
    NUMERICAL,
    "one-sided, behind",
    "(f(x) − f(x − h)) / h looks to one side only. Look to both sides: (f(x + h) − f(x − h)) / 2h.",
)
def _(f, x, h=1e-5):
    return _differences(f, x, 0, h, h)


@known(NUMERICAL, "divided by h", "Yours is twice too large: from x − h to x + h it is 2h, not h.")
def _(f, x, h=1e-5):
    return _differences(f, x, h, h, h)


@known(NUMERICAL, "/ 2 * h", "`/ 2 * h` divides by 2 and then *multiplies* with h. Write / (2 * h).")
def _(f, x, h=1e-5):
    return _differences(f, x, h, h, 2) * h


@known(NUMERICAL, "not divided", "The difference was not divided by the way, 2h.")
def _(f, x, h=1e-5):
    return _differences(f, x, h, h, 1)


@known(
    NUMERICAL, "divided by 2 only", "The difference was divided by 2, but not by h. The way from x − h to x + h is 2h."
)
def _(f, x, h=1e-5):
    return _differences(f, x, h, h, 2)


@known(NUMERICAL, "h is fixed", "h has no effect in yours: 1e-5 is written into the code. Use the argument.")
def _(f, x, h=1e-5):
    return _differences(f, x, 1e-5, 1e-5, 2e-5)


@known(NUMERICAL, "the sign is changed", "The difference is the wrong way round: f(x + h) − f(x − h).")
def _(f, x, h=1e-5):
    return -_differences(f, x, h, h, 2 * h)


@known(
    NUMERICAL,
    "all numbers move at once",
    "x + h moves every number of x together, so only their sum comes out. Move one number at a time, all others stay.",
)
def _(f, x, h=1e-5):
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


@known(NUMERICAL, "one number for all", "A single number came out. The gradient has one for each number of x.")
def _(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


@known(
    NUMERICAL,
    "whole numbers can not move by h",
    "x holds whole numbers, and 3 + 0.00001 stored among them is 3 again: no difference is left. "
    "Work on a copy that holds floats: x.astype(float).",
)
def _(f, x, h=1e-5):
    gradient = np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[place] += x.dtype.type(h) if x.dtype.kind == "i" else h
        behind[place] -= x.dtype.type(h) if x.dtype.kind == "i" else h
        gradient[place] = (f(ahead) - f(behind)) / (2 * h)
    return gradient


@known(
    NUMERICAL,
    "x is not put back",
    "After the step x was not put back, so the next numbers are tried at another place. "
    "Keep the old value and write it back, before you go on.",
)
def _(f, x, h=1e-5):
    gradient = np.zeros(x.shape)
    x = x.astype(float)
    for place in np.ndindex(*x.shape):
        x[place] += h
        upper = f(x)
        x[place] -= 2 * h
        lower = f(x)
        gradient[place] = (upper - lower) / (2 * h)
    return gradient


@known(
    NUMERICAL,
    "x is put back by adding h again",
    "x is not bit for bit what it was: −2h, +h leaves a rounding error behind. Keep the old value and write *it* back, "
    "or work on a copy.",
)
def _(f, x, h=1e-5):
    gradient = np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        x[place] += x.dtype.type(h)
        upper = f(x)
        x[place] -= x.dtype.type(2 * h)
        gradient[place] = (upper - f(x)) / (2 * h)
        x[place] += x.dtype.type(h)
    return gradient


@known(
    NUMERICAL,
    "x is left moved",
    "x itself was moved and left so. Whoever called still needs it: put it back, or work on a copy.",
)
def _(f, x, h=1e-5):
    found = _differences(f, x, h, h, 2 * h)
    x += x.dtype.type(1) if x.dtype.kind == "i" else h
    return found


@known(
    NUMERICAL,
    "ahead and behind are one array",
    "`ahead = x` makes no copy: both names mean the same array, and the steps cancel. Write x.copy().",
)
def _(f, x, h=1e-5):
    return np.zeros(x.shape)


@known(NUMERICAL, "flat", "The gradient has x's shape; yours is a single row of numbers.")
def _(f, x, h=1e-5):
    return _differences(f, x, h, h, 2 * h).ravel()


@known(
    NUMERICAL,
    "the steps of a flattened copy",
    "x.reshape(-1) of a slice or a transposed array is a *copy*: the steps never reach what f sees. "
    "Loop over np.ndindex(x.shape), or make a copy of x first.",
)
def _(f, x, h=1e-5):
    x = np.array(x, dtype=float) if x.flags.c_contiguous else x.astype(float, order="K")
    if x.flags.c_contiguous:
        return _differences(f, x, h, h, 2 * h)
    return np.zeros(x.shape)


@known(
    NUMERICAL,
    "in whole numbers",
    "The gradient was made like x, whose whole numbers hold no fractions: np.zeros(x.shape).",
)
def _(f, x, h=1e-5):
    return _differences(f, x, h, h, 2 * h).astype(x.dtype)


@known(NUMERICAL, "rows only", "Only the first number of every row was moved. Go through all of them.")
def _(f, x, h=1e-5):
    found, out = _differences(f, x, h, h, 2 * h), np.zeros(x.shape)
    out[..., 0] = found[..., 0]
    return out


def _forward(params, x):
    weight = params["conv_weight"]
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(2, 3))
    maps = np.einsum("ncijuv,ocuv->noij", windows, weight) + params["conv_bias"][:, None, None]
    n, c, height, width = maps.shape
    cut = np.maximum(maps, 0)[:, :, : height // 2 * 2, : width // 2 * 2]
    tiles = cut.reshape(n, c, height // 2, 2, width // 2, 2).transpose(0, 1, 2, 4, 3, 5)
    tiles = tiles.reshape(n, c, height // 2, width // 2, 4)
    features = tiles.max(axis=-1).reshape(n, -1)
    return windows, maps, tiles, features, features @ params["fc_weight"].T + params["fc_bias"]


def _loss(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]))


def _gradients(params, x, labels, gate=True, winner=None, share=None):
    windows, maps, tiles, features, logits = _forward(params, x)
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    dlogits = raised / raised.sum(axis=1, keepdims=True)
    dlogits[np.arange(len(x)), labels] -= 1
    dlogits /= len(x) if share is None else share
    dfeatures = (dlogits @ params["fc_weight"]).reshape(tiles.shape[:-1])
    best = (tiles.argmax(axis=-1) if winner is None else winner(tiles))[..., None]
    dtiles = np.zeros(tiles.shape)
    np.put_along_axis(dtiles, best, dfeatures[..., None], axis=-1)
    n, c, rows, columns, _ = tiles.shape
    dmaps = np.zeros(maps.shape)
    apart = dtiles.reshape(n, c, rows, columns, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, c, 2 * rows, 2 * columns)
    dmaps[:, :, : 2 * rows, : 2 * columns] = apart
    if gate:
        dmaps = dmaps * (maps > 0)
    gradients = {
        "conv_weight": np.einsum("noij,ncijuv->ocuv", dmaps, windows),
        "conv_bias": dmaps.sum(axis=(0, 2, 3)),
        "fc_weight": dlogits.T @ features,
        "fc_bias": dlogits.sum(axis=0),
    }
    return _loss(logits, labels), gradients


def _moved(params, gradients, rate):
    return {key: params[key] - rate * gradients[key] for key in params}


@known(
    TRAIN_STEP,
    "uphill",
    "The step goes uphill: the gradient was added, and the loss grows. Take it off: params − lr·gradient.",
)
def _(params, x, labels, lr):
    loss, gradients = _gradients(params, x, labels)
    return loss, _moved(params, gradients, -lr)


@known(
    TRAIN_STEP,
    "the parameters are changed in place",
    "The params that came in were changed: `params[key] -= …` writes into the caller's arrays; params.copy() copies "
    "the dict, not its arrays. "
    "Make new ones: {key: params[key] - lr * grads[key] for key in params}.",
)
def _(params, x, labels, lr):
    loss, gradients = _gradients(params, x, labels)
    for key in params:
        params[key] -= (lr * gradients[key]).astype(params[key].dtype)
    return loss, params


@known(
    TRAIN_STEP, "the loss after the step", "That is the loss after the update. loss_before is the one it began with."
)
def _(params, x, labels, lr):
    _, gradients = _gradients(params, x, labels)
    new = _moved(params, gradients, lr)
    return _loss(_forward(new, x)[-1], labels), new


@known(TRAIN_STEP, "the sum of the losses", "The losses were added up. The loss is their mean over the batch.")
def _(params, x, labels, lr):
    loss, gradients = _gradients(params, x, labels)
    return loss * len(x), _moved(params, gradients, lr)


@known(TRAIN_STEP, "forgets 1/N", "The steps are N times too long: the gradient of the *mean* loss has a factor 1/N.")
def _(params, x, labels, lr):
    loss, gradients = _gradients(params, x, labels, share=1)
    return loss, _moved(params, gradients, lr)


@known(TRAIN_STEP, "1/N twice", "The steps are N times too short: the factor 1/N is there twice.")
def _(params, x, labels, lr):
    loss, gradients = _gradients(params, x, labels, share=len(x) ** 2)
    return loss, _moved(params, gradients, lr)


@known(TRAIN_STEP, "the learning rate is left out", "The whole gradient was taken off. Multiply it with lr first.")
def _(params, x, labels, lr):
    loss, gradients = _gradients(params, x, labels)
    return loss, _moved(params, gradients, 1)


@known(TRAIN_STEP, "gradients, not parameters", "The second result is the gradients. The new parameters are asked for.")
def _(params, x, labels, lr):
    return _gradients(params, x, labels)


@known(TRAIN_STEP, "nothing is updated", "The parameters came back as they were: no step was made.")
def _(params, x, labels, lr):
    return _gradients(params, x, labels)[0], {key: array.copy() for key, array in params.items()}


@known(
    TRAIN_STEP, "only the dense layer learns", "conv_weight and conv_bias stay as they were. All four take the step."
)
def _(params, x, labels, lr):
    loss, gradients = _gradients(params, x, labels)
    return loss, {**params, **{k: params[k] - lr * gradients[k] for k in ("fc_weight", "fc_bias")}}


@known(TRAIN_STEP, "the biases do not learn", "The two biases stay as they were. All four take the step.")
def _(params, x, labels, lr):
    loss, gradients = _gradients(params, x, labels)
    return loss, {**params, **{k: params[k] - lr * gradients[k] for k in ("conv_weight", "fc_weight")}}


@known(
    TRAIN_STEP, "only what moved is returned", "new_params holds the weights alone. All four parameters belong to it."
)
def _(params, x, labels, lr):
    loss, gradients = _gradients(params, x, labels)
    return loss, {k: params[k] - lr * gradients[k] for k in ("conv_weight", "fc_weight")}


@known(
    TRAIN_STEP,
    "ReLU's gate is left out",
    "The gradient went through ReLU where it was shut. Between pooling and convolution comes relu_backward, "
    "with what ReLU got in the forward pass.",
)
def _(params, x, labels, lr):
    loss, gradients = _gradients(params, x, labels, gate=False)
    return loss, _moved(params, gradients, lr)


@known(
    TRAIN_STEP,
    "pooling sends to the first pixel",
    "The pool sent its gradient to the first pixel of each window, not to the winner: "
    "max_pool2d_backward needs the maps that the pool got.",
)
def _(params, x, labels, lr):
    loss, gradients = _gradients(params, x, labels, winner=lambda tiles: np.zeros(tiles.shape[:-1], dtype=int))
    return loss, _moved(params, gradients, lr)


@known(
    TRAIN_STEP,
    "the dense layer is updated too early",
    "The new fc_weight was used on the way back. First all gradients, with the old parameters; then all updates.",
)
def _(params, x, labels, lr):
    loss, first = _gradients(params, x, labels)
    logits = _forward(params, x)[-1]
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    new = {**params, "fc_weight": params["fc_weight"] - lr * first["fc_weight"]}
    # dlogits as before, blame through the new weights
    dlogits = raised / raised.sum(axis=1, keepdims=True)
    dlogits[np.arange(len(x)), labels] -= 1
    dfeatures = dlogits / len(x) @ new["fc_weight"]
    second = _through(params, x, dfeatures)
    return loss, _moved(params, {**first, **second}, lr)


def _through(params, x, dfeatures):
    windows, maps, tiles, *_ = _forward(params, x)
    n, c, rows, columns, _ = tiles.shape
    dtiles = np.zeros(tiles.shape)
    np.put_along_axis(dtiles, tiles.argmax(-1)[..., None], dfeatures.reshape(n, c, rows, columns, 1), -1)
    apart = dtiles.reshape(n, c, rows, columns, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, c, 2 * rows, 2 * columns)
    dmaps = np.zeros(maps.shape)
    dmaps[:, :, : 2 * rows, : 2 * columns] = apart
    dmaps *= maps > 0
    return {"conv_weight": np.einsum("noij,ncijuv->ocuv", dmaps, windows), "conv_bias": dmaps.sum(axis=(0, 2, 3))}


@known(TRAIN_STEP, "the results the other way round", "The loss comes first, then the new parameters.")
def _(params, x, labels, lr):
    loss, gradients = _gradients(params, x, labels)
    return _moved(params, gradients, lr), loss


@known(TRAIN_STEP, "the loss alone", "Two results are asked for: the loss before the step, and the new parameters.")
def _(params, x, labels, lr):
    return _gradients(params, x, labels)[0]


@known(
    TRAIN_STEP, "one image's gradient", "Only the first image's gradient was taken. The mean runs over the whole batch."
)
def _(params, x, labels, lr):
    loss = _gradients(params, x, labels)[0]
    return loss, _moved(params, _gradients(params, x[:1], labels[:1])[1], lr)
