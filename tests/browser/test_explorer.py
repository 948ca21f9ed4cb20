"""The convolution explorer as a learner meets it: pointer, keys and sliders."""

import nbformat
import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FUNCTION = """import numpy as np
from cnnlab.widgets import explore_convolution

def cross_correlate2d(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel)
"""


def notebook(*cells):
    cells = [nbformat.v4.new_code_cell(text) for text in cells]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})


def slide(explorer, label, keys):
    """Move the slider of that label with the keyboard."""
    row = explorer.locator(".widget-slider").filter(has_text=label)
    handle = row.locator(".noUi-handle")
    handle.focus()
    for key in keys:
        handle.press(key)
    return row.locator(".widget-readout")


def test_pointer_keys_and_sliders_move_the_kernel(open_notebook):
    lab = open_notebook("explorer.ipynb", notebook(FUNCTION, "explore_convolution(cross_correlate2d)"))
    lab.run_all()
    explorer = lab.page.locator(".jp-CodeCell").last
    view = explorer.locator(".cnnlab-explorer")
    expect(view).to_contain_text("output[0, 0] = 0·(−1) + 0·0 + 1·1")
    expect(view).to_contain_text("all 9 numbers are right")

    view.locator('[data-out="2,2"]').hover()
    expect(view).to_contain_text("output[2, 2] = 1·(−1) + 1·0 + 1·1")
    expect(explorer.locator(".widget-slider").filter(has_text="step").locator(".widget-readout")).to_have_text("9")

    view.locator('[data-in="1,1"]').hover()
    expect(view).to_contain_text("output[0, 0] = ")

    view.focus()
    view.press("ArrowDown")
    view.press("ArrowRight")
    expect(view).to_contain_text("output[1, 1] = 0·(−1) + 1·0 + 1·1")
    expect(view).to_be_focused()
    lab.picture("explorer-light")

    expect(slide(explorer, "input size", ["ArrowRight"] * 2)).to_have_text("7")
    expect(view).to_contain_text("7 − 3 + 1 = 5 places")
    expect(slide(explorer, "padding", ["ArrowRight"])).to_have_text("1")
    expect(slide(explorer, "stride", ["ArrowRight"])).to_have_text("2")
    expect(slide(explorer, "dilation", ["ArrowRight"])).to_have_text("2")
    expect(view).to_contain_text("(7 + 2·1 − 5) / 2 + 1 = 3 places")
    expect(view.locator("[data-out]")).to_have_count(9)
    expect(view).to_contain_text("all 9 numbers are right")
    lab.theme("Dark")
    lab.picture("explorer-dark")

    explorer.locator("button", has_text="▶").click()
    expect(view).to_contain_text("output[1, 2] = ")
    explorer.locator("select").nth(1).select_option("one bright pixel")
    expect(view.locator('[data-in="4,4"]')).to_contain_text("1")
    explorer.locator("select").nth(0).select_option("One patch, by hand")
    expect(view).to_contain_text("output[0, 0] = 1·1 + 6·2")
    expect(view).to_contain_text("= 8")


def test_sliders_do_without_a_pointer_and_a_wrong_function_is_seen(open_notebook):
    wrong = "explore_convolution(lambda image, kernel: cross_correlate2d(image, kernel[:, ::-1]), hover=False)"
    lab = open_notebook("sliders.ipynb", notebook(FUNCTION, wrong, "explore_convolution(None)"))
    lab.run_all()
    explorer = lab.cell("lambda")
    expect(explorer).to_contain_text("6 of 9 numbers differ from the true ones")
    expect(explorer.locator("[data-out]").first).to_contain_text("true 3")
    expect(explorer.locator(".cnnlab-explorer")).to_have_count(0)
    slide(explorer, "step", ["ArrowRight"])
    expect(explorer).to_contain_text("output[0, 1] = ")
    lab.picture("sliders-wrong-function", at=explorer)


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_every_number_can_be_read_in_both_themes(open_notebook, theme):
    """Ink and paper of every cell and caption differ in luminance at least 4.5 : 1 (WCAG AA)."""
    lab = open_notebook(f"contrast-{theme}.ipynb", notebook(FUNCTION, "explore_convolution(padding=1)"))
    lab.theme(theme)
    lab.run_all()
    expect(lab.page.locator(".cnnlab-explorer table")).to_have_count(6)
    lab.picture(f"explorer-padding-{theme.lower()}")
    worst = lab.page.evaluate(
        """() => {
        const light = (c) => {
            const [r, g, b] = c.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
        const paper = (el) => {
            for (; el; el = el.parentElement) {
                const c = numbers(getComputedStyle(el).backgroundColor);
                if (c.length === 3 || c[3] > 0.99) return c.slice(0, 3);
            }
            return [255, 255, 255];
        };
        return Math.min(...[...document.querySelectorAll(".cnnlab-explorer *")]
            .filter((el) => [...el.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
            .map((el) => {
                const [a, b] = [light(numbers(getComputedStyle(el).color)), light(paper(el))];
                return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            }));
        }"""
    )
    assert worst > 4.5
