"""Nothing of a solution, a model answer or an output of a solution is in what learners get; a planted leak is found."""

import html

import nbformat
import pytest

from cnnlab.course import build as building
from cnnlab.course import leaks
from cnnlab.course.folder import Folder
from tests.course.conftest import LESSON, REPOSITORY


def test_the_repository_leaks_nothing():
    assert building.find_leaks(Folder(REPOSITORY)) == []


def test_every_lesson_of_the_repository_has_secrets_to_keep():
    course = Folder(REPOSITORY)
    for lesson in building.with_masters(course):
        assert leaks.secrets(building.notebook_at(course.solution(lesson)))


def test_the_tiny_release_leaks_nothing(built_once):
    assert building.find_leaks(built_once.course) == []


def source(cell_id, text):
    def plant(cells):
        cells[cell_id].source += text

    return plant


def output(cells):
    cells["check-double-value"].outputs = [nbformat.v4.new_output("stream", text="passed: double\n")]


def metadata(cells):
    cells["square"].metadata["notes"] = {"rubric": ["names the equal signs; 1 point: an example only"]}


def count(cells):
    cells["check-square-value"].execution_count = 4


def attachment(cells):
    cells["01-tiny-things-1"].attachments = {"a.png": {"image/png": "AAAA"}}


PLANTED = {
    "a solution line in the text": source("01-1-doubling-1", "\nReally: `twofold = x + x`."),
    "a solution line in another layout": source("01-tiny-things-2", "\ntwofold=x+x"),
    "a solution in its cell": source("square", "\n    y = 2"),
    "the marks": source("01-tiny-things-2", "\n### BEGIN SOLUTION\n### END SOLUTION"),
    "a sentence of a model answer": source(
        "01-2-a-picture-1", "\nTwo factors of the same sign are multiplied, so the product can not fall below zero."
    ),
    "a model answer in its cell": source("never-negative", " Because."),
    "a rubric in the metadata": metadata,
    "an output": output,
    "an execution count": count,
    "an attachment": attachment,
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_leak_is_found(name, built):
    path = built.course.release(LESSON)
    notebook = nbformat.read(path, as_version=4)
    PLANTED[name]({cell.id: cell for cell in notebook.cells})
    nbformat.write(notebook, path)
    assert building.find_leaks(built.course)


def test_a_master_beside_the_notebook_is_a_leak(built):
    built.course.release(LESSON).with_suffix(".md").write_text(built.master.read_text())
    assert building.find_leaks(built.course) == ["01_tiny: 01_tiny.md lies beside the notebook"]


def test_the_state_of_widgets_is_a_leak(built):
    path = built.course.release(LESSON)
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    nbformat.write(notebook, path)
    assert building.find_leaks(built.course) == ["01_tiny: the state of widgets is kept in it"]


def test_a_lesson_that_is_not_built_is_named(tiny):
    assert building.find_leaks(tiny.course) == ["01_tiny: not built yet"]


def page(*lines):
    marked = (f'<span class="n">{html.escape(line).replace(" ", "</span> <span>")}</span>' for line in lines)
    return "<pre>" + "\n".join(marked) + "</pre>"


def test_a_solution_line_in_feedback_is_a_leak(built_once):
    solution, release = (building.notebook_at(getattr(built_once.course, r)(LESSON)) for r in ("solution", "release"))
    assert leaks.in_feedback(page("def double(x):", "    twofold = x + x"), solution, release)
    assert not leaks.in_feedback(page("def double(x):"), solution, release)


def test_what_the_learner_wrote_is_no_leak_in_feedback(built_once):
    solution = building.notebook_at(built_once.course.solution(LESSON))
    assert not leaks.in_feedback(page("    twofold = x + x"), solution, solution)
