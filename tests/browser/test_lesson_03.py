"""Lesson 03 in JupyterLab, half-way: pooling solved, one answer wrong, one that raises, the others untouched."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import half_solved

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "03_pooling/03_pooling.ipynb"
THE_LARGEST = '''def avg_pool2d(x, kernel, stride=None):
    """Takes the largest."""
    return max_pool2d(x, kernel, stride)
'''
RAISES = '''def sigmoid(x):
    """Takes single numbers only."""
    import math

    return 1 / (1 + math.exp(-x))
'''


@pytest.fixture(scope="module")
def half_way():
    solved = ("relu", "max_pool2d", "invariance_gap", "equivariance_gap")
    return half_solved(NAME, solved, avg_pool2d=THE_LARGEST, sigmoid=RAISES)


def test_half_way_through_lesson_03(open_notebook, half_way):
    lab = open_notebook("lesson/03_pooling.ipynb", half_way)
    lab.run_all()

    right = lab.cell('check.max_pool2d(max_pool2d, part="windows")')
    expect(right).to_contain_text("passed: max_pool2d · windows · 2 of 2 points")

    wrong = lab.cell('check.avg_pool2d(avg_pool2d, part="windows")')
    expect(wrong).to_contain_text("avg_pool2d · windows · 0 of 1 point")
    expect(wrong).to_contain_text("Looks like: the largest.")
    expect(wrong).not_to_contain_text("Traceback")

    raised = lab.cell('check.sigmoid(sigmoid, part="values")')
    expect(raised).to_contain_text("sigmoid · values · 0 of 1 point")
    expect(raised).to_contain_text("np.exp takes arrays of any shape")
    expect(raised).not_to_contain_text("Traceback")

    untouched = lab.cell('check.collapse(collapse, part="one channel")')
    expect(untouched).to_contain_text("not solved yet")
    expect(lab.page.locator(".jp-Notebook")).not_to_contain_text("Traceback")

    explorer = lab.cell("explore_pooling(max_pool2d, avg_pool2d)")
    view = explorer.locator(".cnnlab-explorer")
    expect(view).to_contain_text("The numbers come from your max_pool2d: all 24 are right by this exercise's")
    expect(view).to_contain_text("None of the 12 numbers changed")
    handle = explorer.locator(".widget-slider").filter(has_text="move by").locator(".noUi-handle")
    handle.focus()
    handle.press("ArrowRight")
    expect(view).to_contain_text("2 of the 12 numbers changed.")
    view.locator('[data-out="1,2"]').first.hover()
    expect(view).to_contain_text("moved:  the largest of 9, 0, 0, 0 is 9")
    lab.picture("lesson-03-explorer", at=explorer, height=1100)
    explorer.locator("select").nth(1).select_option(label="mean")
    explorer.locator("select").first.select_option(label="a small figure")
    expect(view).to_contain_text("differ from the true ones")
    lab.picture("lesson-03-explorer-wrong", at=explorer, height=1100)

    lab.picture("lesson-03-wrong", at=wrong)
    lab.picture("lesson-03-raised", at=raised)
    lab.picture("lesson-03-unsolved", at=untouched)
    lab.theme("Dark")
    lab.picture("lesson-03-explorer-dark", at=explorer, height=1100)
    lab.picture("lesson-03-wrong-dark", at=wrong)
