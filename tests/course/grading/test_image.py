"""A worker is a copy of an image and shares nothing with another copy: no process, no mount, no namespace, no open
file, no memory; where no copies can be made, workers are started one by one."""

import os
import re
from pathlib import Path

import psutil
import pytest

from cnnlab.course.grading.judge import judge
from cnnlab.course.grading.release import Release, ReleaseCell
from cnnlab.course.grading.sandbox import CopiedWorker, NoSandbox, WorkerPool
from cnnlab.course.grading.sandbox_subject import read_answer
from tests.course.grading.conftest import solution

NAMESPACES = ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")
FIRST = ("import numpy as np", "begun = 5")


@pytest.fixture(scope="module")
def pool():
    try:
        with WorkerPool(("numpy",), waiting=1, first=FIRST) as made:
            worker = made.take()
            worker.end()
            if not isinstance(worker, CopiedWorker):
                pytest.skip("this machine makes no namespaces inside namespaces")
            yield made
    except NoSandbox as error:
        pytest.skip(str(error))


@pytest.fixture
def two(pool):
    workers = [pool.take(), pool.take()]
    yield workers
    for worker in workers:
        worker.end()


def ran(worker, source):
    answer = read_answer(worker.ask({"do": "run", "code": source, "seconds": 4.0}, 20), "it")
    assert answer.problem is None, answer.problem
    return answer.printed.strip()


def of(pid, what):
    return Path(f"/proc/{pid}/{what}").read_text()


def mounts(pid):
    """{where: (the mount's number, its file system's, how it is mounted, whether others hear of changes)}"""
    found = {}
    for line in of(pid, "mountinfo").splitlines():
        number, _, device, _, place, how, *tags = line.partition(" - ")[0].split()
        found[place] = number, device, how.split(","), tags
    return found


def test_two_copies_share_no_namespace_and_no_mount(pool, two):
    image = psutil.Process(pool.image.process.pid).children()[0].children()[0].pid  # behind bubblewrap's two
    everybody = [os.getpid(), image, *(worker.inner for worker in two)]
    for kind in NAMESPACES:
        assert len({os.readlink(f"/proc/{pid}/ns/{kind}") for pid in everybody}) == 4, kind
    tables = [mounts(pid) for pid in everybody]
    assert len({one[0] for table in tables for one in table.values()}) == sum(map(len, tables))
    one, other = tables[2:]
    assert one.keys() == other.keys()
    assert not any(tags for table in (one, other) for *_, tags in table.values())  # no "shared:" and no "master:"
    writable = {place for place, (_, _, how, _) in one.items() if "ro" not in how and not place.startswith("/dev/")}
    assert writable == {"/tmp"}
    assert all(one[place][1] != other[place][1] for place in ("/tmp", "/dev/shm"))


def test_a_copy_has_no_capabilities_no_open_files_of_the_images_and_ends_with_its_first_process(two):
    for pid in (two[0].inner, two[0].pid):
        assert set(re.findall(r"Cap(?:Inh|Prm|Eff|Bnd|Amb):\t(\w+)", of(pid, "status"))) == {"0" * 16}
    assert re.findall(r"(?:NoNewPrivs|Seccomp):\t(\d)", of(two[0].inner, "status")) == ["1", "2"]
    files = [os.readlink(file) for file in Path(f"/proc/{two[0].inner}/fd").iterdir()]
    assert sorted(file.split(":")[0] for file in files) == ["/dev/null", "/dev/null", "/dev/null", "pipe", "pipe"]
    assert list(Path(f"/proc/{two[0].pid}/fd").iterdir()) == []
    two[0].end()
    assert not Path(f"/proc/{two[0].inner}").exists()


FLAGS = "import fcntl, os\nprint([fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_APPEND for fd in range(3)])"
WRITES = """
import ctypes, fcntl, os, builtins
for fd in range(3): fcntl.fcntl(fd, fcntl.F_SETFL, os.O_APPEND)
begun = 6
builtins.left = 1
np.pi = 3
ctypes.c_char.from_address(id(b"fixed") + bytes.__basicsize__ - 1).value = b"F"
open("/tmp/left", "w").close()
open("/dev/shm/left", "w").close()
"""
READS = """
import builtins, os
print(begun, hasattr(builtins, 'left'), np.pi == 3, os.listdir('/tmp'), os.listdir('/dev/shm'))
"""


def test_what_one_copy_writes_no_other_reads(pool, two):
    before = ran(two[1], READS)
    assert before == "5 False False [] []"
    ran(two[0], WRITES)
    assert ran(two[0], READS) == "6 True True ['left'] ['left']"
    assert ran(two[1], READS) == before
    assert ran(two[1], FLAGS) == "[0, 0, 0]"
    third = pool.take()
    assert ran(third, READS) == before
    third.end()


def test_a_bare_copy_has_run_nothing(pool):
    worker = pool.take(bare=True)
    assert (worker.begun, ran(worker, "print('begun' in globals())")) == (0, "False")
    worker.end()


@pytest.mark.slow
def test_an_image_that_is_lost_is_made_anew(pool):
    below = psutil.Process(pool.image.process.pid).children(recursive=True)
    pool.image.process.kill()
    assert psutil.wait_procs(below, timeout=10)[1] == []
    worker = pool.take()
    assert (type(worker), ran(worker, "print(begun)")) == (CopiedWorker, "5")
    worker.end()


@pytest.mark.parametrize(
    "cell",
    [
        "import mmap\nmemory = mmap.mmap(-1, 4096)",
        "import threading\nthreading.Thread(target=__import__('time').sleep, args=(9,)).start()",
    ],
    ids=["memory that is shared", "threads"],
)
def test_a_first_cell_that_makes_what_no_copy_can_have_is_left_to_the_worker(pool, cell):
    with WorkerPool(("numpy",), waiting=1, first=("begun = 5", cell)) as other:
        worker = other.take()
        assert (type(worker), worker.begun, ran(worker, "print(begun)")) == (CopiedWorker, 1, "5")
        worker.end()


def test_a_first_cell_that_stumbles_is_left_to_the_worker(pool):
    with WorkerPool(("numpy",), waiting=1, first=("begun = 5", "1 / 0", "later = 1")) as other:
        worker = other.take()
        assert (worker.begun, ran(worker, "print(begun, 'later' in globals())")) == (1, "5 False")
        worker.end()


CHECK = ReleaseCell("check", "c", "", "c", 1, "diagonal_edge_kernel", "kernel")
SOURCE = "def diagonal_edge_kernel():\n    return np.array([[begun, 0], [0, -begun]])"


@pytest.mark.parametrize("command", [None, ["false"]], ids=["copies", "one by one"])
@pytest.mark.parametrize("added", [False, True], ids=["as released", "with a cell in front"])
def test_the_verdict_is_the_same_however_the_worker_is_made(pool, command, added):
    part = ReleaseCell("solution", "diagonal_edge_kernel", "", "diagonal_edge_kernel")
    setup = tuple(ReleaseCell("setup", f"first-{k}", source) for k, source in enumerate(FIRST))
    release = Release("01_convolution", (*setup, part, CHECK), ("numpy",))
    assert release.first == FIRST
    cells = [solution("diagonal_edge_kernel", SOURCE)]
    if added:
        cells += [type(cells[0])("begun = 'mine'\nnp = None", None, -1)]
    with WorkerPool(("numpy",), waiting=1, first=release.first) as made:
        if command:
            made.image.end()
            made.image_command = command
            made.image = type(made.image)(command)
        judgement = judge(release, cells, made, "secret")
    assert (judgement.points, judgement.trouble) == (1, [])
