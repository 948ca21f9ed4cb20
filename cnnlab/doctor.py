"""The doctor: what a course needs from this machine, whether it is there, and what to do where it is not.

``cnnlab doctor`` in a terminal, ``from cnnlab import doctor; doctor.examine()`` in a notebook. It works where nothing
but Python is installed: a missing package is a finding, not an error.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnlab import __version__, places

OLDEST_PYTHON = (3, 11)
REPAIR = "`make lab` repairs the environment (without make: `pip install -e '.[all]'` in the course's folder)."

# Lessons import these; the rest comes with them. Versions: the lower bounds of pyproject.toml (a test compares).
PACKAGES = {
    "numpy": "2.0",
    "matplotlib": "3.8",
    "torch": "2.6",
    "torchvision": "0.21",
    "ipykernel": "6.29",
    "ipywidgets": "7.7",
    "anywidget": "0.9",
    "jupyterlab": "4.4",
    "nbgrader": "0.9.5",
}
# The first lessons run without these; Colab has its own ways for what JupyterLab and nbgrader do.
OPTIONAL = {"torch", "torchvision", "anywidget"}
LOCAL = {"jupyterlab", "nbgrader", "ipykernel"}


@dataclass(frozen=True)
class Finding:
    """One line of the table. `problem` stops a learner; without it, a remedy is only a hint."""

    what: str
    says: str
    remedy: str = ""
    problem: bool = False


def examine() -> None:
    """Print the table; for a notebook."""
    print(table(findings()))


def findings(start_kernel: bool = False, more: Sequence[Callable[[], list[Finding]]] = ()) -> list[Finding]:
    """Every finding, in the order a person would look; `start_kernel` tries a kernel for real (two seconds), and `more`
    is looked at in the end."""
    found: list[Finding] = []
    looks: list[Callable[[], list[Finding]]] = [python, packages, device, data]
    if not in_colab():
        looks += [lambda: kernel(start_kernel), front_end, work_folder]
        looks += [] if in_notebook() else [port]
    for look in [*looks, *more]:
        try:
            found += look()
        except Exception as error:  # the doctor itself never falls ill
            name = getattr(look, "__name__", "look").replace("<lambda>", "kernel").replace("_", " ")
            found.append(Finding(name, f"could not be looked at ({type(error).__name__}: {error})"))
    return found


def table(found: list[Finding]) -> str:
    """The findings as text: a mark, a name, what was seen, and the remedies below."""
    width = max(len(finding.what) for finding in found)
    lines = []
    for finding in found:
        mark = "no " if finding.problem else "-  " if finding.remedy else "ok "
        lines.append(f"{mark} {finding.what:<{width}}  {finding.says}")
        if finding.remedy:
            lines.append(f"    {'':<{width}}  → {finding.remedy}")
    problems = sum(finding.problem for finding in found)
    if problems:
        lines.append(f"\n{problems} thing{'s' if problems > 1 else ''} to put right: see the arrows.")
    else:
        lines.append("\nAll you need is here.")
    return "\n".join(lines)


def in_notebook() -> bool:
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "kernel", None) is not None


def in_colab() -> bool:
    return "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ


def python() -> list[Finding]:
    says = f"{platform.python_version()} on {platform.system()} ({platform.machine()}), cnnlab {__version__}"
    if sys.version_info < OLDEST_PYTHON:
        return [Finding("Python", says, "The course needs Python 3.11 or newer: install one and run `make lab`.", True)]
    return [Finding("Python", says)]


def packages() -> list[Finding]:
    found = []
    for name, least in PACKAGES.items():
        if in_colab() and name in LOCAL:
            continue
        needed = name not in OPTIONAL
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            remedy = REPAIR if needed else f"Lessons 00 to 05 run without it. {REPAIR}"
            found.append(Finding(name, "not installed", remedy, needed))
            continue
        if _numbers(version) < _numbers(least):
            found.append(Finding(name, f"{version}, older than {least}", REPAIR, needed))
        else:
            found.append(Finding(name, version))
    return found


def device() -> list[Finding]:
    if not importlib.util.find_spec("torch"):
        return [Finding("device", "CPU (torch is not installed)")]
    import torch

    if torch.cuda.is_available():
        return [Finding("device", f"CUDA: {torch.cuda.get_device_name()}")]
    if torch.backends.mps.is_available():
        return [Finding("device", "MPS (Apple's GPU)")]
    return [Finding("device", f"CPU, {os.cpu_count()} cores; no lesson so far needs more")]


def data() -> list[Finding]:
    found = [Finding("digits, photographs", "found (they come with cnnlab)")]
    chosen = places.chosen_folder()
    if chosen and not chosen.is_dir():
        remedy = "Set it to the folder that has MNIST/ and cifar-10-batches-py/, or unset it."
        return [*found, Finding("$CNNLAB_DATA", "names a folder that does not exist", remedy)]
    for name, megabytes in {"MNIST": 12, "CIFAR-10": 170}.items():
        where = next((folder for folder in places.folders() if places.holds(folder, name)), None)
        if where is None:
            later = f"not here yet; lessons 00 to 07 do not need it, later ones download it ({megabytes} MB)"
            found.append(Finding(name, later))
        else:
            found.append(Finding(name, "found in $CNNLAB_DATA" if where == chosen else "found in your cache"))
    return found


def kernel(start: bool) -> list[Finding]:
    if in_notebook():
        return [Finding("kernel", "this notebook runs on it")]
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    from jupyter_client.manager import start_new_kernel

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        remedy = "python -m ipykernel install --sys-prefix    in the course's environment, or `make lab`."
        return [Finding("kernel", "Jupyter has no kernel called python3", remedy, True)]
    command = spec.argv[0] if spec.argv else ""
    same = os.path.basename(command) == command or os.path.realpath(command) == os.path.realpath(sys.executable)
    if not same:
        remedy = f"Another installation's kernel comes first; remove {spec.resource_dir} if you no longer need it."
        return [Finding("kernel", f"python3 runs another Python: {command}", remedy, True)]
    if start:
        try:
            manager, client = start_new_kernel(kernel_name="python3", startup_timeout=60, stderr=subprocess.DEVNULL)
        except RuntimeError as error:
            remedy = (
                "A firewall or VPN may keep this machine from talking to itself; else `make lab` repairs ipykernel."
            )
            return [Finding("kernel", f"python3 does not start ({error})", remedy, True)]
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        return [Finding("kernel", "python3 starts, with this Python")]
    return [Finding("kernel", "python3 runs this Python")]


def front_end() -> list[Finding]:
    """The parts of widgets and of the Validate button that live in the browser."""
    from jupyter_core.paths import jupyter_path

    found = []
    for name, folder in {
        "sliders in the browser": "@jupyter-widgets/jupyterlab-manager",
        "hovering in the browser": "anywidget",
        "the Validate button": "@jupyter/nbgrader",
    }.items():
        here = any((Path(path) / folder).is_dir() for path in jupyter_path("labextensions"))
        found.append(Finding(name, "installed") if here else Finding(name, "not installed", REPAIR))
    return found


def work_folder() -> list[Finding]:
    from cnnlab.settings import Trouble, root
    from cnnlab.workspace import make_writable

    try:
        folder = root() / "work"
        make_writable(folder if folder.exists() else root())
    except Trouble as trouble:
        return [Finding("work/", trouble.what, trouble.remedy, True)]
    return [Finding("work/", "can be written")]


def port() -> list[Finding]:
    from cnnlab.lab import port_is_free

    if port_is_free(8888):
        return [Finding("port 8888", "free")]
    return [Finding("port 8888", "taken, by another JupyterLab perhaps; `cnnlab lab` takes the next one by itself")]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version.split("+")[0])[:3])
