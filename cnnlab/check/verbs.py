"""The Subject's verbs for models: what a check may do with a torch module that a learner built.

A model is judged by what it computes. `fill` sets its parameters and buffers by their shapes, those of one shape in the
order of their first use in a forward pass, so two models that compute the same thing are filled alike however they name
and order their layers.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

LARGE = 1_000_000  # numbers in a weight; to draw so many takes long
TILE = 97 * 1009  # shares no factor with the sides of weights, so no two rows are alike
WIDE = 10_000  # numbers in a weight; where only shapes are wanted, layers with as many give zeros
MOST_STEPS = 1_000
KINDS = {nn.Conv2d: "convolution", nn.BatchNorm2d: "batch norm", nn.Linear: "dense layer"}
LEARNED = ("weight", "scale", "bias")  # kinds of tensors; the others are running statistics
NORMALISES_BY = ("running_mean", "running_var", "weight", "bias")  # nn.functional.batch_norm's, after its input
HOW = {  # what some of torch's functions are told after their input, and what is looked at of it
    "conv2d": ("weight", "bias", "stride", "padding", "dilation", "groups"),
    "batch_norm": (*NORMALISES_BY, "training", "momentum", "eps"),
    "max_pool2d": ("kernel_size", "stride", "padding", "dilation"),
    "avg_pool2d": ("kernel_size", "stride", "padding"),
    "hardtanh": ("min_val", "max_val"),
    "leaky_relu": ("negative_slope",),
}
DRAWS = ("uniform_", "normal_", "kaiming_uniform_", "kaiming_normal_", "xavier_uniform_", "xavier_normal_")


def build(make: Callable[[], Any]) -> Any:
    """What `make()` returns. Large weights are not drawn: a check fills them."""
    with _Quick():
        return make()


def steps(model: nn.Module, x: Any) -> dict:
    """What one forward pass does: "parameters", the shape of each in order of use; "unused", how many of them it
    does without; "flat", whether every weight holds one number throughout; "steps", a (function, shape) pair for every
    function of torch's that gave a tensor; "output", the shape of what it returned, None where that is no tensor;
    "wrote", whether it wrote into `x`; "error", what it raised, "" where it raised nothing.

    Only the shapes are meant: layers with many weights give zeros here.
    """
    watch, error = _watched(_module(model), tensor(x))
    if isinstance(error, NotImplementedError):
        raise error
    return {
        "parameters": [tuple(values.shape) for kind, values in watch.in_order() if kind in LEARNED],
        "unused": sum(id(values) not in watch.used for values in model.parameters()),
        "flat": _flat(model),
        "steps": watch.steps[:MOST_STEPS],
        "output": tuple(watch.output.shape) if isinstance(watch.output, torch.Tensor) else None,
        "wrote": watch.wrote,
        "error": "" if error is None else f"{type(error).__name__}: {error}",
    }


def _flat(model: nn.Module) -> bool:
    """Does each weight of a model, biases and what a norm multiplies by aside, hold one number throughout?"""
    drawn = [weight.detach() for weight in model.parameters() if weight.ndim > 1 and 1 < weight.numel() <= LARGE]
    return bool(drawn) and all(bool((weight == weight.flatten()[0]).all()) for weight in drawn)


def trace(model: nn.Module, x: Any) -> list[tuple[str, tuple[int, ...], float, dict[str, str]]]:
    """Every function of torch's that a forward pass uses, in the mode that the model is in: its name, the shape of the
    tensor that it gave, the mean root of its numbers' sizes (in the plain mean GELU is like ReLU), by which two
    models are compared step by step, and what it was told: {"stride": "1", "padding": "0"}."""
    watch, error = _watched(_module(model), tensor(x), sizes=True)
    if error is not None and not watch.steps:
        raise error
    found = zip(watch.steps, watch.sizes, watch.told, strict=True)
    return [(name, shape, size, told) for (name, shape), size, told in found][:MOST_STEPS]


def layers_in_order(model: nn.Module, x: Any) -> list[str]:
    """What each parameter belongs to, in order of use: "convolution 1's weight", "batch norm 2's bias"."""
    owners = {}
    for kind, name in KINDS.items():
        found = [module for module in model.modules() if isinstance(module, kind)]
        owners |= {id(p): (name, what) for module in found for what, p in module.named_parameters(recurse=False)}
    counted: dict[str, list] = {}
    names = []
    for parameter in _used(_module(model), tensor(x)):
        name, what = owners.get(id(parameter), ("layer", "parameter"))
        seen = counted.setdefault(name + what, [])
        seen.append(parameter)
        names.append(f"{name} {len(seen)}'s {what}")
    return names


def shapes(model: nn.Module) -> list[tuple[int, ...]]:
    """The shape of every parameter, as the model lists them."""
    return [tuple(parameter.shape) for parameter in _module(model).parameters()]


def fill(model: nn.Module, seed: int, x: Any) -> int:
    """Set all parameters and buffers from `seed`; returns how many were set.

    A tensor's numbers follow from its kind, its shape and how many of that kind and shape ``model(x)`` has used before:
    branches that may be computed in any order are filled alike.
    """
    tensors = _in_order_of_use(_module(model), tensor(x))
    met: dict[str, int] = {}
    for kind, values in tensors:
        alike = f"{kind} {_as_convolved(values)}"
        met[alike] = met.get(alike, 0) + 1
        rng = np.random.default_rng((seed, zlib.crc32(alike.encode()), met[alike]))
        scale = max(1.0, np.sqrt(values[0].numel() if values.ndim else 1))
        if values.numel() > LARGE:  # some numbers repeat, which is quicker
            _tile(values, torch.as_tensor(rng.standard_normal(TILE) / scale, dtype=values.dtype))
            continue
        new = rng.standard_normal(tuple(values.shape)) / scale
        if kind == "running_var":
            new = np.abs(new) + 0.5
        elif kind == "scale":
            new = new * 0.3 + 1.0
        with torch.no_grad():
            values.copy_(torch.as_tensor(new, dtype=values.dtype))
    return len(tensors)


def _as_convolved(values: torch.Tensor) -> tuple[int, ...]:
    """A tensor's shape; of a weight how many outputs it has and how many numbers each: a dense layer at every pixel, or
    on windows that were laid out in rows (im2col), is a convolution."""
    shape = tuple(values.shape)
    return (shape[0], values[0].numel()) if len(shape) > 1 and shape[0] else shape


def _tile(values: torch.Tensor, tile: torch.Tensor) -> None:
    """Lay a row of numbers end to end over a tensor, the last one cut off."""
    flat, whole = values.data.view(-1), values.numel() // len(tile) * len(tile)
    flat[:whole].view(-1, len(tile)).copy_(tile)
    flat[whole:].copy_(tile[: len(flat) - whole])


def mode(model: nn.Module, training: bool) -> bool:
    """Put the model into train or eval mode; returns the mode it is in."""
    return _module(model).train(training).training


@contextmanager
def drawing_alike() -> Generator[None]:
    """torch's chance begins at 0, and goes on afterwards as if nothing had been drawn.

    torch.manual_seed would ask every kind of accelerator, and keep a traceback for each in every call.
    """
    before = torch.get_rng_state()
    torch.default_generator.manual_seed(0)
    try:
        yield
    finally:
        torch.set_rng_state(before)


def forward(model: nn.Module, x: Any) -> torch.Tensor:
    """The model's output for a batch, without gradients; dropout draws the same each time."""
    with torch.no_grad(), drawing_alike():
        return _output(_module(model)(tensor(x)))


