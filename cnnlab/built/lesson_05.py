"""Lesson 05, ready-made: the gradients of every layer of the small network, and one step downhill."""

import numpy as np

from cnnlab.built.lesson_02 import conv2d
from cnnlab.built.lesson_03 import max_pool2d, relu
from cnnlab.built.lesson_04 import cross_entropy, linear, softmax
from cnnlab.layers import pair


def relu_backward(dout, x):
    """dout where x > 0, else 0 (at x = 0 as well); any shape."""
    return np.where(x > 0, dout, 0)


def linear_backward(dout, x, weight):
    """dx (N, in), dweight (out, in), dbias (out,) from dout (N, out), x (N, in), weight (out, in)."""
    return dout @ weight, dout.T @ x, dout.sum(axis=0)


def softmax_cross_entropy_backward(logits, labels):
    """The mean loss's gradient by the logits: logits (N, K), labels (N,) ints. Returns (N, K)."""
    dlogits = softmax(logits)
    dlogits[np.arange(len(labels)), labels] -= 1
    return dlogits / len(labels)


def max_pool2d_backward(dout, x, kernel, stride=None):
    """dx (N, C, H, W) from dout (N, C, H', W'); each window's winner, the first one row by row, gets its dout.

    kernel and stride are ints or (height, width); the stride is the kernel where it is None.
    """
    (kh, kw), (sh, sw) = pair(kernel), pair(kernel if stride is None else stride)
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(2, 3))[:, :, ::sh, ::sw]
    u, v = np.divmod(windows.reshape(*dout.shape, kh * kw).argmax(axis=-1), kw)
    image, channel, i, j = np.indices(dout.shape, sparse=True)
    dx = np.zeros(x.shape, dtype=_kind(dout))
    np.add.at(dx, (image, channel, i * sh + u, j * sw + v), dout)
    return dx


def avg_pool2d_backward(dout, x, kernel, stride=None):
    """dx (N, C, H, W) from dout (N, C, H', W'): every pixel of a window gets an equal share of its dout."""
    (kh, kw), (sh, sw) = pair(kernel), pair(kernel if stride is None else stride)
    dx = np.zeros(x.shape, dtype=_kind(dout))
    for u, v in np.ndindex(kh, kw):
        dx[_met(u, v, sh, sw, dout.shape)] += dout / (kh * kw)
    return dx


def conv2d_backward(dout, x, weight, stride=1, padding=0):
    """dx, dweight and dbias of a convolution, in the shapes of x, weight and bias.

    dout: (N, C_out, H', W'), x: (N, C_in, H, W), weight: (C_out, C_in, kh, kw); stride and padding are ints or pairs.
    """
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    (filters, channels, kh, kw), (images, _, rows, columns) = weight.shape, dout.shape
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    flat = dout.transpose(1, 0, 2, 3).reshape(filters, -1)
    dweight = np.empty(weight.shape, dtype=_kind(dout, x))
    dpadded = np.zeros(padded.shape, dtype=_kind(dout, weight))
    for u, v in np.ndindex(kh, kw):
        there = _met(u, v, sh, sw, dout.shape)
        dweight[:, :, u, v] = flat @ padded[there].transpose(0, 2, 3, 1).reshape(-1, channels)
        blame = weight[:, :, u, v].T @ flat
        dpadded[there] += blame.reshape(channels, images, rows, columns).swapaxes(0, 1)
    return dpadded[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]], dweight, dout.sum(axis=(0, 2, 3))


def numerical_gradient(f, x, h=1e-5):
    """Central differences of f, a function of one array, at x; x stays as it is."""
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[place] += h
        behind[place] -= h
        gradient[place] = (f(ahead) - f(behind)) / (2 * h)
    return gradient


def train_step(params, x, labels, lr):
    """One step of gradient descent on lesson 04's network: the loss before it, and the new parameters.

    params: conv_weight (F, 1, kh, kw), conv_bias (F,), fc_weight (K, D), fc_bias (K,); x: (N, 1, H, W).
    """
    maps = conv2d(x, params["conv_weight"], params["conv_bias"])
    active = relu(maps)
    pooled = max_pool2d(active, 2)
    features = pooled.reshape(len(x), -1)
    logits = linear(features, params["fc_weight"], params["fc_bias"])
    dlogits = softmax_cross_entropy_backward(logits, labels)
    dfeatures, dfc_weight, dfc_bias = linear_backward(dlogits, features, params["fc_weight"])
    dactive = max_pool2d_backward(dfeatures.reshape(pooled.shape), active, 2)
    _, dconv_weight, dconv_bias = conv2d_backward(relu_backward(dactive, maps), x, params["conv_weight"])
    gradients = {"conv_weight": dconv_weight, "conv_bias": dconv_bias, "fc_weight": dfc_weight, "fc_bias": dfc_bias}
    return cross_entropy(logits, labels), {key: params[key] - lr * gradients[key] for key in params}


def _met(u, v, sh, sw, shape):
    """The pixels that kernel place (u, v) meets, one for each stop."""
    rows, columns = shape[2:]
    return np.s_[:, :, u : u + sh * (rows - 1) + 1 : sh, v : v + sw * (columns - 1) + 1 : sw]


def _kind(*arrays):
    kind = np.result_type(*arrays)
    return kind if kind.kind == "f" else np.float64
