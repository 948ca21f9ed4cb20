"""gradient_norms: how strongly the loss pulls at each convolution of a model, from the first to the last."""

from typing import Any

import numpy as np
import torch
from torch import nn

from cnnlab.check import verbs
from cnnlab.check.cases import Args, Case
from cnnlab.check.draw import ints
from cnnlab.check.lesson_10.traces import TRACES, leaving, measuring_exercise, traces


# fmt: off
def norms(model, x, labels, *, kinds=("Conv2d",), order="use", size=lambda g: (g**2).sum().sqrt(), reduce="mean",
          before_loss=lambda logits: logits, mode=None, frozen="counted", twice="once", images=None, of="loss",
          biases=False, finish=lambda found: found, gradient=lambda slope, weight: slope, nested=True,
          at="weights"):
    """The norms, some of their pieces being others. kinds: the layers looked at; twice: what becomes of a convolution
    that is used twice; of: what the gradient is taken of; biases: whether they count, or have a say in the norm of
    their layer ("with the weight", or "frozen or not"); finish: what is made of the list; gradient: what counts as one;
    nested: whether layers inside of others count; at: the gradient for the weights, or for what the layers gave."""
    # fmt: on
    layers = tuple(getattr(nn, kind) for kind in kinds)
    used: list[Any] = []
    mine = [one for one in (model.modules() if nested else model.children()) if isinstance(one, layers)]
    hooks = [module.register_forward_pre_hook(lambda module, _: used.append(module)) for module in mine]
    gave: list[Any] = []
    hooks += [module.register_forward_hook(lambda *given: gave.append(given[2])) for module in mine]
    modes = [(module, module.training) for module in model.modules()]
    learns = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
    x, labels = torch.as_tensor(x).detach()[:images], torch.as_tensor(labels)[:images]
    try:
        if mode is not None:
            model.train(mode)
        for parameter, _ in learns:
            parameter.requires_grad_(True)
        with torch.enable_grad(), verbs.drawing_alike():
            logits = before_loss(model(x))
            loss = {
                "loss": lambda: nn.functional.cross_entropy(logits, labels, reduction=reduce),
                "likelihood": lambda: nn.functional.nll_loss(logits, labels),
                "smoothed": lambda: nn.functional.cross_entropy(logits, labels, label_smoothing=0.1),
                "guesses": lambda: nn.functional.cross_entropy(logits, logits.argmax(1)),
                "squares": lambda: nn.functional.mse_loss(logits, nn.functional.one_hot(labels, logits.shape[1]) * 1.0),
                "logits": lambda: logits.sum(),
                "right logits": lambda: logits.gather(1, labels[:, None]).sum(),
            }[of]()
            places = {"definition": [one for one in mine if one in used], "all": [*dict.fromkeys([*used, *mine])],
                      "last use": list(dict.fromkeys(used[::-1]))[::-1]}.get(order, list(used))  # fmt: skip
            if twice != "every use":
                places = list(dict.fromkeys(places))
            if order == "backwards":
                places = list(dict.fromkeys(used))[::-1]
            tensors = [module.weight for module in places]
            if order == "parameters" or at != "weights":
                first = dict(zip(reversed(used), reversed(gave), strict=True))  # a nested one is no convolution
                tensors = {"weights": list(model.parameters()), "outputs": gave,
                           "first outputs": [first[module] for module in places]}[at]  # fmt: skip
            if biases is True:
                tensors = [p for module in places for p in (module.weight, module.bias) if p is not None]
            slopes = torch.autograd.grad(loss, tensors, allow_unused=True, retain_graph=True)
            if biases in ("with the weight", "frozen or not"):
                all_of_them = biases == "frozen or not"
                both = [[m.weight, *([b] if (b := m.bias) is not None and (all_of_them or dict(learns)[b]) else [])]
                        for m in places]  # fmt: skip
                slopes = [torch.cat([g.flatten() for g in torch.autograd.grad(loss, two, retain_graph=True)])
                          for two in both]  # fmt: skip
    finally:
        for hook in hooks:
            hook.remove()
        for module, training in modes:
            module.training = training
        for parameter, learnt in learns:
            parameter.requires_grad_(learnt)
    found = []
    was = {id(parameter): learnt for parameter, learnt in learns}
    for tensor, slope in zip(tensors, slopes, strict=True):
        if not was.get(id(tensor), True) and frozen != "counted":
            found += [0.0] if frozen == "0" else []
            continue
        found.append(float(size(gradient(torch.zeros_like(tensor) if slope is None else slope, tensor))))
    return finish(found)


