"""Right answers of lesson 04, each written in another way; no check may refuse one."""

import functools
import math

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view


def by_einsum(x, weight, bias):
    return np.einsum("ni,oi->no", x, weight) + bias


def by_loops(x, weight, bias):
    out = np.zeros((x.shape[0], weight.shape[0]))
    for n in range(x.shape[0]):
        for k in range(weight.shape[0]):
            out[n, k] = bias[k]
            for i in range(x.shape[1]):
                out[n, k] += float(x[n, i]) * weight[k, i]
    return out


def columns_first(x, weight, bias):
    return (weight @ x.T + bias[:, None]).T


def with_a_one(x, weight, bias):
    wide = np.hstack([x, np.ones((len(x), 1))])
    return wide @ np.column_stack([weight, bias]).T


class Dense:
    def __call__(self, x, weight, bias):
        return np.dot(x, np.transpose(weight)) + np.reshape(bias, (1, -1))


LINEAR = [
    lambda x, weight, bias: x @ weight.T + bias,
    by_einsum,
    by_loops,
    columns_first,
    with_a_one,
    Dense(),
    functools.partial(lambda flag, x, weight, bias: np.inner(x, weight) + bias, True),
    lambda x, weight, bias: (x[:, None, :] * weight[None]).sum(axis=2, dtype=float) + bias,
]


def shifted(logits):
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def row_by_row(logits):
    out = np.zeros(logits.shape)
    for n, row in enumerate(logits):
        powers = [math.exp(float(z) - float(max(row))) for z in row]
        out[n] = [power / sum(powers) for power in powers]
    return out


def by_the_log(logits):
    z = logits - np.max(logits, axis=-1)[:, None]
    return np.exp(z - np.log(np.sum(np.exp(z), axis=-1))[:, None])


def against_each_other(logits):
    z = logits.astype(float)
    with np.errstate(over="ignore"):
        return 1 / np.exp(z[:, None, :] - z[:, :, None]).sum(axis=2)


def turned(logits):
    columns = logits.T - logits.T.max(axis=0)
    return (np.exp(columns) / np.exp(columns).sum(axis=0)).T


def single(logits):
    z = logits.astype(np.float32)
    z = z - z.max(1, keepdims=True)
    return np.exp(z) / np.exp(z).sum(1, keepdims=True) if logits.dtype == np.float32 else shifted(logits)


def in_a_copy(logits):
    z = np.array(logits, dtype=float)
    z -= z.max(axis=1)[:, np.newaxis]
    np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    return z


class Softmax:
    def __call__(self, logits):
        print("softmax of", logits.shape)
        return np.apply_along_axis(lambda row: shifted(row[None])[0], 1, logits * 1.0)


SOFTMAX = [
    shifted,
    row_by_row,
    by_the_log,
    against_each_other,
    turned,
    single,
    in_a_copy,
    Softmax(),
    functools.partial(shifted),
]


def log_sum_exp(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels]))


def one_by_one(logits, labels):
    total = 0.0
    for row, label in zip(logits, labels, strict=True):
        top = float(max(row))
        total += top + math.log(sum(math.exp(float(z) - top) for z in row)) - float(row[label])
    return total / len(labels)


