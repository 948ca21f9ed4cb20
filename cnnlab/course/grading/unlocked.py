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

from cnnlab.course.grading.sandbox import ENGINE, ENVIRONMENT, HERE, Limits, _packages


def plain_command(imports: tuple[str, ...], limits: Limits) -> list[str]:
    """The command that starts a worker for a lesson with this list of imports, unlocked."""
    folder = Path(tempfile.mkdtemp(prefix="cnnlab-worker-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    package = HERE.parents[1]
    links = {f"worker/{name}.py": HERE / f"{name}.py" for name in ("worker", "wire", "lockdown")}
    links |= {"worker/cnnlab/__init__.py": package / "__init__.py"}
    links |= {"worker/cnnlab/check/__init__.py": HERE / "absent_check.py"}
    links |= {f"worker/cnnlab/check/{name}.py": package / "check" / f"{name}.py" for name in ENGINE[1:]}
    links |= {f"worker/cnnlab/{name}": package / name for name in ("layers.py", "data") if (package / name).exists()}
    links |= {f"site/{name}": Path(path) for name, path in _packages(imports).items()}
    for name, target in links.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(target, folder / name)
    settings = {
        "path": [str(folder / "worker"), str(folder / "site")],
        "imports": imports,
        "memory": limits.memory,
        "cpu_seconds": limits.cpu_seconds,
        "lock": sys.platform == "linux",
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
