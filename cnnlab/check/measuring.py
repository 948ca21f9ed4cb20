"""The Subject's verb for functions that only *measure* a model: the model is made from plain data, the function is
called with it, and then everything is looked at that it may have left behind.

A model is described by a dict: "net", a list of (layer, *numbers) with the names of `cnnlab.check.verbs.LAYERS`, or
the name of one of NETS with its "sizes"; "weights", its state as a list of arrays, or "seed" to draw it; "in train
mode", that it is asked about in that mode. What else may stand there is the state of things before the call:
"training", and "modes", one for each module that is in another; "frozen", all parameters, every second one where it
is "some", or every third where it is "few"; "left", gradients left over; "others", somebody else's hooks; "breaks",
the number of the call at which the model raises; "x learns", that x takes part in somebody's gradients; "off", that
gradients are off; "refuses", that the function has to refuse its arguments;
"misses", that they make no sense and any error will do; and "pictures", to run a model on that is returned.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.modules import module as of_modules

from cnnlab.check import copies, verbs

REFUSALS = (KeyError, AttributeError, ValueError)
OF_MODULE = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
OF_ALL = ("_global_forward_hooks", "_global_forward_pre_hooks", "_global_backward_hooks", "_global_backward_pre_hooks")
OF_TENSOR = ("_backward_hooks", "_post_accumulate_grad_hooks")


class ModelBroke(RuntimeError):
    """What a model raises where its description says that it does."""


class Block(nn.Module):
    """Two named layers, a step of torch's functions and dropout."""

    def __init__(self, channels: int):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.dropout(self.norm(self.conv(x)).relu(), 0.4, self.training)


class Branching(nn.Module):
    """Nested modules, steps that are no modules, names that are parts of other names, and layers that are listed in
    another order than they are used in. It gives logits (N, classes); with 0 classes its last maps."""

    def __init__(self, channels: int, classes: int, in_place: bool = False):
        super().__init__()
        self.head = nn.Linear(5, classes) if classes else nn.Identity()
        self.conv = nn.Conv2d(channels, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 5, 3, stride=2)
        self.block = Block(4)
        self.in_place, self.classes = in_place, classes

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.relu(self.conv(x), inplace=self.in_place)
        x = self.block(x) + 0.5 * x
        x = self.conv2(x)
        x = x.mul_(2.0) if self.in_place else torch.tanh(x)
        return self.head(x.mean(dim=(2, 3))) if self.classes else x


