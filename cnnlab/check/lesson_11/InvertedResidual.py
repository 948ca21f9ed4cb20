"""InvertedResidual: widen with 1 × 1, look with a depthwise 3 × 3, narrow again, and add the input where that fits."""

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from cnnlab.check.cases import Case, Part
from cnnlab.check.lesson_11.pieces import built_with, convolved, module_of, pictures
from cnnlab.check.models import SHAPES, made_once, model_exercise


# fmt: off
def inverted(in_channels, out_channels, expand, stride=1, *, widen="where expand ≠ 1", width=None, strided="depthwise",
             skip="where it fits", kernel=3, padding=None, relu="ReLU6", relu1=None, relu2=None, relu3="", norm1=True,
             norm2=True, norm3=True, bias=False, eps=1e-5, groups=None, after=None, late=False):
    """The block; some of its pieces may be others. strided: which of the three layers has the stride."""
    # fmt: on
    hidden = (width or (lambda i, o, e: i * e))(in_channels, out_channels, expand)
    widened = {"where expand ≠ 1": expand != 1, "always": True, "never": False}[widen]
    hidden = hidden if widened else in_channels
    shared: dict[str, Any] = {"bias": bias, "eps": eps}
    steps = {name: stride if name == strided else 1 for name in ("first", "depthwise", "last")}
    relu1, relu2 = relu if relu1 is None else relu1, relu if relu2 is None else relu2
    body = []
    if widened:
        body += convolved(in_channels, hidden, norm=norm1, relu=relu1, stride=steps["first"], **shared)
    how = {} if padding is None else {"padding": padding}
    each = (groups or (lambda n: n))(hidden)
    body += convolved(hidden, hidden, kernel, norm=norm2, relu=relu2, groups=each, stride=steps["depthwise"],
                      **how, **shared)  # fmt: skip
    body += convolved(hidden, out_channels, norm=norm3, relu=relu3, stride=steps["last"], **shared)
    same = in_channels == out_channels
    adds = {"where it fits": stride == 1 and same, "never": False, "where the stride is 1": stride == 1,
            "where the channels are the same": same, "always": True,
            "where it is widened": stride == 1 and same and widened}[skip]  # fmt: skip
    projected = skip == "always" and not (stride == 1 and same)
    around = [nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels))]
    kept = around if projected else []

    def forward(x, body, *around):
        short = around[0](x) if around else x
        if not adds:
            return body(x)
        if late:  # before the last batch norm
            return body[-1](body[:-1](x) + short)
        found = body(x) + short
        return getattr(torch.nn, after)()(found) if after else found

    return module_of([nn.Sequential(*body), *kept], forward)


def _block(**changes):
    return partial(inverted, **changes)