def _drawn(rng: np.random.Generator, n: int, channels: int, height: int, width: int, classes: int) -> tuple:
    x = 2 * rng.standard_normal((n, channels, height, width)).astype(np.float32)
    return x, rng.integers(0, classes, n)


def _cases(rng: np.random.Generator) -> list[Case]:
    def seeded(net, **more):
        return {"net": net, "seed": int(rng.integers(1, 10**6)), **more}

    one = [("conv", 1, 1, 2, 1, 0, 1, 1, False), ("flatten",), ("dense", 2, 2, False)]
    weights = [np.array([[1.0, 0.0], [0.0, -1.0]]).reshape(1, 1, 2, 2), np.eye(2)]
    plain = [("conv", 2, 3, 3, 1, 1), ("relu",), ("conv", 3, 4, 3, 2), ("norm", 4), ("relu",), ("gap", 1), ("flatten",),
             ("dense", 4, 3)]  # fmt: skip
    small = ints(rng, 1, 1, 2, 3).astype(np.float32)
    return [
        Case((seeded(one, weights=weights), small, np.array([1])), note="one kernel, one picture"),
        Case((seeded(plain), *_drawn(rng, 4, 2, 6, 7, 3)), note="in eval mode"),
        Case((seeded(plain, **{"in train mode": True}), *_drawn(rng, 3, 2, 7, 6, 3)), note="in train mode"),
        Case((seeded("branching", sizes=(2, 4)), *_drawn(rng, 5, 2, 8, 9, 4)), note="nested modules"),
        Case((seeded("reusing", sizes=(2, 3)), *_drawn(rng, 3, 2, 5, 7, 3)),
             note="a convolution is used twice; layers are listed in another order than they are used in"),
        Case((seeded("reusing", sizes=(1, 5), **{"in train mode": True}), *_drawn(rng, 6, 1, 6, 5, 5)),
             note="the same, in train mode"),
        Case((seeded(plain, frozen="few"), *_drawn(rng, 3, 2, 7, 7, 3)), note="every third parameter is frozen"),
        Case((seeded("reusing", sizes=(2, 3), frozen="some"), *_drawn(rng, 2, 2, 5, 5, 3)),
             note="every second parameter is frozen"),
        Case((seeded("reusing", sizes=(3, 2, True)), *_drawn(rng, 3, 3, 6, 5, 2)), note="a convolution is never used"),
    ]  # fmt: skip


def _traces(rng: np.random.Generator) -> list[Case]:
    x, labels = _drawn(rng, 3, 2, 8, 9, 4)
    seed = int(rng.integers(1, 10**6))

    def case(note: str, **about: Any) -> Case:
        return Case(({"net": "branching", "sizes": (2, 4), "seed": seed, **about}, x, labels), note=note)

    wrong = Case(
        ({"net": "branching", "sizes": (2, 4), "seed": seed, "trace": True, "others": True, "left": True,
          "frozen": "some", "misses": True}, x, labels + 4), note="labels that there are not",
    )  # fmt: skip
    return [*traces(rng, case), wrong]


def _no_gradient_for_frozen(a: Args) -> list[float]:
    """autograd.grad on a frozen weight raises."""
    for module in a.model.modules():
        if isinstance(module, nn.Conv2d) and not module.weight.requires_grad:
            torch.autograd.grad(module.weight.detach().sum(), [module.weight])
    return a.right()