class Reusing(nn.Module):
    """A convolution that is used twice, with another between the two uses, layers that are listed in another order, and
    a transposed convolution on the way. It gives logits (N, classes). spare: with a convolution that is never used."""

    def __init__(self, channels: int, classes: int, spare: bool = False):
        super().__init__()
        self.spare = nn.Conv2d(2, 3, 1) if spare else nn.Identity()
        self.between = nn.Conv2d(4, 4, 1)
        self.again = nn.Conv2d(4, 4, 3, padding=1)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(6, classes))
        self.last = nn.Conv2d(3, 6, (3, 1), groups=3)
        self.norm = nn.BatchNorm2d(4)
        self.stem = nn.Conv2d(channels, 4, (2, 3), bias=False)
        self.up = nn.ConvTranspose2d(4, 3, 2, stride=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.relu(self.norm(self.stem(x)))
        x = self.between(torch.tanh(self.again(x))) + self.again(x.flip(3))
        return self.head(self.last(self.up(x)).mean(dim=(2, 3)))


NETS = {"branching": Branching, "reusing": Reusing}


def _row(layers: list) -> nn.Sequential:
    """Layers in a row; ("sequence", layers) is a row of its own."""
    return nn.Sequential(
        *(_row(given[0]) if name == "sequence" else verbs.LAYERS[name](*given) for name, *given in layers)
    )


def model_of(about: dict) -> nn.Module:
    """The model of a description as it is before anything is done to it, in eval mode if not said otherwise; its
    parameters and running statistics follow from the seed."""
    model: nn.Module = NETS[about["net"]](*about["sizes"]) if isinstance(about["net"], str) else _row(about["net"])
    rng = np.random.default_rng(about.get("seed", 0))
    with torch.no_grad():
        for name, values in model.state_dict().items():
            if values.is_floating_point():
                values.copy_(torch.as_tensor(_drawn(rng, name.rpartition(".")[2], tuple(values.shape))))
        for values, given in zip(model.state_dict().values(), about.get("weights", ()), strict=False):
            values.copy_(torch.as_tensor(given))
    return model.train(bool(about.get("in train mode")))


def _drawn(rng: np.random.Generator, name: str, shape: tuple) -> np.ndarray:
    if name == "running_var":
        return rng.uniform(0.5, 2.0, shape)
    if name == "weight" and len(shape) == 1:
        return rng.uniform(0.6, 1.6, shape)
    if name != "weight":
        return rng.normal(0, 0.4, shape)
    return rng.normal(0, 1.3, shape) / np.sqrt(np.prod(shape[1:]))


def handed_over(about: dict, args: tuple) -> tuple:
    """What a function gets: the model and the rest, arrays as tensors, the first one, x, in the state that the
    description tells of, but for the hooks."""
    model, rest = model_of(about), [torch.as_tensor(a).clone() if isinstance(a, np.ndarray) else a for a in args]
    model.train(about.get("training", model.training))
    for name, module in model.named_modules():
        if name in about.get("modes", {}):
            module.training = about["modes"][name]
    every = {"some": 2, "few": 3}.get(about.get("frozen"), 1)
    for k, parameter in enumerate(model.parameters()):
        parameter.requires_grad_(not about.get("frozen") or k % every > 0)
        if about.get("left") and k % 3 != 2:  # none there is a state, too
            parameter.grad = torch.full_like(parameter, 0.25)
    if about.get("x learns"):
        x = _tensors(rest)[0].requires_grad_(True)
        x.grad = torch.full_like(x, 0.5)
    return (model, *rest)


def measure(function: Callable, about: dict, args: tuple) -> dict:
    """Call function(model, *args) with the model of a description; the first array in `args` is x.

    Returns its "value" (what `cnnlab.check.copies` tells of it, where it is a model), and what was left behind:
    "hooks", how many of its own; whether the "others'" are all there; the "modes" of the modules; whether "parameters",
    their gradients ("grads"), "x" and "x's gradient" are as before; what "learns", and whether "x learns"; whether
    gradients are on ("switch"); whether the value is "detached"; "calls", how often the model was run; and, where that
    is what the description is about, whether the model's error "came out" and whether the function "refused". Raises
    what the function raised, where that is not what should happen.
    """
    model, *rest = handed_over(about, args)
    x = next(iter(_tensors(rest)), torch.zeros(1))
    calls: list[int] = []

    def count(*_: Any) -> None:
        calls.append(1)
        if len(calls) == about.get("breaks"):
            raise ModelBroke("the model broke off")

    model.register_forward_hook(count)
    for module in model.modules() if about.get("others") else ():
        module.register_forward_hook(lambda *_: None)
        module.register_forward_pre_hook(lambda *_: None)
    before, value, error = _Things(model, x), None, None
    outside = torch.is_grad_enabled()
    torch.set_grad_enabled(not about.get("off"))
    try:
        with verbs.drawing_alike():  # dropout, where it should not be, draws the same each time
            value = function(model, *rest)
    except NotImplementedError:
        raise
    except Exception as raised:
        error = raised
    finally:
        switch = torch.is_grad_enabled()
        torch.set_grad_enabled(outside)
    came_out = any(isinstance(one, ModelBroke) for one in _chain(error))
    refused = about.get("refuses") and isinstance(error, REFUSALS)
    spared = about.get("misses") or (about.get("off") and isinstance(error, RuntimeError))
    if error is not None and not (refused or spared or came_out):
        raise error
    left = before.compared(model, x)
    if isinstance(value, nn.Module) and "pictures" in about:
        value = copies.told(value, model, lambda: function(model, *rest), about["pictures"])
    return {
        "value": value,
        "detached": all(not one.requires_grad and one.device.type == "cpu" for one in _tensors(value)),
        "calls": len(calls),
        "came out": came_out or len(calls) < about.get("breaks", 1) or "breaks" not in about,
        "refused": bool(refused),
        "switch": switch,
        **left,
    }


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _tensors(value: Any) -> list[torch.Tensor]:
    found = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
    return [one for one in found if isinstance(one, torch.Tensor)]


class _Things:
    """Everything about a model and x that a function which only measures leaves alone."""

    def __init__(self, model: nn.Module, x: torch.Tensor):
        self.modules = [id(module) for module in model.modules()]
        self.hooks = _hooks(model, x)
        self.values = [parameter.detach().clone() for parameter in model.parameters()]
        self.grads = [_copy(parameter.grad) for parameter in model.parameters()]
        self.x, self.x_grad = x.detach().clone(), _copy(x.grad)

    def compared(self, model: nn.Module, x: torch.Tensor) -> dict:
        hooks, parameters = _hooks(model, x), list(model.parameters())
        patched = sum(getattr(m.forward, "__func__", None) is not type(m).forward for m in model.modules())
        same = self.modules == [id(module) for module in model.modules()]
        return {
            "hooks": len(hooks - self.hooks) + patched + (not same),
            "others": self.hooks <= hooks,
            "modes": [module.training for module in model.modules()],
            "parameters": all(map(_same, self.values, parameters)) and len(self.values) == len(parameters),
            "learns": [parameter.requires_grad for parameter in parameters],
            "grads": all(_same(was, p.grad) for was, p in zip(self.grads, parameters, strict=False)),
            "x": _same(self.x, x),
            "x learns": x.requires_grad,
            "x's gradient": _same(self.x_grad, x.grad if x.is_leaf else None),
        }


def _hooks(model: nn.Module, x: torch.Tensor) -> set[tuple]:
    """Every hook that there is, those for all modules too: where it hangs, its kind and its number."""
    owners = [*model.modules(), of_modules, *model.parameters(), x]
    return {
        (id(owner), kind, key)
        for owner in owners
        for kind in (*OF_MODULE, *OF_ALL, *OF_TENSOR)
        for key in getattr(owner, kind, None) or ()
    }


def _copy(values: torch.Tensor | None) -> torch.Tensor | None:
    return None if values is None else values.detach().clone()


def _same(was: torch.Tensor | None, now: torch.Tensor | None) -> bool:
    if was is None or now is None:
        return was is now
    return was.shape == now.shape and was.dtype == now.dtype and torch.equal(was, now.detach())
