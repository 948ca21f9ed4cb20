"""Numbers for cases: drawn from a seed, signed, never 0, and such that two places hardly ever hold the same one.

A kernel that is symmetric, or an image with equal rows, would let a mistake through. Every part
draws some of its cases from so many that a table of them is no answer: docs/trust.md.
"""

import numpy as np


def between(rng: np.random.Generator, least: int, most: int, count: int = 1) -> list[int]:
    """Whole numbers from `least` to `most`, both included, all different: for what is a size and no array."""
    return [int(n) for n in rng.choice(most - least + 1, count, replace=False) + least]


def ints(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Signed whole numbers, 1 to 30 in size, all different while there are fewer than sixty of them."""
    count = int(np.prod(shape))
    pool = np.concatenate([np.arange(-30, 0), np.arange(1, 31)])
    return rng.choice(pool, size=shape, replace=count > len(pool))


def floats(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Signed multiples of 1/16 with a fraction, below 4 in size: exact in float32 as well."""
    return (2 * ints(rng, *shape) + 1) / 16


def large(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Signed whole numbers of up to 30000: too many digits for float16, and products too large for 16 bits."""
    return rng.choice(np.arange(10_001, 30_000, 2), shape) * rng.choice([-1, 1], shape)


def pixels(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """A picture's bytes: 0 … 255, uint8."""
    return rng.integers(0, 256, shape).astype(np.uint8)


def transposed(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Floats whose axes lie in memory in reverse order, as a transposed array's do."""
    return floats(rng, *shape[::-1]).transpose(*range(len(shape))[::-1])


def sliced(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Floats cut out of a larger array, every second one in each axis: not contiguous."""
    return floats(rng, *(2 * side for side in shape))[(slice(1, None, 2),) * len(shape)]


def small(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Signed whole numbers, 1 to 3 in size: a case that can be redone on paper."""
    return rng.choice([-3, -2, -1, 1, 2, 3], shape)


def thirds(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Signed multiples of 1/3, none of them whole: every rounding changes them."""
    return (3 * ints(rng, *shape) + 1) / 3


def with_zeros(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Whole numbers, every third one or so 0."""
    return ints(rng, *shape) * (rng.random(shape) < 0.7)


def whole(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Small whole numbers, stored as fractions are: a slip of dtype costs nothing."""
    return small(rng, *shape).astype(np.float64)


def great(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Large whole numbers, stored as fractions are."""
    return large(rng, *shape).astype(np.float64)


def single(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Floats in float32."""
    return floats(rng, *shape).astype(np.float32)


def some_zeros(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Signed quarters, every third one or so 0."""
    return with_zeros(rng, *shape) / 4
