"""What the checks of blocks share: layers by name, rows that replace some, inputs, and what was tried, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab.check.cases import Case


def block(seed_from: np.random.Generator, shape: tuple[int, int, int, int], *args: Any, **named: Any) -> Case:
    """A case of a block: a seed, maps of this shape, and the block's own arguments. The last picture's maps are far
    beyond where a ReLU6 is flat."""
    x = seed_from.standard_normal(shape).astype(np.float32)
    x[-1] *= 20
    return Case((int(seed_from.integers(1, 10**6)), x, *args), named)


def told(name: str) -> Callable[[Case], str]:
    """What was tried, in words: the call that builds the block, and what it ran on."""

    def words(case: Case) -> str:
        given = [*map(str, case.args[2:]), *(f"{key}={value}" for key, value in case.kwargs.items())]
        n, *sides = case.args[1].shape
        return f"{name}({', '.join(given)}), run on {n} × {' × '.join(map(str, sides))}"

    return words


def conv(came: int, went: int, kernel: int = 1, **how: Any) -> Callable:
    """A convolution as a piece for `in_a_row`: without bias, and with the padding that keeps the size."""
    how = {"padding": kernel // 2, "bias": False, **how}
    return lambda nn: nn.Conv2d(came, went, kernel, **how)


def norm(channels: int, **how: Any) -> Callable:
    return lambda nn: nn.BatchNorm2d(channels, **how)


def instance_norm(channels: int) -> Callable:
    return lambda nn: nn.InstanceNorm2d(channels, affine=True)


def relu(nn):
    return nn.ReLU()


def leaky(nn):
    return nn.LeakyReLU(0.01)


def relu6(nn):
    return nn.ReLU6()


def gelu(nn):
    return nn.GELU()


def dropout(nn):
    return nn.Dropout(0.2)


def frozen(make: Callable) -> Callable:
    """A piece whose numbers do not learn."""
    return lambda nn: make(nn).requires_grad_(False)


def fixed(module: Any) -> Any:
    """A module that runs its forward pass under no_grad."""
    from torch import nn, no_grad

    class Fixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.inside = module

        def forward(self, x):
            with no_grad():
                return self.inside(x)

    return Fixed()


def around(module: Any, of: Callable) -> Any:
    """A module whose result is `of(x, what module makes of x)`."""
    from torch import nn

    class Around(nn.Module):
        def __init__(self):
            super().__init__()
            self.inside = module

        def forward(self, x):
            return of(x, self.inside(x))

    return Around()
