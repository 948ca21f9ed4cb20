"""relu_backward, linear_backward, softmax_cross_entropy_backward: what goes wrong. Wrong on purpose."""

from __future__ import annotations

import numpy as np

from cnnlab.check.exercise import Mistake, known

RELU: list[Mistake] = []
LINEAR: list[Mistake] = []
SOFTMAX_CROSS_ENTROPY: list[Mistake] = []


@known(
    RELU,
    "the gradient passes at 0",
    "At x = 0 the gradient went through. The slope jumps there; the rule here is 0, as in libraries: x > 0, not >=.",
)
def _(dout, x):
    return dout * (x >= 0)


@known(RELU, "half the gradient at 0", "At x = 0 half the gradient went through. The rule here is 0.")
def _(dout, x):
    return dout * ((np.sign(x) + 1) / 2)


@known(
    RELU,
    "dout decides",
    "The gradient was cut where *dout* is negative. ReLU's gate was set in the forward pass, by x: look at x > 0.",
)
def _(dout, x):
    return np.maximum(dout, 0)


@known(RELU, "dout and x decide", "Negative gradients were cut as well. Where x > 0, dout passes whatever its sign.")
def _(dout, x):
    return np.maximum(dout, 0) * (x > 0)


@known(RELU, "the forward pass again", "That is relu(x). Its gradient is asked for: dout where x > 0, else 0.")
def _(dout, x):
    return np.maximum(x, 0)


@known(RELU, "without dout", "That is ReLU's slope, 0 or 1. Multiply it with dout: the chain rule.")
def _(dout, x):
    return (x > 0).astype(float)


@known(RELU, "dout times relu(x)", "dout was multiplied with relu(x). The slope is 1 where x > 0, not x.")
def _(dout, x):
    return dout * np.maximum(x, 0)


@known(RELU, "the gate is upside down", "The gradient passes where x is negative, and is stopped where it is positive.")
def _(dout, x):
    return dout * (x < 0)


@known(RELU, "everything passes", "dout came back as it was. Where x ≤ 0 ReLU let nothing through: 0 there.")
def _(dout, x):
    return dout.copy()


@known(RELU, "writes into dout", "dout itself was changed. Whoever called still needs it: work on a copy, or multiply.")
def _(dout, x):
    dout[x <= 0] = 0
    return dout


@known(RELU, "cut to whole numbers", "The fractions are gone: np.zeros_like(x) of whole numbers can hold none.")
def _(dout, x):
    return np.where(x > 0, dout, 0).astype(x.dtype)


@known(RELU, "a small slope below 0", "Below 0 a little comes through. That is leaky ReLU; here it is 0.")
def _(dout, x):
    return np.where(x > 0, dout, 0.01 * dout)


def _linear(dout, x, weight):
    return dout @ weight, dout.T @ x, dout.sum(axis=0)


@known(
    LINEAR,
    "dweight is transposed",
    "dweight has weight's shape, (out, in): dout.T @ x, not x.T @ dout.",
)
def _(dout, x, weight):
    dx, dweight, dbias = _linear(dout, x, weight)
    return dx, dweight.T, dbias


@known(
    LINEAR,
    "weight transposed in dx",
    "dx was made with weight.T. Forwards it was x @ weight.T, so backwards it is dout @ weight: (N, out)·(out, in).",
)
def _(dout, x, weight):
    _, dweight, dbias = _linear(dout, x, weight)
    return dout @ weight.T, dweight, dbias


@known(
    LINEAR, "dbias over one axis too few", "dbias is dout itself: sum over the images, axis 0. (out,) numbers are left."
)
def _(dout, x, weight):
    return *_linear(dout, x, weight)[:2], dout


@known(
    LINEAR, "dbias over the wrong axis", "dbias was summed over the outputs. Each output has a bias: sum over axis 0."
)
def _(dout, x, weight):
    return *_linear(dout, x, weight)[:2], dout.sum(axis=1)


@known(LINEAR, "dbias is one number", "dbias was summed over everything. Each output has its own bias: axis=0 only.")
def _(dout, x, weight):
    return *_linear(dout, x, weight)[:2], dout.sum()


@known(LINEAR, "dbias is a mean", "dbias is the *sum* over the images. The 1/N of the mean loss is in dout already.")
def _(dout, x, weight):
    return *_linear(dout, x, weight)[:2], dout.mean(axis=0)


@known(LINEAR, "dbias keeps the axis", "dbias has shape (1, out). Leave keepdims out: the bias's own shape is (out,).")
def _(dout, x, weight):
    return *_linear(dout, x, weight)[:2], dout.sum(axis=0, keepdims=True)


