"""What the blocks of lesson 11 are made of, and how a mistaken one is made of other pieces."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from torch import nn

from cnnlab.check.cases import Case


def convolved(before: int, after: int, kernel: int = 1, *, bias=False, eps=1e-5, norm=True, relu="ReLU", **how):
    """Convolution, batch norm, ReLU, as lesson 07's conv_block has them; or with other pieces. relu: a class, or ""."""
    how: dict[str, Any] = {"padding": kernel // 2, **how}
    made: list[nn.Module] = [nn.Conv2d(before, after, kernel, bias=bias, **how)]
    made += [nn.BatchNorm2d(after, eps=eps)] if norm else []
    made += [getattr(nn, relu)()] if relu else []
    return nn.Sequential(*made)


def module_of(parts: Sequence[Any], forward: Callable) -> Any:
    """A module of some parts, whose forward pass is `forward(x, *parts)`."""

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = nn.ModuleList(parts)

        def forward(self, x):
            return forward(x, *self.parts)

    return Block()


def pictures(rng: np.random.Generator, n: int, channels: int, height: int, width: int) -> tuple[int, np.ndarray]:
    """A seed and maps to run a block on; the last of several is far beyond where a ReLU6 is flat."""
    x = rng.standard_normal((n, channels, height, width)).astype(np.float32)
    if n > 1:
        x[-1] *= 20
    return int(rng.integers(1, 10**6)), x


def built_with(case: Case) -> str:
    """ "built with (4, 3, layers=2), and run on 3 pictures of 4 × 5 × 6" """
    x = case.args[1]
    given = [str(arg) for arg in case.args[2:]] + [f"{name}={value}" for name, value in case.kwargs.items()]
    shape = " × ".join(str(side) for side in x.shape[1:])
    return f"built with ({', '.join(given)}), and run on {len(x)} picture{'s' * (len(x) != 1)} of {shape}"
