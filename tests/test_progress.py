"""The learner's log: written by checks in notebooks of work/ alone, never at their cost; and what it tells."""

import errno
import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from typer.testing import CliRunner

from cnnlab import check, cli, lab, logbook, progress
from cnnlab.check import notebook

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@pytest.fixture
def course(tmp_path, repository):
    """A course's folder with the notebooks of the repository and an empty work/."""
    shutil.copy(repository / "course.toml", tmp_path)
    shutil.copytree(repository / "notebooks", tmp_path / "notebooks")
    (tmp_path / "work" / "01_convolution").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def at_work(course, monkeypatch):
    """As in a kernel whose notebook lies in work/01_convolution; gives the course's folder."""
    monkeypatch.chdir(course / "work" / "01_convolution")
    monkeypatch.delenv(logbook.VARIABLE, raising=False)
    monkeypatch.setattr(notebook, "_in_notebook", lambda: True)
    forget()
    yield course
    forget()


def forget():
    """As in a new kernel."""
    logbook._start.cache_clear()
    logbook._written.clear()


def dense(inputs, outputs, bias=True):
    return (inputs + bias) * outputs


def biasless(inputs, outputs, bias=True):
    return inputs * outputs


def fails(function):
    with pytest.raises(check.CheckFailed):
        check.count_parameters_dense(function)


def log_of(course):
    return list(logbook.entries(course / "work"))


def test_what_passed_and_which_mistake_was_met_is_written_once(at_work, capsys):
    for _ in range(3):
        fails(biasless)
    check.count_parameters_dense(dense)
    check.count_parameters_dense(dense)
    wrong, right = log_of(at_work)
    assert (wrong["exercise"], wrong["part"], right["kind"]) == ("count_parameters_dense", "count", "passed")
    assert wrong["mistake"] in {m.name for m in check.exercise("count_parameters_dense").mistakes}
    assert wrong["mistake"] in wrong["text"]
    assert "called with in_features 3, out_features 2" in wrong["text"]
    assert "text" not in right
    if os.name == "posix":
        assert (at_work / "work" / logbook.NAME).stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_where_no_learner_works(at_work, monkeypatch):
    for place in (at_work, at_work / "notebooks", at_work / "notebooks" / "work"):
        place.mkdir(exist_ok=True)
        monkeypatch.chdir(place)
        forget()
        check.count_parameters_dense(dense)
    monkeypatch.chdir(at_work / "work")
    monkeypatch.setenv(logbook.VARIABLE, "off")
    forget()
    check.count_parameters_dense(dense)
    monkeypatch.delenv(logbook.VARIABLE)
    monkeypatch.setattr(notebook, "_in_notebook", lambda: False)
    forget()
    check.count_parameters_dense(dense)
    assert not list(at_work.rglob(logbook.NAME))


def test_another_folder_can_be_named(at_work, tmp_path_factory, monkeypatch):
    place = tmp_path_factory.mktemp("drive")
    monkeypatch.chdir(place)
    monkeypatch.setenv(logbook.VARIABLE, str(place))
    forget()
    check.count_parameters_dense(dense)
    assert progress.standing(at_work).passed == {("count_parameters_dense", "count")}
    assert not (at_work / "work" / logbook.NAME).exists()


@pytest.mark.parametrize("trouble", [errno.EROFS, errno.ENOSPC, errno.EACCES])
@pytest.mark.parametrize("step", ["open", "write"])
def test_a_check_says_the_same_where_the_log_can_not_be_written(step, trouble, at_work, monkeypatch, capsys):
    check.count_parameters_dense(dense)
    forget()
    said = capsys.readouterr()

    def refuse(*arguments, **more):
        raise OSError(trouble, "no")

    with monkeypatch.context() as patch:
        patch.setattr(logbook.os, step, refuse)
        check.count_parameters_dense(dense)
    assert capsys.readouterr() == said


def test_two_kernels_write_at_once_and_a_line_cut_short_costs_itself_alone(course):
    path = course / "work" / logbook.NAME
    path.write_bytes(b'\n{"exercise": "relu", "kind": "pas')  # the disk was full
    call = "import sys, pathlib; from cnnlab import logbook\n"
    call += "for k in range(300): logbook.append(pathlib.Path(sys.argv[1]), {'who': sys.argv[2], 'text': 'x' * k})"
    both = [subprocess.Popen([sys.executable, "-c", call, path, who], cwd=ROOT) for who in "ab"]
    assert [one.wait() for one in both] == [0, 0]
    found = [(entry["who"], len(entry["text"])) for entry in logbook.entries(course / "work")]
    assert sorted(found) == [(who, k) for who in "ab" for k in range(300)]


