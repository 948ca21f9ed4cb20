"""A small release of lesson 01's exercises, a pool of workers, and submissions made of functions' sources."""

import textwrap

import pytest

from cnnlab import check
from cnnlab.course.grading.judge import SubmittedCell
from cnnlab.course.grading.release import Release, ReleaseCell
from cnnlab.course.grading.sandbox import NoSandbox, WorkerPool
from tests.course.grading.courses import make_course


def make_release(lesson="01_convolution", imports=("numpy",), exercises=None):
    """A release with a set-up cell, and a solution and its check cells for each exercise."""
    cells = [ReleaseCell("setup", "set-up", "import numpy as np\nfrom cnnlab import check, figures")]
    for exercise in exercises or check.exercises(lesson):
        cells.append(ReleaseCell("solution", exercise.name, "", exercise.name))
        for part in exercise.parts:
            grade_id = f"check-{exercise.name}-{part.name.replace(' ', '-')}"
            cells.append(ReleaseCell("check", grade_id, "", grade_id, part.points, exercise.name, part.name))
    return Release(lesson, tuple(cells), imports)


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """A course with one small lesson, released; tests work in a copy."""
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def release():
    return make_release()


@pytest.fixture(scope="session")
def pool():
    try:
        with WorkerPool(("numpy",)) as made:
            yield made
    except NoSandbox as error:
        pytest.skip(str(error))


def solution(name, source):
    return SubmittedCell(textwrap.dedent(source), name)
