"""Gradebooks of Canvas, Moodle and Blackboard are filled in: nothing else in them changes, nobody is lost or invented.

The files in platforms/ have the layouts that the platforms write (docs/platforms.md); the people in them are made up.
"""

import csv
import io
from pathlib import Path

import pytest
import typer
from hypothesis import example, given
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from cnnlab.course import commands
from cnnlab.course.grading.fill_in import Options, Points, fill
from cnnlab.course.grading.folder_names import folder_name
from cnnlab.course.grading.platforms import PLATFORMS, Wanted, titles_of
from cnnlab.course.grading.roster import Roster
from cnnlab.course.grading.sheet import SEPARATORS, Sheet
from cnnlab.settings import Trouble
from tests.course.grading.courses import LESSON, make_course

HERE = Path(__file__).parent / "platforms"
TITLES = titles_of("01_convolution", "Convolution by hand")
LIST = """\
student_id;id number;identifier;name;email
ada;k1001;101;Ada Lovelace;ada@uni.example
grace;k1002;102;"Grace ""Amazing"" Hopper";grace@uni.example
jorg;k1003;103;Jörg Müller;jorg@uni.example
anna1;k1004;104;Anna Li;anna.li@uni.example
anna2;k1005;105;Anna Li;anna.li2@uni.example
bob;k1009;109;Robert Tables;bob@uni.example
"""
CLASS = {"ada": 18.0, "grace": 7.5, "jorg": 0.0, "anna1": 12.0, "anna2": 13.25, "bob": 5.0}  # bob is in no file
PLACES = {"ada": 0, "grace": 1, "jorg": 2, "anna1": 3, "anna2": 4}  # among the people of each file; the last is Emmy
LAYOUTS = {  # file: platform, encoding after the mark, separator, the points' column, decimal comma, columns by hand
    "canvas-sis.csv": ("canvas", "utf-8", ",", 5, False, {}),
    "canvas-semicolons.csv": ("canvas", "utf-8", ";", 4, True, {}),
    "canvas-names-apart.csv": ("canvas", "utf-8", ",", 9, False, {}),
    "canvas-by-excel.csv": ("canvas", "cp1252", ";", 4, False, {}),
    "moodle-worksheet.csv": ("moodle", "utf-8", ",", 7, False, {}),
    "moodle-worksheet-dates.csv": ("moodle", "utf-8", ",", 5, False, {}),
    "moodle-blind.csv": ("moodle", "utf-8", ",", 2, False, {}),
    "moodle-gradebook.txt": ("moodle", "utf-8", "\t", 6, False, {}),
    "moodle-german.csv": ("moodle", "utf-8", ";", 4, True, {"column": "Aufgabe: Faltung (Punkte)", "who": "ID-Nummer"}),
    "blackboard-whole.xls": ("blackboard", "utf-16-le", "\t", 7, False, {}),
    "blackboard-one-column.csv": ("blackboard", "utf-8", ",", 6, False, {}),
    "blackboard-ultra.csv": ("blackboard", "utf-8", ",", 3, False, {}),
}


@pytest.fixture
def listed(tmp_path):
    path = tmp_path / "students.csv"
    path.write_text(LIST, encoding="utf-8")
    return lambda: Roster(path)


def points(given=CLASS, **more):
    return [Points(student, value, 18.0, ids=(student,), names=(student,), **more) for student, value in given.items()]


def opened(name):
    platform, *_, by_hand = LAYOUTS[name]
    sheet = Sheet((HERE / name).read_bytes(), name)
    return sheet, PLATFORMS[platform](sheet, Wanted(TITLES, **by_hand))


def read_by_csv(data, encoding, separator):
    """The table as another reader has it: Python's csv."""
    text = data.decode("utf-16" if encoding.startswith("utf-16") else encoding).lstrip("\ufeff")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_gradebook_is_filled_in_and_nothing_else_changes(name, listed):
    _, encoding, separator, column, comma, _ = LAYOUTS[name]
    data = (HERE / name).read_bytes()
    sheet, layout = opened(name)
    assert (sheet.as_bytes(), sheet.encoding, sheet.separator, layout.points) == (data, encoding, separator, column)
    comments = {student: f"cnnlab: {student}, well done" for student in CLASS}
    filled = fill(sheet, layout, points(), listed(), Options(), comments)
    before, after = (read_by_csv(one, encoding, separator) for one in (data, sheet.as_bytes()))
    expected = [list(row) for row in before]
    for student, place in PLACES.items():
        row = expected[layout.people[place]]
        if row[column] != "0.00000":  # Jörg's, and right
            row[column] = f"{CLASS[student]:g}".replace(".", "," if comma else ".")
        if layout.comment is not None and not row[layout.comment]:
            row[layout.comment] = comments[student]
    assert after == expected
    assert sorted(filled.filled) == sorted(PLACES)
    assert [line.split()[0] for line in filled.left_out] == ["bob"]
    assert not [line for line in filled.changed if ": - →" in line]
    assert len(filled.without) == 1
    assert filled.without[0].endswith(f"(row {sheet.rows[layout.people[5]].number})")


