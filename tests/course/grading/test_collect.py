"""Downloads from learning platforms find their places; nothing in them leads anywhere else."""

import io
import os
import zipfile

import pytest

from cnnlab.course.folder import Folder
from cnnlab.course.grading import archive
from cnnlab.course.grading.collect import collect
from cnnlab.settings import Trouble

LESSON = "01_convolution"
NOTEBOOK = b'{"cells": [], "nbformat": 4}'


@pytest.fixture
def course(tmp_path):
    (tmp_path / "course").mkdir()
    return Folder(tmp_path / "course")


def zipped(path, members):
    """members: {name: bytes, or (bytes, time) or a ZipInfo's changes}"""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            data, when = data if isinstance(data, tuple) else (data, (2026, 11, 1, 12, 0, 0))
            file.writestr(zipfile.ZipInfo(name, when), data)
    return path


def there(course):
    return {
        path.parts[-3]: path.read_bytes() for path in (course.root / "submitted").glob(f"*/{LESSON}/{LESSON}.ipynb")
    }


def test_moodle_in_folders_and_in_names(course, tmp_path):
    download = zipped(
        tmp_path / "m.zip",
        {
            "Ada Lovelace_1234567_assignsubmission_file_/01_convolution.ipynb": b"ada",
            "Grace Hopper_1234568_assignsubmission_file_my notebook.ipynb": b"grace",
            "Alan Turing_1234569_assignsubmission_onlinetext_/onlinetext.html": b"text",
        },
    )
    assert len(collect(course, LESSON, download).taken) == 2
    assert there(course) == {"Ada_Lovelace": b"ada", "Grace_Hopper": b"grace"}


def test_canvas_and_its_resubmissions(course, tmp_path):
    download = zipped(
        tmp_path / "c.zip",
        {
            "lovelaceada_1001_55501_01_convolution.ipynb": b"first",
            "lovelaceada_1001_55502_01_convolution-1.ipynb": b"second",
            "hoppergrace_LATE_1002_55503_01_convolution-2.ipynb": b"grace",
        },
    )
    found = collect(course, LESSON, download)
    assert there(course) == {"lovelaceada": b"second", "hoppergrace": b"grace"}
    assert [why for _, why in found.refused] == ["gives way to lovelaceada_1001_55502_01_convolution-1.ipynb"]


def test_a_list_of_students_gives_the_ids(course, tmp_path):
    table = tmp_path / "students.csv"
    table.write_text(
        "student_id,name,email,lms_user_id\nal12,Ada Lovelace,ada@example.org,1001\ngh07,Grace Hopper,,1002\n"
    )
    download = zipped(
        tmp_path / "d.zip",
        {
            "Lovelace Ada_77_assignsubmission_file_/x.ipynb": b"ada",
            "hoppergrace_1002_9_x.ipynb": b"grace",
            "somebody_1003_9_x.ipynb": b"?",
        },
    )
    found = collect(course, LESSON, download, table)
    assert there(course) == {"al12": b"ada", "gh07": b"grace"}
    assert found.refused == [("somebody_1003_9_x.ipynb", "is nobody's on the list of students")]


def test_two_people_of_one_name_are_not_mixed_up(course, tmp_path):
    names = [f"Ada Byron_{n}_assignsubmission_file_/x.ipynb" for n in (1, 2)]
    found = collect(course, LESSON, zipped(tmp_path / "d.zip", dict.fromkeys(names, NOTEBOOK)))
    assert there(course) == {}
    assert "could be one of 2 people" in found.refused[0][1]


def test_a_pattern_as_nbgraders_zip_collect_has_it(course, tmp_path):
    pattern = r".*_(?P<student_id>\w+)_attempt_(?P<timestamp>[0-9\-]+)_(?P<file_id>\w+)"
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "ps1_bitdiddle_attempt_2016-01-30-15-00-00_problem1.ipynb").write_bytes(NOTEBOOK)
    collect(course, LESSON, folder, pattern=pattern)
    assert there(course) == {"bitdiddle": NOTEBOOK}
    stamp = course.root / "submitted" / "bitdiddle" / LESSON / "timestamp.txt"
    assert stamp.read_text() == "2016-01-30-15-00-00"
    with pytest.raises(Trouble, match="names no student"):
        collect(course, LESSON, folder, pattern=".*")


