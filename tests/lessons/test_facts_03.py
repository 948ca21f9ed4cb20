"""Every number that lesson 03 states, computed again; the words are looked up in the master, so they cannot drift."""

import numpy as np
import pytest

from cnnlab import check
from cnnlab.built.lesson_02 import conv2d
from cnnlab.data import camera_frame, photograph
from tests.lessons.claims import claim, count, unclaimed
from tests.lessons.master import read

MASTER = read("03_pooling")
ORACLE = {e.name: e.oracle for e in check.exercises("03")}
relu, leaky, sigmoid, collapse = (ORACLE[name] for name in ("relu", "leaky_relu", "sigmoid", "collapse"))
largest, mean, of_all = (ORACLE[name] for name in ("max_pool2d", "avg_pool2d", "global_avg_pool"))
invariant, equivariant = ORACLE["invariance_gap"], ORACLE["equivariance_gap"]

EDGE = np.tile([-1, 0, 1], (3, 1))[None, None]
PHOTO = photograph("china", size=(96, 144), grey=True) / 255
EDGES = conv2d(PHOTO[None, None], EDGE)
MAP = relu(EDGES)
WINDOW = np.array([[[[0.1, 0.3], [2.8, 0.5]]]])
FOUR = np.array([[1, 3, 0, 2], [4, 2, 1, 0], [0, 1, 5, 6], [2, 0, 7, 1]])[None, None]
FIVE = np.array([[1, 3, 0, 2, 1], [4, 2, 1, 0, 0], [0, 1, 5, 6, 2], [2, 0, 7, 1, 3], [1, 1, 0, 2, 0]])[None, None]
X = np.array([1, 2, 3, 4])
ROW = np.array([1.0, -1.0])[None, None, None]


def size(side, window, stride):
    return largest(np.zeros((1, 1, side, side)), window, stride).shape[-1]


def gaps(layer):
    return [f"{gap(layer, MAP):.2f}" for gap in (invariant, equivariant)]


def minus(value, digits=2):
    return f"{value:.{digits}f}".replace("-", "−")


def conv_parameters(c_in, c_out, k):
    return (k * k * c_in + 1) * c_out


def vgg_16():
    widths = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    convs = sum(conv_parameters(a, b, 3) for a, b in zip([3, *widths], widths, strict=False))
    return convs + sum((a + 1) * b for a, b in ((25_088, 4096), (4096, 4096), (4096, 1000)))


CONV, RELU = gaps(lambda x: conv2d(x, EDGE)), gaps(relu)
POOLS = [gaps(lambda x, k=k: largest(x, k)) for k in (2, 4, 8)]
AVERAGE, WHOLE = gaps(lambda x: mean(x, 2)), gaps(lambda x: mean(x, x.shape[2:]))
STRIDED = gaps(lambda x: conv2d(x, EDGE, stride=2))
ONE_ROW = collapse(np.pad(ROW, ((0, 0), (0, 0), (0, 1), (0, 0))), np.array([[[[1.0, 1.0], [0.0, 0.0]]]]))[0, 0, 0]

