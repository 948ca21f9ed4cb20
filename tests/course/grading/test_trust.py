"""docs/trust.md and docs/protocol.md say what is so: what is bound into the sandbox, its limits, the verbs."""

import json
import re

import pytest

from cnnlab.check.subject import OF_MODELS
from cnnlab.course.grading import sandbox
from cnnlab.course.grading.grader import TORCH_MEMORY
from cnnlab.course.grading.sandbox import GIB, Limits, NoSandbox, WorkerPool, course_files
from cnnlab.course.grading.sandbox_subject import read_answer
from tests.course.conftest import REPOSITORY

LOOK = """
import os, json, resource
def below(place): return sorted(os.listdir(place)) if os.path.isdir(place) else None
free = {place: os.statvfs(place).f_blocks * os.statvfs(place).f_frsize >> 20 for place in ("/tmp", "/dev/shm")}
names = ("AS", "CPU", "FSIZE", "NOFILE", "CORE", "MEMLOCK", "MSGQUEUE", "SIGPENDING")
limits = {name: resource.getrlimit(getattr(resource, "RLIMIT_" + name))[0] for name in names}
print(json.dumps({"root": below("/"), "dev": below("/dev"), "worker": below("/worker"), "environment": dict(os.environ),
                  "etc": below("/etc"), "free": free, "limits": limits, "pts": below("/dev/pts")}))
"""
TOP = {"dev", "lib", "lib64", "site", "tmp", "usr", "worker"}
OF_BUBBLEWRAP = {
    "core",
    "fd",
    "stdin",
    "stdout",
    "stderr",
    "ptmx",
    "pts",
    "shm",
}  # links into /proc, which is not there


def page(name, heading):
    text = (REPOSITORY / "docs" / name).read_text(encoding="utf-8")
    return text.partition(f"## {heading}\n")[2].partition("\n## ")[0]


@pytest.fixture(scope="module")
def told():
    return page("trust.md", "What is in the sandbox")


@pytest.fixture(scope="module")
def seen():
    try:
        with WorkerPool(("numpy",), waiting=1) as pool:
            worker = pool.take()
            said = read_answer(worker.ask({"do": "run", "code": LOOK, "seconds": 5.0}, 20), "it")
            worker.end()
    except NoSandbox as error:
        pytest.skip(str(error))
    return json.loads(said.printed)


def test_nothing_else_lies_in_the_sandbox(seen, told):
    base = sandbox.os.path.realpath(sandbox.sys.base_prefix).split("/")[1]
    assert set(seen["root"]) <= TOP | {base}  # where Python itself lies
    assert seen["etc"] is None
    devices = set(seen["dev"]) - OF_BUBBLEWRAP
    assert devices == set(re.findall(r"\w+", told.partition("| devices |")[2].partition("; no terminals")[0])) - {"dev"}
    assert seen["pts"] == []


def test_the_course_files_of_a_worker_are_those_that_are_named(seen, told):
    row = told.partition("under `/worker` |")[2].partition("\n")[0]
    assert set(seen["worker"]) == {name.split("/")[0] for name in course_files(())}
    for name in course_files(()):
        assert f"`{name.removeprefix('cnnlab/').removeprefix('check/')}" in row, name


def test_variables_and_limits_are_those_that_are_named(seen, told):
    assert set(seen["environment"]) - {"PWD", "LC_CTYPE", "OMP_WAIT_POLICY"} == set(sandbox.ENVIRONMENT)
    row = told.partition("| variables |")[2].partition("\n")[0]
    assert all(name.removesuffix("_NUM_THREADS") in row for name in sandbox.ENVIRONMENT)
    limits, most = seen["limits"], Limits()
    assert (limits["AS"], limits["CPU"]) == (most.memory, most.cpu_seconds) == (2 * GIB, 120)
    assert (limits["CORE"], limits["MEMLOCK"], limits["MSGQUEUE"]) == (0, 0, 0)
    row = told.partition("| limits |")[2].partition("\n")[0]
    numbers = (f"{TORCH_MEMORY // GIB} GB with torch", f"files of {limits['FSIZE'] >> 20} MB", "2 GB of", "120 s of")
    numbers += (f"{limits['NOFILE']} open files", f"{sandbox.MOST_THREADS} threads", f"{limits['SIGPENDING']} queued")
    assert [number for number in numbers if number not in row] == []
    places = told.partition("| to write |")[2].partition("\n")[0]
    assert f"`/tmp` ({seen['free']['/tmp']} MB) and `/dev/shm` ({seen['free']['/dev/shm']} MB)" in places
    assert f"{sandbox.MOST_FILES:,} files" in places


def test_the_protocol_names_the_verbs():
    row = page("protocol.md", "Messages").partition("Verbs: ")[2].partition(";")[0]
    assert re.findall(r"`(\w+)`", row) == ["call", "value", "build", "train", "measure", "model", *OF_MODELS]
