"""What can go wrong on the way here: what the learner reads, and that nothing is left broken."""

import hashlib
import os
import shutil
import subprocess
import sys
import threading

import pytest

from cnnlab.data import fetch as fetching
from cnnlab.data.fetch import check_file, fetch, one_at_a_time
from cnnlab.data.sources import CIFAR10, MNIST, Remote
from cnnlab.data.unavailable import Damaged, NoRoom, NotHere
from tests.data.server import serving

CONTENT = bytes(range(256)) * 1200
NOBODY = "http://127.0.0.1:9/"


@pytest.fixture(autouse=True)
def no_own_mirror(monkeypatch):
    monkeypatch.delenv("CNNLAB_MIRROR", raising=False)


def remote(*mirrors, content=CONTENT):
    return Remote("thing.gz", len(content), hashlib.md5(content).hexdigest(), mirrors)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_comes_whole_and_nothing_else_is_left(tmp_path):
    with serving({"thing.gz": CONTENT}) as server:
        path = fetch(remote(server.address), tmp_path / "new" / "folder")
    assert path.read_bytes() == CONTENT
    assert names(path.parent) == ["thing.gz"]


def test_what_is_there_is_not_downloaded_again(tmp_path):
    (tmp_path / "thing.gz").write_bytes(CONTENT)
    assert fetch(remote(NOBODY), tmp_path).read_bytes() == CONTENT


def test_a_connection_that_is_cut_goes_on_where_it_stopped(tmp_path):
    with serving({"thing.gz": CONTENT}, cut=100_000) as server:
        assert fetch(remote(server.address), tmp_path).read_bytes() == CONTENT
    assert [wanted for _, wanted in server.asked] == [f"bytes={k}00000-" if k else "bytes=0-" for k in range(4)]


def test_a_download_that_gave_up_goes_on_the_next_time_even_from_another_mirror(tmp_path):
    class Once(dict):
        def get(self, name):
            return self.pop(name, None)

    with serving(Once({"thing.gz": CONTENT}), cut=200_000) as server, pytest.raises(NotHere) as caught:
        fetch(remote(server.address), tmp_path)
    assert names(tmp_path) == ["thing.gz.part"]
    assert "0.2 MB are here" in str(caught.value)
    with serving({"thing.gz": CONTENT}) as other:
        assert fetch(remote(other.address), tmp_path).read_bytes() == CONTENT
    assert other.asked == [("/thing.gz", "bytes=200000-")]


def test_a_mirror_without_ranges_sends_it_all_again(tmp_path):
    (tmp_path / "thing.gz.part").write_bytes(b"x" * 1000)
    with serving({"thing.gz": CONTENT}, ranges=False) as server:
        assert fetch(remote(server.address), tmp_path).read_bytes() == CONTENT


def test_mirrors_fall_over_one_after_the_other_and_the_last_one_serves(tmp_path):
    changed = CONTENT[:-1] + b"?"
    with serving({}) as none, serving({"thing.gz": changed}) as wrong, serving({"thing.gz": b"<html>"}) as page:
        mirrors = [NOBODY, none.address, wrong.address, page.address]
        with serving({"thing.gz": CONTENT}) as right:
            assert fetch(remote(*mirrors, right.address), tmp_path / "a").read_bytes() == CONTENT
        with pytest.raises(NotHere) as caught:
            fetch(remote(*mirrors), tmp_path / "b")
    text = str(caught.value)
    for part in [
        "refused",
        "404",
        "wrong checksum",
        "something else under this name (6 bytes)",
        "Is this machine online?",
    ]:
        assert part in text
    assert names(tmp_path / "b") == []


def test_a_part_that_was_spoilt_is_thrown_away_and_begun_anew(tmp_path):
    (tmp_path / "thing.gz.part").write_bytes(b"x" * 5000)
    with serving({"thing.gz": CONTENT}) as server:
        assert fetch(remote(server.address), tmp_path).read_bytes() == CONTENT
    assert [wanted for _, wanted in server.asked] == ["bytes=5000-", "bytes=0-"]


def test_a_slow_mirror_is_left_for_the_next_but_is_better_than_none(tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "PATIENCE", -1.0)
    monkeypatch.setattr(fetching, "SLOW", float("inf"))
    with serving({"thing.gz": CONTENT}) as slow, serving({"thing.gz": CONTENT}) as other:
        assert fetch(remote(slow.address, other.address), tmp_path).read_bytes() == CONTENT
    assert len(slow.asked) == 2, "tried, left, and asked again after the others"
    assert len(other.asked) == 1


