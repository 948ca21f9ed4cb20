"""Right answers of lesson 05, each written in another way; no check may refuse one."""

import functools
import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def gate(dout, x):
    return dout * (x > 0)


def where(dout, x):
    return np.where(np.asarray(x) > 0, dout, 0)


def zeroed(dout, x):
    dx = np.array(dout, copy=True)
    dx[x <= 0] = 0
    return dx


def heaviside(dout, x):
    return np.heaviside(x.astype(float), 0.0) * dout


def one_by_one(dout, x):
    values = [d if v > 0 else 0 for d, v in zip(dout.ravel().tolist(), x.ravel().tolist(), strict=True)]
    return np.array(values, dtype=float).reshape(x.shape)


class Gate:
    def __call__(self, dout, x):
        print("gate", x.shape)
        return np.asfortranarray(np.multiply(dout, np.greater(x, 0)))


RELU_BACKWARD = [gate, where, zeroed, heaviside, one_by_one, Gate(), lambda dout, x: dout * (np.sign(x) == 1)]


def products(dout, x, weight):
    return dout @ weight, dout.T @ x, dout.sum(axis=0)


def sums(dout, x, weight):
    dx = np.einsum("nk,ki->ni", dout, weight)
    return [dx, np.einsum("nk,ni->ki", dout, x), np.einsum("nk->k", dout)]


def image_by_image(dout, x, weight):
    dx, dweight, dbias = np.zeros(x.shape), np.zeros(weight.shape), np.zeros(len(weight))
    for n in range(len(x)):
        for k in range(len(weight)):
            dx[n] += dout[n, k] * weight[k]
            dweight[k] += dout[n, k] * x[n]
            dbias[k] += dout[n, k]
    return dx, dweight, dbias


def by_ones(dout, x, weight):
    together = dout.T @ np.hstack([x, np.ones((len(x), 1))])
    return (weight.T @ dout.T).T, together[:, :-1], together[:, -1]


def broadcast(dout, x, weight):
    return (
        (dout[:, :, None] * weight).sum(axis=1),
        (dout[:, :, None] * x[:, None, :]).sum(axis=0),
        np.add.reduce(dout),
    )


LINEAR_BACKWARD = [products, sums, image_by_image, by_ones, broadcast]


def softmax(logits):
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def minus_one(logits, labels):
    d = softmax(logits)
    d[np.arange(len(labels)), labels] -= 1
    return d / len(labels)


def one_hot(logits, labels):
    return (softmax(logits) - np.eye(logits.shape[1])[labels]) / logits.shape[0]


def row_by_row(logits, labels):
    rows = []
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        raised = [math.exp(value - max(row)) for value in row]
        rows.append([(r / sum(raised) - (k == label)) / len(labels) for k, r in enumerate(raised)])
    return np.array(rows)


def from_logs(logits, labels):
    shifted = logits - np.max(logits, axis=-1)[:, None]
    p = np.exp(shifted - np.log(np.exp(shifted).sum(-1))[:, None])
    return p / len(p) - (np.arange(logits.shape[1]) == labels[:, None]) / len(p)


def through_the_jacobian(logits, labels):
    p = softmax(logits.astype(float))
    n, k = p.shape
    out = np.zeros((n, k))
    for i in range(n):
        # d(-log p_y)/dz_j = -(1/p_y)·p_y·(δ_yj − p_j)
        out[i] = -((np.arange(k) == labels[i]) - p[i]) / n
    return out


def single_softmax(logits, labels):
    return minus_one(logits.astype(np.float32), labels) if logits.dtype == np.float32 else minus_one(logits, labels)


SOFTMAX_CROSS_ENTROPY_BACKWARD = [minus_one, one_hot, row_by_row, from_logs, through_the_jacobian, single_softmax]


def max_by_argmax(dout, x, kernel, stride=None):
    (kh, kw), (sh, sw) = pair(kernel), pair(kernel if stride is None else stride)
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(*dout.shape):
        u, v = divmod(int(np.argmax(x[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw])), kw)
        dx[n, c, i * sh + u, j * sw + v] += dout[n, c, i, j]
    return dx


def max_by_comparing(dout, x, kernel, stride=None):
    (kh, kw), (sh, sw) = pair(kernel), pair(stride or kernel)
    dx = np.zeros_like(x, dtype=float)
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    best = (i * sh, j * sw)
                    for u in range(i * sh, i * sh + kh):
                        for v in range(j * sw, j * sw + kw):
                            if x[n, c, u, v] > x[n, c][best]:
                                best = (u, v)
                    dx[n, c][best] += dout[n, c, i, j]
    return dx


