"""A machine with JupyterHub and three accounts, for as long as this runs: `unshare --mount --pid … python -m
tests.course.hub_machine FOLDER PYTHON PROXY`. Plays a round of a lesson on it, and prints what happened, a line each.

All of it is in this process' own namespaces: copies of /etc, /home and /srv lie over the machine's, and go with it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import requests

from tests.course.grading.courses import FLIPPED, LESSON, REPOSITORY, RIGHT, make_course
from tests.setup.run_without_network import raise_loopback

PEOPLE = {"inge": 2001, "ada": 2002, "bob": 2003}
PASSWORD = "one, two, three"
HUB = "http://127.0.0.1:8000"
COURSE = Path("/home/inge/cnnlab")
EXCHANGE = Path("/srv/nbgrader/exchange")
INBOUND = EXCHANGE / "cnnlab" / "inbound"
CNNLAB = (sys.executable, "-m", "cnnlab")


def main() -> None:
    folder, python, proxy = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    raise_loopback()
    cover(folder, [python, proxy, REPOSITORY, Path(sys.executable)])
    accounts()
    files(proxy)
    course()
    call = [str(python), "-m", "jupyterhub", "--config", "/etc/jupyterhub/jupyterhub_config.py"]
    log = (folder / "hub.log").open("w")
    path = f"{python.parent}:{proxy.parent}:/usr/local/bin:/usr/bin:/bin"
    environment = {"PATH": path, "LANG": "C.UTF-8", "HOME": "/root", "PYTHONPATH": str(REPOSITORY)}
    hub = subprocess.Popen(call, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        wait_for(hub)
        play({name: Person(name) for name in PEOPLE})
    finally:
        hub.terminate()
        hub.wait(30)


def cover(folder: Path, needed: list[Path]) -> None:
    """Lay copies over /etc, /home and /srv, and make the folders above what is `needed` passable for everybody."""
    covers = folder / "covers"
    covers.mkdir()
    mount("-t", "tmpfs", "-o", "mode=0755", "none", covers)
    shutil.copytree("/etc", covers / "etc", symlinks=True, ignore_dangling_symlinks=True)
    mount("--bind", covers / "etc", "/etc")
    for name in ("/home", "/srv"):
        mount("-t", "tmpfs", "-o", "mode=0755", "none", name)
    for path in [*needed, *(Path(os.path.realpath(path)) for path in needed)]:
        for closed in [above for above in reversed(path.parents) if above.stat().st_mode & 0o001 == 0]:
            inner = closed / path.relative_to(closed).parts[0]
            kept = covers / f"kept-{inner.name}"
            kept.mkdir()
            mount("--bind", inner, kept)
            mount("-t", "tmpfs", "-o", "mode=0755", "none", closed)
            inner.mkdir()
            mount("--move", kept, inner)


def mount(*arguments: object) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)


def accounts() -> None:
    """Three people with passwords and homes of mode 700, in this namespace's own /etc."""
    made = subprocess.run(["openssl", "passwd", "-6", PASSWORD], capture_output=True, text=True, check=True)
    for name, number in PEOPLE.items():
        for file, line in {
            "passwd": f"{name}:x:{number}:{number}::/home/{name}:/bin/bash",
            "group": f"{name}:x:{number}:",
            "shadow": f"{name}:{made.stdout.strip()}:20000:0:99999:7:::",
        }.items():
            with open(f"/etc/{file}", "a") as table:
                table.write(line + "\n")
        Path("/home", name).mkdir(mode=0o700)
        os.chown(f"/home/{name}", number, number)


def files(proxy: Path) -> None:
    """What docs/hub.md says, word for word; and the few lines that only this machine needs."""
    page = (REPOSITORY / "docs" / "hub.md").read_text(encoding="utf-8")
    hub, everybody, instructor = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    server, menus = re.findall(r"^```json\n(.*?)^```$", page, re.M | re.S)
    hub += f"\nc.ConfigurableHTTPProxy.command = ['{proxy}']\n"
    hub += f"c.Spawner.environment = {{'PYTHONPATH': '{REPOSITORY}'}}\n"
    hub += "c.Spawner.start_timeout = c.Spawner.http_timeout = 300\n"
    for name, text in {
        "/etc/jupyterhub/jupyterhub_config.py": hub,
        "/etc/jupyter/nbgrader_config.py": everybody,
        "/etc/jupyter/learners/jupyter_server_config.json": server,
        "/etc/jupyter/learners/labconfig/page_config.json": menus,
        "/home/inge/.jupyter/nbgrader_config.py": instructor,
    }.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    EXCHANGE.mkdir(parents=True)
    EXCHANGE.chmod(0o1777)


def course() -> None:
    """Lesson 01's two exercises in the instructor's home; hers, and open, so that the home alone protects them."""
    COURSE.mkdir()
    make_course(COURSE)
    for path in [Path("/home/inge/.jupyter"), *Path("/home/inge").rglob("*")]:
        os.chown(path, PEOPLE["inge"], PEOPLE["inge"])


