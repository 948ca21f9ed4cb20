"""What accompanies a learner in JupyterLab, light and dark: the panel, the context for a tutor, a milestone."""

import re
import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, by_grade_id, half_solved

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSON = "02_padding_stride"
NAME = f"{LESSON}/{LESSON}.ipynb"
COPY = f"{LESSON}/Jörg Müßig's 02 #2.ipynb"
NEXT = "course/work/03_pooling/03_pooling.ipynb"
SOLVED = ("shrink_after", "pad2d", "output_size", "same_padding", "conv2d", "dilation_schedule")


@pytest.fixture
def learner(lab):
    """A learner's folder on the server, empty; as a path for it."""
    folder = lab.folder / "course"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "work").mkdir(parents=True)
    shutil.copy(ROOT / "course.toml", folder)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    return f"course/work/{NAME}"


def test_the_panel_and_the_context_for_a_tutor(open_notebook, learner, without_barriers):
    lesson = half_solved(NAME, SOLVED[:-1])
    cell, good = by_grade_id(lesson)["conv2d"], "top, left = i * sh, j * sw"
    cell.source = cell.source.replace(good, "top, left = i, j")
    lab = open_notebook(learner.replace(NAME, COPY), lesson)
    lab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab.run_all()

    panel = lab.page.locator('[aria-label^="Your progress in lesson 02"]')
    expect(panel).to_have_count(1)
    expect(panel).to_contain_text("8 of 12 parts · 9 of 14 points")
    link = panel.get_by_role("link", name="Next: exercise 5.1, conv2d, about 35 minutes.")
    heading = lab.page.get_by_role("heading", name="Exercise 5.1 · conv2d")
    expect(heading).not_to_be_in_viewport()
    link.click()
    expect(heading).to_be_in_viewport()
    expect(lab.page.locator(".lm-TabBar-tabLabel", has_text="Müßig")).to_have_count(1)  # no second copy of it

    wrong = lab.cell('check.conv2d(conv2d, part="stride")')
    box = wrong.get_by_role("group", name="The context for a tutor")
    expect(wrong.locator(".jp-OutputArea-child").last).to_contain_text("Copy the context for a tutor")
    button, said, text = box.get_by_role("button"), box.get_by_role("status"), box.locator("pre")
    button.click()
    expect(said).to_have_text("Copied.")
    copied = lab.page.evaluate("navigator.clipboard.readText()")
    assert copied == text.text_content()
    assert "conv2d · stride · 0 of 2 points" in copied
    assert "The shape of the code: " in copied
    assert "tensordot(patch" not in copied

    lab.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    button.click()
    expect(text).to_be_visible()
    expect(said).to_have_text(re.compile("Copied.|It is selected below"))
    assert lab.page.evaluate("getSelection().toString()").strip()[:40] == copied.strip()[:40]
    lab.page.evaluate("() => { document.activeElement.blur(); getSelection().removeAllRanges(); }")

    expect(lab.cell("check.dilation_schedule(").first).to_contain_text("not solved yet")
    expect(lab.cell("check.dilation_schedule(").first).not_to_contain_text("for a tutor")

    for theme in ("Light", "Dark"):
        lab.theme(theme)
        for selector in ('[aria-label^="Your progress"]', '[aria-label="The context for a tutor"]'):
            without_barriers(lab.page, selector)
        lab.picture(f"panel-{theme.lower()}", at=lab.page.locator(".jp-CodeCell").first, height=560)
        lab.picture(f"tutor-{theme.lower()}", at=wrong, height=1150)


def test_a_milestone(open_notebook, learner, lab, without_barriers):
    (lab.folder / NEXT).parent.mkdir()
    shutil.copy(ROOT / "notebooks/03_pooling/03_pooling.ipynb", lab.folder / NEXT)
    lesson = half_solved(NAME, SOLVED)
    first = [cell for cell in lesson.cells if cell.cell_type == "code"][:2]
    graded = [cell for cell in lesson.cells if cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")]
    lesson.cells = [*first, *(c for c in graded if any(name in c.metadata.nbgrader.grade_id for name in SOLVED))]
    lab = open_notebook(learner, lesson)
    lab.run_all()
    done = lab.page.get_by_role("group", name="Lesson 02 is done")
    expect(done).to_have_count(1)
    expect(done.locator("img")).to_have_attribute("alt", re.compile("your conv2d: edges, upright"))
    expect(done).to_contain_text("112 (by your output_size)")
    panel = lab.page.locator('[aria-label^="Your progress in lesson 02"]')
    expect(panel).to_contain_text("Every check of this lesson passes. Next: lesson 03 Activations and pooling.")
    for theme in ("Light", "Dark"):
        lab.theme(theme)
        without_barriers(lab.page, '[aria-label="Lesson 02 is done"]')
        lab.picture(f"milestone-{theme.lower()}", at=lab.page.locator(".jp-CodeCell").last, height=620)
        lab.picture(f"panel-done-{theme.lower()}", at=lab.page.locator(".jp-CodeCell").first, height=500)
    lab.run_all()
    expect(done).to_have_count(0)
    panel.get_by_role("link", name="Next: lesson 03 Activations and pooling.").click()
    expect(lab.page.get_by_role("heading", name="Activations and pooling").first).to_be_visible()
