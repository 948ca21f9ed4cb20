"""learn_kernel: the kernel that explains an answer best, by least squares over all stops."""

from collections.abc import Callable

import numpy as np

from cnnlab.check.cases import Args, Case, Part
from cnnlab.check.draw import floats, ints, pixels, sliced, small
from cnnlab.check.exercise import Exercise
from cnnlab.check.lesson_01.cross_correlate2d import correlate
from cnnlab.check.lesson_01.im2col import patches_as_columns
from cnnlab.check.lesson_01.wrong_ways import leaving

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def equations(image: np.ndarray, answer: np.ndarray, kh: int, kw: int) -> tuple[np.ndarray, np.ndarray]:
    """One equation for each stop: its pixels (stops, kh·kw), and what the unknown weights make of them (stops,)."""
    return patches_as_columns(image[None, None], kh, kw)[0].T.astype(float), answer.astype(float).ravel()


def fitted(image: np.ndarray, answer: np.ndarray, kh: int, kw: int) -> np.ndarray:
    """The kernel (kh, kw) whose answer comes nearest, by the pseudo-inverse of the patches."""
    patches, wanted = equations(image, answer, kh, kw)
    return (np.linalg.pinv(patches) @ wanted).reshape(kh, kw)


# fmt: off
def _exact(rng: np.random.Generator) -> list[Case]:
    def case(image, kernel, note="", draw=ints, like=small):
        picture, hidden = draw(rng, *image), like(rng, *kernel)
        return Case((picture, correlate(picture, hidden), *kernel), note=note)

    sobel = ints(rng, 6, 6)
    return [
        case((2, 3), (1, 1), "a single weight"), case((3, 3), (1, 2), "two weights"), case((4, 4), (2, 2)),
        case((5, 3), (2, 1), "a column"), case((5, 5), (2, 3)), case((6, 4), (3, 2), "fractions", ints, floats),
        Case((sobel, correlate(sobel, SOBEL), 3, 3), note="Sobel's kernel, 16 equations for 9 weights"),
        case((6, 6), (3, 3), "bytes", pixels, floats),
        case((7, 6), (2, 4), "a slice of a larger array", sliced, floats),
        case((12, 9), (4, 3), "larger than the others", floats, floats),
    ]


def _disturbed(rng: np.random.Generator) -> list[Case]:
    def case(image, kernel, note=""):
        picture = ints(rng, *image)
        answer = correlate(picture, small(rng, *kernel))
        return Case((picture, answer + floats(rng, *answer.shape), *kernel), note=note)

    return [
        case((3, 4), (1, 2), "no kernel fits exactly"), case((4, 4), (2, 2)), case((6, 5), (2, 3)),
        case((7, 6), (3, 3)), case((5, 9), (3, 2)), case((12, 10), (4, 3), "larger than the others"),
    ]


def _least(a: Args, of: Callable[[np.ndarray, np.ndarray], tuple]) -> np.ndarray:
    patches, wanted = of(*equations(a.image, a.answer, a.kh, a.kw))
    return (np.linalg.pinv(patches) @ wanted)[: a.kh * a.kw].reshape(a.kh, a.kw)


def _agreement(a: Args) -> np.ndarray:
    patches, wanted = equations(a.image, a.answer, a.kh, a.kw)
    return (patches.T @ wanted).reshape(a.kh, a.kw)


WRONG = [
    ("the kernel turned by 180°", "These are the right weights in reverse order: convolve2d would need this kernel. "
     "Here nothing is turned.", lambda a: a.right()[::-1, ::-1]),
    ("read column by column", "A patch's pixels stand in its column row by row, and so do the weights: a plain "
     "reshape(kh, kw) lays them back.", lambda a: a.right().ravel().reshape(a.kw, a.kh).T),
    ("transposed", "Rows and columns of the kernel are swapped: it is kh high and kw wide.", lambda a: a.right().T),
    ("width and height swapped", "The weights were laid out as kw rows of kh. It is the other way round: "
     "reshape(kh, kw).", lambda a: a.right().reshape(a.kw, a.kh)),
    ("a row of weights", "The weights are right, in one row. Lay them out as a kernel: reshape(kh, kw).",
     lambda a: a.right().ravel()),
    ("all that lstsq gives", "np.linalg.lstsq returns four things; the weights are the first: `weights, *_ = …`.",
     lambda a: np.linalg.lstsq(*equations(a.image, a.answer, a.kh, a.kw), rcond=None)),
    ("as many equations as weights", "Only the first stops were used, as many as there are weights. Use all of them: "
     "where no kernel fits exactly, every equation counts.",
     lambda a: _least(a, lambda p, w: (p[: p.shape[1]], w[: p.shape[1]]))),
    ("agreement, not solution", "columns @ answer says how much each pixel and the answer go together. Neighbouring "
     "pixels are alike, so that is not yet the weight: solve the equations, with np.linalg.lstsq.", _agreement),
    ("a bias takes a part", "A constant was learned beside the weights, and it took over a part of the answer. There "
     "is none here.", lambda a: _least(a, lambda p, w: (np.c_[p, np.ones(len(p))], w))),
    ("the mean is taken off first", "The answer's mean was taken off before. Leave the answer as it is.",
     lambda a: _least(a, lambda p, w: (p, w - w.mean()))),
    ("the pixels divided by 255", "The pixels were made smaller and the answer was not, so the weights came out 255 "
     "times as large.", lambda a: _least(a, lambda p, w: (p / 255, w))),
    ("rounded", "The weights are rounded. A kernel may have fractions.", lambda a: np.round(a.right())),
    ("divided by its largest weight", "The kernel was scaled to 1. Its size belongs to it.",
     lambda a: a.right() / np.abs(a.right()).max()),
    ("the sign is changed", "Every weight has the wrong sign.", lambda a: -a.right()),
    ("writes into the answer", "The answer that came in was changed. Work on an array of your own.",
     lambda a: leaving(a.right(), a.answer, a.answer - a.answer.max() - 1)),
]

EXERCISE = Exercise(
    name="learn_kernel", lesson="01_convolution", oracle=fitted, wrong=WRONG,
    axes={"image": "row column", "answer": "row column", "": "kernel-row kernel-column"},
    parts=[Part("exact", 0, _exact, "answers that some kernel gives exactly",
                "im2col's columns, transposed, times the weights are the answer: one equation for each stop."),
           Part("disturbed", 0, _disturbed, "answers that no kernel gives exactly",
                "use all stops, and let np.linalg.lstsq find what comes nearest.")],
)
