"""The panel at a lesson's top, and the milestones: from the learner's log, by the learner's own functions."""

import re
import shutil

import nbformat
import pytest

from cnnlab import check, kernel, logbook, milestones, panel, progress, tour
from cnnlab.built import lesson_01, lesson_02, lesson_05
from cnnlab.course import bootstrap

LESSON = "01_convolution"


@pytest.fixture
def shown(tmp_path, repository, monkeypatch):
    """As in a kernel in work/01_convolution; gives a list of what is shown: (words, HTML, name, again)."""
    shutil.copy(repository / "course.toml", tmp_path)
    shutil.copytree(repository / "notebooks", tmp_path / "notebooks")
    (tmp_path / "work" / LESSON).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work" / LESSON)
    monkeypatch.delenv(logbook.VARIABLE, raising=False)
    for cached in (logbook._start, panel._known):
        cached.cache_clear()
    logbook._written.clear()
    milestones._shown.clear()
    monkeypatch.setattr(panel, "_lesson", "")
    found = []
    monkeypatch.setattr(kernel, "show", lambda html, words, *more: found.append((words, str(html), *more)))
    yield found
    for cached in (logbook._start, panel._known):
        cached.cache_clear()


def passes(lesson=LESSON, but=""):
    for one in progress.exercises(panel.root()):
        for part in one.parts if one.lesson == lesson and one.name != but else ():
            logbook.note(lesson, one.name, part, "passed")


def test_the_panel_counts_this_lesson_and_says_what_is_next(shown):
    panel.show()
    passes(but="im2col")
    panel.update()
    (first, html, *_), (words, _, name, again) = shown
    assert "Lesson 01 Convolution by hand: 0 of 14 parts. " in first
    assert "Next: exercise 2.1, count_parameters_dense, about " in first
    assert re.search(r": 1[0-3] of 14 parts. Next: exercise ", words)
    assert ", im2col, about " in words
    assert (name, again) == (panel.NAME, True)
    assert '<progress aria-label="Parts that pass" max="' in html
    assert "14 of 16 points" in shown[-1][1]


def links(shown):
    return re.findall(r'<a href="([^"]+)"', shown[-1][1])


