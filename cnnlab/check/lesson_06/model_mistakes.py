"""build_alexnet: what goes wrong, each as a small wrong implementation. Wrong on purpose."""

from __future__ import annotations

import functools

from cnnlab.check.cases import Mistake, known

MODEL: list[Mistake] = []

# places in the list of layers
CONV1, POOL1, CONV2, POOL2, CONV3, CONV4, CONV5, POOL3, FLATTEN, DENSE1, DENSE2, DENSE3 = (
    *(0, 2, 3, 5, 6, 8, 10, 12, 13, 14, 16, 18),
)
RELUS = {"conv1": 1, "conv2": 4, "conv3": 7, "conv4": 9, "conv5": 11, "dense1": 15, "dense2": 17}


@functools.cache
def _shared(kind, *sizes, bias=True):
    """Layers that all wrong networks share: a check asks them one after the other, and fills them anew each time."""
    from torch import nn

    return getattr(nn, kind)(*sizes, bias=bias)


def _net(classes, changed=None, end=(), pool=None, act=None, bias=True):
    """AlexNet, with other layers at some places (None: left out), more at the end, or others throughout."""
    from torch import nn

    conv, dense = functools.partial(_shared, "Conv2d", bias=bias), functools.partial(_shared, "Linear", bias=bias)
    pool, act = pool or nn.MaxPool2d, act or nn.ReLU
    layers = [
        *(conv(3, 96, 11, 4), act(), pool(3, 2), conv(96, 256, 5, 1, 2), act(), pool(3, 2)),
        *(conv(256, 384, 3, 1, 1), act(), conv(384, 384, 3, 1, 1), act(), conv(384, 256, 3, 1, 1), act(), pool(3, 2)),
        *(nn.Flatten(), dense(9216, 4096), act(), dense(4096, 4096), act(), dense(4096, classes)),
    ]
    for place, layer in (changed or {}).items():
        layers[place] = layer
    return nn.Sequential(*(layer for layer in [*layers, *end] if layer is not None))


@known(MODEL, "no ReLU at all", "Without an activation between them the layers collapse into one linear map.")
def _(classes=1000):
    return _net(classes, dict.fromkeys(RELUS.values()))


def _without_relu(name, place):
    says = f"A ReLU follows every layer but the last: {name} has one as well."
    known(MODEL, f"no ReLU after {name}", says)(lambda classes=1000: _net(classes, {place: None}))


for _name, _place in RELUS.items():
    _without_relu(_name, _place)


@known(
    MODEL, "no ReLU after the dense layers", "A ReLU follows every layer but the last, the first two dense ones too."
)
def _(classes=1000):
    return _net(classes, dict.fromkeys((RELUS["dense1"], RELUS["dense2"])))


@known(MODEL, "no ReLU after the convolutions", "A ReLU follows every layer but the last, each convolution too.")
def _(classes=1000):
    return _net(classes, {place: None for name, place in RELUS.items() if name.startswith("conv")})


@known(MODEL, "a ReLU at the end", "The last layer gives logits, which may be negative: no ReLU after it.")
def _(classes=1000):
    from torch import nn

    return _net(classes, end=[nn.ReLU()])


@known(
    MODEL,
    "a softmax at the end",
    "The model gives logits; softmax belongs to the loss, nn.CrossEntropyLoss has it inside.",
)
def _(classes=1000):
    from torch import nn

    return _net(classes, end=[nn.Softmax(dim=1)])


@known(MODEL, "a log-softmax at the end", "The model gives logits; softmax and its logarithm belong to the loss.")
def _(classes=1000):
    from torch import nn

    return _net(classes, end=[nn.LogSoftmax(dim=1)])


@known(MODEL, "tanh for ReLU", "AlexNet was the network that trained with ReLU instead of tanh: nn.ReLU.")
def _(classes=1000):
    from torch import nn

    return _net(classes, act=nn.Tanh)


