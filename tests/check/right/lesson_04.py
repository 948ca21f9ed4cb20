"""Right answers of lesson 04, each written in another way; no check may refuse one."""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def soft(logits):
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def soft_by_rows(logits):
    rows = []
    for row in logits:
        powers = [math.exp(float(z) - float(max(row))) for z in row]
        rows.append([p / sum(powers) for p in powers])
    return np.array(rows)


def soft_by_logs(logits):
    z = np.asarray(logits, dtype=np.float64)
    return np.exp(z - np.logaddexp.reduce(z, axis=-1)[:, None])


def soft_by_differences(logits):
    z = logits.astype(float)
    with np.errstate(over="ignore"):
        return 1 / np.exp(z[:, None, :] - z[:, :, None]).sum(axis=2)


def soft_keeping_dtype(logits):
    out = soft(logits)
    return out.astype(np.float32) if logits.dtype == np.float32 else np.asfortranarray(out)


SOFTMAX = [soft, soft_by_rows, soft_by_logs, soft_by_differences, soft_keeping_dtype]


def loss(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(labels)), labels]))


def loss_by_rows(logits, labels):
    total = 0.0
    for row, label in zip(logits, labels, strict=True):
        top = float(max(row))
        total += top + math.log(sum(math.exp(float(z) - top) for z in row)) - float(row[label])
    return total / len(labels)


def loss_by_logaddexp(logits, labels):
    z = np.asarray(logits, float)
    return (np.logaddexp.reduce(z, axis=1) - np.take_along_axis(z, np.asarray(labels, int)[:, None], 1)[:, 0]).mean()


def loss_by_one_hot(logits, labels):
    hot = np.eye(logits.shape[1])[labels]
    z = logits.astype(np.float64) - logits.max(1)[:, None]
    log = z - np.log(np.sum(np.exp(z), axis=1))[:, None]
    return -np.sum(hot * log) / len(logits)


CROSS_ENTROPY = [loss, loss_by_rows, loss_by_logaddexp, loss_by_one_hot]


def dense(x, weight, bias):
    return x @ weight.T + bias if x.dtype != np.uint8 else x.astype(int) @ weight.T + bias


def dense_by_einsum(x, weight, bias):
    return np.einsum("ni,oi->no", x.astype(float), weight) + bias[None, :]


def dense_by_loops(x, weight, bias):
    return np.array(
        [
            [
                sum(float(a) * float(b) for a, b in zip(row, w, strict=True)) + c
                for w, c in zip(weight, bias, strict=True)
            ]
            for row in x
        ]
    )


def dense_turned(x, weight, bias):
    return (weight @ x.T.astype(float) + bias.reshape(-1, 1)).T


LINEAR = [dense, dense_by_einsum, dense_by_loops, dense_turned]


def forward(params, x):
    weight, bias = params["conv_weight"], params["conv_bias"]
    windows = sliding_window_view(x[:, 0], weight.shape[2:], axis=(1, 2))
    maps = np.einsum("nhwuv,fuv->nfhw", windows, weight[:, 0]) + bias[None, :, None, None]
    maps = np.maximum(maps, 0)
    n, f, h, w = maps.shape
    pooled = maps[:, :, : h // 2 * 2, : w // 2 * 2].reshape(n, f, h // 2, 2, w // 2, 2).max(axis=(3, 5))
    return pooled.reshape(n, -1) @ params["fc_weight"].T + params["fc_bias"]


def forward_by_loops(params, x):
    weight = params["conv_weight"]
    f, _, kh, kw = weight.shape
    h, w = x.shape[2] - kh + 1, x.shape[3] - kw + 1
    out = []
    for picture in x:
        features = []
        for k in range(f):
            plane = np.zeros((h, w))
            for i in range(h):
                for j in range(w):
                    plane[i, j] = np.sum(picture[0, i : i + kh, j : j + kw] * weight[k, 0]) + params["conv_bias"][k]
            features += [
                max(0.0, plane[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max())
                for i in range(h // 2)
                for j in range(w // 2)
            ]
        out.append(params["fc_weight"] @ np.array(features) + params["fc_bias"])
    return np.stack(out)


def forward_pool_first(params, x):
    weight, (n, _, height, width) = params["conv_weight"].astype(float), x.shape
    f, _, kh, kw = weight.shape
    h, w = height - kh + 1, width - kw + 1
    maps = sum(
        weight[None, :, 0, u, v, None, None] * x[:, :, u : u + h, v : v + w] for u in range(kh) for v in range(kw)
    )
    quarters = [maps[:, :, a::2, b::2][:, :, : h // 2, : w // 2] for a in (0, 1) for b in (0, 1)]
    pooled = np.max(quarters, axis=0) + params["conv_bias"].reshape(1, f, 1, 1)  # a bias moves every number alike
    features = (pooled * (pooled > 0)).reshape(n, -1)
    return np.stack([params["fc_weight"].dot(row) for row in features]) + params["fc_bias"]


FORWARD = [forward, forward_by_loops, forward_pool_first]


def steps(example):
    x, kernel = np.array(example["x"], float), np.array(example["kernel"], float)
    kh, kw = kernel.shape
    conv = np.einsum("ijuv,uv->ij", sliding_window_view(x, (kh, kw)), kernel) + example["bias"]
    relu = np.maximum(conv, 0)
    size, stride = example["pool_size"], example["pool_stride"]
    pool = sliding_window_view(relu, (size, size))[::stride, ::stride].max(axis=(2, 3))
    logits = pool.ravel() @ example["fc_weight"] + example["fc_bias"]
    p = np.exp(logits) / np.exp(logits).sum()
    y = np.zeros(len(p))
    y[example["label"]] = 1
    return {
        "convolution": conv,
        "relu": relu,
        "pool": pool,
        "logits": logits,
        "probabilities": p,
        "loss": -np.log(p[example["label"]]),
        "dlogits": p - y,
        "dfc_weight": np.outer(pool, p - y),
        "dpool": (example["fc_weight"] @ (p - y)).reshape(pool.shape),
    }


def slip(example):
    for name, right in steps(example).items():
        if name in example:
            printed = np.asarray(example[name])
            if printed.shape != np.shape(right) or not np.allclose(printed, right, atol=1e-3):
                return name, right


def slip_rounded(example):
    for name, right in steps(example).items():
        right = np.round(right, 4)
        if name in example and (np.shape(example[name]) != right.shape or np.abs(example[name] - right).max() > 5e-4):
            return [name, float(right) if right.ndim == 0 else right.tolist()]


def slip_from_what_is_printed(example):
    """Each step from the one before as printed: the first that does not follow is the same one."""
    names = [name for name in steps(example) if name in example]
    right = steps(example)
    for name in names:
        try:
            same = np.allclose(np.asarray(example[name], float) - right[name], 0, atol=2e-3)
        except ValueError:
            same = False
        if not same or np.shape(example[name]) != np.shape(right[name]):
            return name, right[name]


FIND_THE_SLIP = [slip, slip_rounded, slip_from_what_is_printed]
