"""As much of Pyodide as registries have, in this user's cache, for tests/site too; and run by node, without a browser.

There is no matplotlib among it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import platformdirs
from filelock import FileLock

ROOT = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("run.cjs")
PACKED = {  # with their sha256: Pyodide's core, and a package that carries NumPy for it
    "pyodide@0.29.3": "924f3167d6bf5e553bda392615eaa82edd82a9cffc32a1cc49853a926b148c5c",
    "@bentopdf/pymupdf-wasm@0.11.16": "cd093f8824761031cae51a5f4f7b47e34030e7a000e09030b7871a11a52e73a0",
}
CORE = ("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
WHEELS = Path(__file__).with_name("pyodide.txt")
PURE = ("jinja2", "markupsafe")  # of this environment; they need nothing compiled
DOWNLOAD_SECONDS = 180
OLDEST_NODE = 18


class NotHere(Exception):
    """Why there is no Pyodide, or nothing to run it, on this machine."""


def pyodide() -> Path:
    """The folder with Pyodide, NumPy and the kernel's wheels; 50 MB are downloaded where it is not there yet.

    Raises NotHere.
    """
    key = hashlib.sha256("".join(PACKED.values()).encode() + WHEELS.read_bytes()).hexdigest()[:12]
    folder = Path(platformdirs.user_cache_dir("cnnlab")) / "tests" / f"pyodide-{key}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            new = folder.with_suffix(".new")
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir()
            try:
                _fetch(new)
            except (OSError, subprocess.SubprocessError) as error:
                raise NotHere(f"Pyodide is not to be had here: {error}") from None
            new.rename(folder)
    return folder


def _fetch(folder: Path) -> None:
    """Raises AssertionError for a package that is another one."""
    for package, sha256 in PACKED.items():
        call = ["npm", "pack", "--silent", package]
        done = subprocess.run(call, cwd=folder, check=True, timeout=DOWNLOAD_SECONDS, capture_output=True, text=True)
        packed = folder / done.stdout.split()[-1]
        found = hashlib.sha256(packed.read_bytes()).hexdigest()
        if found != sha256:
            raise AssertionError(f"{package} is not what it was: sha256 {found}")
        with tarfile.open(packed) as archive:
            for member in archive:
                name = Path(member.name).name
                if name.startswith("numpy-") or (package.startswith("pyodide@") and name in CORE):
                    (folder / name).write_bytes(archive.extractfile(member).read())
        packed.unlink()
    call = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    call += ["--python-version", "3.13", "--require-hashes", "-r", str(WHEELS), "-d", str(folder)]
    subprocess.run(call, check=True, timeout=DOWNLOAD_SECONDS, capture_output=True)


def _needs_node() -> None:
    if not shutil.which("node"):
        raise NotHere("node is not installed (Debian, Ubuntu: apt-get install nodejs npm)")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        raise NotHere(f"node {version} is too old: {OLDEST_NODE} or newer")


def run(program: str, folder: Path, seconds: float = 900) -> str:
    """What a Python program prints in WebAssembly. The course lies in /course, `folder` in /here, the program in it.

    Raises NotHere, and AssertionError where the program does.
    """
    _needs_node()
    core = pyodide()
    (folder / "program.py").write_text(program, encoding="utf-8")
    places = {"/course": str(ROOT), "/here": str(folder)}
    for name in PURE:
        places[f"/packages/{name}"] = str(Path(importlib.util.find_spec(name).origin).parent)
    call = ["node", str(RUNNER), str(core), str(folder / "program.py"), json.dumps(places)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout
