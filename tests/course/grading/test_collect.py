"""Downloads from learning platforms find their places; nothing in them leads anywhere else."""

import io
import os
import shutil
import zipfile

import pytest

from cnnlab.course.folder import Folder
from cnnlab.course.grading import archive
from cnnlab.course.grading.collect import collect
from cnnlab.course.grading.moment import moment
from cnnlab.settings import Trouble
from tests.course.grading.courses import REPOSITORY

LESSON = "01_convolution"
NOTEBOOK = b'{"cells": [], "nbformat": 4}'


@pytest.fixture
def course(tmp_path):
    (tmp_path / "course").mkdir()
    shutil.copy(REPOSITORY / "course.toml", tmp_path / "course")
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


def test_whoever_is_on_the_list_and_handed_in_nothing_is_named(course, tmp_path):
    students = tmp_path / "students.csv"
    students.write_text("student_id;name\nada;Ada Lovelace\npia;Pia Pdf\nnil;Nil Nothing\n")
    members = {
        "Ada Lovelace_101_assignsubmission_file_/01_convolution.ipynb": NOTEBOOK,
        "Pia Pdf_102_assignsubmission_file_/01_convolution.pdf": b"%PDF",
    }
    for again in range(2):  # what came before is there
        found = collect(course, LESSON, zipped(tmp_path / "m.zip", members), students)
        assert found.missing == ["nil", "pia"]
        assert "nothing is there from: nil, pia" in found.lines()
        assert len(found.kept) == again
    assert collect(course, LESSON, tmp_path / "m.zip").missing == []


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


def test_canvas_wrote_late_in_small_letters_once(course, tmp_path):
    names = ("lovelaceada_1001_55501_01_convolution.ipynb", "lovelaceada_late_1001_55502_01_convolution-1.ipynb")
    collect(course, LESSON, zipped(tmp_path / "c.zip", {name: name.encode() for name in names}))
    assert there(course) == {"lovelaceada": names[1].encode()}


@pytest.mark.parametrize("ending", [".ipynb.txt", ".ipynb.json", ".IPYNB"])
def test_a_notebook_that_a_browser_took_for_text_is_one(course, tmp_path, ending):
    collect(course, LESSON, zipped(tmp_path / "m.zip", {f"ada/{LESSON}{ending}": NOTEBOOK}))
    assert there(course) == {"ada": NOTEBOOK}


def test_whoever_sent_no_notebook_is_told_once_and_what_lies_beside_one_is_not(course, tmp_path):
    uploads = {
        "Ada Lovelace_101_assignsubmission_file_/01_convolution.ipynb": NOTEBOOK,
        "Ada Lovelace_101_assignsubmission_file_/picture.png": b"",
        "Ada Lovelace_101_assignsubmission_onlinetext_/onlinetext.html": b"",
        "Ada Lovelace_101_assignsubmission_file_/.git/config": b"",
        "Pia Pdf_102_assignsubmission_file_/01_convolution.pdf": b"%PDF",
        "Pia Pdf_102_assignsubmission_file_/readme.txt": b"",
        "Rar Rabe_103_assignsubmission_file_/work.rar": b"Rar!",
        "Zip Zeta_104_assignsubmission_file_/work.zip": zipped(tmp_path / "i.zip", {"main.py": b""}).read_bytes(),
        "index.html": b"",
    }
    found = collect(course, LESSON, zipped(tmp_path / "m.zip", uploads))
    assert sorted(name.split("_")[0] for name, _ in found.refused) == ["Pia Pdf", "Rar Rabe", "Zip Zeta"]
    assert {why for _, why in found.refused} == {archive.NO_NOTEBOOK}


def test_another_lessons_notebook_is_not_taken_for_this_one(course, tmp_path):
    names = ["ada/02_padding_stride.ipynb", "bob/01_convolution.ipynb", "bob/02_padding_stride (1).ipynb"]
    found = collect(course, LESSON, zipped(tmp_path / "m.zip", dict.fromkeys([*names, "cy/mine.ipynb"], NOTEBOOK)))
    assert sorted(there(course)) == ["bob", "cy"]
    assert found.refused == [(names[k], "is called after another lesson, 02_padding_stride") for k in (0, 2)]


