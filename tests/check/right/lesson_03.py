"""Right answers of lesson 03, each written in another way; no check may refuse one."""

import functools
import math

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view


def clipped(x):
    return np.clip(x, 0, None)


def by_mask(x):
    return x * (x > 0)


def halved(x):
    return (x + np.abs(x)) / 2


def copied(x):
    out = np.array(x)
    out[out < 0] = 0
    return out


def one_by_one(x):
    return np.array([max(v, 0) for v in np.ravel(x)]).reshape(np.shape(x))


def chosen(x):
    print("relu of", np.shape(x))
    return np.where(x > 0, x, 0.0)


class Rectifier:
    def __call__(self, x):
        return np.maximum(x, 0.0).astype(np.float32) if x.dtype == np.float32 else np.maximum(0, x)


def by_heaviside(x):
    return np.multiply(x, np.heaviside(x, 0))


RELU = [
    by_heaviside,
    by_heaviside,
    lambda x: np.maximum(x, 0),
    clipped,
    by_mask,
    halved,
    copied,
    one_by_one,
    chosen,
    Rectifier(),
    np.vectorize(lambda v: max(0.0, float(v))),
    functools.partial(np.maximum, 0),
]


def where(x, slope=0.01):
    return np.where(x > 0, x, slope * x)


def larger(x, slope=0.01):
    return np.maximum(slope * x, x)


def two_halves(x, slope=0.01):
    return np.maximum(x, 0) + slope * np.minimum(x, 0)


def masked(x, slope=0.01):
    out = np.array(x, dtype=float)
    out[out < 0] *= slope
    return out


def leaks_one_by_one(x, slope=0.01):
    values = [float(v) if v > 0 else slope * float(v) for v in np.ravel(x)]
    return np.array(values).reshape(np.shape(x))


def in_its_own_kind(x, slope=0.01):
    out = where(x, slope)
    return out.astype(np.float32) if x.dtype == np.float32 else out


class Leak:
    def __call__(self, x, slope=0.01):
        return x * np.where(x < 0, slope, 1.0)


LEAKY_RELU = [
    where,
    larger,
    two_halves,
    masked,
    leaks_one_by_one,
    in_its_own_kind,
    Leak(),
    lambda x, slope=0.01: (1 + slope) / 2 * x + (1 - slope) / 2 * np.abs(x),
    np.vectorize(lambda v, slope=0.01: v if v > 0 else slope * v, otypes=[float]),
]


def by_tanh(x):
    return (1 + np.tanh(np.asarray(x) / 2)) / 2


def both_sides(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


def by_halves(x):
    x = np.asarray(x, dtype=float)
    out = np.empty(x.shape)
    right = x >= 0
    out[right] = 1 / (1 + np.exp(-x[right]))
    left = np.exp(x[~right])
    out[~right] = left / (1 + left)
    return out


def clipped_far_out(x):
    return 1 / (1 + np.exp(-np.clip(x, -500, 500)))


def clipped_nearer(x):
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))


def silenced(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def by_logarithm(x):
    return np.exp(-np.logaddexp(0, -x))


def number_by_number(x):
    def one(v):
        return 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v))

    return np.array([one(float(v)) for v in np.ravel(x)]).reshape(np.shape(x))


def single(x):
    return by_tanh(np.asarray(x, np.float32))


SIGMOID = [
    by_tanh,
    both_sides,
    by_halves,
    clipped_far_out,
    clipped_nearer,
    silenced,
    by_logarithm,
    number_by_number,
    single,
]


def _pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def _sizes(x, kernel, stride):
    (kh, kw), (sh, sw) = _pair(kernel), _pair(kernel if stride is None else stride)
    return kh, kw, sh, sw, (x.shape[2] - kh) // sh + 1, (x.shape[3] - kw) // sw + 1


