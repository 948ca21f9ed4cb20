"""build_alexnet: the network of the lesson."""

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import between
from cnnlab.check.models import SHAPES, in_a_row, model_exercise

CONVS = {"conv1": (3, 96, 11), "conv2": (96, 256, 5), "conv3": (256, 384, 3), "conv4": (384, 384, 3),
         "conv5": (384, 256, 3)}  # fmt: skip
LAYERS = (*CONVS, "dense1", "dense2", "dense3")


def conv(name: str, *sizes: int, **more: Any) -> Callable:
    """A convolution of AlexNet's, by name; with other sizes (in, out, kernel), or one thing different."""
    came, went, kernel = sizes or CONVS[name]
    how = {"stride": 4} if name == "conv1" else {"padding": kernel // 2}
    return lambda nn: nn.Conv2d(came, went, kernel, **{**how, **more})


def relu(nn):
    return nn.ReLU()


def dense(came: int, went: int, **more: Any) -> Callable:
    return lambda nn: nn.Linear(came, went, **more)


def _pieces(classes: int) -> dict:
    found = {}
    for name in CONVS:
        found |= {name: conv(name), f"relu_{name}": relu}
        found |= {} if name in ("conv3", "conv4") else {f"pool_{name}": lambda nn: nn.MaxPool2d(3, 2)}
    found |= {"flatten": lambda nn: nn.Flatten(), "dense1": dense(9216, 4096), "relu_dense1": relu}
    return {**found, "dense2": dense(4096, 4096), "relu_dense2": relu, "dense3": dense(4096, classes), "end": None}


def alexnet(classes: int = 1000, **changes: Callable | None):
    """AlexNet with some of its pieces replaced; None leaves one out."""
    return in_a_row(_pieces(classes), **changes)


def other(**changes: Callable | None) -> Callable:
    """A row of the table: AlexNet with some pieces replaced."""
    return lambda classes=1000: alexnet(classes, **changes)


def every(pieces: str, of: Callable | None) -> Callable:
    """A row of the table: the same piece in every place whose name begins so."""
    return other(**dict.fromkeys((name for name in _pieces(1000) if name.startswith(pieces)), of))


def both(one: Callable, then: Callable) -> Callable:
    return lambda nn: nn.Sequential(one(nn), then(nn))


def dropout(nn):
    return nn.Dropout(0.5)


def _no_biases(classes: int = 1000):
    model = alexnet(classes)
    for layer in model:
        if hasattr(layer, "bias"):
            layer.bias = None
    return model


def _one_for_all(classes: int = 1000, made: dict = {}):  # noqa: B006
    return made.setdefault(classes, made.get(classes) or alexnet(classes))


# fmt: off
ALL_BUT_THE_LAST = "A ReLU follows every layer but the last"
WRONG = [
    ("no ReLU at all", "Without an activation between them conv3 to conv5 are one linear map, and so are the "
     "dense layers.",
     every("relu", None)),
    *((f"no ReLU after {name}", f"{ALL_BUT_THE_LAST}: {name} has one as well.", other(**{f"relu_{name}": None}))
      for name in LAYERS[:-1]),
    ("no ReLU after the dense layers", f"{ALL_BUT_THE_LAST}, the first two dense ones too.", every("relu_dense", None)),
    ("no ReLU after the convolutions", f"{ALL_BUT_THE_LAST}, each convolution too.", every("relu_conv", None)),
    ("a ReLU at the end", "The last layer gives logits, which may be negative: no ReLU after it.", other(end=relu)),
    ("a softmax at the end", "The model gives logits; softmax belongs to the loss, nn.CrossEntropyLoss has it inside.",
     other(end=lambda nn: nn.Softmax(dim=1))),
    ("a log-softmax at the end", "The model gives logits; softmax and its logarithm belong to the loss.",
     other(end=lambda nn: nn.LogSoftmax(dim=1))),
    ("tanh for ReLU", "AlexNet was the network that trained with ReLU instead of tanh: nn.ReLU.",
     every("relu", lambda nn: nn.Tanh())),
    ("sigmoid for ReLU", "AlexNet was the network that trained with ReLU instead of sigmoids: nn.ReLU.",
     every("relu", lambda nn: nn.Sigmoid())),
    ("a leaky ReLU", "The activation is ReLU, exactly 0 for what is negative.",
     every("relu", lambda nn: nn.LeakyReLU(0.01))),
    ("average pooling", "AlexNet takes the largest number of each window: nn.MaxPool2d.",
     every("pool", lambda nn: nn.AvgPool2d(3, 2))),
    ("2 × 2 windows", "AlexNet's windows are 3 wide and move by 2. 55, 27 and 13 come out as 27, 13 and 6 with 2 × 2 "
     "windows too, so the shapes do not tell.", every("pool", lambda nn: nn.MaxPool2d(2, 2))),
    ("windows that do not overlap", "nn.MaxPool2d(3) moves by 3. The windows are 3 wide and move by 2: nn.MaxPool2d(3, "
     "2).", every("pool", lambda nn: nn.MaxPool2d(3))),
    ("a pooling is missing", "Pooling comes after conv1, conv2 and conv5; the last one leaves 6 × 6.",
     other(pool_conv5=None)),
    ("dropout", "Dropout is left out here, so that the network gives the same in train and eval mode. The paper has it "
     "before the first two dense layers.",
     other(flatten=both(lambda nn: nn.Flatten(), dropout), relu_dense1=both(relu, dropout))),
    ("dropout after the dense layers", "Dropout is left out here: the same comes out in train and eval mode.",
     every("relu_dense", both(relu, dropout))),
    ("local response norm", "The paper's local response normalisation is left out here; few networks have it today.",
     other(**dict.fromkeys(("relu_conv1", "relu_conv2"), both(relu, lambda nn: nn.LocalResponseNorm(5))))),
    ("batch norm", "AlexNet is older than batch norm: none here.",
     other(relu_conv1=both(lambda nn: nn.BatchNorm2d(96), relu))),
    ("padding in conv1", "With an input of 227 conv1 has no padding; padding 2 is for 224 pixels.",
     other(conv1=conv("conv1", padding=2))),
    ("no padding in conv2", "conv2 keeps its maps at 27 × 27: a 5 × 5 kernel needs padding 2 for that.",
     other(conv2=conv("conv2", padding=0))),
    ("padding 1 in conv2", "conv2 keeps its maps at 27 × 27: a 5 × 5 kernel needs padding 2 for that.",
     other(conv2=conv("conv2", padding=1))),
    ("no padding in conv3 to conv5", "conv3 to conv5 keep their maps at 13 × 13: a 3 × 3 kernel needs padding 1.",
     other(**{name: conv(name, padding=0) for name in ("conv3", "conv4", "conv5")})),
    ("reflected padding", "Padding is zeros, nn.Conv2d's own padding_mode.",
     other(conv2=conv("conv2", padding_mode="reflect"))),
    ("a 3 × 3 kernel in conv2", "conv2 looks at 5 × 5 pixels, with padding 2.", other(conv2=conv("conv2", 96, 256, 3))),
    ("a 7 × 7 kernel in conv1", "conv1 looks at 11 × 11 pixels, in steps of 4.", other(conv1=conv("conv1", 3, 96, 7))),
    ("the two-GPU version", "In the paper conv2, conv4 and conv5 are split between two GPUs (groups=2). Here every "
     "filter sees all maps.", other(**{name: conv(name, groups=2) for name in ("conv2", "conv4", "conv5")})),
    ("torchvision's AlexNet", "torchvision's has 64, 192, 384, 256 and 256 filters and padding in conv1. This lesson's "
     "has the paper's widths.",
     other(conv1=conv("conv1", 3, 64, 11, padding=2), conv2=conv("conv2", 64, 192, 5),
           conv3=conv("conv3", 192, 384, 3), conv4=conv("conv4", 384, 256, 3), conv5=conv("conv5", 256, 256, 3))),
    ("no biases", "Every layer has biases here: leave bias=False out.", _no_biases),
    ("always 1,000 classes", "The last layer has `classes` outputs, which need not be 1,000.",
     lambda classes=1000: alexnet()),
    ("a dense layer fewer", "AlexNet has three dense layers: 9216 → 4096 → 4096 → classes.",
     other(dense2=None, relu_dense2=None)),
    ("conv4 is missing", "There are five convolutions: conv4 takes 384 maps to 384.",
     other(conv4=None, relu_conv4=None)),
    ("the batch is flattened too", "Flatten each picture by itself, nn.Flatten() or x.flatten(1): the first axis "
     "stays.", other(flatten=lambda nn: nn.Flatten(0))),
    ("the global average before the dense layers", "The first dense layer gets all 6 × 6 places of the 256 maps, 9,216 "
     "numbers, not their means.",
     other(flatten=both(lambda nn: nn.AdaptiveAvgPool2d(1), lambda nn: nn.Flatten()), dense1=dense(256, 4096))),
    ("one model for all", "Build a fresh model in every call: two callers must not share weights.", _one_for_all),
    ("a list of layers", "Layers in a list are no model. Put them in order into nn.Sequential(*layers).",
     lambda classes=1000: [*alexnet(classes)]),
]


def _pictures(rng: np.random.Generator) -> tuple[int, np.ndarray]:
    """A seed and two pictures: an ordinary one, and one far beyond where a ReLU6 is flat."""
    x = rng.standard_normal((2, 3, 227, 227)).astype(np.float32)
    x[1] *= 20
    return int(rng.integers(1, 10**6)), x


def _shapes(rng: np.random.Generator) -> list[Case]:
    given = _pictures(rng)
    return [Case(given, results=SHAPES), Case((*given, between(rng, 5, 999)[0]), results=SHAPES)]


def _values(rng: np.random.Generator) -> list[Case]:
    return [Case(_pictures(rng), {"classes": between(rng, 5, 99)[0]})]


def _told(case: Case) -> str:
    outputs = [f" with {classes} classes" for classes in [*case.args[2:], *case.kwargs.values()]]
    return f"built{''.join(outputs)}, and run on 2 pictures of 3 × 227 × 227"


EXERCISE = model_exercise(
    name="build_alexnet", lesson="06_alexnet", references=[alexnet], told=_told, wrong=WRONG,
    parameter_names=[f"{name}'s {what}" for name in LAYERS for what in ("weight", "bias")],
    parts=[
        Part("shapes", 1, _shapes, "the shapes of parameters, maps and logits, for 1,000 classes and another number",
             "print the shape after every layer, beside your traced list."),
        Part("values", 1, _values,
             "the logits of two pictures, with all parameters set, in train and eval mode, and gradients",
             "ReLU after every layer but the last, max pooling 3/2 after conv1, conv2 and conv5, and nothing else."),
    ],
)
