"""Masters become notebooks: deterministic, whole or not at all, and only where something changed."""

import os
import stat

import nbformat
import pytest

from cnnlab.course import build as building
from cnnlab.course.assemble import assemble, text
from cnnlab.course.problems import Refused
from cnnlab.course.via_nbgrader import released_text
from cnnlab.settings import Trouble
from tests.course.conftest import LESSON, make_tiny


def build(tiny, force=False):
    return building.build(tiny.course, declared=tiny.declared, force=force)


def solution(tiny):
    return nbformat.read(tiny.course.solution(LESSON), as_version=4)


def release(tiny):
    return nbformat.read(tiny.course.release(LESSON), as_version=4)


def by_id(notebook):
    return {cell.id: cell for cell in notebook.cells}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The tiny course, built; tests only read it."""
    tiny = make_tiny(tmp_path_factory.mktemp("ran").resolve())
    build(tiny)
    return tiny


def refusal(tiny):
    with pytest.raises(Refused) as caught:
        build(tiny, force=True)
    return caught.value


def test_cells_have_ids_that_say_where_they_stand(built):
    assert [cell.id for cell in solution(built).cells] == [
        "01-tiny-things-1", "set-up", "01-tiny-things-2", "01-1-doubling-1", "01-exercise-1-1-1", "double",
        "01-exercise-1-1-2", "check-double-value", "01-exercise-1-2-1", "square", "check-square-value",
        "01-2-a-picture-1", "01-2-a-picture-2", "01-2-a-picture-3", "01-2-a-picture-4", "never-negative",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="permissions there are others")
def test_the_solution_is_the_authors_alone_and_the_release_for_all(ran):
    assert stat.S_IMODE(ran.course.solution(LESSON).stat().st_mode) == 0o600
    assert stat.S_IMODE(ran.course.release(LESSON).stat().st_mode) == 0o644


def test_tags_become_nbgraders_metadata(built):
    cells = by_id(solution(built))
    keys = ("grade", "solution", "locked", "points", "schema_version")
    told = {name: [cells[name].metadata.nbgrader.get(key) for key in keys] for name in ("double", "check-square-value")}
    told["answer"] = [cells["never-negative"].metadata.nbgrader.get(key) for key in keys]
    assert told == {
        "double": [False, True, False, None, 3],
        "check-square-value": [True, False, True, 3, 3],
        "answer": [True, True, False, 2, 3],
    }


def test_the_header_has_the_badge_and_the_set_up_cell_follows(built):
    header, setup = solution(built).cells[:2]
    assert header.source.startswith("# Tiny things\n\n[![Open in Colab](")
    assert "/github/someone/tiny/blob/main/notebooks/01_tiny/01_tiny.ipynb)" in header.source
    assert "https://github.com/someone/tiny/releases/download/v" in setup.source


def test_a_course_that_is_not_on_github_gets_no_badge(tiny):
    toml = {**tiny.course.toml, "home": "https://git.example.org/tiny"}
    notebook = assemble(building.read(tiny.course, LESSON, tiny.declared), toml)
    assert "colab" not in notebook.cells[0].source.lower()


@pytest.mark.slow
def test_the_release_has_stubs_no_outputs_and_checks_that_may_fail(ran):
    cells = by_id(release(ran))
    assert cells["double"].source.endswith("    # YOUR CODE HERE\n    raise NotImplementedError")
    assert cells["never-negative"].source == "YOUR ANSWER HERE"
    assert not any(cell.get("outputs") for cell in cells.values())
    may_fail = {name for name, cell in cells.items() if "raises-exception" in cell.metadata.get("tags", [])}
    assert may_fail == {"check-double-value", "check-square-value"}


def test_an_error_may_not_pass_in_the_solution(built):
    assert not any("raises-exception" in cell.metadata.get("tags", []) for cell in solution(built).cells)


@pytest.mark.slow
def test_the_solution_is_committed_with_its_outputs_and_an_alt_text(ran):
    cells = by_id(solution(ran))
    assert cells["check-double-value"].outputs[0].text == "passed: double\n"
    assert 'alt="Three stripes, dark to bright."' in cells["01-2-a-picture-2"].outputs[0].data["text/html"]


def test_exact_outputs_are_marked_for_nbval(built):
    assert by_id(solution(built))["01-2-a-picture-3"].metadata.tags == ["nbval-check-output"]


@pytest.mark.slow
def test_the_kernels_version_and_times_are_kept_out(ran):
    notebook = solution(ran)
    assert "version" not in notebook.metadata.language_info
    assert not any("execution" in cell.metadata for cell in notebook.cells)


def test_what_has_not_changed_is_not_built_again(built):
    before = built.course.solution(LESSON).stat().st_mtime_ns
    assert build(built).current == [LESSON]
    assert built.course.solution(LESSON).stat().st_mtime_ns == before


@pytest.mark.slow
def test_two_builds_give_the_same_files(built):
    build(built, force=True)
    files = [built.course.solution(LESSON), built.course.release(LESSON)]
    before = [path.read_bytes() for path in files]
    assert build(built, force=True).built == [LESSON]
    assert [path.read_bytes() for path in files] == before


@pytest.mark.slow
def test_one_edited_line_builds_that_lesson_alone(built):
    toml = built.root / "course.toml"
    other = LESSON.replace("01_", "02_")
    toml.write_text(toml.read_text() + '\n[lessons.02_tiny]\ntitle = "Two"\nimports = []\n')
    built.course.master(other).parent.mkdir()
    built.course.master(other).write_text(built.master.read_text())
    fresh = type(built)(type(built.course)(built.root))
    assert build(fresh).built == [other]
    fresh.edit("Two functions, and why.", "Two functions, and what for.")
    report = build(fresh)
    assert (report.built, report.current) == ([LESSON], [other])


@pytest.mark.slow
def test_a_solution_notebook_that_was_edited_by_hand_is_built_again(built):
    path = built.course.solution(LESSON)
    path.write_text(path.read_text().replace("Twice x.", "Thrice x."))
    assert build(built).built == [LESSON]
    assert "Twice x." in path.read_text()


@pytest.mark.slow
def test_the_release_is_the_same_with_and_without_outputs(ran):
    fresh = assemble(building.read(ran.course, LESSON, ran.declared), ran.course.toml)
    assert released_text(text(fresh), LESSON, ran.root) == ran.course.release(LESSON).read_text(encoding="utf-8")


WRONG = {
    "an error": ('print("three stripes")', "1 / 0", "ZeroDivisionError"),
    "a picture without words": (
        'display(HTML(\'<img alt="stripes" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">\'))',
        'display({"image/png": "iVBORw0KGgo=", "text/html": "x"}, raw=True)',
        "a picture without alt text",
    ),
    "an img without words": ('alt="stripes" src', "src", "an <img> without alt text"),
    "a figure that shows nothing": ("display(HTML(", "repr(HTML(", "shows no picture"),
    "stderr in a check": ('print(f"passed: {name}")', 'import sys; print("!", file=sys.stderr)', "writes to stderr"),
    "a value at the end of a check": ('print(f"passed: {name}")', "return 1", "ends in a value"),
    "a path of this machine": ('print("three stripes")', "import sys; print(sys.executable)", "path of this machine"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_what_a_run_shows_is_refused_and_nothing_is_written(name, built):
    old, new, words = WRONG[name]
    built.edit(old, new)
    files = [built.course.solution(LESSON), built.course.release(LESSON)]
    before = [path.read_bytes() for path in files]
    error = refusal(built)
    assert words in str(error)
    line = error.problems[0].line
    assert built.master.read_text(encoding="utf-8").split("\n")[line - 1].startswith("```python")
    assert [path.read_bytes() for path in files] == before


@pytest.mark.slow
def test_a_cell_that_takes_too_long_is_refused(built):
    toml = built.root / "course.toml"
    toml.write_text(toml.read_text() + "cell_seconds = 0.2\n")
    built.edit('print("three stripes")', "import time; time.sleep(0.4)")
    fresh = type(built)(type(built.course)(built.root))
    assert "a cell may take 0.2 s" in str(refusal(fresh))


@pytest.mark.slow
def test_a_hint_that_gives_the_solution_away_is_refused(built):
    built.edit("~~~python\n1 + 1\n~~~", "~~~python\ntwofold = x  + x\n~~~")
    with pytest.raises(Trouble, match="a line of the solution 'double': twofold=x\\+x"):
        build(built)


@pytest.mark.slow
def test_an_output_that_differs_everywhere_can_be_left_out(built):
    built.edit(
        '```python output="exact"\nprint("three', '```python output="none"\nimport sys; print(sys.prefix, "three'
    )
    build(built)
    assert by_id(solution(built))["01-2-a-picture-3"].outputs == []


def test_an_unknown_lesson_is_named(tiny):
    with pytest.raises(Trouble, match="There is no lesson '09'"):
        building.build(tiny.course, ["09"], declared=tiny.declared)


def test_a_lesson_without_master_is_named(tiny):
    tiny.master.unlink()
    with pytest.raises(Trouble, match="01_tiny has no master"):
        building.build(tiny.course, ["01"], declared=tiny.declared)
