"""The set-up cell that stands in every lesson, and the Colab badge, both made from course.toml."""

from __future__ import annotations

from urllib.parse import urlsplit

# Runs under IPython 7 (Colab) and later; `_render_traceback_` lets a message stand there without a stack.
CELL = '''\
# Set-up: the same cell in every lesson. Run it first.
import importlib.util, os, subprocess, sys


class NotReady(ImportError):
    def _render_traceback_(self):
        return str(self).splitlines()


if importlib.util.find_spec("cnnlab") is None:
    source = os.environ.get("CNNLAB_SOURCE", "{requirement}")
    if "google.colab" not in sys.modules:
        raise NotReady(f"""The course's package, cnnlab, is not installed for {sys.executable}.
With a copy of the course ({home}): `make lab` in its folder, then open the lesson there.
Without one: run  %pip install "{source}"  in a cell, restart the kernel, run this cell again.""")
    missing = [name for name in ("anywidget", "psygnal") if importlib.util.find_spec(name) is None]
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", source, *missing]
    done = subprocess.run(pip, capture_output=True, text=True)
    importlib.invalidate_caches()
    if done.returncode:
        raise NotReady("cnnlab could not be installed. Run this cell again; pip said:\\n" + done.stderr.strip())

import cnnlab
from cnnlab import check
'''

BADGE = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github{repository}/blob/{branch}/notebooks/{lesson}/{lesson}.ipynb)"
)


def requirement(course: dict, version: str) -> str:
    """What pip installs: the wheel of this version's release, which needs neither git nor a build, with what all
    lessons need (on Colab, which has that, cnnlab alone)."""
    wheel = f"cnnlab-{version}-py3-none-any.whl"
    return f"cnnlab[torch] @ {course['home']}/releases/download/v{version}/{wheel}"


def cell(course: dict, version: str) -> str:
    """The source of the set-up cell."""
    text = CELL.replace("{requirement}", requirement(course, version)).replace("{home}", course["home"])
    return text.rstrip("\n")


def badge(course: dict, lesson: str) -> str:
    """The line that opens this lesson in Colab; empty where the course does not live on GitHub."""
    home = urlsplit(course["home"])
    if home.hostname != "github.com":
        return ""
    return BADGE.format(repository=home.path.rstrip("/"), branch=course["branch"], lesson=lesson)
