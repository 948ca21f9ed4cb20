"""feature_maps: what some layers of a model returned for a batch of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from cnnlab.check import verbs
from cnnlab.check.cases import Args, Case
from cnnlab.check.draw import ints
from cnnlab.check.lesson_10.traces import LEFT, REFUSES, TRACES, built, measuring_exercise, own, traces
from cnnlab.check.plain import describe, is_tensor
from cnnlab.check.verdict import Attempt, Named


# fmt: off
def maps(model, x, layer_names, *, of="output", copied=True, names="exact", images="all", then=lambda maps: maps,
         training=False, strict=True) -> dict:
    """What each layer returned; some pieces may be others. of: "output" or "input"; names: how they are found."""
    # fmt: on
    modules, found, handles = dict(model.named_modules()), {}, []
    modes = [(module, module.training) for module in model.modules()]

    def keep(name):
        def hook(module, inputs, output):
            value = inputs[0] if of == "input" else output
            value = value.detach().clone() if copied else value.detach()
            found[name] = value[:1] if images == "first" else value
        return hook

    def layers(name):
        if names == "begins":
            return [module for other, module in modules.items() if other.startswith(name)][-1:]
        if names in ("ends", "first that ends"):
            found = [module for other, module in modules.items() if other.endswith(name)]
            return found[-1:] if names == "ends" else found[:1]
        if names == "next":
            order = list(modules)
            return [modules[order[min(order.index(name) + 1, len(order) - 1)]]]
        return [modules[name]] if strict or name in modules else []

    chosen = [(name, layer) for name in layer_names for layer in layers(name)]
    try:
        handles += [layer.register_forward_hook(keep(name)) for name, layer in chosen]
        if training:
            model.train()
        with torch.no_grad(), verbs.drawing_alike():  # for what drops out in train mode
            model(own(x))
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes:
            module.training = mode
    return {name: then(found[name]) for name in layer_names if name in found}


def _cases(rng: np.random.Generator) -> list[Case]:
    def seeded(net, **more):
        return {"net": net, "seed": int(rng.integers(1, 10**6)), **more}

    def drawn(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    small = [("conv", 1, 2, 1), ("relu",)]
    weights = [np.array([2.0, -1.0]).reshape(2, 1, 1, 1), np.array([1.0, 0.0])]
    steps = [("conv", 2, 3, 3), ("norm", 3), ("relu", True), ("pool", 2), ("conv", 3, 4, (1, 2)), ("relu", True)]
    dense = [("conv", 3, 2, 2), ("relu",), ("flatten",), ("dense", 24, 5), ("relu", True), ("dense", 5, 3)]
    nested = [("sequence", [("conv", 2, 3, 2), ("relu",), ("conv", 3, 3, 1)]), ("conv", 3, 2, 1)]
    branching, in_place = (seeded("branching", sizes=(3, 4, flag)) for flag in (False, True))
    return [
        Case((seeded(small, weights=weights), ints(rng, 1, 1, 2, 3).astype(np.float32), ["0", "1"]),
             note="y = 2x + 1 and −x, then ReLU"),
        Case((seeded(steps), drawn(2, 2, 6, 8), ["4", "0"]), note="two images"),
        Case((seeded(steps), drawn(3, 2, 8, 6), ["1", "3"]), note="the ReLU after layer 1 works in place"),
        Case((branching, drawn(2, 3, 5, 7), ["conv2"]), note="one name begins like another"),
        Case((branching, drawn(2, 3, 6, 5), ["block.conv", "conv"]), note="one name ends like another"),
        Case((branching, drawn(1, 3, 5, 6), ["head", "block", "block.norm"]), note="not in the order of use"),
        Case((in_place, drawn(2, 3, 7, 6), ("conv", "conv2", "block.norm")), note="steps in place after both"),
        Case((seeded(dense), drawn(2, 3, 5, 4), ["3", "5", "2"]), note="layers without height and width"),
        Case((seeded(nested), drawn(2, 2, 5, 6), ["1", "0.0"]), note="a name ends like one before it"),
    ]  # fmt: skip


def _traces(rng: np.random.Generator) -> list[Case]:
    x, seed = rng.standard_normal((2, 3, 5, 6)).astype(np.float32), int(rng.integers(1, 10**6))

    def case(note, names=("conv2", "block.norm"), **about):
        return Case(({"net": "branching", "sizes": (3, 4), "seed": seed, **about}, x, list(names)), note=note)

    def unknown(name):
        return lambda note, **about: case(note, ("conv", name, "block.conv"), **about)

    return [*traces(rng, case, unknown("con")), unknown("norm")("only the last part of a name", **REFUSES)]


def _one_after_the_other(a: Args) -> dict:

    values, wanted = own(a.x), {}
    for name, module in a.model.named_modules():
        if not list(module.children()):
            values = module(values).detach()
            wanted[name] = values
    return {name: wanted[name] for name in a.layer_names}


def _each_on_x(a: Args) -> dict:

    modules = dict(a.model.named_modules())
    return {name: modules[name](own(a.x)).detach() for name in a.layer_names}


def _all(a: Args) -> dict:
    return a.right(layer_names=[name for name, _ in a.model.named_modules() if name])


def _hook_before_an_unknown_name(a: Args) -> dict:
    modules = dict(a.model.named_modules())
    handles = [modules[name].register_forward_hook(lambda *_: None) for name in a.layer_names]
    for handle in handles:
        handle.remove()
    return a.right()


# fmt: off
SLIPS = {
    "the input of the layer is kept, not its output": {"of": "input"},
    "no copy is made, and a later step works in place": {"copied": False},
    "the first image alone is kept": {"images": "first"},
    "the first layer whose name begins so is taken": {"names": "begins"},
    "a layer whose name ends so is taken": {"names": "ends"},
    "the first layer whose name ends so is taken": {"names": "first that ends"},
    "the layer after it is taken": {"names": "next"},
    "the model runs in train mode": {"training": True},
    "ReLU follows": {"then": lambda maps: maps.relu()},
    "the channels are averaged": {"then": lambda maps: maps.mean(1)},
    "the channels are added up": {"then": lambda maps: maps.sum(1)},
    "each is divided by its largest number": {"then": lambda maps: maps / maps.abs().max()},
    "axes of length 1 are squeezed out": {"then": lambda maps: maps.squeeze()},
    "the first image alone is kept, without its axis": {"then": lambda maps: maps[0]},
    "the first channel alone is kept": {"then": lambda maps: maps[:, 0]},
    "each is flattened": {"then": lambda maps: maps.flatten(1)},
    "channels come last": {"then": lambda maps: maps.movedim(1, -1)},
    "the images are averaged": {"then": lambda maps: maps.mean(0, keepdim=True)},
    "the images are averaged, and their axis is gone": {"then": lambda maps: maps.mean(0)},
    "it is taken without its sign": {"then": lambda maps: maps.abs()},
}
WRONG = [
    ("an unknown name raises no error", LEFT["refused"], lambda a: a.right(strict=False)),
    ("the layer's input", "A forward hook is called with (module, inputs, output), and a pre-hook before there is an "
     "output. What the layer *returned* is asked for.", lambda a: a.right(of="input")),
    ("no copy", "The next step may work in place, and then what you kept changes under your hands. Keep a copy: "
     "output.detach().clone().", lambda a: a.right(copied=False)),
    ("the first image alone", "The batch has several images; keep the maps of all of them.",
     lambda a: a.right(images="first")),
    ("the image's axis is gone", "The batch axis stays, also where there is one image: what the layer returned, as it "
     "is.", lambda a: a.right(then=lambda maps: maps[0])),
    ("names that begin alike", "`startswith` or `in` takes conv2 for conv. Compare whole names.",
     lambda a: a.right(names="begins")),
    ("names that end alike", "block.conv ends in conv, and is another layer. Compare whole names.",
     lambda a: a.right(names="ends")),
    ("the first name that ends alike", "0.1 ends in 1, and is another layer than 1. Compare whole names.",
     lambda a: a.right(names="first that ends")),
    ("the layers are run one after the other", "A model's forward may do more than run its layers as they are listed: "
     "steps without a module, branches, another order. Run the model itself, and listen at its layers with hooks.",
     _one_after_the_other),
    ("each layer is run on x", "A layer gets what the layers before it made of x. Run the whole model once, and "
     "listen at its layers with hooks.", _each_on_x),
    ("every layer is returned", "One key for each name that was asked for, and no other.", _all),
    ("the last name alone", "Every name needs a hook of its own, and its own key in the dict. Look at what the loop "
     "keeps.",
     lambda a: {name: value for name, value in a.right().items() if name == a.layer_names[-1]}),
    ("the first name alone", "A `return` or `break` stands inside the loop over the names.",
     lambda a: {name: value for name, value in a.right().items() if name == a.layer_names[0]}),
    ("the last layer's maps under every name", "All hooks look up the same loop variable, and when they fire the "
     "loop is over. Hand the name to a function that makes the hook.",
     lambda a: dict.fromkeys(a.layer_names, a.right()[a.layer_names[-1]])),
    ("a list in place of a dict", "A dict is asked for, one key for each name.", lambda a: list(a.right().values())),
    ("numbers for keys", "The keys are the layers' names, as they were given.",
     lambda a: dict(enumerate(a.right().values()))),
    ("arrays in place of tensors", "Tensors are asked for; .numpy() can wait until you draw.",
     lambda a: {name: value.numpy() for name, value in a.right().items()}),
    ("put into train mode", "In train mode dropout draws and batch norm uses the batch: these are not the maps that "
     "the model has in use.", lambda a: a.right(training=True)),
    ("ReLU follows", "What the layer returned is asked for, negative numbers too.",
     lambda a: a.right(then=lambda maps: maps.relu())),
    ("the channels are averaged", "Keep every channel: what the layer returned, as it is.",
     lambda a: a.right(then=lambda maps: maps.mean(1))),
    ("each is divided by its largest number", "Scale where you draw; here the layer's own numbers are asked for.",
     lambda a: a.right(then=lambda maps: maps / maps.abs().max())),
    ("a hook stays where a later name is unknown", "The hooks for the names before it hang already when the error "
     "comes. Look all layers up first, or take the hooks off in a `finally`.", _hook_before_an_unknown_name),
    *TRACES,
]
# fmt: on


def _read(failing: Sequence[Attempt]) -> Sequence[str | Named]:
    """Of which layer these maps are."""
    first = failing[0]
    if first.got is None or not isinstance(first.expected, dict) or "trace" in first.case.args[0]:
        return []
    if not isinstance(first.got, dict):
        return [Named(f"{describe(first.got)} comes back, for a dict", "A key for each name, its maps under it.")]
    about, x, names = first.case.args[:3]
    missing, more = ([k for k in one if k not in other] for one, other in ((names, first.got), (first.got, names)))
    if missing and more:
        says = "Each name that was asked for is a key, letter by letter; no class, and no number."
        return [Named("other keys", says), f"There is no {missing[0]!r}; there are {list(first.got)[:6]}."]
    if missing:
        says = "Every name that was asked for is a key. Hooks that look a loop variable up find its last value."
        return [Named("names are missing", says), f"There is no {missing[0]!r} among the keys."]
    if more:
        return [Named("a key too many", "One for each name that was asked for."), f"Nobody asked for {more[0]!r}."]
    if other := [value for value in first.got.values() if not is_tensor(value)]:
        says = "Under each name stands the one tensor that its layer returned."
        return [Named(f"{describe(other[0])} under a name, for a tensor", says)]
    model: Any = built(about)
    known = maps(model, x, [name for name, _ in model.named_modules()])
    for name in names:
        got = first.got.get(name)
        for other, value in known.items():
            same = getattr(got, "shape", None) == value.shape and float((got - value).abs().max()) < 1e-4
            if same and other != name and not _alike(known[name], value):
                where = f"of layer {other!r}" if other else "what the whole model returned"
                told = f"Under {name!r} stand the maps {where}." if other else f"Under {name!r} stands {where}."
                return [Named("another layer's maps", "Each hook keeps under the name of its own layer."), told]
    return []


def _alike(one: Any, other: Any) -> bool:
    return one.shape == other.shape and bool((one == other).all())


EXERCISE = measuring_exercise(
    "feature_maps", maps, _cases, _traces, wrong=WRONG, slips=SLIPS, read=_read,
    axes={"x": "image channel row column", "": "image channel row column"},
    tests="models of a few layers, some nested, some that work in place",
    look="a forward hook is called at the moment a layer returns; what it keeps is a copy, under the layer's own name.",
)  # fmt: skip
