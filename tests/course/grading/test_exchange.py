"""A round through nbgrader's exchange: release, fetch, submit, collect, grade, feedback back to the learner."""

import os
import subprocess
import sys

import nbformat
import pytest

from cnnlab.course import rounds
from cnnlab.course.grading.batch import grade_all, submissions
from cnnlab.course.grading.grader import Round
from tests.course.grading.courses import LESSON, RIGHT, make_course

pytestmark = pytest.mark.slow


class Place:
    """An instructor's course and a learner's home on one machine, with an exchange between them."""

    def __init__(self, root):
        self.exchange, self.home = root / "exchange", root / "learner"
        for folder in (self.exchange, self.home, root / "course"):
            folder.mkdir()
        self.exchange.chmod(0o777)
        self.course = make_course(root / "course")
        config = f"c = get_config()\nc.Exchange.root = {str(self.exchange)!r}\nc.CourseDirectory.course_id = 'cnnlab'\n"
        config += f"c.Exchange.cache = {str(self.home / 'cache')!r}\n"
        (self.home / "nbgrader_config.py").write_text(config)
        with (self.course.root / "nbgrader_config.py").open("a") as file:
            file.write(f"\nc.Exchange.root = {str(self.exchange)!r}\n")

    def learner(self, command):
        return self._run(command, self.home)

    def teacher(self, command):
        return self._run(command, self.course.root)

    def _run(self, command, folder):
        call = [sys.executable, "-m", "nbgrader", command, LESSON, "--course", "cnnlab"]
        environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(folder), "JUPYTERHUB_USER": "ada"}
        run = subprocess.run(call, cwd=folder, capture_output=True, text=True, env=environment, check=False)
        assert run.returncode == 0, run.stderr[-2000:]
        return run.stderr

    def submit(self, **sources):
        path = self.home / LESSON / f"{LESSON}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            cell.source = sources.get(cell.id, cell.source)
        nbformat.write(notebook, path)
        self.learner("submit")
        self.teacher("collect")


@pytest.fixture
def place(tmp_path):
    found = Place(tmp_path)
    found.teacher("release_assignment")
    found.learner("fetch_assignment")
    return found


def feedback(place):
    grade_all(Round(place.course.root, LESSON), list(submissions(place.course.root, LESSON)), workers=1)
    rounds.feedback(place.course, LESSON)
    place.teacher("release_feedback")
    place.learner("fetch_feedback")
    return [path.read_text(encoding="utf-8") for path in place.home.rglob("*.html")]


def test_feedback_comes_back_to_the_learner(place):
    place.submit(**RIGHT)
    (page,) = feedback(place)
    assert "passed: cross_correlate2d" in page


def test_a_learner_who_takes_the_exchanges_files_away_stops_nobody(place):
    place.submit(**RIGHT)
    (folder,) = (place.course.root / "submitted").glob(f"*/{LESSON}")
    (folder / "submission_secret.txt").unlink()
    (folder / "timestamp.txt").unlink()
    assert feedback(place) == []
