"""What goes wrong in build_small_cnn and build_residual_net."""

from __future__ import annotations

from cnnlab.check.cases import Mistake, known

BUILD_SMALL_CNN: list[Mistake] = []
BUILD_RESIDUAL_NET: list[Mistake] = []


def small_cnn(**changes):
    """The small network with some of its pieces replaced; None leaves one out."""
    from torch import nn

    pieces = {
        "conv1": nn.Conv2d(3, 32, 3, padding=1),
        "norm1": nn.BatchNorm2d(32),
        "relu1": nn.ReLU(),
        "pool1": nn.MaxPool2d(2),
        "conv2": nn.Conv2d(32, 64, 3, padding=1),
        "norm2": nn.BatchNorm2d(64),
        "relu2": nn.ReLU(),
        "pool2": nn.MaxPool2d(2),
        "flatten": nn.Flatten(),
        "dense1": nn.Linear(64 * 8 * 8, 128),
        "relu3": nn.ReLU(),
        "dropout": nn.Dropout(0.5),
        "dense2": nn.Linear(128, 10),
        "end": None,
    }
    pieces |= {name: make(nn) if make else None for name, make in changes.items()}
    return nn.Sequential(*(piece for piece in pieces.values() if piece is not None))


@known(BUILD_SMALL_CNN, "no batch norm", "After each convolution comes BatchNorm2d, then the ReLU.")
def no_norm():
    return small_cnn(norm1=None, norm2=None)


@known(BUILD_SMALL_CNN, "one batch norm only", "Both convolutions have their own batch norm.")
def one_norm():
    return small_cnn(norm2=None)


@known(
    BUILD_SMALL_CNN,
    "batch norm after the ReLU",
    "The order here is convolution, batch norm, ReLU: the norm sees negative numbers too.",
)
def norm_after_relu():
    return small_cnn(
        norm1=None,
        norm2=None,
        relu1=lambda nn: nn.Sequential(nn.ReLU(), nn.BatchNorm2d(32)),
        relu2=lambda nn: nn.Sequential(nn.ReLU(), nn.BatchNorm2d(64)),
    )


@known(
    BUILD_SMALL_CNN,
    "no ReLU after the first batch norm",
    "convolution, batch norm, ReLU, pool: the ReLU is missing.",
)
def no_first_relu():
    return small_cnn(relu1=None)


@known(BUILD_SMALL_CNN, "no ReLU after the second batch norm", "The second block has a ReLU as well.")
def no_second_relu():
    return small_cnn(relu2=None)


@known(BUILD_SMALL_CNN, "no ReLU after the dense layer of 128", "Without it the two dense layers are one.")
def no_third_relu():
    return small_cnn(relu3=None)


@known(BUILD_SMALL_CNN, "no dropout", "Dropout of 0.5 stands between the 128 and the last layer.")
def no_dropout():
    return small_cnn(dropout=None)


@known(BUILD_SMALL_CNN, "too little dropout", "The rate is 0.5: half of the 128 numbers rest in each step.")
def little_dropout():
    return small_cnn(dropout=lambda nn: nn.Dropout(0.2))


@known(
    BUILD_SMALL_CNN,
    "dropout in eval mode too",
    "Dropout is for training alone. F.dropout needs training=self.training; nn.Dropout does that by itself.",
)
def dropout_always():
    from torch import nn

    class Always(nn.Module):
        def forward(self, x):
            return nn.functional.dropout(x, 0.5, training=True)

    return small_cnn(dropout=lambda _: Always())


@known(BUILD_SMALL_CNN, "softmax at the end", "CrossEntropyLoss takes logits and does the softmax itself.")
def softmax_end():
    return small_cnn(end=lambda nn: nn.Softmax(dim=1))


@known(BUILD_SMALL_CNN, "a ReLU after the last layer", "The last layer gives logits, which may be negative.")
def relu_end():
    return small_cnn(end=lambda nn: nn.ReLU())


@known(BUILD_SMALL_CNN, "average pooling", "The lesson's network takes the largest of each window: MaxPool2d.")
def average():
    return small_cnn(pool1=lambda nn: nn.AvgPool2d(2), pool2=lambda nn: nn.AvgPool2d(2))


@known(
    BUILD_SMALL_CNN,
    "no biases in the convolutions",
    "Here the convolutions keep their biases (nn.Conv2d's default).",
)
def no_bias():
    return small_cnn(
        conv1=lambda nn: nn.Conv2d(3, 32, 3, padding=1, bias=False),
        conv2=lambda nn: nn.Conv2d(32, 64, 3, padding=1, bias=False),
    )


