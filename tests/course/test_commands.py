"""The commands as a person types them: what they say, and their exit codes."""

import pytest
import typer
from typer.testing import CliRunner

from cnnlab.course import commands
from cnnlab.settings import Trouble
from tests.course.conftest import LESSON

app = typer.Typer()
commands.register(app)


@pytest.fixture
def cnnlab(built, monkeypatch):
    """Run a command in the built tiny course; gives its output, and raises what it raised."""
    monkeypatch.setattr("cnnlab.course.master.declared", built.declared)

    def run(*arguments):
        result = CliRunner().invoke(app, [*arguments, "--course", str(built.root)])
        if isinstance(result.exception, Trouble):
            raise result.exception
        return result

    run.course = built.course
    return run


def test_every_command_is_there():
    names = {command.callback.__name__ for command in app.registered_commands}
    assert names >= {"build", "drift", "matrix", "release", "grade", "feedback", "export", "bundle"}


def test_every_command_says_what_it_does_in_one_short_line():
    for command in app.registered_commands:
        first = command.callback.__doc__.splitlines()[0]
        assert len(first) <= 66, first


@pytest.mark.parametrize("command", ["release", "grade", "feedback", "build"])
def test_an_unknown_lesson_is_named_with_those_there_are(command, cnnlab):
    with pytest.raises(Trouble, match=f"There is no lesson '12'.\nThere are: {LESSON}."):
        cnnlab(command, "12")


def test_a_folder_that_is_no_course_is_named(tmp_path):
    result = CliRunner().invoke(app, ["drift", "--course", str(tmp_path)])
    assert "holds no course" in str(result.exception)


@pytest.mark.parametrize(("text", "said"), [("home = ", "is not TOML"), ('home = "x"', "does not say branch")])
def test_a_broken_course_toml_is_told(text, said, tmp_path):
    (tmp_path / "course.toml").write_text(text)
    result = CliRunner().invoke(app, ["drift", "--course", str(tmp_path)])
    assert said in str(result.exception)


@pytest.mark.slow
def test_a_round_by_commands(cnnlab, judged):
    (cnnlab.course.root / "solutions").chmod(0o700)  # else the release closes it, and says so
    assert cnnlab("release", "01").output == f"released: notebooks/{LESSON}/{LESSON}.ipynb\n"
    for student, source in {"ada": cnnlab.course.solution, "bob": cnnlab.course.release}.items():
        folder = cnnlab.course.root / "submitted" / student / LESSON
        folder.mkdir(parents=True)
        (folder / f"{LESSON}.ipynb").write_bytes(source(LESSON).read_bytes())
    broken = cnnlab.course.root / "submitted" / "cy" / LESSON / f"{LESSON}.ipynb"
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    graded = cnnlab("grade", "01", "--workers", "1")
    assert "graded: ada  5 of 7  (1 answer to grade by hand)" in graded.output
    assert "graded: bob  0 of 7" in graded.output
    assert "refused: cy: The file ends in the middle" in graded.output
    assert graded.exit_code == 1
    assert cnnlab("feedback", "01").output.count("written: feedback/") == 3
    assert "written: grades.csv" in cnnlab("export").output


def test_a_planted_drift_is_told_and_the_exit_code_is_not_0(cnnlab):
    path = cnnlab.course.release(LESSON)
    path.write_text(path.read_text().replace("Two functions", "Three functions"))
    with pytest.raises(Trouble, match="1 found"):
        cnnlab("drift")


def test_config_that_is_missing_is_named(cnnlab):
    (cnnlab.course.root / "nbgrader_config.py").unlink()
    with pytest.raises(Trouble, match=r"nbgrader_config.py is not there"):
        cnnlab("release", "01")