def with_rows_of_0_and_1(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -(np.eye(logits.shape[1])[labels] * log_p).sum() / len(labels)


def by_logaddexp(logits, labels):
    return np.mean(np.logaddexp.reduce(logits * 1.0, axis=1) - logits[range(len(labels)), labels])


def by_take_along_axis(logits, labels):
    log_p = logits - np.logaddexp.reduce(logits * 1.0, axis=1, keepdims=True)
    picked = np.take_along_axis(log_p, labels.astype(int)[:, None], axis=1)
    return np.array(-picked.mean())


def from_differences(logits, labels):
    own = logits[np.arange(len(labels)), labels].astype(float)[:, None]
    gaps = logits - own
    top = gaps.max(axis=1, keepdims=True)
    return float((top[:, 0] + np.log(np.exp(gaps - top).sum(axis=1))).mean())


class Loss:
    def __call__(self, logits, labels):
        return np.float64(log_sum_exp(logits, labels))


CROSS_ENTROPY = [
    log_sum_exp,
    one_by_one,
    with_rows_of_0_and_1,
    by_logaddexp,
    by_take_along_axis,
    from_differences,
    Loss(),
    functools.partial(log_sum_exp),
    lambda logits, labels: np.float32(log_sum_exp(logits, labels)) if logits.dtype == np.float32 else log_sum_exp(
        logits, labels
    ),
]  # fmt: skip


def maps_by_einsum(params, x):
    weight = params["conv_weight"]
    windows = sliding_window_view(x, weight.shape[2:], axis=(2, 3))
    return np.einsum("nchwuv,fcuv->nfhw", windows, weight) + params["conv_bias"].reshape(1, -1, 1, 1)


def with_windows(params, x):
    maps = np.maximum(maps_by_einsum(params, x), 0)
    pooled = sliding_window_view(maps, (2, 2), axis=(2, 3))[:, :, ::2, ::2].max(axis=(4, 5))
    return pooled.reshape(x.shape[0], -1) @ params["fc_weight"].T + params["fc_bias"]


def pooled_before_relu(params, x):
    maps = maps_by_einsum(params, x)
    n, filters, height, width = maps.shape
    even = maps[:, :, : height // 2 * 2, : width // 2 * 2]
    pooled = even.reshape(n, filters, height // 2, 2, width // 2, 2).max(axis=(3, 5))
    return np.dot(np.clip(pooled, 0, None).reshape(n, -1), params["fc_weight"].T) + params["fc_bias"]


def all_loops(params, x):
    weight, bias = params["conv_weight"], params["conv_bias"]
    (filters, _, kh, kw), (n, _, height, width) = weight.shape, x.shape
    rows, columns = (height - kh + 1) // 2, (width - kw + 1) // 2
    out = np.zeros((n, len(params["fc_bias"])))
    for k in range(n):
        features = []
        for f in range(filters):
            for i in range(rows):
                for j in range(columns):
                    stops = [
                        (x[k, 0, 2 * i + a : 2 * i + a + kh, 2 * j + b : 2 * j + b + kw] * weight[f, 0]).sum() + bias[f]
                        for a in (0, 1)
                        for b in (0, 1)
                    ]
                    features.append(max(0, *stops))
        out[k] = params["fc_weight"] @ np.array(features) + params["fc_bias"]
    return out


def bias_last(params, x):
    """Max pooling and a constant commute, so the bias may wait until after pooling, if ReLU waits too."""
    maps = maps_by_einsum({**params, "conv_bias": 0 * params["conv_bias"]}, x)
    n, _, height, width = maps.shape
    corners = [maps[:, :, a : height // 2 * 2 : 2, b : width // 2 * 2 : 2] for a in (0, 1) for b in (0, 1)]
    pooled = np.maximum.reduce(corners) + params["conv_bias"][None, :, None, None]
    return np.maximum(pooled, 0).reshape(n, -1) @ params["fc_weight"].T + params["fc_bias"]


def picture_by_picture(params, x):
    return np.concatenate([with_windows(params, picture[None]) for picture in x])


def ready_made(params, x):
    from cnnlab.built.lesson_02 import conv2d
    from cnnlab.built.lesson_03 import max_pool2d, relu

    maps = max_pool2d(relu(conv2d(x, params["conv_weight"], params["conv_bias"])), (2, 2))
    return np.einsum("nd,kd->nk", maps.reshape(maps.shape[0], -1), params["fc_weight"]) + params["fc_bias"]


def by_columns(params, x):
    weight = params["conv_weight"]
    windows = sliding_window_view(x[:, 0], weight.shape[2:], axis=(1, 2))
    n, rows, columns = windows.shape[:3]
    maps = windows.reshape(n, rows * columns, -1) @ weight.reshape(len(weight), -1).T + params["conv_bias"]
    maps = np.maximum(maps, 0).reshape(n, rows, columns, -1)
    even = np.ascontiguousarray(maps[:, : rows // 2 * 2, : columns // 2 * 2])
    s = even.strides
    blocks = as_strided(
        even, (n, rows // 2, columns // 2, 2, 2, maps.shape[3]), (s[0], 2 * s[1], 2 * s[2], s[1], s[2], s[3])
    )
    features = blocks.max(axis=(3, 4)).transpose(0, 3, 1, 2).reshape(n, -1)
    return features @ params["fc_weight"].T + params["fc_bias"]


class Network:
    def __call__(self, params, x):
        return with_windows({name: np.asarray(value) for name, value in params.items()}, np.ascontiguousarray(x))


FORWARD = [
    with_windows,
    pooled_before_relu,
    all_loops,
    bias_last,
    picture_by_picture,
    ready_made,
    by_columns,
    Network(),
    functools.partial(with_windows),
]


def steps_of(example):
    image, kernel = example["image"], example["kernel"]
    steps = {"maps": np.einsum("ijuv,uv->ij", sliding_window_view(image, kernel.shape), kernel) + example["bias"]}
    steps["relu"] = np.maximum(steps["maps"], 0)
    side, stride = example["pool"], example["pool_stride"]
    steps["pooled"] = sliding_window_view(steps["relu"], (side, side))[::stride, ::stride].max(axis=(2, 3))
    steps["features"] = steps["pooled"].reshape(-1)
    steps["logits"] = example["fc_weight"] @ steps["features"] + example["fc_bias"]
    steps["p"] = np.exp(steps["logits"]) / np.exp(steps["logits"]).sum()
    steps["loss"] = -np.log(steps["p"][example["label"]])
    steps["dlogits"] = steps["p"].copy()
    steps["dlogits"][example["label"]] -= 1
    steps["dweight"] = np.outer(steps["dlogits"], steps["features"])
    steps["dfeatures"] = example["fc_weight"].T @ steps["dlogits"]
    return steps


def the_first(example):
    right = steps_of(example)
    for name, printed in example["steps"].items():
        if np.shape(printed) != np.shape(right[name]) or not np.allclose(printed, right[name], atol=5e-3):
            return name, right[name]
    return None


def from_what_is_printed(example):
    """Each step from the printed one before it: the first that is off is the same."""
    done = {}
    for name, printed in example["steps"].items():
        right = np.asarray(one_step(name, example, done))
        if np.shape(printed) != right.shape or np.abs(printed - right).max() > 0.005:
            return [name, right]
        done[name] = printed
    return None


def one_step(name, example, done):
    if name == "maps":
        return steps_of(example)["maps"]
    if name == "relu":
        return done["maps"] * (done["maps"] > 0)
    if name == "pooled":
        side, stride = example["pool"], example["pool_stride"]
        return sliding_window_view(done["relu"], (side, side))[::stride, ::stride].max(axis=(2, 3))
    if name == "features":
        return np.array(done["pooled"]).flatten()
    if name == "logits":
        return np.dot(example["fc_weight"], done["features"]) + example["fc_bias"]
    if name == "p":
        return shifted(np.atleast_2d(done["logits"]))[0]
    if name == "loss":
        return -math.log(done["p"][example["label"]])
    if name == "dlogits":
        return done["p"] - (np.arange(len(done["p"])) == example["label"])
    if name == "dweight":
        return done["dlogits"][:, None] * done["features"][None, :]
    return done["dlogits"] @ example["fc_weight"]


def rounded(example):
    name, value = the_first(example)
    return name, np.round(value, 4)


def with_a_plain_float(example):
    name, value = the_first(example)
    return (name, float(value)) if np.ndim(value) == 0 else (name, np.array(value.tolist()))


class Detective:
    def __call__(self, example):
        return tuple(the_first(example))


FIND_THE_SLIP = [
    the_first,
    from_what_is_printed,
    rounded,
    with_a_plain_float,
    Detective(),
    lambda example: list(the_first(example)),
    functools.partial(the_first),
]
