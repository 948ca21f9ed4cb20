"""What can be told of a model that a function made of another one: what learns, what both share, what it computes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from cnnlab.check import verbs


def told(copy: nn.Module, model: nn.Module, again: Callable[[], Any], pictures: np.ndarray) -> dict | str:
    """A description of a copy as plain data; of one whose lazy layers have no numbers yet, a few words.

    "parameters" and "buffers": their numbers, in the copy's order; "learns", one for each parameter; "modes" by name;
    "shared", the names of what is the original's as well, be it a module, a tensor or its memory; "fresh", whether a
    second call gives a model of its own; what `run` gives in "eval" and in "train" mode.
    """
    if any(map(nn.parameter.is_lazy, [*copy.parameters(), *copy.buffers()])):
        return "a model with lazy layers"  # to ask for their numbers raises, which is not the function's error
    found = {
        "parameters": [parameter.detach().clone() for parameter in copy.parameters()],
        "learns": [parameter.requires_grad for parameter in copy.parameters()],
        "buffers": [buffer.clone() for buffer in copy.buffers()],
        "modes": {name: module.training for name, module in copy.named_modules()},
        "shared": _shared(copy, model),
    }
    second = again()
    found["fresh"] = isinstance(second, nn.Module) and not _shared(second, copy)
    learning = [parameter for parameter in copy.parameters() if parameter.requires_grad]
    return found | {word: run(copy.train(word == "train"), learning, pictures) for word in ("eval", "train")}


def run(model: nn.Module, learning: list[nn.Parameter], pictures: np.ndarray) -> Any:
    """The logits for `pictures`, and the gradients of their sum for some parameters, None for what it does not reach;
    or what was raised. Dropout draws the same each time."""
    try:
        with torch.enable_grad(), verbs.drawing_alike():
            logits = model(verbs.tensor(pictures))
            slopes = [None] * len(learning)
            if logits.requires_grad and learning:
                slopes = list(torch.autograd.grad(logits.sum(), learning, allow_unused=True))
            return [logits, *slopes]
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _shared(one: nn.Module, other: nn.Module) -> list[str]:
    """The names of `one`'s modules and tensors that are `other`'s, too."""
    if one is other:
        return ["the model itself"]
    modules, memory = {id(module) for module in other.modules()}, {place for _, place in _places(other)}
    names = [name for name, module in one.named_modules() if id(module) in modules]
    return names + [name for name, place in _places(one) if place in memory]


def _places(model: nn.Module) -> list[tuple[str, int]]:
    """Every tensor's name and where its numbers lie."""
    named = [*model.named_parameters(), *model.named_buffers()]
    return [(name, values.untyped_storage().data_ptr()) for name, values in named if values.numel()]
