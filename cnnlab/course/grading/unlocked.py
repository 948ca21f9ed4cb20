"""A worker without a sandbox, for `--no-sandbox`: the same code and the same protocol in an ordinary process.

The submitted code then runs as the instructor, with the instructor's files and network. It is for submissions that are
trusted like one's own code, and for machines where nothing else works.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from cnnlab.course.grading.sandbox import ENVIRONMENT, Limits, course_files, packages


def _has_filters() -> bool:
    """Whether this machine can refuse a worker system calls; there is no harm in it where nothing else locks it in."""
    if sys.platform != "linux":
        return False
    from cnnlab.course.grading.lockdown import missing

    return not missing()


def unlocked_command(imports: tuple[str, ...], limits: Limits) -> list[str]:
    """The command that starts a worker for a lesson with this list of imports, unlocked."""
    folder = Path(tempfile.mkdtemp(prefix="cnnlab-worker-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    links = {f"worker/{name}": path for name, path in course_files(imports).items()}
    links |= {f"site/{name}": Path(path) for name, path in packages(imports).items()}
    for name, target in links.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(target, folder / name)
    settings = {
        "path": [str(folder / "worker"), str(folder / "site")],
        "imports": imports,
        "memory": limits.memory,
        "cpu_seconds": limits.cpu_seconds,
        "lock": sys.platform == "linux",
        "filter": _has_filters(),
    }
    threads = [f"{name}={value}" for name, value in ENVIRONMENT.items() if name.endswith("_NUM_THREADS")]
    return [
        "env",
        *threads,
        sys.executable,
        "-I",
        "-S",
        "-B",
        str(folder / "worker" / "worker.py"),
        json.dumps(settings),
    ]
