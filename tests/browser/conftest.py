"""JupyterLab in headless Chromium, with a home of its own: nothing of the user's settings, nothing left behind."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
ARTIFACTS = ROOT / "artifacts"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "apputils-extension/themes": {"theme": "JupyterLab Light"},
    "notebook-extension/tracker": {"windowingMode": "none"},  # every cell is in the page, seen or not
    "docmanager-extension/plugin": {"autosave": False},
}
# JupyterLab's body is a box of no height that hides what overflows: axe would take everything in it for hidden.
IN_SIGHT = ".jp-ThemedContainer { overflow: visible !important }"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SLOWEST = 90_000  # milliseconds that anything may take on a busy machine
KERNEL_READY = """async () => {
    const { context, sessionContext } = jupyterapp.shell.currentWidget;
    await context.ready;
    await sessionContext.ready;
    await sessionContext.session.kernel.info;
}"""


@pytest.fixture(scope="package")  # no longer: while playwright runs, asyncio is taken in this thread
def chromium():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no chromium here (looked for {', '.join(BROWSERS)}); `apt install chromium` brings it")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    root = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=root)
        yield browser
        browser.close()


@pytest.fixture
def without_barriers():
    """without_barriers(page, selector): fail where axe-core finds something in the page, or in a part of it."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed").Axe()

    def looked(page, selector=None):
        page.add_style_tag(content=IN_SIGHT)
        options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": WCAG}}
        found = axe.run(page, context=selector, options=options).response
        tried = {one["id"] for kind in ("passes", "violations", "incomplete") for one in found[kind]}
        assert "color-contrast" in tried, "axe took all of it for hidden"
        assert [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found["violations"]] == []

    return looked


@dataclass
class Lab:
    """A running server: its folder, its address and its token."""

    folder: Path
    url: str
    token: str


@pytest.fixture(scope="package")
def lab(tmp_path_factory):
    home = tmp_path_factory.mktemp("lab")
    places = {name: home / name.lower() for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")}
    environment = (
        os.environ | {"CNNLAB_REHEARSAL": "1"} | {f"JUPYTER_{name}": str(path) for name, path in places.items()}
    )
    environment |= {
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "spaces"),
    }
    for name, values in SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    folder = home / "work"
    folder.mkdir()
    call = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.port=0"]
    call += [f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True"]
    with open(home / "log", "w") as log:
        server = subprocess.Popen(call, env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        yield _running(server, places["RUNTIME_DIR"], folder, home / "log")
    finally:
        server.terminate()  # the server ends its kernels
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _running(server, runtime, folder, log):
    """The server writes down its port and token when it is ready."""
    note = runtime / f"jpserver-{server.pid}.json"
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            facts = json.loads(note.read_text())
            return Lab(folder, facts["url"], facts["token"])
        except (OSError, ValueError):  # not there yet, or half written
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


class Notebook:
    """One notebook in the browser."""

    def __init__(self, page, lab, name):
        from playwright.sync_api import expect

        self.page, self.expect = page, expect
        page.goto(f"{lab.url}lab/tree/{quote(name)}?token={lab.token}&reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=SLOWEST)
        page.evaluate(KERNEL_READY)
        page.evaluate("jupyterapp.shell.collapseLeft()")
        self.theme("Light")

    def run_all(self, slowest=SLOWEST):
        self.page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        last = self.page.locator(".jp-CodeCell .jp-InputArea-prompt").last
        self.expect(last).to_have_text(re.compile(r"\[\d+\]"), timeout=slowest)

    def cell(self, text):
        """The code cell with this text in it."""
        return self.page.locator(".jp-CodeCell").filter(has=self.page.locator(".jp-InputArea-editor", has_text=text))

    def theme(self, name):
        if self.page.locator(f'body[data-jp-theme-name="JupyterLab {name}"]').count():
            return
        self.page.evaluate(f"jupyterapp.commands.execute('apputils:change-theme', {{theme: 'JupyterLab {name}'}})")
        self.page.wait_for_selector(f'body[data-jp-theme-light="{str(name == "Light").lower()}"]', state="attached")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")  # it hides the page for a moment

    def picture(self, name, at=None, height=1000):
        """A screenshot in artifacts/, scrolled to a cell."""
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.set_viewport_size({"width": 1280, "height": height})
        if at is not None:
            at.evaluate("cell => cell.scrollIntoView({block: 'start', behavior: 'instant'})")
        self.page.screenshot(path=ARTIFACTS / f"{name}.png")


def by_grade_id(notebook):
    return {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}


def half_solved(name, solved, without=(), **others):
    """The learner's notebook ("07_blocks/07_blocks.ipynb") with these exercises as in the solution; others: answers of
    one's own, by the exercise's name; without: the ids of cells that take long and that nobody looks at."""
    lesson = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    assert set(without) <= {cell.id for cell in lesson.cells}
    lesson.cells = [cell for cell in lesson.cells if cell.id not in without]
    cells, right = by_grade_id(lesson), by_grade_id(nbformat.read(ROOT / "solutions" / name, as_version=4))
    for exercise in solved:
        cells[exercise].source = right[exercise].source
    for exercise, source in others.items():
        cells[exercise].source = source
    return lesson


@pytest.fixture
def open_notebook(chromium, lab):
    """open_notebook(name, notebook): write it into the server's folder and open it in a page of its own."""
    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(30_000)

    def opened(name, notebook):
        (lab.folder / name).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, lab.folder / name)
        return Notebook(context.new_page(), lab, name)

    yield opened
    for page in context.pages:
        with contextlib.suppress(Exception):  # a page that has crashed ends nothing any more
            page.evaluate("jupyterapp.serviceManager.sessions.shutdownAll()")
    context.close()
