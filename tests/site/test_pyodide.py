"""The lock file of the browser edition: what Pyodide has, what is made of what is installed, what is not there."""

import hashlib
import json
import zipfile

import pytest

from cnnlab.course.site.pyodide import CORE, LOCK, write_python
from cnnlab.settings import Trouble
from tests.conftest import ROOT

AT = "https://python.example.edu/full/"
WHEELS = ("piplite-0.7.2", "ipykernel-6.9.2", "pyodide_kernel-0.7.2")


@pytest.fixture
def kernel_wheels(tmp_path):
    folder = tmp_path / "kernel"
    folder.mkdir()
    for name in WHEELS:
        with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name.partition('-')[0]}/__init__.py", "")
    return folder


def test_browsers_load_pyodides_packages_from_its_address_and_ours_from_the_site(kernel_wheels, tmp_path):
    to = tmp_path / "python"
    python = write_python(to, kernel_wheels, AT, ROOT / "course.toml")
    packages = json.loads((to / LOCK).read_text(encoding="utf-8"))["packages"]
    assert python.place == AT
    assert python.missing == []
    for name, entry in packages.items():
        assert set(map(str.lower, entry["depends"])) <= {other.replace("-", "_") for other in packages} | set(packages)
        if not entry["file_name"].startswith(AT):
            assert hashlib.sha256((to / entry["file_name"]).read_bytes()).hexdigest() == entry["sha256"], name
    theirs = {name for name, entry in packages.items() if entry["file_name"].startswith(AT)}
    assert {"numpy", "matplotlib", "pillow", "ipython"} <= theirs
    assert packages.keys() - theirs >= {"cnnlab", "ipywidgets", "anywidget", "psygnal", "comm", "piplite"}
    assert {python.sizes[packages[name]["file_name"].removeprefix(AT)] for name in theirs} == {None}
    assert python.sizes["pyodide.asm.wasm"] is None
    wheel = packages["cnnlab"]["file_name"]
    assert python.sizes[wheel] == (to / wheel).stat().st_size
    assert "cnnlab" in packages["cnnlab"]["imports"]
    files = zipfile.ZipFile(to / packages["cnnlab"]["file_name"]).namelist()
    assert {
        "course.toml",
        "notebooks/01_convolution/01_convolution.ipynb",
        "cnnlab/widgets/pointing.js",
        "cnnlab/check/lesson_01/im2col.py",
    } <= set(files)
    assert not [name for name in files if name.startswith("cnnlab/course/") or "__pycache__" in name]


@pytest.mark.slow
def test_what_a_folder_lacks_is_made_of_python_or_named(kernel_wheels, tmp_path):
    folder = tmp_path / "pyodide"
    folder.mkdir()
    with pytest.raises(Trouble, match=r"no Pyodide: pyodide\.js"):
        write_python(tmp_path / "none", kernel_wheels, folder, ROOT / "course.toml")
    for name in CORE:
        (folder / name).write_text(name, encoding="utf-8")
    (folder / LOCK).write_bytes((ROOT / "cnnlab" / "course" / "site" / LOCK).read_bytes())
    known = json.loads((folder / LOCK).read_text(encoding="utf-8"))["packages"]
    (folder / known["jedi"]["file_name"]).touch()  # thousands of files, which need not be packed here
    python = write_python(tmp_path / "python", kernel_wheels, folder, ROOT / "course.toml")
    packages = json.loads((tmp_path / "python" / LOCK).read_text(encoding="utf-8"))["packages"]
    assert {"numpy", "matplotlib"} <= set(python.missing)
    assert "numpy" not in packages["cnnlab"]["depends"]
    assert {"jinja2", "markupsafe", "pygments"} <= packages.keys()
    with zipfile.ZipFile(tmp_path / "python" / packages["psygnal"]["file_name"]) as wheel:
        assert "psygnal/_signal.py" in wheel.namelist()
        assert not [name for name in wheel.namelist() if name.endswith((".so", ".pyd"))]


@pytest.mark.slow
def test_another_sites_python_brings_no_course_of_yesterday(kernel_wheels, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    write_python(first, kernel_wheels, AT, ROOT / "course.toml")
    for name in CORE:
        (first / name).write_text(name, encoding="utf-8")
    entries = json.loads((first / LOCK).read_text(encoding="utf-8"))["packages"]
    todays = (first / entries["cnnlab"]["file_name"]).read_bytes()
    (first / entries["cnnlab"]["file_name"]).write_bytes(b"the course as it was")
    write_python(second, kernel_wheels, first, ROOT / "course.toml")
    assert (second / entries["cnnlab"]["file_name"]).read_bytes() == todays