@known(MODEL, "sigmoid for ReLU", "AlexNet was the network that trained with ReLU instead of sigmoids: nn.ReLU.")
def _(classes=1000):
    from torch import nn

    return _net(classes, act=nn.Sigmoid)


@known(MODEL, "a leaky ReLU", "The activation is ReLU, exactly 0 for what is negative.")
def _(classes=1000):
    from torch import nn

    return _net(classes, act=lambda: nn.LeakyReLU(0.01))


@known(MODEL, "average pooling", "AlexNet takes the largest number of each window: nn.MaxPool2d.")
def _(classes=1000):
    from torch import nn

    return _net(classes, pool=nn.AvgPool2d)


@known(
    MODEL,
    "2 × 2 windows",
    "AlexNet's windows are 3 wide and move by 2. 55, 27 and 13 come out as 27, 13 and 6 with 2 × 2 windows too, so the "
    "shapes do not tell.",
)
def _(classes=1000):
    from torch import nn

    return _net(classes, pool=lambda *sizes: nn.MaxPool2d(2, 2))


@known(
    MODEL,
    "windows that do not overlap",
    "nn.MaxPool2d(3) moves by 3. The windows are 3 wide and move by 2: nn.MaxPool2d(3, 2).",
)
def _(classes=1000):
    from torch import nn

    return _net(classes, pool=lambda *sizes: nn.MaxPool2d(3))


@known(MODEL, "a pooling is missing", "Pooling comes after conv1, conv2 and conv5; the last one leaves 6 × 6.")
def _(classes=1000):
    return _net(classes, {POOL3: None})


@known(
    MODEL,
    "dropout",
    "Dropout is left out here, so that the network gives the same in train and eval mode. The paper has it before the "
    "first two dense layers.",
)
def _(classes=1000):
    from torch import nn

    return _net(classes, {FLATTEN: nn.Sequential(nn.Flatten(), nn.Dropout()), RELUS["dense1"]: _relu_dropout(nn)})


@known(MODEL, "dropout after the dense layers", "Dropout is left out here: the same comes out in train and eval mode.")
def _(classes=1000):
    from torch import nn

    return _net(classes, {RELUS["dense1"]: _relu_dropout(nn), RELUS["dense2"]: _relu_dropout(nn)})


def _relu_dropout(nn):
    return nn.Sequential(nn.ReLU(), nn.Dropout(0.5))


@known(
    MODEL,
    "local response norm",
    "The paper's local response normalisation is left out here; few networks have it today.",
)
def _(classes=1000):
    from torch import nn

    changed = {place: nn.Sequential(nn.ReLU(), nn.LocalResponseNorm(5)) for place in (RELUS["conv1"], RELUS["conv2"])}
    return _net(classes, changed)


@known(MODEL, "batch norm", "AlexNet is older than batch norm: none here.")
def _(classes=1000):
    from torch import nn

    return _net(classes, {RELUS["conv1"]: nn.Sequential(nn.BatchNorm2d(96), nn.ReLU())})


@known(MODEL, "padding in conv1", "With an input of 227 conv1 has no padding; padding 2 is for 224 pixels.")
def _(classes=1000):
    from torch import nn

    return _net(classes, {CONV1: nn.Conv2d(3, 96, 11, stride=4, padding=2)})


@known(MODEL, "no padding in conv2", "conv2 keeps its maps at 27 × 27: a 5 × 5 kernel needs padding 2 for that.")
def _(classes=1000):
    from torch import nn

    return _net(classes, {CONV2: nn.Conv2d(96, 256, 5)})


@known(MODEL, "padding 1 in conv2", "conv2 keeps its maps at 27 × 27: a 5 × 5 kernel needs padding 2 for that.")
def _(classes=1000):
    from torch import nn

    return _net(classes, {CONV2: nn.Conv2d(96, 256, 5, padding=1)})


