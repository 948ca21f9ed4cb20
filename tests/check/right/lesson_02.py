"""Right answers of lesson 02, each written in another way; no check may refuse one."""

import functools
import itertools
import math

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view


def size_by_formula(size, kernel, padding=0, stride=1, dilation=1):
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError(f"a kernel of {kernel} does not fit into {size} pixels")
    return room // stride + 1


def size_by_counting(size, kernel, padding=0, stride=1, dilation=1):
    count, start = 0, -padding
    while start + dilation * (kernel - 1) <= size + padding - 1:
        count, start = count + 1, start + stride
    if not count:
        raise ValueError
    return count


def size_by_floor(size, kernel, padding=0, stride=1, dilation=1):
    reach = (kernel - 1) * dilation + 1
    if reach > size + 2 * padding:
        raise ValueError("no")
    return math.floor((size + 2 * padding - reach) / stride) + 1


def size_of_array(size, kernel, padding=0, stride=1, dilation=1):
    return np.int64(len(sliding_window_view(np.zeros(size + 2 * padding), dilation * (kernel - 1) + 1)[::stride]))


OUTPUT_SIZE = [size_by_formula, size_by_counting, size_by_floor, size_of_array]


def same_by_half(kernel, dilation=1):
    total = dilation * (kernel - 1)
    if total % 2 == 1:
        raise ValueError("odd")
    return total // 2


def same_by_search(kernel, dilation=1):
    size = dilation * kernel
    for padding in range(size):
        if size_by_formula(size, kernel, padding, 1, dilation) == size:
            return padding
    raise ValueError


def same_by_divmod(kernel, dilation=1):
    half, rest = divmod((kernel - 1) * dilation, 2)
    if rest:
        raise ValueError("no padding keeps this size")
    return half


SAME_PADDING = [same_by_half, same_by_search, same_by_divmod]


def left_by_product(size, kernel, layers):
    left = size - layers * (kernel - 1)
    if left < 1:
        raise ValueError("nothing is left")
    return left


def left_by_layers(size, kernel, layers):
    for _ in range(layers):
        size = size_by_formula(size, kernel)
    return size


def left_by_recursion(size, kernel, layers):
    if size < 1:
        raise ValueError
    return size if layers == 0 else left_by_recursion(size - kernel + 1, kernel, layers - 1)


SHRINK_AFTER = [left_by_product, left_by_layers, left_by_recursion]


def pad_by_numpy(x, padding):
    ph, pw = np.broadcast_to(padding, 2)
    return np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))


def pad_into_zeros(x, padding):
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    n, c, h, w = x.shape
    out = np.zeros((n, c, h + 2 * ph, w + 2 * pw))
    out[:, :, ph : ph + h, pw : pw + w] = x
    return out


def pad_by_stacking(x, padding):
    ph, pw = (padding, padding) if np.isscalar(padding) else padding
    side = np.zeros((*x.shape[:3], pw), x.dtype)
    x = np.concatenate([side, x, side], axis=-1)
    top = np.zeros((*x.shape[:2], ph, x.shape[3]), x.dtype)
    return np.asfortranarray(np.concatenate([top, x, top], axis=-2))


PAD2D = [pad_by_numpy, pad_into_zeros, pad_by_stacking]


def pair(v):
    return (v, v) if np.ndim(v) == 0 else (v[0], v[1])


def conv_loops(x, weight, bias=None, stride=1, padding=0, dilation=1):
    x = pad_by_numpy(x, padding)
    (sh, sw), (dh, dw) = pair(stride), pair(dilation)
    n, _, h, w = x.shape
    filters, _, kh, kw = weight.shape
    rows, columns = size_by_formula(h, kh, 0, sh, dh), size_by_formula(w, kw, 0, sw, dw)
    out = np.zeros((n, filters, rows, columns))
    for i, j in itertools.product(range(rows), range(columns)):
        patch = x[:, :, i * sh : i * sh + dh * (kh - 1) + 1 : dh, j * sw : j * sw + dw * (kw - 1) + 1 : dw]
        out[:, :, i, j] = np.tensordot(patch, weight, axes=([1, 2, 3], [1, 2, 3]))
    return out if bias is None else out + bias.reshape(1, -1, 1, 1)


