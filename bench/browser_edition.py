"""How long the browser edition takes: from a click to the first passed check, and each lesson with its solutions, there
and here. Then every known mistake of the lesson: is it told there as it is here?

    .venv/bin/python bench/browser_edition.py SITE [LESSON …]

SITE: a folder that `cnnlab site` wrote. Needs chromium and playwright. Where the site's Pyodide has no matplotlib, a
stand-in that draws nothing takes its place, there and here.
"""

import functools
import http.server
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from playwright.sync_api import sync_playwright

from cnnlab import check
from cnnlab.course.folder import Folder
from cnnlab.course.site.lite import in_the_browser

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.site.edition import HELPERS, READY, rows_there
from tests.wasm import rows

COURSE = Folder(Path(__file__).resolve().parents[1])
SLOWEST = 600_000
STAND_IN = """
import importlib.abc, importlib.machinery, importlib.util, sys
from unittest.mock import MagicMock
class Nothing(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "matplotlib":
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
    def create_module(self, spec):
        return MagicMock(name=spec.name)
    def exec_module(self, module):
        pass
if importlib.util.find_spec("matplotlib") is None or {always}:
    sys.meta_path.insert(0, Nothing())
"""


SENT = [0, 0]  # answers, bytes


class Counting(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def copyfile(self, source, out):
        content = source.read()
        SENT[0] += 1
        SENT[1] += len(content)
        out.write(content)


def used():
    """Seconds of the processor that the browser and its driver have had."""
    return sum(sum(process.cpu_times()[:2]) for process in psutil.Process().children(recursive=True))


def solution(lesson):
    cells = nbformat.read(COURSE.solution(lesson), as_version=4).cells
    return {cell.id: cell for cell in cells if cell.cell_type == "code"}


def opened(context, address, lesson):
    page = context.new_page()
    page.set_default_timeout(SLOWEST)
    page.goto(f"{address}lessons/{lesson}.html")
    SENT[:] = 0, 0
    start, before = time.perf_counter(), used()
    page.get_by_role("link", name="Try it here").click()
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.evaluate(READY)
    page.evaluate(HELPERS)
    return page, start, before


def first_check(context, address):
    page, start, before = opened(context, address, "01_convolution")
    seen = time.perf_counter() - start
    cell = "count_parameters_dense"
    page.evaluate("([id, source]) => write(id, source)", [cell, solution("01_convolution")[cell].source])
    for name in ("set-up", cell, "check-count_parameters_dense-count"):
        said = page.evaluate("run", name)
    assert "passed: count_parameters_dense" in said, said
    took = time.perf_counter() - start
    sent = f"{used() - before:.0f} s of the processor, {SENT[1] / 1e6:.0f} MB in {SENT[0]} answers"
    page.close()
    return f"notebook after {seen:.0f} s, first passed check after {took:.0f} s, {sent}"


def seconds_here(lesson, stand_in):
    """Seconds of the same cells in a kernel on this machine."""
    notebook = nbformat.read(COURSE.solution(lesson), as_version=4)
    client = NotebookClient(notebook, kernel_name="python3", timeout=SLOWEST / 1000, allow_errors=True)
    with tempfile.TemporaryDirectory() as folder, client.setup_kernel(cwd=folder):
        client.execute_cell(nbformat.v4.new_code_cell(STAND_IN.replace("{always}", str(stand_in))), -1)
        start = time.perf_counter()
        for number, cell in enumerate(notebook.cells):
            client.execute_cell(cell, number)
        return time.perf_counter() - start


def whole_lesson(context, address, lesson):
    page, *_ = opened(context, address, lesson)
    stands_in = page.evaluate(
        "quietly", STAND_IN.replace("{always}", "False") + "print(Nothing in map(type, sys.meta_path))"
    )
    start, passed, checks = time.perf_counter(), 0, 0
    for name, cell in solution(lesson).items():
        if cell.metadata.get("nbgrader", {}).get("solution"):
            page.evaluate("([id, source]) => write(id, source)", [name, cell.source])
        said = page.evaluate("run", name)
        if name.startswith("check-"):
            checks += 1
            passed += "passed:" in said
            if "passed:" not in said:
                print(f"  {name}: {said[-400:]}")
    there = time.perf_counter() - start
    here = seconds_here(lesson, "True" in stands_in)
    times = f"{there:.1f} s there, {here:.1f} s here, {there / here:.1f} times as long"
    print(f"{lesson}: {passed} of {checks} checks pass, {times}", flush=True)
    print(f"{lesson}: {known_mistakes(page, lesson)}", flush=True)
    page.close()


def known_mistakes(page, lesson):
    asked = {one.name: list(range(len(one.mistakes))) for one in check.exercises(lesson[:2])}
    before = used()
    there = rows_there(page, asked)
    took, here = used() - before, {name: [rows.row(name, number) for number in asked[name]] for name in asked}
    same = 0
    for name in asked:
        for one, other in zip(here[name], there[name], strict=True):
            same += one == other
            if one != other:
                print(f"  {name}: here {one}; there {other}")
    mistakes = sum(map(len, asked.values()))
    return f"{same} of {mistakes} known mistakes have the same verdict and name, {took:.0f} s of the processor"


def main(site, lessons):
    with tempfile.TemporaryDirectory() as home, sync_playwright() as driver:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Counting, directory=site))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        context = driver.chromium.launch_persistent_context(
            home, executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        print("cold:", first_check(context, address), flush=True)
        print("warm:", first_check(context, address), flush=True)
        for lesson in lessons or in_the_browser(COURSE):
            whole_lesson(context, address, lesson)
        context.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