def test_blackboard_and_its_attempts(course, tmp_path):
    first, then = "2026-11-09-23-59-00", "2026-11-10-13-30-00"
    members = {
        f"Lesson 01_ada_attempt_{first}_01_convolution.ipynb": b"first",
        f"Lesson 01_ada_attempt_{then}_01_convolution.ipynb": b"then",
        f"Lesson 01_ada_attempt_{then}.txt": b"Name: Ada Lovelace (ada)",
        f"Lesson 01_bob_attempt_{first}_x_attempt_{then}_y.ipynb": b"bob",
    }
    collect(course, LESSON, zipped(tmp_path / "b.zip", members))
    assert there(course) == {"ada": b"then", "bob": b"bob"}
    said = course.root / "submitted" / "ada" / LESSON / "timestamp.txt"
    assert moment(said.read_text()).isoformat() == "2026-11-10T13:30:00"


def test_a_title_with_a_line_in_it_does_not_say_where_blackboards_name_begins(course, tmp_path):
    download = zipped(tmp_path / "b.zip", {"01_conv_ada_l_attempt_2026-11-10-13-30-00_x.ipynb": b"ada"})
    ((_, why),) = collect(course, LESSON, download).refused
    assert "can be read as the file of" in why
    assert "--students" in why
    students = tmp_path / "students.csv"
    students.write_text("student_id,name\nada_l,Ada Lovelace\n")
    collect(course, LESSON, download, students)
    assert there(course) == {"ada_l": b"ada"}


def test_brightspace_in_folders_and_in_names(course, tmp_path):
    members = {
        "101-2345 - Ada Lovelace - Nov 9, 2026 1159 PM/01_convolution.ipynb": b"first",
        "101-2345 - Ada Lovelace - Nov 10, 2026 130 PM/01_convolution.ipynb": b"then",
        "102-2345 - Bob O'Hara-Smith - Nov 9, 2026 930 AM - 01_convolution.ipynb": b"bob",
        "index.html": b"",
    }
    collect(course, LESSON, zipped(tmp_path / "d.zip", members))
    assert there(course) == {"Ada_Lovelace": b"then", "Bob_O_Hara-Smith": b"bob"}
    said = course.root / "submitted" / "Ada_Lovelace" / LESSON / "timestamp.txt"
    assert moment(said.read_text()).isoformat() == "2026-11-10T13:30:00"


OTHERS = [
    "eve_666_9_{}", "Eve_666_assignsubmission_file_{}", "Lesson 01_eve_attempt_2026-11-10-13-30-00_{}",
    "666-9 - eve - Nov 9, 2026 930 AM - {}",
]  # fmt: skip


@pytest.mark.parametrize("real", OTHERS)
@pytest.mark.parametrize("claimed", OTHERS)
def test_a_file_named_as_by_another_platform_is_nobody_elses(course, tmp_path, real, claimed):
    claim = claimed.replace("eve", "bob").replace("Eve", "Bob").replace("666", "102").format("x.ipynb")
    members = {real.replace("eve", n).replace("Eve", n).replace("666", k).format("x.ipynb"): n.encode()
               for n, k in (("ada", "101"), ("bob", "102"))}  # fmt: skip
    members |= {real.format(claim): b"eve"}
    students = tmp_path / "students.csv"
    students.write_text("student_id,name,identifier\nada,ada,101\nbob,bob,102\neve,eve,666\n")
    collect(course, LESSON, zipped(tmp_path / "d.zip", members), students)
    found = there(course)
    assert (found["ada"], found["bob"]) == (b"ada", b"bob")
    assert found.get("eve") in (None, b"eve")


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


ATTEMPTS = r".*_(?P<student_id>\w+)_attempt_(?P<timestamp>[0-9\-]+)_(?P<file_id>.*)"


@pytest.mark.parametrize("times", [((2026, 11, 2, 10, 0, 0),) * 2, ((2026, 11, 3, 10, 0, 0), (2026, 11, 1, 10, 0, 0))])
@pytest.mark.parametrize("name", [f"{LESSON}.ipynb", "task2.ipynb"])
def test_the_latest_attempt_is_the_one_whose_name_says_so(course, tmp_path, times, name):
    members = {
        f"ps1_ada_attempt_2026-11-01-10-00-00_{LESSON}.ipynb": (b"old", times[0]),
        f"ps1_ada_attempt_2026-11-02-10-00-00_{name}": (b"new", times[1]),
    }
    collect(course, LESSON, zipped(tmp_path / "bb.zip", members), pattern=ATTEMPTS)
    assert there(course) == {"ada": b"new"}


