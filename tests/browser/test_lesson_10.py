"""Lesson 10 in JupyterLab, half-way: the maps are solved, Grad-CAM leaves a hook, the rest is untouched."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import by_grade_id, half_solved

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

NAME = "10_inside/10_inside.ipynb"
SOLVED = ("feature_maps", "effective_receptive_field")


@pytest.fixture(scope="module")
def half_way():
    lesson = half_solved(NAME, [*SOLVED, "grad_cam"])
    cell = by_grade_id(lesson)["grad_cam"]
    cell.source = cell.source.replace("ear.remove()", "pass")
    return lesson


def test_half_way_through_lesson_10(open_notebook, half_way):
    lab = open_notebook("lesson/10_inside.ipynb", half_way)
    lab.run_all(slowest=600_000)

    expect(lab.cell('check.grad_cam(grad_cam, part="values")')).to_contain_text("passed:")
    left = lab.cell('check.grad_cam(grad_cam, part="leave no trace")')
    expect(left).to_contain_text("A hook of yours is still there after the call")
    lab.picture("lesson-10-left", at=left)
    expect(lab.cell('check.occlusion_map(occlusion_map, part="values")')).to_contain_text("not solved yet")
    expect(lab.page.locator(".jp-Notebook")).not_to_contain_text("Traceback")

    explorer = lab.cell("explore_maps(feature_maps")
    row = explorer.locator("img").first
    expect(row).to_have_attribute("alt", re.compile(r"conv 1 32 × 32"))
    lab.picture("lesson-10-maps", at=explorer)
    explorer.locator("select").first.select_option("conv 5")
    expect(row).to_have_attribute("alt", re.compile(r"conv 5 16 × 16"))
    lab.picture("lesson-10-maps-conv-5", at=explorer)
    grower = lab.cell("explore_field(receptive_field")
    expect(grower.locator("img").last).to_have_attribute("alt", re.compile(r"90% of the say"))
    lab.picture("lesson-10-field", at=grower)
    lab.picture("lesson-10-trials", at=lab.cell("show_trials(trials)"))
    lab.theme("Dark")
    lab.picture("lesson-10-maps-dark", at=explorer)
    lab.picture("lesson-10-trials-dark", at=lab.cell("show_trials(trials)"))
    for picture in lab.page.locator(".jp-OutputArea img").all():
        expect(picture).to_have_attribute("alt", re.compile(r"\w+ \w+"))
