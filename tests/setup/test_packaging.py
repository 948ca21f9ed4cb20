"""What the package asks for, what the lock holds, what conda gets, and what no tracked file may name."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.setup import colab

# In pieces, so that this file does not name them either.
HOSTS = [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("deb", "debian", "org")]
HOSTS += [("download", "pytorch", "org"), ("conda", "anaconda", "org"), ("proxy", "golang", "org")]


@pytest.fixture(scope="module")
def asked(repository):
    """{name: lower bound} for everything in pyproject.toml, and which of it is only in the extra `keras`."""
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *(line for name in extras if name != "all" for line in extras[name])]
    return dict(re.match(r"([\w.-]+)(>=[\d.]+)$", line).groups() for line in lines), {"keras"}


def test_the_lock_holds_every_dependency_with_hashes_and_no_index(repository, asked):
    lock = (repository / "requirements.lock").read_text()
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", lock, re.M))
    for name, bound in asked[0].items():
        assert name in locked, f"{name} is not in requirements.lock: make lock"
        assert _numbers(locked[name]) >= _numbers(bound), name
    assert not re.search(r"^--|://", lock, re.M)
    for block in re.split(r"^(?=[\w.-]+==)", lock, flags=re.M)[1:]:
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_conda_gets_the_same_packages_at_the_same_bounds(repository, asked):
    listed = yaml.safe_load((repository / "environment.yml").read_text())["dependencies"]
    by_pip = next(entry for entry in listed if isinstance(entry, dict))["pip"]
    conda_name = {"pytorch": "torch", "matplotlib-base": "matplotlib"}
    lines = [entry for entry in listed if isinstance(entry, str)] + [
        entry for entry in by_pip if not entry.startswith("-")
    ]
    found = dict(re.match(r"([\w.-]+) ?(.*)$", line).groups() for line in lines)
    found = {conda_name.get(name, name): bound for name, bound in found.items() if name not in ("python", "pip")}
    everything, only_extra = asked
    assert found == {name: bound for name, bound in everything.items() if name not in only_extra}


def test_no_tracked_file_names_a_package_registry(repository, tracked_files):
    hosts = [".".join(host) for host in HOSTS]
    named = {}
    for name in tracked_files:
        content = Path(repository, name).read_bytes().lower()
        found = [host for host in hosts if host.encode() in content]
        if found:
            named[name] = found
    assert named == {}


def test_the_version_is_said_once(repository):
    from cnnlab import __version__

    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__
    assert f"## {__version__}" in (repository / "CHANGELOG.md").read_text(encoding="utf-8")


def test_colab_s_record_is_about_the_pinned_packages_and_every_lesson(repository):
    course = tomllib.loads((repository / "course.toml").read_text(encoding="utf-8"))
    page = (repository / "docs" / "colab.md").read_text(encoding="utf-8")
    for name, version in colab.PINS.items():
        assert f"| {name} | {version} |" in page, f"{name}: run bench/colab.py again"
    for lesson in course["lessons"]:
        assert f"| {lesson} |" in page, f"{lesson}: run bench/colab.py again"


def _numbers(version):
    return [int(digits) for digits in re.findall(r"\d+", version)[:3]]


def test_everything_for_learners_and_instructors_is_in_all(repository):
    found = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    extras = found["project"]["optional-dependencies"]
    assert extras["all"] == ["cnnlab[torch,lab,course]"]
    assert found["dependency-groups"][found["tool"]["uv"]["default-groups"][0]] == ["cnnlab[all]"]  # `uv run`
    heavy = {re.match(r"[\w-]+", line)[0] for name in ("torch", "lab", "course") for line in extras[name]}
    assert not heavy & {re.match(r"[\w-]+", line)[0] for line in found["project"]["dependencies"]}