def test_attempts_of_two_downloads_are_compared_by_what_their_names_say(course, tmp_path):
    name = "ps1_ada_attempt_2026-11-0{}-10-00-00_x.ipynb"
    late = zipped(tmp_path / "2.zip", {name.format(2): (b"late", (2020, 1, 1, 0, 0, 0))})
    early = zipped(tmp_path / "1.zip", {name.format(1): (b"early", (2029, 1, 1, 0, 0, 0))})
    for download in (early, late, early):
        collect(course, LESSON, download, pattern=ATTEMPTS)
    assert there(course) == {"ada": b"late"}


def test_the_time_of_an_earlier_submission_is_not_that_of_a_later_one(course, tmp_path):
    first = {"ps1_ada_attempt_2026-11-01-10-00-00_x.ipynb": b"first"}
    collect(course, LESSON, zipped(tmp_path / "1.zip", first), pattern=ATTEMPTS)
    second = {"ada/x.ipynb": (b"second", (2026, 12, 1, 0, 0, 0))}
    collect(course, LESSON, zipped(tmp_path / "2.zip", second))
    assert there(course) == {"ada": b"second"}
    assert not (course.root / "submitted" / "ada" / LESSON / "timestamp.txt").exists()
    assert len(list((course.root / ".cnnlab" / "earlier" / LESSON).iterdir())) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"{LESSON}.ipynb", f"{LESSON}-1.ipynb"),
        (f"{LESSON}-9.ipynb", f"{LESSON}-10.ipynb"),
        (f"{LESSON} (1).ipynb", f"{LESSON} (2).ipynb"),
        ("my work-1.ipynb", "my work-2.ipynb"),
        (f"task 12 {LESSON}.ipynb", f"task 3 {LESSON}-1.ipynb"),
        ("homework12-7.ipynb", "exercise3-2.ipynb"),  # other names' numbers say nothing: the file's time does
    ],
)
def test_a_number_of_handing_in_again_follows_the_name(course, tmp_path, first, second):
    folder = "Ada_7_assignsubmission_file_/"
    times = (2026, 11, 1, 0, 0, 0), (2026, 11, 1, 0, 0, 2)
    download = zipped(tmp_path / "d.zip", {folder + first: (b"first", times[0]), folder + second: (b"2", times[1])})
    collect(course, LESSON, download)
    assert there(course) == {"Ada": b"2"}


