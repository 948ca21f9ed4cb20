"""max_pool2d_backward: each window's blame goes to the pixel that won there."""

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnlab.check.cases import Case, Part
from cnnlab.check.draw import whole
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_05 import pooling
from cnnlab.check.lesson_05.patches import kept
from cnnlab.check.lesson_05.pooling import pooled, to_winners, windows
from cnnlab.check.reading.places import Spot


# fmt: off
def _ties(rng: np.random.Generator) -> list[Case]:
    def case(x, kernel, note="many ties", stride=None):
        return pooled(rng, np.asarray(x, dtype=np.float64), kernel, note, stride, dout=whole)

    def few(*shape):
        return rng.integers(-1, 2, shape)

    return [
        case([[[[1, 3], [3, 2]]]], 2, "two equal maxima, the first top right"),
        case(np.zeros((1, 1, 2, 2)), 2, "all equal"), case(few(1, 1, 4, 6), 2), case(few(2, 3, 4, 6), (2, 3)),
        case(np.zeros((1, 2, 3, 3)), 3, "all equal"), case(few(1, 2, 5, 4), 2, "ties where windows overlap", 1),
        case(np.maximum(whole(rng, 1, 1, 4, 4), 0), 2, "zeros, as ReLU leaves them"),
        case(np.full((1, 1, 4, 5), -2.5), (3, 2), "all equal, overlapping", 1),
        case(1 + 2.0**-20 * rng.permutation(24).reshape(1, 1, 4, 6), 2, "nearly equal, but no ties"),
        case(few(1, 1, 4, 6), 2, "another batch of a size seen before"),
    ]


def _argmax(patch: np.ndarray) -> tuple:
    return np.unravel_index(patch.argmax(), patch.shape)


def _last(patch: np.ndarray) -> int:
    return patch.size - 1 - int(patch[::-1, ::-1].argmax())


def _won(a, winner: Callable, kind: Any = np.float64) -> np.ndarray:
    return to_winners(a.dout, a.x, a.kernel, a.stride, winner, kind)


def _each(a, new: Callable) -> np.ndarray:
    """dx where each window's pixels become new(dout there, its patch of x, what stands there)."""
    dx = np.zeros(a.x.shape)
    for d, there in windows(a.dout, a.kernel, a.stride):
        dx[there] = new(d, a.x[there], dx[there])
    return dx


def _maxima(a) -> np.ndarray:
    return np.array([a.x[there].max() for _, there in windows(a.dout, a.kernel, a.stride)]).reshape(a.dout.shape)


