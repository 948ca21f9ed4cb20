"""The web site, built once; skipped where Sphinx is not installed."""

import pytest

from cnnlab.course.folder import Folder

for name in ("sphinx", "myst_nb", "sphinx_book_theme", "latex2mathml"):
    pass
