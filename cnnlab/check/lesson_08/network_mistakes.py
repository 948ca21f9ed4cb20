"""What goes wrong in build_simple_cnn."""

from __future__ import annotations

from cnnlab.check.exercise import Mistake, known

BUILD_SIMPLE_CNN: list[Mistake] = []


def _net(**changes):
    """The network with some of its pieces replaced; None leaves one out."""
    from torch import nn

    pieces = {
        "conv1": nn.Conv2d(1, 32, 3, padding=1),
        "relu1": nn.ReLU(),
        "pool1": nn.MaxPool2d(2),
        "conv2": nn.Conv2d(32, 64, 3, padding=1),
        "relu2": nn.ReLU(),
        "pool2": nn.MaxPool2d(2),
        "flatten": nn.Flatten(),
        "dense1": nn.Linear(64 * 7 * 7, 128),
        "relu3": nn.ReLU(),
        "dense2": nn.Linear(128, 10),
        "end": None,
    }
    pieces |= {name: make(nn) if make else None for name, make in changes.items()}
    return nn.Sequential(*(piece for piece in pieces.values() if piece is not None))


@known(
    BUILD_SIMPLE_CNN, "no ReLU after the first convolution", "Without a ReLU between them, two convolutions are one."
)
def no_first_relu():
    return _net(relu1=None)


@known(
    BUILD_SIMPLE_CNN, "no ReLU after the second convolution", "A ReLU stands after each convolution, the second too."
)
def no_second_relu():
    return _net(relu2=None)


@known(
    BUILD_SIMPLE_CNN,
    "no ReLU after the dense layer of 128",
    "Two dense layers with nothing between them are one dense layer: put a ReLU after the 128.",
)
def no_third_relu():
    return _net(relu3=None)


@known(
    BUILD_SIMPLE_CNN, "no ReLU at all", "Without any ReLU the whole network is one linear map, however deep it looks."
)
def no_relu():
    return _net(relu1=None, relu2=None, relu3=None)


@known(
    BUILD_SIMPLE_CNN,
    "a ReLU after the last layer",
    "The last layer gives logits, which may be negative: a ReLU there throws half of what they say away.",
)
def last_relu():
    return _net(end=lambda nn: nn.ReLU())


@known(
    BUILD_SIMPLE_CNN,
    "softmax at the end",
    "CrossEntropyLoss takes logits and does the softmax itself; twice is once too often.",
)
def softmax_at_the_end():
    return _net(end=lambda nn: nn.Softmax(dim=1))


@known(
    BUILD_SIMPLE_CNN,
    "log-softmax at the end",
    "log_softmax belongs to NLLLoss; CrossEntropyLoss wants the bare logits.",
)
def log_softmax_at_the_end():
    return _net(end=lambda nn: nn.LogSoftmax(dim=1))


@known(BUILD_SIMPLE_CNN, "average pooling", "The lesson's network takes the largest of each window: MaxPool2d.")
def average_pooling():
    return _net(pool1=lambda nn: nn.AvgPool2d(2), pool2=lambda nn: nn.AvgPool2d(2))


@known(
    BUILD_SIMPLE_CNN,
    "no padding",
    "Without padding the pictures shrink to 26 and 11, and 64·5·5 numbers reach the dense layer: padding=1.",
)
def no_padding():
    return _net(
        conv1=lambda nn: nn.Conv2d(1, 32, 3),
        conv2=lambda nn: nn.Conv2d(32, 64, 3),
        dense1=lambda nn: nn.Linear(64 * 5 * 5, 128),
    )


@known(
    BUILD_SIMPLE_CNN,
    "64·7·7 does not fit",
    "Without padding=1 only 64·5·5 numbers reach the dense layer that waits for 64·7·7.",
)
def no_padding_and_no_fit():
    return _net(conv1=lambda nn: nn.Conv2d(1, 32, 3), conv2=lambda nn: nn.Conv2d(32, 64, 3))


@known(
    BUILD_SIMPLE_CNN,
    "one pooling only",
    "There is a pool after each convolution: 28 → 14 → 7. With one, 64·14·14 numbers reach the dense layer.",
)
def one_pooling():
    return _net(pool2=None, dense1=lambda nn: nn.Linear(64 * 14 * 14, 128))


@known(BUILD_SIMPLE_CNN, "no biases", "Every layer here has its bias; bias=False is for layers before batch norm.")
def no_biases():
    return _net(
        conv1=lambda nn: nn.Conv2d(1, 32, 3, padding=1, bias=False),
        conv2=lambda nn: nn.Conv2d(32, 64, 3, padding=1, bias=False),
    )


@known(
    BUILD_SIMPLE_CNN, "dropout", "Dropout is not in this network: in train mode it makes the logits a matter of chance."
)
def dropout():
    return _net(end=None, relu3=lambda nn: nn.Sequential(nn.ReLU(), nn.Dropout(0.5)))


@known(BUILD_SIMPLE_CNN, "batch norm", "Batch norm is not in this network; lesson 09's has it.")
def batch_norm():
    return _net(
        conv1=lambda nn: nn.Sequential(nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32)),
        conv2=lambda nn: nn.Sequential(nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64)),
    )


@known(BUILD_SIMPLE_CNN, "5 × 5 kernels", "The kernels are 3 × 3 with a padding of 1.")
def five_by_five():
    return _net(
        conv1=lambda nn: nn.Conv2d(1, 32, 5, padding=2),
        conv2=lambda nn: nn.Conv2d(32, 64, 5, padding=2),
    )


@known(BUILD_SIMPLE_CNN, "leaky ReLU", "The lesson's network has plain ReLUs: what is negative becomes 0.")
def leaky():
    return _net(relu1=lambda nn: nn.LeakyReLU(), relu2=lambda nn: nn.LeakyReLU(), relu3=lambda nn: nn.LeakyReLU())


@known(
    BUILD_SIMPLE_CNN,
    "always the same model",
    "Every call has to give a fresh model: build it inside the function, not once outside.",
)
def the_same_model(made=[]):  # noqa: B006
    if not made:
        made.append(_net())
    return made[0]


@known(BUILD_SIMPLE_CNN, "the class, not a model", "Return a model: write Model(), with parentheses, not Model.")
def the_class():
    return type("Model", (_net().__class__,), {})