WRONG = [
    ("ties to all winners", "Where several pixels share the maximum, each of them got the whole gradient, so there is "
     "more of it than came in. `patch == patch.max()` is True for all of them. The rule here: the first one, row by "
     "row, gets it (argmax).", lambda a: _each(a, lambda d, patch, dx: dx + d * (patch == patch.max()))),
    ("ties are shared", "Where several pixels share the maximum, yours divides the gradient among them. That is a fair "
     "rule, but not the one used here: the first one, row by row, gets all.",
     lambda a: _each(a, lambda d, patch, dx: dx + d * (patch == patch.max()) / (patch == patch.max()).sum())),
    ("ties to the last winner", "Where several pixels share the maximum, the last one got the gradient: a comparison "
     "with >= lets later ones win. Take >, or argmax: the first one wins.", lambda a: _won(a, _last)),
    ("ties column by column", "Where several pixels share the maximum, the first one *down the columns* got the "
     "gradient. Go row by row.",
     lambda a: _won(a, lambda patch: patch.T.argmax() % len(patch) * patch.shape[1] + patch.T.argmax() // len(patch))),
    ("nearly equal pixels win", "np.isclose takes pixels for winners that are a little smaller than the maximum. "
     "Compare exactly, or use argmax.",
     lambda a: _each(a, lambda d, patch, dx: dx + d * np.isclose(patch, patch.max()))),
    ("overwrites where windows overlap", "A pixel that won in several windows keeps only the last one's gradient: it "
     "was assigned with =. Add with +=.",
     lambda a: _each(a, lambda d, patch, dx: np.where(kept(np.ones(patch.shape), *_argmax(patch)), d, dx))),
    ("wipes the window first", "Each window sets its whole patch of dx anew, losers to 0, and wipes out what earlier "
     "windows left there. Write to the winner alone, with +=.",
     lambda a: _each(a, lambda d, patch, dx: kept(np.full(patch.shape, d), *_argmax(patch)))),
    *pooling.WRONG,
    ("the gradient is spread evenly", "Every pixel of the window got a share. That is average pooling's gradient; here "
     "the winner takes all.", lambda a: _each(a, lambda d, patch, dx: dx + d / patch.size)),
    ("every pixel gets the gradient", "Every pixel of a window got its whole gradient. Only the winner's value reached "
     "the output: only it is to blame.", lambda a: _each(a, lambda d, patch, dx: dx + d)),
    ("x at the winner, without dout", "The winner's own value stands where its gradient should: put dout there, not x.",
     lambda a: a.right(dout=_maxima(a))),
    ("a mask of ones", "There is a 1 at every winner: that says *where* the gradient goes. Multiply it with the "
     "window's dout.", lambda a: a.right(dout=np.ones(a.dout.shape))),
    ("the gradient times the maximum", "dout was multiplied with the maximum. The winner was passed on as it is, slope "
     "1: its gradient is dout itself.", lambda a: a.right(dout=a.dout * _maxima(a))),
    ("the smallest value wins", "The gradient went to the smallest pixel of each window: argmin for argmax.",
     lambda a: _won(a, np.argmin)),
    ("the largest size wins, whatever its sign", "The winner was found among the absolute values. −9 loses against 1: "
     "leave abs out.", lambda a: _won(a, lambda patch: np.abs(patch).argmax())),
    ("zeros beat negative maxima", "A window whose pixels are all below 0 got no gradient. The search for the maximum "
     "began with 0: begin with the window's first pixel, or −inf.", lambda a: a.right(dout=a.dout * (_maxima(a) > 0))),
    ("a winner among all channels", "One winner was chosen among all channels. Each channel is pooled on its own, "
     "forwards and backwards.",
     lambda a: a.right(dout=np.eye(a.x.shape[1])[_maxima(a).argmax(1)].transpose(0, 3, 1, 2) * a.dout.sum(1)[:, None])),
    ("only the first image", "Only the first image has a gradient. Loop over the batch as well.",
     lambda a: a.right(dout=kept(a.dout, slice(1)))),
    ("only the first channel", "Only channel 0 has a gradient. Loop over the channels as well.",
     lambda a: a.right(dout=kept(a.dout, slice(None), slice(1)))),
    ("cut to whole numbers", "The fractions are gone: np.zeros_like(x) of whole numbers can hold none. Begin with "
     "np.zeros(x.shape).", lambda a: _won(a, np.argmax, a.x.dtype)),
    ("the winner's place in the window, not in the picture", "argmax tells the winner's place inside its window. In "
     "the picture it is (i·sh, j·sw) further.",
     lambda a: sum(kept(np.full(a.x.shape, d), *there[:2], *_argmax(a.x[there]))
                   for d, there in windows(a.dout, a.kernel, a.stride))),
]


def _spots(a) -> dict[str, list[Spot]]:
    """The places by windows, and those by who wins."""
    first, last = (to_winners(np.ones(a.dout.shape), a.x, a.kernel, a.stride, winner) for winner in (np.argmax, _last))
    tied = _each(a, lambda d, patch, dx: dx + (patch == patch.max())) > first
    found = {"share a maximum with another": tied | (first > last), "share a maximum with one that comes first": tied,
             "won in several windows": first > 1, "won": first > 0, "won nowhere": first == 0}
    return {"": pooling.spots(a)[""] + [Spot(f"at pixels that {how}", inside) for how, inside in found.items()]}


EXERCISE = Exercise(
    name="max_pool2d_backward", oracle=pooling.max_pool_gradient, spots=_spots, wrong=WRONG, **pooling.DECLARED,
    parts=[
        Part("windows", 2, pooling.beside_each_other, tests="batches, window beside window",
             look="each window's dout goes to the one pixel of x that won there; the others get nothing from it."),
        Part("ties", 1, _ties, tests="batches with equal maxima, and with nearly equal ones",
             look="where several pixels share the maximum, the first one, row by row, gets all; argmax picks it."),
        Part("stride", 1, pooling.strides, tests="overlapping windows and gaps, whole numbers with fractions",
             look="a pixel that wins in several windows collects from all of them: add with +=."),
    ],
)