def test_ones_own_mirror_is_asked_first(tmp_path, monkeypatch):
    with serving({"thing.gz": CONTENT}) as school:
        monkeypatch.setenv("CNNLAB_MIRROR", school.address.rstrip("/"))
        assert fetch(remote(NOBODY), tmp_path).read_bytes() == CONTENT


def test_a_truncated_and_a_changed_file_are_named_with_the_remedy(tmp_path):
    path = tmp_path / "thing.gz"
    for content, fault in [(CONTENT[:1000], "1,000 of 307,200 bytes"), (CONTENT[:-1] + b"?", "another checksum")]:
        path.write_bytes(content)
        with pytest.raises(Damaged) as caught:
            fetch(remote(NOBODY), tmp_path)
        assert str(path) in str(caught.value)
        assert fault in str(caught.value)
        assert "Delete this file" in str(caught.value)
        assert path.read_bytes() == content, "what lies in a person's folder is theirs"
    assert check_file(tmp_path / "thing.gz", hashlib.md5(content).hexdigest()) == content


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(NoRoom, match="CNNLAB_DATA"):
        fetch(remote(NOBODY), tmp_path / "file" / "folder")
    with pytest.raises(NoRoom, match="CNNLAB_DATA"), one_at_a_time(tmp_path / "file" / "folder", "MNIST"):
        pass


def test_a_disk_that_fills_up_on_the_way_is_named_and_not_kept_full(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fetching.os, "fsync", full)
    with serving({"thing.gz": CONTENT}) as server, pytest.raises(NoRoom, match="disk or quota is full"):
        fetch(remote(server.address), tmp_path)
    assert names(tmp_path) == []


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_disk_that_is_really_full(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        with serving({"thing.gz": CONTENT}) as server, pytest.raises(NoRoom, match="is full"):
            fetch(remote(server.address), disk)
        assert not server.asked, "it looks at what is free before it begins"
        assert names(disk) == []
        # What was free when it began is taken by somebody else.
        free = shutil.disk_usage(disk)._replace(free=10**9)
        with pytest.MonkeyPatch.context() as patch, serving({"thing.gz": CONTENT}) as server:
            patch.setattr(fetching.shutil, "disk_usage", lambda _: free)
            with pytest.raises(NoRoom, match="is full"):
                fetch(remote(server.address), disk)
        assert server.asked
        assert names(disk) == []
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.slow
def test_two_processes_at_once_download_once(tmp_path, capsys):
    code = (
        "import sys, hashlib; from pathlib import Path; from cnnlab.data.fetch import fetch, one_at_a_time\n"
        "from cnnlab.data.sources import Remote\n"
        "file = Remote('thing.gz', int(sys.argv[2]), sys.argv[3], (sys.argv[1],)); folder = Path(sys.argv[4])\n"
        "with one_at_a_time(folder, 'THINGS'): fetch(file, folder)"
    )
    with serving({"thing.gz": CONTENT}, pause=1.8) as server:
        file = remote(server.address)
        call = [sys.executable, "-c", code, server.address, str(file.size), file.md5, str(tmp_path)]
        both = [subprocess.Popen(call, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        said = [one.communicate(timeout=60)[0] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert len(server.asked) == 1
    assert "waiting for it" in "".join(said)
    assert (tmp_path / "thing.gz").read_bytes() == CONTENT


def test_a_reader_never_sees_a_file_that_is_not_whole(tmp_path):
    seen, done = set(), threading.Event()

    def watch():
        while not done.is_set():
            seen.update(path.stat().st_size for path in tmp_path.glob("*.gz"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    with serving({"thing.gz": CONTENT}, cut=90_000) as server:
        fetch(remote(server.address), tmp_path)
    done.set()
    watcher.join()
    assert seen <= {len(CONTENT)}


def test_every_data_set_has_several_mirrors():
    for file in [*MNIST, CIFAR10]:
        assert len(set(file.addresses())) >= 3
        assert all(address.startswith("https://") for address in file.addresses())


@pytest.mark.slow
def test_the_checksums_are_those_of_torchvision():
    datasets = pytest.importorskip("torchvision.datasets")
    assert {(file.name, file.md5) for file in MNIST} == set(datasets.MNIST.resources)
    assert (CIFAR10.name, CIFAR10.md5) == (datasets.CIFAR10.filename, datasets.CIFAR10.tgz_md5)