# fmt: off
WRONG = [
    ("ReLU for ReLU6", "The two activations are nn.ReLU6: they end at 6, so that the block can be computed in 8 bits.",
     _block(relu="ReLU")),
    ("an activation after the narrowing", "The last 1 × 1 layer stays linear: a ReLU6 in the narrow place would throw "
     "away what the block has gathered.", _block(relu3="ReLU6")),
    ("a ReLU6 after the sum", "Nothing comes after the sum, unlike in ResNet.", _block(after="ReLU6")),
    ("a ReLU after the sum", "Nothing comes after the sum, unlike in ResNet.", _block(after="ReLU")),
    ("no activation after the widening", "The widening 1 × 1 layer has batch norm and ReLU6.", _block(relu1="")),
    ("no activation after the depthwise layer", "The depthwise layer has batch norm and ReLU6, too.", _block(relu2="")),
    ("no skip", "Where stride is 1 and in = out, x is added to what the branch made.", _block(skip="never")),
    ("the input is added where only the stride fits", "x can be added only where the channels are the same as well: "
     "stride 1 and in = out.", _block(skip="where the stride is 1")),
    ("the input is added where only the channels fit", "With stride 2 the sides differ: x is added where stride is 1 "
     "*and* in = out.", _block(skip="where the channels are the same")),
    ("a projection on the skip", "There is no 1 × 1 convolution on the skip here: where the shapes differ nothing is "
     "added.", _block(skip="always")),
    ("no skip where expand is 1", "Whether x is added depends on stride and channels, not on expand.",
     _block(skip="where it is widened")),
    ("the sum before the last batch norm", "x is added to the finished branch, after its last batch norm.",
     _block(late=True)),
    ("widened where expand is 1, too", "With expand = 1 the first 1 × 1 layer is left out: there is nothing to widen.",
     _block(widen="always")),
    ("never widened", "Where expand ≠ 1 a 1 × 1 layer makes in_channels · expand maps first.", _block(widen="never")),
    ("widened from the output's channels", "The middle has in_channels · expand maps, not out_channels · expand.",
     _block(width=lambda i, o, e: o * e)),
    ("widened by adding", "The middle has in_channels · expand maps.", _block(width=lambda i, o, e: i + e)),
    ("expand taken as the width", "The middle has in_channels · expand maps; expand is a factor.",
     _block(width=lambda i, o, e: e)),
    ("narrowed, not widened", "An inverted residual is wide in the middle: in_channels · expand, not divided by it.",
     _block(width=lambda i, o, e: max(1, i // e))),
    ("a full convolution in the middle", "The 3 × 3 layer is depthwise: groups as many as channels, one map each.",
     _block(groups=lambda n: 1)),
    ("grouped by the input's channels", "Depthwise means as many groups as *that* layer has channels, "
     "in_channels · expand.", lambda i, o, e, stride=1: inverted(i, o, e, stride, groups=lambda n: i)),
    ("the stride in the first layer", "The stride belongs to the depthwise 3 × 3 layer.", _block(strided="first")),
    ("the stride in the last layer", "The stride belongs to the depthwise 3 × 3 layer.", _block(strided="last")),
    ("the stride is ignored", "The depthwise layer moves by `stride`.", _block(strided="none")),
    ("no padding", "The depthwise 3 × 3 layer has padding 1.", _block(padding=0)),
    ("a 5 × 5 kernel", "The depthwise layer is 3 × 3; 5 × 5 comes with MobileNet v3.", _block(kernel=5)),
    ("no batch norm after the widening", "Each of the three convolutions has its batch norm.", _block(norm1=False)),
    ("no batch norm after the depthwise layer", "Each of the three convolutions has its batch norm.",
     _block(norm2=False)),
    ("no batch norm at the end", "The last 1 × 1 layer has a batch norm, too; only its activation is left out.",
     _block(norm3=False)),
    ("biases in the convolutions", "The convolutions have bias=False: batch norm's shift does that work.",
     _block(bias=True)),
    ("another epsilon in batch norm", "nn.BatchNorm2d keeps its default eps, 1e-5.", _block(eps=1e-3)),
    ("Hardswish for ReLU6", "That is MobileNet v3's activation; here it is nn.ReLU6.", _block(relu="Hardswish")),
    ("SiLU for ReLU6", "That is EfficientNet's activation; here it is nn.ReLU6.", _block(relu="SiLU")),
    ("always the same block", "Make the layers in __init__: every block has weights of its own.", made_once(inverted)),
]
# fmt: on


def _shapes(rng: np.random.Generator) -> list[Case]:
    def case(c, *more, height=6, width=5, note="", **named):
        return Case((*pictures(rng, 2, c, height, width), c, *more), named, results=SHAPES, note=note)

    a, b, c = (int(one) for one in rng.permutation(np.arange(3, 40))[:3])
    expand = int(rng.integers(2, 7))
    return [
        case(a, b, expand),
        case(b, c, 1, note="nothing to widen"),
        case(24, 24, 6, note="8,832 parameters"),
        case(16, 24, 6, 2, note="5,136 parameters"),
        case(c, c, expand, stride=2, note="the channels fit, the sides do not"),
    ]


def _maps(rng: np.random.Generator) -> list[Case]:
    def case(n, c, *more, height=5, width=6, note="", **named):
        return Case((*pictures(rng, n, c, height, width), c, *more), named, note=note)

    return [
        case(2, 4, 4, 3, note="the input is added"),
        case(3, 3, 5, 2, note="other channels"),
        case(3, 4, 4, 1, note="nothing to widen, and the input is added"),
        case(2, 5, 5, 2, stride=2, note="the channels fit, the sides do not"),
        case(3, 3, 4, height=7, width=4, expand=4, stride=2),
    ]


# fmt: off
EXERCISE = model_exercise(
    name="InvertedResidual", lesson="11_architectures", references=[inverted], wrong=WRONG, told=built_with,
    output="maps",
    parts=[
        Part("shapes", 1, _shapes, "the shapes of parameters and maps: widened or not, with stride 1 and 2",
             "count the weights for (24, 24, 6): 3,456 + 1,296 + 3,456, and batch norm's 624."),
        Part("maps", 2, _maps, "parameters and statistics filled in: maps in train and eval mode, of one picture, "
             "gradients, a second block",
             "widen → ReLU6 → depthwise → ReLU6 → narrow, a batch norm after each; then the sum, where it fits."),
    ],
)
