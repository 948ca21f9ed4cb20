"""nbgrader's steps that are the judge's: named in nbgrader_config.py, so `nbgrader autograde` and formgrader use them.

    c.Autograde.exporter_class = "cnnlab.course.grading.preprocess.AsData"
    c.Autograde.sanitize_preprocessors = ["cnnlab.course.grading.preprocess.Sanitise"]
    c.Autograde.autograde_preprocessors = [
        "cnnlab.course.grading.preprocess.Judge", AssignLatePenalties, CheckCellMetadata]

nbgrader's Execute and SaveAutoGrades are not among them: no kernel is started and no output is believed.
"""

from __future__ import annotations

import atexit
import functools
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from cnnlab.course.grading.autograded import autograded, released_notebook
from cnnlab.course.grading.gradebook import Writer
from cnnlab.course.grading.grader import Grader, Round, require_sandbox
from cnnlab.course.grading.sandbox import NoSandbox
from cnnlab.course.via_nbgrader import gradebook_at_hand
from cnnlab.settings import Trouble


class AsData(NotebookExporter):
    """Hands the preprocessors an empty notebook and the file's place: nbformat never reads what was submitted."""

    def from_filename(self, filename: str, resources: dict | None = None, **kwargs: object) -> tuple:
        """nbconvert's entry: the file's place goes into the resources, and its content nowhere."""
        path = Path(filename).absolute()
        resources = resources or {}
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(nbformat.v4.new_notebook(), resources=resources, **kwargs)


def grader_for(resources: dict) -> Grader:
    """The grader of the course that this file lies in: ROOT/STEP/STUDENT/LESSON."""
    folder = Path(resources["metadata"]["path"]).absolute()
    return _grader(folder.parents[2], resources["nbgrader"]["assignment"])


@functools.lru_cache(maxsize=1)
def _grader(root: Path, lesson: str) -> Grader:
    require_sandbox()
    made = Grader(Round(root, lesson))
    atexit.register(made.close)
    return made


class Sanitise(NbGraderPreprocessor):
    """First pass: the submission read as data, in the release's shape, nothing judged yet."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        grader = grader_for(resources)
        student = resources["nbgrader"]["student"]
        submission, record = grader.read(student)
        return autograded(released_notebook(grader.released), grader.release, submission, record), resources


class Judge(NbGraderPreprocessor):
    """Second pass: the verdict into the notebook, the gradebook and the records."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        grader = grader_for(resources)
        student = resources["nbgrader"]["student"]
        try:
            record = grader.grade(student)
        except NoSandbox as error:
            raise Trouble(str(error)) from None
        if record.failed:
            raise Trouble(record.failed, "Grade it again.")
        with gradebook_at_hand(), Writer(grader.course.root, grader.lesson, grader.release, self.config) as writer:
            writer.enter([record])
        return nbformat.read(grader.finished(student), as_version=4), resources
