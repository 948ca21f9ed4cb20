"""A file is written whole or not at all, and nothing is left beside it."""

import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from cnnlab import files
from cnnlab.files import whole_file, write_whole


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("content", ["é\r\nline\n", b"\x00\xff"])
def test_text_and_bytes_stand_as_they_were_given(content, tmp_path):
    write_whole(tmp_path / "new" / "a.txt", content)
    there = (tmp_path / "new" / "a.txt").read_bytes()
    assert there == (content.encode("utf-8") if isinstance(content, str) else content)
    assert names(tmp_path / "new") == ["a.txt"]


def test_an_error_on_the_way_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    write_whole(tmp_path / "a.txt", "old")

    def stopped_half_way():
        with whole_file(tmp_path / "a.txt") as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped_half_way()
    assert (tmp_path / "a.txt").read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_all_of_it_is_on_the_disk_before_it_takes_its_name(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(files.os, "fsync", lambda handle: seen.append((os.fstat(handle).st_size, names(tmp_path))))
    write_whole(tmp_path / "a.txt", "x" * 10_000)
    [(size, [beside])] = seen
    assert size == 10_000
    assert beside != "a.txt"


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_a_disk_that_refuses_the_last_step_leaves_nothing(step, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, step, refuse)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "a.txt", "new")
    assert names(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_its_permissions_are_those_that_were_asked_for(mode, tmp_path):
    write_whole(tmp_path / "a.txt", "new", mode=mode)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == mode


@pytest.mark.parametrize("links", [True, False])
def test_of_many_who_write_at_once_the_first_ones_stays(links, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(95, "Operation not supported")

    if not links:
        monkeypatch.setattr(files.os, "link", refuse)
    path = tmp_path / "secret"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda k: write_whole(path, str(k), keep_first=True), range(32)))
    assert 0 <= int(path.read_text()) < 32
    assert names(tmp_path) == ["secret"]
    if links:
        before = path.read_text()
        write_whole(path, "late", keep_first=True)
        assert path.read_text() == before


def test_without_keep_first_the_last_ones_stays(tmp_path):
    for word in ("first", "last"):
        write_whole(tmp_path / "a.txt", word)
    assert (tmp_path / "a.txt").read_text() == "last"
    assert os.listdir(tmp_path) == ["a.txt"]
