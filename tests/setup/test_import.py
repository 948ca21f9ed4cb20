"""`import cnnlab` is quick because it loads nothing heavy; the clock is not asked, the modules are."""

import ast
import subprocess
import sys

import pytest

HEAVY = {"torch", "torchvision", "matplotlib", "numpy", "scipy", "sklearn", "ipywidgets", "IPython", "anywidget"}


def loaded_by(code):
    call = [sys.executable, "-c", f"import sys; {code}; print(*sys.modules)"]
    names = subprocess.run(call, capture_output=True, text=True, check=True).stdout.split()
    return {name.split(".")[0] for name in names}


def imports_of(path):
    """(module, name) of every import in a file, inside functions too; name is None for a plain `import module`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (("." * node.level + (node.module or ""), alias.name) for alias in node.names)


def test_importing_cnnlab_loads_nothing_heavy():
    assert not loaded_by("import cnnlab") & HEAVY


@pytest.mark.parametrize("module", ["cnnlab.check", "cnnlab.figures", "cnnlab.data"])
def test_no_room_of_lesson_01_loads_torch(module):
    assert "torch" not in loaded_by(f"import {module}")


def test_the_command_starts_without_the_heavy_ones():
    assert not loaded_by("import cnnlab.cli") & HEAVY


def test_the_doctor_needs_neither_typer_nor_torch():
    assert not loaded_by("from cnnlab import doctor") & {*HEAVY, "typer"}


def test_the_learners_half_never_imports_the_instructors(repository):
    for path in (repository / "cnnlab").rglob("*.py"):
        if "course" in path.relative_to(repository).parts or path.name == "cli.py":
            continue
        text = path.read_text(encoding="utf-8")
        assert "cnnlab.course" not in text.replace("``cnnlab.course``", ""), path
        assert "from cnnlab import course" not in text, path


@pytest.mark.parametrize("room", ["cnnlab/figures", "cnnlab/widgets", "tests/figures", "tests/widgets"])
def test_no_private_name_crosses_a_module(repository, room):
    for path in (repository / room).rglob("*.py"):
        for module, name in imports_of(path):
            parts = [*module.split("."), *([name] if name else [])]
            assert not [part for part in parts if part.startswith("_") and not part.endswith("__")], path


@pytest.mark.parametrize(("lower", "upper"), [("check", ("figures", "widgets")), ("figures", ("widgets",))])
def test_no_room_imports_from_a_floor_above(repository, lower, upper):
    """Widgets stand on figures, and both on the check."""
    for path in (repository / "cnnlab" / lower).rglob("*.py"):
        for module, name in imports_of(path):
            assert not module.startswith("."), path
            whole = f"{module}.{name}.".split(".")
            assert not (whole[0] == "cnnlab" and whole[1] in upper), f"{path} imports {module}"
