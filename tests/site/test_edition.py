"""The browser edition as a learner meets it: from a lesson's page to a graded notebook, with nothing installed."""

import os
import random
import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from cnnlab import check
from cnnlab.course.folder import Folder
from cnnlab.course.grading.judge import SubmittedCell, judge
from cnnlab.course.grading.release import load_release
from cnnlab.course.grading.sandbox import NoSandbox, WorkerPool
from tests.browser.conftest import by_grade_id
from tests.conftest import ROOT
from tests.site.edition import HELPERS, READY, rows_there
from tests.wasm import rows

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*Check CHANGES for Sphinx API modifications")]

COURSE = Folder(ROOT)
LESSON = "01_convolution"
NO_FLIP = "def convolve2d(image, kernel):\n    return cross_correlate2d(image, kernel)\n"
ENDLESS = """def count_parameters_conv(*sizes, **named):
    while True:
        try:
            pass
        except:
            pass
"""
LAST = "**/pygments-*.whl"  # a file of the kernel's, without which it can not start
IMPORTS, EXPLORER = "01-convolution-by-hand-2", "01-exercise-3-1-4"
SLOWEST = 240_000  # milliseconds that anything may take on a busy machine


class Lesson:
    """A lesson in a page of its own; every request that left the site is in `outside`."""

    def __init__(self, browser, address):
        self.page = browser.new_page(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
        self.page.set_default_timeout(SLOWEST)
        self.outside = []
        self.page.context.on("request", lambda request: self._seen(request.url, address))
        self.page.goto(f"{address}lessons/{LESSON}.html")
        self.bar = self.page.locator("#cnnlab-starting")

    def _seen(self, url, address):
        if not url.startswith((address, "data:", "blob:")):
            self.outside.append(url)

    def try_it(self):
        self.page.get_by_role("link", name="Try it here").click()

    def ready(self):
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.page.evaluate(READY)
        self.page.evaluate(HELPERS)

    def run(self, cell):
        return self.page.evaluate("run", cell)

    def write(self, cell, source):
        self.page.evaluate("([id, source]) => write(id, source)", [cell, source])


def checks_of(exercise):
    return [f"check-{exercise}-{part.name.replace(' ', '-')}" for part in check.exercise(exercise).parts]


def points(text):
    return sum(int(number) for number in re.findall(r"(\d+) of \d+ points?", text))


def graded(cells):
    release = load_release(COURSE.release(LESSON), COURSE.toml["lessons"][LESSON]["imports"])
    names = {cell.grade_id for cell in release.with_role("solution")}
    submitted = [SubmittedCell(cell.source, name) for name, cell in cells.items() if name in names]
    try:
        with WorkerPool(release.imports, waiting=1) as pool:
            return judge(release, submitted, pool, "secret").points
    except NoSandbox as error:
        pytest.skip(str(error))


@pytest.mark.browser
@pytest.mark.timeout(900)  # a whole evening, with two starts of Python
def test_a_learner_in_the_browser_is_told_which_mistake_and_graded_the_same(
    site, address, chromium, pyodide, without_barriers, tmp_path
):
    if not isinstance(pyodide, Path):
        pytest.skip(pyodide)
    right = by_grade_id(nbformat.read(COURSE.solution(LESSON), as_version=4))
    lesson = Lesson(chromium, address)
    held = []
    lesson.page.route(LAST, lambda route: held.append(route))
    lesson.try_it()
    loaded = lesson.bar.get_by_role("progressbar")
    most = sum(file.stat().st_size for file in (site / "try" / "pyodide").iterdir() if file.suffix != ".js") / 1e6
    least = next(site.glob(f"try/pyodide/{LAST[3:]}")).stat().st_size / 1e6
    there = "([bar, share]) => Math.abs(bar.position - share) < 1e-4"
    loaded.wait_for(timeout=SLOWEST)
    lesson.page.wait_for_function(there, arg=[loaded.element_handle(), 1 - least / most])
    expect(loaded).to_have_attribute("aria-valuetext", f"{most - least:.0f} of {most:.0f} MB")
    without_barriers(lesson.page, "#cnnlab-starting")
    held[0].continue_()
    lesson.page.unroute(LAST)
    lesson.ready()
    expect(lesson.bar).to_have_count(0, timeout=SLOWEST)
    lesson.run("set-up")
    progress = lesson.page.locator('[aria-label^="Your progress"]')
    expect(progress).to_contain_text("0 of 16 points", timeout=SLOWEST)
    expect(progress).to_contain_text("Next: exercise 2.1, count_parameters_dense, about 5 minutes.")
    lesson.write(IMPORTS, "import numpy as np\nfrom cnnlab.widgets import explore_convolution")
    lesson.run(IMPORTS)

    lesson.write("count_parameters_dense", right["count_parameters_dense"].source)
    lesson.write("cross_correlate2d", right["cross_correlate2d"].source)
    lesson.write("convolve2d", NO_FLIP)
    lesson.write("count_parameters_conv", ENDLESS)
    told = {}
    for exercise in ("count_parameters_dense", "cross_correlate2d", "convolve2d", "count_parameters_conv"):
        lesson.run(exercise)
        told[exercise] = "\n".join(lesson.run(cell) for cell in checks_of(exercise))
    assert "passed: cross_correlate2d · values · 2 of 2 points" in told["cross_correlate2d"]
    assert "flip" in told["convolve2d"]
    assert "✗" in told["convolve2d"]
    assert "did not come back in time" in told["count_parameters_conv"]
    assert "0 of 1 point" in told["count_parameters_conv"]

    seed = int(os.environ.get("CNNLAB_SEED", random.randrange(10_000)))
    asked = {one.name: [random.Random(seed).randrange(len(one.mistakes))] for one in check.exercises("01")}
    here = {name: [rows.row(name, number) for number in numbers] for name, numbers in asked.items()}
    assert rows_there(lesson.page, asked) == here, f"CNNLAB_SEED={seed} draws them again"

    lesson.run(EXPLORER)
    view = lesson.page.locator(".cnnlab-explorer")
    expect(view).to_contain_text("from your cross_correlate2d: all 9 numbers are right", timeout=SLOWEST)
    view.locator('[data-out="1,2"]').hover()
    expect(view).to_contain_text("output[1, 2] = 1·(−1) + 1·0 + 1·1", timeout=SLOWEST)

    for ours in (".cnnlab-explorer", '[aria-label^="Your progress"]'):
        without_barriers(lesson.page, ours)

    with lesson.page.expect_download() as download:
        lesson.page.get_by_role("button", name="Download").click()
    download.value.save_as(tmp_path / "mine.ipynb")
    mine = by_grade_id(nbformat.read(tmp_path / "mine.ipynb", as_version=4))
    assert mine["convolve2d"].source == NO_FLIP
    shown = sum(points(text) for text in told.values())
    assert shown == 5
    assert graded(mine) == shown
    expect(progress).to_contain_text(f"{shown} of 16 points")

    lesson.page.reload()
    lesson.ready()
    assert lesson.page.evaluate("source('convolve2d')") == NO_FLIP
    lesson.run("set-up")
    expect(progress).to_contain_text(f"{shown} of 16 points", timeout=SLOWEST)
    assert lesson.outside == []
    lesson.page.close()


@pytest.mark.browser
def test_a_window_that_keeps_nothing_says_so_and_a_python_that_does_not_come(address, chromium, without_barriers):
    page = chromium.new_page(color_scheme="dark")
    page.add_init_script("Object.defineProperty(window, 'indexedDB', {value: undefined})")
    page.route("**/pyodide.js", lambda route: route.abort())
    page.goto(f"{address}try/lab/index.html?path={LESSON}/{LESSON}.ipynb")
    page.get_by_text("This window keeps nothing").first.wait_for(timeout=SLOWEST)
    without_barriers(page, ".Toastify__toast-body")
    told = page.locator("#cnnlab-starting").get_by_role("alert")
    expect(told).to_contain_text("Python could not be loaded", timeout=SLOWEST)
    expect(told).to_contain_text("does it let this page reach")
    without_barriers(page, "#cnnlab-starting")
    with page.expect_navigation():
        page.get_by_role("button", name="Reload").click()
    page.close()
