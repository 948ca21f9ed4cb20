"""The course's web site, built once for all tests; they are skipped where Sphinx or JupyterLite is not installed."""

import functools
import hashlib
import http.server
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import platformdirs
import pytest
from filelock import FileLock

from cnnlab.course.folder import Folder
from tests.browser.conftest import chromium, without_barriers  # noqa: F401
from tests.conftest import ROOT
from tests.course.conftest import built, built_once  # noqa: F401
from tests.wasm.pyodide import PACKED, fetch

PURE = Path(__file__).with_name("pyodide.txt")
AT_MOST = 180  # seconds for a download


@pytest.fixture(scope="session")
def sphinx():
    for name in ("sphinx", "myst_nb", "sphinx_book_theme", "latex2mathml", "jupyterlite_core"):
        pytest.importorskip(name, reason=f"{name} is not installed: pip install 'cnnlab[site]'")


@pytest.fixture(scope="session")
def pyodide():
    """A folder with as much of Pyodide as registries have, in this user's cache; or why there is none.

    There is no matplotlib among it: what draws does not run in the browser here.
    """
    key = hashlib.sha256("".join(PACKED.values()).encode() + PURE.read_bytes()).hexdigest()[:12]
    cache = Path(platformdirs.user_cache_dir("cnnlab")) / "tests"
    folder = cache / f"pyodide-{key}"
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            try:
                _fetch(folder.with_suffix(".new"))
            except (OSError, subprocess.SubprocessError, ValueError) as error:
                return f"Pyodide is not to be had here: {error}"
            folder.with_suffix(".new").rename(folder)
    return folder


def _fetch(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    fetch(folder)
    call = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    call += ["--python-version", "3.13", "--require-hashes", "-r", str(PURE), "-d", str(folder)]
    subprocess.run(call, check=True, timeout=AT_MOST, capture_output=True)


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