def test_a_later_submission_is_not_overwritten_and_an_earlier_one_is_kept(course, tmp_path):
    name = "Ada_1_assignsubmission_file_/x.ipynb"
    second = zipped(tmp_path / "2.zip", {name: (b"second", (2026, 11, 2, 0, 0, 0))})
    collect(course, LESSON, second)
    first = collect(course, LESSON, zipped(tmp_path / "1.zip", {name: (b"first", (2026, 11, 1, 0, 0, 0))}))
    assert there(course) == {"Ada": b"second"}
    assert first.kept[0][2] == "is not later than the one that is there"
    assert collect(course, LESSON, second).kept[0][2] == "is there already"
    collect(course, LESSON, zipped(tmp_path / "3.zip", {name: (b"third", (2026, 11, 3, 0, 0, 0))}))
    assert there(course) == {"Ada": b"third"}
    (kept,) = (course.root / ".cnnlab" / "earlier" / LESSON).iterdir()
    assert kept.read_bytes() == b"second"


def test_zip_slip_links_and_bombs_are_refused_by_name(course, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_BYTES", 1000)
    link = zipfile.ZipInfo("Eve_1_assignsubmission_file_/link.ipynb")
    link.external_attr = 0o120777 << 16
    download = zipped(
        tmp_path / "d.zip",
        {
            "../../outside/Eve_2_assignsubmission_file_/x.ipynb": b"out",
            "/etc/Eve_3_assignsubmission_file_/x.ipynb": b"out",
            "..\\Eve_4_assignsubmission_file_\\x.ipynb": b"out",
            "Eve_5_assignsubmission_file_/bomb.ipynb": b"0" * 100_000,
            "Eve_6_assignsubmission_file_/broken.zip": b"no zip",
            ".._7_assignsubmission_file_/x.ipynb": b"out",
        },
    )
    with zipfile.ZipFile(download, "a") as file:
        file.writestr(link, "/etc/passwd")
    found = collect(course, LESSON, download)
    assert there(course) == {}
    assert sorted({why.split("(")[0] for _, why in found.refused}) == [
        "does not say whose it is",
        "has a path that leads out of the archive",
        "has more than 0 MB",
        "is a link; it was not followed",
        "is no zip file that can be read ",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["course", "d.zip"]


def test_a_size_that_the_archive_lies_about_does_not_help(course, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_BYTES", 1000)
    path = zipped(tmp_path / "d.zip", {"Eve_5_assignsubmission_file_/bomb.ipynb": b"0" * 100_000})
    raw = path.read_bytes().replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(raw)
    assert len(collect(course, LESSON, path).refused) == 1
    assert there(course) == {}


def test_a_zip_in_the_zip_is_opened_once(course, tmp_path):
    def inside(members):
        data = io.BytesIO()
        zipped(data, members)
        return data.getvalue()

    deep = inside({"x.ipynb": b"deep"})
    download = zipped(
        tmp_path / "d.zip",
        {
            "Ada_1_assignsubmission_file_/all.zip": inside({"01_convolution.ipynb": b"ada", "notes.txt": b"-"}),
            "Eve_2_assignsubmission_file_/all.zip": inside({"again.zip": deep}),
        },
    )
    found = collect(course, LESSON, download)
    assert there(course) == {"Ada": b"ada"}
    assert "zip in a zip in a zip" in found.refused[0][1]


def test_a_link_in_the_folder_and_one_in_the_way_are_not_followed(course, tmp_path):
    folder = tmp_path / "d" / "Ada_1_assignsubmission_file_"
    folder.mkdir(parents=True)
    (tmp_path / "secret.ipynb").write_bytes(b"secret")
    os.symlink(tmp_path / "secret.ipynb", folder / "x.ipynb")
    assert "was not followed" in collect(course, LESSON, tmp_path / "d").refused[0][1]
    (folder / "x.ipynb").unlink()
    (folder / "x.ipynb").write_bytes(b"ada")
    (course.root / "submitted").mkdir()
    (tmp_path / "elsewhere").mkdir()
    os.symlink(tmp_path / "elsewhere", course.root / "submitted" / "Ada")
    assert "where there is a link" in collect(course, LESSON, tmp_path / "d").refused[0][1]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_is_no_download_is_named(course, tmp_path):
    (tmp_path / "x.txt").write_text("-")
    with pytest.raises(Trouble, match="neither a folder nor a zip"):
        collect(course, LESSON, tmp_path / "x.txt")
