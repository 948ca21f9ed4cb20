"""Every number that lesson 02 states, computed again; the words are looked up in the master, so they cannot drift."""

import numpy as np
import pytest

from cnnlab import check
from cnnlab.figures.taps import stops, usage, ways
from tests.lessons.claims import claim, count, unclaimed
from tests.lessons.master import read

MASTER = read("02_padding_stride")
ORACLE = {e.name: e.oracle for e in check.exercises("02")}
size, same, left = (ORACLE[name] for name in ("output_size", "same_padding", "shrink_after"))
padded, conv2d = ORACLE["pad2d"], ORACLE["conv2d"]


def parameters(k, c_in, c_out):
    return count((k * k * c_in + 1) * c_out)


def used(rates):
    return int((ways(rates) > 0).sum())


LAYERS = [(3, 3, 16), (3, 3, 64), (7, 3, 64), (3, 32, 64), (3, 64, 128), (3, 512, 512)]
SHAPES = [conv2d(np.zeros((1, 1, 96, 144)), np.zeros((1, 1, 3, 3)), None, s, 1).shape[2:] for s in (1, 2, 4)]
UNPADDED, PADDED = usage((6, 6), 3), usage((6, 6), 3, 1)


def rim(stride, rows=96, padding=1):
    """Where the last stop of a 3 × 3 kernel begins and ends, in rows of the photograph."""
    begins = stops(rows + 2 * padding, 3, stride=stride)[-1][0] - padding
    return f"begins at row {begins} and ends at row {begins + 2}"


