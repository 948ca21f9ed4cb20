"""The course's own measurements: kept device by device, shown in the docs and beside the learner's."""

import json
import sys
from pathlib import Path

import pytest

from cnnlab.ladder import measured
from cnnlab.ladder.measure import Run

pytestmark = pytest.mark.slow  # torch, by bench/ladders.py
BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def ladders(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCH))
    yield pytest.importorskip("ladders")
    sys.modules.pop("ladders"), sys.modules.pop("marked")


@pytest.mark.parametrize("what", ["MNIST", "CIFAR-10"])
def test_the_docs_say_what_was_measured(what, ladders):
    begin, end = ladders.marks_of(what)
    page = ladders.PAGE.read_text(encoding="utf-8")
    assert page.split(begin)[1].split(end)[0].strip() == ladders.section(what)
    assert measured.measured(what)


def report(device, speeds):
    runs = {name: {"images_per_second": speed, "accuracy": 0.625} for name, speed in speeds.items()}
    return {"what": "MNIST", "machine": {"device": device}, "rungs": list(speeds), "runs": runs}


def test_a_report_takes_the_place_of_the_one_for_the_same_device(tmp_path, monkeypatch):
    monkeypatch.setattr(measured, "FILE", tmp_path / "measured.json")
    assert measured.measured("MNIST") == {}
    for device, speed in (("a CPU", 10), ("a GPU", 1000), ("a CPU", 20)):
        measured.keep(report(device, {"tutorial": speed}))
    found = measured.measured("MNIST")
    assert {device: one["runs"]["tutorial"]["images_per_second"] for device, one in found.items()} == {
        "a CPU": 20,
        "a GPU": 1000,
    }
    assert measured.measured("CIFAR-10") == {}
    assert json.loads(measured.FILE.read_text())


def test_the_learners_rungs_stand_beside_the_courses(tmp_path, monkeypatch):
    monkeypatch.setattr(measured, "FILE", tmp_path / "measured.json")
    measured.keep(report("a GPU", {"tutorial": 1000.0, "fast": 9000.0, "compiled": 12000.0}))
    runs = [Run("tutorial", 0, [(2.0, 400, 0.5)]), Run("fast", 0, [(1.0, 500, 0.5)])]
    lines = measured.side_by_side(runs, "MNIST").data.splitlines()
    assert lines[0] == "| pictures a second | **yours** | a GPU |"
    assert lines[2] == "| tutorial | 200 (1.0×) | 1,000 (1.0×) |"
    assert lines[3] == "| fast | 500 (2.5×) | 9,000 (9.0×) |"
    assert lines[4] == "| compiled | – | 12,000 (12.0×) |"
    lines = measured.side_by_side(runs, "MNIST", accuracy=True).data.splitlines()
    assert lines[3] == "| fast | 500 (2.5×) | 9,000 (9.0×); 62.5% |"
    assert lines[4] == "| compiled | – | 12,000 (12.0×); 62.5% |"


def test_each_kind_of_processor_has_a_row_and_the_learners_own_is_marked(tmp_path, monkeypatch):
    monkeypatch.setattr(measured, "FILE", tmp_path / "measured.json")
    one = report("a CPU", {"tutorial": 10.0})
    one["machine"]["processor"] = "AMX"
    measured.keep(one | {"times": {"98.5%": 28.02}})
    measured.keep(one | {"times": {"99.0%": 29.46}})
    rows = measured.by_processor(here="AMX").splitlines()
    assert len(rows) == 2 + len(measured.KINDS)
    assert rows[2].endswith("**yours** | **28.0×** | **29.5×** | **not measured** |")
    assert rows[-1] == "| a GPU | not measured | not measured | not measured |"
    assert "yours" not in measured.by_processor()


def test_the_docs_have_the_rows_of_all_kinds_of_processors(ladders):
    begin, end = ladders.marks_of("kinds")
    page = ladders.PAGE.read_text(encoding="utf-8")
    assert page.split(begin)[1].split(end)[0].strip() == measured.by_processor()
