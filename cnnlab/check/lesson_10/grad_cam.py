"""grad_cam: where a layer's maps speak for a class, weighted by gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from cnnlab.check import verbs
from cnnlab.check.cases import Case
from cnnlab.check.lesson_10.traces import LEFT, REFUSES, TRACES, built, measuring_exercise, own, traces
from cnnlab.check.verdict import Attempt, Named


# fmt: off
def cam(model, layer_name, x, target, *, score="logit", weights="mean", maps=lambda a: a, over="sum", relu=True,
        norm="largest", of="output", learns=True, zero=True, training=False, names="exact"):
    """The map, some of its pieces being others. weights: what becomes of the gradients; of: what A is."""
    # fmt: on
    import torch

    modules, kept = dict(model.named_modules()), []
    modes = [(module, module.training) for module in model.modules()]
    if names == "last convolution":
        layer = [module for module in modules.values() if isinstance(module, torch.nn.Conv2d)][-1]
    elif names == "begins":
        layer = [module for name, module in modules.items() if name.startswith(layer_name)][-1]
    elif names in ("ends", "first that ends"):
        layer = [m for name, m in modules.items() if name.endswith(layer_name)][-1 if names == "ends" else 0]
    else:
        layer = modules[layer_name]
    scores: dict[str, Callable] = {
        "logit": lambda z: z[0, target], "softmax": lambda z: z.softmax(1)[0, target], "largest": lambda z: z.max(),
        "loss": lambda z: -z.log_softmax(1)[0, target], "sum": lambda z: z.sum(), "other": lambda z: z[0, target - 1],
        "negative": lambda z: -z[0, target],
        "log-softmax": lambda z: z.log_softmax(1)[0, target], "first": lambda z: z[0, 0],
    }  # fmt: skip
    handle = layer.register_forward_hook(lambda m, inputs, out: kept.append(inputs[0] if of == "input" else out))
    try:
        model.train() if training else None
        with torch.enable_grad(), verbs.drawing_alike():  # for what drops out in train mode
            mine = own(x).requires_grad_(learns)
            logits = model(mine)
            (slope,) = torch.autograd.grad(scores[score](logits), kept[0])
    finally:
        handle.remove()
        for module, mode in modes:
            module.training = mode
    slope, a = slope.detach()[0], maps(kept[0].detach()[0])
    if training:  # before a batch norm that uses this one picture the mean gradient is 0 but for rounding
        noise = slope.mean((1, 2), keepdim=True)
        slope = torch.where(noise.abs() < 1e-4 * slope.abs().mean(), torch.zeros_like(slope), slope)
    weighed = {
        "mean": slope.mean((1, 2), keepdim=True), "places": slope, "largest": slope.amax((1, 2), keepdim=True),
        "size": slope.abs().mean((1, 2), keepdim=True), "positive": slope.relu().mean((1, 2), keepdim=True),
        "cut": slope.mean((1, 2), keepdim=True).relu(), "none": torch.ones_like(slope), "all": slope.mean(),
        "sign": slope.mean((1, 2), keepdim=True).sign(), "normed": slope.mean((1, 2), keepdim=True) / slope.norm(),
        "softmax": slope.mean((1, 2), keepdim=True).softmax(0), "rows": slope.mean(1, keepdim=True),
        "columns": slope.mean(2, keepdim=True), "maps": slope.mean(0, keepdim=True),
        "no sign": slope.mean((1, 2), keepdim=True).abs(), "squared": slope.mean((1, 2), keepdim=True) ** 2,
        "middle": slope[:, slope.shape[1] // 2, slope.shape[2] // 2, None, None],
        "squares": (slope**2).mean((1, 2), keepdim=True), "length": slope.norm(dim=(1, 2), keepdim=True),
    }[weights] * a  # fmt: skip
    found = {"sum": weighed.sum(0), "largest": weighed.amax(0), "first": weighed[0], "gradient": slope.sum(0),
             "strongest": weighed[slope.mean((1, 2)).abs().argmax()],
             "each cut": weighed.relu().sum(0), "size": weighed.abs().sum(0)}[over]  # fmt: skip
    if relu:
        found = found.abs() if relu == "size" else found.relu()
    low = {"stretched": found.min()}.get(norm, torch.tensor(0.0))
    below = {"largest": found.max(), "sum": found.sum(), "size": found.abs().max(), None: torch.tensor(1.0),
             "stretched": found.max() - low, "length": found.norm(), "half": 2 * found.max()}[norm]  # fmt: skip
    return torch.zeros_like(found) if zero and not below > 0 else (found - low) / below


def _cases(rng: np.random.Generator) -> list[Case]:
    def seeded(net, **more):
        return {"net": net, "seed": int(rng.integers(1, 10**6)), **more}

    def drawn(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    small = [("conv", 1, 2, 1), ("gap", 1), ("flatten",), ("dense", 2, 2)]
    weights = [np.array([1.0, -1.0]).reshape(2, 1, 1, 1), np.zeros(2), np.array([[3.0, 1.0], [-1.0, 0.0]]), np.zeros(2)]
    net = [("conv", 2, 4, 3, 1, 1), ("norm", 4), ("relu",), ("conv", 4, 5, 3, (2, 1)), ("relu",), ("pool", 2),
           ("flatten",), ("dense", 20, 4)]
    against = {**seeded(small), "weights": [*weights[:2], np.array([[-2.0, -1.0], [-2.0, -2.0]]), np.zeros(2)]}
    up = np.array([[[[1, 2, 0], [3, 1, 4]]]], np.float32)
    picture = np.array([[[[1, 0, -2], [2, 4, -1]]]], np.float32)
    branching = seeded("branching", sizes=(3, 4))
    inner = ("sequence", [("conv", 2, 3, 2), ("relu",), ("conv", 3, 3, 1)])
    nested = [inner, ("conv", 3, 6, 1), ("flatten",), ("dense", 120, 3)]
    cases = [Case((branching, name, drawn(1, 3, 9, 7), k), note="nested modules, steps without a module")
             for k, name in enumerate(["conv2", "block", "conv", "block.conv"])]
    return [
        Case((seeded(small, weights=weights), "0", picture, 0), note="two maps, x and −x, with weights 3 and 1"),
        Case((seeded(small, weights=weights), "0", up + 1, 0), note="every place speaks for the class"),
        Case((against, "0", up, 1), note="nothing speaks for the class"),
        Case((seeded(net), "3", drawn(1, 2, 9, 6), 1)), Case((seeded(net), "2", drawn(1, 2, 9, 6), 3), note="after a "
     "ReLU"),
        Case((seeded(net), "5", 2 * drawn(1, 2, 9, 6), 2), note="a pooling layer"), *cases,
        Case((branching, "block.norm", drawn(1, 3, 6, 10), 1), note="one layer inside of another"),
        *(Case((seeded(nested), "1", drawn(1, 2, 5, 6), k), note="its name ends like one before it") for k in (2, 0)),
    ]  # fmt: skip


def _traces(rng: np.random.Generator) -> list[Case]:
    x, seed = rng.standard_normal((1, 3, 8, 7)).astype(np.float32), int(rng.integers(1, 10**6))

    def case(note, target=2, name="conv2", **about):
        return Case(({"net": "branching", "sizes": (3, 4), "seed": seed, **about}, name, x, target), note=note)

    def unknown(name):
        return lambda note, **about: case(note, name=name, **about)

    last_part = unknown("norm")("only the last part of a name", **REFUSES)
    missed = case("there is no such target", 99, trace=True, training=True, misses=True, left=True)
    return [*traces(rng, case, unknown("con")), last_part, missed]


ENLARGED = "One number for each place of the layer's maps. Enlarging can wait until you draw."
# fmt: off
SLIPS = {
    "softmax is taken before the gradient": {"score": "softmax"},
    "log-softmax is taken before the gradient": {"score": "log-softmax"},
    "the gradient is that of the loss": {"score": "loss"},
    "the largest logit is taken, whichever it is": {"score": "largest"},
    "the first logit is taken": {"score": "first"},
    "all logits are added up": {"score": "sum"},
    "the logit before the target is taken": {"score": "other"},
    "the gradient is multiplied place by place": {"weights": "places"},
    "the largest gradient of each map is its weight": {"weights": "largest"},
    "the gradients lose their sign before the mean": {"weights": "size"},
    "the weights lose their sign": {"weights": "no sign"},
    "the weights are squared": {"weights": "squared"},
    "the gradient in the middle is the weight, no mean": {"weights": "middle"},
    "the map with the largest weight alone counts": {"over": "strongest"},
    "negative gradients are cut at 0 before the mean": {"weights": "positive"},
    "negative weights are cut at 0": {"weights": "cut"},
    "the maps are not weighted": {"weights": "none"},
    "all maps have the same weight": {"weights": "all"},
    "the sign of each weight is all that counts": {"weights": "sign"},
    "softmax is taken over the weights": {"weights": "softmax"},
    "the mean of the gradient is over rows alone": {"weights": "rows"},
    "the mean of the gradient is over columns alone": {"weights": "columns"},
    "the mean of the gradient is over the maps, not over places": {"weights": "maps"},
    "the gradients are squared before the mean": {"weights": "squares"},
    "the length of each map's gradient is its weight": {"weights": "length"},
    "the sign of the logit is turned": {"score": "negative"},
    "the maps go through ReLU first": {"maps": lambda a: a.relu()},
    "the maps are taken without their sign": {"maps": lambda a: a.abs()},
    "ReLU comes before the sum over the maps": {"over": "each cut"},
    "the largest map is taken, no sum": {"over": "largest"},
    "the first map alone counts": {"over": "first"},
    "the gradients are added up, without the maps": {"over": "gradient"},
    "sizes are added up": {"over": "size"},
    "there is no ReLU": {"relu": False},
    "the absolute value stands where ReLU belongs": {"relu": "size"},
    "it is not divided by anything": {"norm": None},
    "it is divided by the sum": {"norm": "sum"},
    "it is divided by its largest size": {"norm": "size"},
    "it is divided by its length, the root of the sum of squares": {"norm": "length"},
    "it is stretched to 0 … 1": {"norm": "stretched"},
    "the layer's input is taken for A": {"of": "input"},
    "the last convolution is taken, whichever layer is named": {"names": "last convolution"},
    "a layer whose name begins so is taken": {"names": "begins"},
    "a layer whose name ends so is taken": {"names": "ends"},
    "the first layer whose name ends so is taken": {"names": "first that ends"},
    "the model runs in train mode": {"training": True},
}
WRONG = [
    ("an unknown name raises no error", LEFT["refused"],
     lambda a: a.right() if a.layer_name in dict(a.model.named_modules()) else None),
    ("place by place", "Each map has *one* weight: the mean of its gradient over all places, then times the map.",
     lambda a: a.right(weights="places")),
    ("no ReLU", "Only what speaks *for* the class is shown: ReLU of the sum.", lambda a: a.right(relu=False)),
    ("the absolute value", "What speaks against the class is no reason for it: ReLU, not the absolute value.",
     lambda a: a.right(relu="size")),
    ("ReLU before the sum", "Maps that speak for and against are added up first; ReLU comes after the sum.",
     lambda a: a.right(over="each cut")),
    ("negative weights are cut", "A map may speak against the class: its weight is negative, and stays so.",
     lambda a: a.right(weights="cut")),
    ("negative gradients are cut", "The mean is over all gradients, negative ones too.",
     lambda a: a.right(weights="positive")),
    ("weights without their sign", "A map that speaks against the class has a negative weight: no absolute value.",
     lambda a: a.right(weights="no sign")),
    ("the largest gradient", "The weight of a map is the *mean* of its gradient over all places.",
     lambda a: a.right(weights="largest")),
    ("no weights", "The maps alone know nothing of the class. Multiply each by the mean of its gradient.",
     lambda a: a.right(weights="none")),
    ("one weight for all maps", "The mean is over places, for each map by itself.", lambda a: a.right(weights="all")),
    ("the gradients alone", "The weights are multiplied by the maps A, and added up over the maps.",
     lambda a: a.right(over="gradient")),
    ("not divided", "Divide by the largest number where that is positive.", lambda a: a.right(norm=None)),
    ("divided by the sum", "Divide by the largest number, so that the strongest place has 1.",
     lambda a: a.right(norm="sum")),
    ("stretched to 0 … 1", "Divide by the largest number alone. After the ReLU 0 means *nothing speaks for the "
     "class*; do not shift it.", lambda a: a.right(norm="stretched")),
    ("0 divided by 0", "Where nothing speaks for the class the map is 0 everywhere. Ask whether its largest number is "
     "positive before you divide.", lambda a: a.right(zero=False)),
    ("probabilities", "The gradient is that of the logit, before softmax: softmax mixes in all other classes.",
     lambda a: a.right(score="softmax")),
    ("the loss", "The gradient is that of logit[target], not of a loss; a loss turns its sign.",
     lambda a: a.right(score="loss")),
    ("the largest logit", "logits[0, target]: you may ask for any class, not for the winner alone.",
     lambda a: a.right(score="largest")),
    ("all logits", "One logit: logits[0, target].", lambda a: a.right(score="sum")),
    ("the layer's input", "A is what the layer *returned*; a hook gets (module, inputs, output).",
     lambda a: a.right(of="input")),
    ("always the last convolution", "The layer is the one that is named.", lambda a: a.right(names="last convolution")),
    ("names that begin alike", "`startswith` or `in` takes conv2 for conv. Compare whole names.",
     lambda a: a.right(names="begins")),
    ("names that end alike", "block.conv ends in conv, and is another layer. Compare whole names.",
     lambda a: a.right(names="ends")),
    ("the first name that ends alike", "0.1 ends in 1, and is another layer than 1. Compare whole names.",
     lambda a: a.right(names="first that ends")),
    ("as large as x", ENLARGED,
     lambda a: __import__("torch").nn.functional.interpolate(a.right()[None, None], a.x.shape[-2:])[0, 0]),
    ("the image's axis stays", "The result is (h, w): take image 0.", lambda a: a.right()[None]),
    ("an array in place of a tensor", "A tensor is asked for; .numpy() can wait until you draw.",
     lambda a: a.right().numpy()),
    ("put into train mode", "In train mode dropout draws and batch norm uses this one picture.",
     lambda a: a.right(training=True)),
    ("x asks for no gradient", "Where all parameters are frozen, nothing asks for a gradient. Let a copy of x ask for "
     "it, x.detach().clone().requires_grad_(True), and run the model in a `with` block of `torch.enable_grad()`.",
     lambda a: a.right(learns=False)),
    *TRACES,
]
# fmt: on


def _read(failing: Sequence[Attempt]) -> list[str | Named]:
    """Of which layer this is the map, or how large it was made."""
    first = failing[0]
    if not hasattr(first.got, "shape") or "trace" in first.case.args[0]:
        return []
    about, name, x, target = first.case.args
    if first.got.shape == x.shape[2:] != first.expected.shape:
        return [Named("as large as x", ENLARGED)]
    for other, _ in built(about).named_modules():
        try:
            found = cam(built(about), other, x, target)
        except (RuntimeError, IndexError):  # it has no height and width
            continue
        if other != name and found.shape == first.got.shape and float((found - first.got).abs().max()) < 1e-4:
            return [
                f"Asked about {name!r}, yours gives the map of {other!r}." if other else "It is the model's own output."
            ]
    return []


EXERCISE = measuring_exercise(
    "grad_cam", cam, _cases, _traces, wrong=WRONG, slips=SLIPS, read=_read,
    axes={"x": "image channel row column", "": "row column"},
    tests="models that give logits, and layers of all kinds",
    look="one weight for each map (the mean of its gradient), the weighted maps added up, then ReLU, then the "
    "division.",
)  # fmt: skip