SLIPS = {
    "the convolutions are taken in the order in which they are defined": {"order": "definition"},
    "they are taken from the last to the first": {"order": "backwards"},
    "they are taken in the order of last use": {"order": "last use"},
    "a convolution that is never used counts": {"order": "all"},
    "every parameter counts": {"order": "parameters"},
    "layers inside of others are left out": {"nested": False},
    "a convolution counts once for each use": {"twice": "every use"},
    "the norm is squared": {"size": lambda g: (g**2).sum()},
    "the sizes are summed up (an L1 norm)": {"size": lambda g: g.abs().sum()},
    "the mean size is taken": {"size": lambda g: g.abs().mean()},
    "the largest size is taken": {"size": lambda g: g.abs().max()},
    "the root of the mean square is taken": {"size": lambda g: (g**2).mean().sqrt()},
    "the norm is divided by how many weights there are": {"size": lambda g: (g**2).sum().sqrt() / g.numel()},
    "the mean square is taken": {"size": lambda g: (g**2).mean()},
    "the gradient's numbers are summed up with their signs": {"size": lambda g: g.sum()},
    "the size of their sum is taken": {"size": lambda g: g.sum().abs()},
    "the gradient's mean is taken": {"size": lambda g: g.mean()},
    "its standard deviation is taken": {"size": lambda g: g.std()},
    "the norms of the filters are summed up": {"size": lambda g: g.flatten(1).norm(dim=1).sum()},
    "the mean of the filters' norms is taken": {"size": lambda g: g.flatten(1).norm(dim=1).mean()},
    "the largest of the filters' norms is taken": {"size": lambda g: g.flatten(1).norm(dim=1).max()},
    "the largest singular value is taken": {"size": lambda g: torch.linalg.matrix_norm(g.flatten(1), 2)},
    "the loss is a sum over the pictures": {"reduce": "sum"},
    "softmax comes before the loss": {"before_loss": lambda logits: logits.softmax(1)},
    "log-softmax's values are left out of the loss": {"of": "likelihood"},
    "the labels are smoothed": {"of": "smoothed"},
    "the model's own guesses stand in the labels' place": {"of": "guesses"},
    "the loss is a mean squared error": {"of": "squares"},
    "the gradient of the logits' sum is taken": {"of": "logits"},
    "the gradient of the right classes' logits is taken": {"of": "right logits"},
    "the model is put into eval mode": {"mode": False},
    "the model is put into train mode": {"mode": True},
    "only the first picture counts": {"images": 1},
    "dense layers count, too": {"kinds": ("Conv2d", "Linear")},
    "transposed convolutions count, too": {"kinds": ("Conv2d", "ConvTranspose2d")},
    "every layer with a weight counts": {"kinds": ("Conv2d", "ConvTranspose2d", "Linear", "BatchNorm2d")},
    "biases count, too": {"biases": True},
    "a bias has a say in the norm of its layer": {"biases": "with the weight"},
    "a bias, frozen or not, has a say in the norm of its layer": {"biases": "frozen or not"},
    "the gradient of the layers' outputs is taken": {"at": "outputs"},
    "the gradient of what each layer gave first is taken": {"at": "first outputs"},
    "the norms are divided by those of the weights": {"gradient": lambda slope, weight: slope / weight.detach().norm()},
    "the norm of the weight itself is taken": {"gradient": lambda slope, weight: weight.detach()},
    "frozen weights are left out": {"frozen": "left out"},
    "frozen weights count as 0": {"frozen": "0"},
    "they are divided by the largest": {"finish": lambda found: [one / max(found) for one in found]},
    "they are divided by their sum": {"finish": lambda found: [one / sum(found) for one in found]},
    "what is left over in .grad is added": {"gradient": lambda g, w: g if w.grad is None else g + w.grad},
    "they are sorted": {"finish": sorted},
    "they are sorted, the largest first": {"finish": lambda found: sorted(found, reverse=True)},
    "their logarithm is taken": {"finish": lambda found: [float(np.log10(max(one, 1e-30))) for one in found]},
}


def _slip(words: str):
    return lambda a: a.right(**SLIPS[words])


FREEZES = (
    "requires_grad has to be True for a moment, so that a frozen weight has a gradient; then it is put back, in a "
    "`finally`."
)
# Where a mistake of the list of all measuring functions is told in this one's words.
OWN = {
    "frozen parameters learn again": f"What somebody froze learns after the call. {FREEZES}",
    "x learns from now on": "x.requires_grad_(True) changes the tensor that you were handed, and nobody asks for "
    "x's gradient.",
}

