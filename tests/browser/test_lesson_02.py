"""Lesson 02 in JupyterLab, half-way: most solved, strides swapped in conv2d, one answer that raises, one untouched."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import by_grade_id, half_solved

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "02_padding_stride/02_padding_stride.ipynb"
RAISES = '''def same_padding(kernel, dilation=1):
    """Forgets a name."""
    return dilation * (k - 1) // 2
'''


@pytest.fixture(scope="module")
def half_way():
    lesson = half_solved(NAME, ("pad2d", "output_size", "conv2d", "dilation_schedule"), same_padding=RAISES)
    cell, good = by_grade_id(lesson)["conv2d"], "top, left = i * sh, j * sw"
    assert good in cell.source
    cell.source = cell.source.replace(good, "top, left = i, j")
    return lesson


def test_half_way_through_lesson_02(open_notebook, half_way):
    lab = open_notebook("lesson/02_padding_stride.ipynb", half_way)
    lab.run_all()

    right = lab.cell('check.conv2d(conv2d, part="padding")')
    expect(right).to_contain_text("passed: conv2d · padding · 2 of 2 points")
    wrong = lab.cell('check.conv2d(conv2d, part="stride")')
    expect(wrong).to_contain_text("conv2d · stride · 0 of 2 points")
    expect(wrong).to_contain_text("patch (i, j) begins at (i·S, j·S)")
    raised = lab.cell('check.same_padding(same_padding, part="odd and even")')
    expect(raised).to_contain_text("0 of 1 point")
    expect(raised).to_contain_text("NameError")
    untouched = lab.cell('check.shrink_after(shrink_after, part="layers")')
    expect(untouched).to_contain_text("not solved yet")
    expect(lab.page.locator(".jp-Notebook")).not_to_contain_text("Traceback")

    layer = lab.cell("explore_convolution(conv2d, padding=1, stride=2, layer=True)").locator(".cnnlab-explorer")
    expect(layer).to_contain_text("differ from the true ones")

    usage = lab.cell("explore_usage()")
    view = usage.locator(".cnnlab-explorer")
    expect(view).to_contain_text("Output row 0, column 0 reads 9 pixels. Every pixel is read.")
    view.locator('[data-in="0,0"]').hover()
    expect(view).to_contain_text("The pixel in row 0, column 0 is read by 1 output.")
    lab.picture("lesson-02-usage", at=usage, height=900)
    handle = usage.locator(".widget-slider").filter(has_text="stride").locator(".noUi-handle")
    handle.focus()
    for _ in range(3):
        handle.press("ArrowRight")
    expect(view).to_contain_text("27 of 36 pixels are read by nobody")
    view.locator('[data-out="0,0"]').hover()
    lab.picture("lesson-02-usage-stride-4", at=usage, height=900)

    rates = lab.cell("explore_rates(dilation_schedule)")
    view = rates.locator(".cnnlab-explorer")
    expect(view).to_contain_text("dilation_schedule(3, 20): 1, 3, 9. Right by this exercise's definition: 3 rates")
    lab.picture("lesson-02-rates-yours", at=rates, height=900)
    rates.locator("select").first.select_option(label="2, 2, 2")
    expect(view).to_contain_text("of a field of 13 pixels 7 are used; in a picture 49 of 169")
    view.locator('rect[data-in="0,1"]').hover()
    expect(view).to_contain_text("1 to the right reaches the output in no way: it is never used")
    lab.picture("lesson-02-rates-gridding", at=rates, height=900)

    riddle = lab.cell('guess_the_mistake("conv2d")')
    view = riddle.locator(".jp-OutputArea")
    choices = riddle.locator(".widget-radio-box label")
    expect(choices).to_have_count(4)
    for k in range(4):  # by the mouse, until it is found; each wrong one says so
        choices.nth(k).click()
        name = re.escape(choices.nth(k).inner_text().strip())
        answered = re.compile(rf"(✓\s*Yes: |✗\s*Not “){name}")  # this click, not the one before
        expect(view).to_contain_text(answered)
        if view.get_by_text("✓ Yes: ").count():
            break
    expect(view).to_contain_text("✓ Yes: ")
    lab.picture("lesson-02-guess", at=riddle, height=900)

    lab.picture("lesson-02-right", at=right)
    lab.picture("lesson-02-wrong", at=wrong)
    lab.picture("lesson-02-raised", at=raised)
    lab.theme("Dark")
    lab.picture("lesson-02-usage-dark", at=usage, height=900)
    lab.picture("lesson-02-rates-dark", at=rates, height=900)
    lab.picture("lesson-02-wrong-dark", at=wrong)
    lab.picture("lesson-02-guess-dark", at=riddle, height=900)
