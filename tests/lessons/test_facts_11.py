"""Every number that lesson 11 states, computed again; the words are looked up in the master, so they cannot drift."""

import re
from pathlib import Path

import pytest

from cnnlab.check import exercises
from cnnlab.layers import Conv, Dense, Flatten, Pool
from tests.lessons.claims import claim, count, in_code, unclaimed
from tests.lessons.master import read

REPOSITORY = Path(__file__).parents[2]
MASTER = read("11_architectures")


def vgg16():
    blocks = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
    layers = [layer for depth, maps in blocks for layer in [*[Conv(maps, 3, padding=1)] * depth, Pool(2, 2)]]
    return [*layers, Flatten(), Dense(4096), Dense(4096), Dense(1000)]


def counted(layers, shape):
    from cnnlab.built.lesson_06 import parameters

    return parameters(layers, shape)


def sides():
    from cnnlab.built.lesson_06 import trace

    found = [shape[1] for shape in trace(vgg16()[:-4], (3, 224, 224))]
    return " → ".join(str(side) for side in dict.fromkeys(found))


VGG = counted(vgg16(), (3, 224, 224))
ALEXNET = 62_378_344  # lesson 06's
FLAT = 7 * 7 * 512 * 4096
MINI = (27 + 1) * 16 + (9 * 16 + 1) * 32 + (32 * 56 * 56 + 1) * 10
CLAIMS = [
    claim("The original AlexNet has 62.4 million parameters", f"{ALEXNET / 1e6:.1f}", "62.4"),
    claim("VGG-16 has 138.4 million", f"{sum(VGG) / 1e6:.1f}", "138.4"),
    claim("VGG-16 halves its maps five times, 224 → 112 → 56 → 28 → 14 → 7", sides(), "224 → 112 → 56 → 28 → 14 → 7"),
    claim("7·7·512·4,096 = 102,760,448 weights", count(FLAT), "102,760,448"),
    claim("a dense layer to 1,000 classes has 512,000 weights", count(512 * 1000), "512,000"),
    claim("about 200 times fewer", f"{FLAT / 512_000:.0f}"[:1] + "00", "200"),
    claim("it is 512·2 + 2 = 1,026 numbers with the biases", count(512 * 2 + 2), "1,026"),
    claim("192·32·25 = 153,600 weights", count(192 * 32 * 25), "153,600"),
    claim("192·16 + 16·32·25 = 15,872", count(192 * 16 + 16 * 32 * 25), "15,872"),
    claim("gives 64 + 128 + 32 + 32 = 256", str(64 + 128 + 32 + 32), "256"),
    claim(
        "the layers read 64, 96, 128, 160, 192, 224 maps",
        ", ".join(str(64 + 32 * k) for k in range(6)),
        "64, 96, 128, 160, 192, 224",
    ),
    claim("and the block returns 256", str(64 + 6 * 32), "256"),
    claim("1,008,618 parameters, and nearly all of them", count(MINI), "1,008,618"),
    claim("And with 2,000 pictures nobody can tell", "2,000", "2,000"),
]
KNOWN = [
    *("6.6", "1.2", "1.1", "1.15"),  # papers: GoogLeNet's size; EfficientNet's three factors
    *("45.1", "46.0"),  # a friend's
    *("224",),  # a picture's side
    *("0.3", "0.01", "1,000"),  # Keras' slope, PyTorch's; classes
    *("2,000",),  # test pictures of the gallery, below
]


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_the_number_is_computed_again(words, computed, expected):
    assert computed == expected
    assert MASTER.stated(words)


def test_no_number_is_stated_without_a_claim():
    assert unclaimed(MASTER, CLAIMS, KNOWN) == []


def test_most_of_vgg_is_its_first_dense_layer():
    assert MASTER.stated("three quarters of the whole network")
    assert 0.7 < FLAT / sum(VGG) < 0.78


def test_the_cells_take_what_the_text_says():
    torch_free = in_code(MASTER, r"test\[:(2_000)\]")
    assert torch_free == "2,000"
    pytest.importorskip("torch")
    from cnnlab.trials import DEPTH, GALLERY, TRANSFER

    assert GALLERY["images"] == 2_000
    assert [2 * blocks + 1 for blocks in DEPTH["blocks"]] == [5, 17, 41]
    assert TRANSFER["each"] == (5, 20, 80)


def test_the_blocks_have_as_many_parameters_as_the_contract_says():
    pytest.importorskip("torch")
    from cnnlab.built.lesson_11 import DenseBlock, InceptionBlock, InvertedResidual
    from cnnlab.trials import cost

    assert cost(InceptionBlock(192, 64, (96, 128), (16, 32), 32), (192, 4, 4)).parameters == 164_064
    assert cost(DenseBlock(64, 32, 6), (64, 4, 4)).parameters == 250_560
    for given, parameters in (((24, 24, 6), 8_832), ((32, 16, 1), 896), ((16, 24, 6, 2), 5_136)):
        assert cost(InvertedResidual(*given), (given[0], 4, 4)).parameters == parameters


@pytest.mark.slow
def test_kerass_defaults_are_those_that_the_table_names(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras", reason="Keras is optional")
    assert keras.layers.BatchNormalization().epsilon == pytest.approx(1e-3)
    assert keras.layers.LeakyReLU().negative_slope == pytest.approx(0.3)


def test_points_are_those_of_the_course():
    assert sum(part.points for exercise in exercises("11") for part in exercise.parts) == 18


def rows_of(part):
    """The table of an experiment in docs/architectures.md, row by row, without its head."""
    page = (REPOSITORY / "docs" / "architectures.md").read_text(encoding="utf-8")
    table = page.partition(f"<!-- {part} -->")[2].partition(f"<!-- {part}: end -->")[0].strip()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_ten_runs_show_what_the_text_says_of_depth():
    assert MASTER.stated("ahead in all ten at 17 and at 41 convolutions")
    won = {row[0]: row[-1] for row in rows_of("depth")}
    assert (won["17"], won["41"]) == ("10 of 10", "10 of 10")


def test_ten_runs_show_what_the_text_says_of_transfer():
    assert MASTER.stated("fine-tuning beat learning from scratch in nine of the course's ten runs with 5")
    assert MASTER.stated("in nine with 20 and in all ten with 80")
    won = {row[0]: row[-1] for row in rows_of("transfer")}
    assert (won["5"], won["20"], won["80"]) == ("9 of 10", "9 of 10", "10 of 10")


def test_five_runs_show_what_the_text_says_of_noise():
    assert MASTER.stated("from seed to seed an accuracy moves by one to three points")
    spread = [float(re.search(r"± ([\d.]+)", row[4])[1]) for row in rows_of("gallery")]
    assert len(spread) == 8
    assert 0.4 < min(spread) <= max(spread) < 3.5
