"""Lesson 06 in JupyterLab, half-way: the shapes are solved, the parameters are wrong, the rest is untouched."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import by_grade_id, half_solved

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "06_alexnet/06_alexnet.ipynb"
SOLVED = ("conv_shape", "pool_shape", "trace", "receptive_field")
WRONG = '''def parameters(layers, input_shape):
    """Forgets the biases."""
    shapes = trace(layers, input_shape)
    weights = []
    for layer, came in zip(layers, shapes):
        if isinstance(layer, Conv):
            weights.append(layer.kernel**2 * came[0] * layer.out_channels)
        else:
            weights.append(came[0] * layer.out_features if isinstance(layer, Dense) else 0)
    return weights
'''
ROWS = {
    '"shape after conv1": None': '"shape after conv1": (96, 55, 55)',
    '"shape after pool1": None': '"shape after pool1": (96, 28, 28)',
}


NOT_LOOKED_AT = ["06-an-alexnet-that-learns-while-you-watch-6"]


@pytest.fixture(scope="module")
def half_way():
    lesson = half_solved(NAME, SOLVED, NOT_LOOKED_AT, parameters=WRONG)
    answers = by_grade_id(lesson)["alexnet_answers"]
    for empty, filled in ROWS.items():
        answers.source = answers.source.replace(empty, filled)
    return lesson


def test_half_way_through_lesson_06(open_notebook, half_way):
    lab = open_notebook("lesson/06_alexnet.ipynb", half_way)
    lab.run_all()

    expect(lab.cell('check.trace(trace, part="whole network")')).to_contain_text("passed: trace")
    wrong = lab.cell('check.parameters(parameters, part="convolutions")')
    expect(wrong).to_contain_text("0 of 1 point")
    expect(wrong).not_to_contain_text("Traceback")
    untouched = lab.cell("check.build_alexnet(").first
    expect(untouched).to_contain_text("not solved yet")

    table = lab.cell('check.alexnet_answers(alexnet_answers, part="shapes")')
    expect(table).to_contain_text("1 of 9 rows are right")
    expect(table).to_contain_text("the kernel has to fit in: take its side off")
    expect(table).to_contain_text("not filled in yet")

    tracer = lab.cell("explore_shapes(trace, parameters, macs)")
    picture = tracer.locator("img").last
    expect(picture).to_have_attribute("alt", re.compile("flatten 4,096.*Wrong in parameters: 5 of its entries"))
    expect(tracer).to_contain_text("`macs` is not written yet.")
    lab.picture("lesson-06-tracer", at=tracer, height=1100)
    tracer.locator("button", has_text="+ dense").click()
    expect(picture).to_have_attribute("alt", re.compile("dense 10; dense 100"))
    tracer.locator("select").first.select_option("VGG-16")
    expect(picture).to_have_attribute("alt", re.compile("flatten 25,088"))
    lab.picture("lesson-06-tracer-vgg", at=tracer, height=1100)
    tracer.locator("textarea").fill("Conv(4, 3)\nFlatten()\nConv(4, 3)")
    tracer.locator("textarea").blur()
    expect(tracer).to_contain_text("needs maps, and after Flatten")

    grower = lab.cell("explore_field(receptive_field)")
    field = grower.locator("img").last
    expect(field).to_have_attribute("alt", re.compile("pool 2/2 46"))
    lab.picture("lesson-06-field", at=grower)
    grower.locator("button", has_text="+ conv 5×5").click()
    expect(field).to_have_attribute("alt", re.compile(r"conv 5×5 110\."))
    tower = field.get_attribute("src")
    grower.locator("select").nth(1).select_option("a frame of the camera")
    expect(field).not_to_have_attribute("src", tower)
    middle = field.get_attribute("src")
    handle = grower.locator(".widget-slider").filter(has_text="right").locator(".noUi-handle")
    handle.focus()
    for _ in range(3):
        handle.press("PageDown")
    expect(field).not_to_have_attribute("src", middle)
    lab.picture("lesson-06-field-camera", at=grower)

    lab.picture("lesson-06-table", at=table)
    lab.picture("lesson-06-wrong", at=wrong)
    lab.picture("lesson-06-unsolved", at=untouched)
    lab.theme("Dark")
    lab.picture("lesson-06-tracer-dark", at=tracer, height=1100)
    lab.picture("lesson-06-table-dark", at=table)

    pictures = lab.page.locator(".jp-OutputArea img")
    expect(pictures).not_to_have_count(0)
    for picture in pictures.all():
        expect(picture).to_have_attribute("alt", re.compile(r"\w+ \w+"))
        assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
