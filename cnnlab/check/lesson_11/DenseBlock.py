"""DenseBlock: every layer reads all maps that came before it, and adds a few of its own."""

from functools import partial

import numpy as np
import torch
from torch import nn

from cnnlab.check.cases import Case, Part
from cnnlab.check.lesson_11.pieces import built_with, module_of, pictures
from cnnlab.check.models import SHAPES, made_once, model_exercise


# fmt: off
def dense(in_channels, growth, layers, *, order="norm relu conv", kernel=3, padding=1, bias=False, eps=1e-5, squeeze=0,
          reads=list, gives=list, summed=False, newest_first=False, more=0, end=None, wider=1, listed=False,
          relu="ReLU"):
    """The block; some of its pieces may be others. squeeze: a 1 × 1 bottleneck of so many times the growth; reads,
    gives: which of the maps so far a layer gets and the block returns; summed: a layer gets their sum; more: layers too
    many; wider: the growth of the growth."""
    # fmt: on
    def layer(before, after):
        middle = squeeze * growth if squeeze else before
        normed = middle if order.startswith(("norm", "relu")) else after
        pieces = {"norm": nn.BatchNorm2d(normed, eps=eps), "relu": getattr(nn, relu)(), "drop": nn.Dropout(0.2),
                  "conv": nn.Conv2d(middle, after, kernel, padding=padding, bias=bias)}  # fmt: skip
        first = [nn.BatchNorm2d(before), nn.ReLU(), nn.Conv2d(before, middle, 1, bias=False)] if squeeze else []
        return nn.Sequential(*first, *(pieces[name] for name in order.split()))

    widths, made = [in_channels], []
    for k in range(max(1, layers + more)):
        made.append(layer(in_channels if summed else sum(reads(widths)), growth * wider**k))
        widths.append(growth * wider**k)
    ending = [end(sum(widths))] if end else []

    def joined(maps):
        return torch.cat(maps[::-1] if newest_first else maps, 1) if len(maps) > 1 else maps[0]

    def forward(x, *parts):
        maps = [x]
        for layer in made if listed else parts[: len(made)]:
            maps.append(layer(sum(maps) if summed else joined(reads(maps))))
        return parts[-1](joined(gives(maps))) if ending else joined(gives(maps))

    return module_of([*([] if listed else made), *ending], forward)


def _one_layer_again(in_channels, growth, layers):
    """The same convolution for the newest maps in every layer."""
    first = nn.Sequential(nn.BatchNorm2d(in_channels), nn.ReLU(), nn.Conv2d(in_channels, growth, 3, 1, 1, bias=False))
    again = nn.Sequential(nn.BatchNorm2d(growth), nn.ReLU(), nn.Conv2d(growth, growth, 3, 1, 1, bias=False))

    def forward(x, first, again):
        maps = [x, first(x)]
        for _ in range(layers - 1):
            maps.append(again(maps[-1]))
        return torch.cat(maps, 1)

    return module_of([first, again], forward)


def _block(**changes):
    return partial(dense, **changes)


