"""Networks to trace and to count: small, oblong, and with every layer where it can mislead."""

from __future__ import annotations

import numpy as np

from cnnlab.check.cases import Case
from cnnlab.layers import Conv, Dense, Flatten, Pool

ALEXNET = [
    *(Conv(96, 11, stride=4), Pool(3, 2), Conv(256, 5, padding=2), Pool(3, 2)),
    *(Conv(384, 3, padding=1), Conv(384, 3, padding=1), Conv(256, 3, padding=1), Pool(3, 2)),
    *(Flatten(), Dense(4096), Dense(4096), Dense(1000)),
]
MINI = [
    *(Conv(32, 3, padding=1), Conv(32, 3, padding=1), Pool(2, 2), Conv(64, 3, padding=1), Pool(2, 2)),
    *(Flatten(), Dense(128), Dense(10)),
]


def maps(rng: np.random.Generator) -> list[Case]:
    """Stacks without Flatten and Dense."""
    side, c1, c2 = int(rng.integers(30, 50)), *(int(c) for c in rng.choice(np.arange(3, 30), 2, replace=False))
    twice = Conv(c1, 3, padding=1)
    return [
        Case(([Conv(4, 3)], (2, 6, 8))),
        Case(([Pool(2, 2)], (3, 9, 6))),
        Case(([Conv(4, 3), Conv(5, 2)], (3, 9, 7))),
        Case(([Conv(6, 5, stride=2), Pool(3, 2)], (1, 20, 27))),
        Case(([twice, twice, Pool(2, 2), twice, Pool(3, 1)], (3, 14, 11)), note="the same layer three times"),
        Case(([Conv(4, 3, dilation=2), Conv(4, 3, dilation=3, padding=2), Pool(2, 3)], (5, 18, 25))),
        Case(([Pool(3, 2), Conv(c2, 4, 3, 1, 2), Conv(c1, 1), Pool(2, 1)], (c1, side, side + 9))),
    ]


def whole(rng: np.random.Generator) -> list[Case]:
    """Networks with Flatten and Dense."""
    side, c1, c2 = int(rng.integers(16, 30)), *(int(c) for c in rng.choice(np.arange(3, 30), 2, replace=False))
    return [
        Case(([Conv(3, 3), Flatten(), Dense(4)], (2, 6, 5))),
        Case(([Flatten(), Dense(7), Dense(3)], (3, 4, 6)), note="no convolution at all"),
        Case(([Conv(4, 3, dilation=2), Pool(2, 2), Flatten(), Dense(5)], (1, 11, 14))),
        Case(([Conv(8, 4, stride=3), Pool(3, 2), Flatten(), Dense(10), Dense(10), Dense(2)], (3, 31, 38))),
        Case(([Conv(6, 3), Pool(2, 2), Conv(9, 3), Flatten()], (2, 12, 9)), note="Flatten comes last"),
        Case(([Conv(c1, 5, 2, 2), Conv(c2, 1), Pool(2, 2), Flatten(), Dense(c1), Dense(c2)], (4, side, side + 7))),
        Case((MINI, (3, 32, 32))),
    ]
