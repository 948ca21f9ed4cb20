"""im2col: every patch as a column."""

from collections.abc import Callable

import numpy as np

from cnnlab.check.cases import Args, Case, Part
from cnnlab.check.draw import floats, ints, large, pixels, sliced, small, thirds, transposed, with_zeros
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_01.wrong_ways import AS_IT_LIES, HALF_PRECISION, SQUEEZED, leaving, up_to
from cnnlab.check.reading.places import Spot


def patches_as_columns(x: np.ndarray, kh: int, kw: int) -> np.ndarray:
    """x (N, C, H, W). Returns (N, C·kh·kw, H'·W'): for each row its channel and offset, for each column its corner.

    Raises ValueError where the patch does not fit.
    """
    _, channels, height, width = x.shape
    c, u, v = (index.reshape(-1, 1) for index in np.indices((channels, kh, kw)))
    i, j = (index.reshape(1, -1) for index in np.indices((height - kh + 1, width - kw + 1)))
    return x[:, c, i + u, j + v]


def several_pictures(rng: np.random.Generator, cases: list[Case]) -> list[Case]:
    """Batches of two to four from batches of one (1, C, H, W): the others have its numbers in other places."""
    found = []
    for k, case in enumerate(cases):
        x, *rest = case.args
        others = [rng.permutation(x.ravel()).reshape(x.shape) for _ in range(1 + k % 3)]
        found.append(Case((np.concatenate([x, *others]), *rest), note=case.note))
    return found


# fmt: off
def _of_one(rng: np.random.Generator) -> list[Case]:
    def case(x, kh, kw, note="", draw=floats):
        return Case((draw(rng, 1, *x), kh, kw), note=note)

    return [
        Case((np.arange(9).reshape(1, 1, 3, 3), 2, 2), note="four patches of the numbers 0 to 8"),
        case((1, 2, 2), 2, 2, "one patch", small), case((2, 2, 3), 2, 2, "two channels", ints), case((1, 4, 3), 1, 3),
        case((3, 3, 4), 1, 1, "patches of one pixel", ints), case((2, 4, 5), 2, 3), case((3, 5, 4), 3, 2),
        case((3, 3, 5), 3, 2, "bytes", pixels), case((2, 3, 3), 3, 3, "the patch is the picture", thirds),
        case((2, 1, 4), 1, 2, "a single row", ints), case((2, 4, 1), 2, 1, "a single column", ints),
        case((2, 2, 3), 2, 2, "another picture of a size seen before", ints),
        case((3, 5, 4), 2, 3, "other patches of a size seen before", ints),
        case((2, 3, 4), 2, 3, "large numbers", large), case((2, 4, 4), 3, 2, "zeros among the numbers", with_zeros),
        case((10, 3, 4), 2, 2, "ten channels"), case((2, 11, 13), 5, 4, "larger than the others"),
    ]


def _of_batch(rng: np.random.Generator) -> list[Case]:
    return [
        *several_pictures(rng, _of_one(rng)), Case((transposed(rng, 2, 3, 4, 5), 2, 3), note="channels last in memory"),
        Case((sliced(rng, 2, 2, 4, 5), 3, 2), note="a slice of a larger array"),
        Case((floats(rng, 4, 2, 3, 5).astype(np.float32), 2, 2), note="float32"),
        Case((floats(rng, 12, 2, 4, 3), 2, 1), note="twelve pictures"),
    ]


def _windows(a) -> np.ndarray:
    """The right numbers as (N, C, kh, kw, H', W'): picture, channel, row and column in the patch, and of the stop."""
    height, width = a.x.shape[2:]
    return a.right().reshape(*a.x.shape[:2], a.kh, a.kw, height - a.kh + 1, width - a.kw + 1)


def _flat(windows: np.ndarray) -> np.ndarray:
    n, c, kh, kw, rows, columns = windows.shape
    return windows.reshape(n, c * kh * kw, rows * columns)


def _in_order(a, *order: int) -> np.ndarray:
    """The windows with their axes in another order, cut into the right shape."""
    return _windows(a).transpose(order).reshape(a.right().shape)


def _written_to(a, row: Callable | None = None, column: Callable | None = None) -> np.ndarray:
    """Every number written to row(c, u, v) or column(i, j) of zeros, the later ones over the earlier."""
    right, out = a.right(), np.zeros_like(a.right())
    for at, (*cell, i, j) in zip(np.ndindex(right.shape[1:]), np.ndindex(_windows(a).shape[1:]), strict=True):
        to = row(*cell) if row else at[0], column(i, j) if column else at[1]
        out[:, to[0] % right.shape[1], to[1] % right.shape[2]] = right[:, *at]
    return out


def _spots(a: Args) -> dict[str, list[Spot]]:
    shape = a.right().shape
    c, u, v, i, j = np.indices(_windows(a).shape[1:]).reshape(5, *shape[1:])
    inside = {
        "in the rows of every channel but the first": c > 0,
        "in the rows of the patch's other rows than the first": u > 0,
        "in the rows of the patch's other columns than the first": v > 0,
        "at the stops in the last row or column": (i == i.max()) | (j == j.max()),
    }
    return {"": [Spot(words, np.broadcast_to(where, shape)) for words, where in inside.items()]}


