"""Every number that lesson 01 states, computed again; the words are looked up in the master, so they cannot drift."""

import re

import numpy as np
import pytest

from cnnlab import check
from cnnlab.data import camera_frame, camera_frames, photograph, tiny_frame
from cnnlab.figures.shift import box_of
from tests.lessons.claims import claim, count, unclaimed
from tests.lessons.master import read

MASTER = read("01_convolution")
ORACLE = {e.name: e.oracle for e in check.exercises("01")}
correlate, convolve, multi = ORACLE["cross_correlate2d"], ORACLE["convolve2d"], ORACLE["conv2d_multi"]
dense, conv, columns = ORACLE["count_parameters_dense"], ORACLE["count_parameters_conv"], ORACLE["im2col"]

FRAME = tiny_frame()
EDGE = np.tile([-1, 0, 1], (3, 1))
DIAGONAL = np.array([[1, 0], [0, -1]])
STRIPES = np.array([[1, 2, 1, 0], [0, 1, 2, 1], [1, 0, 1, 2], [2, 1, 0, 1]])
PATCH = np.array([[1, 6], [5, 3]])
SMALL = np.array([[3, 1, 2, 0], [0, 2, 1, 3], [4, 1, 5, 2]])
SMALL_COLUMNS = columns(SMALL[None, None], 2, 2)[0]
TWO = np.array([[[1, 0, 2], [0, 1, 0], [2, 1, 0]], [[0, 1, 1], [1, 0, 0], [0, 2, 1]]])
FILTER = np.array([[[1, 0], [0, -1]], [[0, 2], [1, 0]]])
BRIGHT = np.pad([[1]], 2)
NINE = np.arange(1, 10).reshape(3, 3)


def row_of(array):
    return ", ".join(str(int(v)).replace("-", "−") for v in np.ravel(array))


def person_shift():
    how = {"size": (48, 64), "colour": False, "height": 0.55, "noise": False}
    empty, here, there = (
        camera_frame(2, person=x is not None, x=x, **how).astype(float) / 255 for x in (None, 0.25, 0.7)
    )
    change = here - empty
    rows, cols = box_of(change)
    kernel = change[rows, cols] / (change[rows, cols] ** 2).sum()
    answers = [correlate(f - empty, kernel) for f in (here, there)]
    at = [np.unravel_index(a.argmax(), a.shape)[1] for a in answers]
    unit = [(change * (f - empty)).sum() / (change**2).sum() for f in (here, there)]
    return [a.max() for a in answers], at[1] - at[0], unit


BEST, STEP, UNIT = person_shift()
PHOTO, CIFAR = 224 * 224 * 3, 32 * 32 * 3
ALEXNET = sum(
    [
        *(conv(*layer) for layer in ((3, 96, 11), (96, 256, 5), (256, 384, 3), (384, 384, 3), (384, 256, 3))),
        *(dense(*layer) for layer in ((9216, 4096), (4096, 4096), (4096, 1000))),
    ]
)

PICTURE = photograph("china", size=(96, 144), grey=True) / 255
SHUFFLED = PICTURE.ravel()[np.random.default_rng(0).permutation(PICTURE.size)].reshape(PICTURE.shape)
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
SOBEL_SAYS = correlate(PICTURE, SOBEL)
MATRIX = np.stack([correlate(unit.reshape(5, 5), NINE).ravel() for unit in np.eye(25)], axis=1)
FIRSTS = np.diff([int(np.flatnonzero(row)[0]) for row in MATRIX])
FURTHER = {(1, 1, 3, 1, 1, 3, 1, 1): "one"}[tuple(FIRSTS.tolist())]  # and three from row to row of stops


def explained(picture, answer):
    """How much of an answer the best kernel explains, in per cent, and that kernel's largest weight."""
    kernel = ORACLE["learn_kernel"](picture, answer, 3, 3)
    left = answer - correlate(picture, kernel)
    return 100 * (1 - (left**2).sum() / (answer**2).sum()), np.abs(kernel).max()


FULLY, (HARDLY, LARGEST) = explained(PICTURE, SOBEL_SAYS)[0], explained(SHUFFLED, SOBEL_SAYS)


