"""build_residual_net: a stem, three stages of two residual blocks, and a dense layer on the maps' means."""

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.models import made_once, model_exercise


def block(before, after, stride=1, *, shortcut_first=False, add=True, last=True, project="where needed", first=True):
    """A residual block; some of its pieces may be others. project: "where needed" or "bare" (without norm)."""
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
            if stride != 1 or before != after:
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


# fmt: off
def residual_net(width=32, *, strides=(1, 2, 2), growth=(1, 2, 4), blocks=2, where=0, stem="conv, norm, ReLU",
                 pool="Avg", end=None, **changes):
    """The network; some of its pieces may be others. where: the block of a stage that has its stride, or "all"."""
    # fmt: on
    from torch import nn

    pieces: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1, bias=stem == "with bias")]
    pieces += [] if stem == "bare" else [nn.BatchNorm2d(width), nn.ReLU()]
    pieces += [nn.MaxPool2d(2)] if stem == "with pool" else []
    before = width
    for times, stride in zip(growth, strides, strict=True):
        for k in range(blocks):
            pieces.append(block(before, times * width, stride if where in (k, "all") else 1, **changes))
            before = times * width
    pieces += [getattr(nn, f"Adaptive{pool}Pool2d")(1), nn.Flatten(), nn.Linear(before, 10)]
    return nn.Sequential(*pieces, *([end(nn)] if end else []))


def _shortcut_first(width=32):
    return residual_net(width, shortcut_first=True)


def _net(**changes):
    return lambda width=32: residual_net(width, **changes)


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(n, side, *width, **named):
        x = rng.standard_normal((n, 3, side, side)).astype(np.float32)
        return Case((int(rng.integers(1, 10**6)), x, *width), named)

    return [case(3, 32, 4), case(2, 32, width=8), case(1, 32)]


# fmt: off
WRONG = [
    ("no skip", "The block adds its input to what the two convolutions made of it; without that it is a plain net.",
     _net(add=False)),
    ("no ReLU after the sum", "The block ends with a ReLU, after the addition.", _net(last=False)),
    ("no stride", "The second and third stage halve the sides: stride 2 in the first block of each.",
     _net(strides=(1, 1, 1))),
    ("stride 2 in the first stage too", "The strides are 1, 2, 2: the first stage keeps 32 × 32.",
     _net(strides=(2, 2, 2))),
    ("the stride in the last block", "The stride belongs to each stage's first block.", _net(where=1)),
    ("the stride in every block of a stage", "Only each stage's first block has the stride: the second would halve the "
     "sides once more.", _net(where="all")),
    ("no growth", "The widths are 1×, 2× and 4×: where the sides halve, the channels double.", _net(growth=(1, 1, 1))),
    ("widths 1, 2, 3", "The widths double: 1×, 2×, 4×.", _net(growth=(1, 2, 3))),
    ("one block in each stage", "Each of the three stages has two blocks.", _net(blocks=1)),
    ("three blocks in each stage", "Each of the three stages has two blocks, not three.", _net(blocks=3)),
    ("a bare stem", "The stem is lesson 07's conv_block: convolution, batch norm, ReLU.", _net(stem="bare")),
    ("a bias in the stem", "conv_block's convolution has no bias; batch norm's shift does that work.",
     _net(stem="with bias")),
    ("a pool after the stem", "That is for large pictures; at 32 × 32 the stem keeps the size.",
     _net(stem="with pool")),
    ("the projection without batch norm", "The 1 × 1 convolution on the skip has a batch norm too.",
     _net(project="bare")),
    ("the stride in the second convolution", "The block's stride is in its first convolution.", _net(first=False)),
    ("global max pooling", "The head takes the *average* of each map.", _net(pool="Max")),
    ("softmax at the end", "CrossEntropyLoss takes logits and does the softmax itself.",
     _net(end=lambda nn: nn.Softmax(1))),
    ("the width is ignored", "Every layer follows from the argument `width`; 32 is only its default.",
     lambda width=32: residual_net()),
    ("always the same model", "Build the model inside the function: every call gives a fresh one.",
     made_once(lambda width=32: residual_net(width))),
]

EXERCISE = model_exercise(
    name="build_residual_net", lesson="09_cifar10", references=[residual_net, _shortcut_first], wrong=WRONG,
    told=lambda case: f"built with width {(*case.args[2:], *case.kwargs.values(), 32)[0]}, and run on a few pictures",
    parts=[Part("logits", 4, _cases, "three widths, parameters and statistics filled in: logits in train and eval "
                "mode, of one picture, gradients, a second model",
                "print the shape after each stage: width × 32 × 32, 2·width × 16 × 16, 4·width × 8 × 8.")],
)
