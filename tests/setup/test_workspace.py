"""work/ belongs to the learner: copies come in, nothing there is ever lost."""

import json
import os

import pytest

from cnnlab import files, settings, workspace
from cnnlab.settings import Trouble


def notebook(text):
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": text}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def course(tmp_path):
    """A course with two released lessons and no work/ yet."""
    for lesson in ("00_start", "01_convolution"):
        folder = tmp_path / "notebooks" / lesson
        folder.mkdir(parents=True)
        (folder / f"{lesson}.ipynb").write_text(notebook("first release"))
    (tmp_path / "course.toml").write_text("")
    return tmp_path


MINE = "work/01_convolution/01_convolution.ipynb"
RELEASED = "notebooks/01_convolution/01_convolution.ipynb"


def test_the_first_call_copies_every_lesson(course):
    report = workspace.fill(course)
    assert report.copied == ["00_start/00_start.ipynb", "01_convolution/01_convolution.ipynb"]
    assert (course / MINE).read_bytes() == (course / RELEASED).read_bytes()


def test_a_second_call_copies_nothing_and_says_nothing(course):
    workspace.fill(course)
    assert workspace.fill(course).lines() == []


def test_a_learners_file_is_never_written_over(course):
    (course / MINE).parent.mkdir(parents=True)
    (course / MINE).write_text(notebook("my answers"))
    workspace.fill(course)
    assert "my answers" in (course / MINE).read_text()


def test_a_lesson_that_is_new_is_added(course):
    workspace.fill(course)
    (course / "notebooks/02_padding").mkdir()
    (course / "notebooks/02_padding/02_padding.ipynb").write_text(notebook("new"))
    assert workspace.fill(course).copied == ["02_padding/02_padding.ipynb"]


def test_a_newer_release_is_told_with_the_way_to_get_it(course):
    workspace.fill(course)
    (course / MINE).write_text(notebook("my answers"))
    (course / RELEASED).write_text(notebook("second release"))
    said = "\n".join(workspace.fill(course).lines())
    assert "A newer version of 01_convolution" in said
    assert "cnnlab reset 01_convolution" in said
    assert "00_start" not in said
    assert "my answers" in (course / MINE).read_text()


def test_windows_line_ends_are_not_a_newer_release(course):
    (course / RELEASED).write_bytes(notebook("one\ntwo").replace(", ", ",\n").encode())
    workspace.fill(course)
    (course / RELEASED).write_bytes((course / RELEASED).read_bytes().replace(b"\n", b"\r\n"))
    assert workspace.fill(course).newer == []


def test_reset_gives_a_fresh_copy_and_keeps_the_old_one(course, monkeypatch):
    monkeypatch.setattr(settings, "course", lambda: {"lessons": {"00_start": {}, "01_convolution": {}}})
    workspace.fill(course)
    for text in ("my answers", "my second try"):
        (course / MINE).write_text(notebook(text))
        fresh, kept = workspace.reset(course, "01")
        assert fresh == [MINE]
        assert text in (course / kept[0]).read_text()
        assert "first release" in (course / MINE).read_text()
    assert len(list((course / MINE).parent.glob("*.ipynb"))) == 3


def test_after_a_reset_the_copy_counts_as_up_to_date(course):
    workspace.fill(course)
    (course / RELEASED).write_text(notebook("second release"))
    workspace.reset(course, "01_convolution")
    assert workspace.fill(course).newer == []


def test_a_released_notebook_that_is_not_json_is_named_and_the_rest_goes_on(course):
    (course / "notebooks/00_start/00_start.ipynb").write_text("<<<<<<< HEAD\n{")
    report = workspace.fill(course)
    assert report.copied == ["01_convolution/01_convolution.ipynb"]
    assert "notebooks/00_start/00_start.ipynb is not JSON (line 1" in report.lines()[-1]
    assert "git checkout" in report.lines()[-1]
    assert not (course / "work/00_start/00_start.ipynb").exists()


@pytest.mark.parametrize("content", [b"not json", b'{"cells": ', b"\xff\xfe\x00", b"[]", b""])
def test_a_learners_notebook_that_is_none_is_named_and_kept(course, content):
    workspace.fill(course)
    (course / MINE).write_bytes(content)
    report = workspace.fill(course)
    assert f"{MINE} " in report.lines()[0]
    assert "cnnlab reset 01_convolution" in report.lines()[0]
    assert (course / MINE).read_bytes() == content