def test_the_next_exercise_is_a_link_to_its_cell_in_this_notebook_whatever_its_name(shown, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    panel.show()
    assert links(shown) == []  # there is no notebook here
    (panel.Path.cwd() / f"{LESSON}.ipynb").touch()
    panel.show()
    [link] = links(shown)
    name, cell = link.split("#cell-id=")
    cells = nbformat.read(panel.root() / "notebooks" / LESSON / f"{LESSON}.ipynb", as_version=4).cells
    assert name == f"{LESSON}.ipynb"
    assert [one.source.split("`")[1] for one in cells if one.id == cell] == ["count_parameters_dense"]
    monkeypatch.setenv("JPY_SESSION_NAME", str(panel.Path.cwd() / "Ada's copy #2.ipynb"))
    panel.show()
    assert links(shown) == [link]  # it was renamed since the kernel began
    (panel.Path.cwd() / "Ada's copy #2.ipynb").touch()
    panel.show()
    assert links(shown) == [f"Ada%27s%20copy%20%232.ipynb#cell-id={cell}"]


def test_when_all_passes_the_next_lesson_is_a_link(shown):
    passes()
    panel.show()
    assert "Every check of this lesson passes. Next: lesson 02" in shown[0][0]
    assert "<a href" not in shown[0][1]
    (panel.Path.cwd().parent / "02_padding_stride").mkdir()
    (panel.Path.cwd().parent / "02_padding_stride/02_padding_stride.ipynb").touch()
    panel.show()
    assert '<a href="../02_padding_stride/02_padding_stride.ipynb"' in shown[1][1]


def test_there_is_no_panel_without_a_log(shown, monkeypatch):
    monkeypatch.setenv(logbook.VARIABLE, "off")
    logbook._start.cache_clear()
    panel.show()
    panel.update()
    assert shown == []


def test_without_notebooks_at_hand_it_is_the_lesson_worked_on_last_by_its_checks(shown, monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("drive")
    monkeypatch.chdir(folder)
    monkeypatch.setenv(logbook.VARIABLE, str(folder))
    logbook._start.cache_clear()

    def nowhere():
        raise panel.Trouble("no course")

    monkeypatch.setattr(panel, "root", nowhere)
    panel.show()
    assert shown == []
    logbook.note("02_padding_stride", "shrink_after", "layers", "passed")
    panel.show()
    assert shown[0][0].endswith("Next: exercise, output_size.") or "Next: exercise, pad2d." in shown[0][0]
    assert "Lesson 02 Padding, stride, dilation: 1 of " in shown[0][0]


def test_a_log_can_be_named_or_switched_off_after_the_set_up_cell(shown, monkeypatch, tmp_path_factory):
    drive = tmp_path_factory.mktemp("drive")
    panel.show()
    for named in (str(drive), "off"):
        monkeypatch.setenv(logbook.VARIABLE, named)
        logbook.note(LESSON, "im2col", "patches", "passed")
    assert len(list(logbook.entries(drive))) == 1
    assert not (panel.Path.cwd().parent / logbook.NAME).exists()


def test_the_set_up_cell_is_known_by_its_first_line():
    assert bootstrap.CELL.startswith(panel.SET_UP)


class Shell:
    """Of a notebook in which these functions are."""

    kernel = None

    def __init__(self, **functions):
        self.user_ns = functions


def in_notebook(monkeypatch, **functions):
    monkeypatch.setattr(kernel, "shell", lambda: Shell(**functions))


def test_a_milestone_comes_once_when_the_last_check_of_a_lesson_passes(shown, monkeypatch):
    in_notebook(monkeypatch, cross_correlate2d=lesson_01.cross_correlate2d)
    passes(but="im2col")
    milestones.reached(LESSON)
    assert shown == []
    passes()
    for _ in range(2):
        milestones.reached(LESSON)
        milestones._shown.clear()  # as in a new kernel
    assert len(shown) == 1
    assert shown[0][0] == "An edge in a frame of 5 × 5: [3, 3, 0] (by your cross_correlate2d)."
    assert "milestones.show" in shown[0][1]
    assert panel.standing(LESSON).next(LESSON) is None


def test_it_is_the_learners_own_function_that_runs(shown, monkeypatch):
    in_notebook(monkeypatch, cross_correlate2d=lambda image, kernel: -lesson_01.cross_correlate2d(image, kernel))
    assert milestones.show("01")
    assert "[-3, -3, 0]" in shown[0][0]


def test_where_a_function_is_missing_or_stumbles_nothing_is_shown_and_it_comes_later(shown, monkeypatch):
    passes()
    in_notebook(monkeypatch)
    milestones.reached(LESSON)
    in_notebook(monkeypatch, cross_correlate2d=lambda image, kernel: 1 / 0)
    milestones.reached(LESSON)
    assert shown == []
    in_notebook(monkeypatch, cross_correlate2d=lesson_01.cross_correlate2d)
    milestones.reached(LESSON)
    assert len(shown) == 1


def test_an_instructors_notebook_has_none(shown, monkeypatch, repository):
    monkeypatch.chdir(repository / "solutions" / LESSON)
    logbook._start.cache_clear()
    monkeypatch.setattr(milestones, "_all_pass", lambda lesson: True)
    in_notebook(monkeypatch, cross_correlate2d=lesson_01.cross_correlate2d)
    milestones.reached(LESSON)
    assert shown == []


@pytest.mark.slow
def test_a_photograph_after_02():
    pictures, lines = milestones.milestone("02", vars(lesson_02))
    assert "edges, upright" in pictures[0].alt
    assert "112 (by your output_size)" in lines[-1]


@pytest.mark.slow
def test_digits_after_05():
    pictures, lines = milestones.milestone("05", vars(lesson_05))
    assert "it reads" in pictures[0].alt
    assert int(lines[0].split()[-1].rstrip("%.")) >= 80


def test_each_lesson_with_checks_that_count_has_its_number():
    for lesson in check.lessons()[1:]:
        assert tour.NUMBERS[lesson[:2]][0] in (*check.names(lesson), "cross_correlate2d")


@pytest.mark.slow
def test_in_a_kernel_it_follows_the_checks_and_comes_again_with_the_set_up_cell(shown, repository, monkeypatch):
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(repository))
    done = "def relu(x):\n    return (x + abs(x)) / 2\ncheck.relu(relu)"
    sources = [bootstrap.CELL, done, "import cnnlab", bootstrap.CELL]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    folder = panel.Path.cwd().with_name("03_pooling")
    folder.mkdir()
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}).execute()
    first, _, nothing, last = (
        [one.data["text/plain"] for one in cell.outputs if "data" in one] for cell in notebook.cells
    )
    assert nothing == []
    assert first == last
    assert first[0].startswith("Lesson 03 Activations and pooling: 1 of ")
