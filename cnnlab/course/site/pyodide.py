"""The Python of the browser edition: Pyodide's own packages, and as wheels what is installed here, in one lock file."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

import cnnlab
from cnnlab.settings import Trouble

VERSION = "0.29.3"  # of Pyodide
LOCK = "pyodide-lock.json"  # beside this file that of npm's package of this version
CORE = ("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
FETCHED = ("pyodide.asm.wasm", "python_stdlib.zip", LOCK)  # what a page can count of it; scripts it can not
KERNEL = ("micropip", "piplite", "sqlite3", "ipykernel", "comm", "pyodide_kernel", "jedi", "ipython")
CNNLAB = ("numpy", "matplotlib", "ipywidgets", "anywidget", "jinja2")
HALVES = {"jupyterlab-widgets", "widgetsnbextension"}  # of ipywidgets, which JupyterLite has itself
DOES_WITHOUT = {"sqlite3"}  # the kernel asks for it by name
DOES_WITHOUT_C = {"markupsafe"}
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # so that the same files give the same wheel
EMSCRIPTEN = {"sys_platform": "emscripten", "platform_system": "Emscripten", "platform_machine": "wasm32", "extra": ""}


@dataclass(frozen=True)
class Python:
    """What the kernel is told: where Pyodide is, the packages to load when it starts, and of each file that it will
    ask for its bytes (None where it lies elsewhere); missing: what is not there."""

    place: str
    packages: list[str]
    sizes: dict[str, int | None]
    missing: list[str]


def write_python(to: Path, kernel_wheels: Path, source: Path | str, course_toml: Path) -> Python:
    """Write a folder with the lock file and every package that the site itself has to serve.

    kernel_wheels: the folder of the kernel's own wheels. source: a folder with Pyodide, whole or its core alone, which
    is copied as far as it is needed; or an address, from which browsers then load it. Raises Trouble.
    """
    to.mkdir(parents=True)
    here = source if isinstance(source, Path) else None
    if here:
        absent = [name for name in (*CORE, LOCK) if not (here / name).is_file()]
        if absent:
            raise Trouble(f"{here} is no Pyodide: {', '.join(absent)} not there.", "Name the folder of pyodide.js.")
        for name in CORE:
            shutil.copy(here / name, to / name)
    own = json.loads(Path(__file__).with_name(LOCK).read_text(encoding="utf-8"))
    known = json.loads((here / LOCK).read_text(encoding="utf-8")) if here else own
    # A folder of another site has wheels besides that were made there, of the course as it was: they are made anew.
    known["packages"] = {name: entry for name, entry in known["packages"].items() if name in own["packages"]}
    found: dict[str, dict] = {}
    missing, ahead = [], [*KERNEL, "cnnlab"]
    while ahead:
        name = _key(ahead.pop())
        if name in found or name in missing:
            continue
        pyodides = known["packages"].get(name)
        if pyodides and not here:
            entry = pyodides | {"file_name": source + pyodides["file_name"]}
        elif pyodides and (here / pyodides["file_name"]).is_file():
            entry = pyodides | {"sha256": _copied(here / pyodides["file_name"], to)}
        elif wheel := next(kernel_wheels.glob(f"{name.replace('-', '_')}-*.whl"), None):
            _copied(wheel, to)
            entry = _entry(name, wheel.name.split("-")[1], to / wheel.name, ())
        elif name == "cnnlab":
            entry = _wheel(to, name, cnnlab.__version__, _of_cnnlab(course_toml), CNNLAB)
        else:
            entry = _of_installed(to, name)
        if entry is None:
            missing.append(name)
        else:
            found[name] = entry
            ahead += entry["depends"]
    for entry in found.values():
        entry["depends"] = [name for name in entry["depends"] if _key(name) in found]
    (to / LOCK).write_text(json.dumps({"info": known["info"], "packages": found}, indent=1), encoding="utf-8")
    files = [to / name for name in (*FETCHED, *(entry["file_name"].split("/")[-1] for entry in found.values()))]
    sizes = {file.name: file.stat().st_size if file.exists() else None for file in files}
    return Python("./pyodide/" if isinstance(source, Path) else source, [*KERNEL, "cnnlab"], sizes, sorted(missing))


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _copied(file: Path, to: Path) -> str:
    """Copy a file into a folder. Returns its SHA-256."""
    shutil.copy(file, to / file.name)
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _of_cnnlab(course_toml: Path) -> dict[str, bytes]:
    """The learner's half of the package, as a bundle has it; beside it the course, whose exercises the panel counts."""
    package, course = Path(cnnlab.__file__).parent, course_toml.parent
    those = [course_toml, *sorted(course.glob("notebooks/*/*.ipynb"))]
    found = {file.relative_to(course).as_posix(): file.read_bytes() for file in those}
    for path in sorted(package.rglob("*")):
        name = path.relative_to(package.parent).as_posix()
        if path.is_file() and "__pycache__" not in path.parts and not name.startswith("cnnlab/course/"):
            found[name] = path.read_bytes()
    return found


def _of_installed(to: Path, name: str) -> dict | None:
    """A wheel of what is installed here, or None where it is not there, or not without C.

    What mypyc has compiled is there as Python, too.
    """
    if name in DOES_WITHOUT:
        return _wheel(to, name, "0", {}, ())
    try:
        installed = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    files = [file for file in installed.files or [] if ".." not in file.parts and "__pycache__" not in file.parts]
    compiled = [file for file in files if file.suffix in (".so", ".pyd")]
    python = {file.with_suffix("") for file in files if file.suffix == ".py"}
    alone = [f for f in compiled if f.with_name(f.name.split(".")[0]) not in python and "__mypyc" not in f.name]
    if alone and name not in DOES_WITHOUT_C:
        return None
    kept = [file for file in files if file not in compiled and not file.parts[0].endswith(".dist-info")]
    needs = [requirement for requirement in map(Requirement, installed.requires or [])]
    depends = [_key(r.name) for r in needs if not r.marker or r.marker.evaluate(EMSCRIPTEN)]
    content = {file.as_posix(): Path(file.locate()).read_bytes() for file in kept}
    return _wheel(to, name, installed.version, content, [name for name in depends if name not in HALVES])


def _wheel(to: Path, name: str, version: str, files: dict[str, bytes], depends: Iterable[str]) -> dict:
    stem = f"{name.replace('-', '_')}-{version}"
    path = to / f"{stem}-py3-none-any.whl"
    said = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: cnnlab\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in [*files.items(), *((f"{stem}.dist-info/{k}", v) for k, v in said.items())]:
            archive.writestr(zipfile.ZipInfo(file, LONG_AGO), content, zipfile.ZIP_DEFLATED, 9)
    return _entry(name, version, path, depends)


def _entry(name: str, version: str, wheel: Path, depends: Iterable[str]) -> dict:
    """What the lock file says of a wheel; `imports` are the names whose import loads it."""
    with zipfile.ZipFile(wheel) as archive:
        tops = {file.partition("/")[0].removesuffix(".py") for file in archive.namelist()}
    return {
        "name": name,
        "version": version,
        "file_name": wheel.name,
        "install_dir": "site",
        "package_type": "package",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "imports": sorted(top for top in tops if top.isidentifier()),
        "depends": list(depends),
        "unvendored_tests": False,
    }
