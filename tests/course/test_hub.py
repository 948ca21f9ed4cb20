"""A round with JupyterHub and three real accounts, as docs/hub.md sets it up: hub_machine.py plays it."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

NEEDS = ("unshare", "mount", "setpriv", "openssl", "bwrap")
VERSION = "~=6.1"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def place():
    """A folder that the three may pass, as pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="cnnlab-hub-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def hub_python(place):
    """A Python that has jupyterhub beside all that this one has: this one, or an environment over it."""
    if importlib.util.find_spec("jupyterhub"):
        return Path(sys.executable)
    made, here = place / "hub", Path(sys.prefix)
    uv = [sys.executable, "-m", "uv"]
    frozen = subprocess.run([*uv, "pip", "freeze", "--exclude-editable"], capture_output=True, text=True, check=True)
    constraints = place / "here.txt"
    constraints.write_text(frozen.stdout)
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, made], check=True, capture_output=True)
    call = [*uv, "pip", "install", "-q", "--compile-bytecode", "--python", made / "bin/python", "-c", constraints]
    environment = {**os.environ, "UV_SYSTEM_CERTS": "true"}
    done = subprocess.run([*call, f"jupyterhub{VERSION}"], capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        pytest.skip(f"no jupyterhub, and it can not be installed: {done.stderr.strip()[-200:]}")
    (packages,) = (made / "lib").glob("python3*/site-packages")
    (packages / "here.pth").write_text(f"{next((here / 'lib').glob('python3*/site-packages'))}\n")
    (made / "etc").symlink_to(here / "etc")
    (made / "share" / "jupyter").symlink_to(here / "share" / "jupyter")
    return made / "bin/python"


@pytest.fixture
def proxy(place):
    """JupyterHub's proxy, a program of Node's."""
    if found := shutil.which("configurable-http-proxy"):
        return Path(found)
    if not shutil.which("npm"):
        pytest.skip("no configurable-http-proxy, and no npm to install it")
    call = [
        "npm",
        "install",
        "--silent",
        "--fetch-retries=0",
        "--prefix",
        str(place / "node"),
        "configurable-http-proxy",
    ]
    done = subprocess.run(call, capture_output=True, text=True, timeout=200, check=False)
    if done.returncode:
        pytest.skip(f"no configurable-http-proxy, and npm can not install it: {done.stderr.strip()[-200:]}")
    return place / "node/node_modules/.bin/configurable-http-proxy"


@pytest.fixture
def machine():
    """What has to be here before anything is installed."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("accounts of its own need root on Linux")
    missing = [name for name in NEEDS if not shutil.which(name)]
    if missing:
        pytest.skip(f"not here: {', '.join(missing)}")
    tried = subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "true"], check=False)
    if tried.returncode:
        pytest.skip("no namespaces may be made here")


def test_a_round_with_three_accounts(machine, hub_python, proxy, repository, place):
    call = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable]
    call += ["-m", "tests.course.hub_machine", str(place), str(hub_python), str(proxy)]
    environment = os.environ | {"PYTHONPATH": str(repository)}
    done = subprocess.run(
        call, cwd=repository, env=environment, capture_output=True, text=True, timeout=800, check=False
    )
    log = (place / "hub.log").read_text() if (place / "hub.log").exists() else ""
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-3000:]}\n{log[-6000:]}"
    told = {what: how for line in done.stdout.splitlines() for what, how in json.loads(line).items()}
    assert told["a wrong password"] == 403
    assert told["logged in"] == {"inge": 302, "ada": 302, "bob": 302}
    assert told["formgrader"] == {"inge": 200, "ada": 404, "bob": 404}
    assert told["points"] == {"ada": 5, "bob": 1}
    assert told["judged by"] == {"ada": "inge", "bob": "inge"}
    assert told["mistake"] == ["the kernel is flipped"]
    assert all(int(count) > 0 for name in ("ada", "bob") for count in told[f"feedback of {name}"])
    assert len(told["feedback of ada"]) == len(told["feedback of bob"]) == 1
    assert "2 graded before" in told["grade in a terminal"]
    assert told["bob looks into"] == []
    assert told["bob at ada's server"] == 403
    assert re.fullmatch(r"ada\+01_convolution\+[^+]+\+[\w-]{12}", told["a name in the inbound"])  # nobody guesses it
    page = (repository / "docs" / "hub.md").read_text(encoding="utf-8").replace("/`", "`")
    rows = re.findall(r"^\| (.*?) \| (\d+)", page, re.M)
    for path, mode in told["modes"].items():
        name = path.replace("/srv/nbgrader/exchange/", "…/exchange/").replace("/home/inge/cnnlab/", "")
        said = [number for names, number in rows if f"`{name}`" in names]
        assert said in ([], [mode]), path
    assert {told["modes"][home] for home in ("/home/inge", "/home/ada")} == {"700"}
