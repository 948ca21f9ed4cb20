"""Right answers of lesson 07, each written in another way; no check may refuse one."""

import functools

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def norm_by_formula(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if training:
        mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
        n = x.shape[0] * x.shape[2] * x.shape[3]
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * n / (n - 1)
    else:
        mean, var = running_mean, running_var
    hat = (x - mean[:, None, None]) / np.sqrt(var[:, None, None] + eps)
    return gamma[:, None, None] * hat + beta[:, None, None], running_mean, running_var


def norm_by_torch(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    tensors = [torch.tensor(np.array(a, dtype=np.float64)) for a in (x, gamma, beta, running_mean, running_var)]
    y = F.batch_norm(tensors[0], tensors[3], tensors[4], tensors[1], tensors[2], training, momentum, eps)
    return y.numpy(), tensors[3].numpy(), tensors[4].numpy()


def norm_channel_by_channel(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    y = np.empty(x.shape)
    means, variances = [float(m) for m in running_mean], [float(v) for v in running_var]
    for c in range(x.shape[1]):
        values = x[:, c].astype(float)
        if training:
            m, v = np.mean(values), np.mean((values - values.mean()) ** 2)
            means[c] += momentum * (m - means[c])
            variances[c] += momentum * (np.var(values, ddof=1) - variances[c])
        else:
            m, v = means[c], variances[c]
        y[:, c] = gamma[c] * (values - m) * (v + eps) ** -0.5 + beta[c]
    return [y, np.array(means), np.array(variances)]


def norm_folded(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    """One scale and one shift for each channel, on a matrix of one row a channel."""
    rows = np.moveaxis(np.asarray(x, dtype=np.float64), 1, 0).reshape(x.shape[1], -1)
    means, variances = np.array(running_mean, float), np.array(running_var, float)
    used = (means, variances)
    if training:
        used = rows.mean(1), ((rows - rows.mean(1, keepdims=True)) ** 2).mean(1)
        means = means * (1 - momentum) + used[0] * momentum
        variances = variances * (1 - momentum) + np.cov(rows).reshape(len(rows), -1).diagonal() * momentum
    scale = gamma / np.sqrt(used[1] + eps)
    y = rows * scale[:, np.newaxis] + (beta - used[0] * scale)[:, np.newaxis]
    return np.moveaxis(y.reshape(x.shape[1], x.shape[0], *x.shape[2:]), 0, 1), means, variances


class NormLayer:
    def __call__(self, x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
        axes, shape = (0, 2, 3), (1, -1, 1, 1)
        if not training:
            y = (x - running_mean.reshape(shape)) / np.sqrt(running_var.reshape(shape) + eps)
            return y * gamma.reshape(shape) + beta.reshape(shape), running_mean.copy(), running_var.copy()
        mean, var = np.mean(x, axis=axes, keepdims=True), np.var(x, axis=axes, keepdims=True)
        y = gamma.reshape(shape) * ((x - mean) / np.sqrt(var + eps)) + beta.reshape(shape)
        fresh = np.var(x, axis=axes, ddof=1)
        means = running_mean * (1 - momentum) + momentum * mean.ravel()
        return y, means, running_var * (1 - momentum) + momentum * fresh


def norm_in_single_precision(*args, **kwargs):
    return tuple(np.asarray(one, dtype=np.float32) for one in norm_by_formula(*args, **kwargs))


BATCH_NORM = [
    norm_by_formula, norm_by_torch, norm_channel_by_channel, norm_folded, NormLayer(), norm_in_single_precision,
]  # fmt: skip


def block_in_a_row(in_channels, out_channels, kernel=3, stride=1):
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel, stride=stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )


class BlockClass(nn.Module):
    def __init__(self, in_channels, out_channels, kernel=3, stride=1):
        super().__init__()
        self.relu = nn.ReLU()
        self.bn = nn.BatchNorm2d(out_channels)
        self.conv = nn.Conv2d(in_channels, out_channels, (kernel, kernel), (stride, stride), kernel // 2, bias=False)

    def forward(self, x):
        return self.relu(self.bn(self.conv(x)))


class BlockOfFunctions(nn.Module):
    """Parameters and buffers of one's own."""

    def __init__(self, in_channels, out_channels, kernel=3, stride=1):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel, kernel) * 0.1)
        self.gamma, self.beta = nn.Parameter(torch.ones(out_channels)), nn.Parameter(torch.zeros(out_channels))
        self.register_buffer("mean", torch.zeros(out_channels))
        self.register_buffer("var", torch.ones(out_channels))
        self.how = {"stride": stride, "padding": kernel // 2}

    def forward(self, x):
        x = F.conv2d(x, self.weight, **self.how)
        return F.batch_norm(x, self.mean, self.var, self.gamma, self.beta, training=self.training).clamp(min=0)


def block_of_pieces(in_channels, out_channels, kernel=3, stride=1):
    pad = nn.ZeroPad2d(kernel // 2)
    conv = nn.Conv2d(in_channels, out_channels, kernel, stride, bias=None)
    layers = nn.Sequential()
    layers.append(nn.Sequential(pad, conv)).append(nn.BatchNorm2d(out_channels)).append(nn.ReLU())
    return layers


def block_by_pixel(in_channels, out_channels, kernel=3, stride=1):
    return (
        PixelBlock(in_channels, out_channels, stride)
        if kernel == 1
        else BlockClass(in_channels, out_channels, kernel, stride)
    )


class PixelBlock(nn.Module):
    """1 × 1: a dense layer for each pixel."""

    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.stride, self.norm = stride, nn.BatchNorm2d(out_channels)
        self.dense = nn.Linear(in_channels, out_channels, bias=False)

    def forward(self, x):
        x = x[:, :, :: self.stride, :: self.stride]
        return torch.relu(self.norm(self.dense(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)))


class ConvOfWindows(nn.Module):
    """im2col, and a dense layer on each window."""

    def __init__(self, in_channels, out_channels, kernel=3, stride=1):
        super().__init__()
        self.dense, self.norm = nn.Linear(in_channels * kernel**2, out_channels, False), nn.BatchNorm2d(out_channels)
        self.kernel, self.stride = kernel, stride

    def forward(self, x):
        pad = self.kernel // 2
        rows = F.unfold(x, self.kernel, padding=pad, stride=self.stride)
        height = (x.shape[2] + 2 * pad - self.kernel) // self.stride + 1
        return F.relu(self.norm((self.dense.weight @ rows).unflatten(2, (height, -1))))


CONV_BLOCK = [
    ConvOfWindows,
    block_in_a_row, BlockClass, BlockOfFunctions, block_of_pieces, block_by_pixel, functools.partial(block_in_a_row),
]  # fmt: skip


class NarrowInSteps(nn.Module):
    def __init__(self, channels, squeeze):
        super().__init__()
        self.down = nn.Conv2d(channels, squeeze, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(squeeze)
        self.conv = nn.Conv2d(squeeze, squeeze, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(squeeze)
        self.up = nn.Conv2d(squeeze, channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(channels)

    def forward(self, x):
        x = F.relu(self.bn1(self.down(x)))
        x = F.relu(self.bn2(self.conv(x)))
        return self.bn3(self.up(x))


def narrow_in_a_row(channels, squeeze):
    return nn.Sequential(
        block_in_a_row(channels, squeeze, 1), block_in_a_row(squeeze, squeeze), nn.Conv2d(squeeze, channels, 1,
        bias=False),
        nn.BatchNorm2d(channels),
    )  # fmt: skip


class NarrowSequence(nn.Sequential):
    def __init__(self, channels, squeeze):
        sizes = [(channels, squeeze, 1), (squeeze, squeeze, 3), (squeeze, channels, 1)]
        layers = []
        for came, went, kernel in sizes:
            layers += [nn.Conv2d(came, went, kernel, padding="same", bias=False), nn.BatchNorm2d(went), nn.ReLU()]
        super().__init__(*layers[:-1])


class NarrowByPixel(nn.Module):
    """Dense layers for the 1 × 1 convolutions, in the reverse order of definition."""

    def __init__(self, channels, squeeze):
        super().__init__()
        self.norms = nn.ModuleList([nn.BatchNorm2d(channels), nn.BatchNorm2d(squeeze), nn.BatchNorm2d(squeeze)])
        self.up = nn.Linear(squeeze, channels, bias=False)
        self.middle = nn.Conv2d(squeeze, squeeze, 3, 1, 1, bias=False)
        self.down = nn.Linear(channels, squeeze, bias=False)

    def forward(self, x):
        x = self.norms[2](self.down(x.movedim(1, -1)).movedim(-1, 1)).relu()
        x = self.norms[1](self.middle(x)).relu()
        return self.norms[0](self.up(x.movedim(1, -1)).movedim(-1, 1))


class NarrowDict(nn.Module):
    def __init__(self, channels, squeeze):
        super().__init__()
        self.layers = nn.ModuleDict({
            "c1": nn.Conv2d(channels, squeeze, kernel_size=1, bias=False), "n1": nn.BatchNorm2d(squeeze),
            "c2": nn.Conv2d(squeeze, squeeze, kernel_size=3, padding=1, bias=False), "n2": nn.BatchNorm2d(squeeze),
            "c3": nn.Conv2d(squeeze, channels, kernel_size=1, bias=False), "n3": nn.BatchNorm2d(channels),
        })  # fmt: skip

    def forward(self, x):
        for k in "123":
            x = self.layers[f"n{k}"](self.layers[f"c{k}"](x))
            x = x if k == "3" else torch.maximum(x, torch.zeros_like(x))
        return x


class NarrowEinsum(nn.Module):
    """The 1 × 1 as a product over the channels."""

    def __init__(self, channels, squeeze):
        super().__init__()
        self.a = nn.Parameter(torch.randn(squeeze, channels) / channels**0.5)
        self.b = nn.Parameter(torch.randn(channels, squeeze) / squeeze**0.5)
        self.rest = nn.Sequential(
            nn.BatchNorm2d(squeeze), nn.ReLU(), nn.Conv2d(squeeze, squeeze, 3, padding=1, bias=False),
            nn.BatchNorm2d(squeeze),
            nn.ReLU(),
        )  # fmt: skip
        self.last = nn.BatchNorm2d(channels)

    def forward(self, x):
        return self.last(torch.einsum("oc,nchw->nohw", self.b, self.rest(torch.einsum("oc,nchw->nohw", self.a, x))))


BOTTLENECK = [NarrowInSteps, narrow_in_a_row, NarrowSequence, NarrowByPixel, NarrowDict, NarrowEinsum]


class Separable(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.depthwise = nn.Conv2d(in_channels, in_channels, 3, stride, 1, groups=in_channels, bias=False)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))


def separable_in_a_row(in_channels, out_channels, stride=1):
    return nn.Sequential(
        nn.Conv2d(in_channels, in_channels, 3, padding=1, stride=stride, groups=in_channels, bias=False),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
    )


class SeparableByPixel(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.spatial = nn.Conv2d(in_channels, in_channels, 3, stride, 1, groups=in_channels, bias=False)
        self.mix = nn.Linear(in_channels, out_channels, bias=False)

    def forward(self, x):
        return self.mix(self.spatial(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class SeparableMapByMap(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.each = nn.ModuleList([nn.Conv2d(1, 1, 3, stride, 1, bias=False) for _ in range(in_channels)])
        self.mix = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        return self.mix(torch.cat([conv(one) for conv, one in zip(self.each, x.split(1, dim=1), strict=True)], dim=1))


class SeparableUnfolded(nn.Module):
    """The nine neighbours of each pixel, multiplied and added."""

    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.kernels = nn.Parameter(torch.randn(in_channels, 1, 3, 3) / 3)
        self.mix = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.stride = stride

    def forward(self, x):
        windows = F.pad(x, (1, 1, 1, 1)).unfold(2, 3, self.stride).unfold(3, 3, self.stride)
        return self.mix((windows * self.kernels[:, 0, None, None]).sum((-1, -2)))


class SeparableSequence(nn.Sequential):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.add_module("pad", nn.ZeroPad2d(1))
        self.add_module("each", nn.Conv2d(in_channels, in_channels, 3, stride, groups=in_channels, bias=False))
        self.add_module("mix", nn.Conv2d(in_channels, out_channels, (1, 1), bias=False))


DEPTHWISESEPARABLE = [
    Separable, separable_in_a_row, SeparableByPixel, SeparableMapByMap, SeparableUnfolded, SeparableSequence,
]  # fmt: skip


class Residual(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        if in_channels != out_channels or stride != 1:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False), nn.BatchNorm2d(out_channels)
            )
        else:
            self.shortcut = nn.Identity()

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.shortcut(x)
        return F.relu(out)


class ResidualShortcutFirst(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.down = None
        if stride > 1 or in_channels != out_channels:
            self.down = block_in_a_row(in_channels, out_channels, 1, stride)[:2]
        self.body = nn.Sequential(
            block_in_a_row(in_channels, out_channels, 3, stride), block_in_a_row(out_channels, out_channels)[:-1]
        )

    def forward(self, x):
        residual = x
        if self.down is not None:
            residual = self.down(x)
        return torch.relu(residual + self.body(x))


class ResidualInPlace(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.relu = nn.ReLU(inplace=True)
        self.a, self.b = (
            block_in_a_row(in_channels, out_channels, stride=stride),
            block_in_a_row(out_channels, out_channels)[:2],
        )
        same = in_channels == out_channels and stride == 1
        self.project = nn.Sequential() if same else block_of_pieces(in_channels, out_channels, 1, stride)[:2]

    def forward(self, x):
        return self.relu(torch.add(self.b(self.a(x)), self.project(x)))


class ResidualByPixel(nn.Module):
    """The projection as a dense layer on every stride-th pixel."""

    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.stride, self.fits = stride, in_channels == out_channels and stride == 1
        self.branch = nn.Sequential(
            BlockClass(in_channels, out_channels, 3, stride), block_in_a_row(out_channels, out_channels)[:2]
        )
        if not self.fits:
            self.dense, self.norm = nn.Linear(in_channels, out_channels, bias=False), nn.BatchNorm2d(out_channels)

    def forward(self, x):
        branch = self.branch(x)
        if self.fits:
            return (branch + x).clamp_min(0)
        pixels = x[:, :, :: self.stride, :: self.stride].permute(0, 2, 3, 1)
        return (branch + self.norm(self.dense(pixels).permute(0, 3, 1, 2))).clamp_min(0)


def residual_by_function(in_channels, out_channels, stride=1):
    class Sum(nn.Module):
        def __init__(self, *ways):
            super().__init__()
            self.ways = nn.ModuleList(ways)

        def forward(self, x):
            return sum(way(x) for way in self.ways)

    branch = nn.Sequential(
        block_in_a_row(in_channels, out_channels, 3, stride), block_in_a_row(out_channels, out_channels)[:2]
    )
    same = (in_channels, 1) == (out_channels, stride)
    return nn.Sequential(
        Sum(branch, nn.Identity() if same else BlockPair(in_channels, out_channels, stride)), nn.ReLU()
    )


class BlockPair(nn.Module):
    def __init__(self, came, went, stride):
        super().__init__()
        self.norm = nn.BatchNorm2d(went)
        self.conv = nn.Conv2d(came, went, 1, stride, bias=False)

    def forward(self, x):
        return self.norm(self.conv(x))


RESIDUALBLOCK = [Residual, ResidualShortcutFirst, ResidualInPlace, ResidualByPixel, residual_by_function]


def count_by_stamps(kernel, stride, size):
    count = np.zeros((size - 1) * stride + kernel)
    for i in range(size):
        count[i * stride : i * stride + kernel] += 1
    return count


def count_by_convolution(kernel, stride, size):
    spread = np.zeros((size - 1) * stride + 1, dtype=int)
    spread[::stride] = 1
    return np.convolve(spread, np.ones(kernel, dtype=int))


def count_by_question(kernel, stride, size):
    """For each place, the inputs that reach it."""
    places = (size - 1) * stride + kernel
    return np.array([sum(0 <= p - i * stride < kernel for i in range(size)) for p in range(places)], dtype=np.uint8)


def count_by_bincount(kernel, stride, size):
    places = np.arange(size)[:, None] * stride + np.arange(kernel)
    return np.bincount(places.ravel(), minlength=(size - 1) * stride + kernel)


def count_by_differences(kernel, stride, size):
    steps = np.zeros((size - 1) * stride + kernel + 1, np.int32)
    np.add.at(steps, np.arange(size) * stride, 1)
    np.add.at(steps, np.arange(size) * stride + kernel, -1)
    return np.cumsum(steps)[:-1].astype(np.float32)


def count_by_torch(kernel, stride, size):
    ones = torch.ones(1, 1, size)
    return F.conv_transpose1d(ones, torch.ones(1, 1, kernel), stride=stride)[0, 0].numpy()


def count_as_a_list(kernel, stride, size):
    return [int(one) for one in count_by_stamps(kernel, stride, size)]


OVERLAP_COUNT = [
    count_by_stamps, count_by_convolution, count_by_question, count_by_bincount, count_by_differences, count_by_torch,
    count_as_a_list,
]  # fmt: skip


def as_pair(value):
    return (value, value) if isinstance(value, int | np.integer) else tuple(value)


def transposed_by_stamps(x, weight, stride=1, padding=0):
    (sh, sw), (ph, pw) = as_pair(stride), as_pair(padding)
    n, _, h, w = x.shape
    _, c_out, kh, kw = weight.shape
    out = np.zeros((n, c_out, (h - 1) * sh + kh, (w - 1) * sw + kw))
    for i in range(h):
        for j in range(w):
            stamp = np.einsum("nc,couv->nouv", x[:, :, i, j].astype(float), weight.astype(float))
            out[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += stamp
    return out[:, :, ph : out.shape[2] - ph, pw : out.shape[3] - pw]


def transposed_by_correlation(x, weight, stride=1, padding=0):
    (sh, sw), (ph, pw) = as_pair(stride), as_pair(padding)
    n, c, h, w = x.shape
    kh, kw = weight.shape[2:]
    wide = np.zeros((n, c, (h - 1) * sh + 1, (w - 1) * sw + 1))
    wide[:, :, ::sh, ::sw] = x
    wide = np.pad(wide, ((0, 0), (0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1)))
    windows = np.lib.stride_tricks.sliding_window_view(wide, (kh, kw), axis=(2, 3))
    out = np.einsum("nchwuv,couv->nohw", windows, weight[:, :, ::-1, ::-1].astype(float))
    return out[:, :, ph : out.shape[2] - ph, pw : out.shape[3] - pw]


def transposed_by_torch(x, weight, stride=1, padding=0):
    x, weight = torch.tensor(np.array(x, float)), torch.tensor(np.array(weight, float))
    return F.conv_transpose2d(x, weight, stride=as_pair(stride), padding=as_pair(padding)).numpy()


def transposed_by_columns(x, weight, stride=1, padding=0):
    """One matrix product, then every row of it to its place (col2im)."""
    (sh, sw), (ph, pw) = as_pair(stride), as_pair(padding)
    n, c, h, w = x.shape
    _, o, kh, kw = weight.shape
    columns = weight.reshape(c, -1).T.astype(np.float64) @ x.reshape(n, c, h * w).astype(np.float64)
    columns = columns.reshape(n, o, kh, kw, h, w)
    out = np.zeros((n, o, (h - 1) * sh + kh, (w - 1) * sw + kw))
    for u in range(kh):
        for v in range(kw):
            out[:, :, u : u + h * sh : sh, v : v + w * sw : sw][:, :, :h, :w] += columns[:, :, u, v]
    return np.ascontiguousarray(out[:, :, ph : out.shape[2] - ph, pw : out.shape[3] - pw])


def transposed_number_by_number(x, weight, stride=1, padding=0):
    sh, sw = as_pair(stride)
    ph, pw = as_pair(padding)
    n, _, h, w = x.shape
    o, kh, kw = weight.shape[1:]
    out = np.zeros((n, o, (h - 1) * sh - 2 * ph + kh, (w - 1) * sw - 2 * pw + kw))
    for (k, d, i, j), value in np.ndenumerate(x):
        for u in range(kh):
            for v in range(kw):
                row, column = i * sh + u - ph, j * sw + v - pw
                if 0 <= row < out.shape[2] and 0 <= column < out.shape[3]:
                    out[k, :, row, column] += float(value) * weight[d, :, u, v]
    return out


def transposed_as_a_gradient(x, weight, stride=1, padding=0):
    """The gradient of a convolution by its input."""
    (sh, sw), (ph, pw) = as_pair(stride), as_pair(padding)
    sides = [(side - 1) * s + k for side, s, k in zip(x.shape[2:], (sh, sw), weight.shape[2:], strict=True)]
    seen = torch.zeros(len(x), weight.shape[1], *sides, dtype=torch.float64, requires_grad=True)
    y = F.conv2d(seen, torch.tensor(np.array(weight, float)), stride=(sh, sw))
    (found,) = torch.autograd.grad(y, seen, torch.tensor(np.array(x, float)))
    return found[:, :, ph : sides[0] - ph, pw : sides[1] - pw].numpy()


TRANSPOSED_CONV2D = [
    transposed_by_stamps, transposed_by_correlation, transposed_by_torch, transposed_by_columns,
    transposed_number_by_number, transposed_as_a_gradient,
]  # fmt: skip