def max_by_windows(dout, x, kernel, stride=None):
    (kh, kw), (sh, sw) = pair(kernel), pair(kernel if stride is None else stride)
    windows = sliding_window_view(x, (kh, kw), axis=(2, 3))[:, :, ::sh, ::sw]
    u, v = np.divmod(windows.reshape(*dout.shape, kh * kw).argmax(-1), kw)
    n, c, i, j = np.indices(dout.shape)
    dx = np.zeros(x.shape, dtype=np.result_type(dout, np.float32))
    np.add.at(dx, (n, c, i * sh + u, j * sw + v), dout)
    return dx


def max_by_offsets(dout, x, kernel, stride=None):
    (kh, kw), (sh, sw) = pair(kernel), pair(kernel if stride is None else stride)
    rows, columns = dout.shape[2:]
    taken, best = np.zeros(dout.shape, dtype=bool), np.full(dout.shape, -np.inf)
    there = [(u, v) for u in range(kh) for v in range(kw)]
    views = [x[:, :, u : u + sh * rows : sh, v : v + sw * columns : sw][:, :, :rows, :columns] for u, v in there]
    for view in views:
        best = np.maximum(best, view)
    dx = np.zeros(x.shape)
    for (u, v), view in zip(there, views, strict=True):
        wins = (view == best) & ~taken
        taken |= wins
        dx[:, :, u : u + sh * (rows - 1) + 1 : sh, v : v + sw * (columns - 1) + 1 : sw] += wins * dout
    return np.asfortranarray(dx)