def conv_windows(x, weight, bias=None, stride=1, padding=0, dilation=1):
    (sh, sw), (dh, dw) = pair(stride), pair(dilation)
    kh, kw = weight.shape[2:]
    size_by_formula(x.shape[2], kh, pair(padding)[0], sh, dh), size_by_formula(x.shape[3], kw, pair(padding)[1], sw, dw)
    x = pad_by_numpy(x, padding)
    patches = sliding_window_view(x, (dh * (kh - 1) + 1, dw * (kw - 1) + 1), axis=(2, 3))[..., ::dh, ::dw]
    out = np.einsum("nchwuv,ocuv->nohw", patches[:, :, ::sh, ::sw], weight.astype(float))
    if bias is not None:
        out += np.asarray(bias)[None, :, None, None]
    return out


def conv_taps(x, weight, bias=None, stride=1, padding=0, dilation=1):
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    kh, kw = weight.shape[2:]
    rows, columns = size_by_floor(x.shape[2], kh, ph, sh, dh), size_by_floor(x.shape[3], kw, pw, sw, dw)
    x = pad_into_zeros(x, (ph, pw))
    out = 0.0 if bias is None else np.array(bias, float)[:, None, None]
    for u in range(kh):
        for v in range(kw):
            part = x[:, :, u * dh :: sh, v * dw :: sw][:, :, :rows, :columns]
            out = out + np.tensordot(weight[:, :, u, v], part, axes=([1], [1])).transpose(1, 0, 2, 3)
    return out


def conv_dilated_kernel(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """The kernel with zeros between its weights, at every start, of which the strided ones are kept."""
    (sh, sw), (dh, dw) = pair(stride), pair(dilation)
    filters, channels, kh, kw = weight.shape
    wide = np.zeros((filters, channels, dh * (kh - 1) + 1, dw * (kw - 1) + 1))
    wide[:, :, ::dh, ::dw] = weight
    x = pad_into_zeros(x, padding)
    if x.shape[2] < wide.shape[2] or x.shape[3] < wide.shape[3]:
        raise ValueError
    full = conv_loops(x, wide)
    out = full[:, :, ::sh, ::sw]
    return out if bias is None else out + bias[:, None, None]


def conv_columns(x, weight, bias=None, stride=1, padding=0, dilation=1):
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    filters, _, kh, kw = weight.shape
    rows, columns = size_by_formula(x.shape[2], kh, ph, sh, dh), size_by_formula(x.shape[3], kw, pw, sw, dw)
    x = np.ascontiguousarray(pad_by_numpy(x, padding))
    n, c = x.shape[:2]
    a, b, e, f = x.strides
    view = as_strided(x, (n, c, kh, kw, rows, columns), (a, b, e * dh, f * dw, e * sh, f * sw), writeable=False)
    out = weight.reshape(filters, -1) @ view.reshape(n, c * kh * kw, rows * columns).astype(np.float64)
    out = out.reshape(n, filters, rows, columns)
    return out if bias is None else out + np.expand_dims(bias, (1, 2))


class Convolution:
    def __call__(self, x, weight, bias=None, stride=1, padding=0, dilation=1):
        out = conv_windows(x, weight, bias, stride, padding, dilation)
        return out.astype(np.float32) if x.dtype == weight.dtype == np.float32 else out


CONV2D = [
    conv_loops,
    conv_windows,
    conv_taps,
    conv_dilated_kernel,
    conv_columns,
    Convolution(),
    functools.partial(conv_loops),
]


def greedy(depth, field):
    if field > 3**depth:
        raise ValueError("too large")
    rates, sees = [], 1
    for _ in range(depth):
        rates.append(max(1, min(sees, math.ceil((field - sees) / 2))))
        sees += 2 * rates[-1]
    return rates


def powers_of_three(depth, field):
    if field > 3**depth:
        raise ValueError("too large")
    return tuple(3**k for k in range(depth))


def as_array(depth, field):
    return np.array(greedy(depth, field))[::-1]


DILATION_SCHEDULE = [greedy, powers_of_three, as_array]
