"""Every number that lesson 09 states, computed again; the words are looked up in the master, so they cannot drift."""

import re
from pathlib import Path

import pytest

from cnnlab.check import exercises
from tests.lessons.claims import claim, count, in_code, unclaimed
from tests.lessons.master import read

MASTER = read("09_cifar10")


def conv(before, after, kernel=3, bias=1):
    return (kernel * kernel * before + bias) * after


def dense(before, after):
    return (before + 1) * after


def block(before, after):
    """A residual block: two convolutions without bias, two batch norms, and a projection where shapes differ."""
    body = conv(before, after, bias=0) + conv(after, after, bias=0) + 4 * after
    return body + (conv(before, after, 1, bias=0) + 2 * after if before != after else 0)


def error(count, share=0.7):
    """How far a share of so many pictures is off, as a standard deviation."""
    return (share * (1 - share) / count) ** 0.5


PARTS = [conv(3, 32), 2 * 32, conv(32, 64), 2 * 64, dense(64 * 8 * 8, 128), dense(128, 10)]
RESIDUAL = (
    conv(3, 32, bias=0)
    + 2 * 32
    + sum(block(*pair) for pair in [(32, 32), (32, 32), (32, 64), (64, 64), (64, 128), (128, 128)])
    + dense(128, 10)
)
TABLE = (Path(__file__).parents[2] / "docs" / "lesson_09.md").read_text(encoding="utf-8")
GAINED = [float(points) for points in re.findall(r"^\| \d .*\| ([+-][\d.]+) \|$", TABLE, re.MULTILINE)]
_, BY_HEART, _, CURED = re.search(r"\*\*mean\*\* (.*)", TABLE)[1].replace("*", "").strip("| ").split(" | ")[:4]
MEAN = re.search(r"\*\*mean\*\*.* \*\*\+([\d.]+)\*\* \|", TABLE)[1]
LADDERS = (Path(__file__).parents[2] / "docs" / "ladders.md").read_text(encoding="utf-8")
EPOCHS, LONG_WAY, MINUTES = re.search(
    r"^\| (\d+) \| the same: lesson 09's cell .*\| (\S+) \| (\d+) \|$", LADDERS, re.M
).groups()
CLAIMS = [
    claim("had 94.2% of the test pictures right", LONG_WAY, "94.2%"),
    claim("eighteen epochs took 52 minutes", MINUTES, "52"),
    claim("This cell's eighteen epochs", {"18": "eighteen"}[EPOCHS], "eighteen"),
    claim("gained 6.5 to 10.8 points", str(min(GAINED)), "6.5"),
    claim("gained 6.5 to 10.8 points", str(max(GAINED)), "10.8"),
    claim("points, 7.7 in the mean", MEAN, "7.7"),
    claim("from 44.0% to 51.6% of the pictures kept back", BY_HEART, "44.0%"),
    claim("from 44.0% to 51.6% of the pictures kept back", CURED, "51.6%"),
    claim("32 filters, padding 1 | 32×32×32 | 896 |", str(PARTS[0]), "896"),
    claim("| 64×16×16 | 18,496 |", count(PARTS[2]), "18,496"),
    claim("| 64×8×8 | 128 |", str(PARTS[3]), "128"),
    claim("| flatten | 4,096 | |", count(64 * 8 * 8), "4,096"),
    claim("| dense, 128; ReLU; dropout ½ | 128 | 524,416 |", count(PARTS[4]), "524,416"),
    claim("| dense, 10: the logits | 10 | 1,290 |", count(PARTS[5]), "1,290"),
    claim("545,290 parameters in all", count(sum(PARTS)), "545,290"),
    claim("960 of its 545,290 numbers are no longer learned", str(PARTS[0] + PARTS[1]), "960"),
    claim("find the 16 directions in which they vary most", str(32 // 2), "16"),
    claim("With a width of 32 that is 696,618 parameters", count(RESIDUAL), "696,618"),
    claim("All 50,000 pictures are 154 MB as bytes", f"{50_000 * 3 * 32 * 32 / 1e6:.0f} MB", "154 MB"),
    claim("500 pictures are few", in_code(MASTER, r"few = images\[:(\d+)\]"), "500"),
    claim("among 1,000 pictures that were kept back", in_code(MASTER, r"judges = kept_images\[:(\d+)\]"), "1,000"),
    claim("of 5,000 with *p* = 0.7 that is 0.6 points", f"{100 * error(5_000):.1f}", "0.6"),
    claim("is 0.6 points, of 10,000 0.5", f"{100 * error(10_000):.1f}", "0.5"),
]
MEASURED = [
    *("0.4914", "0.2470", "0.4822", "0.2435", "0.4465", "0.2616"),  # CIFAR-10's, tested below against the ladder's
    *("170", "3.29", "2.59", "2024"),  # the size of the download; a report, and its year
    *("60,000", "50,000", "10,000"),  # CIFAR-10's size
    *("0.3", "255", "0.5", "0.7", "512"),  # a default, the range of a byte, a share to reckon with, AVX-512
]


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_the_number_is_computed_again(words, computed, expected):
    assert computed == expected
    assert MASTER.stated(words)


def test_no_number_is_stated_without_a_claim():
    assert unclaimed(MASTER, CLAIMS, MEASURED) == []


def test_the_networks_have_as_many_parameters_as_the_text_says():
    pytest.importorskip("torch")
    from cnnlab.built.lesson_09 import build_residual_net, build_small_cnn

    for build, said in ((build_small_cnn, sum(PARTS)), (build_residual_net, RESIDUAL)):
        assert sum(p.numel() for p in build().parameters()) == said


def test_mean_and_deviation_are_those_that_the_ladder_uses():
    pytest.importorskip("torch")
    from cnnlab.ladder.cifar10 import MEAN, STD

    for colour, mean, deviation in zip(("red", "green", "blue"), MEAN, STD, strict=True):
        assert MASTER.stated(f"{colour} {mean:.4f} and {deviation:.4f}")


@pytest.mark.slow
def test_mean_and_deviation_are_those_of_the_pictures():
    from cnnlab.data import cifar10
    from cnnlab.data.unavailable import DataTrouble
    from cnnlab.ladder.cifar10 import MEAN, STD

    try:
        train, _ = cifar10(download=False)
    except DataTrouble as trouble:
        pytest.skip(f"CIFAR-10 is not here: {trouble}")
    values = train.images.transpose(1, 0, 2, 3).reshape(3, -1) / 255
    assert values.mean(axis=1) == pytest.approx(MEAN, abs=5e-5)
    assert values.std(axis=1) == pytest.approx(STD, abs=5e-5)


def test_a_wide_residual_net_costs_nearly_twenty_times_the_arithmetic():
    small = 32 * 32 * 27 * 32 + 16 * 16 * 9 * 32 * 64 + 4096 * 128 + 1280
    stages = [(32, 32, 32), (16, 32, 64), (8, 64, 128)]
    wide = 32 * 32 * 27 * 32 + 1280
    for side, before, after in stages:
        wide += side * side * (9 * before * after + 3 * 9 * after * after + (before != after) * before * after)
    assert 17 < wide / small < 20


def test_the_cure_cures():
    assert len(GAINED) == 5
    assert sum(points >= 5 for points in GAINED) >= 4


def test_as_long_as_the_text_says():
    assert in_code(MASTER, r"SECONDS = (\d+)\n") == "20"
    assert in_code(MASTER, r"device, seconds=(\d+), looks") == "15"
    assert in_code(MASTER, r"device, seconds=(\d+), yours") == "5"
    assert in_code(MASTER, r"EPOCHS = (\d+)\n") == "40"
    for words in ("for twenty seconds", "for fifteen seconds", "Five seconds", "forty times over all"):
        assert MASTER.stated(words)


def test_the_test_pictures_are_looked_at_in_one_cell():
    looks = [s for _, s in MASTER.cells if re.search(r"\b(test|test_images)\b", s) and "fallback" not in s]
    assert len(looks) == 1
    assert "networks.items()" in looks[0]


def test_points_are_those_of_the_course():
    assert sum(part.points for exercise in exercises("09") for part in exercise.parts) == 18
