"""The points that a lesson names at its beginning are those of its cells."""

import re
from pathlib import Path

import nbformat
import pytest

from cnnlab.course.folder import Folder

COURSE = Folder(Path(__file__).parents[2])
SAID = re.compile(r"\*\*Time:\*\*.*?(\d+)\s+points\s+by\s+the\s+checks,\s+(\d+)\s+more\s+for\s+answers", re.DOTALL)


@pytest.mark.parametrize("lesson", [lesson for lesson in COURSE.lessons if lesson != "00_start"])
def test_the_points_at_a_lessons_beginning_are_those_of_its_cells(lesson):
    cells = nbformat.read(COURSE.release(lesson), as_version=4).cells
    graded = [cell.metadata.nbgrader for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
    points = [sum(one.points for one in graded if one.solution is by_hand) for by_hand in (False, True)]
    (said,) = SAID.findall("\n".join(cell.source for cell in cells if cell.cell_type == "markdown"))
    assert [float(number) for number in said] == points
