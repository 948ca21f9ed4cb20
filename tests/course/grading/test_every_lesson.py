"""For every lesson: the judge gives the solution every point and the untouched stub none. (Known mistakes and right
answers are judged in tests/check/test_kill_matrix.py.)"""

import nbformat
import pytest

from cnnlab import check
from cnnlab.course.grading.judge import SubmittedCell, judge
from cnnlab.course.grading.release import load_release
from cnnlab.course.grading.sandbox import NoSandbox, WorkerPool
from cnnlab.settings import course
from tests.course.conftest import REPOSITORY
from tests.course.grading.courses import limits

LESSONS = [lesson for lesson in check.lessons() if lesson != "00_start"]


def notebook(room, lesson):
    return REPOSITORY / room / lesson / f"{lesson}.ipynb"


def judged(lesson, room):
    """The judgement on the solution cells of a room's own notebook."""
    release = load_release(notebook("notebooks", lesson), course()["lessons"][lesson]["imports"])
    names = {cell.grade_id for cell in release.with_role("solution")}
    cells = [
        SubmittedCell(cell.source, cell.metadata.nbgrader.grade_id)
        for cell in nbformat.read(notebook(room, lesson), as_version=4).cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") in names
    ]
    try:
        with WorkerPool(release.imports, limits(release.imports), waiting=1) as pool:
            return judge(release, cells, pool, "secret")
    except NoSandbox as error:
        pytest.skip(str(error))


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_the_solution_gets_every_point(lesson):
    judgement = judged(lesson, "solutions")
    assert [part.message for part in judgement.parts if part.points < part.most] == []
    assert judgement.points == sum(part.points for e in check.exercises(lesson) for part in e.parts)


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_the_untouched_stub_is_not_solved_yet(lesson):
    judgement = judged(lesson, "notebooks")
    assert judgement.points == 0
    assert {part.kind for part in judgement.parts} == {"unsolved"}
