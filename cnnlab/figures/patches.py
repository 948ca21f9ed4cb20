"""Number grids: a picture, a kernel on one patch of it with its sum, and several grids side by side."""

import numpy as np

from cnnlab.check.grid import bracketed
from cnnlab.figures.board import Board
from cnnlab.figures.style import BLUE, MONO, ORANGE, SOFT, Picture, nice, read_out


def show_frame(frame, title="The frame", lit=()) -> Picture:
    """A small picture as the numbers that it is. frame: (H, W), any numbers; lit: cells (i, j) to look at."""
    frame = np.asarray(frame)
    board = Board(title)
    board.grid(frame, 0, 0, lit=list(lit), below=f"{frame.shape[0]} rows × {frame.shape[1]} columns")
    return board.picture(f"{title}: {_spoken(frame)}")


def show_patch(image, kernel, at=(0, 0), title="One stop of the kernel") -> Picture:
    """The kernel laid on one patch of the image: nine products, say, and their sum.

    image: (H, W), kernel: (kh, kw), any numbers; at: the patch's top-left corner (i, j). Raises ValueError where it
    does not fit.
    """
    image, kernel = np.asarray(image), np.asarray(kernel)
    (i, j), (kh, kw) = at, kernel.shape
    if not (0 <= i <= image.shape[0] - kh and 0 <= j <= image.shape[1] - kw):
        raise ValueError(
            f"a {kh} × {kw} kernel at {at} does not fit on a picture of {image.shape[0]} × {image.shape[1]}"
        )
    patch = image[i : i + kh, j : j + kw]
    products = patch * kernel
    total = products.sum()
    board = Board(title)
    high = max(image.shape[0], kh)
    cells = [(i + u, j + v) for u in range(kh) for v in range(kw)]
    x, _ = board.grid(image, 0, (high - image.shape[0]) / 2, lit=cells, title="image")
    top, middle = (high - kh) / 2, high / 2
    for sign, values, name, signed in (
        ("→", patch, "patch", False), ("×", kernel, "kernel", True), ("=", products, "products", True),
    ):  # fmt: skip
        board.sign(x + 0.7, middle, sign)
        low, most = (min(0, image.min()), image.max()) if name == "patch" else (None, None)
        x, _ = board.grid(values, x + 1.4, top, signed=signed, title=name, low=low, scale=most or None)
    board.sign(x + 0.8, middle, "sum →", size=11)
    board.grid([[total]], x + 1.7, middle - 0.5, signed=True, scale=max(abs(total), 1), lit=[(0, 0)], title="output")
    rows = [" + ".join(f"{nice(p)}·{bracketed(k)}" for p, k in zip(ps, ks, strict=True))
            for ps, ks in zip(patch, kernel, strict=True)]  # fmt: skip
    for line, text in enumerate(rows):
        text = ("+ " if line else "  ") + text + (f"  =  {nice(total)}" if line == kh - 1 else "")
        board.words(0, high + 0.75 + 0.62 * line, text, family=MONO, size=10)
    return board.picture(
        f"{title}. A kernel of {kh} by {kw} covers the patch at row {i}, column {j} of a picture of "
        f"{image.shape[0]} by {image.shape[1]}. {'; '.join(rows)}. The sum is {nice(total)}."
    )


def show_grids(title="", signed=(), lit=None, **grids) -> Picture:
    """Several 2-D arrays side by side, named by their keywords (underscores become blanks).

    grids: (H, W) or (W,), any numbers; signed: names of those that are kernels or answers, drawn blue and orange; lit:
    {name: cells}.
    """
    board = Board(title)
    arrays = {name: np.atleast_2d(values) for name, values in grids.items()}
    high, x = max(a.shape[0] for a in arrays.values()), 0.0
    for name, values in arrays.items():
        wide = max(values.shape[1], 0.24 * len(name))
        board.grid(values, x + (wide - values.shape[1]) / 2, (high - values.shape[0]) / 2, signed=name in signed,
                   lit=list((lit or {}).get(name, ())), title=name.replace("_", " "))  # fmt: skip
        x += wide + 1.3
    told = " ".join(f"{name.replace('_', ' ')}: {_spoken(values)}" for name, values in arrays.items())
    return board.picture(f"{title}. {told}")


def show_sides(title="Where an answer comes from") -> Picture:
    """A dark-to-bright edge, a bright-to-dark one and a flat patch under the same vertical-edge kernel."""
    kernel = np.tile([-1, 0, 1], (3, 1))
    patches = {
        "dark → bright": np.tile([0, 0, 1], (3, 1)),
        "bright → dark": np.tile([1, 1, 0], (3, 1)),
        "flat, bright": np.ones((3, 3), int),
        "flat, dark": np.zeros((3, 3), int),
    }
    board = Board(title)
    for k, (name, patch) in enumerate(patches.items()):
        x, total = k * 4.6, int((patch * kernel).sum())
        board.grid(patch, x, 0, title=name, scale=1)
        colour = ORANGE if total > 0 else BLUE if total < 0 else SOFT
        board.words(x + 1.5, 3.6, f"answer {nice(total)}", align="center", weight="bold", color=colour, size=11)
    return board.picture(
        "Four patches under the kernel with rows −1, 0, 1: dark to bright answers 3, bright to dark −3, flat ones 0."
    )


def _spoken(values):
    return f"{values.shape[0]} by {values.shape[1]} numbers, row by row {read_out(values[:12])}."