def in_loops(x, kernel, stride=None):
    kh, kw, sh, sw, rows, columns = _sizes(x, kernel, stride)
    out = np.zeros((x.shape[0], x.shape[1], rows, columns))
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            for i in range(rows):
                for j in range(columns):
                    out[n, c, i, j] = np.max(x[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw])
    return out


def from_minus_infinity(x, kernel, stride=None):
    kh, kw, sh, sw, rows, columns = _sizes(x, kernel, stride)
    out = np.full((*x.shape[:2], rows, columns), -np.inf)
    for u in range(kh):
        for v in range(kw):
            out = np.maximum(out, x[:, :, u : u + sh * (rows - 1) + 1 : sh, v : v + sw * (columns - 1) + 1 : sw])
    return out


def in_windows(x, kernel, stride=None):
    _, _, sh, sw, *_ = _sizes(x, kernel, stride)
    return sliding_window_view(x, _pair(kernel), axis=(2, 3))[:, :, ::sh, ::sw].max(axis=(4, 5))


def blocks_where_they_serve(x, kernel, stride=None):
    kh, kw, sh, sw, rows, columns = _sizes(x, kernel, stride)
    if (kh, kw) != (sh, sw):
        return in_windows(x, kernel, stride)
    cut = x[:, :, : rows * kh, : columns * kw]
    return cut.reshape(*x.shape[:2], rows, kh, columns, kw).max(axis=(3, 5))


def rows_then_columns(x, kernel, stride=None):
    kh, kw, sh, sw, rows, columns = _sizes(x, kernel, stride)
    down = np.stack([x[:, :, i * sh : i * sh + kh].max(axis=2) for i in range(rows)], axis=2)
    return np.stack([down[..., j * sw : j * sw + kw].max(axis=3) for j in range(columns)], axis=3)


def by_strides(x, kernel, stride=None):
    x = np.ascontiguousarray(x)
    kh, kw, sh, sw, rows, columns = _sizes(x, kernel, stride)
    a, b, c, d = x.strides
    view = as_strided(x, (*x.shape[:2], rows, columns, kh, kw), (a, b, c * sh, d * sw, c, d), writeable=False)
    return view.max((-2, -1))


def in_single_precision(x, kernel, stride=None):
    return np.asfortranarray(in_windows(x.astype(np.float32), kernel, stride))


class MaxPool:
    def __call__(self, x, kernel, stride=None):
        print("pooling", x.shape)
        return in_windows(x, kernel, stride)


MAX_POOL2D = [
    in_loops,
    from_minus_infinity,
    in_windows,
    blocks_where_they_serve,
    rows_then_columns,
    by_strides,
    in_single_precision,
    MaxPool(),
]


def mean_in_loops(x, kernel, stride=None):
    kh, kw, sh, sw, rows, columns = _sizes(x, kernel, stride)
    out = np.zeros((*x.shape[:2], rows, columns))
    for i in range(rows):
        for j in range(columns):
            out[:, :, i, j] = x[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw].mean(axis=(2, 3))
    return out


def mean_of_windows(x, kernel, stride=None):
    _, _, sh, sw, *_ = _sizes(x, kernel, stride)
    return sliding_window_view(x, _pair(kernel), axis=(2, 3))[:, :, ::sh, ::sw].mean(axis=(4, 5))


def mean_of_taps(x, kernel, stride=None):
    kh, kw, sh, sw, rows, columns = _sizes(x, kernel, stride)
    x = x.astype(float)
    taps = [
        x[:, :, u : u + sh * (rows - 1) + 1 : sh, v : v + sw * (columns - 1) + 1 : sw]
        for u in range(kh)
        for v in range(kw)
    ]
    return np.mean(taps, axis=0)


def by_running_sums(x, kernel, stride=None):
    kh, kw, sh, sw, *_ = _sizes(x, kernel, stride)
    total = np.pad(x.astype(float), ((0, 0), (0, 0), (1, 0), (1, 0))).cumsum(axis=2).cumsum(axis=3)
    sums = total[:, :, kh:, kw:] - total[:, :, :-kh, kw:] - total[:, :, kh:, :-kw] + total[:, :, :-kh, :-kw]
    return sums[:, :, ::sh, ::sw] / (kh * kw)


