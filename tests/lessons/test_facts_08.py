"""Every number that lesson 08 states, computed again; the words are looked up in the master, so they cannot drift."""

import math
import re
from pathlib import Path

import pytest

from cnnlab.check import exercises
from cnnlab.ladder.mnist import TO_985
from tests.lessons.claims import claim, count, in_code, unclaimed
from tests.lessons.master import read

MASTER = read("08_mnist")
ROOT = Path(__file__).parents[2]


def conv(before, after, kernel=3):
    return (kernel * kernel * before + 1) * after


def dense(before, after):
    return (before + 1) * after


def _pictures_to_985():
    """How many pictures the tutorial's loop had seen when it was at 98.5%: the measured seconds times its rate."""
    text = (ROOT / "docs" / "ladders.md").read_text(encoding="utf-8")
    rate = re.search(r"\| tutorial \| 300,000 \| ([\d,]+) \|", text)[1].replace(",", "")
    return float(re.search(r"98\.5%: .*tutorial's loop ([\d.]+) s", text)[1]) * float(rate)


def _tutorials_ends():
    """At how much the tutorial's loop ended on MNIST, on all machines, as the table has it."""
    text = (ROOT / "docs" / "ladders.md").read_text(encoding="utf-8").partition("### CIFAR-10")[0]
    (end,) = {f"{float(share):.1f}%" for share in re.findall(r"\| tutorial \| [\d,]+ \|.*?\| ([\d.]+)% \|", text)}
    return end


PARTS = [conv(1, 32), conv(32, 64), dense(64 * 7 * 7, 128), dense(128, 10)]
TUTORIAL_TO_985 = _pictures_to_985()
CLAIMS = [
    claim(
        "with a learning rate of 0.001", in_code(MASTER, r"optim\.Adam\(model.parameters\(\), lr=(\S+?)\)\n"), "0.001"
    ),
    claim("(x/255 − 0.5)/0.5 black becomes −1", f"{(0 / 255 - 0.5) / 0.5:.0f}".replace("-", "−"), "−1"),
    claim("| 32×14×14 | 320 |", str(PARTS[0]), "320"),
    claim("| 64×7×7 | 18,496 |", count(PARTS[1]), "18,496"),
    claim("| flatten | 3,136 | |", count(64 * 7 * 7), "3,136"),
    claim("| dense, 128; ReLU | 128 | 401,536 |", count(PARTS[2]), "401,536"),
    claim("| dense, 10: the logits | 10 | 1,290 |", count(PARTS[3]), "1,290"),
    claim("421,642 parameters in all", count(sum(PARTS)), "421,642"),
    claim("6,272 numbers go into that layer: 802,944 parameters", count(32 * 14 * 14), "6,272"),
    claim("6,272 numbers go into that layer: 802,944 parameters", count(dense(32 * 14 * 14, 128)), "802,944"),
    claim("The mean over batches is 1.5", str((1 + 2) / 2), "1.5"),
    claim("(8·1 + 3·2)/11, about 1.27", f"{(8 * 1 + 3 * 2) / 11:.2f}", "1.27"),
    claim("12,800 pictures, about a fifth of an epoch", in_code(MASTER, r"train\[:(\w+)\]\.tensors"), "12,800"),
    claim("on the same 6,400 pictures and from the same start", in_code(MASTER, r"images\[:(6400)\]\.split"), "6,400"),
    claim("0.9 of the last step plus the new gradient", in_code(MASTER, r"lr=0\.05, momentum=([\d.]+)\)"), "0.9"),
    claim("on our machines its loop ended at 99.1%", _tutorials_ends(), "99.1%"),
    claim("it picks up speed to ten times a single one", {10: "ten times"}[round(1 / (1 - 0.9))], "ten times"),
    claim(
        "climbs to six times Adam's old rate",
        {6: "six times"}[round(float(in_code(MASTER, r"peak=(\d\S+?)\)")) / 1e-3)],
        "six times",
    ),
    claim("All begin near 2.3 and fall", f"{math.log(10):.1f}", "2.3"),
    claim("look for: 0.001 is nearly always", in_code(MASTER, r'"Adam, ([\d.]+)"'), "0.001"),
    claim("nothing below 0.00000006", f"{2.0**-24:.8f}", "0.00000006"),  # float16's smallest number
    claim("All of MNIST is 47 MB as bytes", f"{60_000 * 28 * 28 / 1e6:.0f} MB", "47 MB"),
    claim("the true class is asked for 0.91, the others for 0.01", f"{0.9 + 0.1 / 10:.2f}", "0.91"),
    claim("the true class is asked for 0.91, the others for 0.01", f"{0.1 / 10:.2f}", "0.01"),
    claim("the last rung, 9,000 pictures are enough", count(TO_985.images), "9,000"),
    claim("is there after 1.3 of its five epochs", f"{TUTORIAL_TO_985 / 60_000:.1f}", "1.3"),
    claim(
        "nearly nine times fewer pictures",
        "nearly nine" if 8.5 < TUTORIAL_TO_985 / TO_985.images < 9 else "",
        "nearly nine",
    ),
    claim("with 300 pictures, again and again", in_code(MASTER, r"few_labels = images\[:(\d+)\]"), "300"),
    claim("its loss never gets below 1.46", f"{-math.log(math.e / (math.e + 9)):.2f}", "1.46"),
    claim("−log(e/(e + 9)) = 1.46", f"{-math.log(math.e / (math.e + 9)):.2f}", "1.46"),
]
# The tutorial's figure, somebody's report, sizes of cells, of MNIST and of a byte, AVX-512.
MEASURED = ["98.5", "99.9", "60,000", "10,000", "100", "255", "0.5", "128", "512"]


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_the_number_is_computed_again(words, computed, expected):
    assert computed == expected
    assert MASTER.stated(words)


def test_no_number_is_stated_without_a_claim():
    assert unclaimed(MASTER, CLAIMS, MEASURED) == []


def test_the_table_is_the_network_of_the_check():
    torch = pytest.importorskip("torch")
    from cnnlab.ladder.networks import simple_cnn

    net = simple_cnn()
    sizes = [sum(p.numel() for p in layer.parameters()) for layer in net if list(layer.parameters())]
    assert sizes == PARTS
    assert net(torch.zeros(1, 1, 28, 28)).shape == (1, 10)


def test_nineteen_in_twenty_parameters_sit_in_one_layer():
    assert round(20 * PARTS[2] / sum(PARTS)) == 19


def test_each_rung_learns_for_as_long_as_the_text_says():
    assert in_code(MASTER, r"seconds=(\d+)\)") == "3"
    assert MASTER.stated("Each learns for the same three seconds")


def test_the_test_pictures_are_looked_at_in_one_cell():
    """Everything before and after it goes by the pictures kept back; loading and counting them is no look."""
    looks = [source for _, source in MASTER.cells if re.search(r"\btest\b(?!\)$)", source) and "fallback" not in source]
    assert len(looks) == 1
    assert "last_look" in looks[0]


def test_points_are_those_of_the_course():
    assert sum(part.points for exercise in exercises("08") for part in exercise.parts) == 16
