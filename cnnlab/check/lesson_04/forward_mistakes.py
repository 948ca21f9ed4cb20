"""forward: a step that is left out, or another one in its place. Wrong on purpose."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlab.check.cases import Mistake, known

FORWARD: list[Mistake] = []


def conv(x, weight, bias):
    patches = sliding_window_view(np.asarray(x), weight.shape[2:], axis=(2, 3))
    return np.einsum("nchwuv,fcuv->nfhw", patches, weight) + bias[:, None, None]


def pool(maps, stride=2, size=2, of=np.max):
    return of(sliding_window_view(maps, (size, size), axis=(2, 3))[:, :, ::stride, ::stride], axis=(4, 5))


def dense(maps, params):
    return maps.reshape(len(maps), -1) @ params["fc_weight"].T + params["fc_bias"]


def maps_of(params, x):
    return conv(x, params["conv_weight"], params["conv_bias"])


@known(
    FORWARD,
    "the ReLU is missing",
    "Numbers below zero reach the dense layer. Between convolution and pooling belongs a ReLU. Without it the network "
    "sees what speaks *against* its features as well.",
)
def _(params, x):
    return dense(pool(maps_of(params, x)), params)


@known(
    FORWARD, "the ReLU before the convolution", "The ReLU was laid over the pixels. It belongs after the convolution."
)
def _(params, x):
    return dense(pool(conv(np.maximum(x, 0), params["conv_weight"], params["conv_bias"])), params)


@known(FORWARD, "a ReLU on the logits", "Logits below zero were cut off. The last layer has no activation.")
def _(params, x):
    return np.maximum(dense(pool(np.maximum(maps_of(params, x), 0)), params), 0)


@known(FORWARD, "a sigmoid for the ReLU", "The maps were squeezed between 0 and 1. This network uses ReLU: max(0, x).")
def _(params, x):
    return dense(pool(0.5 + 0.5 * np.tanh(maps_of(params, x) / 2)), params)


@known(FORWARD, "a leaky ReLU", "Below zero something is left. This network uses the plain ReLU.")
def _(params, x):
    maps = maps_of(params, x)
    return dense(pool(np.where(maps > 0, maps, 0.01 * maps)), params)


@known(FORWARD, "the absolute value for the ReLU", "A strong no became a strong yes. ReLU sets it to 0.")
def _(params, x):
    return dense(pool(np.abs(maps_of(params, x))), params)


@known(
    FORWARD, "the bias of the convolution is forgotten", "conv_bias is not used. Each filter's map gets its own number."
)
def _(params, x):
    return dense(pool(np.maximum(conv(x, params["conv_weight"], 0 * params["conv_bias"]), 0)), params)


@known(
    FORWARD,
    "the bias comes after the ReLU",
    "The bias was added behind the ReLU. It belongs to the convolution: it decides how much a sum needs to pass.",
)
def _(params, x):
    maps = np.maximum(conv(x, params["conv_weight"], 0 * params["conv_bias"]), 0)
    return dense(pool(maps + params["conv_bias"][:, None, None]), params)


@known(
    FORWARD, "the bias of the dense layer is forgotten", "fc_bias is not used: one number for each class, at the end."
)
def _(params, x):
    return dense(pool(np.maximum(maps_of(params, x), 0)), params) - params["fc_bias"]


@known(FORWARD, "no bias at all", "Neither conv_bias nor fc_bias is used. Both layers have one.")
def _(params, x):
    maps = conv(x, params["conv_weight"], 0 * params["conv_bias"])
    return dense(pool(np.maximum(maps, 0)), params) - params["fc_bias"]


@known(FORWARD, "average pooling", "You took the mean of each window. This network takes the largest.")
def _(params, x):
    return dense(pool(np.maximum(maps_of(params, x), 0), of=np.mean), params)


@known(FORWARD, "the sum of each window", "You added up each window. Max pooling takes the largest.")
def _(params, x):
    return dense(pool(np.maximum(maps_of(params, x), 0), of=np.sum), params)


@known(FORWARD, "the smallest of each window", "You took the smallest of each window. Max pooling takes the largest.")
def _(params, x):
    return dense(pool(np.maximum(maps_of(params, x), 0), of=np.min), params)


@known(
    FORWARD,
    "too many features for the dense layer",
    "The dense layer gets more numbers than it has weights for. Is there a pooling with a stride of 2, and no padding "
    "anywhere? Print the shape before you flatten.",
)
def _(params, x):
    return dense(np.maximum(maps_of(params, x), 0), params)


@known(
    FORWARD,
    "every second number for pooling",
    "maps[:, :, ::2, ::2] keeps the top-left number of each window. Max pooling keeps the largest.",
)
def _(params, x):
    maps = np.maximum(maps_of(params, x), 0)
    even = maps[:, :, : maps.shape[2] // 2 * 2, : maps.shape[3] // 2 * 2]
    return dense(even[:, :, ::2, ::2], params)


@known(
    FORWARD,
    "zeros around the picture",
    "The convolution padded the picture. This one is unpadded: padding=0, which is conv2d's default.",
)
def _(params, x):
    kh, kw = params["conv_weight"].shape[2:]
    ph, pw = kh // 2, kw // 2
    return dense(pool(np.maximum(maps_of(params, np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))), 0)), params)


@known(
    FORWARD,
    "pooling before the convolution",
    "You pooled the pixels. The order is convolution, ReLU, pooling: first look closely, then throw places away.",
)
def _(params, x):
    return dense(np.maximum(maps_of(params, pool(x)), 0), params)


@known(
    FORWARD,
    "windows that overlap",
    "The pooling windows start 1 apart, so there are too many numbers for the dense layer. Here the stride is 2.",
)
def _(params, x):
    return dense(pool(np.maximum(maps_of(params, x), 0), stride=1), params)


@known(FORWARD, "the kernel is flipped", "The kernel was turned by 180°. Deep learning's convolution does not flip.")
def _(params, x):
    maps = conv(x, params["conv_weight"][:, :, ::-1, ::-1], params["conv_bias"])
    return dense(pool(np.maximum(maps, 0)), params)


@known(FORWARD, "the kernel is transposed", "Rows and columns of the kernel were swapped.")
def _(params, x):
    maps = conv(x, params["conv_weight"].transpose(0, 1, 3, 2), params["conv_bias"])
    return dense(pool(np.maximum(maps, 0)), params)
