"""A table that learners fill in is released with its rows open, and nothing in its cell raises."""

import nbformat
import pytest

from cnnlab.course import leaks
from cnnlab.course.stub import TABLE_STUB, stubbed
from cnnlab.course.via_nbgrader import released_text
from tests.course.conftest import REPOSITORY

TABLE = """\
answers = {
    "side": None,
    "maps": None,
}

### BEGIN SOLUTION
answers |= {"side": 55, "maps": 96}
### END SOLUTION"""
FUNCTION = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"


def test_the_stub_of_a_table_raises_nothing_and_that_of_a_function_does():
    names = {}
    exec(stubbed(TABLE), names)
    assert names["answers"] == {"side": None, "maps": None}
    assert stubbed(TABLE).endswith("}\n\n" + TABLE_STUB)
    assert stubbed(FUNCTION).endswith("    # YOUR CODE HERE\n    raise NotImplementedError")


@pytest.mark.slow
def test_nbgrader_releases_a_table_like_that():
    cells = []
    for name, source in (("answers", TABLE), ("double", FUNCTION)):
        marks = {
            "grade": False,
            "solution": True,
            "locked": False,
            "task": False,
            "grade_id": name,
            "schema_version": 3,
        }
        cells.append(nbformat.v4.new_code_cell(source, id=name, metadata={"nbgrader": marks}))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    solution = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    release = nbformat.reads(released_text(nbformat.writes(solution), "01_tiny", REPOSITORY), as_version=4)
    assert [cell.source for cell in release.cells] == [stubbed(TABLE), stubbed(FUNCTION)]
    assert leaks.in_release(release, solution) == []
