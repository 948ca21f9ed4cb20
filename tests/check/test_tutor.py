"""The context for a tutor: the exercise, the message, the course's hints in their order, and no line that solves it."""

import random
import re

import nbformat
import pytest

from cnnlab import check
from cnnlab.check import tutor
from cnnlab.check.report import failure_text
from cnnlab.course import leaks


def doubled(inputs, outputs, bias=True):
    """How many numbers a dense layer has.

    ``bias``: is there one?
    """
    return 2 * (inputs + bias) * outputs


def fail(function=doubled):
    with pytest.raises(check.CheckFailed) as caught:
        check.count_parameters_dense(function)
    return str(caught.value)


def test_it_holds_the_task_the_message_and_the_hints_in_order_and_no_code():
    message = fail()
    text = check.count_parameters_dense.for_a_tutor
    assert "How many numbers a dense layer has." in text
    assert message in text
    assert "2 * (inputs + bias)" not in text
    rungs = re.findall(r"^\d+\. (\w+ \w+)", text, re.M)
    assert rungs == ["Let me", "Let me", "Explain what", "A nudge", "The idea", "The shape", "Then send"]
    assert tutor.hints_of("01_convolution", "count_parameters_dense")[0][1].splitlines()[0] in text


def test_where_no_notebook_is_at_hand_the_hints_are_asked_for(tmp_path, monkeypatch):
    (tmp_path / "course.toml").touch()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    fail()
    assert tutor.FOLDED in check.count_parameters_dense.for_a_tutor


def test_nothing_has_failed_yet():
    with pytest.raises(LookupError, match="no case"):
        _ = check.NotebookCheck(check.exercise("relu")).for_a_tutor


@pytest.mark.parametrize("name", ["count_parameters_dense", "conv2d", "find_the_slip", "alexnet_answers"])
def test_an_exercise_has_hints(name):
    assert len(tutor.hints_of(check.exercise(name).lesson, name)) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("lesson", ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11"])
def test_no_line_of_a_solution_is_in_it(lesson, repository):
    """For two known mistakes of each part where none builds a model; their sentences are what all of them share."""
    rng = random.Random(lesson)
    for exercise in check.exercises(lesson):
        solution = nbformat.read(repository / "solutions" / exercise.lesson / f"{exercise.lesson}.ipynb", 4)
        says = "\n".join(mistake.says for mistake in exercise.mistakes)
        assert leaks.in_text("\n".join([tutor.RULES, *tutor.LADDER, says]), solution) == []
        for part in exercise.parts if exercise.bound else ():
            for number in rng.sample(range(len(exercise.mistakes)), min(2, len(exercise.mistakes))):
                verdict = exercise.run_mistake(part, number)
                if verdict.failure is not None:
                    text = tutor.context(verdict, failure_text(verdict, ()))
                    assert leaks.in_text(text, solution) == [], (exercise.name, exercise.mistakes[number].name)


def test_what_assistants_read_holds_none_either(repository):
    told = "\n".join((repository / name).read_text(encoding="utf-8") for name in ("TUTOR.md", "AGENTS.md"))
    for lesson in check.lessons():
        solution = nbformat.read(repository / "solutions" / lesson / f"{lesson}.ipynb", 4)
        assert leaks.in_text(told, solution) == []


def test_a_planted_line_is_found(repository):
    solution = nbformat.read(repository / "solutions/01_convolution/01_convolution.ipynb", 4)
    secret = next(iter(leaks.secrets(solution)))
    fail()
    verdict = check.count_parameters_dense._failed
    assert leaks.in_text(tutor.context(verdict, f"the message\n{secret}"), solution)


def test_marks_in_a_message_stay_marks():
    fail()
    text = tutor.context(check.count_parameters_dense._failed, "```\nout of the box\n```")
    assert "````text\n```\nout of the box\n```\n````" in text


@pytest.mark.slow
def test_the_button_stands_below_the_message_and_not_where_nothing_is_written_yet(repository, monkeypatch, tmp_path):
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(repository))
    stub = "def relu(x):\n    raise NotImplementedError\ncheck.relu(relu)"
    wrong = "def relu(x):\n    return x + 1\ncheck.relu(relu)"
    cells = [nbformat.v4.new_code_cell(text) for text in ("from cnnlab import check", stub, wrong, "1")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [[one.output_type for one in cell.outputs] for cell in notebook.cells]
    assert shown == [[], ["display_data", "error"], ["display_data", "error", "display_data"], ["execute_result"]]
    assert "Copy the context" not in notebook.cells[1].outputs[0].data["text/html"]
    html = notebook.cells[2].outputs[2].data["text/html"]
    assert "Copy the context for a tutor" in html
    assert "A check that does not pass yet: `relu`, lesson 03" in html