def max_by_bincount(dout, x, kernel, stride=None):
    (kh, kw), (sh, sw) = pair(kernel), pair(kernel if stride is None else stride)
    windows = sliding_window_view(x, (kh, kw), (2, 3))[:, :, ::sh, ::sw].reshape(*dout.shape, -1)
    at = windows.argmax(-1)
    n, c, i, j = np.indices(dout.shape)
    flat = np.ravel_multi_index((n, c, i * sh + at // kw, j * sw + at % kw), x.shape)
    return np.bincount(flat.ravel(), dout.ravel().astype(float), minlength=x.size).reshape(x.shape)


MAX_POOL2D_BACKWARD = [max_by_argmax, max_by_comparing, max_by_windows, max_by_offsets, max_by_bincount]


def avg_by_patches(dout, x, kernel, stride=None):
    (kh, kw), (sh, sw) = pair(kernel), pair(kernel if stride is None else stride)
    dx = np.zeros(x.shape)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dx[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += dout[:, :, i, j][:, :, None, None] / (kh * kw)
    return dx


def avg_by_offsets(dout, x, kernel, stride=None):
    (kh, kw), (sh, sw) = pair(kernel), pair(stride or kernel)
    dx, (rows, columns) = np.zeros(x.shape), dout.shape[2:]
    for u in range(kh):
        for v in range(kw):
            dx[:, :, u : u + sh * (rows - 1) + 1 : sh, v : v + sw * (columns - 1) + 1 : sw] += dout
    return dx / (kh * kw)


def avg_by_matrices(dout, x, kernel, stride=None):
    sides = []
    for side, k, s, n in zip(x.shape[2:], pair(kernel), pair(stride or kernel), dout.shape[2:], strict=True):
        matrix = np.zeros((n, side))
        for stop in range(n):
            matrix[stop, stop * s : stop * s + k] = 1 / k
        sides.append(matrix)
    return np.einsum("ncij,ih,jw->nchw", dout, *sides)


def avg_by_views(dout, x, kernel, stride=None):
    (kh, kw), (sh, sw) = pair(kernel), pair(kernel if stride is None else stride)
    dx = np.zeros(x.shape, dtype=np.float32 if dout.dtype == np.float32 else np.float64)
    views = sliding_window_view(dx, (kh, kw), axis=(2, 3), writeable=True)[:, :, ::sh, ::sw]
    for u, v in np.ndindex(kh, kw):
        views[..., u, v] += dout / (kh * kw)
    return dx


def avg_pixel_by_pixel(dout, x, kernel, stride=None):
    """Each pixel asks which windows lie over it."""
    (kh, kw), (sh, sw) = pair(kernel), pair(kernel if stride is None else stride)
    dx = np.zeros(x.shape)
    for r, c in np.ndindex(*x.shape[2:]):
        for i, j in np.ndindex(*dout.shape[2:]):
            if i * sh <= r < i * sh + kh and j * sw <= c < j * sw + kw:
                dx[:, :, r, c] += dout[:, :, i, j] / (kh * kw)
    return np.asfortranarray(dx)


class AveragePool:
    def __call__(self, dout, x, kernel, stride=None):
        (kh, kw), (sh, sw) = pair(kernel), pair(stride or kernel)
        share, dx = np.asarray(dout, np.float64) * (1.0 / kh / kw), np.zeros(x.shape, np.float32)
        rows = np.add.outer(sh * np.arange(dout.shape[2]), np.arange(kh))[:, None, :, None]
        columns = np.add.outer(sw * np.arange(dout.shape[3]), np.arange(kw))[None, :, None, :]
        np.add.at(dx, np.s_[:, :, rows, columns], share[..., None, None].astype(np.float32))
        return dx


AVG_POOL2D_BACKWARD = [
    avg_by_patches,
    avg_by_offsets,
    avg_by_matrices,
    avg_by_views,
    avg_pixel_by_pixel,
    AveragePool(),
]


def conv_by_stops(dout, x, weight, stride=1, padding=0):
    (sh, sw), (ph, pw), (kh, kw) = pair(stride), pair(padding), weight.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            for n in range(len(x)):
                patch = np.s_[n, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
                for o in range(len(weight)):
                    dweight[o] += float(dout[n, o, i, j]) * padded[patch]
                    dpadded[patch] += float(dout[n, o, i, j]) * weight[o]
    return dpadded[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]], dweight, dout.sum((0, 2, 3))


def conv_by_offsets(dout, x, weight, stride=1, padding=0):
    (sh, sw), (ph, pw), (rows, columns) = pair(stride), pair(padding), dout.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    for u, v in np.ndindex(*weight.shape[2:]):
        met = np.s_[:, :, u : u + sh * (rows - 1) + 1 : sh, v : v + sw * (columns - 1) + 1 : sw]
        dweight[:, :, u, v] = np.tensordot(dout, padded[met], axes=([0, 2, 3], [0, 2, 3]))
        dpadded[met] += np.einsum("noij,oc->ncij", dout, weight[:, :, u, v])
    return [dpadded[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]], dweight, np.einsum("noij->o", dout)]


def conv_by_turned_kernel(dout, x, weight, stride=1, padding=0):
    """dout spread by the stride, then a full correlation with the kernel turned by 180°."""
    (sh, sw), (ph, pw), (kh, kw) = pair(stride), pair(padding), weight.shape[2:]
    n, o, rows, columns = dout.shape
    height, width = x.shape[2] + 2 * ph, x.shape[3] + 2 * pw
    spread = np.zeros((n, o, height - kh + 1, width - kw + 1), dtype=dout.dtype)
    spread[:, :, : sh * (rows - 1) + 1 : sh, : sw * (columns - 1) + 1 : sw] = dout
    around = np.pad(spread, ((0, 0), (0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1)))
    windows = sliding_window_view(around, (kh, kw), axis=(2, 3))
    full = np.einsum("noijuv,ocuv->ncij", windows, weight[:, :, ::-1, ::-1])
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    met = sliding_window_view(padded, spread.shape[2:], axis=(2, 3))
    dweight = np.einsum("noij,ncuvij->ocuv", spread, met)
    dx = full[:, :, ph : height - ph, pw : width - pw]
    return dx, dweight, spread.sum(axis=-1).sum(axis=-1).sum(axis=0)


def conv_by_columns(dout, x, weight, stride=1, padding=0):
    (sh, sw), (ph, pw), (kh, kw) = pair(stride), pair(padding), weight.shape[2:]
    n, o, rows, columns = dout.shape
    c = x.shape[1]
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    patches = sliding_window_view(padded, (kh, kw), axis=(2, 3))[:, :, ::sh, ::sw]
    cols = patches.transpose(0, 2, 3, 1, 4, 5).reshape(n * rows * columns, c * kh * kw)
    flat = dout.transpose(0, 2, 3, 1).reshape(-1, o)
    dweight = (flat.T @ cols).reshape(weight.shape)
    dcols = (flat @ weight.reshape(o, -1)).reshape(n, rows, columns, c, kh, kw)
    dpadded = np.zeros(padded.shape, dtype=dcols.dtype)
    for i, j in np.ndindex(rows, columns):
        dpadded[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += dcols[:, i, j]
    return dpadded[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]], dweight, flat.sum(axis=0)


def conv_by_fourier(dout, x, weight, stride=1, padding=0):
    (sh, sw), (ph, pw), (kh, kw) = pair(stride), pair(padding), weight.shape[2:]
    n, o, rows, columns = dout.shape
    height, width = x.shape[2] + 2 * ph, x.shape[3] + 2 * pw
    spread = np.zeros((n, o, height, width))
    spread[:, :, : sh * (rows - 1) + 1 : sh, : sw * (columns - 1) + 1 : sw] = dout
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    size = (height, width)
    d, w, p = np.fft.rfft2(spread, size), np.fft.rfft2(weight, size), np.fft.rfft2(padded, size)
    dpadded = np.fft.irfft2(np.einsum("noij,ocij->ncij", d, w), size)
    dweight = np.fft.irfft2(np.einsum("noij,ncij->ocij", d.conj(), p), size)[:, :, :kh, :kw]
    return dpadded[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]], dweight, dout.sum(axis=(0, 2, 3))


def conv_in_single_precision(dout, x, weight, stride=1, padding=0):
    if np.float32 in (dout.dtype, x.dtype):
        dout, x, weight = (a.astype(np.float32) for a in (dout, x, weight))
        return tuple(one.astype(np.float32) for one in conv_by_columns(dout, x, weight, stride, padding))
    return tuple(np.asfortranarray(one) for one in conv_by_offsets(dout, x, weight, stride, padding))


class Backward:
    def __init__(self, inner):
        self.inner = inner

    def __call__(self, dout, x, weight, stride=1, padding=0):
        print("backward", dout.shape)
        return self.inner(dout, x, weight, stride=stride, padding=padding)


CONV2D_BACKWARD = [
    conv_by_stops,
    conv_by_offsets,
    conv_by_turned_kernel,
    conv_by_columns,
    conv_by_fourier,
    conv_in_single_precision,
    Backward(conv_by_offsets),
    functools.partial(conv_by_columns),
]


def with_copies(f, x, h=1e-5):
    gradient = np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        ahead, behind = x.astype(float), x.astype(float)
        ahead[place] += h
        behind[place] -= h
        gradient[place] = (f(ahead) - f(behind)) / (2 * h)
    return gradient


def put_back(f, x, h=1e-5):
    if x.dtype.kind == "i":
        x = x.astype(np.float64)
    gradient = np.empty(x.shape, dtype=float)
    walk = np.nditer(x, flags=["multi_index"])
    for _ in walk:
        place = walk.multi_index
        kept = x[place].copy()
        x[place] = kept + h
        upper = f(x)
        x[place] = kept - h
        lower = f(x)
        x[place] = kept
        gradient[place] = (upper - lower) / h / 2
    return gradient


def by_unit_steps(f, x, h=1e-5):
    steps = np.eye(x.size).reshape(x.size, *x.shape) * h
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(x.shape)


def flat_copy(f, x, h=1e-5):
    values = np.array(x, dtype=float).ravel()
    out = []
    for k in range(values.size):
        kept = values[k]
        values[k] = kept + h
        upper = f(values.reshape(x.shape))
        values[k] = kept - h
        out.append((upper - f(values.reshape(x.shape))) / (2 * h))
        values[k] = kept
    return np.array(out).reshape(x.shape)


def exact_width(f, x, h=1e-5):
    x = x.astype(np.float64)
    gradient = np.zeros_like(x, order="F")
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        gradient[place] = 0.5 / h * f(x + step) - 0.5 / h * f(x - step)
    return gradient


NUMERICAL_GRADIENT = [with_copies, put_back, by_unit_steps, flat_copy, exact_width]


def step_by_step(params, x, labels, lr):
    weight, bias = params["conv_weight"], params["conv_bias"]
    windows = sliding_window_view(x, weight.shape[2:], axis=(2, 3))
    maps = np.einsum("ncijuv,ocuv->noij", windows, weight) + bias[:, None, None]
    active = np.maximum(maps, 0)
    n, c, rows, columns = *active.shape[:2], active.shape[2] // 2, active.shape[3] // 2
    pooled = np.zeros((n, c, rows, columns))
    for i, j in np.ndindex(rows, columns):
        pooled[:, :, i, j] = active[:, :, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max(axis=(2, 3))
    features = pooled.reshape(n, -1)
    logits = features @ params["fc_weight"].T + params["fc_bias"]
    p = softmax(logits)
    shifted = logits - logits.max(axis=1, keepdims=True)
    loss = np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(n), labels])
    dlogits = minus_one(logits, labels) if p.size else p
    dfeatures, dfc_weight, dfc_bias = products(dlogits, features, params["fc_weight"])
    dactive = max_by_argmax(dfeatures.reshape(pooled.shape), active, 2)
    _, dweight, dbias = conv_by_offsets(dactive * (maps > 0), x, weight)
    grads = {"conv_weight": dweight, "conv_bias": dbias, "fc_weight": dfc_weight, "fc_bias": dfc_bias}
    return loss, {key: params[key] - lr * grads[key] for key in params}