LAYERS = {
    "conv": nn.Conv2d,
    "norm": nn.BatchNorm2d,
    "relu": nn.ReLU,
    "pool": nn.MaxPool2d,
    "gap": nn.AdaptiveAvgPool2d,
    "flatten": nn.Flatten,
    "dense": nn.Linear,
    "dropout": nn.Dropout,
}
LOSSES = {"cross-entropy": nn.CrossEntropyLoss, "likelihood": nn.NLLLoss, "margin": nn.MultiMarginLoss}
OPTIMISERS = {"SGD": torch.optim.SGD, "Adam": torch.optim.Adam, "AdamW": torch.optim.AdamW}


def slopes(model: nn.Module, x: Any, dout: Any) -> dict:
    """Of the gradients of sum(model(x) · dout) the sum and the sum of sizes: "x", a pair; "parameters", one for each in
    order of first use. A parameter that is frozen, or that no gradient reaches, has (0, 0)."""
    x = tensor(x).requires_grad_(True)
    used = _used(_module(model), x)
    learned = [parameter for parameter in used if parameter.requires_grad]
    with drawing_alike():
        output = _output(model(x))
    found: dict[int, tuple[float, float]] = {}
    if output.requires_grad:
        gradients = torch.autograd.grad(output, [x, *learned], tensor(dout), allow_unused=True)
        for parameter, gradient in zip([x, *learned], gradients, strict=True):
            if gradient is not None:
                found[id(parameter)] = (float(gradient.sum()), float(gradient.abs().sum()))
    return {"x": found.get(id(x), (0.0, 0.0)), "parameters": [found.get(id(p), (0.0, 0.0)) for p in used]}