CLAIMS = [
    # D1: activations
    claim("−3 becomes 0, 0 stays 0, 2.5 stays 2.5", str(relu(np.array([-3, 0, 2.5]))[2]), "2.5"),
    claim("Before, 4% of the numbers were 0; now 38% are.", f"{np.mean(EDGES == 0):.0%}", "4%"),
    claim("now 38% are", f"{np.mean(MAP == 0):.0%}", "38%"),
    claim("With α = 0.01, 5 stays 5, and −5 becomes −0.05", minus(leaky(np.array(-5.0))), "−0.05"),
    claim("−1 with a slope of 0.25 is −0.25", minus(leaky(np.array(-1), 0.25)), "−0.25"),
    claim("by a small *slope* α, often 0.01", str(leaky.__defaults__[0]), "0.01"),
    claim("Put 0 in: 1/(1 + 1) = 0.5.", f"{sigmoid(0):.1f}", "0.5"),
    claim("A score of 2 becomes 0.88, a score of −2 becomes 0.12", f"{sigmoid(2):.2f}", "0.88"),
    claim("a score of −2 becomes 0.12", f"{sigmoid(-2):.2f}", "0.12"),
    claim(
        "The sigmoid is never steeper than 0.25",
        f"{np.gradient(sigmoid(S := np.arange(-9, 9, 1e-3)), S).max():.2f}",
        "0.25",
    ),
    claim("0.25·0.25·… = 0.00000095 of a move, about a millionth", f"{0.25**10:.8f}", "0.00000095"),
    claim("sigmoid, an S from 0 to 1 whose slope is at most 0.25", f"{0.5 * 0.5}", "0.25"),
    claim("the same with a slope of 0.1 below zero", minus(-leaky(np.array(-1.0), 0.1), 1), "0.1"),
    # D1: the collapse
    claim(
        "That is what the *single* kernel [1, 0, −1] computes.",
        str([int(v) for v in ONE_ROW]).replace("-", "−"),
        "[1, 0, −1]",
    ),
    claim("k1 + k2 − 1 wide: 2 + 2 − 1 = 3", str(len(ONE_ROW)), "3"),
    claim("36 + 36 = 72 weights", str(4 * 9 + 4 * 9), "72"),
    claim("Your one kernel has only 25.", str(collapse(np.zeros((4, 1, 3, 3)), np.zeros((1, 4, 3, 3))).size), "25"),
    claim("one kernel of 21×21 (3 + 9·2)", "{0}×{0}".format(3 + 9 * 2), "21×21"),
    claim("since its 90 weights reach only some of the kernels that 441 weights can be", str(21 * 21), "441"),
    # D2, C6: pooling
    claim("For the four numbers 0.1, 0.3, 2.8 and 0.5 that is 2.8", str(largest(WINDOW, 2).item()), "2.8"),
    claim("The window with 0.1, 0.3, 2.8 and 0.5 gives 3.7/4 = 0.925", f"{mean(WINDOW, 2).item():.3f}", "0.925"),
    claim("gives 3.7/4 = 0.925", f"{WINDOW.sum():.1f}", "3.7"),
    claim("the largest: 4, 2, 2, 7", ", ".join(map(str, largest(FOUR, 2).ravel())), "4, 2, 2, 7"),
    claim(
        "the mean: 2.50, 0.75, 0.75, 4.75",
        ", ".join(f"{v:.2f}" for v in mean(FOUR, 2).ravel()),
        "2.50, 0.75, 0.75, 4.75",
    ),
    claim("(14 − 2)/2 + 1 = 7", str(size(14, 2, 2)), "7"),
    claim("From 196 numbers 49 are left, 25% of them", count(14 * 14), "196"),
    claim("49 are left, 25% of them", f"{7 * 7 / (14 * 14):.0%}", "25%"),
    claim("(5 − 2)/2 is 1.5, rounded down 1, plus 1 is 2", str((5 - 2) / 2), "1.5"),
    claim("plus 1 is 2", str(size(5, 2, 2)), "2"),
    claim("55 becomes (55 − 3)/2 + 1 = 27", str(size(55, 3, 2)), "27"),
    claim("the answers are 5, 6, 7 and 7", "{}, {}, {} and {}".format(*largest(FIVE, 3, 2).ravel()), "5, 6, 7 and 7"),
    # A4: two gaps
    claim("every number differs by 1, and the mean of |f(x)| is 2.5", str(np.mean(np.abs(X))), "2.5"),
    claim("The gap is 1/2.5 = 0.4.", f"{invariant(lambda x: x, X):.1f}", "0.4"),
    claim("S f(x) = [0, 1, 2, 3]. The gap is 0.", f"{equivariant(lambda x: x, X):.0f}", "0"),
    claim("Its orange bar is 0.01 and not 0.00 only because", CONV[1], "0.01"),
    claim("so it moves along perfectly: 0.00", RELU[1], "0.00"),
    claim("the gap falls from 1.08 without pooling", RELU[0], "1.08"),
    claim(
        "to 0.55, 0.21 and 0.10, the larger the windows",
        "{}, {} and {}".format(*(p[0] for p in POOLS)),
        "0.55, 0.21 and 0.10",
    ),
    claim(
        "invariance gap 0.55, 0.21, 0.10, equivariance gap about 0.6",
        "{}, {}, {}".format(*(p[0] for p in POOLS)),
        "0.55, 0.21, 0.10",
    ),
    claim("equivariance gap about 0.6", f"{float(POOLS[0][1]):.1f}", "0.6"),
    claim("Average pooling of 2: 0.69 and 0.75", " and ".join(AVERAGE), "0.69 and 0.75"),
    claim("Average pooling of the whole map: invariance gap 0.01", WHOLE[0], "0.01"),
    claim("hardly notices at all: 0.01", WHOLE[0], "0.01"),
    # D3, D4: heads and ways to make a map smaller
    claim("a 3×3 convolution with stride 2 has 36,928 parameters", count(conv_parameters(64, 64, 3)), "36,928"),
    claim("7·7·512 = 25,088 numbers", count(7 * 7 * 512), "25,088"),
    claim("7·7·512·4096 = 102,760,448 weights", count(7 * 7 * 512 * 4096), "102,760,448"),
    claim("a dense layer with 4,096 units on top", count(2**12), "4,096"),
    claim("of the 138 million that the whole network has", f"{vgg_16() / 1e6:.0f} million", "138 million"),
    claim("Over 70%.", "70%" if 0.7 * vgg_16() < 7 * 7 * 512 * 4096 else "less", "70%"),
    claim("512·1000 = 512,000 weights, about 200 times fewer", count(512 * 1000), "512,000"),
    claim("about 200 times fewer", str(round(7 * 7 * 512 * 4096 / 512_000, -1))[:3], "200"),
    claim("(8, 512, 7, 7) becomes (8, 512)", str(of_all(np.zeros((8, 512, 7, 7))).shape), "(8, 512)"),
    claim(
        "maps of 7×7 and maps of 14×14 both become (8, 512)", str(of_all(np.zeros((8, 512, 14, 14))).shape), "(8, 512)"
    ),
    claim("has 512·2 + 2 = 1,026 parameters", count(512 * 2 + 2), "1,026"),
    claim("a head for two classes, with its biases, 1,026", count((512 + 1) * 2), "1,026"),
    # bugs
    claim("The right answer is −2.", minus(np.max([-5, -2, -7, -3]), 0), "−2"),
    claim("so no probability is below 0.5", f"{sigmoid(relu(np.array(-4.0))):.1f}", "0.5"),
    claim(
        "is the second one, 5, 7, 13, 15",
        ", ".join(map(str, largest(np.arange(16).reshape(1, 1, 4, 4), 2).ravel())),
        "5, 7, 13, 15",
    ),
    claim("a single blur with a kernel of 7×7", "{0}×{0}".format(3 + 2 + 2), "7×7"),
]


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_what_the_lesson_states_is_so(words, computed, expected):
    assert computed == expected


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_what_is_recomputed_stands_in_the_lesson(words, computed, expected):
    assert MASTER.stated(words)