@known(LINEAR, "dbias is the first image's", "dbias is the first image's dout. Sum over all images.")
def _(dout, x, weight):
    return *_linear(dout, x, weight)[:2], dout[0].copy()


@known(
    LINEAR,
    "divided by N",
    "The gradients of weight and bias were divided by the batch size. The mean loss's 1/N is in dout already.",
)
def _(dout, x, weight):
    dx, dweight, dbias = _linear(dout, x, weight)
    return dx, dweight / len(x), dbias / len(x)


@known(LINEAR, "dweight divided by N", "dweight was divided by the batch size. The mean loss's 1/N is in dout already.")
def _(dout, x, weight):
    dx, dweight, dbias = _linear(dout, x, weight)
    return dx, dweight / len(x), dbias


@known(LINEAR, "dx divided by N", "dx was divided by the batch size. The mean loss's 1/N is in dout already.")
def _(dout, x, weight):
    dx, dweight, dbias = _linear(dout, x, weight)
    return dx / len(x), dweight, dbias


@known(LINEAR, "dweight of the last image", "Each image overwrites dweight of the one before. Add with +=.")
def _(dout, x, weight):
    dx, _, dbias = _linear(dout, x, weight)
    return dx, np.outer(dout[-1], x[-1]), dbias


@known(LINEAR, "dweight of the first image", "Only the first image counts in dweight. Sum over all images.")
def _(dout, x, weight):
    dx, _, dbias = _linear(dout, x, weight)
    return dx, np.outer(dout[0], x[0]), dbias


@known(LINEAR, "dweight for each image", "dweight has an axis left for the images: sum over it.")
def _(dout, x, weight):
    dx, _, dbias = _linear(dout, x, weight)
    return dx, dout[:, :, None] * x[:, None, :], dbias


@known(LINEAR, "the results in another order", "The gradients come in the order dx, dweight, dbias.")
def _(dout, x, weight):
    dx, dweight, dbias = _linear(dout, x, weight)
    return dweight, dbias, dx


@known(LINEAR, "the sign is changed", "Every gradient has the wrong sign. The minus belongs to the update, not here.")
def _(dout, x, weight):
    return tuple(-one for one in _linear(dout, x, weight))


@known(LINEAR, "whole numbers", "The fractions are gone: an array like weight's, of whole numbers, can hold none.")
def _(dout, x, weight):
    dx, dweight, dbias = _linear(dout, x, weight)
    return dx.astype(x.dtype), dweight.astype(weight.dtype), dbias


@known(LINEAR, "dx summed over the images", "dx has one row for every image: no sum over the images here.")
def _(dout, x, weight):
    dx, dweight, dbias = _linear(dout, x, weight)
    return np.repeat(dx.sum(axis=0, keepdims=True), len(x), axis=0), dweight, dbias


def _p(logits, axis=1):
    raised = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return raised / raised.sum(axis=axis, keepdims=True)


def _y(logits, labels):
    return np.eye(logits.shape[1])[labels]


@known(
    SOFTMAX_CROSS_ENTROPY,
    "forgets 1/N",
    "Your gradient is N times too large: that is the gradient of the *sum* of the losses. The mean has a factor 1/N.",
)
def _(logits, labels):
    return _p(logits) - _y(logits, labels)


@known(SOFTMAX_CROSS_ENTROPY, "1/N twice", "The factor 1/N of the mean is there twice. Divide once.")
def _(logits, labels):
    return (_p(logits) - _y(logits, labels)) / len(logits) ** 2


@known(
    SOFTMAX_CROSS_ENTROPY,
    "divided by the number of classes",
    "The mean of the loss runs over the images, N of them; yours divides by the number of classes.",
)
def _(logits, labels):
    return (_p(logits) - _y(logits, labels)) / logits.shape[1]


@known(SOFTMAX_CROSS_ENTROPY, "divided by the size of logits", "The mean runs over N images, not over all N·K numbers.")
def _(logits, labels):
    return (_p(logits) - _y(logits, labels)) / logits.size


@known(
    SOFTMAX_CROSS_ENTROPY, "y − p", "The sign is the wrong way round: the gradient is p − y, the update takes it off."
)
def _(logits, labels):
    return (_y(logits, labels) - _p(logits)) / len(logits)


@known(
    SOFTMAX_CROSS_ENTROPY, "the label's 1 is not taken off", "That is p / N. At each image's label take 1 off first."
)
def _(logits, labels):
    return _p(logits) / len(logits)