def copied_and_moved(params, x, labels, lr):
    new = {key: np.array(value, dtype=float) for key, value in params.items()}
    still, _ = step_by_step(params, x, labels, lr)
    _, ahead = step_by_step(params, x, labels, 1.0)
    for key in new:
        new[key] -= lr * (params[key] - ahead[key])
    return [float(still), new]


def in_another_order(params, x, labels, lr):
    loss, new = step_by_step({key: params[key] for key in sorted(params, reverse=True)}, x, labels, lr)
    return float(loss), dict(sorted(new.items(), key=lambda item: len(item[0])))


def in_single_precision(params, x, labels, lr):
    loss, new = step_by_step(params, x, labels, lr)
    kind = np.result_type(params["fc_bias"], np.float32)
    return np.array(loss), {key: np.asfortranarray(value.astype(kind)) for key, value in new.items()}


def one_image_at_a_time(params, x, labels, lr):
    losses, new = [], {key: np.array(value, dtype=np.float64) for key, value in params.items()}
    for n in range(len(x)):
        loss, ahead = step_by_step(params, x[n : n + 1], labels[n : n + 1], 1.0)
        losses.append(loss)
        for key in new:
            new[key] += lr * (ahead[key] - params[key]) / len(x)
    return math.fsum(losses) / len(losses), new