def test_no_number_in_the_prose_goes_unchecked():
    harmless = {"1000", "300", "1,000", "0.0"}  # far out on the number line, 10 to the −300, classes, a gap
    assert unclaimed(MASTER, CLAIMS, harmless) == []


def test_a_changed_number_would_be_noticed():
    assert not MASTER.stated("102,760,449")
    assert unclaimed(MASTER, CLAIMS[:0])


def test_the_order_of_the_measured_layers_is_as_told():
    assert float(CONV[0]) > 1
    assert min(map(float, STRIDED)) > 1
    assert float(POOLS[0][0]) > float(POOLS[1][0]) > float(POOLS[2][0]) > float(WHOLE[0])


def test_windows_of_2_follow_a_step_of_2_pixels():
    row = np.array([[[[0, 0, 5, 1, 0, 3, 0, 0]] * 2]])
    moved = np.array([[[[0, 0, 0, 0, 5, 1, 0, 3]] * 2]])
    assert largest(moved, 2)[..., 1:].tolist() == largest(row, 2)[..., :-1].tolist()


def test_two_layers_are_one_on_the_photograph_and_a_relu_between_them_matters():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(4, 1, 3, 3)), rng.normal(size=(1, 4, 3, 3))
    middle = conv2d(PHOTO[None, None], first)
    two = conv2d(middle, second)
    np.testing.assert_allclose(conv2d(PHOTO[None, None], collapse(first, second)), two, atol=1e-12)
    assert np.abs(conv2d(relu(middle), second) - two).max() > 0.1


def test_the_units_that_the_lesson_kills_are_dead_and_the_others_alive():
    filters = np.random.default_rng(0).normal(size=(6, 1, 3, 3))
    filters -= filters.mean(axis=(2, 3), keepdims=True)
    for dropped, dead in ((np.zeros(6), []), (np.array([0, 0, 3, 0, 0, 3]), [2, 5])):
        alive = (conv2d(PHOTO[None, None], filters, -dropped)[0] > 0).mean(axis=(1, 2))
        assert [k for k in range(6) if alive[k] == 0] == dead


def test_a_bias_that_goes_through_the_second_layer_is_a_bias_again():
    rng = np.random.default_rng(1)
    first, second, b1, b2 = (
        rng.normal(size=(3, 2, 3, 3)),
        rng.normal(size=(2, 3, 2, 2)),
        rng.normal(size=3),
        rng.normal(size=2),
    )
    x = rng.normal(size=(1, 2, 7, 8))
    one_bias = second.sum(axis=(2, 3)) @ b1 + b2
    np.testing.assert_allclose(
        conv2d(conv2d(x, first, b1), second, b2), conv2d(x, collapse(first, second), one_bias), atol=1e-12
    )


def test_the_person_is_still_the_brightest_thing_after_pooling():
    how = {"colour": False, "height": 0.7, "noise": False}
    with_person, without = (camera_frame(2, x=0.4, person=p, **how) / 255 for p in (True, False))
    edges = [relu(conv2d(frame[None, None], EDGE)) for frame in (with_person, without)]
    changed = np.abs(edges[0] - edges[1]) > 0.1
    for k in (1, 2, 4, 8):
        at = np.unravel_index(largest(edges[0], k).argmax(), largest(edges[0], k).shape)
        assert largest(changed.astype(int), k)[at]
