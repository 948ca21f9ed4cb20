"""Built files are what the masters say: a rebuild would change nothing, and a change by hand is found."""

import pytest

from cnnlab.course import build as building
from cnnlab.course.folder import Folder
from tests.course.conftest import LESSON, REPOSITORY


def drift(tiny):
    return building.drift(tiny.course, declared=tiny.declared)


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.slow  # `cnnlab drift` says it, too
@pytest.mark.parametrize("lesson", Folder(REPOSITORY).lessons)
def test_the_committed_notebooks_are_what_their_masters_say(lesson):
    assert building.drift(Folder(REPOSITORY), [lesson]) == []


def test_nothing_is_left_over_in_the_repository():
    assert building.leftovers(Folder(REPOSITORY)) == []


def test_a_fresh_build_has_no_drift(built):
    assert drift(built) == []


@pytest.mark.parametrize("room", ["solution", "release", "master"])
def test_line_ends_of_windows_are_no_drift(built, room):
    path = built.master if room == "master" else getattr(built.course, room)(LESSON)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert drift(built) == []


def test_git_gives_every_checkout_unix_line_ends():
    assert "* text=auto eol=lf" in (REPOSITORY / ".gitattributes").read_text(encoding="utf-8").splitlines()


PLANTED = {
    "a word in the solution": ("solution", "Two functions", "Three functions", "differs in its source"),
    "a word in the release": ("release", "Two functions", "Three functions", "differs in its source"),
    "points": ("solution", '"points": 3', '"points": 30', "check-square-value differs in its metadata"),
    "an id": ("release", '"id": "check-square-value"', '"id": "other"', "the cell check-square-value is not there"),
    "a tag": ("release", '"raises-exception"', '"skip-execution"', "differs in its metadata"),
    "the kernel": ("solution", '"name": "python3"', '"name": "python2"', "metadata differ (kernelspec)"),
    "the layout of the file": ("release", '"outputs": []', '"outputs":  []', "its file differs"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_drift_is_found(name, built):
    room, old, new, words = PLANTED[name]
    path = getattr(built.course, room)(LESSON)
    replace(path, old, new)
    assert any(words in line and built.course.shown(path) in line for line in drift(built))


def test_an_edited_master_is_drift(built):
    built.edit("Two functions", "Three functions")
    assert any("differs in its source" in line for line in drift(built))


def test_an_edited_course_toml_is_drift(built):
    replace(built.root / "course.toml", "someone/tiny", "someone/else")
    assert any("set-up differs in its source" in line for line in drift(type(built)(Folder(built.root))))


def test_another_lesson_in_course_toml_is_no_drift(built):
    toml = built.root / "course.toml"
    toml.write_text(toml.read_text() + '\n[lessons.02_more]\ntitle = "More"\nimports = []\n')
    assert drift(type(built)(Folder(built.root))) == []


def test_a_missing_notebook_is_drift(built):
    built.course.release(LESSON).unlink()
    assert drift(built) == ["notebooks/01_tiny/01_tiny.ipynb: missing, or not a notebook"]


def test_an_output_in_the_solution_is_no_drift(built):
    replace(
        built.course.solution(LESSON),
        '"outputs": []',
        '"outputs": [{"name": "stdout", "output_type": "stream", "text": "x"}]',
    )
    assert drift(built) == []


@pytest.mark.parametrize("place", ["solutions/00_gone", "notebooks/00_gone"])
def test_what_a_removed_lesson_left_is_named(place, built):
    (built.root / place).mkdir()
    assert any(line.startswith(place) for line in drift(built))


@pytest.mark.parametrize("place", ["solutions/01_tiny/notes.txt", "notebooks/01_tiny/01_tiny.md"])
def test_a_stray_file_is_named(place, built):
    (built.root / place).write_text("x")
    assert any(line.startswith(place) for line in drift(built))
