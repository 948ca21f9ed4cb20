"""The doctor: each thing that can be wrong has its line and its remedy."""

import builtins
import importlib.metadata
import os
import re
import socket
import subprocess
import sys
import tomllib

import pytest

from cnnlab import doctor, places


@pytest.fixture(autouse=True)
def without_torch(monkeypatch, request):
    """Importing torch takes seconds; only the slow tests ask for the real device."""
    if not request.node.get_closest_marker("slow"):
        monkeypatch.setattr(doctor, "device", lambda: [doctor.Finding("device", "CPU")])


def only(found):
    assert len(found) == 1
    return found[0]


@pytest.mark.slow
def test_nothing_is_wrong_here():
    assert [finding for finding in doctor.findings() if finding.problem] == []


@pytest.mark.slow
def test_the_kernel_starts():
    assert only(doctor.kernel(start=True)).says == "python3 starts, with this Python"


def test_an_old_python_is_a_problem(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    finding = only(doctor.python())
    assert finding.problem
    assert "3.11 or newer" in finding.remedy


def test_a_missing_package_is_a_problem_with_a_remedy(monkeypatch):
    def version(name, real=importlib.metadata.version):
        if name == "matplotlib":
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    missing = {finding.what: finding for finding in doctor.packages()}["matplotlib"]
    assert missing.problem
    assert "make lab" in missing.remedy


def test_an_old_package_is_named_with_both_versions(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.26.4")
    numpy = {finding.what: finding for finding in doctor.packages()}["numpy"]
    assert numpy.problem
    assert numpy.says == "1.26.4, older than 2.0"


@pytest.mark.slow
def test_the_device_is_named():
    assert re.match("CUDA|MPS|CPU", only(doctor.device()).says)


@pytest.mark.slow
def test_without_torch_the_device_is_the_cpu_and_nothing_fails(monkeypatch):
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None)
    assert "torch is not installed" in only(doctor.device()).says


def test_a_data_folder_that_does_not_exist_is_said_but_is_no_problem(monkeypatch, tmp_path):
    monkeypatch.setenv("CNNLAB_DATA", str(tmp_path / "nowhere"))
    finding = doctor.data()[-1]
    assert finding.what == "$CNNLAB_DATA"
    assert finding.remedy
    assert not finding.problem


def test_data_that_is_there_is_found(monkeypatch, tmp_path):
    monkeypatch.setenv("CNNLAB_DATA", str(tmp_path))
    monkeypatch.setattr(places, "cache_folder", lambda: tmp_path / "cache")
    (tmp_path / "MNIST/raw").mkdir(parents=True)
    for name in places.MNIST_FILES:
        (tmp_path / f"MNIST/raw/{name}.gz").touch()
    says = {finding.what: finding.says for finding in doctor.data()}
    assert says["MNIST"] == "found in $CNNLAB_DATA"
    assert says["CIFAR-10"].startswith("not here yet")


def test_another_pythons_kernel_is_a_problem(monkeypatch, tmp_path):
    spec = tmp_path / "kernels/python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(
        '{"argv": ["/usr/bin/other-python", "-m", "ipykernel_launcher"], "display_name": ""}'
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    finding = only(doctor.kernel(start=False))
    assert finding.problem
    assert "/usr/bin/other-python" in finding.says
    assert str(spec) in finding.remedy


def test_missing_parts_in_the_browser_are_named(monkeypatch):
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *_: [])
    found = doctor.front_end()
    assert [finding.says for finding in found] == ["not installed"] * 3
    assert all(finding.remedy for finding in found)


def test_a_folder_that_cannot_be_written_is_a_problem(monkeypatch, tmp_path):
    (tmp_path / "work").write_text("")
    monkeypatch.setattr("cnnlab.settings.root", lambda: tmp_path)
    finding = only(doctor.work_folder())
    assert finding.problem
    assert "move it away" in finding.remedy


def test_a_taken_port_is_a_note(monkeypatch):
    monkeypatch.setattr("cnnlab.lab.port_is_free", lambda port: False)
    finding = only(doctor.port())
    assert "takes the next one by itself" in finding.says
    assert not finding.problem


def test_the_port_is_looked_at_for_real():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        from cnnlab.lab import port_is_free

        assert not port_is_free(listener.getsockname()[1])


def test_a_look_that_fails_is_a_line_and_the_rest_goes_on(monkeypatch):
    def broken():
        raise RuntimeError("driver too old")

    monkeypatch.setattr(doctor, "device", broken)
    said = doctor.table(doctor.findings())
    assert "driver too old" in said
    assert "port 8888" in said


def test_every_problem_in_the_table_has_its_arrow():
    said = doctor.table(
        [doctor.Finding("torch", "not installed", "install it", problem=True), doctor.Finding("a", "b")]
    )
    assert re.search(r"^no  torch +not installed\n +→ install it", said, re.M)
    assert "1 thing to put right" in said


def test_examine_prints_and_returns_nothing(capsys):
    assert doctor.examine() is None
    captured = capsys.readouterr()
    assert "All you need is here" in captured.out
    assert captured.err == ""


def test_the_table_shows_nobodys_folders():
    assert str(os.path.expanduser("~")) not in doctor.table(doctor.findings())


def test_lower_bounds_are_those_of_pyproject(repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["torch"], *extras["lab"]]
    asked = dict(re.match(r"([\w-]+)>=([\d.]+)$", line).groups() for line in lines)
    assert {name: asked[name] for name in doctor.PACKAGES} == doctor.PACKAGES
    assert project["requires-python"] == ">=" + ".".join(map(str, doctor.OLDEST_PYTHON))


def test_it_works_where_only_python_is_installed(repository):
    code = f"import sys; sys.path.insert(0, {str(repository)!r}); from cnnlab import doctor; doctor.examine()"
    call = [sys.executable, "-I", "-S", "-c", code]
    said = subprocess.run(call, capture_output=True, text=True, check=True)
    assert "numpy          " in said.stdout
    assert "to put right" in said.stdout
    assert said.stderr == ""


def test_in_colab_nothing_local_is_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", builtins)
    names = {finding.what for finding in doctor.findings()}
    assert not names & {"jupyterlab", "nbgrader", "port 8888", "work/", "the Validate button"}
