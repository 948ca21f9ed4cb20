"""The pictures, kernels and worked examples that the convolution explorer offers."""

from dataclasses import dataclass

import numpy as np

from cnnlab.data import digits


def frame(size):
    """The camera's first frame at any size, ints (size, size): dark on the left, bright from two fifths on."""
    return np.tile((np.arange(size) >= 2 * size // 5).astype(int), (size, 1))


def one_bright_pixel(size):
    """A 1 in the middle of zeros, ints (size, size)."""
    picture = np.zeros((size, size), int)
    picture[size // 2, size // 2] = 1
    return picture


def random_picture(size):
    """Digits, ints (size, size), the same for the same size."""
    return np.random.default_rng(size).integers(0, 10, (size, size))


def vertical_edge(size):
    """The last column minus the first, ints (size, size); a single 1 where there is one column."""
    kernel = np.zeros((size, size), int)
    kernel[:, 0] -= 1
    kernel[:, -1] += 1
    return kernel if size > 1 else np.ones((1, 1), int)


def diagonal_difference(size):
    """The first corner minus the last, ints (size, size); a single 1 where there is one cell."""
    kernel = np.zeros((size, size), int)
    kernel[0, 0] += 1
    kernel[-1, -1] -= 1
    return kernel if size > 1 else np.ones((1, 1), int)


# name: what makes it from a size, or an array of one size
PICTURES = {
    "camera frame": frame,
    "one bright pixel": one_bright_pixel,
    "random numbers": random_picture,
    "a handwritten digit": lambda: digits()[0][0].astype(int),
    "a 2 × 2 patch": np.array([[1, 6], [5, 3]]),
    "a 4 × 4 picture": np.array([[1, 2, 1, 0], [0, 1, 2, 1], [1, 0, 1, 2], [2, 1, 0, 1]]),
}
KERNELS = {
    "vertical edge": vertical_edge,
    "horizontal edge": lambda size: vertical_edge(size).T,
    "diagonal difference": diagonal_difference,
    "mean": lambda size: np.full((size, size), 1 / size**2),
    "1, 2, 3, …": lambda size: np.arange(1, size * size + 1).reshape(size, size),
    "random numbers": lambda size: np.random.default_rng(size).integers(-3, 4, (size, size)),
    "[[1, 2], [−1, 0]]": np.array([[1, 2], [-1, 0]]),
}
ONE_SIZE = ("a handwritten digit", "a 2 × 2 patch", "a 4 × 4 picture", "[[1, 2], [−1, 0]]")


@dataclass(frozen=True)
class Example:
    """A worked example by the names of its picture and kernel, and its settings, ints."""

    picture: str
    kernel: str
    size: int = 5
    kernel_size: int = 3
    padding: int = 0
    stride: int = 1
    dilation: int = 1


EXAMPLES = {
    "An edge in the 5 × 5 frame": Example("camera frame", "vertical edge"),
    "One patch, by hand": Example("a 2 × 2 patch", "[[1, 2], [−1, 0]]"),
    "A diagonal difference": Example("a 4 × 4 picture", "diagonal difference", kernel_size=2),
    "One bright pixel": Example("one bright pixel", "1, 2, 3, …"),
    "A handwritten digit": Example("a handwritten digit", "vertical edge"),
    "Padded, two at a time": Example("random numbers", "vertical edge", size=7, padding=1, stride=2),
    "A kernel with holes": Example("random numbers", "random numbers", size=7, dilation=2),
}


def make(choices, name, size):
    """The array (H, W) of that name in PICTURES or KERNELS; `size` counts only for those that come in any size."""
    choice = choices[name]
    if isinstance(choice, np.ndarray):
        return choice
    return choice() if name in ONE_SIZE else choice(size)


def any_size(choices, name):
    """Whether the picture or kernel of that name comes in any size."""
    return callable(choices[name]) and name not in ONE_SIZE