@known(BUILD_SMALL_CNN, "always the same model", "Build the model inside the function: every call gives a fresh one.")
def same_small(made=[]):  # noqa: B006
    if not made:
        made.append(small_cnn())
    return made[0]


def block(before, after, stride=1, *, shortcut_first=False, add=True, last=True, project="where needed", first=True):
    """A residual block with some of its pieces changed; project: "where needed", "bare" (without norm), "never"."""
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = nn.Conv2d(before, after, 3, stride if first else 1, 1, bias=False)
            self.norm1 = nn.BatchNorm2d(after)
            self.two = nn.Conv2d(after, after, 3, 1 if first else stride, 1, bias=False)
            self.norm2 = nn.BatchNorm2d(after)
            self.short = nn.Sequential()
            if project != "never" and (stride != 1 or before != after):
                self.short.append(nn.Conv2d(before, after, 1, stride, bias=False))
                if project != "bare":
                    self.short.append(nn.BatchNorm2d(after))

        def forward(self, x):
            short = self.short(x) if shortcut_first else None
            found = self.norm2(self.two(torch.relu(self.norm1(self.one(x)))))
            if add:
                found = found + (self.short(x) if short is None else short)
            return torch.relu(found) if last else found

    return Block()


def residual_net(
    width=32,
    *,
    strides=(1, 2, 2),
    growth=(1, 2, 4),
    blocks=2,
    where=0,
    stem="conv, norm, ReLU",
    pool="average",
    end=None,
    **changes,
):
    """The residual network with some of its pieces changed."""
    from torch import nn

    pieces = [nn.Conv2d(3, width, 3, padding=1, bias=stem == "with bias")]
    pieces += [] if stem == "bare" else [nn.BatchNorm2d(width), nn.ReLU()]
    if stem == "with pool":
        pieces.append(nn.MaxPool2d(2))
    before = width
    for times, stride in zip(growth, strides, strict=True):
        for k in range(blocks):
            pieces.append(block(before, times * width, stride if k == where else 1, **changes))
            before = times * width
    pieces += [{"average": nn.AdaptiveAvgPool2d, "max": nn.AdaptiveMaxPool2d}[pool](1), nn.Flatten()]
    pieces.append(nn.Linear(before, 10))
    return nn.Sequential(*pieces, *([end(nn)] if end else []))


def _variant(name, says, **changes):
    @known(BUILD_RESIDUAL_NET, name, says)
    def wrong(width=32):
        return residual_net(width, **changes)

    return wrong


_variant(
    "no skip",
    "The block adds its input to what the two convolutions made of it; without that it is a plain net.",
    add=False,
)
_variant("no ReLU after the sum", "The block ends with a ReLU, after the addition.", last=False)
_variant(
    "no stride",
    "The second and third stage halve the sides: stride 2 in the first block of each.",
    strides=(1, 1, 1),
)
_variant(
    "stride 2 in the first stage too", "The strides are 1, 2, 2: the first stage keeps 32 × 32.", strides=(2, 2, 2)
)
_variant("the stride in the last block", "The stride belongs to each stage's first block.", where=1)
_variant("no growth", "The widths are 1×, 2× and 4×: where the sides halve, the channels double.", growth=(1, 1, 1))
_variant("widths 1, 2, 3", "The widths double: 1×, 2×, 4×.", growth=(1, 2, 3))
_variant("one block in each stage", "Each of the three stages has two blocks.", blocks=1)
_variant("three blocks in each stage", "Each of the three stages has two blocks, not three.", blocks=3)
_variant("a bare stem", "The stem is lesson 07's conv_block: convolution, batch norm, ReLU.", stem="bare")
_variant(
    "a bias in the stem", "conv_block's convolution has no bias; batch norm's shift does that work.", stem="with bias"
)
_variant("a pool after the stem", "That is for large pictures; at 32 × 32 the stem keeps the size.", stem="with pool")
_variant("the projection without batch norm", "The 1 × 1 convolution on the skip has a batch norm too.", project="bare")
_variant("the stride in the second convolution", "The block's stride is in its first convolution.", first=False)
_variant("global max pooling", "The head takes the *average* of each map.", pool="max")
_variant(
    "softmax at the end", "CrossEntropyLoss takes logits and does the softmax itself.", end=lambda nn: nn.Softmax(1)
)


@known(
    BUILD_RESIDUAL_NET,
    "the width is ignored",
    "Every layer follows from the argument `width`; 32 is only its default.",
)
def always_32(width=32):
    return residual_net(32)


@known(
    BUILD_RESIDUAL_NET,
    "always the same model",
    "Build the model inside the function: every call gives a fresh one.",
)
def same_residual(width=32, *, made={}):  # noqa: B006
    return made.setdefault(width, residual_net(width))
