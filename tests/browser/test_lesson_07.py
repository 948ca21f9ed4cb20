"""Lesson 07 in JupyterLab, half-way: counts and stamps are solved, batch norm is wrong, the rest is untouched."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import half_solved

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "07_blocks/07_blocks.ipynb"
SOLVED = ("overlap_count", "transposed_conv2d", "conv_block")
NOT_LOOKED_AT = ["07-1-a-deep-network-that-does-not-learn-6", "07-exercise-2-1-7", "07-exercise-4-1-5"]  # they train
WRONG = '''def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    """Takes the statistics of each picture by itself."""
    mean, var = x.mean(axis=(2, 3), keepdims=True), x.var(axis=(2, 3), keepdims=True)
    y = gamma[:, None, None] * (x - mean) / np.sqrt(var + eps) + beta[:, None, None]
    return y, running_mean, running_var
'''


@pytest.fixture(scope="module")
def half_way():
    return half_solved(NAME, SOLVED, NOT_LOOKED_AT, batch_norm=WRONG)


def test_half_way_through_lesson_07(open_notebook, half_way):
    lab = open_notebook("lesson/07_blocks.ipynb", half_way)
    lab.run_all()

    wrong = lab.cell('check.batch_norm(batch_norm, part="train mode")')
    expect(wrong).to_contain_text("instance norm")
    expect(wrong).not_to_contain_text("Traceback")
    expect(lab.cell("check.conv_block(conv_block")).to_contain_text("passed: conv_block")
    expect(lab.cell("check.Bottleneck(Bottleneck")).to_contain_text("not solved yet")
    lab.picture("lesson-07-wrong", at=wrong)

    viewer = lab.cell("explore_checkerboard(overlap_count, transposed_conv2d)")
    picture = viewer.locator("img").last
    expect(picture).to_have_attribute("alt", re.compile("kernel 3, stride 2: a pixel is 6.% off"))
    lab.picture("lesson-07-checkerboard", at=viewer)
    handle = viewer.locator(".widget-slider").filter(has_text="kernel").locator(".noUi-handle")
    handle.focus()
    handle.press("ArrowRight")
    expect(picture).to_have_attribute("alt", re.compile("kernel 4, stride 2: a pixel is 0% off"))
    viewer.locator("select").select_option("a frame of the camera")
    expect(picture).to_have_attribute("alt", re.compile(r"kernel 4, stride 2: a pixel is [1-9]"))
    lab.picture("lesson-07-checkerboard-smooth", at=viewer)
    for name, cell in (("norms", "show_layer_norms({\"4 layers\""), ("costs", "show_costs(costs)"),
                       ("frame", "show_checkerboard(transposed_conv2d"), ("stamps",
                        "show_overlaps(overlap_count)")):  # fmt: skip
        lab.picture(f"lesson-07-{name}", at=lab.cell(cell))
    lab.theme("Dark")
    lab.picture("lesson-07-checkerboard-dark", at=viewer)
    lab.picture("lesson-07-wrong-dark", at=wrong)
    for shown in lab.page.locator(".jp-OutputArea img").all():
        expect(shown).to_have_attribute("alt", re.compile(r"\w+ \w+"))
