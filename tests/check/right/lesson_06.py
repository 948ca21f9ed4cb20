"""Right answers of lesson 06, each written in another way; no check may refuse one."""

import functools
import itertools
import math
from dataclasses import astuple

import numpy as np
import torch
from torch import nn

from cnnlab.layers import Conv, Dense, Flatten, Pool


def formula(shape, layer):
    out, kernel, stride, padding, dilation = astuple(layer)
    return (out, *((n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1 for n in shape[1:]))


def conv_by_floor(shape, layer):
    reach = layer.dilation * (layer.kernel - 1) + 1
    height = math.floor((shape[1] + 2 * layer.padding - reach) / layer.stride + 1)
    width = math.floor((shape[2] + 2 * layer.padding - reach) / layer.stride + 1)
    return layer.out_channels, height, width


def conv_by_arange(shape, layer):
    places = (np.arange(-layer.padding, n + layer.padding - layer.dilation * (layer.kernel - 1)) for n in shape[1:])
    return (layer.out_channels, *(len(where[:: layer.stride]) for where in places))


def conv_by_torch(shape, layer):
    conv = nn.Conv2d(shape[0], layer.out_channels, layer.kernel, layer.stride, layer.padding, layer.dilation)
    with torch.no_grad():
        return conv(torch.zeros(1, *shape)).shape[1:]


def conv_by_numpys_ints(shape, layer):
    sides = (np.array(shape[1:]) + 2 * layer.padding - layer.dilation * (layer.kernel - 1) - 1) // layer.stride + 1
    return (layer.out_channels, *sides)


def conv_as_a_list(shape, layer):
    print("conv", shape, layer)
    return list(formula(shape, layer))


CONV_SHAPE = [formula, conv_by_floor, conv_by_arange, conv_by_torch, conv_by_numpys_ints, conv_as_a_list]


def pool_formula(shape, layer):
    channels, height, width = shape
    return (channels, (height - layer.kernel) // layer.stride + 1, (width - layer.kernel) // layer.stride + 1)


def pool_by_range(shape, layer):
    return shape[:1] + tuple(len(range(0, side - layer.kernel + 1, layer.stride)) for side in shape[1:])


def pool_by_torch(shape, layer):
    return tuple(nn.functional.max_pool2d(torch.zeros(1, *shape), layer.kernel, layer.stride).shape[1:])


def pool_as_a_conv(shape, layer):
    return formula(shape, Conv(shape[0], layer.kernel, layer.stride))


class Pooler:
    def __call__(self, shape, layer):
        return pool_formula(shape, layer)


POOL_SHAPE = [pool_formula, pool_by_range, pool_by_torch, pool_as_a_conv, Pooler()]


def loop(layers, input_shape):
    shape, shapes = input_shape, [input_shape]
    for layer in layers:
        if isinstance(layer, Conv):
            shape = formula(shape, layer)
        elif isinstance(layer, Pool):
            shape = pool_formula(shape, layer)
        elif isinstance(layer, Flatten):
            shape = (shape[0] * shape[1] * shape[2],)
        else:
            shape = (layer.out_features,)
        shapes.append(shape)
    return shapes


def one_step(shape, layer):
    match layer:
        case Conv():
            return formula(shape, layer)
        case Pool(kernel, stride):
            return pool_as_a_conv(shape, Pool(kernel, stride))
        case Flatten():
            return (int(np.prod(shape)),)
        case Dense(n):
            return (n,)


def accumulated(layers, input_shape):
    return list(itertools.accumulate(layers, one_step, initial=input_shape))


def recursive(layers, input_shape):
    if not layers:
        return [input_shape]
    return [input_shape, *recursive(layers[1:], one_step(input_shape, layers[0]))]


def by_name(layers, input_shape):
    how = {"Conv": formula, "Pool": pool_by_range, "Flatten": lambda s, _: (math.prod(s),)}
    shapes = [tuple(input_shape)]
    for layer in layers:
        how_to = how.get(type(layer).__name__, lambda _, dense: (dense.out_features,))
        shapes.append(how_to(shapes[-1], layer))
    return tuple(shapes)


def torch_layers(layers, input_shape):
    """The same network in torch, on the meta device where a layer would be large."""
    made, shape = [], input_shape
    for layer in layers:
        match layer:
            case Conv(out, kernel, stride, padding, dilation):
                made.append(nn.Conv2d(shape[0], out, kernel, stride, padding, dilation))
            case Pool(kernel, stride):
                made.append(nn.MaxPool2d(kernel, stride))
            case Flatten():
                made.append(nn.Flatten())
            case Dense(out):
                made.append(nn.utils.skip_init(nn.Linear, shape[0], out))
        shape = one_step(shape, layer)
    return made


def trace_by_torch(layers, input_shape):
    x = torch.zeros(1, *input_shape)
    shapes = [tuple(x.shape[1:])]
    with torch.no_grad():
        for layer in torch_layers(layers, input_shape):
            x = torch.zeros(1, layer.out_features) if isinstance(layer, nn.Linear) else layer(x)
            shapes.append(tuple(x.shape[1:]))
    return shapes


def lists_inside(layers, input_shape):
    return [list(shape) for shape in loop(layers, input_shape)]


TRACE = [loop, accumulated, recursive, by_name, trace_by_torch, lists_inside]


def counted(layers, input_shape):
    counts = []
    for layer, shape in zip(layers, loop(layers, input_shape), strict=False):
        if isinstance(layer, Conv):
            counts.append(layer.kernel * layer.kernel * shape[0] * layer.out_channels + layer.out_channels)
        elif isinstance(layer, Dense):
            counts.append(layer.out_features * shape[0] + layer.out_features)
        else:
            counts.append(0)
    return counts


def counted_by_torch(layers, input_shape):
    return [sum(p.numel() for p in layer.parameters()) for layer in torch_layers(layers, input_shape)]


def counted_by_numpy(layers, input_shape):
    def weight(layer, shape):
        match layer:
            case Conv(out, kernel):
                return np.array([out, shape[0], kernel, kernel])
            case Dense(out):
                return np.array([out, *shape])
        return np.zeros(1, int)

    weights = [weight(*pair) for pair in zip(layers, loop(layers, input_shape), strict=False)]
    return [w.prod() + w[0] for w in weights]


def counted_backwards(layers, input_shape):
    shapes, counts = loop(layers, input_shape), []
    for k in reversed(range(len(layers))):
        inputs = shapes[k][0] * getattr(layers[k], "kernel", 1) ** 2
        outputs = getattr(layers[k], "out_channels", getattr(layers[k], "out_features", 0))
        counts.insert(0, (inputs + 1) * outputs)
    return tuple(counts)


PARAMETERS = [counted, counted_by_torch, counted_by_numpy, counted_backwards, functools.partial(counted)]


def multiplied(layers, input_shape):
    shapes, found = loop(layers, input_shape), []
    for k, layer in enumerate(layers):
        if isinstance(layer, Conv):
            c, h, w = shapes[k + 1]
            found.append(layer.kernel**2 * shapes[k][0] * c * h * w)
        elif isinstance(layer, Dense):
            found.append(shapes[k][0] * layer.out_features)
        else:
            found.append(0)
    return found


def weights_times_places(layers, input_shape):
    shapes = accumulated(layers, input_shape)
    found = []
    for layer, count, shape in zip(layers, counted(layers, input_shape), shapes[1:], strict=True):
        biases = getattr(layer, "out_channels", getattr(layer, "out_features", 0))
        found.append((count - biases) * math.prod(shape[1:]))
    return found


def a_value_at_a_time(layers, input_shape):
    shapes = by_name(layers, input_shape)
    each = {Conv: lambda layer, c: c * layer.kernel**2, Dense: lambda layer, n: n}
    return tuple(
        each[type(layer)](layer, came[0]) * np.prod(went, dtype=np.int64) if type(layer) in each else 0
        for layer, came, went in zip(layers, shapes, shapes[1:], strict=False)
    )


class Macs:
    def count(self, layers, input_shape):
        return multiplied(layers, input_shape)


MACS = [multiplied, weights_times_places, a_value_at_a_time, Macs().count]


def jump(layers):
    field, step, found = 1, 1, []
    for layer in layers:
        dilation = layer.dilation if isinstance(layer, Conv) else 1
        field = field + dilation * (layer.kernel - 1) * step
        step = step * layer.stride
        found.append(field)
    return found


def walked_back(layers):
    def one(part):
        field = 1
        for layer in reversed(part):
            field = (field - 1) * layer.stride + getattr(layer, "dilation", 1) * (layer.kernel - 1) + 1
        return field

    return tuple(one(layers[: k + 1]) for k in range(len(layers)))


def products(layers):
    grown = [
        getattr(layer, "dilation", 1) * (layer.kernel - 1) * math.prod(before.stride for before in layers[:k])
        for k, layer in enumerate(layers)
    ]
    return [1 + sum(grown[: k + 1]) for k in range(len(layers))]


def numpys_sums(layers):
    strides = np.cumprod([1] + [layer.stride for layer in layers])[:-1]
    spans = np.array([getattr(layer, "dilation", 1) * (layer.kernel - 1) for layer in layers])
    return list(1 + np.cumsum(spans * strides))


def sets_of_pixels(layers):
    def seen(part):
        places = {0}
        for layer in reversed(part):
            dilation = getattr(layer, "dilation", 1)
            places = {at * layer.stride + dilation * tap for at in places for tap in range(layer.kernel)}
        return max(places) - min(places) + 1

    return [seen(layers[: k + 1]) for k in range(len(layers))]


RECEPTIVE_FIELD = [jump, walked_back, products, numpys_sums, sets_of_pixels]

TABLE = {
    "shape after conv1": (96, 55, 55),
    "shape after pool1": (96, 27, 27),
    "shape after conv2": (256, 27, 27),
    "shape after pool2": (256, 13, 13),
    "shape after conv3": (384, 13, 13),
    "shape after conv4": (384, 13, 13),
    "shape after conv5": (256, 13, 13),
    "shape after pool3": (256, 6, 6),
    "shape after flatten": (9216,),
    "parameters of conv1": 34_944,
    "parameters of pool1": 0,
    "parameters of conv2": 614_656,
    "parameters of conv3": 885_120,
    "parameters of conv4": 1_327_488,
    "parameters of conv5": 884_992,
    "parameters of flatten": 0,
    "parameters of dense1": 37_752_832,
    "parameters of dense2": 16_781_312,
    "parameters of dense3": 4_097_000,
    "parameters in all": 62_378_344,
    "percent of them in dense layers": 94,
    "224 unpadded: side after conv1": 54,
    "224, padding 2: side after conv1": 55,
    "two GPUs: parameters of conv2": 307_456,
    "two GPUs: parameters in all": 60_965_224,
    "torchvision: parameters in all": 61_100_840,
    "Tiny ImageNet: parameters of the last layer": 819_400,
    "Tiny ImageNet: parameters in all": 42_319_432,
}


class Table(dict):
    def __str__(self):
        raise RuntimeError("not to be printed")

    __repr__ = __str__


ALEXNET_ANSWERS = [
    TABLE,
    dict(reversed(TABLE.items())),
    {key: list(value) if isinstance(value, tuple) else np.int64(value) for key, value in TABLE.items()},
    TABLE | {"percent of them in dense layers": 100 * 58_631_144 / 62_378_344, "a note of mine": "done"},
    Table(TABLE),
]


def in_a_row(classes=1000):
    return nn.Sequential(
        nn.Conv2d(3, 96, kernel_size=11, stride=4),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(96, 256, kernel_size=5, padding=2),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(256, 384, kernel_size=3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(384, 384, kernel_size=3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(384, 256, kernel_size=3, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Flatten(),
        nn.Linear(256 * 6 * 6, 4096),
        nn.ReLU(inplace=True),
        nn.Linear(4096, 4096),
        nn.ReLU(inplace=True),
        nn.Linear(4096, classes),
    )


class AlexNet(nn.Module):
    """Layers defined in another order than used, activations and pooling as functions, and a view of 9,216."""

    def __init__(self, classes=1000):
        super().__init__()
        self.out = nn.Linear(4096, classes)
        self.f2, self.f1 = nn.Linear(4096, 4096), nn.Linear(9216, 4096)
        self.e, self.d = nn.Conv2d(384, 256, 3, padding=1), nn.Conv2d(384, 384, 3, padding="same")
        self.c, self.b = nn.Conv2d(256, 384, 3, 1, 1), nn.Conv2d(96, 256, (5, 5), padding=(2, 2))
        self.a = nn.Conv2d(3, 96, 11, 4)

    def forward(self, x):
        pool = nn.functional.max_pool2d
        x = pool(self.a(x).relu(), 3, 2)
        x = pool(torch.relu(self.b(x)), 3, stride=2)
        x = nn.functional.relu(self.d(nn.functional.relu(self.c(x))))
        x = pool(self.e(x), 3, 2).clamp(min=0)
        x = x.view(-1, 256 * 6 * 6)
        return self.out(torch.maximum(self.f2(torch.relu(self.f1(x))), torch.zeros(())))


class Split(nn.Module):
    """Features and classifier, with layers that change nothing: adaptive pooling to 6 × 6, dropout of 0, ceil_mode."""

    def __init__(self, classes):
        super().__init__()
        widths = ((3, 96, 11, 4, 0), (96, 256, 5, 1, 2), (256, 384, 3, 1, 1), (384, 384, 3, 1, 1), (384, 256, 3, 1, 1))
        layers = []
        for k, (came, went, kernel, stride, padding) in enumerate(widths):
            layers += [nn.Conv2d(came, went, kernel, stride, padding), nn.ReLU()]
            layers += [nn.MaxPool2d(3, 2, ceil_mode=True)] if k in (0, 1, 4) else []
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            *(nn.Dropout(0.0), nn.Linear(9216, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU()),
            nn.Linear(4096, classes),
        )
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.zeros_(module.bias)

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def by_class(classes=1000):
    print("building")
    return Split(classes)


def lazily(classes=1000):
    layers = [nn.LazyConv2d(96, 11, 4), nn.ReLU(), nn.MaxPool2d(3, 2), nn.LazyConv2d(256, 5, padding=2), nn.ReLU()]
    layers += [nn.MaxPool2d(3, 2), nn.LazyConv2d(384, 3, padding=1), nn.ReLU(), nn.LazyConv2d(384, 3, padding=1)]
    layers += [nn.ReLU(), nn.LazyConv2d(256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Flatten()]
    return nn.Sequential(
        *layers, nn.LazyLinear(4096), nn.ReLU(), nn.LazyLinear(4096), nn.ReLU(), nn.LazyLinear(classes)
    )


def tried_out(classes=1000):
    """Its dense inputs are found by a trial, it pools before the activation, and is handed out in eval mode."""
    first = [nn.Conv2d(3, 96, 11, stride=4), nn.MaxPool2d(3, 2), nn.ReLU(), nn.ZeroPad2d(2), nn.Conv2d(96, 256, 5)]
    rest = [nn.MaxPool2d(3, 2), nn.ReLU(), nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()]
    rest += [nn.Conv2d(384, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 256, 3, padding=1), nn.MaxPool2d(3, 2)]
    maps = nn.Sequential(*first, *rest, nn.ReLU(), nn.Flatten())
    inputs = maps(torch.zeros(1, 3, 227, 227)).shape[1]
    head = nn.Sequential(nn.Linear(inputs, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, classes))
    return nn.Sequential(maps, head).eval()


class Functional(nn.Module):
    """Bare parameters, in no order, and torch's functions."""

    def __init__(self, classes):
        super().__init__()
        shapes = [(classes, 4096), (256, 384, 3, 3), (4096, 9216), (384, 384, 3, 3), (96, 3, 11, 11), (4096, 4096)]
        shapes += [(384, 256, 3, 3), (256, 96, 5, 5)]
        self.biases = nn.ParameterList([nn.Parameter(torch.zeros(shape[0])) for shape in shapes])
        self.weights = nn.ParameterList([nn.Parameter(torch.empty(shape).normal_(std=0.01)) for shape in shapes])

    def forward(self, x):
        f, w, b = nn.functional, self.weights, self.biases
        x = f.max_pool2d(f.relu(f.conv2d(x, w[4], b[4], stride=4)), 3, 2)
        x = f.max_pool2d(f.relu(f.conv2d(x, w[7], b[7], padding=2)), 3, 2)
        for k in (6, 3, 1):
            x = f.relu(f.conv2d(x, w[k], b[k], padding=1))
        x = f.max_pool2d(x, 3, 2).flatten(1)
        x = f.relu(f.linear(f.relu(f.linear(x, w[2], b[2])), w[5], b[5]))
        return x @ w[0].T + b[0]


def functional(classes=1000):
    return Functional(classes)


BUILD_ALEXNET = [in_a_row, AlexNet, by_class, lazily, tried_out, functional]