WRONG = [
    ("the first picture only", "Only picture 0 is there. "
     "The result has one block of columns for each picture: (N, C·kh·kw, H'·W').", lambda a: a.right()[:1]),
    ("the first picture for all", "Every block holds the patches of picture 0. Block n comes from x[n].",
     lambda a: a.right()[[0] * len(a.x)]),
    ("the last picture for all", "Every block holds the patches of the last picture. Block n comes from x[n].",
     lambda a: a.right()[[-1] * len(a.x)]),
    ("no batch axis", "The batch axis is gone. Keep it, also when there is one picture: (N, C·kh·kw, H'·W').",
     lambda a: a.right()[0]),
    ("batch and channels swapped", "Pictures and channels changed places: x is (N, C, H, W), the batch first.",
     lambda a: a.right(x=a.x.swapaxes(0, 1))),
    ("all pictures in one row of patches", "The patches of all pictures stand side by side in one matrix. "
     "Keep one block for each picture: (N, C·kh·kw, H'·W').", lambda a: np.concatenate(list(a.right()), axis=1)),
    ("the stops mixed with the cells of the patch",
     "reshape was asked to do a transpose's work: it cut the numbers in the order in which they lie. "
     "Bring the axes into the order (N, C, kh, kw, H', W') first.", lambda a: _in_order(a, 0, 1, 4, 5, 2, 3)),
    ("the pictures cut apart", "N stood behind C, kh and kw when reshape cut the numbers into N blocks. "
     "It comes first.", lambda a: _in_order(a, 1, 2, 3, 0, 4, 5)),
    ("rows in the order kh, kw, C", "The channel changes fastest from row to row. "
     "The order is (C, kh, kw): all of channel 0's pixels first.", lambda a: _in_order(a, 0, 2, 3, 1, 4, 5)),
    ("rows in the order C, kw, kh", "Each patch was read column by column. Read it row by row.",
     lambda a: _in_order(a, 0, 1, 3, 2, 4, 5)),
    ("rows in the order kw, kh, C", 'Each patch was read backwards in its axes (order="F" does that): the channel '
     "changes fastest, the column slowest. The order is (C, kh, kw).", lambda a: _in_order(a, 0, 3, 2, 1, 4, 5)),
    ("stops in the order of columns", "The patches come column by column over the picture. "
     "They come row by row: first all stops of the top row.", lambda a: _in_order(a, 0, 1, 2, 3, 5, 4)),
    ("patches as rows", "Each patch is a row. Here it is a column: (N, C·kh·kw, H'·W').",
     lambda a: a.right().swapaxes(1, 2)),
    ("patches turned by 180°", "Each patch is read backwards. That belongs to convolution with a flip, "
     "and even there to the kernel.", lambda a: _flat(_windows(a)[:, :, ::-1, ::-1])),
    ("kh and kw swapped", "The patches are kw high and kh wide. The height comes first.",
     lambda a: a.right(kh=a.kw, kw=a.kh)),
    ("square patches", "kh is used for the width as well.", lambda a: a.right(kw=a.kh)),
    ("one stop too few", "The last stop of each row and column is missing: there are H − kh + 1 of them.",
     lambda a: _flat(_windows(a)[..., :-1, :-1])),
    ("patches that do not overlap", "The patches jump by their own size. Here they move by one pixel.",
     lambda a: _flat(_windows(a)[..., :: a.kh, :: a.kw])),
    ("stop (i, j) in column i·H' + j", "There are W' stops in a row, so stop (i, j) is number i·W' + j.",
     lambda a: _written_to(a, column=lambda i, j: i * (a.x.shape[2] - a.kh + 1) + j)),
    ("cell (u, v) in row u·kh + v", "There are kw cells in a row of the patch, so cell (u, v) is number u·kw + v.",
     lambda a: _written_to(a, row=lambda c, u, v: c * a.kh * a.kw + (u * a.kh + v) % (a.kh * a.kw))),
    ("the same rows for every channel", "The row forgets its channel, so each channel is written over "
     "the one before it: channel c begins at row c·kh·kw.", lambda a: _written_to(a, row=lambda c, u, v: u * a.kw + v)),
    ("the first channel only", "Only channel 0 is there. A column holds the patch in all channels.",
     lambda a: a.right(x=a.x[:, :1])),
    ("channel 0 in place of every channel", "Every channel's rows hold channel 0. Row block c comes from x[:, c].",
     lambda a: a.right(x=a.x[:, [0] * a.x.shape[1]])),
    ("cut to whole numbers", "The fractions are gone: the array was made for whole numbers.",
     lambda a: a.right().astype(int)),
    HALF_PRECISION,
    AS_IT_LIES,
    ("a loop with a fixed end", "The columns from 16 on stay 0. Count the stops: H' times W' of them.",
     lambda a: up_to(a.right(), 16, -1)),
    ("six axes left",
     "The windows are right, but their axes were not merged. Reshape to (N, C·kh·kw, H'·W') in the end.", _windows),
    SQUEEZED,
    ("writes into x", "x was changed on the way. Make an array of your own for the result.",
     lambda a: leaving(a.right(), a.x, a.x - a.x.min() - 1)),
]

EXERCISE = Exercise(
    name="im2col", lesson="01_convolution", oracle=patches_as_columns, wrong=WRONG, spots=_spots,
    axes={"x": "image channel row column", "": "image row column"},
    parts=[Part("one image", 1, _of_one, "single pictures, patches from 1 × 1 up to the whole",
                "column 0 is the patch at the top left, read row by row, channel 0 first."),
           Part("batch", 1, _of_batch, "batches of 2 to 12 pictures",
                "im2col(x)[n] is what im2col gives for picture n alone.")],
)
