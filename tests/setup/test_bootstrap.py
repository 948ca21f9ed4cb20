"""The set-up cell, in a fresh environment like Colab's (colab.txt), but without torch, which is 5 GB."""

import functools
import http.server
import os
import threading

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from cnnlab import __version__, settings
from tests.setup import colab

bootstrap = pytest.importorskip("cnnlab.course.bootstrap")

LARGE = ("torch", "torchvision")
SOLVED = """\
import numpy as np
def cross_correlate2d(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel)
check.cross_correlate2d(cross_correlate2d)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(os.name != "posix", reason="paths of a POSIX environment"),
]


@pytest.fixture(scope="module")
def wheel(repository, tmp_path_factory):
    return colab.wheel(repository, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    try:
        return colab.Machine(tmp_path_factory.mktemp("colab"), leave_out=LARGE)
    except colab.NoNetwork:
        pytest.skip("no network: the packages that Colab has cannot be installed here")


def run(machine, cells, **settings_):
    """Run the cells in a fresh kernel of that machine; returns the executed notebook."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    machine.run(notebook, **settings_)
    return notebook


def text(notebook):
    return "".join(out.get("text", "") for cell in notebook.cells for out in cell.get("outputs", []))


@pytest.fixture
def cell():
    return bootstrap.cell(settings.course(), __version__)


@pytest.fixture
def home(wheel, tmp_path):
    """The address of a course whose release has that wheel."""
    release = tmp_path / "releases" / "download" / f"v{__version__}"
    release.mkdir(parents=True)
    (release / wheel.name).write_bytes(wheel.read_bytes())
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_python_is_colabs(machine):
    version = ".".join(machine.version.split(".")[:2])
    if version != colab.PYTHON:
        pytest.skip(f"there is no Python {colab.PYTHON} here: these tests use {version}")


def test_elsewhere_the_cell_says_what_to_do_and_installs_nothing(machine, cell):
    before = machine.frozen()
    with pytest.raises(CellExecutionError) as failure:
        run(machine, [cell])
    if not any("cnnlab" in line for line in before):
        said = str(failure.value)
        assert "cnnlab, is not installed" in said
        assert "make lab" in said
        assert "%pip install" in said
        assert machine.frozen() == before


def test_on_colab_it_installs_the_wheel_of_the_release_once_and_changes_nothing_that_was_there(machine, home):
    cell = bootstrap.cell({**settings.course(), "home": home}, __version__)
    before = machine.frozen()
    assert {f"{name}=={version}" for name, version in colab.PINS.items() if name not in LARGE} <= before
    said = text(run(machine, [cell, cell, SOLVED], PRETEND_COLAB="1"))
    assert "cross_correlate2d" in said
    assert before <= machine.frozen(), "a package of Colab's own was changed"
    assert {line.split("=")[0].split(" ")[0] for line in machine.frozen() - before} <= {"cnnlab"}
    log = (machine.home / "pip.log").read_text()
    assert log.count("Successfully installed") == 1
    run(machine, [cell], PRETEND_COLAB="1")
    assert (machine.home / "pip.log").read_text() == log


def test_lesson_01_runs_there_from_top_to_bottom(machine, wheel, repository):
    notebook = nbformat.read(repository / "solutions/01_convolution/01_convolution.ipynb", as_version=4)
    wrong = nbformat.v4.new_code_cell("check.convolve2d(cross_correlate2d)", metadata={"tags": ["raises-exception"]})
    notebook.cells.append(wrong)
    machine.run(notebook, PRETEND_COLAB="1", CNNLAB_SOURCE=str(wheel))
    assert str(notebook).count('aria-label="Lesson 01 is done"') == 1
    assert "Copy the context for a tutor" in wrong.outputs[-1].data["text/html"]
    assert any("cnnlab" in line for line in machine.frozen())
    widgets = [
        out for cell in notebook.cells for out in cell.get("outputs", []) if "widget-view" in str(out.get("data"))
    ]
    assert widgets, "the explorer shows nothing"
