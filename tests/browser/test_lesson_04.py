"""Lesson 04 in JupyterLab, half-way: the head solved, one answer wrong, one that raises, the detective untouched."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import half_solved

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "04_forward/04_forward.ipynb"
THE_SUM = '''def cross_entropy(logits, labels):
    """Adds up."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return float(np.sum(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]))
'''
RAISES = '''def forward(params, x):
    """Forgets the transpose."""
    pooled = max_pool2d(relu(conv2d(x, params["conv_weight"], params["conv_bias"])), 2)
    return pooled.reshape(len(x), -1) @ params["fc_weight"] + params["fc_bias"]
'''


@pytest.fixture(scope="module")
def half_way():
    return half_solved(NAME, ("linear", "softmax"), cross_entropy=THE_SUM, forward=RAISES)


def test_half_way_through_lesson_04(open_notebook, half_way):
    lab = open_notebook("lesson/04_forward.ipynb", half_way)
    lab.run_all()

    right = lab.cell('check.softmax(softmax, part="large logits")')
    expect(right).to_contain_text("passed: softmax · large logits · 1 of 1 point")

    wrong = lab.cell('check.cross_entropy(cross_entropy, part="values")')
    expect(wrong).to_contain_text("cross_entropy · values · 0 of 1 point")
    expect(wrong).to_contain_text("Looks like: the sum, not the mean.")

    raised = lab.cell('check.forward(forward, part="one filter")')
    expect(raised).to_contain_text("forward · one filter · 0 of 2 points")
    expect(raised).to_contain_text("Looks like: the dense weights are not transposed.")

    untouched = lab.cell('check.find_the_slip(find_the_slip, part="shapes")')
    expect(untouched).to_contain_text("not solved yet")
    expect(lab.page.locator(".jp-Notebook")).not_to_contain_text("Traceback")

    live = lab.cell("explore_network(forward)")
    view = live.locator(".cnnlab-explorer")
    expect(view).to_contain_text("the course's own numbers stand in")
    view.locator('[data-in="2,0"]').click()
    expect(view).to_contain_text("The last change got as far as ReLU.")
    view.locator('[data-out="1,2"]').click()
    slider = live.locator(".widget-slider").filter(has_text="its number")
    expect(slider.locator(".widget-readout")).to_have_text("0.3")  # what is slid before the kernel sets it is lost
    handle = slider.locator(".noUi-handle")
    handle.focus()
    handle.press("ArrowLeft")
    expect(view).to_contain_text("The last change got as far as the logits.")
    lab.picture("lesson-04-live", at=live)

    lab.picture("lesson-04-right", at=right)
    lab.picture("lesson-04-wrong", at=wrong)
    lab.picture("lesson-04-raised", at=raised)
    lab.picture("lesson-04-verdicts", at=lab.cell("show_verdicts("), height=900)
    lab.picture("lesson-04-walk", at=lab.cell("show_walk(own"), height=900)
    lab.theme("Dark")
    lab.picture("lesson-04-wrong-dark", at=wrong)
    lab.picture("lesson-04-walk-dark", at=lab.cell("show_walk(own"), height=900)
