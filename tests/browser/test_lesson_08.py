"""Lesson 08 in JupyterLab, half-way, on real digits: live curves, a confusion matrix, the ladder."""

import os
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import half_solved

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not os.environ.get("CNNLAB_DATA"), reason="needs MNIST: set CNNLAB_DATA to where it is"),
]

NAME = "08_mnist/08_mnist.ipynb"
SOLVED = ["normalise", "build_simple_cnn", "train_epoch"]
NOT_LOOKED_AT = [
    "08-three-ways-to-take-a-step-2",
    "08-6-the-ladder-6",
    "08-7-over-fitting-on-purpose-4",
    *(f"08-9-tools-of-every-day-{k}" for k in (4, 8, 10)),
]
IN_TRAIN_MODE = '''@torch.no_grad()
def evaluate(model, batches):
    """Forgets model.eval()."""
    right = count = 0
    for images, labels in batches:
        right += int((model(images).argmax(dim=1) == labels).sum())
        count += len(labels)
    return right / count
'''
RAISES = '''def confusion_matrix(predicted, actual, classes):
    """Forgets that indices begin with 0."""
    counts = np.zeros((classes, classes), dtype=int)
    for p, a in zip(predicted, actual):
        counts[int(a) + 1, int(p)] += 1
    return counts
'''


@pytest.fixture(scope="module")
def half_way():
    return half_solved(NAME, SOLVED, NOT_LOOKED_AT, evaluate=IN_TRAIN_MODE, confusion_matrix=RAISES)


def test_half_way_through_lesson_08(open_notebook, half_way):
    lab = open_notebook("lesson/08_mnist.ipynb", half_way)
    lab.run_all(slowest=600_000)

    training = lab.cell('Training(32, "12,800 pictures")')
    expect(training.locator("progress")).to_have_attribute("value", "32")
    expect(training.locator("img")).to_have_attribute("alt", re.compile("loss"))
    lab.picture("lesson-08-training", at=training)

    expect(lab.cell('check.train_epoch(train_epoch, part="steps")')).to_contain_text("passed:")
    wrong = lab.cell('check.evaluate(evaluate, part="modes")')
    expect(wrong).to_contain_text("evaluate · modes · 0 of 2 points")
    expect(wrong).to_contain_text("Looks like: evaluated in")
    lab.picture("lesson-08-wrong", at=wrong)
    raised = lab.cell("check.confusion_matrix(confusion_matrix")
    expect(raised).to_contain_text("IndexError")
    lab.picture("lesson-08-raised", at=raised)
    expect(lab.cell("check.mended_loop_1(")).to_contain_text("not solved yet")
    expect(lab.page.locator(".jp-Notebook")).not_to_contain_text("Traceback")

    confusion = lab.cell("show_confusion(")
    expect(confusion.locator("img")).to_have_count(1)
    lab.picture("lesson-08-confusion", at=confusion)
    lab.picture("lesson-08-mistakes", at=lab.cell("show_guesses(").last)
    rungs = lab.cell("show_rungs(runs)")
    expect(rungs.locator("img").last).to_have_attribute("alt", re.compile("Muon"))
    expect(lab.cell("side_by_side(").last.locator("table")).to_contain_text("yours")
    lab.picture("lesson-08-ladder", at=rungs, height=1300)
    lab.picture("lesson-08-by-heart", at=lab.cell("by_heart = watched("))

    lab.theme("Dark")
    lab.picture("lesson-08-training-dark", at=training)
    lab.picture("lesson-08-confusion-dark", at=confusion)
    lab.picture("lesson-08-ladder-dark", at=rungs, height=1300)