def as_a_product(x, kernel, stride=None):
    kh, kw, sh, sw, *_ = _sizes(x, kernel, stride)
    windows = sliding_window_view(x, (kh, kw), axis=(2, 3))[:, :, ::sh, ::sw]
    return np.einsum("ncijuv,uv->ncij", windows, np.full((kh, kw), 1 / (kh * kw)))


def mean_in_single_precision(x, kernel, stride=None):
    return mean_of_windows(x.astype(np.float32), kernel, stride)


AVG_POOL2D = [
    mean_in_loops,
    mean_of_windows,
    mean_of_taps,
    by_running_sums,
    as_a_product,
    mean_in_single_precision,
    functools.partial(mean_of_windows),
]


class GlobalPool:
    def __call__(self, x):
        return np.array([[channel.sum() / channel.size for channel in picture] for picture in x])


GLOBAL_AVG_POOL = [
    lambda x: x.mean(axis=(2, 3)),
    lambda x: x.reshape(x.shape[0], x.shape[1], -1).mean(axis=2),
    lambda x: np.einsum("nchw->nc", x.astype(float)) / (x.shape[-1] * x.shape[-2]),
    lambda x: mean_of_windows(x, x.shape[2:])[:, :, 0, 0],
    lambda x: x.mean(3).mean(2),
    lambda x: np.mean(x.astype(np.float32), axis=(-2, -1)),
    GlobalPool(),
]


def taps_upon_taps(w1, w2):
    k1, k2 = w1.shape[2], w2.shape[2]
    out = np.zeros((w2.shape[0], w1.shape[1], k1 + k2 - 1, k1 + k2 - 1))
    for u in range(k2):
        for v in range(k2):
            for i in range(k1):
                for j in range(k1):
                    out[:, :, u + i, v + j] += w2[:, :, u, v] @ w1[:, :, i, j]
    return out


def six_loops(w1, w2):
    (c1, c0, k1, _), (c2, _, k2, _) = w1.shape, w2.shape
    out = np.zeros((c2, c0, k1 + k2 - 1, k1 + k2 - 1))
    for o in range(c2):
        for c in range(c0):
            for m in range(c1):
                for u in range(k2):
                    for v in range(k2):
                        out[o, c, u : u + k1, v : v + k1] += w2[o, m, u, v] * w1[m, c]
    return out


def by_fourier(w1, w2):
    size = (w1.shape[2] + w2.shape[2] - 1,) * 2
    product = np.einsum("omij,mcij->ocij", np.fft.rfft2(w2, size), np.fft.rfft2(w1, size))
    return np.fft.irfft2(product, size)


def slid_over_a_padded_one(w1, w2):
    k2 = w2.shape[2]
    padded = np.pad(w1, ((0, 0), (0, 0), (k2 - 1, k2 - 1), (k2 - 1, k2 - 1)))
    windows = sliding_window_view(padded, (k2, k2), axis=(2, 3))
    return np.einsum("mcijuv,omuv->ocij", windows, w2[:, :, ::-1, ::-1])


def by_bright_pixels(w1, w2):
    """Send one bright pixel of each channel through both layers; what comes out is the kernel, turned over."""
    k1, k2, c0 = w1.shape[2], w2.shape[2], w1.shape[1]
    size = k1 + k2 - 1
    x = np.zeros((c0, c0, 2 * size - 1, 2 * size - 1))
    for c in range(c0):
        x[c, c, size - 1, size - 1] = 1
    middle = np.einsum("ncijuv,mcuv->nmij", sliding_window_view(x, (k1, k1), axis=(2, 3)), w1)
    end = np.einsum("nmijuv,omuv->noij", sliding_window_view(middle, (k2, k2), axis=(2, 3)), w2)
    return end[:, :, ::-1, ::-1].swapaxes(0, 1)


