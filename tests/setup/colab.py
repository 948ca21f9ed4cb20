"""An environment like Colab's: its Python and its packages (colab.txt), and a package called google.colab."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbformat import NotebookNode

PYTHON = "3.13"
PINS = dict(re.findall(r"^([\w-]+)==(\S+)$", Path(__file__).with_name("colab.txt").read_text(encoding="utf-8"), re.M))
PLACES = ("~/.pyenv/versions", "/opt/hostedtoolcache/Python")
KEPT = ("PATH", "LANG", "SSL_CERT_FILE", "PIP_CERT", "PIP_INDEX_URL", "PIP_FIND_LINKS", "UV_INDEX_URL")
NO_NETWORK = ("Failed to fetch", "client error", "dns error")


class NoNetwork(RuntimeError):
    """The packages can not be had."""


def python() -> str:
    """The path of a Python 3.13 of this machine, or, where it has none, of the one that runs this."""
    found = [shutil.which(f"python{PYTHON}")]
    for place in PLACES:
        found += sorted(map(str, Path(place).expanduser().glob(f"{PYTHON}.*/**/bin/python{PYTHON}")))
    for path in filter(None, found):
        if subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    return sys.executable


def uv(*arguments: object, **more) -> subprocess.CompletedProcess:
    environment = {**os.environ, "UV_SYSTEM_CERTS": "true"}
    call = [sys.executable, "-m", "uv", *map(str, arguments)]
    return subprocess.run(call, env=environment, capture_output=True, text=True, **more)


def wheel(repository: Path, folder: Path) -> Path:
    """The course's wheel, built into `folder`."""
    call = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(call, cwd=repository, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


class Machine:
    """One such environment in `home`; with PRETEND_COLAB=1 its kernels have google.colab imported, as Colab's have."""

    def __init__(self, home: Path, leave_out: tuple[str, ...] = ()):
        """Installs what is pinned but for `leave_out`. Raises NoNetwork, and RuntimeError with uv's words."""
        self.home, self.python = home, home / "env/bin/python"
        uv("venv", "-q", "--python", python(), home / "env", check=True)
        said = subprocess.run([self.python, "--version"], capture_output=True, text=True, check=True)
        self.version = said.stdout.split()[1]
        packages = [f"{name}=={version}" for name, version in PINS.items() if name not in leave_out]
        made = uv("pip", "install", "-q", "--python", self.python, "pip", *packages)
        if made.returncode:
            raise (NoNetwork if any(word in made.stderr for word in NO_NETWORK) else RuntimeError)(made.stderr)
        folder = next((home / "env/lib").glob("python3*/site-packages"))
        (folder / "google/colab").mkdir(parents=True)
        (folder / "google/colab/__init__.py").touch()
        line = "import os; os.environ.get('PRETEND_COLAB') and __import__('google.colab')\n"
        (folder / "pretend_colab.pth").write_text(line)
        spec = home / "kernels/colab"
        spec.mkdir(parents=True)
        call = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        (spec / "kernel.json").write_text(json.dumps({"argv": call, "display_name": "Colab", "language": "python"}))

    def frozen(self) -> set[str]:
        """name==version of all that is installed."""
        return set(uv("pip", "freeze", "--python", self.python, check=True).stdout.splitlines())

    def run(self, notebook: NotebookNode, seconds: int = 240, **settings: str) -> None:
        """Run it in a fresh kernel, in content/; outputs go into the notebook. Raises nbclient's CellExecutionError."""
        folder = self.home / "content"
        folder.mkdir(exist_ok=True)
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= {"HOME": str(self.home), "PIP_LOG": str(self.home / "pip.log"), **settings}
        specs = KernelSpecManager(kernel_dirs=[str(self.home / "kernels")])
        manager = KernelManager(kernel_name="colab", kernel_spec_manager=specs)
        try:
            NotebookClient(notebook, km=manager, timeout=seconds).execute(cwd=str(folder), env=environment)
        finally:
            manager.shutdown_kernel(now=True)
