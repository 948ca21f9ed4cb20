"""Yours beside ours: after a check has passed, never before it, and nowhere where it is not wanted."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cnnlab import cli
from cnnlab.compared import compare
from cnnlab.settings import Trouble

REPOSITORY = Path(__file__).parents[1]
LESSON = "01_convolution"
MODEL_LINE = "return cross_correlate2d(image, kernel[::-1, ::-1])"
PASSED = "passed: convolve2d · values · 1 of 1 point (30 cases: pictures, square and oblong)\n"


@pytest.fixture
def course(tmp_path):
    """A clone's folder with one lesson, of which nothing is solved yet."""
    for room, copy in (("solutions", "solutions"), ("notebooks", "notebooks"), ("notebooks", "work")):
        shutil.copytree(REPOSITORY / room / LESSON, tmp_path / copy / LESSON)
    shutil.copy(REPOSITORY / "course.toml", tmp_path)
    return tmp_path


def with_work(course, change):
    """Change the learner's cells, by their grade_id."""
    path = course / "work" / LESSON / f"{LESSON}.ipynb"
    notebook = json.loads(path.read_text())
    change({c["metadata"]["nbgrader"]["grade_id"]: c for c in notebook["cells"] if "nbgrader" in c["metadata"]})
    path.write_text(json.dumps(notebook))


def solve(cells):
    cells["convolve2d"]["source"] = ["def convolve2d(image, kernel):\n", "    return <mine>"]
    cells["check-convolve2d-values"]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [PASSED]}]


def waiting(found):
    return {pair.name for pair in found if pair.waits}


def test_nothing_of_ours_is_shown_before_a_check_has_passed(course):
    page, found = compare(course, "01")
    assert waiting(found) == {pair.name for pair in found}
    text = page.read_text()
    assert "cross_correlate2d(image" not in text
    assert "Model answer" not in text


def test_what_has_passed_stands_beside_ours_and_the_rest_still_waits(course):
    with_work(course, solve)
    page, found = compare(course, "01_convolution")
    text = page.read_text()
    assert "convolve2d" not in waiting(found)
    assert "conv2d_multi" in waiting(found)
    assert MODEL_LINE in text
    assert "return &lt;mine&gt;" in text
    assert "SOLUTION" not in text
    assert "Model answer" not in text


def test_one_part_of_several_is_not_enough(course):
    def half(cells):
        line = "passed: im2col · one image · 1 of 1 point (17 cases)\n"
        cells["check-im2col-one-image"]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": line}]

    with_work(course, half)
    assert "im2col" in waiting(compare(course, "01")[1])


def test_an_answer_in_words_is_shown_when_there_is_one_of_your_own(course):
    with_work(course, lambda cells: cells["question-the-bet"].update(source="Photographs, since …"))
    page, found = compare(course, "01")
    assert "question-the-bet" not in waiting(found)
    assert "Photographs, since …" in page.read_text()
    assert "passport photographs" in page.read_text()


def test_an_instructor_can_switch_it_off(course):
    path = course / "course.toml"
    path.write_text("compare = false\n" + path.read_text())
    with pytest.raises(Trouble, match="not shown"):
        compare(course, "01")


def test_what_an_instructor_hands_out_has_nothing_to_compare_with(course):
    shutil.rmtree(course / "solutions")
    with pytest.raises(Trouble, match="not in what you were given"):
        compare(course, "01")


def test_the_command_says_what_is_shown_and_what_waits(course, monkeypatch):
    monkeypatch.chdir(course)
    (course / "notebooks").mkdir(exist_ok=True)
    with_work(course, solve)
    result = CliRunner().invoke(cli.app, ["compare", "01"])
    assert result.exit_code == 0, result.output
    assert "convolve2d: yours beside ours" in result.output
    assert "im2col: its checks have not all passed yet" in result.output
    assert "01_convolution.compared.html" in result.output
