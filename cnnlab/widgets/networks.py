"""The networks that the shape tracer and the receptive-field grower start from: name, input shape, layers."""

from cnnlab.layers import Conv, Dense, Flatten, Pool


def _vgg16():
    blocks = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
    return [layer for depth, maps in blocks for layer in [*[Conv(maps, 3, padding=1)] * depth, Pool(2, 2)]]


def _alexnet():
    return [
        *(Conv(96, 11, stride=4), Pool(3, 2), Conv(256, 5, padding=2), Pool(3, 2)),
        *(Conv(384, 3, padding=1), Conv(384, 3, padding=1), Conv(256, 3, padding=1), Pool(3, 2)),
    ]


HEAD = [Flatten(), Dense(4096), Dense(4096), Dense(1000)]
MINI = [Conv(16, 3, padding=1), Pool(2, 2), Conv(32, 3, padding=1), Pool(2, 2), Flatten(), Dense(10)]
SMALL = [
    *(Conv(32, 3, padding=1), Conv(32, 3, padding=1), Pool(2, 2), Conv(64, 3, padding=1), Pool(2, 2)),
    *(Flatten(), Dense(128), Dense(10)),
]

NETWORKS = {
    "a small one for 32 × 32": ((3, 32, 32), SMALL),
    "two convolutions on 224 × 224": ((3, 224, 224), MINI),
    "AlexNet": ((3, 227, 227), [*_alexnet(), *HEAD]),
    "VGG-16": ((3, 224, 224), [*_vgg16(), *HEAD]),
}
FIELDS = {
    "3 × 3 and pooling, in turn": [Conv(8, 3), Pool(2, 2)] * 4,
    "three 3 × 3": [Conv(8, 3)] * 3,
    "ten 3 × 3": [Conv(8, 3)] * 10,
    "dilations 1, 2, 4, 8": [Conv(8, 3, dilation=d) for d in (1, 2, 4, 8)],
    "AlexNet's convolutions": _alexnet(),
    "VGG-16's convolutions": _vgg16(),
    "nothing yet": [],
}