class Downhill:
    """A float32 loss, and the pool's blame sent through a comparison with the first maximum of each window."""

    def __call__(self, params, x, labels, lr):
        weight, bias, dense, dense_bias = (params[key] for key in ("conv_weight", "conv_bias", "fc_weight", "fc_bias"))
        maps = np.einsum("ncijuv,ocuv->noij", sliding_window_view(x, weight.shape[2:], (2, 3)), weight)
        maps = maps + np.reshape(bias, (-1, 1, 1))
        n, c, rows, columns = *maps.shape[:2], maps.shape[2] // 2, maps.shape[3] // 2
        tiles = maps[:, :, : 2 * rows, : 2 * columns].reshape(n, c, rows, 2, columns, 2).transpose(0, 1, 2, 4, 3, 5)
        tiles = tiles.reshape(n, c, rows, columns, 4)
        best = tiles.argmax(-1)[..., None]
        features = np.maximum(np.take_along_axis(tiles, best, -1), 0).reshape(n, -1)
        logits = features @ dense.T + dense_bias
        blame = minus_one(logits, labels)
        back = (blame @ dense).reshape(n, c, rows, columns) * (features > 0).reshape(n, c, rows, columns)
        dweight = np.zeros(weight.shape)
        for place in np.ndindex(*back.shape):
            i, j = 2 * place[2] + best[place][0] // 2, 2 * place[3] + best[place][0] % 2
            dweight[place[1], 0] += back[place] * x[place[0], 0, i : i + weight.shape[2], j : j + weight.shape[3]]
        new = {"conv_weight": weight - lr * dweight, "conv_bias": bias - lr * back.sum((0, 2, 3))}
        new |= {"fc_weight": dense - lr * (blame.T @ features), "fc_bias": dense_bias - lr * blame.sum(0)}
        top = logits.max(axis=1)
        losses = top + np.log(np.exp(logits - top[:, None]).sum(axis=1)) - logits[np.arange(n), labels]
        return np.float32(losses.mean()), new


TRAIN_STEP = [
    step_by_step,
    copied_and_moved,
    in_another_order,
    in_single_precision,
    one_image_at_a_time,
    Downhill(),
]
