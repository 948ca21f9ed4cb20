"""The timeline: a year is chosen, its miniature is run."""

import pytest

pytest.importorskip("torch")

from cnnlab.miniatures import MINIATURES
from cnnlab.widgets import explore_timeline


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("cnnlab.figures.style.Picture.png", lambda picture: b"")


def test_it_begins_with_lenet_and_goes_where_it_is_sent():
    explorer = explore_timeline()
    assert explorer.state.name == "LeNet-5"
    explorer.controls["year"].value = "2017 · MobileNet"
    assert explorer.state.steps[0] == ("picture", (3, 32, 32))
    assert explorer.state.steps[-1] == ("Linear", (10,))
    assert "space and channels apart" in explorer.spoken()
    assert "MobileNet" in explorer.html()


def test_every_year_runs():
    explorer = explore_timeline()
    for name in explorer.controls["year"].options:
        explorer.controls["year"].value = name
        assert explorer.state.macs > 0
    assert len(explorer.controls["year"].options) == len(MINIATURES)
