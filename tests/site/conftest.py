"""The course's web site, built once for all tests; they are skipped where Sphinx is not installed."""

import os

import pytest
from filelock import FileLock

from cnnlab.course.folder import Folder
from tests.browser.conftest import chromium  # noqa: F401
from tests.conftest import ROOT
from tests.course.conftest import built, built_once  # noqa: F401


@pytest.fixture(scope="session")
def sphinx():
    for name in ("sphinx", "myst_nb", "sphinx_book_theme", "latex2mathml"):
        pytest.importorskip(name, reason=f"{name} is not installed: pip install 'cnnlab[site]'")


@pytest.fixture(scope="session")
def site(sphinx, tmp_path_factory):
    """The folder; the processes of one test run share it. It lies below another, as on GitHub Pages."""
    from cnnlab.course.site.build import write_site

    base = tmp_path_factory.getbasetemp().resolve()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "host" / "cnnlab"
    with FileLock(f"{folder.parent}.lock"):
        if not folder.exists():
            write_site(Folder(ROOT), folder)
    return folder