@known(
    SOFTMAX_CROSS_ENTROPY,
    "probabilities",
    "That is softmax itself. The gradient is p − y, over N: take 1 off at the label, and divide.",
)
def _(logits, labels):
    return _p(logits)


@known(
    SOFTMAX_CROSS_ENTROPY,
    "softmax down the columns",
    "The probabilities of a *class* add up to 1. Each image's have to: axis=1, keepdims=True.",
)
def _(logits, labels):
    return (_p(logits, 0) - _y(logits, labels)) / len(logits)


@known(
    SOFTMAX_CROSS_ENTROPY,
    "softmax over everything",
    "All probabilities together add up to 1. Each image's own have to: axis=1, keepdims=True.",
)
def _(logits, labels):
    raised = np.exp(logits - logits.max())
    return (raised / raised.sum() - _y(logits, labels)) / len(logits)


@known(
    SOFTMAX_CROSS_ENTROPY,
    "overflows",
    "exp(1000) is too large for any float, and inf / inf is NaN. Take each row's maximum off first; p stays the same.",
)
def _(logits, labels):
    with np.errstate(all="ignore"):
        raised = np.exp(logits.astype(float))
        return (raised / raised.sum(axis=1, keepdims=True) - _y(logits, labels)) / len(logits)


@known(
    SOFTMAX_CROSS_ENTROPY,
    "one maximum for the whole batch",
    "The largest logit of the *batch* was taken off. A row far below it is all zeros then, and 0/0 is NaN: "
    "each row needs its own maximum, logits.max(axis=1, keepdims=True).",
)
def _(logits, labels):
    with np.errstate(all="ignore"):
        raised = np.exp(logits - logits.max())
        return (raised / raised.sum(axis=1, keepdims=True) - _y(logits, labels)) / len(logits)


@known(
    SOFTMAX_CROSS_ENTROPY,
    "clipped logits",
    "The logits were clipped so that exp can take them, which changes the answer. Take each row's maximum off instead.",
)
def _(logits, labels):
    return (_p(np.clip(logits, -50, 50)) - _y(logits, labels)) / len(logits)


@known(
    SOFTMAX_CROSS_ENTROPY,
    "1 taken off in whole columns",
    "p[:, labels] -= 1 picks whole columns. One number for each row is meant: p[np.arange(N), labels] -= 1.",
)
def _(logits, labels):
    p = _p(logits)
    p[:, labels] -= 1
    return p / len(logits)


@known(SOFTMAX_CROSS_ENTROPY, "logits in place of p", "1 was taken off the logits. Turn them into probabilities first.")
def _(logits, labels):
    return (logits - _y(logits, labels)) / len(logits)


@known(
    SOFTMAX_CROSS_ENTROPY,
    "the label's own gradient only",
    "Only the label's logit has a gradient; all have one.",
)
def _(logits, labels):
    y = _y(logits, labels)
    return (_p(logits) - 1) * y / len(logits)


@known(SOFTMAX_CROSS_ENTROPY, "−1/p", "That is the gradient by the probabilities. By the logits it is p − y: shorter.")
def _(logits, labels):
    with np.errstate(all="ignore"):
        return -_y(logits, labels) / _p(logits) / len(logits)


@known(
    SOFTMAX_CROSS_ENTROPY,
    "one p·(1 − p) too many",
    "(p − y) was multiplied with p·(1 − p). Softmax's slope is in p − y already, nothing is left to multiply.",
)
def _(logits, labels):
    p = _p(logits)
    return (p - _y(logits, labels)) * p * (1 - p) / len(logits)


@known(SOFTMAX_CROSS_ENTROPY, "only p is divided by N", "The division caught p alone: (p − y) / N, with parentheses.")
def _(logits, labels):
    return _p(logits) / len(logits) - _y(logits, labels)


@known(SOFTMAX_CROSS_ENTROPY, "only y is divided by N", "The division caught y alone: (p − y) / N, with parentheses.")
def _(logits, labels):
    return _p(logits) - _y(logits, labels) / len(logits)


@known(
    SOFTMAX_CROSS_ENTROPY,
    "the mean over the images is taken",
    "The rows were averaged into one. Each image has its own row of the gradient; divide by N, do not add up.",
)
def _(logits, labels):
    return (_p(logits) - _y(logits, labels)).mean(axis=0)


@known(
    SOFTMAX_CROSS_ENTROPY,
    "works in the logits' own array",
    "The logits that came in were changed: -= works in place. Write logits = logits − maximum, a new array.",
)
def _(logits, labels):
    found = (_p(logits) - _y(logits, labels)) / len(logits)
    logits -= logits.max(axis=1, keepdims=True)
    return found