def in_its_own_floats(w1, w2):
    out = taps_upon_taps(w1, w2)
    return out.astype(np.float32) if w1.dtype == w2.dtype == np.float32 else out


COLLAPSE = [
    taps_upon_taps,
    six_loops,
    by_fourier,
    slid_over_a_padded_one,
    by_bright_pixels,
    in_its_own_floats,
]


def _shift(x):
    out = np.zeros(np.shape(x))
    out[..., 1:] = np.asarray(x)[..., :-1]
    return out


def _padded(x):
    x = np.asarray(x)
    return np.pad(x, [(0, 0)] * (x.ndim - 1) + [(1, 0)])[..., : x.shape[-1]]


def _rolled(x):
    x = np.roll(x, 1, axis=-1)
    x[..., 0] = 0
    return x


def _ratio(change, size):
    if size == 0:
        return 0.0 if change == 0 else float("inf")
    return change / size


def changes(f, x):
    answer = f(x)
    return _ratio(np.mean(np.abs(f(_shift(x)) - answer)), np.mean(np.abs(answer)))


def changes_padded(f, x):
    return float(_ratio(np.abs(f(_padded(x)) - f(x)).mean(), np.abs(f(x)).mean()))


def changes_by_norms(f, x):
    before, after = np.ravel(f(x)), np.ravel(f(_rolled(x)))
    return _ratio(np.linalg.norm(after - before, 1), np.linalg.norm(before, 1))


def changes_in_silence(f, x):
    top, low = np.mean(np.abs(f(_shift(x)) - f(x))), np.mean(np.abs(f(x)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(np.divide(top, low), nan=0.0, posinf=np.inf)


def changes_in_lists(f, x):
    moved = np.concatenate([0 * x[..., :1], x[..., :-1]], axis=-1)
    before, after = np.ravel(f(x)).tolist(), np.ravel(f(moved)).tolist()
    change, size = math.fsum(abs(b - a) for a, b in zip(before, after, strict=True)), math.fsum(map(abs, before))
    return change / size if size else math.inf if change else 0.0


INVARIANCE_GAP = [
    changes_in_lists,
    changes,
    changes_padded,
    changes_by_norms,
    changes_in_silence,
    lambda f, x: 0 if np.array_equal(f(_rolled(x)), f(x)) else changes(f, x),
]


def follows(f, x):
    answer = f(x)
    return _ratio(np.mean(np.abs(f(_shift(x)) - _shift(answer))), np.mean(np.abs(answer)))


def follows_padded(f, x):
    return float(_ratio(np.abs(f(_padded(x)) - _padded(f(x))).mean(), np.abs(f(x)).mean()))


def follows_by_sums(f, x):
    after, before = f(_rolled(x)), f(x)
    change = np.abs(after[..., 0]).sum() + np.abs(after[..., 1:] - before[..., :-1]).sum()
    return _ratio(change, np.abs(before).sum())


def follows_by_a_matrix(f, x):
    def shift(x):
        return x @ np.eye(x.shape[-1], k=1)

    answer = np.asarray(f(x), dtype=float)
    change, size = np.abs(f(shift(x)) - shift(answer)), np.abs(answer)
    return np.array(_ratio(math.fsum(change.ravel()) / change.size, math.fsum(size.ravel()) / size.size))


class Follows:
    def __call__(self, f, x):
        before, after = np.asarray(f(x)), np.asarray(f(self.moved(x)))
        try:
            return float(abs(after - self.moved(before)).mean()) / float(abs(before).mean())
        except ZeroDivisionError:
            return math.inf if after.any() else 0.0

    def moved(self, x):
        return np.concatenate([0.0 * x[..., :1], x[..., :-1]], axis=-1)


EQUIVARIANCE_GAP = [
    follows,
    follows_padded,
    follows_by_sums,
    follows_by_a_matrix,
    Follows(),
    lambda f, x: 0 if np.array_equal(f(_rolled(x)), _rolled(f(x))) else follows(f, x),
]