CLAIMS = [
    # A1, A7: pictures and dense layers
    claim("| MNIST, handwritten digits, grey | 28×28×1 | 784 |", count(28 * 28 * 1), "784"),
    claim("| CIFAR-10, small things in colour | 32×32×3 | 3,072 |", count(CIFAR), "3,072"),
    claim("| ImageNet, photographs | 224×224×3 | 150,528 |", count(PHOTO), "150,528"),
    claim("A small photograph of 224×224×3 is 150,528 inputs", count(PHOTO), "150,528"),
    claim("150,528,000 weights and 1,000 biases", count(dense(PHOTO, 1000, False)), "150,528,000"),
    claim("weights and 1,000 biases", count(dense(PHOTO, 1000) - dense(PHOTO, 1000, False)), "1,000"),
    claim("As 4-byte numbers that is 602 MB", f"{dense(PHOTO, 1000) * 4 / 1e6:.0f} MB", "602 MB"),
    claim("1,000 units need 3,072,000 weights, about 3.07 million", count(dense(CIFAR, 1000, False)), "3,072,000"),
    claim("weights, about 3.07 million", f"{dense(CIFAR, 1000, False) / 1e6:.2f} million", "3.07 million"),
    claim(
        "(x/255 − 0.5)/0.5, which gives −1 to 1",
        f"{(0 / 255 - 0.5) / 0.5:.0f} to {(255 / 255 - 0.5) / 0.5:.0f}".replace("-", "−"),
        "−1 to 1",
    ),
    claim(
        "96 rows, 128 columns", "{} rows, {} columns".format(*camera_frames(1)[0].shape[1:3]), "96 rows, 128 columns"
    ),
    claim("joined by 35 lines", str(7 * 5), "35"),
    # B2 to B4: one number at a time
    claim("1·1 + 6·2 + 5·(−1) + 3·0 = 8", str(correlate(PATCH, np.array([[1, 2], [-1, 0]]))[0, 0]), "8"),
    claim(
        "gives the products 1, 12, −5 and 0; their sum is 8",
        row_of(PATCH * np.array([[1, 2], [-1, 0]])).replace(", 0", " and 0"),
        "1, 12, −5 and 0",
    ),
    claim("The sum is 3: as high as this kernel can go", str(correlate(FRAME, EDGE)[0, 0]), "3"),
    claim("The sum is 3", str(EDGE.clip(0).sum()), "3"),
    claim("every row of the output is 3, 3, 0", row_of(correlate(FRAME, EDGE)[1]), "3, 3, 0"),
    claim("5 − 3 + 1 = 3 stops across", str(correlate(FRAME, EDGE).shape[1]), "3"),
    claim(
        "dark to bright 3, bright to dark −3, flat bright 0, flat dark 0",
        "dark to bright {}, bright to dark −{}, flat bright {}, flat dark {}".format(
            *(abs(np.sum(np.array(row) * EDGE)) for row in ([0, 0, 1], [1, 1, 0], [1, 1, 1], [0, 0, 0]))
        ),
        "dark to bright 3, bright to dark −3, flat bright 0, flat dark 0",
    ),
    # B1: flip
    claim("1·1 + 2·0 + 3·(−1) = −2", str(np.correlate([1, 2, 3], [1, 0, -1])[0]).replace("-", "−"), "−2"),
    claim("1·(−1) + 2·0 + 3·1 = 2", str(np.convolve([1, 2, 3], [1, 0, -1], "valid")[0]), "2"),
    claim("cross-correlation gives 9 to 1", "{} to {}".format(*correlate(BRIGHT, NINE).ravel()[[0, -1]]), "9 to 1"),
    claim("convolution gives 1 to 9", "{} to {}".format(*convolve(BRIGHT, NINE).ravel()[[0, -1]]), "1 to 9"),
    claim("so the answer there is 9", str(correlate(BRIGHT, NINE)[0, 0]), "9"),
    # B5: the diagonal
    claim("top left minus bottom right is 0 at all nine stops", str(np.abs(correlate(STRIPES, DIAGONAL)).max()), "0"),
    claim("and the answer: nine zeros", {9: "nine"}[int((correlate(STRIPES, DIAGONAL) == 0).sum())], "nine"),
    # A3: shift
    claim("both answer 1.00 to the person here", f"{BEST[0]:.2f}", "1.00"),
    claim("The sliding kernel's best answer is 1.00 on the first and 0.80 on the second", f"{BEST[1]:.2f}", "0.80"),
    claim("29 columns further right, with 0.80", f"{STEP} columns", "29 columns"),
    claim("further right, with 0.80", f"{BEST[1]:.2f}", "0.80"),
    claim("The dense unit answers 1.00 and then 0.00", f"{UNIT[0]:.2f} and then {UNIT[1]:.2f}", "1.00 and then 0.00"),
    claim("The dense unit answers 0.00.", f"{UNIT[1]:.2f}", "0.00"),
    # B6: channels
    claim(
        "and the output map is 4, 3 over 0, 4",
        "{}, {} over {}, {}".format(*multi(TWO, FILTER[None], np.array([1])).ravel()),
        "4, 3 over 0, 4",
    ),
    claim("Channel 0 gives 1·1 + 1·(−1) = 0", str(correlate(TWO[0], FILTER[0])[0, 0]), "0"),
    claim("channel 1 gives 1·2 + 1·1 = 3", str(correlate(TWO[1], FILTER[1])[0, 0]), "3"),
    # A2, B7: counting
    claim("(3·3·3 + 1)·16 = 448 numbers", count(conv(3, 16, 3)), "448"),
    claim("to just 16 outputs: 2,408,448 weights", count(dense(PHOTO, 16, False)), "2,408,448"),
    claim("about 5,000 times as many", count(int(round(dense(PHOTO, 16, False) / conv(3, 16, 3), -3))), "5,000"),
    claim("dense with 1,000 units 150,529,000 parameters", count(dense(PHOTO, 1000)), "150,529,000"),
    claim("dense with 16 outputs 2,408,464", count(dense(PHOTO, 16)), "2,408,464"),
    claim("(3·3·3 + 1)·16 = 448, on any picture", count(conv(3, 16, 3)), "448"),
    claim("for a network with 62 million parameters", f"{ALEXNET / 1e6:.0f} million", "62 million"),
    # im2col
    claim("3 1 0 2, read row by row, is column 0", " ".join(map(str, SMALL_COLUMNS[:, 0])), "3 1 0 2"),
    claim(
        "and the row times each column: 1, 0, −1, −1, −3, −1",
        row_of(DIAGONAL.ravel() @ SMALL_COLUMNS),
        "1, 0, −1, −1, −3, −1",
    ),
    claim("3·1 + 1·0 + 0·0 + 2·(−1) = 1", str(correlate(SMALL, DIAGONAL)[0, 0]), "1"),
    claim("Row 0 holds 3 1 2 0 2 1", " ".join(map(str, SMALL_COLUMNS[0])), "3 1 2 0 2 1"),
    claim("9 times for a 3×3 kernel", str(columns(np.ones((1, 1, 99, 99)), 3, 3).shape[1]), "9"),
    # a kernel learned, and the dense layer behind it
    claim("The photograph has 94·142 = 13,348 stops", count(SOBEL_SAYS.size), "13,348"),
    claim("The photograph has 94·142", "{}·{}".format(*SOBEL_SAYS.shape), "94·142"),
    claim("Each explains 100 per cent of its answer", f"{FULLY:.0f} per cent", "100 per cent"),
    claim(
        "and it explains 0.0 per cent of the answer",
        f"{HARDLY:.1f} per cent",
        "0.0 per cent",
    ),
    claim("Nothing: 0.0%.", f"{HARDLY:.1f}%", "0.0%"),
    claim("all nine weights are 0.02 or less", f"{LARGEST:.2f}", "0.02"),
    claim(
        "the matrix of 9 rows and 25 columns", "{} rows and {} columns".format(*MATRIX.shape), "9 rows and 25 columns"
    ),
    claim("81 of 225 weights are not 0", f"{np.count_nonzero(MATRIX)} of {MATRIX.size}", "81 of 225"),
    claim("144 of the 225 weights are 0", str(np.sum(MATRIX == 0)), "144"),
    claim("one pixel further right, or three where the kernel begins a new row of stops", str(FURTHER), "one"),
    # bugs
    claim("an answer with rows −3, −3, 0", row_of(correlate(FRAME, EDGE[::-1, ::-1])[0]), "−3, −3, 0"),
    claim("and 3, 3, 0 turns into −3, −3, 0", row_of(convolve(FRAME, EDGE)[0]), "−3, −3, 0"),
    claim("(4, 2) where (2, 4) is right", str(correlate(np.ones((3, 5)), np.ones((2, 2))).shape), "(2, 4)"),
    claim("so the answer should be 0.33", f"{correlate(FRAME, np.full((3, 3), 1 / 9))[0, 0]:.2f}", "0.33"),
    claim("10 − 20 wraps around to 246", str((10 - 20) % 256), "246"),
    claim("it counts once for each channel: 3 instead of 1", str(sum(1 for _ in range(3))), "3"),
]


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_what_the_lesson_states_is_so(words, computed, expected):
    assert computed == expected


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_what_is_recomputed_stands_in_the_lesson(words, computed, expected):
    assert MASTER.stated(words)


