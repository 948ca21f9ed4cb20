"""Lesson 05 in JupyterLab: the blame picture under pointer and keys, a wrong gradient, the network as it learns."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import half_solved

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "05_backprop/05_backprop.ipynb"
SOLVED = ["relu_backward", "linear_backward", "softmax_cross_entropy_backward", "max_pool2d_backward", "train_step"]
WRONG = '''def conv2d_backward(dout, x, weight, stride=1, padding=0):
    """Right for the bias and the kernel; the border of dx stays empty, as of one ring of zeros too few."""
    windows = np.lib.stride_tricks.sliding_window_view(x, dout.shape[2:], axis=(2, 3))
    dweight = np.einsum("ncuvij,noij->ocuv", windows, dout)
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(*dout.shape[2:]):
        patch = np.einsum("no,ocuv->ncuv", dout[:, :, i, j], weight)
        dx[:, :, i : i + weight.shape[2], j : j + weight.shape[3]] += patch
    dx[:, :, 0], dx[:, :, -1], dx[:, :, :, 0], dx[:, :, :, -1] = 0, 0, 0, 0
    return dx, dweight, dout.sum(axis=(0, 2, 3))
'''


@pytest.fixture(scope="module")
def half_way():
    return half_solved(NAME, SOLVED, conv2d_backward=WRONG)


def test_half_way_through_lesson_05(open_notebook, half_way):
    lab = open_notebook("lesson/05_backprop.ipynb", half_way)
    lab.run_all()

    view = lab.cell("explore_blame()").locator(".cnnlab-explorer")
    expect(view).to_contain_text("dweight[0, 0] = 3·1 + 1·(−1) + 0·2 + 2·0 = 2")
    view.locator('[data-weight="1,0"]').click()
    expect(view).to_contain_text("dweight[1, 0] = 0·1 + 2·(−1) + 4·2 + 1·0 = 6")
    view.locator('[data-in="1,1"]').click()
    expect(view).to_contain_text("dx[1, 1] = 1·(−1) + (−1)·0 + 2·0 + 0·1 = −1")
    view.press("ArrowUp")
    expect(view).to_contain_text("dx[0, 1] = ")
    view.locator('[data-out="1,0"]').click()
    expect(view).to_contain_text("Output [1, 0] has blame 2.")
    lab.picture("lesson-05-blame", at=lab.cell("explore_blame()"))

    yours = lab.cell("explore_blame(conv2d_backward)")
    expect(yours).to_contain_text("Right, from your conv2d_backward: dweight, dbias.")
    expect(yours).to_contain_text(re.compile(r"\d of 9 in dx"))
    handle = yours.locator(".widget-slider").filter(has_text="padding").locator(".noUi-handle")
    handle.focus()
    handle.press("ArrowRight")
    expect(yours).to_contain_text("input x, padded by 1")
    lab.picture("lesson-05-blame-wrong", at=yours)

    expect(lab.cell('check.conv2d_backward(conv2d_backward, part="kernel")')).to_contain_text("passed:")
    wrong = lab.cell('check.conv2d_backward(conv2d_backward, part="input")')
    expect(wrong).to_contain_text("conv2d_backward · input · 0 of 2 points")
    expect(wrong).not_to_contain_text("Traceback")
    lab.picture("lesson-05-wrong", at=wrong)
    lab.picture("lesson-05-heat-map", at=lab.cell("show_gradient_check(conv2d_backward"))

    untouched = lab.cell("check.avg_pool2d_backward(").first
    expect(untouched).to_contain_text("not solved yet")
    expect(untouched).not_to_contain_text("Traceback")

    training = lab.cell("Your network learns to read digits")
    expect(training).to_contain_text("722 of 722 steps", timeout=60_000)
    expect(training.locator("progress")).to_have_attribute("value", "722")
    expect(training.locator("img")).to_have_attribute("alt", re.compile("kept back ends at 9[5-9]"))
    lab.picture("lesson-05-training", at=training)
    lab.picture("lesson-05-top", at=lab.page.locator(".jp-Cell").first)

    lab.theme("Dark")
    lab.picture("lesson-05-blame-dark", at=yours)
    lab.picture("lesson-05-wrong-dark", at=wrong)
    lab.picture("lesson-05-training-dark", at=training)