def train(function: Callable, recipe: dict) -> dict:
    """Call a training or evaluating function with stock torch objects made from a recipe of plain data.

    recipe: "net", a list of (layer, *numbers) with the names of LAYERS; "weights", its state as a list of arrays in
    torch's order, or "seed" to draw one; "batches", a list of (images, labels), and "break", how many are given before
    they raise; "optimiser", a (name, numbers) pair; "loss", a name of LOSSES; "left", whether gradients are left over
    from before; "groups", whether each parameter is one; "training", the mode before, or "modes", one for each layer;
    "give", the names of what the function takes: "model", "batches", "optimiser", "loss", or "images", "labels" (of all
    batches in one), "generator", "size" (of a batch), and numbers, which it takes as they are; "probe", images for one
    more forward pass, in the modes left.
    Returns what the function gave, the net's state and modes afterwards, how often the batches were gone through,
    whether a forward pass in it kept what gradients need, whether gradients are on afterwards as before, whether the
    batches' own error came out, whether the images stayed as they were, whether the generator was drawn from, whether
    other sources of chance were left alone, whether every image came once and they came mixed, the optimiser's rates,
    the kinds of the numbers that the net gave, whether all pictures came to it with the channels last in memory,
    whether what came back is a tensor and keeps its history, whether the weights are in 32 bits,
    whether autocast was left on, and the probe.
    """
    model = _net(recipe)
    rounds, tracked, came, gave = [], [], [], []
    hook = model.register_forward_hook(lambda *_: tracked.append(torch.is_grad_enabled()))
    heard = model.register_forward_hook(lambda _, __, output: gave.append(getattr(output, "dtype", None)))
    watch = model.register_forward_pre_hook(lambda _, args: came.append(args[0]))
    stock = _stock(model, recipe, rounds)
    images = stock["images"].clone()
    value, broke, chance, gradients = None, False, _chance(), torch.is_grad_enabled()
    try:
        value = function(*_given(stock, recipe))
    except BatchesBroke:
        broke = True
    hook.remove(), heard.remove(), watch.remove()
    autocast = torch.is_autocast_enabled("cpu")
    torch.set_autocast_enabled("cpu", False)
    restored = torch.is_grad_enabled() == gradients
    torch.set_grad_enabled(gradients)
    found = {
        "value": _detached(value),
        "state": [_detached(values).clone() for values in model.state_dict().values()],
        "training": model.training,
        "modes": [layer.training for layer in model],
        "rounds": len(rounds),
        "tracked": any(tracked),
        "restored": restored,
        "broke": broke,
        "kept": bool((stock["images"] == images).all()),
        "drew": _drawn_from(stock["generator"], _generator(recipe)),
        "alone": chance == _chance(),
        "mixed": _mixed(images, recipe, came),
        "rates": [float(group["lr"]) for group in stock["optimiser"].param_groups],
        "half": " and ".join(sorted({str(dtype).removeprefix("torch.") for dtype in gave})),
        "last": bool(came) and all(_channels_last(batch) for batch in came),
        "kind": _kind_of_value(value),
        "whole": all(weight.dtype == torch.float32 for weight in model.parameters()),
        "autocast": autocast,
    }
    if "probe" in recipe:
        with torch.no_grad():
            found["probe"] = model(tensor(recipe["probe"]))
    return found


def _detached(value: Any) -> Any:
    """A tensor without its history, and in 32 bits where it is in bfloat16, which arrays do not know."""
    if not isinstance(value, torch.Tensor):
        return value
    return value.detach().float() if value.dtype == torch.bfloat16 else value.detach()


def _kind_of_value(value: Any) -> str:
    """ "a tensor", "a tensor with its history", or "no tensor"."""
    if not isinstance(value, torch.Tensor):
        return "no tensor"
    return "a tensor with its history" if value.requires_grad else "a tensor"


def _channels_last(batch: Any) -> bool:
    return (
        isinstance(batch, torch.Tensor) and batch.ndim == 4 and batch.is_contiguous(memory_format=torch.channels_last)
    )


def _drawn_from(generator: torch.Generator, fresh: torch.Generator) -> bool:
    """Was it drawn from, and not seeded anew?"""
    moved = not torch.equal(generator.get_state(), fresh.get_state())
    return moved and generator.initial_seed() == fresh.initial_seed()


