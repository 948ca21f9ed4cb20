"""Lesson 01 in JupyterLab, half-way: one exercise solved, one wrong, the others untouched."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import half_solved

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "01_convolution/01_convolution.ipynb"
WRONG = '''def convolve2d(image, kernel):
    """Forgets to flip."""
    return cross_correlate2d(image, kernel)
'''


@pytest.fixture(scope="module")
def half_way():
    return half_solved(NAME, ["cross_correlate2d"], convolve2d=WRONG)


def test_half_way_through_lesson_01(open_notebook, half_way):
    lab = open_notebook("lesson/01_convolution.ipynb", half_way)
    lab.run_all()

    right = lab.cell('check.cross_correlate2d(cross_correlate2d, part="values")')
    expect(right).to_contain_text("passed: cross_correlate2d · values · 2 of 2 points")
    expect(lab.cell('check.cross_correlate2d(cross_correlate2d, part="any shape")')).to_contain_text("passed:")

    wrong = lab.cell("check.convolve2d(")
    expect(wrong).to_contain_text("convolve2d · values · 0 of 1 point")
    expect(wrong.locator(".jp-OutputArea table")).not_to_have_count(0)
    expect(wrong.locator(".jp-OutputArea td", has_text="✗")).not_to_have_count(0)
    expect(wrong).not_to_contain_text("Traceback")

    untouched = lab.cell("check.conv2d_multi(").first
    expect(untouched).to_contain_text("not solved yet")
    expect(untouched).not_to_contain_text("Traceback")

    explorer = lab.cell("explore_convolution(cross_correlate2d)")
    view = explorer.locator(".cnnlab-explorer")
    expect(view).to_contain_text("The output comes from your cross_correlate2d: all 9 numbers are right by this")
    view.locator('[data-out="1,2"]').hover()
    expect(view).to_contain_text("output[1, 2] = 1·(−1) + 1·0 + 1·1")
    view.locator('[data-out="1,1"]').hover()
    expect(view).to_contain_text("output[1, 1] = ")
    lab.picture("lesson-01", at=right, height=1120)  # docs/images/lesson-01.png is one of these

    handle = explorer.locator(".widget-slider").filter(has_text="padding").locator(".noUi-handle")
    handle.focus()
    handle.press("ArrowRight")
    expect(view).to_contain_text("5 + 2·1 − 3 + 1 = 5 places")
    expect(view.locator("[data-out]")).to_have_count(25)

    lab.picture("lesson-01-explorer", at=explorer)
    lab.picture("lesson-01-wrong", at=wrong)
    lab.picture("lesson-01-unsolved", at=untouched)
    lab.picture("lesson-01-top", at=lab.page.locator(".jp-Cell").first)
    lab.theme("Dark")
    lab.picture("lesson-01-explorer-dark", at=explorer)
    lab.picture("lesson-01-wrong-dark", at=wrong)

    pictures = lab.page.locator(".jp-OutputArea img")
    expect(pictures).not_to_have_count(0)
    for picture in pictures.all():
        expect(picture).to_have_attribute("alt", re.compile(r"\w+ \w+"))
        assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
