"""Lesson 09 in JupyterLab, half-way, on real photographs: moved pictures, curves, classes, the ladder."""

import os
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import half_solved

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not os.environ.get("CNNLAB_DATA"), reason="needs CIFAR-10: set CNNLAB_DATA to where it is"),
]

NAME = "09_cifar10/09_cifar10.ipynb"
SOLVED = ["build_small_cnn", "one_cycle", "accuracy_by_class"]
UPSIDE_DOWN = '''def random_crop_flip(x, generator, padding=4):
    """Mirrors the wrong axis."""
    padded = nn.functional.pad(x, (padding,) * 4)
    out = torch.empty_like(x)
    for k in range(len(x)):
        top, left = torch.randint(0, 2 * padding + 1, (2,), generator=generator).tolist()
        window = padded[k, :, top : top + x.shape[2], left : left + x.shape[3]]
        out[k] = window.flip(-2) if torch.rand(1, generator=generator) < 0.5 else window
    return out
'''


@pytest.fixture(scope="module")
def half_way():
    return half_solved(NAME, SOLVED, random_crop_flip=UPSIDE_DOWN)


def test_half_way_through_lesson_09(open_notebook, half_way):
    lab = open_notebook("lesson/09_cifar10.ipynb", half_way)
    lab.run_all(slowest=600_000)

    wrong = lab.cell('check.random_crop_flip(random_crop_flip, part="crops")')
    expect(wrong).to_contain_text("It is a crop turned upside down")
    lab.picture("lesson-09-wrong", at=wrong)
    expect(lab.cell('check.build_small_cnn(build_small_cnn, part="logits")')).to_contain_text("passed:")
    expect(lab.cell("check.build_residual_net(")).to_contain_text("not solved yet")
    expect(lab.page.locator(".jp-Notebook")).not_to_contain_text("Traceback")

    lab.picture("lesson-09-pictures", at=lab.cell("show_pictures(named"))
    lab.picture("lesson-09-moved", at=lab.cell("show_moved(random_crop_flip"))
    training = lab.cell("model, with_computed = watch(")
    expect(training.locator("progress")).to_have_attribute(
        "value", re.compile(r"[1-9]")
    )  # so many steps, on this machine
    lab.picture("lesson-09-training", at=training)
    lab.picture("lesson-09-by-heart", at=lab.cell("_, by_heart = watch(bare"))
    lab.picture("lesson-09-cured", at=lab.cell("_, cured = watch(cures"))
    lab.picture("lesson-09-by-class", at=lab.cell("show_by_class("))
    confusion = lab.cell("show_confusion(")
    lab.picture("lesson-09-confusion", at=confusion)
    lab.picture("lesson-09-mistakes", at=lab.cell("show_colour_mistakes("))
    rungs = lab.cell("show_rungs(runs)")
    expect(lab.cell("side_by_side(").last.locator("table")).to_contain_text("yours")
    expect(lab.cell("your_processor(device)").last.locator("table")).to_contain_text("yours")
    expect(rungs).to_contain_text("`fast_step` has no rung: it is not written yet.")
    expect(lab.cell("for name, net in networks.items()")).to_contain_text("250 test pictures are right")
    lab.picture("lesson-09-ladder", at=rungs, height=1300)

    lab.theme("Dark")
    lab.picture("lesson-09-training-dark", at=training)
    lab.picture("lesson-09-confusion-dark", at=confusion)
    lab.picture("lesson-09-ladder-dark", at=rungs, height=1300)
