"""What goes wrong in linear and forward."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.check.exercise import Mistake, known

LINEAR: list[Mistake] = []
FORWARD: list[Mistake] = []


@known(LINEAR, "the weight is not transposed", "weight is (out, in): x (N, in) meets its transpose, x @ weight.T.")
def not_transposed(x, weight, bias):
    return x @ weight + bias


@known(LINEAR, "the bias is left out", "Each output has its bias: add it to every row.")
def no_bias(x, weight, bias):
    return x @ weight.T


@known(LINEAR, "the bias is subtracted", "The bias is added.")
def minus_bias(x, weight, bias):
    return x @ weight.T - bias


@known(
    LINEAR,
    "the bias runs along the batch",
    "One bias for each *output*, that is for each column; a bare `+ bias` does that.",
)
def bias_along_the_batch(x, weight, bias):
    out = x @ weight.T
    return out + np.resize(bias, len(x))[:, None]


@known(LINEAR, "the result is transposed", "The result is (N, out): a row for each picture.")
def result_transposed(x, weight, bias):
    return (x @ weight.T + bias).T


@known(LINEAR, "the first picture only", "x is a batch: a row comes out for each row that goes in.")
def first_picture(x, weight, bias):
    return np.repeat((x @ weight.T + bias)[:1], len(x), axis=0)


@known(LINEAR, "multiplied cell by cell", "A dense layer sums over the inputs: @, not *.")
def cell_by_cell(x, weight, bias):
    return x * weight[:1] + bias[0]


@known(LINEAR, "a mean over the inputs", "The products are summed, not averaged.")
def averaged(x, weight, bias):
    return x @ weight.T / x.shape[1] + bias


@known(LINEAR, "bytes overflow", "Bytes hold 0 to 255: convert before you multiply.")
def bytes_overflow(x, weight, bias):
    return (x @ weight.T.astype(x.dtype) + bias.astype(x.dtype)) if x.dtype == np.uint8 else x @ weight.T + bias


@known(LINEAR, "a ReLU inside", "The layer itself is linear: what is negative stays negative.")
def with_relu(x, weight, bias):
    return np.maximum(x @ weight.T + bias, 0)


def _relu(maps):
    return np.maximum(maps, 0)


def _conv(x, weight, bias):
    windows = sliding_window_view(x[:, 0], weight.shape[2:], axis=(1, 2))
    return np.einsum("nhwuv,ouv->nohw", windows, weight[:, 0]) + bias[:, None, None]


def _pool(maps, how=np.max, stride=2):
    windows = sliding_window_view(maps, (2, 2), axis=(2, 3))[:, :, ::stride, ::stride]
    return how(windows, axis=(4, 5))


def _net(
    params, x, conv=_conv, relu=_relu, pool=_pool, flatten=lambda maps: maps.reshape(len(maps), -1), end=lambda z: z
):
    """The network with some of its steps changed."""
    features = flatten(pool(relu(conv(x, params["conv_weight"], params["conv_bias"]))))
    return end(features @ params["fc_weight"].T + params["fc_bias"])


@known(FORWARD, "no ReLU", "Between convolution and pool what is negative becomes 0.")
def no_relu(params, x):
    return _net(params, x, relu=lambda maps: maps)


@known(FORWARD, "the size without its sign", "ReLU turns what is negative into 0, not into its size.")
def absolute(params, x):
    return _net(params, x, relu=np.abs)


@known(FORWARD, "average pooling", "The pool takes the largest of each 2 × 2 window.")
def average_pool(params, x):
    return _net(params, x, pool=lambda maps: _pool(maps, np.mean))


@known(
    FORWARD,
    "no pooling fits the dense layer",
    "Between ReLU and flatten a 2 × 2 max pool with stride 2 halves each side.",
)
def no_pool(params, x):
    return _net(params, x, pool=lambda maps: maps)


@known(
    FORWARD,
    "pooling with stride 1",
    "The windows stand side by side: stride 2. With stride 1 there are too many features for the dense layer.",
)
def pool_stride_one(params, x):
    return _net(params, x, pool=lambda maps: _pool(maps, stride=1))


@known(FORWARD, "softmax at the end", "Logits are asked for: softmax is the next step, not part of this one.")
def softmax_end(params, x):
    def soft(z):
        raised = np.exp(z - z.max(axis=1, keepdims=True))
        return raised / raised.sum(axis=1, keepdims=True)

    return _net(params, x, end=soft)


@known(FORWARD, "ReLU on the logits", "The last layer's numbers may be negative: they are logits.")
def relu_end(params, x):
    return _net(params, x, end=_relu)


@known(FORWARD, "the kernel is flipped", "Deep learning's convolution does not flip the kernel.")
def flipped(params, x):
    return _net(params, x, conv=lambda x, w, b: _conv(x, w[:, :, ::-1, ::-1], b))


@known(FORWARD, "the convolution's bias is left out", "Each map gets its filter's bias before the ReLU.")
def no_conv_bias(params, x):
    return _net(params, x, conv=lambda x, w, b: _conv(x, w, 0 * b))


@known(
    FORWARD,
    "the convolution's bias after the ReLU",
    "First add the bias, then ReLU: the bias decides what becomes 0.",
)
def bias_after_relu(params, x):
    b = params["conv_bias"][:, None, None]
    return _net(params, x, conv=lambda x, w, _: _conv(x, w, 0 * params["conv_bias"]), relu=lambda m: _relu(m) + b)


@known(FORWARD, "the first bias for all maps", "Map f gets conv_bias[f].")
def first_bias(params, x):
    return _net(params, x, conv=lambda x, w, b: _conv(x, w, np.full_like(b, b[0])))


@known(FORWARD, "the dense layer's bias is left out", "The dense layer adds fc_bias to every row.")
def no_fc_bias(params, x):
    return _net(params, x) - params["fc_bias"]


@known(
    FORWARD,
    "flattened with the channels last",
    "Flatten reads (F, h, w) in that order: the map is the slowest axis.",
)
def channels_last(params, x):
    return _net(params, x, flatten=lambda maps: maps.transpose(0, 2, 3, 1).reshape(len(maps), -1))


@known(FORWARD, "flattened column by column", "Flatten reads row by row, as reshape does.")
def by_columns(params, x):
    return _net(params, x, flatten=lambda maps: maps.transpose(0, 1, 3, 2).reshape(len(maps), -1))


@known(FORWARD, "the batch is flattened too", "flatten keeps the batch axis: reshape(N, −1), not reshape(−1).")
def all_flat(params, x):
    return _net(params, x, flatten=lambda maps: maps.reshape(1, -1))


@known(
    FORWARD,
    "the batch and the maps are mixed",
    "A reshape that begins with the maps mixes pictures: N stays the first axis.",
)
def mixed(params, x):
    return _net(params, x, flatten=lambda maps: maps.transpose(1, 0, 2, 3).reshape(maps.shape[0], -1))


@known(FORWARD, "the first filter only", "Each of the F filters gives a map.")
def first_filter(params, x):
    return _net(params, x, conv=lambda x, w, b: np.repeat(_conv(x, w[:1], b[:1]), len(w), axis=1))


@known(FORWARD, "the first picture only", "x is a batch: logits for each picture.")
def first_of_batch(params, x):
    return np.repeat(_net(params, x[:1]), len(x), axis=0)


@known(
    FORWARD,
    "the pool keeps the leftover row and column",
    "A last row or column without a partner is dropped: floor.",
)
def keeps_leftovers(params, x):
    def pool(maps):
        rows, columns = maps.shape[2] % 2, maps.shape[3] % 2
        return _pool(np.pad(maps, ((0, 0), (0, 0), (0, rows), (0, columns))))

    return _net(params, x, pool=pool)


@known(
    FORWARD,
    "the pool drops the first row and column",
    "Windows begin at the first row and column; what is left over is the *last* one.",
)
def drops_the_first(params, x):
    def pool(maps):
        return _pool(maps[:, :, maps.shape[2] % 2 :, maps.shape[3] % 2 :])

    return _net(params, x, pool=pool)


@known(FORWARD, "the order of ReLU and convolution", "The ReLU comes after the convolution.")
def relu_first(params, x):
    return _net(params, np.maximum(x, 0), relu=lambda maps: maps)


@known(FORWARD, "bytes overflow", "Bytes hold 0 to 255: convert before you multiply.")
def forward_bytes(params, x):
    kept = x.astype(np.int8).astype(float) if x.dtype == np.uint8 else x
    return _net(params, kept)


@known(FORWARD, "a leaky ReLU", "What is negative becomes 0, all of it.")
def leaky(params, x):
    return _net(params, x, relu=lambda maps: np.where(maps > 0, maps, 0.01 * maps))
