"""Lesson 11 in JupyterLab, its first half: the timeline moves, a block is right, another is turned round."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import half_solved

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "11_architectures/11_architectures.ipynb"


@pytest.fixture(scope="module")
def first_half():
    lesson = half_solved(NAME, ("InceptionBlock", "DenseBlock"))
    dense = next(cell for cell in lesson.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "DenseBlock")
    dense.source = dense.source.replace("torch.cat([x, layer(x)], dim=1)", "torch.cat([layer(x), x], dim=1)")
    end = next(k for k, cell in enumerate(lesson.cells) if cell.source.startswith("## 5. "))
    lesson.cells = lesson.cells[:end]
    return lesson


def test_the_first_half_of_lesson_11(open_notebook, first_half):
    lab = open_notebook("lesson/11_architectures.ipynb", first_half)
    lab.run_all()

    expect(lab.cell('check.InceptionBlock(InceptionBlock, part="maps")')).to_contain_text("passed: InceptionBlock")
    wrong = lab.cell('check.DenseBlock(DenseBlock, part="maps")')
    expect(wrong).to_contain_text(re.compile("order|oldest", re.IGNORECASE))
    expect(wrong).not_to_contain_text("Traceback")
    lab.picture("lesson-11-wrong", at=wrong)

    timeline = lab.cell("explore_timeline()")
    expect(timeline).to_contain_text("The miniature:")
    lab.picture("lesson-11-timeline", at=timeline)
    timeline.locator("select").select_option(label="2015 · ResNet")
    expect(timeline).to_contain_text("2015, ResNet")
    lab.picture("lesson-11-timeline-2015", at=timeline)
    lab.theme("Dark")
    lab.picture("lesson-11-timeline-dark", at=timeline)
    lab.picture("lesson-11-wrong-dark", at=wrong)