def test_no_number_in_the_prose_goes_unchecked():
    harmless = {"255", "0.5", "180", "100", "5,000", "144"}  # 8 bits, a mean, half a turn, Hz, a photograph's side
    assert unclaimed(MASTER, CLAIMS, harmless) == []


def test_a_changed_number_would_be_noticed():
    assert not MASTER.stated("is 150,529 inputs")
    assert unclaimed(MASTER, CLAIMS[:0])


def test_one_kernel_runs_on_every_size():
    for shape in ((5, 5), (96, 144), (48, 64)):
        assert correlate(np.zeros(shape), EDGE).shape == (shape[0] - 2, shape[1] - 2)


def test_a_shift_of_the_picture_shifts_the_answer_but_for_the_border():
    """A kernel that reaches far has it, too: sharing is enough."""
    picture, kernel = np.random.default_rng(0).normal(size=(9, 14)), np.random.default_rng(1).normal(size=(9, 9))
    shifted = np.roll(picture, 2, axis=1)
    before, after = correlate(picture, kernel), correlate(shifted, kernel)
    np.testing.assert_allclose(after[:, 2:], before[:, :-2])
    assert not np.allclose(after[:, :2], np.roll(before, 2, axis=1)[:, :2])


def test_learned_kernels_make_the_flip_irrelevant():
    photo = np.random.default_rng(0).normal(size=(7, 9))
    np.testing.assert_allclose(convolve(photo, NINE[::-1, ::-1]), correlate(photo, NINE))