def test_what_another_kernel_wrote_does_not_hide_a_new_pass(at_work):
    check.count_parameters_dense(dense)
    entry = {**log_of(at_work)[0], "kind": "values"}
    logbook.append(at_work / "work" / logbook.NAME, entry)
    check.count_parameters_dense(dense)
    assert progress.standing(at_work).passed == {("count_parameters_dense", "count")}


def test_a_log_that_has_grown_large_grows_no_more(at_work, monkeypatch):
    check.count_parameters_dense(dense)
    monkeypatch.setattr(logbook, "MOST_BYTES", 10)
    fails(biasless)
    assert len(log_of(at_work)) == 1


@pytest.mark.parametrize("lesson", ["00", "01", "02", "03", "04", "05"])
def test_the_notebooks_have_the_parts_and_points_that_the_checks_have(lesson, repository):
    declared = {one.name: {p.name: p.points for p in one.parts} for one in check.exercises(lesson)}
    found = [one for one in progress.exercises(repository) if one.lesson.startswith(lesson)]
    assert {one.name: one.parts for one in found} == declared
    assert all(one.minutes > 0 and one.number for one in found)


def passes(course, exercises):
    for one in exercises:
        for part in one.parts:
            entry = {"exercise": one.name, "part": part, "kind": "passed"}
            logbook.append(course / "work" / logbook.NAME, entry)


def in_lesson_01(exercises):
    """The place of lesson 01's first exercise."""
    return next(k for k, one in enumerate(exercises) if one.lesson.startswith("01"))


def opened_at(course):
    (course / "work" / "01_convolution" / "01_convolution.ipynb").touch()
    upcoming = progress.standing(course).next()
    return next(word for word in lab.command(course, 1, False, upcoming.lesson if upcoming else "") if "url" in word)


def test_the_lab_opens_at_the_first_exercise_that_is_not_solved(course):
    every = progress.exercises(course)
    assert progress.standing(course).next() == every[0]
    reached = in_lesson_01(every)
    passes(course, every[: reached + 1])
    found, upcoming = progress.standing(course), every[reached + 1]
    assert found.next() == upcoming
    assert found.says_next().startswith(f"Next: exercise {upcoming.number} of lesson 01, {upcoming.name}, about ")
    assert opened_at(course) == "--LabApp.default_url=/lab/tree/work/01_convolution/01_convolution.ipynb"
    part = next(iter(every[0].parts))
    logbook.append(course / "work" / logbook.NAME, {"exercise": every[0].name, "part": part, "kind": "unsolved"})
    assert progress.standing(course).next() == every[0]
    passes(course, every)
    assert progress.standing(course).next() is None


def test_the_command_shows_and_deletes(course, monkeypatch):
    monkeypatch.chdir(course)
    every = progress.exercises(course)
    passes(course, every[: in_lesson_01(every) + 1])
    points = [point for one in every if one.lesson.startswith("01") for point in one.parts.values()]
    before = {path: path.read_bytes() for path in course.rglob("*.ipynb")}
    said = CliRunner().invoke(cli.app, ["progress"]).output
    assert "01 Convolution by hand" in said
    assert f"1 of {len(points)} parts,  1 of {sum(points):g} points" in said
    assert "work/.progress.jsonl" in said.replace("\\", "/")
    assert CliRunner().invoke(cli.app, ["progress", "--delete"]).stdout.startswith("Deleted:")
    assert CliRunner().invoke(cli.app, ["progress", "--delete"]).stdout.startswith("There is no log")
    assert progress.standing(course).passed == set()
    assert {path: path.read_bytes() for path in course.rglob("*.ipynb")} == before


@pytest.mark.parametrize("text", ["", "[]", "null\n3", '{"exercise": [1], "kind": {}}', "\x00\xff" * 50, '{"kind": 1}'])
def test_a_log_of_anything_is_no_trouble(text, course):
    (course / "work" / logbook.NAME).write_text(text, encoding="latin-1")
    assert progress.standing(course).passed == set()


