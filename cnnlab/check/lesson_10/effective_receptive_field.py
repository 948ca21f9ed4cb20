"""effective_receptive_field: which pixels have a say in the middle of a model's maps, by gradients."""

from __future__ import annotations

import numpy as np

from cnnlab.check import verbs
from cnnlab.check.cases import Args, Case
from cnnlab.check.draw import ints
from cnnlab.check.lesson_10.traces import TRACES, measuring_exercise, own, traces


# fmt: off
def field(model, x, *, at="middle", filters="all", images="all", size=lambda slope: slope.abs(), first="size",
          channels="sum", norm="largest", of=None, learns=True, zero=True, training=False, then=lambda found: found):
    """The field, some of its pieces being others. at: where s is taken; first: "size" before the sums, or one of them;
    images: also "stay", as channels."""
    # fmt: on
    import torch

    modes = [(module, module.training) for module in model.modules()]
    mine = own(x).requires_grad_(learns)
    try:
        if training:
            model.train()
        with torch.enable_grad(), verbs.drawing_alike():  # for what drops out in train mode
            y = model(mine)
            rows, columns = y.shape[-2:]
            places = {
                "middle": (rows // 2, columns // 2), "corner": (0, 0), "before": ((rows - 1) // 2, (columns - 1) // 2),
                "swapped": (min(columns // 2, rows - 1), min(rows // 2, columns - 1)), "last": (-1, -1),
                "of x": (min(x.shape[-2] // 2, rows - 1), min(x.shape[-1] // 2, columns - 1)),
                "up": (min((rows + 1) // 2, rows - 1), min((columns + 1) // 2, columns - 1)),
                "four": tuple(slice((side - 1) // 2, side // 2 + 1) for side in (rows, columns)),
                "after": (min(rows // 2 + 1, rows - 1), min(columns // 2 + 1, columns - 1)),
                "row of half the width": (min(columns // 2, rows - 1), columns // 2),
                "column of half the height": (rows // 2, min(rows // 2, columns - 1)),
                "row": (rows // 2,), "column": (slice(None), columns // 2),
                "around": tuple(slice(max(side // 2 - 1, 0), side // 2 + 2) for side in (rows, columns)),
            }  # fmt: skip
            y = y[:1] if images == "first" else y
            y = {"all": y, "first": y[:, :1], "largest": y.amax(1, keepdim=True)}[filters]
            y = {"square": y**2, "size": y.abs(), None: y}[of]
            s = y.sum() if at == "everywhere" else y[(slice(None), slice(None), *places[at])].sum()
            (slope,) = torch.autograd.grad(s, mine)
    finally:
        for module, mode in modes:
            module.training = mode
    slope = slope.detach()
    if first == "product":
        slope = slope * mine.detach()
    over = {"sum": lambda v: v.sum(1), "mean": lambda v: v.mean(1), "first": lambda v: v[:, 0],
            "largest": lambda v: v.amax(1), "length": lambda v: v.norm(dim=1),
            "stay": lambda v: v}[channels]  # fmt: skip
    together = {"stay": lambda v: v, "own": lambda v: (v / v.amax((1, 2), keepdim=True).clamp(min=1e-30)).sum(0)}
    add = together.get(images, lambda v: v.sum(0))
    found = size(add(over(slope))) if first == "sum" else add(over(size(slope)))
    if first in ("channels", "images", "largest"):
        found = {"channels": size(slope.sum(1)).sum(0), "images": size(slope.sum(0)).sum(0),
                 "largest": size(slope).amax((0, 1))}[first]  # fmt: skip
    sizes = {"sum": found.sum(), None: torch.tensor(1.0), "mean": found.mean()}
    below = sizes.get(norm, found.max())
    if norm == "stretched":
        return (found - found.min()) / (below - found.min()).clamp(min=1e-12)
    if norm == "root":
        return (found / below) ** 0.5
    return then(torch.zeros_like(found) if zero and not below > 0 else found / below)


def _cases(rng: np.random.Generator) -> list[Case]:
    def seeded(net, **more):
        return {"net": net, "seed": int(rng.integers(1, 10**6)), **more}

    def drawn(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    small = np.array([[1.0, -2.0, 0.0], [0.0, 4.0, -1.0]]).reshape(1, 1, 2, 3)
    one = seeded([("conv", 1, 1, (2, 3))], weights=[small, np.zeros(1)])
    signs = np.array([[[[2.0]], [[1.0]]], [[[-1.0]], [[3.0]]]])
    two = seeded([("conv", 2, 2, 1)], weights=[signs, np.zeros(2)])
    deep = [("conv", 3, 4, 3, 1, 1), ("relu",), ("conv", 4, 4, 3, 2, 1), ("norm", 4), ("relu",), ("conv",
    4, 3, 3, 1, 1)]
    dead = [("conv", 2, 2, 3, 1, 1), ("relu",)]
    nothing = [np.ones((2, 2, 3, 3)), np.full(2, -100.0)]
    return [
        Case((one, ints(rng, 1, 1, 4, 6).astype(np.float32)), note="one kernel, 2 × 3: [1 −2 0; 0 4 −1]"),
        Case((two, ints(rng, 1, 2, 3, 4).astype(np.float32)), note="1 × 1 kernels; signs cancel where they may not"),
        Case((seeded([("conv", 2, 3, (3, 2))]), drawn(2, 2, 3, 2)), note="every pixel has a say"),
        Case((seeded(deep), drawn(1, 3, 9, 12)), note="three layers, stride 2"),
        Case((seeded(deep), drawn(3, 3, 11, 8)), note="three images"),
        Case((seeded(dead, weights=nothing), drawn(2, 2, 5, 4)), note="no pixel has a say"),
        Case((seeded("branching", sizes=(2, 0)), drawn(2, 2, 8, 11)), note="nested modules"),
        Case((seeded("branching", sizes=(1, 0, True)), drawn(1, 1, 12, 7)), note="steps in place"),
        Case((seeded([("conv", 2, 3, 3), ("relu", True), ("pool", 2)]), 3 * drawn(2, 2, 10, 14)), note="max pooling"),
    ]  # fmt: skip


def _traces(rng: np.random.Generator) -> list[Case]:
    x, seed = rng.standard_normal((2, 3, 8, 9)).astype(np.float32), int(rng.integers(1, 10**6))

    def case(note, **about):
        return Case(({"net": "branching", "sizes": (3, 0), "seed": seed, **about}, x), note=note)

    return traces(rng, case)


def _with_numbers(a: Args):
    return a.right().numpy()


# fmt: off
SLIPS = {
    "s is taken in the corner of the maps": {"at": "corner"},
    "s is taken one place before the middle, at (h − 1)//2": {"at": "before"},
    "height and width change places where s is taken": {"at": "swapped"},
    "s is taken at half the sides of x, not of y": {"at": "of x"},
    "s is taken in the last corner": {"at": "last"},
    "s is taken one place behind the middle": {"at": "after"},
    "s is taken at (h + 1)//2, one place behind the middle where h is odd": {"at": "up"},
    "s is the sum over the four places round the middle": {"at": "four"},
    "the row is the middle of the *width*": {"at": "row of half the width"},
    "the column is the middle of the *height*": {"at": "column of half the height"},
    "s is the sum over the whole row in the middle": {"at": "row"},
    "s is the sum over the whole column in the middle": {"at": "column"},
    "s is the sum over 3 × 3 places in the middle": {"at": "around"},
    "s is the sum over all places": {"at": "everywhere"},
    "the first filter's map alone counts": {"filters": "first"},
    "the largest filter's map alone counts": {"filters": "largest"},
    "the first image alone counts": {"images": "first"},
    "the gradients are added up before the absolute value": {"first": "sum"},
    "the channels are added up before the absolute value": {"first": "channels"},
    "the images are added up before the absolute value": {"first": "images"},
    "the length over the channels, the root of the sum of squares, is taken": {"channels": "length"},
    "each image is divided by its own largest number": {"images": "own"},
    "the largest of all images and channels is taken, no sum": {"first": "largest"},
    "no absolute value is taken": {"size": lambda slope: slope},
    "what is negative is cut at 0": {"size": lambda slope: slope.relu()},
    "squares are taken, not absolute values": {"size": lambda slope: slope**2},
    "the channels of x are averaged without their sizes": {"first": "sum", "channels": "mean"},
    "the first channel of x alone counts": {"channels": "first"},
    "the largest channel of x is taken, no sum": {"channels": "largest"},
    "it is divided by the sum": {"norm": "sum"},
    "it is divided by the mean": {"norm": "mean"},
    "it is not divided by anything": {"norm": None},
    "a root is taken at the end": {"norm": "root"},
    "it is stretched to 0 … 1": {"norm": "stretched"},
    "the gradients are multiplied by x": {"first": "product"},
    "s is made of squares of y": {"of": "square"},
    "s is made of |y|": {"of": "size"},
    "rows and columns of the result change places": {"then": lambda found: found.T},
    "the model runs in train mode": {"training": True},
}
WRONG = [
    ("signs cancel", "Absolute values first, then the sum over images and channels: a pixel that pulls up in one "
     "channel and down in another has a say twice.", lambda a: a.right(first="sum")),
    ("no absolute value", "A pixel that pulls the value down has as much say as one that pulls it up: take |∂s/∂x|.",
     lambda a: a.right(size=lambda slope: slope)),
    ("cut at 0", "What is negative counts as much: take |∂s/∂x|, no ReLU.",
     lambda a: a.right(size=lambda slope: slope.relu())),
    ("squares", "Absolute values are asked for, no squares.", lambda a: a.right(size=lambda slope: slope**2)),
    ("the corner's value", "s is taken in the middle of the maps, y[:, :, h // 2, w // 2]: from the corner most of the "
     "field falls outside of the picture.", lambda a: a.right(at="corner")),
    ("one before the middle", "The middle is (h // 2, w // 2), counted from 0, also where h or w is even.",
     lambda a: a.right(at="before")),
    ("height and width change places", "y is (N, K, h, w): h // 2 belongs to the rows.",
     lambda a: a.right(at="swapped")),
    ("all places at once", "The sum over all places tells where the picture counts for *any* value. Take the one in "
     "the middle, y[:, :, h // 2, w // 2].", lambda a: a.right(at="everywhere")),
    ("the first filter alone", "s adds up all K maps: y[:, :, h // 2, w // 2].", lambda a: a.right(filters="first")),
    ("the first image alone", "s adds up all images, and so does the result.", lambda a: a.right(images="first")),
    ("the first colour alone", "Sum |∂s/∂x| over the channels of x, too.", lambda a: a.right(channels="first")),
    ("the largest colour", "A sum over the channels is asked for, not their largest.",
     lambda a: a.right(channels="largest")),
    ("not divided", "Divide by the largest number, so that the strongest pixel has 1.", lambda a: a.right(norm=None)),
    ("divided by the sum", "Divide by the largest number; the sum makes it depend on how many pixels there are.",
     lambda a: a.right(norm="sum")),
    ("stretched to 0 … 1", "Divide by the largest number alone: the weakest pixel need not have 0.",
     lambda a: a.right(norm="stretched")),
    ("0 divided by 0", "Where no pixel has a say, the largest number is 0. Return zeros then; ask before you divide.",
     lambda a: a.right(zero=False)),
    ("times x", "The gradient alone is asked for; times x it is another measure, and black pixels would never have a "
     "say.",
     lambda a: a.right(first="product")),
    ("the channels stay", "The result is (H, W): sum over images and channels.", lambda a: a.right(channels="stay")),
    ("the images stay", "The result is (H, W): sum over images, too.", lambda a: a.right(images="stay")),
    ("an axis of length 1 stays", "The result is (H, W): sum over images and channels, without keepdim.",
     lambda a: a.right()[None]),
    ("squares of y", "s is the plain sum of y in the middle.", lambda a: a.right(of="square")),
    ("put into train mode", "In train mode dropout draws and batch norm mixes the images of the batch.",
     lambda a: a.right(training=True)),
    ("an array in place of a tensor", "A tensor is asked for; .numpy() can wait until you draw.", _with_numbers),
    ("x asks for no gradient", "Where all parameters are frozen, nothing asks for a gradient. Let a copy of x ask for "
     "it, x.detach().clone().requires_grad_(True), and run the model in a `with` block of `torch.enable_grad()`.",
     lambda a: a.right(learns=False)),
    *TRACES,
]
EXERCISE = measuring_exercise(
    "effective_receptive_field", field, _cases, _traces, wrong=WRONG, slips=SLIPS,
    axes={"x": "image channel row column", "": "row column"},
    tests="small models whose output is a batch of maps",
    look="s is one number, the sum of y[:, :, h // 2, w // 2]; its gradient has x's shape, and loses its sign before "
         "images and channels are added up.",
)
# fmt: on
