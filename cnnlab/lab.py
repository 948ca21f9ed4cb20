"""`cnnlab lab`: JupyterLab at the lesson where a learner left off, on a port that is free."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

from cnnlab.settings import Trouble

FIRST = "work/00_start/00_start.ipynb"


def free_port(first: int, tries: int = 50) -> int:
    """The first port from `first` on that nobody on this machine listens at. Raises Trouble."""
    if not 1 <= first <= 65535:
        raise Trouble(
            f"{first} is not a port.", "Choose one between 1024 and 65535, for example: cnnlab lab --port 8890"
        )
    for port in range(first, min(first + tries, 65536)):
        if port_is_free(port):
            return port
    raise Trouble(f"No port from {first} to {first + tries - 1} is free.", "Choose another: cnnlab lab --port 9900")


def port_is_free(port: int) -> bool:
    """Nobody answers at this port of localhost, and it can be bound, by either family of addresses it has here."""
    for family, kind, protocol, _, address in socket.getaddrinfo("localhost", port, type=socket.SOCK_STREAM):
        with socket.socket(family, kind, protocol) as caller:
            caller.settimeout(1)
            if caller.connect_ex(address) == 0:
                return False
        with socket.socket(family, kind, protocol) as listener:
            if os.name == "posix":  # a port that was closed a moment ago counts as free
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(address)
            except OSError as error:
                if error.errno != errno.EADDRNOTAVAIL:  # "::1" is in the hosts file, but this machine has no IPv6
                    return False
    return True


def command(root: Path, port: int, browser: bool, lesson: str = "") -> list[str]:
    """The call that starts JupyterLab in the course's folder, at a lesson ("02_padding_stride") or at lesson 00."""
    import zmq

    notebooks = [*([f"work/{lesson}/{lesson}.ipynb"] if lesson else []), FIRST]
    page = next((f"/lab/tree/{notebook}" for notebook in notebooks if (root / notebook).is_file()), "/lab/tree/work")
    call = [sys.executable, "-m", "jupyterlab", f"--port={port}"]
    call += [
        "--log-level=WARN",
        "--LabApp.log_level=WARN",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url={page}",
    ]
    if zmq.has("curve"):  # other people on this machine cannot listen in on the kernel
        call.append("--KernelManager.transport_encryption=auto")
    if not browser:
        call.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container; it listens on this machine alone
        call.append("--allow-root")
    return call


def start(root: Path, port: int, browser: bool, lesson: str = "") -> int:
    """Become JupyterLab (Ctrl-C then goes straight to it); on Windows wait for it and return its exit code."""
    call = command(root, port, browser, lesson)
    settings = str(Path(__file__).with_name("jupyter"))  # no question about Jupyter's news, no side bar for authors
    paths = [settings, *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    environment = {**os.environ, "JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}
    os.chdir(root)
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(call[0], call, environment)
    try:
        return subprocess.call(call, env=environment)
    except KeyboardInterrupt:
        return 0
