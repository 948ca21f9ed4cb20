"""ResidualBlock: what two convolutions add to their input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.lesson_07.blocks import block, conv, dropout, fixed, frozen, gelu, leaky, norm, relu, relu6, told
from cnnlab.check.models import ALWAYS_TRAINING, begun_at, in_a_row, made_once, model_exercise

Piece = Callable | None
BRANCH = ("start", "conv1", "norm1", "relu1", "conv2", "norm2", "end")


def added(x: Any, branch: Any, shortcut: Any) -> Any:
    return (branch(x) + shortcut(x)).relu()


def shortcut_first(x: Any, branch: Any, shortcut: Any) -> Any:
    known = shortcut(x)
    return (branch(x) + known).relu()


def _pieces(i: int, o: int, stride: int) -> dict[str, Piece]:
    return {
        "start": None, "conv1": conv(i, o, 3, stride=stride), "norm1": norm(o), "relu1": relu,
        "conv2": conv(o, o, 3), "norm2": norm(o), "end": None,
        "project": conv(i, o, stride=stride), "norm3": norm(o),
    }  # fmt: skip


def residual(
    i: int, o: int, stride: int = 1, *, forward: Callable = added, projects: bool | None = None,
    branch: Sequence[str] = BRANCH, **changes: Piece,
):  # fmt: skip
    """The block, some of its pieces being others; projects: whether the input passes 1 × 1 and norm (None: where the
    shapes differ); branch: the order of the pieces in it."""
    from torch import nn

    made = {**_pieces(i, o, stride), **changes}
    projects = (stride != 1 or i != o) if projects is None else projects

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.branch = in_a_row({name: made[name] for name in branch})
            self.shortcut = in_a_row({name: made[name] for name in ("project", "norm3")} if projects else {})

        def forward(self, x):
            return forward(x, self.branch, self.shortcut)

    return Residual()


def residual_block(in_channels: int, out_channels: int, stride: int = 1):
    return residual(in_channels, out_channels, stride)


def residual_block_shortcut_first(in_channels: int, out_channels: int, stride: int = 1):
    return residual(in_channels, out_channels, stride, forward=shortcut_first)


def _with(**changes: Any) -> Callable:
    """A row: something is different, whatever the arguments."""
    return lambda i, o, stride=1: residual(i, o, stride, **changes)


def _by_size(of: Callable[[int, int, int], dict[str, Any]]) -> Callable:
    """A row: something is different, made of in_channels, out_channels and stride."""
    return lambda i, o, stride=1: residual(i, o, stride, **of(i, o, stride))


def _convs(**how: Any) -> Callable:
    return _by_size(lambda i, o, s: {"conv1": conv(i, o, 3, stride=s, **how), "conv2": conv(o, o, 3, **how)})


def _norms(of: Callable[[int], Callable]) -> Callable:
    return _by_size(lambda i, o, s: {"norm1": of(o), "norm2": of(o), "norm3": of(o)})


def _where_it_fits(x: Any, branch: Any, shortcut: Any) -> Any:
    found = branch(x)
    return (found + x).relu() if found.shape == x.shape else found.relu()


def _padded_shortcut(i: int, o: int, stride: int = 1):
    """The shortcut without parameters: every stride-th pixel, and maps of zeros for those that are missing."""

    def forward(x, branch, shortcut):
        import torch

        found, short = branch(x), x[:, :o, ::stride, ::stride]
        more = torch.zeros_like(found[:, : max(0, o - i)])
        return (found + torch.cat([short, more], 1)).relu()

    return residual(i, o, stride, forward=forward, projects=False)


def _pooled_shortcut(i: int, o: int, stride: int = 1):
    """The shortcut is pooled where the maps shrink, and projected without a stride."""

    def shrunk(nn):
        return nn.Sequential(nn.AvgPool2d(stride, ceil_mode=True), conv(i, o)(nn))

    return residual(i, o, stride, project=shrunk if stride > 1 else conv(i, o))


def _norm_after_the_sum(i: int, o: int, stride: int = 1):
    """conv-BN-ReLU-conv, the input added, and the second norm after that."""
    from torch import nn

    last = nn.BatchNorm2d(o)
    made = residual(i, o, stride, branch=BRANCH[:5],
                    forward=lambda x, branch, shortcut: last(branch(x) + shortcut(x)).relu())  # fmt: skip
    made.last = last
    return made


def _one_norm(i: int, o: int, stride: int = 1):
    from torch import nn

    shared = nn.BatchNorm2d(o)
    return residual(i, o, stride, norm1=lambda nn: shared, norm2=lambda nn: shared)


def _one_conv(i: int, o: int, stride: int = 1):
    """Where the shapes are the same, one convolution is used twice."""
    from torch import nn

    if i != o or stride != 1:
        return residual(i, o, stride)
    shared = conv(o, o, 3)(nn)
    return residual(i, o, stride, conv1=lambda nn: shared, conv2=lambda nn: shared)


def _changed_in_place(x: Any, branch: Any, shortcut: Any) -> Any:
    """The branch's first ReLU has changed x, which is then added."""
    x = x.relu()
    return (branch(x) + shortcut(x)).relu()


