"""build_simple_cnn: the network of the lesson."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.models import begun_at, in_a_row, made_once, model_exercise

# fmt: off
PIECES = {
    "conv1": lambda nn: nn.Conv2d(1, 32, 3, padding=1), "relu1": lambda nn: nn.ReLU(),
    "pool1": lambda nn: nn.MaxPool2d(2),
    "conv2": lambda nn: nn.Conv2d(32, 64, 3, padding=1), "relu2": lambda nn: nn.ReLU(),
    "pool2": lambda nn: nn.MaxPool2d(2), "flatten": lambda nn: nn.Flatten(),
    "dense1": lambda nn: nn.Linear(64 * 7 * 7, 128), "relu3": lambda nn: nn.ReLU(),
    "dense2": lambda nn: nn.Linear(128, 10), "end": None,
}
# fmt: on


def simple_cnn(**changes):
    """The network with some of its pieces replaced; None leaves one out."""
    return in_a_row(PIECES, **changes)


def _cases(rng: np.random.Generator) -> list[Case]:
    images = rng.standard_normal((3, 1, 28, 28)).astype(np.float32)
    images[-1] *= 20  # far beyond where a ReLU6 is flat
    return [Case((int(rng.integers(1, 10**6)), images))]


# fmt: off
WRONG = [
    ("no ReLU after the first convolution", "A ReLU stands after each convolution, the first too.",
     lambda: simple_cnn(relu1=None)),
    ("no ReLU after the second convolution", "A ReLU stands after each convolution, the second too.",
     lambda: simple_cnn(relu2=None)),
    ("no ReLU after the dense layer of 128", "Two dense layers with nothing between them are one dense layer: put a "
     "ReLU after the 128.", lambda: simple_cnn(relu3=None)),
    ("no ReLU at all", "Only the max pooling is not linear then, and the two dense layers are one: a ReLU stands after "
     "each convolution and after the 128.",
     lambda: simple_cnn(relu1=None, relu2=None, relu3=None)),
    ("a ReLU after the last layer", "The last layer gives logits, which may be negative: a ReLU there throws half of "
     "what they say away.", lambda: simple_cnn(end=lambda nn: nn.ReLU())),
    ("softmax at the end", "CrossEntropyLoss takes logits and does the softmax itself; twice is once too often.",
     lambda: simple_cnn(end=lambda nn: nn.Softmax(dim=1))),
    ("log-softmax at the end", "log_softmax belongs to NLLLoss; CrossEntropyLoss wants the bare logits.",
     lambda: simple_cnn(end=lambda nn: nn.LogSoftmax(dim=1))),
    ("average pooling", "The lesson's network takes the largest of each window: MaxPool2d.",
     lambda: simple_cnn(pool1=lambda nn: nn.AvgPool2d(2), pool2=lambda nn: nn.AvgPool2d(2))),
    ("no padding", "Without padding the pictures shrink to 26 and 11, and 64·5·5 numbers reach the dense layer: "
     "padding=1.",
     lambda: simple_cnn(conv1=lambda nn: nn.Conv2d(1, 32, 3), conv2=lambda nn: nn.Conv2d(32, 64, 3),
                        dense1=lambda nn: nn.Linear(64 * 5 * 5, 128))),
    ("64·7·7 does not fit", "Without padding=1 only 64·5·5 numbers reach the dense layer that waits for 64·7·7.",
     lambda: simple_cnn(conv1=lambda nn: nn.Conv2d(1, 32, 3), conv2=lambda nn: nn.Conv2d(32, 64, 3))),
    ("one pooling only", "There is a pool after each convolution: 28 → 14 → 7. With one, 64·14·14 numbers reach the "
     "dense layer.", lambda: simple_cnn(pool2=None, dense1=lambda nn: nn.Linear(64 * 14 * 14, 128))),
    ("no biases", "Every layer here has its bias; bias=False is for layers before batch norm.",
     lambda: simple_cnn(conv1=lambda nn: nn.Conv2d(1, 32, 3, padding=1, bias=False),
                        conv2=lambda nn: nn.Conv2d(32, 64, 3, padding=1, bias=False))),
    ("dropout", "Dropout is not in this network: in train mode it makes the logits a matter of chance.",
     lambda: simple_cnn(relu3=lambda nn: nn.Sequential(nn.ReLU(), nn.Dropout(0.5)))),
    ("batch norm", "Batch norm is not in this network; lesson 09's has it.",
     lambda: simple_cnn(conv1=lambda nn: nn.Sequential(nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32)),
                        conv2=lambda nn: nn.Sequential(nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64)))),
    ("5 × 5 kernels", "The kernels are 3 × 3 with a padding of 1.",
     lambda: simple_cnn(conv1=lambda nn: nn.Conv2d(1, 32, 5, padding=2),
                        conv2=lambda nn: nn.Conv2d(32, 64, 5, padding=2))),
    ("leaky ReLU", "The lesson's network has plain ReLUs: what is negative becomes 0.",
     lambda: simple_cnn(**dict.fromkeys(("relu1", "relu2", "relu3"), lambda nn: nn.LeakyReLU()))),
    ("all weights begin alike", "Filters that begin alike stay alike: leave the random numbers that PyTorch draws.",
     begun_at(0, simple_cnn)),
    ("always the same model", "Every call has to give a fresh model: build it inside the function, not once outside.",
     made_once(lambda: simple_cnn())),
    ("the class, not a model", "Return a model: write Model(), with parentheses, not Model.",
     lambda: type("Model", (type(simple_cnn()),), {})),
]

EXERCISE = model_exercise(
    name="build_simple_cnn", lesson="08_mnist", references=[simple_cnn], wrong=WRONG,
    told=lambda case: "built, and run on 3 pictures of 1 × 28 × 28",
    parts=[Part("logits", 3, _cases,
                "parameters filled in: logits of 3 pictures in train and eval mode, of one picture, and gradients",
                "print(model) and compare it, line by line, with the table above: what stands between the layers?")],
)