# fmt: off
WRONG = [
    ("convolution first", "Here batch norm and ReLU come before the convolution: BN → ReLU → conv.",
     _block(order="conv norm relu")),
    ("no ReLU", "Each layer is batch norm, ReLU, convolution.", _block(order="norm conv")),
    ("no batch norm", "Each layer is batch norm, ReLU, convolution.", _block(order="relu conv")),
    ("ReLU before batch norm", "Batch norm comes first, then the ReLU, then the convolution.",
     _block(order="relu norm conv")),
    ("a ReLU after the convolution", "A layer ends with its convolution; the next layer's batch norm and ReLU follow.",
     _block(order="norm relu conv relu")),
    ("a layer reads the newest maps only", "Every layer reads all of it: the input and the maps of all layers before.",
     _block(reads=lambda maps: maps[-1:])),
    ("a layer reads the input and the newest maps", "The maps of *all* earlier layers are joined, not those of the "
     "last one.", _block(reads=lambda maps: [maps[0], *maps[1:][-1:]])),
    ("every layer reads the input alone", "What a layer made is read by all later ones: join it to what they get.",
     _block(reads=lambda maps: maps[:1])),
    ("summed, not joined", "Maps are joined as channels, torch.cat(…, 1); adding them is ResNet's way.",
     _block(summed=True)),
    ("newest first", "The input stays in front, and new maps are joined on behind: oldest first.",
     _block(newest_first=True)),
    ("the input is not returned", "The block returns its input and all new maps: in_channels + layers · growth.",
     _block(gives=lambda maps: maps[1:])),
    ("only the last maps are returned", "The block returns its input and all new maps: in_channels + layers · growth.",
     _block(gives=lambda maps: maps[-1:])),
    ("the input and the last maps are returned", "All new maps are returned, not only those of the last layer.",
     _block(gives=lambda maps: [maps[0], maps[-1]])),
    ("a layer is missing", "There are `layers` layers: count the turns of the loop.", _block(more=-1)),
    ("a layer too many", "There are `layers` layers: count the turns of the loop.", _block(more=1)),
    ("one layer used again and again", "Every layer has a batch norm and a convolution of its own.", _one_layer_again),
    ("a bottleneck", "DenseNet-B has a 1 × 1 layer before each 3 × 3. This block does without.", _block(squeeze=4)),
    ("a transition at the end", "The block ends with its joined maps; a transition comes after it, in the network.",
     _block(end=lambda n: nn.Sequential(nn.BatchNorm2d(n), nn.ReLU(), nn.Conv2d(n, n // 2, 1, bias=False)))),
    ("a pool at the end", "The block keeps height and width; pooling belongs to the transition after it.",
     _block(end=lambda n: nn.AvgPool2d(2))),
    ("batch norm and ReLU at the end", "Nothing comes after the last joining; a ReLU there would cut the input, too.",
     _block(end=lambda n: nn.Sequential(nn.BatchNorm2d(n), nn.ReLU()))),
    ("a ReLU at the end", "Nothing comes after the last joining: the input is returned as it came.",
     _block(end=lambda n: nn.ReLU())),
    ("biases in the convolutions", "The convolutions have bias=False: the next batch norm takes any constant away.",
     _block(bias=True)),
    ("no padding", "A 3 × 3 convolution needs padding 1, or new maps do not fit beside the old ones.",
     _block(padding=0)),
    ("1 × 1 convolutions", "Each layer's convolution is 3 × 3, with padding 1.", _block(kernel=1, padding=0)),
    ("5 × 5 convolutions", "Each layer's convolution is 3 × 3, with padding 1.", _block(kernel=5, padding=2)),
    ("another epsilon in batch norm", "nn.BatchNorm2d keeps its default eps, 1e-5.", _block(eps=1e-3)),
    ("dropout", "No dropout here: the block gives the same in every call.", _block(order="norm relu conv drop")),
    ("the growth doubles", "Every layer adds the same number of maps, `growth`.", _block(wider=2)),
    ("ReLU6", "Each layer is batch norm, ReLU, convolution, with an ordinary ReLU.", _block(relu="ReLU6")),
    ("layers in a plain list", "A plain list hides its layers from parameters(), and no optimiser finds them: "
     "nn.ModuleList.", _block(listed=True)),
    ("always the same block", "Make the layers in __init__: every block has weights of its own.", made_once(dense)),
]
# fmt: on


def _shapes(rng: np.random.Generator) -> list[Case]:
    def case(least: int, layers: int, note: str = "") -> Case:
        c, growth = int(rng.integers(least, 60)), int(rng.integers(2, 40))
        return Case((*pictures(rng, 2, c, 6, 7), c, growth, layers), results=SHAPES, note=note)

    return [
        case(4, 1, "a single layer"),
        case(4, int(rng.integers(2, 6))),
        Case((*pictures(rng, 1, 64, 3, 4), 64, 32, 6), results=SHAPES, note="DenseNet-121's first block, bare"),
    ]


def _maps(rng: np.random.Generator) -> list[Case]:
    c = int(rng.integers(4, 8))
    return [
        Case((*pictures(rng, 3, c, 4, 5), c, 2, 2)),
        Case((*pictures(rng, 2, c + 1, 6, 3), c + 1), {"growth": 3, "layers": 4}),
        Case((*pictures(rng, 2, 3, 5, 4), 3, 5, 1), note="a single layer"),
    ]


# fmt: off
EXERCISE = model_exercise(
    name="DenseBlock", lesson="11_architectures", references=[dense], wrong=WRONG, told=built_with, output="maps",
    parts=[
        Part("shapes", 1, _shapes, "the shapes of parameters and maps, with one layer, three, and six",
             "layer k (from 0) reads in_channels + k · growth maps, and makes growth."),
        Part("maps", 2, _maps, "parameters and statistics filled in: maps in train and eval mode, of one picture, "
             "gradients, a second block",
             "keep one tensor and join each layer's maps on behind it: BN → ReLU → conv reads all of it."),
    ],
)
