"""The numbers, names and years of lesson 00."""

import itertools

import pytest

from cnnlab.data import camera_frames
from cnnlab.figures.history import PIPELINE, TIMELINE
from tests.lessons.claims import claim, count, unclaimed
from tests.lessons.master import read

MASTER = read("00_start")
LAST, FIRST, INPUT = (PIPELINE[k][1] for k in (-1, 1, 0))


def size(block):
    channels, height, width = block
    return channels * height * width


CLAIMS = [
    claim("Our frames are 96×128×3: 36,864 numbers", count(camera_frames(1)[0][0].size), "36,864"),
    claim("here 8·8·32 = 2,048 numbers", count(size(LAST)), "2,048"),
    claim("64·64·8 = 32,768", count(size(FIRST)), "32,768"),
    claim("The picture itself had 64·64·3 = 12,288", count(size(INPUT)), "12,288"),
    claim(
        "From 64×64 places with 3 colours to 8×8 places with 32 findings each",
        "From {1}×{2} places with {0} colours to {4}×{5} places with {3} findings each".format(*INPUT, *LAST),
        "From 64×64 places with 3 colours to 8×8 places with 32 findings each",
    ),
]


@pytest.mark.parametrize(("words", "computed", "expected"), CLAIMS)
def test_what_the_lesson_states_is_so(words, computed, expected):
    assert computed == expected
    assert MASTER.stated(words)


def test_no_number_in_the_prose_goes_unchecked():
    assert unclaimed(MASTER, CLAIMS, {"255", "0.97", "0.03"}) == []


def test_the_timeline_has_the_years_of_the_papers():
    years = {name: year for year, name, *_ in TIMELINE}
    assert years == {
        "Neocognitron": 1980, "LeNet-5": 1998, "AlexNet": 2012, "VGG": 2014, "GoogLeNet": 2014, "ResNet": 2015,
        "DenseNet": 2017, "MobileNet": 2017, "EfficientNet": 2019, "ViT": 2020,
    }  # fmt: skip
    assert [year for year, *_ in TIMELINE] == sorted(years.values())


@pytest.mark.parametrize("name", [name for _, name, *_ in TIMELINE])
def test_the_lesson_speaks_of_each_architecture_on_the_timeline(name):
    assert MASTER.stated(name)


@pytest.mark.parametrize("use", ["Classification", "Detection", "Segmentation", "Faces", "Medical", "Video", "audio"])
def test_the_lesson_says_where_networks_are_used(use):
    assert MASTER.stated(use)


def test_in_the_pipeline_space_shrinks_while_channels_grow():
    sizes = [shape for _, shape in PIPELINE]
    assert all(a[1] >= b[1] and a[0] <= b[0] for a, b in itertools.pairwise(sizes))
