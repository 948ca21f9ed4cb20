"""Every number that lesson 10 states, computed again; the words are looked up in the master, so they cannot drift."""

import re
from pathlib import Path

import pytest

pytest.importorskip("torch")

from cnnlab.check import exercises
from cnnlab.watchman import FAR_SIGHTED, NEAR_SIGHTED, Watchman, field_of
from tests.lessons.claims import claim, count, in_code, unclaimed
from tests.lessons.master import read

MASTER = read("10_inside")
PAGE = (Path(__file__).parents[2] / "docs" / "watchman.md").read_text(encoding="utf-8")


def weights(rates):
    return sum(parameter.numel() for parameter in Watchman(rates).parameters())


def fields(rates):
    return ", ".join(str(field_of(rates, depth)) for depth in range(1, 6))


def spread(trial, column):
    """The least and the most of a trial in docs/watchman.md, as whole percents: "44 to 55%"."""
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| {trial} |"))
    least, most = re.search(r"\(([\d.]+)% … ([\d.]+)%\)", row.split("|")[2 + column]).groups()
    return round(float(least)), round(float(most))


TINY, COVERED = 1 * 1 + 2 * 2 - 3 * 1, (2 * 2 - 3, 1 - 3, 1 + 4)
CAM = [3 * a - b for a, b in zip((1, 0, 2), (0, 4, 1), strict=True)]
CLAIMS = [
    claim("makes two logits of them. 33,042 parameters", count(weights(NEAR_SIGHTED)), "33,042"),
    claim("the same 33,042 parameters", count(weights(FAR_SIGHTED)), "33,042"),
    claim("600 are not many", in_code(MASTER, r"SOME = \d+, (\d+)"), "600"),
    claim("Six times through and stop", {"6": "Six"}[in_code(MASTER, r"EPOCHS, SOME = (\d+)")], "Six"),
    claim("the field of the last layer: 3, 7, 15, 23, 31", fields(NEAR_SIGHTED), "3, 7, 15, 23, 31"),
    claim("sees 31×31 pixels", f"{field_of(NEAR_SIGHTED)}×31", "31×31"),
    claim("Its field is 87×87 pixels", f"{field_of(FAR_SIGHTED)}×87", "87×87"),
    claim("distances of 2, 4 and 4", "{}, {} and {}".format(*FAR_SIGHTED), "2, 4 and 4"),
    claim("the field is 41 pixels wide", str(1 + 20 * 2), "41"),
    claim("the logit is 2. Cover", str(TINY), "2"),
    claim("The map is 1, 4, −3", ", ".join(str(TINY - one) for one in COVERED).replace("-", "−"), "1, 4, −3"),
    claim("The sum is 3, −4, 5", ", ".join(map(str, CAM)).replace("-", "−"), "3, −4, 5"),
    claim("by the largest: 0.6, 0, 1", ", ".join(f"{max(v, 0) / max(CAM):g}" for v in CAM), "0.6, 0, 1"),
]
COIN = [round(100 * (0.5 + sign * 1.96 * (0.25 / 160) ** 0.5)) for sign in (-1, 1)]
CLAIMS += [
    claim("the 160 large people", str(int(in_code(MASTER, r"staff_frames\((\d+), seed=2\)")) // 2), "160"),
    claim("gives 42 to 58% in nineteen rounds of twenty", "{} to {}%".format(*COIN), "42 to 58%"),
]
KNOWN = ["100", "200"]  # percent; an example's pixels


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_the_number_is_computed_again(words, computed, expected):
    assert computed == expected
    assert MASTER.stated(words)


def test_no_number_is_stated_without_a_claim():
    assert unclaimed(MASTER, CLAIMS, KNOWN) == []


def test_what_ten_seeds_gave_is_what_the_page_says():
    assert "with 10 seeds" in PAGE
    small, large = ("{} to {}%".format(*spread("as it is", column)) for column in (0, 1))
    both = [spread("a wider field", column) for column in (0, 1)]
    far = f"{min(least for least, _ in both)} to\n{max(most for _, most in both)}% of both"
    words = f"the near-sighted network had {small} of the small people and {large} of the large ones"
    assert MASTER.stated(words)
    assert MASTER.stated(f"the far-sighted one {far}".replace("\n", " "))


def test_no_trial_but_the_wider_field_helps_with_large_people():
    for trial in ("as it is", "twice the frames", "three times the epochs"):
        assert spread(trial, 1)[1] < 65
        assert spread(trial, 0)[0] > 85
    assert spread("a wider field", 1)[0] > 95


def test_points_are_those_of_the_course():
    assert sum(part.points for exercise in exercises("10") for part in exercise.parts) == 16