# fmt: off
WRONG = [
    ("in the order of definition", "named_modules() lists layers as they were *defined*. The order of first use is "
     "seen by a forward pre-hook on each convolution.",
     _slip("the convolutions are taken in the order in which they are defined")),
    ("from the last to the first", "The list begins with the convolution that the picture meets first.",
     _slip("they are taken from the last to the first")),
    ("in the order of last use", "A convolution that is used twice stands where it is used *first*.",
     _slip("they are taken in the order of last use")),
    ("a convolution that is never used counts", "The convolutions come in the order in which they are used: one that "
     "no picture meets has no place in it, and no gradient.", _slip("a convolution that is never used counts")),
    ("layers inside of others are left out", "children() and _modules list what the model holds itself; modules() and "
     "named_modules() look into blocks, too.", _slip("layers inside of others are left out")),
    ("every parameter counts", "Only the weights of nn.Conv2d are asked for; model.parameters() lists biases, norms "
     "and dense layers, too.", _slip("every parameter counts")),
    ("one norm for all", "A list is asked for, one norm for each convolution.",
     lambda a: float(np.sqrt(sum(one**2 for one in a.right())))),
    ("one entry for every use", "A convolution that is used twice has one weight and one gradient, the sum over both "
     "uses: one entry.", _slip("a convolution counts once for each use")),
    ("the square of the norm", "The Frobenius norm is the *root* of the sum of squares.", _slip("the norm is squared")),
    ("the sum of the sizes", "The Frobenius norm is the root of the sum of squares, not the sum of absolute values.",
     _slip("the sizes are summed up (an L1 norm)")),
    ("the mean size", "A norm does not divide by how many weights there are.", _slip("the mean size is taken")),
    ("the root mean square", "A norm does not divide by how many weights there are.",
     _slip("the root of the mean square is taken")),
    ("the largest entry", "The norm is taken over all entries: the root of the sum of their squares.",
     _slip("the largest size is taken")),
    ("the largest singular value", "matrix_norm(…, 2) is another norm: Frobenius is the root of the sum of squares of "
     "all entries.", _slip("the largest singular value is taken")),
    ("a sum of the filters' norms", "One norm for the whole weight, not one for each filter: all four axes at once.",
     _slip("the norms of the filters are summed up")),
    ("the norm of the weight itself", "The weight's *gradient* is asked for: torch.autograd.grad(loss, weights).",
     _slip("the norm of the weight itself is taken")),
    ("the loss is a sum", "The mean cross-entropy is meant, F.cross_entropy's default: else a larger batch pulls "
     "harder.", _slip("the loss is a sum over the pictures")),
    ("softmax before the loss", "cross_entropy takes logits and does the softmax itself.",
     _slip("softmax comes before the loss")),
    ("no loss at all", "The gradient of the mean cross-entropy is asked for, not of the logits' sum.",
     _slip("the gradient of the logits' sum is taken")),
    ("put into eval mode", "The model is taken in the mode that it is in: in training the batch's own statistics have "
     "a say in the gradient.", _slip("the model is put into eval mode")),
    ("put into train mode", "The model is taken in the mode that it is in.", _slip("the model is put into train mode")),
    ("the first picture alone", "All pictures of the batch count: the loss is their mean.",
     _slip("only the first picture counts")),
    ("dense layers count, too", "Only nn.Conv2d's weights are asked for.", _slip("dense layers count, too")),
    ("transposed convolutions count, too", "Only nn.Conv2d's weights are asked for.",
     _slip("transposed convolutions count, too")),
    ("biases count, too", "Only the weights of nn.Conv2d are asked for, not its biases.", _slip("biases count, too")),
    ("frozen weights are left out", f"A frozen weight has a gradient all the same, and an entry. {FREEZES}",
     _slip("frozen weights are left out")),
    ("frozen weights count as 0", f"A frozen weight has a gradient all the same, which is not 0. {FREEZES}",
     _slip("frozen weights count as 0")),
    ("a frozen weight raises", f"torch.autograd.grad refuses a weight that does not learn. {FREEZES}",
     _no_gradient_for_frozen),
    ("left-over gradients are added", "backward() adds to what is in .grad already. torch.autograd.grad hands over the "
     "gradient alone.", _slip("what is left over in .grad is added")),
    ("divided by the largest", "The norms themselves are asked for, not their shares.",
     _slip("they are divided by the largest")),
    ("tensors, not numbers", "A list of floats is asked for: float(…) or .item().",
     lambda a: [*map(torch.tensor, a.right())]),
    ("one tensor for all", "A list of floats is asked for: .tolist().", lambda a: torch.tensor(a.right())),
    ("a dict", "A list of floats is asked for, in the order of first use.",
     lambda a: {str(k): one for k, one in enumerate(a.right())}),
    *((name, OWN.get(name, says), way) for name, says, way in TRACES if name not in ("the result hangs on its graph",)),
    ("frozen weights stay awake after an error", "Where the model raises, the lines after it never run: put "
     "requires_grad back in a `finally`.",
     leaving(error=lambda a: [p.requires_grad_(True) for p in a.model.parameters()] and None)),
]
EXERCISE = measuring_exercise(
    "gradient_norms", norms, _cases, _traces, wrong=WRONG, slips=SLIPS, lesson="11_architectures", points=2,
    axes={"x": "image channel row column"},
    tests="models in eval and train mode, some frozen, and one that uses a convolution twice",
    look="hooks see the order of first use; torch.autograd.grad(loss, weights) gives all gradients at once.",
)