def test_reset_refuses_a_release_that_is_broken_and_leaves_the_learners_copy(course):
    workspace.fill(course)
    (course / RELEASED).write_text("{")
    with pytest.raises(Trouble, match="your own copy is untouched"):
        workspace.reset(course, "01")
    assert "first release" in (course / MINE).read_text()


def test_a_file_where_work_should_be_is_said(course):
    (course / "work").write_text("")
    with pytest.raises(Trouble, match="file where the folder work/ should be"):
        workspace.fill(course)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere; see the next test")
def test_a_work_folder_without_permission_is_said(course):
    (course / "work").mkdir(mode=0o500)
    with pytest.raises(Trouble, match=r"I cannot write into .*work: Permission denied"):
        workspace.fill(course)


def test_a_read_only_disk_is_said(course, monkeypatch):
    def refuse(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(workspace.tempfile, "TemporaryFile", refuse)
    with pytest.raises(Trouble, match=r"(?s)Read-only file system.*folder of your own"):
        workspace.fill(course)


def test_a_full_disk_leaves_no_half_written_copy(course, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "replace", refuse)
    with pytest.raises(Trouble, match="No space left on device"):
        workspace.fill(course)
    assert not list((course / "work/00_start").iterdir())


def test_checkpoints_are_not_copied(course):
    checkpoints = course / "notebooks/00_start/.ipynb_checkpoints"
    checkpoints.mkdir()
    (checkpoints / "00_start-checkpoint.ipynb").write_text(notebook("old"))
    assert not any("checkpoint" in name for name in workspace.fill(course).copied)


@pytest.mark.parametrize("name", ["01", "1", "01_convolution", "notebooks/01_convolution/", r"work\01_convolution"])
def test_a_lesson_has_one_name_and_several_ways_to_say_it(name):
    assert settings.full_lesson_name(name) == "01_convolution"


@pytest.mark.parametrize("name", ["", "99", "convolution", "01_conv"])
def test_a_lesson_that_is_not_there_is_refused_with_a_list(name):
    with pytest.raises(Trouble, match="00_start, 01_convolution"):
        settings.full_lesson_name(name)


def test_an_installation_without_notebooks_says_how_to_get_them(monkeypatch, tmp_path):
    settings.course()  # read once, from where it really lies
    monkeypatch.setattr(settings, "__file__", str(tmp_path / "site-packages/cnnlab/settings.py"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Trouble, match=r"git clone https://github\.com/"):
        settings.root()


def test_the_course_that_one_stands_in_is_meant_and_another_installation_is_named(monkeypatch, tmp_path, repository):
    other = tmp_path / "other"
    inside = other / "notebooks" / "01_convolution"
    inside.mkdir(parents=True)
    (other / "course.toml").write_text("")
    monkeypatch.chdir(inside)
    assert settings.root().resolve() == other.resolve()
    line = settings.said_of(settings.root())
    assert str(other) in line
    assert str(repository) in line
    assert "\n" not in line
    monkeypatch.chdir(repository / "cnnlab")
    assert settings.root().resolve() == repository.resolve()
    assert settings.said_of(settings.root()) is None
    monkeypatch.chdir(tmp_path)  # no course around: the installed one
    assert settings.root().resolve() == repository.resolve()


def test_the_lessons_of_course_toml_are_the_folders_of_the_repository(repository):
    masters = sorted(path.parent.name for path in (repository / "solutions").glob("*/*.md"))
    assert settings.lesson_names() == masters


def test_assistants_find_the_tutor_in_work_and_a_newer_one_comes_unless_it_was_changed(course):
    (course / "TUTOR.md").write_text("Hints alone.\n")
    workspace.fill(course)
    work = course / "work"
    assert (work / "TUTOR.md").read_text() == (work / "AGENTS.md").read_text() == "Hints alone.\n"
    assert (work / "CLAUDE.md").read_text() == "@TUTOR.md\n"
    (work / "AGENTS.md").write_text("My own.\n")
    (course / "TUTOR.md").write_text("Hints, in order.\n")
    for _ in range(2):
        workspace.fill(course)
    assert (work / "TUTOR.md").read_text() == "Hints, in order.\n"
    assert (work / "AGENTS.md").read_text() == "My own.\n"
