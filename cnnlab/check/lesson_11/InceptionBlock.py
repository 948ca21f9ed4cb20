"""InceptionBlock: four branches that look at the same maps through windows of different sizes, side by side."""

from functools import partial

import numpy as np
import torch
from torch import nn

from cnnlab.check.cases import Case, Part
from cnnlab.check.lesson_11.pieces import built_with, convolved, module_of, pictures
from cnnlab.check.models import SHAPES, made_once, model_exercise

NAMES = (
    *("the 1 × 1 branch", "the 3 × 3 branch's reduction", "the 3 × 3 branch's 3 × 3 layer"),
    *("the 5 × 5 branch's reduction", "the 5 × 5 branch's 5 × 5 layer", "the 1 × 1 layer after the pool"),
)


# fmt: off
def inception(in_channels, b1, b3, b5, pool, *, order=(0, 1, 2, 3), wide=5, reduced=True, reduction=None, last=None,
              every=None, pooling=None, project="after", axis=1, join=None, chained=False, shared=False, swapped=False):
    """The block; some of its pieces may be others. reduction, last, every: how the reductions, the branches' last
    layers and all layers are made, as arguments of `convolved`."""
    # fmt: on
    every, reduction, last = every or {}, {**(every or {}), **(reduction or {})}, {**(every or {}), **(last or {})}
    b3, b5 = (b3[::-1], b5[::-1]) if swapped else (b3, b5)
    pooled = pooling() if pooling else nn.MaxPool2d(3, 1, 1)

    def two(start, sizes, kernel, first=None):
        before = sizes[0] if reduced else start
        least = convolved(start, sizes[0], **reduction) if reduced and first is None else first or nn.Identity()
        if kernel == "3, 3":
            ends = [convolved(before, sizes[1], 3, **last), convolved(sizes[1], sizes[1], 3, **last)]
        else:
            ends = [convolved(before, sizes[1], kernel, **last)]
        return nn.Sequential(least, *ends)

    one = convolved(in_channels, b1, **last)
    three = two(b1 if chained else in_channels, b3, 3)
    five = two(b3[1] if chained else in_channels, b5, wide, three[0] if shared else None)
    narrow = convolved(in_channels, pool, **last)
    projection = nn.Sequential(*{"after": [pooled, narrow], "before": [narrow, pooled], "none": [pooled]}[project])

    def forward(x, one, three, five, projection):
        found = [one(x)]
        found += [three(found[-1] if chained else x)]
        found += [five(found[-1] if chained else x), projection(x)]
        found = [found[k] if k is not None else x for k in order]
        return join(found) if join else torch.cat(found, dim=axis)

    return module_of([one, three, five, projection], forward)


def _block(**changes):
    return partial(inception, **changes)