class Unflagged(zipfile.ZipInfo):
    """A name in UTF-8 without the flag that says so, as macOS writes it."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("utf-8"), self.flag_bits & ~0x800


def test_names_in_a_zip_that_are_utf8_without_the_flag(course, tmp_path):
    with zipfile.ZipFile(tmp_path / "mac.zip", "w") as file:
        for k, name in enumerate(("Jörg Müller", "王小明", "Zoe\u0308")):
            file.writestr(Unflagged(f"{name}_{k}_assignsubmission_file_/x.ipynb"), name)
    collect(course, LESSON, tmp_path / "mac.zip")
    assert sorted(there(course)) == ["Jörg_Müller", "Zoë", "王小明"]


def test_anonymous_names_of_canvas(course, tmp_path):
    names = ["anon_x7Gf2_678901_x.ipynb", f"LATE_anon_Qm3aB_678902_{LESSON}.ipynb", "anon_B_LATE_67_x.ipynb"]
    collect(course, LESSON, zipped(tmp_path / "c.zip", {name: name.encode() for name in names}))
    assert there(course) == {
        n: name.encode() for n, name in zip(("anon_x7Gf2", "anon_Qm3aB", "anon_B"), names, strict=True)
    }


def students(tmp_path, text):
    (tmp_path / "students.csv").write_text(text, encoding="utf-8")
    return tmp_path / "students.csv"


def moodle(tmp_path, *names):
    return zipped(
        tmp_path / "m.zip", {f"{n}_{101 + k}_assignsubmission_file_/x.ipynb": b"x" for k, n in enumerate(names)}
    )


def test_a_groups_name_before_a_learners(course, tmp_path):
    table = students(
        tmp_path, "student_id,name\nal1,Ada Lovelace\njd2,Jean-Luc Dupont\nld3,Luc Durand\nmd4,Marc Durand\n"
    )
    names = ["Lab A-Ada Lovelace", "Lab-B-Jean-Luc Dupont", "Jean-Luc Durand"]
    collect(course, LESSON, moodle(tmp_path, *names), table)
    assert sorted(there(course)) == ["al1", "jd2", "ld3"]


def test_a_group_that_makes_two_people_of_a_name_is_not_guessed(course, tmp_path):
    table = students(tmp_path, "student_id,name\njd1,Jean-Luc Dupont\nld2,Luc Dupont\n")
    found = collect(course, LESSON, moodle(tmp_path, "Lab A-Jean-Luc Dupont"), table)
    assert "could be jd1 or ld2" in found.refused[0][1]


def test_a_display_name_that_ends_in_anothers_takes_nothing(course, tmp_path):
    table = students(tmp_path, "student_id,name\nal1,Ada Lovelace\neve2,Eve\n")
    found = collect(course, LESSON, moodle(tmp_path, "Ada Lovelace", "x-Ada Lovelace"), table)
    assert there(course) == {}
    assert [why for _, why in found.refused] == [
        "could be one of 2 people called al1: the list needs the platform's numbers"
    ] * 2


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lists_as_spreadsheets_write_them(course, tmp_path, mark, encoding):
    text = f'Name{mark}Student_ID\r\n"Lovelace, Ada"{mark}al1\r\n'
    (tmp_path / "s.csv").write_bytes(text.encode(encoding))
    collect(course, LESSON, moodle(tmp_path, "Ada Lovelace"), tmp_path / "s.csv")
    assert sorted(there(course)) == ["al1"]


def test_a_list_without_ids_says_what_it_has(course, tmp_path):
    with pytest.raises(Trouble, match="its columns are name, mail"):
        collect(course, LESSON, moodle(tmp_path, "Ada"), students(tmp_path, "name;mail\nAda;a@b\n"))


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        ("student_id,name\nal1,Grace\n", "is nobody's on the list"),
        ("student_id,name\n,Ada Lovelace\nal1,Grace\n", "has no id on the list"),
        ("student_id,name\nal1,Ada Lovelace\nal2,Ada Lovelace\n", "could be al1 or al2"),
        (
            "student_id,name,identifier\nal1,Ada Lovelace,7\ngh2,Grace,Participant 101\n",
            "name of al1 and the number of gh2",
        ),
    ],
)
def test_a_refusal_says_what_is_true(course, tmp_path, listed, why):
    found = collect(course, LESSON, moodle(tmp_path, "Ada Lovelace"), students(tmp_path, listed))
    assert there(course) == {}
    assert why in found.refused[0][1]


def test_a_number_that_happens_to_be_anothers_id_is_not_taken_for_the_platforms(course, tmp_path):
    table = students(tmp_path, "student_id,name,identifier\n101,Grace,Participant 9\n55,Ada,Participant 101\n")
    collect(course, LESSON, moodle(tmp_path, "Ada"), table)
    assert sorted(there(course)) == ["55"]


def test_two_ids_that_would_be_one_folder_are_told_apart(course, tmp_path):
    with pytest.raises(Trouble, match="would both be kept as a_b"):
        collect(course, LESSON, moodle(tmp_path, "Ada"), students(tmp_path, "student_id,name\na/b,Ada\na b,Eve\n"))


BOB = "Bob_102_assignsubmission_file_"


def inner(members):
    data = io.BytesIO()
    zipped(data, members)
    return data.getvalue()


@pytest.mark.parametrize(
    ("members", "owner"),
    [
        ({f"Eve_101_assignsubmission_file_/{BOB}/x.ipynb": b"x"}, "Eve"),
        ({"Eve_101_assignsubmission_file_/w.zip": inner({f"{BOB}/x.ipynb": b"x"})}, "Eve"),
        ({"Eve_101_assignsubmission_file_w.zip": inner({f"{BOB}/x.ipynb": b"x"})}, "Eve"),
        ({"eve_101_888_w.zip": inner({f"{BOB}/x.ipynb": b"x"})}, "eve"),
        ({"eve_101_888_w.zip": inner({"bob_102_889_x.ipynb": b"x"})}, "eve"),
        ({"anon_Eve_888_w.zip": inner({"bob_102_889_x.ipynb": b"x"})}, "anon_Eve"),
        ({f"Eve/{BOB}/x.ipynb": b"x", "Ada/x.ipynb": b"a"}, "Eve"),
        ({"Eve/Bob/x.ipynb": b"x", "Ada/x.ipynb": b"a"}, "Eve"),
        ({"submitted/Eve/01_convolution/Bob/x.ipynb": b"x", "submitted/Ada/x.ipynb": b"a"}, "Eve"),
        ({"d/Eve/Bob/x.ipynb": b"x", "d/Ada/x.ipynb": b"a"}, "Eve"),  # in d.zip
        ({"Eve.zip": inner({"Bob/x.ipynb": b"x"})}, "Eve"),
        ({f"{BOB}_101_assignsubmission_file_/x.ipynb": b"x"}, BOB.strip("_")),  # a display name like a platform's
        ({f"{BOB[:-1]}_101_assignsubmission_file_x.ipynb": b"x"}, None),
        ({"Eve_101_assignsubmission_file_w_102_assignsubmission_file_x.ipynb": b"x"}, None),
        ({"bob_102_777_101_888_x.ipynb": b"x"}, None),
        ({"bob_102_101_888_x.ipynb": b"x"}, None),
    ],
)
def test_whose_it_is_says_the_outermost_name_alone(course, tmp_path, members, owner):
    found = collect(course, LESSON, zipped(tmp_path / "d.zip", members))
    owners = {name for name, data in there(course).items() if data == b"x"}
    assert owners == ({owner} if owner else set())
    assert owner or "can be read as the file of" in found.refused[0][1]


def test_the_platforms_numbers_on_the_list_decide_between_readings(course, tmp_path):
    download = zipped(tmp_path / "d.zip", {"eve_101_888_w_12_34_x.ipynb": b"x", "bob_102_777_103_888_x.ipynb": b"y"})
    table = students(tmp_path, "student_id,name,lms_user_id\neve,Eve,101\nbob,Bob,102\ncarl,Carl,103\n")
    found = collect(course, LESSON, download, table)
    assert there(course) == {"eve": b"x"}
    assert len(found.refused) == 1


def test_a_pattern_names_a_zip_and_not_what_a_learner_put_into_it(course, tmp_path):
    download = zipped(tmp_path / "d.zip", {"eve_w.zip": inner({"bob_x.ipynb": b"x"}), "eve_x.ipynb/bob_x.txt": b""})
    collect(course, LESSON, download, pattern=r"(?P<student_id>[a-z]+)_.*")
    assert sorted(there(course)) == ["eve"]


def test_what_an_instructor_put_around_a_platforms_names(course, tmp_path):
    ada, bob = (f"{n}_1{k}_assignsubmission_file_" for k, n in enumerate(("Ada", "Bob")))
    folder = tmp_path / "all"
    (folder / "late" / ada).mkdir(parents=True)
    (folder / "late" / ada / "x.ipynb").write_bytes(b"ada")
    zipped(folder / "group.zip", {f"{bob}/w.zip": inner({"x.ipynb": b"bob"})})
    collect(course, LESSON, folder)
    assert there(course) == {"Ada": b"ada", "Bob": b"bob"}


def test_one_upload_that_holds_too_much_is_refused_alone(course, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_FILES", 20)
    many = inner({f"{k}.txt": b"" for k in range(15)})
    members = {
        f"{name}_{k}_assignsubmission_file_/w.zip": inner({"x.ipynb": b"x"}) for k, name in enumerate("abcdefgh")
    }
    eve = {f"Eve_99_assignsubmission_file_/{k}.zip": many for k in range(3)}
    found = collect(course, LESSON, zipped(tmp_path / "d.zip", {**eve, **members}))
    assert sorted(there(course)) == list("abcdefgh")
    assert {why.split(" than ")[0] for _, why in found.refused} == {"makes its upload hold more"}


def test_long_names_stay_two_and_can_be_kept(course, tmp_path):
    names = ["王" * 83 + "a", "王" * 83 + "b"]
    collect(course, LESSON, moodle(tmp_path, *names))
    assert len(there(course)) == 2
    assert all(len(name.encode()) <= 100 for name in there(course))


def test_vowels_that_are_marks_belong_to_a_name(course, tmp_path):
    moodle = "{}_{}_assignsubmission_file_/01_convolution.ipynb"
    people = {"राम": b"ram", "रमा": b"rama", "मीरा": b"mira", "கமலா": b"kamala", "কমল": b"kamal"}
    for number, (name, data) in enumerate(
        people.items()
    ):  # one download each: nothing beside it that could be compared
        collect(course, LESSON, zipped(tmp_path / "a.zip", {moodle.format(name, number): data}))
    assert there(course) == people
    students = tmp_path / "students.csv"
    students.write_text("student_id,name\n" + "".join(f"{data.decode()},{name}\n" for name, data in people.items()))
    every = {moodle.format(name, number): data for number, (name, data) in enumerate(people.items())}
    every[moodle.format("İpek Işık", 9)] = b"ipek"
    students.write_text(students.read_text() + "ipek,İPEK IŞIK\n")
    found = collect(course, LESSON, zipped(tmp_path / "b.zip", every), students)
    assert sorted(student for student, _ in found.taken) == sorted(data.decode() for data in every.values())


def test_somebody_of_the_same_name_in_a_later_download_is_another(course, tmp_path):
    moodle = "Li Wei_{}_assignsubmission_file_/01_convolution.ipynb"
    collect(course, LESSON, zipped(tmp_path / "a.zip", {moodle.format(1): b"one"}))
    later = zipped(tmp_path / "b.zip", {moodle.format(2): (b"two", (2026, 12, 1, 12, 0, 0))})
    ((_, why),) = collect(course, LESSON, later).refused
    assert "is another Li_Wei's than what is there (Li Wei, 1): name them apart with --students" in why
    assert there(course) == {"Li_Wei": b"one"}
    again = zipped(tmp_path / "c.zip", {moodle.format(1): (b"again", (2026, 12, 2, 12, 0, 0))})
    assert collect(course, LESSON, again).taken
    students = tmp_path / "students.csv"
    students.write_text("student_id,name,identifier\nwei,Li Wei,2\nli,Li Wei,1\n")
    assert [student for student, _ in collect(course, LESSON, later, students).taken] == ["wei"]


def test_folders_of_learners_in_one_folder_are_not_taken_for_one_learners(course, tmp_path):
    names = [f"export/submission_{k}/01_convolution.ipynb" for k in (111, 112)]
    download = zipped(tmp_path / "downloaded.zip", dict.fromkeys(names, NOTEBOOK))
    found = collect(course, LESSON, download)
    assert found.taken == []
    assert all("“export” or “submission_11" in why for _, why in found.refused)
    students = tmp_path / "students.csv"
    students.write_text("student_id,name\nada,submission_111\ngrace,submission_112\n")
    assert sorted(collect(course, LESSON, download, students).taken) == list(zip(("ada", "grace"), names, strict=True))
    of_one = zipped(tmp_path / "one.zip", {"Ada/new/01_convolution.ipynb": NOTEBOOK})
    assert [student for student, _ in collect(course, LESSON, of_one).taken] == ["Ada"]


def test_collecting_that_was_stopped_half_way_is_made_good(course, tmp_path, monkeypatch):
    pattern = r"(?P<student_id>\w+)_(?P<timestamp>\d{4}-\d\d-\d\d)_(?P<file_id>.*)"
    download = zipped(tmp_path / "d.zip", {"ada_2026-11-01_01_convolution.ipynb": NOTEBOOK})

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "utime", killed)
    with pytest.raises(KeyboardInterrupt):
        collect(course, LESSON, download, pattern=pattern)
    monkeypatch.undo()
    assert there(course) == {"ada": NOTEBOOK}
    assert collect(course, LESSON, download, pattern=pattern).kept
    folder = course.root / "submitted" / "ada" / LESSON
    assert (folder / "timestamp.txt").read_text() == "2026-11-01"
    later = zipped(tmp_path / "e.zip", {"ada_2026-11-02_01_convolution.ipynb": b"later"})
    assert collect(course, LESSON, later, pattern=pattern).taken
    assert (folder / "timestamp.txt").read_text() == "2026-11-02"