def _mixed(images: torch.Tensor, recipe: dict, came: list) -> bool:
    """Did every image come once, and in some batch images of more than one of the recipe's?"""
    if any(not isinstance(batch, torch.Tensor) or batch.shape[1:] != images.shape[1:] for batch in came):
        return False
    flat = images.flatten(1)
    where = [(batch.flatten(1)[:, None] == flat).all(2).int().argmax(1).tolist() for batch in came if len(batch)]
    home = [k for k, (given, _) in enumerate(recipe["batches"]) for _ in range(len(given))]
    once = sorted(place for places in where for place in places) == list(range(len(images)))
    return once and any(len({home[place] for place in places}) > 1 for places in where)


def handed_over(recipe: dict) -> tuple:
    """What `train` hands to a function for a recipe, as fresh objects."""
    return _given(_stock(_net(recipe), recipe, []), recipe)


def _given(stock: dict, recipe: dict) -> tuple:
    return tuple(stock[word] if isinstance(word, str) else word for word in recipe["give"])


def _net(recipe: dict) -> nn.Sequential:
    torch.default_generator.manual_seed(recipe.get("seed", 0))
    model = nn.Sequential(*(LAYERS[name](*numbers) for name, *numbers in recipe["net"]))
    for values, given in zip(model.state_dict().values(), recipe.get("weights", ()), strict=False):
        values.copy_(torch.as_tensor(given))
    model.train(recipe.get("training", False))
    for layer, training in zip(model, recipe.get("modes", ()), strict=False):
        layer.train(training)
    for parameter in model.parameters() if recipe.get("left") else ():
        parameter.grad = torch.ones_like(parameter)
    return model


class BatchesBroke(RuntimeError):
    """What a recipe's batches raise where it says that they break off."""


def _stock(model: nn.Module, recipe: dict, rounds: list) -> dict:
    """What a recipe can give to a function, by name; `rounds` gets an entry whenever the batches are begun."""
    name, numbers = recipe.get("optimiser", ("SGD", {"lr": 0.1}))
    learned = list(model.parameters())
    groups = [{"params": [one]} for one in learned] if recipe.get("groups") else learned
    batches = [(tensor(images), torch.as_tensor(labels).clone()) for images, labels in recipe["batches"]]

    def once():
        rounds.append(1)
        for k, batch in enumerate(batches):
            if k == recipe.get("break"):
                raise BatchesBroke("the batches broke off")
            yield batch

    return {
        "model": model,
        "batches": once(),
        "optimiser": OPTIMISERS[name](groups, **numbers),
        "loss": LOSSES[recipe.get("loss", "cross-entropy")](),
        "images": torch.cat([images for images, _ in batches]),
        "labels": torch.cat([labels for _, labels in batches]),
        "generator": _generator(recipe),
        "size": len(batches[0][1]),
    }


def _generator(recipe: dict) -> torch.Generator:
    return torch.Generator().manual_seed(recipe.get("seed", 0))


def _chance() -> tuple:
    """The states of the sources of chance that belong to nobody."""
    numpys = np.random.get_state(legacy=False)["state"]
    return torch.get_rng_state().numpy().tobytes(), random.getstate(), numpys["key"].tobytes(), numpys["pos"]


def tensor(x: Any) -> torch.Tensor:
    """An array or tensor as a tensor of its own, floats as float32: who writes into it changes nobody else's."""
    found = torch.as_tensor(x).clone()
    return found.float() if found.dtype == torch.float64 else found


def _module(model: Any) -> nn.Module:
    if not isinstance(model, nn.Module):
        raise TypeError(f"expected a torch nn.Module, got {type(model).__name__}")
    return model


def _output(value: Any) -> torch.Tensor:
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"the model's forward returned {type(value).__name__}, not a tensor")
    return value


def _used(model: nn.Module, x: torch.Tensor) -> list[torch.Tensor]:
    """The parameters in order of first use."""
    return [values for kind, values in _in_order_of_use(model, x) if kind in LEARNED]


def _in_order_of_use(model: nn.Module, x: torch.Tensor) -> list[tuple[str, torch.Tensor]]:
    """Every parameter and floating buffer once, in the order in which a forward pass hands them to torch's functions;
    what it does not use comes last, as listed. The pass leaves buffers and mode as they were."""
    watch, error = _watched(model, x)
    if error is not None:
        raise error
    return watch.in_order()


def _watched(model: nn.Module, x: torch.Tensor, sizes: bool = False) -> tuple[_Watch, Exception | None]:
    """A forward pass that is watched; with `sizes` all of it is computed, dropout drawing the same each time."""
    watch, error = (_Measure if sizes else _Watch)(model), None
    kept = {name: value.clone() for name, value in model.named_buffers()}
    try:
        x = x.detach().clone()
        before = x.clone()
        with torch.no_grad(), drawing_alike(), watch:
            watch.output = model(x)
        watch.wrote = not torch.equal(x, before)
    except Exception as raised:
        error = raised
    finally:
        for name, value in model.named_buffers():
            if name in kept:
                value.data.copy_(kept[name])
    return watch, error