def told(*arguments, code=0):
    found = CliRunner().invoke(cli.app, ["progress", *arguments])
    assert found.exit_code == code, found.output
    return found.stdout.replace("\\", "/")


def test_what_can_not_be_read_is_said_and_costs_nothing_else(course, monkeypatch):
    monkeypatch.chdir(course)
    first = progress.exercises(course)[0]
    passes(course, [first])
    assert "left out" not in told()
    log = course / "work" / logbook.NAME
    with log.open("ab") as file:
        file.write(b'\n{"exercise": "relu", "kind": "pas')
    assert "A line of the log is left out: cut off, or written by something else. All others count." in told()
    with log.open("ab") as file:
        file.write(b"\n[1]\n\n")
    assert "2 lines of the log are left out" in told()
    assert progress.standing(course).is_solved(first)


def test_what_a_later_version_notes_about_a_part_does_not_undo_it(course):
    first = progress.exercises(course)[0]
    passes(course, [first])
    for later in ({"hint": 2}, {"kind": ["passed", "twice"]}, {"kind": None}):
        entry = {"version": 9, "exercise": first.name, "part": next(iter(first.parts)), **later}
        logbook.append(course / "work" / logbook.NAME, entry)
    assert progress.standing(course).is_solved(first)


def refuse(*arguments, **more):
    raise PermissionError(errno.EACCES, "Permission denied")


def test_a_log_that_is_somebody_elses_is_said_to_be(course, monkeypatch):
    monkeypatch.chdir(course)
    passes(course, progress.exercises(course)[:1])
    monkeypatch.setattr(progress.logbook.Path, "unlink", refuse)
    with pytest.raises(
        cli.Trouble, match=r"I cannot delete work.\.progress.jsonl: Permission denied\.\nSee whose it is"
    ):
        CliRunner().invoke(cli.app, ["progress", "--delete"], catch_exceptions=False)
    monkeypatch.setattr(progress.logbook.Path, "read_bytes", refuse)
    said = told()
    assert ".progress.jsonl can not be read: Permission denied. What it holds does not count here." in said


def test_where_the_log_is_missing_it_is_said_what_a_moved_folder_needs(course, monkeypatch):
    monkeypatch.chdir(course)
    first = progress.exercises(course)[0]
    passes(course, [first])
    (course / "work").rename(course / "Jörg Müßig's work")
    assert "There is no log yet: work/.progress.jsonl" in told()
    monkeypatch.setenv(logbook.VARIABLE, str(course / "Jörg Müßig's work"))
    assert "The log: Jörg Müßig's work/.progress.jsonl, " in told()
    assert progress.standing(course).is_solved(first)


def test_a_log_that_is_deleted_while_a_kernel_runs_begins_again_with_the_next_check(at_work):
    check.count_parameters_dense(dense)
    monday = log_of(at_work)
    told("--delete")
    check.count_parameters_dense(dense)
    assert [entry["part"] for entry in log_of(at_work)] == [entry["part"] for entry in monday] == ["count"]


def test_a_lesson_that_was_reset_keeps_what_passed_and_says_so(course, monkeypatch):
    monkeypatch.chdir(course)
    assert "The log stays" not in CliRunner().invoke(cli.app, ["reset", "01"]).stdout
    passes(course, progress.exercises(course))
    assert "The log stays: what passed counts until" in CliRunner().invoke(cli.app, ["reset", "1"]).stdout


def test_the_grader_knows_no_log(repository):
    for path in (repository / "cnnlab" / "course").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "logbook" not in text, path
        assert logbook.VARIABLE not in text, path


@pytest.mark.slow
def test_a_notebook_in_work_writes_and_is_not_changed(course, monkeypatch):
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", ROOT)
    source = "from cnnlab import check\ndef hello_check(name):\n    return name\ncheck.hello_check(hello_check)"
    cells = [nbformat.v4.new_code_cell(source)]
    path = course / "work" / "mine.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    before = path.read_bytes()
    client = NotebookClient(nbformat.read(path, as_version=4), resources={"metadata": {"path": str(path.parent)}})
    client.allow_errors = True
    client.execute()
    assert [(entry["exercise"], entry["part"]) for entry in log_of(course)] == [("hello_check", "greeting")]
    assert path.read_bytes() == before