class Person:
    """Somebody with a browser: logs in with a password, has a server of their own, presses its buttons."""

    def __init__(self, name: str):
        self.name, self.number = name, PEOPLE[name]
        self.browser = requests.Session()

    def log_in(self, password: str = PASSWORD) -> int:
        """The status of the page after the login form."""
        page = self.browser.get(f"{HUB}/hub/login", timeout=60)
        form = {"username": self.name, "password": password, "_xsrf": self.browser.cookies["_xsrf"]}
        found = self.browser.post(f"{page.url}", data=form, timeout=60, allow_redirects=False)
        return found.status_code

    def start(self) -> None:
        """Begin this one's server, and go to its page as soon as it is there."""
        self.browser.get(f"{HUB}/hub/spawn/{self.name}", timeout=60)
        for _ in range(300):
            found = self.browser.get(f"{HUB}/user/{self.name}/lab", timeout=60)
            if found.ok and found.url.startswith(f"{HUB}/user/{self.name}/lab"):
                return
            time.sleep(1)
        raise RuntimeError(f"{self.name} has no server: {found.status_code} {found.url} {found.text[:300]}")

    def ask(self, way: str, path: str, **more: object) -> requests.Response:
        """A request to this one's server, as its page makes it."""
        cookies = [cookie for cookie in self.browser.cookies if cookie.name == "_xsrf"]
        mine = next((cookie for cookie in cookies if cookie.path == f"/user/{self.name}/"), cookies[0])
        headers = {"X-XSRFToken": mine.value, "Referer": f"{HUB}/user/{self.name}/lab"}
        return self.browser.request(way, f"{HUB}/user/{self.name}{path}", headers=headers, timeout=240, **more)

    def press(self, path: str, **form: str) -> dict:
        """Press a button of nbgrader's; what it answers. Raises RuntimeError where it fails."""
        found = self.ask("POST", path, data=form)
        said = found.json() if found.ok else {"success": False, "status": found.status_code, "text": found.text[:500]}
        if not said.get("success"):
            raise RuntimeError(f"{self.name}: {path}: {said}")
        return said

    def run(self, *call: object) -> str:
        """What a command says that this one gives in a terminal."""
        switch = ["setpriv", f"--reuid={self.number}", f"--regid={self.number}", "--clear-groups", *map(str, call)]
        done = subprocess.run(switch, capture_output=True, text=True, cwd="/", check=False)
        return (done.stdout + done.stderr).strip()


def wait_for(hub: subprocess.Popen) -> None:
    while hub.poll() is None:
        try:
            requests.get(f"{HUB}/hub/health", timeout=5).raise_for_status()
            return
        except requests.RequestException:
            time.sleep(0.3)
    raise RuntimeError("the hub has ended; see hub.log")


def tell(what: str, how: object) -> None:
    print(json.dumps({what: how}), flush=True)


def play(people: dict[str, Person]) -> None:
    inge, ada, bob = people.values()
    tell("a wrong password", ada.log_in("none"))
    tell("logged in", {name: person.log_in() for name, person in people.items()})
    for person in people.values():
        person.start()
    tell("formgrader", {name: p.ask("GET", "/formgrader/manage_assignments").status_code for name, p in people.items()})
    assignment = f"/formgrader/api/assignment/{LESSON}"
    for button in ("assign", "release"):
        inge.press(f"{assignment}/{button}")
    for person, right in ((ada, RIGHT), (bob, {**RIGHT, "cross_correlate2d": FLIPPED})):
        who = {"course_id": "cnnlab", "assignment_id": LESSON}
        listed = person.press("/assignments/fetch", **who)["value"]
        tell(f"{person.name} sees", [one["status"] for one in listed])
        path = f"/api/contents/{LESSON}/{LESSON}.ipynb"
        notebook = nbformat.from_dict(person.ask("GET", path).json()["content"])
        for cell in notebook.cells:
            cell.source = right.get(cell.id, cell.source)
        saved = person.ask("PUT", path, json={"type": "notebook", "format": "json", "content": notebook})
        tell(f"{person.name} saves", saved.status_code)
        person.press("/assignments/submit", **who)
    inge.press(f"{assignment}/collect")
    for name in ("ada", "bob"):
        inge.press(f"/formgrader/api/submission/{LESSON}/{name}/autograde")
    submissions = inge.ask("GET", f"/formgrader/api/submissions/{LESSON}").json()
    tell("points", {one["student"]: one["code_score"] for one in submissions})
    records = COURSE / ".cnnlab" / "records" / LESSON
    tell("judged by", {path.stem: path.owner() for path in records.glob("*.json")})
    tell("mistake", re.findall(r'"mistake": "(\w[^"]*)"', (records / "bob.json").read_text())[:1])
    for button in ("generate_feedback", "release_feedback"):
        inge.press(f"{assignment}/{button}")
    for person in (ada, bob):
        person.press("/assignments/fetch_feedback", course_id="cnnlab", assignment_id=LESSON)
        pages = list(Path("/home", person.name, LESSON, "feedback").rglob("*.html"))
        tell(f"feedback of {person.name}", [person.run("grep", "-c", "cross_correlate2d", str(page)) for page in pages])
    settings = ("env", f"PYTHONPATH={REPOSITORY}", "HOME=/home/inge")
    tell("grade in a terminal", inge.run(*settings, *CNNLAB, "grade", "01", "--course", COURSE))
    (submission,) = Path(INBOUND).glob("ada+*")
    tell("a name in the inbound", submission.name)
    private = [COURSE, COURSE / "solutions", COURSE / "gradebook.db", COURSE / ".cnnlab", COURSE / "submitted"]
    private += [INBOUND, EXCHANGE / "cnnlab" / "feedback", Path("/home/ada"), Path("/home/ada", LESSON)]
    tell("bob looks into", [str(path) for path in private if "ermission denied" not in bob.run("ls", str(path))])
    tell("bob at ada's server", bob.browser.get(f"{HUB}/user/ada/api/contents", timeout=60).status_code)
    shown = [EXCHANGE, INBOUND, EXCHANGE / "cnnlab" / "feedback", Path("/home/inge"), Path("/home/ada"), *private[1:5]]
    modes = {str(path): f"{os.stat(path).st_mode & 0o7777:o}" for path in shown}
    tell("modes", modes | {str(INBOUND / "…"): f"{submission.stat().st_mode & 0o7777:o}"})


if __name__ == "__main__":
    main()
