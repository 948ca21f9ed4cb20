"""The browser edition: JupyterLab and a Python in the browser, with the lessons that need NumPy alone."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from cnnlab.course.assemble import text
from cnnlab.course.folder import Folder
from cnnlab.course.site.lesson_page import BADGE
from cnnlab.course.site.pyodide import LOCK, VERSION, Python, write_python
from cnnlab.files import write_whole
from cnnlab.settings import Trouble

KERNEL = "@jupyterlite/pyodide-kernel-extension"
EXTENSIONS = {  # the browser's half of: the kernel, the widgets
    "jupyterlite-pyodide-kernel": KERNEL,
    "jupyterlab_widgets": "@jupyter-widgets/jupyterlab-manager",
    "anywidget": "anywidget",
}


OWN = [Path(__file__).parent / name for name in ("keeping", "starting")]  # extensions of our own
COUNTED = "./extensions/cnnlab-starting/static/counted.js"  # which loads Pyodide, and says how much of it has come
# With it every import asks the page for a list of files, and the lessons need none.
SLOW = ["@jupyterlite/application-extension:service-worker-manager"]
DOWNLOAD = {"name": "download", "command": "docmanager:download", "label": "Download", "rank": 11}
SETTINGS = {
    "@jupyterlab/notebook-extension:panel": {"toolbar": [DOWNLOAD]},
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 10},  # seconds; a tab is soon closed
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},  # light or dark, as the reader's system is
}


def in_the_browser(course: Folder) -> list[str]:
    """The lessons that the edition has: those that need no PyTorch."""
    return [lesson for lesson in course.lessons if "torch" not in course.toml["lessons"][lesson]["imports"]]


def write_edition(course: Folder, to: Path, source: Path | None) -> Python:
    """Write the edition to a folder that is not there yet. source: a folder with Pyodide, which is copied as far as it
    is needed; None: browsers load it from where the kernel's makers say. Raises Trouble."""
    extensions = {name: _extension(package, name) for package, name in EXTENSIONS.items()}
    wheels = extensions[KERNEL] / "static" / "pypi"
    python = write_python(to / "pyodide", wheels, source or _usual(extensions[KERNEL]), course.root / "course.toml")
    with tempfile.TemporaryDirectory() as folder:
        lite = Path(folder, "lite")
        for lesson in in_the_browser(course):
            write_whole(lite / "files" / lesson / f"{lesson}.ipynb", _without_badge(course.release(lesson)))
        own = {
            "LiteBuildConfig": {
                "apps": ["lab"],
                "ignore_sys_prefix": True,
                "federated_extensions": [str(path) for path in (*extensions.values(), *OWN)],
                "no_sourcemaps": True,
                "no_unused_shared_packages": True,
                "disable_addons": ["archive"],
            }
        }
        write_whole(lite / "jupyter_lite_config.json", json.dumps(own))
        write_whole(lite / "overrides.json", json.dumps(SETTINGS))
        write_whole(lite / "jupyter-lite.json", json.dumps(_settings(course, python)))
        _build(lite, Path(folder, "made"))
        shutil.copytree(Path(folder, "made"), to, dirs_exist_ok=True)
    return python


def _without_badge(notebook: Path) -> str:
    """The learner's notebook, less the picture that a browser would fetch from elsewhere."""
    found = nbformat.read(notebook, as_version=4)
    found.cells[0].source = BADGE.sub("", found.cells[0].source)
    return text(found)


def _extension(package: str, name: str) -> Path:
    """Where a package keeps its half for the browser."""
    for file in importlib.metadata.distribution(package).files or []:
        if file.as_posix().endswith(f"labextensions/{name}/package.json"):
            return Path(file.locate()).resolve().parent
    raise Trouble(f"{package} has no extension {name}.", "Install it anew: rm -r .venv, then make site.")


def _usual(kernel: Path) -> str:
    """The address of the Pyodide that this kernel is made for."""
    schema = json.loads((kernel / "static" / "schema" / "kernel.v0.schema.json").read_text(encoding="utf-8"))
    address = schema["properties"]["pyodideUrl"]["default"].removesuffix("pyodide.js")
    if f"v{VERSION}/" not in address:
        raise Trouble(f"This kernel's Pyodide is {address}, and not {VERSION}.", "Install the kernel of the lock file.")
    return address


def _settings(course: Folder, python: Python) -> dict:
    kernel = {
        "pyodideUrl": COUNTED,
        "disablePyPIFallback": True,
        "loadPyodideOptions": {
            "indexURL": python.place,
            "scriptURL": f"{python.place}pyodide.js",
            "lockFileURL": f"./pyodide/{LOCK}",
            "packages": python.packages,
            "sizes": python.sizes,
        },
    }
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": course.toml["title"],
            "exposeAppInBrowser": True,
            "disabledExtensions": SLOW,
            "litePluginSettings": {f"{KERNEL}:kernel": kernel},
        },
    }


def _build(lite: Path, to: Path) -> None:
    call = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", str(lite), "--output-dir", str(to)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTERLITE_")}
    done = subprocess.run(call, cwd=lite, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"JupyterLite was not built:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
