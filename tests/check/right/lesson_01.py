"""Right answers of lesson 01, each written in another way; no check may refuse one."""

import functools
import math

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view


def loops(image, kernel):
    (height, width), (kh, kw) = image.shape, kernel.shape
    out = np.zeros((height - kh + 1, width - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            for u in range(kh):
                for v in range(kw):
                    out[i, j] += float(image[i + u, j + v]) * float(kernel[u, v])
    return out


def patches(image, kernel):
    kh, kw = kernel.shape
    rows = [
        [(image[i : i + kh, j : j + kw] * kernel).sum() for j in range(image.shape[1] - kw + 1)]
        for i in range(image.shape[0] - kh + 1)
    ]
    return np.array(rows)


def windows(image, kernel):
    return np.einsum("ijuv,uv->ij", sliding_window_view(image, kernel.shape), kernel)


def in_fortran_order(image, kernel):
    return np.asfortranarray(np.tensordot(sliding_window_view(image, kernel.shape), kernel, axes=2))


def taps(image, kernel):
    (height, width), (kh, kw) = image.shape, kernel.shape
    h, w = height - kh + 1, width - kw + 1
    return sum(kernel[u, v] * image[u : u + h, v : v + w].astype(float) for u in range(kh) for v in range(kw))


def fourier(image, kernel):
    shape = [a + b - 1 for a, b in zip(image.shape, kernel.shape, strict=True)]
    product = np.fft.rfft2(image, shape) * np.fft.rfft2(kernel[::-1, ::-1], shape)
    full = np.fft.irfft2(product, shape)
    kh, kw = kernel.shape
    return full[kh - 1 : image.shape[0], kw - 1 : image.shape[1]]


def strided(image, kernel):
    image = np.ascontiguousarray(image)
    (height, width), (kh, kw) = image.shape, kernel.shape
    view = as_strided(image, (height - kh + 1, width - kw + 1, kh, kw), image.strides * 2, writeable=False)
    return (view * kernel).sum(axis=(2, 3))


def single_precision(image, kernel):
    return windows(image.astype(np.float32), kernel.astype(np.float32))


def chatty(image, kernel):
    print("kernel", kernel.shape)
    return loops(image, kernel)


class Correlator:
    def __call__(self, image, kernel):
        return taps(image, kernel)


class Bound:
    def correlate(self, image, kernel):
        return windows(image, kernel)


def shrinking(image, kernel):
    if kernel.size == 1:
        return image * float(kernel[0, 0])
    if kernel.shape[0] == 1:
        width = image.shape[1] - kernel.shape[1] + 1
        return image[:, :width] * float(kernel[0, 0]) + shrinking(image[:, 1:], kernel[:, 1:])
    return shrinking(image[: image.shape[0] - kernel.shape[0] + 1], kernel[:1]) + shrinking(image[1:], kernel[1:])


def toeplitz(image, kernel):
    (height, width), (kh, kw) = image.shape, kernel.shape
    h, w = height - kh + 1, width - kw + 1
    matrix = np.zeros((h * w, image.size))
    for i, j, u, v in np.ndindex(h, w, kh, kw):
        matrix[i * w + j, (i + u) * width + j + v] = kernel[u, v]
    return (matrix @ image.ravel()).reshape(h, w)


def vectorised(image, kernel):
    kh, kw = kernel.shape
    at = np.vectorize(lambda i, j: float((image[i : i + kh, j : j + kw] * kernel).sum()))
    return at(*np.indices((image.shape[0] - kh + 1, image.shape[1] - kw + 1)))


def single_precision_inside(image, kernel):
    return single_precision(image, kernel).astype(np.float64)


CROSS_CORRELATE2D = [
    single_precision_inside,
    shrinking,
    toeplitz,
    vectorised,
    loops,
    patches,
    windows,
    in_fortran_order,
    taps,
    fourier,
    strided,
    single_precision,
    chatty,
    Correlator(),
    Bound().correlate,
    functools.partial(lambda extra, image, kernel: windows(image, kernel), None),
]


def _flipped(correlate):
    return lambda image, kernel: correlate(image, kernel[::-1, ::-1])


CONVOLVE2D = [
    _flipped(loops),
    _flipped(fourier),
    lambda image, kernel: windows(image, np.rot90(kernel, 2)),
    lambda image, kernel: windows(image, np.flip(kernel)),
    lambda image, kernel: windows(image[::-1, ::-1], kernel)[::-1, ::-1],
]


def many_loops(x, weight, bias):
    maps = []
    for o in range(weight.shape[0]):
        total = sum(loops(x[c], weight[o, c]) for c in range(x.shape[0]))
        maps.append(total if bias is None else total + bias[o])
    return np.array(maps)


def many_windows(x, weight, bias):
    out = np.einsum("cijuv,ocuv->oij", sliding_window_view(x, weight.shape[2:], axis=(1, 2)), weight)
    if bias is not None:
        out = out + bias[:, None, None]
    return out


def many_patches(x, weight, bias=None):
    out_channels, _, kh, kw = weight.shape
    bias = np.zeros(out_channels) if bias is None else bias
    h, w = x.shape[1] - kh + 1, x.shape[2] - kw + 1
    out = np.empty((h, w, out_channels))
    for i in range(h):
        for j in range(w):
            out[i, j] = np.tensordot(weight, x[:, i : i + kh, j : j + kw], axes=3) + bias
    return out.transpose(2, 0, 1)  # not contiguous


def many_fourier(x, weight, bias):
    out = np.stack([sum(fourier(plane, k) for plane, k in zip(x, filters, strict=True)) for filters in weight])
    return out if bias is None else out + np.reshape(bias, (-1, 1, 1))


def many_keeping_dtype(x, weight, bias):
    kinds = [x.dtype, weight.dtype, *([] if bias is None else [bias.dtype])]
    return many_windows(x, weight, bias).astype(np.result_type(*kinds, np.float32))


def many_with_the_bias_as_a_channel(x, weight, bias):
    ones = np.ones((1, *x.shape[1:]))
    last = np.zeros((len(weight), 1, *weight.shape[2:]))
    if bias is not None:
        last[:, 0, -1, -1] = bias
    return many_windows(np.concatenate([x, ones]), np.concatenate([weight, last], axis=1), None)


CONV2D_MULTI = [
    many_loops,
    many_windows,
    many_patches,
    many_fourier,
    many_keeping_dtype,
    many_with_the_bias_as_a_channel,
]


def columns_by_loops(x, kh, kw):
    n, channels, height, width = x.shape
    h, w = height - kh + 1, width - kw + 1
    out = np.zeros((n, channels * kh * kw, h * w), x.dtype)
    for i in range(h):
        for j in range(w):
            out[:, :, i * w + j] = x[:, :, i : i + kh, j : j + kw].reshape(n, -1)
    return out


def columns_by_windows(x, kh, kw):
    view = sliding_window_view(x, (kh, kw), axis=(2, 3)).transpose(0, 1, 4, 5, 2, 3)
    return view.reshape(x.shape[0], x.shape[1] * kh * kw, -1)


def columns_by_rows(x, kh, kw):
    n, channels, height, width = x.shape
    h, w = height - kh + 1, width - kw + 1
    rows = [x[:, c, u : u + h, v : v + w].reshape(n, -1) for c in range(channels) for u in range(kh) for v in range(kw)]
    return np.stack(rows, axis=1).astype(float)


def columns_as_a_view_of_another_order(x, kh, kw):
    return np.ascontiguousarray(columns_by_loops(x, kh, kw).swapaxes(1, 2)).swapaxes(1, 2)


def columns_by_index(x, kh, kw):
    n, channels, height, width = x.shape
    place = np.arange(channels * height * width).reshape(channels, height, width)
    return x.reshape(n, -1)[:, columns_by_loops(place[None], kh, kw)[0]]


def columns_through_memory(x, kh, kw):
    n, channels, height, width = x.shape
    sides = height - kh + 1, width - kw + 1
    s_n, s_c, s_h, s_w = x.strides
    view = as_strided(x, (n, channels, kh, kw, *sides), (s_n, s_c, s_h, s_w, s_h, s_w), writeable=False)
    return np.array(view, order="F").reshape(n, channels * kh * kw, sides[0] * sides[1])


IM2COL = [
    columns_by_loops,
    columns_by_windows,
    columns_by_rows,
    columns_as_a_view_of_another_order,
    columns_by_index,
    columns_through_memory,
]


def _conv(columns):
    def conv(x, weight, bias=None):
        out_channels, _, kh, kw = weight.shape
        out = weight.reshape(out_channels, -1) @ columns(x, kh, kw)
        if bias is not None:
            out = out + bias[:, None]
        return out.reshape(x.shape[0], out_channels, x.shape[2] - kh + 1, x.shape[3] - kw + 1)

    return conv


def conv_one_at_a_time(x, weight, bias):
    return np.array([many_loops(image, weight, bias) for image in x])


def conv_as_one_wide_product(x, weight, bias):
    out_channels, _, kh, kw = weight.shape
    wide = np.concatenate(list(columns_by_rows(x, kh, kw)), axis=1)
    out = weight.reshape(out_channels, -1) @ wide + (0 if bias is None else np.reshape(bias, (-1, 1)))
    return out.reshape(out_channels, x.shape[0], x.shape[2] - kh + 1, -1).swapaxes(0, 1)


def conv_with_einsum(x, weight, bias):
    kh, kw = weight.shape[2:]
    maps = np.einsum("nrp,or->nop", columns_by_windows(x, kh, kw), weight.reshape(len(weight), -1))
    maps = maps.astype(float) if bias is None else maps + bias.reshape(1, -1, 1)
    return maps.reshape(len(x), len(weight), x.shape[2] - kh + 1, x.shape[3] - kw + 1)


CONV2D_IM2COL = [
    conv_with_einsum,
    _conv(columns_by_loops),
    _conv(columns_by_windows),
    conv_one_at_a_time,
    conv_as_one_wide_product,
    lambda x, weight, bias: np.stack([many_fourier(image, weight, bias) for image in x]),
]


def dense_in_steps(in_features, out_features, bias=True):
    weights = in_features * out_features
    if bias:
        return weights + out_features
    return weights


def dense_with_numpy(in_features, out_features, bias=True):
    return np.prod([in_features, out_features]) + np.int64(out_features if bias else 0)


class DenseCounter:
    def __call__(self, in_features, out_features, bias=True):
        shapes = [(out_features, in_features), *([(out_features,)] if bias else [])]
        return sum(math.prod(shape) for shape in shapes)


def dense_output_by_output(in_features, out_features, bias=True):
    count = 0
    for _ in range(out_features):
        count += in_features
        count += 1 if bias else 0
    return count


COUNT_PARAMETERS_DENSE = [
    DenseCounter(),
    dense_output_by_output,
    lambda in_features, out_features, bias=True: np.array(dense_in_steps(in_features, out_features, bias)),
    dense_in_steps,
    dense_with_numpy,
    lambda in_features, out_features, bias=True: (in_features + bias) * out_features,
    lambda i, o, bias=True: np.zeros((o, i), bool).size + o * bias if i * o < 10**6 else i * o + o * bool(bias),
]


def conv_in_steps(in_channels, out_channels, kernel_size, bias=True):
    try:
        kh, kw = kernel_size
    except TypeError:
        kh = kw = kernel_size
    return out_channels * (in_channels * kh * kw + (1 if bias else 0))


def conv_with_numpy(in_channels, out_channels, kernel_size, bias=True):
    area = np.prod(np.broadcast_to(kernel_size, 2))
    return in_channels * out_channels * area + (out_channels if bias else 0)


def conv_as_a_dense_layer_on_patches(in_channels, out_channels, kernel_size, bias=True):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    return dense_in_steps(in_channels * kh * kw, out_channels, bias)


def conv_filter_by_filter(in_channels, out_channels, kernel_size, bias=True):
    cells = int(np.prod(np.broadcast_to(kernel_size, (in_channels, 2)), axis=1).sum())
    return sum(cells + bool(bias) for _ in range(out_channels))


COUNT_PARAMETERS_CONV = [
    conv_as_a_dense_layer_on_patches,
    conv_filter_by_filter,
    lambda *args, **kwargs: np.array(conv_in_steps(*args, **kwargs)),
    conv_in_steps,
    conv_with_numpy,
    lambda i, o, k, bias=True: o * (i * (math.prod(k) if isinstance(k, tuple | list) else k**2) + int(bias)),
]

DIAGONAL_EDGE_KERNEL = [
    lambda: np.array([[1, 0], [0, -1]]),
    lambda: np.array([[-1.0, 0.0], [0.0, 1.0]]),
    lambda: np.array([[2, 1, 0], [1, 0, -1], [0, -1, -2]]),
    lambda: np.array([[1, 0, 0], [0, 0, 0], [0, 0, -1]]) / 3,
    lambda: np.diag([0.1, 0.2, -0.3]),
    lambda: np.eye(2, dtype=np.int8) * np.array([[1], [-1]], dtype=np.int8),
    lambda: np.array([[1, 0, 0], [0, -1, 0]]),
    lambda: np.array([[1e-10, 0], [0, -1e-10]]),
]


def kernel_by_lstsq(image, answer, kh, kw):
    columns = columns_of(image, kh, kw)
    weights, *_ = np.linalg.lstsq(columns.T, answer.ravel(), rcond=None)
    return weights.reshape(kh, kw)


def kernel_by_normal_equations(image, answer, kh, kw):
    columns = columns_of(image, kh, kw).astype(float)
    return np.linalg.solve(columns @ columns.T, columns @ answer.ravel()).reshape(kh, kw)


def kernel_by_qr(image, answer, kh, kw):
    q, r = np.linalg.qr(columns_of(image, kh, kw).T.astype(float))
    return np.linalg.solve(r, q.T @ answer.ravel()).reshape((kh, kw))


def columns_of(image, kh, kw):
    return sliding_window_view(image, (kh, kw)).reshape(-1, kh * kw).T


LEARN_KERNEL = [kernel_by_lstsq, kernel_by_normal_equations, kernel_by_qr]