# fmt: off
WRONG = [
    ("no reductions", "Before the 3 × 3 and the 5 × 5 layer comes a 1 × 1 conv_block, to b3[0] and b5[0] maps: it is "
     "what makes the block affordable.", _block(reduced=False)),
    ("reduction and output are swapped", "The pairs are (reduce, out): b3[0] maps after the 1 × 1 layer, b3[1] after "
     "the 3 × 3.", _block(swapped=True)),
    ("a 3 × 3 layer in the 5 × 5 branch", "torchvision's GoogLeNet has that slip; here the third branch looks at 5 × 5 "
     "pixels.", _block(wide=3)),
    ("two 3 × 3 layers for the 5 × 5", "Two 3 × 3 layers see as far, and later Inceptions have them; this block has "
     "one 5 × 5 layer.", _block(wide="3, 3")),
    ("bare reductions", "Every convolution is a conv_block, the reductions too: batch norm and ReLU follow each.",
     _block(reduction={"norm": False, "relu": ""})),
    ("no ReLU in the reductions", "Every convolution is a conv_block: without a ReLU between them the two layers of a "
     "branch are one.", _block(reduction={"relu": ""})),
    ("no batch norm in the reductions", "Every convolution is a conv_block, the reductions too.",
     _block(reduction={"norm": False})),
    ("no ReLU at the end of the branches", "Every convolution is a conv_block, which ends with a ReLU.",
     _block(last={"relu": ""})),
    ("no batch norm", "Every convolution is a conv_block: convolution, batch norm, ReLU.",
     _block(every={"norm": False})),
    ("biases in the convolutions", "conv_block's convolutions have no bias; batch norm's shift does that work.",
     _block(every={"bias": True})),
    ("another epsilon in batch norm", "nn.BatchNorm2d keeps its default eps, 1e-5; torchvision's GoogLeNet has 1e-3.",
     _block(every={"eps": 1e-3})),
    ("ReLU6", "conv_block ends with an ordinary ReLU.", _block(every={"relu": "ReLU6"})),
    ("the pool branch comes first", "The order is 1 × 1, 3 × 3, 5 × 5, pool.", _block(order=(3, 0, 1, 2))),
    ("the branches in reverse order", "The order is 1 × 1, 3 × 3, 5 × 5, pool.", _block(order=(3, 2, 1, 0))),
    ("5 × 5 before 3 × 3", "The order is 1 × 1, 3 × 3, 5 × 5, pool.", _block(order=(0, 2, 1, 3))),
    ("the pool branch is left out", "There are four branches: the last is a 3 × 3 max pool, then a 1 × 1 conv_block.",
     _block(order=(0, 1, 2))),
    ("the 1 × 1 branch is left out", "There are four branches: the first is a 1 × 1 conv_block alone.",
     _block(order=(1, 2, 3))),
    ("the input is joined on as well", "The four branches alone are joined; that the input comes along is DenseNet's "
     "idea.", _block(order=(None, 0, 1, 2, 3))),
    ("the pool is not projected", "After the max pool comes a 1 × 1 conv_block to `pool` maps.",
     _block(project="none")),
    ("the 1 × 1 layer before the pool", "First the 3 × 3 max pool, then the 1 × 1 conv_block.",
     _block(project="before")),
    ("average pooling", "The fourth branch takes the largest of each 3 × 3 window.",
     _block(pooling=lambda: nn.AvgPool2d(3, 1, 1))),
    ("the pool moves by its own width", "nn.MaxPool2d(3) moves by 3. Here stride=1 and padding=1 keep the size.",
     _block(pooling=lambda: nn.MaxPool2d(3, padding=1))),
    ("the pool has no padding", "A 3 × 3 window takes two pixels from each side's length: padding=1 keeps the size.",
     _block(pooling=lambda: nn.MaxPool2d(3, 1))),
    ("zeros win at the border of the pool", "A padded zero beats every negative number. nn.MaxPool2d(3, 1, padding=1) "
     "pads with −∞.", _block(pooling=lambda: nn.Sequential(nn.ZeroPad2d(1), nn.MaxPool2d(3, 1)))),
    ("joined along the rows", "The branches' maps lie side by side as channels: torch.cat(…, dim=1).", _block(axis=2)),
    ("joined along the batch", "The branches' maps lie side by side as channels: torch.cat(…, dim=1).", _block(axis=0)),
    ("summed", "The branches' maps are joined, torch.cat(…, dim=1), not added.", _block(join=sum)),
    ("one branch after the other", "Every branch starts from the block's input, not from the branch before it.",
     _block(chained=True)),
    ("one reduction for two branches", "Each branch has a reduction of its own, of its own width.",
     lambda c, b1, b3, b5, pool: inception(c, b1, b3, (b3[0], b5[1]), pool, shared=True)),
    ("always the same block", "Make the layers in __init__: every block has weights of its own.", made_once(inception)),
]
# fmt: on


def _sizes(rng: np.random.Generator, least: int = 2) -> tuple:
    """in_channels, b1, b3, b5, pool: all of them others, so that a layer is known by its shape."""
    c, b1, r3, o3, r5, o5, pool = (int(one) for one in rng.permutation(np.arange(least, least + 8))[:7])
    return c, b1, (r3, o3), (r5, o5), pool


def _shapes(rng: np.random.Generator) -> list[Case]:
    small, (c, b1, (_, o3), (_, o5), pool) = _sizes(rng), _sizes(rng)
    lenet = (192, 64, (96, 128), (16, 32), 32)
    return [
        Case((*pictures(rng, 2, small[0], 5, 6), *small), results=SHAPES),
        Case(
            (*pictures(rng, 2, c, 4, 5), c, b1, (3, o3), (3, o5), pool), note="reductions of one width", results=SHAPES
        ),
        Case((*pictures(rng, 1, 192, 4, 3), *lenet), note="GoogLeNet's first block", results=SHAPES),
    ]


def _maps(rng: np.random.Generator) -> list[Case]:
    first, second = _sizes(rng), _sizes(rng, 3)
    _, b1, b3, b5, pool = _sizes(rng)
    kept = int(b1 + b3[1] + b5[1] + pool)
    named = dict(zip(("b1", "b3", "b5", "pool"), second[1:], strict=True))
    return [
        Case((*pictures(rng, 2, first[0], 4, 6), *first)),
        Case((*pictures(rng, 3, second[0], 7, 5), second[0]), named),
        Case((*pictures(rng, 2, kept, 3, 4), kept, b1, b3, b5, pool), note="as many maps as come in"),
    ]


# fmt: off
EXERCISE = model_exercise(
    name="InceptionBlock", lesson="11_architectures", references=[inception], wrong=WRONG, told=built_with,
    output="maps", any_order=True,
    parameter_names=[f"{layer}: {what}" for layer in NAMES
                     for what in ("the convolution's weight", "batch norm's weight", "batch norm's bias")],
    parts=[
        Part("shapes", 1, _shapes, "the shapes of parameters and maps, with small widths and with GoogLeNet's",
             "print the shape of each branch's maps: same height and width, b1, b3[1], b5[1] and pool channels."),
        Part("maps", 2, _maps, "parameters and statistics filled in: maps in train and eval mode, of one picture, "
             "gradients, a second block",
             "run each branch alone: conv_block, conv_block → conv_block twice, pool → conv_block; then torch.cat."),
    ],
)