class _Quick(TorchFunctionMode):
    """Leaves large weights undrawn."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        first = args[0] if args else (kwargs or {}).get("tensor")
        if getattr(func, "__name__", "") in DRAWS and isinstance(first, torch.Tensor) and first.numel() > LARGE:
            return first
        return func(*args, **(kwargs or {}))


class _Watch(_Quick):
    """Notes which tensors of a model are used, in order, and what every function of torch's gives."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.used, self.steps, self.sizes, self.told, self.output, self.wrote = {}, [], [], [], None, False
        named = [*model.named_parameters(), *model.named_buffers()]
        self.named = {id(value): (name.rpartition(".")[2], value) for name, value in named}
        self.roles: dict[int, str] = {}  # of what nn.functional.batch_norm was given, whatever its name

    def __torch_function__(self, func, types, args=(), kwargs=None):
        out = self.quickly(func, args, kwargs)
        if out is None:
            out = super().__torch_function__(func, types, args, kwargs)
        name = getattr(func, "__name__", "")
        if isinstance(out, torch.Tensor):
            self.used |= {id(arg): None for arg in (*args, *(kwargs or {}).values()) if id(arg) in self.named}
            if func is nn.functional.batch_norm:
                given = {**dict(zip(NORMALISES_BY, args[1:], strict=False)), **(kwargs or {})}
                self.roles |= {id(given[role]): role for role in NORMALISES_BY if given.get(role) is not None}
            if name != "__get__" and out.is_floating_point():  # no attribute (weight.T, x.shape), no count of batches
                self.steps.append((name, tuple(out.shape)))
                self.told.append(_how(name, args, kwargs or {}))
                self.note(out)
        return out

    quickly = staticmethod(lambda function, args, kwargs: _zeros(function, args, kwargs))

    def note(self, out: torch.Tensor) -> None:
        """Keeps what is wanted of a step's result."""

    def in_order(self) -> list[tuple[str, torch.Tensor]]:
        found = [self.named[one] for one in dict.fromkeys([*self.used, *self.named])]
        told = [(self.roles.get(id(value), name), value) for name, value in found if value.is_floating_point()]
        return [(_kind(name, value), value) for name, value in told]


class _Measure(_Watch):
    """Computes everything, and keeps a mean size of each step's numbers."""

    quickly = staticmethod(lambda function, args, kwargs: None)

    def note(self, out: torch.Tensor) -> None:
        with torch._C.DisableTorchFunction():
            self.sizes.append(float(out.detach().double().abs().sqrt().mean()) if out.numel() else 0.0)


def _how(name: str, args: tuple, kwargs: dict) -> dict[str, str]:
    """What a function was told besides tensors; a pair of equal numbers as the number."""
    given = {**dict(zip(HOW.get(name, ()), args[1:], strict=False)), **kwargs}
    plain = {key: given[key] for key in HOW.get(name, ()) if not isinstance(given.get(key), torch.Tensor | None)}
    numbers = {key: value if isinstance(value, tuple | list) else (value,) for key, value in plain.items()}
    said = {
        key: [f"{one:g}" if type(one) in (int, float) else str(one) for one in pair] for key, pair in numbers.items()
    }
    return {key: " × ".join(pair[:1] if len(set(pair)) == 1 else pair) for key, pair in said.items()}


def _zeros(function: Callable, args: tuple, kwargs: dict | None) -> torch.Tensor | None:
    """What a layer with many weights gives when only its shape is wanted; None where it has to be computed."""
    if function not in (nn.functional.linear, nn.functional.conv2d) or kwargs or args[1].numel() < WIDE:
        return None
    x, weight = args[:2]
    if function is nn.functional.linear:
        return x.new_zeros(*x.shape[:-1], len(weight)) if x.shape[-1] == weight.shape[1] else None
    if x.ndim != 4 or x.shape[1] != weight.shape[1]:
        return None
    one = function(x[:1], weight[:1], None, *args[3:])  # one picture, one filter
    return x.new_zeros(len(x), len(weight), *one.shape[2:])


def _kind(name: str, value: torch.Tensor) -> str:
    if name in ("running_mean", "running_var", "bias"):
        return name
    if value.ndim == 1:  # a bias by another name, unless it is what a normalisation multiplies by
        return "scale" if name in ("weight", "gamma", "scale") else "bias"
    return "weight"
