"""The set-up cell, in a fresh environment like Colab's: IPython 7, ipywidgets 7, and a package called google.colab."""

import json
import os
import subprocess
import sys

import nbformat
import pytest
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from cnnlab import __version__, settings

bootstrap = pytest.importorskip("cnnlab.course.bootstrap")

LIKE_COLAB = ["ipython==7.34.0", "ipykernel<7", "ipywidgets==7.7.1", "numpy", "matplotlib", "scikit-learn", "pip"]
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


def uv(*arguments, **more):
    environment = {**os.environ, "UV_SYSTEM_CERTS": "true"}
    call = [sys.executable, "-m", "uv", *map(str, arguments)]
    return subprocess.run(call, env=environment, capture_output=True, text=True, timeout=300, **more)


@pytest.fixture(scope="module")
def wheel(repository, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    call = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(call, cwd=repository, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def machine(tmp_path_factory, wheel):
    """A fresh environment; with PRETEND_COLAB=1 its kernels have google.colab imported, as Colab's have."""
    home = tmp_path_factory.mktemp("colab")
    subprocess.run([sys.executable, "-m", "uv", "venv", "-q", "--python", sys.executable, home / "env"], check=True)
    python = home / "env/bin/python"
    made = uv("pip", "install", "-q", "--python", python, *LIKE_COLAB)
    if made.returncode and any(word in made.stderr for word in ("Failed to fetch", "client error", "dns error")):
        pytest.skip("no network: the packages that Colab has cannot be installed here")
    assert made.returncode == 0, made.stderr
    packages = next((home / "env/lib").glob("python3*/site-packages"))
    (packages / "google/colab").mkdir(parents=True)
    (packages / "google/colab/__init__.py").touch()
    (packages / "pretend_colab.pth").write_text(
        "import os; os.environ.get('PRETEND_COLAB') and __import__('google.colab')\n"
    )
    spec = home / "kernels/colab"
    spec.mkdir(parents=True)
    call = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": call, "display_name": "Colab", "language": "python"}))
    return home


def frozen(machine):
    return set(uv("pip", "freeze", "--python", machine / "env/bin/python", check=True).stdout.split("\n"))


def run(machine, cells, **settings_):
    """Run the cells in a fresh kernel of that machine, in an empty folder; returns the executed notebook."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    return run_notebook(machine, notebook, **settings_)


def run_notebook(machine, notebook, **settings_):
    folder = machine / "content"
    folder.mkdir(exist_ok=True)
    keep = ("PATH", "LANG", "SSL_CERT_FILE", "PIP_CERT", "PIP_INDEX_URL", "PIP_FIND_LINKS", "UV_INDEX_URL")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    environment |= {"HOME": str(machine), "PIP_LOG": str(machine / "pip.log"), **settings_}
    manager = KernelManager(
        kernel_name="colab", kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(machine / "kernels")])
    )
    client = NotebookClient(notebook, km=manager, timeout=240)
    client.execute(cwd=str(folder), env=environment)
    return notebook


def text(notebook):
    return "".join(out.get("text", "") for cell in notebook.cells for out in cell.get("outputs", []))


@pytest.fixture
def cell():
    return bootstrap.cell(settings.course(), __version__)


def test_elsewhere_the_cell_says_what_to_do_and_installs_nothing(machine, cell):
    before = frozen(machine)
    with pytest.raises(CellExecutionError) as failure:
        run(machine, [cell])
    if not any("cnnlab" in line for line in before):
        said = str(failure.value)
        assert "cnnlab, is not installed" in said
        assert "make lab" in said
        assert "%pip install" in said
        assert frozen(machine) == before


def test_on_colab_it_installs_once_and_changes_nothing_that_was_there(machine, wheel, cell):
    before = frozen(machine)
    colab = {"PRETEND_COLAB": "1", "CNNLAB_SOURCE": str(wheel)}
    said = text(run(machine, [cell, cell, SOLVED], **colab))
    assert "cross_correlate2d" in said
    added = frozen(machine) - before
    assert before <= frozen(machine), "a package of Colab's own was changed"
    assert {line.split("=")[0].split(" ")[0] for line in added} <= {"cnnlab", "anywidget", "psygnal"}
    log = (machine / "pip.log").read_text()
    assert log.count("Successfully installed") == 1
    run(machine, [cell], **colab)
    assert (machine / "pip.log").read_text() == log


def test_lesson_01_runs_there_from_top_to_bottom(machine, wheel, repository):
    notebook = nbformat.read(repository / "solutions/01_convolution/01_convolution.ipynb", as_version=4)
    run_notebook(machine, notebook, PRETEND_COLAB="1", CNNLAB_SOURCE=str(wheel))
    assert any("cnnlab" in line for line in frozen(machine))
    widgets = [
        out for cell in notebook.cells for out in cell.get("outputs", []) if "widget-view" in str(out.get("data"))
    ]
    assert widgets, "the explorer shows nothing"