def test_sobel_is_learned_exactly_and_turned_from_a_convolution():
    for make, kernel in ((correlate, SOBEL), (convolve, SOBEL[::-1, ::-1])):
        np.testing.assert_allclose(ORACLE["learn_kernel"](PICTURE, make(PICTURE, SOBEL), 3, 3), kernel, atol=1e-9)


def test_the_matrix_is_the_convolution_holds_nine_numbers_nine_times_and_does_not_mind_another_order_of_pixels():
    picture, order = np.random.default_rng(0).normal(size=25), np.random.default_rng(1).permutation(25)
    np.testing.assert_allclose(MATRIX @ picture, correlate(picture.reshape(5, 5), NINE).ravel())
    assert [int(np.sum(weight == MATRIX)) for weight in range(1, 10)] == [9] * 9
    np.testing.assert_allclose(MATRIX[:, order] @ picture[order], MATRIX @ picture)


def test_edge_kernels_add_up_to_0_and_those_that_keep_brightness_to_1():
    from cnnlab.figures.photos import FILTERS

    sums = {name: kernel.sum() for name, kernel in FILTERS.items()}
    keeps = {"blur", "sharpen"}
    assert all(np.isclose(total, name in keeps) for name, total in sums.items())


def test_the_examples_that_the_lesson_names_are_in_the_explorer():
    from cnnlab.widgets.choices import EXAMPLES

    for name in ("An edge in the 5 × 5 frame", "One patch, by hand"):
        assert MASTER.stated(name)
        assert name in EXAMPLES


def test_the_frame_of_the_filter_bank_is_the_sixth_of_the_eight():
    (source,) = [source for tags, source in MASTER.cells if tags.get("figure") == "filter-bank"]
    seed = int(re.search(r"camera_frame\((\d+), size=\(72, 96\)\)", source)[1])
    images, labels = camera_frames(7, seed=0, size=16)
    assert (images[6] == camera_frame(seed, size=16)).all()
    assert labels[6] == 1