@known(
    MODEL, "no padding in conv3 to conv5", "conv3 to conv5 keep their maps at 13 × 13: a 3 × 3 kernel needs padding 1."
)
def _(classes=1000):
    from torch import nn

    maps = ((CONV3, 256, 384), (CONV4, 384, 384), (CONV5, 384, 256))
    return _net(classes, {place: nn.Conv2d(came, went, 3) for place, came, went in maps})


@known(MODEL, "reflected padding", "Padding is zeros, nn.Conv2d's own padding_mode.")
def _(classes=1000):
    from torch import nn

    return _net(classes, {CONV2: nn.Conv2d(96, 256, 5, padding=2, padding_mode="reflect")})


@known(MODEL, "a 3 × 3 kernel in conv2", "conv2 looks at 5 × 5 pixels, with padding 2.")
def _(classes=1000):
    from torch import nn

    return _net(classes, {CONV2: nn.Conv2d(96, 256, 3, padding=1)})


@known(MODEL, "a 7 × 7 kernel in conv1", "conv1 looks at 11 × 11 pixels, in steps of 4.")
def _(classes=1000):
    from torch import nn

    return _net(classes, {CONV1: nn.Conv2d(3, 96, 7, stride=4)})


@known(
    MODEL,
    "the two-GPU version",
    "In the paper conv2, conv4 and conv5 are split between two GPUs (groups=2). Here every filter sees all maps.",
)
def _(classes=1000):
    from torch import nn

    maps = ((CONV2, 96, 256, 5), (CONV4, 384, 384, 3), (CONV5, 384, 256, 3))
    return _net(classes, {at: nn.Conv2d(m, f, k, padding=k // 2, groups=2) for at, m, f, k in maps})


@known(
    MODEL,
    "torchvision's AlexNet",
    "torchvision's has 64, 192, 384, 256 and 256 filters and padding in conv1. This lesson's has the paper's widths.",
)
def _(classes=1000):
    from torch import nn

    maps = ((CONV2, 64, 192, 5), (CONV3, 192, 384, 3), (CONV4, 384, 256, 3), (CONV5, 256, 256, 3))
    changed = {at: nn.Conv2d(came, went, kernel, padding=kernel // 2) for at, came, went, kernel in maps}
    return _net(classes, {CONV1: nn.Conv2d(3, 64, 11, stride=4, padding=2), **changed})


@known(MODEL, "no biases", "Every layer has biases here: leave bias=False out.")
def _(classes=1000):
    return _net(classes, bias=False)


@known(MODEL, "always 1,000 classes", "The last layer has `classes` outputs, which need not be 1,000.")
def _(classes=1000):
    return _net(1000)


@known(MODEL, "a dense layer fewer", "AlexNet has three dense layers: 9216 → 4096 → 4096 → classes.")
def _(classes=1000):
    return _net(classes, {DENSE2: None, RELUS["dense2"]: None})


@known(MODEL, "conv4 is missing", "There are five convolutions: conv4 takes 384 maps to 384.")
def _(classes=1000):
    return _net(classes, {CONV4: None, RELUS["conv4"]: None})


@known(
    MODEL,
    "the batch is flattened too",
    "Flatten each picture by itself, nn.Flatten() or x.flatten(1): the first axis stays.",
)
def _(classes=1000):
    from torch import nn

    return _net(classes, {FLATTEN: nn.Flatten(0)})


@known(
    MODEL,
    "the global average before the dense layers",
    "The first dense layer gets all 6 × 6 places of the 256 maps, 9,216 numbers, not their means.",
)
def _(classes=1000):
    from torch import nn

    return _net(classes, {FLATTEN: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), DENSE1: nn.Linear(256, 4096)})


_built = {}


@known(MODEL, "one model for all", "Build a fresh model in every call: two callers must not share weights.")
def _(classes=1000):
    if classes not in _built:
        _built[classes] = _net(classes)
    return _built[classes]


@known(MODEL, "a list of layers", "Layers in a list are no model. Put them in order into nn.Sequential(*layers).")
def _(classes=1000):
    return [*_net(classes)]