CLAIMS = [
    # C1: the size, one effect at a time
    claim("Numbers: 7 − 3 + 1 = 5.", str(size(7, 3)), "5"),
    claim("The last start is 7 − 3 = 4", str(stops(7, 3)[-1][0]), "4"),
    claim("one start: 7 − 7 + 1 = 1", str(size(7, 7)), "1"),
    claim("5 + 2·1 − 3 + 1 = 5", str(size(5, 3, 1)), "5"),
    claim("Eight pixels have 8 − 3 + 1 = 6 starts", str(size(8, 3)), "6"),
    claim("5/2 = 2.5, and half a jump is none: 2", str(5 / 2), "2.5"),
    claim("One more for start 0 itself, which needs no jump: 3.", str(size(8, 3, 0, 2)), "3"),
    claim("28 stays 28.", str(size(28, 3, 1, 1)), "28"),
    claim("| 28 | 3 | 1 | 1 | a digit", str(size(28, 3, 1, 1)), "28"),
    claim("224 becomes 112, both times", str(size(224, 3, 1, 2)), "112"),
    claim("| 224 | 3 | 1 | 2 |", str(2 * size(224, 3, 1, 2)), "224"),
    claim("| 224 | 7 | 3 | 2 |", str(2 * size(224, 7, 3, 2)), "224"),
    claim("(224 + 2 − 3)/2 = 111.5, rounded down 111", str((224 + 2 * 1 - 3) / 2), "111.5"),
    claim("(224 + 2 − 3)/2 = 111.5, rounded down 111, plus 1", str(size(224, 3, 1, 2) - 1), "111"),
    claim("227 becomes (227 − 11)/4 + 1 = 55", str(size(227, 11, 0, 4)), "55"),
    claim("| 227 | 11 | 0 | 4 |", str(4 * (size(227, 11, stride=4) - 1) + 11), "227"),
    # C2, C3: same padding; what is lost without
    claim("For a kernel of 3, 5 or 7 it is 1, 2 or 3", "{}, {} or {}".format(*map(same, (3, 5, 7))), "1, 2 or 3"),
    claim("so 20 of them take 40: 224 becomes 184", str(left(224, 3, 20)), "184"),
    claim("20 of them take 40", str(224 - left(224, 3, 20)), "40"),
    claim("20 pixels on each side", str((224 - left(224, 3, 20)) // 2), "20"),
    claim("Nested squares to scale: 224 pixels a side at the start, 214 after 5 layers", str(left(224, 3, 5)), "214"),
    claim("204 after 10, 194 after 15", str(left(224, 3, 10)), "204"),
    claim("204 after 10, 194 after 15, 184 after 20", str(left(224, 3, 15)), "194"),
    claim("the corner is read 1 time and the middle 9 times", str(UNPADDED[0, 0]), "1"),
    claim("the middle 9 times", str(UNPADDED[3, 3]), "9"),
    claim("With padding 1 the corner is read 4 times", str(PADDED[0, 0]), "4"),
    # C4: stride and dilation
    claim("3,456 of 13,824 positions, a quarter", count(np.prod(SHAPES[1])), "3,456"),
    claim("3,456 of 13,824 positions, a quarter", count(np.prod(SHAPES[0])), "13,824"),
    claim("From 96×144 stride 2 leaves 48×72", "{}×{}".format(*SHAPES[1]), "48×72"),
    claim("From 96×144 stride 2 leaves 48×72", "{}×{}".format(*SHAPES[0]), "96×144"),
    claim("At stride 4 it is 24×36, one sixteenth", "{}×{}".format(*SHAPES[2]), "24×36"),
    claim("For *K* = 3, *d* = 2 covers 5", str(stops(20, 3, dilation=2)[0][-1] + 1), "5"),
    claim("*d* = 4 covers 9: nine pixels wide", str(stops(20, 3, dilation=4)[0][-1] + 1), "9"),
    claim("Rates 2, 2, 2 see a field of 13 pixels and use only 7 of them", str(len(ways((2, 2, 2)))), "13"),
    claim("use only 7 of them", str(used((2, 2, 2))), "7"),
    claim("Rates 1, 2, 4 see 15 pixels, and use them all", str(used((1, 2, 4))), "15"),
    claim("Rates 2, 2, 2 use 49 of the 169 pixels", str(len(ways((2, 2, 2))) ** 2), "169"),
    claim("Rates 2, 2, 2 use 49 of the 169 pixels", str(used((2, 2, 2)) ** 2), "49"),
    claim("a grid of separate points, 49 of 169 pixels", str(used((2, 2, 2)) ** 2), "49"),
    claim("Rates 1, 2, 4 use all 225", str(used((1, 2, 4)) ** 2), "225"),
    claim("27 in a row, 27·27 = 729 in a picture", str(used((1, 3, 9)) ** 2), "729"),
    claim("3·3·3 = 27 ways", str(ways((1, 3, 9)).sum()), "27"),
    claim("Rates 1, 2, 4 see 15 pixels and could see 27", str(3**3), "27"),
    claim("27·27 = 729 weights against 13·9 = 117 against 3·9 = 27", str(13 * 9), "117"),
    claim("thirteen ordinary 3×3 layers", str({13: "thirteen"}[(27 - 1) // 2]), "thirteen"),
    claim("up to 512", str(2**9), "512"),
    # C5: parameters
    *(claim(f"| {k}×{k}, {a} → {b} | {parameters(k, a, b)} |", parameters(k, a, b), parameters(k, a, b))
      for k, a, b in LAYERS),
    claim("| 3×3, 512 → 512 | 2,359,808 |", parameters(3, 512, 512), "2,359,808"),
    claim("| 3×3, 64 → 128 | 73,856 |", parameters(3, 64, 128), "73,856"),
    claim("| 3×3, 3 → 16 | 448 |", parameters(3, 3, 16), "448"),
    claim("(9·32 + 1)·64 = 289·64 = 18,496", str(9 * 32 + 1), "289"),
    claim("(9·32 + 1)·64 = 289·64 = 18,496", parameters(3, 32, 64), "18,496"),
    # bugs
    claim("gives (2, 3, 6, 6)", str(padded(np.ones((2, 3, 4, 4)), 1).shape), "(2, 3, 6, 6)"),
    claim("(8 − 3)//2 + 1 = 3", str(size(8, 3, stride=2)), "3"),
    claim("2.5 to 2, but 3.5 to 4", f"{(8 - 3) / 2} to {round(2.5)}", "2.5 to 2"),
    claim("2.5 to 2, but 3.5 to 4", f"{(10 - 3) / 2} to {round(3.5)}", "3.5 to 4"),
    claim("it is one pixel too much: 29", str(size(28, 4, 2)), "29"),
    claim("at row −1. The last one need not: with stride 2 it begins at row 93 and ends at row 95",
          rim(2), "begins at row 93 and ends at row 95"),
    claim("With stride 4 it ends at row 93", f"ends at row {rim(4)[-2:]}", "ends at row 93"),
    claim("Right is 1, 5, 9.", ", ".join(map(str, np.convolve(np.arange(6), [1, 1], "valid")[::2])), "1, 5, 9"),
    claim("gives 0, 2, 4", ", ".join(map(str, np.arange(7)[0 : 2 * (3 - 1) + 1 : 2])), "0, 2, 4"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_what_the_lesson_states_is_so(words, computed, expected):
    assert computed == expected


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_what_is_recomputed_stands_in_the_lesson(words, computed, expected):
    assert MASTER.stated(words)


def test_no_number_in_the_prose_goes_unchecked():
    assert unclaimed(MASTER, CLAIMS, {"16,000"}) == []  # how often sound is sampled


def test_a_changed_number_would_be_noticed():
    assert not MASTER.stated("2,359,809")
    assert unclaimed(MASTER, CLAIMS[:0])


def test_no_fourth_start_fits_into_eight_pixels_at_stride_2():
    assert [taps[0] for taps in stops(8, 3, stride=2)] == [0, 2, 4]
    assert all(7 not in taps for taps in stops(8, 3, stride=2))


def test_the_padding_is_read_all_around_at_stride_1_only():
    for stride, sides in ((1, {"top", "left", "bottom", "right"}), (2, {"top", "left"}), (4, {"top", "left"})):
        dark = conv2d(np.ones((1, 1, 96, 144)), np.full((1, 1, 3, 3), 1 / 9), None, stride, 1)[0, 0] < 0.9
        rims = {"top": dark[0], "bottom": dark[-1], "left": dark[:, 0], "right": dark[:, -1]}
        assert {side for side, rim in rims.items() if rim.all()} == sides


@pytest.mark.slow
def test_pytorch_keeps_the_size_under_an_even_kernel_with_one_zero_before_and_two_behind():
    torch = pytest.importorskip("torch")
    layer = torch.nn.Conv2d(1, 1, 4, padding="same", bias=False)
    digit = torch.rand(1, 1, 28, 28)
    by_hand = torch.nn.functional.conv2d(torch.nn.functional.pad(digit, (1, 2, 1, 2)), layer.weight)
    torch.testing.assert_close(layer(digit), by_hand)
    assert by_hand.shape == (1, 1, 28, 28)


def test_equal_rates_reach_even_pixels_only():
    assert {place % 2 for place in np.flatnonzero(ways((2, 2, 2)))} == {0}


@pytest.mark.parametrize("rates", [(1, 2, 5), (1, 3, 9), (1, 2, 4, 8)])
def test_the_schedules_that_the_lesson_calls_full_are(rates):
    assert used(rates) == len(ways(rates))
    assert ways(rates).tolist() == ways(rates[::-1]).tolist()


def test_stride_2_is_every_second_output_of_stride_1():
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(1, 2, 8, 7)), rng.normal(size=(3, 2, 3, 3))
    np.testing.assert_allclose(conv2d(x, weight, None, 2), conv2d(x, weight, None, 1)[:, :, ::2, ::2])


@pytest.mark.slow
def test_the_oracle_agrees_with_torch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    x, weight, bias = rng.normal(size=(2, 3, 9, 8)), rng.normal(size=(4, 3, 3, 2)), rng.normal(size=4)
    for stride, padding, dilation in ((1, 0, 1), ((2, 1), (1, 2), 1), (3, 2, (2, 3))):
        theirs = torch.nn.functional.conv2d(*map(torch.tensor, (x, weight, bias)), stride, padding, dilation)
        np.testing.assert_allclose(conv2d(x, weight, bias, stride, padding, dilation), theirs.numpy(), atol=1e-10)
