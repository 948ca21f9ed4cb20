"""What goes wrong in normalise and confusion_matrix."""

from __future__ import annotations

import sys

import numpy as np

from cnnlab.check.cases import Mistake, known

NORMALISE: list[Mistake] = []
CONFUSION_MATRIX: list[Mistake] = []


def _torch():
    return sys.modules.get("torch")


def _is_tensor(x):
    return _torch() is not None and isinstance(x, _torch().Tensor)


def _floats(images):
    return images.float() if _is_tensor(images) else images.astype(np.float32)


@known(NORMALISE, "0 to 1", "x/255 goes from 0 to 1. Subtract 0.5 and divide by 0.5 as well: −1 to 1.")
def zero_to_one(images):
    return _floats(images)[:, None] / 255


@known(NORMALISE, "not divided by 0.5", "x/255 − 0.5 goes from −0.5 to 0.5; divide by the 0.5 too.")
def half(images):
    return _floats(images)[:, None] / 255 - 0.5


@known(NORMALISE, "not divided by 255", "The 0.5 belongs to pixels from 0 to 1: divide by 255 first.")
def not_scaled(images):
    return (_floats(images)[:, None] - 0.5) / 0.5


@known(NORMALISE, "divided by 256", "The largest byte is 255; divided by 256 it never becomes 1.")
def by_256(images):
    return (_floats(images)[:, None] / 256 - 0.5) / 0.5


@known(NORMALISE, "no channel axis", "The network wants (N, 1, 28, 28): put an axis of length 1 in second place.")
def no_channel(images):
    return (_floats(images) / 255 - 0.5) / 0.5


@known(NORMALISE, "the channel comes last", "That is (N, 28, 28, 1); PyTorch wants the channel second: (N, 1, 28, 28).")
def channel_last(images):
    return ((_floats(images) / 255 - 0.5) / 0.5)[..., None]


@known(
    NORMALISE, "the channel comes first", "That is (1, N, 28, 28): one picture with N channels. The channel is second."
)
def channel_first(images):
    return ((_floats(images) / 255 - 0.5) / 0.5)[None]


@known(
    NORMALISE,
    "its own mean and deviation",
    "Here both are 0.5, fixed numbers: with each batch's own mean a white picture would look like a black one.",
)
def own_statistics(images):
    x = _floats(images)[:, None] / 255
    return (x - x.mean()) / (x.std() + 1e-6)


@known(NORMALISE, "float64", "Ask for float32, the type of the network's own numbers: .astype(np.float32) or .float().")
def double(images):
    x = images.double() if _is_tensor(images) else images.astype(np.float64)
    return (x[:, None] / 255 - 0.5) / 0.5


@known(
    NORMALISE, "bytes wrap around", "Bytes hold 0 to 255: subtract after the pictures have become floats, not before."
)
def bytes_wrap(images):
    return _floats(images - 128)[:, None] / 128


@known(NORMALISE, "upside down", "−1 is black and 1 is white: (x/255 − 0.5)/0.5, not the other way round.")
def inverted(images):
    return (0.5 - _floats(images)[:, None] / 255) / 0.5


def _matrix(predicted, actual, classes, dtype=np.int64):
    found = np.zeros((classes, classes), dtype)
    np.add.at(found, (np.asarray(actual), np.asarray(predicted)), 1)
    return found


def _as(found, predicted):
    return _torch().from_numpy(found) if _is_tensor(predicted) else found


@known(
    CONFUSION_MATRIX,
    "rows and columns changed places",
    "Rows are what the pictures are, columns what they were called: found[actual, predicted].",
)
def transposed(predicted, actual, classes):
    return _as(_matrix(actual, predicted, classes), predicted)


@known(
    CONFUSION_MATRIX,
    "each pair counts once",
    "found[actual, predicted] += 1 writes each place once, however often the pair occurs. np.add.at, bincount, a loop "
    "count every one.",
)
def each_pair_once(predicted, actual, classes):
    found = np.zeros((classes, classes), np.int64)
    found[np.asarray(actual), np.asarray(predicted)] += 1
    return _as(found, predicted)


@known(CONFUSION_MATRIX, "shares, not counts", "Divide later, if at all: the matrix holds how many, as whole numbers.")
def shares(predicted, actual, classes):
    found = _matrix(predicted, actual, classes)
    return _as(found / np.maximum(found.sum(axis=1, keepdims=True), 1), predicted)


@known(CONFUSION_MATRIX, "floats", "Counts are whole numbers: make the matrix with an integer dtype.")
def floats(predicted, actual, classes):
    return _as(_matrix(predicted, actual, classes, np.float64), predicted)


@known(CONFUSION_MATRIX, "the right answers left out", "The diagonal counts too: it is what was called rightly.")
def no_diagonal(predicted, actual, classes):
    found = _matrix(predicted, actual, classes)
    np.fill_diagonal(found, 0)
    return _as(found, predicted)


@known(
    CONFUSION_MATRIX,
    "as many classes as occur",
    "The matrix has `classes` rows and columns, also for a class that no picture has.",
)
def seen_classes(predicted, actual, classes):
    p, a = np.asarray(predicted), np.asarray(actual)
    seen = int(max(p.max(initial=0), a.max(initial=0))) + 1
    return _as(_matrix(p, a, seen), predicted)


@known(CONFUSION_MATRIX, "bytes overflow", "A count can be more than 255, or 127: use a wide integer type, int64.")
def narrow(predicted, actual, classes):
    return _as(_matrix(predicted, actual, classes, np.int8), predicted)


@known(
    CONFUSION_MATRIX, "right answers only", "Off the diagonal stand the confusions: those are what the matrix is for."
)
def only_diagonal(predicted, actual, classes):
    return _as(np.diag(np.diag(_matrix(predicted, actual, classes))), predicted)


@known(CONFUSION_MATRIX, "an array for tensors", "Tensors came in, so a tensor should come out.")
def always_an_array(predicted, actual, classes):
    return _matrix(predicted, actual, classes)
