"""build_small_cnn: two convolutions with batch norm, and dropout before the end."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.models import in_a_row, made_once, model_exercise

# fmt: off
PIECES = {
    "conv1": lambda nn: nn.Conv2d(3, 32, 3, padding=1), "norm1": lambda nn: nn.BatchNorm2d(32),
    "relu1": lambda nn: nn.ReLU(), "pool1": lambda nn: nn.MaxPool2d(2),
    "conv2": lambda nn: nn.Conv2d(32, 64, 3, padding=1), "norm2": lambda nn: nn.BatchNorm2d(64),
    "relu2": lambda nn: nn.ReLU(), "pool2": lambda nn: nn.MaxPool2d(2), "flatten": lambda nn: nn.Flatten(),
    "dense1": lambda nn: nn.Linear(64 * 8 * 8, 128), "relu3": lambda nn: nn.ReLU(),
    "dropout": lambda nn: nn.Dropout(0.5), "dense2": lambda nn: nn.Linear(128, 10), "end": None,
}
# fmt: on


def small_cnn(**changes):
    """The network with some of its pieces replaced; None leaves one out."""
    return in_a_row(PIECES, **changes)


def _cases(rng: np.random.Generator) -> list[Case]:
    images = rng.standard_normal((4, 3, 32, 32)).astype(np.float32)
    images[-1] *= 20  # far beyond where a ReLU6 is flat
    return [Case((int(rng.integers(1, 10**6)), images))]


def _dropout_always(nn):
    class Always(nn.Module):
        def forward(self, x):
            return nn.functional.dropout(x, 0.5, training=True)

    return Always()


# fmt: off
WRONG = [
    ("no batch norm", "After each convolution comes BatchNorm2d, then the ReLU.",
     lambda: small_cnn(norm1=None, norm2=None)),
    ("one batch norm only", "Both convolutions have their own batch norm.", lambda: small_cnn(norm2=None)),
    ("batch norm after the ReLU", "The order here is convolution, batch norm, ReLU: the norm sees negative numbers "
     "too.", lambda: small_cnn(norm1=PIECES["relu1"], relu1=PIECES["norm1"],
                               norm2=PIECES["relu2"], relu2=PIECES["norm2"])),
    ("no ReLU after the first batch norm", "convolution, batch norm, ReLU, pool: the ReLU is missing.",
     lambda: small_cnn(relu1=None)),
    ("no ReLU after the second batch norm", "The second block has a ReLU as well.", lambda: small_cnn(relu2=None)),
    ("no ReLU after the dense layer of 128", "Without it the two dense layers are one.", lambda: small_cnn(relu3=None)),
    ("no dropout", "Dropout of 0.5 stands between the 128 and the last layer.", lambda: small_cnn(dropout=None)),
    ("too little dropout", "The rate is 0.5: half of the 128 numbers rest in each step.",
     lambda: small_cnn(dropout=lambda nn: nn.Dropout(0.2))),
    ("dropout in eval mode too", "Dropout is for training alone. F.dropout needs training=self.training; nn.Dropout "
     "does that by itself.", lambda: small_cnn(dropout=_dropout_always)),
    ("softmax at the end", "CrossEntropyLoss takes logits and does the softmax itself.",
     lambda: small_cnn(end=lambda nn: nn.Softmax(dim=1))),
    ("a ReLU after the last layer", "The last layer gives logits, which may be negative.",
     lambda: small_cnn(end=lambda nn: nn.ReLU())),
    ("average pooling", "The lesson's network takes the largest of each window: MaxPool2d.",
     lambda: small_cnn(pool1=lambda nn: nn.AvgPool2d(2), pool2=lambda nn: nn.AvgPool2d(2))),
    ("no biases in the convolutions", "Here the convolutions keep their biases (nn.Conv2d's default).",
     lambda: small_cnn(conv1=lambda nn: nn.Conv2d(3, 32, 3, padding=1, bias=False),
                       conv2=lambda nn: nn.Conv2d(32, 64, 3, padding=1, bias=False))),
    ("always the same model", "Build the model inside the function: every call gives a fresh one.",
     made_once(lambda: small_cnn())),
]

EXERCISE = model_exercise(
    name="build_small_cnn", lesson="09_cifar10", references=[small_cnn], wrong=WRONG,
    told=lambda case: "built, and run on 4 pictures of 3 × 32 × 32",
    parts=[Part("logits", 3, _cases, "parameters and statistics filled in: logits in train and eval mode, of one "
                "picture, gradients, a second model",
                "print(model) and compare it, line by line, with the table above.")],
)
