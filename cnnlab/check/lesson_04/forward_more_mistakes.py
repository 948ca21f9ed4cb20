"""forward: flattening, the dense layer, batches and filters, and what comes out. Wrong on purpose."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.check.cases import Mistake, known

FORWARD_MORE: list[Mistake] = []

LEFT_OVER = (
    "A last row or column that fills no window is dropped. max_pool2d does it by itself; a pooling by reshape needs it "
    "cut off first, and one that rounds up makes a number too many."
)


def conv(x, weight, bias):
    patches = sliding_window_view(np.asarray(x), weight.shape[2:], axis=(2, 3))
    return np.einsum("nchwuv,fcuv->nfhw", patches, weight) + bias[:, None, None]


def pool(maps, stride=2, size=2, of=np.max):
    return of(sliding_window_view(maps, (size, size), axis=(2, 3))[:, :, ::stride, ::stride], axis=(4, 5))


def dense(maps, params):
    return maps.reshape(len(maps), -1) @ params["fc_weight"].T + params["fc_bias"]


def maps_of(params, x):
    return conv(x, params["conv_weight"], params["conv_bias"])


def _pooled(params, x):
    return pool(np.maximum(maps_of(params, x), 0))


@known(
    FORWARD_MORE,
    "the dense weights are not transposed",
    "fc_weight is (K, D), a row for each class: features @ fc_weight.T, or your linear.",
)
def _(params, x):
    return _pooled(params, x).reshape(len(x), -1) @ params["fc_weight"] + params["fc_bias"]


@known(
    FORWARD_MORE,
    "flattened with the filters last",
    "The features come place by place (h, w, F). Here they come filter by filter: reshape (N, F, h, w) as it is.",
)
def _(params, x):
    return dense(_pooled(params, x).transpose(0, 2, 3, 1), params)


@known(
    FORWARD_MORE,
    "flattened column by column",
    "The features were read down the columns. reshape reads along the rows; leave out order='F' and .T.",
)
def _(params, x):
    return dense(_pooled(params, x).transpose(0, 1, 3, 2), params)


@known(
    FORWARD_MORE, "flattened backwards", "The features come in reverse. Row by row, filter by filter, first to last."
)
def _(params, x):
    return _pooled(params, x).reshape(len(x), -1)[:, ::-1] @ params["fc_weight"].T + params["fc_bias"]


@known(
    FORWARD_MORE,
    "pictures mixed up in the reshape",
    "The batch axis moved behind the filters before the reshape, so features of several pictures share a row. "
    "Keep N in front: reshape(N, −1).",
)
def _(params, x):
    features = _pooled(params, x).transpose(1, 0, 2, 3).reshape(len(x), -1)
    return features @ params["fc_weight"].T + params["fc_bias"]


@known(
    FORWARD_MORE,
    "the whole batch in one row",
    "All pictures were flattened into one long row. Every picture keeps its own: reshape(N, −1).",
)
def _(params, x):
    return _pooled(params, x).reshape(1, -1) @ params["fc_weight"].T + params["fc_bias"]


@known(FORWARD_MORE, "the first picture only", "Only the first picture came through. x holds N of them.")
def _(params, x):
    return dense(_pooled(params, x[:1]), params)


@known(FORWARD_MORE, "the first picture for all", "Every row of your answer belongs to the first picture.")
def _(params, x):
    return np.repeat(dense(_pooled(params, x[:1]), params), len(x), axis=0)


@known(FORWARD_MORE, "the first filter for all", "Every map was made by the first filter. Each has weights of its own.")
def _(params, x):
    weight = np.repeat(params["conv_weight"][:1], len(params["conv_weight"]), axis=0)
    return dense(pool(np.maximum(conv(x, weight, params["conv_bias"]), 0)), params)


@known(FORWARD_MORE, "one bias for all filters", "Every filter got the first bias. Filter f has its own, conv_bias[f].")
def _(params, x):
    bias = np.repeat(params["conv_bias"][:1], len(params["conv_bias"]))
    return dense(pool(np.maximum(conv(x, params["conv_weight"], bias), 0)), params)


@known(FORWARD_MORE, "filters in reverse", "The maps come in reverse order. Map f belongs to filter f.")
def _(params, x):
    return dense(_pooled(params, x)[:, ::-1], params)


@known(FORWARD_MORE, "probabilities", "You return softmax of the logits. Return the logits; the loss does the softmax.")
def _(params, x):
    logits = dense(_pooled(params, x), params)
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


@known(FORWARD_MORE, "the class, no logits", "You return which class won. Return all logits, (N, K).")
def _(params, x):
    return dense(_pooled(params, x), params).argmax(axis=1)


@known(FORWARD_MORE, "the features", "You return the flattened features. The dense layer is still to come.")
def _(params, x):
    return _pooled(params, x).reshape(len(x), -1)


@known(FORWARD_MORE, "the pooled maps", "You return the pooled maps. Flatten them, then the dense layer.")
def _(params, x):
    return _pooled(params, x)


@known(FORWARD_MORE, "one row, no batch", "The answer for one picture is (1, K), not (K,): the batch axis stays.")
def _(params, x):
    return np.squeeze(dense(_pooled(params, x), params))


@known(FORWARD_MORE, "pictures in columns", "The answer is (K, N), and (N, K) is expected.")
def _(params, x):
    return dense(_pooled(params, x), params).T


@known(
    FORWARD_MORE,
    "a last window that is not full",
    LEFT_OVER,
)
def _(params, x):
    maps = np.maximum(maps_of(params, x), 0)
    return dense(pool(np.pad(maps, ((0, 0), (0, 0), (0, maps.shape[2] % 2), (0, maps.shape[3] % 2)))), params)


@known(
    FORWARD_MORE,
    "the first row is dropped",
    "Where a side is odd you drop the *first* row or column. Windows start at the top left; the last one is dropped.",
)
def _(params, x):
    maps = np.maximum(maps_of(params, x), 0)
    return dense(pool(maps[:, :, maps.shape[2] % 2 :, maps.shape[3] % 2 :]), params)


@known(
    FORWARD_MORE,
    "pooling by reshape",
    LEFT_OVER,
)
def _(params, x):
    maps = np.maximum(maps_of(params, x), 0)
    n, filters, height, width = maps.shape
    return dense(maps.reshape(n, filters, height // 2, 2, width // 2, 2).max(axis=(3, 5)), params)


@known(FORWARD_MORE, "cut to whole numbers", "Fractions were cut off on the way. Make arrays with np.zeros(shape).")
def _(params, x):
    return dense(_pooled(params, x).astype(int), params)


@known(FORWARD_MORE, "writes into its pictures", "Your function changed x. Work on new arrays.")
def _(params, x):
    out = dense(_pooled(params, x), params)
    x *= 0
    return out


@known(FORWARD_MORE, "writes into its parameters", "Your function changed params. Whoever called it still needs them.")
def _(params, x):
    out = dense(_pooled(params, x), params)
    params["fc_bias"] = 0 * params["fc_bias"]
    return out


@known(FORWARD_MORE, "the batch scaled to 1", "x was divided by its largest number. Take the pixels as they come.")
def _(params, x):
    return dense(_pooled(params, x / np.abs(x).max()), params)


@known(FORWARD_MORE, "square maps only", "The maps' height was taken for their width as well. Read both off the shape.")
def _(params, x):
    maps = np.maximum(maps_of(params, x), 0)
    side = min(maps.shape[2:])
    return dense(pool(maps[:, :, :side, :side]), params)