def test_the_bytes_around_a_filled_cell_stay(listed):
    """Not as a table alone: whoever compares the two files sees the points and no more."""
    for name, (_, encoding, separator, *_) in LAYOUTS.items():
        data = (HERE / name).read_bytes()
        sheet, layout = opened(name)
        fill(sheet, layout, points(), listed(), Options(comments=False))
        lines = [one.as_bytes().decode(encoding).splitlines() for one in (Sheet(data), sheet)]
        for old, new in zip(*lines, strict=True):
            if old != new:
                one, other = old.split(separator), new.split(separator)
                assert len(one) == len(other), name
                assert sum(a != b for a, b in zip(one, other, strict=True)) == 1, name


def test_who_is_excused_or_locked_stays():
    for name, said in {
        "canvas-semicolons.csv": "excused",
        "canvas-names-apart.csv": "not been assigned",
        "moodle-worksheet.csv": "can not be changed",
    }.items():
        sheet, layout = opened(name)
        number = Points("emmy", 9.0, 18.0, ids=("emmy", "106"))
        filled = fill(sheet, layout, [number], Roster(), Options())
        assert said in filled.left_out[0]
        assert not filled.filled
        assert sheet.as_bytes() == (HERE / name).read_bytes()


def test_two_people_of_one_name_are_not_guessed_apart():
    """Without a list and ids, folders called by names."""
    sheet, layout = opened("moodle-worksheet.csv")
    filled = fill(sheet, layout, points({"Ada_Lovelace": 18.0, "Li_Anna": 12.0}), Roster(), Options())
    assert filled.filled == ["Ada_Lovelace"]
    assert filled.left_out[0].startswith("Li_Anna (12 points) fits 2 rows (5, 6)")


