"""The course's web site, built once for all tests; they are skipped where Sphinx or JupyterLite is not installed."""

import functools
import http.server
import os
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from cnnlab.course.folder import Folder
from tests.browser.conftest import chromium, without_barriers  # noqa: F401
from tests.conftest import ROOT
from tests.course.conftest import built, built_once  # noqa: F401
from tests.wasm import pyodide as fetched


@pytest.fixture(scope="session")
def sphinx():
    for name in ("sphinx", "myst_nb", "sphinx_book_theme", "latex2mathml", "jupyterlite_core"):
        pytest.importorskip(name, reason=f"{name} is not installed: pip install 'cnnlab[site]'")


@pytest.fixture(scope="session")
def pyodide():
    """A folder with Pyodide, or why there is none."""
    try:
        return fetched.pyodide()
    except fetched.NotHere as reason:
        return str(reason)


@pytest.fixture(scope="session")
def site(sphinx, pyodide, tmp_path_factory):
    """The folder; the processes of one test run share it. It lies below another, as on GitHub Pages."""
    from cnnlab.course.site.build import write_site

    base = tmp_path_factory.getbasetemp().resolve()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "host" / "cnnlab"
    with FileLock(f"{folder.parent}.lock"):
        if not folder.exists():
            write_site(Folder(ROOT), folder, pyodide=pyodide if isinstance(pyodide, Path) else None)
    return folder


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(site):
    """The site served below a folder of a server, as GitHub Pages does."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site.parent))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{site.name}/"
    server.shutdown()
    server.server_close()