def _bottleneck(i: int, o: int, stride: int = 1):
    middle = max(1, o // 4)
    made = in_a_row({"conv1": conv(i, middle), "norm1": norm(middle), "relu1": relu,
                     "conv2": conv(middle, middle, 3, stride=stride), "norm2": norm(middle), "relu2": relu,
                     "conv3": conv(middle, o), "norm3": norm(o)})  # fmt: skip
    return residual(i, o, stride, branch=("conv1",), conv1=lambda nn: made)


def _concatenated(x: Any, branch: Any, shortcut: Any) -> Any:
    import torch

    return torch.cat([branch(x), shortcut(x)], 1).relu()


def _same(rng: np.random.Generator) -> list[Case]:
    return [
        block(rng, (2, 2, 3, 4), 2, 2), block(rng, (3, 3, 5, 8), 3, 3), block(rng, (2, 4, 7, 5), 4, 4, 1),
        block(rng, (2, 8, 6, 7), in_channels=8, out_channels=8), block(rng, (2, 5, 1, 6), 5, 5, stride=1),
    ]  # fmt: skip


def _other(rng: np.random.Generator) -> list[Case]:
    return [
        block(rng, (2, 2, 3, 4), 2, 3), block(rng, (2, 3, 5, 8), 3, 5), block(rng, (2, 4, 7, 6), 4, 2),
        block(rng, (2, 3, 8, 6), 3, 3, 2), block(rng, (3, 4, 9, 7), 4, 8, 2), block(rng, (2, 2, 7, 10), 2, 4, stride=3),
        block(rng, (2, 6, 6, 9), stride=2, in_channels=6, out_channels=3), block(rng, (2, 4, 8, 8), 4, 4, stride=2),
        block(rng, (2, 3, 7, 8), 3, 3, 3),
    ]  # fmt: skip


# fmt: off
PRE = ("norm1", "relu1", "conv1", "norm2", "relu2", "conv2")
WRONG = [
    ("added where it happens to fit", "Where the shapes differ the input is projected and added all the same.",
     _with(forward=_where_it_fits, projects=False)),
    ("no skip", "The input is added to what the two convolutions made of it. Without that it is a plain block.",
     _with(forward=lambda x, branch, shortcut: branch(x).relu(), projects=False)),
    ("no ReLU after the sum", "The block ends with a ReLU, after the sum.",
     _with(forward=lambda x, branch, shortcut: branch(x) + shortcut(x))),
    ("the ReLU before the sum", "Add first, then the ReLU: a branch that can only add what is positive can take "
     "nothing away.", _with(forward=lambda x, branch, shortcut: branch(x).relu() + shortcut(x))),
    ("a ReLU before the sum as well", "One ReLU, after the sum: a branch that can only add what is positive can take "
     "nothing away.", _with(forward=lambda x, branch, shortcut: (branch(x).relu() + shortcut(x)).relu())),
    ("a ReLU in the projection", "The projection is 1 × 1 and batch norm: no ReLU.",
     _by_size(lambda i, o, s: {"norm3": lambda nn: nn.Sequential(norm(o)(nn), nn.ReLU())})),
    ("a ReLU on the shortcut", "The shortcut changes nothing, but for shapes: no ReLU on it.",
     _with(forward=lambda x, branch, shortcut: (branch(x) + shortcut(x).relu()).relu())),
    ("no ReLU between the convolutions", "convolution, batch norm, *ReLU*, convolution, batch norm.",
     _with(relu1=None)),
    ("no ReLU at all", "One ReLU stands between the convolutions, and one after the sum.",
     _with(relu1=None, forward=lambda x, branch, shortcut: branch(x) + shortcut(x))),
    ("the branch is subtracted", "The branch is *added* to the input.",
     _with(forward=lambda x, branch, shortcut: (shortcut(x) - branch(x)).relu())),
    ("the branch multiplies", "The two ways are added; to multiply is another idea (a gate).",
     _with(forward=lambda x, branch, shortcut: (shortcut(x) * branch(x)).relu())),
    ("the two ways are averaged", "The two ways are added, not averaged: the gradient of the short way is 1.",
     _with(forward=lambda x, branch, shortcut: ((shortcut(x) + branch(x)) / 2).relu())),
    ("the two ways are concatenated", "The two ways are added, map by map; side by side is DenseNet's idea.",
     _with(forward=_concatenated)),
    ("the input is added twice", "The input is added once.",
     _with(forward=lambda x, branch, shortcut: (branch(x) + 2 * shortcut(x)).relu())),
    ("the input is detached", "The short way is there for the gradient, too: no .detach().",
     _with(forward=lambda x, branch, shortcut: (branch(x) + shortcut(x.detach())).relu())),
    ("the input after a ReLU is added", "What is added is the input as it came. F.relu_ or inplace=True on x itself "
     "changes what the shortcut sees.", _with(forward=_changed_in_place)),
    ("a projection everywhere", "Where the shapes are the same the input is added as it is: no 1 × 1, no norm.",
     _with(projects=True)),
    ("a projection only where channels differ", "A stride changes the shape, too: then the input needs its 1 × 1 with "
     "that stride.", _by_size(lambda i, o, s: {"projects": i != o})),
    ("a projection only where there is a stride", "Other numbers of channels change the shape, too.",
     _by_size(lambda i, o, s: {"projects": s != 1})),
    ("a projection only where both differ", "One of the two is enough to change the shape: stride *or* channels.",
     _by_size(lambda i, o, s: {"projects": s != 1 and i != o})),
    ("no projection at all", "Where the shapes differ the input passes a 1 × 1 convolution and a batch norm.",
     _with(projects=False)),
    ("the projection without batch norm", "On the projected way a batch norm follows the 1 × 1 convolution.",
     _with(norm3=None)),
    ("the projection with a bias", "The projection's 1 × 1 has no bias: a batch norm follows.",
     _by_size(lambda i, o, s: {"project": conv(i, o, stride=s, bias=True)})),
    ("the projection without a stride", "The projection's 1 × 1 takes the block's stride, so that both ways meet in "
     "size.", _by_size(lambda i, o, s: {"project": conv(i, o)})),
    ("a 3 × 3 projection", "The projection is 1 × 1: it changes the shape and looks at no neighbours.",
     _by_size(lambda i, o, s: {"project": conv(i, o, 3, stride=s)})),
    ("a pooled shortcut", "Where the maps shrink the 1 × 1 itself has the stride; nothing is pooled.",
     _pooled_shortcut),
    ("a shortcut of zeros and every second pixel", "That is the parameter-free shortcut of the paper's option A; here "
     "it is a 1 × 1 convolution and a batch norm.", _padded_shortcut),
    ("the stride is left out", "The first convolution takes the block's stride, and the projection too.",
     _by_size(lambda i, o, s: {"conv1": conv(i, o, 3), "project": conv(i, o),
                               "projects": s != 1 or i != o})),
    ("the stride in the second convolution", "The block's stride is in its *first* convolution: the second has less "
     "to do then.", _by_size(lambda i, o, s: {"conv1": conv(i, o, 3), "conv2": conv(o, o, 3, stride=s)})),
    ("the stride in both convolutions", "Only the first convolution takes the stride.",
     _by_size(lambda i, o, s: {"conv2": conv(o, o, 3, stride=s)})),
    ("biases", "No biases: a batch norm follows each convolution.", _convs(bias=True)),
    ("a bias in the first convolution", "No biases: a batch norm follows each convolution, the first too.",
     _by_size(lambda i, o, s: {"conv1": conv(i, o, 3, stride=s, bias=True)})),
    ("a bias in the second convolution", "No biases: a batch norm follows each convolution, the second too.",
     _by_size(lambda i, o, s: {"conv2": conv(o, o, 3, bias=True)})),
    ("no padding", "Both convolutions keep the maps' size (but for the stride): padding=1.", _convs(padding=0)),
    ("repeated padding", "The padding is zeros, nn.Conv2d's own.", _convs(padding_mode="replicate")),
    ("no batch norm", "A batch norm follows each convolution.", _with(norm1=None, norm2=None, norm3=None)),
    ("no norm after the second convolution", "A batch norm follows the second convolution too, before the sum.",
     _with(norm2=None)),
    ("no norm after the first convolution", "A batch norm follows the first convolution too.", _with(norm1=None)),
    ("fewer batch norms than places", "Each place has a norm of its own, with its scale and shift: is one used twice, "
     "or made with affine=False?", _one_norm),
    ("one convolution for both places", "Two convolutions, each with its own weights.", _one_conv),
    ("the second norm after the sum", "The branch ends with its batch norm; the sum comes after it, then the ReLU.",
     _norm_after_the_sum),
    ("batch norm after the ReLU", "The order is convolution, batch norm, ReLU.",
     _with(branch=("conv1", "relu1", "norm1", "conv2", "norm2"))),
    ("norm and ReLU before the convolutions", "That is the later, pre-activation block; here it is conv-BN-ReLU-conv-"
     "BN, then the sum, then ReLU.", _by_size(lambda i, o, s: {"branch": PRE, "norm1": norm(i), "relu2": relu,
                                          "forward": lambda x, branch, shortcut: branch(x) + shortcut(x)})),
    ("one convolution only", "The branch has two convolutions.",
     _with(branch=("conv1", "norm1"))),
    ("three convolutions", "The branch has two convolutions.",
     _by_size(lambda i, o, s: {"end": lambda nn: nn.Sequential(nn.ReLU(), conv(o, o, 3)(nn), norm(o)(nn))})),
    ("ResNet-50's bottleneck", "The branch is two 3 × 3 convolutions here; 1 × 1, 3 × 3, 1 × 1 is the block of the "
     "deeper ResNets.", _bottleneck),
    ("5 × 5 kernels", "The kernels are 3 × 3.",
     _by_size(lambda i, o, s: {"conv1": conv(i, o, 5, stride=s), "conv2": conv(o, o, 5)})),
    ("a 1 × 1 second", "Both convolutions of the branch are 3 × 3.", _by_size(lambda i, o, s: {"conv2": conv(o, o)})),
    ("the first convolution keeps the channels", "The first convolution goes from in_channels to out_channels, the "
     "second from out_channels to out_channels.",
     _by_size(lambda i, o, s: {"conv1": conv(i, i, 3, stride=s), "norm1": norm(i), "conv2": conv(i, o, 3)})),
    ("a leaky ReLU", "The activation is ReLU, exactly 0 for what is negative.", _with(relu1=leaky)),
    ("ReLU6", "The activation is ReLU; ReLU6, cut off at 6, is MobileNet's.",
     _with(relu1=relu6, forward=lambda x, branch, shortcut: (branch(x) + shortcut(x)).clamp(0, 6))),
    ("GELU", "The activation is ReLU.", _with(relu1=gelu)),
    ("dropout", "No dropout in this block.", _with(end=dropout)),
    ("another eps", "nn.BatchNorm2d with its defaults: eps is 1e-5.", _norms(lambda o: norm(o, eps=1e-3))),
    ("another momentum", "nn.BatchNorm2d with its defaults: momentum 0.1, the share of the new batch.",
     _norms(lambda o: norm(o, momentum=0.01))),
    ("norms that do not learn", "nn.BatchNorm2d(…) with its defaults has a scale and a shift that learn.",
     _norms(lambda o: norm(o, affine=False))),
    (ALWAYS_TRAINING.name, ALWAYS_TRAINING.says, _norms(lambda o: norm(o, track_running_stats=False))),
    ("group norm", "nn.GroupNorm looks at each picture by itself; batch norm at the whole batch.",
     _norms(lambda o: lambda nn: nn.GroupNorm(1, o))),
    ("a frozen convolution", "All of the block has to learn: requires_grad stays True.",
     _by_size(lambda i, o, s: {"conv2": frozen(conv(o, o, 3))})),
    ("the branch under no_grad", "no_grad is for measuring. In forward it cuts every gradient off.",
     lambda i, o, s=1: fixed(residual(i, o, s))),
    ("weights that begin alike", "Leave the weights as PyTorch draws them: filters that begin alike stay alike.",
     begun_at(0.1, lambda i, o, s=1: residual(i, o, s))),
    ("always the same block", "Layers belong in __init__, where every block makes its own.",
     made_once(lambda i, o, s=1: residual(i, o, s))),
]
# fmt: on


def _named(row: Callable) -> Callable:
    """A row as a function of the exercise's own argument names."""
    return lambda in_channels, out_channels, stride=1: row(in_channels, out_channels, stride)


EXERCISE = model_exercise(
    name="ResidualBlock", lesson="07_blocks", references=[residual_block, residual_block_shortcut_first],
    output="maps", told=told("ResidualBlock"), wrong=[(name, says, _named(row)) for name, says, row in WRONG],
    parts=[
        Part("same shape", 2, _same, "blocks whose input fits, filled with the same numbers: maps in train and eval "
             "mode, of one picture, gradients, a second block",
             "conv-BN-ReLU-conv-BN, plus x, then ReLU. Set the second norm's scale and shift to 0: what comes out?"),
        Part("other shape", 2, _other, "blocks with a stride, with other numbers of channels, and with both",
             "where the shapes differ, x passes a 1 × 1 convolution with the stride, and a batch norm."),
    ],
)  # fmt: skip