def test_an_id_and_a_name_of_two_people_give_nobody_the_points(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("student_id,name,identifier\nada,Grace Hopper,101\nfake,Ada Lovelace,777\n", encoding="utf-8")
    sheet, layout = opened("moodle-worksheet.csv")
    filled = fill(sheet, layout, points({"ada": 18.0, "fake": 1.0}), Roster(path), Options())
    assert not filled.filled
    assert "whose id is that of ada, and its name that of fake" in filled.left_out[0]


def test_an_id_goes_before_a_name_and_a_row_that_fits_two_is_nobodys(tmp_path):
    """Somebody of the name of a learner, whose own row has an id; and a row with a name of two."""
    path = tmp_path / "list.csv"
    path.write_text("student_id,name\nli1,Anna Li\nli2,Li Anna\n", encoding="utf-8")
    data = b"First name,Last name,ID number,Username,01 (Real)\nAda,Byron,,ada,\nAda,Lovelace,,other,\nAnna,Li,,,\n"
    sheet = Sheet(data)
    given = [Points("ada", 1, 9, ids=("ada",), names=("Ada Lovelace",)), *points({"li1": 2.0, "li2": 3.0})]
    filled = fill(sheet, PLATFORMS["moodle"](sheet, Wanted(TITLES)), given, Roster(path), Options())
    assert sheet.as_bytes() == data.replace(b",ada,", b",ada,1")
    assert [line.split(" could ")[1] for line in filled.left_out] == ["be in row 4, which fits li1 or li2"] * 2
    assert filled.without == ["Ada Lovelace (row 3)"]


def test_ids_are_compared_letter_by_letter():
    data = b"Username,01 [Total Pts: 18]\nada.l,\nADAL2,\n"
    sheet = Sheet(data)
    layout = PLATFORMS["blackboard"](sheet, Wanted(TITLES))
    filled = fill(sheet, layout, points({"adal": 3.0, "adal2": 4.0}), Roster(), Options())
    assert sheet.as_bytes() == data.replace(b"ADAL2,", b"ADAL2,4")
    assert filled.left_out == ["adal (3 points) is in no row"]


def test_an_answer_that_waits_and_other_points_are_said(listed):
    sheet, layout = opened("canvas-sis.csv")
    filled = fill(sheet, layout, points({"ada": 3.0}, waiting=2), listed(), Options())
    assert filled.left_out == ["ada: 2 answers to be graded by hand first (or --waiting)"]
    of_36 = [Points("ada", 27.0, 36.0, ids=("ada",))]
    with pytest.raises(Trouble, match=r"canvas-sis.csv, row 4, column “Convolution by hand \(5511\)”: .* 18 points"):
        fill(sheet, layout, of_36, listed(), Options())
    fill(sheet, layout, of_36, listed(), Options(scale=True))
    assert sheet.value(layout.people[0], layout.points) == "13.5"


def test_a_comment_of_a_person_stays_and_ours_is_renewed(listed):
    sheet, layout = opened("blackboard-one-column.csv")
    for words in ("cnnlab: first", "cnnlab: 3 < 4; second"):
        filled = fill(sheet, layout, points(), listed(), Options(), dict.fromkeys(CLASS, words))
    said = [sheet.value(row, layout.comment) for row in layout.people]
    assert said == ["cnnlab: 3 < 4; second", "Come and see me", *["cnnlab: 3 < 4; second"] * 3, ""]
    assert filled.remarks == ["grace has a comment already, which stays: row 3"]


def test_letters_that_the_encoding_lacks_are_told():
    sheet = Sheet("Username,Ä [Total Pts: 5],Feedback to Learner\nada,,\n".encode("cp1252"))
    layout = PLATFORMS["blackboard"](sheet, Wanted(TITLES))
    filled = fill(sheet, layout, [Points("ada", 5, 5, ids=("ada",))], Roster(), Options(), {"ada": "cnnlab: ≥ 3"})
    assert sheet.as_bytes().endswith(b"ada,5,cnnlab: ? 3\n")
    assert "lacks" in filled.remarks[0]


HEAD = "Student,ID,SIS Login ID,Section,Convolution by hand (1)"
BAD = {
    b"": "no first line",
    b"PK\x03\x04...": "workbook",
    b"\xff\xfeA": "not text in utf-16-le",
    b'Student,ID\n"Ada,1\n': "row 2, column 1: a quotation mark opens",
    f"{HEAD}\nLovelace, Ada,1,ada,A,\n".encode(): "row 2, column 6: there are 6 cells, and 5 columns",
    b"Student,Section,Grade\nAda,A,\n": "no column ID",
    HEAD.replace("Convolution", "Faltung").encode(): "No column of .* is called .* “Faltung by hand",
    f"{HEAD},Lesson 01 (2)\n".encode(): "Several columns",
    f"{HEAD}\n    Points Possible,,,,many\nA,1,ada,A,\n".encode(): "row 2, column “Convolution.*” .*no number|“many”",
}


@pytest.mark.parametrize("data", BAD)
def test_what_can_not_be_read_is_told_with_its_place(data):
    def read_and_fill():
        sheet = Sheet(data, "grades.csv")
        fill(sheet, PLATFORMS["canvas"](sheet, Wanted(TITLES)), points(), Roster(), Options())

    with pytest.raises(Trouble, match=BAD[data]):
        read_and_fill()


@given(st.text(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
@example('sep=;\r\n"a;b";c\n"d";\n\n', "utf-8-sig")
def test_any_text_that_is_read_is_written_back_to_the_byte(text, encoding):
    data = text.encode(encoding, "ignore")
    try:
        sheet = Sheet(data)
    except Trouble:
        return
    assert sheet.as_bytes() == data


NAMES = st.text(st.sampled_from(list(" ,;\t\"'=+-@éßŁ李aAbB1_\n|")), max_size=12)
PEOPLE = st.lists(st.tuples(NAMES, st.booleans()), min_size=1, max_size=8)


@given(
    PEOPLE,
    st.sampled_from(SEPARATORS),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
    st.data(),
)
def test_in_no_table_is_anybody_lost_or_invented(people, separator, encoding, quoting, end, data):
    """Names twice, of separators, of formulas; some graded, some not; some in the file, some not."""
    head = ["Student", "ID", "SIS Login ID", "Section", "Convolution by hand (1)", "Final Score"]
    rows = [[name, str(k), f"login{k}", "A", "", "x"] for k, (name, _) in enumerate(people)]
    order = data.draw(st.permutations(rows))
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, quoting=quoting, lineterminator=end).writerows([head, *order])
    before = file.getvalue().encode(encoding)
    sheet = Sheet(before)
    layout = PLATFORMS["canvas"](sheet, Wanted(TITLES))
    graded = {f"login{k}": k / 4 for k, (_, is_graded) in enumerate(people) if is_graded} | {"nobody": 3.0}
    given = [Points(student, value, 18, ids=(student,), names=(student,)) for student, value in graded.items()]
    filled = fill(sheet, layout, given, Roster(), Options())
    after = read_by_csv(sheet.as_bytes(), encoding, separator)
    assert [[*row[:4], *row[5:]] for row in after] == [[*row[:4], *row[5:]] for row in [head, *order]]
    points_there = {row[2]: row[4] for row in after[1:]}
    people_rows = {after[row][2] for row in layout.people}
    for login, text in points_there.items():
        assert text == (f"{graded[login]:g}" if login in graded and login in people_rows else "")
    assert {*filled.filled, *(line.split()[0] for line in filled.left_out)} == set(graded)
    if not filled.filled:
        assert sheet.as_bytes() == before


@given(st.lists(st.tuples(NAMES, NAMES, st.booleans()), min_size=1, max_size=8))
@example([("", "b", False), ("", "B;_", True)])  # whose folder is B
@example([("", "_", False), ("@", "@", True)])  # whose folder is @_@
def test_by_names_alone_only_the_one_of_that_name_gets_the_points(people):
    head = ["First name", "Last name", "ID number", "Convolution by hand (Real)"]
    file = io.StringIO(newline="")
    csv.writer(file).writerows([head, *([first, last, "", ""] for first, last, _ in people)])
    sheet = Sheet(file.getvalue().encode())
    layout = PLATFORMS["moodle"](sheet, Wanted(TITLES))
    graded = {folder_name(f"{first} {last}"): k + 1.0 for k, (first, last, is_graded) in enumerate(people) if is_graded}
    given = [Points(student, value, 18, names=(student,)) for student, value in graded.items() if student]
    filled = fill(sheet, layout, given, Roster(), Options())
    assert {*filled.filled, *(line.split()[0] for line in filled.left_out)} == {one.student for one in given}
    for row in layout.people:
        if text := sheet.value(row, 3):
            name = f"{sheet.value(row, 0)} {sheet.value(row, 1)}"
            assert float(text) == graded[folder_name(name)] or sorted(folder_name(name)) in map(sorted, graded)
            same = [k for k in layout.people if f"{sheet.value(k, 0)} {sheet.value(k, 1)}" == name]
            assert same == [row]


@pytest.mark.slow
def test_the_command_writes_beside_the_file_and_over_it_only_when_asked(tmp_path, monkeypatch):
    (tmp_path / "course").mkdir()
    course = make_course(tmp_path / "course")
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as gradebook:
        for student, score in {"ada": 3.5, "zoe": 1.0}.items():
            gradebook.add_student(student)
            submission = gradebook.add_submission(LESSON, student)
            for grade in submission.notebooks[0].grades:
                grade.needs_manual_grade = False
            submission.notebooks[0].grades[0].manual_score = score
        gradebook.db.commit()
    text = 'Username,"Convolution by hand [Total Pts: 7 Score] |1","Feedback to Learner"\r\nada,,\r\nbob,,'
    path = tmp_path / "bb.csv"
    path.write_bytes(text.encode())
    app = typer.Typer()
    commands.register(app)
    monkeypatch.chdir(course.root)
    run = CliRunner().invoke(app, ["export", "01", str(path), "--for", "blackboard"])
    assert run.exit_code == 1, run.output
    assert "NOT FILLED IN: zoe (1 points) is in no row" in run.output
    assert "1 of 2 rows filled in" in run.output
    assert path.read_bytes() == text.encode()
    filled = tmp_path / f"bb-{LESSON}.csv"
    assert filled.read_bytes() == text.replace("ada,,", "ada,3.5,cnnlab: 3.5 of 7 points.").encode()
    over = CliRunner().invoke(app, ["export", "01", str(path), "--for", "blackboard", "--over", "--no-comments"])
    assert over.exit_code == 1
    assert path.read_bytes() == text.replace("ada,,", "ada,3.5,").encode()
    wrong = CliRunner().invoke(app, ["export", "01", str(path), "--for", "ilias"])
    assert "There are: canvas, moodle, blackboard" in str(wrong.exception)
